"""What only the whole stack can tell: names that must agree, numbers that must make sense."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

from attrs import evolve

from dosimeter.model.answering import Gate, Measure
from dosimeter.model.questions import unaskable
from dosimeter.model.rating import Level, Scale
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.model.stackfile import CategoryChoice, RaterChoice, RunConfig
from dosimeter.model.work import Endpoint, Price
from dosimeter.stack.faults import Faults

PRICE_EXAMPLE = "add [[prices]] with model, input and output a million tokens, and date"


def near(name: str, known: Iterable[str]) -> str:
    """Say what *name* may have been meant to be."""
    every = sorted(known)
    found = get_close_matches(name, every, 1)
    return f"did you mean {found[0]!r}?" if found else f"there are {', '.join(every) or 'none'}"


def check_gates(
    faults: Faults, gates: Sequence[Gate], measures: Mapping[str, Measure],
    groups: Mapping[str, Collection[str]],
) -> None:  # fmt: skip
    """Check that every gate asks about something that a report of this stack can hold."""
    for i, gate in enumerate(gates):
        path = f"gates[{i}]"
        asked = measures.get(gate.measure)
        if asked is None:
            faults.add(
                f"{path}.measure", f"no measure {gate.measure!r}; {near(gate.measure, measures)}"
            )
        if (gate.max is None) is (gate.min is None):
            faults.add(path, "give either max or min")
        bound = gate.max if gate.max is not None else gate.min
        share = asked is not None and asked.estimator in {"rate", "shares"}
        if share and bound is not None and not 0 <= bound <= 1:
            faults.add(path, f"{gate.measure!r} is a share from 0 to 1, the threshold is {bound:g}")
        keys = {*groups, *(asked.by if asked else ()), "level"}
        for key, value in gate.where:
            if key not in keys:
                faults.add(f"{path}.where.{key}", f"unknown key; {near(key, keys)}")
            elif key in groups and value not in groups[key]:
                faults.add(f"{path}.where.{key}", f"no {key} {value!r}; {near(value, groups[key])}")


def check_measures(
    faults: Faults, categories: Sequence[CategorySpec], raters: Sequence[tuple[str, ScorerSpec]]
) -> None:
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
            if _arithmetic(before) != _arithmetic(scale):
                faults.add("raters", f"scale {scale.name!r} is declared by {first} and otherwise by"
                           f" {who}; use one of them, or another name")  # fmt: skip
    for category in categories:
        for measure in category.measures:
            path = f"categories.{category.id}.measures.{measure.id}"
            held = scales.get(measure.scale)
            why = unaskable(measure, held and held[1])
            close = () if held else get_close_matches(measure.scale, sorted(scales), 1)
            if why:
                faults.add(path, why)
            elif close:
                faults.add(path, f"no scale {measure.scale!r}; did you mean {close[0]!r}?")


def _arithmetic(scale: Scale) -> Scale:
    """Leave out the words, which rubrics may differ in."""
    levels = tuple(Level(value=level.value, name="") for level in scale.levels)
    return evolve(scale, summary="", levels=levels)


def check_unique(faults: Faults, path: str, what: str, names: Iterable[str]) -> None:
    """Refuse a name that is used twice."""
    for name, n in Counter(names).items():
        if n > 1:
            faults.add(path, f"{what} {name!r} stands here {n} times")


def check_numbers(faults: Faults, run: RunConfig, endpoints: Sequence[Endpoint]) -> None:
    """Refuse numbers that no run can have."""
    rules: list[tuple[str, float, bool, str]] = [
        ("run.repeats", run.repeats, run.repeats >= 1, "1 or more"),
        ("run.max_retries", run.max_retries, run.max_retries >= 0, "0 or more"),
        ("run.timeout", run.timeout, run.timeout > 0, "more than 0 seconds"),
        ("run.confidence", run.confidence, 0 < run.confidence < 1, "a number between 0 and 1"),
    ]
    most = run.max_connections
    rules += [("run.max_connections", most, most >= 1, "1 or more")] if most is not None else []
    for name in ("requests", "tokens", "money", "minutes"):
        held = getattr(run.budget, name)
        if held is not None:
            rules.append((f"run.budget.{name}", held, held >= 0, "0 or more"))
    names = [e.name for e in endpoints]
    for name, rate in run.requests_per_minute:
        path = f"run.requests_per_minute.{name}"
        rules.append((path, rate, rate > 0, "more than 0"))
        if name not in names:
            faults.add(path, f"no endpoint {name!r}; {near(name, names)}")
    for e in endpoints:
        s = e.sampling
        heat, top, most = s.temperature, s.top_p, s.max_tokens
        if heat is not None:
            rules.append((f"{e.name}.temperature", heat, heat >= 0, "0 or more"))
        if top is not None:
            rules.append((f"{e.name}.top_p", top, 0 < top <= 1, "more than 0 and at most 1"))
        if most is not None:
            rules.append((f"{e.name}.max_tokens", most, most >= 1, "1 or more"))
    for path, value, fits, what in rules:
        if not fits:
            faults.add(path, f"expected {what}, got {value:g}")


def check_prices(
    faults: Faults, run: RunConfig, endpoints: Sequence[Endpoint], prices: Sequence[Price]
) -> None:
    """A budget in money binds only if every endpoint has a price."""
    for i, price in enumerate(prices):
        if price.input < 0 or price.output < 0:
            faults.add(f"prices[{i}]", f"{price.model!r}: a price is 0 or more")
    if run.budget.money is None:
        return
    known = {p.model for p in prices}
    for model in sorted({f"{e.provider}/{e.model}" for e in endpoints} - known):
        faults.add("run.budget.money", f"needs a price for {model!r}: {PRICE_EXAMPLE}")


def check_targets(faults: Faults, targets: Sequence[Endpoint]) -> None:
    """Refuse none, and two that are the same in all that is measured."""
    seen: dict[str, str] = {}
    for one in targets:
        if one.id in seen:
            faults.add(f"targets.{one.name}", f"the same as targets.{seen[one.id]} in all that is"
                       " measured; say replica = 2 if that is meant")  # fmt: skip
        seen.setdefault(one.id, one.name)
    if not targets and not any(line.startswith("targets.") for line in faults.lines):
        faults.add(
            "targets", 'at least one is needed: [targets.<name>] with model = "provider/model"'
        )


def check_roles(
    faults: Faults,
    endpoints: Sequence[Endpoint],
    categories: Sequence[CategoryChoice | None],
    raters: Sequence[RaterChoice | None],
) -> None:
    """Check that every role is served by an endpoint of the stack."""
    names = [e.name for e in endpoints]
    if len(set(names)) < len(names):
        faults.add("endpoints", "a name is used by a target and an endpoint; names are unique")
    used = [(f"attack {a.id!r}", a) for c in categories if c for a in c.attacks]
    used += [(f"rater {r.choice.id!r}", r.choice) for r in raters if r]
    for who, choice in used:
        for role, name in choice.roles:
            if name not in names:
                near = get_close_matches(name, names, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                faults.add("", f"{who}: role {role}: no endpoint {name!r}{hint}")
