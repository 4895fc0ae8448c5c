"""The questions of a plan before it is run: every number that it would give, with its estimand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from dosimeter.analysis.targets import to_be_fixed
from dosimeter.analysis.wording import (
    ALIKE,
    ANY_EVENT,
    EACH_ALIKE,
    OF_SEVERAL,
    Frame,
    estimand,
    estimand_of_cost,
    of_differences,
    of_flips,
    population,
    sentence,
)
from dosimeter.model.across import is_one, members
from dosimeter.model.attacks import is_any, is_single
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_apart, is_cost, questions, selects, unbuilt
from dosimeter.model.rating import SubjectKind
from dosimeter.model.report import Cell
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.model.stackfile import Stack

IF_SEVERAL = "; worst of the candidates submitted, if several"


@frozen(kw_only=True)
class Ahead:
    """A cell before it is run.

    Attributes:
        turns: Families that have a reply on the way to the last one.
        search: Whether the attack may submit several candidates.
    """

    target: str
    category: str
    intent: Intent
    attack: str
    families: int
    turns: int
    search: bool

    @property
    def cell(self) -> Cell:
        """Give it as a report has it."""
        return Cell(
            target=self.target, category=self.category, intent=self.intent, attack=self.attack,
            families=self.families, planned=0, done=0, failed=0, open=0, truncated=0, blocked=0,
            off_script=0,
        )  # fmt: skip


@frozen(kw_only=True)
class Beside:
    """A question that is not of one cell: it compares some, is of a part of one, or of several together.

    Attributes:
        category: As findings call it; *intent*, *attack* and *levels* likewise.
    """

    measure: str
    target: str
    category: str
    intent: str
    attack: str
    levels: Pairs
    families: int


def claims(
    stack: Stack,
    categories: Sequence[CategorySpec],
    raters: Sequence[tuple[str, ScorerSpec]],
    cells: Sequence[Ahead],
    labels: Mapping[str, str],
    others: Sequence[Beside] = (),
) -> list[dict[str, Any]]:
    """Give the questions of a stack, sorted.

    Args:
        stack: What is planned.
        categories: Its categories.
        raters: Name and spec of each.
        cells: Of its plan.
        labels: By category, how public its items are.
        others: What is asked besides.
    """
    versions = {c.id: c.named or c.version for c in categories}
    panels = {c.choice.id: " and ".join(c.panels) for c in stack.categories}
    fixed = {e.name: to_be_fixed(e) for e in stack.targets}
    there = {(c.target, c.category, c.intent, c.attack) for c in cells}
    asked = questions(categories, [spec for _, spec in raters])
    out = []

    def frame(target: str, category: str) -> Frame:
        goals = (population(c, versions[c], panels[c], labels[c]) for c in members(category))
        return Frame(
            scope=stack.run.scope, level=stack.run.confidence, caveats=(),
            population=" and ".join(goals),
            fixed=fixed[target], repeats=stack.run.repeats,
        )  # fmt: skip

    for ahead in cells:
        for measure, rater, families in _asked(asked, raters, ahead, there):
            out.append({
                "measure": measure.id, "target": ahead.target, "category": ahead.category,
                "intent": ahead.intent.value, "attack": ahead.attack, "rater": rater,
                "families": families,
                "estimand": _sentence(measure, ahead, frame(ahead.target, ahead.category)),
            })  # fmt: skip
    known = {m.id: m for m in asked}
    out += [
        {
            "measure": one.measure, "target": one.target, "category": one.category,
            "intent": one.intent, "attack": one.attack, "rater": rater, "families": one.families,
            "estimand": _beside(known[one.measure], one, frame(one.target, one.category)),
        }
        for one in others for rater in _marking(known[one.measure], raters)
    ]  # fmt: skip
    return sorted(out, key=lambda q: tuple(map(str, q.values())))


def _marking(measure: Measure, raters: Sequence[tuple[str, ScorerSpec]]) -> Iterator[str]:
    for rater, spec in raters:
        if measure.scale in {s.name for s in spec.scales} and measure.select.kind in spec.subjects:
            yield rater


def _beside(measure: Measure, one: Beside, frame: Frame) -> str:
    """Say what a number that is not of one cell would be a number of."""
    how = of_differences(measure) if measure.contrast else ALIKE
    if measure.estimator == "flips":
        how = of_flips(measure)
    elif not is_single(one.attack):
        how = ANY_EVENT if is_any(one.attack) else EACH_ALIKE
    elif not is_one(one.category):
        how = next(said for start, said in OF_SEVERAL.items() if one.category.startswith(start))
    return sentence(measure, f"{one.intent} requests", one.levels, how, one.attack, frame)


def _asked(
    asked: Sequence[Measure], raters: Sequence[tuple[str, ScorerSpec]], ahead: Ahead,
    there: set[tuple[str, str, Intent, str]],
) -> Iterator[tuple[Measure, str, int]]:  # fmt: skip
    """Give the measures that *ahead* would answer, each with rater and families."""
    for rater, spec in raters:
        scales = {s.name for s in spec.scales}
        for measure in (m for m in asked if m.scale in scales and not unbuilt(m)):
            if is_apart(measure):
                continue
            kind = measure.select.kind
            if kind not in spec.subjects or not selects(measure, ahead.cell, kind.value):
                continue
            if is_cost(measure) and not _falls(measure, ahead, there):
                continue
            families = ahead.turns if kind is SubjectKind.TURN else ahead.families
            if families:
                yield measure, rater, families


def _falls(measure: Measure, ahead: Ahead, there: set[tuple[str, str, Intent, str]]) -> bool:
    """Tell whether there is another attack to compare this one with."""
    assert measure.contrast is not None
    plainly = measure.contrast.second
    base = (ahead.target, ahead.category, ahead.intent, plainly)
    return ahead.attack != plainly and base in there


def _sentence(measure: Measure, ahead: Ahead, frame: Frame) -> str:
    if measure.contrast is not None:
        return estimand_of_cost(measure, measure.contrast.second, ahead.cell, frame)
    path = measure.select.kind is SubjectKind.PATH
    how = ALIKE + (IF_SEVERAL if ahead.search and path else "")
    return estimand(measure, ahead.cell, frame, how)
