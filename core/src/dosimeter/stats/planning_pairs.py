"""How many pairs tell two shares of the same families apart, and what a given number could see."""

import math

from dosimeter.stats.checks import shares
from dosimeter.stats.planning_checks import (
    SLACK,
    check_discordant,
    check_number,
    check_test,
    quantiles,
    unlike,
)
from dosimeter.stats.roots import root


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
        The share under the first only, and under the second only.

    Raises:
        ValueError: For shares that are none, or a correlation that they cannot have.

    References:
        R. J. Connor (1987), Biometrics 43:207; J. M. Lachin (1992), Stat. Med. 11:1239.

    Examples:
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
