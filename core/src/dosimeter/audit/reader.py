"""A file of results, whatever it is, as rows with what its form brings along."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

from attrs import evolve

from dosimeter.audit import logs
from dosimeter.audit.files import (
    Row,
    Source,
    json_lines,
    json_whole,
    opened,
    separated,
    suffix_of,
)
from dosimeter.errors import AuditError
from dosimeter.inert import safe

FORMS = {".csv": "CSV", ".tsv": "TSV", ".jsonl": "JSON lines", ".ndjson": "JSON lines"}


@contextmanager
def reading(path: Path) -> Iterator[Source]:
    """Open a file of results and tell what it is.

    Raises:
        AuditError: If it cannot be read, or is nothing that is known.
    """
    suffix = suffix_of(path)
    name = safe(path.name)
    with opened(path) as text:
        if suffix == ".json":
            yield _whole(name, text)
        elif suffix in {".jsonl", ".ndjson"}:
            yield _lines(name, text)
        else:
            between = "\t" if suffix == ".tsv" else ""
            yield Source(name=name, form=FORMS[suffix], rows=separated(name, text, between))


def _lines(name: str, text: TextIO) -> Source:
    rows = json_lines(name, text)
    first = next(rows, None)
    if first is None:
        return Source(name=name, form=FORMS[".jsonl"], rows=iter(()))
    every: Iterator[Row] = chain([first], rows)
    known = logs.lines(first[1])
    if known is None:
        return Source(name=name, form=FORMS[".jsonl"], rows=every)
    notes: list[str] = []
    usual = known.usual
    if known is logs.GARAK:
        every = logs.garak(every, notes)
    elif "filter" not in first[1]:  # older logs
        usual = evolve(usual, group="")
    return Source(name=name, form=known.form, rows=every, usual=usual, notes=notes)


def _whole(name: str, text: TextIO) -> Source:
    found = json_whole(name, text)
    if isinstance(found, list):
        return Source(name=name, form="JSON list", rows=_entries(name, found))
    log = logs.document(found)
    if log is None:
        msg = (
            f"{name} is neither a list of objects nor a log of Inspect or promptfoo; write its rows as"
            " JSON lines (.jsonl)"
        )
        raise AuditError(msg)
    known, rows = log
    return Source(name=name, form=known.form, rows=rows, usual=known.usual, meanings=known.meanings)


def _entries(name: str, found: list[object]) -> Iterator[Row]:
    for number, one in enumerate(found, 1):
        if not isinstance(one, dict):
            msg = f"{name}, entry {number}: expected an object with a name for each cell"
            raise AuditError(msg)
        yield number, one
