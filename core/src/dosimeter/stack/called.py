"""What findings of a measure are called by, where they are of more, or of less, than one cell."""

from collections.abc import Collection, Mapping

from dosimeter.contrasts import Levels, labels
from dosimeter.model.attacks import ANY, members
from dosimeter.model.contrasts import ATTACK, INTENT, is_difference, is_split, terms
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_cost, of_any
from dosimeter.nearest import nearest


def names_of(
    asked: Measure, levels: Levels, attacks: Collection[str] | None
) -> Mapping[str, Collection[str]]:
    """Give what findings of *asked* are called under each factor that it names; none if any will do.

    Args:
        asked: The measure.
        levels: Of factors, as they are declared.
        attacks: Of the stack; None if they are not known.
    """
    if not (is_split(asked) or is_difference(asked)) or is_cost(asked):
        return {}
    known = {**levels, INTENT: [i.value for i in Intent], ATTACK: sorted(attacks or ())}
    compared = {n for c in terms(asked.contrast) for n in (c.factor, *c.within)}
    plain = {INTENT, ATTACK} - compared
    unknown = plain if attacks else plain | {ATTACK}
    return {name: some for name, some in labels(asked, known).items() if name not in unknown}


def no_set(value: str, asked: Measure, attacks: Collection[str] | None) -> str:
    """Say why no finding of *asked* is of a set of attacks called *value*; empty if one may be."""
    if not of_any(asked):
        return f"{asked.id!r} is asked of each attack by itself, and of no set of them"
    if attacks is None:
        return ""
    odd = [] if value == ANY else [a for a in members(value) if a not in attacks]
    if odd:
        return f"no attack {odd[0]!r}; {nearest(odd[0], attacks)}"
    return "" if len(attacks) > 1 else "the stack has one attack only"
