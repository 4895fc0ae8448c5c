"""What each system did in each group: a rate or a mean, its interval, and what missing rows leave open."""

import math

import attrs
import numpy as np
from attrs import frozen

from dosimeter.audit.outcomes import Scale
from dosimeter.audit.table import Floats, Ints, Table
from dosimeter.errors import AuditError
from dosimeter.stats.cluster import cluster_mean, korn_graubard
from dosimeter.stats.rate import wilson, zero_event_upper
from dosimeter.stats.result import Result
from dosimeter.stats.severity import guarded_mean

FEW = 10
"""Clusters below which no interval is to be believed, and none is given."""
MOST = 10_000_000
"""Items attempted: what those without a row leave open is found by filling in a row for each."""
MUCH = 0.05
"""Share of missing above which a number that they can change is no headline."""


@frozen(kw_only=True)
class Bounds:
    """What a number would be if everything missing were at one end, with the limits of both.

    Attributes:
        lowest: With every missing one at the low end: no event, or the lowest mark.
        highest: At the high end.
        lower: Lower limit of the former.
        upper: Upper limit of the latter.
    """

    lowest: float
    highest: float
    lower: float
    upper: float


@frozen(kw_only=True)
class Cell:
    """One system in one group.

    Attributes:
        system: Its name.
        group: The group's; empty where there are none.
        rows: Rows of the files.
        items: Different items among them; *clusters* likewise, of those with an outcome.
        scored: Rows with an outcome.
        missing: Rows without.
        absent: Items that were attempted and have no row.
        events: Rows with the event; None where marks are averaged.
        value: The share of events, or the mean; None without outcomes.
        lower: Lower limit of the interval; None where there is none. *upper* likewise.
        method: How the interval was made.
        why: Why there is no number, or no interval; empty if there are both.
        deff: Design effect of rows in one cluster; None where it is not known.
        effective: Rows that are worth as much as these.
        alike: The mean over clusters that weigh alike, where they differ in rows and it differs.
        bounds: What missing rows and absent items leave open; None if there are none.
        one_sided: Upper limit after no event, or lower limit after nothing but events, one-sided.
        submitted: Rows that had something to judge; None where nothing says. *of_submitted*: the same
            number over those alone.
        floor: Share of rows at the low end of the scale; *ceiling* at the high end.
    """

    system: str
    group: str
    rows: int
    items: int
    clusters: int
    scored: int
    missing: int
    absent: int
    events: int | None
    value: float | None
    lower: float | None
    upper: float | None
    method: str
    why: str
    deff: float | None
    effective: float | None
    alike: float | None
    bounds: Bounds | None
    one_sided: float | None
    submitted: int | None
    of_submitted: float | None
    floor: float | None
    ceiling: float | None

    @property
    def lost(self) -> float:
        """Share of what was attempted that has no outcome."""
        return (self.missing + self.absent) / max(self.rows + self.absent, 1)


def estimate(y: Floats, cluster: Ints, scale: Scale | None) -> Result:
    """Estimate a share or a mean by the method that its rows allow.

    Args:
        y: Outcomes, none missing.
        cluster: Of each; where no two rows share one they are independent.
        scale: Lowest and highest mark; None for events.
    """
    alone = len(np.unique(cluster)) == len(y)
    if scale is None:
        return wilson(float(y.sum()), len(y)) if alone else korn_graubard(y, cluster)
    return guarded_mean(y, None if alone else cluster, low=scale[0], high=scale[1])


def cells(table: Table, attempted: int | None, level: float) -> tuple[Cell, ...]:
    """Estimate each system in each group.

    Args:
        table: The observations.
        attempted: Items that each was attempted with; None takes those that it has rows of.
        level: Confidence level.

    Raises:
        AuditError: If one has more items than were attempted, or more were than can be bounded.
    """
    return tuple(_cell(table, s, g, attempted, level) for s, g in table.cells())


