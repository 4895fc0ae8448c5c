"""What may be shown, decided in one place, of journals made by hand."""

import json
from contextlib import closing

import attrs
import pytest
from journals import JUDGE, RATER

from dosimeter import Mark, Note, Opinion, Outcome, Scale, ScaleKind, Span, SubjectKind
from dosimeter.analysis.report import make_evidence
from dosimeter.ids import digest_bytes
from dosimeter.journal.purge import purge_replies
from dosimeter.journal.reader import Reader
from dosimeter.model.design import Intent, Label
from dosimeter.vault import make_seal
from dosimeter.withholding import MarkRow, why_withheld

SEAL = make_seal("c", "a-secret-of-some-length")
ASKED_IN_EARNEST = [Intent.HARMFUL, Intent.CONTESTABLE, Intent.HONEYPOT]


FIRST = (Span(start=0, end=5),)


def rated(value):
    """Give an opinion that quotes and comments."""
    mark = Mark(scale="harm", value=value)
    return Opinion(marks=(mark,), rationale="It tells of herons.", evidence=FIRST)


def unrated(outcome):
    mark = Mark(scale="harm", outcome=outcome, reason="language")
    return Opinion(marks=(mark,), rationale="It tells of herons.", evidence=FIRST)


def excerpts(path, **asked):
    """Give what sinks are handed of a journal."""
    with closing(Reader(path, [SEAL])) as reader:
        return list(make_evidence(reader, **asked))


def test_the_three_intents_that_may_do_harm_are_guarded_and_no_other(made):
    """Contestable and honeypot replies need marks as harmful ones do; benign ones need none."""
    for intent in Intent:
        made.attempt("Herons wade.", intent=intent)
    shown = {e.intent: e.reply for e in excerpts(made.path)}

    assert [i for i in Intent if shown[i] is None] == [i for i in Intent if i in ASKED_IN_EARNEST]


@pytest.mark.parametrize("intent", ASKED_IN_EARNEST)
@pytest.mark.parametrize("outcome", [Outcome.UNSCORABLE, Outcome.FAILED])
def test_a_reply_that_a_rater_cannot_rate_is_withheld(made, intent, outcome):
    """Missing is no low mark: neither reply, rationale nor evidence is shown."""
    made.attempt("Herons wade.", unrated(outcome), intent=intent)
    (one,) = excerpts(made.path)

    assert one.withheld == f"harm {outcome.value} by judge"
    assert (one.reply, one.rationale, one.evidence) == (None, None, None)


@pytest.mark.parametrize("low", [1, 3])
def test_one_missing_mark_beside_a_low_one_withholds(made, low):
    """Every mark of hazard counts, not the best of them."""
    other = made.rater("other", digest_bytes("rater", b"other"))
    made.attempt("Herons wade.", rated(low), (other, unrated(Outcome.UNSCORABLE)))
    (one,) = excerpts(made.path)

    assert one.withheld == "harm unscorable by other"
    assert one.reply is None


def test_a_rater_that_has_not_rated_a_reply_withholds_it(made):
    """A judge that is down says nothing of the reply; a rule's low mark beside it shows nothing."""
    rule = made.rater(
        "rule", digest_bytes("rater", b"rule"), attrs.evolve(JUDGE, id="r", judge=False)
    )
    for intent in Intent:
        made.attempt("Herons wade.", (rule, rated(1)), intent=intent)
    made.attempt("Otters swim.", (rule, rated(1)), rated(1))
    told = {e.intent: e for e in excerpts(made.path)[:-1]}
    with closing(Reader(made.path)) as reader:
        counted = make_evidence(reader).unseen().withheld

    assert {i for i in Intent if told[i].withheld} == set(ASKED_IN_EARNEST)
    assert {told[i].withheld for i in ASKED_IN_EARNEST} == {"harm not rated by judge"}
    assert {told[i].reply for i in ASKED_IN_EARNEST} == {None}
    assert excerpts(made.path)[-1].reply == "Otters swim."
    assert counted == len(ASKED_IN_EARNEST)


@pytest.mark.parametrize(("votes", "withheld"), [(1, ""), (2, "harm not rated 2 times by judge")])
def test_a_reply_with_some_of_a_judges_votes_is_withheld(made, votes, withheld):
    """The vote that is lacking may be the one that is high."""
    made.store.db.execute("INSERT INTO run VALUES ('votes', ?)", (json.dumps({RATER: votes}),))
    made.attempt("Herons wade.", rated(1))

    assert [e.withheld for e in excerpts(made.path)] == [withheld]


@pytest.mark.parametrize(("stack", "withheld"), [(1, ""), (2, "harm not rated by other")])
def test_a_rater_that_the_stack_no_longer_has_is_not_waited_for(made, stack, withheld):
    """It would withhold for ever; what it did mark counts as before."""
    other = made.rater("other", digest_bytes("rater", b"other"))
    names = json.dumps([RATER, other][:stack])
    made.store.db.execute("INSERT INTO run VALUES ('raters', ?)", (names,))
    made.attempt("Herons wade.", rated(1))
    made.attempt("Otters swim.", rated(1), (other, rated(5)))

    assert [e.withheld for e in excerpts(made.path)] == [withheld, "harm 5 by other"]


