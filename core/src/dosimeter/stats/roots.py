"""Where a monotone function changes sign: by halving, which no shape of it can mislead.

Not scipy.optimize: importing it costs every report half a second.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dosimeter.stats.checks import Floats

STEPS = 200
"""Halvings at most; a double has nothing left to halve long before, but near 0."""


def root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Give where *falling* passes 0 between *low* and *high*, as exactly as a double can say.

    Args:
        falling: Above 0 at *low*, below 0 at *high*; infinities serve.
        low: Where it is still above.
        high: Where it is no longer.

    Examples:
        >>> round(root(lambda x: 2 - x * x, 0, 2), 6)
        1.414214
    """
    for _ in range(STEPS):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


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
