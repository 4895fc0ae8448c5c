"""A mean of shares of strata that weigh as they are told to, such as categories that weigh alike."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import numbers
from dosimeter.stats.cluster import ClusterShare
from dosimeter.stats.result import UNIT, Limits


@frozen(kw_only=True)
class StrataShare(ClusterShare):
    """A weighted mean of the shares of strata.

    Attributes:
        parts: The share of each stratum.
        weights: Of each, which sum to 1.
        most: Kish's size of the strata's effective sizes.
    """

    parts: tuple[ClusterShare, ...] = field(repr=False)
    weights: tuple[float, ...] = field(repr=False)

    def trials(self, level: float) -> float:
        """Give the size of as many strata's effective samples as weigh alike; NaN if one has none."""
        sizes = [p.trials(level) for p in self.parts]
        return 1 / math.fsum(w * w / n for w, n in zip(self.weights, sizes, strict=True) if w)

    def limits(self, level: float) -> Limits:
        """Give the mean less and plus the distances to each stratum's limits, weighed, squared and added."""
        down = up = 0.0
        for w, part in zip(self.weights, self.parts, strict=True):
            lower, upper = part.limits(level)
            down += (w * (part.estimate - lower)) ** 2
            up += (w * (upper - part.estimate)) ** 2
        return self.estimate - math.sqrt(down), self.estimate + math.sqrt(up)


def strata_share(parts: Sequence[ClusterShare], weights: ArrayLike | None = None) -> StrataShare:
    """Weighted mean of the shares of strata, each of clustered observations of its own.

    Each stratum's limits are Korn and Graubard's, at the level that is asked. A stratum without an
    event, of which a standard error would say that nothing is open, widens the interval by what as
    many clusters may not have shown.

    Args:
        parts: Shares of strata that have no cluster in common.
        weights: Of each, scaled to sum 1; None weighs them alike.

    Returns:
        The mean, 0 to 1; undefined without strata or where one is, without an interval where one has
        none.

    Raises:
        ValueError: For unlike lengths, or weights that are negative or all 0.

    References:
        G. Zou, W. Huang, X. Zhang (2009), Comput. Stat. Data Anal. 53:1080; G. Zou, A. Donner (2008),
        Stat. Med. 27:1693.

    Examples:
        Two hundred goals of one kind and twenty of another weigh as two kinds, not as 220 goals:

        >>> from dosimeter.stats.cluster import korn_graubard
        >>> many = korn_graubard([1] * 20 + [0] * 180, range(200))
        >>> few = korn_graubard([1] * 10 + [0] * 10, range(20))
        >>> print(strata_share([many, few]))
        0.3 [0.1816, 0.4195] (n=220, strata-exact 95%)
    """
    every = tuple(parts)
    w = np.ones(len(every)) if weights is None else numbers(weights, "weights")
    if len(w) != len(every) or (w < 0).any() or (len(w) and not w.sum()):
        msg = f"strata: {len(every)} shares and {len(w)} weights, at least 0 and not all 0"
        raise ValueError(msg)
    w = w / w.sum() if len(w) else w
    p = np.array([part.estimate for part in every])
    why = next((part.undefined for part in every if part.undefined), "")
    why = why if every else "no-observations"
    return StrataShare(
        estimate=math.nan if why else float(np.clip(w @ p, 0, 1)), method="strata-exact",
        n=sum(part.n for part in every), clusters=sum(part.clusters for part in every), undefined=why,
        no_interval=next((part.no_interval for part in every if part.no_interval), ""),
        se=math.sqrt(math.fsum((a * part.se) ** 2 for a, part in zip(w, every, strict=True))),
        most=1 / math.fsum(a * a / part.most for a, part in zip(w, every, strict=True) if a)
        if every and not why else math.nan,
        bounds=UNIT, parts=every, weights=tuple(map(float, w)),
    )  # fmt: skip
