"""Encrypting what models and raters said for a run's owner, and opening it again.

What is sealed is what a purge would delete. Numbers stay, and so do all estimates.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

from dosimeter.errors import JournalError
from dosimeter.journal.damage import check_references, reading
from dosimeter.journal.events import Event
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.opening import overwrite
from dosimeter.journal.owner import KEY, sealed
from dosimeter.journal.purge import compact, counted, doom, pick
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store, blob_name
from dosimeter.model.work import OPEN, Seal
from dosimeter.vault import SEALED, Vault, fingerprint, owner_seal

SALT, DIGEST = 16, 16
"""Bytes of a salt, and of a digest that is in the clear."""
CHUNK = 500
OWNED = f"codec = '{SEALED}' AND substr(bytes, 1, 8) = :name"


@frozen(kw_only=True)
class Changed:
    """What was sealed, or opened.

    Attributes:
        replies: Submitted replies; *others* further ones.
        kept: Submitted replies that stay readable: they are an item's or a prompt's words.
        texts: All texts, replies and what may quote them; the same words are one.
    """

    replies: int = 0
    others: int = 0
    kept: int = 0
    texts: int = 0


def seal_replies(journal: Path, secret: str, *, reports: Sequence[Path] = ()) -> Changed:
    """Encrypt the replies of a run and all that may quote one.

    One transaction: a kill leaves all of it or nothing, and the same call goes on, also where texts
    are sealed and the file still has their old bytes.

    Args:
        journal: The file.
        secret: Of the run's owner.
        reports: Files that may quote replies; removed before anything is sealed.

    Raises:
        FileNotFoundError: If there is no journal.
        RunLocked: If an engine is at work in it.
        JournalError: If it is damaged, or sealed with another secret; if somebody reads it, so that its
            file keeps the bytes for the time being.
        StackError: If the secret is too short.
    """
    with reading(journal), closing(Reader(journal)) as reader:
        check_references(reader)  # of what refers to nothing nobody knows what it quotes
    with _transaction(journal, "sealed") as store:
        db = store.db
        held = sealed(db)
        salt = held[0] if held else os.urandom(SALT)
        owner = _owner(secret, salt, held, journal)
        vault = Vault([owner])  # what it lacks is said before anything is changed
        done = _doomed(db)
        for path in reports if done.texts else ():
            path.unlink(missing_ok=True)
        if held is None:
            fact = (KEY, f"{salt.hex()}:{fingerprint(owner)}")
            db.execute("INSERT INTO run VALUES (?, ?)", fact)
            store.event(time.time(), Event.SEALED, None, "replies")
        _encrypt(db, vault, owner)
    return done


def open_replies(journal: Path, secret: str) -> Changed:
    """Undo `seal_replies`: the journal is again what it was, but for its events.

    Raises:
        As `seal_replies` does; also if the journal is not sealed.
    """
    with _transaction(journal, "opened") as store:
        db = store.db
        held = sealed(db)
        if held is None:
            msg = f"{journal} is not sealed, so there is nothing to open"
            raise JournalError(msg)
        owner = _owner(secret, held[0], held, journal)
        name = bytes.fromhex(held[1])
        db.execute("CREATE TEMP TABLE doomed(k INTEGER)")
        db.execute(f"INSERT INTO temp.doomed SELECT k FROM blob WHERE {OWNED}", {"name": name})
        db.execute("CREATE TEMP TABLE picked AS SELECT k FROM attempt")
        db.execute("CREATE TEMP TABLE scopes AS SELECT k FROM scope")
        done = _changed(db)
        _decrypt(db, owner)
        db.execute("DELETE FROM run WHERE key = ?", (KEY,))
        store.event(time.time(), Event.OPENED, None, "replies")
    return done


@contextmanager
def _transaction(journal: Path, what: str) -> Iterator[Store]:
    """Hold the journal alone; what it deletes is overwritten, and its file is written anew."""
    with reading(journal), engine_lock(journal), closing(Store(journal)) as store:
        overwrite(store.db)
        store.begin()
        yield store
        store.db.execute("COMMIT")
        compact(store.db, journal, what)


def _owner(secret: str, salt: bytes, held: tuple[bytes, str] | None, journal: Path) -> Seal:
    owner = owner_seal(secret, salt)
    if held is not None and fingerprint(owner) != held[1]:
        msg = f"{journal} is sealed with another secret than this one; give that, or nothing can be read"
        raise JournalError(msg)
    return owner


def _doomed(db: sqlite3.Connection) -> Changed:
    """List what a purge of all would delete, but for what is sealed already."""
    pick(db, None, None, ())
    doom(db)
    kept = counted(db).kept
    db.execute(f"DELETE FROM temp.doomed WHERE k IN (SELECT k FROM blob WHERE codec = '{SEALED}')")
    done = _changed(db)
    return Changed(replies=done.replies, others=done.others, texts=done.texts, kept=kept)


def _changed(db: sqlite3.Connection) -> Changed:
    found = counted(db)
    return Changed(replies=found.replies, others=found.others, texts=found.texts)


def _encrypt(db: sqlite3.Connection, vault: Vault, owner: Seal) -> None:
    def put(codec: str, data: bytes) -> tuple[bytes, str, bytes]:
        name = bytes.fromhex(blob_name(codec, data, owner))
        return name, *vault.put(codec, data, owner=owner)

    _each_text(db, put)
    # Of a request that quotes a reply, the hash would tell whoever guesses the reply.
    _each_digest(db, f"length(request_digest) = {DIGEST}",
                 lambda raw: vault.put("bytes", raw, owner=owner)[1])  # fmt: skip


def _decrypt(db: sqlite3.Connection, owner: Seal) -> None:
    vault = Vault([owner])

    def get(codec: str, data: bytes) -> tuple[bytes, str, bytes]:
        inner, text = vault.get(codec, data)
        return bytes.fromhex(blob_name(inner, text, OPEN)), inner, text

    _each_text(db, get)
    _each_digest(db, f"length(request_digest) > {DIGEST}", lambda raw: vault.get(SEALED, raw)[1])


def _each_text(
    db: sqlite3.Connection, change: Callable[[str, bytes], tuple[bytes, str, bytes]]
) -> None:
    """Give each doomed text another digest, codec and bytes; a few are held at once."""
    last = 0
    while rows := db.execute(
        "SELECT k, codec, bytes FROM blob WHERE k > ? AND k IN (SELECT k FROM temp.doomed)"
        f" ORDER BY k LIMIT {CHUNK}", (last,)
    ).fetchall():  # fmt: skip
        db.executemany(
            "UPDATE blob SET digest = ?, codec = ?, bytes = ? WHERE k = ?",
            [(*change(codec, data), k) for k, codec, data in rows],
        )
        last = rows[-1][0]


def _each_digest(db: sqlite3.Connection, which: str, change: Callable[[bytes], bytes]) -> None:
    """Change the digests of requests likewise."""
    last = 0
    while rows := db.execute(
        f"SELECT k, request_digest FROM call WHERE k > ? AND {which} ORDER BY k LIMIT {CHUNK}",
        (last,),
    ).fetchall():
        db.executemany(
            "UPDATE call SET request_digest = ? WHERE k = ?",
            [(change(raw), k) for k, raw in rows],
        )
        last = rows[-1][0]
