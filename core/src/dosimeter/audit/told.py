"""How numbers and names are written in sentences of an audit."""

from dosimeter.audit.agree import Number
from dosimeter.audit.estimates import Cell
from dosimeter.audit.outcomes import Scale
from dosimeter.inert import safe

LONGEST = 60
"""Characters of a name that are shown."""
SMALL = 0.001
"""Probabilities below this are told as being below it."""


REASONS = {
    "no-observations": "nothing was rated by both",
    "no-overlap": "no row was rated by two",
    "one-rater": "one rater alone rated",
    "no-variation": "all labels are the same",
    "one-level": "there is one label alone",
    "one-unit": "one row alone was rated by two",
    "one-unit-varies": "raters differ on one row alone",
    "no-variation-between-units": "all rows are rated alike",
    "perfect-agreement": "raters agree on every row",
    "few-clusters": "fewer than 10 clusters",
    "one-cluster": "all rows are of one cluster",
    "no-width": "it would have no width",
}
"""Why there is no number, or no interval, in words."""


def reason(code: str) -> str:
    """Say why there is no number, or no interval."""
    return REASONS.get(code, code.replace("-", " "))


def named(name: str) -> str:
    """Give a name as it may stand in a sentence."""
    told = safe(name)
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"


def of(*names: str) -> str:
    """Give names of system and group together."""
    return " ".join(named(n) for n in names if n)


def amount(value: float, scale: Scale | None) -> str:
    """Write a share in per cent, a mean as it is."""
    return f"{100 * value + 0.0:.1f} %" if scale is None else f"{value + 0.0:.2f}"


def span(low: float | None, high: float | None, scale: Scale | None) -> str:
    """Write an interval."""
    if low is None or high is None:
        return "no interval"
    if scale is None:
        return f"{100 * low + 0.0:.1f} to {100 * high + 0.0:.1f} %"
    return f"{low + 0.0:.2f} to {high + 0.0:.2f}"


def points(value: float, scale: Scale | None) -> str:
    """Write a difference: of shares in points."""
    return f"{100 * value + 0.0:+.1f} points" if scale is None else f"{value + 0.0:+.2f}"


def apart(low: float | None, high: float | None, scale: Scale | None) -> str:
    """Write the interval of a difference."""
    if low is None or high is None:
        return "no interval"
    unit = 100 if scale is None else 1
    form = "+.1f" if scale is None else "+.2f"
    return f"{unit * low + 0.0:{form}} to {unit * high + 0.0:{form}}"


def counted(cell: Cell) -> str:
    """Tell what a number was counted of."""
    if cell.events is None:
        return f"of {cell.scored} marks"
    return f"{cell.events} of {cell.scored}"


def probability(p: float | None) -> str:
    """Write a probability."""
    if p is None:
        return "-"
    return f"< {SMALL:g}" if p < SMALL else f"{p:.3f}"


def coefficient(number: Number | None) -> str:
    """Write a coefficient with its interval."""
    if number is None or number.value is None:
        return "-" if number is None else f"undefined: {reason(number.why)}"
    if number.lower is None or number.upper is None:
        return f"{number.value:.3f} (no interval: {reason(number.why)})"
    return f"{number.value:.3f} [{number.lower:.3f}, {number.upper:.3f}]"
