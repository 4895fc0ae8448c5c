"""One measure of one group of marks: an estimate, or the reason why there is none."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from attrs import evolve

from dosimeter.analysis.abstain import abstain, not_built, of_several, too_little, where
from dosimeter.analysis.load import Floats, Group, Ints
from dosimeter.analysis.missing import could_be, count_missing, cut_short
from dosimeter.analysis.ready import Extra, averaged, counted_too, prepared, scale_range
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.scopes import beside_other, opposite
from dosimeter.analysis.stops import BLOCKED
from dosimeter.analysis.units import Units, counted, covered, kept, units
from dosimeter.analysis.wording import Frame, caveats, estimand, how_weighted, off_script
from dosimeter.model.answering import BothWays, Estimate, Finding, Missing, Simultaneous
from dosimeter.model.measures import Measure
from dosimeter.model.questions import unaskable, unbuilt
from dosimeter.model.report import Cell
from dosimeter.stats import Interval, cluster_mean, guarded_mean, korn_graubard
from dosimeter.stats.interval import t_quantile, undefined

Bounds = tuple[float, float] | None
"""What could be, at the lowest and the highest; None where that is not known."""


def findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    """Answer *measure* for one group."""
    why_not = _never(measure, group)
    if why_not:
        yield abstain(measure, where(cell, group.rater), why_not, Missing(planned=cell.planned))
        return
    found = _findings(measure, group, cell, frame)
    found = _beside_kept(measure, group, cell, frame, found) if group.off.any() else found
    scope, others = opposite(frame.scope), None
    if (group.stop == BLOCKED).any():
        others = _findings(measure, group, cell, evolve(frame, scope=scope))
    yield from beside_other(found, others, scope)


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
    missing = evolve(count_missing(group, cell), undrawn=every - drawn, uncovered=left_out)
    at = where(cell, group.rater)
    why_not = of_several(group, lowest) or too_little(found, missing, uncovered)
    if why_not:
        yield abstain(measure, at, why_not, missing, len(np.unique(found.family)))
        return
    for extra, marks, kind in averaged(measure, group.scale, group.values[found.rows]):
        low, high = scale_range(kind, group.scale)
        y = np.clip(found.mean(marks), low, high)  # a mean of votes may leave it by rounding
        interval = partial(_interval, kind, (low, high), family=found.family, w=found.weights())
        with np.errstate(over="ignore", invalid="ignore"):
            got = interval(y, level=frame.level)
        why_not = _undefined(got)
        if why_not:
            yield abstain(measure, at + extra, why_not, missing, got.clusters)
            continue
        bounds = partial(_bounds, measure, group, cell, found, extra, (low, high))
        both = _both_ways(measure, group, found, partial(interval, level=frame.level), bounds)
        ends = bounds(marks)
        yield Estimate(
            measure=measure.id, group=at + extra, value=got.value, lower=got.lower,
            upper=got.upper, level=got.level, method=got.method, n=got.n, families=got.clusters,
            effective_n=got.effective_n if math.isfinite(got.effective_n) else None,
            missing=missing if ends is None else evolve(missing, lower=ends[0], upper=ends[1]),
            estimand=estimand(measure, cell, frame, how_weighted(group, found)),
            caveats=frame.caveats + caveats(measure, cell, group, got, missing, both),
            simultaneous=_of_all(frame, partial(interval, y)), both_ways=both,
        )  # fmt: skip


def _both_ways(
    measure: Measure,
    group: Group,
    found: Units,
    interval: Callable[[Floats], Interval],
    bounds: Callable[[Floats], Bounds],
) -> BothWays | None:
    """Give a rate with its other levels counted too; *interval* and *bounds* give it of marks."""
    marks = counted_too(measure, group.scale, group.values[found.rows])
    if marks is None:
        return None
    got = interval(found.mean(marks))
    lowest, highest = bounds(marks) or (None, None)
    return BothWays(levels=measure.both_ways, value=got.value, lower=got.lower, upper=got.upper,
                    lowest=lowest, highest=highest)  # fmt: skip


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
    extremes = cut_short(measure, group, found, marks, extra, ends[1])
    return could_be(group, cell, extremes, found.family, found.pi, ends)


def _of_all(frame: Frame, interval: Callable[..., Interval]) -> Simultaneous | None:
    """Give limits that hold for all ways of asking at once; *interval* gives them at a level."""
    if frame.ways < 2:
        return None
    wide = interval(level=1 - (1 - frame.level) / frame.ways)
    return Simultaneous(lower=wide.lower, upper=wide.upper, of=frame.ways)


def _undefined(got: Interval) -> Why | None:
    """Say why an interval gives no number; None if it does."""
    if got.reason:
        return (got.reason, f"{got.n} marks tell of no spread: {got.reason}",
                "marks that differ, or a scale with bounds")  # fmt: skip
    if not all(map(math.isfinite, (got.value, got.lower, got.upper))):
        return "not-finite", "the marks are too large to be averaged", "a bounded scale"
    return None


def _interval(
    kind: str, ends: tuple[float, float], y: Floats, family: Ints, w: Floats, level: float
) -> Interval:
    if kind == "rate":
        return korn_graubard(y, family, w, level)
    low, high = ends
    if math.isfinite(low) and math.isfinite(high):
        return guarded_mean(y, family, w, low=low, high=high, level=level)
    if not np.isfinite(y).all():
        return Interval(value=math.nan, lower=math.nan, upper=math.nan, level=level,
                        method="cr1-t", n=len(y), clusters=len(np.unique(family)))  # fmt: skip
    found = cluster_mean(y, family, w)
    if found.clusters < 2 or not found.se_cr1:
        reason = "one-cluster" if found.clusters < 2 else "no-variation"
        return undefined(reason, n=found.n, clusters=found.clusters, level=level, method="cr1-t")
    half = t_quantile(level, found.clusters - 1) * found.se_cr1
    return Interval(value=found.mean, lower=max(found.mean - half, low),
                    upper=min(found.mean + half, high), level=level,
                    method="cr1-t", n=found.n, clusters=found.clusters,
                    effective_n=found.effective_n)  # fmt: skip
