"""What a rater's card says of its errors at the levels that a measure counts (VALIDITY 16, 17)."""

from collections.abc import Sequence

from dosimeter.model.facts import CardLine
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Direction, Scale, ScaleKind, Value


def counted_levels(measure: Measure, scale: Scale) -> frozenset[Value]:
    """Give the levels that a rate counts; none of a scale without levels."""
    if scale.kind is ScaleKind.BOOLEAN and measure.threshold is not None:
        return frozenset({measure.threshold})
    every = [level.value for level in scale.levels]
    if scale.kind is ScaleKind.NOMINAL:
        return frozenset(v for v in every if v == measure.threshold)
    least = measure.threshold
    if not isinstance(least, int | float):
        return frozenset()
    lower = measure.direction is Direction.LOWER_IS_WORSE
    numbers = [v for v in every if isinstance(v, int | float)]
    return frozenset(v for v in numbers if (v <= least if lower else v >= least))


def other_levels(measure: Measure, scale: Scale) -> frozenset[Value]:
    """Give the levels that a rate does not count."""
    every = (
        frozenset[Value]({True, False})
        if scale.kind is ScaleKind.BOOLEAN
        else frozenset(level.value for level in scale.levels)
    )
    return every - counted_levels(measure, scale)


def specificity(card: Sequence[CardLine], scale: str, levels: frozenset[Value]) -> float | None:
    """Give how often what is at none of *levels* is marked at none; the worst that is published.

    None where the card does not say: a rater that counts other levels has another one.
    """
    found = [
        line.value for line in card
        if levels and frozenset(line.specificity_of) == levels and line.scale in {"", scale}
    ]  # fmt: skip
    return min(found, default=None)
