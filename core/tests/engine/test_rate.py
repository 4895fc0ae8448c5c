"""Raters that raise, and raters that break their word: each is told by name, and none costs another."""

import traceback
from types import SimpleNamespace

import pytest
from attrs import evolve

from dosimeter import (
    Level,
    Mark,
    Opinion,
    Outcome,
    PluginBroken,
    Scale,
    ScaleKind,
    ScorerSpec,
    Sees,
    Span,
    assistant,
    user,
)
from dosimeter.engine.opinions import checked
from dosimeter.engine.rules import TIMEOUT, RuleFault
from dosimeter.engine.ruling import Conduct, rate_pure
from dosimeter.journal.transcripts import Turn
from dosimeter.model.conversation import Stop

LEVELS = Scale(name="levels", kind=ScaleKind.ORDINAL,
               levels=tuple(Level(value=n, name=str(n)) for n in (1, 2)))  # fmt: skip
REAL = Scale(name="real", kind=ScaleKind.REAL)
SPEC = ScorerSpec(id="odd", summary="s", factory="odd_pack.raters:odd", scales=(LEVELS, REAL))
TURN = Turn(call=1, call_id="c", leaf=1, stop=Stop.END, model=None,
            sent=(user("a question"),), reply=(assistant("MARKED"),))  # fmt: skip
SOUND = Mark(scale="levels", value=1)


def opinion(*marks, **parts):
    return Opinion(marks=marks or (SOUND,), **parts)


def quoting(*at):
    part, start, end = at
    return opinion(evidence=(Span(part=part, start=start, end=end),))


MARKED = ("MARKED-REPLY", "other")


def fails(cases):
    """Fail on several cases, and give too few opinions on one."""
    if len(cases) > 1:
        raise RuleFault("ValueError") from ValueError(f"cannot read {cases[0]}")
    return []


def opinions_of(ask, *replies, conduct=None):
    """Let a rule that is asked so rate *replies*; give its opinions."""
    todo = [
        SimpleNamespace(turn=evolve(TURN, reply=(assistant(said),)), case=said, unasked="")
        for said in replies
    ]
    part = SimpleNamespace(spec=SPEC, id="r", source="odd-pack 1.0")
    return [o for _, o in rate_pure(part, ask, todo, conduct or Conduct())]


def test_a_fault_that_follows_a_rules_exception_does_not_carry_it():
    """The exception of the rule, which may hold a reply, is no context of the one that is told."""
    with pytest.raises(PluginBroken) as caught:
        opinions_of(fails, *MARKED)

    assert caught.value.__context__ is None
    assert "MARKED-REPLY" not in "".join(traceback.format_exception(caught.value))
    assert "rater 'odd' of odd-pack 1.0 gave 0 opinions for 1 case" in str(caught.value)


def reasons(opinions):
    return [mark.reason for o in opinions for mark in o.marks if mark.scale == "levels"]


def hangs_on(*bad, asked):
    """Give a rule that hangs where one of *bad* is among its cases; *asked* notes them."""

    def ask(cases):
        asked.append(len(cases))
        if set(bad) & set(cases):
            raise RuleFault(TIMEOUT)
        return [opinion()] * len(cases)

    return ask


def test_a_reply_on_which_a_rule_hangs_costs_no_other_its_mark():
    """After it has hung once, replies are put to it one by one: none waits for a batch in vain."""
    asked, conduct = [], Conduct()
    ask = hangs_on("b", asked=asked)

    assert reasons(opinions_of(ask, "a", "b", "c", conduct=conduct)) == ["", "error:Timeout", ""]
    assert asked == [3, 1, 1, 1]
    assert reasons(opinions_of(ask, "d", "e", conduct=conduct)) == ["", ""]
    assert asked[4:] == [1, 1]


