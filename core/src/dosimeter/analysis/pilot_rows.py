"""The marks of a finished run that a plan's rates, shares and means are of, one row an attempt."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.asked import Asked
from dosimeter.analysis.cells import cells_of
from dosimeter.analysis.factors import Factors
from dosimeter.analysis.load import Floats, Ints, groups, off_script
from dosimeter.analysis.missing import count_missing
from dosimeter.analysis.over import Got, Reduced, means, reduced, successes
from dosimeter.analysis.ready import Extra, averaged, prepared, scale_range
from dosimeter.analysis.units import counted, units
from dosimeter.analysis.wording import Frame
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.attacks import any_of, mean_of
from dosimeter.model.contrasts import is_difference, is_split
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import selects, unaskable
from dosimeter.model.rating import PERSON, Scale, ScaleKind

Key = tuple[int, str, int]
"""What two targets share of an attempt: the item's key, the variant, and which repeat it is; of attacks
together, the family alone."""
At = tuple[str, str, str, str, str, Pairs, Extra]
"""A measure with category, intent, attack, rater, levels of factors, and level."""
Ways = dict[tuple[Measure, str, str, str, str], dict[str, Reduced]]
"""By measure, target, category, intent and rater: what each attack has."""


@frozen(kw_only=True)
class Marks:
    """What one target's attempts average to, one a row; of attacks together, one a family."""

    target: str
    y: Floats = field(repr=False)
    family: Ints = field(repr=False)
    keys: tuple[Key, ...] = field(repr=False)
    share: bool
    missing: float
    marks: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean, families weighted alike."""
        return float(np.average(self.y, weights=1.0 / np.bincount(self.family)[self.family]))

    @property
    def sd(self) -> float:
        """Of a row."""
        m = self.mean
        w = 1.0 / np.bincount(self.family)[self.family]
        return math.sqrt(float(np.average((self.y - m) ** 2, weights=w)))


def rows_of(
    reader: Reader, found: Design, measures: Sequence[Measure]
) -> Iterator[tuple[At, list[Marks]]]:
    """Give the marks of each number that a run has, by target.

    Args:
        reader: The pilot's journal.
        found: Its design.
        measures: Of the run to come.
    """
    held: dict[At, list[Marks]] = defaultdict(list)
    ways: Ways = {}
    off = off_script(reader, found)
    design = Asked(found=found, cells=tuple(cells_of(reader, off)), factors=Factors(reader))
    cells = {(c.target, c.category, c.intent.value, c.attack): c for c in design.cells}
    keys = _keys(reader)
    frame = Frame(scope=found.config.scope, level=0.95, caveats=(), population="")
    for group in groups(reader, found, off):
        arm = Arm(group=group, cell=cells[group.cell], frame=frame)
        target, category, intent, attack = group.cell
        for measure in measures:
            if not _asks(measure, arm):
                continue
            for part, levels in _parts(measure, arm, design):
                for extra, marks in _marks(measure, part, keys):
                    at = (measure.id, category, intent, attack, group.rater, levels, extra)
                    held[at].append(marks)
            added = reduced(measure, arm) if design.ways(measure, *group.cell[:3]) else None
            if added is not None:
                seat = (measure, target, category, intent, group.rater)
                ways.setdefault(seat, {})[attack] = added
    for (measure, target, category, intent, rater), by in ways.items():
        planned = design.ways(measure, target, category, intent)
        for called, got in ((any_of(planned), successes), (mean_of(planned), means)):
            made = _of_families(target, got([r.tally for r in by.values()], len(planned)))
            if len(made.y):
                held[measure.id, category, intent, called, rater, (), ()].append(made)
    yield from sorted(held.items())


def _keys(reader: Reader) -> dict[int, Key]:
    sql = "SELECT a.k, a.item, r.variant_key, a.repeat FROM attempt a JOIN arm r ON r.k = a.arm"
    return {k: (item, variant, repeat) for k, item, variant, repeat in reader.rows(sql)}


def _asks(measure: Measure, arm: Arm) -> bool:
    return (
        arm.group.rater_kind != PERSON
        and measure.scale == arm.group.scale.name
        and not is_difference(measure)
        and not measure.select.stages
        and not unaskable(measure, arm.group.scale)
        and selects(measure, arm.cell, arm.group.kind)
    )


def _parts(measure: Measure, arm: Arm, design: Asked) -> Iterator[tuple[Arm, Pairs]]:
    """Give the parts of a cell that *measure* is about, which may be the whole of it."""
    if not is_split(measure):
        yield arm, ()
        return
    for one in design.parts(measure, arm.cell):
        (side,) = one.sides
        yield design.factors.part(arm, side.levels), one.levels


def _of_families(target: str, got: Got) -> Marks:
    """Give what attacks together come to, a row a family."""
    families = got.family
    return Marks(
        target=target, y=got.y, family=np.arange(len(got.y)), share=True, marks=(),
        keys=tuple((f, "", 0) for f in families.tolist()),
        missing=1 - len(got.y) / max(got.planned, 1),
    )  # fmt: skip


def _marks(measure: Measure, arm: Arm, keys: Mapping[int, Key]) -> Iterator[tuple[Extra, Marks]]:
    made, lowest = prepared(measure, arm.group, arm.cell, arm.frame.scope)
    made = counted(made)
    one = units(made, lowest=bool(lowest))
    if not len(one.rows):
        return
    attempt = np.zeros(len(one.family), np.int64)
    attempt[one.unit[one.voted]] = made.attempt[one.rows]
    lost = count_missing(made, arm.cell)
    _, family = np.unique(one.family, return_inverse=True)
    values = one.mean(made.values[one.rows])
    for extra, marks, kind in averaged(measure, made.scale, made.values[one.rows]):
        y = np.clip(one.mean(marks), *scale_range(kind, made.scale))
        yield extra, Marks(
            target=arm.cell.target, y=y, family=family.astype(np.int64), share=kind == "rate",
            keys=tuple(keys[k] for k in attempt.tolist()),
            missing=max(0.0, 1 - len(y) / max(lost.planned, 1)),
            marks=_distribution(made.scale, values),
        )  # fmt: skip


def _distribution(scale: Scale, values: Floats) -> tuple[float, ...]:
    """Give the share of each level of an ordinal scale; a mean of votes is of the nearest."""
    if scale.kind is not ScaleKind.ORDINAL:
        return ()
    levels = np.sort(np.array([float(level.value) for level in scale.levels]))
    nearest = np.abs(values[:, None] - levels).argmin(axis=1)
    return tuple((np.bincount(nearest, minlength=len(levels)) / len(values)).tolist())
