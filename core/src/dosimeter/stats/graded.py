"""Means of graded marks, sound near the floor of the scale."""

import math
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import ArrayLike

from dosimeter.stats.cluster import ClusterMean, Floats, cluster_mean
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
    """Score interval of the mean of clustered marks.

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
    y = _on_scale(scores, low, high)
    return _bounded(cluster_mean(y, cluster, weights), low, high, level)


def _on_scale(scores: ArrayLike, low: float, high: float) -> Floats:
    y = np.asarray(scores, dtype=float)
    if len(y) and (y.min() < low or y.max() > high):
        msg = f"scores must lie from {low} to {high}, got {y.min()} to {y.max()}"
        raise ValueError(msg)
    return y


def _bounded(found: ClusterMean, low: float, high: float, level: float) -> Interval:
    """The interval of a mean that is computed."""
    n, g, method = found.n, found.clusters, "bounded-mean"
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


def guarded_mean(
    scores: ArrayLike,
    cluster: Sequence[object] | ArrayLike,
    weights: ArrayLike | None = None,
    *,
    low: float = 1,
    high: float = 5,
    level: float = 0.95,
) -> Interval:
    """Interval of the mean of clustered marks: the default for graded scales.

    That of `bounded_mean_clustered`, and no shorter than the share of marks at an end of the scale
    leaves open: with p of them at the top, and q Wilson's upper limit of p among the G clusters
    (t_{G-1} for z), the upper limit is at least q high + (1 - q) r, r being the mean of the others;
    so too at the bottom. Without this guard a mark of 2 among ones takes an upper limit of 1.88 down
    to 1.38, as if a worse reply proved that no very bad one is to be feared.

    Args:
        scores: Marks from *low* to *high*, one a row.
        cluster: Labels.
        weights: See `dosimeter.stats.cluster_mean`.
        low: Lowest mark of the scale.
        high: Highest mark of the scale.
        level: Confidence level.

    Returns:
        The interval, undefined for no marks or a single cluster. Its ``effective_n`` is n over the
        design effect, which is taken to be at least 1.

    Raises:
        ValueError: For marks outside the scale, NaN, or what `dosimeter.stats.cluster_mean` refuses.

    References:
        Own construction; its evidence is simulated coverage (``core/tests/stats``).

    Examples:
        Sixteen families, one of them with a 2. Nobody has seen a 5, which is no proof of there
        being none:

        >>> print(guarded_mean([1] * 15 + [2], range(16)))
        1.062 [1.01, 1.933] (n=16, clusters=16, guarded-mean 95%)
    """
    y = _on_scale(scores, low, high)
    mean = cluster_mean(y, cluster, weights)
    found = _bounded(mean, low, high, level)
    if found.reason:
        return attrs.evolve(found, method="guarded-mean")
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=float)
    t = t_quantile(level, found.clusters - 1)

    def reach(end: float) -> float:
        """Give the mean with as many marks at *end* as their share leaves open."""
        there = y == end
        rest = w[~there].sum()
        if not rest:
            return end
        share = float(w[there].sum() / w.sum())
        _, q = wilson_limits(share, found.clusters, t)
        return q * end + (1 - q) * float((w * y)[~there].sum() / rest)

    return attrs.evolve(
        found, lower=min(found.lower, reach(low)), upper=max(found.upper, reach(high)),
        method="guarded-mean",
        effective_n=math.nan if math.isnan(mean.deff) else found.n / max(1.0, mean.deff),
    )  # fmt: skip
