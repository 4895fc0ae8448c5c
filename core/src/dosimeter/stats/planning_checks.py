"""What a plan is made for: the level and power of a test, shares that differ, a number of observations."""

from dosimeter.stats.checks import shares
from dosimeter.stats.result import normal_quantile

SLACK = 1e-12
"""What rounding may take from a probability that equals the level."""


def check_test(alpha: float, power: float) -> None:
    """Refuse a level of a test, or a power, that is none.

    Raises:
        ValueError: For *alpha* outside (0, .5] or *power* outside (0, 1).
    """
    if not 0 < alpha <= 0.5 or not 0 < power < 1:
        msg = (
            f"needs alpha above 0 and up to 0.5 and power between 0 and 1, got {alpha} and {power}"
        )
        raise ValueError(msg)


def check_number(n: float) -> None:
    """Refuse what is no number of observations.

    Raises:
        ValueError: For a negative one, or NaN.
    """
    if not n >= 0:
        msg = f"a number of observations is at least 0, got {n}"
        raise ValueError(msg)


def quantiles(alpha: float, power: float) -> tuple[float, float]:
    """Give the normal quantiles of a two-sided test at *alpha* with *power*.

    Raises:
        ValueError: As `check_test`.
    """
    check_test(alpha, power)
    return normal_quantile(1 - alpha / 2), normal_quantile(power)


def unlike(p1: float, p2: float) -> None:
    """Refuse two shares that are none, or one share.

    Raises:
        ValueError: For a share outside [0, 1], or equal ones.
    """
    shares(p1=p1, p2=p2)
    if p1 == p2:
        msg = f"no number of observations tells a share of {p1:g} from itself: give two that differ"
        raise ValueError(msg)


def check_discordant(p10: float, p01: float) -> None:
    """Refuse shares of pairs with the event under one condition only that cannot be.

    Raises:
        ValueError: For a share outside [0, 1], or two above 1 together.
    """
    shares(p10=p10, p01=p01)
    if p10 + p01 > 1 + SLACK:
        msg = f"p10 and p01 are shares of the same pairs, up to 1 together, got {p10} and {p01}"
        raise ValueError(msg)
