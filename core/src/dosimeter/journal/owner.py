"""Whether what a run's models said is encrypted for the run's owner (decision 0051)."""

import sqlite3
from pathlib import Path

from dosimeter.errors import JournalError

KEY = "sealed"
"""Of the fact of `run` that says so: salt and name of the key."""


def sealed(db: sqlite3.Connection) -> tuple[bytes, str] | None:
    """Give salt and name of the key of a journal that is sealed; None for one that is open."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'").fetchone():
        return None
    row = db.execute("SELECT value FROM run WHERE key = ?", (KEY,)).fetchone()
    if row is None:
        return None
    salt, _, name = row[0].partition(":")
    return bytes.fromhex(salt), name


def check_open(db: sqlite3.Connection, journal: Path) -> None:
    """Refuse to go on with, to rate or to merge a journal that is sealed.

    Raises:
        JournalError: If it is.
    """
    if sealed(db) is not None:
        msg = (
            f"{journal} is sealed: what its models said is encrypted, and no text may be added or gone on"
            " from; open it first: dosimeter runs seal RUN --open --secret NAME"
        )
        raise JournalError(msg)
