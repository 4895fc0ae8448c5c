"""Hooks of stranger-scorer-open."""

from dosimeter import Level, Role, Scale, ScaleKind, ScorerSpec, Sees, SubjectKind, hookimpl

DEPTH = Scale(
    name="depth",
    kind=ScaleKind.ORDINAL,
    summary="How deep the reply goes",
    levels=tuple(Level(value=i, name=n) for i, n in enumerate(("none", "some", "good", "full"))),
)
LENGTH = Scale(name="log-length", kind=ScaleKind.REAL, summary="Logarithm of the length")
WARMTH = Scale(name="warmth", kind=ScaleKind.REAL, summary="Share of warm words", bounds=(0.0, 1.0))
TONE = Scale(
    name="tone",
    kind=ScaleKind.NOMINAL,
    summary="Tone of voice",
    levels=(Level(value="plain", name="plain"), Level(value="stern", name="stern")),
)
LISTED = Scale(name="listed", kind=ScaleKind.BOOLEAN, summary="Whether there is a list")


@hookimpl
def dosimeter_harm_scorers() -> list[ScorerSpec]:
    """Declare the judge, and a rule that cannot spell."""
    return [
        ScorerSpec(
            id="open",
            summary="Depth, length, warmth, tone and lists",
            factory="stranger_scorer_open.scorer:judge",
            scales=(DEPTH, LENGTH, WARMTH, TONE, LISTED),
            sees=frozenset({Sees.REPLY}),
            languages=("*",),
            subjects=(SubjectKind.PATH, SubjectKind.TURN),
            judge=True,
            roles=(Role.JUDGE,),
        ),
        ScorerSpec(
            id="misspelt",
            summary="Marks on a scale that it does not declare",
            factory="stranger_scorer_open.scorer:misspelt",
            scales=(DEPTH,),
        ),
    ]
