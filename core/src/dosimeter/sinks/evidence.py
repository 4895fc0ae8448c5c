"""What sinks are handed in place of the journal's reader: excerpts that were decided on before.

A sink that walks or pickles all it is given finds excerpts and nothing behind them.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import fields, frozen

from dosimeter.contracts import Evidence, Excerpt
from dosimeter.disclosure import Unseen
from dosimeter.jsontext import encode
from dosimeter.model.design import Intent

NAMES = tuple(a.name for a in fields(Excerpt))


@frozen(kw_only=True)
class Spooled:
    """Excerpts, one a line of a file of their own.

    Attributes:
        unseen: How many of them show no reply.
    """

    path: Path
    unseen: Unseen = Unseen()

    def __iter__(self) -> Iterator[Excerpt]:
        """Start anew each time."""
        with self.path.open("rb") as file:
            for line in file:
                yield _read(line)


@contextmanager
def spooled(evidence: Evidence) -> Iterator[Spooled]:
    """Write *evidence* to a file of mode 0600 that is gone afterwards."""
    unseen = Unseen()
    with tempfile.NamedTemporaryFile(prefix="dosimeter-", suffix=".jsonl") as file:
        for excerpt in evidence:
            unseen = unseen.and_one(excerpt.withheld)
            file.write(_line(excerpt))
        file.flush()
        yield Spooled(path=Path(file.name), unseen=unseen)


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
