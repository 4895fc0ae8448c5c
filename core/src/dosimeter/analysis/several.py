"""Limits that hold for several numbers at once."""

from collections.abc import Callable

from attrs import frozen

from dosimeter.model.answering import Simultaneous, level_of_gates
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


def of_several(got: Result, level: float, several: int | Split) -> Simultaneous | None:
    """Give limits that hold for *several* numbers at once; None if there is but one."""

    def limits(at: float) -> Limits:
        found = got.interval(at)
        return found.lower, found.upper

    return simultaneous(limits, level, several)


def simultaneous(
    limits: Callable[[float], Limits], level: float, several: int | Split
) -> Simultaneous | None:
    """Give the same of what gives its *limits* at a level."""
    split = as_split(several)
    if split.gates < 2 and not split.numbers:
        return None
    gates = max(split.gates, 1)

    def of(numbers: int, fails: tuple[Simultaneous, ...] = ()) -> Simultaneous:
        lower, upper = limits(level_of_gates(level, gates * numbers))
        return Simultaneous(lower=lower, upper=upper, of=gates * numbers, fails=fails)

    return of(1, tuple(map(of, split.numbers)))
