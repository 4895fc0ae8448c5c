"""A damaged journal is said to be one: no defect of dosimeter, and no number out of it."""

import random
import sqlite3
from contextlib import closing, nullcontext, suppress

import pytest

from dosimeter import JournalError, Mark, Opinion, Scale, ScaleKind, ScorerSpec, digest
from dosimeter.analysis.report import make_report
from dosimeter.cli.main import main
from dosimeter.journal.damage import check_whole, reading
from dosimeter.journal.reader import Reader
from dosimeter.model.conversation import Message, Reasoning, Speaker, Text

STRUCTURED = Message(speaker=Speaker.ASSISTANT, parts=(Reasoning(text="so"), Text(text="Herons.")))


@pytest.fixture
def path(made):
    """A journal of three rated attempts, closed."""
    for value in (1, 2, 3):
        made.attempt("Herons wade.", Opinion(marks=(Mark(scale="harm", value=value),)))
    made.attempt("", Opinion(marks=(Mark(scale="harm", value=1),)), reply=STRUCTURED)
    made.store.close()
    return made.path


def edit(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for one in statements:
            assert db.execute(one).rowcount


def called(capsys, *arguments):
    """Run the command line here; give exit code and what it said."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return left.value.code, capsys.readouterr()


UNREADABLE = {
    "a text": "UPDATE blob SET bytes = x'ff80' WHERE codec = 'utf8'",
    "a message's JSON": "UPDATE blob SET bytes = substr(bytes, 2) WHERE codec = 'json'",
    "a name": "UPDATE item SET family = CAST(x'ff80' AS TEXT) WHERE k = 1",
    "the key of a fact": "UPDATE run SET value = CAST(x'ff' AS TEXT) WHERE key = 'name'",
    "an intent": "UPDATE item SET intent = 'hbrmful' WHERE k = 1",
    "a stop": "UPDATE call SET stop = 'ene' WHERE k = 1",
    "a rater": "UPDATE rater SET body = substr(body, 2)",
    "a category": "UPDATE spec SET body = replace(body, 'summary', 'sumnary') WHERE kind = 'category'",
    "a message": "DELETE FROM message WHERE k = 1",
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_journal_that_cannot_be_read_is_named_with_what_to_do(path, capsys, what):
    """Whichever error came of it: of SQLite, of decoding, of a record's own rules."""
    edit(path, UNREADABLE[what])
    code, said = called(capsys, "report", str(path), "--json")

    assert code == 2
    assert f"dosimeter: {path} is damaged (" in said.err
    assert "take an older copy" in said.err
    assert ".recover" in said.err
    assert "defect" not in said.err
    assert "Herons" not in said.err


UNSOUND = {
    "is off its scale 'harm'": "UPDATE mark SET num = 7 WHERE rating = 1",
    "a mark has no rating": "UPDATE mark SET rating = 99 WHERE rating = 1",
    "an attempt that is done has no scope": "DELETE FROM scope WHERE k = 1",
    "a candidate has no call, or": "UPDATE candidate SET call = 99 WHERE k = 1",
    "or no attempt": "UPDATE candidate SET attempt = 99 WHERE k = 1",
    "a subject has no attempt": "UPDATE subject SET attempt = 99 WHERE k = 1",
    "a rating has no subject, or": "UPDATE rating SET subject = 99 WHERE k = 1",
    "or no rater": "UPDATE rating SET rater = 99 WHERE k = 1",
    "a row of attempt has no item": "UPDATE attempt SET item = 99 WHERE k = 1",
    "a row of arm has no endpoint": "UPDATE arm SET target = 99",
}


@pytest.mark.parametrize("what", UNSOUND)
def test_what_would_make_a_report_wrong_without_a_word_is_found(path, capsys, what):
    """Before any number is printed: most of it would only be left out of the counts."""
    edit(path, UNSOUND[what])
    code, said = called(capsys, "report", str(path), "--json")

    assert (code, said.out) == (2, "")
    assert what in said.err


@pytest.mark.parametrize(
    ("num", "fits"), [(0.25, True), (-1.0, False), (1.5, False), ("9e999", False)]
)
def test_a_real_scale_is_held_to_its_bounds(made, num, fits):
    """Of many different numbers the ends are looked at."""
    share = Scale(name="share", kind=ScaleKind.REAL, bounds=(0.0, 1.0))
    sure = Scale(name="sure", kind=ScaleKind.BOOLEAN)
    spec = ScorerSpec(id="real", summary="s", factory="m:f", scales=(share, sure))
    rater = made.rater("real", digest("rater", ("real",)), spec)
    marks = Opinion(marks=(Mark(scale="share", value=0.5), Mark(scale="sure", value=True)))
    for _ in range(3):
        made.attempt("Herons wade.", (rater, marks))
    made.store.close()
    edit(made.path, f"UPDATE mark SET num = {num} WHERE rating = 2 AND scale = 'share'")
    told = nullcontext() if fits else pytest.raises(JournalError, match="off its scale 'share'")
    with closing(Reader(made.path)) as reader, told:
        check_whole(reader)


@pytest.mark.parametrize("num", ["0", "6", "2.5", "1e300", "9e999"])
def test_a_mark_between_or_beyond_the_levels_is_off_the_scale(path, num):
    """A scale of 1 to 5 has five values."""
    edit(path, f"UPDATE mark SET num = {num} WHERE rating = 1")
    with closing(Reader(path)) as reader, pytest.raises(JournalError, match="off its scale"):
        check_whole(reader)


@pytest.mark.parametrize("command", [["runs", "show"], ["score", "--rater", "none"], ["report"]])
def test_every_command_that_reads_says_so(path, capsys, command):
    """With the exit code of what a user can set right."""
    edit(path, UNREADABLE["the key of a fact"])
    code, said = called(capsys, *command, str(path))

    assert code == 2
    assert "defect" not in said.err


def test_a_damaged_run_is_named_in_the_list(path, capsys):
    """With the others; not as a crash."""
    edit(path, UNREADABLE["the key of a fact"])
    code, said = called(capsys, "runs", "list", "--runs-dir", str(path.parent.parent))

    assert code == 0
    assert "is damaged (a text is no UTF-8)" in said.err


@pytest.mark.parametrize("fault", [KeyError("x"), sqlite3.OperationalError("database is locked")])
def test_what_is_no_damage_is_told_as_it_is(path, fault):
    """A defect stays one, and a journal that is busy is not said to be damaged."""
    with pytest.raises(type(fault)) as caught, reading(path):
        raise fault
    assert caught.value is fault


@pytest.mark.parametrize("seed", range(40))
def test_no_random_byte_looks_like_a_defect(path, seed):
    """Either the report comes, or the journal is said to be damaged."""
    rng = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 20, 400])):
        data[rng.randrange(100, len(data))] = rng.randrange(256)
    path.write_bytes(data)

    with suppress(JournalError), reading(path), closing(Reader(path)) as reader:
        check_whole(reader)
        make_report(reader)
