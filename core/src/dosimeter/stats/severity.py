"""Graded marks: their mean, sound near the floor of the scale, their distribution, and their order."""

import math

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Labels, counts, numbers, weighted, within
from dosimeter.stats.cluster import ClusterMean, cluster_mean
from dosimeter.stats.placements import placements
from dosimeter.stats.rate import wilson
from dosimeter.stats.result import (
    UNIT,
    Limits,
    Result,
    Share,
    Wald,
    beyond_rounding,
    check_level,
    t_quantile,
    wilson_limits,
)

EVEN = 0.5
"""The probability of superiority of two groups that are alike."""


@frozen(kw_only=True)
class BoundedMean(Result):
    """A mean of marks on a bounded scale, with a score interval.

    Attributes:
        se: CR1 standard error of the mean; NaN for one cluster.
        deff: Design effect; NaN if nothing varies.
        trials: Sample size with which Wilson's interval is taken.
        df: Degrees of freedom of its t.
        ends: For a guarded mean, of each end of the scale that not all marks are at: the share of
            weight there, and the mean of the rest.
    """

    se: float
    deff: float
    trials: float
    df: float
    ends: tuple[tuple[float, float, float], ...] = field(default=(), repr=False)

    @property
    def effective_n(self) -> float:
        """*n* over the design effect, which is taken to be at least 1; NaN if undefined."""
        return math.nan if math.isnan(self.deff) else self.n / max(1.0, self.deff)

    def limits(self, level: float) -> Limits:
        """Give Wilson's limits on the scale, and for a guarded mean what its ends leave open."""
        low, high = self.bounds
        t = t_quantile(level, self.df)
        found = wilson_limits((self.estimate - low) / (high - low), self.trials, t)
        reached = [low + limit * (high - low) for limit in found]
        for end, share, rest in self.ends:
            _, q = wilson_limits(share, self.clusters, t)
            reached.append(q * end + (1 - q) * rest)
        return min(reached), max(reached)


def bounded_mean(
    scores: ArrayLike,
    cluster: Labels | None = None,
    weights: ArrayLike | None = None,
    *,
    low: float = 1,
    high: float = 5,
) -> BoundedMean:
    """Mean of marks on a bounded scale with a score interval.

    The mark is mapped to m in [0, 1] and Wilson's interval taken with the effective size m(1-m)/V
    and t_{G-1} for z. V is CR1's variance, but not below that of independent rows; where all marks
    are equal the effective size is the number of clusters.

    Args:
        scores: Marks from *low* to *high*, one a row.
        cluster: Labels; None takes rows as independent.
        weights: See `dosimeter.stats.cluster.cluster_mean`.
        low: Lowest mark of the scale.
        high: Highest.

    Returns:
        The mean, on the scale; undefined for no marks, without an interval for a single cluster.

    Raises:
        ValueError: For marks outside the scale, NaN, or what `cluster_mean` refuses.

    References:
        Own construction from Korn-Graubard (1998) and Dean-Pagano (2015); its evidence is simulated
        coverage.

    Examples:
        Ten families of fives tell of no certainty:

        >>> print(bounded_mean([5] * 20, [i // 2 for i in range(20)]))
        5 [3.646, 5] (n=20, clusters=10, bounded-mean 95%)
    """
    _, mean = _mean(scores, cluster, weights, low, high)
    return _bounded(mean, "bounded-mean", low, high)


