"""Who rates: declared, waited for, and taken back where a rater broke down."""

import json
import time
from collections.abc import Sequence

from dosimeter.journal.events import Event
from dosimeter.journal.store import Store
from dosimeter.model.rating import PERSON, UNDECLARED

BROKEN = "(m.reason LIKE 'error:%' OR m.reason LIKE 'judge:%')"
"""Of marks *m*: that a rater, or the endpoint that a judge asked, broke down."""
UNASKED = (
    "(m.reason IN ('empty', 'reply-failed') OR m.reason LIKE 'blocked:%'"
    f" OR m.reason LIKE '{UNDECLARED}:%')"
)
"""Of marks *m*: that the core gave them, and the rater was not asked."""


def declare(store: Store, rater_id: str, name: str, kind: str, body: str) -> None:
    """Declare a rater, once; one that comes after the plan is an event (`rater-added`).

    Until it has given marks it is what it was last declared to be.
    """
    before = declared(store, rater_id)
    if before is None:
        store.db.execute(
            "INSERT INTO rater(id, name, kind, body) VALUES (?, ?, ?, ?)",
            (bytes.fromhex(rater_id), name, kind, body),
        )
        if store.db.execute("SELECT 1 FROM run WHERE key = 'planned'").fetchone():
            store.event(time.time(), Event.RATER_ADDED, None, rater_id)
    elif before != body and not gave_marks(store, rater_id):
        store.db.execute("UPDATE rater SET body = ? WHERE id = ?", (body, bytes.fromhex(rater_id)))


def declared(store: Store, rater_id: str) -> str | None:
    """Give a rater's spec as the journal has it, in JSON; None if it has none."""
    row = store.db.execute(
        "SELECT body FROM rater WHERE id = ?", (bytes.fromhex(rater_id),)
    ).fetchone()
    return None if row is None else str(row[0])


def expect(store: Store, rater_ids: Sequence[str]) -> None:
    """Count raters besides the stack's for whether the run is complete.

    Until the stack is run again, which counts its own. A journal that does not say counts all.
    """
    row = store.db.execute("SELECT value FROM run WHERE key = 'raters'").fetchone()
    if row:
        told = json.dumps(sorted({*json.loads(row[0]), *rater_ids}))
        store.db.execute("UPDATE run SET value = ? WHERE key = 'raters'", (told,))


def reopen(store: Store, rater_id: str) -> int:
    """Take back ratings in which a rule or judge broke down, so that they are made again.

    What a broken rater leaves says nothing of a reply; attempts that failed are asked again too.
    The replies stay. Gives the number of ratings.
    """
    broken = (
        "SELECT g.k FROM rating g JOIN rater w ON w.k = g.rater WHERE w.id = ? AND"
        f" w.kind != '{PERSON}' AND NOT EXISTS (SELECT 1 FROM mark m WHERE m.rating = g.k AND NOT"
        f" (m.outcome = 'failed' AND {BROKEN}))"
    )
    ks = store.db.execute(broken, (bytes.fromhex(rater_id),)).fetchall()
    for table, key in (("mark", "rating"), ("evidence", "rating"), ("rating", "k")):
        store.db.executemany(f"DELETE FROM {table} WHERE {key} = ?", ks)
    if ks:
        store.event(time.time(), Event.RERATED, None, rater_id)
    return len(ks)


def gave_marks(store: Store, rater_id: str) -> bool:
    """Say whether marks stand that *rater_id* gave itself, rather than the core in its place."""
    own = (
        "SELECT 1 FROM rater w JOIN rating g ON g.rater = w.k JOIN mark m ON m.rating = g.k"
        f" WHERE w.id = ? AND NOT {BROKEN} AND NOT {UNASKED} LIMIT 1"
    )
    return store.db.execute(own, (bytes.fromhex(rater_id),)).fetchone() is not None


def code_gave_marks(store: Store, spec_id: str, revision: int) -> bool:
    """Say the same of a spec's code, whatever options it had."""
    ids = store.db.execute(
        "SELECT lower(hex(id)) FROM rater WHERE json_extract(body, '$.id') = ? AND kind != ?"
        " AND coalesce(json_extract(body, '$.revision'), 1) = ?",
        (spec_id, PERSON, revision),
    ).fetchall()
    return any(gave_marks(store, rater_id) for (rater_id,) in ids)
