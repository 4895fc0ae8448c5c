"""The prompts put to each target of a comparison, with what came of them."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.against import Against
from dosimeter.analysis.bycard import Cards
from dosimeter.analysis.judges import judges
from dosimeter.analysis.labels import People, with_people
from dosimeter.analysis.load import Group, Ints, Place, groups, off_script
from dosimeter.analysis.missing import cut_short, cut_units
from dosimeter.analysis.ready import averaged, prepared, scale_range
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.targets import target_facts
from dosimeter.analysis.units import counted, units
from dosimeter.analysis.verdicts import Kinds, kinds_of
from dosimeter.journal.design import Design
from dosimeter.journal.reader import ATTEMPTS, Reader
from dosimeter.model.comparing import Overlap
from dosimeter.model.facts import JudgeFacts, TargetFacts
from dosimeter.model.measures import Measure
from dosimeter.model.questions import selects
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.report import Cell

Where = tuple[str, str, str]
"""Category, intent and attack."""
Key = tuple[str, bytes, str]
"""A prompt: the item's id, the digest of its stimulus, and the variant."""
PUT = f"FROM {ATTEMPTS} WHERE t.name = ? AND a.state != 'not-needed'"
"""What was put to a target: a run that stopped once its gates were decided left the rest out."""
PROMPTS = f"""
SELECT DISTINCT a.arm, a.item, i.category, i.intent, r.attack, i.id, i.stimulus, r.variant_key, i.family
{PUT} ORDER BY i.id, r.variant_key, a.arm
"""


@frozen(kw_only=True)
class Mark:
    """What is averaged of a prompt, over its replies that have a mark.

    Attributes:
        total: Their sum.
        least: What it would be if the rest of those that were cut had been marked as is lowest.
        most: As is highest.
        n: Over how many replies.
        cut: How many of these were cut.
    """

    total: float
    least: float
    most: float
    n: int
    cut: int

    @property
    def mean(self) -> float:
        """Their mean, as they are marked."""
        return self.total / self.n


Marks = dict[Key, Mark]
"""Of each prompt that has one."""


@frozen(kw_only=True)
class Planned:
    """A prompt of a design: how often it is put, and of which family."""

    family: str
    times: int


@frozen(kw_only=True)
class Put:
    """The prompts that were put to a target, and by which attempt each.

    Attributes:
        every: Cell, prompt and family.
        attempt: Keys of the attempts, ascending.
        prompt: Of each, its index in *every*.
    """

    every: tuple[tuple[Where, Key, str], ...] = field(repr=False)
    attempt: Ints = field(repr=False)
    prompt: Ints = field(repr=False)

    def of(self, attempts: Ints) -> Ints:
        """Give the index of the prompt of each of some attempts."""
        return np.asarray(self.prompt[np.searchsorted(self.attempt, attempts)])


