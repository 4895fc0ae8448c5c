"""Who is asked about a verdict, and who about words: each rater about what it reads."""

import pytest

from dosimeter import Message, ScorerSpec, Sees, Speaker, Stop, Text, Verdict, user
from dosimeter.engine.tasks import SHOWN
from dosimeter.engine.unasked import unasked
from dosimeter.ids import word
from dosimeter.journal.transcripts import Turn
from dosimeter.model.rating import REASONS

BLOCKED = Verdict(label="x", blocked=True)
WORDS = Text(text="Herons wade.")
READERS = {"text": {Sees.REPLY}, "verdict": {Sees.VERDICT}, "both": {Sees.VERDICT, Sees.REPLY}}


class One:
    """A transcript in English."""

    asked, language = (), "en"


def turn(*parts, stop=Stop.END):
    reply = (Message(speaker=Speaker.ASSISTANT, parts=parts),) if parts else ()
    return Turn(call=1, call_id="c", leaf=1, stop=stop, model=None, sent=(user("x"),), reply=reply)


def why(sees, one):
    spec = ScorerSpec(id="r", summary="s", factory="m:f", scales=(), sees=frozenset(READERS[sees]))
    return unasked(spec, One(), one)


@pytest.mark.parametrize(
    ("reply", "text", "verdict", "both"),
    [
        (turn(WORDS), "", "no-verdict", ""),
        (turn(BLOCKED, stop=Stop.VERDICT), "verdict", "", ""),
        (turn(WORDS, BLOCKED), "", "", ""),
        (turn(Verdict(label="")), "verdict", "", ""),
        (turn(Text(text=" ")), "empty", "empty", "empty"),
        (turn(stop=Stop.FILTERED), "blocked:filtered", "blocked:filtered", "blocked:filtered"),
        (turn(BLOCKED, stop=Stop.FAILED), "reply-failed", "reply-failed", "reply-failed"),
    ],
)  # fmt: skip
def test_a_rater_is_asked_about_what_it_reads(reply, text, verdict, both):
    """A verdict is no empty reply and no refusal to who reads words; words are no "not blocked"."""
    told = {"text": text, "verdict": verdict, "both": both}

    assert {sees: why(sees, reply) for sees in READERS} == told
    assert all(w.partition(":")[0] in REASONS and word(w) == w for w in told.values())


def test_the_verdict_of_a_reply_is_its_last():
    """A guardrail may think aloud in several parts; who reads verdicts is shown that one."""
    reply = turn(Verdict(label="first", blocked=False), Text(text="or rather"), BLOCKED)

    assert SHOWN[Sees.VERDICT](None, reply, ()) == reply.verdict == BLOCKED
    assert turn(WORDS).verdict is None
