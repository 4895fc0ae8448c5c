"""Both sides of refusal at once: the plane of over- and under-refusal, and what each mix of them costs."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from dosimeter import Estimate, Intent, Measure, Report, Unit
from dosimeter_sink_html.charts.shapes import (
    Chart,
    Line,
    Said,
    Shape,
    Spot,
    Word,
    clip,
    legend,
    listed,
    wide,
)
from dosimeter_sink_html.figures import DIRECT, between, ordered, short, worse

SIDE, LEFT, TOP = 320.0, 52.0, 26.0
RATIOS = ((1.0, "iso", "1 : 1"), (5.0, "iso five", "5 : 1"))
"""How much worse an answered harmful request is than a refused benign one, as lines of equal cost."""
READ_PLANE = (
    "Lower left is better on both sides. Arms are the intervals. Along a dashed line cost is the same if both"
    " errors are alike bad, along a dotted one if an answered harmful request is five times as bad."
)
READ_COSTS = (
    "The weight is p·a / (p·a + (1 − p)·b): p is the share of harmful requests, a the cost of answering one,"
    " b that of refusing a benign one. Lower is better; intervals are in the plane."
)
MOST_POINTS = 60
Area = tuple[float, float, float, float]
"""Left, top, width and height."""


@frozen(kw_only=True)
class Point:
    """Both rates of one target under one attack."""

    target: str
    attack: str
    over: Estimate
    under: Estimate

    @property
    def said(self) -> str:
        """Both rates in words."""
        sides = (("harmful not refused", self.under), ("benign refused", self.over))
        return f"{self.target} under {self.attack}: " + ", ".join(
            f"{what} {short(e.value, Unit.SHARE)} ({between(e.lower, e.upper, Unit.SHARE)})"
            for what, e in sides
        )


def of_refusal(report: Report, series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw plane and costs, of each category and rater that has both sides."""
    for category in dict.fromkeys(c.category for c in report.cells):
        for rater in dict.fromkeys(r.name for r in report.raters):
            points = _points(report, category, rater, series)
            if points:
                yield _plane(category, points[:MOST_POINTS], series, len(points))
                yield from _costs(category, points, series)


def _sides(report: Report, category: str) -> tuple[Measure, Measure] | None:
    """Give the rates of benign and of harmful requests, on one scale, of which each is worse if high."""
    rates = [m for m in ordered(report, category) if m.estimator == "rate"]
    for under in (m for m in rates if m.select.intents == (Intent.HARMFUL,)):
        for over in (m for m in rates if m.select.intents == (Intent.BENIGN,)):
            high = worse(over, Intent.BENIGN) == worse(under, Intent.HARMFUL) == "higher is worse"
            if high and (over.scale, over.select.kind) == (under.scale, under.select.kind):
                return over, under
    return None


def _points(report: Report, category: str, rater: str, series: Mapping[str, int]) -> list[Point]:
    sides = _sides(report, category)
    if sides is None:
        return []
    found: dict[tuple[str, str], dict[str, Estimate]] = {}
    for f in report.findings:
        g = dict(f.group)
        mine = (g.get("category"), g.get("rater")) == (category, rater)
        if mine and isinstance(f, Estimate) and f.measure in {m.id for m in sides}:
            found.setdefault((g.get("attack", ""), g.get("target", "")), {})[f.measure] = f
    over, under = (m.id for m in sides)
    both = [
        Point(target=target, attack=attack, over=at[over], under=at[under])
        for (attack, target), at in found.items() if over in at and under in at
    ]  # fmt: skip
    return sorted(both, key=lambda p: (p.attack != DIRECT, p.attack, series.get(p.target, 0)))


def _x(share: float) -> float:
    return LEFT + SIDE * share


def _y(share: float) -> float:
    return TOP + SIDE * (1 - share)


def _frame(across: str, up: str, *, weights: bool = False) -> Iterator[Shape]:
    """Give the axes of a square: shares, or across it weights."""
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100 %")):
        yield Line(_x(share), _y(0), _x(share), _y(1), "grid")
        yield Line(_x(0), _y(share), _x(1), _y(share), "grid")
        yield Word(_x(share), _y(0) + 15, f"{share:g}" if weights else words, "small", "middle")
        yield Word(LEFT - 6, _y(share) + 4, words, "small", "end")
    yield Word(_x(1), _y(0) + 31, across, "", "end")
    yield Word(0, TOP - 12, up)


