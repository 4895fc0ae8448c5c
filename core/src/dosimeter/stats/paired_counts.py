"""Pairs of yes and no, counted, and the test of their split."""

from numpy.typing import ArrayLike
from scipy.special import betainc

from dosimeter.stats.checks import binary, counts, same_length
from dosimeter.stats.paired_limits import Cells


def mcnemar_p(only_first: float, only_second: float) -> tuple[float, float]:
    """Probability of so unequal a split of the pairs that differ, two-sided: exact, and mid-p.

    Args:
        only_first: Pairs with the event under the first condition only.
        only_second: Under the second only.

    Returns:
        Both, 0 to 1; 1 where no pair differs.

    Raises:
        ValueError: For what are no counts.

    References:
        M. W. Fagerland, S. Lydersen, P. Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples:
        One to seven is not below 5 % by the exact test, and is by mid-p, which is less cautious:

        >>> mcnemar_p(1, 7)
        (0.0703125, 0.0390625)
    """
    counts(only_first=only_first, only_second=only_second)
    m, least = int(only_first + only_second), min(only_first, only_second)
    if not m:
        return 1.0, 1.0
    upto = float(betainc(m - least, least + 1, 0.5))
    below = float(betainc(m - least + 1, least, 0.5)) if least else 0.0
    mid = 1 - (upto - below) / 2 if only_first == only_second else upto + below
    return min(1.0, 2 * upto), mid


def pair_table(first: ArrayLike, second: ArrayLike) -> Cells:
    """Count the pairs of two columns of yes and no, for `tango`.

    Args:
        first: 0 or 1 under the one condition, one an item.
        second: Under the other, in the same order.

    Returns:
        Counts of pairs with the event under both, the first only, the second only, and neither.

    Raises:
        ValueError: For differing lengths, or what is neither 0 nor 1.

    References:
        Q. McNemar (1947), Psychometrika 12:153.

    Examples:
        Of five items two have the event under both, one under each alone, and one under neither:

        >>> pair_table([1, 1, 0, 0, 1], [1, 0, 0, 1, 1])
        (2, 1, 1, 1)
    """
    a, b = binary(first, "first"), binary(second, "second")
    same_length(first=a, second=b)
    both, only_first, only_second = int(a @ b), int(a @ (1 - b)), int((1 - a) @ b)
    return both, only_first, only_second, len(a) - both - only_first - only_second
