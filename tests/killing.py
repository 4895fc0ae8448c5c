"""Killing a command at a moment, and naming what it had been answered by then."""

import sqlite3
import time

from benchmarks.server import entries

from dosimeter.asking import PROVIDER_SEED_BITS
from dosimeter.ids import derive_seed

BOUND = 0.05
"""Seconds within which an answer must be durable."""


def seeds(project):
    """Name every call of the journal as the ledger does: by the seed that was sent."""
    rows = project.rows("SELECT call FROM calls")
    found = [derive_seed(call, bits=PROVIDER_SEED_BITS) for (call,) in rows]
    assert len(found) == len(set(found))
    return set(found)


def kill(process):
    """End *process* as nothing can be refused; give when."""
    now = time.time()
    process.kill()
    process.communicate()
    return now


def kill_after(project, ledger, seconds):
    """Start a run, kill it *seconds* after its first answer; give begin and end of its life."""
    before, began = len(entries(ledger)), time.time()
    process = project.start("--quiet")
    while process.poll() is None and len(entries(ledger)) == before:
        time.sleep(0.002)
    time.sleep(seconds)
    return began, kill(process)


def await_change(process, look):
    """Wait until *look* gives something else than it gave, or *process* is at its end."""
    first = look()
    while process.poll() is None and look() == first:
        time.sleep(0.001)


def count(project, table):
    """Count the rows of a table of a journal that may not be there yet."""
    try:
        return project.rows(f"SELECT count(*) FROM {table}")[0][0]
    except sqlite3.OperationalError:
        return 0
