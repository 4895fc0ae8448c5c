"""Journals of earlier versions are brought up whole or not at all, and then read like others."""

import os
import sqlite3
from contextlib import closing

import pytest

from dosimeter import JournalError, JournalTooNew, Mark, Opinion, RunLocked
from dosimeter.analysis.report import make_report
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.reader import Reader
from dosimeter.journal.schema import MIGRATIONS, NAMES, VERSION, prepare
from dosimeter.journal.store import Store

OLD_REPLIES = "CREATE VIEW replies AS SELECT 1 AS attempt"


def version(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def columns(path, view="replies"):
    with closing(sqlite3.connect(path)) as db:
        return [row[1] for row in db.execute(f"PRAGMA table_info({view})")]


@pytest.fixture
def old(made):
    """A journal as version 1 left it: tables as now, views of its own."""
    made.attempt("Herons wade.", Opinion(marks=(Mark(scale="harm", value=2),)))
    for name in NAMES:
        made.store.db.execute(f"DROP VIEW {name}")
    made.store.db.execute(OLD_REPLIES)
    made.store.db.execute("PRAGMA user_version=1")
    made.store.close()
    return made.path


def test_every_version_has_a_step_to_the_next():
    """None is left behind."""
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


@pytest.mark.parametrize("opened", [Reader, Store])
def test_an_older_journal_is_brought_up_by_whoever_opens_it(old, opened):
    """Readers too: a report of an old run needs no other command first; all that was in it stays."""
    one = opened(old)
    assert one.db.execute("SELECT count(*) FROM mark").fetchone() == (1,)
    one.close()

    assert version(old) == VERSION
    assert "hex" in columns(old)
    with closing(Reader(old)) as reader:
        assert make_report(reader).cells[0].done == 1


def test_steps_are_taken_in_order_from_where_the_journal_is(old):
    """Two made-up steps, of which the second needs the first."""
    steps = {VERSION: "CREATE TABLE a(x TEXT DEFAULT ';');INSERT INTO a VALUES ('1;2');",
             VERSION + 1: "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x;"}  # fmt: skip
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        prepare(db, version=VERSION + 2, migrations=MIGRATIONS | steps)

        assert db.execute("SELECT * FROM a").fetchall() == [("1;2", "1;2")]
        assert db.execute("SELECT count(*) FROM mark").fetchone() == (1,)
        prepare(db, version=VERSION + 2, migrations={})
    assert version(old) == VERSION + 2
    with pytest.raises(JournalTooNew):
        Reader(old)


def test_a_step_that_fails_leaves_the_journal_as_it_was(old):
    """The first step is undone with the second: neither tables, views nor version change."""
    steps = {VERSION: "CREATE TABLE a(x);", VERSION + 1: "DROP TABLE mark; CREATE TABLE a(x);"}
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            prepare(db, version=VERSION + 2, migrations=MIGRATIONS | steps)
        assert not db.in_transaction
        assert db.execute("SELECT count(*) FROM mark").fetchone() == (1,)
    assert version(old) == 1
    assert columns(old) == ["attempt"]


def test_an_older_journal_in_use_is_left_alone(old):
    """Its engine may be of the older version; the message names it."""
    with engine_lock(old), pytest.raises(RunLocked, match=f"process {os.getpid()}"):
        Reader(old)
    assert version(old) == 1


def test_an_older_journal_that_nobody_may_write_says_what_to_do(old):
    """A table in the way stands for missing leave, which root would have all the same."""
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("CREATE TABLE attempts(x)")  # the view cannot be made
    with pytest.raises(JournalError, match="copy it to a folder"):
        Reader(old)
    assert version(old) == 1
