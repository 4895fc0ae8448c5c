"""A rater's marks of the replies of one cell, made ready to be corrected by people's."""

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.labels import SEVERAL, Rows, mean_of_votes
from dosimeter.analysis.load import NOTHING, SCORED, UNRATED, Flags, Floats, Group, Ints
from dosimeter.analysis.ready import readable, settled
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.stops import BLOCKED, SHOWN, TRUNCATED
from dosimeter.model.rating import SubjectKind
from dosimeter.model.report import Cell
from dosimeter.model.stackfile import Scope
from dosimeter.plural import plural

NOTHING_SUBMITTED: Why = (
    "no-candidate",
    "searches that submitted nothing are in the number, and in no sample of people",
    "attacks that ask, and do not search",
)


@frozen(kw_only=True)
class Judged:
    """All replies of a cell, one a row, with a rater's votes on them.

    Attributes:
        subject: Codes of the replies, ascending.
        attempt: Codes of the attempts that they are of.
        family: Codes of their families.
        weight: That a row has in the mean over families, 1 on average.
        cut: Whether the reply was cut, so that its mark on a scale of hazard is a lower bound.
        vote: Of each vote, the index of its row.
        values: The votes, as numbers.
    """

    subject: Ints = field(repr=False)
    attempt: Ints = field(repr=False)
    family: Ints = field(repr=False)
    weight: Floats = field(repr=False)
    cut: Flags = field(repr=False)
    vote: Rows = field(repr=False)
    values: Floats = field(repr=False)

    def mean(self, marks: Floats) -> Floats:
        """Average *marks*, one a vote, over the votes on each reply; NaN where there is none."""
        return mean_of_votes(marks, self.vote, len(self.subject))


def judged_of(group: Group, cell: Cell, scope: Scope) -> Judged | Why:
    """Gather the marks of a rule or a judge; or say why people's labels cannot stand for all of them."""
    path = group.kind == SubjectKind.PATH
    if path and group.several:
        return SEVERAL
    if (group.outcome == NOTHING).any():
        return NOTHING_SUBMITTED
    unrated = cell.done - len(np.unique(group.subject)) if path else int(_owed(group).sum())
    if unrated > 0:
        return ("unrated", f"{plural(unrated, 'reply')} not rated yet by {group.rater}",
                "a run that is complete")  # fmt: skip
    ready = settled(readable(group), scope)
    subject, first, row = np.unique(ready.subject, return_index=True, return_inverse=True)
    marked = ready.outcome == SCORED
    # What a block stands for nobody decides where the model is measured: it is no part of the cell.
    there = (ready.stop[first] != BLOCKED) | (np.bincount(row, weights=marked) > 0)
    new = np.cumsum(there) - 1
    marked &= there[row]
    family = ready.family[first][there]
    _, code, size = np.unique(family, return_inverse=True, return_counts=True)
    return Judged(
        subject=subject[there], attempt=ready.attempt[first][there], family=family,
        weight=len(family) / (len(size) * size[code]),
        cut=np.isin(ready.stop[first][there], (TRUNCATED, SHOWN)),
        vote=new[row[marked]].astype(np.intp), values=ready.values[marked],
    )  # fmt: skip


def _owed(group: Group) -> Flags:
    return np.asarray(group.outcome == UNRATED)
