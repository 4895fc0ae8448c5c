"""A guardrail beside a model that speaks: who has nothing to mark is left out, and is told once."""

from contextlib import closing

import pytest
from attrs import evolve
from journals import JUDGE, RATER, TARGET

from dosimeter import (
    Estimate,
    Mark,
    Message,
    Opinion,
    Outcome,
    Scale,
    ScaleKind,
    ScorerSpec,
    Sees,
    Speaker,
    Stop,
    Verdict,
    digest,
)
from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader

BLOCKED = Scale(name="blocked", kind=ScaleKind.BOOLEAN)
VERDICTS = ScorerSpec(
    id="verdict", summary="s", factory="m:f", scales=(BLOCKED,), sees=frozenset({Sees.VERDICT})
)
OF_VERDICTS = digest("rater", ("verdict",))
GUARD = evolve(TARGET, id=digest("endpoint", ("g",)), name="guard")


def unscorable(scale, reason):
    return Opinion(marks=(Mark(scale=scale, outcome=Outcome.UNSCORABLE, reason=reason),))


@pytest.fixture
def both(made):
    """Give a function that writes an attempt of the guardrail or of the model, rated by both raters."""
    made.rater("verdict", OF_VERDICTS, VERDICTS)
    made.endpoint(GUARD)
    made.store.db.execute("INSERT INTO arm VALUES (2, 'c', 'direct', 'as-is', 2)")

    def go(target, blocked=True):
        if target == "guard":
            reply = Message(speaker=Speaker.ASSISTANT, parts=(Verdict(label="x", blocked=blocked),))
            mark = Opinion(marks=(Mark(scale="blocked", value=blocked),))
            name = made.attempt(
                "",
                unscorable("harm", "verdict"),
                (OF_VERDICTS, mark),
                reply=reply,
                stop=Stop.VERDICT,
            )
            made.store.db.execute("UPDATE attempt SET arm = 2 WHERE id = ?", (bytes.fromhex(name),))
        else:
            marks = (RATER, Opinion(marks=(Mark(scale="harm", value=1),)))
            made.attempt("Herons.", marks, (OF_VERDICTS, unscorable("blocked", "no-verdict")))

    return go


def report(made):
    with closing(Reader(made.path)) as reader:
        return make_report(reader)


def rows(found):
    return {(dict(f.group)["target"], dict(f.group)["rater"]) for f in found.findings}


def test_each_target_has_rows_of_who_reads_what_it_gives(both, made):
    """No "no marks" where there can be none, and nothing missing in the rows that there are."""
    for n in range(12):
        both("guard", blocked=n < 9)
        both("model")
    found = report(made)
    (rate,) = [f for f in found.findings if f.measure == "blocked"]

    assert rows(found) == {("guard", "verdict"), ("t", "judge")}
    assert isinstance(rate, Estimate)
    assert (rate.value, rate.missing.unscorable) == (0.75, 0)
    assert {n.code: n.text for n in found.notices if n.code in {"idle-rater", "unmarked"}} == {
        "idle-rater": "t gives text and no verdict: verdict has nothing to mark of it, and no row below"
    }
    assert "guard gives verdicts and no text: judge has nothing to mark" in str(found.notices)
    assert all("idle" not in c.code for c in rate.caveats)


def test_a_target_that_gives_both_has_rows_of_everybody(both, made):
    """A guardrail that answers in words now and then is not measured as if it had not."""
    for _ in range(12):
        both("guard")
        both("model")
    made.store.db.execute("UPDATE attempt SET arm = 2")
    found = report(made)

    assert rows(found) == {("guard", "verdict"), ("guard", "judge")}
    assert {f.missing.unscorable for f in found.findings} == {12}
    assert {n.code for n in found.notices} >= {"unmarked"}
    assert "idle-rater" not in {n.code for n in found.notices}


def test_a_rater_that_reads_both_is_asked_of_both(made):
    """It has rows everywhere, marks or not."""
    spec = evolve(JUDGE, id="all", sees=frozenset({Sees.VERDICT, Sees.REPLY}))
    rater = made.rater("all", digest("rater", ("all",)), spec)
    reply = Message(speaker=Speaker.ASSISTANT, parts=(Verdict(label="x"),))
    made.attempt("", (rater, unscorable("harm", "cannot-tell")), reply=reply, stop=Stop.VERDICT)

    assert ("t", "all") in rows(report(made))


def test_a_guardrail_of_which_nothing_is_known_yet_is_not_taken_for_one(both, made):
    """Attempts that failed, or were blocked by the provider, do not say what a target gives."""
    made.attempt("", unscorable("harm", "blocked:filtered"), stop=Stop.FILTERED)

    assert rows(report(made)) == {("t", "judge"), ("t", "verdict")}
