"""A stack file to a `Stack`, checked against the registry."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import frozen

from dosimeter.errors import StackError
from dosimeter.ids import canonical, digest
from dosimeter.limits import RUN_NAME, SURROGATE, kind_of
from dosimeter.model.answering import Gate
from dosimeter.model.design import Intent
from dosimeter.model.questions import questions
from dosimeter.model.specs import CategorySpec, ProviderSpec, ScorerSpec
from dosimeter.model.stackfile import (
    CategoryChoice,
    RaterChoice,
    RunConfig,
    SinkChoice,
    Stack,
)
from dosimeter.model.work import Endpoint, Price
from dosimeter.registry import Registry
from dosimeter.stack.checks import (
    Asked,
    check_gates,
    check_ids,
    check_measures,
    check_prices,
    check_raters,
    check_rates,
    check_roles,
    check_targets,
    check_unique,
)
from dosimeter.stack.faults import Faults, Places, Table
from dosimeter.stack.parts import Builder, Secrets
from dosimeter.stack.read import apply_override, read_dotenv, read_tables

TOP = ("name", "extends", "targets", "endpoints", "categories", "raters", "run", "sinks", "gates",
       "prices", "executor")  # fmt: skip
LISTS = ("categories", "raters", "sinks", "gates", "prices")
NEEDED = ("categories", "raters")
NO_TARGET = 'at least one is needed: [targets.<name>] with model = "provider/model"'
T = TypeVar("T")
S = TypeVar("S", CategorySpec, ScorerSpec)


def resolve(
    tables: Table,
    *,
    file: str,
    registry: Registry,
    environ: Mapping[str, str],
    note: str = "",
    places: Places | None = None,
    wrong: Sequence[str] = (),
    sends: bool = True,
    folder: Path | None = None,
) -> tuple[Stack, Secrets]:
    """Build a stack from its tables.

    Args:
        tables: What the file holds, with what it extends and settings.
        file: Its name, for messages.
        registry: What its ids are looked up in.
        environ: Variables for secrets.
        note: Why a variable may be lacking, for the message that says so.
        places: Which of them says what.
        wrong: Faults of settings that are in no table.
        sends: Whether secrets will be used: else one that is lacking is no fault, unless there are
            others.
        folder: Of the file, if it is not the present one.

    Raises:
        StackError: Listing everything that is wrong.
    """
    faults = Faults(file, places or {}, [("", line) for line in wrong])
    unset = Faults(file, faults.places)
    at = folder or Path.cwd()
    b = Builder(registry, environ, faults, note=note, unset=None if sends else unset, folder=at)
    b.keys("", tables, TOP)
    lists = {key: _tables(faults, tables, key) for key in LISTS}
    rates = faults.table("run.requests_per_minute", _run(tables).get("requests_per_minute", {}))
    parts = _Parts(
        targets=b.endpoints("targets", tables.get("targets", {})),
        endpoints=b.endpoints("endpoints", tables.get("endpoints", {})),
        categories=_each(b.category, "categories", lists),
        raters=_each(b.rater, "raters", lists),
        sinks=_each(b.sink, "sinks", lists),
        gates=_each(lambda path, t: faults.build(path, _gate(faults, path, t), Gate), "gates", lists),
        prices=_each(lambda path, t: faults.build(path, t, Price), "prices", lists),
    )  # fmt: skip
    raw_run = {**faults.table("run", tables.get("run", {})), "requests_per_minute": ()}
    run = faults.build("run", raw_run, RunConfig)
    executor = None
    if "executor" in tables:
        executor = b.executor("executor", faults.table("executor", tables["executor"]))
    name = _name(faults, tables.get("name", Path(file).stem))
    _check(faults, registry, parts, b.declared, run, tables, lists, rates)
    if faults.told or run is None:
        faults.told += unset.told
        raise faults.error(f"{file} cannot be run:")
    run = attrs.evolve(
        run, requests_per_minute=tuple(sorted((k, float(v)) for k, v in rates.items()))
    )
    sound: dict[str, Any] = {a.name: _sound(getattr(parts, a.name)) for a in attrs.fields(_Parts)}
    own: tuple[Price, ...] = sound.pop("prices")
    prices = priced(own, (*parts.targets, *parts.endpoints), registry)
    stack = Stack(name=name, run=run, executor=executor, prices=prices, **sound)
    text = canonical(stack).decode("ascii")
    secrets = Secrets(b.secrets, b.seals, unset.error("").faults)
    return attrs.evolve(stack, text=text, hash=digest("stack", text)), secrets


@frozen(kw_only=True)
class _Parts:
    """What a stack's tables were read as; None stands for one whose faults are told."""

    targets: tuple[Endpoint, ...]
    endpoints: tuple[Endpoint, ...]
    categories: tuple[CategoryChoice | None, ...]
    raters: tuple[RaterChoice | None, ...]
    sinks: tuple[SinkChoice | None, ...]
    gates: tuple[Gate | None, ...]
    prices: tuple[Price | None, ...]


