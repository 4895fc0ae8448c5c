"""An audit: results read, estimated, compared, and held against what is claimed of them."""

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from dosimeter.audit.agree import Agreement, Judge, agreements, judged
from dosimeter.audit.attempted import listed
from dosimeter.audit.claims import Claim
from dosimeter.audit.columns import Used
from dosimeter.audit.estimates import Cell, cells
from dosimeter.audit.load import Asked, load
from dosimeter.audit.outcomes import Scale
from dosimeter.audit.pairs import Pair, Ties, compare
from dosimeter.audit.saturate import Saturated, saturated
from dosimeter.audit.support import supported
from dosimeter.audit.table import FileFacts, Table, doubled
from dosimeter.audit.verdicts import Evidence, Judged, judge
from dosimeter.errors import AuditError
from dosimeter.model.margins import margin_fault

SCHEMA = 1
"""Of the form of an audit."""
SPOILT = ("overstated", "contradicted")
"""Verdicts that a reader has to act on."""


@frozen(kw_only=True)
class Design:
    """How results were read.

    Attributes:
        columns: Columns that are read.
        where: Rows that are taken, in words.
        scale: Lowest and highest mark; None for events.
        attempted: Items that were attempted; None takes those that have rows.
        margin: Difference that does not matter; None if none was fixed.
        level: Confidence level.
        rows: Rows taken.
        items: Different items. *clusters* likewise.
        copies: Rows that are copies of another.
        several: Whether some item has several rows in one cell.
        unit: What is inferred over: ``item`` or ``cluster``.
    """

    columns: tuple[Used, ...]
    where: tuple[str, ...]
    scale: Scale | None
    attempted: int | None
    margin: float | None
    level: float
    rows: int
    items: int
    clusters: int
    copies: int
    several: bool
    unit: str


@frozen(kw_only=True)
class Audit:
    """What an audit finds.

    Attributes:
        files: What was read.
        design: How.
        cells: Each system in each group.
        pairs: Comparisons. *ties*: the orders that they carry.
        tests: Comparisons that have a test: what Holm's adjustment is over.
        agreements: Of raters.
        judges: Beside the outcome.
        saturation: Of items.
        supported: What the data support, in sentences.
        claims: With a verdict each.
        schema: Of this form.
    """

    files: tuple[FileFacts, ...]
    design: Design
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    ties: tuple[Ties, ...]
    tests: int
    agreements: tuple[Agreement, ...]
    judges: tuple[Judge, ...]
    saturation: tuple[Saturated, ...]
    supported: tuple[str, ...]
    claims: tuple[Judged, ...]
    schema: int = SCHEMA

    @property
    def spoilt(self) -> bool:
        """Whether a claim is overstated or contradicted."""
        return any(c.verdict in SPOILT for c in self.claims)

    @property
    def open(self) -> bool:
        """Whether a claim cannot be judged."""
        return any(c.verdict == "cannot be judged" for c in self.claims)


def audit(
    asked: Asked,
    claims: Sequence[Claim] = (),
    *,
    attempted: int | None = None,
    items: Path | None = None,
    margin: float | None = None,
    level: float = 0.95,
) -> Audit:
    """Audit results.

    Args:
        asked: What is read.
        claims: What is claimed.
        attempted: Items that each system was attempted with in each group.
        items: A list of them instead.
        margin: Difference that does not matter, fixed beforehand.
        level: Confidence level, between 0 and 1.

    Raises:
        AuditError: If the results, or the claims, cannot be read, or for a margin that is none.
    """
    table = load(asked)
    _check_margin(margin, table.scale)
    if items is not None:
        attempted = _of_list(table, listed(items, table.columns.item))
    rated = bool(table.columns.outcome)
    found = cells(table, attempted, level) if rated else ()
    pairs, ties = compare(table, found, margin, level) if rated else ((), ())
    agreed, judges = agreements(table, level), judged(table, level)
    worn = saturated(table) if rated else ()
    by = Evidence(scale=table.scale, cells=found, pairs=pairs, agreements=agreed, margin=margin,
                  level=level)  # fmt: skip
    design = _design(asked, table, attempted, margin, level)
    return Audit(
        files=table.files, design=design, cells=found, pairs=pairs, ties=ties,
        tests=sum(p.p is not None for p in pairs), agreements=agreed, judges=judges,
        saturation=worn, claims=tuple(judge(c, by) for c in claims),
        supported=tuple(supported(table, found, pairs, ties, agreed, judges, worn, level)),
    )  # fmt: skip


def _check_margin(margin: float | None, scale: Scale | None) -> None:
    """Refuse what no difference is beyond."""
    low, high = scale or (0.0, 1.0)
    if margin is not None and (fault := margin_fault(margin, high - low)):
        of = "means on this scale" if scale else "shares, which are 0 to 1"
        msg = f"--margin {margin:g}: of {of}, {fault}; give one that a difference could be beyond"
        raise AuditError(msg)


def _of_list(table: Table, names: frozenset[str]) -> int:
    """Give the length of a list of items.

    Raises:
        AuditError: If the results have an item that it lacks.
    """
    strange = [n for n in table.item_names if n not in names]
    if strange:
        msg = (
            f"{len(strange)} of {table.items} items of the results are not on the list (--items); it lists"
            " what --item names"
        )
        raise AuditError(msg)
    return len(names)


def _design(
    asked: Asked, table: Table, attempted: int | None, margin: float | None, level: float
) -> Design:
    several = len(doubled((table.item, table.system, table.group), table.item)[0]) > 0
    return Design(
        columns=table.columns.used(), where=tuple(map(str, asked.where)), scale=table.scale,
        attempted=attempted, margin=margin, level=level, rows=table.rows, items=table.items,
        clusters=table.clusters, copies=table.copies, several=several,
        unit="cluster" if table.columns.cluster else "item",
    )  # fmt: skip
