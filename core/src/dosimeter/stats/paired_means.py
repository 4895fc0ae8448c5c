"""Differences between two conditions on the same families: means of them, by pair and by cluster."""

import math

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Labels, numbers, positive, real, same_length, weighted
from dosimeter.stats.cluster import FLAT, ClusterMean, cluster_mean
from dosimeter.stats.influence import cluster_means, kish
from dosimeter.stats.result import REAL, UNIT, Limits, check_level

MANY = 30
"""Pairs from which Student's t needs no help from permutation."""
MOST_SUMS = 1 << 17
"""Different sums that are kept to know the distribution of all of them exactly."""
FLIPS = 20_000
"""Sign flips drawn where there are too many sums to be gone through."""


@frozen(kw_only=True)
class PairedMean(ClusterMean):
    """A mean of differences, *second* less *first*, with t on its error; never of no width.

    Attributes:
        span: Highest less lowest value of the scale; infinite if there is none.
        units: Clusters, after Kish where they do not weigh alike: what limits rest on if nothing varies.
        differences: Of each unit that a test flips the sign of, weighted; empty where t is used.
    """

    span: float
    units: float
    differences: Floats = field(factory=lambda: np.array([]), repr=False, eq=False)

    def limits(self, level: float) -> Limits:
        """Give t's limits; where nothing varies, what as many clusters may not have shown."""
        if self.method.endswith("-unseen"):
            return unseen_limits(self.estimate, self.units, self.span, level)
        return super().limits(level)

    def p_value(self, null: float = 0.0) -> float:
        """Probability, two-sided, of a mean at least as far from *null*: by t, or by flipping signs."""
        if self.undefined:
            return math.nan
        return flip_p(self.differences - null) if len(self.differences) else self.t_p_value(null)

    def p_above(self, null: float = 0.0) -> float:
        """Probability, one-sided, of a mean at least as high, by Student's t; NaN where nothing varies."""
        return super().p_above(null) if self.method.endswith("-t") else math.nan

    def t_p_value(self, null: float = 0.0) -> float:
        """Probability by Student's t whatever the number of units; NaN where nothing varies."""
        return super().p_value(null) if self.method.endswith("-t") else math.nan


def unseen_limits(estimate: float, units: float, span: float, level: float) -> Limits:
    """Limits of a mean of differences that are all alike among *units* independent ones.

    As many can miss a share q of others, q being Clopper and Pearson's upper limit for none of them;
    at worst those differ by the whole scale.

    Args:
        estimate: The difference of each.
        units: Independent units.
        span: Highest less lowest value of the scale.
        level: Confidence level, between 0 and 1.

    Returns:
        A lower and an upper limit, in units of the scale.

    Raises:
        ValueError: For a level outside (0, 1), or units or a span not above 0.

    References:
        C. J. Clopper, E. S. Pearson (1934), Biometrika 26:404; for a bounded mean, own construction.

    Examples:
        A hundred families that all came out alike leave room for nearly 4 points either way:

        >>> [round(limit, 3) for limit in unseen_limits(0, 100, 1, .95)]
        [-0.036, 0.036]
    """
    positive(units=units, span=span)
    real(estimate=estimate)
    check_level(level)
    q = -math.expm1(math.log((1 - level) / 2) / units)
    return (1 - q) * estimate - q * span, (1 - q) * estimate + q * span


def paired_clustered(
    first: ArrayLike,
    second: ArrayLike,
    cluster: Labels | None,
    weights: ArrayLike | None = None,
    *,
    scale: Limits | None = UNIT,
) -> PairedMean:
    """Mean of *second* less *first* by cluster: CR1 and t on G - 1 degrees of freedom.

    Args:
        first: Values under the one condition, one a row.
        second: Under the other, in the same order.
        cluster: Labels of the rows; None takes rows as independent.
        weights: See `dosimeter.stats.cluster.cluster_mean`.
        scale: Lowest and highest value; None for numbers without such.

    Returns:
        The mean difference; undefined for no rows, without an interval for one cluster. Where the
        clusters do not differ at all, limits are those of `unseen_limits`, and there are none if
        the values have no scale. It is in units of the scale (`PairedMean`).

    Raises:
        ValueError: For differing lengths, NaN, negative weights, or values outside *scale*.

    References:
        E. Miller (2024), arXiv:2411.00640, 4.2; K.-Y. Liang, S. L. Zeger (1986), Biometrika 73:13.

    Examples:
        Twenty families that answer alike under both do not prove that all do:

        >>> print(paired_clustered([1] * 40, [1] * 40, [i // 2 for i in range(40)]))
        0 [-0.1684, 0.1684] (n=40, clusters=20, paired-cr1-unseen 95%)
    """
    low, high = scale or REAL
    return mean_by_cluster(row_differences(first, second, scale), cluster, weights, span=high - low)


def row_differences(first: ArrayLike, second: ArrayLike, scale: Limits | None) -> Floats:
    """Give *second* less *first*, row by row.

    Raises:
        ValueError: For differing lengths, NaN, or values outside *scale*.
    """
    low, high = scale or REAL
    if not low < high:
        msg = f"scale must be a lowest and a higher highest value, got {scale}"
        raise ValueError(msg)
    named = {"first": numbers(first, "first"), "second": numbers(second, "second")}
    same_length(**named)
    for name, values in named.items():
        outside = (values < low) | (values > high)
        if outside.any():
            at = int(np.argmax(outside))
            msg = f"{name}[{at}] is {values[at]:g}, outside the scale {low:g} to {high:g}: name another"
            raise ValueError(msg)
    return np.asarray(named["second"] - named["first"])


