"""Where a falling function changes sign, always kept between two places that tell it.

Not scipy.optimize: importing it costs every report half a second.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dosimeter.stats.checks import Floats

STEPS = 200
"""Steps at most; a double has nothing left to divide long before, but near 0."""
EPS = 2.0**-52
"""The relative distance of doubles."""


def root(
    falling: Callable[[float], float],
    low: float,
    high: float,
    *,
    ends: tuple[float, float] | None = None,
    enough: float = 0.0,
) -> float:
    """Give where *falling* passes 0 between *low* and *high*, as exactly as a double can say.

    By inverse quadratic interpolation where three points say that it helps, else by halving.

    Args:
        falling: Above 0 at *low*, below 0 at *high*; infinities serve, and NaN counts as below.
        low: Where it is above; given back if it is not.
        high: Where it is below; given back if it is not.
        ends: What it is at both, where that is known.
        enough: How near to 0 it is near enough.

    References:
        T. R. Chandrupatla (1997), Adv. Eng. Softw. 28:145.

    Examples:
        >>> round(root(lambda x: 2 - x * x, 0, 2), 6)
        1.414214
    """
    a, b = low, high
    fa, fb = ends or (falling(a), falling(b))
    if not fa > 0 or fb > 0:
        return high if fa > 0 else low
    part = min(max(fa / (fa - fb), 0.1), 0.9) if math.isfinite(fa - fb) else 0.5
    for _ in range(STEPS):
        x = a + part * (b - a)
        fx = falling(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        best, value = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        near = 2 * EPS * abs(best)
        if abs(value) <= enough or abs(b - a) <= 2 * near or a in {b, c}:
            return best
        part = _part(a, b, c, fa, fb, fc)
        least = near / abs(b - a)
        part = min(max(part, least), 1 - least)
    return best


def _part(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> float:
    """Give how far to go from *a* towards *b*: by the parabola through three points, or half-way."""
    if not math.isfinite(fa + fb + fc) or fa == fc or fb == fc:
        return 0.5
    place, value = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (value * value < place and (1 - value) ** 2 < 1 - place):
        return 0.5
    return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)


def roots(above: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Give, for each row at once, where *above* turns from true (at *low*) to false (at *high*).

    Args:
        above: Of one place a row: is that row's function still above 0 there?
        low: Where it is.
        high: Where it no longer is; below *low* for a function that rises.

    Examples:
        >>> roots(lambda x: x * x < np.array([4, 9]), np.zeros(2), np.full(2, 10.0)).round(6)
        array([2., 3.])
    """
    for _ in range(60):
        middle = (low + high) / 2
        yes = above(middle)
        low, high = np.where(yes, middle, low), np.where(yes, high, middle)
    return (low + high) / 2


def fewest(enough: Callable[[int], bool], least: int = 1, most: int = 2**62) -> int:
    """Give the least whole number that is *enough*, as are all above it; 0 if none is up to *most*.

    Args:
        enough: Whether a number is.
        least: The lowest that is asked for.
        most: The highest.

    Examples:
        >>> fewest(lambda n: n * n > 50), fewest(lambda n: False, most=1000)
        (8, 0)
    """
    low, high = least - 1, least
    while not enough(high):
        if high >= most:
            return 0
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
