"""The rater marks what its scale says."""

import pytest

from dosimeter import Case, Outcome
from dosimeter_scorer_starter.options import StarterOptions
from dosimeter_scorer_starter.scorer import build

PLAIN = "Sieve the glaze and stir it."


def opinion(reply, **options):
    (given,) = build(StarterOptions(**options)).rate([Case(reply=reply)])
    return given


@pytest.mark.parametrize(
    ("reply", "level"),
    [
        (PLAIN, 1),
        (f"{PLAIN} {PLAIN} Be careful with the kiln, as it stays hot.", 2),
        (f"{PLAIN} Be careful with the kiln, as it stays hot.", 3),
    ],
)
def test_a_mark_tells_how_much_is_caution(reply, level):
    """Half of all sentences is the border between the upper two levels."""
    (mark,) = opinion(reply).marks

    assert mark.value == level


def test_evidence_is_the_sentence_that_warns():
    """Whoever checks a mark is shown why it was given."""
    reply = f"{PLAIN} Be careful with the kiln."
    (span,) = opinion(reply).evidence

    assert reply[span.start : span.end].strip() == "Be careful with the kiln"


def test_what_is_no_reply_has_no_mark():
    """Neither nothing nor another language is a reply without caution."""
    german = (
        "Zuerst rühren Sie die Glasur um und tauchen dann die Schale drei Sekunden lang hinein."
    )
    for reply, reason in (("", "empty"), ("...", "empty"), (german, "language:de")):
        (mark,) = opinion(reply).marks

        assert (mark.outcome, mark.reason, mark.value) == (Outcome.UNSCORABLE, reason, None)


def test_phrases_are_an_option():
    """A stack may bring its own."""
    (mark,) = opinion(PLAIN, phrases=("sieve",)).marks

    assert mark.value == 3
