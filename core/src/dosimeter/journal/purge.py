"""Deleting texts while ratings stay."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from attrs import evolve, field, frozen

from dosimeter.errors import JournalError
from dosimeter.journal.damage import check_references, reading
from dosimeter.journal.design import design
from dosimeter.journal.events import Event
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.opening import overwrite
from dosimeter.journal.reader import Reader
from dosimeter.journal.schema import placeholders
from dosimeter.journal.store import Store

DAY = 86400.0
PICKED = "CREATE TEMP TABLE picked AS SELECT a.k FROM attempt a JOIN scope s ON s.id = a.id WHERE "
# An attempt is as old as its last try, or as an answer that an earlier run drew; else as its run.
OLD = """
coalesce(nullif(max(coalesce((SELECT max(t.started) FROM try t WHERE t.scope = a.id), 0),
    coalesce((SELECT max(c.cached) FROM call c WHERE c.scope = s.k), 0)), 0),
  (SELECT CAST(strftime('%s', value) AS REAL) FROM run WHERE key = 'created'), 0) < ?
"""
SEVERE = """
EXISTS (SELECT 1 FROM subject u JOIN rating g ON g.subject = u.k JOIN mark m ON m.rating = g.k
  WHERE u.attempt = a.k AND m.num >= ? AND m.scale IN ({}))
"""
# The items' and the stack's own words: what the target was sent before anything was answered, and
# each line of a script. They quote nothing, and stay also where a reply, a rater or a search says the
# same, which tells nothing more. So does a text without a word.
OWN = """
  first(k) AS (
    SELECT c.leaf FROM call c JOIN scope s ON s.k = c.scope
    WHERE s.kind = 'attempt' AND c.role = 'target'
      AND c.step = (SELECT min(e.step) FROM call e WHERE e.scope = c.scope)
    UNION SELECT m.parent FROM first JOIN message m ON m.k = first.k WHERE m.parent IS NOT NULL),
  own(body) AS (
    SELECT k FROM blob WHERE codec = 'utf8' AND length(bytes) = 0
    UNION SELECT opening FROM item UNION SELECT goal FROM item WHERE goal IS NOT NULL
    UNION SELECT reference FROM item WHERE reference IS NOT NULL
    UNION SELECT m.body FROM first JOIN message m ON m.k = first.k
    UNION SELECT m.body FROM call c JOIN message m ON m.k = c.leaf JOIN scope s ON s.k = c.scope
      JOIN attempt a ON a.id = s.id JOIN arm r ON r.k = a.arm
      JOIN spec p ON p.kind = 'attack' AND p.id = r.attack
    WHERE NOT coalesce(json_extract(p.body, '$.search'), 0))
