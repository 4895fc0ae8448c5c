"""Deleting texts while ratings stay."""

from pathlib import Path

from dosimeter.journal.lock import engine_lock
from dosimeter.journal.store import Store

# A later turn quotes what was said before it, a judge's question what it asks about, token scores
# and notes the tokens themselves.
DONE = """
UPDATE blob SET codec = 'purged', bytes = x'' WHERE codec != 'purged' AND k IN (
  SELECT m.body FROM message m WHERE m.speaker = 'assistant' AND NOT m.prefilled
  UNION SELECT m.body FROM message m JOIN scope s ON s.k = m.scope WHERE s.kind = 'rating'
  UNION SELECT rationale FROM rating WHERE rationale IS NOT NULL
  UNION SELECT scores FROM call WHERE scores IS NOT NULL
  UNION SELECT body FROM note WHERE body IS NOT NULL)
"""


def purge_replies(journal: Path) -> int:
    """Delete the text of every reply and of all that quotes one; give the number of texts.

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
