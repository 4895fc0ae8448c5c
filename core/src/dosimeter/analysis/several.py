"""Limits that hold for several numbers at once."""

from collections.abc import Callable

from attrs import frozen

from dosimeter.model.answering import OfGates, Simultaneous, level_of_gates
from dosimeter.stats.result import Limits, Result


@frozen(kw_only=True)
class Split:
    """What alpha is split over where a measure's gates are decided.

    A gate passes if all its numbers are inside, so that each is held against it alone; it fails by the
    worst of them, whose limit has to hold for all (intersection-union, and union-intersection).

    Attributes:
        gates: How many there are.
        numbers: How many numbers each gate on the measure may look at, where that is more than one.
    """

    gates: int = 0
    numbers: tuple[int, ...] = ()


def as_split(gates: int | Split) -> Split:
    """Give gates that look at one number each as what alpha is split over."""
    return gates if isinstance(gates, Split) else Split(gates=gates)


def _limits(got: Result) -> Callable[[float], Limits]:
    def limits(level: float) -> Limits:
        found = got.interval(level)
        return found.lower, found.upper

    return limits


def of_several(got: Result, level: float, several: int) -> Simultaneous | None:
    """Give limits that hold for *several* numbers at once; None if there is but one."""
    return simultaneous(_limits(got), level, several)


def of_gates(got: Result, level: float, split: Split) -> OfGates | None:
    """Give the limits that gates are decided by; None where these are the number's own."""
    return for_gates(_limits(got), level, split)


def simultaneous(
    limits: Callable[[float], Limits], level: float, several: int
) -> Simultaneous | None:
    """Give what `of_several` does, of what gives its *limits* at a level."""
    if several < 2:
        return None
    lower, upper = limits(level_of_gates(level, several))
    return Simultaneous(lower=lower, upper=upper, of=several)


def for_gates(limits: Callable[[float], Limits], level: float, split: Split) -> OfGates | None:
    """Give what `of_gates` does, likewise."""
    if split.gates < 2 and not split.numbers:
        return None
    gates = max(split.gates, 1)
    fails = (simultaneous(limits, level, gates * n) for n in split.numbers)
    lower, upper = limits(level_of_gates(level, gates))
    return OfGates(lower=lower, upper=upper, of=gates, fails=tuple(filter(None, fails)))