@frozen
class Arm:
    """One target of one run, with its design read.

    Attributes:
        label: What the comparison calls it.
        reader: The run's journal.
        found: Its design.
        cells: Of the whole run.
        target: Name in the run.
    """

    label: str
    reader: Reader = field(repr=False)
    found: Design = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)
    target: str

    @cached_property
    def facts(self) -> TargetFacts:
        """What the target is; asks every call of the run."""
        return next(t for t in target_facts(self.reader) if t.name == self.target)

    @cached_property
    def judges(self) -> dict[int, tuple[JudgeFacts, ...]]:
        """The endpoints that raters ask, by key of the rater; asks every call of the run."""
        return judges(self.reader, self.found)

    @cached_property
    def _put(self) -> Put:
        every: list[tuple[Where, Key, str]] = []
        at: dict[tuple[int, int], int] = {}
        for arm, item, *where, name, stimulus, variant, family in self.reader.rows(
            PROMPTS, (self.target,)
        ):
            at[arm, item] = len(every)
            category, intent, attack = map(sys.intern, where)
            every.append(((category, intent, attack), (name, stimulus, variant), family))
        attempt, prompt = array("q"), array("q")
        for k, arm, item in self.reader.rows(
            f"SELECT a.k, a.arm, a.item {PUT} ORDER BY a.k", (self.target,)
        ):
            attempt.append(k)
            prompt.append(at[arm, item])
        return Put(every=tuple(every), attempt=np.array(attempt, np.int64),
                   prompt=np.array(prompt, np.int64))  # fmt: skip

    @cached_property
    def batches(self) -> Batches:
        """The batches of its run that people read."""
        return Batches(reader=self.reader)

    @cached_property
    def cards(self) -> Cards:
        """The cards of its run's raters."""
        return Cards(reader=self.reader, found=self.found, batches=self.batches)

    @cached_property
    def against(self) -> Against:
        """What is known against marks of its run; found out once."""
        return Against(reader=self.reader, found=self.found)

    @cached_property
    def kinds(self) -> Kinds:
        """Targets of its run by what they gave."""
        return kinds_of(self.reader)

    def awaits(self, rater: str) -> bool:
        """Tell whether a rule or judge of that label had anything to mark of the target."""
        return any(
            r.label == rater and r.kind != PERSON and not self.kinds.idle(r, self.target)
            for r in self.found.raters
        )

    def prompts(self, attempts: Ints) -> Iterator[Key]:
        """Give the prompt of each of some attempts, by their keys."""
        return (self._put.every[i][1] for i in self._put.of(attempts).tolist())

    @cached_property
    def planned(self) -> dict[Where, dict[Key, Planned]]:
        """The prompts of each cell."""
        out: dict[Where, dict[Key, Planned]] = {}
        times = np.bincount(self._put.prompt, minlength=len(self._put.every))
        for (where, key, family), n in zip(self._put.every, times.tolist(), strict=True):
            out.setdefault(where, {})[key] = Planned(family=family, times=n)
        return out

    def cell(self, place: Place) -> Cell:
        """Give the cell of the design that marks are of."""
        return next(c for c in self.cells
                    if (c.target, c.category, c.intent.value, c.attack) == place)  # fmt: skip

    def marks(self, measure: Measure, group: Group) -> Marks:
        """Give what *measure* averages, prompt by prompt, over the repeats that have a mark."""
        cell = self.cell(group.cell)
        made, lowest = prepared(measure, group, cell, self.found.config.scope)
        made = counted(made)
        found = units(made, lowest=bool(lowest))
        if not len(found.rows):
            return {}
        ((_, marks, kind),) = averaged(measure, made.scale, made.values[found.rows])
        ends = scale_range(kind, made.scale)
        bounds = cut_short(measure, made, found, marks, (), ends)
        attempt = np.zeros(len(found.family), np.int64)
        attempt[found.unit[found.voted]] = made.attempt[found.rows]
        at = self._put.of(attempt)
        total, least, most = (
            np.bincount(at, weights=np.clip(y, *ends)) for y in (found.mean(marks), *bounds)
        )
        n, cut = np.bincount(at), np.bincount(at, weights=cut_units(made, found))
        every = self._put.every
        return {
            every[i][1]: Mark(total=float(total[i]), least=float(least[i]), most=float(most[i]),
                              n=int(n[i]), cut=int(cut[i]))
            for i in np.flatnonzero(n).tolist()
        }  # fmt: skip


def marked(arms: Sequence[Arm]) -> Iterator[tuple[Arm, Group, People]]:
    """Give the marks of the targets' replies by rules and judges, each with people's of the same replies.

    Each journal is read once.
    """
    for reader in dict.fromkeys(a.reader for a in arms):
        mine = {a.target: a for a in arms if a.reader is reader}
        found = next(iter(mine.values())).found
        read = ((group, None) for group in groups(reader, found, off_script(reader, found)))
        for group, _, people in with_people(read):
            arm = mine.get(group.cell[0])
            if arm is not None and comparable(group):
                yield arm, group, people


def comparable(group: Group) -> bool:
    """Tell marks of whole attempts by rules and judges: people are asked about samples."""
    return group.kind == SubjectKind.PATH and group.rater_kind != PERSON


def asks(measure: Measure, group: Group, cell: Cell) -> bool:
    """Tell whether *measure* can be compared between targets in *group*."""
    return (
        measure.scale == group.scale.name
        and measure.contrast is None
        and measure.estimator in {"rate", "mean"}
        and not (measure.by or measure.select.factors or measure.select.stages)
        and selects(measure, cell, group.kind)
    )


def overlap(a: Arm, b: Arm) -> Iterator[Overlap]:
    """Say of each cell how many prompts both put."""
    for at in sorted(a.planned.keys() | b.planned.keys()):
        ours, theirs = a.planned.get(at, {}), b.planned.get(at, {})
        shared = ours.keys() & theirs.keys()
        only_a, only_b = ours.keys() - shared, theirs.keys() - shared
        changed = {k[0] for k in only_a} & {k[0] for k in only_b}
        yield Overlap(a=a.label, b=b.label, category=at[0], intent=at[1], attack=at[2],
                      shared=len(shared), only_a=len(only_a), only_b=len(only_b),
                      changed=len(changed))  # fmt: skip
