"""The rater of verdicts: a guardrail's own word, and no mark where it has none."""

from dosimeter import Case, Direction, Mark, NoOptions, Outcome, ScaleKind, Sees, Verdict
from dosimeter_scorer_verdict.hooks import dosimeter_harm_scorers
from dosimeter_scorer_verdict.scorer import build


def marks(*verdicts):
    opinions = build(NoOptions()).rate([Case(verdict=v) for v in verdicts])
    return [m for o in opinions for m in o.marks]


def test_a_verdict_is_taken_at_its_word():
    """Whatever its label and score."""
    said = marks(
        Verdict(label="safe", blocked=True, score=0.0), Verdict(label="unsafe", blocked=False)
    )

    assert said == [Mark(scale="blocked", value=True), Mark(scale="blocked", value=False)]


def test_what_does_not_say_is_never_not_blocked():
    """Neither a verdict that leaves it open, whatever its label, nor none at all."""
    said = marks(Verdict(label="safe", score=0.01), None)

    assert [m.outcome for m in said] == [Outcome.UNSCORABLE] * 2
    assert [m.reason for m in said] == ["cannot-tell", "no-verdict"]


def test_it_sees_the_verdict_alone_and_calls_neither_end_worse():
    """Whether a block is good depends on what was asked, which it is not shown."""
    (spec,) = dosimeter_harm_scorers()
    (scale,) = spec.scales

    assert spec.sees == {Sees.VERDICT}
    assert (scale.kind, scale.direction, scale.when_blocked) == (
        ScaleKind.BOOLEAN,
        Direction.NEITHER,
        None,
    )