def test_a_rule_that_hangs_on_reply_after_reply_is_asked_no_more():
    """Each would take as long as it may; one that it rates in between gives it another chance."""
    asked, conduct = [], Conduct()
    said = opinions_of(hangs_on(*"bcefgh", asked=asked), *"abcdefgh", conduct=conduct)

    late = "error:Timeout"
    assert reasons(said) == ["", late, late, "", late, late, late]
    assert "of odd-pack 1.0 took too long on 3 replies in a row" in conduct.told["r"]
    assert asked == [8] + [1] * 7


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "gave a NoneType, not an Opinion"),
        ({"marks": 1}, "gave a dict, not an Opinion"),
        (Opinion(marks=None), "gave a NoneType as marks: expected a tuple of Mark"),
        (Opinion(marks=[SOUND]), "gave a list as marks"),
        (Opinion(marks=(SOUND, 2)), "gave a tuple as marks: expected a tuple of Mark"),
        (opinion(evidence=None), "gave a NoneType as evidence: expected a tuple of Span"),
        (opinion(evidence=((0, 1),)), "gave a tuple as evidence: expected a tuple of Span"),
        (opinion(rationale=None), "gave a NoneType as rationale: expected a str"),
        (opinion(confidence="MARKED"), "gave a text as confidence: expected None or a number"),
        (opinion(confidence=float("nan")), "gave nan as confidence"),
        (opinion(confidence=1.5), "gave 1.5 as confidence"),
        (opinion(confidence=-0.1), "gave -0.1 as confidence"),
        (opinion(confidence=True), "gave True as confidence"),
        (opinion(SOUND, Mark(scale="levels", value=2)), "several marks on scale 'levels'"),
        (opinion(Mark(scale=None, value=2)), "gave a mark on a NoneType"),
        (opinion(Mark(scale="level", value=2)), "'level', which it does not declare; did you mean 'levels'? Have it mended"),
        (opinion(Mark(scale="harm", value=2)), "does not declare; it declares levels, real. Have it"),
        (opinion(Mark(scale="levels", value=2, reason=None)), "gives a NoneType as reason on scale"),
        (opinion(Mark(scale="levels", outcome="failed", reason="x")), "gives a str as outcome"),
        (opinion(Mark(scale="levels", value=3)), "gives 3 on scale 'levels': expected one of 1, 2"),
        (opinion(Mark(scale="levels", value=10**5000)), "gives a huge number on scale 'levels'"),
        (opinion(Mark(scale="levels", value="MARKED")), "gives a text on scale 'levels'"),
        (opinion(Mark(scale="levels", value=["MARKED"])), "gives a list on scale 'levels'"),
        (opinion(Mark(scale="real", value=10**400)), "gives a huge number on scale 'real'"),
        (quoting(0, -5, -1), "quotes from -5 to -1: expected 0 <= start <= end <= 6"),
        (quoting(0, 0, 7), "quotes from 0 to 7"),
        (quoting(0, 3, 2), "quotes from 3 to 2"),
        (quoting(0, 0, 2**70), "quotes from 0 to a huge number"),
        (quoting(0, 0.5, 3), "gave 0.5 in a Span: expected whole numbers"),
        (quoting(0, True, 3), "gave True in a Span: expected whole numbers"),
        (quoting(0, 0, "MARKED"), "gave a text in a Span: expected whole numbers"),
        (quoting(1, 0, 1), "quotes part 1: expected 0 for the reply, or a message that it sees"),
        (quoting(-1, 0, 1), "quotes part -1"),
    ],
)  # fmt: skip
def test_a_rater_that_breaks_its_word_is_told_by_name_with_what_was_expected(given, told):
    """With its package, so that one knows whom to ask; in numbers and types, as the rest is text."""
    with pytest.raises(PluginBroken) as caught:
        checked(SPEC, given, TURN)

    assert str(caught.value).startswith("rater 'odd' of odd_pack ")
    assert told in str(caught.value)
    assert "MARKED" not in str(caught.value)


@pytest.mark.parametrize("sure", [None, 0, 1, 0.5])
def test_an_opinion_that_keeps_to_what_was_declared_is_taken_as_it_is(sure):
    """The ends of what is allowed are allowed."""
    whole = opinion(SOUND, Mark(scale="real", value=2.5), confidence=sure, rationale="r",
                    evidence=(Span(start=0, end=0), Span(start=0, end=6)))  # fmt: skip

    assert checked(SPEC, whole, TURN) is whole


def test_a_rater_that_sees_the_conversation_may_quote_its_messages():
    """By their place in it, but that 0 stands for the reply."""
    spec = ScorerSpec(id="odd", summary="s", factory="m:f", scales=(LEVELS,),
                      sees=frozenset({Sees.CONVERSATION}))  # fmt: skip
    checked(spec, quoting(1, 0, 6), TURN)
    for bad in (quoting(1, 0, 7), quoting(2, 0, 1)):
        with pytest.raises(PluginBroken, match="quotes"):
            checked(spec, bad, TURN)


def test_a_scale_that_a_rater_leaves_out_has_failed_on_it():
    """It is missing, and says so, rather than absent; what was said of others stays."""
    given = opinion(evidence=(Span(start=0, end=1),), rationale="r", confidence=0.5)
    whole = checked(SPEC, given, TURN)

    assert whole.marks == (SOUND, Mark(scale="real", outcome=Outcome.FAILED, reason="no-mark"))
    assert (whole.evidence, whole.rationale, whole.confidence) == (given.evidence, "r", 0.5)
