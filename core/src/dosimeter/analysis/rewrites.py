"""How often two wordings of one request, and two repeats of one wording, are marked apart."""

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from dosimeter.analysis.load import Flags, Floats, Ints

REPEATS = 3
"""Repeats of one wording that it takes to tell what another wording changes from what chance does."""
Grid = NDArray[np.float64]
"""A number for each family (row) and wording (column)."""


@frozen(kw_only=True)
class Wordings:
    """Marks by family and wording, each mark from 0 to 1.

    Attributes:
        asked: Attempts that are planned.
        marked: Those with a mark.
        hits: Sum of their marks; *squares* that of the squares.
        least: What *hits* is if all that could be lower is; *most* if all that could be higher, or is
            missing, is highest.
    """

    asked: Grid = field(repr=False)
    marked: Grid = field(repr=False)
    hits: Grid = field(repr=False)
    squares: Grid = field(repr=False)
    least: Grid = field(repr=False)
    most: Grid = field(repr=False)

    @property
    def repeated(self) -> Flags:
        """Wordings that are repeated often enough."""
        return self.asked >= REPEATS

    @property
    def eligible(self) -> Flags:
        """Families of the design with two wordings or more, one of them repeated often enough."""
        return np.asarray(((self.asked > 0).sum(axis=1) > 1) & self.repeated.any(axis=1))

    @property
    def whole(self) -> Flags:
        """Those with marks of two wordings, and two marks of one that is repeated often enough."""
        pairs = (self.repeated & (self.marked > 1)).any(axis=1)
        return np.asarray(self.eligible & pairs & ((self.marked > 0).sum(axis=1) > 1))


def across_wordings(found: Wordings) -> Floats:
    """Give by family the share of pairs of two wordings that are marked apart; NaN without a pair."""
    p = _divided(found.hits, found.marked)
    return _averaged([a + b - 2 * a * b for a, b in _pairs(p)], len(p))


def across_repeats(found: Wordings) -> Floats:
    """Give by family the share of pairs of repeats that are marked apart; NaN without a pair.

    Of all wordings that are repeated often enough: the difference is then the mean of the squared
    differences between wordings, which is 0 where none changes anything.
    """
    m, s = np.where(found.repeated, found.marked, 0.0), found.hits
    flipped = 2 * ((m - 1) * s - s**2 + found.squares)
    shares = _divided(flipped, np.where(m > 1, m * (m - 1), 0.0))
    return _averaged(list(shares.T), len(shares))


def extremes(found: Wordings) -> tuple[Floats, Floats]:
    """Give the least and the most that the difference can be in each family, for all that is missing."""
    low, high = (_divided(one, found.asked) for one in (found.least, found.most))
    corners = [
        np.array([x + y - 2 * x * y for x in (a, c) for y in (b, d)])
        for (a, b), (c, d) in zip(_pairs(low), _pairs(high), strict=True)
    ]
    n = len(low)
    across = [_averaged([end(c, axis=0) for c in corners], n) for end in (np.min, np.max)]
    within = [_averaged(list(one.T), n) for one in _repeats_between(found)]
    return across[0] - within[1], across[1] - within[0]


def _repeats_between(found: Wordings) -> tuple[Grid, Grid]:
    """Give the least and the most flips between repeats of each wording."""
    m = np.where(found.repeated, found.asked, 0.0)
    pairs = np.where(m > 1, m * (m - 1), 0.0)
    middle = np.clip(m / 2, found.least, found.most)

    def flipped(s: Grid) -> Grid:
        return _divided(np.clip(2 * s * (m - s), 0, pairs), pairs)

    return np.minimum(flipped(found.least), flipped(found.most)), flipped(middle)


def _pairs(p: Grid) -> Iterator[tuple[Floats, Floats]]:
    for i, j in combinations(range(p.shape[1]), 2):
        yield p[:, i], p[:, j]


def _averaged(columns: list[Floats], rows: int) -> Floats:
    """Average the columns of each row, those that have no number left out; NaN if none has one."""
    if not columns:
        return np.full(rows, math.nan)
    every = np.array(columns)
    there = ~np.isnan(every)
    return _divided(np.where(there, every, 0.0).sum(axis=0), there.sum(axis=0))


def _divided(sums: NDArray[np.float64], n: NDArray[np.float64] | Ints) -> NDArray[np.float64]:
    out = np.full(sums.shape, math.nan)
    return np.asarray(np.divide(sums, n, out=out, where=np.asarray(n) > 0))
