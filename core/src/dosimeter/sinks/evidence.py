"""What sinks are handed in place of the journal's reader: excerpts that were decided on before.

A sink that walks or pickles all it is given finds excerpts and nothing behind them.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from dosimeter.contracts import Evidence, Excerpt
from dosimeter.disclosure import Unseen
from dosimeter.serialize import from_json, to_json


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
                yield from_json(line, Excerpt)


@contextmanager
def spooled(evidence: Evidence) -> Iterator[Spooled]:
    """Write *evidence* to a file of mode 0600 that is gone afterwards."""
    unseen = Unseen()
    with tempfile.NamedTemporaryFile(prefix="dosimeter-", suffix=".jsonl") as file:
        for excerpt in evidence:
            unseen = unseen.and_one(excerpt.withheld)
            file.write(to_json(excerpt) + b"\n")
        file.flush()
        yield Spooled(path=Path(file.name), unseen=unseen)
