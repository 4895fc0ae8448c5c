"""What one number, and what is missing from it, says of a gate."""

import math

from attrs import evolve

from dosimeter.model.answering import (
    MANY_MISSING,
    BothWays,
    Estimate,
    Gate,
    GateState,
    Simultaneous,
)
from dosimeter.numbers import as_both_ways, as_gated, as_interval, as_number, percent, unit_of_gate


def by_evidence(
    gate: Gate, one: Estimate, numbers: int, *, complete: bool
) -> tuple[GateState, str]:
    """Judge by one number and by what is missing from it, with the reason."""
    state = _by_interval(gate, one, numbers)
    shown = as_gated(one) + _strict(gate, one, numbers, state)
    if state is GateState.INCONCLUSIVE:
        return state, shown
    other = one.both_ways
    if other and _by_interval(gate, other, numbers) is not state:
        levels = " or ".join(map(str, other.levels))
        told = f"{shown}, but with {levels} counted {as_both_ways(other, exact=True)}"
        return GateState.INCONCLUSIVE, told
    hidden = _hidden(gate, one, state)
    matters = one.missing.lower is None or one.missing.share > MANY_MISSING or not complete
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


def _strict(gate: Gate, one: Estimate, numbers: int, state: GateState) -> str:
    """Give the limits that decide, where they are not those of the number."""
    said, unit = "", unit_of_gate(None, one)
    if one.of_gates is not None and one.of_gates.of > 1:
        limits = as_interval(one.of_gates.lower, one.of_gates.upper, unit, exact=True)
        said = f"; {limits} with alpha split over {one.of_gates.of} gates"
    _, failing = limits_of(gate, one, numbers)
    if numbers > 1 and state is not GateState.PASS and math.isfinite(failing):
        side = "lower" if gate.at_most is not None else "upper"
        said += f"; {side} limit {as_number(failing, unit, exact=True)} for the worst of {numbers}"
    return said


def _by_interval(gate: Gate, one: Estimate | BothWays, numbers: int) -> GateState:
    """Judge by the limits, at the levels that are left when alpha is split."""
    passing, failing = limits_of(gate, one, numbers)
    up = gate.at_most is not None
    if passing <= gate.bound if up else passing >= gate.bound:
        return GateState.PASS
    outside = failing > gate.bound if up else failing < gate.bound
    return GateState.FAIL if outside else GateState.INCONCLUSIVE


def limits_of(gate: Gate, one: Estimate | BothWays, numbers: int) -> tuple[float, float]:
    """Give the limit that passes a gate, and the one that fails it as the worst of *numbers*.

    Infinite where no limit is known that holds for so many.
    """
    each: Estimate | BothWays | Simultaneous | None = one.of_gates or one
    every = each
    if numbers > 1:
        gates = one.of_gates.of if one.of_gates else 1
        fails = one.of_gates.fails if one.of_gates else ()
        every = next((s for s in fails if s.of >= gates * numbers), None)
    assert each is not None
    if gate.at_most is not None:
        return each.upper, every.lower if every else -math.inf
    return each.lower, every.upper if every else math.inf


def _hidden(gate: Gate, one: Estimate, state: GateState) -> str:
    """Say that the missing marks could turn *state* round; empty if they could not."""
    share = one.missing.share
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
        said = as_number(extreme, unit_of_gate(None, one), exact=True)
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
