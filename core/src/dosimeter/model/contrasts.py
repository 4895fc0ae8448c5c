"""Cells that a measure compares or averages, and the factors that it names."""

from collections.abc import Iterator

from attrs import frozen

from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.measures import Contrast, Measure
from dosimeter.model.rating import SubjectKind
from dosimeter.nearest import nearest

INTENT, ATTACK, TARGET = "intent", "attack", "target"
OF_DESIGN = frozenset({INTENT, ATTACK, TARGET})
"""Names that a contrast may use for what is no factor of items or attacks."""
LESS, AND = " less ", " and "


@frozen(kw_only=True)
class Side:
    """A part of one cell, and the weight that the mean of its marks has."""

    intent: str
    attack: str
    levels: Pairs
    weight: float

    def __str__(self) -> str:
        return ", ".join((self.intent, self.attack, *(f"{n} {v}" for n, v in self.levels)))


@frozen(kw_only=True)
class Contrasted:
    """What one finding of a measure is made of, target and rater aside.

    Attributes:
        intent: As the finding has it: a single one, or those that are compared or averaged.
        attack: Likewise.
        levels: Likewise, of declared factors.
    """

    intent: str
    attack: str
    levels: Pairs
    sides: tuple[Side, ...]


def parts_of(label: str) -> tuple[str, ...]:
    """Give what a finding compares or averages, by what it calls that."""
    return tuple(part for one in label.split(LESS) for part in one.split(AND))


def terms(contrast: Contrast | None) -> Iterator[Contrast]:
    """Give a contrast and those that it is taken between."""
    while contrast is not None:
        yield contrast
        contrast = contrast.between


def factors_of(measure: Measure) -> tuple[str, ...]:
    """Name the declared factors that *measure* needs, in the order in which its findings have them."""
    named = [name for name, _ in measure.select.factors]
    named += [*measure.by, *filter(None, [measure.across])]
    for c in terms(measure.contrast):
        named += [c.factor, *c.within]
    return tuple(n for i, n in enumerate(named) if n not in {*OF_DESIGN, *named[:i]})


def is_split(measure: Measure) -> bool:
    """Tell a measure that takes parts of a cell."""
    return bool(measure.by or measure.select.factors or measure.select.stages)


def is_difference(measure: Measure) -> bool:
    """Tell a measure whose numbers are differences, and may be below 0 where its marks cannot."""
    return measure.contrast is not None or measure.estimator == "flips"


def amiss(measure: Measure) -> str:
    """Say what is wrong with the factors that *measure* names, whatever is declared; empty if nothing."""
    how, c = measure.estimator, measure.contrast
    if how == "flips" and not measure.across:
        return "flips need across, the factor that tells wordings of one request apart"
    if measure.across and how != "flips":
        return f"across is of flips; the estimator is {how!r}"
    if (how == "flips" or measure.select.stages) and measure.select.kind is not SubjectKind.PATH:
        return "flips and stages are of what was submitted, select.kind 'path'"
    if c is not None and how not in {"rate", "mean"}:
        return f"a contrast is of rates and means; the estimator is {how!r}"
    of_parts = [*(name for name, _ in measure.select.factors), *measure.by]
    for name in (*of_parts, *filter(None, [measure.across])):
        if name in OF_DESIGN:
            return f"{name!r} is no factor: findings are told apart by it in any case"
    named = [*of_parts, *filter(None, [measure.across])]
    named += [n for t in terms(c) for n in (t.factor, *t.within)]
    twice = sorted({n for n in named if named.count(n) > 1})
    if twice:
        return f"factor {twice[0]!r} is named twice; select, split, compare or average it"
    return next(filter(None, (_amiss(t, measure) for t in terms(c))), "")


def _amiss(c: Contrast, measure: Measure) -> str:
    """Say what is wrong with one contrast of *measure*; empty if nothing."""
    intents = [i.value for i in measure.select.intents]
    if not c.second or c.first == c.second:
        return f"a contrast of {c.factor!r} needs two levels, such as first='0', second='1'"
    for level in filter(None, (c.first, c.second)):
        if c.factor == INTENT and level not in {*Intent}:
            return f"no intent {level!r}; {nearest(level, [i.value for i in Intent])}"
        for name, wanted in ((INTENT, intents), (ATTACK, measure.select.attacks)):
            if c.factor == name and wanted and level not in wanted:
                return f"select.{name}s leaves out {level!r}, which is compared"
    for name, wanted in ((INTENT, intents), (ATTACK, measure.select.attacks)):
        if name in c.within and len(wanted) < 2:
            return f"within {name!r} averages over select.{name}s: name two of them or more"
    return ""
