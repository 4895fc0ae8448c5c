"""The questions of a plan before it is run: every number that it would give, with its estimand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from dosimeter.analysis.targets import to_be_fixed
from dosimeter.analysis.wording import ALIKE, Frame, estimand, estimand_of_cost, population
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_cost, questions, selects, unbuilt
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


def claims(
    stack: Stack,
    categories: Sequence[CategorySpec],
    raters: Sequence[tuple[str, ScorerSpec]],
    cells: Sequence[Ahead],
    labels: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Give the questions of a stack, sorted.

    Args:
        stack: What is planned.
        categories: Its categories.
        raters: Name and spec of each.
        cells: Of its plan.
        labels: By category, how public its items are.
    """
    versions = {c.id: c.named or c.version for c in categories}
    panels = {c.choice.id: " and ".join(c.panels) for c in stack.categories}
    fixed = {e.name: to_be_fixed(e) for e in stack.targets}
    there = {(c.target, c.category, c.intent, c.attack) for c in cells}
    out = []
    for ahead in cells:
        frame = Frame(
            scope=stack.run.scope, level=stack.run.confidence, caveats=(),
            population=population(
                ahead.category, versions[ahead.category], panels[ahead.category],
                labels[ahead.category],
            ),
            fixed=fixed[ahead.target], repeats=stack.run.repeats,
        )  # fmt: skip
        asked = questions(categories, [spec for _, spec in raters])
        for measure, rater, families in _asked(asked, raters, ahead, there):
            out.append({
                "measure": measure.id, "target": ahead.target, "category": ahead.category,
                "intent": ahead.intent.value, "attack": ahead.attack, "rater": rater,
                "families": families, "estimand": _sentence(measure, ahead, frame),
            })  # fmt: skip
    return sorted(out, key=lambda q: tuple(map(str, q.values())))


def _asked(
    asked: Sequence[Measure], raters: Sequence[tuple[str, ScorerSpec]], ahead: Ahead,
    there: set[tuple[str, str, Intent, str]],
) -> Iterator[tuple[Measure, str, int]]:  # fmt: skip
    """Give the measures that *ahead* would answer, each with rater and families."""
    for rater, spec in raters:
        scales = {s.name for s in spec.scales}
        for measure in (m for m in asked if m.scale in scales and not unbuilt(m)):
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
