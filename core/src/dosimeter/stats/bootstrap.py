"""The cluster bootstrap: for statistics that no formula gives the error of."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtr, ndtri

from dosimeter.stats.checks import Floats, Labels, array, codes, numbers
from dosimeter.stats.result import REAL, Limits, Result, rounded_away

FEW = 10
"""Clusters below which resampling them tells of nothing."""
UNSURE = 30
"""Clusters below which its intervals are known to be somewhat short."""
BLOCK = 1 << 16
"""Numbers drawn at once: what stays in the cache."""
MOST_EXACT = 7
"""Clusters up to which all resamples can be gone through (7^7 are 823,543)."""
LOST = 0.05
"""The share of resamples without a value above which there is no interval."""

OfTotals = Callable[[Floats], Floats]
"""A statistic of totals: the last axis holds the columns and is taken away."""


@frozen(kw_only=True)
class Bootstrap(Result):
    """A statistic with the distribution that resampling its clusters gave it.

    Attributes:
        se: Standard deviation of the resamples.
        draws: The statistic of each resample that has one, ascending.
        lost: Resamples in which it is undefined.
        bias: Median bias z0, in standard normal units; 0 for percentile limits.
        acceleration: Of the cluster jackknife; 0 for percentile limits.
        caution: Why the interval may be short; empty if nothing speaks for that.
    """

    se: float
    draws: Floats = field(repr=False, eq=False)
    lost: int = 0
    bias: float = 0.0
    acceleration: float = 0.0

    @property
    def caution(self) -> str:
        """Say that clusters are few."""
        return f"{self.clusters} clusters, under {UNSURE}" if self.clusters < UNSURE else ""

    def limits(self, level: float) -> Limits:
        """Give the limits: quantiles of the draws, shifted for bias and acceleration."""
        z = ndtri(np.array([(1 - level) / 2, (1 + level) / 2])) + self.bias
        at = ndtr(self.bias + z / (1 - self.acceleration * z))
        lower, upper = np.quantile(self.draws, at)
        if rounded_away(float(upper - lower), _size(self.draws, self.bounds), self.clusters):
            return self.estimate, self.estimate
        return float(lower), float(upper)


def _size(draws: Floats, bounds: Limits) -> float:
    """How large the values are of which rounding takes a part."""
    return max(float(np.abs(draws).max()), *(abs(b) for b in bounds if math.isfinite(b)), 0.0)


def cluster_totals(columns: ArrayLike, cluster: Labels | None) -> Floats:
    """Add columns up within clusters: all that a statistic of totals needs of the rows.

    Args:
        columns: Shape (n,) or (n, k).
        cluster: Labels of the rows; None takes rows as clusters.

    Returns:
        Shape (G, k).

    Raises:
        ValueError: For NaN or unlike lengths.

    References:
        Our own: a statistic of sums needs no rows.

    Examples:
        Family a has one event in two rows, family b one in one:

        >>> cluster_totals([[1, 1], [0, 1], [1, 1]], ["a", "a", "b"])
        array([[1., 2.],
               [1., 1.]])
    """
    rows = array(columns, "columns")
    rows = rows[:, None] if rows.ndim == 1 else rows
    numbers(rows.ravel(), "columns")
    code, g = codes(cluster, len(rows))
    return np.stack([np.bincount(code, weights=c, minlength=g) for c in rows.T], axis=1)


def ratio(totals: Floats) -> Floats:
    """Give the first total over the second; NaN for 0 over 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(totals[..., 0] / totals[..., 1])


def cluster_bootstrap(
    totals: ArrayLike,
    statistic: OfTotals = ratio,
    *,
    resamples: int = 4000,
    seed: int = 0,
    bca: bool = True,
    bounds: Limits = REAL,
) -> Bootstrap:
    """Resample clusters with replacement and compute *statistic* of their totals anew.

    Args:
        totals: Shape (G, k): sums over the rows of each cluster (`cluster_totals`).
        statistic: Of the totals over all clusters, vectorised: shape (..., k) to (...). The default
            is the first column over the second: a mean, with values and counts as columns.
        resamples: At least 1,000.
        seed: Of the random numbers; one seed gives one result.
        bca: Bias-corrected and accelerated limits; else percentiles.
        bounds: What the statistic can be.

    Returns:
        The statistic of all clusters with its interval. It has none for fewer than 10 clusters,
        where nothing varies, or where more than 5 % of resamples have no value. Its unit is that of
        the statistic (`Bootstrap`).

    Raises:
        ValueError: For no table of numbers, or fewer than 1,000 resamples.

    References:
        B. Efron (1987), JASA 82:171; A. C. Davison, D. V. Hinkley (1997), Bootstrap Methods, 3.8.

    Examples:
        Sixty families of five replies:

        >>> rng = np.random.default_rng(1)
        >>> y = rng.random(300) < np.repeat(rng.beta(1, 4, 60), 5)
        >>> rows = np.stack([y, np.ones(300)], axis=1)
        >>> print(cluster_bootstrap(cluster_totals(rows, np.repeat(range(60), 5))))
        0.2067 [0.15, 0.2733] (n=60, cluster-bca 95%)
    """
    table = _checked(totals, resamples)
    g, method = len(table), "cluster-bca" if bca else "cluster-percentile"
    estimate = float(statistic(table.sum(axis=0))) if g else math.nan
    nothing = Bootstrap(estimate=estimate, method=method, n=g, clusters=g, bounds=bounds, se=math.nan,
                        draws=np.array([]), no_interval="few-clusters",
                        undefined="no-observations" if not g else
                        "undefined-statistic" if math.isnan(estimate) else "")  # fmt: skip
    if nothing.undefined or g < FEW:
        return nothing
    found = np.concatenate(list(_resampled(table, statistic, resamples, seed)))
    draws = np.sort(found[np.isfinite(found)])
    lost = resamples - len(draws)
    no = "undefined-resamples" if lost > LOST * resamples else ""
    no = no or (
        "no-variation" if rounded_away(float(np.ptp(draws)), _size(draws, bounds), g) else ""
    )
    bias, acceleration = _bca(table, statistic, draws, estimate) if bca and not no else (0.0, 0.0)
    return Bootstrap(
        estimate=estimate, method=method, n=g, clusters=g, bounds=bounds, draws=draws, lost=lost,
        se=float(draws.std(ddof=1)) if len(draws) > 1 else math.nan, bias=bias,
        acceleration=acceleration, no_interval=no,
    )  # fmt: skip


