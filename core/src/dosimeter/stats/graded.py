"""Means of graded marks, sound near the floor of the scale."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.interval import Interval, t_quantile, undefined
from dosimeter.stats.rate import wilson_limits


def _limits(
    mean: float, effective: float, df: float, low: float, high: float, level: float
) -> tuple[float, float]:
    m = (mean - low) / (high - low)
    lower, upper = wilson_limits(m, effective, t_quantile(level, df))
    return low + lower * (high - low), low + upper * (high - low)


def bounded_mean(
    scores: ArrayLike, low: float = 1, high: float = 5, level: float = 0.95
) -> Interval:
    """Score interval of the mean of independent marks on a bounded scale.

    The mark is mapped to [0, 1] and Wilson's interval taken with the effective size
    m(1-m)/(s^2/n) and t for z. Where all marks are equal, the effective size is n.

    Args:
        scores: Marks from *low* to *high*.
        low: Lowest mark of the scale.
        high: Highest mark of the scale.
        level: Confidence level.

    Returns:
        The interval, undefined for fewer than two marks.

    Raises:
        ValueError: For marks outside the scale, or NaN.

    References:
        Own construction from Korn-Graubard and Dean-Pagano; its evidence is simulated coverage.
    """
    y = np.asarray(scores, dtype=float)
    return bounded_mean_clustered(y, np.arange(len(y)), low=low, high=high, level=level)


def bounded_mean_clustered(
    scores: ArrayLike,
    cluster: Sequence[object] | ArrayLike,
    weights: ArrayLike | None = None,
    *,
    low: float = 1,
    high: float = 5,
    level: float = 0.95,
) -> Interval:
    """Score interval of the mean of clustered marks: the default for graded scales.

    The variance is CR1's, but not below that of independent rows.

    Args:
        scores: Marks from *low* to *high*, one a row.
        cluster: Labels.
        weights: See `dosimeter.stats.cluster_mean`.
        low: Lowest mark of the scale.
        high: Highest mark of the scale.
        level: Confidence level.

    Returns:
        The interval, undefined for no marks or a single cluster.

    Raises:
        ValueError: For marks outside the scale, NaN, or what `dosimeter.stats.cluster_mean` refuses.

    Examples:
        Ten families of fives tell of no certainty:

        >>> print(bounded_mean_clustered([5] * 20, [i // 2 for i in range(20)]))
        5 [3.646, 5] (n=20, clusters=10, bounded-mean 95%)
    """
    method = "bounded-mean"
    y = np.asarray(scores, dtype=float)
    if len(y) and (y.min() < low or y.max() > high):
        msg = f"scores must lie from {low} to {high}, got {y.min()} to {y.max()}"
        raise ValueError(msg)
    found = cluster_mean(y, cluster, weights)
    n, g = found.n, found.clusters
    if g < 2:
        why = "one-cluster" if g else "no-observations"
        return undefined(why, n=n, clusters=g, level=level, method=method, value=found.mean,
                         bounds=(low, high))  # fmt: skip
    m = (found.mean - low) / (high - low)
    variance = max(found.se_cr1**2, found.se_iid**2) / (high - low) ** 2
    effective = float(g) if variance == 0 or not 0 < m < 1 else m * (1 - m) / variance
    lower, upper = _limits(found.mean, effective, g - 1, low, high, level)
    return Interval(value=found.mean, lower=lower, upper=upper, level=level, method=method, n=n,
                    clusters=g, effective_n=effective)  # fmt: skip
