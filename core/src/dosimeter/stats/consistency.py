"""Does it hold again? Replies to one thing said in several ways, or several times."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Labels, codes, numbers, shares
from dosimeter.stats.cluster import ClusterMean, cluster_mean
from dosimeter.stats.rate import wilson
from dosimeter.stats.result import SIGNED, UNIT, Share

Groups = Sequence[Sequence[Hashable]]
"""Outcomes of the ways in which each thing was said."""


@frozen(kw_only=True)
class Consistency:
    """Agreement of outcomes within groups.

    Attributes:
        flipped: Share of groups with more than one outcome: the larger groups are, the higher. Compare
            it between groups of one size only.
        pairwise: Mean over groups of the probability that two members differ, whatever their number.
        agreed: Share of groups with one outcome.
    """

    flipped: Share
    pairwise: ClusterMean
    agreed: Share

    def __str__(self) -> str:
        return f"pairwise flips {self.pairwise}; groups that flip {self.flipped}"


def paraphrase_consistency(groups: Groups) -> Consistency:
    """Agreement of outcomes among the paraphrases of each item.

    Args:
        groups: Outcomes of the paraphrases of each item, of any kind; items with fewer than two do
            not enter, and are counted.

    Returns:
        Shares with Wilson's interval, the pairwise rate with t over groups; undefined without
        groups of two or more. All are 0 to 1.

    References:
        J. L. Fleiss (1971), Psychol. Bull. 76:378: pairwise is 1 - P_i.

    Examples:
        Two of four items change with their wording; one wording alone tells nothing and is left
        out:

        >>> print(paraphrase_consistency([[1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0], [1, 0], [1]]).flipped)
        0.5 [0.15, 0.85] (n=4, 1 left out, wilson 95%)
    """
    kept = [g for g in groups if len(g) > 1]
    lost = len(groups) - len(kept)
    flips = sum(len(set(g)) > 1 for g in kept)
    pairs = cluster_mean([pairwise_flips(g) for g in kept], None)
    return Consistency(
        flipped=evolve(wilson(flips, len(kept)), left_out=lost),
        pairwise=evolve(pairs, left_out=lost, bounds=UNIT),
        agreed=evolve(wilson(len(kept) - flips, len(kept)), left_out=lost),
    )


def pairwise_flips(outcomes: Sequence[Hashable]) -> float:
    """Share of pairs whose outcomes differ, 2c(m-c) / (m(m-1)) for two outcomes; NaN for fewer than two.

    Args:
        outcomes: Of one group.

    Returns:
        The share, 0 to 1; NaN for fewer than two outcomes.

    References:
        E. H. Simpson (1949), Nature 163:688: pairs of one sample that differ.

    Examples:
        One of three paraphrases was answered, so two of the three pairs differ:

        >>> pairwise_flips(["refused", "refused", "answered"])
        0.6666666666666666
    """
    m = len(outcomes)
    same = sum(c * (c - 1) for c in Counter(outcomes).values())
    return (m * (m - 1) - same) / (m * (m - 1)) if m > 1 else math.nan


@frozen(kw_only=True)
class GradedConsistency:
    """Spread of marks within groups.

    Attributes:
        mean_sd: Mean of the standard deviations of groups; NaN if undefined.
        pooled_sd: Root of the mean square within groups.
        mean_range: Mean of highest less lowest mark.
        max_range: Largest of these.
        groups: Groups of two or more.
        left_out: Groups with fewer.
        undefined: Why there is none; empty if there is.
    """

    mean_sd: float
    pooled_sd: float
    mean_range: float
    max_range: float
    groups: int
    left_out: int
    undefined: str = ""

    def __str__(self) -> str:
        out = f", {self.left_out} left out" if self.left_out else ""
        if self.undefined:
            return f"undefined ({self.undefined}{out})"
        return (
            f"pooled SD {self.pooled_sd:.4g}, range {self.mean_range:.4g} on average, at most"
            f" {self.max_range:.4g} (groups={self.groups}{out})"
        )


def graded_consistency(groups: Sequence[ArrayLike]) -> GradedConsistency:
    """Spread of marks among the paraphrases of each item.

    Args:
        groups: Marks of the paraphrases of each item; items with fewer than two do not enter.

    Returns:
        Spread in units of the marks (`GradedConsistency`).

    Raises:
        ValueError: For NaN.

    References:
        K. O. McGraw, S. P. Wong (1996), Psychol. Methods 1:30: pooled_sd is the root of MSW.

    Examples:
        Marks of one item lie one apart, and at worst two:

        >>> found = graded_consistency([[5, 4, 5], [3, 3, 1], [4, 4, 4], [1, 2, 1]])
        >>> found.mean_range, found.max_range
        (1.0, 2.0)
    """
    given = [numbers(g, "marks") for g in groups]
    kept = [g for g in given if len(g) > 1]
    lost, nan = len(given) - len(kept), math.nan
    if not kept:
        return GradedConsistency(mean_sd=nan, pooled_sd=nan, mean_range=nan, max_range=nan, groups=0,
                                 left_out=lost, undefined="no-observations")  # fmt: skip
    variances = np.array([g.var(ddof=1) for g in kept])
    free = np.array([len(g) - 1 for g in kept])
    ranges = np.array([np.ptp(g) for g in kept])
    return GradedConsistency(
        mean_sd=float(np.sqrt(variances).mean()), max_range=float(ranges.max()),
        pooled_sd=math.sqrt(float(variances @ free) / int(free.sum())), groups=len(kept),
        mean_range=float(ranges.mean()), left_out=lost,
    )  # fmt: skip


REPEATS = 3
"""Repeats of one wording without which its own flips are not known."""


@frozen(kw_only=True)
class Sensitivity:
    """Flips that rewriting makes, beyond those of asking again.

    Attributes:
        excess: Pairwise flips over rewrites less those over repeats, families alike.
        rewrites: The former.
        repeats: The latter: chance of the model, and error of the rater.
    """

    excess: ClusterMean
    rewrites: ClusterMean
    repeats: ClusterMean

    def __str__(self) -> str:
        return (
            f"{self.excess}: {self.rewrites.estimate:.3g} over rewrites,"
            f" {self.repeats.estimate:.3g} over repeats"
        )


def paraphrase_sensitivity(
    rewrites: Groups, repeats: Groups, family: Labels | None = None
) -> Sensitivity:
    """Pairwise flip rate over rewrites less that over repeats of one wording, of the same items.

    At temperature 0 too a provider's replies differ; without the repeats all of that would be laid to
    the wording.

    Args:
        rewrites: Outcomes of the rewrites of each item, one reply each.
        repeats: Outcomes of repeats of one wording of each, in the same order.
        family: Label of the family of each item; None takes items as families.

    Returns:
        The difference, CR1 with t; it may be below 0. Items with fewer than two rewrites or three
        repeats do not enter, and are counted. The range is -1 to 1.

    Raises:
        ValueError: For unlike lengths.

    References:
        J. L. Fleiss (1971), Psychol. Bull. 76:378; K.-Y. Liang, S. L. Zeger (1986), Biometrika 73:13.

    Examples:
        One item in two flips among rewrites; but one in four does so without any:

        >>> repeats = [[1, 1, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0]] * 10
        >>> print(paraphrase_sensitivity([[0, 1], [1, 1]] * 20, repeats))
        0.3333 [0.1043, 0.5624] (n=40, cr1-t 95%): 0.5 over rewrites, 0.167 over repeats
    """
    if len(rewrites) != len(repeats):
        msg = f"items: {len(rewrites)} of rewrites, {len(repeats)} of repeats"
        raise ValueError(msg)
    label, _ = codes(family, len(rewrites))
    full = [len(a) > 1 and len(b) >= REPEATS for a, b in zip(rewrites, repeats, strict=True)]
    there = [i for i, whole in enumerate(full) if whole]
    a, b = (np.array([pairwise_flips(g[i]) for i in there]) for g in (rewrites, repeats))

    def mean(values: Floats) -> ClusterMean:
        return evolve(cluster_mean(values, label[there]), left_out=len(full) - len(there))

    return Sensitivity(excess=evolve(mean(a - b), bounds=SIGNED), rewrites=evolve(mean(a), bounds=UNIT),
                       repeats=evolve(mean(b), bounds=UNIT))  # fmt: skip


def flips_by_rater(rate: float, sensitivity: float, specificity: float) -> float:
    """Pairwise flip rate that a rater's errors make where nothing flips.

    Args:
        rate: Share of items that truly have the outcome, 0 to 1.
        sensitivity: Share of these that the rater sees.
        specificity: Share of the others that it sees as such.

    Returns:
        The rate, 0 to 1; at most .5.

    Raises:
        ValueError: For what is no share.

    References:
        Our own: two independent readings of one outcome differ with probability 2 Se (1 - Se), or 2
        Sp (1 - Sp).

    Examples:
        A rater that is right nineteen times in twenty sees one pair in ten flip:

        >>> round(flips_by_rater(.3, .95, .95), 3)
        0.095
    """
    shares(rate=rate, sensitivity=sensitivity, specificity=specificity)
    missed, wrong = sensitivity * (1 - sensitivity), specificity * (1 - specificity)
    return 2 * (rate * missed + (1 - rate) * wrong)
