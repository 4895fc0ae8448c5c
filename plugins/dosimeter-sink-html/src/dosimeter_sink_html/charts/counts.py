"""Counts as bars: what became of attempts, which marks are missing, where people marked too."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from dosimeter import Cell, Report
from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Box,
    Chart,
    Said,
    Shape,
    Word,
    clip,
    column_of,
    lines,
    listed,
    wide,
)
from dosimeter_sink_html.figures import DIRECT
from dosimeter_sink_html.questions import Answer, Question

LEFT, RIGHT, ROW, MOST_ROWS = 150.0, 352.0, 19.0, 40
LINE, MOST_LABEL = 15.0, 230.0
HEIGHTS = (12.0, 9.0, 6.0, 3.0, 12.0)
"""Of the parts of a bar, which tells them apart where colour does not."""


@frozen(kw_only=True)
class Bar:
    """What some attempts or replies are made of.

    Attributes:
        parts: How many of each kind, in the order of the chart's kinds.
    """

    head: str
    label: str
    parts: tuple[int, ...]
    value: str


def bars(kinds: Sequence[str], found: Sequence[Bar]) -> tuple[float, tuple[Shape, ...]]:
    """Give height and shapes of stacked bars; each is as long as its whole, which is written beside it."""
    shapes: list[Shape] = []
    left = 14 + column_of((bar.label for bar in found[:MOST_ROWS]), LEFT - 14, MOST_LABEL)
    x = 0.0
    for i, kind in enumerate(kinds):
        shapes.append(Box(x, 12 - HEIGHTS[i], 12, HEIGHTS[i], f"part{i}"))
        shapes.append(Word(x + 16, 12, kind, "small"))
        x += wide(kind) + 24
    y, head = 26.0, ""
    for bar in found[:MOST_ROWS]:
        if bar.head != head:
            head, y = bar.head, y + ROW
            for i, words in enumerate(lines(head, WIDTH)):
                y += LINE if i else 0
                shapes.append(Word(0, y - 5, words, "strong"))
        y += ROW
        shapes.append(_drawn(kinds, bar, left, y))
    return y + 6, tuple(shapes)


def _drawn(kinds: Sequence[str], bar: Bar, left: float, base: float) -> Said:
    whole, x = sum(bar.parts) or 1, left
    said = ", ".join(f"{n} {kind}" for n, kind in zip(bar.parts, kinds, strict=True) if n)
    out: list[Box | Word] = [
        Word(8, base - 5, clip(bar.label, left - 14)),
        Word(RIGHT + 8, base - 5, bar.value),
    ]
    for i, n in enumerate(bar.parts):
        width = (RIGHT - left) * n / whole
        if n:
            out.append(Box(x, base - 4 - HEIGHTS[i], width, HEIGHTS[i], f"part{i}"))
        x += width
    return Said(f"{bar.head}, {bar.label}: {said or 'nothing'}", tuple(out))


def of_attempts(report: Report, series: Mapping[str, int]) -> Chart | None:
    """Draw what became of every attempt, by cell."""
    kinds = ("answered", "cut short", "blocked", "failed", "not run")
    cells = sorted(report.cells, key=lambda c: (c.category, c.attack != DIRECT, c.attack, c.intent,
                                                series.get(c.target, 0)))  # fmt: skip
    if not cells:
        return None
    found = [
        Bar(head=f"{c.category}, {c.attack}, {c.intent.value}", label=c.target, parts=_parts(c),
            value=f"{c.done} of {c.planned}")
        for c in cells
    ]  # fmt: skip
    height, shapes = bars(kinds, found)
    sums = [sum(column) for column in zip(*(b.parts for b in found), strict=True)]
    said = ", ".join(f"{n:,} {kind}" for n, kind in zip(sums, kinds, strict=True) if n)
    return Chart(
        title="What became of the attempts", height=height, shapes=shapes, note=_rest(found), anchor="counts",
        finding=f"Of {sum(c.planned for c in cells):,} attempts: {said}.{_spared(cells)}",
    )  # fmt: skip


def _spared(cells: Sequence[Cell]) -> str:
    """Say how much of the plan a run that stopped by itself did not make."""
    spared = sum(c.not_needed for c in cells)
    return (
        f" {spared:,} more of the plan were not needed, as every gate was decided."
        if spared
        else ""
    )


def _parts(c: Cell) -> tuple[int, ...]:
    whole = max(0, c.done - c.truncated - c.blocked)
    return whole, c.truncated, c.blocked, c.failed, c.open


def _rest(found: Sequence[Bar]) -> str:
    return (
        f"{len(found) - MOST_ROWS} more rows are in the journal." if len(found) > MOST_ROWS else ""
    )


def of_missing(asked: Sequence[Question]) -> Chart | None:
    """Draw what has a mark and what has none, of each question that lacks some."""
    kinds = ("marked", "unscorable", "not rated", "failed", "not run")
    found = [
        Bar(head=q.title, label=f"{a.target}, {a.attack}", parts=parts,
            value=f"{sum(parts[1:])} of {sum(parts)}")
        for q in asked for a in q.answers if any((parts := _marks(a))[1:])
    ]  # fmt: skip
    if not found:
        return None
    height, shapes = bars(kinds, found)
    most = max(found, key=lambda b: sum(b.parts[1:]) / (sum(b.parts) or 1))
    return Chart(
        title="What has no mark", height=height, shapes=shapes, table="every", note=_rest(found),
        finding=f"{len(found)} numbers lack marks; most of all {most.head}, {most.label}: {most.value}.",
    )  # fmt: skip


def _marks(a: Answer) -> tuple[int, ...]:
    if a.made is None:
        return (0,) * 5
    m = a.made.missing
    lost = m.unscorable, m.unrated + m.unanswered, m.failed + m.no_candidate, m.not_run
    return max(0, m.planned - sum(lost)), *lost


def of_people(report: Report) -> Iterator[Chart]:
    """Draw how often people mark otherwise than a rater."""
    both: dict[tuple[str, str, str], list[int]] = {}
    for one in report.agreements:
        counts = both.setdefault((one.rater, one.scale, one.person), [0, 0])
        counts[0] += one.both - one.differ
        counts[1] += one.differ
    found = [
        Bar(head=f"{rater}, {scale}", label=person, parts=tuple(counts),
            value=f"{counts[0]} of {sum(counts)}")
        for (rater, scale, person), counts in sorted(both.items())
    ]  # fmt: skip
    if found:
        height, shapes = bars(("marked alike", "marked otherwise"), found)
        said = listed([f"{b.label} and {b.head} mark {b.value} alike" for b in found])
        yield Chart(
            title="Where people marked too", finding=f"{said}.", height=height, shapes=shapes,
            note="Counts of replies that both marked, however they were chosen: no estimate, and by"
            " themselves they correct no number.",
        )  # fmt: skip
