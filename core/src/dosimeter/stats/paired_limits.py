"""Limits of a difference between two shares of the same items, from the four numbers of pairs."""

import math

from dosimeter.stats.independent import mover
from dosimeter.stats.result import Limits, wilson_limits, z_quantile
from dosimeter.stats.roots import root

Cells = tuple[float, float, float, float]
"""Pairs with the event under both conditions, the first only, the second only, and neither."""


def tango_limits(cells: Cells, level: float) -> Limits:
    """Give the differences at which Tango's score statistic is the normal quantile."""
    z, n = z_quantile(level), sum(cells)
    _, b, c, _ = cells
    d = (b - c) / n
    lower = root(lambda delta: tango_z(b, c, n, delta) - z, -1.0, d)
    return lower, root(lambda delta: tango_z(b, c, n, delta) + z, d, 1.0)


def tango_z(b: float, c: float, n: float, delta: float) -> float:
    """Give Tango's score statistic of a difference *delta*; it falls as *delta* rises.

    The share q of pairs with the event under the second condition only is the greater root of
    2n q^2 + B q - c delta (1 - delta) = 0. By symmetry *delta* is at least 0, where nothing cancels.
    """
    if delta < 0:
        return -tango_z(c, b, n, -delta)
    apart = b - c - n * delta
    if apart == 0:
        return 0.0
    slope = (2 * n - b + c) * delta - b - c
    product = c * delta * (1 - delta)
    whole = math.sqrt(slope * slope + 8 * n * product)
    q = 2 * product / (slope + whole) if slope > 0 else (whole - slope) / (4 * n)
    variance = n * (2 * q + delta * (1 - delta))
    return apart / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, apart)


def newcombe_limits(cells: Cells, level: float) -> Limits:
    """Give Newcombe's limits: the squares of both distances added, less what correlation saves."""
    a, b, c, _ = cells
    z, n = z_quantile(level), sum(cells)
    p1, p2 = (a + b) / n, (a + c) / n
    return mover(p1, wilson_limits(p1, n, z), p2, wilson_limits(p2, n, z), _phi(*cells))


def _phi(a: float, b: float, c: float, d: float) -> float:
    """Correlation of the two conditions, a positive one corrected for continuity (Newcombe)."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    product = a * d - b * c
    corrected = max(0.0, product - (a + b + c + d) / 2) if product > 0 else product
    return corrected / math.sqrt(margins)
