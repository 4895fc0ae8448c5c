"""Means and shares of clustered observations: the family is the unit, not the attempt."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.interval import Interval, t_quantile, undefined
from dosimeter.stats.rate import clopper_pearson_limits, wilson_limits

Floats = NDArray[np.float64]


@frozen(kw_only=True)
class ClusterMean:
    """A weighted mean with cluster-robust standard errors.

    Attributes:
        mean: NaN for no rows, or none of any weight.
        se_iid: As if observations were independent; NaN for one.
        se_cr0: Liang-Zeger; the "clustered standard error" of Miller (2024).
        se_cr1: With the factor G/(G-1); NaN for one cluster.
        deff: Design effect, se_cr1^2 / se_iid^2; NaN if se_iid is 0.
        effective_n: n / deff; NaN if undefined.
        n: Rows.
        clusters: Labels among them; 0 where there is no mean.
    """

    mean: float
    se_iid: float
    se_cr0: float
    se_cr1: float
    deff: float
    effective_n: float
    n: int
    clusters: int


def _prepare(
    y: ArrayLike, cluster: Sequence[object] | ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64], Floats]:
    values = np.asarray(y, dtype=float)
    _, codes = np.unique(np.asarray(cluster), return_inverse=True)
    w = np.ones_like(values) if weights is None else np.asarray(weights, dtype=float)
    if not values.shape == codes.shape == w.shape:
        shapes = f"{values.shape}, {codes.shape}, {w.shape}"
        msg = f"values, clusters and weights differ in length: {shapes}"
        raise ValueError(msg)
    if np.isnan(values).any() or (w < 0).any() or np.isnan(w).any():
        msg = "values must be numbers and weights at least 0; leave missing ones out and count them"
        raise ValueError(msg)
    return values, codes.astype(np.int64), w


def cluster_mean(
    y: ArrayLike, cluster: Sequence[object] | ArrayLike, weights: ArrayLike | None = None
) -> ClusterMean:
    """Weighted mean with linearised (sandwich) standard errors by cluster.

    Args:
        y: Observations, one a row.
        cluster: Labels of the same length, of any one kind.
        weights: At least 0; None weighs rows alike. The scale of weights does not matter.

    Raises:
        ValueError: For differing lengths, NaN, or negative weights.

    References:
        K.-Y. Liang, S. L. Zeger (1986), Biometrika 73:13; E. Miller (2024), arXiv:2411.00640.
    """
    values, codes, w = _prepare(y, cluster, weights)
    n, total = len(values), float(w.sum())
    if n == 0 or total == 0:
        nan = math.nan
        return ClusterMean(mean=nan, se_iid=nan, se_cr0=nan, se_cr1=nan, deff=nan, effective_n=nan,
                           n=n, clusters=0)  # fmt: skip
    mean = float((w * values).sum() / total)
    influence = w * (values - mean) / total
    sums = np.bincount(codes, weights=influence)
    g = int(codes.max()) + 1
    cr0 = float((sums**2).sum())
    cr1 = cr0 * g / (g - 1) if g > 1 else math.nan
    iid = float((influence**2).sum()) * n / (n - 1) if n > 1 else math.nan
    deff = cr1 / iid if iid > 0 else math.nan
    return ClusterMean(
        mean=mean, se_iid=math.sqrt(iid), se_cr0=math.sqrt(cr0), se_cr1=math.sqrt(cr1), deff=deff,
        effective_n=n / deff if deff > 0 else math.nan, n=n, clusters=g,
    )  # fmt: skip


def _effective(found: ClusterMean) -> float:
    """Korn and Graubard's effective n before the correction for degrees of freedom."""
    return found.mean * (1 - found.mean) / found.se_cr1**2