def guarded_mean(
    scores: ArrayLike,
    cluster: Labels | None = None,
    weights: ArrayLike | None = None,
    *,
    low: float = 1,
    high: float = 5,
) -> BoundedMean:
    """Mean of marks on a bounded scale with a guarded score interval: the default for graded scales.

    That of `bounded_mean`, and no shorter than the share of marks at an end of the scale leaves open:
    with p of them at the top, and q Wilson's upper limit of p among the G clusters (t_{G-1} for z),
    the upper limit is at least q high + (1 - q) r, r being the mean of the others; so too at the
    bottom. Without this guard a mark of 2 among ones takes an upper limit of 1.88 down to 1.38, as if
    a worse reply proved that no very bad one is to be feared.

    Args:
        scores: Marks from *low* to *high*, one a row.
        cluster: Labels; None takes rows as independent.
        weights: See `dosimeter.stats.cluster.cluster_mean`.
        low: Lowest mark of the scale.
        high: Highest.

    Returns:
        The mean, on the scale; undefined for no marks, without an interval for a single cluster.

    Raises:
        ValueError: For marks outside the scale, NaN, or what `cluster_mean` refuses.

    References:
        Own construction; its evidence is simulated coverage.

    Examples:
        Sixteen families, one of them with a 2. Nobody has seen a 5, which is no proof of there being
        none:

        >>> print(guarded_mean([1] * 15 + [2]))
        1.062 [1.01, 1.933] (n=16, guarded-mean 95%)
    """
    y, mean = _mean(scores, cluster, weights, low, high)
    found = _bounded(mean, "guarded-mean", low, high)
    if found.undefined or found.no_interval:
        return found
    w = weighted(weights, len(y))
    total = float(w.sum())
    ends = []
    for end in (float(low), float(high)):
        there = y == end
        rest = float(w[~there].sum())
        if rest:
            ends.append((end, float(w[there].sum()) / total, float((w * y)[~there].sum()) / rest))
    return attrs.evolve(found, ends=tuple(ends))


def _mean(
    scores: ArrayLike, cluster: Labels | None, weights: ArrayLike | None, low: float, high: float
) -> tuple[Floats, ClusterMean]:
    if not low < high:
        msg = f"a scale goes from a low to a high mark, got {low} to {high}"
        raise ValueError(msg)
    y = within(scores, low, high, "scores")
    return y, cluster_mean(y, cluster, weights)


def _bounded(mean: ClusterMean, method: str, low: float, high: float) -> BoundedMean:
    """The mean with its effective sample size."""
    m = (mean.estimate - low) / (high - low)
    trials = float(mean.clusters)
    if 0 < m < 1 and mean.clusters > 1:
        variance = max(mean.se**2, mean.se_iid**2) / (high - low) ** 2
        trials = m * (1 - m) / variance if variance else trials
    return BoundedMean(
        estimate=mean.estimate, method=method, n=mean.n, clusters=mean.clusters,
        undefined=mean.undefined, no_interval="one-cluster" if mean.clusters == 1 else "",
        bounds=(low, high), se=mean.se, deff=mean.deff, trials=trials, df=mean.clusters - 1,
    )  # fmt: skip


@frozen(kw_only=True)
class GradedSummary:
    """The distribution of independent marks, with its mean and both its ends.

    Attributes:
        counts: Marks of each level, the lowest first.
        mean: With Student's t: too short an interval near the ends, where `guarded_mean` is the one
            to quote.
        severe: Share of marks at or above the severe level.
        floor: Share of marks at the lowest level: a benchmark that cannot go lower.
        ceiling: Share at the highest.
    """

    counts: tuple[int, ...]
    mean: Wald
    severe: Share
    floor: Share
    ceiling: Share

    def __str__(self) -> str:
        return f"mean {self.mean}; severe {self.severe}"


def graded_summary(level_counts: ArrayLike, severe_from: int = 4) -> GradedSummary:
    """Summarise marks 1 to k by their counts.

    Args:
        level_counts: Marks of level 1, 2, ... k.
        severe_from: Lowest level that is called severe.

    Returns:
        Mean, severe share, floor and ceiling; undefined without marks. The mean is on the scale, 1
        to k, and shares are 0 to 1 (`GradedSummary`).

    Raises:
        ValueError: For what are no counts, or a severe level outside the scale.

    References:
        A. Agresti (2010), Analysis of Ordinal Categorical Data, 2.

    Examples:
        A mean below 2 hides that one reply in nine is severe:

        >>> print(graded_summary([62, 18, 9, 7, 4]))
        mean 1.73 [1.505, 1.955] (n=100, t 95%); severe 0.11 [0.06254, 0.1863] (n=100, wilson 95%)
    """
    c = numbers(level_counts, "counts")
    counts(**{f"counts[{i}]": v for i, v in enumerate(c)})
    k, n = len(c), int(c.sum())
    if k < 2 or not 1 <= severe_from <= k:
        msg = f"a scale has at least 2 levels and severe ones among them, got {k} and {severe_from}"
        raise ValueError(msg)
    marks = np.arange(1, k + 1)
    mean = float(c @ marks / n) if n else math.nan
    variance = float(c @ (marks - mean) ** 2 / (n - 1)) if n > 1 else math.nan
    t = Wald(
        estimate=mean, method="t", n=n, clusters=n, undefined="" if n else "no-observations",
        no_interval="one-observation" if n == 1 else "" if variance > 0 else "no-variation",
        se=math.sqrt(variance / n) if n else math.nan, df=max(n - 1, 1), bounds=(1, k),
    )  # fmt: skip
    return GradedSummary(
        counts=tuple(int(v) for v in c), mean=t, severe=wilson(float(c[severe_from - 1 :].sum()), n),
        floor=wilson(float(c[0]), n), ceiling=wilson(float(c[-1]), n),
    )  # fmt: skip


