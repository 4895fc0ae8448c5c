"""Two conditions on the same items: tables of yes and no, and whether two shares are equivalent.

Means of differences, by pair and by cluster, are made in `dosimeter.stats.paired_means`, and to be had
here too.
"""

import math
from collections.abc import Callable

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.special import betainc

from dosimeter.stats.checks import Labels, counts, numbers, same_length
from dosimeter.stats.equivalence import Equivalence, equivalence
from dosimeter.stats.paired_counts import mcnemar_p, pair_table
from dosimeter.stats.paired_limits import Cells, newcombe_limits, tango_limits
from dosimeter.stats.paired_means import (
    PairedMean,
    flip_p,
    paired_clustered,
    paired_graded,
    unseen_limits,
)
from dosimeter.stats.paired_scores import PairedScore, paired_score, signed_mean
from dosimeter.stats.result import SIGNED, Limits, Result, Wald, chi2_tail

__all__ = [
    "Equivalence",
    "PairedMean",
    "PairedScore",
    "PairedShares",
    "equivalence",
    "flip_p",
    "mcnemar_p",
    "newcombe_paired",
    "pair_table",
    "paired_binary",
    "paired_clustered",
    "paired_difference",
    "paired_equivalence",
    "paired_graded",
    "paired_score",
    "signed_mean",
    "tango",
    "unseen_limits",
    "wald_paired",
]


@frozen(kw_only=True)
class PairedShares(Result):
    """A difference between two shares of the same items, *first* less *second*, and McNemar's tests.

    Where no pair differs, statistics are 0 and probabilities 1: nothing speaks for a difference.
    Without pairs they are NaN.

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
    bounds: Limits = field(default=SIGNED, repr=False)

    @property
    def cells(self) -> Cells:
        """The four numbers of pairs."""
        return self.both, self.only_first, self.only_second, self.neither

    def limits(self, level: float) -> Limits:
        """Give the limits by the method that the record names."""
        return TABLES[self.method](self.cells, level)

    @property
    def chi2(self) -> float:
        """McNemar's statistic, (b - c)^2 / (b + c)."""
        return self._chi2(0)

    @property
    def chi2_p(self) -> float:
        """Its probability."""
        return chi2_tail(self.chi2, 1)

    @property
    def chi2_cc(self) -> float:
        """With the correction for continuity, (|b - c| - 1)^2 / (b + c), as Edwards gave it."""
        return self._chi2(1)

    @property
    def chi2_cc_p(self) -> float:
        """Its probability."""
        return chi2_tail(self.chi2_cc, 1)

    def _chi2(self, less: float) -> float:
        if self.undefined:
            return math.nan
        apart = self.only_first + self.only_second
        return (abs(self.only_first - self.only_second) - less) ** 2 / apart if apart else 0.0

    @property
    def exact_p(self) -> float:
        """Of the exact conditional test, two-sided: never too small, mostly too large."""
        return math.nan if self.undefined else mcnemar_p(self.only_first, self.only_second)[0]

    @property
    def mid_p(self) -> float:
        """Of its mid-p version: the one to quote."""
        return math.nan if self.undefined else mcnemar_p(self.only_first, self.only_second)[1]

    def p_above(self) -> float:
        """Of the exact conditional test of no difference against a higher first share, one-sided."""
        if self.undefined:
            return math.nan
        b, apart = self.only_first, self.only_first + self.only_second
        return float(betainc(b, apart - b + 1, 0.5)) if b else 1.0


TABLES: dict[str, Callable[[Cells, float], Limits]] = {
    "tango": tango_limits,
    "newcombe-paired": newcombe_limits,
}
"""Limits of a paired difference, by method."""


def _table(both: float, only_first: float, only_second: float, neither: float) -> tuple[int, float]:
    """Give the pairs and the difference of a table that is one."""
    counts(both=both, only_first=only_first, only_second=only_second, neither=neither)
    n = int(both + only_first + only_second + neither)
    return n, (only_first - only_second) / n if n else math.nan


def _shares(cells: Cells, method: str) -> PairedShares:
    both, only_first, only_second, neither = cells
    n, difference = _table(*cells)
    return PairedShares(
        estimate=difference, method=method, n=n, clusters=n, undefined="" if n else "no-observations",
        both=both, only_first=only_first, only_second=only_second, neither=neither,
    )  # fmt: skip


def tango(both: float, only_first: float, only_second: float, neither: float) -> PairedShares:
    """Compare two conditions on the same items by yes and no: Tango's score interval, the default.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        First less second share, -1 to 1, with McNemar's tests; undefined for no pairs. The width is
        never 0, whichever cells are empty.

    Raises:
        ValueError: For what are no counts.

    References:
        T. Tango (1998), Stat. Med. 17:891; Q. McNemar (1947), Psychometrika 12:153; A. L. Edwards
        (1948), Psychometrika 13:185; M. W. Fagerland, S. Lydersen, P. Laake (2013), BMC Med. Res.
        Methodol. 13:91.

    Examples:
        A hundred items on which two models never differ leave room for four points either way:

        >>> print(tango(95, 0, 0, 5))
        0 [-0.03699, 0.03699] (n=100, tango 95%)

        Seven of eight items that the two treat unlike speak for the second, just:

        >>> found = tango(1, 1, 7, 12)
        >>> print(found, f"mid-p {found.mid_p:.3f}, exact {found.exact_p:.3f}")
        -0.2857 [-0.5172, -0.026] (n=21, tango 95%) mid-p 0.039, exact 0.070
    """
    return _shares((both, only_first, only_second, neither), "tango")


