"""Means and shares of clustered observations: the family is the unit, not the attempt."""

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Labels, codes, numbers, weighted, within
from dosimeter.stats.design import ClusterCorrelation, Inflation, cluster_icc, design_effect
from dosimeter.stats.influence import cr0, cr1, kish
from dosimeter.stats.result import (
    UNIT,
    Limits,
    Result,
    Share,
    Wald,
    clopper_pearson_limits,
    t_quantile,
)

__all__ = [
    "ClusterCorrelation",
    "ClusterMean",
    "ClusterShare",
    "Inflation",
    "TwoWayMean",
    "cluster_icc",
    "cluster_mean",
    "design_effect",
    "korn_graubard",
    "two_way_cluster_mean",
    "wilson_clustered",
]

FLAT = 1e-12
"""A standard error below this part of the values is none: what rounding leaves of equal ones."""


@frozen(kw_only=True)
class ClusterMean(Wald):
    """A weighted mean with cluster-robust standard errors; its interval is t with G - 1 on `se`.

    Attributes:
        se: CR1, with the factor G/(G-1); NaN for one cluster.
        se_iid: As if observations were independent; NaN for one.
        se_cr0: Liang-Zeger; the "clustered standard error" of Miller (2024).
        deff: Design effect, se^2 / se_iid^2; NaN if se_iid is 0.
        effective_n: n / deff; NaN if undefined.
    """

    se_iid: float
    se_cr0: float
    deff: float
    effective_n: float


def cluster_mean(
    y: ArrayLike, cluster: Labels | None, weights: ArrayLike | None = None
) -> ClusterMean:
    """Weighted mean with linearised (sandwich) standard errors by cluster.

    Args:
        y: Observations, one a row.
        cluster: Labels of the same length, of any one kind; None takes rows as independent.
        weights: At least 0; None weighs rows alike. The scale of weights does not matter.

    Returns:
        The mean; undefined for no rows, or none of any weight; without an interval for one cluster,
        or where nothing varies. Near the ends of a scale its interval is too short: rates take
        `korn_graubard`, marks `dosimeter.stats.severity.guarded_mean`. It is in units of *y*
        (`ClusterMean`).

    Raises:
        ValueError: For differing lengths, NaN, or negative weights.

    References:
        K.-Y. Liang, S. L. Zeger (1986), Biometrika 73:13; E. Miller (2024), arXiv:2411.00640.

    Examples:
        Three repeats of four families are six observations, not twelve:

        >>> found = cluster_mean([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])
        >>> print(found, f"effective n {found.effective_n:.1f}")
        0.5 [-0.1848, 1.185] (n=12, clusters=4, cr1-t 95%) effective n 5.9
    """
    values = numbers(y)
    n = len(values)
    code, g = codes(cluster, n)
    w = weighted(weights, n)
    total, method = float(w.sum()), "cr1-t"
    if n == 0 or total == 0:
        nan = math.nan
        return ClusterMean(estimate=nan, method=method, n=n, clusters=0, undefined="no-observations",
                           se=nan, se_iid=nan, se_cr0=nan, deff=nan, effective_n=nan)  # fmt: skip
    mean = float(w @ values / total)
    influence = w * (values - mean) / total
    noise = FLAT * float(np.abs(values).max())
    noise *= noise
    of_clusters = _without(noise, cr0(influence, code))
    variance = _without(noise, cr1(influence, code, g))
    iid = _without(noise, float(influence @ influence) * n / (n - 1)) if n > 1 else math.nan
    deff = variance / iid if iid > 0 else math.nan
    return ClusterMean(
        estimate=mean, method=method, n=n, clusters=g, se=math.sqrt(variance), df=g - 1,
        no_interval=_no_interval(g, variance),
        se_iid=math.sqrt(iid), se_cr0=math.sqrt(of_clusters), deff=deff,
        effective_n=n / deff if deff > 0 else math.nan,
    )  # fmt: skip


