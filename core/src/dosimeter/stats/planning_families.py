"""How many families a claim takes: rows of one family are less than as many families."""

import math

from attrs import frozen
from scipy.special import betaln

from dosimeter.stats.checks import counts, inside, shares
from dosimeter.stats.design import design_effect
from dosimeter.stats.planning_paired import effective_rows
from dosimeter.stats.planning_shares import (
    mde_paired_proportions,
    sample_size_mcnemar_phi,
    sample_size_wilson_halfwidth,
)
from dosimeter.stats.result import check_level
from dosimeter.stats.roots import fewest


def families_for_halfwidth(
    p: float, half_width: float, level: float = 0.95, *, rows: float = 1, icc: float = 0.0
) -> int:
    """Families from which half the width of a share's interval is at most *half_width*.

    Args:
        p: Share that is expected, 0 to 1.
        half_width: Above 0, below 1/2.
        level: Confidence level, between 0 and 1.
        rows: Rows of each family, at least 1.
        icc: Intra-family correlation of the outcome, 0 to 1.

    Returns:
        A whole number of families.

    Raises:
        ValueError: For a share, width, level, number or correlation that is none.

    References:
        E. B. Wilson (1927), JASA 22:209; L. Kish (1965), Survey Sampling.

    Examples:
        Ten attacks on each family save few families if they mostly succeed or fail together:

        >>> families_for_halfwidth(.95, .02), families_for_halfwidth(.95, .02, rows=10, icc=.5)
        (469, 258)
    """
    shares(icc=icc)
    return design_effect(sample_size_wilson_halfwidth(p, half_width, level), rows, icc).n_clusters


def families_for_upper_limit(limit: float, level: float = 0.95, *, sides: int = 2) -> int:
    """Families that, all without an event, take the upper limit of a rate to *limit*.

    Args:
        limit: Between 0 and 1.
        level: Confidence level, between 0 and 1.
        sides: 2 for the upper end of an interval, as reports give it; 1 for a one-sided limit.

    Returns:
        A whole number of families.

    Raises:
        ValueError: For a limit, level or number of sides that is none.

    References:
        C. J. Clopper, E. S. Pearson (1934), Biometrika 26:404; J. A. Hanley, A. Lippman-Hand (1983),
        JAMA 249:1743.

    Examples:
        "Under 1 %" takes 368 families without a single event, however many attacks each of them met:

        >>> families_for_upper_limit(.01)
        368
    """
    check_level(level)
    inside(limit=limit)
    if sides not in {1, 2}:
        msg = f"sides must be 1 or 2, got {sides}"
        raise ValueError(msg)
    return max(1, math.ceil(math.log((1 - level) / sides) / math.log1p(-limit) - 1e-9))


def families_for_sequential_gate(
    limit: float, level: float = 0.95, *, prior: tuple[float, float] = (1.0, 1.0)
) -> int:
    """Families that, all without an event, clear a gate of *limit* in a run that may stop at any look.

    Args:
        limit: The gate's highest rate, between 0 and 1.
        level: Confidence level of the sequence, between 0 and 1.
        prior: a and b of the Beta mixture (`dosimeter.stats.sequential.beta_mixture`).

    Returns:
        A whole number of families.

    Raises:
        ValueError: For a limit or level that is none.

    References:
        H. Robbins (1970), Ann. Math. Stat. 41:1397.

    Examples:
        Looking as often as one likes costs twice the families of a limit that is looked at once:

        >>> families_for_sequential_gate(.05), families_for_upper_limit(.05)
        (158, 72)
    """
    check_level(level)
    inside(limit=limit)
    a, b = prior

    def clear(n: int) -> bool:
        return float(betaln(a, b + n) - betaln(a, b)) - n * math.log1p(-limit) >= -math.log1p(
            -level
        )

    return fewest(clear)


def families_for_difference(
    p1: float,
    p2: float,
    phi: float,
    alpha: float = 0.05,
    power: float = 0.8,
    *,
    rows: float = 1,
    icc: float = 0.0,
    comparisons: int = 1,
) -> int:
    """Families that two conditions share from which a difference between their rates is seen.

    Args:
        p1: Rate under the first condition, 0 to 1.
        p2: Under the second; not *p1*.
        phi: Correlation of the two outcomes of a row.
        alpha: Two-sided level of the family of comparisons.
        power: Probability that the difference is seen.
        rows: Rows of each family, at least 1.
        icc: Intra-family correlation of the *difference*, 0 to 1.
        comparisons: How many are made; each is planned at alpha / comparisons, Holm's first step.

    Returns:
        A whole number of families.

    Raises:
        ValueError: As `dosimeter.stats.planning_shares.sample_size_mcnemar_phi`, and for a number or
            correlation that is none.

    References:
        R. J. Connor (1987), Biometrics 43:207; L. Kish (1965), Survey Sampling.

    Examples:
        To tell 95 % from 93 % takes over a thousand families, or 405 of five rows each:

        >>> families_for_difference(.95, .93, .5), families_for_difference(.95, .93, .5, rows=5, icc=.2)
        (1124, 405)
    """
    shares(icc=icc)
    _check_comparisons(comparisons)
    pairs = sample_size_mcnemar_phi(p1, p2, phi, alpha / comparisons, power)
    return design_effect(pairs, rows, icc).n_clusters


@frozen(kw_only=True)
class Detectable:
    """What a design could see: below it, nothing is to be called distinguished, nor the same.

    Attributes:
        difference: Smallest difference between two rates of the same families; NaN if even the
            largest would be missed.
        effective_n: Independent pairs that the rows amount to.
        alpha: Level of each comparison.
        power: Probability with which it is seen.
    """

    difference: float
    effective_n: float
    alpha: float
    power: float

    def __str__(self) -> str:
        of = f"effective n {self.effective_n:.4g}, alpha {self.alpha:.3g}, power {self.power:g}"
        if math.isnan(self.difference):
            return f"no difference would be seen ({of})"
        return f"differences from {self.difference:.3g} would be seen ({of})"


def detectable(
    families: int,
    discordant: float,
    *,
    rows: float = 1,
    icc: float = 0.0,
    comparisons: int = 1,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Detectable:
    """Smallest difference between two conditions that a planned run would see.

    Args:
        families: Families that both conditions get.
        discordant: Share of rows with the event under one condition only, 0 to 1.
        rows: Rows of each family, at least 1.
        icc: Intra-family correlation of the difference, 0 to 1.
        comparisons: How many are made; each is planned at alpha / comparisons, Holm's first step.
        alpha: Two-sided level of the family of comparisons.
        power: Probability that the difference is seen.

    Returns:
        The difference, with the effective size: families x rows / (1 + (rows - 1) icc), which no
        number of rows takes above families / icc.

    Raises:
        ValueError: For a number, share, correlation, level or power that is none.

    References:
        R. J. Connor (1987), Biometrics 43:207; L. Kish (1965), Survey Sampling.

    Examples:
        Eighty families of five rows would show 11 points four times in five, in each of three
        comparisons:

        >>> print(detectable(80, .2, rows=5, icc=.3, comparisons=3))
        differences from 0.107 would be seen (effective n 181.8, alpha 0.0167, power 0.8)
    """
    counts(families=families)
    _check_comparisons(comparisons)
    size = effective_rows(families, rows, icc)
    each = alpha / comparisons
    return Detectable(difference=mde_paired_proportions(size, discordant, each, power),
                      effective_n=size, alpha=each, power=power)  # fmt: skip


def _check_comparisons(comparisons: int) -> None:
    if comparisons < 1:
        msg = f"comparisons must be at least 1, got {comparisons}"
        raise ValueError(msg)
