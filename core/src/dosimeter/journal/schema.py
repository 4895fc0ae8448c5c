"""Tables, views and migrations of the journal.

Integer keys join, 16-byte ids are what things are called outside. Free text is only in ``blob``.
The views are the public face: `docs/journal.md` documents them.
"""

import sqlite3
from collections.abc import Iterator, Mapping

from dosimeter.errors import JournalTooNew

VERSION = 3

TABLES = """
CREATE TABLE run(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE component(kind TEXT, id TEXT, distribution TEXT, version TEXT, files_hash TEXT,
  PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE spec(kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE blob(k INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, codec TEXT NOT NULL,
  bytes BLOB NOT NULL);
CREATE TABLE item(k INTEGER PRIMARY KEY, id TEXT NOT NULL, category TEXT NOT NULL,
  family TEXT NOT NULL, intent TEXT NOT NULL, language TEXT NOT NULL, label TEXT NOT NULL,
  stimulus BLOB NOT NULL, opening INTEGER NOT NULL REFERENCES blob(k),
  goal INTEGER REFERENCES blob(k), reference INTEGER REFERENCES blob(k), reference_schema TEXT,
  provenance TEXT NOT NULL, UNIQUE(category, id));
CREATE TABLE item_factor(item INTEGER, name TEXT, value TEXT, PRIMARY KEY(item, name)) WITHOUT ROWID;
CREATE TABLE item_link(item INTEGER, kind TEXT, other TEXT, PRIMARY KEY(item, kind, other)) WITHOUT ROWID;
CREATE TABLE endpoint(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
  provider TEXT NOT NULL, model TEXT NOT NULL, is_target INTEGER NOT NULL,
  language_model INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE arm(k INTEGER PRIMARY KEY, category TEXT NOT NULL, attack TEXT NOT NULL,
  variant_key TEXT NOT NULL, target INTEGER NOT NULL REFERENCES endpoint(k));
CREATE TABLE arm_factor(arm INTEGER, name TEXT, value TEXT, PRIMARY KEY(arm, name)) WITHOUT ROWID;
CREATE TABLE attempt(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
  item INTEGER NOT NULL REFERENCES item(k), arm INTEGER NOT NULL REFERENCES arm(k),
  repeat INTEGER NOT NULL, wave INTEGER NOT NULL DEFAULT 0, epoch INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'open', reason TEXT NOT NULL DEFAULT '');
CREATE TABLE scope(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL);
CREATE TABLE message(k INTEGER PRIMARY KEY, scope INTEGER NOT NULL, parent INTEGER,
  speaker TEXT NOT NULL, prefilled INTEGER NOT NULL, body INTEGER NOT NULL REFERENCES blob(k));
CREATE INDEX message_scope ON message(scope);
CREATE TABLE call(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, scope INTEGER NOT NULL,
  step INTEGER NOT NULL, idx INTEGER NOT NULL, ask TEXT NOT NULL, role TEXT NOT NULL,
  endpoint BLOB NOT NULL, leaf INTEGER, request_digest BLOB NOT NULL, reply INTEGER,
  stop TEXT NOT NULL, model TEXT, provider_ref TEXT, tokens_in INTEGER, tokens_out INTEGER,
  tokens_reasoning INTEGER, tokens_cached INTEGER, scores INTEGER REFERENCES blob(k),
  epoch INTEGER NOT NULL, cached INTEGER NOT NULL DEFAULT 0);
CREATE INDEX call_scope ON call(scope);
CREATE TABLE try(call BLOB NOT NULL, epoch INTEGER NOT NULL, n INTEGER NOT NULL,
  scope BLOB NOT NULL, endpoint BLOB NOT NULL, started REAL NOT NULL, seconds REAL NOT NULL,
  status TEXT NOT NULL, failure TEXT NOT NULL, tokens_in INTEGER, tokens_out INTEGER,
  used INTEGER NOT NULL DEFAULT 1, charged INTEGER NOT NULL, money REAL);
CREATE TABLE note(scope INTEGER NOT NULL, message INTEGER, kind TEXT NOT NULL, by TEXT NOT NULL,
  body INTEGER REFERENCES blob(k));
CREATE INDEX note_scope ON note(scope);
CREATE TABLE candidate(k INTEGER PRIMARY KEY, attempt INTEGER NOT NULL, leaf INTEGER NOT NULL,
  call INTEGER NOT NULL, stage TEXT NOT NULL, rank INTEGER NOT NULL, UNIQUE(attempt, leaf, rank));
CREATE TABLE subject(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL,
  attempt INTEGER, owner TEXT NOT NULL DEFAULT '', leaf INTEGER, call INTEGER,
  aspect TEXT NOT NULL, stage TEXT NOT NULL DEFAULT '');
CREATE INDEX subject_attempt ON subject(attempt);
CREATE TABLE rater(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
  kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE rating(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, subject INTEGER NOT NULL,
  rater INTEGER NOT NULL, vote INTEGER NOT NULL, batch INTEGER, supersedes BLOB,
  rationale INTEGER REFERENCES blob(k), confidence REAL);
CREATE INDEX rating_subject ON rating(subject);
CREATE INDEX rating_supersedes ON rating(supersedes) WHERE supersedes IS NOT NULL;
CREATE TABLE mark(rating INTEGER NOT NULL, scale TEXT NOT NULL, num REAL, label TEXT,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(rating, scale)) WITHOUT ROWID;
CREATE TABLE evidence(rating INTEGER NOT NULL, part INTEGER NOT NULL, start INTEGER NOT NULL,
  stop INTEGER NOT NULL);
CREATE INDEX evidence_rating ON evidence(rating);
CREATE TABLE batch(k INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, policy TEXT NOT NULL,
  seed INTEGER NOT NULL);
CREATE TABLE draw(batch INTEGER NOT NULL, subject INTEGER NOT NULL, pi REAL NOT NULL,
  ord INTEGER NOT NULL, served_at REAL, PRIMARY KEY(batch, subject)) WITHOUT ROWID;
CREATE TABLE event(at REAL NOT NULL, kind TEXT NOT NULL, endpoint BLOB, code TEXT NOT NULL);
"""

