"""Whether items still tell targets apart: floor, ceiling, and the share that says something."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import define, field, frozen

from dosimeter.analysis.discriminating import Discrimination, discrimination
from dosimeter.analysis.load import Floats, Group, Ints
from dosimeter.analysis.ready import averaged, prepared, scale_range
from dosimeter.analysis.units import counted, units
from dosimeter.analysis.wording import Frame
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import selects
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.report import Cell
from dosimeter.stats.items import Saturation, saturation

At = tuple[str, str, str, str, str]
"""Measure, category, intent, attack and rater."""


@frozen(kw_only=True)
class Spread:
    """Where the families of one cell stand on a measure, over all targets.

    Attributes:
        floor: Share of families at the lowest value for every target.
        ceiling: At the highest.
        items: What several targets together tell; not estimable of one.
        single: What single families tell; None of too few targets or families.
    """

    at: At
    families: int
    floor: float
    ceiling: float
    items: Saturation
    single: Discrimination | None

    @property
    def where(self) -> Pairs:
        """The group of what is said of it."""
        _, category, intent, attack, rater = self.at
        return (("category", category), ("intent", intent), ("attack", attack), ("rater", rater))


@define
class Spreads:
    """Keeps what families averaged, while the marks pass by."""

    measures: Sequence[Measure]
    cells: Sequence[Cell]
    _held: dict[At, dict[str, tuple[Ints, Floats]]] = field(factory=dict)

    def watch(self, framed: Iterable[tuple[Group, Frame]]) -> Iterator[tuple[Group, Frame]]:
        """Pass marks on, and keep the mean of each family."""
        by = {(c.target, c.category, c.intent.value, c.attack): c for c in self.cells}
        for group, frame in framed:
            if group.kind == SubjectKind.PATH and group.rater_kind != PERSON:
                for measure in self.measures:
                    if measure.scale == group.scale.name and _plain(measure):
                        self._keep(measure, group, by[group.cell], frame)
            yield group, frame

    def _keep(self, measure: Measure, group: Group, cell: Cell, frame: Frame) -> None:
        if not selects(measure, cell, group.kind):
            return
        made, lowest = prepared(measure, group, cell, frame.scope)
        made = counted(made)
        found = units(made, lowest=bool(lowest))
        if not len(found.rows):
            return
        ((_, marks, kind),) = averaged(measure, made.scale, made.values[found.rows])
        low, high = scale_range(kind, made.scale)
        if not np.isfinite(high - low):
            return
        y = (np.clip(found.mean(marks), low, high) - low) / (high - low)
        codes, at = np.unique(found.family, return_inverse=True)
        means = np.bincount(at, weights=y) / np.bincount(at)
        key = (measure.id, cell.category, cell.intent.value, cell.attack, group.rater)
        by = self._held.setdefault(key, {})
        by[cell.target] = codes, means

    def found(self, public: Mapping[int, str], level: float) -> Iterator[Spread]:
        """Give where families stand, of each measure and cell.

        Args:
            public: Names, by code, of the families that may be named.
            level: Of intervals.
        """
        for at, by in sorted(self._held.items()):
            codes = np.unique(np.concatenate([mine for mine, _ in by.values()]))
            table = np.full((len(by), len(codes)), np.nan)
            for row, (mine, means) in zip(table, by.values(), strict=True):
                row[np.searchsorted(codes, mine)] = means
            yield Spread(
                at=at, families=len(codes), floor=_share(table, 0.0), ceiling=_share(table, 1.0),
                items=saturation(table), single=discrimination(table, codes.tolist(), public, level),
            )  # fmt: skip


def _plain(measure: Measure) -> bool:
    """Tell a rate or a mean of all that it selects."""
    return (
        measure.contrast is None
        and measure.estimator in {"rate", "mean"}
        and not (measure.by or measure.select.factors or measure.select.stages)
    )


def _share(table: Floats, end: float) -> float:
    """Give the share of columns that are at *end* wherever there is a value."""
    return float(((table == end) | np.isnan(table)).all(axis=0).mean())
