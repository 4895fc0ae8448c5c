"""What only the whole stack can tell: names that must agree, numbers that must make sense."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from attrs import evolve, field, fields, frozen

from dosimeter.contrasts import Levels
from dosimeter.model.answering import Gate
from dosimeter.model.attacks import ANY, is_single
from dosimeter.model.comparing import Declared
from dosimeter.model.contrasts import ATTACK, is_difference
from dosimeter.model.margins import margin_fault
from dosimeter.model.measures import Measure
from dosimeter.model.questions import (
    counts,
    defaults,
    differ_in,
    ends,
    is_share,
    unaskable,
)
from dosimeter.model.rating import Direction, Level, Scale
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.model.stackfile import CategoryChoice, Rate, RaterChoice, RunConfig
from dosimeter.model.work import Endpoint
from dosimeter.nearest import closest, nearest
from dosimeter.stack.called import names_of, no_set
from dosimeter.stack.faults import Faults, Table

PRICE_EXAMPLE = "add [[prices]] with model, input and output a million tokens, and date"


@frozen(kw_only=True)
class Asked:
    """What a stack asks about, as far as it can be known.

    Attributes:
        measures: By id.
        maybe: Measures that there would be but for other faults; empty if *measures* are all.
        scales: By name.
        raters: Names of the raters with their specs.
        groups: Names that findings are told apart by; None where they cannot be known.
        levels: Of factors, as they are declared; none where any will do.
    """

    measures: Mapping[str, Measure]
    maybe: Collection[str]
    scales: Mapping[str, Scale]
    raters: Sequence[tuple[str, ScorerSpec]]
    groups: Mapping[str, Collection[str] | None]
    levels: Levels = field(factory=dict)


def check_gates(faults: Faults, gates: Sequence[Gate | None], held: Asked) -> None:
    """Check that every gate asks about something that a report of this stack can hold.

    Args:
        faults: Where faults go.
        gates: None for one whose faults are told.
        held: What it can hold.
    """
    for i, gate in enumerate(gates):
        if gate is None:
            continue
        path = f"gates[{i}]"
        asked = _check_measure(faults, path, gate.measure, held)
        if asked is not None:
            _check_bound(faults, path, gate, asked, held)
        _check_where(faults, f"{path}.where", gate, asked, held)


def check_looks(faults: Faults, gates: Sequence[Gate | None], held: Asked) -> None:
    """Check that a run that stops once its gates are decided has some, and that they can be on the way."""
    if not gates:
        faults.add(
            "run.stop", "'when-decided' needs [[gates]]: nothing else says when it is enough"
        )
    for i, gate in enumerate(gates):
        asked = held.measures.get(gate.measure) if gate is not None else None
        if gate is not None and gate.baseline:
            faults.add(f"gates[{i}].baseline", "a run that stops when its gates are decided has no baseline:"
                       " differences have no limits that hold at every look")  # fmt: skip
        elif asked is not None and not all(
            map(math.isfinite, ends(asked, held.scales.get(asked.scale)))
        ):
            faults.add(f"gates[{i}].measure", f"{asked.id!r} is a mean on a scale without ends, which has no"
                       " limits that hold at every look")  # fmt: skip
        elif asked is not None and asked.contrast is not None:
            faults.add(f"gates[{i}].measure", f"{asked.id!r} is a contrast, which has no limits that hold at"
                       " every look")  # fmt: skip


def check_comparisons(faults: Faults, asked: Sequence[Declared | None], held: Asked) -> None:
    """Check that every comparison is of a rate or a mean that a report of this stack can hold."""
    for i, one in enumerate(asked):
        if one is None:
            continue
        path = f"comparisons[{i}]"
        measure = _check_measure(faults, path, one.measure, held)
        if measure is not None and (measure.estimator not in {"rate", "mean"} or measure.contrast):
            what = "a contrast" if measure.contrast else f"{measure.estimator!r}"
            faults.add(
                f"{path}.measure", f"{one.measure!r} is {what}; rates and means are compared"
            )
        if measure is not None and one.margin is not None:
            _check_margin(faults, path, one.margin, measure, held, "anything would be equivalent")
        _check_where(faults, f"{path}.where", one, measure, held)
        for key in ("target", "level"):
            if key in dict(one.where):
                faults.add(
                    f"{path}.where.{key}", "a comparison is of all targets, by one number each"
                )


def _check_margin(
    faults: Faults, path: str, margin: float, asked: Measure, held: Asked, then: str
) -> None:
    """Refuse a margin that is none, or that no difference of the measure is beyond."""
    low, high = ends(asked, held.scales.get(asked.scale))
    if fault := margin_fault(margin, high - low):
        faults.add(f"{path}.margin", f"{margin:g}: of {asked.id!r} {fault}, so {then}")


def _check_measure(faults: Faults, path: str, name: str, held: Asked) -> Measure | None:
    """Give the measure of that name; refuse one that there cannot be."""
    asked, maybe = held.measures.get(name), held.maybe
    if asked is None and name not in maybe:
        hint = nearest(name, maybe or held.measures)
        if hint.startswith("did") or not maybe:
            faults.add(f"{path}.measure", f"no measure {name!r}; {hint}")
    return asked


def _check_where(
    faults: Faults, path: str, gate: Gate | Declared, asked: Measure | None, held: Asked
) -> None:
    """Refuse what no finding has; of a measure that is not known, what none of any could have."""
    attacks = held.groups.get(ATTACK)
    called = names_of(asked, held.levels, attacks) if asked else {}
    keys = {*held.groups, *called, "level"}
    for key, value in gate.where:
        if key not in keys and (asked or not held.maybe):
            faults.add(f"{path}.{key}", f"unknown key; {nearest(key, keys)}")
        if asked is not None and key == ATTACK and (value == ANY or not is_single(value)):
            if why := no_set(value, asked, attacks):
                faults.add(f"{path}.{key}", why)
            continue
        there = called.get(key) or held.groups.get(key)
        if there is not None and value not in there:
            faults.add(f"{path}.{key}", f"no {key} {value!r}; {nearest(value, there)}")
        elif asked and key not in called and (why := _unmet(key, value, asked, held)):
            faults.add(f"{path}.{key}", why)


def _check_bound(faults: Faults, path: str, gate: Gate, asked: Measure, held: Asked) -> None:
    """Refuse a threshold beyond the numbers that the measure can be, or at the end that none is beyond."""
    low, high = ends(asked, held.scales.get(asked.scale))
    bound = gate.bound
    if gate.baseline:
        _check_baseline(faults, path, gate, asked, held)
        return
    most = gate.at_most is not None
    idle = bound >= high if most else bound <= low
    if low <= bound <= high and not idle:
        return
    never = "fail" if idle else "pass"
    of = "shares" if counts(asked) else "means"
    what = f"a difference of {of}" if is_difference(asked) else f"a {of.removesuffix('s')}"
    faults.add(path, f"{gate.measure!r} is {what} from {low:g} to {high:g}, the threshold is {bound:g}:"
               f" the gate could never {never}; {_instead(asked, bound, held)}")  # fmt: skip


def _check_baseline(faults: Faults, path: str, gate: Gate, asked: Measure, held: Asked) -> None:
    """Refuse a gate on a difference that there is none of, or that could never fail."""
    if asked.estimator not in {"rate", "mean"} or asked.contrast is not None:
        what = "a contrast" if asked.contrast is not None else f"{asked.estimator!r}"
        faults.add(f"{path}.baseline", f"{asked.id!r} is {what}; rates and means have baselines")
    elif gate.no_worse and asked.direction is Direction.NEITHER:
        faults.add(
            f"{path}.decide", f"neither more nor less of {asked.id!r} is worse; use 'equivalent'"
        )
    else:
        _check_margin(faults, path, gate.bound, asked, held, "the gate could never fail")


def _instead(asked: Measure, bound: float, held: Asked) -> str:
    """Say what *bound* may have been meant for: a mean on the same scale, or per cent."""
    if is_share(asked):
        for other in held.measures.values():
            same = other.scale == asked.scale and other.select.kind is asked.select.kind
            if same and other.estimator == "mean" and other.contrast is None:
                low, high = ends(other, held.scales.get(other.scale))
                if low < bound < high:
                    return f"did you mean {other.id!r}?"
        if 1 < bound <= 100:
            return f"{bound:g} % is written {bound / 100:g}"
    return "give a threshold in between"


def _unmet(key: str, value: str, asked: Measure, held: Asked) -> str:
    """Say why no finding of *asked* has *value* under *key*, by what is declared; empty if one may."""
    scale = held.scales.get(asked.scale)
    intents = [i.value for i in asked.select.intents]
    if key == "intent" and intents and value not in intents:
        return f"{asked.id!r} is about requests of intent {', '.join(intents)} only"
    if key == "attack" and asked.select.attacks and value not in asked.select.attacks:
        return f"{asked.id!r} is about attack {', '.join(asked.select.attacks)} only"
    if key == "rater":
        marking = [name for name, spec in held.raters if asked.scale in _scales(spec)]
        known = [name for name, _ in held.raters]
        if value in known and value not in marking:
            able = f"; {', '.join(marking)} would" if marking else ", and no other rater does"
            return f"{value!r} does not mark {asked.scale!r}, which {asked.id!r} is about{able}"
    if key == "level" and asked.estimator != "shares":
        return f"{asked.id!r} is one number and has no levels"
    if key == "level" and scale is not None:
        levels = [str(level.value) for level in scale.levels]
        return "" if value in levels else f"no level {value!r}; {nearest(value, levels)}"
    return ""


def _scales(spec: ScorerSpec) -> set[str]:
    return {scale.name for scale in spec.scales}


def check_measures(
    faults: Faults, categories: Sequence[CategorySpec], raters: Sequence[tuple[str, ScorerSpec]],
    *, whole: bool,
) -> None:  # fmt: skip
    """Check that scales mean one thing, and that measures can be asked of them.

    A scale that nobody declares is refused if its name is nearly another's; else the measure is
    simply not answered.
    """
    scales: dict[str, tuple[str, Scale]] = {}
    owners = [(f"category {c.id!r}", c.scales) for c in categories]
    owners += [(f"rater {name!r}", spec.scales) for name, spec in raters]
    for who, declared in owners:
        for scale in declared:
            first, before = scales.setdefault(scale.name, (who, scale))
            apart = _apart(_arithmetic(before), _arithmetic(scale))
            if apart:
                faults.add("raters", f"scale {scale.name!r} is declared by {first} and otherwise by"
                           f" {who} ({apart}); use one of them, or another name")  # fmt: skip
    for category in categories:
        for measure in category.measures:
            path = f"categories.{category.id}.measures.{measure.id}"
            held = scales.get(measure.scale)
            why = unaskable(measure, held and held[1])
            close = "" if held or not whole else closest(measure.scale, sorted(scales))
            if why:
                faults.add(path, why)
            elif close:
                faults.add(path, f"no scale {measure.scale!r}; did you mean {close!r}?")


def check_ids(
    faults: Faults, categories: Sequence[CategorySpec], raters: Sequence[tuple[str, ScorerSpec]]
) -> None:
    """Refuse two measures of one id that ask otherwise: gates and reports tell them apart by it alone."""
    named = [m for c in categories for m in c.measures]
    owners: list[tuple[str, Iterable[Measure]]] = [
        (f"category {c.id!r}", c.measures) for c in categories
    ]
    owners += [(f"rater {name!r}", defaults(spec, named)) for name, spec in raters]
    seen: dict[str, tuple[str, Measure]] = {}
    for who, measures in owners:
        for measure in measures:
            first, before = seen.setdefault(measure.id, (who, measure))
            if odd := differ_in(before, measure):
                faults.add("categories", f"measure {measure.id!r} is asked by {first} and otherwise by"
                           f" {who} ({', '.join(odd)}): a gate on it would hold one to the other's;"
                           " use each in a stack of its own, or give one another id")  # fmt: skip


def _arithmetic(scale: Scale) -> Scale:
    """Leave out the words, which rubrics may differ in."""
    levels = tuple(Level(value=level.value, name="") for level in scale.levels)
    return evolve(scale, summary="", levels=levels)


def _apart(one: Scale, other: Scale) -> str:
    """Say in what two scales differ, the first's before the second's; empty if in nothing."""
    pairs = ((a.name, getattr(one, a.name), getattr(other, a.name)) for a in fields(Scale))
    return "; ".join(
        f"{name.replace('_', ' ')} {_told(a)} and {_told(b)}" for name, a, b in pairs if a != b
    )


def _told(value: object) -> str:
    """Write what a scale says of itself."""
    if isinstance(value, tuple):
        told = (str(v.value if isinstance(v, Level) else v) for v in value)
        return ", ".join(told) or "none"
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    return str(value)


def check_unique(faults: Faults, path: str, what: str, names: Iterable[str]) -> None:
    """Refuse a name that is used twice."""
    for name, n in Counter(names).items():
        if n > 1:
            faults.add(path, f"{what} {name!r} stands here {n} times")


def check_rates(faults: Faults, rates: Table, endpoints: Collection[str] | None) -> None:
    """Check ``run.requests_per_minute``."""
    for name, rate in rates.items():
        path = f"run.requests_per_minute.{name}"
        faults.value(path, rate, Rate, "requests")
        if endpoints is not None and name not in endpoints:
            faults.add(path, f"no endpoint {name!r}; {nearest(name, endpoints)}")


def check_prices(
    faults: Faults, run: RunConfig, endpoints: Sequence[Endpoint], known: Collection[str]
) -> None:
    """A budget in money binds only if every endpoint has a price."""
    if run.budget.money is None:
        return
    for model in sorted({f"{e.provider}/{e.model}" for e in endpoints} - set(known)):
        faults.add("run.budget.money", f"needs a price for {model!r}: {PRICE_EXAMPLE}")


def check_targets(faults: Faults, targets: Sequence[Endpoint]) -> None:
    """Refuse two that are the same in all that is measured."""
    seen: dict[str, str] = {}
    for one in targets:
        if one.id in seen:
            faults.add(f"targets.{one.name}", f"the same as targets.{seen[one.id]} in all that is"
                       " measured; say replica = 2 if that is meant")  # fmt: skip
        seen.setdefault(one.id, one.name)


def check_raters(
    faults: Faults, raters: Sequence[RaterChoice | None], endpoints: Sequence[Endpoint]
) -> None:
    """Refuse two raters that differ in name alone: they would be one in the journal (trap 12)."""
    ids = {e.name: e.id for e in endpoints}
    seen: dict[object, str] = {}
    for i, rater in enumerate(raters):
        if rater is None or any(name not in ids for _, name in rater.choice.roles):
            continue
        roles = tuple((role, ids[name]) for role, name in rater.choice.roles)
        same = (rater.choice.id, rater.choice.identity, roles)
        first = seen.setdefault(same, rater.choice.name)
        if first != rater.choice.name:
            how = "votes asks a judge several times" if roles else "a rule would say the same twice"
            faults.add(f"raters[{i}]", f"{rater.choice.name!r} is {first!r} in all but its name;"
                       " leave one out, or give it another option that changes marks or another"
                       f" endpoint; {how}")  # fmt: skip


def check_roles(
    faults: Faults,
    names: Collection[str] | None,
    categories: Sequence[CategoryChoice | None],
    raters: Sequence[RaterChoice | None],
) -> None:
    """Check that every role is served by an endpoint of the stack."""
    used = [
        (f"categories[{i}].attacks[{j}]", a)
        for i, c in enumerate(categories) if c for j, a in enumerate(c.attacks)
    ]  # fmt: skip
    used += [(f"raters[{i}]", r.choice) for i, r in enumerate(raters) if r]
    for path, choice in used:
        for role, name in choice.roles:
            if names is not None and name not in names:
                faults.add(f"{path}.roles.{role}", f"no endpoint {name!r}; {nearest(name, names)}")
