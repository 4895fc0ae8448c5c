"""One measure of one group of marks: an estimate, or the reason why there is none."""

import math
from collections.abc import Iterator

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from dosimeter.analysis.load import (
    BLOCKED,
    NOTHING,
    PERSON,
    SCORED,
    UNANSWERED,
    UNSCORABLE,
    Flags,
    Floats,
    Group,
    Ints,
)
from dosimeter.analysis.missing import could_be, count_missing, lost
from dosimeter.model.answering import (
    Abstention,
    Caveat,
    Cell,
    Estimate,
    Finding,
    Measure,
    Missing,
)
from dosimeter.model.conversation import Pairs
from dosimeter.model.questions import unaskable
from dosimeter.model.rating import Direction, Scale, ScaleKind, SubjectKind, Value
from dosimeter.model.stackfile import Scope
from dosimeter.stats import Interval, bounded_mean_clustered, cluster_mean, korn_graubard
from dosimeter.stats.interval import t_quantile, undefined

Rows = NDArray[np.intp]
FEW_FAMILIES, SOME_FAMILIES = 10, 30
MANY_MISSING = 0.05
HEAVIEST = 50.0
ESTIMATORS = frozenset({"rate", "shares", "mean"})


@frozen(kw_only=True)
class Frame:
    """What surrounds a number: scope, level, and caveats of the whole run."""

    scope: Scope
    level: float
    caveats: tuple[Caveat, ...]
    population: str


def level_index(scale: Scale, value: Value | None) -> float:
    """Give a threshold as the number that marks on *scale* have here."""
    if scale.kind is ScaleKind.NOMINAL:
        return float(
            [lv.value for lv in scale.levels].index(value if isinstance(value, int) else str(value))
        )
    return float(value) if isinstance(value, bool | int | float) else math.nan


def settled(group: Group, scope: Scope) -> Group:
    """Decide what a provider's block is: the scale's own mark for it, or missing (VALIDITY 3)."""
    blocked = (group.stop == BLOCKED) & (group.outcome < UNANSWERED)
    if not blocked.any():
        return group
    values, outcome = group.values.copy(), group.outcome.copy()
    stands_for = group.scale.when_blocked
    if scope is Scope.SYSTEM and stands_for is not None:
        values[blocked] = level_index(group.scale, stands_for)
        outcome[blocked] = SCORED
    else:
        values[blocked] = np.nan
        outcome[blocked] = UNSCORABLE
    return evolve(group, values=values, outcome=outcome)


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
    """

    rows: Rows = field(repr=False)
    voted: Ints = field(repr=False)
    unit: Ints = field(repr=False)
    family: Ints = field(repr=False)
    pi: Floats = field(repr=False)
    lowest: bool = False

    def mean(self, y: Floats) -> Floats:
        """Average the votes on each candidate and take the worst candidate of each unit."""
        sign = -1.0 if self.lowest else 1.0
        average = np.bincount(self.voted, weights=y) / np.bincount(self.voted)
        out = np.full(len(self.family), -math.inf)
        np.maximum.at(out, self.unit, sign * average)
        return sign * out

    def weights(self) -> Floats:
        """Weigh families alike; units of a drawn sample by 1/pi instead."""
        if (self.pi < 1).any():
            return np.asarray(1.0 / self.pi)
        return np.asarray(1.0 / np.bincount(self.family)[self.family])


def counted(group: Group) -> Group:
    """Leave out a person's votes on what was not drawn: nobody knows how it was chosen."""
    return group.only(group.batch > 0) if group.rater_kind == PERSON else group


def units(group: Group, *, lowest: bool = False) -> Units:
    """Find the rated units of *group*."""
    rows = np.flatnonzero((group.outcome == SCORED) & ~np.isnan(group.values))
    _, first, voted = np.unique(group.voted[rows], return_index=True, return_inverse=True)
    first = rows[first]
    _, at, unit = np.unique(group.unit[first], return_index=True, return_inverse=True)
    return Units(
        rows=rows, voted=voted.astype(np.int64), unit=unit.astype(np.int64),
        family=group.family[first][at], pi=group.pi[first][at], lowest=lowest,
    )  # fmt: skip


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
    for _, y, kind in _questions(measure, group.scale, group.values):
        return np.asarray(marked & (y == _range(kind, group.scale)[0 if lowest else 1]))
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


def unbuilt(measure: Measure) -> str:
    """Name what *measure* asks that this version does not estimate; empty if it can."""
    if measure.contrast is not None:
        return "a contrast"
    if measure.by or measure.select.factors or measure.select.stages:
        return "a split by factors or stages"
    return "" if measure.estimator in ESTIMATORS else f"estimator {measure.estimator!r}"


