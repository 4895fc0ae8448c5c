"""The sum of a journal that rests, by which a byte that changed since is told.

SQLite keeps no sum of what it stores: a bit that turned over in a number is another number. Whoever held
the engine role leaves the sum of the file beside it, as ``sha256sum`` writes it; whoever writes takes it
away first. So there is none while somebody writes, after a vote, and of a run that was killed.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from dosimeter.errors import JournalError

SUM = ".sum"
"""What stands after a journal's name in that of its sum."""


def sum_of(path: Path) -> Path:
    """Give the file that has the sum of the journal at *path*."""
    return path.with_name(path.name + SUM)


def check_unchanged(path: Path) -> None:
    """Hold a journal that rests against its sum. Not while this process has it open.

    To open and close a file lets go of the locks that SQLite holds on it for this process.

    Raises:
        JournalError: If it is not as it was left.
    """
    told = _kept(path)
    if told is None or _being_written(path) or told == _line(path) or told != _kept(path):
        return
    msg = (
        f"{path} is damaged (it is not as dosimeter left it, by {sum_of(path).name}); take an older"
        f" copy of both. If you changed or replaced it yourself and mean it, delete {sum_of(path).name}"
    )
    raise JournalError(msg)


def disturb(path: Path) -> None:
    """Take the sum away: the journal is open and about to be written."""
    sum_of(path).unlink(missing_ok=True)


def settle(path: Path) -> None:
    """Leave the sum of a journal that nobody has open any more; none if somebody has.

    One that is there still is left alone: nobody wrote, and a file that was refused would look sound.
    """
    log, kept = path.with_name(f"{path.name}-wal"), sum_of(path)
    with suppress(OSError):  # a sum more: the journal itself is written
        if kept.exists() or log.exists() or not path.exists() or not path.stat().st_size:
            return
        before = path.stat()
        new = kept.with_name(f"{kept.name}.new")
        new.touch(mode=0o600)
        new.write_bytes(_line(path))
        new.replace(kept)
        # A writer that opened meanwhile has a log; one that came and went has changed the file.
        if log.exists() or path.stat().st_mtime_ns != before.st_mtime_ns:
            disturb(path)


def _being_written(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _kept(path: Path) -> bytes | None:
    try:
        return sum_of(path).read_bytes()
    except FileNotFoundError:
        return None


def _line(path: Path) -> bytes:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{found}  {path.name}\n".encode()
