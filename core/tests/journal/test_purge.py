"""Purging deletes the texts that it says, and those that may quote them, and no mark."""

import json
import sqlite3
from contextlib import closing

import pytest
from journals import TARGET

from dosimeter import Mark, Note, Opinion, Outcome, Reply, Role, Stop, assistant, digest, user
from dosimeter.analysis.report import make_report
from dosimeter.errors import JournalError
from dosimeter.journal.purge import DAY, Gone, deleted_replies, purge_replies
from dosimeter.journal.reader import Reader
from dosimeter.model.conversation import TokenScores
from dosimeter.model.rating import Scale, ScaleKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.work import CallDone, Cost, Try
from dosimeter.sinks.plain import plain

NOW = 100 * DAY


def rated(value):
    mark = Mark(scale="harm", value=value)
    return Opinion(marks=(mark,), rationale=f"RATIONALE{value}")


def left(path):
    """Give every text that the file still holds."""
    with closing(sqlite3.connect(path)) as db:
        return (
            b"\n".join(raw for (raw,) in db.execute("SELECT bytes FROM blob")) + path.read_bytes()
        )


def tried(made, attempt, days_ago):
    one = Try(call_id=digest("call", (attempt,)), scope_id=attempt, endpoint=TARGET.id, epoch=1,
              n=1, started=NOW - days_ago * DAY, seconds=0.1, status="ok")  # fmt: skip
    made.store.tried(one, Cost())


@pytest.fixture
def three(made):
    """Replies marked 2, 4 and 5, of 30, 10 and 1 days ago; each with a note and token scores."""
    for mark, days in ((2, 30), (4, 10), (5, 1)):
        scores = TokenScores(tokens=(f"SCORE{mark}",), logprobs=(-0.5,))
        note = Note(kind="off-goal", by="direct", text=f"NOTE{mark}")
        name = made.attempt(f"REPLY{mark}", rated(mark), scores=scores, notes=(note,))
        tried(made, name, days)
    return made


def gone(path):
    """Say by mark whether reply, rationale, scores and note are all gone; None if only some are."""
    texts = left(path)
    out = {}
    for mark in (2, 4, 5):
        words = ("REPLY", "RATIONALE", "SCORE", "NOTE")
        there = {f"{word}{mark}".encode() in texts for word in words}
        out[mark] = (not there.pop()) if len(there) == 1 else None
    return out


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {2: True, 4: True, 5: True}),
        ({"severity": 4}, {2: False, 4: True, 5: True}),
        ({"severity": 4.5}, {2: False, 4: False, 5: True}),
        ({"older_than": 5}, {2: True, 4: True, 5: False}),
        ({"older_than": 30}, {2: False, 4: False, 5: False}),
        ({"older_than": 5, "severity": 4}, {2: False, 4: True, 5: False}),
        ({"older_than": 20, "severity": 4}, {2: False, 4: False, 5: False}),
    ],
)
def test_what_is_asked_goes_whole_and_nothing_else(three, asked, expected):
    """Reply, rationale, token scores and notes, of the attempts that every condition holds of."""
    assert gone(three.path) == dict.fromkeys((2, 4, 5), False)
    n = sum(expected.values())
    first = purge_replies(three.path, now=NOW, **asked)

    assert first == Gone(replies=n, texts=4 * n, chosen=n, attempts=3)
    assert gone(three.path) == expected
    assert purge_replies(three.path, now=NOW, **asked) == Gone(chosen=n, attempts=3)
    assert b"question 1" in left(three.path)


@pytest.mark.parametrize("asked", [{}, {"severity": 4}, {"older_than": 5}])
def test_estimates_are_the_same_before_and_after(three, asked):
    """Ratings stay; only what is withheld and why may differ."""
    for _ in range(12):
        three.attempt("more", rated(3))

    def numbers():
        with closing(Reader(three.path)) as reader:
            facts = plain(make_report(reader))
        return json.dumps([facts[name] for name in ("findings", "cells", "complete")])

    before = numbers()
    purge_replies(three.path, now=NOW, **asked)

    assert numbers() == before


def test_severity_looks_at_hazard_alone_and_at_every_rater(made):
    """A high mark on another scale deletes nothing; one high mark beside a low one does."""
    size = Scale(name="size", kind=ScaleKind.REAL)
    other = made.rater("other", digest("rater", ("other",)), ScorerSpec(
        id="other", summary="s", factory="m:f", scales=(size,)))  # fmt: skip
    second = made.rater("second", digest("rater", ("second",)))
    made.attempt("LONG", rated(1), (other, Opinion(marks=(Mark(scale="size", value=9.0),))))
    made.attempt("BAD", rated(1), (second, rated(5)))
    made.attempt(
        "UNKNOWN",
        Opinion(marks=(Mark(scale="harm", outcome=Outcome.UNSCORABLE, reason="language"),)),
    )

    assert purge_replies(made.path, severity=4).replies == 1
    texts = left(made.path)
    assert [word in texts for word in (b"LONG", b"BAD", b"UNKNOWN")] == [True, False, True]


def test_an_attempt_without_a_try_is_as_old_as_its_run(made):
    """What was replayed from elsewhere took none."""
    made.attempt("REPLAYED", rated(1))
    made.store.db.execute("INSERT INTO run VALUES ('created', '1970-03-01T00:00:00Z')")

    assert purge_replies(made.path, older_than=50, now=NOW).replies == 0
    assert purge_replies(made.path, older_than=40, now=NOW).replies == 1


