"""What merged journals said differently under one id: kept in the union, so that its report says so."""

import sqlite3
import time
from collections.abc import Iterable

from attrs import frozen

from dosimeter.journal.events import Event
from dosimeter.journal.reader import Reader
from dosimeter.model.facts import MEASURING

RUNNING = "run"
"""Kind of conflicts about what may change on resume, a budget say: no answer is in doubt by them."""


@frozen(kw_only=True)
class Conflict:
    """Two journals say different things under one id.

    Attributes:
        kind: ``"call"``, ``"rating"``, ``"attempt"``, ``"item"``, ``"text"``, or a table's name.
        journals: The one whose content stands, then the one whose content was left out.
        what: In which respect they differ.
    """

    kind: str
    id: str
    journals: tuple[str, str]
    what: str

    def __str__(self) -> str:
        """Name what differs; not whose stands, as journals are moved."""
        return f"{self.kind} {self.id} ({self.what})"

    @property
    def doubts(self) -> bool:
        """Whether an answer or a mark may be in doubt: not by what may change on resume."""
        return self.kind != RUNNING

    @property
    def forks(self) -> bool:
        """Whether the journals measured with different code under one name."""
        measuring = self.id.partition("/")[0] in MEASURING
        return self.kind == "component" and measuring and "files_hash" in self.what


def write_conflicts(db: sqlite3.Connection, found: Iterable[Conflict]) -> None:
    """Write each as an event; other files of a part are a fork, as in a run that went on so."""
    at = time.time()
    db.executemany(
        "INSERT INTO event VALUES (?, ?, NULL, ?)",
        [
            (at, kind, str(one))
            for one in found
            for kind in ((Event.CONFLICT, Event.FORK) if one.forks else (Event.CONFLICT,))
        ],
    )


def read_conflicts(reader: Reader) -> list[str]:
    """Give what merged journals disagreed on, in words; of a run never merged, nothing."""
    sql = "SELECT DISTINCT code FROM event WHERE kind = ? ORDER BY code"
    return [code for (code,) in reader.rows(sql, (Event.CONFLICT,))]


def about_numbers(told: Iterable[str]) -> list[str]:
    """Give those of *told* that may bear on a number, not on how the shards were run alone."""
    return [one for one in told if not one.startswith(f"{RUNNING} ")]
