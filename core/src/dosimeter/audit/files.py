"""Files of results as rows, one at a time: of whatever size, one row is held."""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from attrs import field, frozen

from dosimeter.audit.columns import Cells, Columns, shown
from dosimeter.errors import AuditError
from dosimeter.inert import safe

Row = tuple[int, Cells]
"""Number, as a person counts it in the file, and cells."""
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
"""Of files that are read, each with .gz behind it too."""
SEPARATORS = ",;\t"
MOST = 1 << 26
"""Characters of one cell."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")
OTHERWISE = {
    ".eval": "is Inspect's binary log: `inspect log convert --to json` makes a .json of it",
    ".xlsx": "is an Excel workbook: save it as CSV UTF-8",
    ".parquet": "is Parquet: write it as CSV or JSON lines first",
}
"""Files of results that are not read, and what to do about them."""


@frozen(kw_only=True)
class Source:
    """A file that is being read.

    Attributes:
        name: Of the file.
        form: What it was taken for.
        rows: Its rows, to be gone through once.
        usual: Columns that are taken where none is named.
        meanings: Of values of the outcome, where its program has words of its own.
        notes: What a reader of the report has to know of how it was read; filled while rows are.
    """

    name: str
    form: str
    rows: Iterator[Row] = field(repr=False)
    usual: Columns = Columns()
    meanings: tuple[tuple[str, str], ...] = ()
    notes: list[str] = field(factory=list)


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a file as text, unpacked if it is packed.

    Raises:
        AuditError: If it cannot be read, or is no text.
    """
    name = safe(path.name)
    try:
        with path.open("rb") as raw:
            start = raw.read(2)
            raw.seek(0)
            inner: Any = gzip.GzipFile(fileobj=raw) if start == b"\x1f\x8b" else raw
            if inner is not raw:
                start = inner.read(2)
                inner.seek(0)
            codec = "utf-16" if start in UTF16 else "utf-8-sig"
            with TextIOWrapper(inner, encoding=codec, newline="") as text:
                yield text
    except OSError as exc:
        if isinstance(exc, gzip.BadGzipFile):
            raise AuditError(_broken(name)) from None
        msg = f"{path} cannot be read: {exc.strerror or exc}"
        raise AuditError(msg) from None
    except (EOFError, zlib.error):
        raise AuditError(_broken(name)) from None
    except UnicodeDecodeError:
        msg = f"{name} is no text in UTF-8; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        raise AuditError(msg) from None


def _broken(name: str) -> str:
    return f"{name} is packed and broken, or cut off; fetch it again"


def suffix_of(path: Path) -> str:
    """Give the suffix of a file, without that of packing.

    Raises:
        AuditError: If it is none that is read.
    """
    names = [s.lower() for s in path.suffixes]
    end = next((s for s in reversed(names) if s != ".gz"), "")
    if end not in SUFFIXES:
        why = OTHERWISE.get(end, f"ends in none of {', '.join(SUFFIXES)} (nor these with .gz)")
        msg = f"{safe(path.name)} {why}"
        raise AuditError(msg)
    return end


def separated(name: str, lines: TextIO, between: str = "") -> Iterator[Row]:
    """Give rows of cells; *between* is what separates them, found out if empty.

    Raises:
        AuditError: If they do not make a table; with the row.
    """
    first = lines.readline()
    between = between or max(SEPARATORS, key=first.count)
    before = csv.field_size_limit(MOST)
    try:
        reader = csv.reader(chain([first], lines), delimiter=between, strict=True)
        head = [one.strip() for one in next(reader, [])]
        twice = sorted({c for c in head if c and head.count(c) > 1})
        if twice:
            msg = f"{name}: two columns are called {shown(twice[0])}; rename one"
            raise AuditError(msg)
        yield from _records(name, reader, head)
    finally:
        csv.field_size_limit(before)


def _records(name: str, reader: Any, head: list[str]) -> Iterator[Row]:  # noqa: ANN401  of csv
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            msg = (
                f'{name}, row {number}: a quotation mark begins a cell that does not end with one; write ""'
                " for a mark within a cell"
            )
            raise AuditError(msg) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells[len(head) :]):
            msg = (
                f"{name}, row {number}: {len(cells)} cells for {len(head)} columns; put quotes around text"
                " that holds the separator"
            )
            raise AuditError(msg)
        if any(cell.strip() for cell in cells):
            padded = cells + [""] * (len(head) - len(cells))
            yield number, {c: v for c, v in zip(head, padded, strict=False) if c}


def json_lines(name: str, lines: TextIO) -> Iterator[Row]:
    """Give the objects of a file that has one a line.

    Raises:
        AuditError: For a line that is none; with its number.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            one = None
        if not isinstance(one, dict):
            whole = "; name a whole JSON document .json" if line.strip() in {"[", "{"} else ""
            msg = f"{name}, line {number}: expected a JSON object on one line{whole}"
            raise AuditError(msg)
        yield number, one


def json_whole(name: str, text: TextIO) -> Any:  # noqa: ANN401  JSON
    """Give what a JSON document holds; it is held whole.

    Raises:
        AuditError: If it is none.
    """
    try:
        return json.load(text)
    except RecursionError:
        msg = f"{name} is nested too deeply to be results"
        raise AuditError(msg) from None
    except UnicodeDecodeError:
        raise
    except ValueError as exc:
        line = f", line {exc.lineno}" if isinstance(exc, json.JSONDecodeError) else ""
        msg = f"{name}{line}: no JSON; a file with one object a line is named .jsonl"
        raise AuditError(msg) from None