def multinomial_limits(level_counts: ArrayLike, level: float = 0.95) -> list[Limits]:
    """Limits of the shares of all levels at once, after Goodman: Wilson's at 1 - (1 - level) / k.

    Args:
        level_counts: Observations of each level.
        level: Confidence level of all limits together.

    Returns:
        A lower and an upper limit of each share, 0 to 1; (0, 1) without observations.

    Raises:
        ValueError: For what are no counts, or a level outside (0, 1).

    References:
        L. A. Goodman (1965), Technometrics 7:247.

    Examples:
        The three levels are all within these limits, at 95 % for all at once:

        >>> [(round(a, 2), round(b, 2)) for a, b in multinomial_limits([62, 18, 20])]
        [(0.5, 0.73), (0.11, 0.29), (0.12, 0.31)]
    """
    check_level(level)
    c = numbers(level_counts, "counts")
    counts(**{f"counts[{i}]": v for i, v in enumerate(c)})
    n, k = float(c.sum()), max(len(c), 1)
    return [
        (i.lower, i.upper) for x in c.tolist() for i in [wilson(x, n).interval(1 - (1 - level) / k)]
    ]


@frozen(kw_only=True)
class Superiority(Wald):
    """P(second > first) + P(equal) / 2 with Brunner and Munzel's test of its being 1/2."""

    bounds: Limits = field(default=UNIT, repr=False)

    @property
    def cliffs_delta(self) -> float:
        """2 p - 1, from -1 to 1."""
        return 2 * self.estimate - 1

    @property
    def statistic(self) -> float:
        """Of Brunner and Munzel's test; NaN without variation."""
        return self._apart(EVEN) if self.se > 0 else math.nan

    def p_value(self, null: float = EVEN) -> float:
        """Probability, two-sided, of an estimate at least as far from *null*; NaN without variation."""
        return super().p_value(null)

    def p_above(self, null: float = EVEN) -> float:
        """Probability, one-sided, of an estimate at least as high; NaN without variation."""
        return super().p_above(null)


def ordinal_superiority(first: ArrayLike, second: ArrayLike) -> Superiority:
    """Probability that a mark of *second* is above one of *first*, ties counting half.

    It does not take the steps of the scale to be equal, as a difference of means does.

    Args:
        first: Marks of the one group.
        second: Of the other, independent of it.

    Returns:
        p, 0 to 1, .5 for no difference, with Brunner and Munzel's t interval; undefined where a group
        has no marks, without an interval for a single mark or where the groups do not overlap.

    Raises:
        ValueError: For NaN.

    References:
        E. Brunner, U. Munzel (2000), Biometrical J. 42:17; N. Cliff (1993), Psychol. Bull. 114:494.

    Examples:
        Marks of the second are the higher ones four times in five; twelve marks do not rule out
        chance:

        >>> print(ordinal_superiority([1, 1, 2, 1, 3, 1], [2, 1, 4, 3, 5, 2]))
        0.7917 [0.4929, 1] (n=12, brunner-munzel 95%)
    """
    a, b = numbers(first, "first"), numbers(second, "second")
    n, m = len(a), len(b)
    p = se = df = math.nan
    no = "one-observation"
    if n and m:
        above = placements(b, a)
        p = float(above.mean())
        if n > 1 and m > 1:
            of_b, of_a = float(above.var(ddof=1)) / m, float(placements(a, b).var(ddof=1)) / n
            whole = of_a + of_b
            se = beyond_rounding(math.sqrt(whole), 1, n + m)
            no = "" if se > 0 else "no-overlap"
            df = whole**2 / (of_a**2 / (n - 1) + of_b**2 / (m - 1)) if se > 0 else math.nan
    return Superiority(
        estimate=p, method="brunner-munzel", n=n + m, clusters=n + m, se=se, df=df, no_interval=no,
        undefined="" if n and m else "no-observations",
    )  # fmt: skip
