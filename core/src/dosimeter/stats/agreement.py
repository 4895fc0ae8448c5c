"""Agreement of raters, and whether it is good enough for the numbers that rest on them."""

import math
from collections.abc import Mapping
from typing import Literal

import attrs
import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.alpha import METRICS, Alpha, Metric, krippendorff_alpha
from dosimeter.stats.checks import Floats, Labels, codes, counts, weighted
from dosimeter.stats.cluster import ClusterShare, korn_graubard
from dosimeter.stats.correlation import Intraclass, IntraclassTable, icc
from dosimeter.stats.kappa import (
    Kappa,
    agreement_weights,
    cohen_kappa,
    cross_table,
    fleiss_kappa,
    fleiss_kappa_counts,
    gwet_ac,
)
from dosimeter.stats.ratings import (
    LevelCounts,
    Ratings,
    level_counts,
    ratings_table,
    scale,
    why_no_pairs,
)

__all__ = [
    "METRICS",
    "Agreement",
    "Alpha",
    "Intraclass",
    "IntraclassTable",
    "Kappa",
    "LevelCounts",
    "Metric",
    "Reliability",
    "ReliabilityGate",
    "agreement",
    "agreement_weights",
    "cohen_kappa",
    "cross_table",
    "fleiss_kappa",
    "fleiss_kappa_counts",
    "gwet_ac",
    "icc",
    "krippendorff_alpha",
    "level_counts",
    "raw_agreement",
    "reliability_gate",
    "stratum_weights",
]

Reliability = Literal["full", "tentative", "refused", "not-estimable"]
"""What may be claimed on the word of these raters."""
FULL = 0.8
"""Lower limit of alpha from which all may be claimed (Krippendorff 2004)."""
TENTATIVE = 2 / 3
"""Lower limit from which claims are tentative; .667 in Krippendorff (2004)."""
MINORITY = 30
"""Units of the rarer half below which alpha tells of nothing."""
CLUSTERS = 10
"""Clusters below which no interval is to be believed."""


def raw_agreement(ratings: Ratings, cluster: Labels | None = None) -> ClusterShare:
    """Share of pairs of ratings that are the same, as a mean over units.

    Args:
        ratings: Shape (units, raters); None or NaN where missing.
        cluster: Label of the family of each unit; None takes units as independent.

    Returns:
        The share, 0 to 1, with Korn and Graubard's interval; undefined where no unit has two
        ratings. Units with fewer are left out.

    Raises:
        ValueError: For no table of numbers, or labels of another number.

    References:
        J. L. Fleiss (1971), Psychol. Bull. 76:378 (P bar).

    Examples:
        Three of four pairs agree, of which so few leave nearly everything possible:

        >>> print(raw_agreement([[1, 1], [1, 2], [3, 3], [5, 5], [1, None]]))
        0.75 [0.1319, 0.9979] (n=4, 1 left out, korn-graubard 95%)
    """
    table = ratings_table(ratings)
    code, _ = codes(cluster, len(table))
    r = (~np.isnan(table)).sum(axis=1)
    kept = r > 1
    same = np.zeros(len(table))
    for one in scale(table):
        times = (table == one).sum(axis=1)
        same += times * (times - 1)
    share = same[kept] / (r * (r - 1))[kept]
    found = korn_graubard(share, code[kept])
    why = why_no_pairs(table)
    return attrs.evolve(found, left_out=int((~kept).sum()), undefined=why)


@frozen
class Agreement:
    """Agreement as it is to be reported: no coefficient alone.

    Attributes:
        alpha: Krippendorff's, which the gate is taken on.
        ac: Gwet's AC1 (names, binary) or quadratic AC2, which rare levels do not upset.
        raw: Share of pairs that are the same.
        levels: Marks of each rater by level.
    """

    alpha: Alpha
    ac: Kappa
    raw: ClusterShare
    levels: LevelCounts

    def __str__(self) -> str:
        return f"alpha {self.alpha}; AC {self.ac}; same {self.raw}"