def where(cell: Cell, rater: str) -> Pairs:
    """Say where a finding holds."""
    return (("target", cell.target), ("category", cell.category), ("intent", cell.intent.value),
            ("attack", cell.attack), ("rater", rater))  # fmt: skip


def findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    """Answer *measure* for one group."""
    why = unaskable(measure, group.scale)
    if why:
        no = ("not-askable", why, "a measure that fits the scale")
        yield _abstain(measure, where(cell, group.rater), no, Missing(planned=cell.planned))
        return
    what = unbuilt(measure)
    if what:
        yield Abstention(
            measure=measure.id, group=where(cell, group.rater), code="not-built",
            why=f"the measure asks for {what}", would_need="a version that estimates it",
            missing=Missing(planned=cell.planned),
        )  # fmt: skip
        return
    found = _findings(measure, group, cell, frame)
    yield from _beside_kept(measure, group, cell, frame, found) if group.off.any() else found


def _beside_kept(
    measure: Measure, group: Group, cell: Cell, frame: Frame, found: Iterator[Finding]
) -> Iterator[Finding]:
    """Add to each estimate what it is without the attempts that left their script."""
    gone, first = np.unique(group.attempt[group.off], return_index=True)
    strayed = np.bincount(group.family[group.off][first], minlength=len(group.asked))
    rest_of = evolve(group.only(~group.off), asked=np.maximum(group.asked - strayed, 0))
    n = len(gone)
    rest = evolve(cell, planned=cell.planned - n, done=cell.done - n)
    kept = {f.group: f for f in _findings(measure, rest_of, rest, frame)}
    for one in found:
        other = kept.get(one.group)
        words = "too few families"
        if isinstance(other, Estimate):
            words = f"{other.value:.3g} [{other.lower:.3g}, {other.upper:.3g}]"
        text = f"{n} attempts left their script; without them: {words}"
        caveat = Caveat(code="off-script", text=text)
        yield evolve(one, caveats=(*one.caveats, caveat)) if isinstance(one, Estimate) else one


def _findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    group = empty_handed(measure, settled(group, frame.scope), cell)
    lowest = worst_is_lowest(measure, group.scale)
    if lowest is not None:
        group = whole(group, settling(measure, group, lowest=lowest))
    undrawn = len(np.unique(group.unit)) - len(np.unique(counted(group).unit))
    group = counted(group)
    found = units(group, lowest=bool(lowest))
    missing = evolve(count_missing(group, cell), undrawn=undrawn)
    at = where(cell, group.rater)
    why_not = _of_several(group, lowest) or _refused(found, missing)
    if why_not:
        yield _abstain(measure, at, why_not, missing)
        return
    for extra, marks, kind in _questions(measure, group.scale, group.values[found.rows]):
        low, high = _range(kind, group.scale)
        y = np.clip(found.mean(marks), low, high)  # a mean of votes may leave it by rounding
        with np.errstate(over="ignore", invalid="ignore"):
            got = _interval(kind, (low, high), y, found.family, found.weights(), frame.level)
        numbers = (got.value, got.lower, got.upper)
        if got.reason:
            why_not = (got.reason, f"{got.n} marks tell of no spread: {got.reason}",
                       "marks that differ, or a scale with bounds")  # fmt: skip
        elif not all(map(math.isfinite, numbers)):
            why_not = ("not-finite", "the marks are too large to be averaged", "a bounded scale")
        if why_not:
            yield _abstain(measure, at + extra, why_not, missing)
            why_not = None
            continue
        ends = could_be(group, cell, y, found.family, found.pi, (low, high))
        yield Estimate(
            measure=measure.id, group=at + extra, value=got.value, lower=got.lower,
            upper=got.upper, level=got.level, method=got.method, n=got.n, families=got.clusters,
            effective_n=got.effective_n if math.isfinite(got.effective_n) else None,
            missing=missing if ends is None else evolve(missing, lower=ends[0], upper=ends[1]),
            estimand=_estimand(measure, cell, frame, _how(group, found)),
            caveats=frame.caveats + _caveats(got, missing, group),
        )  # fmt: skip


def _abstain(
    measure: Measure, group: Pairs, why_not: tuple[str, str, str], missing: Missing
) -> Abstention:
    code, why, need = why_not
    return Abstention(
        measure=measure.id, group=group, code=code, why=why, would_need=need, missing=missing
    )


