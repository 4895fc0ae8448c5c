"""One measure of one group of marks: an estimate, or the reason why there is none."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from attrs import evolve

from dosimeter.analysis.abstain import abstain, not_built, of_candidates, too_little, where
from dosimeter.analysis.load import Floats, Group, Ints
from dosimeter.analysis.looks import PEEKED, sequence
from dosimeter.analysis.missing import bounded, could_be, count_missing, cut_short
from dosimeter.analysis.ready import Extra, averaged, counted_too, prepared, scale_range
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.scopes import beside_other, opposite
from dosimeter.analysis.several import of_gates, of_several
from dosimeter.analysis.stops import BLOCKED
from dosimeter.analysis.units import Units, counted, covered, kept, units
from dosimeter.analysis.wording import Frame, caveats, estimand, how_weighted, off_script, rarer
from dosimeter.model.answering import BothWays, Estimate, Finding, Missing
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import unaskable, unbuilt
from dosimeter.model.report import Cell
from dosimeter.numbers import LOOKED_AT
from dosimeter.stats.cluster import ClusterMean, ClusterShare, cluster_mean, korn_graubard
from dosimeter.stats.confidence_sequences import BoundedSequence
from dosimeter.stats.result import Interval, Result
from dosimeter.stats.severity import BoundedMean, guarded_mean

Average = ClusterShare | BoundedMean | ClusterMean | BoundedSequence
Bounds = tuple[float, float, float] | None
"""What could be, at the lowest and the highest, and the weight without a mark; None if that is not known."""


def findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    """Answer *measure* for one group."""
    why_not = _never(measure, group)
    if why_not:
        yield abstain(measure, _at(cell, group, frame), why_not, Missing(planned=cell.planned))
        return
    found = _findings(measure, group, cell, frame)
    found = _beside_kept(measure, group, cell, frame, found) if group.off.any() else found
    scope, others = opposite(frame.scope), None
    if (group.stop == BLOCKED).any():
        others = _findings(measure, group, cell, evolve(frame, scope=scope))
    yield from beside_other(found, others, scope)


def _at(cell: Cell, group: Group, frame: Frame) -> Pairs:
    return (*where(cell, group.rater), *frame.levels)


def _never(measure: Measure, group: Group) -> Why | None:
    """Say why no marks on this scale could answer *measure*."""
    fault = unaskable(measure, group.scale)
    if fault:
        return "not-askable", fault, "a measure that fits the scale"
    what = unbuilt(measure)
    return not_built(what) if what else None


def _beside_kept(
    measure: Measure, group: Group, cell: Cell, frame: Frame, found: Iterator[Finding]
) -> Iterator[Finding]:
    """Add to each estimate what it is without the attempts that left their script."""
    rest, there = kept(group, cell)
    others = {f.group: f for f in _findings(measure, rest, there, frame)}
    for one in found:
        if isinstance(one, Estimate):
            caveat = off_script(cell.planned - there.planned, cell.planned, others.get(one.group))
            one = evolve(one, caveats=(*one.caveats, caveat))  # noqa: PLW2901
        yield one


def _findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    group, lowest = prepared(measure, group, cell, frame.scope)
    every = len(np.unique(group.unit))
    group = counted(group)
    drawn = len(np.unique(group.unit))
    group, uncovered = covered(group, frame.refused)
    found = units(group, lowest=bool(lowest))
    left_out = drawn - len(np.unique(group.unit))
    counts = evolve(count_missing(group, cell), undrawn=every - drawn, uncovered=left_out)
    at = _at(cell, group, frame)
    why_not = of_candidates(group, lowest) or too_little(found, counts, uncovered)
    if why_not:
        yield abstain(measure, at, why_not, counts, len(np.unique(found.family)))
        return
    for extra, marks, kind in averaged(measure, group.scale, group.values[found.rows]):
        low, high = scale_range(kind, group.scale)
        y = np.clip(found.mean(marks), low, high)  # a mean of votes may leave it by rounding
        if frame.order is not None and (found.drawn or not math.isfinite(high - low)):
            yield abstain(measure, at + extra, PEEKED, counts, len(np.unique(found.family)))
            continue
        result = _averaging(kind, (low, high), found, frame)
        with np.errstate(over="ignore", invalid="ignore"):
            got = result(y)
            limits = got.interval(frame.level)
        why_not = _undefined(got, limits)
        if why_not:
            yield abstain(measure, at + extra, why_not, counts, got.clusters)
            continue
        bounds = partial(_bounds, measure, group, cell, found, extra, (low, high))
        both = _both_ways(measure, group, found, result, bounds, frame)
        least, most, unmarked = bounds(marks) or (None, None, 0.0)
        missing = bounded(counts, (least, most), (low, high), unmarked)
        rare = rarer(y, found.family) if isinstance(got, ClusterShare) else None
        yield Estimate(
            measure=measure.id, group=at + extra, value=got.estimate, lower=limits.lower,
            upper=limits.upper, level=limits.level, method=got.method, n=got.n,
            families=got.clusters, effective_n=got.effective_n if math.isfinite(got.effective_n) else None,
            missing=missing,
            estimand=estimand(measure, cell, frame, how_weighted(group, found)),
            caveats=frame.caveats + caveats(measure, cell, group, got, missing, both, rare=rare),
            simultaneous=of_several(got, frame.level, frame.ways),
            both_ways=both, of_gates=of_gates(got, frame.level, frame.gates),
        )  # fmt: skip


def _both_ways(
    measure: Measure,
    group: Group,
    found: Units,
    result: Callable[[Floats], Result],
    bounds: Callable[[Floats], Bounds],
    frame: Frame,
) -> BothWays | None:
    """Give a rate with its other levels counted too; *result* and *bounds* give it of marks."""
    marks = counted_too(measure, group.scale, group.values[found.rows])
    if marks is None:
        return None
    got = result(found.mean(marks))
    limits = got.interval(frame.level)
    lowest, highest, _ = bounds(marks) or (None, None, 0.0)
    return BothWays(levels=measure.both_ways, value=got.estimate, lower=limits.lower,
                    upper=limits.upper, lowest=lowest, highest=highest,
                    of_gates=of_gates(got, frame.level, frame.gates))  # fmt: skip


def _bounds(
    measure: Measure,
    group: Group,
    cell: Cell,
    found: Units,
    extra: Extra,
    ends: tuple[float, float],
    marks: Floats,
) -> Bounds:
    """Give what *marks* average to if all that is missing or cut were lowest, and highest."""
    extremes = cut_short(measure, group, found, marks, extra, ends)
    return could_be(group, cell, extremes, found.family, found.pi, ends)


def _undefined(got: Result, limits: Interval) -> Why | None:
    """Say why a result gives no number with its limits; None if it does."""
    why = got.undefined or limits.undefined
    if why not in {"", "not-finite"}:
        return (
            why,
            f"{got.n} marks tell of no spread: {why}",
            "marks that differ, or a scale with bounds",
        )
    if why or not all(map(math.isfinite, (got.estimate, *limits))):
        return "not-finite", "the marks are too large to be averaged", "a bounded scale"
    return None


def _averaging(
    kind: str, ends: tuple[float, float], found: Units, frame: Frame
) -> Callable[[Floats], Average]:
    """Give what averages marks: with limits of one look, or of every look that the run took."""
    if frame.order is None:
        return partial(_result, kind, ends, family=found.family, w=found.weights())
    method = LOOKED_AT if kind == "rate" else "betting"
    return partial(sequence, family=found.family, order=frame.order, ends=ends, method=method)


def _result(kind: str, ends: tuple[float, float], y: Floats, family: Ints, w: Floats) -> Average:
    if kind == "rate":
        return korn_graubard(y, family, w)
    low, high = ends
    if math.isfinite(low) and math.isfinite(high):
        return guarded_mean(y, family, w, low=low, high=high)
    if not np.isfinite(y).all():
        return evolve(cluster_mean([], []), n=len(y), clusters=len(np.unique(family)),
                      undefined="not-finite")  # fmt: skip
    return evolve(cluster_mean(y, family, w), bounds=ends)
