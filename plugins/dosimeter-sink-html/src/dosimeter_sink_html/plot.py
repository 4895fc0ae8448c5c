"""Intervals as inline SVG."""

from collections.abc import Sequence

from attrs import frozen

from dosimeter import Estimate

ROW, LEFT, WIDTH, TOP = 22, 250, 420, 22


@frozen(kw_only=True)
class Bar:
    """One interval, in pixels.

    Attributes:
        series: Index of the target, for colour.
    """

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


def _place(value: float, low: float, high: float) -> float:
    return round(LEFT + WIDTH * (value - low) / (high - low), 1)


def intervals(
    title: str, estimates: Sequence[Estimate], targets: Sequence[str], low: float, high: float
) -> Plot:
    """Draw one row an estimate on the axis from *low* to *high*."""
    bars = []
    share = (low, high) == (0.0, 1.0)
    for i, e in enumerate(estimates):
        group = dict(e.group)
        scale = 100 if share else 1
        digits = 0 if share else 2
        shown = f"{scale * e.value:.{digits}f} [{scale * e.lower:.{digits}f}, {scale * e.upper:.{digits}f}]"
        bars.append(
            Bar(
                label=f"{group['intent']}, {group['attack']}, {group['target']}", value=shown,
                x=_place(e.value, low, high), x1=_place(e.lower, low, high),
                x2=_place(e.upper, low, high), y=TOP + ROW * i + ROW / 2,
                series=targets.index(group["target"]) % 4 if group["target"] in targets else 0,
            )
        )  # fmt: skip
    marks = [low + (high - low) * k / 4 for k in range(5)]
    ticks = tuple((_place(m, low, high), f"{100 * m:.0f} %" if share else f"{m:g}") for m in marks)
    height = TOP + ROW * len(bars) + 10
    return Plot(title=title, bars=tuple(bars), ticks=ticks, width=LEFT + WIDTH + 150, height=height)
