"""The journal keeps what it is given, for any reader, whatever the text."""

import os
import sqlite3
from contextlib import closing

import attrs
import pytest

from dosimeter import (
    CallDone,
    Item,
    JournalTooNew,
    Reply,
    Role,
    RunLocked,
    Stop,
    Usage,
    assistant,
    digest,
    user,
)
from dosimeter.ids import digest_bytes
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.reader import Reader
from dosimeter.journal.schema import VERSION
from dosimeter.journal.store import Store
from dosimeter.model.conversation import (
    Declined,
    Message,
    Reasoning,
    Speaker,
    Text,
    ToolCall,
)
from dosimeter.model.design import Intent, Label, Provenance
from dosimeter.model.work import OPEN
from dosimeter.serialize import from_json
from dosimeter.vault import make_seal

TEXTS = [
    "\ud800 half",
    "a\x00b",
    "\U0001f9ea\u200d\U0001f525",
    "",
    "x" * 2_000_000,
    "\r\n\u2028",
    "'; DROP TABLE blob",
]
SCOPE = digest("scope", ("s",))


def call(n, text):
    return CallDone(
        id=digest("call", (n,)), scope_id=SCOPE, epoch=1, step=n, index=0, role=Role.TARGET,
        endpoint=digest("e", ("e",)), request_digest=digest("r", (n,)), conversation=(user(f"q{n}{text}"),),
        reply=Reply(messages=(assistant(text),), stop=Stop.END, usage=Usage(input=1)),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    one = Store(tmp_path / "runs" / "journal.sqlite")
    yield one
    one.close()


@pytest.fixture
def path(store, tmp_path):
    return tmp_path / "runs" / "journal.sqlite"


def test_any_text_comes_back_as_it_was(store, path):
    """Lone surrogates, NUL, emoji, nothing, very much."""
    for n, text in enumerate(TEXTS):
        store.call(call(n, text), "attempt")
    reader = Reader(path)
    got = reader.answered(SCOPE)
    reader.close()

    assert [a.reply.text for a in got] == TEXTS


def test_views_crash_on_no_text(store, path):
    """The standard library alone reads every row; what is no UTF-8 is NULL with its codec beside."""
    for n, text in enumerate(TEXTS):
        store.call(call(n, text), "attempt")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = db.execute("SELECT text FROM messages WHERE speaker = 'assistant'").fetchall()
    db.close()

    assert sorted(r[0] for r in rows if r[0] is not None) == sorted(TEXTS[1:])
    assert sum(r[0] is None for r in rows) == 1


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((Declined(text="I will not."),), "I will not."),
        ((Reasoning(text="hm"), Text(text="An \U0001f9ea.")), "An \U0001f9ea."),
        ((Text(text="one\ud7ff"), Reasoning(text="hm"), Text(text="two\ufffd")), "one\ud7ff\ntwo\ufffd"),
        ((Reasoning(text="hm"),), None),
        ((ToolCall(id="1", name="n", arguments="{}"),), None),
        ((Text(text="half \ud83e"), Text(text="x")), None),
        ((Text(text="\udfff"), Text(text="x")), None),
        ((Text(text="x"), Text(text="a\x00b")), None),
    ],
)  # fmt: skip
def test_views_show_the_words_of_a_message_of_several_parts(made, parts, text):
    """Its visible ones, as raters read them; what SQLite cannot show is NULL. All of it is the hex."""
    made.attempt("", reply=Message(speaker=Speaker.ASSISTANT, parts=parts))
    with closing(sqlite3.connect(made.path)) as db:
        shown = db.execute("SELECT reply, codec, hex FROM replies").fetchone()
        said = db.execute(
            "SELECT text, codec, hex FROM messages WHERE speaker = 'assistant'"
        ).fetchone()

    assert shown == said
    assert shown[:2] == (text, "json")
    assert from_json(bytes.fromhex(shown[2]), Message).parts == parts


def test_views_have_no_hex_of_plain_and_of_deleted_text(made):
    """Of text with lone surrogates and of sealed text they have."""
    seal = make_seal("c", "a-secret-of-some-length")
    for text in ("plain", "\ud800"):
        made.attempt(text)
    made.attempt("hidden", owner=seal, label=Label.HELD_OUT)
    made.attempt("gone")
    made.store.db.execute(
        "UPDATE blob SET codec = 'purged', bytes = x'' WHERE bytes = ?", (b"gone",)
    )
    with closing(sqlite3.connect(made.path)) as db:
        shown = db.execute(
            "SELECT codec, reply, hex IS NOT NULL FROM replies ORDER BY rowid"
        ).fetchall()

    assert sorted(shown, key=str) == [
        ("purged", None, 0), ("sealed", None, 1), ("utf8", "plain", 0), ("utf8sp", None, 1)
    ]  # fmt: skip


def test_a_call_is_written_once(store, path):
    """The second time is not an error and changes nothing."""
    assert store.call(call(0, "x"), "attempt")
    assert not store.call(call(0, "x"), "attempt")

    assert store.db.execute("SELECT count(*) FROM call").fetchone() == (1,)


def follow(parent, *conversation):
    """A call that says it goes on from *parent*, with what was sent."""
    return attrs.evolve(call(9, "last"), parent=parent.id, conversation=conversation)