def korn_graubard(
    y: ArrayLike,
    cluster: Sequence[object] | ArrayLike,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Interval:
    """Korn and Graubard's interval of a clustered share: the default for rates.

    Clopper-Pearson on an effective sample size n* = min(m, p(1-p)/V (t_{n-1}/t_{G-1})^2), V being
    the CR1 variance and m = (sum w)^2 / sum w^2 Kish's size of the weighted sample, which is n where
    all weigh alike: V is small by chance when the few events are in rows of little weight, and more
    than m rows of evidence there never are. At shares 0 and 1, where V says nothing, n* is the number
    of clusters.

    Args:
        y: 0 or 1, one a row.
        cluster: Labels.
        weights: See `cluster_mean`.
        level: Confidence level.

    Returns:
        The interval, undefined for no observations or a single cluster with both outcomes.

    References:
        E. L. Korn, B. I. Graubard (1998), Survey Methodology 24:193; L. Kish (1965), Survey Sampling.

    Examples:
        Twenty rows of four families are not twenty observations:

        >>> y = [0] * 5 + [1] * 5 + [0] * 5 + [1] * 5
        >>> print(korn_graubard(y, [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5))
        0.5 [0.00194, 0.9981] (n=20, clusters=4, korn-graubard 95%)
    """
    method = "korn-graubard"
    found = cluster_mean(y, cluster, weights)
    n, g, p = found.n, found.clusters, found.mean
    most = float(n) if weights is None else _kish(np.asarray(weights, dtype=float))
    if g == 0:
        return undefined("no-observations", n=n, clusters=0, level=level, method=method)
    if p in {0.0, 1.0}:
        star: float = g
    elif g == 1:
        return undefined("one-cluster", n=n, clusters=1, level=level, method=method, value=p)
    elif found.se_cr1 == 0:
        star = most
    else:
        ratio = t_quantile(level, n - 1) / t_quantile(level, g - 1)
        star = min(most, _effective(found) * ratio**2)
    lower, upper = clopper_pearson_limits(p * star, star, level)
    return Interval(value=p, lower=lower, upper=upper, level=level, method=method, n=n, clusters=g,
                    effective_n=star)  # fmt: skip


def _kish(weights: Floats) -> float:
    """Kish's effective size of a weighted sample: (sum w)^2 / sum w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def wilson_clustered(
    y: ArrayLike, cluster: Sequence[object] | ArrayLike, level: float = 0.95
) -> Interval:
    """Wilson's interval on the effective sample size, with t for z: the secondary choice.

    Args:
        y: 0 or 1, one a row.
        cluster: Labels.
        level: Confidence level.

    Returns:
        The interval, undefined for no observations or a single cluster.

    References:
        N. Dean, M. Pagano (2015), J. Surv. Stat. Methodol. 3:484.
    """
    method = "wilson-clustered"
    found = cluster_mean(y, cluster)
    n, g, p = found.n, found.clusters, found.mean
    if g < 2:
        why = "one-cluster" if g else "no-observations"
        return undefined(why, n=n, clusters=g, level=level, method=method, value=p)
    star = float(g) if p in {0.0, 1.0} else _effective(found) if found.se_cr1 else float(n)
    lower, upper = wilson_limits(p, star, t_quantile(level, g - 1))
    return Interval(value=p, lower=lower, upper=upper, level=level, method=method, n=n, clusters=g,
                    effective_n=star)  # fmt: skip


def cluster_icc(y: ArrayLike, cluster: Sequence[object] | ArrayLike) -> dict[str, float]:
    """ANOVA estimate of the intra-cluster correlation; may be negative.

    Args:
        y: Observations, one a row.
        cluster: Labels.

    Returns:
        ``msb``, ``msw``, ``n0``, ``icc`` and Kish's design effect ``deff_kish``; NaN where
        there is one cluster or no cluster with two rows.

    References:
        A. Donner (1986), Int. Stat. Rev. 54:67; L. Kish (1965), Survey Sampling.
    """
    values, codes, _ = _prepare(y, cluster, None)
    sizes = np.bincount(codes).astype(float)
    n, g = len(values), len(sizes)
    if g < 2 or n == g:
        return dict.fromkeys(("msb", "msw", "n0", "icc", "deff_kish"), math.nan)
    means = np.bincount(codes, weights=values) / sizes
    msb = float((sizes * (means - values.mean()) ** 2).sum() / (g - 1))
    msw = float(((values - means[codes]) ** 2).sum() / (n - g))
    n0 = float((n - (sizes**2).sum() / n) / (g - 1))
    whole = msb + (n0 - 1) * msw
    icc = (msb - msw) / whole if whole > 0 else math.nan
    deff = 1 + (float((sizes**2).sum() / sizes.sum()) - 1) * icc
    return {"msb": msb, "msw": msw, "n0": n0, "icc": icc, "deff_kish": deff}


def design_effect(n_srs: float, cluster_size: float, icc: float) -> dict[str, float]:
    """Inflate a sample size for clusters: deff = 1 + (m - 1) icc.

    Args:
        n_srs: Rows that a simple random sample would need.
        cluster_size: Rows a cluster, m.
        icc: Intra-cluster correlation.

    Returns:
        ``deff``, ``n_total`` rows and ``n_clusters``, the whole number of clusters needed.

    References:
        L. Kish (1965), Survey Sampling.
    """
    deff = 1 + (cluster_size - 1) * icc
    total = n_srs * deff
    return {"deff": deff, "n_total": total, "n_clusters": math.ceil(total / cluster_size - 1e-9)}