def _table(totals: ArrayLike) -> Floats:
    table = array(totals, "totals")
    if table.ndim != 2 or not np.isfinite(table).all() or (len(table) and not table.shape[1]):
        msg = f"totals must be a table of numbers, one row a cluster, got shape {table.shape}"
        raise ValueError(msg)
    return table


def _checked(totals: ArrayLike, resamples: int) -> Floats:
    table = _table(totals)
    if resamples < 1000:
        msg = f"limits need at least 1,000 resamples, got {resamples}"
        raise ValueError(msg)
    return table


def _resampled(table: Floats, statistic: OfTotals, resamples: int, seed: int) -> Iterator[Floats]:
    """Give the statistic of each resample, some at a time."""
    rng = np.random.default_rng(seed)
    g = len(table)
    kind = np.uint16 if g <= 1 << 16 else np.uint32
    columns = [np.ascontiguousarray(c) for c in table.T]
    step = max(1, BLOCK // g)
    for start in range(0, resamples, step):
        drawn = rng.integers(0, g, size=(min(step, resamples - start), g), dtype=kind)
        yield np.atleast_1d(statistic(np.stack([c[drawn].sum(axis=1) for c in columns], axis=-1)))


def _bca(table: Floats, statistic: OfTotals, draws: Floats, estimate: float) -> tuple[float, float]:
    """Median bias and acceleration."""
    below = (draws < estimate).mean() + (draws == estimate).mean() / 2
    edge = 0.5 / len(draws)
    bias = float(ndtri(min(max(below, edge), 1 - edge)))
    kept = statistic(table.sum(axis=0) - table)
    kept = kept[np.isfinite(kept)]
    apart = kept.mean() - kept
    squares = float((apart**2).sum())
    return bias, float((apart**3).sum()) / (6 * squares**1.5) if squares else 0.0


@frozen(kw_only=True)
class ExactBootstrap(Result):
    """The distribution of all resamples of a few clusters, for checking.

    Attributes:
        mean: Of the resamples.
        se: Their standard deviation.
        values: The statistic of each composition, ascending.
        chances: Probability of each.
    """

    mean: float
    se: float
    values: Floats = field(repr=False, eq=False)
    chances: Floats = field(repr=False, eq=False)

    def limits(self, level: float) -> Limits:
        """Give the smallest values that (1 -/+ level) / 2 of the probability do not exceed."""
        reached = np.cumsum(self.chances)
        at = [np.searchsorted(reached, q - 1e-12) for q in ((1 - level) / 2, (1 + level) / 2)]
        lower, upper = self.values[np.minimum(at, len(self.values) - 1)]
        return float(lower), float(upper)


def cluster_bootstrap_exact(totals: ArrayLike, statistic: OfTotals = ratio) -> ExactBootstrap:
    """Go through all resamples of up to 7 clusters; what the bootstrap converges to.

    Args:
        totals: Shape (G, k), G at most 7.
        statistic: As `cluster_bootstrap` takes it.

    Returns:
        Mean, standard deviation and percentile limits of all G^G resamples. In units of the
        statistic (`ExactBootstrap`).

    Raises:
        ValueError: For no table of numbers, more than 7 clusters or none.

    References:
        P. Hall (1992), The Bootstrap and Edgeworth Expansion, appendix I.

    Examples:
        Seven of twelve replies of three families: drawn anew, the share is off by .18 as a rule:

        >>> found = cluster_bootstrap_exact([[1, 4], [2, 4], [4, 4]])
        >>> round(found.mean, 3), round(found.se, 3)
        (0.583, 0.18)
    """
    table = _table(totals)
    g = len(table)
    if not 0 < g <= MOST_EXACT:
        msg = f"all resamples of {g} clusters cannot be gone through: 1 to {MOST_EXACT}"
        raise ValueError(msg)
    times = np.array(list(_compositions(g, g)), dtype=float)
    chances = np.exp(gammaln(g + 1) - gammaln(times + 1).sum(axis=1) - g * math.log(g))
    values = np.atleast_1d(statistic(times @ table))
    there = np.isfinite(values)
    order = np.argsort(values[there], kind="stable")
    values, chances = values[there][order], chances[there][order] / chances[there].sum()
    mean = float(values @ chances)
    return ExactBootstrap(
        estimate=float(statistic(table.sum(axis=0))), method="all-resamples", n=g, clusters=g,
        mean=mean, se=math.sqrt(float((values - mean) ** 2 @ chances)), values=values,
        chances=chances,
    )  # fmt: skip


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Give every way to write *total* as a sum of *parts* numbers of at least 0."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)
