"""What sinks are handed in place of the journal's reader: excerpts that were decided on before.

A sink that walks or pickles all it is given finds excerpts and nothing behind them.
"""

import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import fields, frozen

from dosimeter.contracts import Evidence, Excerpt
from dosimeter.jsontext import encode
from dosimeter.model.design import Intent
from dosimeter.withholding import Unseen

NAMES = tuple(a.name for a in fields(Excerpt))


@frozen(kw_only=True)
class Spooled:
    """Excerpts, one a line of a file of their own.

    Attributes:
        descriptor: Of the open file.
        unseen: How many of them show no reply.
    """

    descriptor: int
    unseen: Unseen = Unseen()

    def __iter__(self) -> Iterator[Excerpt]:
        """Start anew each time, whoever else reads."""
        for line in io.BufferedReader(_Anew(self.descriptor)):
            yield _read(line)


class _Anew(io.RawIOBase):
    """An open file read from its start, from no position that readers share."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = os.pread(self._descriptor, len(buffer), self._at)
        buffer[: len(read)] = read
        self._at += len(read)
        return len(read)


@contextmanager
def spooled(evidence: Evidence) -> Iterator[Spooled]:
    """Write *evidence* to a file without a name: no kill leaves replies behind."""
    unseen = Unseen()
    with tempfile.TemporaryFile() as file:
        for excerpt in evidence:
            unseen = unseen.and_one(excerpt.withheld)
            file.write(_line(excerpt))
        file.flush()
        yield Spooled(descriptor=file.fileno(), unseen=unseen)


def _line(excerpt: Excerpt) -> bytes:
    """Give the values alone: there may be hundreds of thousands, and nobody else reads them."""
    return encode([getattr(excerpt, name) for name in NAMES]) + b"\n"


def _read(line: bytes) -> Excerpt:
    """Undo `_line`: lists are tuples again."""
    held = dict(zip(NAMES, json.loads(line), strict=True))
    held["intent"] = Intent(held["intent"])
    for name in ("marks", "factors"):
        held[name] = tuple(map(tuple, held[name]))
    held["notes"] = tuple(held["notes"])
    if held["evidence"] is not None:
        held["evidence"] = tuple(held["evidence"])
    return Excerpt(**held)
