"""Intervals for a share of independent observations."""

import math

from scipy.special import betaincinv

from dosimeter.stats.interval import Interval, normal_quantile, undefined


def _check(x: float, n: float, level: float) -> None:
    if not 0 <= x <= n:
        msg = f"x must be from 0 to n, got x={x}, n={n}"
        raise ValueError(msg)
    if not 0 < level < 1:
        msg = f"level must lie between 0 and 1, got {level}"
        raise ValueError(msg)


def wilson_limits(p: float, n: float, z: float) -> tuple[float, float]:
    """Give the roots of the score equation for share *p* of (effective) *n* at quantile *z*."""
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    lower = 0.0 if p == 0 else max(0.0, centre - half)
    upper = 1.0 if p == 1 else min(1.0, centre + half)
    return lower, upper


def wilson(x: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of *x* in *n*.

    Args:
        x: Events.
        n: Trials.
        level: Confidence level.

    Returns:
        The interval; undefined, over [0, 1], if *n* is 0. At x = 0 the lower, at x = n the upper
        limit is exact, and the width is never 0.

    Raises:
        ValueError: For *x* not from 0 to *n*, or *level* not between 0 and 1.

    References:
        E. B. Wilson (1927), JASA 22:209; R. G. Newcombe (1998), Stat. Med. 17:857, method 3.

    Examples:
        Nobody of 20 is not "no risk":

        >>> print(wilson(0, 20))
        0 [0, 0.1611] (n=20, clusters=20, wilson 95%)
    """
    _check(x, n, level)
    if n == 0:
        return undefined("no-observations", n=0, clusters=0, level=level, method="wilson")
    lower, upper = wilson_limits(x / n, n, normal_quantile(0.5 + level / 2))
    return Interval(value=x / n, lower=lower, upper=upper, level=level, method="wilson", n=n,
                    clusters=n, effective_n=float(n))  # fmt: skip


def clopper_pearson_limits(x: float, n: float, level: float) -> tuple[float, float]:
    """Give exact limits; *x* and *n* may be effective numbers that are no integers."""
    tail = (1 - level) / 2
    lower = 0.0 if x <= 0 else float(betaincinv(x, n - x + 1, tail))
    upper = 1.0 if x >= n else float(betaincinv(x + 1, n - x, 1 - tail))
    return lower, upper


def clopper_pearson(x: int, n: int, level: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval of *x* in *n*: conservative, for guarantees.

    Args:
        x: Events.
        n: Trials.
        level: Confidence level.

    Returns:
        The interval; undefined, over [0, 1], if *n* is 0.

    Raises:
        ValueError: For *x* not from 0 to *n*, or *level* not between 0 and 1.

    References:
        C. J. Clopper, E. S. Pearson (1934), Biometrika 26:404.

    Examples:
        >>> print(clopper_pearson(81, 263))
        0.308 [0.2527, 0.3676] (n=263, clusters=263, clopper-pearson 95%)
    """
    _check(x, n, level)
    if n == 0:
        return undefined("no-observations", n=0, clusters=0, level=level, method="clopper-pearson")
    lower, upper = clopper_pearson_limits(x, n, level)
    return Interval(value=x / n, lower=lower, upper=upper, level=level, method="clopper-pearson",
                    n=n, clusters=n, effective_n=float(n))  # fmt: skip


def zero_event_upper(n: int, level: float = 0.95) -> float:
    """Upper limit, one-sided, after no event in *n*: 1 - (1 - level)^(1/n), about 3/n.

    Args:
        n: Trials; after none, everything is possible and the limit 1.
        level: Confidence level, between 0 and 1.

    References:
        J. A. Hanley, A. Lippman-Hand (1983), JAMA 249:1743.

    Examples:
        >>> round(zero_event_upper(100), 4)
        0.0295
    """
    return 1.0 if n <= 0 else float(1 - (1 - level) ** (1 / n))
