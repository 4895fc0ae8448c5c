"""Marks made ready to be averaged: what blocks, empty hands and several candidates count as."""

import math
from collections.abc import Iterator

import numpy as np
from attrs import evolve

from dosimeter.analysis.load import (
    NOTHING,
    SCORED,
    UNANSWERED,
    UNSCORABLE,
    Flags,
    Floats,
    Group,
)
from dosimeter.analysis.stops import BLOCKED, SHOWN
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Direction, Scale, ScaleKind, SubjectKind, Value
from dosimeter.model.report import Cell
from dosimeter.model.stackfile import Scope

Extra = tuple[tuple[str, str], ...]
"""The level that a share is of; empty for one number."""


def prepared(measure: Measure, group: Group, cell: Cell, scope: Scope) -> tuple[Group, bool | None]:
    """Decide what blocks, empty hands and several candidates are; say whether lowest is worst."""
    group = empty_handed(measure, settled(readable(group), scope), cell)
    lowest = worst_is_lowest(measure, group.scale)
    if lowest is not None:
        group = whole(group, settling(measure, group, lowest=lowest))
    return group, lowest


def level_index(scale: Scale, value: Value | None) -> float:
    """Give a threshold as the number that marks on *scale* have here."""
    if scale.kind is ScaleKind.NOMINAL:
        return float(
            [lv.value for lv in scale.levels].index(value if isinstance(value, int) else str(value))
        )
    return float(value) if isinstance(value, bool | int | float) else math.nan


def averaged(measure: Measure, scale: Scale, values: Floats) -> Iterator[tuple[Extra, Floats, str]]:
    """Give what is averaged: indicators of a level, or the marks themselves.

    Args:
        measure: What is asked.
        scale: That the marks are on.
        values: Marks as numbers, one a row.

    Yields:
        What tells one question of several apart (the level); what is averaged, one a row of *values*;
        and ``"rate"`` or ``"mean"``.
    """
    if measure.estimator == "mean":
        yield (), values, "mean"
    elif measure.estimator == "shares":
        for level in scale.levels:
            at = level_index(scale, level.value)
            yield (("level", str(level.value)),), (values == at).astype(float), "rate"
    else:
        at = level_index(scale, measure.threshold)
        if scale.kind in {ScaleKind.NOMINAL, ScaleKind.BOOLEAN}:
            hit = values == at
        elif measure.direction is Direction.LOWER_IS_WORSE:
            hit = values <= at
        else:
            hit = values >= at
        yield (), hit.astype(float), "rate"


def counted_too(measure: Measure, scale: Scale, values: Floats) -> Floats | None:
    """Give what a rate averages if its other levels count too; None if it names none."""
    if not measure.both_ways:
        return None
    levels = [level_index(scale, level) for level in (measure.threshold, *measure.both_ways)]
    return np.isin(values, levels).astype(float)


def scale_range(kind: str, scale: Scale) -> tuple[float, float]:
    """Give the ends of what is averaged: ``"rate"`` or ``"mean"``."""
    return (0.0, 1.0) if kind == "rate" else scale.ends


def readable(group: Group) -> Group:
    """Take a mark without a number that can be read for the missing one it is."""
    nothing = (group.outcome == SCORED) & np.isnan(group.values)
    if not nothing.any():
        return group
    return evolve(group, outcome=np.where(nothing, UNSCORABLE, group.outcome))


def settled(group: Group, scope: Scope) -> Group:
    """Decide what a provider's block is: the scale's own mark for it, or missing (VALIDITY 3).

    Words that were shown before it keep their mark of hazard: somebody read them.
    """
    blocked = (group.stop == BLOCKED) & (group.outcome < UNANSWERED)
    if not blocked.any():
        return group
    shown = blocked & (group.outcome == SCORED) & group.scale.hazard
    blocked &= ~shown
    values, outcome = group.values.copy(), group.outcome.copy()
    stands_for = group.scale.when_blocked
    if scope is Scope.SYSTEM and stands_for is not None:
        values[blocked] = level_index(group.scale, stands_for)
        outcome[blocked] = SCORED
    else:
        values[blocked] = np.nan
        outcome[blocked] = UNSCORABLE
    stop = np.where(shown, SHOWN, group.stop)
    return evolve(group, values=values, outcome=outcome, stop=stop)


def worst_is_lowest(measure: Measure, scale: Scale) -> bool | None:
    """Tell which of several candidates is the worst by *measure*; None if none is."""
    if measure.estimator == "shares" or measure.direction is Direction.NEITHER:
        return None
    lower = measure.direction is Direction.LOWER_IS_WORSE
    # The threshold of an ordered scale already looks to the worse side.
    ordered = scale.kind in {ScaleKind.ORDINAL, ScaleKind.REAL}
    return lower and not (measure.estimator == "rate" and ordered)


def settling(measure: Measure, group: Group, *, lowest: bool) -> Flags:
    """Say which marks are the worst that there can be, so that no other candidate matters."""
    marked = (group.outcome == SCORED) & ~np.isnan(group.values)
    for _, y, kind in averaged(measure, group.scale, group.values):
        return np.asarray(marked & (y == scale_range(kind, group.scale)[0 if lowest else 1]))
    return np.zeros(len(marked), bool)


def whole(group: Group, settles: Flags) -> Group:
    """Take out attempts that have a candidate without a mark: it might be the worst.

    They stay if all votes on another candidate are of *settles*.
    """
    if not group.several or group.kind != SubjectKind.PATH or group.rater_kind == PERSON:
        return group
    _, first, voted = np.unique(group.voted, return_index=True, return_inverse=True)
    outcome = np.full(len(first), NOTHING)
    np.minimum.at(outcome, voted, group.outcome)
    _, at, unit = np.unique(group.unit[first], return_index=True, return_inverse=True)
    worst = np.full(len(at), SCORED)
    np.maximum.at(worst, unit, outcome)
    sure, settled_by = np.ones(len(first), bool), np.zeros(len(at), bool)
    np.logical_and.at(sure, voted, settles)
    np.logical_or.at(settled_by, unit, sure)
    by_row = unit[voted]
    every = settled_by | (np.bincount(unit) >= group.candidates[first][at])
    lacks = (worst[by_row] != SCORED) & ~settled_by[by_row]
    group = evolve(
        group,
        values=np.where(lacks, np.nan, group.values),
        outcome=np.where(lacks, worst[by_row], group.outcome),
    )
    return group.only(every[by_row])


def empty_handed(measure: Measure, group: Group, cell: Cell) -> Group:
    """Count searches that submitted nothing as no success, where success is what is worse.

    Not where the rater has rated nothing, and there was something to rate: its silence is no zero.
    """
    nothing = group.outcome == NOTHING
    worse = measure.direction is Direction.HIGHER_IS_WORSE
    if measure.estimator != "rate" or not worse or not nothing.any():
        return group
    if nothing.all() and cell.no_candidate < cell.planned:
        return group
    values, outcome = group.values.copy(), group.outcome.copy()
    values[nothing], outcome[nothing] = -math.inf, SCORED
    return evolve(group, values=values, outcome=outcome)
