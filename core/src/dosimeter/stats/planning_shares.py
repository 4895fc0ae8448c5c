"""How many observations, or pairs, tell two shares apart, and what a given number could see."""

import math
from typing import Literal

from dosimeter.stats.checks import inside, shares
from dosimeter.stats.planning_checks import (
    SLACK,
    check_discordant,
    check_number,
    check_test,
    quantiles,
    unlike,
)
from dosimeter.stats.result import check_level, wilson_limits, z_quantile
from dosimeter.stats.roots import root


def sample_size_two_proportions(
    p1: float, p2: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Observations an arm to tell two shares apart, by the two-sided test of the normal approximation.

    Args:
        p1: Share in one arm, 0 to 1.
        p2: Share in the other; not *p1*.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        A number that is not rounded up; without the correction for continuity.

    Raises:
        ValueError: For shares, a level or a power that are none, or equal shares.

    References:
        J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions.

    Examples:
        To tell 95 % from 93 %, each model answers more than two thousand prompts:

        >>> math.ceil(sample_size_two_proportions(.95, .93))
        2213
    """
    unlike(p1, p2)
    za, zb = quantiles(alpha, power)
    mean = (p1 + p2) / 2
    under = math.sqrt(2 * mean * (1 - mean))
    apart = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return ((za * under + zb * apart) / (p1 - p2)) ** 2


def sample_size_two_proportions_arcsine(
    p1: float, p2: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Observations an arm to tell two shares apart, on the arcsine scale (Cohen's h).

    Args:
        p1: Share in one arm, 0 to 1.
        p2: Share in the other; not *p1*.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        A number that is not rounded up.

    Raises:
        ValueError: As `sample_size_two_proportions`.

    References:
        J. Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 6.

    Examples:
        To tell 95 % from 93 % takes some 2,200 observations an arm:

        >>> math.ceil(sample_size_two_proportions_arcsine(.95, .93))
        2199
    """
    unlike(p1, p2)
    za, zb = quantiles(alpha, power)
    h = 2 * (math.asin(math.sqrt(p1)) - math.asin(math.sqrt(p2)))
    return 2 * ((za + zb) / h) ** 2


def mde_two_proportions(
    p_ref: float,
    n_per_arm: float,
    alpha: float = 0.05,
    power: float = 0.8,
    direction: Literal["decrease", "increase"] = "decrease",
) -> float:
    """Smallest difference from *p_ref* that *n_per_arm* observations an arm would see.

    Args:
        p_ref: Share in the reference arm, 0 to 1.
        n_per_arm: Observations an arm.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.
        direction: ``"decrease"`` or ``"increase"``: where the other share lies.

    Returns:
        The difference, at least 0; NaN if none that a share can have is large enough.

    Raises:
        ValueError: For a share, number, level, power or direction that is none.

    References:
        J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions.

    Examples:
        A thousand prompts each see a fall from 95 % to 92 %, and nothing smaller:

        >>> round(mde_two_proportions(.95, 1000), 3)
        0.031
    """
    shares(p_ref=p_ref)
    check_number(n_per_arm)
    check_test(alpha, power)
    if direction not in {"decrease", "increase"}:
        msg = f"direction must be 'decrease' or 'increase', got {direction!r}"
        raise ValueError(msg)
    most = p_ref if direction == "decrease" else 1 - p_ref
    sign = -1 if direction == "decrease" else 1

    def lacking(d: float) -> float:
        other = min(1.0, max(0.0, p_ref + sign * d))
        return sample_size_two_proportions(p_ref, other, alpha, power) - n_per_arm

    if most <= 0 or lacking(most) > 0:
        return math.nan
    return root(lacking, 1e-9, most)


def phi_max(p1: float, p2: float) -> float:
    """Largest correlation that two yes-or-no outcomes with shares *p1* and *p2* can have.

    Args:
        p1: Share under the one condition, 0 to 1.
        p2: Under the other.

    Returns:
        sqrt(p_lo (1 - p_hi) / (p_hi (1 - p_lo))), 0 to 1; NaN where a share is 0 or 1.

    Raises:
        ValueError: For what is no share.

    References:
        J. P. Guilford (1965), Fundamental Statistics in Psychology and Education, 14.

    Examples:
        Outcomes of 95 % and of 93 % cannot be correlated by more than .84:

        >>> round(phi_max(.95, .93), 3)
        0.836
    """
    shares(p1=p1, p2=p2)
    low, high = min(p1, p2), max(p1, p2)
    if low == 0 or high == 1:
        return math.nan
    return math.sqrt(low * (1 - high) / (high * (1 - low)))


def split_discordant(p1: float, p2: float, phi: float) -> tuple[float, float]:
    """Shares of pairs with the event under one condition only, from the correlation of the two.

    p11 = p1 p2 + phi sqrt(p1 q1 p2 q2).

    Args:
        p1: Share under the first condition, 0 to 1.
        p2: Under the second.
        phi: Correlation of the two outcomes, up to `phi_max`.

    Returns:
        The share under the first only, and under the second only. Each is 0 to 1.

    Raises:
        ValueError: For shares that are none, or a correlation that they cannot have.

    References:
        R. J. Connor (1987), Biometrics 43:207; J. M. Lachin (1992), Stat. Med. 11:1239.

    Examples:
        Of a hundred pairs four have the event under the first alone, and two under the second:

        >>> [round(p, 4) for p in split_discordant(.95, .93, .5)]
        [0.0387, 0.0187]
    """
    shares(p1=p1, p2=p2)
    both = p1 * p2 + phi * math.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    least, most = max(0.0, p1 + p2 - 1), min(p1, p2)
    if not least - SLACK <= both <= most + SLACK:
        msg = (
            f"shares of {p1:g} and {p2:g} cannot have a correlation of {phi:g}:"
            f" at most {phi_max(p1, p2):.4g}"
        )
        raise ValueError(msg)
    both = min(max(both, least), most)
    return p1 - both, p2 - both


def sample_size_mcnemar(p10: float, p01: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """Pairs to see a difference between two shares of the same families, by McNemar's test.

    Args:
        p10: Share of pairs with the event under the first condition only.
        p01: Share of pairs with it under the second only; not *p10*.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        A number that is not rounded up.

    Raises:
        ValueError: For shares that are none, equal or above 1 together, or such a level or power.

    References:
        R. J. Connor (1987), Biometrics 43:207.

    Examples:
        Two points, where six pairs in a hundred disagree, take over a thousand pairs:

        >>> math.ceil(sample_size_mcnemar(.0387, .0187))
        1124
    """
    check_discordant(p10, p01)
    unlike(p10, p01)
    za, zb = quantiles(alpha, power)
    psi, d = p10 + p01, p10 - p01
    return (za * math.sqrt(psi) + zb * math.sqrt(max(0.0, psi - d * d))) ** 2 / d**2


def sample_size_mcnemar_phi(
    p1: float, p2: float, phi: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Pairs to tell two shares of the same families apart whose outcomes correlate by *phi*.

    Args:
        p1: Share under the first condition, 0 to 1.
        p2: Under the second; not *p1*.
        phi: Correlation of the two outcomes, up to `phi_max`.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        A number that is not rounded up.

    Raises:
        ValueError: As `split_discordant` and `sample_size_mcnemar`.

    References:
        R. J. Connor (1987), Biometrics 43:207.

    Examples:
        Items shared by both models save half of them if outcomes correlate by a half:

        >>> math.ceil(sample_size_mcnemar_phi(.95, .93, .5))
        1124
    """
    unlike(p1, p2)
    return sample_size_mcnemar(*split_discordant(p1, p2, phi), alpha, power)


def mde_paired_proportions(
    n: float, discordant: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest difference that *n* pairs would see if *discordant* of them disagree.

    Args:
        n: Pairs, one a family.
        discordant: Share of pairs with the event under one condition only, 0 to 1.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        The difference, at most *discordant*; NaN if even that would not be seen.

    Raises:
        ValueError: For a number, share, level or power that is none.

    References:
        R. J. Connor (1987), Biometrics 43:207.

    Examples:
        A hundred prompts, a fifth of which come out differently, would show 12 points:

        >>> round(mde_paired_proportions(100, .2), 3)
        0.124
    """
    shares(discordant=discordant)
    check_number(n)
    check_test(alpha, power)

    def lacking(d: float) -> float:
        return sample_size_mcnemar((discordant + d) / 2, (discordant - d) / 2, alpha, power) - n

    if discordant <= 0 or lacking(discordant) > 0:
        return math.nan
    return root(lacking, 1e-9 * discordant, discordant)


def sample_size_wilson_halfwidth(p: float, half_width: float, level: float = 0.95) -> int:
    """Observations from which half the width of Wilson's interval of a share *p* is at most *half_width*.

    Args:
        p: Share that is expected, 0 to 1; *x* = np is not rounded.
        half_width: Above 0, below 1/2.
        level: Confidence level, between 0 and 1.

    Returns:
        The least whole number, at least 1.

    Raises:
        ValueError: For a share, width or level that is none.

    References:
        E. B. Wilson (1927), JASA 22:209.

    Examples:
        To know a rate of 95 % to two points either way takes 469 observations:

        >>> sample_size_wilson_halfwidth(.95, .02)
        469
    """
    shares(p=p)
    check_level(level)
    inside(0, 0.5, half_width=half_width)
    z = z_quantile(level)
    pq, h2 = p * (1 - p), half_width**2
    # The half-width, squared, is z^2 (n pq + z^2 / 4) / (n + z^2)^2: quadratic in n + z^2.
    n = z * z * ((pq + math.sqrt(pq * pq + h2 * (1 - 4 * pq))) / (2 * h2) - 1)
    found = max(1, math.ceil(n) - 1)
    while _half_width(p, found, z) > half_width:
        found += 1
    return found


def _half_width(p: float, n: float, z: float) -> float:
    lower, upper = wilson_limits(p, n, z)
    return (upper - lower) / 2