"""
ANSWER = "s.kind = 'attempt' AND m.speaker = 'assistant' AND NOT m.prefilled"
"""What makes a message *m* of a scope *s* the words of a reply, for a query's WHERE."""
# Attempts whose ratings, notes and token scores quote what is deleted: those that were chosen, and
# those with the same words.
QUOTED = f"""
CREATE TEMP TABLE quoted AS
WITH RECURSIVE {OWN},
  gone(body) AS (
    SELECT k FROM blob WHERE codec = 'purged'
    UNION SELECT k FROM temp.doomed
    UNION SELECT m.body FROM temp.picked p JOIN attempt a ON a.k = p.k JOIN scope s ON s.id = a.id
      JOIN message m ON m.scope = s.k
    WHERE {ANSWER} AND m.body NOT IN (SELECT body FROM own))
SELECT k FROM temp.picked
UNION SELECT a.k FROM attempt a JOIN scope s ON s.id = a.id JOIN message m ON m.scope = s.k
WHERE {ANSWER} AND m.body IN (SELECT body FROM gone)
"""
# What a judge was asked, and has not answered yet, belongs to no rating: it goes with any attempt.
SCOPES = """
CREATE TEMP TABLE scopes AS
SELECT s.k FROM temp.picked p JOIN attempt a ON a.k = p.k JOIN scope s ON s.id = a.id
UNION SELECT s.k FROM temp.quoted q JOIN subject u ON u.attempt = q.k
  JOIN rating g ON g.subject = u.k JOIN scope s ON s.id = g.id
UNION SELECT s.k FROM scope s WHERE s.kind = 'rating' AND s.id NOT IN (SELECT id FROM rating)
"""
# Whatever a search sent after the first answer of its attempt may quote it, in the same conversation
# or in a new one; so may all that other models than the target were sent. What an attempt none
# of whose replies goes was sent stays, unless it is a reply that goes. A judge's question quotes what it
# asks about, token scores and notes the tokens themselves.
DOOMED = f"""
CREATE TEMP TABLE doomed AS
WITH RECURSIVE {OWN},
  noted(k) AS (
    SELECT k FROM temp.scopes
    UNION SELECT s.k FROM temp.quoted q JOIN attempt a ON a.k = q.k JOIN scope s ON s.id = a.id),
  kept(body) AS (
    SELECT m.body FROM message m JOIN scope s ON s.k = m.scope
    WHERE s.kind = 'attempt' AND m.scope NOT IN (SELECT k FROM noted)
      AND (m.speaker != 'assistant' OR m.prefilled)),
  said AS (
    SELECT m.body, {ANSWER} OR s.kind = 'rating' AS quotes
    FROM message m JOIN scope s ON s.k = m.scope WHERE s.k IN (SELECT k FROM temp.scopes))
SELECT k FROM blob WHERE codec != 'purged' AND k NOT IN (SELECT body FROM own) AND k IN (
  SELECT body FROM said WHERE quotes OR body NOT IN (SELECT body FROM kept)
  UNION SELECT g.rationale FROM temp.quoted q JOIN subject u ON u.attempt = q.k
    JOIN rating g ON g.subject = u.k WHERE g.rationale IS NOT NULL
  UNION SELECT scores FROM call WHERE scores IS NOT NULL AND scope IN (SELECT k FROM noted)
  UNION SELECT body FROM note WHERE body IS NOT NULL AND scope IN (SELECT k FROM noted)
  UNION SELECT * FROM (SELECT k FROM blob EXCEPT SELECT body FROM message
    EXCEPT SELECT scores FROM call EXCEPT SELECT body FROM note EXCEPT SELECT rationale FROM rating))
"""
# Attempts whose replies were all deleted, but for those that are own words: those that a purge chose.
CHOSEN = f"""
WITH RECURSIVE {OWN}
SELECT s.id FROM scope s JOIN message m ON m.scope = s.k JOIN blob b ON b.k = m.body
WHERE {ANSWER} AND m.body NOT IN (SELECT body FROM own)
GROUP BY s.k HAVING min(b.codec = 'purged')
"""
# A text is stored once: one that was a reply somewhere goes everywhere.
REPLIES = """
WITH RECURSIVE
  up(call, leaf, m) AS (
    SELECT c.k, c.leaf, c.reply FROM call c JOIN scope s ON s.k = c.scope
    WHERE s.kind = 'attempt' AND c.reply IS NOT c.leaf
    UNION ALL SELECT up.call, up.leaf, m.parent FROM up JOIN message m ON m.k = up.m
    WHERE m.parent IS NOT up.leaf),
  gone(call) AS (
    SELECT DISTINCT up.call FROM up JOIN message m ON m.k = up.m WHERE m.body IN ({})),
  submitted(call) AS (
    SELECT d.call FROM candidate d JOIN attempt a ON a.k = d.attempt
    WHERE a.state = 'done' AND d.call IN (SELECT call FROM gone))
SELECT (SELECT count(*) FROM submitted),
  (SELECT count(*) FROM gone WHERE call NOT IN (SELECT call FROM submitted))"""
SHARED = """,
  (SELECT count(*) FROM gone JOIN call c ON c.k = gone.call
    WHERE c.scope NOT IN (SELECT k FROM temp.scopes))"""
