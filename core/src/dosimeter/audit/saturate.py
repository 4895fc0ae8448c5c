"""Whether the items of a group can still tell its systems apart."""

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from dosimeter.audit.estimates import finite
from dosimeter.audit.table import Floats, Table
from dosimeter.stats.items import saturation


@frozen(kw_only=True)
class Saturated:
    """How much of the items of one group says the same of all systems.

    Attributes:
        group: The group; empty where there are none.
        systems: Systems that were asked.
        items: Items with an outcome of each of them.
        verdict: ``saturated`` (do not rank), ``open`` or ``not-estimable``.
        reasons: What makes it saturated.
        all_low: Share of items on which all are at the low end. *all_high*: At the high end.
        informative: Share of the others.
        effective: Items that the differences between systems amount to.
    """

    group: str
    systems: int
    items: int
    verdict: str
    reasons: tuple[str, ...]
    all_low: float | None
    all_high: float | None
    informative: float | None
    effective: float | None


def saturated(table: Table) -> tuple[Saturated, ...]:
    """Look at each group in which two systems or more have items in common."""
    return tuple(_groups(table))


def _groups(table: Table) -> Iterator[Saturated]:
    low, high = table.scale or (0.0, 1.0)
    for group, name in enumerate(table.groups):
        systems = [s for s, g in table.cells() if g == group]
        marks = [_means(table, s, group) for s in systems]
        if len(systems) < 2:
            continue
        whole = (np.stack(marks) - low) / (high - low)
        whole = whole[:, ~np.isnan(whole).any(axis=0)]
        found = saturation(whole)
        yield Saturated(
            group=name, systems=len(systems), items=found.items, verdict=found.verdict,
            reasons=found.reasons, all_low=finite(found.all_fail), all_high=finite(found.all_pass),
            informative=finite(found.informative), effective=finite(found.effective_items),
        )  # fmt: skip


def _means(table: Table, system: int, group: int) -> Floats:
    """Give the mean of each item of the table; NaN where a system has no outcome."""
    mine = table.of(system, group) & ~np.isnan(table.outcome)
    sums = np.bincount(table.item[mine], weights=table.outcome[mine], minlength=table.items)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.bincount(table.item[mine], minlength=table.items))
