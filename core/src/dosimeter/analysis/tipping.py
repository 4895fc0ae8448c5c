"""What unequal errors of a rater would erase a difference of two targets (VALIDITY 15)."""

import math

from attrs import frozen

from dosimeter.analysis.corrected import numbers_of
from dosimeter.analysis.load import Group
from dosimeter.analysis.pairs import Arm
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_share
from dosimeter.model.rating import Direction, Scale
from dosimeter.stats.rater_error import tipping_point


@frozen(kw_only=True)
class Shares:
    """The shares of replies that a rater counts, of two sides in one cell.

    Attributes:
        group: Category, intent and attack among others.
        judge: Marks that one of them is of.
    """

    measure: Measure
    group: Pairs
    judge: Group
    a: Arm
    b: Arm
    share_a: float
    share_b: float


def tipping(found: Shares) -> str:
    """Say in words by how much the rater would have to err more on one side; empty where nothing would do.

    Sensitivity is to what the measure counts. What the rater's card counted of such replies is taken
    for its errors on the first side, where it has counts; else none.
    """
    if not is_share(found.measure) or found.share_a == found.share_b:
        return ""
    first, second, of_first, of_second = found.a, found.b, found.share_a, found.share_b
    if not of_second:  # a side on which nothing counts leaves no room for what was missed
        first, second, of_first, of_second = second, first, of_second, of_first
    sens, spec, basis = _errors(found, first)
    got = tipping_point(_share(of_first), _share(of_second), sens, spec)
    rater, what = found.judge.rater, counted_as(found.measure, found.judge.scale)
    if not math.isnan(got.sensitivity):
        amount = _points(got.sensitivity)
        erring = (
            f"missed {amount} of {second.label}'s replies that are {what} than of {first.label}'s"
        )
    elif not math.isnan(got.specificity):
        amount = _points(got.specificity)
        erring = (
            f"took {amount} of {second.label}'s other replies than of {first.label}'s for {what}"
        )
    else:
        return ""
    return f"there would be no difference if {rater} {erring} ({basis})"


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _points(change: float) -> str:
    """Write by how much more it errs, as sensitivity or specificity changes by *change*."""
    shown = f"{100 * abs(change):.1f}"
    return f"{shown} {'point' if shown == '1.0' else 'points'} {'more' if change < 0 else 'less'}"


def counted_as(measure: Measure, scale: Scale) -> str:
    """Name the replies that a rate counts, in the scale's own words."""
    threshold = measure.threshold
    if isinstance(threshold, bool):
        return f"{scale.name}: {str(threshold).lower()}"
    if isinstance(threshold, str):
        named = next((v.name for v in scale.levels if v.value == threshold), threshold)
        return f'"{named}"'
    side = "less" if measure.direction is Direction.LOWER_IS_WORSE else "more"
    return f"{scale.name} {threshold:g} or {side}"


def _errors(found: Shares, first: Arm) -> tuple[float, float, str]:
    """Give sensitivity and specificity of the rater on one side, with where they are from."""
    (asked, *_), _ = numbers_of(found.measure, found.judge.scale)
    named = dict(found.group)
    place = named["category"], named["intent"], named["attack"]
    rater, scale = found.judge.rater, found.judge.scale.name
    for counts in first.cards.of(rater, scale, asked.positive):
        cell = (first.target, *place)
        if (
            counts.positives
            and counts.negatives
            and first.cards.is_about(counts, rater, scale, cell)
        ):
            sens, spec = counts.tp / counts.positives, counts.tn / counts.negatives
            wrong = f"it misses {100 * (1 - sens):.1f} %, and takes {100 * (1 - spec):.1f} % of the others"
            return sens, spec, f"on {first.label} as on its card: {wrong}"
    return 1.0, 1.0, f"taking it to make no error on {first.label}"
