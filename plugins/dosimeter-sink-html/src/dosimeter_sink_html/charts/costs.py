"""What both errors of refusal cost together, as the weight moves from one to the other."""

from collections.abc import Iterator, Mapping, Sequence

from dosimeter_sink_html.charts.refusal import SIDE, TOP, Point, across, frame, up
from dosimeter_sink_html.charts.shapes import Chart, Line, Said, Shape, Spot, legend, listed

READ_COSTS = (
    "The weight is p·a / (p·a + (1 − p)·b): p is the share of harmful requests, a the cost of answering one,"
    " b that of refusing a benign one. Lower is better; intervals are in the plane."
)
MOST = 8


def of_costs(category: str, points: Sequence[Point], series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw the expected cost of each target as the weight moves from one error to the other."""
    first = [p for p in points if p.attack == points[0].attack][:MOST]
    if len(first) < 2:
        return
    shapes: list[Shape] = [
        *frame(
            "weight of an answered harmful request →",
            "↑ expected cost, of the most that is possible",
            weights=True,
        )
    ]
    for p in first:
        tone = series.get(p.target, 0)
        ends = (across(0), up(p.over.value)), (across(1), up(p.under.value))
        spots = (Spot(x, y, tone) for x, y in ends)
        shapes.append(Said(p.said, (Line(*ends[0], *ends[1], f"whisker thin m{tone % 4}"), *spots)))
    key, base = legend([p.target for p in first], series, TOP + SIDE + 54)
    yield Chart(
        title=f"{category}: cost curves, asked {first[0].attack}", finding=_cheapest(first),
        height=base + 8, shapes=(*shapes, *key), table="every",
        note=READ_COSTS,
    )  # fmt: skip


def _cheapest(points: Sequence[Point]) -> str:
    """Say which target costs least at which weight, by value."""
    steps = [i / 100 for i in range(101)]
    best = [
        min(points, key=lambda p: (1 - w) * p.over.value + w * p.under.value).target for w in steps
    ]
    runs: list[tuple[str, float, float]] = []
    for w, target in zip(steps, best, strict=True):
        if runs and runs[-1][0] == target:
            runs[-1] = (target, runs[-1][1], w)
        else:
            runs.append((target, w, w))
    said = listed([f"{target} at weights {low:.2f} to {high:.2f}" for target, low, high in runs])
    return f"Least costly by value, not tested: {said}."
