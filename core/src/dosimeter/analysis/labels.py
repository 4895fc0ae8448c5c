"""People's labels of one cell, as the probability sample that they were drawn as (VALIDITY 19)."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from dosimeter.analysis.load import SCORED, UNSERVED, Flags, Floats, Group, Ints
from dosimeter.analysis.ready import readable, settled
from dosimeter.analysis.sampled import Batches, Drawing, Why
from dosimeter.analysis.units import counted, covered
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.stackfile import Scope

Rows = NDArray[np.intp]
T = TypeVar("T")
People = Sequence[Group]
"""What people marked on one scale in one cell, a group each."""
UNDRAWN: Why = ("not-drawn", "people's votes here are on replies that were not drawn",
                "a batch that is drawn before it is read")  # fmt: skip
SEVERAL: Why = ("several-candidates", "attempts submitted several candidates, and not all are drawn",
                "one candidate an attempt")  # fmt: skip
SAME = 1e-9


@frozen(kw_only=True)
class Labels:
    """Replies of a cell that people were asked about, with what they said.

    Attributes:
        people: Who was asked.
        subject: Codes of the replies, ascending.
        inclusion: The probability that each would be served.
        even: Whether every reply of the cell had the same one.
        vote: Of each vote, the index of its reply.
        values: The votes, as numbers.
    """

    people: tuple[str, ...]
    subject: Ints = field(repr=False)
    inclusion: Floats = field(repr=False)
    even: bool
    vote: Rows = field(repr=False)
    values: Floats = field(repr=False)

    def mean(self, marks: Floats) -> Floats:
        """Average *marks*, one a vote, over the votes on each reply; NaN where nobody could tell."""
        return mean_of_votes(marks, self.vote, len(self.subject))


def mean_of_votes(marks: Floats, vote: Rows, replies: int) -> Floats:
    """Average *marks* over the votes on each of so many *replies*; NaN where there is none."""
    votes = np.bincount(vote, minlength=replies)
    total = np.bincount(vote, weights=marks, minlength=replies)
    out = np.full(replies, math.nan)
    out[votes > 0] = total[votes > 0] / votes[votes > 0]
    return out


def with_people(framed: Iterable[tuple[Group, T]]) -> Iterator[tuple[Group, T, People]]:
    """Give each group, and what comes with it, with those of people on the same scale in the same cell."""
    for _, some in groupby(framed, key=lambda pair: pair[0].cell):
        held = list(some)
        people: dict[tuple[str, str], list[Group]] = {}
        for group, _ in held:
            if group.rater_kind == PERSON:
                people.setdefault((group.scale.name, group.kind), []).append(group)
        for group, frame in held:
            yield group, frame, people.get((group.scale.name, group.kind), ())


def labels_of(people: People, batches: Batches, scope: Scope) -> Labels | Why:
    """Gather what *people* said of the drawn replies of a cell; or say why that tells nothing of it.

    Several batches are taken together where each drew every reply with one probability; else the one
    is taken in which most families have an answer, as nobody knows the other's probability of a reply
    that it did not draw.
    """
    there, why = _covering(people, batches, scope)
    if not there:
        return why
    if any(g.several and g.kind == SubjectKind.PATH for g in there):
        return SEVERAL
    cell, kind = there[0].cell, there[0].kind
    keys = sorted({int(k) for g in there for k in np.unique(g.batch)})
    drawings = {k: batches.drawing(k, cell, kind) for k in keys}
    even = {k for k in keys if _even(there, k, drawings[k])}
    if len(keys) > 1 and len(even) < len(keys):
        keys = [max(keys, key=lambda k: (_answered(there, k), -k))]
    return _together(there, keys, drawings, even=set(keys) <= even)


def _covering(people: People, batches: Batches, scope: Scope) -> tuple[list[Group], Why]:
    """Give the votes in batches that speak for the cell; and the reason if there is none."""
    why, there = UNDRAWN, []
    for group in people:
        refused = batches.refused(group.cell, group.kind)
        ready, uncovered = covered(counted(settled(readable(group), scope)), refused)
        why = uncovered or why
        if len(ready.batch):
            there.append(ready)
    return there, why


def _even(there: Iterable[Group], k: int, drawing: Drawing) -> bool:
    """Say whether the batch drew every reply of the cell with one probability."""
    return all(
        bool((np.abs(g.pi[g.batch == k] - drawing.least) < SAME).all()) for g in there
    )  # fmt: skip


def _answered(there: Iterable[Group], k: int) -> int:
    """Count the families of which somebody marked a reply in a batch."""
    found = (g.family[(g.batch == k) & (g.outcome == SCORED)] for g in there)
    return len(np.unique(np.concatenate(list(found))))


def _together(
    there: Sequence[Group], keys: Sequence[int], drawings: Mapping[int, Drawing], *, even: bool
) -> Labels:
    def column(take: Callable[[Group, Flags], Ints | Floats]) -> Floats:
        return np.concatenate([take(g, _served(g, keys)) for g in there]).astype(float)

    subject = column(lambda g, at: g.subject[at]).astype(np.int64)
    pi, batch = column(lambda g, at: g.pi[at]), column(lambda g, at: g.batch[at])
    marked = column(lambda g, at: (g.outcome == SCORED)[at]) > 0
    values = column(lambda g, at: g.values[at])
    known, first, row = np.unique(subject, return_index=True, return_inverse=True)
    if even:
        inclusion = np.full(len(known), _of_any([drawings[k] for k in keys]))
    else:
        reached = np.array([drawings[int(k)].reached for k in batch[first]])
        inclusion = pi[first] * reached
    return Labels(
        people=tuple(sorted({g.rater for g in there if _served(g, keys).any()})), subject=known,
        inclusion=inclusion, even=even, vote=row[marked].astype(np.intp), values=values[marked],
    )  # fmt: skip


def _served(group: Group, keys: Sequence[int]) -> Flags:
    return np.asarray(np.isin(group.batch, keys) & (group.outcome != UNSERVED))


def _of_any(drawings: Iterable[Drawing]) -> float:
    """Give the probability that one of several even batches served a reply; one seed is one draw."""
    by_seed: dict[int, float] = {}
    for one in drawings:
        by_seed[one.seed] = max(one.least * one.reached, by_seed.get(one.seed, 0.0))
    return 1 - math.prod(1 - p for p in by_seed.values())
