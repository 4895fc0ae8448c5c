"""Which measures a design asks, besides those that its categories name, and whether they can be."""

import math
from collections.abc import Collection, Iterable, Iterator

from attrs import evolve, fields

from dosimeter.model.contrasts import TARGET, amiss, is_difference, is_split, terms
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure, Selection
from dosimeter.model.rating import Direction, Scale, ScaleKind, SubjectKind
from dosimeter.model.report import Cell
from dosimeter.model.specs import CategorySpec, ScorerSpec


def questions(
    categories: Iterable[CategorySpec], raters: Iterable[ScorerSpec]
) -> tuple[Measure, ...]:
    """Give the categories' measures, and default ones where no category asks about a scale.

    One id is one question, as a stack is checked to have it; titles may differ, and the order of
    categories chooses none.
    """
    asked = {m.id: m for c in sorted(categories, key=lambda c: c.id) for m in c.measures}
    named = tuple(asked.values())
    for spec in raters:
        for measure in defaults(spec, named):
            asked.setdefault(measure.id, measure)
    return tuple(asked[k] for k in sorted(asked))


def defaults(spec: ScorerSpec, named: Collection[Measure]) -> Iterator[Measure]:
    """Give what is asked of a rater's marks on scales that no category's measure is about.

    A scale whose raters rate turns too is asked about for paths and, apart, for turns. What the
    categories ask of some intents only, nobody asks of others: severity has a meaning where there is
    a harmful goal.

    Args:
        spec: Of the rater.
        named: The categories' measures.
    """
    known = {(m.scale, m.select.kind) for m in named}
    for scale in spec.scales:
        for kind in spec.subjects:
            if (scale.name, kind) not in known:
                yield from _default(scale, Selection(kind=kind, intents=_intents(scale, named)))


def scales_of(
    categories: Iterable[CategorySpec], raters: Iterable[ScorerSpec]
) -> tuple[Scale, ...]:
    """Give every scale that is declared, one a name: a rater's in place of a category's."""
    specs: tuple[CategorySpec | ScorerSpec, ...] = (*categories, *raters)
    return tuple({scale.name: scale for spec in specs for scale in spec.scales}.values())


def differ_in(one: Measure, other: Measure) -> list[str]:
    """Name what two measures ask otherwise; a title is words only."""
    names = [a.name for a in fields(Measure) if a.name != "title"]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def unaskable(measure: Measure, scale: Scale | None = None) -> str:
    """Say why *measure* cannot be asked of marks on *scale*; empty if it can.

    Without a scale, say what no scale could mend.
    """
    how = measure.estimator
    if how in COUNTING and measure.threshold is None:
        few = "a rate needs" if how == "rate" else "flips need"
        return f"{few} a threshold, the mark that counts, such as threshold=True"
    if how != "rate" and measure.both_ways:
        return f"both_ways is of rates; the estimator is {how!r}"
    if fault := amiss(measure):
        return fault
    if scale is None:
        return ""
    if how in COUNTING and measure.threshold is not None:
        fault = scale.fault(measure.threshold)
        if fault:
            return f"threshold {measure.threshold!r} on scale {scale.name!r}: {fault}"
        return _not_both_ways(measure, scale)
    fits = {
        "mean": (ScaleKind.ORDINAL, ScaleKind.REAL),
        "shares": (ScaleKind.ORDINAL, ScaleKind.NOMINAL),
    }.get(how, tuple(ScaleKind))
    if scale.kind in fits:
        return ""
    kinds = " or ".join(kind.value for kind in fits)
    return f"{how!r} needs a scale that is {kinds}; {scale.name!r} is {scale.kind.value}"


def _not_both_ways(measure: Measure, scale: Scale) -> str:
    """Say why levels cannot be counted besides the threshold; empty if they can, or there are none."""
    if measure.both_ways and scale.kind is not ScaleKind.NOMINAL:
        return f"both_ways is of nominal scales; {scale.name!r} is {scale.kind.value}"
    for level in measure.both_ways:
        fault = scale.fault(level)
        if level == measure.threshold:
            fault = "is the threshold, which is counted either way"
        if fault:
            return f"both_ways {level!r} on scale {scale.name!r}: {fault}"
    return ""


