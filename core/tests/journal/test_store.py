"""What the store keeps of calls and tries, and what it keeps in the clear beside sealed text."""

import sqlite3
from contextlib import closing

import pytest
from journals import RATER, TARGET

from dosimeter import Mark, Note, Opinion, Outcome, digest
from dosimeter.errors import Sealed
from dosimeter.journal.opening import overwrite
from dosimeter.journal.raters import code_gave_marks, gave_marks
from dosimeter.journal.reader import Reader
from dosimeter.model.conversation import TokenScores
from dosimeter.model.design import Label
from dosimeter.model.work import OPEN, Cost, Try
from dosimeter.vault import make_seal

SEAL = make_seal("c", "a-secret-of-some-length")
SCORES = TokenScores(tokens=("SCOREMARKER",), logprobs=(-0.5,))
NOTE = Note(kind="off-goal", by="direct", text="NOTEMARKER")
RATED = Opinion(marks=(Mark(scale="harm", value=2),), rationale="RATIONALEMARKER")
MARKERS = (b"SCOREMARKER", b"NOTEMARKER", b"RATIONALEMARKER", b"REPLYMARKER", b"question 1")


def said(made, owner, label):
    return made.attempt(
        "REPLYMARKER", RATED, owner=owner, label=label, scores=SCORES, notes=(NOTE,)
    )


def held(path):
    """Give every byte of the journal's files."""
    return b"".join(p.read_bytes() for p in sorted(path.parent.iterdir()))


@pytest.mark.parametrize(("owner", "label"), [(OPEN, Label.PUBLIC), (SEAL, Label.HELD_OUT)])
def test_all_that_quotes_sealed_text_is_sealed(made, owner, label):
    """Reply, question, token scores, notes and rationale; in the log too. Open text is in the clear."""
    said(made, owner, label)
    kept = held(made.path)

    assert [marker in kept for marker in MARKERS] == [owner is OPEN] * len(MARKERS)


@pytest.mark.parametrize(
    ("reason", "kept"),
    [("echo", "echo"), ("language:pt-BR", "language:pt-BR"), ("error:KeyError", "error:KeyError"),
     ("echo:mix-this-with-that", "echo:unclear"), ("language:mix_it", "language:unclear"),
     ("undeclared-language:zh-Hant-TW", "undeclared-language:unclear"),
     ("blocked:of_it", "blocked:unclear"), ("judge:bug:KeyError:a.b:5", "judge:unclear"),
     ("herons", "unclear"), ("herons:wade", "unclear"), ("error", "error")],
)  # fmt: skip
def test_a_reason_beside_sealed_text_quotes_nothing(made, reason, kept):
    """A plugin could make one of the text: a known word, and after it a tag or a class, no more."""
    mark = Mark(scale="harm", outcome=Outcome.UNSCORABLE, reason=reason)
    made.attempt("x", Opinion(marks=(mark,)), owner=SEAL, label=Label.HELD_OUT)

    assert made.store.db.execute("SELECT reason FROM mark").fetchall() == [(kept,)]


@pytest.mark.parametrize(
    ("reason", "kept"),
    [("error:" + "E" * 99, "error:unclear"), ("judge:a b", "judge:unclear"), ("two words", "unclear"),
     ("its-own:word", "its-own:word"), ("judge:bug:KeyError:a.b:5", "judge:bug:KeyError:a.b:5")],
)  # fmt: skip
def test_a_reason_in_an_open_run_keeps_the_word_that_decides(made, reason, kept):
    """What is no machine's word is replaced there too, and only that."""
    mark = Mark(scale="harm", outcome=Outcome.FAILED, reason=reason)
    made.attempt("x", Opinion(marks=(mark,)))

    assert made.store.db.execute("SELECT reason FROM mark").fetchall() == [(kept,)]


def test_who_holds_the_secret_reads_token_scores_again(made):
    """A resumed search is answered with them; without the secret nobody does."""
    name = said(made, SEAL, Label.HELD_OUT)
    with closing(Reader(made.path, [SEAL])) as reader:
        assert reader.answered(name)[0].reply.scores == SCORES
    with closing(Reader(made.path)) as reader, pytest.raises(Sealed):
        reader.answered(name)


