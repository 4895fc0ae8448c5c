"""JSON Schema of a stack, with the options of every plugin that is loaded."""

import math
import types
from collections.abc import Callable
from enum import Enum
from typing import Any, Union, get_args, get_origin

import attrs

from dosimeter.limits import OUTPUT, RUN_NAME, VARIABLE, keywords, of_entries
from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Declared
from dosimeter.model.conversation import Sampling
from dosimeter.model.design import Intent
from dosimeter.model.doing import Role
from dosimeter.model.questions import ends, questions
from dosimeter.model.specs import (
    AttackSpec,
    CategorySpec,
    ExecutorSpec,
    ProviderSpec,
    ScorerSpec,
    SinkSpec,
    Spec,
    option_class,
)
from dosimeter.model.stackfile import (
    Budget,
    CategoryChoice,
    Choice,
    Rate,
    RaterChoice,
    RunConfig,
    SinkChoice,
    Stack,
)
from dosimeter.model.work import Endpoint, Price
from dosimeter.registry import Registry

Json = dict[str, Any]
TEXT: dict[str, Any] = {"type": "string"}
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
SEAL = "`${NAME}`: the panel's secret, which encrypts what is not public; default: none"


def type_schema(kind: Any) -> Json:  # noqa: ANN401
    """Give the schema of an option's type."""
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [e.value for e in kind]}
    if attrs.has(kind):
        return _record(kind)
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        some = [type_schema(k) for k in get_args(kind) if k is not type(None)]
        return some[0] if len(some) == 1 else {"anyOf": some}
    if origin is tuple:
        return {"type": "array", "items": type_schema(get_args(kind)[0])}
    return {}


def _field(cls: type, name: str) -> Json:
    """Give the schema of one field of a record: the values that it may have, and what it is."""
    attrs.resolve_types(cls)
    (a,) = [a for a in attrs.fields(cls) if a.name == name]
    one = type_schema(a.type) | keywords(a)
    entry, least = of_entries(a)
    if "items" in one:
        one["items"] = one["items"] | keywords(entry)
    one |= {"minItems": least} if least else {}
    if isinstance(a.default, str | int | float | bool) and option_class(a) != "secret":
        one["default"] = a.default
    return one | _words(a)


def _words(attribute: "attrs.Attribute[Any]") -> Json:
    words = attribute.metadata.get("help")
    return {"description": words} if words else {}


def _described(cls: type, keys: Json) -> Json:
    """Add to each key whose schema is made by hand the words of the field of *cls* that it gives."""
    words = {a.name: _words(a) for a in attrs.fields(cls)}
    return {name: {**one, **words.get(name, {})} for name, one in keys.items()}


def options_schema(cls: type) -> Json:
    """Give the properties of an options class."""
    out: Json = {}
    for a in attrs.fields(cls):
        one = _field(cls, a.name)
        group = option_class(a)
        if group == "secret":
            one |= {"type": "string", "pattern": VARIABLE}
        if group and group != "secret" and one.get("type") == "string":
            one["not"] = {"pattern": VARIABLE}
        out[a.name] = one
    return out


def required(cls: type) -> list[str]:
    """Give the fields that have no default and that no environment fills."""
    fields = attrs.fields(cls)
    return [a.name for a in fields if a.default is attrs.NOTHING and not a.metadata.get("env")]


def _table(properties: Json, needed: list[str] | None = None) -> Json:
    out: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return out | {"required": needed} if needed else out


def _record(cls: type, **changes: Json) -> Json:
    return _table({**options_schema(cls), **_described(cls, changes)}, required(cls))


def _many(one: Json, **more: int) -> Json:
    return {"type": "array", "items": one, **more}


def _roles(spec: Any) -> Json:  # noqa: ANN401
    one = {r.value: TEXT | {"description": f"name of the endpoint that is {r.value}"} for r in Role}
    return _table(one, [r.value for r in getattr(spec, "roles", ())])


def _chosen(registry: Registry, cls: type[Spec], own: Callable[[Any], Json]) -> Json:
    """Give one schema a component: its id, the keys of its kind, its options."""
    kinds = []
    for name in registry.ids(cls.kind):
        spec: Any = registry.find(cls.kind, name).spec
        keys = {
            "id": {"const": name, "description": spec.summary},
            **own(spec),
            **options_schema(spec.options),
        }
        roles = ["roles"] if getattr(spec, "roles", ()) else []
        kinds.append(_table(keys, ["id", *roles, *required(spec.options)]))
    return {"anyOf": kinds} if kinds else {"type": "object"}


def _endpoint(registry: Registry) -> Json:
    own: Json = {
        "system": _field(Endpoint, "system_prompt"), "compose": _field(Endpoint, "compose"),
        **{name: _field(Sampling, name) for name in ("temperature", "top_p", "max_tokens", "stop")},
        "replica": _field(Endpoint, "replica"),
    }  # fmt: skip
    kinds = []
    for name in registry.ids("provider"):
        spec = registry.get(ProviderSpec, name)
        words = f"{spec.summary}; `{name}/MODEL`, or `{name}:MODEL`, which is the same"
        model = {"type": "string", "pattern": f"^{name}[/:].", "not": {"pattern": VARIABLE},
                 "description": words}  # fmt: skip
        keys = {"model": model, **own, **options_schema(spec.options)}
        kinds.append(_table(keys, required(spec.options)))
    return {"type": "object", "additionalProperties": {"anyOf": kinds}}