def _of_several(group: Group, lowest: bool | None) -> tuple[str, str, str] | None:
    """Say why several candidates an attempt cannot be made one."""
    if not group.several or group.kind != SubjectKind.PATH:
        return None
    if group.rater_kind == PERSON:
        return ("several-candidates", "attempts submitted several candidates, and not all are drawn",
                "one candidate an attempt")  # fmt: skip
    if lowest is None:
        return ("several-candidates", "attempts submitted several candidates, and none is the worst",
                "one candidate an attempt, or a rate or mean that says what is worse")  # fmt: skip
    return None


def _refused(found: Units, missing: Missing) -> tuple[str, str, str] | None:
    """Say by code, reason and remedy why no number is given; None if one is."""
    families = len(np.unique(found.family))
    if not families and missing.undrawn:
        return ("not-drawn", f"{missing.undrawn} votes, none of them on a drawn unit",
                "a batch that is drawn before it is read")  # fmt: skip
    if families < FEW_FAMILIES:
        return ("few-families" if families else "no-marks", f"{families} families with a mark",
                f"at least {FEW_FAMILIES} families")  # fmt: skip
    heaviest = float((1.0 / found.pi).max())
    if heaviest > HEAVIEST:
        return ("extreme-weights", f"one drawn unit stands for {heaviest:.0f}",
                f"no pi under {1 / HEAVIEST:g}")  # fmt: skip
    return None


def unmarked(measure: Measure, rater: str, cell: Cell) -> Abstention:
    """Say that *rater* has no mark in *cell* at all, so that the cell is not forgotten."""
    return Abstention(
        measure=measure.id,
        group=where(cell, rater),
        code="no-marks",
        why="0 families with a mark",
        would_need=f"at least {FEW_FAMILIES} families",
        missing=Missing(
            planned=cell.planned, not_run=cell.open, failed=cell.failed,
            unrated=cell.done - cell.no_candidate, no_candidate=cell.no_candidate,
        ),
    )  # fmt: skip


def unasked(measure: Measure, cell: Cell) -> Abstention:
    """Say that no rater gives marks on the scale of *measure*."""
    no = ("no-rater", f"no rater of the run marks {measure.scale!r}", "a rater with this scale")
    missing = Missing(planned=cell.planned, not_run=cell.open, failed=cell.failed)
    return _abstain(measure, where(cell, "none"), no, missing)


def _questions(
    measure: Measure, scale: Scale, values: Floats
) -> Iterator[tuple[tuple[tuple[str, str], ...], Floats, str]]:
    """Give what is averaged: indicators of a level, or the marks themselves."""
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


def _range(kind: str, scale: Scale) -> tuple[float, float]:
    if kind == "rate":
        return 0.0, 1.0
    if scale.levels:
        numbers = [float(lv.value) for lv in scale.levels]
        return min(numbers), max(numbers)
    return scale.bounds or (-math.inf, math.inf)


def _interval(
    kind: str, ends: tuple[float, float], y: Floats, family: Ints, w: Floats, level: float
) -> Interval:
    if kind == "rate":
        return korn_graubard(y, family, w, level)
    low, high = ends
    if math.isfinite(low) and math.isfinite(high):
        return bounded_mean_clustered(y, family, w, low=low, high=high, level=level)
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


def _caveats(got: Interval, missing: Missing, group: Group) -> tuple[Caveat, ...]:
    out = [Caveat(code="judge-measured", text=f"as {group.rater} measures it, uncorrected")]
    if group.rater_kind == PERSON:
        out = []
        asked = missing.drawn - missing.unserved
        if missing.unanswered + missing.unscorable > MANY_MISSING * asked:
            silent = missing.unanswered + missing.unscorable
            out.append(
                Caveat(code="non-response", text=f"{silent} of {asked} units asked have no answer")
            )
    if got.clusters < SOME_FAMILIES:
        out.append(Caveat(code="few-families", text=f"{got.clusters} families"))
    if missing.planned and lost(missing) / missing.planned > MANY_MISSING:
        share = lost(missing) / missing.planned
        out.append(
            Caveat(code="missing", text=f"{share:.0%} missing: the bounds say what that may hide")
        )
    if missing.truncated:
        share = missing.truncated / max(missing.planned, 1)
        out.append(
            Caveat(code="truncated", text=f"{share:.0%} cut at the token limit: lower bounds")
        )
    return tuple(out)


def _how(group: Group, found: Units) -> str:
    how = "drawn replies weighted by 1/pi" if (found.pi < 1).any() else "families weighted alike"
    several = group.several and group.kind == SubjectKind.PATH
    return how + ("; worst of the candidates submitted" if several else "")


def _estimand(measure: Measure, cell: Cell, frame: Frame, how: str) -> str:
    return (
        f"{measure.title}: over goals like those of {frame.population}, {cell.intent.value} requests,"
        f" attack {cell.attack} as configured; {how}; scope {frame.scope.value}"
    )
