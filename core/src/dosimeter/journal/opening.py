"""Opening a journal: to write, to read, and as it was left by an earlier version."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from dosimeter.errors import JournalError, JournalTooNew
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.resting import check_unchanged, disturb
from dosimeter.journal.schema import VERSION, check_version, prepare

PATIENCE = 1.0
"""Seconds that one waits for a journal that is only looked into."""
NO_INDEX = ("SQLITE_READONLY", "SQLITE_CANTOPEN")
"""How the names of errors begin that come of a folder that may not be written."""


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open a journal file; a new one is created with mode 0600.

    One of an older version is brought up to this one, also if it is only to be read.

    Raises:
        FileNotFoundError: If it is to be read and is not there.
        JournalTooNew: If a later version wrote it.
        JournalError: If an earlier version wrote it and it cannot be brought up, its latest entries
            cannot be read without writing, or it is to be written and is not as it was left.
        RunLocked: If an engine is at work in it, which may be of that version.
    """
    if path.is_dir():
        msg = f"{path} is a folder; a run's journal is a file in it, {path / 'journal.sqlite'}"
        raise JournalError(msg)
    if not path.exists():
        if not write:
            msg = f"no journal at {path}"
            raise FileNotFoundError(msg)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        disturb(path)  # of one that was removed
    try:
        db = _to_write(path) if write else _to_read(path)
        if not write and 0 < check_version(db) < VERSION:
            _bring_up(path)
    except JournalTooNew as exc:
        msg = f"{path}: {exc}"
        raise JournalTooNew(msg) from exc
    db.execute("PRAGMA temp_store=MEMORY")
    return db


def peek(path: Path) -> sqlite3.Connection:
    """Open a journal that nobody named: it is neither brought up nor waited for.

    Raises:
        JournalTooNew: If a later version wrote it.
        sqlite3.Error: If it cannot be read now.
    """
    db = sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro", uri=True, timeout=PATIENCE)
    try:
        check_version(db)
    except BaseException:
        db.close()
        raise
    return db


def unwritable(path: Path, exc: sqlite3.Error) -> JournalError:
    """Give the error that says that the system did not let a journal be written, and what to do."""
    return JournalError(
        f"{path} cannot be written ({exc}); make room or give leave, and type the same command again"
    )


def overwrite(db: sqlite3.Connection) -> None:
    """Let *db* write over what it deletes, which not every SQLite does, and which costs time."""
    db.execute("PRAGMA secure_delete=ON")


def _opened(name: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(name, uri=uri, isolation_level=None, check_same_thread=False, timeout=30)


def _to_write(path: Path) -> sqlite3.Connection:
    check_unchanged(path)
    db = _opened(str(path))
    check_version(db)  # this makes its log, which tells whoever would leave a sum
    disturb(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA wal_autocheckpoint=4000")
    prepare(db)
    for name in (f"{path}-wal", f"{path}-shm"):
        if Path(name).exists():
            Path(name).chmod(0o600)
    return db


def _to_read(path: Path) -> sqlite3.Connection:
    """Open a journal to read it; where nothing may be written beside it, as a file that rests.

    SQLite writes an index beside a journal even to read it. Where it cannot, and no engine left
    anything in the write-ahead log, there is nothing that such an index would tell.

    Raises:
        JournalError: If there is something in the write-ahead log that cannot be read so.
    """
    uri = f"file:{quote(os.fsencode(path))}?mode=ro"
    db = _opened(uri, uri=True)
    try:
        check_version(db)
    except sqlite3.Error as exc:
        db.close()
        if not exc.sqlite_errorname.startswith(NO_INDEX):
            raise
    else:
        return db
    path.open("rb").close()  # says so if the journal itself may not be read
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        msg = (
            f"{path} cannot be read where nothing may be written: its latest entries are in {log.name}"
            f" still; copy {path.name} and {log.name} to a folder that may be written"
        )
        raise JournalError(msg)
    return _opened(f"{uri}&immutable=1", uri=True)


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
