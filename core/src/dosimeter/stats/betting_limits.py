"""Bets against a mean, and the means that they have not ruled out.

Whoever bets that the mean is above m wins less the higher m is, so that the means ruled out lie below
a limit; below the mean 1 - m of the values 1 - x likewise.
"""

import math
from collections.abc import Iterator

import numpy as np

from dosimeter.stats.checks import Floats
from dosimeter.stats.result import Limits
from dosimeter.stats.roots import root

SLACK = 1e-8
"""How exactly the logarithm of a capital is brought to what it has to reach."""


def stakes(x: Floats, alpha: float) -> Floats:
    """Give the bet before each value, from those before it (predictable plug-in).

    Mean and variance start from one value that was not seen, of mean 1/2 and variance 1/4.
    """
    t = np.arange(1.0, len(x) + 1)
    mean = (0.5 + np.cumsum(x)) / (t + 1)
    variance = (0.25 + np.cumsum((x - mean) ** 2)) / (t + 1)
    before = np.append(0.25, variance)[: len(x)]
    return np.asarray(np.sqrt(-2 * math.log(alpha) / (t * np.log1p(t) * before)))


def log_capitals(x: Floats, m: float, staked: Floats, truncation: float) -> tuple[Floats, Floats]:
    """Log of the capital, after each value, of betting on a mean above *m*, and on one below."""
    up = np.minimum(staked, truncation / m if m > 0 else math.inf)
    down = np.minimum(staked, truncation / (1 - m) if m < 1 else math.inf)
    with np.errstate(divide="ignore"):
        return np.cumsum(np.log1p(up * (x - m))), np.cumsum(np.log1p(-down * (x - m)))


def betting_limits(x: Floats, level: float, truncation: float, theta: float) -> Limits:
    """Give the means against which no capital has ever grown to 1 / (1 - *level*)."""
    staked = stakes(x, (1 - level) / 2)
    low, high = (_lowest(y, staked, truncation, least) for y, least in _sides(x, level, theta))
    return low, 1 - high


def betting_path(x: Floats, level: float, truncation: float, theta: float, running: bool) -> Floats:
    """Give those limits after each value, shape (n, 2); not *running*, of capital at that look alone."""
    staked = stakes(x, (1 - level) / 2)
    low, high = (
        _each(y, staked, truncation, least, running) for y, least in _sides(x, level, theta)
    )
    return np.stack([low, 1 - high], axis=1)


def _sides(x: Floats, level: float, theta: float) -> Iterator[tuple[Floats, float]]:
    """Give the values, and what the logarithm of capital has to reach, for either side."""
    for y, share in ((x, theta), (1 - x, 1 - theta)):
        yield y, -math.log((1 - level) * share) if share > 0 else math.inf


def _lowest(x: Floats, staked: Floats, truncation: float, least: float) -> float:
    """Give the lowest mean that is not ruled out, by the look at which capital is largest there."""

    def most(m: float) -> tuple[int, float]:
        """Give that look, and what capital then has too much."""
        capital = np.cumsum(_growth(x, staked, m, truncation))
        look = int(capital.argmax()) + 1
        return look, float(capital[look - 1]) - least

    lower = max(0.0, float(x.mean()) - 3 * _width(x, least))
    look, over = most(lower)
    if over <= 0 and lower > 0:
        lower = 0.0
        look, over = most(lower)
    while over > 2 * SLACK:
        lower = _crossing(x[:look], staked[:look], truncation, least, (lower, over))
        look, over = most(lower)
    return lower


def _width(x: Floats, least: float) -> float:
    """About half the way from the mean to its lower limit, for many values."""
    return math.sqrt(2 * least * float(x.var()) / len(x))


def _each(x: Floats, staked: Floats, truncation: float, least: float, running: bool) -> Floats:
    """Give the lowest mean that is not ruled out after each value."""
    found, lower = np.zeros(len(x)), 0.0
    for t in range(1, len(x) + 1):
        start = lower if running else 0.0
        over = float(_growth(x[:t], staked[:t], start, truncation).sum()) - least
        lower = start
        if over > 0:
            lower = _crossing(x[:t], staked[:t], truncation, least, (start, over))
        found[t - 1] = lower
    return found


def _crossing(
    x: Floats, staked: Floats, truncation: float, least: float, at: tuple[float, float]
) -> float:
    """Give the mean against which capital is just large enough after the last value.

    *at* is a mean below it, with what the logarithm of capital has too much there.
    """

    def over(m: float) -> float:
        return float(_growth(x, staked, m, truncation).sum()) - least

    low, mean = at, float(x.mean())
    near = low[0] + (mean - low[0]) / 64 if low[1] < 1 else mean - _width(x, least)
    for m in (max(near, low[0]), mean, 1.0):
        high = m, over(m)
        if high[1] < 0:
            break
        low = high
    return root(over, low[0], high[0], ends=(low[1], high[1]), enough=SLACK)


def _growth(x: Floats, staked: Floats, m: float, truncation: float) -> Floats:
    """Log of what each bet on a mean above *m* makes of the capital."""
    return np.log1p(np.minimum(staked, truncation / m if m > 0 else math.inf) * (x - m))
