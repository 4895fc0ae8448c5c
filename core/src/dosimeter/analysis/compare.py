"""Targets compared on the prompts that they share: three answers, and never a rank without one."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np
from attrs import define, field, frozen

from dosimeter.analysis.abstain import where
from dosimeter.analysis.corrected import NOBODY
from dosimeter.analysis.difference import Difference, judged
from dosimeter.analysis.labelled_pairs import Labelled, Read, by_people, read_of
from dosimeter.analysis.labels import People
from dosimeter.analysis.load import Group
from dosimeter.analysis.order import At, Held, ties
from dosimeter.analysis.pairs import Arm, Paired, Where, asks, marked, overlap, pair
from dosimeter.analysis.ready import scale_range
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.sides import notices_of, side, unlike
from dosimeter.analysis.tradeoff import tradeoffs
from dosimeter.errors import CompareRefused, Unlike
from dosimeter.model.comparing import Compared, Comparison, Declared, Overlap, declared_as
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_share, questions
from dosimeter.plural import plural
from dosimeter.stats.compare import p_adjust
from dosimeter.stats.paired import paired_binary
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.paired_scores import paired_score
from dosimeter.stats.result import Result, turned


@frozen(kw_only=True)
class Asked:
    """What is to be compared, and by which margins.

    Attributes:
        declared: Of the stack; none for all rates and means of the categories.
        margin: Of the command, for all that the stack has no margin for; None without one.
        level: Confidence level.
    """

    declared: tuple[Declared, ...] = ()
    margin: float | None = None
    level: float = 0.95

    def of(self, measure: Measure, group: Pairs) -> Declared | None:
        """Give the declared comparison that *measure* in *group* is, with its margin; None if none is."""
        return declared_as(self.declared, measure.id, group)

    def margin_of(self, measure: Measure, group: Pairs) -> tuple[float | None, str]:
        """Give the margin of a comparison that is asked for, and who fixed it."""
        declared = self.of(measure, group)
        assert declared is not None
        if declared.margin is not None:
            return declared.margin, "stack"
        return self.margin, "" if self.margin is None else "command"


def compare(arms: Sequence[Arm], asked: Asked, *, allow_unlike: bool = False) -> Compared:
    """Compare every two of *arms* on the prompts that both put.

    Args:
        arms: At least two, of one or several runs.
        asked: What is compared.
        allow_unlike: Whether to compare what different panels, rubrics, raters or scopes measured;
            what differs is told.

    Raises:
        CompareRefused: Where no prompt is shared.
        Unlike: For runs that measure otherwise.
    """
    if len(arms) < 2:
        msg = "a comparison needs two targets: name two runs, or one that has several"
        raise CompareRefused(msg)
    apart = tuple(unlike(arms))
    if apart and not allow_unlike:
        listed = "".join(f"\n  {one}" for one in apart)
        msg = f"these runs do not measure the same thing:{listed}"
        raise Unlike(msg)
    gathered = Gathered(arms=arms, asked=asked)
    for arm, group, people in marked(arms):
        gathered.take(arm, group, people)
    return gathered.compared(unlike=apart)


@define
class Gathered:
    """What is averaged of each side, kept while marks pass by, until it is compared."""

    arms: Sequence[Arm]
    asked: Asked
    _marks: dict[At, Held] = field(factory=dict, init=False)
    _read: dict[At, dict[str, Read | Why]] = field(factory=dict, init=False)

    @cached_property
    def _measures(self) -> dict[str, tuple[Measure, ...]]:
        return {
            a.label: questions(a.found.categories, [r.spec for r in a.found.raters])
            for a in self.arms
        }

    def take(self, arm: Arm, group: Group, people: People = ()) -> None:
        """Keep what is asked of the marks of one side in one cell, and of people's of the same replies."""
        cell = arm.cell(group.cell)
        at = tuple(p for p in where(cell, group.rater) if p[0] != "target")
        for measure in (m for m in self._measures[arm.label] if asks(m, group, cell)):
            if self.asked.of(measure, at) is not None:
                mine = arm.marks(measure, group), group, measure
                self._marks.setdefault((measure.id, at), {})[arm.label] = mine
                if people:
                    read = read_of(arm, measure, group, people)
                    self._read.setdefault((measure.id, at), {})[arm.label] = read

    def compared(self, unlike: tuple[str, ...] = ()) -> Compared:
        """Compare every two sides.

        Raises:
            CompareRefused: Where no prompt is shared.
        """
        arms = self.arms
        shared = tuple(o for a, b in combinations(arms, 2) for o in overlap(a, b))
        if not any(o.shared for o in shared):
            msg = f"no prompt was put to two of them: {_nothing_shared(shared)}"
            raise CompareRefused(msg)
        both = self.differences()
        found = tuple(c for _, c in both)
        return Compared(
            sides=tuple(map(side, arms)), overlaps=shared, comparisons=found,
            ties=tuple(ties(arms, found, self._marks)),
            tradeoffs=tuple(tradeoffs([m for m, _ in both], self.asked.level)),
            family=sum(c.p is not None for c in found), declared=bool(self.asked.declared),
            unlike=unlike, notices=tuple(notices_of(arms)),
        )  # fmt: skip

    def differences(self) -> list[tuple[Difference, Comparison]]:
        """Give every difference that is asked for, each judged beside all others of the family."""
        level = self.asked.level
        made = list(self._differences())
        holm = p_adjust([m.p for m in made if not math.isnan(m.p)], "holm", 1 - level).adjusted
        adjusted = iter(holm)
        return [
            (m, judged(m, math.nan if math.isnan(m.p) else next(adjusted), len(holm), level))
            for m in made
        ]

    def _differences(self) -> Iterator[Difference]:
        """Give every difference that is asked for, in a fixed order."""
        for (name, at), held in sorted(self._marks.items()):
            for a, b in combinations([arm for arm in self.arms if arm.label in held], 2):
                yield self._difference(a, b, name, at)

    def _difference(self, a: Arm, b: Arm, name: str, at: Pairs) -> Difference:
        held, read = self._marks[name, at], self._read.get((name, at), {})
        (ours, group, measure), (theirs, _, _) = held[a.label], held[b.label]
        named = dict(at)
        cell: Where = (named["category"], named["intent"], named["attack"])
        ends = scale_range("rate" if is_share(measure) else "mean", group.scale)
        planned = a.planned[cell], b.planned[cell]
        paired = pair(*planned, ours, theirs, ends)
        rated, p = tested(paired, ends, rate=is_share(measure))
        labels = None
        if read:
            labels = by_people(read.get(a.label, NOBODY), read.get(b.label, NOBODY), *planned)
        if isinstance(labels, Labelled):
            p = labels.result.p_value()
        margin, by = self.asked.margin_of(measure, at)
        return Difference(measure=measure, group=at, a=a, b=b, paired=paired, rated=rated, labels=labels,
                          p=p, margin=margin, margin_by=by, judge=group)  # fmt: skip


def _nothing_shared(shared: Sequence[Overlap]) -> str:
    lacking = sum(o.changed for o in shared)
    if lacking:
        return f"{plural(lacking, 'item')} have one id and other words"
    return "they have no cell (category, intent, attack) in common, or other items in it"


def tested(paired: Paired, ends: tuple[float, float], *, rate: bool) -> tuple[Result, float]:
    """Give the difference, second less first, and the probability of so great a one by chance."""
    x, y = paired.first, paired.second
    if rate and paired.plain and len(x) and np.isin([x, y], (0, 1)).all():
        both, only_x, only_y = (int(z.sum()) for z in (x * y, x * (1 - y), y * (1 - x)))
        found = paired_binary(both, only_x, only_y, len(x) - both - only_x - only_y)
        return turned(found), found.mid_p
    mean = (
        paired_score(x, y, paired.family, paired.weights, scale=ends)
        if math.isfinite(ends[0]) and math.isfinite(ends[1])
        else paired_clustered(x, y, paired.family, paired.weights, scale=None)
    )
    return mean, math.nan if mean.undefined else mean.p_value()
