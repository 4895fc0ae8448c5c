"""Targets compared on the prompts that they share: three answers, and never a rank without one."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np
from attrs import define, field, frozen

from dosimeter.analysis.abstain import where
from dosimeter.analysis.against import Against, of_sides
from dosimeter.analysis.corrected import NOBODY
from dosimeter.analysis.difference import Difference, judged
from dosimeter.analysis.grouped import grouped_alike
from dosimeter.analysis.labelled_pairs import Labelled, Read, by_people, read_of
from dosimeter.analysis.labels import People
from dosimeter.analysis.load import Group
from dosimeter.analysis.order import At, Held, ties
from dosimeter.analysis.paired import Paired, pair
from dosimeter.analysis.pairs import Arm, Key, Where, asks, marked, overlap
from dosimeter.analysis.ready import scale_range
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.sides import notices_of, side, unlike
from dosimeter.analysis.tradeoff import tradeoffs
from dosimeter.errors import CompareRefused, Unlike
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat
from dosimeter.model.comparing import Compared, Comparison, Declared, Overlap, declared_as
from dosimeter.model.conversation import Pairs
from dosimeter.model.margins import margin_fault
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

    def margin_of(
        self, measure: Measure, group: Pairs, ends: tuple[float, float]
    ) -> tuple[float | None, str]:
        """Give the margin of a comparison that is asked for, and who fixed it.

        Args:
            measure: What is compared.
            group: Where.
            ends: Lowest and highest number that the measure can be.

        Raises:
            CompareRefused: For a margin that no difference is beyond.
        """
        declared = self.of(measure, group)
        assert declared is not None
        margin, by = declared.margin, "stack"
        if margin is None:
            margin, by = self.margin, "" if self.margin is None else "command"
        if margin is not None and (fault := margin_fault(margin, ends[1] - ends[0])):
            msg = (
                f"margin {margin:g}: of {measure.id} {fault}, so anything would be equivalent; give a smaller"
                " one, or one for each measure in [[comparisons]] of the stack"
            )
            raise CompareRefused(msg)
        return margin, by


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
        todo = (
            "run one of them again as the other was, or `dosimeter score` it with the same raters"
        )
        msg = f"these runs do not measure the same thing:{listed}\n{todo}"
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

    @cached_property
    def _against(self) -> dict[Reader, Against]:
        return {a.reader: a.against for a in reversed(self.arms)}

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
            CompareRefused: Where no prompt is shared, or none that has a mark of both sides.
        """
        arms = self.arms
        shared = tuple(o for a, b in combinations(arms, 2) for o in overlap(a, b))
        if not any(o.shared for o in shared):
            msg = f"no prompt was put to two of them: {_nothing_shared(shared)}"
            raise CompareRefused(msg)
        both = self.differences()
        if not any(c.items for _, c in both):
            raise CompareRefused(self._nothing_marked())
        found = tuple(c for _, c in both)
        return Compared(
            sides=tuple(map(side, arms)), overlaps=shared, comparisons=found,
            ties=tuple(ties(arms, found, self._marks)),
            tradeoffs=tuple(tradeoffs(both, self.asked.level)),
            family=sum(c.p is not None for c in found), declared=bool(self.asked.declared),
            unlike=unlike, notices=tuple(notices_of(arms)),
        )  # fmt: skip

    def differences(self) -> list[tuple[Difference, Comparison]]:
        """Give every difference that is asked for, each judged beside all others of the family."""
        level = self.asked.level
        made = list(self._differences())
        tests = [not m.silence and not math.isnan(m.p) for m in made]
        holm = p_adjust([m.p for m, is_test in zip(made, tests, strict=True) if is_test], "holm",
                        1 - level).adjusted  # fmt: skip
        adjusted = iter(holm)
        return [
            (m, judged(m, next(adjusted) if is_test else math.nan, len(holm), level))
            for m, is_test in zip(made, tests, strict=True)
        ]

    def _differences(self) -> Iterator[Difference]:
        """Give every difference that is asked for, in a fixed order."""
        for (name, at), held in sorted(self._marks.items()):
            for a, b in combinations(
                [arm for arm in self.arms if self._takes_part(arm, name, at)], 2
            ):
                if (a.label in held or b.label in held) and _shared(a, b, at):
                    yield self._difference(a, b, name, at)

    def _takes_part(self, arm: Arm, name: str, at: Pairs) -> bool:
        """Tell whether a side has marks there, or should have some."""
        if arm.label in self._marks[name, at]:
            return True
        asked = name in {m.id for m in self._measures[arm.label]}
        return asked and arm.awaits(dict(at)["rater"])

    def _difference(self, a: Arm, b: Arm, name: str, at: Pairs) -> Difference:
        held, read = self._marks[name, at], self._read.get((name, at), {})
        _, group, measure = held.get(a.label) or held[b.label]
        ours, theirs = (held[x.label][0] if x.label in held else {} for x in (a, b))
        ends = scale_range("rate" if is_share(measure) else "mean", group.scale)
        planned = grouped_alike(a.planned[_cell(at)], b.planned[_cell(at)])
        paired = pair(*planned, ours, theirs, ends)
        rated, p = tested(paired, ends, rate=is_share(measure))
        labels = None
        if read:
            labels = by_people(read.get(a.label, NOBODY), read.get(b.label, NOBODY), *planned)
        if isinstance(labels, Labelled):
            p = labels.result.p_value()
        margin, by = self.asked.margin_of(measure, at, ends)
        both = _shared(a, b, at)
        unmarked = tuple(
            x.label for x, marks in ((a, ours), (b, theirs)) if not both & marks.keys()
        )
        return Difference(measure=measure, group=at, a=a, b=b, paired=paired, rated=rated, labels=labels,
                          p=p, margin=margin, margin_by=by, judge=group, unmarked=unmarked,
                          beside=self._beside(a, b, name, at))  # fmt: skip

    def _beside(self, a: Arm, b: Arm, name: str, at: Pairs) -> tuple[Caveat, ...]:
        """Give what is known against the marks of either side, once each where both are of one run."""
        held = self._marks[name, at]
        return tuple(of_sides(
            (x.label, self._against[x.reader].marks(held[x.label][1]))
            for x in (a, b) if x.label in held
        ))  # fmt: skip

    def _nothing_marked(self) -> str:
        """Say who has no mark of what is compared; `compared` found no prompt with marks of both."""
        marked = {label for held in self._marks.values() for label, (m, _, _) in held.items() if m}
        without = [arm.label for arm in self.arms if arm.label not in marked]
        if not without:
            return "no prompt has a mark of two of them of what is compared"
        have = "has" if len(without) == 1 else "have"
        return (
            f"{' and '.join(without)} {have} no mark on anything shared of what is compared; `dosimeter"
            " report` of the run says what became of its attempts"
        )


def _cell(at: Pairs) -> Where:
    named = dict(at)
    return named["category"], named["intent"], named["attack"]


def _shared(a: Arm, b: Arm, at: Pairs) -> set[Key]:
    """Give the prompts that both were put there."""
    ours, theirs = (x.planned.get(_cell(at), {}) for x in (a, b))
    return ours.keys() & theirs.keys()


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
