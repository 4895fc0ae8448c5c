"""A verdict in an excerpt: what a guardrail said, in words that quote nothing."""

import csv
import io
from contextlib import closing

import pytest
from journals import RATER

from dosimeter import Label, Mark, Message, Opinion, Outcome, Speaker, Stop, Verdict
from dosimeter.analysis.report import make_evidence, make_report
from dosimeter.journal.purge import purge_replies
from dosimeter.journal.reader import Reader
from dosimeter.model.work import Seal
from dosimeter.sinks.csvfile import _lines

SEAL = Seal(panel="c", key=b"k" * 32)
UNRATED = Opinion(marks=(Mark(scale="harm", outcome=Outcome.UNSCORABLE, reason="verdict"),))


def judged(made, verdict, **more):
    reply = Message(speaker=Speaker.ASSISTANT, parts=(verdict,))
    made.attempt("", (RATER, UNRATED), reply=reply, stop=Stop.VERDICT, **more)


def excerpts(made):
    with closing(Reader(made.path)) as reader:
        return list(make_evidence(reader))


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        (Verdict(label="blocked", blocked=True), "blocked"),
        (Verdict(label="violence", blocked=True, score=0.9), "blocked, label violence, score 0.9"),
        (Verdict(label="", blocked=False, score=0), "passed, score 0"),
        (Verdict(label="words of a prompt"), "undecided, label unclear"),
    ],
)
def test_a_verdict_is_shown_and_its_label_only_as_a_code(made, verdict, shown):
    """A label is an endpoint's text: a word of it is a code, more may quote. The journal keeps it whole."""
    judged(made, verdict)
    (one,) = excerpts(made)
    with closing(Reader(made.path)) as reader:
        (((turn,),),) = [one.paths for one in reader.attempts([1])]

    assert one.verdict == shown
    assert turn.verdict == verdict
    assert (one.reply, one.withheld) == ("", "")


def test_a_verdict_of_sealed_or_deleted_text_is_not_shown(made):
    """As no reply of these is; its mark is."""
    judged(made, Verdict(label="violence", blocked=True), label=Label.HELD_OUT, owner=SEAL)
    judged(made, Verdict(label="violence", blocked=True))
    made.store.close()
    purge_replies(made.path)
    sealed, gone = excerpts(made)

    assert [e.verdict for e in (sealed, gone)] == ["", ""]
    assert gone.withheld == "purged"


def test_csv_has_a_column_of_verdicts(made):
    """Beside the reply that there is none of."""
    judged(made, Verdict(label="violence", blocked=True))
    with closing(Reader(made.path)) as reader:
        text = b"".join(_lines(make_report(reader), make_evidence(reader))).decode()
    (row,) = csv.DictReader(io.StringIO(text))

    assert (row["verdict"], row["reply"], row["stop"]) == ("blocked, label violence", "", "verdict")
