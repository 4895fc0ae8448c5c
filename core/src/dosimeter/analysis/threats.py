"""Threats that a difference answers: phrasing, rewriting, and what an answer turns on."""

from collections.abc import Iterator, Sequence

from dosimeter.model.answering import Abstention, Estimate, Finding
from dosimeter.model.measures import Measure
from dosimeter.model.panel import PanelAnswer, PanelCheck, Threat
from dosimeter.numbers import Unit, as_points, unit_of

OF_CONTRASTS = (
    (Threat.DISTRIBUTION_SHIFT, "phrasing", "whether the phrasing of a request turns its answer is not known",
     "a panel with natural and formal phrasings of one goal, on benign twins too"),
    (Threat.CONSISTENCY, "flips", "whether rewriting a request turns its answer is not known",
     "rewrites of the requests, and at least 3 repeats of each"),
    (Threat.RIGHT_REASON, "trigger", "whether intent or alarming words decide refusals is not known",
     "a panel with matched cells of intent and trigger word (2x2)"),
)  # fmt: skip
"""Threats that a contrast answers, by a word of it, with what is said where there is none."""


def of_contrasts(
    measures: Sequence[Measure], findings: Sequence[Finding], phrasings: Sequence[PanelCheck] = ()
) -> Iterator[PanelCheck]:
    """Quote the contrasts that answer a threat, or say what would.

    Args:
        measures: Of the report.
        findings: Likewise.
        phrasings: What is known of the controls of a gap between phrasings; told after it.
    """
    for threat, word, unknown, needs in OF_CONTRASTS:
        mine = {m.id: m for m in measures if answers(m, word)}
        found = [f for f in findings if f.measure in mine]
        numbers = [f for f in found if isinstance(f, Estimate)]
        for one in numbers:
            title, ends = mine[one.measure].title, one.simultaneous or one
            apart = ends.lower > 0 or ends.upper < 0
            concern = apart and not _meant(mine[one.measure])
            yield PanelCheck(
                threat=threat, answer=PanelAnswer.CONCERN if concern else PanelAnswer.TOLD,
                text=f"{title}: {_difference(one)}", where=one.group, numbers=numbers_of(one),
            )  # fmt: skip
        declined = next((f for f in found if isinstance(f, Abstention)), None)
        if declined is not None and not numbers:
            yield PanelCheck(
                threat=threat, answer=PanelAnswer.NOT_MEASURED, text=f"{unknown}: {declined.why}",
                where=declined.group, needs=declined.would_need,
            )  # fmt: skip
        elif not numbers:
            yield PanelCheck(
                threat=threat, answer=PanelAnswer.NOT_MEASURED, text=unknown, needs=needs
            )
        if threat is Threat.DISTRIBUTION_SHIFT:
            yield from phrasings


def _difference(one: Estimate) -> str:
    """Write a difference with its interval, and with the one that holds for all that are shown."""
    share, wide = unit_of(None, one) is Unit.SHARE, one.simultaneous
    said = as_points(one.value, one.lower, one.upper, share=share)
    if wide is None:
        return said
    ends = as_points(one.value, wide.lower, wide.upper, share=share).partition("[")[2]
    return f"{said}; [{ends} for all {wide.of} such differences at once"


def answers(measure: Measure, word: str) -> bool:
    """Tell a contrast, or flips, that *word* names: by its factor or its estimator."""
    if word == "flips":
        return measure.estimator == "flips"
    if measure.contrast is None:
        return False
    return word in measure.contrast.factor or (word == "trigger" and _meant(measure))


def _meant(measure: Measure) -> bool:
    """Tell a contrast of what is meant: that it tells apart is as it should be."""
    return measure.contrast is not None and measure.contrast.factor == "intent"


def numbers_of(one: Estimate) -> tuple[tuple[str, float], ...]:
    """Give a number and its limits by name."""
    return (("value", one.value), ("lower", one.lower), ("upper", one.upper))
