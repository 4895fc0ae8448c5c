"""What grading buys over counting: from the distribution of the marks, never by a fixed factor."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from dosimeter.stats.checks import Floats, array, within
from dosimeter.stats.planning_checks import quantiles
from dosimeter.stats.planning_marks import shifted
from dosimeter.stats.planning_shares import sample_size_two_proportions


@frozen(kw_only=True)
class Grading:
    """Observations an arm by a rate and by the mean mark, for the same change of the marks.

    Attributes:
        by_rate: To see the change in the share at or above the threshold.
        by_mean: To see it in the mean, if all marks shift (proportional odds).
        by_mean_of_tail: If only marks at or above the threshold become more, each level of them in
            proportion.
    """

    by_rate: float
    by_mean: float
    by_mean_of_tail: float

    @property
    def gains(self) -> tuple[float, float]:
        """How many times fewer the mean takes: if only the tail grows, and if all marks shift."""
        return self.by_rate / self.by_mean_of_tail, self.by_rate / self.by_mean

    def __str__(self) -> str:
        low, high = sorted(self.gains)
        return f"{low:.2g} to {high:.2g} times fewer by the mean"


def grading(
    p_marks: Sequence[float],
    threshold: int,
    change: float,
    *,
    values: Sequence[float] | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Grading:
    """What the mean mark saves against the share of marks at or above a threshold.

    Args:
        p_marks: Share of each mark, the lowest first; 1 together.
        threshold: Index of the lowest mark that counts.
        change: By how much their share grows, above 0.
        values: Of the marks; None for 1, 2, ...
        alpha: Two-sided level of the test.
        power: Probability that the test sees the change.

    Returns:
        Numbers of two independent arms, not rounded; infinite where the mean does not change.

    Raises:
        ValueError: For shares that do not make 1, a threshold that leaves no marks on a side, or a
            change that the share has no room for.

    References:
        J. Whitehead (1993), Stat. Med. 12:2257.

    Examples:
        Marks spread over the scale take fewer by their mean, unless it is the tail alone that grows:

        >>> print(grading([.80, .15, .03, .015, .005], 2, .02))
        0.67 to 2.6 times fewer by the mean
    """
    p = within(p_marks, 0, 1, "p_marks")
    level = np.arange(1.0, len(p) + 1) if values is None else array(values, "values")
    if abs(p.sum() - 1) > 1e-6 or not 0 < threshold < len(p):
        msg = f"needs shares that make 1 and a threshold inside, got {p.sum():g} and {threshold}"
        raise ValueError(msg)
    share = float(p[threshold:].sum())
    if not 0 < change < 1 - share or share == 0:
        msg = f"a share of {share:g} cannot grow by {change:g}"
        raise ValueError(msg)
    grown = share + change
    odds = (1 - share) * grown / (share * (1 - grown))
    of_tail = np.where(
        np.arange(len(p)) < threshold, p * (1 - grown) / (1 - share), p * grown / share
    )
    by_mean, by_tail = (_by_mean(p, q, level, alpha, power) for q in (shifted(p, odds), of_tail))
    return Grading(by_rate=sample_size_two_proportions(share, grown, alpha, power),
                   by_mean=by_mean, by_mean_of_tail=by_tail)  # fmt: skip


def _by_mean(p: Floats, q: Floats, level: Floats, alpha: float, power: float) -> float:
    means = [float(share @ level) for share in (p, q)]
    spreads = [float(share @ level**2) - m * m for share, m in zip((p, q), means, strict=True)]
    za, zb = quantiles(alpha, power)
    change = means[1] - means[0]
    return (za + zb) ** 2 * sum(spreads) / change**2 if change else math.inf
