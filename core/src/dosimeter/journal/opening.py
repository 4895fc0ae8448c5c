"""Opening a journal: to write, to read, and as it was left by an earlier version."""

import sqlite3
from pathlib import Path

from dosimeter.errors import JournalError
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.schema import VERSION, check_version, prepare


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open a journal file; a new one is created with mode 0600.

    One of an older version is brought up to this one, also if it is only to be read.

    Raises:
        FileNotFoundError: If it is to be read and is not there.
        JournalTooNew: If a later version wrote it.
        JournalError: If an earlier version wrote it and it cannot be brought up.
        RunLocked: If an engine is at work in it, which may be of that version.
    """
    if not path.exists():
        if not write:
            msg = f"no journal at {path}"
            raise FileNotFoundError(msg)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    db = sqlite3.connect(
        path if write else f"file:{path}?mode=ro", uri=not write, isolation_level=None,
        check_same_thread=False, timeout=30,
    )  # fmt: skip
    if write:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA wal_autocheckpoint=4000")
        prepare(db)
        for name in (f"{path}-wal", f"{path}-shm"):
            if Path(name).exists():
                Path(name).chmod(0o600)
    elif 0 < check_version(db) < VERSION:
        _bring_up(path)
    db.execute("PRAGMA temp_store=MEMORY")
    return db


def _bring_up(path: Path) -> None:
    """Migrate a journal that somebody wants to read."""
    try:
        with engine_lock(path):
            connect(path, write=True).close()
    except (OSError, sqlite3.Error) as exc:
        msg = (
            f"{path} was written by an earlier dosimeter and must be brought to schema {VERSION}"
            f" before it is read, but cannot be written ({exc}); copy it to a folder where it can"
        )
        raise JournalError(msg) from exc
