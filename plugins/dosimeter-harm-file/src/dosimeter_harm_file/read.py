"""A file of any kind that is read, as a table."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dosimeter import StackError
from dosimeter_harm_file.decode import AS_CSV, decoded
from dosimeter_harm_file.separated import separated
from dosimeter_harm_file.table import Row, Table
from dosimeter_harm_file.words import plain, shown

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
OTHERWISE = dict.fromkeys((".xlsx", ".xlsm", ".xls"), AS_CSV) | {
    ".json": "is read line by line: write each row as a JSON object on one, and end the name in .jsonl",
    ".txt": "has no columns: write prompt into a line above the others, and end the name in .tsv",
}
"""Files that people keep requests in, and how they become such as are read."""
MOST = 1_000_000
"""Characters of one cell; what is longer is no request."""
KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


def read(path: Path, encoding: str, *, sure: bool = False) -> Table:
    """Read a file by its suffix.

    Args:
        path: Of the file.
        encoding: Of its text.
        sure: Whether it is that although it could be UTF-8.

    Raises:
        StackError: If it is not there, is empty, or cannot be read; with the row where there is one.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        ends = f"expected a file that ends in {', '.join(SUFFIXES)}"
        known = f"{path.name} {OTHERWISE[suffix]} ({ends})" if suffix in OTHERWISE else ""
        msg = known or f"{path.name}: {ends}"
        raise StackError(msg)
    try:
        data = path.read_bytes()
    except OSError as exc:
        msg = f"{path} cannot be read: {exc.strerror}; give its path from the stack's folder"
        raise StackError(msg) from None
    table = _table(path, data, encoding, sure=sure)
    if not table.rows:
        msg = f"{path.name} has no rows"
        raise StackError(msg)
    _check_lengths(path.name, table)
    return table


def _table(path: Path, data: bytes, encoding: str, *, sure: bool) -> Table:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet(path)
    text = decoded(path.name, data, encoding, sure=sure)
    if "json" in suffix:
        return _json_lines(path.name, text)
    return separated(path.name, text, "\t" if suffix == ".tsv" else "")


def _check_lengths(name: str, table: Table) -> None:
    for row in table.rows:
        for column, cell in row.cells.items():
            if len(cell) > MOST:
                msg = (
                    f"{name}, row {row.number}, column {shown(column)}: {len(cell):,} characters; at"
                    f" most {MOST:,}"
                )
                raise StackError(msg)


def _json_lines(name: str, text: str) -> Table:
    rows, columns = [], dict[str, None]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            one = None
        if not isinstance(one, dict):
            of_list = (
                "; write each entry of the list on one" if text.lstrip().startswith("[") else ""
            )
            msg = f"{name}, line {number}: expected a JSON object on one line{of_list}"
            raise StackError(msg)
        rows.append(_row(number, one))
        columns |= dict.fromkeys(map(plain, one))
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
    rows = tuple(_row(n, one) for n, one in enumerate(table.to_pylist(), 1))
    return Table(columns=tuple(map(plain, table.column_names)), rows=rows)


def _row(number: int, one: Mapping[str, Any]) -> Row:
    """Give the values as text; what is missing, or blank, is left out."""
    named = {plain(k): v for k, v in one.items()}
    texts = {k: _as_text(v) for k, v in named.items()}
    return Row(
        number=number,
        cells={k: v for k, v in texts.items() if v.strip()},
        no_texts={k: KINDS[type(v)] for k, v in named.items() if type(v) in KINDS},
    )


def _as_text(value: object) -> str:
    """Give a value as text; numbers of a column with blanks are floats to pandas, and meant whole."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
