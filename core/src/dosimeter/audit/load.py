"""Reading files of results into a table, with every check that a single row or all of them allow."""

from array import array
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.audit.columns import Cells, Columns, check_there, has, shown, text
from dosimeter.audit.files import Row, Source
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.reader import reading
from dosimeter.audit.table import Codes, FileFacts, Floats, Ints, Table, Where, called, doubled
from dosimeter.errors import AuditError

MOST_CELLS = 200
"""Systems times groups; more are no systems."""
NEEDED = ("item", "system", "group", "cluster", "repeat")
"""Flags whose columns every row fills."""
FLAT = ("CSV", "TSV")
"""Forms of which every row has every column."""
MOST_LABELS = 50
"""Labels of a rater; more are no labels."""
YES = {"1": 1.0, "true": 1.0, "yes": 1.0, "0": 0.0, "false": 0.0, "no": 0.0, "": np.nan}


@frozen(kw_only=True)
class Asked:
    """What is to be read.

    Attributes:
        files: Files of results.
        columns: Columns that were named.
        outcomes: How the outcome is read.
        where: Rows that are taken.
    """

    files: tuple[Path, ...]
    columns: Columns
    outcomes: Outcomes = Outcomes()
    where: tuple[Where, ...] = ()


@frozen(kw_only=True)
class _Columns:
    """What is gathered, row by row."""

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


def load(asked: Asked) -> Table:
    """Read files into one table.

    Raises:
        AuditError: If they do not make one: with file, row and column, and what to do.
    """
    found = _Columns()
    facts, columns = [], asked.columns
    for place, (path, name) in enumerate(zip(asked.files, called(asked.files), strict=True)):
        with reading(path) as source:
            mine, fact = _gather(source, found, _Of(
                columns=_columns(source, asked.columns), name=name, place=place, where=asked.where,
                outcomes=_outcomes(asked.outcomes, source),
            ))  # fmt: skip
            columns = columns.over(mine)
            facts.append(fact)
    if not len(found.outcome):
        raise AuditError(_none_taken(facts, asked.where))
    return _table(found, tuple(facts), columns, asked)


@frozen(kw_only=True)
class _Of:
    """How the rows of one file are read."""

    columns: Columns
    name: str
    place: int
    where: tuple[Where, ...]
    outcomes: Outcomes


def _columns(source: Source, named: Columns) -> Columns:
    """Give the columns of a file; what every file needs must be named or usual.

    Raises:
        AuditError: Saying which flag is missing.
    """
    columns = named.over(source.usual)
    for flag, column, says in (("item", columns.item, "what was asked"),
                               ("outcome", columns.outcome or columns.raters, "what came")):  # fmt: skip
        if not column and not (flag == "outcome" and source.form == "Inspect log"):
            msg = f"{source.name}: say which column tells {says}, with --{flag} COLUMN"
            raise AuditError(msg)
    return columns


def _outcomes(named: Outcomes, source: Source) -> Outcomes:
    return evolve(named, meanings=dict(source.meanings) | dict(named.meanings))


def _gather(source: Source, found: _Columns, of: _Of) -> tuple[Columns, FileFacts]:
    """Gather the rows of a file; give the columns they have, and how many there are."""
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


def _add(source: Source, found: _Columns, of: _Of, numbered: Row) -> None:
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


def _add_labels(found: _Columns, of: _Of, row: Cells, place: str) -> None:
    """Add what raters and judges say of a row."""
    while len(found.raters) < len(of.columns.raters):
        found.raters.append(Codes())
    while len(found.judges) < len(of.columns.judges):
        found.judges.append(array("d"))
    for rater, column in zip(found.raters, of.columns.raters, strict=True):
        label = text(row, column)
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


def _none_taken(facts: Sequence[FileFacts], where: Iterable[Where]) -> str:
    names = " and ".join(f.name for f in facts)
    told = ", ".join(shown(str(one)) for one in where)
    return f"{names}: none of {sum(f.rows for f in facts)} rows matches --where {told}"


def _table(found: _Columns, facts: tuple[FileFacts, ...], columns: Columns, asked: Asked) -> Table:
    systems, system = found.system.sorted()
    groups, group = found.group.sorted()
    if len(groups) == 1 and not asked.columns.group:
        groups = ("",)  # of a log that has one filter, or one prompt
    if len(systems) * len(groups) > MOST_CELLS:
        msg = (
            f"{len(systems)} systems (--system) times {len(groups)} groups (--group) are more than"
            f" {MOST_CELLS}: name other columns"
        )
        raise AuditError(msg)
    outcome: Floats = np.array(found.outcome)
    _check_all(found, outcome, columns)
    labels = [_labels(one) for one in found.raters]
    return Table(
        files=facts, columns=columns, scale=asked.outcomes.scale, systems=systems, groups=groups,
        items=len(found.item), clusters=len(found.cluster), system=system, group=group,
        item=found.item.array(), cluster=found.cluster.array(), outcome=outcome,
        submitted=np.array(found.submitted), raters=tuple(names for names, _ in labels),
        labels=tuple(codes for _, codes in labels), judges=tuple(np.array(j) for j in found.judges),
        copies=_copies(found, columns, facts), item_names=found.item.names,
    )  # fmt: skip


def _labels(rater: Codes) -> tuple[tuple[str, ...], Ints]:
    """Give labels and the number of each row's, -1 for none."""
    names, codes = rater.sorted()
    return (names[1:], codes - 1) if names[:1] == ("",) else (names, codes)


def _check_all(found: _Columns, outcome: Floats, columns: Columns) -> None:
    if columns.outcome and np.isnan(outcome).all():
        msg = f"column {shown(columns.outcome)} (--outcome) is missing in all {len(outcome)} rows"
        raise AuditError(msg)
    if len(found.item) == 1:
        msg = (
            f"all {len(outcome)} rows are of one item (--item {shown(columns.item)}): repeats of one item"
            " tell nothing of others"
        )
        raise AuditError(msg)


def _copies(found: _Columns, columns: Columns, facts: Sequence[FileFacts]) -> int:
    """Count copies.

    Raises:
        AuditError: If a repeat comes twice.
    """
    keys = [c.array() for c in (found.item, found.system, found.group, found.repeat)]
    again, same = doubled(keys, np.array(found.content, dtype=np.int64))
    if columns.repeat and len(again):
        at = int(again[0])
        msg = (
            f"{facts[found.file[at]].name}, row {found.number[at]}: its item, system, group and repeat came"
            f" before, and so in {len(again)} rows; delete copies, or name the column that tells repeats"
            " apart with --repeat"
        )
        raise AuditError(msg)
    return len(same)
