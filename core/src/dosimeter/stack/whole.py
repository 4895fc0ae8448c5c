"""What only the whole of a stack can tell: names that clash, repeats, and what is measured by whom."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from attrs import frozen

from dosimeter.contrasts import levels_of
from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Declared
from dosimeter.model.design import Intent
from dosimeter.model.questions import questions, scales_of
from dosimeter.model.specs import AttackSpec, CategorySpec, ScorerSpec
from dosimeter.model.stackfile import (
    CategoryChoice,
    RaterChoice,
    RunConfig,
    SinkChoice,
    StopRule,
)
from dosimeter.model.work import Endpoint, Price
from dosimeter.registry import Registry
from dosimeter.stack.checks import (
    Asked,
    check_comparisons,
    check_gates,
    check_ids,
    check_looks,
    check_measures,
    check_prices,
    check_raters,
    check_rates,
    check_roles,
    check_targets,
    check_unique,
)
from dosimeter.stack.factors import check_factors
from dosimeter.stack.faults import Faults, Table
from dosimeter.stack.prices import priced

NO_TARGET = 'at least one is needed: [targets.<name>] with model = "provider/model"'
T = TypeVar("T")
S = TypeVar("S", CategorySpec, ScorerSpec)


@frozen(kw_only=True)
class Parts:
    """What a stack's tables were read as; None stands for one whose faults are told."""

    targets: tuple[Endpoint, ...]
    endpoints: tuple[Endpoint, ...]
    categories: tuple[CategoryChoice | None, ...]
    raters: tuple[RaterChoice | None, ...]
    sinks: tuple[SinkChoice | None, ...]
    gates: tuple[Gate | None, ...]
    comparisons: tuple[Declared | None, ...]
    prices: tuple[Price | None, ...]


def sound(parts: Sequence[T | None]) -> tuple[T, ...]:
    """Leave out parts whose faults are told."""
    return tuple(p for p in parts if p is not None)


def check_whole(
    faults: Faults,
    registry: Registry,
    parts: Parts,
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
    _check_questions(faults, registry, parts, declared, lists, targets, run)
    if run is not None:
        found = priced(sound(parts.prices), everybody, registry)
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


def _check_repeats(faults: Faults, parts: Parts, lists: Mapping[str, list[Table]]) -> None:
    """Refuse what stands in a list twice."""
    check_unique(faults, "categories", "category", _ids(lists["categories"]))
    check_unique(faults, "raters", "rater", _ids(lists["raters"], "name"))
    check_unique(faults, "sinks", "file", (s.path for s in sound(parts.sinks) if s.path))
    check_unique(faults, "prices", "a price of", _ids(lists["prices"], "model"))
    for category in sound(parts.categories):
        path = f"categories.{category.choice.id}.attacks"
        check_unique(faults, path, "attack", (a.id for a in category.attacks))


def _check_questions(
    faults: Faults,
    registry: Registry,
    parts: Parts,
    declared: Mapping[str, CategorySpec],
    lists: Mapping[str, list[Table]],
    targets: set[str] | None,
    run: RunConfig | None,
) -> None:
    """Check measures and gates against what is measured and who marks it."""
    categories, raters = sound(parts.categories), sound(parts.raters)
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
    attacks = [registry.get(AttackSpec, name) for name in registry.ids("attack")]
    check_factors(faults, specs, attacks)
    known = {m.id: m for m in questions(specs, grading)}
    maybe = {m.id for spec in specs for m in spec.measures} | known.keys()
    if told or not specs:  # nobody knows what would be measured: that is told once, as their fault
        maybe |= {gate.measure for gate in sound(parts.gates)}
        maybe |= {one.measure for one in sound(parts.comparisons)}
    scales = {scale.name: scale for scale in scales_of(specs, grading)}
    factors = [*(f for s in specs for f in s.factors), *(f for a in attacks for f in a.factors)]
    held = Asked(measures=known, maybe=() if whole else maybe, scales=scales, raters=named,
                 groups=groups, levels=levels_of(factors))  # fmt: skip
    check_gates(faults, parts.gates, held)
    if run is not None and run.stop is StopRule.WHEN_DECIDED:
        check_looks(faults, parts.gates, held)
    check_comparisons(faults, parts.comparisons, held)


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
