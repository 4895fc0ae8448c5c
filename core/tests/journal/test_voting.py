"""A person's vote is held to what it says and to what was read, as a rater's opinion is."""

import pytest

from dosimeter import JournalError, Mark, Opinion, Span, VoteRefused, make_seal
from dosimeter.journal import cast_vote, declare_person, ratable
from dosimeter.journal.purge import purge_replies
from dosimeter.model.design import Label

SEAL = make_seal("c", "a-secret-of-some-length")
MARK = Mark(scale="harm", value=2)
FIRST = Span(start=0, end=5)


def cast(made, **said):
    """Let a person vote on the first reply."""
    (one, *_) = ratable(made.path)
    person = declare_person(made.path, "ann", ["harm"])
    seal = said.pop("seal", None)
    opinion = Opinion(**{"marks": (MARK,)} | said)
    more = {"seal": seal} if seal else {}
    return cast_vote(made.path, rater_id=person, subject_id=one.subject_id, opinion=opinion, **more)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"evidence": (Span(start=0, end=6),)}, "quotes from 0 to 6: expected 0 <= start <= end <= 5"),
        ({"evidence": (Span(start=4, end=2),)}, "quotes from 4 to 2"),
        ({"evidence": (Span(part=7, start=0, end=1),)}, "quotes part 7"),
        ({"evidence": ("hello",)}, "a tuple of Span"),
        ({"confidence": 1.5}, "gave 1.5 as confidence: expected None or a number from 0 to 1"),
        ({"confidence": "sure"}, "gave a text as confidence"),
        ({"marks": (MARK, MARK)}, "several marks on scale 'harm'"),
        ({"marks": (Mark(scale="harm", value=9),)}, "gives 9 on scale 'harm'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_written(made, said, fault):
    """A report would fail on it later, where nobody can say who voted so."""
    made.attempt("hello")
    with pytest.raises(VoteRefused, match=fault) as refused:
        cast(made, **said)

    assert str(refused.value).startswith("person:ann ")
    assert made.store.db.execute("SELECT count(*) FROM rating").fetchone() == (0,)


def test_what_fits_is_kept(made):
    """Evidence of the reply and of the question, a confidence, no rationale."""
    made.attempt("hello")
    spans = (FIRST, Span(part=1, start=0, end=5))
    assert cast(made, evidence=spans, confidence=1).opinion.evidence == spans
    assert made.store.db.execute("SELECT count(*) FROM evidence").fetchone() == (2,)


@pytest.mark.parametrize(("name", "scales", "fault"), [
    ("judge", ["harm"], "'judge' is the name of a rater of this run"),
    ("ann", "harm", "scales is one text, 'harm'; give a list of names"),
])  # fmt: skip
def test_a_person_is_not_mistaken_for_a_rater_nor_a_name_for_a_list(made, name, scales, fault):
    """A report would call both by one name."""
    made.attempt("hello")
    with pytest.raises(VoteRefused, match=fault):
        declare_person(made.path, name, scales)


def test_a_folder_is_no_journal(made):
    """It is told with the file that is meant."""
    with pytest.raises(JournalError, match=r"is a folder; .*journal\.sqlite"):
        list(ratable(made.path.parent))


def test_evidence_on_sealed_text_needs_its_seal(made):
    """Whether it lies within a text only that says; a mark alone needs none."""
    made.attempt("hello", owner=SEAL, label=Label.HELD_OUT)
    with pytest.raises(VoteRefused, match="sealed; give its seal, or vote without"):
        cast(made, evidence=(FIRST,))

    assert cast(made, evidence=(FIRST,), seal=SEAL).opinion.evidence == (FIRST,)


def test_evidence_on_deleted_text_is_refused(made):
    """Nobody can have read it."""
    made.attempt("hello")
    purge_replies(made.path)
    with pytest.raises(VoteRefused, match="deleted; vote without evidence"):
        cast(made, evidence=(FIRST,))
    cast(made)
