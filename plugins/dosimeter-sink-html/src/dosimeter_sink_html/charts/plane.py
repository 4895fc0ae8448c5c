"""Both sides of refusal at once: the plane of over- and under-refusal, and what each mix of them costs."""

from collections.abc import Iterator, Mapping, Sequence

from dosimeter import Report
from dosimeter_sink_html.charts.costs import of_costs
from dosimeter_sink_html.charts.labels import HIGH, Field, around, beside
from dosimeter_sink_html.charts.refusal import LEFT, SIDE, TOP, Point, across, frame, points_of, up
from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Chart,
    Line,
    Said,
    Shape,
    Spot,
    Word,
    legend,
    listed,
    way,
    wide,
)
from dosimeter_sink_html.clean import Inert

RATIOS = ((1.0, "iso", "1 : 1"), (5.0, "iso five", "5 : 1"))
"""How much worse an answered harmful request is than a refused benign one, as lines of equal cost."""
READ_PLANE = (
    "Lower left is better on both sides. Arms are the intervals. Along a dashed line cost is the same if both"
    " errors are alike bad, along a dotted one if an answered harmful request is five times as bad."
)
READ_NUMBERS = "Numbers name the way of asking, as listed under the picture."
MOST_POINTS, MOST_NAME = 60, 130.0


def of_refusal(report: Report, series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw the plane, of each category and rater that has both sides, and what each mix of them costs."""
    for category in dict.fromkeys(c.category for c in report.cells):
        for rater in dict.fromkeys(r.name for r in report.raters):
            points = points_of(report, category, rater, series)
            if points:
                yield _plane(category, points[:MOST_POINTS], series, len(points))
                yield from of_costs(category, points, series)


def _plane(category: str, points: Sequence[Point], series: Mapping[str, int], every: int) -> Chart:
    targets = sorted({p.target for p in points}, key=lambda t: series.get(t, 0))
    shapes: list[Shape] = list(frame("benign requests refused →", "↑ harmful requests not refused"))
    shapes += [line for ratio, css, name in RATIOS for line in _equal(ratio, css, name)]
    marks = [_cross(p, series.get(p.target, 0)) for p in points]
    field = _field(shapes, marks)
    shapes += marks
    key, base = legend(targets, series, TOP + SIDE + 54)
    shapes += key
    told, numbers = _named(points, field)
    shapes += told
    attacks = list(dict.fromkeys(p.attack for p in points)) if numbers else []
    listing, base = _listing(attacks, base)
    rest = f" {every - len(points)} more points stand in the tables." if every > len(points) else ""
    read = f"{READ_NUMBERS} {READ_PLANE}" if numbers else READ_PLANE
    return Chart(
        title=f"{category}: both sides of refusal", finding=_found(points), height=base + 8,
        shapes=(*shapes, *listing), table="every", note=f"{read}{rest}",
    )  # fmt: skip


def _field(drawn: Sequence[Shape], marks: Sequence[Said]) -> Field:
    """Give what names of points keep off: words in the picture, lines of equal cost, and intervals."""
    words = [w for w in drawn if isinstance(w, Word) and w.x > LEFT and TOP < w.y < TOP + SIDE]
    starts = [w.x - (wide(w.text) if w.anchor == "end" else 0) for w in words]
    arms = [x for m in marks for x in m.shapes if isinstance(x, Line)]
    return Field(
        inside=(LEFT + 1, TOP - 6, WIDTH - LEFT - 1, SIDE + 5),
        taken=[(x, w.y - 10, wide(w.text), HIGH) for x, w in zip(starts, words, strict=True)],
        lines=[*(x for x in drawn if isinstance(x, Line) and x.css.startswith("iso")), *arms],
    )  # fmt: skip


def _named(points: Sequence[Point], field: Field) -> tuple[list[Shape], bool]:
    """Name the attack of each point beside it, or number all where one name has no room; say which."""
    marks = [_at(p) for p in points]
    words = [way(p.attack, MOST_NAME) for p in points]
    found = beside(marks, [wide(w) for w in words], field)
    numbers = found is None
    if found is None:
        attacks = list(dict.fromkeys(p.attack for p in points))
        words = [Inert(attacks.index(p.attack) + 1) for p in points]
        found = around(marks, max(wide(w) for w in words), field)
    out: list[Shape] = [one.lead for one in found if one.lead]
    out += [Word(one.x, one.base, w, "small over") for one, w in zip(found, words, strict=True)]
    return out, numbers


def _listing(attacks: Sequence[str], base: float) -> tuple[list[Shape], float]:
    """List what numbers stand for, in two columns under *base*; give where they end too."""
    rows, room = -(-len(attacks) // 2), WIDTH / 2
    out: list[Shape] = []
    for i, attack in enumerate(attacks):
        x, y = room * (i // rows), base + 18 * (i % rows + 1)
        out += [
            Word(x + 16, y, str(i + 1), "small", "end"),
            Word(x + 22, y, way(attack, room - 26)),
        ]
    return out, base + 18 * rows


def _equal(ratio: float, css: str, name: str) -> Iterator[Shape]:
    """Give lines on which under-refusal times *ratio* and over-refusal cost the same together."""
    for cost in (0.25, 0.5, 0.75):
        # ratio * under + over = cost * ratio, so it meets the upward axis at *cost*.
        last = min(1.0, cost * ratio)
        x, y = across(last), up(cost - last / ratio)
        yield Line(across(0), up(cost), x, y, css)
        if cost == 0.75:
            whole = last == 1
            yield Word(x + (-3 if whole else 4), y - 6, name, "small", "end" if whole else "start")


def _at(p: Point) -> tuple[float, float]:
    return across(p.over.value), up(p.under.value)


def _cross(p: Point, series: int) -> Said:
    (x, y), css = _at(p), f"whisker thin m{series % 4}"
    return Said(
        p.said,
        (
            Line(across(p.over.lower), y, across(p.over.upper), y, css),
            Line(x, up(p.under.lower), x, up(p.under.upper), css),
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