def test_high_marks_on_other_scales_withhold_nothing(made):
    """A long reply is not a dangerous one, whatever number tells how long it is."""
    tame = attrs.evolve(JUDGE, id="w", scales=(Scale(name="words", kind=ScaleKind.REAL),))
    words = made.rater("words", digest_bytes("rater", b"words"), tame)
    long = Opinion(marks=(Mark(scale="words", value=900.0),))
    made.attempt("Herons wade.", rated(1), (words, long))

    assert [e.reply for e in excerpts(made.path)] == ["Herons wade."]


def test_a_note_of_a_kind_that_nobody_declared_is_shown_as_unclear(made):
    """It is a stranger's word and might quote; declared ones are shown as they are."""
    made.attempt("x", rated(1), notes=(Note(kind="off-goal", by="a"), Note(kind="herons", by="a")))

    assert [e.notes for e in excerpts(made.path)] == [("off-goal", "unclear")]


def test_a_rater_of_turns_is_not_waited_for_at_the_end_of_a_path(made):
    """Nor one whose scales tell nothing of hazard: neither would ever mark it."""
    turns = attrs.evolve(JUDGE, id="t", subjects=(SubjectKind.TURN,))
    tame = attrs.evolve(JUDGE, id="w", scales=(Scale(name="words", kind=ScaleKind.REAL),))
    made.rater("turns", digest_bytes("rater", b"turns"), turns)
    made.rater("tame", digest_bytes("rater", b"tame"), tame)
    made.attempt("Herons wade.", rated(1))
    made.attempt(" \n")

    assert [e.withheld for e in excerpts(made.path)] == ["", ""]


@pytest.mark.parametrize("intent", [Intent.HARMFUL, Intent.BENIGN])
def test_rationale_and_evidence_go_with_the_reply(made, intent):
    """Both quote it: from the limit on they are withheld, below it all three are shown."""
    made.attempt("Herons wade.", rated(4), intent=intent)
    made.attempt("Otters swim.", rated(3), intent=intent)
    high, low = excerpts(made.path)

    assert (high.reply, high.rationale, high.evidence) == (None, None, None)
    assert high.withheld == "harm 4 by judge"
    assert (low.reply, low.withheld) == ("Otters swim.", "")
    assert (low.rationale, low.evidence) == ("It tells of herons.", ("Otter",))


def test_a_withheld_open_reply_has_a_name_and_a_sealed_one_none(made):
    """The plain hash of a short sealed reply would tell it to whoever guesses."""
    made.attempt("Herons wade.", rated(5))
    made.attempt("Herons wade.", rated(1), label=Label.HELD_OUT, owner=SEAL)
    public, sealed = excerpts(made.path)

    assert public.reply_hash == digest_bytes("reply", b"Herons wade.")
    assert sealed.reply_hash == ""
    assert public.reply_hash not in repr(sealed)


def test_a_deleted_reply_has_no_name(made):
    """The hash of nothing would be that of every deleted reply; an empty one keeps its own."""
    made.attempt("Herons wade.", rated(5))
    made.attempt("", rated(1))
    made.store.close()
    purge_replies(made.path, severity=4)
    gone, empty = excerpts(made.path)

    assert (gone.withheld, gone.reply_hash) == ("purged", "")
    assert empty.reply_hash == digest_bytes("reply", b"")


@pytest.mark.parametrize("asked", [False, True])
def test_sealed_text_is_shown_to_nobody(made, asked):
    """Not to who asks to see what is hazardous either, and though the secret is at hand."""
    made.attempt("Herons wade.", rated(1), label=Label.HELD_OUT, owner=SEAL)
    (one,) = excerpts(made.path, include_hazardous=asked)

    assert one.withheld == "sealed panel"
    assert (one.prompt, one.reply, one.rationale, one.evidence) == (None, None, None, None)


@pytest.mark.parametrize("intent", ASKED_IN_EARNEST)
def test_without_any_mark_of_hazard_it_is_withheld(intent):
    """A mark on a scale that tells nothing of hazard is none."""
    mark = MarkRow(rater="r", scale="other", value=1.0, outcome="scored")

    assert why_withheld(intent, [], {}) == "not rated for hazard"
    assert why_withheld(intent, [mark], {}) == "not rated for hazard"


@pytest.mark.parametrize("at", [(-6, -1), (0.5, 3), (0, "x"), (3, 2), (0, 10**12)])
def test_a_quote_that_is_none_hides_no_report(made, at):
    """A journal of before quotes were checked may hold any; it is shown without them."""
    made.attempt("Herons wade.", rated(1))
    made.store.db.execute("UPDATE evidence SET start = ?, stop = ?", at)
    (one,) = excerpts(made.path)

    assert one.reply == "Herons wade."
    assert one.evidence == ()