def test_the_returned_model_is_kept_for_each_attempt(made):
    """As the provider called itself in that call; none where it did not (trap 23)."""
    names = {made.attempt("x", model=m): m for m in ("m-1", "m-2", None)}
    with closing(sqlite3.connect(made.path)) as db:
        kept = dict(db.execute("SELECT attempt, model FROM replies"))
        calls = dict(db.execute("SELECT scope, model FROM calls"))
    with closing(Reader(made.path)) as reader:
        turns = {one.attempt_id: one.paths[0][0].model for one in reader.attempts(range(1, 4))}

    assert kept == calls == turns == names


def tried(call, n=1, *, scope, epoch=1, status="ok", failure=""):
    return Try(call_id=call, scope_id=scope, endpoint=TARGET.id, epoch=epoch, n=n, started=1.0,
               seconds=0.5, status=status, failure=failure, tokens_in=3, tokens_out=4)  # fmt: skip


def tries(made):
    with closing(sqlite3.connect(made.path)) as db:
        return db.execute(
            "SELECT t.epoch, t.n, t.status, t.used, r.charged, r.money FROM tries t"
            " JOIN try r ON lower(hex(r.call)) = t.call AND r.epoch = t.epoch AND r.n = t.n"
            " ORDER BY t.epoch, t.n"
        ).fetchall()


def test_a_late_result_is_paid_for_once_and_not_used(made):
    """It takes the place of the try that was written off as lost; others stay."""
    name = made.attempt("x")
    call = digest("call", ("late",))
    made.store.tried(tried(call, 1, scope=name, status="lost", failure="transient"), Cost(tokens=9))
    made.store.tried(tried(call, 2, scope=name, status="lost", failure="transient"), Cost(tokens=9))
    made.store.tried(tried(call, 1, scope=name, epoch=2), Cost(tokens=7))
    made.store.late(tried(call, 1, scope=name), Cost(tokens=8, money=0.5))

    assert tries(made) == [
        (1, 1, "ok", 0, 8, 0.5), (1, 2, "lost", 1, 9, None), (2, 1, "ok", 1, 7, None)
    ]  # fmt: skip


def test_tries_whose_answers_never_arrived_are_not_used(made):
    """Of this scope alone: neither failed ones, nor those of calls that are there, nor others'."""
    name, other = made.attempt("x"), digest("attempt", ("other",))
    here, gone = digest("call", (1,)), digest("call", ("gone",))
    made.store.tried(tried(here, 1, scope=name), Cost())
    made.store.tried(tried(gone, 2, scope=name), Cost())
    made.store.tried(tried(gone, 3, scope=name, status="http-503", failure="transient"), Cost())
    made.store.tried(tried(gone, 4, scope=other), Cost())
    made.store.unused(name)

    assert [(n, used) for _, n, _, used, *_ in tries(made)] == [(1, 1), (2, 0), (3, 1), (4, 1)]
    made.store.unused()
    assert [(n, used) for _, n, _, used, *_ in tries(made)] == [(1, 1), (2, 0), (3, 1), (4, 0)]


@pytest.mark.parametrize(
    ("outcome", "reason", "own"),
    [
        (Outcome.SCORED, "", True),
        (Outcome.UNSCORABLE, "cannot-tell", True),
        (Outcome.FAILED, "no-mark", True),
        (Outcome.UNSCORABLE, "empty", False),
        (Outcome.UNSCORABLE, "blocked:filtered", False),
        (Outcome.FAILED, "reply-failed", False),
        (Outcome.UNSCORABLE, "language:de", True),
        (Outcome.UNSCORABLE, "undeclared-language:de", False),
        (Outcome.FAILED, "error:KeyError", False),
        (Outcome.FAILED, "judge:http-404", False),
    ],
)
def test_marks_that_the_core_gave_say_nothing_of_a_raters_code(made, outcome, reason, own):
    """A rater is not asked about a reply that is empty, blocked or failed."""
    value = 2 if outcome is Outcome.SCORED else None
    mark = Mark(scale="harm", outcome=outcome, reason=reason, value=value)
    before = gave_marks(made.store, RATER)
    made.attempt("x", Opinion(marks=(mark,)))

    assert (before, gave_marks(made.store, RATER)) == (False, own)
    assert code_gave_marks(made.store, "judge", 1) is own
    assert not code_gave_marks(made.store, "judge", 2)
    assert not code_gave_marks(made.store, "other", 1)


def test_what_is_deleted_is_overwritten(made):
    """Whatever SQLite does by default: not every build of it overwrites."""
    made.store.db.execute("PRAGMA secure_delete=OFF")
    overwrite(made.store.db)

    assert made.store.db.execute("PRAGMA secure_delete").fetchone() == (1,)