def paired_binary(
    both: float, only_first: float, only_second: float | None = None, neither: float | None = None
) -> PairedShares:
    """Compare two conditions on the same items by yes and no: `tango`, by what it compares.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        As `tango`: first less second share, -1 to 1.

    Raises:
        ValueError: For what are no four counts.

    References:
        T. Tango (1998), Stat. Med. 17:891.

    Examples:
        Of two columns of 0 and 1 `pair_table` makes the counts:

        >>> print(paired_binary(*pair_table([1] * 9 + [0] * 11, [1] * 4 + [0] * 16)))
        0.25 [0.04859, 0.4687] (n=20, tango 95%)
    """
    if only_second is None or neither is None:
        msg = (
            "paired_binary takes four counts: both, only_first, only_second, neither; of two columns of 0"
            " and 1 they are pair_table(first, second)"
        )
        raise ValueError(msg)
    return tango(both, only_first, only_second, neither)


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
        Three points more under the first condition are no more than chance makes of seven pairs:

        >>> print(newcombe_paired(90, 5, 2, 3))
        0.03 [-0.03017, 0.09552] (n=100, newcombe-paired 95%)
    """
    return _shares((both, only_first, only_second, neither), "newcombe-paired")


def wald_paired(both: float, only_first: float, only_second: float, neither: float) -> Wald:
    """Difference of two shares of the same items with the textbook interval: to be compared, not quoted.

    Args:
        both: Pairs with the event under both conditions.
        only_first: Under the first only.
        only_second: Under the second only.
        neither: Under neither.

    Returns:
        First less second share; undefined for no pairs, without an interval for one pair or where
        all differ alike, which is where it would be certain of what it has not seen. The range is
        -1 to 1.

    Raises:
        ValueError: For what are no counts.

    References:
        A. Agresti (2013), Categorical Data Analysis, 11.1.

    Examples:
        A hundred pairs that never differ do not show that none would: no interval, not one of no
        width:

        >>> print(wald_paired(95, 0, 0, 5))
        0, no interval (no-variation, n=100)
    """
    n, d = _table(both, only_first, only_second, neither)
    variance = max(0.0, only_first + only_second - n * d * d) / (n * (n - 1)) if n > 1 else math.nan
    flat = max(both + neither, only_first, only_second) == n
    return Wald(
        estimate=d, method="wald-paired", n=n, clusters=n, undefined="" if n else "no-observations",
        no_interval="one-observation" if n == 1 else "no-variation" if flat else "",
        se=0.0 if flat and n > 1 else math.sqrt(variance), bounds=SIGNED,
    )  # fmt: skip


def paired_difference(
    first: ArrayLike, second: ArrayLike, cluster: Labels | None = None
) -> PairedShares | PairedMean:
    """Mean of *first* less *second* on the same rows, by what the rows are.

    Args:
        first: Values under the one condition: yes and no as 1 and 0, or marks.
        second: Under the other, in the same order.
        cluster: Label of the family of each row; None takes rows as independent.

    Returns:
        The difference: Tango's interval for independent pairs of zeros and ones; `paired_score` of
        other shares; and CR1 with t of marks, whose scale is not known. Its `p_above` is the
        probability, one-sided, of one as high if there were none. Undefined for no rows. A
        difference of shares is -1 to 1, one of marks in units of the marks.

    Raises:
        ValueError: For differing lengths or NaN.

    References:
        T. Tango (1998), Stat. Med. 17:891; R. G. Newcombe (1998), Stat. Med. 17:2635; K.-Y. Liang, S. L.
        Zeger (1986), Biometrika 73:13.

    Examples:
        The first is 20 points higher, which is less surely known where rows come in families of
        two:

        >>> first, second = [1] * 90 + [0] * 10, [1] * 70 + [0] * 30
        >>> print(paired_difference(first, second))
        0.2 [0.1334, 0.2888] (n=100, tango 95%)
        >>> print(paired_difference(first, second, [i // 2 for i in range(100)]))
        0.2 [0.08312, 0.3356] (n=100, clusters=50, paired-score-t 95%)
    """
    a, b = numbers(first, "first"), numbers(second, "second")
    same_length(first=a, second=b)
    all_values = np.concatenate([a, b])
    if cluster is None and np.isin(all_values, (0, 1)).all():
        return tango(*pair_table(a, b))
    if ((all_values >= 0) & (all_values <= 1)).all():
        return paired_score(b, a, cluster)
    return paired_clustered(b, a, cluster, scale=None)


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
        See `equivalence`; families with several rows belong to that, with `paired_score`. The
        difference is -1 to 1.

    Raises:
        ValueError: For what are no counts, or a margin or level that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657; T. Tango (1998), Stat. Med. 17:891.

    Examples:
        The difference is from -.5 to 1.2 points, within the two points that were fixed before:

        >>> print(paired_equivalence(900, 14, 11, 75, .02))
        equivalent: [-0.005495, 0.01176] within +/-0.02, alpha 0.05
    """
    return equivalence(tango(both, only_first, only_second, neither), margin, alpha)
