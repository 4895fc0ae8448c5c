"""Over- and under-refusal of two targets together: one that refuses everything does not win (VALIDITY 13)."""

from collections.abc import Iterator, Sequence

from dosimeter.analysis.difference import NO_MARGIN, ORDER, Difference
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.comparing import Joint, Tradeoff
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Scale
from dosimeter.stats.compare import refusal_verdict


def tradeoffs(made: Sequence[Difference], level: float) -> Iterator[Tradeoff]:
    """Put over- and under-refusal of the same two sides together (VALIDITY 13)."""
    for over in made:
        if _refuses(over.measure, over.judge.scale, Intent.BENIGN, full=True):
            for under in made:
                same = (under.a, under.b, under.judge.rater) == (over.a, over.b, over.judge.rater)
                if same and _beside(over, under):
                    yield _tradeoff(over, under, level)


def _beside(over: Difference, under: Difference) -> bool:
    fits = _refuses(under.measure, under.judge.scale, Intent.HARMFUL, full=False)
    apart = {"intent", "measure"}
    ours, theirs = (tuple(p for p in m.group if p[0] not in apart) for m in (over, under))
    return fits and ours == theirs and over.measure.scale == under.measure.scale


def _refuses(measure: Measure, scale: Scale, intent: Intent, *, full: bool) -> bool:
    """Tell a rate of what a block stands for, or of what it does not, on requests of one intent."""
    blocked = scale.when_blocked
    return (
        blocked is not None
        and measure.estimator == "rate"
        and measure.select.intents == (intent,)
        and (measure.threshold == blocked) is full
    )


def _tradeoff(over: Difference, under: Difference, level: float) -> Tradeoff:
    margins = [m.margin for m in (over, under)]
    few = min(over.result.clusters, under.result.clusters) < FEW_FAMILIES
    why = f"fewer than {FEW_FAMILIES} families shared" if few else ""
    said = Joint.CANNOT_TELL
    if not few:
        found = refusal_verdict(
            over.result, under.result, over_margin=margins[0] or NO_MARGIN,
            under_margin=margins[1] or NO_MARGIN, order=ORDER, level=level,
        )  # fmt: skip
        said = Joint(found.said)
        if None in margins and said is Joint.CANNOT_TELL:
            why = "a margin is needed to call one better or both equivalent: --margin, or [[comparisons]]"
    group = tuple(p for p in over.group if p[0] != "intent")
    return Tradeoff(a=over.a.label, b=over.b.label, group=group, over=over.measure.id,
                    under=under.measure.id, said=said, why=why)  # fmt: skip