def _without(noise: float, variance: float) -> float:
    """Take for 0 what rounding leaves of values, or of clusters, that are all alike."""
    return 0.0 if variance <= noise < math.inf else variance


def _no_interval(clusters: int, variance: float) -> str:
    """Say why a variance gives no interval; empty if it does."""
    if clusters < 2:
        return "one-cluster"
    if not math.isfinite(variance):
        return "not-finite"
    return "" if variance > 0 else "no-variation"


@frozen(kw_only=True)
class ClusterShare(Result):
    """A share of clustered observations with Korn and Graubard's interval.

    Attributes:
        se: CR1 standard error; NaN for one cluster.
        most: Kish's size of the weighted sample, above which no effective size can be.
    """

    se: float
    most: float
    bounds: Limits = field(default=UNIT, repr=False)

    @property
    def effective_n(self) -> float:
        """The sample size that the interval at 95 % takes; NaN where there is none."""
        return self.trials(0.95)

    def trials(self, level: float) -> float:
        """Give the sample size n* that the interval at *level* takes; NaN where there is none."""
        p = self.estimate
        if self.undefined:
            return math.nan
        if p in {0.0, 1.0}:
            return float(self.clusters)
        if self.clusters < 2:
            return math.nan
        if self.se == 0:
            return self.most
        ratio = t_quantile(level, self.n - 1) / t_quantile(level, self.clusters - 1)
        return min(self.most, p * (1 - p) / self.se**2 * ratio**2)

    def limits(self, level: float) -> Limits:
        """Give Clopper and Pearson's limits of the effective sample."""
        star = self.trials(level)
        return clopper_pearson_limits(self.estimate * star, star, level)


def equal_trials(found: ClusterMean) -> float:
    """Give the independent trials whose share has the same standard error, p(1-p)/V.

    Of shares 0 and 1, where V says nothing, the number of clusters; the rows where all clusters are
    alike.
    """
    p = found.estimate
    if p in {0.0, 1.0}:
        return float(found.clusters)
    return p * (1 - p) / found.se**2 if found.se else float(found.n)


def korn_graubard(
    y: ArrayLike, cluster: Labels | None, weights: ArrayLike | None = None
) -> ClusterShare:
    """Share of clustered observations with Korn and Graubard's interval: the default for rates.

    Clopper-Pearson on an effective sample size n* = min(m, p(1-p)/V (t_{n-1}/t_{G-1})^2), V being
    the CR1 variance and m = (sum w)^2 / sum w^2 Kish's size of the weighted sample, which is n where
    all weigh alike: V is small by chance when the few events are in rows of little weight, and more
    than m rows of evidence there never are. At shares 0 and 1, where V says nothing, n* is the number
    of clusters.

    Args:
        y: 0 or 1, one a row; a mean of votes may lie between.
        cluster: See `cluster_mean`.
        weights: See `cluster_mean`.

    Returns:
        The share, 0 to 1; undefined for no observations, without an interval for a single cluster
        with both outcomes.

    Raises:
        ValueError: As `cluster_mean`, and for values outside [0, 1].

    References:
        E. L. Korn, B. I. Graubard (1998), Survey Methodology 24:193; L. Kish (1965), Survey Sampling.

    Examples:
        Twenty rows of four families are not twenty observations:

        >>> y = [0] * 5 + [1] * 5 + [0] * 5 + [1] * 5
        >>> print(korn_graubard(y, [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5))
        0.5 [0.00194, 0.9981] (n=20, clusters=4, korn-graubard 95%)
    """
    found = cluster_mean(within(y, 0, 1), cluster, weights)
    p = math.nan if found.undefined else min(1.0, max(0.0, found.estimate))  # by rounding only
    most = float(found.n) if weights is None else kish(np.asarray(weights, dtype=float))
    return ClusterShare(
        estimate=p, method="korn-graubard", n=found.n, clusters=found.clusters,
        undefined=found.undefined, se=found.se, most=most,
        no_interval="one-cluster" if found.clusters == 1 and p not in {0.0, 1.0} else "",
    )  # fmt: skip


