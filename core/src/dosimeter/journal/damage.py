"""Telling a damaged journal from a defect of dosimeter, and refusing to report from one."""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

from dosimeter.errors import DosimeterError, JournalError, JournalTooNew, RecordError
from dosimeter.journal.design import design
from dosimeter.journal.opening import connect, unwritable
from dosimeter.journal.reader import Reader
from dosimeter.journal.schema import placeholders, prepare
from dosimeter.model.conversation import Speaker, Stop
from dosimeter.model.design import Intent, Label
from dosimeter.model.doing import Stage
from dosimeter.model.rating import Aspect, Outcome, Scale, ScaleKind, SubjectKind
from dosimeter.model.work import State

NO_ROOM = ("FULL", "IOERR", "READONLY", "CANTOPEN", "PERM")
"""SQLite's errors that come of the place where the file is."""
OF_THE_SYSTEM = (*NO_ROOM, "BUSY", "LOCKED", "NOMEM", "INTERRUPT", "PROTOCOL", "AUTH")
"""SQLite's errors that tell nothing of what is in the file."""
LOST = {
    "an attempt that is done has no scope": (
        "attempt a WHERE a.state = 'done' AND NOT EXISTS (SELECT 1 FROM scope s WHERE s.id = a.id)"
    ),
    "a candidate has no call, or no attempt": (
        "candidate d WHERE NOT EXISTS (SELECT 1 FROM call c WHERE c.k = d.call)"
        " OR NOT EXISTS (SELECT 1 FROM attempt a WHERE a.k = d.attempt)"
    ),
    "a subject has no attempt": (
        "subject u WHERE u.attempt IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.k = u.attempt)"
    ),
    "a rating has no subject, or no rater": (
        "rating g WHERE NOT EXISTS (SELECT 1 FROM subject u WHERE u.k = g.subject)"
        " OR g.rater NOT IN (SELECT k FROM rater)"
    ),
}
"""What a report would silently leave out, and where it is found."""
BROKEN = {
    "a message has no parent": "message m WHERE m.parent NOT IN (SELECT k FROM message)",
    "a message has no text": "message m WHERE m.body NOT IN (SELECT k FROM blob)",
    "a call has no reply": "call c WHERE c.reply NOT IN (SELECT k FROM message)",
    "a call has no conversation": "call c WHERE c.leaf NOT IN (SELECT k FROM message)",
}
"""What reading a text runs into, so that it is looked for only then."""
REFERRING = ("attempt", "arm", "item")
WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("item", "intent"): Intent,
    ("item", "label"): Label,
    ("attempt", "state"): State,
    ("message", "speaker"): Speaker,
    ("call", "stop"): Stop,
    ("candidate", "stage"): Stage,
    ("subject", "kind"): SubjectKind,
    ("subject", "aspect"): Aspect,
    ("mark", "outcome"): Outcome,
}
KINDS = {"TEXT": "text", "BLOB": "blob", "INTEGER": "integer", "REAL": "real"}
"""By the type that a column is declared with: that of what is in it."""
FACTS = (b"stack", b"run", b"gates", b"raters", b"votes", b"skipped")
"""Keys of `run` whose values are JSON."""
BODIES = ("spec", "endpoint", "rater")
"""Tables with a column of JSON; of a panel it is a name."""


def damaged(path: Path, what: str) -> JournalError:
    """Give the error that says so, with what to do."""
    return JournalError(
        f"{path} is damaged ({what}); take an older copy, or save what can be read:"
        f" sqlite3 {path.name} .recover | sqlite3 saved.sqlite"
    )


@contextmanager
def reading(*paths: Path) -> Iterator[None]:
    """Hold code that reads the journals at *paths*, and no plugin's that may fail on its own.

    Raises:
        JournalError: In place of whatever came of damage, or of a disk that is full or may not be written.
    """
    try:
        yield
    except (JournalError, OSError):
        raise
    except Exception as exc:
        said = _words(exc)
        if isinstance(exc, DosimeterError) and not said:
            raise
        if isinstance(exc, sqlite3.Error) and _name(exc).startswith(NO_ROOM):
            raise unwritable(paths[-1], exc) from exc
        for path in paths:
            # Of several, the error's own words do not say which.
            what = _fault_in(path) if len(paths) > 1 else said or _fault_in(path)
            if what:
                raise damaged(path, what) from exc
        raise


def check_whole(reader: Reader) -> None:
    """Look, before a report is made, for what would make it wrong without a word. Reads no text.

    Raises:
        JournalError: If something refers to nothing, or a mark is off the scale of its rater.
    """
    check_references(reader)
    if not _sound(reader.run().get("stack", "null").encode(), structured=True):
        raise damaged(reader.path, "its stack cannot be read")
    what = _off_scale(reader)
    if what:
        msg = (
            f"{reader.path} cannot be reported: {what} as the journal declares it. Either the file is"
            " damaged, or that scale was changed while the rater kept its revision; take a copy from"
            " before, and raise the revision if it was that"
        )
        raise JournalError(msg)


def check_references(reader: Reader) -> None:
    """Look for what refers to nothing, and would be left out without a word.

    Raises:
        JournalError: If there is any.
    """
    what = _lost(reader.db)
    if what:
        raise damaged(reader.path, what)


def _words(exc: Exception) -> str:
    """Say what an error tells of the file; empty if it may have come of something else."""
    if isinstance(exc, UnicodeDecodeError):
        return "a text is no UTF-8"  # not the error's own words: it holds the text
    if isinstance(exc, RecordError):
        return str(exc)
    if not isinstance(exc, sqlite3.DatabaseError):
        return ""
    if _name(exc).startswith(("CORRUPT", "NOTADB", "FORMAT")):
        return str(exc)
    return "a text is no UTF-8" if "decode" in str(exc) else ""


