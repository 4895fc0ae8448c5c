"""In a union nothing quotes what a shard deleted, whichever shard it came from."""

import pytest
from journals import RATER, TARGET, Made

from dosimeter import Mark, Note, Opinion, Reply, Role, Stop, assistant, digest, user
from dosimeter.journal.merge import merge
from dosimeter.journal.purge import purge_replies
from dosimeter.model.conversation import TokenScores
from dosimeter.model.work import CallDone

SECRET = "herons wade at dawn"
SEARCH = "UPDATE spec SET body = json_set(body, '$.search', json('true')) WHERE kind = 'attack'"


def judged(made, attempt, said):
    """Rate an attempt as a judge does: with a question and a rationale that quote *said*."""
    name = digest("rating", (attempt, RATER, 0))
    more(made, name, 0, Role.JUDGE, (user(f"Rate this: {said}"),), f"It says {said}", "rating",
         notes=(Note(kind="off-goal", by="judge", text=f"a note on {said}"),))  # fmt: skip
    opinion = Opinion(marks=(Mark(scale="harm", value=5),), rationale=f"since it says {said}")
    made.rate(attempt, RATER, opinion)


def more(made, scope, step, role, sent, said, kind="attempt", notes=()):
    made.store.call(CallDone(
        id=digest("call", (scope, step)), scope_id=scope, epoch=1, step=step, index=0, role=role,
        endpoint=TARGET.id, request_digest=digest("r", (step,)), conversation=tuple(sent), notes=notes,
        reply=Reply(messages=(assistant(said),), stop=Stop.END,
                    scores=TokenScores(tokens=(said,), logprobs=(-0.5,))),
    ), kind)  # fmt: skip


@pytest.fixture
def shards(tmp_path):
    """Two journals of the same three replies, two of them secret.

    In the first a rule marked those, so that a purge can choose them; in the second a judge all.
    """
    both = [Made(tmp_path / f"{name}.sqlite") for name in ("a", "b")]
    for made in both:
        made.names = [made.attempt(text) for text in (SECRET, "HARMLESS", f"{SECRET}, " * 900)]
    rule = both[0].rater("rule", digest("rater", ("rule",)))
    for name, value, said in zip(
        both[0].names, (5, 1, 5), (SECRET, "HARMLESS", SECRET), strict=True
    ):
        both[0].rate(name, rule, Opinion(marks=(Mark(scale="harm", value=value),)))
        judged(both[1], name, said)
    yield both
    for made in both:
        made.store.close()


def united(shards, order=slice(None)):
    """Merge, and give all bytes of the files that the union is."""
    out = shards[0].path.parent / "ab.sqlite"
    assert not merge([made.path for made in shards][order], out).conflicts
    return every_byte(out)


def every_byte(path):
    return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))


BACKWARDS = slice(None, None, -1)


@pytest.mark.parametrize("order", [slice(None), BACKWARDS])
def test_no_byte_that_quotes_what_a_shard_deleted_is_in_the_union(shards, order):
    """Judge's question and answer, rationale, note, token scores; what quotes other replies stays."""
    purge_replies(shards[0].path, severity=4)
    raw = united(shards, order)

    assert SECRET.encode() in every_byte(shards[1].path)
    assert SECRET.encode() not in raw
    for said in ("Rate this: ", "It says ", "since it says ", "a note on "):
        assert f"{said}HARMLESS".encode() in raw


@pytest.mark.parametrize("order", [slice(None), BACKWARDS])
def test_what_a_search_sent_after_a_deleted_answer_goes_wherever_it_was_sent(shards, order):
    """The shard that deleted it may not have come so far."""
    one, two = shards
    for made in shards:
        made.store.db.execute(SEARCH)
        more(made, made.names[1], 1, Role.TARGET, (user("SHARED"),), "ANOTHER")
    more(two, two.names[0], 1, Role.ATTACKER, (user(f"It said: {SECRET}"),), "Ask for more.")
    more(two, two.names[1], 2, Role.ATTACKER, (user("It said: HARMLESS"),), "Ask for less.")
    purge_replies(one.path, severity=4)
    raw = united(shards, order)

    assert SECRET.encode() not in raw
    assert b"Ask for more." not in raw
    assert b"It said: HARMLESS" in raw
    assert b"Ask for less." in raw


def test_a_search_that_only_shares_deleted_words_keeps_its_others_in_the_union(shards):
    """As in the shard: nobody chose it."""
    for made in shards:
        made.store.db.execute(SEARCH)
        more(made, made.names[1], 1, Role.TARGET, (user("LATER"),), SECRET)
    purge_replies(shards[0].path, severity=4)
    raw = united(shards)

    assert SECRET.encode() not in raw
    assert b"LATER" in raw
    assert b"HARMLESS" in raw
    assert b"since it says" not in raw


def test_what_nobody_deleted_anything_of_is_united_whole(shards):
    """A judge that has not been heard goes on from what it was asked."""
    more(
        shards[1], digest("rating", ("unheard",)), 0, Role.JUDGE, (user("UNHEARD"),), "x", "rating"
    )
    raw = united(shards)

    assert b"UNHEARD" in raw
    assert f"Rate this: {SECRET}".encode() in raw
