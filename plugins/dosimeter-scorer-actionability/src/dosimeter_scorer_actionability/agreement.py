"""Agreement with the intended level, and its interval over subjects.

Everything is computed from confusion tables, one a subject: drawing subjects with replacement is
adding up tables.
"""

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dosimeter_scorer_actionability.corpus import LEVELS

Tables = NDArray[np.float64]
Statistic = Callable[[Tables], NDArray[np.float64]]
DRAWS = 10_000
SEED = 20261124
_APART = np.abs(np.subtract.outer(LEVELS, LEVELS)).astype(float)


@frozen(kw_only=True)
class Interval:
    """An estimate with its 95 % percentile interval over subjects."""

    value: float
    lower: float
    upper: float

    def __str__(self) -> str:
        """Print to two decimals."""
        return f"{self.value:.2f} [{self.lower:.2f}, {self.upper:.2f}]"


def tables(subjects: Sequence[str], truth: Sequence[int], said: Sequence[int]) -> Tables:
    """Count intended by given level, one 5 x 5 table a subject, in the order of their names."""
    names = sorted(set(subjects))
    found = np.zeros((len(names), 5, 5))
    rows = np.searchsorted(names, list(subjects))
    np.add.at(found, (rows, np.array(truth) - 1, np.array(said) - 1), 1)
    return found


def weighted_kappa(table: Tables) -> NDArray[np.float64]:
    """Quadratic-weighted kappa of each table; NaN where chance leaves no disagreement."""
    weight = _APART**2
    total = table.sum((-2, -1))
    chance = table.sum(-1)[..., :, None] * table.sum(-2)[..., None, :] / total[..., None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - (weight * table).sum((-2, -1)) / (weight * chance).sum((-2, -1)))


def exact(table: Tables) -> NDArray[np.float64]:
    """Share of texts that get the intended level."""
    return np.asarray((table * (_APART == 0)).sum((-2, -1)) / table.sum((-2, -1)))


def within_one(table: Tables) -> NDArray[np.float64]:
    """Share of texts that get the intended level or a neighbour."""
    return np.asarray((table * (_APART <= 1)).sum((-2, -1)) / table.sum((-2, -1)))


def mean_error(table: Tables) -> NDArray[np.float64]:
    """Mean absolute distance from the intended level."""
    return np.asarray((table * _APART).sum((-2, -1)) / table.sum((-2, -1)))


def sides(first: int) -> Statistic:
    """Give the share of texts on the right side of *first*: at it or above, or below."""
    high = np.array(LEVELS) >= first
    same = (high[:, None] == high[None, :]).astype(float)

    def share(table: Tables) -> NDArray[np.float64]:
        return np.asarray((table * same).sum((-2, -1)) / table.sum((-2, -1)))

    return share


def interval(
    statistic: Statistic, ours: Tables, other: Tables | None = None, draws: int = DRAWS
) -> Interval:
    """Give a statistic, or its paired difference *ours* - *other*, with its interval."""
    rng = np.random.default_rng(SEED)
    n = len(ours)
    times = rng.multinomial(n, np.full(n, 1 / n), draws).astype(float)

    def value(weights: Tables) -> NDArray[np.float64]:
        mine = statistic(np.einsum("ds,sij->dij", weights, ours))
        if other is None:
            return mine
        return mine - statistic(np.einsum("ds,sij->dij", weights, other))

    low, high = np.nanpercentile(value(times), [2.5, 97.5])
    return Interval(value=float(value(np.ones((1, n)))[0]), lower=float(low), upper=float(high))