def _name(exc: Exception) -> str:
    """Give SQLite's name of an error; empty if it has none."""
    return str(getattr(exc, "sqlite_errorname", "")).removeprefix("SQLITE_")


def _first(db: sqlite3.Connection, faults: Mapping[str, str]) -> str:
    """Give the first of *faults* that there is."""
    for what, where in faults.items():
        if db.execute(f"SELECT 1 FROM {where} LIMIT 1").fetchone():
            return what
    return ""


def _lost(db: sqlite3.Connection) -> str:
    if what := _first(db, LOST):
        return what
    for table in REFERRING:
        for _, _, parent, _ in db.execute(f"PRAGMA foreign_key_check({table})"):
            return f"a row of {table} has no {parent}"
    return ""


def _off_scale(reader: Reader) -> str:
    """Name a mark that its rater's scale does not have."""
    found = design(reader)
    real = {name for (_, name), scale in found.own.items() if scale.kind is ScaleKind.REAL}
    given = "FROM mark m LEFT JOIN rating g ON g.k = m.rating WHERE m.scale"
    kept = f"IN ({placeholders(len(real))})"
    rows = reader.rows(
        f"SELECT DISTINCT g.rater, m.scale, m.num, m.label {given} NOT {kept}", (*real,)
    ).fetchall()
    for end in ("min", "max") if real else ():
        one = f"SELECT g.rater, m.scale, {end}(m.num), NULL {given} {kept} GROUP BY 1, 2"
        rows += reader.rows(one, (*real,)).fetchall()
    names = {r.k: r.label for r in found.raters}
    for rater, name, number, label in rows:
        if rater is None:
            return "a mark has no rating"
        scale = found.own.get((rater, name))
        value = number if label is None else label
        if scale is not None and value is not None and _misfit(scale, value):
            return f"{names[rater]} has a mark {value!r}, which is off its scale {name!r}"
    return ""


def _misfit(scale: Scale, stored: float | str) -> bool:
    """Whether *scale* has no such value; numbers are stored as floats."""
    if isinstance(stored, str):
        return bool(scale.fault(stored))
    if scale.kind is ScaleKind.BOOLEAN:
        return stored not in {0.0, 1.0}
    whole = scale.kind is not ScaleKind.REAL and math.isfinite(stored) and stored == int(stored)
    return bool(scale.fault(int(stored) if whole else stored))


def _fault_in(path: Path) -> str:
    """Look through all of a journal for damage; empty if there is none that can be told."""
    try:
        with closing(connect(path, write=False)) as db:
            return _structure(db) or _lost(db) or _first(db, BROKEN) or _kinds(db) or _contents(db)
    except UnicodeDecodeError:
        return "a name is no UTF-8"
    except (sqlite3.DatabaseError, JournalTooNew) as exc:
        return "" if _name(exc).startswith(OF_THE_SYSTEM) else str(exc)
    except OSError:
        return ""


def _structure(db: sqlite3.Connection) -> str:
    (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        return str(said)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        prepare(new)
        ours, theirs = (_columns(one, "table", "view") for one in (new, db))
    other = [table for table, names in ours.items() if theirs.get(table) != names]
    return f"its table {other[0]} is not as it should be" if other else ""


def _columns(db: sqlite3.Connection, *kinds: str) -> dict[str, list[str]]:
    """Give the columns of each table, each view or both, in their order."""
    found: dict[str, list[str]] = {}
    for table, column in db.execute(
        "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
        f" WHERE t.type IN ({placeholders(len(kinds))}) ORDER BY t.name, c.cid",
        kinds,
    ):
        found.setdefault(table, []).append(column)
    return found


def _kinds(db: sqlite3.Connection) -> str:
    """Name a table with something of another type than its column is declared with."""
    for table, column, declared in db.execute(
        "SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
        " WHERE t.type = 'table'"
    ).fetchall():
        one = f"{table} WHERE typeof({column}) NOT IN ('{KINDS[declared]}', 'null')"
        if db.execute(f"SELECT 1 FROM {one} LIMIT 1").fetchone():
            return f"something in {table} is no {declared}"
    return ""


def _contents(db: sqlite3.Connection) -> str:
    tables = _columns(db, "table")
    db.text_factory = bytes
    for table, names in tables.items():
        for row in db.execute(f"SELECT * FROM {table}"):
            what = _of_row(table, dict(zip(names, row, strict=True)))
            if what:
                return what
    return ""


def _of_row(table: str, row: dict[str, object]) -> str:
    """Say what is wrong with a row of which texts are bytes."""
    for column, value in row.items():
        kind = WORDS.get((table, column))
        if kind and value not in {member.value.encode() for member in kind}:
            return f"{table}.{column} is none that there is"
    if table == "blob" and row["codec"] in {b"utf8", b"json"}:
        sound = _sound(row["bytes"], structured=row["codec"] == b"json")
    elif table == "run":
        sound = row["key"] not in FACTS or _sound(row["value"], structured=True)
    else:
        plain = table not in BODIES or row.get("kind") == b"panel"
        sound = plain or _sound(row["body"], structured=True)
    return "" if sound else f"a text of {table} cannot be read"


def _sound(data: object, *, structured: bool) -> bool:
    """Whether *data* is text, and JSON if it is to be."""
    if not isinstance(data, bytes):
        return False
    try:
        said = data.decode()
        if structured:
            json.loads(said)
    except ValueError:
        return False
    return True