def _cell(table: Table, system: int, group: int, attempted: int | None, level: float) -> Cell:
    mine = table.of(system, group)
    y, cluster = table.outcome[mine], table.cluster[mine]
    there = ~np.isnan(y)
    items = len(np.unique(table.item[mine]))
    named = " ".join(filter(None, (table.systems[system], table.groups[group])))
    if attempted is not None and attempted < items:
        msg = f"{named!r} has {items} items, which is more than the {attempted} attempted"
        raise AuditError(msg)
    if attempted is not None and attempted > MOST:
        msg = (
            f"{attempted:,} items attempted are more than an audit can bound: give at most {MOST:,}"
        )
        raise AuditError(msg)
    counted = Cell(
        system=table.systems[system], group=table.groups[group], rows=len(y), items=items,
        clusters=len(np.unique(cluster[there])), scored=int(there.sum()), missing=int((~there).sum()),
        absent=0 if attempted is None else attempted - items,
        events=int(y[there].sum()) if table.scale is None else None, value=None, lower=None,
        upper=None, method="", why="no-observations", deff=None, effective=None, alike=None,
        bounds=None, one_sided=None, submitted=None, of_submitted=None, floor=None, ceiling=None,
    )  # fmt: skip
    if not there.any():
        return counted
    told = _with_estimate(counted, y[there], cluster[there], table.scale, level)
    told = attrs.evolve(told, bounds=_bounds(told, y, cluster, table.scale, level))
    return _with_submitted(told, y, table.submitted[mine])


def _with_estimate(cell: Cell, y: Floats, cluster: Ints, scale: Scale | None, level: float) -> Cell:
    found = estimate(y, cluster, scale)
    limits = found.interval(level)
    why = "few-clusters" if cell.clusters < FEW else limits.undefined
    by_cluster = cluster_mean(y, cluster)
    alone = cell.clusters == cell.scored
    low, high = scale or (0.0, 1.0)
    worth = getattr(found, "effective_n", math.nan)
    return attrs.evolve(
        cell, value=found.estimate, method=found.method, why=why,
        lower=None if why else limits.lower, upper=None if why else limits.upper,
        deff=1.0 if alone else finite(by_cluster.deff),
        effective=float(len(y)) if alone else finite(worth),
        alike=_alike(y, cluster, found.estimate),
        one_sided=_one_sided(cell, found.estimate, level) if scale is None else None,
        floor=float((y == low).mean()), ceiling=float((y == high).mean()),
    )  # fmt: skip


def _alike(y: Floats, cluster: Ints, value: float) -> float | None:
    """Give the mean over clusters, if it is another."""
    code = np.unique(cluster, return_inverse=True)[1]
    means = np.bincount(code, weights=y) / np.bincount(code)
    mean = float(means.mean())
    return None if math.isclose(mean, value, abs_tol=1e-12) else mean


def _one_sided(cell: Cell, value: float, level: float) -> float | None:
    if value == 0:
        return zero_event_upper(cell.clusters, level)
    return 1 - zero_event_upper(cell.clusters, level) if value == 1 else None


def _bounds(
    cell: Cell, y: Floats, cluster: Ints, scale: Scale | None, level: float
) -> Bounds | None:
    """Give what it would be if all that is missing were at one end; an absent item counts as one row."""
    if not cell.missing + cell.absent:
        return None
    new = int(cluster.max(initial=0)) + 1 + np.arange(cell.absent)
    whole = np.concatenate([cluster, new])
    filled = []
    for end in scale or (0.0, 1.0):
        outcomes = np.concatenate([np.where(np.isnan(y), end, y), np.full(cell.absent, end)])
        filled.append(estimate(outcomes, whole, scale))
    least, most = (one.interval(level) for one in filled)
    return Bounds(lowest=filled[0].estimate, highest=filled[1].estimate, lower=least.lower,
                  upper=most.upper)  # fmt: skip


def _with_submitted(cell: Cell, y: Floats, submitted: Floats) -> Cell:
    if np.isnan(submitted).all():
        return cell
    given = submitted == 1
    scored = y[given & ~np.isnan(y)]
    return attrs.evolve(cell, submitted=int(given.sum()),
                        of_submitted=float(scored.mean()) if len(scored) else None)  # fmt: skip


def finite(value: float) -> float | None:
    """Give a number that is one."""
    return value if math.isfinite(value) else None
