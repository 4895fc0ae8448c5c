"""Which charts a report has, in the order in which they are looked at."""

from collections.abc import Mapping, Sequence

from dosimeter import Report
from dosimeter_sink_html.charts import (
    against,
    calibration,
    counts,
    forest,
    heat,
    levels,
    path,
    plane,
    reliability,
    saturation,
    square,
)
from dosimeter_sink_html.charts.shapes import Chart
from dosimeter_sink_html.questions import Question

MOST = 36
"""Charts on a page; what the others show is in its tables."""
MOST_FORESTS = 12


def charts(report: Report, asked: Sequence[Question], series: Mapping[str, int]) -> list[Chart]:
    """Give every chart that this report has numbers for; those of both sides of refusal first."""
    drawn = [(i, q) for i, q in enumerate(asked, 1) if any(a.figure.known for a in q.answers)]
    made: list[Chart | None] = [
        path.of_looks(report),
        *plane.of_refusal(report, series),
        *heat.of_attacks(asked, series),
        *(forest.of_question(q, series, f"q{i}") for i, q in drawn[:MOST_FORESTS]),
        *square.of_cells(report, series),
        *against.of_targets(report),
        *forest.of_differences(report, series, "compared"),
        *forest.of_flips(report, series, "compared"),
        saturation.of_items(report),
        *levels.of_levels(report, series),
        reliability.of_raters(report),
        *counts.of_people(report),
        forest.of_cards(report, "raters"),
        *calibration.of_cards(report),
        counts.of_missing(asked),
        counts.of_attempts(report, series),
    ]
    return [c for c in made if c is not None][:MOST]
