"""Rates: a share of independent trials, and shares put together from strata and categories."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from dosimeter.stats.checks import numbers, positive, trials
from dosimeter.stats.result import UNIT, Share, Wald, check_level


def _share(x: float, n: float, method: str) -> Share:
    trials(x, n)
    return Share(
        estimate=x / n if n else math.nan, method=method, n=int(n), clusters=int(n),
        undefined="" if n else "no-observations", x=x, trials=n,
    )  # fmt: skip


def wilson(x: float, n: float) -> Share:
    """Share of *x* in *n* with Wilson's score interval: the default for independent trials.

    Args:
        x: Events, 0 to *n*.
        n: Trials.

    Returns:
        The share, 0 to 1; undefined, with an interval of [0, 1], if *n* is 0. At x = 0 the lower
        and at x = n the upper limit is exact, and the width is never 0.

    Raises:
        ValueError: For *x* not from 0 to *n*.

    References:
        E. B. Wilson (1927), JASA 22:209; R. G. Newcombe (1998), Stat. Med. 17:857, method 3.

    Examples:
        Nobody of 20 is not "no risk": up to one in six could do harm.

        >>> print(wilson(0, 20))
        0 [0, 0.1611] (n=20, wilson 95%)
    """
    return _share(x, n, "wilson")


def wilson_cc(x: float, n: float) -> Share:
    """Share of *x* in *n* with Wilson's interval corrected for continuity: wider than is needed.

    Args:
        x: Events, 0 to *n*.
        n: Trials.

    Returns:
        The share, 0 to 1; undefined if *n* is 0.

    Raises:
        ValueError: For *x* not from 0 to *n*.

    References:
        R. G. Newcombe (1998), Stat. Med. 17:857, method 4.

    Examples:
        From 25 to 37 %, a little wider than without the correction:

        >>> print(wilson_cc(81, 263))
        0.308 [0.2535, 0.3682] (n=263, wilson-cc 95%)
    """
    return _share(x, n, "wilson-cc")


def clopper_pearson(x: float, n: float) -> Share:
    """Share of *x* in *n* with Clopper and Pearson's exact interval: conservative, for guarantees.

    Args:
        x: Events, 0 to *n*.
        n: Trials.

    Returns:
        The share, 0 to 1; undefined, with an interval of [0, 1], if *n* is 0.

    Raises:
        ValueError: For *x* not from 0 to *n*.

    References:
        C. J. Clopper, E. S. Pearson (1934), Biometrika 26:404.

    Examples:
        Where "at most" is to be promised, the limit that never covers less than it says:

        >>> print(clopper_pearson(81, 263))
        0.308 [0.2527, 0.3676] (n=263, clopper-pearson 95%)
    """
    return _share(x, n, "clopper-pearson")


def jeffreys(x: float, n: float) -> Share:
    """Share of *x* in *n* with Jeffreys' interval, its ends set to 0 and 1 where none or all are events.

    Args:
        x: Events, 0 to *n*.
        n: Trials.

    Returns:
        The share, 0 to 1; undefined if *n* is 0.

    Raises:
        ValueError: For *x* not from 0 to *n*.

    References:
        L. D. Brown, T. T. Cai, A. DasGupta (2001), Stat. Sci. 16:101.

    Examples:
        Five failures in a hundred: the rate of success is from 89 to 98 %:

        >>> print(jeffreys(95, 100))
        0.95 [0.8939, 0.9807] (n=100, jeffreys 95%)
    """
    return _share(x, n, "jeffreys")


def zero_event_upper(n: float, level: float = 0.95) -> float:
    """Upper limit, one-sided, after no event in *n*: 1 - (1 - level)^(1/n), about 3/n.

    Args:
        n: Trials; after none, everything is possible and the limit 1.
        level: Confidence level, between 0 and 1.

    Returns:
        The highest rate that leaves no event a chance of 1 - *level*, 0 to 1.

    Raises:
        ValueError: For a level outside (0, 1), or *n* below 0.

    References:
        J. A. Hanley, A. Lippman-Hand (1983), JAMA 249:1743.

    Examples:
        A hundred harmless replies leave room for three harmful ones in a hundred:

        >>> round(zero_event_upper(100), 4)
        0.0295
    """
    check_level(level)
    trials(0, n)
    return 1.0 if n == 0 else -math.expm1(math.log1p(-level) / n)


def hoeffding_halfwidth(n: float, level: float = 0.95) -> float:
    """Half-width of an interval of any mean in [0, 1], whatever its distribution.

    Args:
        n: Independent observations, above 0.
        level: Confidence level, between 0 and 1.

    Returns:
        The half-width, above 0, in units of the scale of length 1; it says nothing from 1 on.

    Raises:
        ValueError: For a level outside (0, 1) or no observations.

    References:
        W. Hoeffding (1963), JASA 58:13.

    Examples:
        The mean of a hundred values is within 14 points of the truth, however they are distributed:

        >>> round(hoeffding_halfwidth(100), 3)
        0.136
    """
    check_level(level)
    positive(n=n)
    return math.sqrt(math.log(2 / (1 - level)) / (2 * n))


def stratified_rate(x: ArrayLike, n: ArrayLike, weights: ArrayLike | None = None) -> Wald:
    """Weighted mean of the shares of strata.

    Args:
        x: Events of each stratum.
        n: Trials of each, at least 2.
        weights: Weight of each, scaled to sum 1; None weighs strata by their trials.

    Returns:
        sum w p, 0 to 1, with SE^2 = sum w^2 p (1 - p) / (n - 1); undefined without strata or where
        one has no trials, without an interval where one has a single trial or no share is inside
        (0, 1).

    Raises:
        ValueError: For *x* not from 0 to *n*, unlike lengths, or weights that are negative or all 0.

    References:
        W. G. Cochran (1977), Sampling Techniques, 5.4.

    Examples:
        Half of the traffic is of the first kind, whatever the benchmark holds of it:

        >>> print(stratified_rate([18, 40, 9], [20, 50, 30], weights=[.5, .3, .2]))
        0.75 [0.6676, 0.8324] (n=100, stratified 95%)
    """
    events, size = numbers(x, "x"), numbers(n, "n")
    w = size if weights is None else numbers(weights, "weights")
    if not len(events) == len(size) == len(w):
        msg = f"strata: {len(events)} of x, {len(size)} of n, {len(w)} weights"
        raise ValueError(msg)
    if ((events < 0) | (events > size)).any() or (w < 0).any():
        msg = "x must be from 0 to n in every stratum, and weights at least 0"
        raise ValueError(msg)
    rows, method = int(size.sum()), "stratified"
    if not len(size) or (size[w > 0] == 0).any() or not w.sum():
        why = "no-observations" if not rows else "empty-stratum"
        return Wald(estimate=math.nan, se=math.nan, method=method, n=rows, clusters=rows,
                    undefined=why, bounds=UNIT)  # fmt: skip
    kept = w > 0
    events, size, w = events[kept], size[kept], w[kept] / w.sum()
    p = events / size
    lone = bool((size < 2).any())
    variance = math.nan if lone else float((w**2 * p * (1 - p) / (size - 1)).sum())
    no = "one-observation-in-a-stratum" if lone else "" if variance > 0 else "no-variation"
    return Wald(estimate=float((w * p).sum()), se=math.sqrt(variance), method=method, n=rows,
                clusters=rows, no_interval=no, bounds=UNIT)  # fmt: skip


@frozen(kw_only=True)
class CategoryAverages:
    """Shares of several categories: never a grand mean alone.

    Attributes:
        macro: Mean of the shares of categories, all alike.
        micro: Share of all trials.
        categories: The share of each, in the order given.
        worst: Name of the category with the lowest share (the first of equals); empty if undefined.
        level: Confidence level of `simultaneous`, all categories together.
        simultaneous: Limits of each that hold for all at once (Bonferroni, Wilson).
    """

    macro: Wald
    micro: Share
    categories: Mapping[str, Share]
    worst: str
    level: float
    simultaneous: Mapping[str, tuple[float, float]]

    def __str__(self) -> str:
        low = self.categories.get(self.worst)
        worst = f"; worst {self.worst}: {low}" if low else ""
        return f"macro {self.macro}; micro {self.micro}{worst}"


def category_averages(
    x: Sequence[float], n: Sequence[float], names: Sequence[str], level: float = 0.95
) -> CategoryAverages:
    """Macro and micro average of the shares of categories, and the worst with simultaneous limits.

    Args:
        x: Events of each category: what is good, so that the lowest share is the worst.
        n: Trials of each.
        names: Name of each.
        level: Confidence level of the simultaneous limits, each at 1 - (1 - level) / k.

    Returns:
        Averages and limits. A category without trials leaves the macro average undefined. All are 0
        to 1 (`CategoryAverages`).

    Raises:
        ValueError: For unlike lengths, names that come twice, or *x* not from 0 to *n*.

    References:
        O. J. Dunn (1961), JASA 56:52.

    Examples:
        A good mean hides the category that fails:

        >>> found = category_averages([92, 40, 57], [100, 50, 60], ["cyber", "bio", "self-harm"])
        >>> print(found.micro, found.worst, sep="; worst: ")
        0.9 [0.852, 0.9337] (n=210, wilson 95%); worst: bio
    """
    check_level(level)
    if not len(x) == len(n) == len(names) or len(set(names)) < len(names):
        msg = f"categories: {len(x)} of x, {len(n)} of n, {len(set(names))} different names"
        raise ValueError(msg)
    each = {name: wilson(a, b) for name, a, b in zip(names, x, n, strict=True)}
    k = max(len(each), 1)
    macro = stratified_rate(x, n, np.ones(len(x))) if len(x) else stratified_rate([], [])
    measured = {name: s.estimate for name, s in each.items() if not s.undefined}
    return CategoryAverages(
        macro=macro,
        micro=wilson(sum(x), sum(n)),
        categories=each,
        worst=min(measured, key=measured.__getitem__) if measured else "",
        level=level,
        simultaneous={
            name: (i.lower, i.upper)
            for name, s in each.items()
            for i in [s.interval(1 - (1 - level) / k)]
        },
    )


def false_positive_upper(false_positives: float, n: float, level: float = 0.95) -> float:
    """Upper limit, one-sided and exact, of the rate at which what is harmless is flagged.

    Args:
        false_positives: Flags among *n*.
        n: Cases that deserve no flag.
        level: Confidence level, between 0 and 1.

    Returns:
        The highest rate that leaves so few flags a chance of 1 - *level*, 0 to 1.

    Raises:
        ValueError: For flags not from 0 to *n*, or a level outside (0, 1).

    References:
        C. J. Clopper, E. S. Pearson (1934), Biometrika 26:404.

    Examples:
        Two hundred backgrounds without a flag allow for three in two hundred:

        >>> round(false_positive_upper(0, 200), 4)
        0.0149
    """
    check_level(level)
    trials(false_positives, n)
    return (
        float(betaincinv(false_positives + 1, n - false_positives, level))
        if false_positives < n
        else 1.0
    )
