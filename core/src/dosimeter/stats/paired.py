"""Two conditions on the same items: tables of yes and no, and whether two shares are equivalent.

Means of differences, by pair and by cluster, are made in `dosimeter.stats.paired_means`, and to be had
here too.
"""

import math
from collections.abc import Callable

from attrs import field, frozen
from scipy.special import bdtr

from dosimeter.stats.checks import counts
from dosimeter.stats.equivalence import Equivalence, equivalence
from dosimeter.stats.paired_means import PairedMean, flip_p, paired_clustered, paired_graded
from dosimeter.stats.result import Limits, Result, Wald, normal_tail, wilson_limits, z_quantile
from dosimeter.stats.roots import root

__all__ = [
    "Equivalence",
    "PairedBinary",
    "PairedMean",
    "PairedShares",
    "equivalence",
    "flip_p",
    "mcnemar_p",
    "newcombe_paired",
    "paired_binary",
    "paired_clustered",
    "paired_equivalence",
    "paired_graded",
    "tango",
    "wald_paired",
]

DIFFERENCE: Limits = (-1.0, 1.0)
"""Bounds of a difference between shares."""


@frozen(kw_only=True)
class PairedShares(Result):
    """A difference between two shares of the same items, *first* less *second*.

    Attributes:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.
    """

    both: float
    only_first: float
    only_second: float
    neither: float
    bounds: Limits = field(default=DIFFERENCE, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by the method that the record names."""
        return TABLES[self.method](self, level)


def _tango_z(b: float, c: float, n: float, delta: float) -> float:
    """Tango's score statistic of a difference *delta*; it falls as *delta* rises.

    The share q of pairs with the event under the second condition only is the greater root of
    2n q^2 + B q - c delta (1 - delta) = 0. By symmetry *delta* is at least 0, where nothing cancels.
    """
    if delta < 0:
        return -_tango_z(c, b, n, -delta)
    apart = b - c - n * delta
    if apart == 0:
        return 0.0
    slope = (2 * n - b + c) * delta - b - c
    product = c * delta * (1 - delta)
    whole = math.sqrt(slope * slope + 8 * n * product)
    q = 2 * product / (slope + whole) if slope > 0 else (whole - slope) / (4 * n)
    variance = n * (2 * q + delta * (1 - delta))
    return apart / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, apart)


def _tango_limits(r: PairedShares, level: float) -> Limits:
    z, d = z_quantile(level), r.estimate

    def score(delta: float) -> float:
        return _tango_z(r.only_first, r.only_second, r.n, delta)

    lower = root(lambda delta: score(delta) - z, -1.0, d)
    return lower, root(lambda delta: score(delta) + z, d, 1.0)


def _newcombe_limits(r: PairedShares, level: float) -> Limits:
    z, n = z_quantile(level), r.n
    p1, p2 = (r.both + r.only_first) / n, (r.both + r.only_second) / n
    (l1, u1), (l2, u2) = wilson_limits(p1, n, z), wilson_limits(p2, n, z)
    phi = _phi(r)

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    return r.estimate - reach(p1 - l1, u2 - p2), r.estimate + reach(u1 - p1, p2 - l2)


def _phi(r: PairedShares) -> float:
    """Correlation of the two conditions, a positive one corrected for continuity (Newcombe)."""
    a, b, c, d = r.both, r.only_first, r.only_second, r.neither
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    product = a * d - b * c
    return (max(0.0, product - r.n / 2) if product > 0 else product) / math.sqrt(margins)


TABLES: dict[str, Callable[[PairedShares, float], Limits]] = {
    "tango": _tango_limits,
    "newcombe-paired": _newcombe_limits,
}
"""Limits of a paired difference, by method."""


def _table(both: float, only_first: float, only_second: float, neither: float) -> tuple[int, float]:
    """Give the pairs and the difference of a table that is one."""
    counts(both=both, only_first=only_first, only_second=only_second, neither=neither)
    n = int(both + only_first + only_second + neither)
    return n, (only_first - only_second) / n if n else math.nan


def _shares(
    both: float, only_first: float, only_second: float, neither: float, method: str
) -> PairedShares:
    n, difference = _table(both, only_first, only_second, neither)
    return PairedShares(
        estimate=difference, method=method, n=n, clusters=n, undefined="" if n else "no-observations",
        both=both, only_first=only_first, only_second=only_second, neither=neither,
    )  # fmt: skip


def tango(both: float, only_first: float, only_second: float, neither: float) -> PairedShares:
    """Difference of two shares of the same items with Tango's score interval: the default.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        First less second share, -1 to 1; undefined for no pairs. The width is never 0, whichever
        cells are empty.

    Raises:
        ValueError: For what are no counts.

    References:
        T. Tango (1998), Stat. Med. 17:891.

    Examples:
        A hundred items on which two models never differ leave room for four points either way:

        >>> print(tango(95, 0, 0, 5))
        0 [-0.03699, 0.03699] (n=100, tango 95%)
    """
    return _shares(both, only_first, only_second, neither, "tango")


def newcombe_paired(
    both: float, only_first: float, only_second: float, neither: float
) -> PairedShares:
    """Difference of two shares of the same items with Newcombe's interval: wider than is needed.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        First less second share, -1 to 1; undefined for no pairs.

    Raises:
        ValueError: For what are no counts.

    References:
        R. G. Newcombe (1998), Stat. Med. 17:2635, method 10.

    Examples:
        >>> print(newcombe_paired(90, 5, 2, 3))
        0.03 [-0.03017, 0.09552] (n=100, newcombe-paired 95%)
    """
    return _shares(both, only_first, only_second, neither, "newcombe-paired")


def wald_paired(both: float, only_first: float, only_second: float, neither: float) -> Wald:
    """Difference of two shares of the same items with the textbook interval: to be compared, not quoted.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        First less second share; undefined for no pairs, without an interval for one pair or where
        all differ alike, which is where it would be certain of what it has not seen.

    Raises:
        ValueError: For what are no counts.

    References:
        A. Agresti (2013), Categorical Data Analysis, 11.1.

    Examples:
        >>> print(wald_paired(95, 0, 0, 5))
        0, no interval (no-variation, n=100)
    """
    n, d = _table(both, only_first, only_second, neither)
    variance = max(0.0, only_first + only_second - n * d * d) / (n * (n - 1)) if n > 1 else math.nan
    flat = max(both + neither, only_first, only_second) == n
    return Wald(
        estimate=d, method="wald-paired", n=n, clusters=n, undefined="" if n else "no-observations",
        no_interval="one-observation" if n == 1 else "no-variation" if flat else "",
        se=0.0 if flat and n > 1 else math.sqrt(variance), bounds=DIFFERENCE,
    )  # fmt: skip


@frozen(kw_only=True)
class PairedBinary(PairedShares):
    """A paired difference with Tango's interval and McNemar's tests of there being none.

    Where no pair differs, statistics are 0 and probabilities 1: nothing speaks for a difference.

    Attributes:
        chi2: McNemar's statistic, (b - c)^2 / (b + c).
        chi2_p: Its probability.
        chi2_cc: With the correction for continuity, (|b - c| - 1)^2 / (b + c), as Edwards gave it.
        chi2_cc_p: Its probability.
        exact_p: Of the exact conditional test, two-sided: never too small, mostly too large.
        mid_p: Of its mid-p version: the one to quote.
    """

    chi2: float
    chi2_p: float
    chi2_cc: float
    chi2_cc_p: float
    exact_p: float
    mid_p: float


def paired_binary(
    both: float, only_first: float, only_second: float, neither: float
) -> PairedBinary:
    """Compare two conditions on the same items by yes and no: Tango's interval and McNemar's tests.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        First less second share, -1 to 1, with the tests; undefined for no pairs.

    Raises:
        ValueError: For what are no counts.

    References:
        Q. McNemar (1947), Psychometrika 12:153; A. L. Edwards (1948), Psychometrika 13:185;
        M. W. Fagerland, S. Lydersen, P. Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples:
        Seven of eight items that the two treat unlike speak for the second, just:

        >>> found = paired_binary(1, 1, 7, 12)
        >>> print(found, f"mid-p {found.mid_p:.3f}, exact {found.exact_p:.3f}")
        -0.2857 [-0.5172, -0.026] (n=21, tango 95%) mid-p 0.039, exact 0.070
    """
    n, difference = _table(both, only_first, only_second, neither)
    b, c = only_first, only_second
    chi2 = (b - c) ** 2 / (b + c) if b + c else 0.0
    chi2_cc = (abs(b - c) - 1) ** 2 / (b + c) if b + c else 0.0
    exact, mid = mcnemar_p(b, c)
    given = (math.nan,) * 6
    if n:
        given = (chi2, _chi2_p(chi2), chi2_cc, _chi2_p(chi2_cc), exact, mid)
    return PairedBinary(
        estimate=difference, method="tango", n=n, clusters=n, undefined="" if n else "no-observations",
        both=both, only_first=b, only_second=c, neither=neither, chi2=given[0], chi2_p=given[1],
        chi2_cc=given[2], chi2_cc_p=given[3], exact_p=given[4], mid_p=given[5],
    )  # fmt: skip


def _chi2_p(x: float) -> float:
    """Probability that a chi-square variable of one degree of freedom exceeds *x*."""
    return 2 * normal_tail(math.sqrt(x))


def mcnemar_p(only_first: float, only_second: float) -> tuple[float, float]:
    """Probability of so unequal a split of the pairs that differ, two-sided: exact, and mid-p.

    Args:
        only_first: Pairs with the event under the first condition only.
        only_second: Under the second only.

    Returns:
        Both are 1 where no pair differs.

    Raises:
        ValueError: For what are no counts.

    References:
        M. W. Fagerland, S. Lydersen, P. Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples:
        >>> mcnemar_p(1, 7)
        (0.0703125, 0.0390625)
    """
    counts(only_first=only_first, only_second=only_second)
    m, least = int(only_first + only_second), min(only_first, only_second)
    if not m:
        return 1.0, 1.0
    upto = float(bdtr(least, m, 0.5))
    below = float(bdtr(least - 1, m, 0.5)) if least else 0.0
    mid = 1 - (upto - below) / 2 if only_first == only_second else upto + below
    return min(1.0, 2 * upto), mid


def paired_equivalence(
    both: float,
    only_first: float,
    only_second: float,
    neither: float,
    margin: float,
    alpha: float = 0.05,
) -> Equivalence:
    """Whether two shares of the same items are equivalent: Tango's interval within the margin.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.
        margin: Above 0, a difference of shares.
        alpha: Level of each one-sided test.

    Returns:
        See `equivalence`; families with several rows belong to that, with `paired_clustered`.

    Raises:
        ValueError: For what are no counts, or a margin or level that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657; T. Tango (1998), Stat. Med. 17:891.

    Examples:
        >>> print(paired_equivalence(900, 14, 11, 75, .02))
        equivalent: [-0.005495, 0.01176] within +/-0.02, alpha 0.05
    """
    return equivalence(tango(both, only_first, only_second, neither), margin, alpha)
