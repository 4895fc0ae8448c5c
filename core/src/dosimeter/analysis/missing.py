"""What a number leaves out, and what that could hide."""

import math

import numpy as np

from dosimeter.analysis.load import (
    BLOCKED,
    FAILED,
    NOTHING,
    PERSON,
    TRUNCATED,
    UNANSWERED,
    UNRATED,
    UNSCORABLE,
    UNSERVED,
    Floats,
    Group,
    Ints,
)
from dosimeter.model.answering import Cell, Missing
from dosimeter.model.rating import SubjectKind


def count_missing(group: Group, cell: Cell) -> Missing:
    """Count units; one with any scored vote is not missing."""
    _, first, unit = np.unique(group.unit, return_index=True, return_inverse=True)
    outcome = np.full(len(first), UNRATED)
    np.minimum.at(outcome, unit, group.outcome)
    path = group.kind == SubjectKind.PATH
    return Missing(
        planned=cell.planned if path else len(first),
        not_run=cell.open,
        failed=cell.failed + int((outcome == FAILED).sum()),
        unscorable=int((outcome == UNSCORABLE).sum()),
        blocked=len(np.unique(unit[group.stop == BLOCKED])),
        truncated=len(np.unique(unit[group.stop == TRUNCATED])),
        unrated=_unrated(group, cell, len(first)) if path else int((outcome == UNRATED).sum()),
        no_candidate=int((outcome == NOTHING).sum()),
        drawn=len(first) if group.rater_kind == PERSON else 0,
        unanswered=int((outcome == UNANSWERED).sum()),
        unserved=int((outcome == UNSERVED).sum()),
    )


def _unrated(group: Group, cell: Cell, rated: int) -> int:
    """Count attempts without a rating. People are asked about a sample only."""
    return 0 if group.rater_kind == PERSON else max(cell.done - rated, 0)


def lost(missing: Missing) -> int:
    """Count what should have entered an estimate and did not."""
    return (missing.not_run + missing.failed + missing.unscorable + missing.unrated
            + missing.no_candidate)  # fmt: skip


def could_be(
    group: Group,
    cell: Cell,
    y: tuple[Floats, Floats],
    family: Ints,
    pi: Floats,
    ends: tuple[float, float],
) -> tuple[float, float] | None:
    """Give the estimate if all missing marks were lowest, and if all were highest.

    None where that is not known: on scales without ends, and of what never came to be.

    Args:
        group: All units asked, with and without a mark.
        cell: Where they stand.
        y: What is averaged, one a marked unit, at its lowest and at its highest.
        family: Of each of *y*.
        pi: Of each of *y*.
        ends: The lowest and highest value that *y* can have.
    """
    path = group.kind == SubjectKind.PATH
    never = cell.open + cell.failed
    if not (math.isfinite(ends[0]) and math.isfinite(ends[1])) or (never and not path):
        return None  # how many turns a reply that never came would have had
    _, first = np.unique(group.unit, return_index=True)
    first = first[group.outcome[first] != UNSERVED]
    if group.rater_kind == PERSON:
        ran = 1 - never / max(cell.planned, 1) if path else 1.0
        asked = float((1.0 / group.pi[first]).sum())
        known = ran * float((1.0 / pi).sum()) / asked
        totals = [ran * float((one / pi).sum()) / asked for one in y]
    else:
        planned = group.asked if path else np.bincount(group.family[first])
        (known, low), (_, high) = (_by_family(planned, one, family) for one in y)
        totals = [low, high]
    rest = max(1 - known, 0.0)
    return totals[0] + ends[0] * rest, totals[1] + ends[1] * rest


def _by_family(asked: Ints, y: Floats, family: Ints) -> tuple[float, float]:
    """Average over the families asked the share that is marked, and what it adds to the mean."""
    n = np.maximum(len(asked), int(family.max(initial=-1)) + 1)
    marked, total = np.bincount(family, minlength=n), np.bincount(family, weights=y, minlength=n)
    size = np.maximum(np.pad(asked, (0, n - len(asked))), marked)
    there = size > 0
    return float((marked[there] / size[there]).mean()), float((total[there] / size[there]).mean())
