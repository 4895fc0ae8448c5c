"""The part of a family's difference that repeats alone make: what fewer marks a cell would add to."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.factors import Attempts
from dosimeter.analysis.load import Flags, Floats, Ints
from dosimeter.analysis.tally import Ready
from dosimeter.stats.planning_pilot import CAREFUL
from dosimeter.stats.severity import bounded_mean


@frozen(kw_only=True)
class NoisyCell:
    """Of one cell of a difference, how much each family's mean varies by the marks that it is made of.

    Attributes:
        weight: Of the cell in the difference.
        variance: Of the mean of each family; NaN where it has a single mark.
        most: The largest that it can be.
    """

    weight: float
    variance: Floats = field(repr=False)
    most: float


def noisy(held: Ready, plan: Attempts, weight: float) -> NoisyCell:
    """Measure a cell: between marks of one text, and between texts where a family has several.

    Args:
        held: Its marks.
        plan: Its attempts in the design.
        weight: Of the cell.
    """
    made = held.marks()
    known = np.isin(held.attempts, plan.k)
    at = np.searchsorted(plan.k, held.attempts[known])
    y, family = made.y[known], held.units.family[known]
    n = len(held.group.asked)
    texts, text = np.unique(
        np.stack([family, plan.item[at], plan.arm[at]]), axis=1, return_inverse=True
    )
    text, of = np.ravel(text), texts[0].astype(np.int64)
    marks = np.bincount(text, minlength=len(of))
    means = np.bincount(text, weights=y, minlength=len(of)) / marks
    within, between = _of_mean(y, family, n), _of_mean(means, of, n)
    several = np.bincount(of, minlength=n) > 1
    low, high = made.ends
    return NoisyCell(
        weight=weight, variance=np.where(several, between, within), most=(high - low) ** 2 / 4
    )


def _of_mean(y: Floats, family: Ints, n: int) -> Floats:
    """Give the variance of each family's mean; NaN where it has fewer than two values."""
    size = np.bincount(family, minlength=n)
    mean = np.bincount(family, weights=y, minlength=n) / np.maximum(size, 1)
    squares = np.bincount(family, weights=(y - mean[family]) ** 2, minlength=n)
    out = np.full(n, math.nan)
    return np.asarray(np.divide(squares, size * np.maximum(size - 1, 1), out=out, where=size > 1))


def noise(cells: Sequence[NoisyCell], whole: Flags) -> float | None:
    """Give the deviation that they make together, at the limit that one is 80 % sure of.

    It is that of the mean over families, as of a bounded mean; on a scale without ends the mean itself.

    Returns:
        None where the families with two marks in every cell are fewer than two.
    """
    each = np.sum([c.weight**2 * c.variance[whole] for c in cells], axis=0)
    told = each[~np.isnan(each)]
    if len(told) < 2:
        return None
    most = math.fsum(c.weight**2 * c.most for c in cells)
    if not math.isfinite(most):
        return math.sqrt(float(told.mean()))
    limit = bounded_mean(np.minimum(told, most), low=0, high=most).interval(2 * CAREFUL - 1).upper
    return math.sqrt(limit)
