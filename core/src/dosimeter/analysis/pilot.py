"""What a finished run says of one to come: rates, correlations and costs; from marks, never from texts."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.cells import cells_of
from dosimeter.analysis.load import Floats, Group, Ints, groups, off_script
from dosimeter.analysis.missing import count_missing
from dosimeter.analysis.pilot_use import uses_of
from dosimeter.analysis.pilot_within import learn_within
from dosimeter.analysis.ready import Extra, averaged, prepared, scale_range
from dosimeter.analysis.state import RunState
from dosimeter.analysis.units import counted, units
from dosimeter.journal.design import Design, design
from dosimeter.journal.reader import Reader
from dosimeter.model.contrasts import is_difference
from dosimeter.model.measures import Measure
from dosimeter.model.planning import Learned, Pilot, PilotAnswer, PilotPair
from dosimeter.model.questions import selects, unaskable
from dosimeter.model.rating import PERSON, Scale, ScaleKind
from dosimeter.model.report import Cell
from dosimeter.stats.cluster import cluster_icc, korn_graubard
from dosimeter.stats.planning_pilot import (
    CAREFUL,
    careful_icc,
    careful_sd,
    careful_share_icc,
    icc_limits,
    share_icc_limits,
)

LEVEL = 0.95
Key = tuple[int, str, int]
"""What two targets share of an attempt: the item's key, the variant, and which repeat it is."""
At = tuple[str, str, str, str, str, Extra]
"""A measure with category, intent, attack, rater, and level."""


@frozen(kw_only=True)
class _Marks:
    """What one target's attempts average to, one a row."""

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


def learn(reader: Reader, measures: Sequence[Measure]) -> Pilot:
    """Say what the run of *reader* tells of *measures*.

    Args:
        reader: The pilot's journal.
        measures: Of the run to come: asked of the pilot's marks, whatever the pilot itself asked.
    """
    found = design(reader)
    state = RunState(reader=reader, found=found)
    panels = dict(reader.rows("SELECT id, body FROM spec WHERE kind = 'panel'"))
    planned, done = reader.rows(
        "SELECT count(*), coalesce(sum(state IN ('done', 'no-candidate')), 0) FROM attempt"
    ).fetchone()
    return Pilot(
        run=reader.path.parent.name, scope=found.config.scope.value,
        panels=tuple((c.id, f"version {c.named or c.version}, panel {panels.get(c.id, '')}")
                     for c in found.categories),
        raters=tuple((r.label, f"{r.spec.id}, revision {r.spec.revision}")
                     for r in found.raters if r.kind != PERSON),
        planned=planned, done=done, seconds=state.seconds,
        answers=tuple(_answers(reader, found, measures)), uses=tuple(uses_of(reader)),
        within=tuple(learn_within(reader, found, measures)),
    )  # fmt: skip


def _answers(reader: Reader, found: Design, measures: Sequence[Measure]) -> Iterator[PilotAnswer]:
    held: dict[At, list[_Marks]] = defaultdict(list)
    off = off_script(reader, found)
    cells = {(c.target, c.category, c.intent.value, c.attack): c for c in cells_of(reader, off)}
    keys = {
        k: (item, variant, repeat)
        for k, item, variant, repeat in reader.rows(
            "SELECT a.k, a.item, r.variant_key, a.repeat FROM attempt a JOIN arm r ON r.k = a.arm"
        )
    }
    for group in groups(reader, found, off):
        cell = cells[group.cell]
        for measure in measures:
            if group.rater_kind != PERSON and _asks(measure, group, cell):
                for extra, marks in _marks(measure, group, cell, found, keys):
                    at = (
                        measure.id,
                        cell.category,
                        cell.intent.value,
                        cell.attack,
                        group.rater,
                        extra,
                    )
                    held[at].append(marks)
    for at, some in sorted(held.items()):
        yield _answer(at, some)


def _asks(measure: Measure, group: Group, cell: Cell) -> bool:
    return (
        measure.scale == group.scale.name
        and not is_difference(measure)
        and not (measure.by or measure.select.factors or measure.select.stages)
        and not unaskable(measure, group.scale)
        and selects(measure, cell, group.kind)
    )


