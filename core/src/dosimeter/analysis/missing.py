"""What a number leaves out, and what that could hide."""

import math

import numpy as np
from attrs import evolve

from dosimeter.analysis.load import (
    FAILED,
    NOTHING,
    SCORED,
    UNANSWERED,
    UNRATED,
    UNSCORABLE,
    UNSERVED,
    Flags,
    Floats,
    Group,
    Ints,
)
from dosimeter.analysis.ready import Extra
from dosimeter.analysis.stops import BLOCKED, SHOWN, TRUNCATED
from dosimeter.analysis.units import Units
from dosimeter.model.answering import Missing
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Direction, Scale, SubjectKind
from dosimeter.model.report import Cell


def count_missing(group: Group, cell: Cell) -> Missing:
    """Count units; one with any scored vote is not missing."""
    _, first, unit = np.unique(group.unit, return_index=True, return_inverse=True)
    outcome = np.full(len(first), UNRATED)
    np.minimum.at(outcome, unit, group.outcome)
    path = group.kind == SubjectKind.PATH
    cut = np.unique(unit[group.stop == TRUNCATED])
    return Missing(
        planned=cell.planned if path else len(first),
        not_run=cell.open,
        failed=cell.failed + int((outcome == FAILED).sum()),
        unscorable=int((outcome == UNSCORABLE).sum()),
        blocked=len(np.unique(unit[np.isin(group.stop, (BLOCKED, SHOWN))])),
        shown=len(np.unique(unit[group.stop == SHOWN])),
        truncated=len(cut),
        at_least=int((outcome[cut] == SCORED).sum()),
        unrated=_unrated(group, cell, len(first)) if path else int((outcome == UNRATED).sum()),
        no_candidate=int((outcome == NOTHING).sum()),
        drawn=len(first) if group.rater_kind == PERSON else 0,
        unanswered=int((outcome == UNANSWERED).sum()),
        unserved=int((outcome == UNSERVED).sum()),
        reasons=group.reasons,
    )


def bounded(
    one: Missing,
    ends: tuple[float | None, float | None],
    reach: tuple[float, float],
    unmarked: float,
) -> Missing:
    """Say what a number could be, and how much of its weight that is about.

    Args:
        one: What is missing, counted.
        ends: The number if all of it were lowest, and highest; None of each where that is not known.
        reach: The lowest and the highest that the number can be.
        unmarked: Share of the number's weight that has no mark.
    """
    low, high = ends
    wide = reach[1] - reach[0]
    left_open = 0.0
    if low is not None and high is not None and 0 < wide < math.inf:
        left_open = (high - low) / wide
    return evolve(one, lower=low, upper=high, unmarked=_share(unmarked), open=_share(left_open))


def _share(value: float) -> float:
    """Give a share without the noise of its sums."""
    return min(max(round(value, 12), 0.0), 1.0)


def _unrated(group: Group, cell: Cell, rated: int) -> int:
    """Count attempts without a rating. People are asked about a sample only."""
    return 0 if group.rater_kind == PERSON else max(cell.done - rated, 0)


def falls(measure: Measure) -> bool:
    """Say whether a rate falls where marks rise."""
    return measure.direction is Direction.LOWER_IS_WORSE or measure.threshold is False


def cut_short(
    measure: Measure,
    group: Group,
    found: Units,
    marks: Floats,
    level: Extra,
    ends: tuple[float, float],
) -> tuple[Floats, Floats]:
    """Give what is averaged with marks of cut replies as low, and as high, as they could have been.

    On scales of hazard such a mark is a lower bound: the rest might have been worse. On others it is none:
    the rest of a reply that has complied so far may refuse, and the other way round (VALIDITY 3).

    Args:
        measure: What is asked.
        group: All marks.
        found: Those that enter.
        marks: What is averaged, one a row of *found*.
        level: The level that a share is of.
        ends: The lowest and the highest that *marks* can be.
    """
    cut = _cut_rows(group, found)
    least = most = marks
    if not cut.any():
        return found.mean(marks), found.mean(marks)
    down, up = could_fall(measure, group.scale), could_rise(measure, group.scale)
    if group.scale.hazard and measure.estimator == "shares":
        values = group.values[found.rows]
        at, last = float(level[0][1]), group.scale.ends[1]
        least = np.where(cut & (values < last), 0.0, marks)
        most = np.where(cut & (values < at), 1.0, marks)
    else:
        least = np.where(cut, ends[0], marks) if down else marks
        most = np.where(cut, ends[1], marks) if up else marks
    return found.mean(least), found.mean(most)


def _cut_rows(group: Group, found: Units) -> Flags:
    return np.asarray(np.isin(group.stop[found.rows], (TRUNCATED, SHOWN)))


def cut_units(group: Group, found: Units) -> Flags:
    """Tell of each unit of *found* whether what was marked of it was cut."""
    out = np.zeros(len(found.family), bool)
    np.logical_or.at(out, found.unit[found.voted], _cut_rows(group, found))
    return out


def could_fall(measure: Measure, scale: Scale) -> bool:
    """Tell whether the rest of a cut reply could make a number lower than its mark does."""
    return not scale.hazard or measure.estimator == "shares" or _rate_falls(measure)


def could_rise(measure: Measure, scale: Scale) -> bool:
    """Tell whether it could make it higher."""
    return not scale.hazard or measure.estimator == "shares" or not _rate_falls(measure)


def _rate_falls(measure: Measure) -> bool:
    return measure.estimator == "rate" and falls(measure)


def could_be(
    group: Group,
    cell: Cell,
    y: tuple[Floats, Floats],
    family: Ints,
    pi: Floats,
    ends: tuple[float, float],
) -> tuple[float, float, float] | None:
    """Give the estimate if all missing marks were lowest, if all were highest, and the weight they have.

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
        (known, low), (_, high) = (_marked_share(planned, one, family) for one in y)
        totals = [low, high]
    rest = max(1 - known, 0.0)
    return totals[0] + ends[0] * rest, totals[1] + ends[1] * rest, rest


def _marked_share(asked: Ints, y: Floats, family: Ints) -> tuple[float, float]:
    """Average over the families asked the share that is marked, and what it adds to the mean."""
    n = max(len(asked), int(family.max(initial=-1)) + 1)
    marked, total = np.bincount(family, minlength=n), np.bincount(family, weights=y, minlength=n)
    size = np.maximum(np.pad(asked, (0, n - len(asked))), marked)
    there = size > 0
    return float((marked[there] / size[there]).mean()), float((total[there] / size[there]).mean())
