"""Beginning conversations anew whose text was deleted before they ended.

A script, search or judge goes on from the answers that the journal has. A deleted one is none, so
a conversation that lacks one does not go on. What was asked in it may be deleted: it is asked anew.
"""

import sqlite3
import time

from dosimeter.journal.events import Event

UNENDED = """
CREATE TEMP TABLE anew AS
SELECT s.k, s.id FROM scope s LEFT JOIN attempt a ON a.id = s.id
WHERE (s.kind = 'attempt' AND a.state NOT IN ('done', 'no-candidate')
    OR s.kind = 'rating' AND s.id NOT IN (SELECT id FROM rating))
  AND (EXISTS (SELECT 1 FROM message m JOIN blob b ON b.k = m.body
      WHERE m.scope = s.k AND b.codec = 'purged' AND NOT m.prefilled
        AND m.speaker NOT IN ('system', 'user'))
    OR EXISTS (SELECT 1 FROM call c JOIN blob b ON b.k = c.scores
      WHERE c.scope = s.k AND b.codec = 'purged'))
"""


def begin_anew(db: sqlite3.Connection) -> int:
    """Forget what unended attempts and ratings were answered, if an answer was deleted.

    Their tries stay, as they were paid for. To be called before anything is asked.

    Returns:
        Of how many.
    """
    db.execute("BEGIN IMMEDIATE")
    db.execute(UNENDED)
    (n,) = db.execute("SELECT count(*) FROM temp.anew").fetchone()
    if n:
        for table in ("call", "note", "message"):
            db.execute(f"DELETE FROM {table} WHERE scope IN (SELECT k FROM temp.anew)")
        db.execute("UPDATE try SET used = 0 WHERE scope IN (SELECT id FROM temp.anew)")
        begun = (time.time(), Event.BEGUN_ANEW, str(n))
        db.execute("INSERT INTO event VALUES (?, ?, NULL, ?)", begun)
    db.execute("DROP TABLE temp.anew")
    db.execute("COMMIT")
    return int(n)