def agreement(ratings: Ratings, categories: ArrayLike, cluster: Labels | None = None) -> Agreement:
    """Report the agreement of raters on a scale of names (two levels) or of grades (more).

    Args:
        ratings: Shape (units, raters); None or NaN where missing.
        categories: The levels of the scale, all of them. Two are taken as names: nominal alpha and
            AC1. More are taken as grades: ordinal alpha and quadratic AC2.
        cluster: Label of the cluster of each unit; None takes units as independent.

    Returns:
        Alpha, AC, raw agreement and counts by level.

    Raises:
        ValueError: For a mark off the scale, or fewer than two levels.

    References:
        Our own choice among K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, and
        K. L. Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.

    Examples:
        Ten pairs of grades at most one step apart are nearly full agreement, as near misses count
        in part:

        >>> marks = [[1, 1], [1, 2], [5, 4], [2, 2], [1, 1], [3, 4], [1, 1], [5, 5], [2, 1], [1, 1]]
        >>> print(agreement(marks, [1, 2, 3, 4, 5]).ac)
        0.9319 [0.8396, 1] (n=10, gwet-t 95%)
    """
    table = ratings_table(ratings)
    levels = scale(table, categories)
    if len(levels) < 2:
        msg = f"a scale has at least two levels, got {len(levels)}"
        raise ValueError(msg)
    binary = len(levels) == 2
    return Agreement(
        alpha=krippendorff_alpha(table, "nominal" if binary else "ordinal", cluster=cluster),
        ac=gwet_ac(table, "identity" if binary else "quadratic", levels, cluster),
        raw=raw_agreement(table, cluster),
        levels=level_counts(table, levels),
    )


def stratum_weights(stratum: Labels, run: Mapping[object, int]) -> Floats:
    """Weights that bring a stratified sample back to its run: units of the run by sampled ones.

    Args:
        stratum: Stratum of each unit of the sample, such as its predicted severity.
        run: Units of the run in each stratum, all strata of the run.

    Returns:
        One weight a unit of the sample, at least 0: strata that were sampled less weigh more.

    Raises:
        ValueError: For a stratum that the run has and the sample has not, or the other way round.

    References:
        W. G. Cochran (1977), Sampling Techniques, 5.

    Examples:
        Half of the sample was thought severe, a fiftieth of the run is:

        >>> stratum_weights(["low", "low", "high", "high"], {"low": 98, "high": 2})
        array([49., 49.,  1.,  1.])
    """
    counts(**{f"run[{name!r}]": n for name, n in run.items()})
    given = np.asarray(stratum).tolist()
    sampled = {name: given.count(name) for name in dict.fromkeys(given)}
    needed = {name for name, n in run.items() if n}
    if set(sampled) != needed:
        odd = ", ".join(sorted(map(repr, set(sampled) ^ needed)))
        msg = f"every stratum of the run must be sampled, and no other: see {odd}"
        raise ValueError(msg)
    return np.array([run[name] / sampled[name] for name in given])


@frozen
class ReliabilityGate:
    """Whether raters agree well enough for what is claimed on their word.

    Attributes:
        verdict: ``"full"`` claims, ``"tentative"`` ones, ``"refused"`` (they agree too little), or
            ``"not-estimable"`` (nothing is known of how well they agree, which is not "low").
        reason: Why it is neither full nor tentative; empty if it is.
        alpha: The agreement that was looked at.
        lower: Lower limit of alpha at `confidence`; NaN without one.
        minority: Units in the rarer half of the scale, or outside the commonest class.
        confidence: Level of the limit, two-sided.
    """

    verdict: Reliability
    reason: str
    alpha: Alpha
    lower: float
    minority: int
    confidence: float

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.verdict}{why}: alpha {self.alpha}, {self.minority} units in the rarer half"


