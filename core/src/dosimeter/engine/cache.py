"""Answers of earlier runs, kept on this machine: the same attempt is not paid for twice.

An answer is named by all that it depends on, call id included, which has the run's seed and the repeat in
it: no two repeats are handed one sample. What cannot be read is a miss, and never an error.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

import structlog
from attrs import frozen

from dosimeter.errors import JournalError, RecordError
from dosimeter.ids import digest
from dosimeter.model.conversation import Reply
from dosimeter.model.work import CallDone, Endpoint
from dosimeter.serialize import from_json, to_json

NAME = "answers-1.sqlite"
"""With the number of its form: another form is another file."""
TABLES = """
CREATE TABLE IF NOT EXISTS answer(k INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, call BLOB NOT NULL,
  model TEXT NOT NULL, drawn INTEGER NOT NULL, used INTEGER NOT NULL, body BLOB NOT NULL,
  sum BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS answer_used ON answer(used);
CREATE INDEX IF NOT EXISTS answer_call ON answer(call);
"""
MOST_BYTES = 10**9
DAY = 86400
PATIENCE, LONG_PATIENCE = 0.1, 30.0
"""Seconds that a run, and somebody who deletes, waits for another process."""
LAST_PATIENCE_MS = 3000
"""For what a session writes at its end."""
BATCH, MOST_WAITING = 64, 4096
BREAKAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


@frozen(kw_only=True)
class Kept:
    """An answer, and when it was drawn: Unix time, seconds."""

    reply: Reply
    drawn: int


@frozen(kw_only=True)
class OfModel:
    """What is kept of one model."""

    model: str
    answers: int
    bytes: int
    oldest: int


def cache_file(environ: Mapping[str, str]) -> Path:
    """Say where answers are kept, by what the environment names."""
    own = environ.get("DOSIMETER_CACHE_DIR")
    if own:
        return Path(os.path.expanduser(own)) / NAME  # noqa: PTH111  pathlib raises for a user unknown
    usual = environ.get("XDG_CACHE_HOME") or f"{environ.get('HOME', '.')}/.cache"
    return Path(usual) / "dosimeter" / NAME


def answer_key(request_digest: str, call_id: str, files_hash: str) -> str:
    """Name an answer: endpoint and request, the call with its repeat and seed, and the provider's files."""
    return digest("answer", (request_digest, call_id, files_hash))


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
    try:
        db.execute("PRAGMA secure_delete=ON")
        db.execute("PRAGMA synchronous=OFF")  # what a loss of power breaks is a miss
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'answer_call'").fetchone():
            db.executescript(TABLES)
    except BaseException:
        db.close()
        raise
    return db


def _broken(exc: sqlite3.Error) -> bool:
    return getattr(exc, "sqlite_errorname", "") in BREAKAGE


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    """Open the file; one that is broken is thrown away.

    Raises:
        OSError: If there can be none, as with `sqlite3.Error`.
    """
    try:
        return _connect(path, patience)
    except sqlite3.DatabaseError as exc:
        if not _broken(exc):
            raise
    path.unlink(missing_ok=True)
    return _connect(path, patience)


def checksum(key: bytes, drawn: int, body: bytes) -> bytes:
    """Tell an answer that a disk or a hand has changed."""
    return hashlib.blake2b(key + str(drawn).encode() + body, digest_size=16).digest()


class Cache:
    """The answers that a session takes and leaves; two processes may use one file.

    Args:
        path: The file.
        days: Older answers are not taken.
        hashes: Hash of the files of each provider, by its id.
        most: Bytes; past them the answers that were used longest ago go.
        clock: Unix time, seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        days: float,
        hashes: Mapping[str, str],
        most: int = MOST_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._days, self._hashes, self._most = path, days, hashes, most
        self._clock = clock
        self._new: list[tuple[object, ...]] = []
        self._used: list[tuple[int, bytes]] = []
        self._db: sqlite3.Connection | None = None
        try:
            self._db = _opened(path, PATIENCE)
        except (OSError, sqlite3.Error) as exc:
            self._tell(exc)

    def get(self, endpoint: Endpoint, request_digest: str, call_id: str) -> Kept | None:
        """Give the answer to a call; None if there is none that is whole and young enough."""
        if self._db is None:
            return None
        key = bytes.fromhex(self._key(endpoint, request_digest, call_id))
        now = self._clock()
        try:
            row = self._db.execute(
                "SELECT drawn, body, sum FROM answer WHERE key = ? AND drawn >= ?",
                (key, now - self._days * DAY),
            ).fetchone()
            if row is None or checksum(key, *row[:2]) != row[2]:
                return None
            kept = Kept(reply=from_json(row[1], Reply), drawn=row[0])
        except sqlite3.Error as exc:
            self._fail(exc)
            return None
        except (RecordError, TypeError):
            return None
        self._used.append((int(now), key))
        return kept

    def put(self, endpoint: Endpoint, done: CallDone) -> None:
        """Keep the answer of a call."""
        if self._db is None or len(self._new) >= MOST_WAITING:
            return
        key = bytes.fromhex(self._key(endpoint, done.request_digest, done.id))
        now, body = int(self._clock()), to_json(done.reply)
        model = f"{endpoint.provider}/{endpoint.model}"
        self._new.append(
            (key, bytes.fromhex(done.id), model, now, now, body, checksum(key, now, body))
        )
        if len(self._new) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits; where another process is at it, that is done later."""
        if self._db is None or not (self._new or self._used):
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(
                    "INSERT OR REPLACE INTO answer(key, call, model, drawn, used, body, sum)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)", self._new
                )  # fmt: skip
                self._db.executemany("UPDATE answer SET used = ? WHERE key = ?", self._used)
                self._make_room(self._db)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as exc:
            self._fail(exc)
            return
        self._new.clear()
        self._used.clear()

    def close(self) -> None:
        """Write what waits, and let the file go."""
        if self._db is not None:
            self._db.execute(f"PRAGMA busy_timeout = {LAST_PATIENCE_MS}")
        self.flush()
        if self._db is not None:
            self._db.close()
            self._db = None

    def _make_room(self, db: sqlite3.Connection) -> None:
        while _bytes(db) > self._most:
            done = db.execute(
                "DELETE FROM answer WHERE k IN (SELECT k FROM answer ORDER BY used, k"
                " LIMIT (SELECT count(*) / 8 + 1 FROM answer))"
            )
            if not done.rowcount:
                return

    def _key(self, endpoint: Endpoint, request_digest: str, call_id: str) -> str:
        return answer_key(request_digest, call_id, self._hashes.get(endpoint.provider, ""))

    def _fail(self, exc: sqlite3.Error) -> None:
        """Go on without a file that is broken; one that is busy is left for later."""
        if not _broken(exc):
            return
        self._tell(exc)
        if self._db is not None:
            self._db.close()
            self._db = None
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _tell(self, exc: BaseException) -> None:
        structlog.get_logger().warning("cache.unusable", file=str(self._path),
                                       error=type(exc).__name__)  # fmt: skip


def _bytes(db: sqlite3.Connection) -> int:
    """Give the bytes in use; what was deleted is room within the file."""
    pages, free, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def contents(path: Path) -> tuple[OfModel, ...]:
    """Say what is kept, by model; nothing where there is no file, or a broken one."""
    if not path.exists():
        return ()
    with closing(_deleting(path)) as db:
        rows = db.execute(
            "SELECT model, count(*), sum(length(body)), min(drawn) FROM answer GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return tuple(OfModel(model=m, answers=n, bytes=b, oldest=at) for m, n, b, at in rows)


def clear(path: Path, *, drawn_before: float | None = None) -> int:
    """Delete answers, or those that were drawn before a time; give how many."""
    if not path.exists():
        return 0
    with closing(_deleting(path)) as db:
        before = float("inf") if drawn_before is None else drawn_before
        gone = db.execute("DELETE FROM answer WHERE drawn < ?", (before,)).rowcount
        db.execute("VACUUM")
    return gone


def forget(path: Path, calls: Iterable[bytes]) -> int:
    """Delete the answers of *calls*, by the ids that they have in a journal; give how many."""
    if not path.exists():
        return 0
    with closing(_deleting(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        gone = sum(
            db.execute("DELETE FROM answer WHERE call = ?", (call,)).rowcount for call in calls
        )
        db.execute("COMMIT")
    return gone


def _deleting(path: Path) -> sqlite3.Connection:
    """Open the file for somebody who must know that it was done.

    Raises:
        JournalError: If it cannot be had now.
    """
    try:
        return _opened(path, LONG_PATIENCE)
    except sqlite3.Error as exc:
        msg = f"the cache {path} cannot be opened ({exc}); end what uses it, or delete the file"
        raise JournalError(msg) from exc