def test_what_a_judge_was_asked_goes_with_the_reply(three):
    """Its question quotes the reply, also where its answer has not come."""
    scope = digest("rating", ("no rating yet",))
    asked = CallDone(
        id=digest("call", ("judge",)), scope_id=scope, epoch=1, step=0, index=0, role=Role.JUDGE,
        endpoint=TARGET.id, request_digest=digest("r", (0,)),
        conversation=(user("Judge: REPLY5"),), reply=attempt_reply(),
    )  # fmt: skip
    three.store.call(asked, "rating")
    purge_replies(three.path, severity=5)

    assert b"REPLY5" not in left(three.path)
    assert b"REPLY2" in left(three.path)


def attempt_reply(text="It says REPLY5."):
    return Reply(messages=(assistant(text),), stop=Stop.END)


def test_the_same_text_goes_everywhere(made):
    """It is stored once: what is dangerous in one attempt is so in another."""
    made.attempt("SAME", rated(5))
    made.attempt("SAME", rated(1))

    gone = purge_replies(made.path, severity=5)
    assert (gone.replies, gone.shared) == (2, 1)
    assert b"SAME" not in left(made.path)


@pytest.mark.parametrize("same", [False, True])
def test_a_question_that_a_kept_attempt_shares_stays(made, same):
    """Prompts quote no reply of another attempt, unless that was answered the same words."""
    bad = made.attempt("BAD", rated(5))
    made.attempt("GOOD", rated(1))
    made.store.db.execute("UPDATE spec SET body = json_set(body, '$.search', json('true'))"
                          " WHERE kind = 'attack'")  # fmt: skip
    for scope, n in ((bad, 7), (digest("attempt", (2,)), 8)):
        said = CallDone(
            id=digest("call", ("more", n)), scope_id=scope, epoch=1, step=1, index=0, role=Role.ATTACKER,
            endpoint=TARGET.id, request_digest=digest("r", (n,)),
            conversation=(user("SHARED"), user(f"OWN{n}")), reply=attempt_reply(f"MORE{0 if same else n}"),
        )  # fmt: skip
        made.store.call(said, "attempt")
    purge_replies(made.path, severity=5)
    texts = left(made.path)

    assert [word in texts for word in (b"SHARED", b"OWN7", b"OWN8", b"GOOD")] == [
        not same, False, True, True
    ]  # fmt: skip


def every_byte(path):
    """Give all that the journal's files hold: pages that nothing uses any more, and the log, too."""
    return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))


def test_no_byte_is_left_in_the_file_or_in_its_log(made):
    """Also of long texts, which lie in pages of their own, and while the file is open elsewhere."""
    for n in range(30):
        made.attempt(f"SECRET{n} " * (1 + n % 3 * 400), rated(5))
    with closing(Reader(made.path)) as reader:
        reader.run()
        assert b"SECRET" in every_byte(made.path)
        purge_replies(made.path)

        assert b"SECRET" not in every_byte(made.path)


def test_while_somebody_reads_the_purge_says_that_it_is_not_done(three):
    """Whoever reads sees the file as it was: its bytes go when it ends, and purge is called again."""
    with closing(Reader(three.path)) as reader:
        rows = reader.rows("SELECT bytes FROM blob")
        rows.fetchone()
        with pytest.raises(JournalError, match="another program is reading it") as said:
            purge_replies(three.path)
        rows.close()

    assert str(three.path) in str(said.value)
    purge_replies(three.path)
    assert b"REPLY" not in every_byte(three.path)


def test_what_belongs_to_nothing_any_more_goes_too(three):
    """A reply that a merge left out, a rationale whose rating was taken back: nobody knows whose."""
    db = three.store.db
    db.execute("UPDATE rating SET rationale = NULL WHERE k = 1")
    purge_replies(three.path, severity=5)

    assert b"RATIONALE2" not in left(three.path)
    assert b"REPLY2" in left(three.path)
    assert b"question 1" in left(three.path)


def test_replies_are_counted_as_the_report_counts_them(three):
    """Submitted ones; those of attempts that have not ended are told apart. The journal knows later."""
    three.store.db.execute("UPDATE attempt SET state = 'open' WHERE k = 1")
    three.store.db.execute("DELETE FROM candidate WHERE attempt = 1")
    gone = purge_replies(three.path)
    with closing(Reader(three.path)) as reader:
        assert (gone.replies, gone.others) == (2, 1)
        assert make_report(reader).deleted == deleted_replies(reader) == 2


def test_reports_go_before_the_texts_and_only_with_them(three):
    """What quotes replies is not left; where nothing is deleted, no report need go."""
    page = three.path.parent / "report.html"
    page.write_text("REPLY5")
    purge_replies(three.path, severity=9, reports=[page])
    assert page.exists()

    purge_replies(three.path, severity=5, reports=[page])
    assert not page.exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [({}, "all"), ({"older_than": 5, "severity": 3.5}, "older-than 5 severity 3.5")],
)
def test_the_journal_tells_that_it_was_purged_and_of_what(three, asked, told):
    """Once for each time that something was deleted."""
    for _ in range(2):
        purge_replies(three.path, now=NOW, **asked)

    assert three.store.db.execute("SELECT code FROM event WHERE kind = 'purged'").fetchall() == [
        (told,)
    ]