def _tables(faults: Faults, tables: Table, key: str) -> list[Table]:
    raw = tables.get(key, [])
    if raw == [] and key in NEEDED:
        faults.add(key, f"at least one [[{key}]] with an id is needed")
    return faults.tables(key, raw)


def _each(
    read: Callable[[str, Table], T | None], key: str, lists: Mapping[str, list[Table]]
) -> tuple[T | None, ...]:
    return tuple(read(f"{key}[{i}]", table) for i, table in enumerate(lists[key]))


def _sound(parts: Sequence[T | None]) -> tuple[T, ...]:
    return tuple(p for p in parts if p is not None)


def usual_raters(
    names: Sequence[str], registry: Registry, environ: Mapping[str, str]
) -> tuple[tuple[RaterChoice, ...], Secrets]:
    """Give raters as a stack has them that says no more than their ids.

    Raises:
        StackError: Listing the options that must be given.
    """
    faults = Faults("--rater")
    b = Builder(registry, environ, faults)
    made = [b.rater(name, {"id": name}) for name in names]
    if faults.told:
        raise faults.error("a stack must say more of these raters:")
    return _sound(made), Secrets(b.secrets)


def priced(
    own: Sequence[Price], endpoints: Sequence[Endpoint], registry: Registry
) -> tuple[Price, ...]:
    """Add the providers' dated prices of models that the stack prices not itself."""
    found = {p.model: p for p in own}
    for e in endpoints:
        spec = registry.get(ProviderSpec, e.provider)
        name = f"{e.provider}/{e.model}"
        listed = {p.model: p for p in spec.prices}
        price = listed.get(e.model) or listed.get("*")
        if price is not None and name not in found and _default_account(spec, e):
            found[name] = attrs.evolve(price, model=name)
    return tuple(found.values())


def _default_account(spec: ProviderSpec, e: Endpoint) -> bool:
    """Whether *e* is at the provider's own address: others have prices of their own."""
    given = {**dict(e.identity), **dict(e.operational)}
    return all(
        given.get(a.name) == json.dumps(a.default)
        for a in attrs.fields(spec.options)
        if a.metadata.get("account") and a.name in given
    )


def _check(
    faults: Faults,
    registry: Registry,
    parts: _Parts,
    declared: Mapping[str, CategorySpec],
    run: RunConfig | None,
    tables: Table,
    lists: Mapping[str, list[Table]],
    rates: Table,
) -> None:
    """Check what only the whole stack can tell.

    Names are those that the file gives, whether or not what they name is sound: a fault is told
    once, not again wherever the name is used. None stands for names that cannot be known.
    """
    targets, endpoints = _endpoint_names(faults, tables)
    everybody = (*parts.targets, *parts.endpoints)
    check_targets(faults, parts.targets)
    check_roles(faults, endpoints, parts.categories, parts.raters)
    check_raters(faults, parts.raters, everybody)
    check_rates(faults, rates, endpoints)
    _check_repeats(faults, parts, lists)
    _check_questions(faults, registry, parts, declared, lists, targets)
    if run is not None:
        found = priced(_sound(parts.prices), everybody, registry)
        check_prices(
            faults, run, everybody, {p.model for p in found} | {*_ids(lists["prices"], "model")}
        )


def _endpoint_names(faults: Faults, tables: Table) -> tuple[set[str] | None, set[str] | None]:
    """Give the names of targets, and of all endpoints; None where they cannot be known."""
    targets, others = (_names(tables.get(key, {})) for key in ("targets", "endpoints"))
    if tables.get("targets", {}) == {}:
        faults.add("targets", NO_TARGET)
    for name in (targets or set()) & (others or set()):
        faults.add(f"endpoints.{name}", "a target has this name too; names are unique")
    return targets, None if targets is None or others is None else targets | others


def _check_repeats(faults: Faults, parts: _Parts, lists: Mapping[str, list[Table]]) -> None:
    """Refuse what stands in a list twice."""
    check_unique(faults, "categories", "category", _ids(lists["categories"]))
    check_unique(faults, "raters", "rater", _ids(lists["raters"], "name"))
    check_unique(faults, "sinks", "file", (s.path for s in _sound(parts.sinks) if s.path))
    check_unique(faults, "prices", "a price of", _ids(lists["prices"], "model"))
    for category in _sound(parts.categories):
        path = f"categories.{category.choice.id}.attacks"
        check_unique(faults, path, "attack", (a.id for a in category.attacks))


