"""How numbers are written: in one way in tables, pages, quotations and messages."""

from enum import Enum

from dosimeter.model.answering import SOME_FAMILIES, BothWays, Estimate, Gate
from dosimeter.model.facts import PEOPLE, Reliability
from dosimeter.model.measures import Measure
from dosimeter.plural import plural


class Unit(Enum):
    """What a number counts in."""

    SHARE = "share"
    MEAN = "mean"
    FREE = "free"
    """A mean on a scale without ends: of any size."""
    POINTS = "points"
    """A difference of shares."""


SIGNS = {Unit.SHARE: " %", Unit.POINTS: " points"}
"""What follows a number, where something does."""
OF_SHARES = "korn-graubard"
"""The method that gives intervals of shares."""
LOOKED_AT = "betting-share"
"""The method that does in a run which looks at its gates on the way."""
DIFFERENCES = frozenset({"paired-score-t-share", "paired-score-unseen-share"})
"""Those that do of differences of shares."""
SHARES = frozenset({OF_SHARES, LOOKED_AT, *DIFFERENCES})
"""Those of differences of shares too."""
FREE = frozenset({"cr1-t", "paired-cr1-t-unbounded"})
"""Those of means on scales without ends, and of their differences."""


def unit_of(measure: Measure | None, one: Estimate | None = None) -> Unit:
    """Give the unit of a measure's numbers; of *one* by its method where the measure is not known."""
    by_method = one is None or one.method in SHARES
    if by_method if measure is None else measure.estimator != "mean":
        return Unit.SHARE
    return Unit.FREE if one is not None and one.method in FREE else Unit.MEAN


def unit_of_gate(measure: Measure | None, one: Estimate | None = None) -> Unit:
    """Give the unit that a gate is put in: of a difference of shares points, not per cent of a share."""
    unit = unit_of(measure, one)
    if unit is not Unit.SHARE:
        return unit
    if measure is None:
        return Unit.POINTS if one is not None and one.method in DIFFERENCES else unit
    differs = measure.contrast is not None or measure.estimator == "flips"
    return Unit.POINTS if differs else unit


MOST_DECIMALS = 6
"""Decimals to which limits that round alike are told apart."""


def as_digits(value: float, unit: Unit, *, exact: bool = False, more: int = 0) -> str:
    """Write a number without its unit: a share in per cent.

    Args:
        value: The number.
        unit: What it counts in.
        exact: To as many decimals as it is compared with a threshold by.
        more: Decimals beyond these.
    """
    if unit is Unit.FREE:
        return f"{value:.{4 + more}g}"
    of_share = unit in {Unit.SHARE, Unit.POINTS}
    shown, decimals = (100 * value, 2 if exact else 0) if of_share else (value, 2)
    decimals += more
    return f"{round(shown, decimals) + 0.0:.{decimals}f}"  # no minus before a zero


def as_limits(low: float, high: float, unit: Unit, *, exact: bool = False) -> tuple[str, str]:
    """Write limits without their unit: to further decimals where they would look like one number.

    >>> as_limits(0.0, 0.0037, Unit.SHARE), as_limits(0.29, 0.81, Unit.SHARE)
    (('0.0', '0.4'), ('29', '81'))
    """
    for more in range(MOST_DECIMALS):
        lower, upper = (as_digits(x, unit, exact=exact, more=more) for x in (low, high))
        if lower != upper or low == high:
            break
    return lower, upper


def as_number(value: float, unit: Unit, *, exact: bool = False) -> str:
    """Write a number with its unit.

    >>> as_number(0.562, Unit.SHARE), as_number(1.5, Unit.MEAN), as_number(-0.2, Unit.POINTS)
    ('56 %', '1.50', '-20 points')
    """
    return as_digits(value, unit, exact=exact) + SIGNS.get(unit, "")


def as_interval(low: float, high: float, unit: Unit, *, exact: bool = False) -> str:
    """Write an interval with its unit.

    >>> as_interval(0.29, 0.81, Unit.SHARE)
    '29 to 81 %'
    """
    lower, upper = as_limits(low, high, unit, exact=exact)
    return f"{lower} to {upper}{SIGNS.get(unit, '')}"


