"""Over- and under-refusal of two targets together: one that refuses everything does not win (VALIDITY 13)."""

from collections.abc import Callable, Iterator, Sequence

from dosimeter.analysis.difference import NO_MARGIN, ORDER, Difference, turned_round
from dosimeter.model.comparing import Comparison, Joint, Said, Tradeoff
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Scale
from dosimeter.stats.compare import JointVerdict, refusal_verdict

Judged = tuple[Difference, Comparison]
"""A difference with what is said of it beside all others of the family."""
BETTER = {Joint.A_BETTER: Said.A_LOWER, Joint.B_BETTER: Said.B_LOWER}
NO_MARGIN_GIVEN = (
    "a margin is needed to call one better or both equivalent: --margin, or [[comparisons]]"
)
NOT_BOTH = (
    "neither is shown to be lower on one without being worse than the margin on the other, nor each on one,"
    " nor both to lie within the margins"
)


def tradeoffs(made: Sequence[Judged], level: float) -> Iterator[Tradeoff]:
    """Put over- and under-refusal of the same two sides together (VALIDITY 13)."""
    for over in made:
        if _refuses(over[0].measure, over[0].judge.scale, Intent.BENIGN, full=True):
            for under in made:
                if _beside(over[0], under[0]):
                    yield _tradeoff(over, under, level)


def _beside(over: Difference, under: Difference) -> bool:
    same = (under.a, under.b, under.judge.rater) == (over.a, over.b, over.judge.rater)
    fits = _refuses(under.measure, under.judge.scale, Intent.HARMFUL, full=False)
    apart = {"intent", "measure"}
    ours, theirs = (tuple(p for p in m.group if p[0] not in apart) for m in (over, under))
    return same and fits and ours == theirs and over.measure.scale == under.measure.scale


def _refuses(measure: Measure, scale: Scale, intent: Intent, *, full: bool) -> bool:
    """Tell a rate of what a block stands for, or of what it does not, on requests of one intent."""
    blocked = scale.when_blocked
    return (
        blocked is not None
        and measure.estimator == "rate"
        and measure.select.intents == (intent,)
        and (measure.threshold == blocked) is full
    )


def _tradeoff(over: Judged, under: Judged, level: float) -> Tradeoff:
    said, why = _said(over, under, level)
    one, group = over[0], tuple(p for p in over[0].group if p[0] != "intent")
    return Tradeoff(a=one.a.label, b=one.b.label, group=group, over=one.measure.id,
                    under=under[0].measure.id, said=said, why=why)  # fmt: skip


def _said(over: Judged, under: Judged, level: float) -> tuple[Joint, str]:
    """Give what both say together, and why nothing if it is nothing.

    What is not said of one alone, for the family's sake or for what is missing, is not said of both.
    """
    for m, _ in (over, under):
        if m.silence:
            return Joint.CANNOT_TELL, m.silence
    margins = [m.margin for m, _ in (over, under)]
    found = refusal_verdict(
        over[0].result, under[0].result, over_margin=margins[0] or NO_MARGIN,
        under_margin=margins[1] or NO_MARGIN, order=ORDER, level=level,
    )  # fmt: skip
    said, singles = Joint(found.said), (over[1], under[1])
    if said is Joint.CANNOT_TELL:
        return said, NO_MARGIN_GIVEN if None in margins else _lacking(found, singles)
    if not _carried(said, singles):
        whys = (f"{c.measure}: {c.why}" for c in singles if c.why)
        return Joint.CANNOT_TELL, "; ".join(whys) or NOT_BOTH
    for m, _ in (over, under):
        if said in BETTER and (why := turned_round(m, _no_worse(said, m.margin or 0.0))):
            return Joint.CANNOT_TELL, f"{m.measure.id}: {why}"
    return said, ""


def _no_worse(said: Joint, margin: float) -> Callable[[float, float], bool]:
    """Tell by where B less A may lie whether the better one is no worse than the margin."""
    if said is Joint.A_BETTER:
        return lambda low, _: low >= -margin
    return lambda _, high: high <= margin


def _carried(said: Joint, singles: tuple[Comparison, Comparison]) -> bool:
    """Tell whether what is said of each alone, beside all others of the family, carries what both say."""
    alone = [c.said for c in singles]
    if said is Joint.TRADE_OFF:
        return {*alone} == {Said.A_LOWER, Said.B_LOWER}
    if said is Joint.EQUIVALENT:
        return all(c.within_margin and not c.why for c in singles)
    return BETTER[said] in alone


def _lacking(found: JointVerdict, singles: tuple[Comparison, Comparison]) -> str:
    """Say what keeps two from one verdict where a margin is there."""
    strict = (found.over.said, found.under.said)
    for (one, other), at_half in zip((singles, singles[::-1]), strict, strict=True):
        if one.said in BETTER.values() and at_half != one.said.value:
            return (
                f"{one.said.value} on {one.measure}, though not at half of alpha, which to be better takes:"
                " it may be on either"
            )
        if one.said in BETTER.values() and other.said is not one.said:
            worse = f"not shown to be no worse on {other.measure} than its margin"
            return f"{one.said.value} on {one.measure}, and {worse}"
    return NOT_BOTH