def _category(registry: Registry) -> Json:
    attack = {
        "anyOf": [
            {"enum": registry.ids("attack")},
            _chosen(registry, AttackSpec, lambda spec: _described(Choice, {"roles": _roles(spec)})),
        ]
    }

    def own(spec: CategorySpec) -> Json:
        languages = {"enum": list(spec.languages)} if spec.languages else TEXT
        return _described(CategoryChoice, {
            "panel": _panel([p.name for p in spec.panels]),
            "seal": TEXT | {"pattern": VARIABLE, "description": SEAL},
            "limit": _field(CategoryChoice, "limit"),
            "attacks": _many(attack, minItems=1),
            "languages": _many(languages),
        })  # fmt: skip

    return _chosen(registry, CategorySpec, own)


def _panel(names: list[str]) -> Json:
    one = {"type": "string", "enum": names}
    return {"anyOf": [one, _many(one, minItems=1) | {"uniqueItems": True}]}


def _rater(registry: Registry) -> Json:
    def own(spec: ScorerSpec) -> Json:
        votes = _field(RaterChoice, "votes") | ({} if spec.judge else {"maximum": 1})
        name = _field(Choice, "name")
        return {"name": name, "votes": votes, **_described(Choice, {"roles": _roles(spec)})}

    return _chosen(registry, ScorerSpec, own)


def _run() -> Json:
    rates = {"type": "object", "additionalProperties": _field(Rate, "requests")}
    return _record(RunConfig, budget=_record(Budget), requests_per_minute=rates)


def _gate(registry: Registry) -> Json:
    """Give the schema of a gate, with the ends of each measure that any installed part asks."""
    one = [{"required": [key]} for key in ("at_most", "at_least", "baseline")]
    within = [
        {"if": {"properties": {"measure": {"enum": sorted(ids)}}},
         "then": {"properties": {key: {"minimum": low, "maximum": high} for key in ("at_most", "at_least")}}}
        for (low, high), ids in sorted(_ends(registry).items())
    ]  # fmt: skip
    more = {"allOf": within} if within else {}
    return _record(Gate, where=_where()) | {"oneOf": one, **more}


def _where() -> Json:
    """Give the schema of what tells findings apart."""
    intent = {"enum": [i.value for i in Intent], "description": "what the items are for"}
    return {"type": "object", "properties": {"intent": intent},
            "additionalProperties": {"type": ["string", "number"]}}  # fmt: skip


def _ends(registry: Registry) -> dict[tuple[float, float], set[str]]:
    """Give the measures by the lowest and highest number that they can be, where it is one pair."""
    categories = [registry.get(CategorySpec, name) for name in registry.ids("category")]
    raters = [registry.get(ScorerSpec, name) for name in registry.ids("rater")]
    scales = [s for c in categories for s in c.scales] + [s for r in raters for s in r.scales]
    asked = [m for c in categories for m in c.measures] + list(questions((), raters))
    found: dict[str, set[tuple[float, float]]] = {}
    for m in asked:
        mine = {ends(m, s) for s in scales if s.name == m.scale}
        found.setdefault(m.id, set()).update(mine or {ends(m, None)})
    out: dict[tuple[float, float], set[str]] = {}
    for name, pairs in found.items():
        pair, *others = pairs
        if not others and math.isfinite(pair[0]) and math.isfinite(pair[1]):
            out.setdefault(pair, set()).add(name)
    return out


def _sink(registry: Registry) -> Json:
    path = _described(SinkChoice, {"path": TEXT | {"pattern": OUTPUT}})
    return _chosen(registry, SinkSpec, lambda _: path)


def _parts(registry: Registry) -> Json:
    """Give the keys of the top level."""
    return {
        "name": TEXT | {"pattern": RUN_NAME},
        "extends": TEXT | {"description": "another stack to start from"},
        "targets": _endpoint(registry),
        "endpoints": _endpoint(registry),
        "categories": _many(_category(registry)),
        "raters": _many(_rater(registry)),
        "run": _run(),
        "sinks": _many(_sink(registry)),
        "gates": _many(_gate(registry)),
        "comparisons": _many(_record(Declared, where=_where())),
        "prices": _many(_record(Price)),
        "executor": _chosen(registry, ExecutorSpec, lambda _: {}),
    }


def json_schema(registry: Registry) -> Json:
    """Give the schema (draft 2020-12) that an editor completes a stack by.

    A stack that extends another need not have what that one has.
    """
    whole = {
        "required": ["targets", "categories", "raters"],
        "properties": {
            "targets": {"minProperties": 1, "additionalProperties": {"required": ["model"]}},
            "endpoints": {"additionalProperties": {"required": ["model"]}},
            "categories": {"minItems": 1},
            "raters": {"minItems": 1},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dosimeter stack",
        **_table(_described(Stack, _parts(registry))),
        "if": {"not": {"required": ["extends"]}},
        "then": whole,
    }
