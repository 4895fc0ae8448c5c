"""One measure of one group of marks: an estimate, or the reason why there is none."""

import math
from collections.abc import Iterator

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from dosimeter.analysis.load import (
    BLOCKED,
    FAILED,
    NOTHING,
    SCORED,
    TRUNCATED,
    UNANSWERED,
    UNSCORABLE,
    UNSERVED,
    Floats,
    Group,
    Ints,
)
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
from dosimeter.model.rating import Direction, Scale, ScaleKind, SubjectKind, Value
from dosimeter.model.stackfile import Scope
from dosimeter.stats import Interval, bounded_mean_clustered, cluster_mean, korn_graubard
from dosimeter.stats.interval import t_quantile, undefined

Rows = NDArray[np.intp]
FEW_FAMILIES, SOME_FAMILIES = 10, 30
MANY_MISSING = 0.05
HEAVIEST = 50.0
PERSON = "person"
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

    Attributes:
        rows: Rows of the group with a mark.
        unit: Of each of *rows*, the index of its unit.
        family: Code of each unit's family.
        pi: Probability that each unit was asked.
    """

    rows: Rows = field(repr=False)
    unit: Ints = field(repr=False)
    family: Ints = field(repr=False)
    pi: Floats = field(repr=False)

    def mean(self, y: Floats) -> Floats:
        """Average the votes of each unit."""
        return np.asarray(np.bincount(self.unit, weights=y) / np.bincount(self.unit))

    def weights(self) -> Floats:
        """Weigh families alike; units of a drawn sample by 1/pi instead."""
        if (self.pi < 1).any():
            return np.asarray(1.0 / self.pi)
        return np.asarray(1.0 / np.bincount(self.family)[self.family])


def counted(group: Group) -> Group:
    """Leave out a person's votes on what was not drawn: nobody knows how it was chosen."""
    return _only(group, group.batch > 0) if group.rater_kind == PERSON else group


def _only(group: Group, keep: "NDArray[np.bool_]") -> Group:
    return evolve(
        group, values=group.values[keep], outcome=group.outcome[keep], stop=group.stop[keep],
        family=group.family[keep], subject=group.subject[keep], batch=group.batch[keep],
        pi=group.pi[keep], off=group.off[keep],
    )  # fmt: skip


def units(group: Group) -> Units:
    """Find the rated units of *group*."""
    rows = np.flatnonzero((group.outcome == SCORED) & ~np.isnan(group.values))
    _, first, unit = np.unique(group.unit[rows], return_index=True, return_inverse=True)
    return Units(
        rows=rows, unit=unit.astype(np.int64), family=group.family[rows][first],
        pi=group.pi[rows][first],
    )  # fmt: skip


def empty_handed(measure: Measure, group: Group) -> Group:
    """Count searches that submitted nothing as no success, where success is what is worse."""
    nothing = group.outcome == NOTHING
    worse = measure.direction is Direction.HIGHER_IS_WORSE
    if measure.estimator != "rate" or not worse or not nothing.any():
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
    lost = len(np.unique(group.unit[group.off]))
    rest = evolve(cell, planned=cell.planned - lost, done=cell.done - lost)
    kept = {f.group: f for f in _findings(measure, _only(group, ~group.off), rest, frame)}
    for one in found:
        other = kept.get(one.group)
        words = "too few families"
        if isinstance(other, Estimate):
            words = f"{other.value:.3g} [{other.lower:.3g}, {other.upper:.3g}]"
        text = f"{lost} attempts left their script; without them: {words}"
        caveat = Caveat(code="off-script", text=text)
        yield evolve(one, caveats=(*one.caveats, caveat)) if isinstance(one, Estimate) else one


