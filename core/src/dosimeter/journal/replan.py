"""Making room for another plan where nothing came of the first."""

import sqlite3

from dosimeter.journal.events import Event
from dosimeter.journal.schema import placeholders

PLANNED = (
    "run", "component", "spec", "item", "item_factor", "item_link", "endpoint", "arm", "arm_factor",
    "attempt", "scope", "note", "candidate", "subject", "rater", "batch", "draw", "blob",
)  # fmt: skip
"""Tries stay: they were paid for. So do events, but those about the plan."""
OF_PLAN = (Event.FORK, Event.RATER_ADDED, Event.CONFLICT)


def answered(db: sqlite3.Connection) -> bool:
    """Whether anything was answered or said in a run: its plan stands from then on."""
    tables = ("call", "message", "rating")
    return any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables)


def forget_plan(db: sqlite3.Connection) -> bool:
    """Delete a plan of which nothing was answered or said; False, and nothing done, if something was.

    A run that never got an answer holds nothing that another design could be mixed with. It stays under
    the frozen plan that it was begun under.
    """
    if answered(db):
        return False
    db.execute("BEGIN IMMEDIATE")
    for table in PLANNED:
        kept = " WHERE key NOT IN ('seconds', 'plan_lock')" if table == "run" else ""
        db.execute(f"DELETE FROM {table}{kept}")
    db.execute(f"DELETE FROM event WHERE kind IN ({placeholders(len(OF_PLAN))})", OF_PLAN)
    db.execute("COMMIT")
    return True
