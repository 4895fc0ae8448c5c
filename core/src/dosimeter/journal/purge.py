"""Deleting texts while ratings stay."""

from pathlib import Path

from dosimeter.journal.lock import engine_lock
from dosimeter.journal.store import Store

# Whatever a search sent after the first answer of its attempt may quote it, in the same conversation
# or in a new one; so may all that other models than the target were sent. What the target was sent
# before anything was answered quotes nothing, and stays, as does each line of a script. A judge's
# question quotes what it asks about, token scores and notes the tokens themselves.
DONE = """
WITH RECURSIVE
  first(k) AS (
    SELECT c.leaf FROM call c JOIN scope s ON s.k = c.scope
    WHERE s.kind = 'attempt' AND c.role = 'target'
      AND c.step = (SELECT min(e.step) FROM call e WHERE e.scope = c.scope)
    UNION SELECT m.parent FROM first JOIN message m ON m.k = first.k WHERE m.parent IS NOT NULL),
  kept(body) AS (
    SELECT m.body FROM first JOIN message m ON m.k = first.k
    UNION SELECT m.body FROM call c JOIN message m ON m.k = c.leaf JOIN scope s ON s.k = c.scope
      JOIN attempt a ON a.id = s.id JOIN arm r ON r.k = a.arm
      JOIN spec p ON p.kind = 'attack' AND p.id = r.attack
    WHERE NOT coalesce(json_extract(p.body, '$.search'), 0))
UPDATE blob SET codec = 'purged', bytes = x'' WHERE codec != 'purged' AND k IN (
  SELECT body FROM message WHERE body NOT IN (SELECT body FROM kept)
  UNION SELECT m.body FROM message m WHERE m.speaker = 'assistant' AND NOT m.prefilled
  UNION SELECT m.body FROM message m JOIN scope s ON s.k = m.scope WHERE s.kind = 'rating'
  UNION SELECT rationale FROM rating WHERE rationale IS NOT NULL
  UNION SELECT scores FROM call WHERE scores IS NOT NULL
  UNION SELECT body FROM note WHERE body IS NOT NULL)
"""


def purge_replies(journal: Path) -> int:
    """Delete the text of every reply and of all that may quote one; give the number of texts.

    Deleted are replies and rationales, all that raters' models were sent or said, token scores,
    notes, and in attempts every message but the lines of scripts and what the target was sent before
    anything was answered. Those stay, as do items with their openings, goals and references, and the target's
    system prompt.

    Estimates are made of ratings, so a report is the same before and after.
    """
    with engine_lock(journal):
        store = Store(journal)
        try:
            store.db.execute("PRAGMA secure_delete = ON")
            deleted = store.db.execute(DONE).rowcount
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.db.execute("VACUUM")
        finally:
            store.close()
    return deleted
