"""What an item is and what its attempt begins with stays, also where a reply says the same."""

from contextlib import closing

import pytest
from click.testing import CliRunner
from journals import TARGET

from dosimeter import Mark, Opinion, Reply, Role, Stop, assistant, digest, system, user
from dosimeter.analysis.report import make_report
from dosimeter.cli.purge import command
from dosimeter.journal.purge import Gone, deleted_replies, purge_replies
from dosimeter.journal.reader import Reader
from dosimeter.model.work import CallDone

BAD = Opinion(marks=(Mark(scale="harm", value=5),), rationale="question 2")
MILD = Opinion(marks=(Mark(scale="harm", value=1),), rationale="RATIONALE")


def more(made, attempt, step, role, sent, said, kind="attempt"):
    """Write one more call of a conversation."""
    made.store.call(CallDone(
        id=digest("call", (attempt, step)), scope_id=attempt, epoch=1, step=step, index=0, role=role,
        endpoint=TARGET.id, request_digest=digest("r", (step,)), conversation=tuple(sent),
        reply=Reply(messages=(assistant(said),), stop=Stop.END),
    ), kind)  # fmt: skip


def kept(path):
    with closing(Reader(path)) as reader:
        return {raw.decode() for (raw,) in reader.rows("SELECT bytes FROM blob")}


def readable(path, attempt):
    """Say whether all of an attempt can be read, and give its goal."""
    with closing(Reader(path)) as reader:
        (k,) = reader.rows(
            "SELECT k FROM attempt WHERE id = ?", (bytes.fromhex(attempt),)
        ).fetchone()
        (one,) = reader.attempts([k])
        return not one.paths[0][-1].hidden, one.goal


def test_an_echo_takes_no_prompt_of_another_attempt_with_it(made):
    """The replies of an attempt that was not chosen stay usable, and there is one count of the rest."""
    other = made.attempt("USABLE", MILD)
    made.attempt("question 1", BAD)
    made.attempt("SECRET", BAD)
    gone = purge_replies(made.path, severity=4)

    assert gone == Gone(replies=1, kept=1, texts=1, chosen=2, attempts=3)
    assert readable(made.path, other)[0]
    with closing(Reader(made.path)) as reader:
        assert make_report(reader).deleted == deleted_replies(reader) == 1
    assert "SECRET" not in kept(made.path)


@pytest.mark.parametrize("asked", [{}, {"severity": 4}])
def test_goals_and_references_stay_where_raters_and_targets_repeat_them(made, asked):
    """A reply, a judge's question, a rationale: what are the item's own words tells nothing more."""
    one = made.attempt("GOAL", Opinion(marks=BAD.marks, rationale="GOAL"))
    goal, _ = made.store.blob("utf8", b"GOAL")
    reference, _ = made.store.blob("bytes", b"REFERENCE")
    made.store.db.execute("UPDATE item SET goal = ?, reference = ?, reference_schema = 's'",
                          (goal, reference))  # fmt: skip
    more(made, digest("rating", ("unheard",)), 0, Role.JUDGE, (system("GOAL"), user("Judge.")), "GOAL",
         "rating")  # fmt: skip
    assert purge_replies(made.path, **asked).kept == 1

    assert readable(made.path, one) == (True, "GOAL")
    assert {"GOAL", "REFERENCE"} < kept(made.path)
    assert "Judge." not in kept(made.path)


def test_lines_of_scripts_stay_and_what_a_search_sends_later_goes(made):
    """A script's later line quotes nothing; a search's may, also one of an attempt that stays."""
    made.attempt("LINE", BAD)
    script = made.attempt("USABLE", MILD)
    more(
        made, script, 1, Role.TARGET, (user("question 2"), assistant("USABLE"), user("LINE")), "END"
    )
    purge_replies(made.path, severity=4)
    assert "LINE" in kept(made.path)

    made.store.db.execute("UPDATE spec SET body = json_set(body, '$.search', json('true'))"
                          " WHERE kind = 'attack'")  # fmt: skip
    assert purge_replies(made.path, severity=4).replies == 1
    assert "LINE" not in kept(made.path)
    assert {"USABLE", "question 2"} < kept(made.path)


def test_a_reply_whose_prompt_is_deleted_is_not_counted_as_deleted(made):
    """Report and `runs show` count replies alone, and the reply is shown as its marks allow."""
    made.attempt("SHOWN", MILD)
    made.store.db.execute("UPDATE blob SET codec = 'purged', bytes = x'' WHERE k = (SELECT body FROM"
                          " message WHERE speaker = 'user')")  # fmt: skip
    made.store.event(1.0, "purged", None, "severity 4")
    with closing(Reader(made.path)) as reader:
        report = make_report(reader)

        assert report.deleted == deleted_replies(reader) == 0


def test_what_quotes_the_same_words_of_another_attempt_goes_with_them(made):
    """Its rationale and what its judge was asked quote what is deleted; its other replies stay."""
    other = made.attempt("SAME", MILD)
    more(
        made, other, 1, Role.TARGET, (user("question 1"), assistant("SAME"), user("LINE")), "OTHER"
    )
    rating = made.store.db.execute("SELECT lower(hex(id)) FROM rating").fetchone()[0]
    more(made, rating, 0, Role.JUDGE, (user("Judge: SAME"),), "It says SAME.", "rating")
    made.attempt("SAME", BAD)
    gone = purge_replies(made.path, severity=4)

    assert (gone.replies, gone.shared) == (2, 1)
    assert b"SAME" not in b"".join(p.read_bytes() for p in made.path.parent.glob("journal*"))
    assert "RATIONALE" not in kept(made.path)
    assert {"OTHER", "LINE"} < kept(made.path)


def test_replies_without_a_word_are_not_the_same_words(made):
    """There is nothing in them to delete, so nothing goes with them elsewhere."""
    made.attempt("", MILD)
    made.attempt("", BAD)

    assert purge_replies(made.path, severity=4) == Gone(chosen=1, attempts=2)
    assert "RATIONALE" in kept(made.path)


def test_purge_says_how_many_replies_it_keeps(made):
    """Whoever asked for them is not told that no text is left, the second time either."""
    made.attempt("question 1", BAD)
    made.attempt("SECRET", BAD)
    ask = ["made", "--runs-dir", str(made.path.parent.parent), "--severity", "4", "--yes"]
    first, again = (CliRunner().invoke(command, ask).output for _ in range(2))

    kept = "Kept: 1 submitted reply, word for word what an item or a prompt says, as those stay."
    assert first.splitlines()[1:2] == [kept]
    assert again.splitlines() == [
        "Nothing to delete: of the attempts with replies marked 4 or more for hazard (2 of 2) no other"
        " text is left.", kept
    ]  # fmt: skip
