"""Rows of a run for other programs: CSV, JSON lines, Parquet; streamed, a row at a time."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from dosimeter.errors import StackError
from dosimeter.sinks.csvfile import line
from dosimeter.sinks.text import cell

if TYPE_CHECKING:
    import pyarrow as pa

Value = str | int | float | bool | tuple[str, ...] | None
Row = tuple[Value, ...]
Columns = Sequence[tuple[str, type]]
"""Names with what they hold: text, whole numbers, numbers, yes or no, or several texts (``tuple``)."""
ROWS = 10_000
"""Of a group in Parquet: what is held at once."""
ASCII = json.JSONEncoder(sort_keys=False).encode


def as_csv(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """Give a CSV file: nothing is empty, several values are parted by semicolons, no cell is a formula."""
    yield line([name for name, _ in columns])
    for row in rows:
        yield line([_field(value) for value in row])


def _field(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return cell("; ".join(value))
    return cell(value) if isinstance(value, str) else repr(value)


def as_json_lines(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """Give an object a line, every key in each; null for what is not known or withheld."""
    names = [name for name, _ in columns]
    for row in rows:
        yield ASCII(dict(zip(names, row, strict=True))).encode() + b"\n"


def as_parquet(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """Give a Parquet file, a group of rows at a time.

    Raises:
        StackError: If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as exc:
        msg = "writing Parquet needs pyarrow: pip install 'dosimeter[parquet]'"
        raise StackError(msg) from exc
    schema, out = _schema(pa, columns), _Pieces()
    with parquet.ParquetWriter(out, schema) as writer:
        left = iter(rows)
        while group := list(islice(left, ROWS)):
            held = [list(map(_whole, column)) for column in zip(*group, strict=True)]
            writer.write_table(pa.table(held, schema=schema))
            yield from out.take()
    yield from out.take()


def _schema(pa: Any, columns: Columns) -> "pa.Schema":  # noqa: ANN401  imported when needed
    kinds = {
        str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(),
        tuple: pa.list_(pa.string()),
    }  # fmt: skip
    return pa.schema([(name, kinds[kind]) for name, kind in columns])


def _whole(value: Value) -> Any:  # noqa: ANN401  what pyarrow takes
    """Give a value without lone surrogates, which UTF-8 does not have."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return [_whole(v) for v in value] if isinstance(value, tuple) else value


class _Pieces(io.RawIOBase):
    """A file that is written to, and taken away piece by piece."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401  any buffer
        piece = bytes(data)
        self._held.append(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def take(self) -> list[bytes]:
        """Give what was written since the last time."""
        held, self._held = self._held, []
        return held


FORMATS: dict[str, Callable[[Columns, Iterable[Row]], Iterator[bytes]]] = {
    ".csv": as_csv,
    ".jsonl": as_json_lines,
    ".parquet": as_parquet,
}
"""By the suffix of the file."""