def wilson_clustered(y: ArrayLike, cluster: Labels | None) -> Share:
    """Share of clustered observations with Wilson's interval on the effective size: the secondary choice.

    Args:
        y: 0 or 1, one a row; a mean of votes may lie between.
        cluster: See `cluster_mean`.

    Returns:
        The share, with p(1-p)/V_CR1 for its trials and t_{G-1} for the normal quantile; undefined
        for no observations, without an interval for a single cluster. The share is 0 to 1.

    Raises:
        ValueError: As `cluster_mean`, and for values outside [0, 1].

    References:
        N. Dean, M. Pagano (2015), J. Surv. Stat. Methodol. 3:484.

    Examples:
        Twenty rows that are alike within four families tell what four rows would, which is little:

        >>> print(wilson_clustered([0] * 5 + [1] * 5 + [0] * 5 + [1] * 5, [i // 5 for i in range(20)]))
        0.5 [0.06083, 0.9392] (n=20, clusters=4, wilson-clustered 95%)
    """
    found = cluster_mean(within(y, 0, 1), cluster)
    p, g, star = found.estimate, found.clusters, equal_trials(found)
    return Share(estimate=p, method="wilson-clustered", n=found.n, clusters=g, undefined=found.undefined,
                 no_interval="one-cluster" if g == 1 else "", x=p * star, trials=star, df=g - 1)  # fmt: skip


@frozen(kw_only=True)
class TwoWayMean(Wald):
    """A mean of items crossed with attacks, both of them samples.

    Attributes:
        v_item: Variance by items.
        v_attack: By attacks.
        v_cell: By their cells; V = v_item + v_attack - v_cell, or the greater of the first two where
            that is not above 0.
    """

    v_item: float
    v_attack: float
    v_cell: float


def two_way_cluster_mean(y: ArrayLike, item: Labels, attack: Labels) -> TwoWayMean:
    """Mean of items crossed with attacks, for claims about new items *and* new attacks.

    Only where there are at least 10 attacks and they are a sample of those that one claims something
    about; attacks that are named are fixed, and reported one by one.

    Args:
        y: Observations, one a row.
        item: Label of the item of each.
        attack: Label of its attack.

    Returns:
        The mean, with t on the smaller number of clusters less 1; without an interval for fewer than
        2 items or attacks, or where nothing varies. The variances are CR0.

    Raises:
        ValueError: As `cluster_mean`.

    References:
        A. C. Cameron, J. B. Gelbach, D. L. Miller (2011), J. Bus. Econ. Stat. 29:238.

    Examples:
        A rate of 42 % with an error of 13 points, for new items and new attacks:

        >>> y = [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1]
        >>> found = two_way_cluster_mean(y, [i // 3 for i in range(12)], [i % 3 for i in range(12)])
        >>> f"{found.estimate:.3f} +/- {found.se:.3f}"
        '0.417 +/- 0.132'
    """
    values = numbers(y)
    n = len(values)
    rows, items = codes(item, n)
    columns, attacks = codes(attack, n)
    cells = rows * max(attacks, 1) + columns
    v_item, v_attack, v_cell = (
        cluster_mean(values, by).se_cr0 ** 2 for by in (rows, columns, cells)
    )
    both = v_item + v_attack - v_cell
    variance = both if both > FLAT * v_cell else max(v_item, v_attack)
    fewest = min(items, attacks)
    return TwoWayMean(
        estimate=float(values.mean()) if n else math.nan, method="two-way-cr0-t", n=n, clusters=fewest,
        undefined="" if n else "no-observations", no_interval=_no_interval(fewest, variance),
        se=math.sqrt(variance), df=max(fewest - 1, 1), v_item=v_item, v_attack=v_attack, v_cell=v_cell,
    )  # fmt: skip
