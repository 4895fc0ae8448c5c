"""Several journals of one design become one: a union by id.

What is in one journal only is taken over. What is in two under one id, with different content, is a
conflict: the first journal's stands, and the conflict is listed and kept as an event. Where a call
conflicts, the rest of its conversation in the later journal is left out with it, so that two
conversations are never mixed. An attempt that is done in any journal is done. A text that was deleted in
any journal is deleted, with all that may quote it.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from attrs import frozen

from dosimeter.errors import MergeRefused
from dosimeter.journal.conflicts import Conflict, write_conflicts
from dosimeter.journal.damage import check_references, reading
from dosimeter.journal.opening import connect, overwrite
from dosimeter.journal.owner import check_open
from dosimeter.journal.purge import chosen, compact, purge_union
from dosimeter.journal.reader import Reader
from dosimeter.journal.resting import settle
from dosimeter.journal.union import Union


@frozen(kw_only=True)
class MergeResult:
    """What a merge made, and what it could not decide."""

    journal: Path
    planned: int
    done: int
    conflicts: tuple[Conflict, ...]


def merge(journals: Sequence[Path], out: Path) -> MergeResult:
    """Write the union of *journals* to *out*; the journals themselves are only read.

    Raises:
        MergeRefused: For journals of different designs, or if *out* is there already.
        JournalError: If one is damaged, or sealed; it is named.
    """
    with reading(*journals):
        _check(journals, out)
        return _merged(journals, out)


def _merged(journals: Sequence[Path], out: Path) -> MergeResult:
    part = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    found: list[Conflict] = []
    try:
        with (
            closing(connect(journals[0], write=False)) as first,
            closing(sqlite3.connect(part)) as copy,
        ):
            first.backup(copy)
        with closing(connect(part, write=True)) as db:
            overwrite(db)
            db.execute("BEGIN IMMEDIATE")
            origin: dict[str, str] = {}
            purged = chosen(db)
            for path in journals[1:]:
                with closing(connect(path, write=False)) as source:
                    source.execute("BEGIN")
                    union = Union(out=db, source=source, first=str(journals[0]), name=str(path),
                                   origin=origin, conflicts=found)  # fmt: skip
                    union.run()
                    purged |= chosen(source)
            deleted = purge_union(db, purged)
            db.execute("UPDATE run SET value = ? WHERE key = 'name'", (out.parent.name,))
            write_conflicts(db, found)
            db.execute("COMMIT")
            if deleted:
                compact(db, part)
            planned, done = db.execute(
                "SELECT count(*), coalesce(sum(state IN ('done', 'no-candidate')), 0) FROM attempt"
            ).fetchone()
        part.replace(out)
        settle(out)
    except BaseException:
        for name in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
            name.unlink(missing_ok=True)
        raise
    return MergeResult(journal=out, planned=planned, done=done, conflicts=tuple(found))


def _check(journals: Sequence[Path], out: Path) -> None:
    if len({p.resolve() for p in journals}) < 2:
        msg = "a merge needs at least two different journals"
        raise MergeRefused(msg)
    if out.exists():
        msg = f"{out} is there already; give the merged run another name"
        raise MergeRefused(msg)
    designs = []
    for path in journals:
        with reading(path), closing(Reader(path)) as reader:
            check_references(reader)
            check_open(reader.db, path)
            run = reader.run()
            plan = hashlib.blake2b(digest_size=16)
            for (raw,) in reader.rows("SELECT id FROM attempt ORDER BY id"):
                plan.update(raw)
        designs.append((run.get("design", ""), plan.hexdigest()))
        if designs[-1] != designs[0]:
            msg = (
                f"{journals[0]} and {path} are of different designs: other seeds, targets,"
                " categories, attacks or items; only shards of one plan can be merged"
            )
            raise MergeRefused(msg)
