"""CSV as rows: what spreadsheets of all countries make of it is read, the rest told with its row."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from dosimeter import StackError
from dosimeter_harm_file.table import Row, Table
from dosimeter_harm_file.words import plain, shown

SAYS = re.compile(r'"?sep=(.)"?[,;\t ]*(?:\r\n|\n|\r)', re.IGNORECASE)
"""A first line by which Excel says what separates the cells."""
SEPARATORS = ",;\t"
QUOTES = (
    'a quotation mark (") begins a cell that does not end with one: delete it, or put marks around the'
    ' whole cell and write "" for one within'
)
Record = tuple[int, list[str]]


def separated(name: str, text: str, separator: str = "") -> Table:
    """Read rows of cells.

    Args:
        name: Of the file, for messages.
        text: What is in it.
        separator: What is between the cells; empty finds it out.

    Raises:
        StackError: If they do not make a table; with the row.
    """
    said = SAYS.match(text)
    first = 1 if said is None else 2
    body = text if said is None else text[said.end() :]
    between = said[1] if said else separator or _separator(body)
    before = csv.field_size_limit(max(len(text), 1))
    try:
        records = list(_records(name, body, between, first))
    finally:
        csv.field_size_limit(before)
    number, head = records[0] if records else (first, [])
    columns = tuple(map(plain, head))
    rows = records[1:]
    _check_named(name, number, columns, rows)
    _check_width(name, len(columns), rows)
    return Table(
        columns=tuple(filter(None, columns)),
        rows=tuple(Row(number=n, cells=_filled(columns, cells)) for n, cells in rows),
    )


def _separator(text: str) -> str:
    """Give what separates the names of the first line: spreadsheets of some countries use ``;``."""
    return max(SEPARATORS, key=text.partition("\n")[0].count)


def _records(name: str, text: str, separator: str, first: int) -> Iterator[Record]:
    """Give the number and the cells of each record that is not blank; the head, blank or not."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number = first
    while True:
        try:
            cells = next(lines, None)
        except csv.Error:
            msg = f"{name}, row {number}: {QUOTES}"
            raise StackError(msg) from None
        if cells is None:
            return
        if number == first or any(cell.strip() for cell in cells):
            yield number, cells
        number = first + lines.line_num


def _check_named(name: str, number: int, columns: tuple[str, ...], rows: list[Record]) -> None:
    """Refuse columns that hold text and have no name, or another's."""
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    if twice:
        msg = f"{name}, row {number}: two columns are called {shown(twice[0])}; rename one"
        raise StackError(msg)
    held = {i for _, cells in rows for i, cell in enumerate(cells) if cell.strip()}
    unnamed = sorted(i + 1 for i in held if i < len(columns) and not columns[i])
    if not unnamed:
        return
    if sum(map(bool, columns)) <= 1:
        msg = (
            f"{name}, row {number}: the first row must name the columns, and here it names"
            f" {sum(map(bool, columns))} of {len(columns)}: if it is a title, delete it; if the names"
            " are missing, write them"
        )
        raise StackError(msg)
    msg = (
        f"{name}, row {number}: column {unnamed[0]} holds text and has no name; name it, or delete the"
        " column"
    )
    raise StackError(msg)


def _check_width(name: str, width: int, rows: list[Record]) -> None:
    for number, cells in rows:
        if any(cell.strip() for cell in cells[width:]):
            title = "; if the first row is a title, delete it" if width == 1 else ""
            msg = (
                f"{name}, row {number}: {len(cells)} cells for {width} columns; put quotes around text"
                f" that holds the separator{title}"
            )
            raise StackError(msg)


def _filled(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    """Give the cells that hold something, by the name of their column."""
    return {c: v for c, v in zip(columns, cells, strict=False) if c and v.strip()}