# A message of several parts is shown by its visible ones, as `Message.text` has it. SQLite makes bytes
# of a lone surrogate that crash readers, and ends a text at NUL: such a message is NULL, its hex beside.
_LONE = " OR ".join(f"instr(CAST(words AS BLOB), x'ED{n:02X}')" for n in range(0xA0, 0xC0))
_TEXT = f"""CASE b.codec WHEN 'utf8' THEN CAST(b.bytes AS TEXT) WHEN 'json' THEN
      (SELECT CASE WHEN instr(b.bytes, CAST('\\u0000' AS BLOB)) OR {_LONE} THEN NULL ELSE words END
      FROM (SELECT group_concat(json_extract(p.value, '$.text'), char(10)) AS words
      FROM json_each(CAST(b.bytes AS TEXT), '$.parts') p
      WHERE json_extract(p.value, '$.type') IN ('Text', 'Declined'))) END"""
_HEX = "CASE WHEN b.codec NOT IN ('utf8', 'purged') THEN lower(hex(b.bytes)) END"

VIEWS = f"""
CREATE VIEW attempts AS
  SELECT lower(hex(a.id)) AS attempt, t.name AS target, i.category, i.family, i.id AS item,
    i.intent, r.attack, r.variant_key AS variant, a.repeat, a.state, a.reason
  FROM attempt a JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm
    JOIN endpoint t ON t.k = r.target;
CREATE VIEW messages AS
  SELECT lower(hex(s.id)) AS scope, m.k AS message, m.parent, m.speaker, m.prefilled,
    {_TEXT} AS text, b.codec, {_HEX} AS hex
  FROM message m JOIN scope s ON s.k = m.scope JOIN blob b ON b.k = m.body;
CREATE VIEW calls AS
  SELECT lower(hex(c.id)) AS call, lower(hex(s.id)) AS scope, s.kind AS scope_kind, c.step, c.idx,
    c.role, e.name AS endpoint, c.stop, c.model, c.tokens_in, c.tokens_out, c.epoch, c.reply
  FROM call c JOIN scope s ON s.k = c.scope LEFT JOIN endpoint e ON e.id = c.endpoint;
CREATE VIEW tries AS
  SELECT lower(hex(t.call)) AS call, lower(hex(t.scope)) AS scope, e.name AS endpoint, t.epoch,
    t.n, t.started, t.seconds, t.status, t.failure, t.tokens_in, t.tokens_out, t.used
  FROM try t LEFT JOIN endpoint e ON e.id = t.endpoint;
CREATE VIEW replies AS
  SELECT lower(hex(a.id)) AS attempt, t.name AS target, i.category, i.family, i.intent, r.attack,
    r.variant_key AS variant, a.repeat, c.stop, c.model,
    {_TEXT} AS reply, b.codec, {_HEX} AS hex
  FROM candidate d JOIN attempt a ON a.k = d.attempt JOIN item i ON i.k = a.item
    JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target JOIN call c ON c.k = d.call
    LEFT JOIN message m ON m.k = d.leaf AND d.leaf IS NOT c.leaf LEFT JOIN blob b ON b.k = m.body;
CREATE VIEW marks AS
  SELECT lower(hex(a.id)) AS attempt, t.name AS target, i.category, i.family, i.intent, r.attack,
    r.variant_key AS variant, a.repeat, u.kind AS subject, w.name AS rater, g.vote, m.scale,
    m.num, m.label, m.outcome, m.reason, w.kind AS rater_kind, lower(hex(u.id)) AS subject_id,
    lower(hex(g.id)) AS rating, lower(hex(b.id)) AS batch, d.pi,
    EXISTS(SELECT 1 FROM rating h WHERE h.supersedes = g.id) AS superseded
  FROM mark m JOIN rating g ON g.k = m.rating JOIN rater w ON w.k = g.rater
    JOIN subject u ON u.k = g.subject JOIN attempt a ON a.k = u.attempt
    JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target
    LEFT JOIN batch b ON b.k = g.batch LEFT JOIN draw d ON d.batch = g.batch AND d.subject = u.k;
CREATE VIEW draws AS
  SELECT lower(hex(b.id)) AS batch, b.policy, lower(hex(u.id)) AS subject_id, u.kind AS subject,
    lower(hex(a.id)) AS attempt, d.pi, d.ord, d.served_at,
    (SELECT count(*) FROM rating g WHERE g.subject = d.subject AND g.batch = d.batch) AS ratings
  FROM draw d JOIN batch b ON b.k = d.batch JOIN subject u ON u.k = d.subject
    LEFT JOIN attempt a ON a.k = u.attempt;
CREATE VIEW progress AS
  SELECT t.name AS target, i.category, i.intent, r.attack, a.state, count(*) AS attempts,
    count(DISTINCT i.family) AS families
  FROM attempt a JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm
    JOIN endpoint t ON t.k = r.target GROUP BY 1, 2, 3, 4, 5;
"""

