"""Shapes of the oracle file that several subjects take."""

import math


def ci(result, conf=0.95):
    """Give the limits as a list: all that is possible where nothing is known."""
    return list(result.interval(conf))


def nan_ci(result, conf=0.95):
    """Give the limits of an interval that is refused where it would say nothing: NaN there."""
    found = result.interval(conf)
    return [math.nan, math.nan] if found.undefined else list(found)


def ci_or_none(result, conf=0.95):
    """Give the limits, or None where there is no interval."""
    found = result.interval(conf)
    return None if found.undefined else list(found)


def conf(i):
    """Give the confidence level that a case asks for."""
    return i.get("conf", 0.95)


def cells(i):
    """Give a table of pairs."""
    return i["both_pos"], i["only_first"], i["only_second"], i["both_neg"]


def test_of(i):
    """Give level and power as named arguments."""
    return {"alpha": i.get("alpha", 0.05), "power": i.get("power", 0.8)}
