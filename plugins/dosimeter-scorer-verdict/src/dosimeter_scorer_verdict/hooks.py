"""Hooks of dosimeter-scorer-verdict."""

from dosimeter import Direction, Scale, ScaleKind, ScorerSpec, Sees, SubjectKind, hookimpl

BLOCKED = Scale(
    name="blocked",
    kind=ScaleKind.BOOLEAN,
    summary="Whether the guardrail would have stopped the request",
    direction=Direction.NEITHER,
)


@hookimpl
def dosimeter_harm_scorers() -> list[ScorerSpec]:
    """Declare the rater of verdicts."""
    return [
        ScorerSpec(
            id="verdict",
            summary="Whether a guardrail blocked, as its verdict says",
            factory="dosimeter_scorer_verdict.scorer:build",
            scales=(BLOCKED,),
            sees=frozenset({Sees.VERDICT}),
            languages=("*",),
            subjects=(SubjectKind.PATH, SubjectKind.TURN),
        )
    ]
