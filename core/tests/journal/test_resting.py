"""A journal that rests is held against its sum: a byte that changed is told, whatever it would change."""

import hashlib
import random
import sqlite3
from contextlib import closing

import pytest

from dosimeter import JournalError, Mark, Opinion
from dosimeter.cli.main import main
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.resting import check_unchanged, sum_of
from dosimeter.journal.store import Store
from dosimeter.journal.transaction import writing


@pytest.fixture
def path(made):
    """A journal that its engine has left."""
    with engine_lock(made.path):
        for value in (1, 2, 3):
            made.attempt("Herons wade.", Opinion(marks=(Mark(scale="harm", value=value),)))
        made.store.close()
    return made.path


def report(capsys, path):
    with pytest.raises(SystemExit) as left:
        main(["report", str(path), "--json"])
    return left.value.code, capsys.readouterr()


def test_whoever_held_the_engine_role_leaves_a_sum(path):
    """As `sha256sum -c` takes it, for its owner's eyes."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    assert sum_of(path).read_text() == f"{digest}  journal.sqlite\n"
    assert sum_of(path).stat().st_mode & 0o777 == 0o600
    check_unchanged(path)


@pytest.mark.parametrize("seed", range(10))
def test_no_number_comes_out_of_a_file_with_a_changed_byte(path, capsys, seed):
    """Any bit of any byte; what to do is said, for damage and for a change that was meant."""
    rng = random.Random(seed)
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    code, said = report(capsys, path)

    assert (code, said.out) == (2, "")
    if data.startswith(b"SQLite format 3\0"):
        assert f"{path} is damaged" in said.err
        assert "take an older copy" in said.err
        assert "delete journal.sqlite.sum" in said.err


def test_a_change_that_is_meant_is_taken_when_the_sum_is_gone(path, capsys):
    """A number that somebody set by hand is refused until they say so."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE mark SET num = 5 WHERE num = 1")
    before, _ = report(capsys, path)
    sum_of(path).unlink()
    after, said = report(capsys, path)

    assert (before, after) == (2, 0)
    assert said.out


@pytest.mark.parametrize("opened", [Store, lambda path: writing(path).__enter__()])
def test_nobody_writes_into_a_changed_file(path, opened):
    """What they left would look sound."""
    with path.open("ab") as file:
        file.write(b"\0")
    with engine_lock(path), pytest.raises(JournalError, match="not as dosimeter left it"):
        opened(path)
    with pytest.raises(JournalError, match="not as dosimeter left it"):
        check_unchanged(path)


def test_the_sum_of_a_journal_that_was_removed_is_not_held_against_the_next(path):
    """Whoever deletes a journal alone begins anew."""
    path.unlink()
    Store(path).close()
    check_unchanged(path)


def test_there_is_no_sum_while_somebody_writes(path, made):
    """Nor after a vote: the next engine leaves one."""
    with writing(path) as store:
        made.store = store
        assert not sum_of(path).exists()
        made.attempt("Herons wade.")
    check_unchanged(path)
    assert not sum_of(path).exists()
    with engine_lock(path):
        pass
    assert sum_of(path).exists()
    check_unchanged(path)


def test_no_sum_is_left_of_a_file_that_somebody_has_open(made):
    """What they write next would look like damage."""
    with engine_lock(made.path):
        made.attempt("Herons wade.")
    assert not sum_of(made.path).exists()


def test_a_journal_that_is_being_written_is_not_held_against_an_old_sum(path, made):
    """As a killed engine may leave it: its log has what is not in the file yet."""
    old = sum_of(path).read_bytes()
    made.store = Store(path)
    made.attempt("Herons wade.")
    made.store.db.execute("PRAGMA wal_checkpoint(PASSIVE)")
    sum_of(path).write_bytes(old)
    check_unchanged(path)
