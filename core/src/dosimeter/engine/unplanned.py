"""Which measures of a stack a plan says nothing of, and why: none is passed over in silence."""

from collections.abc import Collection, Sequence

from dosimeter.engine.census import Census, Rows, marking
from dosimeter.engine.parts import CategoryPart
from dosimeter.engine.showing import why_no_number
from dosimeter.engine.within import ambiguous, is_within, why_none
from dosimeter.model.contrasts import ATTACK, Side, factors_of
from dosimeter.model.measures import Measure
from dosimeter.model.planning_within import Unplanned
from dosimeter.model.questions import questions, scales_of, selected
from dosimeter.model.rating import Scale, SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.plural import plural
from dosimeter.stats.consistency import REPEATS


def unplanned(
    stack: Stack,
    parts: Sequence[CategoryPart],
    counted: Census,
    raters: Sequence[ScorerSpec],
    planned: Collection[tuple[str, str]],
) -> tuple[Unplanned, ...]:
    """Say of each measure without a plan why it has none.

    Args:
        stack: What is planned.
        parts: Its categories.
        counted: Census of its plan.
        raters: Specs of its raters; none if they are not known.
        planned: Measures with a plan, each with the category.
    """
    specs = [part.spec for part in parts]
    scales = {scale.name: scale for scale in scales_of(specs, raters)}
    out = []
    for measure in questions(specs, raters):
        own = [spec.id for spec in specs if measure.id in {m.id for m in spec.measures}]
        scale = scales.get(measure.scale)
        some = any(measure.id == known for known, _ in planned)
        for category in own or ([] if some else [""]):
            if (measure.id, category) in planned:
                # Of some attacks it may have no plan all the same.
                why = _cells(measure, category, counted) if measure.contrast else ""
            else:
                why = _never(measure, scale, stack) or _of_raters(measure, raters)
                why = why or _lacking(measure, category, counted, stack.run.repeats)
            if why:
                out.append(Unplanned(measure=measure.id, category=category, why=why))
    return tuple(out)


def _never(measure: Measure, scale: Scale | None, stack: Stack) -> str:
    """Say why no design would have a plan of *measure*; empty if one would."""
    return why_none(measure, scale, stack) if is_within(measure) else why_no_number(measure, scale)


def _of_raters(measure: Measure, raters: Sequence[ScorerSpec]) -> str:
    if raters and not marking(measure, raters):
        return f"no rater of the stack marks {measure.scale!r}"
    return ""


def _lacking(measure: Measure, category: str, counted: Census, repeats: int) -> str:
    """Say what the design lacks that *measure* is about."""
    mine = [g for g in counted.sizes if category in {"", g.category}]
    here = [g for g in mine if selected(measure, g.intent, g.attack)]
    missing = [i.value for i in measure.select.intents if i.value not in {g.intent for g in mine}]
    named = {n for (g, _, levels) in counted.parts if g in mine for n, _ in levels}
    absent = [name for name in factors_of(measure) if name not in named]
    if absent:
        return f"no item or attack of the plan has {' or '.join(absent)}"
    if missing and (measure.contrast is not None or not here):
        return f"the plan has no item of intent {' or '.join(missing)}"
    if not here:
        return f"the plan has no attack {' or '.join(measure.select.attacks)}"
    if measure.select.kind is SubjectKind.TURN and not counted.turns:
        return "no attack of the plan has replies on the way to the last one"
    if measure.contrast is not None:
        return _cells(measure, category, counted)
    if measure.estimator == "flips":
        return _no_flips(measure, category, counted, repeats)
    if measure.by and not any(any(counted.cells(measure, g.target, g.category)) for g in here):
        return f"every cell of the plan has one level of {' and '.join(measure.by)} alone"
    return "no item asks for an answer in a language that its rater declares"


def _no_flips(measure: Measure, category: str, counted: Census, repeats: int) -> str:
    """Say why the design has no flips to be counted: too few repeats, or wordings that are mixed up."""
    target = next(g.target for g in counted.sizes if g.category == category)
    sides = [one.sides[0] for one, _ in counted.cells(measure, target, category)]
    mixed = max(ambiguous(counted.wordings(measure, s, target, category), repeats) for s in sides)
    if mixed:
        return (
            f"in {plural(mixed, 'family')} one level of {measure.across} stands for several wordings, as"
            " where panels share families"
        )
    return f"no family has two wordings, one of them {REPEATS} times (`repeats` in [run])"


def _cells(measure: Measure, category: str, counted: Census) -> str:
    """Say which cells that *measure* compares the design has not; empty if it has all."""
    assert measure.contrast is not None
    target = next(g.target for g in counted.sizes if g.category == category)
    every = list(counted.cells(measure, target, category))
    if not every:
        if measure.contrast.factor == ATTACK:
            return f"the plan has no attack beside {measure.contrast.second!r} to compare with it"
        return "the plan has nothing that it compares"
    sides = [(s, rows) for one, cells in every for s, rows in zip(one.sides, cells, strict=True)]
    lacks = sorted({_plain(s, sides) for s, rows in sides if not rows})
    if lacks:
        return f"the plan has no {'; no '.join(lacks)}"
    apart = [one for one, cells in every if not frozenset.intersection(*map(frozenset, cells))]
    where = dict.fromkeys(one.attack for one in apart)
    return f"no family has every cell that it compares ({'; '.join(where)})" if apart else ""


def _plain(side: Side, sides: Sequence[tuple[Side, Rows]]) -> str:
    """Name a side that lacks its families, the attack only where another attack has some."""
    alike = [r for s, r in sides if (s.intent, s.levels) == (side.intent, side.levels)]
    attack = f" under {side.attack}" if any(alike) else ""
    levels = ", ".join(f"{name} {level}" for name, level in side.levels)
    return f"{side.intent} item{attack}" + (f" of {levels}" if levels else "")
