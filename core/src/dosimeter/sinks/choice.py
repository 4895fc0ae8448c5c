"""Which numbers of a report the console's tables have, and which it has to name beside them."""

from collections.abc import Iterable, Iterator

from dosimeter.model.answering import Abstention
from dosimeter.model.contrasts import is_split
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_cost
from dosimeter.model.rating import SubjectKind
from dosimeter.model.report import Report

Place = tuple[str, Intent]
"""A category and an intent: what a table is of."""


def places(report: Report) -> list[Place]:
    """Give what tables are of, in their order."""
    return sorted({(c.category, c.intent) for c in report.cells})


def unmarked(report: Report, scale: str) -> bool:
    """Tell a scale that no rater of the run marks: that is said once, instead of its tables."""
    ids = {m.id for m in report.measures if m.scale == scale}
    found = [f for f in report.findings if f.measure in ids]
    return bool(found) and all(isinstance(f, Abstention) and f.code == "no-rater" for f in found)


def tables(report: Report, scale: str, place: Place) -> list[tuple[Measure, ...]]:
    """Choose the tables of one scale in one place: of levels with their mean, else of each number.

    Rates count levels, so they have no table where levels have. Turns are shown for scales that rate
    nothing else.
    """
    every = [m for m in report.measures if m.scale == scale and _of_cells(m)]
    kinds = [m.select.kind for m in every]
    kind = SubjectKind.PATH if SubjectKind.PATH in kinds else kinds[0] if kinds else None
    answered = _answered(report, place)
    mine = [m for m in every if m.select.kind is kind and m.id in answered]
    shares = [m for m in mine if m.estimator == "shares"]
    means = [m for m in mine if m.estimator == "mean"]
    others = [m for m in mine if m not in shares and m not in means]
    apart = [*shares[1:], *means[1:], *([] if shares else others)]
    return [t for t in ((*shares[:1], *means[:1]), *((m,) for m in apart)) if t]


def contrasts(report: Report, scale: str, place: Place) -> tuple[Measure, ...]:
    """Choose the contrasts of one scale in one place that stand in its first table."""
    answered = _answered(report, place)
    every = (m for m in report.measures if m.scale == scale and is_cost(m))
    return tuple(m for m in every if m.id in answered)


def left_out(report: Report) -> tuple[str, ...]:
    """Name the measures with an answer that no table has; where only some lack it, those."""
    shown = set(_shown(report))
    out = []
    for measure in (m for m in report.measures if _of_cells(m) or is_cost(m)):
        there = [p for p in places(report) if measure.id in _answered(report, p)]
        gone = [p for p in there if (measure.id, p) not in shown]
        if gone and not unmarked(report, measure.scale):
            of = "; ".join(f"{category}, {intent.value}" for category, intent in gone)
            out.append(measure.id if gone == there else f"{measure.id} ({of})")
    return tuple(out)


def _of_cells(measure: Measure) -> bool:
    """Tell a measure with one number a cell; others have tables of their own (`sinks.apart`)."""
    return measure.contrast is None and not is_split(measure)


def _shown(report: Report) -> Iterator[tuple[str, Place]]:
    for scale in dict.fromkeys(m.scale for m in report.measures):
        for place in places(report):
            made = tables(report, scale, place)
            rest: Iterable[Measure] = contrasts(report, scale, place) if made else ()
            yield from ((m.id, place) for m in (*(m for t in made for m in t), *rest))


def _answered(report: Report, place: Place) -> set[str]:
    """Give the measures with a finding in *place*."""
    want = {("category", place[0]), ("intent", place[1].value)}
    return {f.measure for f in report.findings if want <= set(f.group)}
