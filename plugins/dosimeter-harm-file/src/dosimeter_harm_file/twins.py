"""Twins: the same subject, asked about harmfully and harmlessly."""

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve

from dosimeter import Intent, Item, Link
from dosimeter_harm_file.faults import Faults
from dosimeter_harm_file.spec import CATEGORY
from dosimeter_harm_file.table import Row
from dosimeter_harm_file.words import plain, shown, shown_id, whole_number

OTHER = {Intent.HARMFUL: Intent.BENIGN, Intent.BENIGN: Intent.HARMFUL}
FEWEST = 2
"""Rows whose twins are nobody's, from which the column is taken for one of texts."""
Found = Sequence[tuple[Row, Item]]


def linked(item: Item, other: str) -> Item:
    """Give *item* with its twin's id."""
    return evolve(item, links=(Link(kind="twin-of", item_id=other),))


def paired(
    found: Found, columns: Mapping[str, str], faults: Faults, told: Collection[str]
) -> tuple[Item, ...]:
    """Link twins, both ways, and put two of them into one family where no column says so.

    Args:
        found: Items, with their rows.
        columns: By field.
        faults: Where faults go.
        told: Ids of rows whose faults are told: who names one has no fault of its own.
    """
    if "twin" not in columns:
        return tuple(item for _, item in found)
    by_id = {item.id: item for _, item in found}
    twin: dict[str, str] = {}
    strangers: list[tuple[Row, str]] = []
    named = 0
    for row, item in found:
        name = _named(plain(row.cells.get(columns["twin"], "")), by_id)
        named += bool(name)
        if not name or name in told:
            continue
        other = by_id.get(f"{CATEGORY}/{name}")
        why = other and _no_twin(item, other, twin, same_family="family" in columns)
        if other is None:
            strangers.append((row, name))
        elif why:
            faults.add(row, f"twin {shown_id(name)} {why}")
        else:
            twin |= {item.id: other.id, other.id: item.id}
    _tell(strangers, named, columns["twin"], faults)
    return tuple(_in_family(item, twin, own="family" in columns) for _, item in found)


def _named(name: str, by_id: Mapping[str, Item]) -> str:
    return name if f"{CATEGORY}/{name}" in by_id else whole_number(name)


def _tell(strangers: Sequence[tuple[Row, str]], named: int, column: str, faults: Faults) -> None:
    """Tell twins that are the id of no row: one by one, or as a column of something else."""
    if len(strangers) < max(FEWEST, named / 2):
        for row, name in strangers:
            faults.add(row, f"twin {shown_id(name)} is the id of no row")
        return
    why = (
        f"column {shown(column)} names no row in {len(strangers)} of {named} cells (first row"
        f" {strangers[0][0].number}): twin wants the id of another row. If the column holds the text of"
        f" the twin, write columns = {{ twin_prompt = {shown(column)} }} in its place"
    )
    faults.others.append(("columns.twin", why))


def _no_twin(item: Item, other: Item, twin: Mapping[str, str], *, same_family: bool) -> str:
    """Say why *other* is no twin of *item*; empty if it is."""
    if {item.intent, other.intent} != {Intent.HARMFUL, Intent.BENIGN}:
        return "is not benign where this is harmful, or the other way round"
    if same_family and item.family != other.family:
        return "is of another family"
    taken = twin.get(other.id, item.id) != item.id or twin.get(item.id, other.id) != other.id
    return "is another row's already" if taken else ""


def _in_family(item: Item, twin: Mapping[str, str], *, own: bool) -> Item:
    if item.id not in twin:
        return item
    other = twin[item.id]
    made = linked(item, other)
    return made if own else evolve(made, family=min(item.id, other))
