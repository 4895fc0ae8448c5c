"""Intervals as inline SVG."""

from collections.abc import Sequence

from attrs import frozen

from dosimeter import Estimate, Measure
from dosimeter_sink_html.figures import short, span

ROW, GAP, LEFT, WIDTH, TOP, RIGHT = 20, 10, 290, 400, 24, 150
TARGETS_DRAWN = 4
LABEL = 22


@frozen(kw_only=True)
class Bar:
    """One interval, in pixels.

    Attributes:
        group: What the rows below have in common; empty on all but the first of them.
        series: Index of the target, for colour.
    """

    group: str
    label: str
    value: str
    x: float
    x1: float
    x2: float
    y: float
    series: int


@frozen(kw_only=True)
class Plot:
    """A plot, ready to draw."""

    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    width: int
    height: int


def _cut(text: str) -> str:
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def _place(value: float, low: float, high: float) -> float:
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return round(LEFT + WIDTH * share, 1)


def intervals(measure: Measure, estimates: Sequence[Estimate], targets: Sequence[str]) -> Plot:
    """Draw one row an estimate, those of one intent and attack together."""
    low, high = span(measure)
    bars: list[Bar] = []
    last, y = "", float(TOP)
    for e in estimates:
        group = dict(e.group)
        together = " · ".join(group[k] for k in ("intent", "attack") if k in group)
        y += ROW + (GAP if bars and together != last else 0)
        name = group.get("target", "")
        bars.append(
            Bar(
                group="" if together == last else _cut(together), label=_cut(name),
                value=f"{short(e.value, measure)}  [{short(e.lower, measure)}, {short(e.upper, measure)}]",
                x=_place(e.value, low, high), x1=_place(e.lower, low, high),
                x2=_place(e.upper, low, high), y=y - ROW / 2,
                series=targets.index(name) % TARGETS_DRAWN if name in targets else 0,
            )
        )  # fmt: skip
        last = together
    marks = [low + (high - low) * k / 4 for k in range(5)]
    ticks = tuple((_place(m, low, high), short(m, measure).removesuffix(".00")) for m in marks)
    return Plot(title=measure.title, bars=tuple(bars), ticks=ticks,
                width=LEFT + WIDTH + RIGHT, height=int(y) + 8)  # fmt: skip
