"""Rows of a file gathered column by column, each checked as it comes: numbers are kept, texts are not."""

from array import array
from fnmatch import fnmatchcase
from itertools import chain

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.audit.columns import Cells, Columns, check_there, has, shown, text
from dosimeter.audit.files import Row, Source
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.table import Codes, FileFacts, Where
from dosimeter.errors import AuditError

NEEDED = ("item", "system", "group", "cluster", "repeat")
"""Flags whose columns every row fills."""
FLAT = ("CSV", "TSV")
"""Forms of which every row has every column."""
MOST_LABELS = 50
"""Labels of a rater; more are no labels."""
YES = {"1": 1.0, "true": 1.0, "yes": 1.0, "0": 0.0, "false": 0.0, "no": 0.0, "": np.nan}


@frozen(kw_only=True)
class Gathered:
    """What is gathered: one entry a row, of *of_item* one an item with its cluster."""

    system: Codes = field(factory=Codes)
    group: Codes = field(factory=Codes)
    item: Codes = field(factory=Codes)
    cluster: Codes = field(factory=Codes)
    repeat: Codes = field(factory=Codes)
    outcome: "array[float]" = field(factory=lambda: array("d"))
    submitted: "array[float]" = field(factory=lambda: array("d"))
    content: "array[int]" = field(factory=lambda: array("q"))
    number: "array[int]" = field(factory=lambda: array("q"))
    file: "array[int]" = field(factory=lambda: array("q"))
    raters: list[Codes] = field(factory=list)
    judges: "list[array[float]]" = field(factory=list)
    of_item: dict[int, int] = field(factory=dict)


@frozen(kw_only=True)
class Of:
    """How the rows of one file are read.

    Attributes:
        columns: Which column says what.
        name: Of the system, if no column tells it.
        place: Of the file among all.
        where: Rows that are taken.
        outcomes: How the outcome is read.
    """

    columns: Columns
    name: str
    place: int
    where: tuple[Where, ...]
    outcomes: Outcomes


def gather(source: Source, found: Gathered, of: Of) -> tuple[Columns, FileFacts]:
    """Gather the rows of a file; give the columns they have, and how many there are.

    Raises:
        AuditError: If a row says what cannot be, or a column is in none; with its place.
    """
    first = next(source.rows, None)
    if first is None:
        msg = f"{source.name} has no rows"
        raise AuditError(msg)
    if not of.columns.outcome and not of.columns.raters:
        of = evolve(of, columns=_scorer(source, of.columns, first[1]))
    looked = (*of.columns.named(), *(("where", w.column) for w in of.where))
    unseen, taken, read = {c for _, c in looked}, 0, 0
    always = looked if source.form in FLAT else [one for one in looked if one[0] in NEEDED]
    check_there(source.name, always, {c for c in unseen if not has(first[1], c)}, first[1])
    for number, row in chain([first], source.rows):
        read += 1
        unseen -= {c for c in unseen if has(row, c)}
        if all(_matches(row, one) for one in of.where):
            taken += 1
            _add(source, found, of, (number, row))
    check_there(source.name, looked, unseen, first[1])
    return of.columns, FileFacts(name=source.name, form=source.form, rows=read, left_out=read - taken,
                                 notes=tuple(source.notes))  # fmt: skip


def _scorer(source: Source, columns: Columns, row: Cells) -> Columns:
    """Take the only score of a log.

    Raises:
        AuditError: If it has several, or none.
    """
    fixed = {"item", "epoch", "system", "task", "metadata"}
    scorers = [name for name in row if name not in fixed]
    if len(scorers) != 1:
        told = ", ".join(map(shown, scorers)) or "none in its first sample"
        msg = f"{source.name}: say which score is the outcome, with --outcome NAME; it has {told}"
        raise AuditError(msg)
    return evolve(columns, outcome=scorers[0])


def _matches(row: Cells, one: Where) -> bool:
    return fnmatchcase(text(row, one.column), one.pattern) is not one.unlike


def _add(source: Source, found: Gathered, of: Of, numbered: Row) -> None:
    """Add one row.

    Raises:
        AuditError: If a cell says what cannot be; with its place.
    """
    number, row = numbered
    columns = of.columns
    place = f"{source.name}, row {number}"
    item = found.item.add(_needed(row, columns.item, place, "item"))
    cluster = found.cluster.add(
        _needed(row, columns.cluster, place, "cluster")
        if columns.cluster
        else text(row, columns.item)
    )
    if found.of_item.setdefault(item, cluster) != cluster:
        msg = (
            f"{place}: its item is in another cluster than before; an item belongs to one: name a column"
            " of items whose names differ between clusters"
        )
        raise AuditError(msg)
    found.system.add(_needed(row, columns.system, place, "system") if columns.system else of.name)
    found.group.add(_needed(row, columns.group, place, "group") if columns.group else "")
    found.repeat.add(_needed(row, columns.repeat, place, "repeat") if columns.repeat else "")
    found.outcome.append(
        _read(of.outcomes, row, columns.outcome, place) if columns.outcome else np.nan
    )
    found.submitted.append(_yes(row, columns.submitted, place))
    found.content.append(hash(repr(row)))
    found.number.append(number)
    found.file.append(of.place)
    _add_labels(found, of, row, place)


def _add_labels(found: Gathered, of: Of, row: Cells, place: str) -> None:
    """Add what raters and judges say of a row."""
    while len(found.raters) < len(of.columns.raters):
        found.raters.append(Codes())
    while len(found.judges) < len(of.columns.judges):
        found.judges.append(array("d"))
    for rater, column in zip(found.raters, of.columns.raters, strict=True):
        label = text(row, column)
        if of.outcomes.scale is not None:
            _read(of.outcomes, row, column, place)
        rater.add("" if label in of.outcomes.missing or label.lower() == "nan" else label)
        if len(rater) > MOST_LABELS:
            msg = f"{place}: column {shown(column)} has more than {MOST_LABELS} labels: no rater's column"
            raise AuditError(msg)
    for judge, column in zip(found.judges, of.columns.judges, strict=True):
        judge.append(_read(of.outcomes, row, column, place))


def _needed(row: Cells, column: str, place: str, what: str) -> str:
    found = text(row, column)
    if not found:
        msg = f"{place}: no {what} in column {shown(column)}; every row needs one"
        raise AuditError(msg)
    return found


def _read(outcomes: Outcomes, row: Cells, column: str, place: str) -> float:
    try:
        return outcomes.read(text(row, column))
    except ValueError as exc:
        msg = f"{place}, column {shown(column)}: {exc}"
        raise AuditError(msg) from None


def _yes(row: Cells, column: str, place: str) -> float:
    if not column:
        return np.nan
    said = text(row, column)
    if said.lower() not in YES:
        msg = f"{place}, column {shown(column)}: {shown(said)} is neither 0 nor 1 (--submitted)"
        raise AuditError(msg)
    return float(YES[said.lower()])
