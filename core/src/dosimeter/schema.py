"""JSON Schema of a stack, with the options of every plugin that is loaded."""

import types
from enum import Enum
from typing import Any, Union, get_args, get_origin

import attrs

from dosimeter.model.doing import Role
from dosimeter.model.specs import (
    AttackSpec,
    CategorySpec,
    ExecutorSpec,
    ProviderSpec,
    ScorerSpec,
    SinkSpec,
)
from dosimeter.model.stackfile import Budget, RunConfig
from dosimeter.model.work import Compose, Price
from dosimeter.registry import KINDS, Registry

Json = dict[str, Any]
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def type_schema(kind: Any) -> Json:  # noqa: ANN401
    """Give the schema of an option's type."""
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [e.value for e in kind]}
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [type_schema(k) for k in get_args(kind) if k is not type(None)]}
    if origin is tuple:
        return {"type": "array", "items": type_schema(get_args(kind)[0])}
    return {}


def options_schema(cls: type) -> Json:
    """Give the properties of an options class."""
    attrs.resolve_types(cls)
    out: Json = {}
    for a in attrs.fields(cls):
        one = type_schema(a.type)
        if a.metadata.get("help"):
            one["description"] = a.metadata["help"]
        if a.metadata.get("dosimeter") == "secret":
            one |= {"type": "string", "pattern": r"\$\{\w+\}"}
        elif isinstance(a.default, str | int | float | bool):
            one["default"] = a.default
        out[a.name] = one
    return out


def _record(cls: type, **changes: Json) -> Json:
    return {
        "type": "object",
        "properties": {**options_schema(cls), **changes},
        "additionalProperties": False,
    }


def _chosen(registry: Registry, cls: type, own: Json) -> Json:
    """Give one schema a component: its id, the keys of its kind, its options."""
    kinds = []
    for name in registry.ids(KINDS[cls]):
        spec: Any = registry.find(KINDS[cls], name).spec
        keys = {
            "id": {"const": name, "description": spec.summary},
            **own,
            **options_schema(spec.options),
        }
        kinds.append(
            {
                "type": "object",
                "properties": keys,
                "required": ["id"],
                "additionalProperties": False,
            }
        )
    return {"anyOf": kinds} if kinds else {"type": "object"}


def _endpoint(registry: Registry) -> Json:
    number, text = {"type": "number"}, {"type": "string"}
    own: Json = {
        "system": text, "compose": {"enum": [c.value for c in Compose]}, "replica": {"type": "integer"},
        "temperature": number, "top_p": number, "max_tokens": {"type": "integer"},
        "stop": {"type": "array", "items": text},
    }  # fmt: skip
    kinds = []
    for name in registry.ids("provider"):
        spec = registry.get(ProviderSpec, name)
        model = {"type": "string", "pattern": f"^{name}/", "description": spec.summary}
        keys = {"model": model, **own, **options_schema(spec.options)}
        kinds.append(
            {
                "type": "object",
                "properties": keys,
                "required": ["model"],
                "additionalProperties": False,
            }
        )
    return {"type": "object", "additionalProperties": {"anyOf": kinds}}


def json_schema(registry: Registry) -> Json:
    """Give the schema (draft 2020-12) that an editor completes a stack by."""
    text = {"type": "string"}
    roles = {
        "type": "object",
        "properties": {r.value: text for r in Role},
        "additionalProperties": False,
    }
    attack = {
        "anyOf": [{"enum": registry.ids("attack")}, _chosen(registry, AttackSpec, {"roles": roles})]
    }
    category = {
        "panel": text, "seal": text, "limit": {"type": "integer", "minimum": 1},
        "attacks": {"type": "array", "items": attack}, "languages": {"type": "array", "items": text},
    }  # fmt: skip
    number = {"type": "number"}
    run = _record(
        RunConfig, budget=_record(Budget),
        requests_per_minute={"type": "object", "additionalProperties": number},
    )  # fmt: skip
    gate = {
        "type": "object", "required": ["measure"], "additionalProperties": False,
        "properties": {"measure": text, "max": number, "min": number,
                       "where": {"type": "object", "additionalProperties": text}},
    }  # fmt: skip
    rater = {"name": text, "votes": {"type": "integer", "minimum": 1}, "roles": roles}

    def many(one: Json) -> Json:
        return {"type": "array", "items": one}

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dosimeter stack",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": text,
            "extends": text,
            "targets": _endpoint(registry),
            "endpoints": _endpoint(registry),
            "categories": many(_chosen(registry, CategorySpec, category)),
            "raters": many(_chosen(registry, ScorerSpec, rater)),
            "run": run,
            "sinks": many(_chosen(registry, SinkSpec, {"path": text})),
            "gates": many(gate),
            "prices": many(_record(Price)),
            "executor": _chosen(registry, ExecutorSpec, {}),
        },
    }
