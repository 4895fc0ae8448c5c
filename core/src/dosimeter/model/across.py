"""What findings call several categories together, and which measures are asked of them so (VALIDITY 2)."""

from collections.abc import Iterable, Sequence

from dosimeter.model.contrasts import is_split
from dosimeter.model.measures import Measure
from dosimeter.model.questions import differ_in, unbuilt
from dosimeter.model.rating import SubjectKind
from dosimeter.model.specs import CategorySpec

MICRO, MACRO, WORST = "micro of ", "macro of ", "worst of "
"""How such a name begins: all families alike, all categories alike, and the worst of the categories."""
TOGETHER = (MICRO, MACRO, WORST)
AND = ", "


def called(how: str, categories: Iterable[str]) -> str:
    """Name *categories* together, *how* being one of `TOGETHER`."""
    return how + AND.join(categories)


def is_one(category: str) -> bool:
    """Tell one category from several together."""
    return not category.startswith(TOGETHER)


def members(category: str) -> tuple[str, ...]:
    """Give the categories of several together; of one itself."""
    for how in TOGETHER:
        if category.startswith(how):
            return tuple(category.removeprefix(how).split(AND))
    return (category,)


def shared(measure: Measure, categories: Sequence[CategorySpec]) -> tuple[str, ...]:
    """Give the categories that *measure* is asked of together; none if there are not two.

    That is a rate of replies on a scale of a rater's, which is one for all of them, and which all that
    declare it ask alike. A scale that a category brings is a rubric of its own: rates on two such are
    not of one thing, whatever they are called.
    """
    rubrics = {scale.name for c in categories for scale in c.scales}
    whole = measure.contrast is None and not is_split(measure) and not unbuilt(measure)
    path = measure.select.kind is SubjectKind.PATH
    if measure.estimator != "rate" or not whole or not path or measure.scale in rubrics:
        return ()
    found = {c.id: m for c in categories for m in c.measures if m.id == measure.id}
    if len(found) < 2 or any(differ_in(measure, m) for m in found.values()):
        return ()
    return tuple(sorted(found))
