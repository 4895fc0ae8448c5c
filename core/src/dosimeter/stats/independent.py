"""Two conditions on different items: the difference of two shares."""

import math

from attrs import field, frozen

from dosimeter.stats.checks import real, trials
from dosimeter.stats.result import SIGNED, Limits, Result, wilson_limits, z_quantile


@frozen(kw_only=True)
class IndependentShares(Result):
    """A difference between two shares of different items, *first* less *second*.

    Attributes:
        x1: Events of the first.
        n1: Trials of the first.
        x2: Events of the second.
        n2: Trials of the second.
    """

    x1: float
    n1: float
    x2: float
    n2: float
    bounds: Limits = field(default=SIGNED, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by squaring and adding the distances to Wilson's."""
        z = z_quantile(level)
        p1, p2 = self.x1 / self.n1, self.x2 / self.n2
        return mover(p1, wilson_limits(p1, self.n1, z), p2, wilson_limits(p2, self.n2, z))


def mover(
    first: float, of_first: Limits, second: float, of_second: Limits, correlation: float = 0.0
) -> Limits:
    """Limits of *first* less *second* from those of each: squares of the distances are added.

    Args:
        first: The one estimate.
        of_first: Its limits.
        second: The other.
        of_second: Its limits, at the same level.
        correlation: Of both estimates.

    Returns:
        A lower and an upper limit of the difference, in units of both.

    Raises:
        ValueError: For what are no numbers, or no two limits.

    References:
        R. G. Newcombe (1998), Stat. Med. 17:873; G. Y. Zou, A. Donner (2008), Stat. Med. 27:1693: the
        method of variance estimates recovery.

    Examples:
        Two points between shares with limits of their own: the difference may be 0, or 9 points:

        >>> [round(limit, 3) for limit in mover(.95, (.888, .978), .93, (.863, .966))]
        [-0.052, 0.093]
    """
    for name, limits in (("of_first", of_first), ("of_second", of_second)):
        if len(limits) != 2:
            msg = f"{name} must be a lower and an upper limit, got {len(limits)} numbers"
            raise ValueError(msg)
    (l1, u1), (l2, u2) = of_first, of_second
    real(first=first, second=second, correlation=correlation)
    d = first - second
    down = _together(first - l1, u2 - second, correlation)
    return d - down, d + _together(u1 - first, second - l2, correlation)


def _together(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * correlation * one * other + other * other))


def newcombe_independent(x1: float, n1: float, x2: float, n2: float) -> IndependentShares:
    """Difference of two shares of different items with Newcombe's interval: the default.

    Args:
        x1: Events of the first, 0 to *n1*.
        n1: Trials of the first.
        x2: Events of the second, 0 to *n2*.
        n2: Trials of the second.

    Returns:
        First less second share, -1 to 1; undefined if one has no trials.

    Raises:
        ValueError: For events that cannot be among the trials.

    References:
        R. G. Newcombe (1998), Stat. Med. 17:873, method 10.

    Examples:
        A hundred items each do not tell 95 % from 93 %:

        >>> print(newcombe_independent(95, 100, 93, 100))
        0.02 [-0.05132, 0.09325] (n=200, newcombe 95%)
    """
    trials(x1, n1)
    trials(x2, n2)
    none = not n1 or not n2
    n = int(n1 + n2)
    return IndependentShares(
        estimate=math.nan if none else x1 / n1 - x2 / n2, method="newcombe", n=n, clusters=n,
        undefined="no-observations" if none else "", x1=x1, n1=n1, x2=x2, n2=n2,
    )  # fmt: skip
