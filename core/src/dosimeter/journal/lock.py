"""One engine a run. Readers and voters do not ask.

The lock is an exclusive transaction on a file of its own, so it goes when its process goes, kill
-9 included.
"""

import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dosimeter.errors import RunLocked
from dosimeter.journal.resting import settle

LOCK, HOLDER = ".lock", ".holder"
"""What stands after a journal's name in those of the lock and of the word on who holds it."""


@contextmanager
def engine_lock(journal: Path) -> Iterator[None]:
    """Hold the engine role of *journal*; at its end leave the sum of what it is by then.

    Raises:
        RunLocked: If another engine holds it; the message names it.
    """
    journal = journal.resolve()  # one lock a file, whatever it is called
    path = journal.with_name(journal.name + LOCK)
    holder = journal.with_name(journal.name + HOLDER)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None, timeout=0.2)
    try:
        db.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as exc:
        db.close()
        who = holder.read_text() if holder.exists() else "an unknown process"
        msg = f"{journal.parent} is being run by {who}; wait for it, or stop it and run again"
        raise RunLocked(msg) from exc
    try:
        holder.touch(mode=0o600)
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        yield
    finally:
        settle(journal)
        holder.unlink(missing_ok=True)
        db.close()