def mean_by_cluster(
    differences: Floats, cluster: Labels | None = None, weights: ArrayLike | None = None, *,
    span: float, named: str = "paired-cr1",
) -> PairedMean:  # fmt: skip
    """Give the mean of *differences* by cluster, with t's limits or those of `unseen_limits`.

    Args:
        differences: One a row.
        cluster: Labels of the rows; None takes rows as independent.
        weights: See `dosimeter.stats.cluster.cluster_mean`.
        span: The most that a difference can be, either way; infinite without ends.
        named: What the limits are called, less what they are by.
    """
    found = cluster_mean(differences, cluster, weights)
    flipped, mass = cluster_means(differences, cluster, weighted(weights, len(differences)))
    units, ends = kish(mass), math.isfinite(span)
    reach = span if ends else float(np.abs(flipped).max(initial=0.0))
    flat = found.clusters > 1 and not found.se > FLAT * reach
    no = "one-cluster" if found.clusters == 1 else "no-variation" if flat and not ends else ""
    return PairedMean(
        estimate=found.estimate, method=f"{named}-{'unseen' if flat and ends else 't'}", n=found.n,
        clusters=found.clusters, undefined=found.undefined, no_interval=no, bounds=(-span, span),
        se=found.se, df=found.df, se_iid=found.se_iid, se_cr0=found.se_cr0, deff=found.deff,
        effective_n=found.effective_n, span=span, units=units,
        differences=flipped if flat else np.array([]),
    )  # fmt: skip


def paired_graded(
    first: ArrayLike, second: ArrayLike, *, scale: Limits | None = (1.0, 5.0)
) -> PairedMean:
    """Mean of *second* less *first* mark of the same items: paired t.

    Args:
        first: Marks under the one condition, one an item; items with several rows, or families with
            several items, belong to `paired_clustered`.
        second: Under the other, in the same order.
        scale: Lowest and highest mark; None for numbers without such.

    Returns:
        The mean difference; undefined for no pairs, without an interval for one. Its `p_value` is
        that of Student's t for at least 30 pairs that vary, else of flipping signs (`flip_p`), which
        takes no distribution for granted. Limits of pairs that all differ alike: `unseen_limits`.

    Raises:
        ValueError: For differing lengths, NaN, or marks outside *scale*.

    References:
        Student (1908), Biometrika 6:1; R. A. Fisher (1935), The Design of Experiments, 21.

    Examples:
        Half a mark worse on eight items, which chance makes every sixteenth time:

        >>> found = paired_graded([1, 1, 2, 3, 1, 4, 2, 1], [1, 2, 2, 4, 1, 5, 3, 2])
        >>> print(f"{found}, p {found.p_value():.4f}")
        0.625 [0.1923, 1.058] (n=8, paired-t 95%), p 0.0625
    """
    d = row_differences(first, second, scale)
    low, high = scale or REAL
    made = mean_by_cluster(d, span=high - low, named="paired")
    if len(d) >= MANY and not len(made.differences):
        return made
    return attrs.evolve(made, differences=d)


def flip_p(differences: ArrayLike, seed: int = 0) -> float:
    """Probability, two-sided, of so large a sum if the sign of each difference were a coin's.

    Exact where the sums that signs can make are few enough to be counted, as those of marks are;
    else of 20,000 draws.

    Args:
        differences: One a unit.
        seed: Of the draws.

    Returns:
        The probability, 0 to 1; 1 if nothing differs, NaN for no differences.

    Raises:
        ValueError: For NaN.

    References:
        R. A. Fisher (1935), The Design of Experiments, 21; B. Phipson, G. K. Smyth (2010), Stat.
        Appl. Genet. Mol. Biol. 9:39.

    Examples:
        Five differences of one sign cannot be rarer than one in sixteen:

        >>> flip_p([1, 2, 1, 1, 3])
        0.0625
    """
    given = numbers(differences, "differences")
    d = np.abs(given)
    if not len(d):
        return math.nan
    largest = float(d.max())
    reached = abs(float((given / (largest or 1)).sum())) - 1e-9
    d = d[d > 0] / (largest or 1)
    sums: Floats = np.zeros(1)
    chances: Floats = np.ones(1)
    for one in d:
        if 2 * len(sums) > MOST_SUMS:
            return _drawn_p(d, reached, seed)
        both = np.round(np.concatenate([sums + one, sums - one]), 10)
        sums, where = np.unique(both, return_inverse=True)
        chances = np.asarray(np.bincount(where, weights=np.tile(chances / 2, 2)), dtype=float)
    return min(1.0, float(chances[np.abs(sums) >= reached].sum()))


def _drawn_p(d: Floats, reached: float, seed: int) -> float:
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(20):
        signs = rng.integers(0, 2, size=(FLIPS // 20, len(d))) * 2.0 - 1
        hits += int((np.abs(signs @ d) >= reached).sum())
    return (hits + 1) / (FLIPS + 1)
