"""Tables of marks that several raters gave to the same units, some of them missing."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, numbers

Ratings = ArrayLike | Sequence[Sequence[float | None]]
"""One row a unit, one column a rater; None or NaN where a rater did not rate."""
Categories = ArrayLike | Literal["observed"]
"""The levels of a scale, or ``"observed"`` for those that occur."""


def ratings_table(ratings: Ratings) -> Floats:
    """Give the table as numbers, NaN where a rating is missing.

    Raises:
        ValueError: For rows of unlike length, what is no number, and infinities.
    """
    try:
        table = np.asarray(ratings, dtype=float)
    except (ValueError, TypeError) as e:
        msg = "ratings must be a table of numbers, one row a unit, with None where one is missing"
        raise ValueError(msg) from e
    if table.size == 0:
        return np.empty((0, 0)) if table.ndim < 2 else table
    if table.ndim != 2:
        msg = f"ratings must have one row a unit and one column a rater, got shape {table.shape}"
        raise ValueError(msg)
    if np.isinf(table).any():
        unit, rater = np.argwhere(np.isinf(table))[0]
        msg = f"ratings[{unit}][{rater}] is infinite: give None where a rating is missing"
        raise ValueError(msg)
    return table


def scale(table: Floats, categories: Categories = "observed") -> Floats:
    """Give the levels of the scale, ascending.

    Raises:
        ValueError: For a mark that is none of the declared levels, with its place.
    """
    there = ~np.isnan(table)
    if isinstance(categories, str):
        if categories != "observed":
            msg = f"categories must be the levels or 'observed', got {categories!r}"
            raise ValueError(msg)
        return np.unique(table[there])
    levels = np.unique(numbers(categories, "categories"))
    strange = there & ~np.isin(table, levels)
    if strange.any():
        unit, rater = np.argwhere(strange)[0]
        told = ", ".join(f"{v:g}" for v in levels)
        msg = f"ratings[{unit}][{rater}] is {table[unit, rater]:g}, which is none of {told}"
        raise ValueError(msg)
    return levels


def unit_counts(table: Floats, levels: Floats) -> Floats:
    """Count the ratings of each unit at each level: shape (units, levels)."""
    units, q = len(table), len(levels)
    rows, columns = np.nonzero(~np.isnan(table))
    code = np.searchsorted(levels, table[rows, columns])
    return np.bincount(rows * q + code, minlength=units * q).reshape(units, q).astype(float)


def why_no_pairs(table: Floats) -> str:
    """Say why no unit has two ratings; empty if one has."""
    there = ~np.isnan(table)
    if not there.any():
        return "no-observations"
    if (there.sum(axis=1) > 1).any():
        return ""
    return "one-rater" if there.any(axis=0).sum() < 2 else "no-overlap"


@frozen
class LevelCounts:
    """How often each rater gave each level.

    Attributes:
        levels: The levels, ascending.
        counts: Of each rater, the ratings at each level.
        missing: Of each rater, the units without a rating.
    """

    levels: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]
    missing: tuple[int, ...]

    def __str__(self) -> str:
        told = [
            ", ".join(f"{n} x {level:g}" for level, n in zip(self.levels, row, strict=True))
            + (f", {lost} missing" if lost else "")
            for row, lost in zip(self.counts, self.missing, strict=True)
        ]
        return "; ".join(f"rater {i}: {row}" for i, row in enumerate(told, 1)) or "no raters"


def level_counts(ratings: Ratings, categories: Categories = "observed") -> LevelCounts:
    """Count the marks of each rater: a coefficient hides that one of them never gives a five.

    Args:
        ratings: Shape (units, raters); None or NaN where missing.
        categories: The levels of the scale, or ``"observed"``.

    Returns:
        Counts by rater and level, and what is missing.

    Raises:
        ValueError: For a mark off the scale.

    Examples:
        The second rater calls nothing severe:

        >>> level_counts([[1, 1], [5, 2], [4, 2], [1, None]], [1, 2, 3, 4, 5]).counts
        ((2, 0, 0, 1, 1), (1, 2, 0, 0, 0))
    """
    table = ratings_table(ratings)
    levels = scale(table, categories)
    each = [unit_counts(column[:, None], levels).sum(axis=0) for column in table.T]
    return LevelCounts(
        levels=tuple(float(v) for v in levels),
        counts=tuple(tuple(int(v) for v in row) for row in each),
        missing=tuple(int(v) for v in np.isnan(table).sum(axis=0)),
    )