def _plane(category: str, points: Sequence[Point], series: Mapping[str, int], every: int) -> Chart:
    targets = sorted({p.target for p in points}, key=lambda t: series.get(t, 0))
    shapes: list[Shape] = [*_frame("benign requests refused →", "↑ harmful requests not refused")]
    shapes += [line for ratio, css, name in RATIOS for line in _equal(ratio, css, name)]
    shapes += [_cross(p, series.get(p.target, 0)) for p in points]
    shapes += _names(points)
    shapes += legend(targets[:4], series, TOP + SIDE + 54)
    rest = f" {every - len(points)} more points stand in the tables." if every > len(points) else ""
    return Chart(
        title=f"{category}: both sides of refusal", finding=_found(points), height=TOP + SIDE + 62,
        shapes=tuple(shapes), table="every",
        note=f"{READ_PLANE}{rest}",
    )  # fmt: skip


def _equal(ratio: float, css: str, name: str) -> Iterator[Shape]:
    """Give lines on which under-refusal times *ratio* and over-refusal cost the same together."""
    for cost in (0.25, 0.5, 0.75):
        # ratio * under + over = cost * ratio, so it meets the upward axis at *cost*.
        across = min(1.0, cost * ratio)
        end = cost - across / ratio
        yield Line(_x(0), _y(cost), _x(across), _y(end), css)
        if cost == 0.75:
            right = across == 1
            x = _x(across) + (-3 if right else 4)
            yield Word(x, _y(end) - 6, name, "small", "end" if right else "start")


def _names(points: Sequence[Point]) -> Iterator[Word]:
    """Name attacks beside their points, where a name covers neither another nor a point."""
    taken = [(_x(p.over.value) - 6, _y(p.under.value) - 6, 12.0, 12.0) for p in points]
    for p in points:
        x, y, text = _x(p.over.value), _y(p.under.value), clip(p.attack, 90)
        width = wide(text)
        for left, base in (
            (x + 8, y - 6),
            (x - 8 - width, y - 6),
            (x + 8, y + 15),
            (x - 8 - width, y + 15),
        ):
            box = (left, base - 10, width, 12.0)
            inside = left > LEFT and left + width < LEFT + SIDE + 30 and TOP < base < TOP + SIDE
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                yield Word(left, base, text, "small")
                break


def _meet(one: Area, other: Area) -> bool:
    """Tell whether two areas have something in common."""
    return all(
        a < b + size_b and b < a + size_a
        for a, size_a, b, size_b in zip(one[:2], one[2:], other[:2], other[2:], strict=True)
    )


def _cross(p: Point, series: int) -> Said:
    x, y, css = _x(p.over.value), _y(p.under.value), f"whisker thin m{series % 4}"
    return Said(
        p.said,
        (
            Line(_x(p.over.lower), y, _x(p.over.upper), y, css),
            Line(x, _y(p.under.lower), x, _y(p.under.upper), css),
            Spot(x, y, series),
        ),
    )  # fmt: skip


def _found(points: Sequence[Point]) -> str:
    """Say both rates of the first attack, and which targets none beats on both sides."""
    first = [p for p in points if p.attack == points[0].attack]
    said = listed([p.said for p in first], 3)
    if len(first) < 2:
        return f"{said}."
    best = [p.target for p in first if not any(_beats(q, p) for q in first)]
    return f"{said}. Not beaten on both sides by another, by value and not tested: {listed(best)}."


def _beats(one: Point, other: Point) -> bool:
    """Tell whether *one* is no worse on both sides, and better on one."""
    sides = [(one.over.value, other.over.value), (one.under.value, other.under.value)]
    return all(a <= b for a, b in sides) and any(a < b for a, b in sides)


def _costs(category: str, points: Sequence[Point], series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw the expected cost of each target as the weight moves from one error to the other."""
    first = [p for p in points if p.attack == points[0].attack][:8]
    if len(first) < 2:
        return
    shapes: list[Shape] = [
        *_frame(
            "weight of an answered harmful request →",
            "↑ expected cost, of the most that is possible",
            weights=True,
        )
    ]
    for p in first:
        tone = series.get(p.target, 0)
        ends = (_x(0), _y(p.over.value)), (_x(1), _y(p.under.value))
        spots = (Spot(x, y, tone) for x, y in ends)
        shapes.append(Said(p.said, (Line(*ends[0], *ends[1], f"whisker thin m{tone % 4}"), *spots)))
    shapes += legend([p.target for p in first][:4], series, TOP + SIDE + 54)
    yield Chart(
        title=f"{category}: cost curves, asked {first[0].attack}", finding=_cheapest(first),
        height=TOP + SIDE + 62, shapes=tuple(shapes), table="every",
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