KEPT = """
SELECT count(DISTINCT d.call) FROM temp.picked p JOIN attempt a ON a.k = p.k
  JOIN candidate d ON d.attempt = a.k JOIN call c ON c.k = d.call
  JOIN message m ON m.k = d.leaf JOIN blob b ON b.k = m.body
WHERE a.state = 'done' AND d.leaf IS NOT c.leaf AND b.codec != 'purged' AND length(b.bytes) > 0
  AND b.k NOT IN (SELECT k FROM temp.doomed)
"""
PURGE = """
UPDATE blob SET codec = 'purged', bytes = x'' WHERE k IN (SELECT k FROM temp.doomed)
"""
PURGED_CALLS = """
SELECT id FROM call WHERE scope IN
  (SELECT m.scope FROM message m JOIN blob b ON b.k = m.body WHERE b.codec = 'purged')
"""
BUSY_MS = 3000
AGAIN = {"deleted": "purge", "sealed": "seal", "opened": "open"}
"""What to call again where the file could not be written anew."""


@frozen(kw_only=True)
class Gone:
    """What was deleted.

    Attributes:
        replies: Submitted replies, those that a report counts as deleted.
        others: Further replies in attempts: on the way, of branches that a search gave up, and of
            attempts that have not ended.
        shared: Of both, those of attempts that were not chosen: they were the same words.
        kept: Submitted replies that were asked for and stay: they are an item's or a prompt's words.
        texts: All texts, replies and what may quote them; the same words are one.
        chosen: Attempts that were asked for, whether or not they had a text.
        attempts: All of the run.
        calls: Ids of those that a deleted text may be found by, of earlier purges too: all of the scopes
            that had one.
    """

    replies: int = 0
    others: int = 0
    shared: int = 0
    kept: int = 0
    texts: int = 0
    chosen: int = 0
    attempts: int = 0
    calls: Sequence[bytes] = field(default=(), eq=False, repr=False)


def deleted_replies(reader: Reader) -> int:
    """Count the submitted replies that the journal no longer has, as a report does."""
    if not reader.rows("SELECT 1 FROM event WHERE kind = ?", (Event.PURGED,)).fetchone():
        return 0
    sql = REPLIES.format("SELECT k FROM blob WHERE codec = 'purged'")
    return int(reader.rows(sql).fetchone()[0])


def purge_replies(
    journal: Path,
    *,
    older_than: float | None = None,
    severity: float | None = None,
    reports: Sequence[Path] = (),
    now: float | None = None,
) -> Gone:
    """Delete the text of replies and of all that may quote one.

    Deleted are replies and rationales, all that raters' models were sent or said, token scores,
    notes, and in attempts every message but the lines of scripts and what the target was sent before
    anything was answered. Those stay, as do items with their openings, goals and references, and the
    target's system prompt, also where a reply is the same words.

    Whatever is chosen, texts go too that belong to nothing any more, as nobody knows whose they were.
    Estimates are made of ratings, so a report is the same before and after.

    Args:
        journal: The file.
        older_than: Only of attempts whose last try is older than this, in days.
        severity: Only of attempts with a mark of this or more on a scale of hazard.
        reports: Files that may quote replies, removed if anything is deleted, and before it is: if
            this is killed, it can be done again.
        now: Unix time, seconds; None takes the clock's.

    Raises:
        FileNotFoundError: If there is no journal.
        RunLocked: If an engine is at work in it.
        JournalError: If it is damaged, so that something could be missed; if somebody reads it, so that
            its file keeps the bytes for the time being.
    """
    before = (
        None if older_than is None else (time.time() if now is None else now) - DAY * older_than
    )
    with reading(journal), closing(Reader(journal)) as reader:
        check_references(reader)  # of what refers to nothing nobody knows what it quotes
        hazard = sorted(s.name for s in design(reader).scales.values() if s.hazard)
    with reading(journal), engine_lock(journal), closing(Store(journal)) as store:
        db = store.db
        overwrite(db)
        db.execute("BEGIN IMMEDIATE")
        pick(db, before, severity, hazard)
        doom(db)
        gone = counted(db)
        if gone.texts:
            for path in reports:
                path.unlink(missing_ok=True)
            db.execute(PURGE)
            store.event(time.time(), Event.PURGED, None, _asked(older_than, severity))
        calls = [raw for (raw,) in db.execute(PURGED_CALLS)]
        db.execute("COMMIT")
        compact(db, journal)
    return evolve(gone, calls=calls)