def reliability_gate(
    ratings: Ratings,
    categories: ArrayLike,
    metric: Metric = "ordinal",
    weights: ArrayLike | None = None,
    cluster: Labels | None = None,
    *,
    people: bool,
    confidence: float = 0.95,
) -> ReliabilityGate:
    """Judge the reliability of raters by the lower limit of alpha.

    Args:
        ratings: Shape (units, raters) of units that were rated more than once; None or NaN where
            missing.
        categories: The levels of the scale, all of them.
        metric: As `krippendorff_alpha` takes it. With ``"nominal"`` the rarer units are those outside
            the commonest class, else those in the rarer half of the scale (above or not above its
            middle); a unit is where at least half of its ratings are.
        weights: See `krippendorff_alpha`; `minority` counts units, not weight.
        cluster: Likewise: label of the cluster of each unit, such as the family that it replies to.
        people: Whether a person is among the raters. Agreement of machines alone is no reliability
            and never passes.
        confidence: Level of the interval whose lower limit is taken.

    Returns:
        Full from a lower limit of .8, tentative from 2/3, refused below; not estimable for fewer than
        30 units in the rarer half or 10 clusters, where raters share no unit, or without an interval; and
        where they agree on what was seen, while disagreements may be in what units of great weight stand
        for. Alpha and its limit are at most 1 (`ReliabilityGate`).

    Raises:
        ValueError: As `krippendorff_alpha`, for a mark off the scale, or fewer than two levels.

    References:
        K. Krippendorff (2004), Content Analysis, 2nd ed., 11.

    Examples:
        Two raters who agree on 198 of 200 have shown nothing about the rare case:

        >>> few = [[0, 0]] * 195 + [[1, 1]] * 3 + [[0, 1], [1, 0]]
        >>> print(reliability_gate(few, [0, 1], people=True).verdict)
        not-estimable
    """
    table = ratings_table(ratings)
    levels = scale(table, categories)
    if len(levels) < 2:
        msg = f"a scale has at least two levels, got {len(levels)}"
        raise ValueError(msg)
    w = weighted(weights, len(table))
    found = krippendorff_alpha(table, metric, w, cluster)
    limits = found.interval(confidence)
    lower = math.nan if limits.undefined else limits.lower
    rarer = _minority(table[w > 0], levels, metric)
    verdict, reason = _verdict(found, limits.undefined, lower, rarer, people)
    if reason == "low-agreement" and found.shown(confidence) >= TENTATIVE:
        verdict, reason = "not-estimable", "few-at-heavy-weights"
    return ReliabilityGate(verdict, reason, found, lower, rarer, confidence)


def _minority(table: Floats, levels: Floats, metric: Metric) -> int:
    """Count the units of which at least half the ratings are in the rarer part of the scale."""
    there = ~np.isnan(table)
    rated = there.sum(axis=1)
    table, there, rated = table[rated > 1], there[rated > 1], rated[rated > 1]
    if not len(table):
        return 0
    if metric == "nominal":
        common = max(levels, key=lambda one: (table == one).sum())
        return int((2 * ((table != common) & there).sum(axis=1) >= rated).sum())
    upper = (table > (levels[0] + levels[-1]) / 2).sum(axis=1)
    return int(min((2 * upper >= rated).sum(), (2 * (rated - upper) >= rated).sum()))


def _verdict(
    found: Alpha, no_interval: str, lower: float, minority: int, people: bool
) -> tuple[Reliability, str]:
    if not people:
        return "not-estimable", "machine-agreement"
    if no_interval in {"no-observations", "one-rater", "no-overlap", "no-weight"}:
        return "not-estimable", no_interval
    if minority < MINORITY:
        return "not-estimable", "few-in-minority"
    if found.clusters < CLUSTERS:
        return "not-estimable", "few-clusters"
    if no_interval:
        return "not-estimable", no_interval
    if lower >= FULL:
        return "full", ""
    return ("tentative", "") if lower >= TENTATIVE else ("refused", "low-agreement")
