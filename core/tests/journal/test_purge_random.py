"""Random journals whose searches and judges say each other's words: what quotes a deleted reply goes with it."""

import random

import pytest
from journals import RATER, TARGET, Made

from dosimeter import Mark, Note, Opinion, Reply, Role, Stop, assistant, digest, user
from dosimeter.journal.purge import purge_replies
from dosimeter.model.conversation import TokenScores
from dosimeter.model.doing import Candidate
from dosimeter.model.work import CallDone, State, WorkDone

LEFT = """
SELECT CAST(b.bytes AS TEXT) FROM attempt a JOIN scope s ON s.id = a.id
JOIN message m ON m.scope = s.k AND m.speaker = 'assistant' JOIN blob g ON g.k = m.body AND g.codec = 'purged'
JOIN blob b ON b.codec != 'purged' AND b.k IN (
  SELECT scores FROM call WHERE scope = s.k UNION SELECT body FROM note WHERE scope = s.k
  UNION SELECT r.rationale FROM subject u JOIN rating r ON r.subject = u.k WHERE u.attempt = a.k
  UNION SELECT j.body FROM subject u JOIN rating r ON r.subject = u.k JOIN scope o ON o.id = r.id
    JOIN message j ON j.scope = o.k WHERE u.attempt = a.k)
"""
"""Scores, notes, rationales and judges' words that stayed with an attempt that lost a reply."""


def ask(made, scope, at, kind="attempt", **more):
    """Write one call of *scope*; give its id."""
    name = digest("call", at)
    made.store.call(
        CallDone(id=name, scope_id=scope, epoch=1, step=at[-1], index=0, endpoint=TARGET.id,
                 request_digest=digest("request", at), ask_id=str(at[-1]), **more), kind
    )  # fmt: skip
    return name


def reply(text, scores=None):
    return Reply(messages=(assistant(text),), stop=Stop.END, scores=scores)


def attempt(made, rng, words):
    """Make a search of some steps, rated by a judge."""

    def text():
        return rng.choice(words) if rng.random() < 0.5 else f"said {rng.random()}"

    scope, said, leaf = made.plan(), "", ""
    for step in range(rng.randint(1, 3)):
        role = Role.TARGET if not step or rng.random() < 0.6 else Role.ATTACKER
        sent = (f"question {made.n}",) if not step else [text() for _ in range(rng.randint(1, 2))]
        got, here = text(), f"{made.n}.{step}"
        scores = TokenScores(tokens=(f"{got} scored {here}",), logprobs=(-0.5,))
        note = Note(kind="off-goal", by="direct", text=f"{got} noted {here}")
        call = ask(made, scope, (made.n, step), role=role, conversation=tuple(map(user, sent)),
                   reply=reply(got, rng.choice([scores, None])), notes=rng.choice([(note,), ()]))  # fmt: skip
        if role is Role.TARGET:
            said, leaf = got, call
    end = WorkDone(attempt_id=scope, epoch=1, state=State.DONE, candidates=(Candidate(leaf=leaf),))
    made.store.work(end)
    verdict = rng.choice(words) if rng.random() < 0.3 else f"verdict {made.n}"
    ask(made, digest("rating", (scope, RATER, 0)), ("judge", made.n, 0), "rating", role=Role.JUDGE,
        conversation=(user(f"{said} asked about {made.n}"),), reply=reply(verdict))  # fmt: skip
    mark = Mark(scale="harm", value=5 if made.n == 1 else rng.choice((1, 5)))
    made.rate(scope, RATER, Opinion(marks=(mark,), rationale=f"{said} judged {made.n}"))


@pytest.mark.parametrize("seed", range(60))
def test_nothing_that_quotes_a_deleted_reply_stays(tmp_path, seed):
    """And what a purge leaves, the same purge leaves once more."""
    rng, made = random.Random(seed), Made(tmp_path / "journal.sqlite")
    made.store.db.execute(
        "UPDATE spec SET body = json_set(body, '$.search', json('true')) WHERE kind = 'attack'"
    )
    words = [f"word {n}" for n in range(rng.choice((3, 5, 8)))]
    for _ in range(rng.randint(2, 4)):
        attempt(made, rng, words)

    assert purge_replies(made.path, severity=5).texts
    assert made.store.db.execute(LEFT).fetchall() == []
    assert not purge_replies(made.path, severity=5).texts
