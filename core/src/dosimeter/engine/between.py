"""What a design could show between two targets on the same families."""

import math
from collections.abc import Iterator
from functools import cache

from attrs import frozen

from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.planning import Between, PilotAnswer
from dosimeter.stats.planning_paired import (
    effective_rows,
    families_for_equivalence,
    families_for_paired_mean,
    family_sd,
    mde_clustered_mean,
    mde_clustered_shares,
    power_paired_mean,
    power_paired_proportions,
)
from dosimeter.stats.planning_pilot import CAREFUL, careful_sd
from dosimeter.stats.planning_shares import mde_paired_proportions, sample_size_mcnemar
from dosimeter.stats.rate import clopper_pearson

DISAGREE = (0.2, 0.5)
"""Shares of families on which two targets may differ, where no pilot says."""


@frozen
class Sizes:
    """How many rows of how many families, and what is asked of them.

    Attributes:
        rows: Of a family; of unlike families the harmonic mean.
        plain: Whether each family has one row, so that pairs are independent.
    """

    families: int
    rows: float
    plain: bool
    alpha: float
    power: float


@frozen
class Spread:
    """How the differences of two targets vary.

    Attributes:
        discordant: Of a rate: share of rows with the event with one target only.
        sd: Of a mean: standard deviation of a row's difference.
        icc: Intra-family correlation of the difference.
        span: Length of the scale where *discordant* is of marks at its two ends; 1 of rates.
    """

    discordant: float | None
    sd: float
    icc: float
    span: float = 1.0

    def of_family(self, rows: float, difference: float) -> float:
        """Give the standard deviation of a family's difference if the true one is *difference*."""
        if self.discordant is None:
            return family_sd(self.sd, rows, self.icc)
        d = difference / self.span
        spread = math.sqrt(max(0.0, max(self.discordant, d) - d * d))
        return self.span * family_sd(spread, rows, self.icc)


def spreads(
    share: bool, ends: tuple[float, float], pilot: PilotAnswer | None, icc: float
) -> Iterator[Spread]:
    """Say how two targets' differences vary.

    By the pilot's two; by its only one, as if another of the same rate or spread answered regardless of
    it; without a pilot, or where its marks do not vary, at the least and the greatest disagreement that
    is assumed.

    Args:
        share: Whether it is a difference of shares.
        ends: Of the scale.
        pilot: What it says; None without one.
        icc: Intra-family correlation of the outcome.
    """
    pair = pilot.pair if pilot else None
    seen = pair and (pair.discordant or pair.sd)
    if pair and seen and seen.used:
        of_pair = 1.0 if pair.icc is None else pair.icc.used
        yield Spread(seen.used if share else None, 0.0 if share else seen.used, of_pair)
    elif pilot is not None and share:
        p = _nearest_to_half(pilot)
        yield Spread(2 * p * (1 - p), 0.0, icc)
    elif pilot is not None and pilot.sd:
        sd = careful_sd(pilot.sd, max(1, pilot.families - 1))
        yield Spread(None, math.sqrt(2) * sd, icc)
    elif all(map(math.isfinite, ends)):
        yield from (Spread(d, 0.0, 1.0, ends[1] - ends[0]) for d in DISAGREE)


def _nearest_to_half(pilot: PilotAnswer) -> float:
    """Give the rate that disagrees most with itself of those that the pilot leaves open."""
    n = pilot.families
    low, high = clopper_pearson(pilot.value * n, n).interval(2 * CAREFUL - 1)
    return min(max(0.5, low), high)


def between(size: Sizes, spread: Spread, detect: float | None, margin: float | None) -> Between:
    """Say what *size* shows between two targets that vary by *spread*.

    Args:
        size: Of the plan.
        spread: Of the differences.
        detect: A difference asked about; None without one.
        margin: By which they are to be shown alike; None without one.
    """
    asked = detect if detect is not None and 0 < detect <= spread.span * _most(spread) else None
    enough = size.families >= FEW_FAMILIES
    return Between(
        discordant=spread.discordant,
        sd=spread.of_family(size.rows, 0.0),
        smallest=_known(_smallest(size, spread)) if enough else None,
        power=None if asked is None else _power(size, spread, asked) if enough else 0.0,
        needed=None if asked is None else _at_least(_needed(size, spread, asked)),
        equivalent=None if margin is None else _at_least(_alike(size, spread, margin)),
    )


def _most(spread: Spread) -> float:
    """Give the largest difference there is, as part of the span."""
    return 1.0 if spread.discordant is not None else math.inf


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _at_least(families: int) -> int | None:
    return max(families, FEW_FAMILIES) if families else None


@cache
def _smallest(size: Sizes, spread: Spread) -> float:
    test = (size.alpha, size.power)
    if spread.discordant is None:
        if not spread.sd:
            return 0.0
        return mde_clustered_mean(size.families, spread.sd, size.rows, spread.icc, *test)
    if size.plain:
        return spread.span * mde_paired_proportions(size.families, spread.discordant, *test)
    return spread.span * mde_clustered_shares(
        size.families, spread.discordant, size.rows, spread.icc, *test
    )


@cache
def _power(size: Sizes, spread: Spread, difference: float) -> float:
    if spread.discordant is not None and size.plain:
        d = difference / spread.span
        return power_paired_proportions(size.families, max(d, spread.discordant), d, size.alpha)
    sd = spread.of_family(size.rows, difference)
    return power_paired_mean(size.families, difference, sd, size.alpha)


@cache
def _needed(size: Sizes, spread: Spread, difference: float) -> int:
    if spread.discordant is not None and size.plain:
        d = difference / spread.span
        psi = max(d, spread.discordant)
        return math.ceil(sample_size_mcnemar((psi + d) / 2, (psi - d) / 2, size.alpha, size.power))
    sd = spread.of_family(size.rows, difference)
    return families_for_paired_mean(difference, sd, size.alpha, size.power)


@cache
def _alike(size: Sizes, spread: Spread, margin: float) -> int:
    return families_for_equivalence(
        margin, spread.of_family(size.rows, 0.0), size.alpha, size.power
    )


def effective(size: Sizes, icc: float) -> float:
    """Give how many independent rows the plan counts as."""
    return effective_rows(size.families, size.rows, icc)
