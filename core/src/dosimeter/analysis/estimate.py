"""One measure of one group of marks: an estimate, or the reason why there is none."""

import math
from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from dosimeter.analysis.load import (
    BLOCKED,
    FAILED,
    SCORED,
    TRUNCATED,
    UNSCORABLE,
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
from dosimeter.model.rating import Direction, Scale, ScaleKind, Value
from dosimeter.model.stackfile import Scope
from dosimeter.stats import Interval, bounded_mean_clustered, cluster_mean, korn_graubard
from dosimeter.stats.interval import t_quantile, undefined

Rows = NDArray[np.intp]
FEW_FAMILIES, SOME_FAMILIES = 10, 30
MANY_MISSING = 0.05


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
        return float([lv.value for lv in scale.levels].index(str(value)))
    return float(value) if isinstance(value, bool | int | float) else math.nan


def settled(group: Group, scope: Scope) -> Group:
    """Decide what a provider's block is: the scale's own mark for it, or missing (VALIDITY 3)."""
    blocked = group.stop == BLOCKED
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


def weights(group: Group, rows: Rows) -> Floats:
    """Weigh votes of a subject alike and families alike; a drawn sample by 1/pi instead."""
    _, codes, votes = np.unique(group.subject[rows], return_inverse=True, return_counts=True)
    base = 1.0 / votes[codes]
    pi = group.pi[rows]
    if (pi < 1).any():
        return np.asarray(base / pi, dtype=float)
    totals = np.bincount(group.family[rows], weights=base)
    return np.asarray(base / totals[group.family[rows]], dtype=float)


def findings(measure: Measure, group: Group, cell: Cell, frame: Frame) -> Iterator[Finding]:
    """Answer *measure* for one group."""
    group = settled(group, frame.scope)
    rows = np.flatnonzero((group.outcome == SCORED) & ~np.isnan(group.values))
    missing = _missing(group, cell)
    where = (("target", cell.target), ("category", cell.category), ("intent", cell.intent.value),
             ("attack", cell.attack), ("rater", group.rater))  # fmt: skip
    families = len(np.unique(group.family[rows]))
    if families < FEW_FAMILIES:
        yield Abstention(
            measure=measure.id,
            group=where,
            code="few-families" if families else "no-marks",
            why=f"{families} families with a mark",
            would_need=f"at least {FEW_FAMILIES} families",
            missing=missing,
        )
        return
    w = weights(group, rows)
    for extra, y, kind in _questions(measure, group.scale, group.values[rows]):
        got = _interval(kind, group.scale, y, group.family[rows], w, frame.level)
        low, high = _range(kind, group.scale)
        yield Estimate(
            measure=measure.id,
            group=where + extra,
            value=got.value,
            lower=got.lower,
            upper=got.upper,
            level=got.level,
            method=got.method,
            n=got.n,
            families=got.clusters,
            effective_n=None if math.isnan(got.effective_n) else got.effective_n,
            missing=_bounded(missing, got, low, high),
            estimand=_estimand(measure, cell, frame, drawn=bool((group.pi[rows] < 1).any())),
            caveats=frame.caveats + _caveats(got, missing, group, cell),
        )


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
    if math.isfinite(low):
        return bounded_mean_clustered(y, family, w, low=low, high=high, level=level)
    found = cluster_mean(y, family, w)
    if found.clusters < 2:
        return undefined(
            "one-cluster", n=found.n, clusters=found.clusters, level=level, method="cr1-t"
        )
    half = t_quantile(level, found.clusters - 1) * found.se_cr1
    return Interval(value=found.mean, lower=found.mean - half, upper=found.mean + half, level=level,
                    method="cr1-t", n=found.n, clusters=found.clusters,
                    effective_n=found.effective_n)  # fmt: skip


def _missing(group: Group, cell: Cell) -> Missing:
    subjects = np.unique(group.subject, return_index=True)[1]
    outcome, stop = group.outcome[subjects], group.stop[subjects]
    return Missing(
        planned=cell.planned,
        not_run=cell.open,
        failed=cell.failed + int((outcome == FAILED).sum()),
        unscorable=int((outcome == UNSCORABLE).sum()),
        blocked=int((stop == BLOCKED).sum()),
        truncated=int((stop == TRUNCATED).sum()),
    )


def _bounded(missing: Missing, got: Interval, low: float, high: float) -> Missing:
    """Add what the estimate would be if all missing marks were lowest, or highest."""
    lost = missing.not_run + missing.failed + missing.unscorable
    if not (math.isfinite(low) and math.isfinite(high)):
        return missing
    known = max(missing.planned - lost, 0)
    total = known + lost
    if not total or math.isnan(got.value):
        return missing
    return evolve(
        missing,
        lower=(got.value * known + low * lost) / total,
        upper=(got.value * known + high * lost) / total,
    )


def _caveats(got: Interval, missing: Missing, group: Group, cell: Cell) -> tuple[Caveat, ...]:
    out = [Caveat(code="judge-measured", text=f"as {group.rater} measures it, uncorrected")]
    if group.rater_kind == "person":
        out = []
    if got.clusters < SOME_FAMILIES:
        out.append(Caveat(code="few-families", text=f"{got.clusters} families"))
    lost = missing.not_run + missing.failed + missing.unscorable
    if missing.planned and lost / missing.planned > MANY_MISSING:
        share = lost / missing.planned
        out.append(
            Caveat(code="missing", text=f"{share:.0%} missing: the bounds say what that may hide")
        )
    if missing.truncated:
        share = missing.truncated / max(missing.planned, 1)
        out.append(
            Caveat(code="truncated", text=f"{share:.0%} cut at the token limit: lower bounds")
        )
    if cell.off_script:
        out.append(Caveat(code="off-script", text=f"{cell.off_script} attempts left their script"))
    return tuple(out)


def _estimand(measure: Measure, cell: Cell, frame: Frame, *, drawn: bool) -> str:
    how = "drawn replies weighted by 1/pi" if drawn else "families weighted alike"
    return (
        f"{measure.title}: over goals like those of {frame.population}, {cell.intent.value} requests,"
        f" attack {cell.attack} as configured; {how}; scope {frame.scope.value}"
    )
