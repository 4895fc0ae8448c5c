"""Equivalence: shown, never taken from a difference that is not significant."""

import math

from attrs import frozen

from dosimeter.stats.result import Limits, Result


@frozen(kw_only=True)
class Equivalence:
    """Whether a difference is shown to lie within a margin that was fixed before.

    Attributes:
        difference: The difference.
        margin: What is still no difference that matters.
        alpha: Level of each of the two one-sided tests.
        limits: Of the interval at 1 - 2 alpha.
        equivalent: The limits lie within -margin and margin. If not, nothing is said: a difference
            that is not shown is not equivalence, nor is equivalence that is not shown a difference.
        reason: Why nothing could be said; empty if an interval was there.
    """

    difference: Result
    margin: float
    alpha: float
    limits: Limits
    equivalent: bool
    reason: str = ""

    def __str__(self) -> str:
        said = "equivalent" if self.equivalent else "equivalence not shown"
        why = f" ({self.reason})" if self.reason else ""
        low, high = self.limits
        return (
            f"{said}{why}: [{low:.4g}, {high:.4g}] within +/-{self.margin:g}, alpha {self.alpha:g}"
        )


def equivalence(difference: Result, margin: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided tests of any difference: is its interval at 1 - 2 alpha within the margin?

    Args:
        difference: One with limits at any level, as `tango` and `paired_score` give.
        margin: Above 0, in units of the difference, fixed before the data were seen.
        alpha: Level of each test, between 0 and 1/2.

    Returns:
        A verdict with its limits (`Equivalence`), never equivalent without an interval.

    Raises:
        ValueError: For a margin or level that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657.

    Examples:
        Forty families are too few to call two models equally safe:

        >>> from dosimeter.stats.paired_means import paired_clustered
        >>> print(equivalence(paired_clustered([0] * 40, [0] * 40, range(40)), .05))
        equivalence not shown: [-0.07216, 0.07216] within +/-0.05, alpha 0.05
    """
    if not 0 < margin < math.inf or not 0 < alpha < 0.5:
        msg = f"needs a margin above 0 and alpha between 0 and 0.5, got {margin} and {alpha}"
        raise ValueError(msg)
    found = difference.interval(1 - 2 * alpha)
    inside = not found.undefined and -margin < found.lower and found.upper < margin
    return Equivalence(
        difference=difference, margin=margin, alpha=alpha, limits=(found.lower, found.upper),
        equivalent=inside, reason=found.undefined,
    )  # fmt: skip