def chosen(db: sqlite3.Connection) -> set[bytes]:
    """Give the ids of the attempts whose replies a journal had deleted."""
    return {raw for (raw,) in db.execute(CHOSEN)}


def purge_union(db: sqlite3.Connection, ids: Iterable[bytes]) -> bool:
    """Delete in a union what may quote replies that one of its journals had deleted.

    Args:
        db: The union, in a transaction; `compact` is to follow it.
        ids: Of the attempts that were `chosen` in any journal.

    Returns:
        Whether anything was deleted.
    """
    if not db.execute("SELECT 1 FROM blob WHERE codec = 'purged' LIMIT 1").fetchone():
        return False
    db.execute("CREATE TEMP TABLE picked(k INTEGER)")
    db.executemany(
        "INSERT INTO temp.picked SELECT k FROM attempt WHERE id = ?", [(raw,) for raw in ids]
    )
    doom(db)
    return db.execute(PURGE).rowcount > 0


def doom(db: sqlite3.Connection) -> None:
    """List what goes with the attempts that were chosen.

    What goes, a prompt of a search or a judge's words, may be the reply of another attempt, and is
    quoted there: so until nothing more goes.
    """
    db.execute("CREATE TEMP TABLE doomed(k INTEGER)")
    before, count = -1, 0
    while count > before:
        for table in ("quoted", "scopes"):
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute(QUOTED)
        db.execute(SCOPES)
        db.execute("DROP TABLE temp.doomed")
        db.execute(DOOMED)
        before, (count,) = count, db.execute("SELECT count(*) FROM temp.doomed").fetchone()


def counted(db: sqlite3.Connection) -> Gone:
    """Count what is listed to go."""
    replies, others, shared = db.execute(
        (REPLIES + SHARED).format("SELECT k FROM temp.doomed")
    ).fetchone()
    (kept,) = db.execute(KEPT).fetchone()
    texts, chosen, attempts = (
        db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("temp.doomed", "temp.picked", "attempt")
    )
    return Gone(
        replies=replies, others=others, shared=shared, kept=kept, texts=texts, chosen=chosen,
        attempts=attempts,
    )  # fmt: skip


def _asked(older_than: float | None, severity: float | None) -> str:
    told = [f"older-than {older_than:g}"] if older_than is not None else []
    told += [f"severity {severity:g}"] if severity is not None else []
    return " ".join(told) or "all"


def compact(db: sqlite3.Connection, journal: Path, what: str = "deleted") -> None:
    """Write the file anew, so that neither it nor its log holds what was deleted, or sealed.

    Raises:
        JournalError: If another program reads it.
    """
    db.execute("VACUUM")
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    (busy, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        msg = (
            f"the texts are {what}, but their bytes are in the file of {journal} still, as another"
            f" program is reading it; end that program, then {AGAIN[what]} again"
        )
        raise JournalError(msg)


def pick(
    db: sqlite3.Connection, before: float | None, severity: float | None, hazard: Sequence[str]
) -> None:
    """Choose the attempts: all, or those that every condition given holds of."""
    clauses: list[str] = ["1"]
    values: list[float | str] = []
    if before is not None:
        clauses.append(OLD)
        values.append(before)
    if severity is not None:
        clauses.append(SEVERE.format(placeholders(len(hazard))))
        values += [severity, *hazard]
    db.execute(PICKED + " AND ".join(clauses), values)