def _findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    group = empty_handed(measure, settled(group, frame.scope))
    undrawn = len(np.unique(group.unit)) - len(np.unique(counted(group).unit))
    group = counted(group)
    found = units(group)
    missing = evolve(_missing(group, cell), undrawn=undrawn)
    at = where(cell, group.rater)
    why_not = _refused(found, missing)
    if why_not:
        yield Abstention(
            measure=measure.id, group=at, code=why_not[0], why=why_not[1],
            would_need=why_not[2], missing=missing,
        )  # fmt: skip
        return
    for extra, y, kind in _questions(measure, group.scale, group.values[found.rows]):
        got = _interval(
            kind, group.scale, found.mean(y), found.family, found.weights(), frame.level
        )
        if got.reason:
            yield Abstention(
                measure=measure.id, group=at + extra, code=got.reason,
                why=f"{got.n} marks tell of no spread: {got.reason}",
                would_need="marks that differ, or a scale with bounds", missing=missing,
            )  # fmt: skip
            continue
        low, high = _range(kind, group.scale)
        yield Estimate(
            measure=measure.id,
            group=at + extra,
            value=got.value,
            lower=got.lower,
            upper=got.upper,
            level=got.level,
            method=got.method,
            n=got.n,
            families=got.clusters,
            effective_n=None if math.isnan(got.effective_n) else got.effective_n,
            missing=_bounded(missing, got, _known(group, found, missing), low, high),
            estimand=_estimand(measure, cell, frame, drawn=bool((found.pi < 1).any())),
            caveats=frame.caveats + _caveats(got, missing, group),
        )


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
    kind: str, scale: Scale, y: Floats, family: Ints, w: Floats, level: float
) -> Interval:
    if kind == "rate":
        return korn_graubard(y, family, w, level)
    low, high = _range(kind, scale)
    if math.isfinite(low) and math.isfinite(high):
        return bounded_mean_clustered(y, family, w, low=low, high=high, level=level)
    found = cluster_mean(y, family, w)
    if found.clusters < 2 or not found.se_cr1:
        reason = "one-cluster" if found.clusters < 2 else "no-variation"
        return undefined(reason, n=found.n, clusters=found.clusters, level=level, method="cr1-t")
    half = t_quantile(level, found.clusters - 1) * found.se_cr1
    return Interval(value=found.mean, lower=max(found.mean - half, low),
                    upper=min(found.mean + half, high), level=level,
                    method="cr1-t", n=found.n, clusters=found.clusters,
                    effective_n=found.effective_n)  # fmt: skip


def _missing(group: Group, cell: Cell) -> Missing:
    """Count units; one with any scored vote is not missing."""
    _, first, unit = np.unique(group.unit, return_index=True, return_inverse=True)
    outcome = np.full(len(first), NOTHING)
    np.minimum.at(outcome, unit, group.outcome)
    stop = group.stop[first]
    path = group.kind == SubjectKind.PATH
    return Missing(
        planned=cell.planned if path else len(first),
        not_run=cell.open,
        failed=cell.failed + int((outcome == FAILED).sum()),
        unscorable=int((outcome == UNSCORABLE).sum()),
        blocked=int((stop == BLOCKED).sum()),
        truncated=int((stop == TRUNCATED).sum()),
        unrated=_unrated(group, cell, len(first)) if path else 0,
        no_candidate=int((outcome == NOTHING).sum()),
        drawn=len(first) if group.rater_kind == PERSON else 0,
        unanswered=int((outcome == UNANSWERED).sum()),
        unserved=int((outcome == UNSERVED).sum()),
    )


def _unrated(group: Group, cell: Cell, rated: int) -> int:
    """Count replies without a rating. People are asked about a sample only."""
    return 0 if group.rater_kind == PERSON else max(cell.done - rated, 0)


def lost(missing: Missing) -> int:
    """Count what should have entered an estimate and did not."""
    return (missing.not_run + missing.failed + missing.unscorable + missing.unrated
            + missing.no_candidate)  # fmt: skip


def _known(group: Group, found: Units, missing: Missing) -> float:
    """Give the share of what was asked that has a mark; NaN where its size is not known."""
    if group.kind != SubjectKind.PATH and missing.not_run + missing.failed:
        return math.nan  # how many turns a reply that never came would have had
    if group.rater_kind != PERSON:
        return max(missing.planned - lost(missing), 0) / max(missing.planned, 1)
    _, first = np.unique(group.unit, return_index=True)
    served = group.outcome[first] != UNSERVED
    asked = float((1.0 / group.pi[first][served]).sum())
    ran = 1.0
    if group.kind == SubjectKind.PATH:
        ran = 1 - (missing.not_run + missing.failed) / max(missing.planned, 1)
    return ran * float((1.0 / found.pi).sum()) / asked


def _bounded(missing: Missing, got: Interval, known: float, low: float, high: float) -> Missing:
    """Add what the estimate would be if all missing marks were lowest, or highest."""
    if not (math.isfinite(low) and math.isfinite(high) and known > 0):
        return missing
    return evolve(
        missing,
        lower=got.value * known + low * (1 - known),
        upper=got.value * known + high * (1 - known),
    )


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


def _estimand(measure: Measure, cell: Cell, frame: Frame, *, drawn: bool) -> str:
    how = "drawn replies weighted by 1/pi" if drawn else "families weighted alike"
    return (
        f"{measure.title}: over goals like those of {frame.population}, {cell.intent.value} requests,"
        f" attack {cell.attack} as configured; {how}; scope {frame.scope.value}"
    )
