"""Rows of a forest plot: a row a number, with its interval on a common axis."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Anchor,
    Box,
    Line,
    Said,
    Shape,
    Spot,
    Word,
    clip,
    column_of,
    lines,
)

LEFT, RIGHT, ROW, TALL = 126.0, 302.0, 19.0, 18.0
LINE, LABEL, MOST_LABEL = 15.0, 16.0, 180.0
"""Of a heading that takes several; of a label above an interval; how wide one beside it may be."""
MOST_ROWS = 40
Band = tuple[float, float]
Stretch = tuple[float, float, Band | None]
"""From where to where rows follow each other, with what does not matter there."""


@frozen(kw_only=True)
class Row:
    """A number, or a heading over those that follow.

    Attributes:
        at: Where on the axis it is, 0 to 1; *low* and *high* likewise. None for a heading, or where
            there is no number.
        value: What stands at its right.
        band: From where to where on the axis a difference does not matter; None if nobody fixed it.
        title: All that is known of it in a line.
    """

    label: str
    at: float | None = None
    low: float = 0.0
    high: float = 0.0
    value: str = ""
    title: str = ""
    series: int = 0
    head: bool = False
    band: Band | None = None


@frozen(kw_only=True)
class Mark:
    """A place on the axis that means something, with a line through all intervals.

    Attributes:
        anchor: Which part of *label* stands there.
    """

    at: float
    label: str
    anchor: Anchor


def plot(
    rows: Sequence[Row],
    ends: Sequence[str],
    *,
    tall: bool = False,
    zero: float | None = None,
    marks: Sequence[Mark] = (),
) -> tuple[float, tuple[Shape, ...]]:
    """Give height and shapes of a forest plot.

    Args:
        rows: From top to bottom.
        ends: What the axis is marked with, evenly from its low to its high end.
        tall: Put labels above the intervals, as they are long.
        zero: Where no difference is, on the axis.
        marks: What else means something there, named under the axis.
    """
    left = (
        6.0
        if tall
        else 14 + column_of((r.label for r in rows if not r.head), LEFT - 14, MOST_LABEL)
    )
    right, step = (300.0, TALL) if tall else (RIGHT, ROW)
    heads = [_above(row, tall=tall) for row in rows]
    heights = [head + (0 if row.head else step) for row, head in zip(rows, heads, strict=True)]
    bottom = sum(heights) + 4
    places = [] if zero is None else [zero]
    places += [m.at for m in marks]
    out = list(_behind(list(_stretches(rows, heads, heights)), (left, right), len(ends), places))
    for i, words in enumerate(ends):
        x = left + (right - left) * i / max(1, len(ends) - 1)
        out.append(Word(x, bottom + 14, words, "small", _side(i, len(ends))))
    out += [
        Word(left + (right - left) * m.at, bottom + 29, m.label, "small", m.anchor) for m in marks
    ]
    top = 2.0
    for row, height in zip(rows, heights, strict=True):
        out.append(_drawn(row, (left, right), top + height, tall=tall))
        top += height
    return bottom + (35 if marks else 20), tuple(out)


def _behind(
    found: Sequence[Stretch], span: tuple[float, float], ticks: int, places: Sequence[float]
) -> Iterator[Shape]:
    """Draw what stands behind intervals: ticks of the axis, what does not matter, and places with a name."""
    left, width = span[0], span[1] - span[0]
    for i in range(ticks):
        x = left + width * i / max(1, ticks - 1)
        yield from (Line(x, top, x, end, "grid") for top, end, _ in found)
    for top, end, band in found:
        if band is not None:
            yield Box(left + width * band[0], top, width * (band[1] - band[0]), end - top, "band")
    for place in places:
        x = left + width * place
        yield from (Line(x, top, x, end, "zero") for top, end, _ in found)


def _above(row: Row, *, tall: bool) -> float:
    """Give how high a heading is, or the label above an interval."""
    more = LINE * (len(lines(row.label, WIDTH)) - 1)
    return ROW + more if row.head else LABEL + more if tall else 0.0


def _stretches(
    rows: Sequence[Row], heads: Sequence[float], heights: Sequence[float]
) -> Iterator[Stretch]:
    """Give from where to where intervals stand, with what does not matter there: through no words."""
    top = 2.0
    start: tuple[float, Band | None] | None = None
    for row, head, height in zip(rows, heads, heights, strict=True):
        if start is not None and (head or row.band != start[1]):
            yield start[0], top, start[1]
            start = None
        if not row.head and start is None:
            start = top + head, row.band
        top += height
    if start is not None:
        yield start[0], top, start[1]


def _side(i: int, n: int) -> Anchor:
    return "start" if i == 0 else "end" if i == n - 1 else "middle"


def _drawn(row: Row, span: tuple[float, float], base: float, *, tall: bool) -> Said:
    """Draw one row that ends at *base*."""
    left, right = span
    y = base - 5
    if row.head:
        return Said(row.label, _written(row.label, y, "strong"))
    label = _written(row.label, y - 15) if tall else (Word(8, y, clip(row.label, left - 14)),)
    words = Word(right + 8, y, row.value, "" if row.at is not None else "small")
    if row.at is None:
        return Said(row.title, (*label, words))
    low, at, high = (left + (right - left) * x for x in (row.low, row.at, row.high))
    return Said(
        row.title,
        (
            Box(left, y - 13 if tall else y - 12, right - left, 17, "hit"), *label,
            Line(low, y - 4, high, y - 4, f"whisker m{row.series % 4}"), Spot(at, y - 4, row.series), words,
        ),
    )  # fmt: skip


def _written(text: str, base: float, css: str = "") -> tuple[Word, ...]:
    """Write a text over the whole width in lines, the last of which stands at *base*."""
    told = lines(text, WIDTH)
    first = base - LINE * (len(told) - 1)
    return tuple(Word(0, first + LINE * i, words, css) for i, words in enumerate(told))
