"""The limit that a gate looks at, if every mark were as good as can be, and how many families it takes."""

import math
from collections.abc import Callable

import numpy as np

from dosimeter.model.answering import FEW_FAMILIES, Gate
from dosimeter.model.comparisons import is_difference
from dosimeter.model.measures import Measure
from dosimeter.model.questions import counts, ends, is_share
from dosimeter.model.rating import Scale
from dosimeter.stats.rate import clopper_pearson
from dosimeter.stats.severity import bounded_mean, guarded_mean

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
        return limit <= gate.bound if gate.max is not None else limit >= gate.bound

    low, high = FEW_FAMILIES - 1, FEW_FAMILIES
    while not inside(high):
        if high == MOST:
            return 0
        low, high = high, min(2 * high, MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if inside(middle) else (middle, high)
    return high


def best_limit(
    gate: Gate, asked: Measure, scale: Scale | None, level: float
) -> Callable[[int], float] | None:
    """Give the limit that *gate* looks at, by families, if all marks were as good as can be.

    None where that is not known: a mean on a scale that nobody declares.
    """
    upper = gate.max is not None
    if is_share(asked):
        return lambda n: best_share(n, level, upper=upper)
    if scale is None and not counts(asked):
        return None
    low, high = ends(asked, scale)
    if not (math.isfinite(low) and math.isfinite(high)):
        # Equal marks give no interval there, and marks that hardly differ one as narrow as you like.
        return lambda _: -math.inf if upper else math.inf

    mean = bounded_mean if is_difference(asked) else guarded_mean

    def of_mean(families: int) -> float:
        marks = np.full(families, low if upper else high)
        found = mean(marks, low=low, high=high).interval(level)
        return found.upper if upper else found.lower

    return of_mean


def best_share(families: int, level: float, *, upper: bool) -> float:
    """Give the limit of a share that is 0, or 1, in all *families*.

    Clustered data count as their number of clusters there (`dosimeter.stats.cluster.korn_graubard`).
    """
    limit = clopper_pearson(0, families).interval(level).upper
    return limit if upper else 1 - limit
