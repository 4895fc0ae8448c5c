"""Reading files of results into a table, with every check that a single row or all of them allow."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from attrs import evolve, frozen

from dosimeter.audit.columns import Columns, shown
from dosimeter.audit.files import Source
from dosimeter.audit.gather import Gathered, Of, gather
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.reader import reading
from dosimeter.audit.table import Codes, FileFacts, Floats, Ints, Table, Where, called, doubled
from dosimeter.errors import AuditError

MOST_CELLS = 200
"""Systems times groups; more are no systems."""


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


def load(asked: Asked) -> Table:
    """Read files into one table.

    Raises:
        AuditError: If they do not make one: with file, row and column, and what to do.
    """
    found = Gathered()
    facts, columns = [], asked.columns
    for place, (path, name) in enumerate(zip(asked.files, called(asked.files), strict=True)):
        with reading(path) as source:
            mine, fact = gather(source, found, Of(
                columns=_columns(source, asked.columns), name=name, place=place, where=asked.where,
                outcomes=_outcomes(asked.outcomes, source),
            ))  # fmt: skip
            _check_same(source.name, columns, mine)
            columns = columns.over(mine)
            facts.append(fact)
    if not len(found.outcome):
        raise AuditError(_none_taken(facts, asked.where))
    return _table(found, tuple(facts), columns, asked)


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


def _check_same(name: str, before: Columns, mine: Columns) -> None:
    """Refuse to put outcomes together that are not one."""
    if before.outcome not in {"", mine.outcome}:
        msg = (
            f"{name}: its outcome is {shown(mine.outcome)}, and that of a file before it"
            f" {shown(before.outcome)}; name one that all have with --outcome, or audit each alone"
        )
        raise AuditError(msg)


def _outcomes(named: Outcomes, source: Source) -> Outcomes:
    return evolve(named, meanings=dict(source.meanings) | dict(named.meanings))


def _none_taken(facts: Sequence[FileFacts], where: Iterable[Where]) -> str:
    names = " and ".join(f.name for f in facts)
    told = ", ".join(shown(str(one)) for one in where)
    return f"{names}: none of {sum(f.rows for f in facts)} rows matches --where {told}"


def _table(found: Gathered, facts: tuple[FileFacts, ...], columns: Columns, asked: Asked) -> Table:
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


def _check_all(found: Gathered, outcome: Floats, columns: Columns) -> None:
    if columns.outcome and np.isnan(outcome).all():
        msg = f"column {shown(columns.outcome)} (--outcome) is missing in all {len(outcome)} rows"
        raise AuditError(msg)
    if len(found.item) == 1:
        msg = (
            f"all {len(outcome)} rows are of one item (--item {shown(columns.item)}): repeats of one item"
            " tell nothing of others"
        )
        raise AuditError(msg)


def _copies(found: Gathered, columns: Columns, facts: Sequence[FileFacts]) -> int:
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
