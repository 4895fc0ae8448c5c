"""Gates: a threshold on a limit of an interval; pass, fail or inconclusive."""

import math
from collections.abc import Mapping, Sequence, Set as AbstractSet
from types import MappingProxyType

from attrs import evolve

from dosimeter.analysis.ability import LOW
from dosimeter.model.answering import (
    BROKEN_CELL,
    DISAGREE,
    MANY_MISSING,
    UNRELIABLE,
    Abstention,
    BothWays,
    Estimate,
    Finding,
    Gate,
    GateResult,
    GateState,
    Missing,
)
from dosimeter.model.attacks import ANY, is_any, is_single
from dosimeter.numbers import as_both_ways, as_estimate, as_interval, as_number, percent, unit_of


def judge_gates(
    gates: Sequence[Gate],
    findings: Sequence[Finding],
    *,
    accept: bool,
    limited: bool,
    complete: bool,
    people: AbstractSet[str] = frozenset(),
    against: Mapping[Gate, GateResult] = MappingProxyType({}),
) -> tuple[GateResult, ...]:
    """Judge every gate by every finding that it is about; the worst decides.

    Of people who have read too few replies for a number nothing decides, where others have one.

    Args:
        gates: Of the stack.
        findings: Of the run.
        accept: Whether a rate as an uncorrected rater measures it may pass (VALIDITY 15).
        limited: Whether a part of the panel was planned: such a run can fail a gate but not pass it.
        complete: Nor can one pass it that lacks answers or marks; it can fail if they would not
            matter.
        people: Raters that are persons, by name.
        against: What became of gates that have a baseline.
    """

    def judged(gate: Gate) -> GateResult:
        if gate.baseline:
            return against[gate]
        mine = _asked(gate, findings, people)
        if not mine:
            return GateResult(gate=gate, state=GateState.INCONCLUSIVE, why=_unfound(gate, findings))
        return _judge(gate, mine, accept=accept, limited=limited, complete=complete)

    return tuple(map(judged, gates))


def _unfound(gate: Gate, findings: Sequence[Finding]) -> str:
    """Say why a gate is about no finding, as far as can be told: its target may be renamed since."""
    why = "no finding to judge by"
    asked = dict(gate.where).get("target")
    there = sorted({t for f in findings if (t := dict(f.group).get("target"))})
    if asked is None or asked in there or not there:
        return why
    return (
        f"{why}: this run has no target {asked!r}, but {', '.join(map(repr, there))};"
        " a target keeps the name that its run was begun with"
    )


def _asked(gate: Gate, findings: Sequence[Finding], people: AbstractSet[str]) -> list[Finding]:
    """Give the findings that *gate* is judged by."""
    mine = [f for f in findings if f.measure == gate.measure and is_about(gate, f)]
    more = [
        f for f in mine
        if isinstance(f, Estimate) or dict(f.group).get("rater") not in people
    ]  # fmt: skip
    return more or mine


def _judge(
    gate: Gate, mine: Sequence[Finding], *, accept: bool, limited: bool, complete: bool
) -> GateResult:
    worst, why = GateState.PASS, "every limit is inside"
    several = len({dict(one.group).get("rater") for one in mine}) > 1
    for one in mine:
        state, reason = _by_evidence(gate, one, complete=complete)
        but = _barred(one, accept=accept, limited=limited)
        if state is GateState.PASS and but:
            state, reason = GateState.INCONCLUSIVE, f"inside, but {but}"
        if _rank(state) > _rank(worst):
            worst, why = state, f"{_where(one, several=several)}: {reason}"
    return _with_limits(GateResult(gate=gate, state=worst, why=why), mine)


def _with_limits(result: GateResult, mine: Sequence[Finding]) -> GateResult:
    """Add the number that is nearest to the threshold, or furthest beyond."""
    numbers = [(one.of_gates or one, one) for one in mine if isinstance(one, Estimate)]
    if not numbers:
        return result
    up = result.gate.at_most is not None
    limits, one = max(numbers, key=lambda pair: pair[0].upper if up else -pair[0].lower)
    return evolve(result, value=one.value, lower=limits.lower, upper=limits.upper)


def is_about(gate: Gate, one: Finding) -> bool:
    """Tell whether a gate looks at a finding.

    A rater's name stands for each of the identities that it was used under. A gate that names no
    attack is about each by itself; of several together it speaks only if it says so.
    """
    group, where = dict(one.group), dict(gate.where)
    single = is_single(group.get("attack", ""))
    return (single or "attack" in where) and all(
        _same(n, group.get(n, ""), v) for n, v in gate.where
    )


def _same(name: str, held: str, asked: str) -> bool:
    if name == "attack" and asked == ANY:
        return is_any(held)
    return held == asked or (name == "rater" and held.startswith(f"{asked}@"))