def as_points(
    difference: float, low: float, high: float, *, share: bool, exact: bool = False
) -> str:
    """Write a difference with its interval: of shares in points.

    Args:
        difference: The number.
        low: Its lower limit.
        high: Its upper limit.
        share: Whether it is a difference of shares.
        exact: To as many decimals as it is compared with a threshold by.

    >>> as_points(0.031, -0.01, 0.07, share=True), as_points(-0.5, -0.9, -0.1, share=False)
    ('+3.1 points [-1.0, +7.0]', '-0.50 [-0.90, -0.10]')
    """
    scale, decimals, unit = (100, 2 if exact else 1, " points") if share else (1, 2, "")
    for more in range(MOST_DECIMALS):
        ends = [f"{scale * x + 0.0:+.{decimals + more}f}" for x in (low, high)]
        if ends[0] != ends[1] or low == high:
            break
    return f"{scale * difference + 0.0:+.{decimals}f}{unit} [{ends[0]}, {ends[1]}]"


def as_width(size: float, *, share: bool) -> str:
    """Write the size of a difference as it was given: of shares in points.

    >>> as_width(0.01, share=True), as_width(0.125, share=True), as_width(0.5, share=False)
    ('1 point', '12.5 points', '0.5')
    """
    if not share:
        return as_amount(size)
    points = as_amount(100 * size)
    return f"{points} {'point' if points == '1' else 'points'}"


def as_estimate(one: Estimate, *, exact: bool = False) -> str:
    """Write a number with its interval, in the unit that its method tells."""
    return _bracketed(one, unit_of(None, one), exact=exact)


def as_gated(one: Estimate) -> str:
    """Write a number with its interval as a gate is held against it."""
    if unit_of_gate(None, one) is Unit.POINTS:
        return as_points(one.value, one.lower, one.upper, share=True, exact=True)
    return as_estimate(one, exact=True)


def as_both_ways(one: BothWays, *, exact: bool = False) -> str:
    """Write a rate with its other levels counted, as `as_estimate` writes one."""
    return _bracketed(one, Unit.SHARE, exact=exact)


def _bracketed(one: Estimate | BothWays, unit: Unit, *, exact: bool) -> str:
    low, high = as_limits(one.lower, one.upper, unit, exact=exact)
    return f"{as_number(one.value, unit, exact=exact)} [{low}, {high}]"


def reliability_in_words(one: Reliability) -> str:
    """Say how well raters agree: alpha with its interval, on how many replies, and what that allows."""
    what = f"{one.scale} of {one.intent} requests in {one.category}"
    names = " and ".join(one.raters)
    if one.kind == PEOPLE:
        said = f"reliability of people on {what}: "
    else:
        said = f"{one.raters[0]} against {one.raters[1]} on {what}: "
    if one.verdict == "not-estimable":
        whose = f" of {names}" if names and one.kind == PEOPLE else ""
        return f"{said}not estimable{whose}: {one.why}; would need {one.would_need}"
    number = f"alpha {one.alpha:.2f} ({one.lower:.2f} to {one.upper:.2f})"
    by = f" of {names}" if one.kind == PEOPLE else ""
    end = {"full": "enough for all claims", "tentative": "tentative: enough for tentative claims"}
    on = plural(one.units, "reply")
    if one.families < SOME_FAMILIES:
        on += f" of {plural(one.families, 'family')}, few for its interval"
    return f"{said}{number}{by} on {on}, {end.get(one.verdict, one.why)}"


def as_threshold(gate: Gate, unit: Unit) -> str:
    """Write what a gate demands, as it was given.

    >>> as_threshold(Gate(measure="m", at_most=0.2), Unit.SHARE)
    'at most 20 %'
    >>> as_threshold(Gate(measure="m", at_most=0.2), Unit.POINTS)
    'at most 20 points'
    """
    share = unit in {Unit.SHARE, Unit.POINTS}
    if gate.baseline:
        margin = as_width(gate.bound, share=share)
        return f"{'no worse than' if gate.no_worse else 'as'} {gate.baseline} within {margin}"
    side = "at least" if gate.at_most is None else "at most"
    if unit is Unit.POINTS:
        return f"{side} {as_width(gate.bound, share=True)}"
    return f"{side} {as_amount(100 * gate.bound if share else gate.bound)}{SIGNS.get(unit, '')}"


def percent(share: float) -> str:
    """Write a share of attempts or families.

    >>> percent(0.204)
    '20 %'
    """
    return as_number(share, Unit.SHARE)


def as_amount(value: float) -> str:
    """Write an amount as it was given: neither rounded nor with an exponent.

    >>> as_amount(1500000), as_amount(0.25), as_amount(100 * 0.07)
    ('1,500,000', '0.25', '7')
    """
    return f"{value:,.12g}"
