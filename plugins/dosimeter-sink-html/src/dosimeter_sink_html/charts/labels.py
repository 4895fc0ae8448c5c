"""Where names stand in a picture: beside their marks, and over nothing that can be avoided."""

import math
from collections.abc import Iterator, Sequence

from attrs import frozen

from dosimeter_sink_html.charts.shapes import SPOT, Line

HIGH = 12.0
"""Of a line of text."""
NEAR, FAR = (9.0, 14.0), (9.0, 14.0, 20.0, 28.0, 38.0, 50.0, 64.0, 80.0)
"""How far from its mark a name may stand by itself, and with a line to it."""
DIRECTIONS, CROSSING, OUTSIDE = 12, 12.0, 100
"""About a mark; how much farther a name stands rather than across a line; what keeps it in the picture."""
Area = tuple[float, float, float, float]
"""Left, top, width and height."""
Place = tuple[float, float]
Offer = tuple[int, float, Area]
"""How much a place covers, what it costs besides, and where it is."""


@frozen(kw_only=True)
class Label:
    """Where a name stands: its left end, its base, and whether a line leads to its mark."""

    x: float
    base: float
    lead: Line | None = None


@frozen(kw_only=True)
class Field:
    """What names may stand in, and what they keep off.

    Attributes:
        inside: Where they may stand.
        taken: What they may not cover.
        lines: What they had better not cross.
    """

    inside: Area
    taken: Sequence[Area]
    lines: Sequence[Line]


def spot(at: Place) -> Area:
    """Give what a mark covers."""
    half = SPOT + 1
    return at[0] - half, at[1] - half, 2 * half, 2 * half


def beside(marks: Sequence[Place], widths: Sequence[float], field: Field) -> list[Label] | None:
    """Give each mark the place of its name, near it and over no other; None if one finds none."""
    return _placed(marks, widths, field, NEAR)


def around(marks: Sequence[Place], width: float, field: Field) -> list[Label]:
    """Give each mark the place of its number, further off with a line to it: each has one."""
    found = _placed(marks, [width] * len(marks), field, FAR, always=True)
    return found or []


def _placed(
    marks: Sequence[Place], widths: Sequence[float], field: Field, radii: Sequence[float],
    *, always: bool = False,
) -> list[Label] | None:  # fmt: skip
    taken = [*field.taken, *map(spot, marks)]
    out: list[Label] = []
    for mark, width in zip(marks, widths, strict=True):
        covers, _, area = _best(mark, width, field, taken, radii)
        if covers and not always:
            return None
        taken.append(area)
        out.append(Label(x=area[0], base=area[1] + HIGH - 2, lead=_lead(mark, area)))
    return out


def _best(
    mark: Place, width: float, field: Field, taken: Sequence[Area], radii: Sequence[float]
) -> Offer:
    """Give the best place about a mark: the nearest that covers and crosses nothing, if there is one."""
    found: list[Offer] = []
    for radius in radii:
        found += _offers(mark, width, field, taken, radius)
        best = min(found, key=lambda one: one[:2])
        if best[0] == 0 and best[1] <= radius:
            break
    return best


def _offers(
    mark: Place, width: float, field: Field, taken: Sequence[Area], radius: float
) -> Iterator[Offer]:
    for i in range(DIRECTIONS):
        area = _at(mark, width, radius, 2 * math.pi * i / DIRECTIONS)
        covers = sum(meet(area, other) for other in taken)
        crossed = sum(crosses(line, area) for line in field.lines)
        outside = 0 if _within(area, field.inside) else OUTSIDE
        yield covers + outside, radius + CROSSING * crossed, area


def _at(mark: Place, width: float, radius: float, angle: float) -> Area:
    """Give the area of a text whose nearest edge is *radius* from a mark, in a direction."""
    across, up = math.cos(angle), math.sin(angle)
    x = mark[0] + radius * across + width / 2 * across
    y = mark[1] - radius * up - HIGH / 2 * up
    return x - width / 2, y - HIGH / 2, width, HIGH


def _lead(mark: Place, area: Area) -> Line | None:
    """Give a line from a mark to a text that is not beside it."""
    x = min(max(mark[0], area[0]), area[0] + area[2])
    y = min(max(mark[1], area[1]), area[1] + area[3])
    away = math.dist(mark, (x, y))
    if away <= NEAR[-1]:
        return None
    start = (SPOT + 1) / away
    return Line(mark[0] + (x - mark[0]) * start, mark[1] + (y - mark[1]) * start, x, y, "leader")


def meet(one: Area, other: Area) -> bool:
    """Tell whether two areas have something in common."""
    return all(
        a < b + size_b and b < a + size_a
        for a, size_a, b, size_b in zip(one[:2], one[2:], other[:2], other[2:], strict=True)
    )


def _within(area: Area, inside: Area) -> bool:
    return all(
        low <= a and a + size <= low + room
        for a, size, low, room in zip(area[:2], area[2:], inside[:2], inside[2:], strict=True)
    )


def crosses(line: Line, area: Area) -> bool:
    """Tell whether a line goes through an area (Liang and Barsky 1984)."""
    first, last = 0.0, 1.0
    for start, step, low, size in (
        (line.x1, line.x2 - line.x1, area[0], area[2]), (line.y1, line.y2 - line.y1, area[1], area[3]),
    ):  # fmt: skip
        if not step:
            if not low < start < low + size:
                return False
            continue
        ends = sorted(((low - start) / step, (low + size - start) / step))
        first, last = max(first, ends[0]), min(last, ends[1])
    return first < last