def selects(measure: Measure, cell: Cell, kind: str) -> bool:
    """Tell whether *measure* is about subjects of *kind* in *cell*."""
    return measure.select.kind.value == kind and selected(measure, cell.intent, cell.attack)


def selected(measure: Measure, intent: str, attack: str) -> bool:
    """Tell whether *measure* is about requests of *intent* under *attack*."""
    select = measure.select
    return (not select.intents or intent in select.intents) and (
        not select.attacks or attack in select.attacks
    )


COUNTING = frozenset({"rate", "flips"})
"""Estimators that count marks at or beyond a threshold."""
ESTIMATORS = COUNTING | {"shares", "mean"}


def is_cost(measure: Measure) -> bool:
    """Tell what an attack costs: a mean of controls under one attack less that under each other one."""
    c = measure.contrast
    return (
        c is not None
        and (c.factor, c.first, c.within, c.between) == ("attack", "", (), None)
        and bool(c.second)
        and measure.estimator == "mean"
        and measure.select.intents == (Intent.CONTROL,)
        and not (measure.by or measure.select.factors or measure.select.stages)
    )


def is_compared(measure: Measure) -> bool:
    """Tell a measure that puts cells against each other, other than the cost of an attack."""
    return measure.contrast is not None and not is_cost(measure)


def is_apart(measure: Measure) -> bool:
    """Tell a measure whose findings are not one a cell."""
    return is_compared(measure) or is_split(measure) or measure.estimator == "flips"


def unbuilt(measure: Measure) -> str:
    """Name what *measure* asks that this version does not estimate; empty if it can."""
    if any(TARGET in (c.factor, *c.within) for c in terms(measure.contrast)):
        return "a contrast of targets"
    return "" if measure.estimator in ESTIMATORS else f"estimator {measure.estimator!r}"


def is_share(measure: Measure) -> bool:
    """Tell a measure whose numbers are shares of marks, from 0 to 1."""
    return measure.estimator in {"rate", "shares"} and not is_difference(measure)


def counts(measure: Measure) -> bool:
    """Tell a measure that counts marks from one that averages them; a difference of shares counts."""
    return measure.estimator in COUNTING | {"shares"}


def of_any(measure: Measure) -> bool:
    """Tell a rate of success, of which it is asked whether any of several attacks has it."""
    return (
        is_share(measure)
        and measure.estimator == "rate"
        and measure.direction is Direction.HIGHER_IS_WORSE
        and measure.select.kind is SubjectKind.PATH
        and not is_split(measure)
    )


def ends(measure: Measure, scale: Scale | None) -> tuple[float, float]:
    """Give the lowest and the highest number that *measure* can be of marks on *scale*.

    Infinite where nothing bounds them, and of a mean on a scale that is not known.
    """
    low, high = (0.0, 1.0) if counts(measure) else scale.ends if scale else (-math.inf, math.inf)
    if not is_difference(measure):
        return low, high
    widest = 2 ** max(sum(1 for _ in terms(measure.contrast)) - 1, 0) * (high - low)
    return -widest, widest


def _intents(scale: Scale, measures: Iterable[Measure]) -> tuple[Intent, ...]:
    """Give the intents that *scale* is asked about; none for all."""
    mine = [m.select.intents for m in measures if m.scale == scale.name]
    return tuple(i for i in Intent if any(i in some for some in mine)) if all(mine) else ()


def _default(scale: Scale, select: Selection) -> Iterator[Measure]:
    """Ask what the kind of scale allows: shares by level, a mean, or the share that is true."""
    path = select.kind is SubjectKind.PATH
    name = scale.name if path else f"{scale.name}-{select.kind.value}"
    title = scale.name if path else f"{scale.name} of each {select.kind.value}"
    plain = Measure(
        id=name, title=title, scale=scale.name, estimator="mean", direction=scale.direction,
        select=select,
    )  # fmt: skip
    if scale.kind is ScaleKind.BOOLEAN:
        yield evolve(plain, title=f"{title} true", estimator="rate", threshold=True)
    if scale.kind in {ScaleKind.ORDINAL, ScaleKind.NOMINAL}:
        yield evolve(plain, title=f"{title} by level", estimator="shares")
    if scale.kind in {ScaleKind.ORDINAL, ScaleKind.REAL}:
        yield evolve(plain, id=f"{name}-mean", title=f"mean {title}")
