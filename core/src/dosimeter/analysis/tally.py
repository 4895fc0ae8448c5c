"""Marks of one arm by family: what numbers within families, and over attacks, are made of."""

import math

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.load import Flags, Floats, Group, Ints
from dosimeter.analysis.missing import count_missing, cut_short
from dosimeter.analysis.ready import averaged, counted_too, prepared, scale_range
from dosimeter.analysis.units import Units, units
from dosimeter.model.answering import Missing
from dosimeter.model.measures import Measure
from dosimeter.model.rating import SubjectKind
from dosimeter.model.stackfile import Scope


@frozen(kw_only=True)
class Tally:
    """Sums by code of family.

    Attributes:
        asked: Units in the design; of other subjects than paths those there are.
        marked: Units with a mark.
        total: Sum of their marks; *least* and *most* with those of cut replies as low, and as high, as
            they could have been.
        worst: The highest mark; *worst_least* and *worst_most* likewise. Minus infinity without a mark.
        ends: The lowest and the highest that a mark can be.
        known: Whether it is known how many units there should be.
    """

    asked: Ints = field(repr=False)
    marked: Ints = field(repr=False)
    total: Floats = field(repr=False)
    least: Floats = field(repr=False)
    most: Floats = field(repr=False)
    worst: Floats = field(repr=False)
    worst_least: Floats = field(repr=False)
    worst_most: Floats = field(repr=False)
    ends: tuple[float, float]
    known: bool

    @property
    def size(self) -> Ints:
        """Units that should have a mark, by family."""
        return np.asarray(np.maximum(self.asked, self.marked))

    @property
    def there(self) -> Flags:
        """Families with a mark."""
        return self.marked > 0

    @property
    def mean(self) -> Floats:
        """Mean of the marks of each family; NaN without one."""
        return self._over(self.total, self.marked)

    def extreme(self, *, high: bool) -> Floats:
        """Give the mean of each family if all that is missing or cut were lowest, or highest."""
        end = self.ends[1 if high else 0]
        sums = self.most if high else self.least
        return self._over(sums + end * (self.size - self.marked), self.size)

    @staticmethod
    def _over(sums: Floats, n: Ints) -> Floats:
        return np.asarray(np.divide(sums, n, out=np.full(len(n), math.nan), where=n > 0))


@frozen(kw_only=True)
class Marks:
    """What is averaged, one a unit.

    Attributes:
        least: What each could be at the lowest, as a cut reply may be; *most* at the highest.
        ends: The lowest and the highest that a mark can be.
    """

    y: Floats = field(repr=False)
    least: Floats = field(repr=False)
    most: Floats = field(repr=False)
    ends: tuple[float, float]


@frozen(kw_only=True)
class Ready:
    """Marks of an arm, ready to be added up.

    Attributes:
        measure: Of one arm: without its contrast.
        group: As the scope has it.
        lowest: Whether the worst of several candidates is the lowest; None if none is.
        missing: What it leaves out.
    """

    measure: Measure
    arm: Arm
    group: Group = field(repr=False)
    units: Units = field(repr=False)
    lowest: bool | None
    missing: Missing

    def marks(self, *, both_ways: bool = False) -> Marks:
        """Give what is averaged, with the levels beside the measure's own counted too if that is asked."""
        values = self.group.values[self.units.rows]
        ((_, marks, kind),) = averaged(self.measure, self.group.scale, values)
        more = counted_too(self.measure, self.group.scale, values) if both_ways else None
        marks = marks if more is None else more
        ends = scale_range(kind, self.group.scale)
        least, most = cut_short(self.measure, self.group, self.units, marks, (), ends)
        return Marks(
            y=np.clip(self.units.mean(marks), *ends),  # a mean of votes may leave it by rounding
            least=least, most=most, ends=ends,
        )  # fmt: skip

    @property
    def attempts(self) -> Ints:
        """Give the attempt of each unit, which is a path."""
        return np.unique(self.group.attempt[self.units.rows])

    def tally(self, *, both_ways: bool = False) -> Tally:
        """Add up the marks."""
        made = self.marks(both_ways=both_ways)
        y, least, most, ends = made.y, made.least, made.most, made.ends
        path, family = self.group.kind == SubjectKind.PATH, self.units.family
        n = len(self.group.asked)

        def added(weights: Floats) -> Floats:
            return np.bincount(family, weights=weights, minlength=n).astype(float)

        return Tally(
            asked=self.group.asked if path else self._there(n),
            marked=np.bincount(family, minlength=n), total=added(y), least=added(least),
            most=added(most), worst=_highest(y, family, n), worst_least=_highest(least, family, n),
            worst_most=_highest(most, family, n), ends=ends,
            known=path or not (self.arm.cell.open + self.arm.cell.failed),
        )  # fmt: skip

    def _there(self, n: int) -> Ints:
        _, first = np.unique(self.group.unit, return_index=True)
        return np.bincount(self.group.family[first], minlength=n)


def ready(measure: Measure, arm: Arm, scope: Scope) -> Ready:
    """Decide what enters of *arm*, which is no person's.

    Args:
        measure: What is asked of it, whatever it is compared with.
        arm: Marks.
        scope: What a provider's block counts as.
    """
    how = "rate" if measure.estimator == "flips" else measure.estimator
    plain = evolve(measure, contrast=None, across="", estimator=how)
    group, lowest = prepared(plain, arm.group, arm.cell, scope)
    return Ready(measure=plain, arm=arm, group=group, units=units(group, lowest=bool(lowest)),
                 lowest=lowest, missing=count_missing(group, arm.cell))  # fmt: skip


def _highest(y: Floats, family: Ints, n: int) -> Floats:
    out = np.full(n, -math.inf)
    np.maximum.at(out, family, y)
    return out
