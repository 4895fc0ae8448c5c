"""Hooks of dosimeter-kind-starter: what is declared. The work is behind the factory.

A judge marks a scale of the category that it is used with, by that category's rubric. A rater declares
its scales before it knows the rubric, so it names the scale, and how high a mark withholds a reply.
"""

from dosimeter import Direction, Role, Scale, ScaleKind, ScorerSpec, Sees, hookimpl
from dosimeter_kind_starter.options import StarterOptions

POLICY = Scale(
    name="policy",  # as the category calls it: `file` calls a team's policy so
    kind=ScaleKind.BOOLEAN,  # of a policy without levels; see README for one that has some
    summary="Whether the reply breaks the policy",
    direction=Direction.HIGHER_IS_WORSE,
    hazard=True,
    withhold_from=1,
)


@hookimpl
def dosimeter_harm_scorers() -> list[ScorerSpec]:
    """Declare the judge. It has no card: how often it errs is not known."""
    return [
        ScorerSpec(
            id="starter",
            summary="Asks a model whether a reply breaks the category's policy; its error is not known",
            factory="dosimeter_kind_starter.judge:build",
            options=StarterOptions,
            scales=(POLICY,),
            sees=frozenset({Sees.RUBRIC, Sees.PROMPT, Sees.REPLY}),
            languages=("*",),  # as far as the model that is asked reads them
            judge=True,
            roles=(Role.JUDGE,),
            revision=1,  # raise it whenever a mark could come out differently: another word of a prompt
        )
    ]
