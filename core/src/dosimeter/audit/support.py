"""What results support, in sentences that say no more than the numbers do."""

from collections.abc import Iterator, Sequence

from dosimeter.audit.agree import Agreement, Judge
from dosimeter.audit.estimates import FEW, MUCH, Cell
from dosimeter.audit.pairs import Pair, Ties
from dosimeter.audit.saturate import Saturated
from dosimeter.audit.table import Table, doubled
from dosimeter.audit.told import amount, coefficient, named, of, span
from dosimeter.plural import plural
from dosimeter.stats.agreement import TENTATIVE

MOST = 8
"""Names that a sentence lists."""


def supported(
    table: Table, cells: Sequence[Cell], pairs: Sequence[Pair], ties: Sequence[Ties],
    agreed: Sequence[Agreement], judges: Sequence[Judge], worn: Sequence[Saturated], level: float,
) -> Iterator[str]:  # fmt: skip
    """Give the sentences.

    Args:
        table: The observations.
        cells: Each system in each group.
        pairs: Compared.
        ties: The orders that they carry.
        agreed: Agreement of raters.
        judges: Judges beside the outcome.
        worn: Saturation.
        level: Confidence level.
    """
    yield _unit(table)
    yield from _ends(table, cells, level)
    yield from _lost(table, cells)
    yield from _few(cells)
    if pairs:
        yield _compared(pairs)
    yield from (_order(t, pairs) for t in ties if len(t.order) > 2)
    yield from (_worn(s) for s in worn if s.verdict == "saturated")
    yield from _agreed(agreed)
    yield from _judged(judges)
    if not agreed and not judges:
        yield "Labels are taken as they are: nothing here tells whether they are right."
    yield from _copied(table)


def _unit(table: Table) -> str:
    clustered = bool(table.columns.cluster)
    unit, n = ("cluster", table.clusters) if clustered else ("item", table.items)
    again, _ = doubled((table.item, table.system, table.group), table.item)
    if not len(again) and n == table.items:
        return f"The unit is the {unit}: {plural(n, unit)}, with one row of each under a system and group."
    rows, items = plural(table.rows, "row"), plural(table.items, "item")
    return f"The unit is the {unit}: intervals rest on {plural(n, unit)}, and not on {rows}" + (
        f" or {items}." if clustered else "."
    )


def _ends(table: Table, cells: Sequence[Cell], level: float) -> Iterator[str]:
    """Tell what "none" and "all" leave room for."""
    for c in cells:
        if c.value not in {0.0, 1.0} or table.scale is not None or c.clusters < FEW:
            continue
        none = c.value == 0
        limit = c.upper if none else c.lower
        told = "-" if limit is None else amount(limit, None)
        yield (
            f"{of(c.system, c.group)}: {'no event' if none else 'nothing but events'} in"
            f" {plural(c.clusters, 'cluster')} leaves room for {'up to' if none else 'as few as'} {told}"
            f' at {100 * level:g} %; it is not "{"never" if none else "always"}".'
        )


def _lost(table: Table, cells: Sequence[Cell]) -> Iterator[str]:
    for c in cells:
        if c.bounds is None:
            continue
        b = c.bounds
        word = "no headline" if c.lost > MUCH else "told beside it"
        yield (
            f"{of(c.system, c.group)}: {c.missing + c.absent} of {c.rows + c.absent} have no outcome, which"
            f" leaves {amount(b.lowest, table.scale)} to {amount(b.highest, table.scale)} open ({word})."
        )


def _few(cells: Sequence[Cell]) -> Iterator[str]:
    few = [of(c.system, c.group) for c in cells if 0 < c.clusters < FEW]
    if few:
        yield f"Fewer than {FEW} clusters, so that no interval is given: {_listed(few)}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"{', '.join(names[:MOST])}{more}"


def _compared(pairs: Sequence[Pair]) -> str:
    tested = [p for p in pairs if p.p is not None]
    if not tested:
        return (
            f"No two share {FEW} clusters of items, so none were compared: neither a difference nor"
            " equality is known."
        )
    shown = sum(p.apart for p in tested)
    rest = "" if shown == len(tested) else " Of the others nothing is known, equality neither."
    return (
        f"Differences that are shown: {shown} of {len(tested)} on shared items, after Holm's adjustment over"
        f" all of them.{rest}"
    )


def _order(ties: Ties, pairs: Sequence[Pair]) -> str:
    mine = [p for p in pairs if (p.kind, p.within) == (ties.kind, ties.within)]
    where = f" in {named(ties.within)}" if ties.within else ""
    told = ", ".join(
        f"{named(name)} (place {best}{'' if best == worst else f' to {worst}'}, {letters})"
        for name, letters, (best, worst) in zip(ties.order, ties.letters, ties.places, strict=True)
    )
    carried = "a full order" if all(p.apart for p in mine) else "no full order"
    return f"Lowest first{where}, one letter in common: not told apart ({carried}): {told}."


def _worn(s: Saturated) -> str:
    where = f" of {named(s.group)}" if s.group else ""
    share = "" if s.informative is None else f"{100 * s.informative:.0f} % of the items"
    worth = "" if s.effective is None else f", worth {s.effective:.0f} items,"
    return f"{share}{where}{worth} tell systems apart: too few to rank by."


def _agreed(agreed: Sequence[Agreement]) -> Iterator[str]:
    for a in agreed:
        lower = a.alpha.lower
        if a.alpha.value is None:
            word = "no agreement can be told"
        elif lower is None or lower < TENTATIVE:
            word = (
                f"too little, or too uncertain, for a headline (lower limit under {TENTATIVE:.3f})"
            )
        else:
            word = "enough to go by"
        yield f"{named(a.system)}: raters agree with alpha {coefficient(a.alpha)}: {word}."


def _judged(judges: Sequence[Judge]) -> Iterator[str]:
    for j in judges:
        if j.truth.value is None or j.says.value is None:
            continue
        yield (
            f"{of(j.system, j.group)}: by {named(j.column)} the rate is {amount(j.says.value, None)} and by"
            f" the outcome {amount(j.truth.value, None)}; of events it finds"
            f" {span(j.sensitivity.lower, j.sensitivity.upper, None)}, of others it passes"
            f" {span(j.specificity.lower, j.specificity.upper, None)}."
        )


def _copied(table: Table) -> Iterator[str]:
    if table.copies:
        yield (
            f"Copies, in every cell, of another row of one item, system and group: {table.copies}; if"
            " they are no repeats, delete them."
        )
