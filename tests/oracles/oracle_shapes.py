"""Shapes of the oracle file that several subjects take."""

import math


def ci(result, conf=0.95):
    """Give the limits as a list: all that is possible where nothing is known."""
    return list(result.interval(conf))


def textbook_ci(result, conf=0.95, upper=math.inf):
    """Give the limits as the formula has them, past the bounds too; NaN where there is no interval."""
    if result.interval(conf).undefined:
        return [math.nan, math.nan]
    low, high = result.limits(conf)
    return [low, min(high, upper)]


def conf(i):
    """Give the confidence level that a case asks for."""
    return i.get("conf", 0.95)


def cells(i):
    """Give a table of pairs."""
    return i["both_pos"], i["only_first"], i["only_second"], i["both_neg"]


def test_of(i):
    """Give level and power as named arguments."""
    return {"alpha": i.get("alpha", 0.05), "power": i.get("power", 0.8)}