def sent(path, done):
    """Give what the journal says was sent for *done*, as speaker, prefilled and words."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    (at,) = db.execute("SELECT leaf FROM call WHERE id = ?", (bytes.fromhex(done.id),)).fetchone()
    said = []
    while at is not None:
        at, *row = db.execute(
            "SELECT parent, speaker, prefilled, text FROM messages WHERE message = ?", (at,)
        ).fetchone()
        said.insert(0, tuple(row))
    db.close()
    return said


@pytest.mark.parametrize(
    "conversation",
    [
        (user("another chat"),),
        (user("q1one"), assistant("never said"), user("on")),
        (user("q1one"), assistant("one", prefilled=True), user("on")),
        (user("q1one"),),
        (user("q1one"), assistant("one"), user("on")),
    ],
    ids=["new chat", "changed reply", "prefilled", "shorter", "as it was"],
)
def test_what_was_sent_is_what_is_stored(store, path, conversation):
    """Whatever call an ask names as its parent, the journal has the conversation that was sent."""
    first = call(1, "one")
    store.call(first, "attempt")
    done = follow(first, *conversation)
    store.call(done, "attempt")

    assert sent(path, done) == [(m.speaker.value, m.prefilled, m.text) for m in conversation]


def test_a_conversation_goes_on_from_the_one_of_two_equal_replies_that_it_names(store, path):
    """Two calls may ask and answer the same; a later one hangs on the reply it continues."""
    one, two = (attrs.evolve(call(n, "same"), conversation=(user("q"),)) for n in (1, 2))
    for done in (one, two, follow(two, user("q"), assistant("same"), user("on"))):
        store.call(done, "attempt")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    (up,) = db.execute("SELECT parent FROM messages WHERE text = 'on'").fetchone()
    (reply,) = db.execute(
        "SELECT reply FROM call WHERE id = ?", (bytes.fromhex(two.id),)
    ).fetchone()
    db.close()

    assert up == reply


def test_an_asks_own_id_quotes_nothing(store, path):
    """It is kept in the clear only as a machine's word of open text; sealed, as a keyed digest."""
    names = ("0.2.attack", "He said: never", "word")
    seals = (OPEN, OPEN, make_seal("p", "a-secret-of-some-length"))
    for n, (name, owner) in enumerate(zip(names, seals, strict=True)):
        done = attrs.evolve(call(n, "x"), scope_id=digest("scope", (n,)), ask_id=name)
        store.call(done, "attempt", owner)
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    kept = [ask for (ask,) in db.execute("SELECT ask FROM call ORDER BY step")]
    db.close()

    assert kept[:2] == ["0.2.attack", "unclear"]
    assert kept[2] == digest_bytes("ask", b"word", key=seals[2].key)


def test_readers_read_while_it_is_written(store, path):
    """A reader sees what is committed, a writer is not held up, and nobody can write by reading."""
    store.call(call(0, "x"), "attempt")
    reader = Reader(path)
    store.db.execute("BEGIN IMMEDIATE")
    store.call(call(1, "y"), "attempt")
    before = len(reader.answered(SCOPE))
    store.db.execute("COMMIT")

    assert (before, len(reader.answered(SCOPE))) == (1, 2)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.db.execute("DELETE FROM call")
    reader.close()


def test_files_are_their_owners_alone(store, path):
    """Journal, log and index; the folder too."""
    store.call(call(0, "x"), "attempt")

    assert path.parent.stat().st_mode & 0o777 == 0o700
    for one in path.parent.iterdir():
        assert one.stat().st_mode & 0o777 == 0o600, one


def test_a_journal_of_a_later_version_is_refused_by_its_writer(store, path):
    """With what to do."""
    store.db.execute(f"PRAGMA user_version={VERSION + 1}")

    with pytest.raises(JournalTooNew, match="upgrade dosimeter"):
        Store(path)


def test_a_journal_of_a_later_version_is_refused_by_its_reader(store, path):
    """A reader that guesses could report wrong numbers."""
    store.db.execute(f"PRAGMA user_version={VERSION + 1}")

    with pytest.raises(JournalTooNew):
        Reader(path)


def test_opening_again_keeps_everything(store, path):
    """The present version needs no migration."""
    store.call(call(0, "x"), "attempt")
    again = Store(path)
    again.close()
    reader = Reader(path)

    assert len(reader.answered(SCOPE)) == 1
    reader.close()


def test_there_is_no_journal_to_read(tmp_path):
    """A reader makes no file."""
    with pytest.raises(FileNotFoundError, match="no journal at"):
        Reader(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_one_engine_at_a_time(store, path):
    """The message names the process; the lock goes with its holder."""
    with (
        engine_lock(path),
        pytest.raises(RunLocked, match=f"process {os.getpid()}"),
        engine_lock(path),
    ):
        pass
    with engine_lock(path):
        pass


def test_a_full_disk_loses_only_what_was_not_committed(store, path):
    """SQLite says that it is full; what was there stays readable."""
    store.call(call(0, "kept"), "attempt")
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count={pages}")
    store.db.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.call(call(1, "z" * 1_000_000), "attempt")
    if store.db.in_transaction:
        store.db.execute("ROLLBACK")
    reader = Reader(path)

    assert [a.reply.text for a in reader.answered(SCOPE)] == ["kept"]
    reader.close()


def test_difficult_items_survive(store):
    """Goals and openings are text like any other."""
    item = Item(id="c/1", opening=(user("\ud800\x00"),), intent=Intent.HARMFUL, family="f", category="c",
                goal="\udfff", provenance=Provenance(source="s", licence="CC0-1.0"))  # fmt: skip

    assert store.item(item, "00" * 16) == store.item(item, "00" * 16)
