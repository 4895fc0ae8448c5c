"""The limit that a gate looks at, if every mark were as good as can be, and how many families it takes."""

import math
from collections.abc import Callable

import numpy as np
from attrs import frozen

from dosimeter.model.answering import FEW_FAMILIES, Gate, level_of_gates
from dosimeter.model.contrasts import is_difference
from dosimeter.model.measures import Measure
from dosimeter.model.questions import counts, ends, is_share
from dosimeter.model.rating import Scale
from dosimeter.model.stackfile import Stack, StopRule
from dosimeter.stats.checks import Floats
from dosimeter.stats.confidence_sequences import betting
from dosimeter.stats.paired_means import unseen_limits
from dosimeter.stats.paired_scores import signed_mean
from dosimeter.stats.rate import clopper_pearson
from dosimeter.stats.result import Result
from dosimeter.stats.severity import guarded_mean

MOST = 100_000
"""Families beyond which nobody is told how many would do."""


def needed(gate: Gate, best: Callable[[int], float]) -> int:
    """Fewest families with which *gate* could pass; 0 if not even `MOST` would do.

    Args:
        gate: The gate.
        best: The limit that it looks at, by families, if all of them are as good as can be.
    """

    def inside(families: int) -> bool:
        limit = best(families)
        return limit >= gate.bound if gate.at_least is not None else limit <= gate.bound

    low, high = FEW_FAMILIES - 1, FEW_FAMILIES
    while not inside(high):
        if high == MOST:
            return 0
        low, high = high, min(2 * high, MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if inside(middle) else (middle, high)
    return high


@frozen(kw_only=True)
class Deciding:
    """How a stack's gates are decided.

    Attributes:
        level: Of the interval of each: alpha is split over them.
        looks: Whether the run looks at them on its way, so that limits must hold at every look.
    """

    level: float
    looks: bool

    @classmethod
    def of(cls, stack: Stack) -> "Deciding":
        """Give how those of *stack* are."""
        return cls(
            level=level_of_gates(stack.run.confidence, len(stack.gates)),
            looks=stack.run.stop is StopRule.WHEN_DECIDED,
        )


def best_limit(
    gate: Gate, asked: Measure, scale: Scale | None, how: Deciding
) -> Callable[[int], float] | None:
    """Give the limit that *gate* looks at, by families, if all marks were as good as can be.

    Of a gate with a baseline the least difference that is shown to be none, if every pair is alike; of
    a run that looks at its gates on the way by limits that hold at every look.

    None where that is not known: a mean on a scale that nobody declares.
    """
    upper, level = gate.at_least is None, how.level
    low, high = (0.0, 1.0) if scale is None else ends(asked, scale)
    if gate.baseline:
        return lambda n: unseen_limits(0.0, n, high - low, 2 * level - 1)[1]
    if how.looks and math.isfinite(low) and math.isfinite(high):
        return lambda n: _at_every_look(n, (low, high), level, upper=upper)
    if is_share(asked):
        return lambda n: best_share(n, level, upper=upper)
    if scale is None and not counts(asked):
        return None
    if not (math.isfinite(low) and math.isfinite(high)):
        # Equal marks give no interval there, and marks that hardly differ one as narrow as you like.
        return lambda _: -math.inf if upper else math.inf

    def of_mean(families: int) -> float:
        marks = np.full(families, low if upper else high)
        found = _mean(asked, marks, (low, high)).interval(level)
        return found.upper if upper else found.lower

    return of_mean


def _mean(asked: Measure, marks: Floats, ends: tuple[float, float]) -> Result:
    """Average by the method of *asked*."""
    low, high = ends
    if is_difference(asked):
        return signed_mean(marks, span=high)
    return guarded_mean(marks, low=low, high=high)


def _at_every_look(families: int, ends: tuple[float, float], level: float, *, upper: bool) -> float:
    """Give the limit of a confidence sequence of *families* that are all at the best end."""
    found = betting(np.full(families, ends[0] if upper else ends[1]), scale=ends).interval(level)
    return found.upper if upper else found.lower


def best_share(families: int, level: float, *, upper: bool) -> float:
    """Give the limit of a share that is 0, or 1, in all *families*.

    Clustered data count as their number of clusters there (`dosimeter.stats.cluster.korn_graubard`).
    """
    limit = clopper_pearson(0, families).interval(level).upper
    return limit if upper else 1 - limit
