"""Hooks of dosimeter-attack-starter: what is declared. The work is behind the factory."""

from dosimeter import AttackSpec, Factor, FactorRole, hookimpl
from dosimeter_attack_starter.options import TEMPLATES, StarterOptions

TEMPLATE = Factor(
    name="starter_template",
    role=FactorRole.TREATMENT,
    levels=TEMPLATES,
    summary="Which frame is put around the request",
)


@hookimpl
def dosimeter_attack_generators() -> list[AttackSpec]:
    """Declare the attack."""
    return [
        AttackSpec(
            id="starter",
            summary="The request within a frame that an office would put around it",
            factory="dosimeter_attack_starter.attack:build",
            options=StarterOptions,
            factors=(TEMPLATE,),
            revision=1,  # raise it whenever an item would be put otherwise
        )
    ]
