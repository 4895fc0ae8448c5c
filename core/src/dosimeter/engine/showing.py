"""What each number of a plan can show, before anything is sent (VALIDITY 1)."""

import math
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from dosimeter.engine.at_best import best_share
from dosimeter.engine.between import Sizes, between, effective, spreads
from dosimeter.engine.census import Census, Group
from dosimeter.engine.parts import CategoryPart
from dosimeter.engine.sized import Sized
from dosimeter.engine.widths import CHANGE, grades_of, least_mean, widths_of_mean, widths_of_share
from dosimeter.model.attacks import is_single
from dosimeter.model.comparing import Declared, declared_as
from dosimeter.model.contrasts import is_difference, is_split
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.planning import Detect, Pilot, PilotAnswer, Showing
from dosimeter.model.questions import (
    counts,
    ends,
    is_share,
    questions,
    scales_of,
    unaskable,
    unbuilt,
)
from dosimeter.model.rating import Scale, SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack

POWER = 0.8


@frozen(kw_only=True)
class Wanted:
    """What is asked of a plan beside its counts.

    Attributes:
        pilot: A finished run that tells what to expect; None for assumptions.
        detect: Differences that it is to show.
        power: Probability with which.
    """

    pilot: Pilot | None = None
    detect: tuple[Detect, ...] = ()
    power: float = POWER

    @property
    def change(self) -> float:
        """The change of a share that grading is told for."""
        return next(
            (d.difference for d in self.detect if d.difference < 1 and not d.measure), CHANGE
        )

    def of(self, measure: Measure) -> float | None:
        """Give the difference that is asked of *measure*: of shares `CHANGE` if none is; else None."""
        for one in sorted(self.detect, key=lambda d: d.measure, reverse=True):
            if one.measure in {measure.id, ""}:
                return one.difference
        return CHANGE if counts(measure) else None


NOTHING = Wanted()
"""Nothing but the counts."""


@frozen(kw_only=True)
class _Question:
    """A measure where it is asked: rows of each family that its rater marks."""

    measure: Measure
    group: Group
    rater: str
    sizes: tuple[int, ...] = field(repr=False)
    declared: Declared | None

    @property
    def at(self) -> Pairs:
        g = self.group
        return (("category", g.category), ("intent", g.intent), ("attack", g.attack),
                ("rater", self.rater))  # fmt: skip


def showings(
    stack: Stack,
    parts: Sequence[CategoryPart],
    counted: Census,
    raters: Sequence[ScorerSpec],
    wanted: Wanted,
) -> tuple[Showing, ...]:
    """Say of each rate, share and mean of *stack* what it can show; targets are alike in that.

    Differences within families are told of apart (`dosimeter.engine.within`).

    Args:
        stack: What is planned.
        parts: Its categories.
        counted: Census of its plan.
        raters: Specs of its raters, in its order; none if they are not known.
        wanted: What is asked.
    """
    specs = [part.spec for part in parts]
    scales = {scale.name: scale for scale in scales_of(specs, raters)}
    asked = list(_questions(stack, questions(specs, raters), scales, counted, raters))
    targets = len(stack.targets)
    pairs = max(1, targets * (targets - 1) // 2)
    comparisons = max(1, pairs * sum(q.declared is not None for q in asked))
    known = _by_question(wanted.pilot)
    return tuple(
        _showing(q, one, scales.get(q.measure.scale), stack.run.confidence, comparisons, wanted)
        for q in asked
        for one in known.get((q.measure.id, (*q.at, *q.group.levels)), [None])
    )


def _by_question(pilot: Pilot | None) -> Mapping[tuple[str, Pairs], list[PilotAnswer | None]]:
    known: dict[tuple[str, Pairs], list[PilotAnswer | None]] = {}
    for one in pilot.answers if pilot else ():
        at = (("category", one.category), ("intent", one.intent), ("attack", one.attack),
              ("rater", one.rater), *one.levels)  # fmt: skip
        known.setdefault((one.measure, at), []).append(one)
    return known


def _questions(
    stack: Stack,
    measures: Sequence[Measure],
    scales: Mapping[str, Scale],
    counted: Census,
    raters: Sequence[ScorerSpec],
) -> Iterator[_Question]:
    sized = Sized(counted)
    named = [(choice.choice.name, spec) for choice, spec in zip(stack.raters, raters, strict=False)]
    for measure in measures:
        scale = scales.get(measure.scale)
        if is_difference(measure) or why_no_number(measure, scale):
            continue
        marking = [(name, s) for name, s in named if measure.scale in {c.name for c in s.scales}]
        for name, spec in marking if raters else [("", None)]:
            for group, sizes in sized.of(measure, name, spec):
                q = _Question(measure=measure, group=group, rater=name, sizes=sizes, declared=None)
                yield evolve(q, declared=_declared(q, stack.comparisons))


def why_no_number(measure: Measure, scale: Scale | None) -> str:
    """Say why no design has a number of *measure* that could be planned; empty if one may."""
    if unbuilt(measure):
        return f"this version does not estimate {unbuilt(measure)}"
    if fault := unaskable(measure, scale):
        return fault
    return (
        "how many candidates a search submits is not known before" if measure.select.stages else ""
    )


def _declared(q: _Question, declared: Sequence[Declared]) -> Declared | None:
    """Give the comparison that `dosimeter compare` makes of *q*; None if it makes none."""
    m = q.measure
    compared = m.estimator in {"rate", "mean"} and m.select.kind is SubjectKind.PATH
    compared = compared and not is_split(m) and is_single(q.group.attack)
    return declared_as(declared, m.id, q.at) if compared else None


def _showing(
    q: _Question,
    pilot: PilotAnswer | None,
    scale: Scale | None,
    level: float,
    comparisons: int,
    wanted: Wanted,
) -> Showing:
    m, families, n = q.measure, len(q.sizes), sum(q.sizes)
    share, limits = is_share(m), ends(m, scale)
    rows = families / math.fsum(1 / size for size in q.sizes)
    icc = 1.0 if pilot is None or pilot.icc is None else pilot.icc.used
    alpha = (1 - level) / comparisons
    size = Sizes(families, rows, n == families, alpha, wanted.power)
    many = effective(size, icc)
    made = widths_of_share if share else widths_of_mean
    detect = wanted.of(m)
    margin = q.declared.margin if q.declared else None
    return Showing(
        measure=m.id, category=q.group.category, intent=q.group.intent, attack=q.group.attack,
        rater=q.rater, level=pilot.level if pilot else "", share=share, families=families, rows=rows,
        icc=icc, effective=many, widths=tuple(made(families, n, rows, many, level, limits, pilot)),
        none_seen=best_share(families, level, upper=True) if share
        else least_mean(families, m, limits, level),
        compared=q.declared is not None, comparisons=comparisons, alpha=alpha, margin=margin,
        detect=detect, pilot=pilot,
        between=tuple(between(size, one, detect, margin) for one in spreads(share, limits, pilot, icc)),
        grading=None if share else grades_of(scale, pilot, wanted.change, (alpha, wanted.power)),
        levels=q.group.levels,
    )  # fmt: skip
