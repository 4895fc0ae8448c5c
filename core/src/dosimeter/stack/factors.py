"""Factors that measures name, held against what categories and attacks declare."""

from collections.abc import Iterator, Sequence

from dosimeter.contrasts import levels_of, undeclared
from dosimeter.model.contrasts import ATTACK, terms
from dosimeter.model.measures import Measure
from dosimeter.model.specs import AttackSpec, CategorySpec
from dosimeter.nearest import closest
from dosimeter.stack.faults import Faults


def check_factors(
    faults: Faults, categories: Sequence[CategorySpec], attacks: Sequence[AttackSpec]
) -> None:
    """Refuse a factor that nobody declares, or a level of one: no item and no variant would have it.

    Args:
        faults: Where faults go.
        categories: Whose measures are checked.
        attacks: All that are installed: a category may ask about one that this stack does not use.
    """
    of_attacks = [f for a in attacks for f in a.factors]
    for category in categories:
        known = levels_of([*category.factors, *of_attacks])
        for measure in category.measures:
            why = undeclared(measure, known) or next(_misspelt(measure, attacks), "")
            if why:
                faults.add(f"categories.{category.id}.measures.{measure.id}", why)


def _misspelt(measure: Measure, attacks: Sequence[AttackSpec]) -> Iterator[str]:
    """Name an attack that is compared and nearly another's id; one that is not installed is none."""
    ids = [a.id for a in attacks]
    for c in terms(measure.contrast):
        for level in (c.first, c.second) if c.factor == ATTACK else ():
            near = "" if level in ids else closest(level, ids)
            if near:
                yield f"no attack {level!r}; did you mean {near!r}?"