NAMES = ("attempts", "messages", "calls", "tries", "replies", "marks", "draws", "progress")
_NO_VIEWS = "".join(f"DROP VIEW IF EXISTS {name};" for name in NAMES)
NEW_VIEWS = _NO_VIEWS + VIEWS
"""What a step that changes views alone does: tables stay as they are."""
OTHER_ARMS = f"""{_NO_VIEWS}
CREATE TABLE arm_3(k INTEGER PRIMARY KEY, category TEXT NOT NULL, attack TEXT NOT NULL,
  variant_key TEXT NOT NULL, target INTEGER NOT NULL REFERENCES endpoint(k));
INSERT INTO arm_3 SELECT k, category, attack, variant_key, target FROM arm;
DROP TABLE arm;
ALTER TABLE arm_3 RENAME TO arm;
{VIEWS}"""
"""Lets arms differ in their factors alone."""
MIGRATIONS: dict[int, str] = {1: NEW_VIEWS, 2: OTHER_ARMS}
"""From a version to the next; each a script."""


def placeholders(n: int) -> str:
    """Give the marks that *n* values are bound to, for ``VALUES`` and ``IN``."""
    return ",".join("?" * n)


def check_version(db: sqlite3.Connection, version: int = VERSION) -> int:
    """Give the schema version of a journal; 0 if it is empty.

    Raises:
        JournalTooNew: If a later version wrote it.
    """
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > version:
        msg = (
            f"the journal has schema {found}, this dosimeter knows {version}; "
            "upgrade dosimeter to read it"
        )
        raise JournalTooNew(msg)
    return found


def prepare(
    db: sqlite3.Connection,
    *,
    version: int = VERSION,
    migrations: Mapping[int, str] = MIGRATIONS,
) -> None:
    """Create the tables, or bring an older journal up to *version*: all of it or nothing.

    Raises:
        JournalTooNew: If a later version wrote it.
    """
    if check_version(db, version) == version:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        found = check_version(db, version)  # another process may have been first
        steps = [TABLES, VIEWS] if found == 0 else [migrations[v] for v in range(found, version)]
        for statement in (one for script in steps for one in _statements(script)):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={version}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """Cut a script: `executescript` would end the transaction that it is to be part of."""
    held = ""
    for piece in script.split(";"):
        held += piece + ";"
        if sqlite3.complete_statement(held):
            if held.strip(" \n;"):
                yield held
            held = ""
