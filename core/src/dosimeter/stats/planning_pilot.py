"""What a pilot says of a run to come, and how far it may be off: it is small, or it would be the run."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, chdtri

from dosimeter.stats.checks import Floats, Labels, binary, codes, numbers
from dosimeter.stats.design import ClusterCorrelation
from dosimeter.stats.rate import clopper_pearson
from dosimeter.stats.result import Limits, check_level, f_quantile
from dosimeter.stats.severity import bounded_mean

CAREFUL = 0.8
"""How sure one is that the run will vary no more than is planned for (Browne's 80 %)."""
FEW_EVENTS = 5
"""Families with the rarer outcome below which nobody knows how far rows of one agree."""
CORRELATIONS = np.concatenate([[1e-6], np.arange(0.01, 1, 0.01), [1 - 1e-6]])
SHARES = np.arange(0.005, 1, 0.01)


def icc_limits(found: ClusterCorrelation, level: float = 0.95) -> Limits:
    """Limits of an intra-cluster correlation by F.

    They take the cluster means for about normal: of yes-or-no outcomes, which are not where one of
    them is rare, take `share_icc_limits`.

    Args:
        found: Of `dosimeter.stats.cluster.cluster_icc`.
        level: Confidence level, between 0 and 1.

    Returns:
        The limits; -1 and 1 where there is no correlation, and where rows of a family are all
        alike. The range is -1 to 1.

    Raises:
        ValueError: For a level outside (0, 1).

    References:
        K. O. McGraw, S. P. Wong (1996), Psychol. Methods 1:30; A. Donner (1986), Int. Stat. Rev. 54:67.

    Examples:
        Four families of three rows hardly tell:

        >>> from dosimeter.stats.cluster import cluster_icc
        >>> found = cluster_icc([1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0], [i // 3 for i in range(12)])
        >>> round(found.estimate, 2), [round(limit, 2) for limit in icc_limits(found)]
        (0.73, [0.18, 0.98])
    """
    check_level(level)
    if found.undefined or found.msw == 0:
        return -1.0, 1.0
    between, within = found.clusters - 1, found.n - found.clusters
    f, n0, tail = found.msb / found.msw, found.n0, (1 - level) / 2
    low, high = f / f_quantile(1 - tail, between, within), f * f_quantile(1 - tail, within, between)
    lower, upper = ((x - 1) / (x + n0 - 1) for x in (low, high))
    return max(-1.0, lower), min(1.0, upper)


def careful_icc(found: ClusterCorrelation, sure: float = CAREFUL) -> float:
    """Correlation to plan with: one that the true one does not exceed, one is so *sure*; 0 to 1.

    Args:
        found: Of the pilot.
        sure: One-sided, between 1/2 and 1.

    Returns:
        1 where the pilot does not tell: further rows of a family are then worth nothing. The range
        is 0 to 1.

    Raises:
        ValueError: For *sure* outside (1/2, 1).

    References:
        R. H. Browne (1995), Stat. Med. 14:1933: the same of a standard deviation.

    Examples:
        A pilot of four families leaves a correlation of .9 possible:

        >>> from dosimeter.stats.cluster import cluster_icc
        >>> found = cluster_icc([1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0], [i // 3 for i in range(12)])
        >>> round(careful_icc(found), 2)
        0.9
    """
    return min(1.0, max(0.0, icc_limits(found, 2 * sure - 1)[1]))


def share_icc_limits(y: ArrayLike, cluster: Labels, level: float = 0.95) -> Limits:
    """Limits of the intra-cluster correlation of yes-or-no outcomes, by the beta-binomial likelihood.

    At rates of 5 and 10 % intervals by F hold the truth 50 to 80 times in 100, these about 90;
    fewer where some clusters are all-or-none and the rest independent, which few clusters cannot tell.

    Args:
        y: 0 or 1, one a row.
        cluster: Labels.
        level: Confidence level, between 0 and 1.

    Returns:
        The limits, 0 to 1 in steps of .01, which is all there is where every row is the same.

    Raises:
        ValueError: For what is neither 0 nor 1, unlike lengths, or a level outside (0, 1).

    References:
        M. S. Ridout, C. G. B. Demetrio, D. Firth (1999), Biometrics 55:137.

    Examples:
        Four families of three rows tell next to nothing of how alike rows are:

        >>> y = [1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]
        >>> low, high = share_icc_limits(y, [i // 3 for i in range(12)])
        >>> round(low, 2), round(high, 2)
        (0.04, 0.97)
    """
    check_level(level)
    values = binary(y)
    code, g = codes(cluster, len(values))
    if not len(values) or values.min() == values.max():
        return 0.0, 1.0
    events = np.bincount(code, weights=values, minlength=g)
    sizes = np.bincount(code, minlength=g)
    profile = _profile(np.asarray(events, dtype=float), np.asarray(sizes, dtype=float))
    inside = profile >= profile.max() - float(chdtri(1, 1 - level)) / 2
    found = CORRELATIONS[inside]
    return float(0.0 if inside[0] else found[0]), float(1.0 if inside[-1] else found[-1])


def _profile(events: Floats, size: Floats) -> Floats:
    """Give the greatest log-likelihood of each correlation over all shares."""
    pairs, times = np.unique(np.stack([events, size]), axis=1, return_counts=True)
    strength = (1 - CORRELATIONS) / CORRELATIONS
    a, b = SHARES[:, None] * strength, (1 - SHARES)[:, None] * strength
    none = betaln(a, b)
    total = np.zeros_like(none)
    for (x, n), k in zip(pairs.T, times, strict=True):
        total += k * (betaln(a + x, b + n - x) - none)
    return np.asarray(total.max(axis=0), dtype=float)


def careful_share_icc(y: ArrayLike, cluster: Labels, sure: float = CAREFUL) -> float:
    """Correlation of yes-or-no outcomes to plan with, as `careful_icc`.

    Args:
        y: 0 or 1, one a row.
        cluster: Labels.
        sure: One-sided, between 1/2 and 1.

    Returns:
        1 where fewer than 5 clusters have the rarer outcome, or none has two rows. The range is 0
        to 1.

    Raises:
        ValueError: As `share_icc_limits`.

    References:
        R. H. Browne (1995), Stat. Med. 14:1933.

    Examples:
        Too few families have the rarer outcome, so plan as if further rows of one told nothing:

        >>> careful_share_icc([1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0], [i // 3 for i in range(12)])
        1.0
    """
    values = binary(y)
    code, g = codes(cluster, len(values))
    with_each = [len(np.unique(code[values == outcome])) for outcome in (0, 1)]
    if min(with_each) < FEW_EVENTS or len(values) == g:
        return 1.0
    return share_icc_limits(values, code, 2 * sure - 1)[1]


def careful_sd(sd: float, df: float, sure: float = CAREFUL) -> float:
    """Standard deviation to plan with: one that the true one does not exceed, one is so *sure*.

    Args:
        sd: Of the pilot.
        df: Its degrees of freedom, above 0.
        sure: One-sided, between 0 and 1.

    Returns:
        The deviation, at least *sd* as a rule, in its units.

    Raises:
        ValueError: For no degrees of freedom, or *sure* outside (0, 1).

    References:
        R. H. Browne (1995), Stat. Med. 14:1933.

    Examples:
        Twenty families leave room for nearly a fifth more:

        >>> round(careful_sd(1, 19), 2)
        1.18
    """
    check_level(sure)
    if not (0 < df < math.inf and sd >= 0):
        msg = f"a deviation is at least 0, with a number of degrees of freedom above 0, got {sd} of {df}"
        raise ValueError(msg)
    return sd * math.sqrt(df / float(chdtri(df, sure)))


def careful_spread(differences: ArrayLike, span: float = math.inf, sure: float = CAREFUL) -> float:
    """Standard deviation of families' differences to plan with, whatever their distribution.

    By chi-square, as `careful_sd`, which takes them for normal: of events that differ in 5 % of
    families it is above the truth in 5 pilots of 10, not 8. So of differences with ends it is at least
    the upper limit of their mean square about their mean, by the score interval of a bounded mean; and
    where fewer than 5 families are apart from the others, at least what it is if as many as may be so
    (Clopper and Pearson's limit) are so by the whole span. Ends and mean allow no more than `most_spread`.

    Args:
        differences: One a family, two at least.
        span: The most that one can be, either way; infinite without ends.
        sure: One-sided, between 0 and 1; below 1/2 by chi-square alone.

    Returns:
        The deviation; above 0 of differences with ends, though all are alike. It is in units of the
        differences.

    Raises:
        ValueError: For fewer than two, NaN, or *sure* outside (0, 1).

    References:
        R. H. Browne (1995), Stat. Med. 14:1933; the others own constructions, their evidence is simulation.

    Examples:
        No difference in thirty families leaves room for some:

        >>> round(careful_spread([0] * 30, 1), 2)
        0.31
    """
    d = numbers(differences, "differences")
    if len(d) < 2:
        msg = f"a spread takes two families or more, got {len(d)}"
        raise ValueError(msg)
    by_normal = careful_sd(float(d.std(ddof=1)), len(d) - 1, sure)
    if sure <= 0.5 or not math.isfinite(span):
        return by_normal
    most = (2 * span) ** 2
    squares = np.minimum((d - d.mean()) ** 2 * len(d) / (len(d) - 1), most)
    limit = bounded_mean(squares, low=0, high=most).interval(2 * sure - 1).upper
    _, alike = np.unique(d.round(9), return_counts=True)
    apart = len(d) - int(alike.max())
    if apart < FEW_EVENTS:
        unseen = clopper_pearson(apart, len(d)).interval(2 * sure - 1).upper
        limit = max(limit, unseen * span**2)
    return min(max(by_normal, math.sqrt(limit)), most_spread(d, span, sure))


def most_spread(differences: ArrayLike, span: float, sure: float = CAREFUL) -> float:
    """Largest standard deviation that differences with ends can have, as their mean is.

    The square of it and that of the mean are at most the square of the span. The mean is taken at the
    limit nearest to 0 of the score interval of a bounded mean, as a pilot tells it no better.

    Args:
        differences: One a family, two at least.
        span: The most that one can be, either way; infinite without ends.
        sure: One-sided, between 1/2 and 1.

    Returns:
        The deviation, from 0 to *span*. It is in units of the differences.

    Raises:
        ValueError: For fewer than two, NaN, one beyond the span, or *sure* outside (1/2, 1).

    References:
        R. Bhatia, C. Davis (2000), Am. Math. Mon. 107:353: the bound by ends and mean.

    Examples:
        Differences whose mean is 0 may spread over the whole scale; where it is .8 they cannot:

        >>> most_spread([1, -1] * 10, 1)
        1.0
        >>> round(most_spread([1] * 18 + [-1] * 2, 1), 2)
        0.76
    """
    d = numbers(differences, "differences")
    if len(d) < 2:
        msg = f"a spread takes two families or more, got {len(d)}"
        raise ValueError(msg)
    if not math.isfinite(span):
        return math.inf
    lower, upper = bounded_mean(d, low=-span, high=span).interval(2 * sure - 1)
    nearest = max(0.0, lower, -upper)
    return math.sqrt(max(0.0, span**2 - nearest**2))
