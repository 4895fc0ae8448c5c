"""What enters a number: rated units, of batches that speak for the cell."""

import math
from collections.abc import Mapping

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from dosimeter.analysis.load import SCORED, Floats, Group, Ints
from dosimeter.analysis.sampled import Why
from dosimeter.model.rating import PERSON
from dosimeter.model.report import Cell

Rows = NDArray[np.intp]


@frozen(kw_only=True)
class Units:
    """What enters an estimate: one row a rated unit, its votes averaged.

    An attempt with several candidates is one unit, and worth what its worst is.

    Attributes:
        rows: Rows of the group with a mark.
        voted: Of each of *rows*, the index of what it is a vote on.
        unit: Of each thing voted on, the index of its unit.
        family: Code of each unit's family.
        pi: Probability that each unit was asked.
        lowest: Whether the worst is the lowest.
        drawn: Whether units are a sample of replies, so that each stands for 1/pi of them.
    """

    rows: Rows = field(repr=False)
    voted: Ints = field(repr=False)
    unit: Ints = field(repr=False)
    family: Ints = field(repr=False)
    pi: Floats = field(repr=False)
    lowest: bool = False
    drawn: bool = False

    def mean(self, y: Floats) -> Floats:
        """Average the votes on each candidate and take the worst candidate of each unit."""
        sign = -1.0 if self.lowest else 1.0
        average = np.bincount(self.voted, weights=y) / np.bincount(self.voted)
        out = np.full(len(self.family), -math.inf)
        np.maximum.at(out, self.unit, sign * average)
        return sign * out

    def weights(self) -> Floats:
        """Weigh families alike; units of a drawn sample by 1/pi instead."""
        if self.drawn or (self.pi < 1).any():
            return np.asarray(1.0 / self.pi)
        return np.asarray(1.0 / np.bincount(self.family)[self.family])


def counted(group: Group) -> Group:
    """Leave out a person's votes on what was not drawn: nobody knows how it was chosen."""
    return group.only(group.batch > 0) if group.rater_kind == PERSON else group


def kept(group: Group, cell: Cell) -> tuple[Group, Cell]:
    """Leave out the attempts that left their script, in marks and in plan."""
    gone, first = np.unique(group.attempt[group.off], return_index=True)
    strayed = np.bincount(group.family[group.off][first], minlength=len(group.asked))
    asked = np.maximum(group.asked - strayed, 0)
    rest = evolve(group.only(~group.off), asked=asked, reasons=())
    n = len(gone)
    return rest, evolve(cell, planned=cell.planned - n, done=cell.done - n)


def covered(group: Group, refused: Mapping[int, Why]) -> tuple[Group, Why | None]:
    """Leave out batches that cannot speak for the cell, with the reason if none is left."""
    keep = ~np.isin(group.batch, list(refused))
    if group.rater_kind != PERSON or keep.all():
        return group, None
    why = refused[int(group.batch[~keep][0])]
    return group.only(keep), None if keep.any() else why


def units(group: Group, *, lowest: bool = False) -> Units:
    """Find the rated units of *group*."""
    rows = np.flatnonzero((group.outcome == SCORED) & ~np.isnan(group.values))
    _, first, voted = np.unique(group.voted[rows], return_index=True, return_inverse=True)
    first = rows[first]
    _, at, unit = np.unique(group.unit[first], return_index=True, return_inverse=True)
    return Units(
        rows=rows, voted=voted.astype(np.int64), unit=unit.astype(np.int64),
        family=group.family[first][at], pi=group.pi[first][at], lowest=lowest,
        drawn=group.rater_kind == PERSON,
    )  # fmt: skip
