"""Rows of a file as text, with the number that each has there."""

import csv
import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from attrs import field, frozen

from dosimeter import StackError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
MOST = 1_000_000
"""Characters of one cell; what is longer is no request."""


@frozen(kw_only=True)
class Row:
    """One row.

    Attributes:
        number: As a person counts it in the file: 1 is the first line.
        cells: Text by column; a column that is empty here is left out.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)


@frozen(kw_only=True)
class Table:
    """A file that was read whole: a team's panel has thousands of rows, not millions."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def read(path: Path, encoding: str) -> Table:
    """Read a file by its suffix.

    Raises:
        StackError: If it is not there, is empty, or cannot be read; with the row where there is one.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        msg = f"{path.name}: expected a file that ends in {', '.join(SUFFIXES)}"
        raise StackError(msg)
    try:
        data = path.read_bytes()
    except OSError as exc:
        msg = f"{path} cannot be read: {exc.strerror}; give its path from the stack's folder"
        raise StackError(msg) from None
    if suffix == ".parquet":
        table = _parquet(path)
    else:
        text = _decoded(path, data, encoding)
        table = _json_lines(path, text) if "json" in suffix else _separated(path, text)
    if not table.rows:
        msg = f"{path.name} has no rows"
        raise StackError(msg)
    for row in table.rows:
        for column, cell in row.cells.items():
            if len(cell) > MOST:
                msg = (
                    f"{path.name}, row {row.number}, column {column!r}: {len(cell):,} characters; at"
                    f" most {MOST:,}"
                )
                raise StackError(msg)
    return table


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif encoding.lower().replace("-", "") == "utf8":
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except LookupError:
        msg = f"encoding {encoding!r} is not known to Python; try utf-8, utf-16 or cp1252"
        raise StackError(msg) from None
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        msg = (
            f"{path.name}, line {line}: not {encoding.removesuffix('-sig')}; save the file as UTF-8,"
            ' or say what it is, such as encoding = "cp1252"'
        )
        raise StackError(msg) from None


def _separated(path: Path, text: str) -> Table:
    before = csv.field_size_limit(max(len(text), 1))
    try:
        return _cells(path, text)
    except csv.Error as exc:
        msg = f"{path.name} cannot be read as CSV: {exc}"
        raise StackError(msg) from None
    finally:
        csv.field_size_limit(before)


def _cells(path: Path, text: str) -> Table:
    lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(path, text), strict=True)
    columns = tuple(name.strip() for name in next(lines, ()))
    _check_columns(path, columns)
    rows = []
    number = lines.line_num + 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            if len(cells) > len(columns):
                msg = (
                    f"{path.name}, row {number}: {len(cells)} cells for {len(columns)} columns; put"
                    " quotes around text that holds the separator"
                )
                raise StackError(msg)
            filled = {c: v for c, v in zip(columns, cells, strict=False) if v.strip()}
            rows.append(Row(number=number, cells=filled))
        number = lines.line_num + 1
    return Table(columns=columns, rows=tuple(rows))


def _delimiter(path: Path, text: str) -> str:
    """Give what separates the names of the first line: spreadsheets of some countries use ``;``."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _check_columns(path: Path, columns: tuple[str, ...]) -> None:
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    if twice:
        msg = f"{path.name}: two columns are called {twice[0]!r}"
        raise StackError(msg)


def _json_lines(path: Path, text: str) -> Table:
    rows, columns = [], dict[str, None]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            one = None
        if not isinstance(one, dict):
            msg = f"{path.name}, line {number}: expected a JSON object on one line"
            raise StackError(msg)
        columns |= dict.fromkeys(one)
        rows.append(Row(number=number, cells=_filled(one)))
    return Table(columns=tuple(columns), rows=tuple(rows))


def _parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        msg = "reading Parquet needs pyarrow: pip install 'dosimeter-harm-file[parquet]'"
        raise StackError(msg) from None
    try:
        table = parquet.read_table(path)
    except (ArrowException, OSError) as exc:
        msg = f"{path.name} cannot be read as Parquet ({type(exc).__name__})"
        raise StackError(msg) from None
    rows = enumerate(table.to_pylist(), 1)
    return Table(
        columns=tuple(table.column_names),
        rows=tuple(Row(number=n, cells=_filled(one)) for n, one in rows),
    )


def _filled(one: Mapping[str, Any]) -> dict[str, str]:
    """Give the values as text; what is missing, or blank, is left out."""
    texts = {k: v if isinstance(v, str) else _as_text(v) for k, v in one.items() if v is not None}
    return {k: v for k, v in texts.items() if v.strip()}


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
