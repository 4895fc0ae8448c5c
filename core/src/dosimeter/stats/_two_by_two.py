"""Differences of two shares, of unlike rows or of the same: what the modules of domains need of them."""

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc

from dosimeter.stats.checks import Labels, counts, numbers, same_length, trials
from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.result import Limits, Result, Wald, t_tail, wilson_limits, z_quantile

SIGNED: Limits = (-1.0, 1.0)
"""Bounds of a difference of shares."""


@frozen(kw_only=True)
class IndependentDifference(Result):
    """Share of the first less share of the second of two groups, with Newcombe's interval.

    Attributes:
        x1: Events of the first.
        n1: Its trials.
        x2: Events of the second.
        n2: Its trials.
    """

    x1: float
    n1: float
    x2: float
    n2: float
    bounds: Limits = field(default=SIGNED, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by squaring and adding those of both shares."""
        p1, p2, z = self.x1 / self.n1, self.x2 / self.n2, z_quantile(level)
        l1, u1 = wilson_limits(p1, self.n1, z)
        l2, u2 = wilson_limits(p2, self.n2, z)
        down, up = math.hypot(p1 - l1, u2 - p2), math.hypot(u1 - p1, p2 - l2)
        return self.estimate - down, self.estimate + up


def independent_difference(x1: float, n1: float, x2: float, n2: float) -> IndependentDifference:
    """Difference of two shares with Newcombe's (1998, Stat. Med. 17:873) method 10."""
    trials(x1, n1)
    trials(x2, n2)
    n = int(n1 + n2)
    there = n1 > 0 and n2 > 0
    return IndependentDifference(
        estimate=x1 / n1 - x2 / n2 if there else math.nan, method="newcombe", n=n, clusters=n,
        undefined="" if there else "no-observations", x1=x1, n1=n1, x2=x2, n2=n2,
    )  # fmt: skip


@frozen(kw_only=True)
class PairedDifference(Result):
    """Share of the first less share of the second on the same rows, with Newcombe's interval.

    Attributes:
        both: Rows with both events.
        only_first: With the first alone.
        only_second: With the second alone.
        neither: With none.
    """

    both: float
    only_first: float
    only_second: float
    neither: float
    bounds: Limits = field(default=SIGNED, repr=False)

    @property
    def exact_p(self) -> float:
        """McNemar's exact p, two-sided; 1 where no rows disagree, NaN where there are none."""
        if self.undefined:
            return math.nan
        fewer = min(self.only_first, self.only_second)
        apart = self.only_first + self.only_second
        return min(1.0, 2 * float(bdtr(fewer, int(apart), 0.5))) if apart else 1.0

    def limits(self, level: float) -> Limits:
        """Give the limits by squaring and adding, less what correlation saves."""
        n, z = self.both + self.only_first + self.only_second + self.neither, z_quantile(level)
        p1, p2 = (self.both + self.only_first) / n, (self.both + self.only_second) / n
        l1, u1 = wilson_limits(p1, n, z)
        l2, u2 = wilson_limits(p2, n, z)
        phi = _phi(self.both, self.only_first, self.only_second, self.neither)
        down, up = _add(p1 - l1, u2 - p2, phi), _add(u1 - p1, p2 - l2, phi)
        return self.estimate - down, self.estimate + up


def paired_difference(
    both: float, only_first: float, only_second: float, neither: float
) -> PairedDifference:
    """Difference of paired shares with Newcombe's (1998, Stat. Med. 17:2635) method 10."""
    counts(both=both, only_first=only_first, only_second=only_second, neither=neither)
    n = int(both + only_first + only_second + neither)
    return PairedDifference(
        estimate=(only_first - only_second) / n if n else math.nan, method="newcombe-paired", n=n,
        clusters=n, undefined="" if n else "no-observations", both=both, only_first=only_first,
        only_second=only_second, neither=neither,
    )  # fmt: skip


def paired_rows(first: ArrayLike, second: ArrayLike) -> PairedDifference:
    """Difference of paired zeros and ones, one row each."""
    a, b = numbers(first, "first"), numbers(second, "second")
    same_length(first=a, second=b)
    return paired_difference(
        float((a * b).sum()), float((a * (1 - b)).sum()), float(((1 - a) * b).sum()),
        float(((1 - a) * (1 - b)).sum()),
    )  # fmt: skip


def difference(first: ArrayLike, second: ArrayLike, cluster: Labels | None) -> Result:
    """Mean of *first* - *second*: Newcombe's for independent pairs of zeros and ones, else CR1 with t."""
    a, b = numbers(first, "first"), numbers(second, "second")
    same_length(first=a, second=b)
    if cluster is None and np.isin(np.concatenate([a, b]), (0, 1)).all():
        return paired_rows(a, b)
    return cluster_mean(a - b, np.arange(len(a)) if cluster is None else cluster)


def upper_p(found: Result) -> float:
    """Probability, one-sided, of a difference at least as high if there were none; NaN if unknown."""
    if found.undefined:
        return math.nan
    if isinstance(found, PairedDifference):
        b, apart = found.only_first, found.only_first + found.only_second
        return float(bdtrc(b - 1, int(apart), 0.5)) if b else 1.0
    if not isinstance(found, Wald) or found.no_interval:
        return math.nan
    return t_tail(found.estimate / found.se, found.df)


def _phi(a: float, b: float, c: float, d: float) -> float:
    """Correlation of the fourfold table, corrected for continuity; 0 where a margin is empty."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if not margins:
        return 0.0
    apart = a * d - b * c
    if apart > 0:
        apart = max(apart - (a + b + c + d) / 2, 0.0)
    return apart / math.sqrt(margins)


def _add(x: float, y: float, phi: float) -> float:
    return math.sqrt(max(0.0, x * x - 2 * phi * x * y + y * y))
