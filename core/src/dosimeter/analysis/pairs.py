"""The same prompts put to two targets, with what came of them: what a comparison rests on."""

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.bycard import Cards
from dosimeter.analysis.judges import judges
from dosimeter.analysis.labels import People, with_people
from dosimeter.analysis.load import Floats, Group, Ints, Place, groups, off_script
from dosimeter.analysis.ready import averaged, prepared, scale_range
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.targets import target_facts
from dosimeter.analysis.units import counted, units
from dosimeter.analysis.verdicts import Kinds, kinds_of
from dosimeter.journal.design import Design
from dosimeter.journal.reader import ATTEMPTS, Reader
from dosimeter.model.comparing import Lost, Overlap
from dosimeter.model.facts import JudgeFacts, TargetFacts
from dosimeter.model.measures import Measure
from dosimeter.model.questions import selects
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.report import Cell

Where = tuple[str, str, str]
"""Category, intent and attack."""
Key = tuple[str, bytes, str]
"""A prompt: the item's id, the digest of its stimulus, and the variant."""
Marks = dict[Key, tuple[float, int]]
"""Of each prompt the sum of what is averaged, and over how many replies."""
PUT = f"FROM {ATTEMPTS} WHERE t.name = ? AND a.state != 'not-needed'"
"""What was put to a target: a run that stopped once its gates were decided left the rest out."""
PROMPTS = f"""
SELECT DISTINCT a.arm, a.item, i.category, i.intent, r.attack, i.id, i.stimulus, r.variant_key, i.family
{PUT} ORDER BY i.id, r.variant_key, a.arm
"""


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
        y = np.clip(found.mean(marks), *scale_range(kind, made.scale))
        attempt = np.zeros(len(y), np.int64)
        attempt[found.unit[found.voted]] = made.attempt[found.rows]
        at = self._put.of(attempt)
        total, n = np.bincount(at, weights=y), np.bincount(at)
        every = self._put.every
        return {every[i][1]: (float(total[i]), int(n[i])) for i in np.flatnonzero(n).tolist()}


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


@frozen(kw_only=True)
class Paired:
    """What is averaged, of the prompts that both targets have a mark on.

    Attributes:
        first: Of the one target, a row a prompt.
        second: Of the other.
        family: Name of the family of each.
        plain: Whether each family has one prompt, put once: independent pairs.
        lost: Shared prompts that lack a mark.
    """

    first: Floats = field(repr=False)
    second: Floats = field(repr=False)
    family: tuple[str, ...] = field(repr=False)
    plain: bool
    lost: Lost

    @property
    def each(self) -> Iterator[tuple[str, float, float]]:
        """Family, first and second of each prompt."""
        return zip(self.family, self.first.tolist(), self.second.tolist(), strict=True)

    @property
    def weights(self) -> Floats:
        """Weigh families alike."""
        _, code = np.unique(np.asarray(self.family), return_inverse=True)
        return np.asarray(1.0 / np.bincount(code)[code])


def pair(
    a: Mapping[Key, Planned], b: Mapping[Key, Planned], ours: Marks, theirs: Marks,
    ends: tuple[float, float],
) -> Paired:  # fmt: skip
    """Put the marks of two targets side by side.

    Args:
        a: Prompts that the first was put, in one cell.
        b: That the second was.
        ours: Marks of the first.
        theirs: Of the second.
        ends: Lowest and highest value that a mark can have.
    """
    shared = sorted(a.keys() & b.keys())
    both = [k for k in shared if k in ours and k in theirs]
    first, second = (np.array([m[k][0] / m[k][1] for k in both]) for m in (ours, theirs))
    family = tuple(a[k].family for k in both)
    once = all(ours[k][1] == theirs[k][1] == 1 for k in both)
    return Paired(
        first=first, second=second, family=family, plain=once and len(set(family)) == len(family),
        lost=_lost(shared, (a, b), (ours, theirs), ends),
    )  # fmt: skip


def _lost(
    shared: list[Key], planned: tuple[Mapping[Key, Planned], ...], marks: tuple[Marks, ...],
    ends: tuple[float, float],
) -> Lost:  # fmt: skip
    """Count shared prompts that lack a mark of a reply, and bound the difference over all of them."""
    lacking = 0
    sums: dict[str, list[float]] = {}
    for k in shared:
        low, high = zip(*(_reach(p[k].times, m.get(k, (0.0, 0)), ends)
                          for p, m in zip(planned, marks, strict=True)), strict=True)  # fmt: skip
        lacking += any(
            m.get(k, (0.0, 0))[1] < p[k].times for p, m in zip(planned, marks, strict=True)
        )
        at = sums.setdefault(planned[0][k].family, [0.0, 0.0, 0.0])
        at[0] += low[1] - high[0]
        at[1] += high[1] - low[0]
        at[2] += 1
    if not lacking or not np.isfinite(ends).all():
        return Lost(pairs=lacking)
    lowest, highest = (float(np.mean([s[i] / s[2] for s in sums.values()])) for i in (0, 1))
    return Lost(pairs=lacking, lowest=lowest, highest=highest)


def _reach(times: int, mark: tuple[float, int], ends: tuple[float, float]) -> tuple[float, float]:
    """Give what a prompt's average could be, at the lowest and at the highest."""
    total, n = mark
    gone = max(times - n, 0)
    size = max(times, n)
    return (total + gone * ends[0]) / size, (total + gone * ends[1]) / size
