"""What is left of rates and means when their raters' errors are taken out, for a terminal."""

from collections.abc import Iterator

from dosimeter.model.answering import Corrected, Estimate
from dosimeter.model.measures import Measure
from dosimeter.model.report import Report
from dosimeter.numbers import Unit, as_interval, as_number, unit_of


def corrections(report: Report) -> Iterator[str]:
    """Give a line a number that was corrected, and one a reason why others were not."""
    by_id = {m.id: m for m in report.measures}
    given = [
        (f, f.corrected) for f in report.findings
        if isinstance(f, Estimate) and f.corrected and "level" not in dict(f.group)
    ]  # fmt: skip
    for one, made in given:
        if made.value is not None:
            yield f"Corrected: {_place(one)}: {_shown(by_id[one.measure], one, made)}."
    refused: dict[str, list[str]] = {}
    for one, made in given:
        if made.value is None:
            why = f"{made.why}; would need {made.would_need}"
            refused.setdefault(why, []).append(_place(one))
    for why, places in refused.items():
        yield f"Not corrected: {'; '.join(places)}: {why}."


def _place(one: Estimate) -> str:
    group = dict(one.group)
    names = ("target", "category", "intent", "attack", "rater")
    return f"{one.measure}, {', '.join(group[n] for n in names if n in group)}"


def _shown(measure: Measure, one: Estimate, made: Corrected) -> str:
    unit = unit_of(measure, one)
    by = (
        f"{' and '.join(made.people)} on {made.labels} replies"
        if made.people
        else "the rater's card"
    )
    return (
        f"{_number(unit, made.value, made.lower, made.upper)} by the labels of {by} ({made.method});"
        f" the rater's own {_number(unit, one.value, one.lower, one.upper)}"
    )


def _number(unit: Unit, value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None or lower is None or upper is None:
        return "no number"
    return f"{as_number(value, unit)} ({as_interval(lower, upper, unit)})"
