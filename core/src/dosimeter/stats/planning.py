"""How many families a question needs, and what a given number could see."""

import math
from collections.abc import Callable
from typing import Literal

from dosimeter.stats.result import normal_quantile


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Halve until the sign changes within one part in 1e15.

    Not scipy.optimize: importing it costs every report half a second.
    """
    for _ in range(60):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


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

    References:
        J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions.
    """
    za, zb = normal_quantile(1 - alpha / 2), normal_quantile(power)
    mean = (p1 + p2) / 2
    under = math.sqrt(2 * mean * (1 - mean))
    apart = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return ((za * under + zb * apart) / (p1 - p2)) ** 2


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
    """
    most = p_ref if direction == "decrease" else 1 - p_ref
    sign = -1 if direction == "decrease" else 1

    def lacking(d: float) -> float:
        return sample_size_two_proportions(p_ref, p_ref + sign * d, alpha, power) - n_per_arm

    if most <= 0 or lacking(most) > 0:
        return math.nan
    return _root(lacking, 1e-9, most)


def sample_size_mcnemar(p10: float, p01: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """Pairs to see a difference between two shares of the same families, by McNemar's test.

    Args:
        p10: Share of pairs with the event under the first condition only.
        p01: Share of pairs with it under the second only; not *p10*.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        A number that is not rounded up.

    References:
        R. J. Connor (1987), Biometrics 43:207.
    """
    za, zb = normal_quantile(1 - alpha / 2), normal_quantile(power)
    psi, d = p10 + p01, p10 - p01
    return (za * math.sqrt(psi) + zb * math.sqrt(psi - d * d)) ** 2 / d**2


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
    """

    def lacking(d: float) -> float:
        return sample_size_mcnemar((discordant + d) / 2, (discordant - d) / 2, alpha, power) - n

    if discordant <= 0 or lacking(discordant) > 0:
        return math.nan
    return _root(lacking, 1e-9, discordant)
