"""Limits that allow for errors which no label has shown, as few were drawn where each weighs much."""

import math

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dosimeter.stats.checks import Floats, Ints
from dosimeter.stats.influence import cr0
from dosimeter.stats.roots import root


@frozen
class Unseen:
    """What labels that were not seen could do to an estimate, on one side of it.

    Where labels have unlike weights a standard error may rest on the light ones: three errors that weigh a
    fiftieth each are not seen in one sample of twenty, and the error then tells nothing of them. A limit
    that is farther by D has the errors that make up D, and the variance that they would have: a count of
    Poisson's times the weight of one, the score interval. Of D only the part is theirs that their share
    of the variance gives; if none was seen they are all of D from quantile^2 errors on.

    Attributes:
        weight: How far one of them moves the estimate, above what one of a sample with even weights does,
            whose standard error holds.
        seen: Part of the variance that is due to such as were seen.

    References:
        L. Barker (2002), Am. Stat. 56:85, of the score interval of a Poisson mean; that it is taken for the
        heaviest weight, and less what an even sample has, is ours, its evidence simulated coverage.

    Examples:
        >>> Unseen(0.0, 0.01).reach(2.0, 0.1), Unseen(0.05, 0.0).reach(2.0, 0.0)
        (0.2, 0.2)
        >>> round(Unseen(0.05, 0.005).reach(2.0, 0.1), 3)
        0.29
    """

    weight: float
    seen: float

    def __str__(self) -> str:
        return f"one more such error moves it by {self.weight:.4g}"

    def reach(self, quantile: float, se: float) -> float:
        """Give how far a limit is from the estimate, so many standard errors *se* off."""
        plain, half = quantile * se, quantile * self.weight / 2
        most = quantile * (half + math.hypot(se, half))
        return root(lambda far: quantile - self.quantile(far, se), plain, most)

    def quantile(self, reach: float, se: float) -> float:
        """Give how many standard errors *reach* is: the statistic of the score test."""
        if reach <= 0:
            return reach / se if se else 0.0
        variance = se**2 + self.weight * self._part(reach, se**2)
        return reach / math.sqrt(variance) if variance else math.inf

    def _part(self, reach: float, variance: float) -> float:
        """Give how much of *reach* is theirs: their share of the variance that there would be."""
        if not self.weight:
            return 0.0
        over = self.weight * reach - variance
        known = 4 * self.weight * reach * min(self.seen, variance)
        return (over + math.hypot(over, math.sqrt(known))) / (2 * self.weight)

    def with_other(self, other: "Unseen") -> "Unseen":
        """Give what both could do, either of which moves the estimate to this side."""
        return Unseen(max(self.weight, other.weight), self.seen + other.seen)


NOTHING = Unseen(0.0, 0.0)


def unseen(room: Floats, moved: Floats, seen: NDArray[np.bool_], code: Ints, even: float) -> Unseen:
    """Give what labels that were not seen could do, from rows of a sample.

    What one row could do is taken to be done by its whole cluster, a mean by weight; the heaviest row
    counts where it is more. What as many labels of the cluster do in an even sample is taken off, of the
    squares, so that even weights leave 0.

    Args:
        room: How far each row could have moved the estimate to this side; below 0 it could not.
        moved: How far it has.
        seen: Whether a row has a label.
        code: Clusters of the rows.
        even: How far a label of an even sample moves it; 0 takes nothing off.
    """
    room, moved = np.maximum(room, 0.0), np.maximum(moved, 0.0)
    total = float(room.sum())
    if total <= 0:
        return NOTHING
    by, labels = np.bincount(code, weights=room), np.bincount(code, weights=seen)
    most = max(float(room.max()), float(by @ by) / total)
    off = even * float(by @ labels) / total
    return Unseen(math.sqrt(max(0.0, most**2 - off**2)), cr0(moved, code))
