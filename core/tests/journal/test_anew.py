"""What was deleted is no answer: a conversation that lacks a reply begins anew."""

from contextlib import closing

import pytest
from journals import TARGET

from dosimeter import CallDone, Mark, Opinion, Reply, Role, Stop, Try, assistant, digest, user
from dosimeter.journal.anew import begin_anew
from dosimeter.journal.purge import purge_replies
from dosimeter.journal.reader import Reader
from dosimeter.model.work import Cost

MARKED = Opinion(marks=(Mark(scale="harm", value=5),))
UNRATED = digest("rating", ("no rating yet",))


def asked(made, scope, kind, said):
    """Write the first call of a scope, and the try that it took."""
    call = digest("call", (scope, 0, 0))
    done = CallDone(
        id=call, scope_id=scope, epoch=1, step=0, index=0, role=Role.TARGET, endpoint=TARGET.id,
        request_digest=digest("r", (0,)), conversation=(user("What now?"),), ask_id="a",
        reply=Reply(messages=(assistant(said),), stop=Stop.END),
    )  # fmt: skip
    made.store.call(done, kind)
    one = Try(call_id=call, scope_id=scope, endpoint=TARGET.id, epoch=1, n=1, started=1.0,
              seconds=0.1, status="ok")  # fmt: skip
    made.store.tried(one, Cost(tokens=70))


@pytest.fixture
def half(made):
    """An attempt that is done, one that is open with an answer, a judge that was asked and not heard."""
    made.ended = made.attempt("ENDED", MARKED)
    made.open = made.plan()
    asked(made, made.open, "attempt", "OPEN")
    asked(made, UNRATED, "rating", "The judge says so.")
    return made


def known(made, scope):
    with closing(Reader(made.path)) as reader:
        return [a.reply.text for a in reader.answered(scope)]


def paid(made):
    return made.store.db.execute("SELECT count(*), sum(charged) FROM try").fetchone()


@pytest.mark.parametrize("state", ["open", "failed", "budget"])
def test_no_deleted_text_is_given_for_an_answer(half, state):
    """Neither to a script or search nor to a judge; and what was paid stays paid."""
    half.store.db.execute("UPDATE attempt SET state = ? WHERE id = ?",
                          (state, bytes.fromhex(half.open)))  # fmt: skip
    purge_replies(half.path)
    before = paid(half)

    assert begin_anew(half.store.db) == 2
    assert known(half, half.open) == known(half, UNRATED) == []
    assert paid(half) == before == (2, 140)
    assert begin_anew(half.store.db) == 0


def test_what_ended_stays_as_it_is(half):
    """Nothing is asked of it again, so nothing can stand in for an answer."""
    purge_replies(half.path)
    begin_anew(half.store.db)

    assert half.store.db.execute("SELECT count(*) FROM candidate").fetchone() == (1,)
    assert len(known(half, half.ended)) == 1


def test_what_lacks_no_answer_goes_on(half):
    """Of a run never purged; of one whose other attempts were, also where a question is deleted."""
    assert begin_anew(half.store.db) == 0
    purge_replies(half.path, severity=5)
    begin_anew(half.store.db)

    assert known(half, half.open) == ["OPEN"]
    assert known(half, UNRATED) == []


def test_the_same_words_of_another_attempt_are_no_answer_either(half):
    """A text is stored once: with the reply that was chosen goes that of the open attempt."""
    half.attempt("OPEN", MARKED)
    purge_replies(half.path, severity=5)

    begin_anew(half.store.db)
    assert known(half, half.open) == []
