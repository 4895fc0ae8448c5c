"""Limits that hold for several numbers at once."""

from dosimeter.model.answering import Simultaneous
from dosimeter.stats.result import Result


def of_several(got: Result, level: float, several: int) -> Simultaneous | None:
    """Give limits that hold for *several* numbers at once; None if there is but one."""
    if several < 2:
        return None
    wide = got.interval(1 - (1 - level) / several)
    return Simultaneous(lower=wide.lower, upper=wide.upper, of=several)