def _marks(
    measure: Measure, group: Group, cell: Cell, found: Design, keys: Mapping[int, Key]
) -> Iterator[tuple[Extra, _Marks]]:
    made, lowest = prepared(measure, group, cell, found.config.scope)
    made = counted(made)
    one = units(made, lowest=bool(lowest))
    if not len(one.rows):
        return
    attempt = np.zeros(len(one.family), np.int64)
    attempt[one.unit[one.voted]] = made.attempt[one.rows]
    lost = count_missing(made, cell)
    _, family = np.unique(one.family, return_inverse=True)
    values = one.mean(made.values[one.rows])
    for extra, marks, kind in averaged(measure, made.scale, made.values[one.rows]):
        y = np.clip(one.mean(marks), *scale_range(kind, made.scale))
        yield extra, _Marks(
            target=cell.target, y=y, family=family.astype(np.int64), share=kind == "rate",
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


def _answer(at: At, some: Sequence[_Marks]) -> PilotAnswer:
    measure, category, intent, attack, rater, extra = at
    one = max(some, key=lambda m: (m.sd, m.target))
    pairs = [p for a, b in combinations(some, 2) if (p := _pair(a, b)) is not None]
    return PilotAnswer(
        measure=measure, category=category, intent=intent, attack=attack, rater=rater,
        level=dict(extra).get("level", ""), target=one.target,
        families=int(one.family.max(initial=-1)) + 1, attempts=len(one.y),
        missing=max(m.missing for m in some), value=one.mean, sd=one.sd, icc=_icc(one.y, one.family),
        marks=one.marks, pair=max(pairs, key=_varies, default=None),
    )  # fmt: skip


def _varies(one: PilotPair) -> float:
    spread = one.discordant or one.sd
    return spread.value if spread else 0.0


def _icc(y: Floats, family: Ints) -> Learned | None:
    found = cluster_icc(y, family)
    if found.undefined:
        return None
    if np.isin(y, (0.0, 1.0)).all():
        low, high = share_icc_limits(y, family, LEVEL)
        used = careful_share_icc(y, family)
    else:
        (low, high), used = icc_limits(found, LEVEL), careful_icc(found)
    value = found.estimate
    return Learned(value=value, low=min(low, value), high=max(high, value), used=used)


def _icc_of_difference(d: Floats, family: Ints, *, share: bool) -> Learned | None:
    """Give the correlation of differences; of shares it is at least what their disagreement leaves open."""
    found = _icc(d, family)
    if found is None or not share:
        return found
    return evolve(found, used=max(found.used, careful_share_icc((d != 0).astype(float), family)))


def _pair(a: _Marks, b: _Marks) -> PilotPair | None:
    """Set two targets beside each other on the attempts that both have a mark on."""
    theirs = dict(zip(b.keys, b.y.tolist(), strict=True))
    rows = [i for i, key in enumerate(a.keys) if key in theirs]
    _, family = np.unique(a.family[rows], return_inverse=True)
    families = int(family.max(initial=-1)) + 1
    if families < 2:
        return None
    d = np.array([theirs[a.keys[i]] - a.y[i] for i in rows])
    weights = 1.0 / np.bincount(family)[family]
    pair = PilotPair(a=a.target, b=b.target, families=families, attempts=len(d), discordant=None,
                     sd=None, icc=_icc_of_difference(d, family.astype(np.int64), share=a.share))  # fmt: skip
    if a.share:
        return evolve(pair, discordant=_discordant(np.abs(d), family.astype(np.int64), weights))
    mean = float(np.average(d, weights=weights))
    sd = math.sqrt(float(np.average((d - mean) ** 2, weights=weights)) * families / (families - 1))
    # Families are the degrees of freedom, as rows of one are less than as many.
    low, high = (careful_sd(sd, families - 1, sure) for sure in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return evolve(pair, sd=Learned(value=sd, low=low, high=high,
                                   used=careful_sd(sd, families - 1)))  # fmt: skip


def _discordant(y: Floats, family: Ints, weights: Floats) -> Learned:
    found = korn_graubard(y, family, weights)
    low, high = found.interval(LEVEL)
    return Learned(value=found.estimate, low=low, high=high,
                   used=found.interval(2 * CAREFUL - 1).upper)  # fmt: skip
