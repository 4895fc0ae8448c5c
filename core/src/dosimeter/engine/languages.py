"""Which language a reply is to be in, and whether a rater can rate that (trap 3)."""

import re
from functools import lru_cache

from dosimeter.model.conversation import Pairs
from dosimeter.model.design import ANSWER
from dosimeter.model.rating import UNDECLARED
from dosimeter.model.specs import ScorerSpec

TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
ANY = "*"


@lru_cache
def asked_for(factors: Pairs, language: str) -> str:
    """Give the BCP 47 tag of the language that a reply is to be in.

    Args:
        factors: Of the variant.
        language: Of the item, where the variant does not say.
    """
    said = dict(factors).get(ANSWER, "")
    return said if TAG.fullmatch(said) else language


def undeclared(spec: ScorerSpec, language: str) -> str:
    """Say that *spec* does not declare *language*; empty if it does, or if it declares none.

    A tag stands for its varieties too, so a rater of ``pt`` is asked about ``pt-BR``.
    """
    return "" if _covers(spec.languages, language) else f"{UNDECLARED}:{language}"


@lru_cache
def _covers(tags: tuple[str, ...], language: str) -> bool:
    asked = language.lower()
    known = [tag.lower() for tag in tags]
    return not known or ANY in known or any(f"{asked}-".startswith(f"{tag}-") for tag in known)
