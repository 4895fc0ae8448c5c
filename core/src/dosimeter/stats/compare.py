"""Conditions compared: on different items here, on the same ones in `dosimeter.stats.paired`.

What several tests leave of each is in `dosimeter.stats.multiplicity`, what may be said of two
conditions in `dosimeter.stats.verdicts`, of more in `dosimeter.stats.ranking`; all are to be had here.
"""

import math

from attrs import field, frozen

from dosimeter.stats.checks import trials
from dosimeter.stats.multiplicity import Adjusted, CochranQ, cochran_q, p_adjust
from dosimeter.stats.ranking import Groups, Pair, Ranking, rank, tie_groups
from dosimeter.stats.result import Limits, Result, wilson_limits, z_quantile
from dosimeter.stats.verdicts import JointVerdict, Verdict, refusal_verdict, verdict

__all__ = [
    "Adjusted",
    "CochranQ",
    "Groups",
    "Independent",
    "JointVerdict",
    "Pair",
    "Ranking",
    "Verdict",
    "cochran_q",
    "newcombe_independent",
    "p_adjust",
    "rank",
    "refusal_verdict",
    "tie_groups",
    "verdict",
]


@frozen(kw_only=True)
class Independent(Result):
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
    bounds: Limits = field(default=(-1.0, 1.0), repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by squaring and adding the distances to Wilson's."""
        z = z_quantile(level)
        p1, p2 = self.x1 / self.n1, self.x2 / self.n2
        (l1, u1), (l2, u2) = wilson_limits(p1, self.n1, z), wilson_limits(p2, self.n2, z)
        return self.estimate - math.hypot(p1 - l1, u2 - p2), self.estimate + math.hypot(
            u1 - p1, p2 - l2
        )


def newcombe_independent(x1: float, n1: float, x2: float, n2: float) -> Independent:
    """Difference of two shares of different items with Newcombe's interval.

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
    return Independent(
        estimate=math.nan if none else x1 / n1 - x2 / n2, method="newcombe", n=n, clusters=n,
        undefined="no-observations" if none else "", x1=x1, n1=n1, x2=x2, n2=n2,
    )  # fmt: skip