def _check_questions(
    faults: Faults,
    registry: Registry,
    parts: _Parts,
    declared: Mapping[str, CategorySpec],
    lists: Mapping[str, list[Table]],
    targets: set[str] | None,
) -> None:
    """Check measures and gates against what is measured and who marks it."""
    categories, raters = _sound(parts.categories), _sound(parts.raters)
    static = _specs(registry, CategorySpec, lists["categories"])
    specs = [declared.get(spec.id, spec) for spec in static]
    grading = _specs(registry, ScorerSpec, lists["raters"])
    known_categories = len(specs) == len(lists["categories"]) > 0
    told = any(spec.declare and spec.id not in declared for spec in static)
    known_raters = len(grading) == len(lists["raters"]) > 0
    whole = known_categories and known_raters and not told
    groups = {
        "target": targets,
        "category": _ids(lists["categories"]) if known_categories else None,
        "intent": [i.value for i in Intent],
        "attack": None if None in parts.categories else _attacks(categories),
        "rater": _ids(lists["raters"], "name") if known_raters else None,
    }
    named = [(r.choice.name, registry.get(ScorerSpec, r.choice.id)) for r in raters]
    check_measures(faults, specs, named, whole=whole)
    check_ids(faults, specs, named)
    known = {m.id: m for m in questions(specs, grading)}
    maybe = {m.id for spec in specs for m in spec.measures} | known.keys()
    if told or not specs:  # nobody knows what would be measured: that is told once, as their fault
        maybe |= {gate.measure for gate in _sound(parts.gates)}
    given = [s for spec in specs for s in spec.scales] + [s for r in grading for s in r.scales]
    scales = {scale.name: scale for scale in given}
    held = Asked(measures=known, maybe=() if whole else maybe, scales=scales, raters=named,
                 groups=groups)  # fmt: skip
    check_gates(faults, parts.gates, held)


def _specs(registry: Registry, kind: type[S], tables: Sequence[Table]) -> list[S]:
    """Give the specs of those of *tables* whose id there is, sound or not."""
    there = registry.ids(kind.kind)
    return [registry.get(kind, name) for name in _ids(tables) if name in there]


def _names(raw: object) -> set[str] | None:
    """Give the names of a table of tables; None if it is no table, which is told already."""
    return set(raw) if isinstance(raw, dict) else None


def _ids(tables: Sequence[Table], key: str = "id") -> list[str]:
    """Give the names that tables have, under *key* or as ``id``."""
    found = [t.get(key, t.get("id")) for t in tables]
    return [f for f in found if isinstance(f, str)]


def _attacks(categories: Sequence[CategoryChoice]) -> set[str] | None:
    return {a.id for c in categories for a in c.attacks} or None


def _run(tables: Table) -> Table:
    raw = tables.get("run", {})
    return raw if isinstance(raw, dict) else {}


def _name(faults: Faults, name: object) -> str:
    if isinstance(name, str) and re.fullmatch(RUN_NAME, name) and not re.search(SURROGATE, name):
        return name
    what = repr(name) if isinstance(name, str) else kind_of(name)
    why = f"expected the name of a folder, without a slash or a dot in front, got {what}"
    faults.add("name", why)
    return ""


def _gate(faults: Faults, path: str, table: Table) -> Table:
    pairs = []
    for key, value in faults.table(f"{path}.where", table.get("where", {})).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            faults.add(f"{path}.where.{key}", f"expected a name, got {kind_of(value)}")
        else:
            pairs.append((key, str(value)))
    return {**table, "where": sorted(pairs)}


def load_stack(
    path: Path,
    *,
    registry: Registry,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    limit: int | None = None,
    sends: bool = True,
) -> tuple[Stack, Secrets]:
    """Read, override and check a stack file.

    Args:
        path: The stack file.
        registry: What its ids are looked up in.
        overrides: ``path=value`` settings, later ones win.
        environ: Variables for secrets; those of ``.env`` beside the file yield to it.
        limit: Most families of every category.
        sends: Whether secrets will be used; else one that is lacking is told beside the stack.

    Raises:
        StackError: Listing everything that is wrong, with file and path.
    """
    tables, places = read_tables(path)
    wrong = []
    for setting in overrides:
        try:
            apply_override(tables, setting, places)
        except StackError as exc:
            wrong.append(str(exc))
    if limit is not None:
        given = tables.get("categories", [])
        for table in given if isinstance(given, list) else []:
            # What is no table or no number is told by `resolve`, with its path.
            if isinstance(table, dict) and isinstance(table.get("limit", limit), int):
                table["limit"] = min(limit, table.get("limit", limit))
    from_file, strange = read_dotenv(path.resolve().parent / ".env")
    env = {**from_file, **environ}
    note = f"; .env, line {strange[0]}, cannot be understood: is a quote open?" if strange else ""
    return resolve(
        tables,
        file=str(path),
        registry=registry,
        environ=env,
        note=note,
        places=places,
        wrong=wrong,
        sends=sends,
        folder=path.resolve().parent,
    )
