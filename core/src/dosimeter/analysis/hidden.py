"""Numbers that what is missing could turn into others, which are not quoted (STATS 0)."""

import math

from attrs import evolve

from dosimeter.model.answering import HIDDEN, MANY_MISSING, Caveat, Estimate, Finding
from dosimeter.model.measures import Measure
from dosimeter.numbers import as_interval, percent, unit_of


def with_hidden(one: Finding, measure: Measure) -> Finding:
    """Say beside a number that much has no mark, and that it could put the number outside its interval.

    Cut replies have a mark, and do not count here; nor does what is missing from a number that has its
    rater's errors taken out with all that it leaves out.
    """
    if not isinstance(one, Estimate) or one.missing.gone <= MANY_MISSING:
        return one
    least, most = one.missing.lower, one.missing.upper
    if least is not None and most is not None and one.lower <= least and most <= one.upper:
        return one
    unit = unit_of(measure, one)
    could = "anything"
    if least is not None and most is not None and math.isfinite(most - least):
        could = as_interval(least, most, unit)
    gone = f"{percent(one.missing.gone)} has no mark, with which it could be {could}"
    text = f"{gone}: outside its interval, so it is not quoted"
    return evolve(one, caveats=(*one.caveats, Caveat(code=HIDDEN, text=text)))