def _barred(one: Finding, *, accept: bool, limited: bool) -> str:
    """Say why a number lets no gate pass, wherever its limits are; empty if it may."""
    codes = {c.code for c in one.caveats} if isinstance(one, Estimate) else set()
    if "judge-measured" in codes and not accept:
        return "as an uncorrected rater measures it (accept_judge_measured = true)"
    if DISAGREE in codes:
        return "people do not agree on what is counted"
    if UNRELIABLE in codes and "corrected" not in codes:
        return "its rater agrees too little with people"
    if BROKEN_CELL in codes:
        rater = dict(one.group).get("rater", "its rater")
        return (
            f"{rater} broke down on more than {percent(MANY_MISSING)} of what it had to mark there"
        )
    if LOW in codes:
        return "the target cannot do the task under this attack"
    return "the run was limited" if limited else ""


def _rank(state: GateState) -> int:
    return (GateState.PASS, GateState.INCONCLUSIVE, GateState.FAIL).index(state)


def _where(one: Finding, *, several: bool) -> str:
    """Say where a number stands, by whom too where *several* raters have one."""
    core = {"target", "intent", "attack", "level", "category", "rater"}
    names = {"target", "intent", "attack", "level", *(["rater"] if several else [])}
    return ", ".join(
        v if n in core else f"{n} {v}" for n, v in one.group if n in names or n not in core
    )


def _by_evidence(gate: Gate, one: Finding, *, complete: bool) -> tuple[GateState, str]:
    """Judge by one number and by what is missing from it, with the reason."""
    if isinstance(one, Abstention):
        return GateState.INCONCLUSIVE, one.why
    one = carried(one)
    shown = as_estimate(one, exact=True)
    if one.of_gates is not None:
        limits = as_interval(one.of_gates.lower, one.of_gates.upper, unit_of(None, one), exact=True)
        shown += f"; {limits} with alpha split over {one.of_gates.of} gates"
    state = _by_interval(gate, one)
    if state is GateState.INCONCLUSIVE:
        return state, shown
    other = one.both_ways
    if other and _by_interval(gate, other) is not state:
        levels = " or ".join(map(str, other.levels))
        told = f"{shown}, but with {levels} counted {as_both_ways(other, exact=True)}"
        return GateState.INCONCLUSIVE, told
    hidden = _hidden(gate, one, state)
    matters = one.missing.lower is None or share_missing(one.missing) > MANY_MISSING or not complete
    if hidden and matters:
        return GateState.INCONCLUSIVE, f"{shown}, but {hidden}"
    if state is GateState.PASS and not complete:
        return GateState.INCONCLUSIVE, f"{shown}, but the run is incomplete"
    return state, shown


def carried(one: Estimate) -> Estimate:
    """Put a number with its rater's errors taken out in place of the number, where there is one.

    Where the count with other levels was not corrected, the rater's own stays: a gate needs both.
    """
    made = one.corrected
    if made is None or made.value is None or made.lower is None or made.upper is None:
        return one
    missing = evolve(one.missing, lower=made.lowest, upper=made.highest)
    return evolve(
        one, value=made.value, lower=made.lower, upper=made.upper, of_gates=made.of_gates,
        missing=missing, both_ways=made.both_ways or one.both_ways,
    )  # fmt: skip


def _by_interval(gate: Gate, one: Estimate | BothWays) -> GateState:
    """Judge by the limits, at the level that is left when alpha is split over the gates."""
    limits = one.of_gates or one
    if gate.at_most is not None:
        inside, outside = limits.upper <= gate.bound, limits.lower > gate.bound
    else:
        inside, outside = limits.lower >= gate.bound, limits.upper < gate.bound
    if inside:
        return GateState.PASS
    return GateState.FAIL if outside else GateState.INCONCLUSIVE


def share_missing(missing: Missing) -> float:
    """Give the share of what should have a whole mark: none, or that of a cut reply, is none."""
    silent = missing.silent / missing.asked if missing.asked > 0 else 0.0
    return max((missing.lost + missing.at_least + missing.shown) / max(missing.planned, 1), silent)


def _hidden(gate: Gate, one: Estimate, state: GateState) -> str:
    """Say that the missing marks could turn *state* round; empty if they could not."""
    share = share_missing(one.missing)
    if not share:
        return ""
    # What would have to be true of the missing marks for the gate to be decided otherwise.
    upward = (gate.at_most is not None) is (state is GateState.PASS)
    extreme, too = _extreme(one, upward=upward)
    inside = extreme <= gate.bound if gate.at_most is not None else extreme >= gate.bound
    if inside is (state is GateState.PASS):
        return ""
    said = "anything"
    if math.isfinite(extreme):
        said = as_number(extreme, unit_of(None, one), exact=True)
    return f"with {too}the {percent(share)} missing or cut it could be {said}"


def _extreme(one: Estimate, *, upward: bool) -> tuple[float, str]:
    """Give the furthest that the missing marks could bring either count, and what it counts too."""
    unknown = math.inf if upward else -math.inf
    plain = one.missing.upper if upward else one.missing.lower
    extreme = unknown if plain is None else plain
    if one.both_ways is None:
        return extreme, ""
    wide = one.both_ways.highest if upward else one.both_ways.lowest
    other = unknown if wide is None else wide
    if other == extreme or (other > extreme) is not upward:
        return extreme, ""
    return other, f"{' or '.join(map(str, one.both_ways.levels))} counted and "
