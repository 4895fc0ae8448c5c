"""Hooks of dosimeter-attack-framing."""

from dosimeter import AttackSpec, Factor, FactorRole, hookimpl
from dosimeter_attack_framing.options import (
    ForeignFrameOptions,
    LeadInOptions,
    ParaphraseOptions,
    PhrasingOptions,
    RolePlayOptions,
    TranslationOptions,
)

FRAMING = Factor(
    name="framing", role=FactorRole.TREATMENT,
    levels=("direct", "role-play", "translation", "foreign-frame", "multi-turn", "phrasing", "paraphrase"),
    summary="How the request is put; but for translation its own words stand in all of them",
)  # fmt: skip
TEMPLATE = Factor(
    name="template", role=FactorRole.NOTE,
    summary="Which words are put around the request; the request's own are the same in all",
)  # fmt: skip
REQUEST = Factor(
    name="request_language", role=FactorRole.TREATMENT, summary="Language of the request itself"
)
WRAPPER = Factor(
    name="wrapper", role=FactorRole.TREATMENT, summary="Language of the words around the request"
)
ANSWER = Factor(
    name="answer", role=FactorRole.TREATMENT, summary="Language that the answer is asked for in"
)
CHECKED = Factor(
    name="checked_by", role=FactorRole.NOTE,
    summary="Who checked the wording; machine-translated if nobody did",
)  # fmt: skip
STYLE = Factor(
    name="phrasing", role=FactorRole.TREATMENT, levels=("academic", "everyday", "formulary"),
    summary="Register of the request; formulary is a formal style that no benchmark uses",
)  # fmt: skip
NOISE = Factor(
    name="noise", role=FactorRole.TREATMENT, levels=("none", "typos"), summary="Typing errors"
)
COMMON = (FRAMING, TEMPLATE, REQUEST, WRAPPER, ANSWER, CHECKED)
HOME = "dosimeter_attack_framing.attacks"


@hookimpl
def dosimeter_attack_generators() -> list[AttackSpec]:
    """Declare the framings: each a parameter of one behaviour, none with a search."""
    return [
        AttackSpec(
            id="direct",
            summary="The request as the item puts it",
            factory=f"{HOME}:direct",
            factors=COMMON,
        ),
        AttackSpec(
            id="role-play",
            summary="The request as part of a scene",
            options=RolePlayOptions,
            factory=f"{HOME}:role_play",
            factors=COMMON,
        ),
        AttackSpec(
            id="translation",
            summary="The request in another language, where the item has it; answered in English",
            options=TranslationOptions,
            factory=f"{HOME}:translation",
            factors=COMMON,
        ),
        AttackSpec(
            id="foreign-frame",
            summary="Another language around the request, which is not translated; answered in English",
            options=ForeignFrameOptions,
            factory=f"{HOME}:foreign_frame",
            factors=COMMON,
        ),
        AttackSpec(
            id="multi-turn",
            summary="A harmless question on the subject first, then the request",
            options=LeadInOptions,
            factory=f"{HOME}:multi_turn",
            factors=COMMON,
        ),
        AttackSpec(
            id="phrasing",
            summary="The request in academic, everyday and unfamiliar formal style",
            options=PhrasingOptions,
            factory=f"{HOME}:phrasing",
            factors=(*COMMON, STYLE),
        ),
        AttackSpec(
            id="paraphrase",
            summary="Sentences around the request that add nothing, its own words kept; typing errors apart",
            options=ParaphraseOptions,
            factory=f"{HOME}:paraphrase",
            factors=(*COMMON, NOISE),
        ),
    ]
