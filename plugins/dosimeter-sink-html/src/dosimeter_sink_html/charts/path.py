"""What a run that stops by itself saw of its gates, look by look."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from dosimeter import GateResult, GateState, Look, Report, Unit, as_threshold, unit_of
from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Chart,
    Line,
    Said,
    Shape,
    Spot,
    Word,
    clip,
    listed,
)
from dosimeter_sink_html.clean import together
from dosimeter_sink_html.figures import between, short

LEFT, RIGHT, PANEL, HEAD, FOOT = 52.0, 400.0, 120.0, 38.0, 44.0
MOST_GATES, MOST_LOOKS = 8, 40
MARKS = {GateState.PASS: "✓", GateState.FAIL: "✗", GateState.INCONCLUSIVE: "?"}
WORDS = {
    GateState.PASS: "passes",
    GateState.FAIL: "fails",
    GateState.INCONCLUSIVE: "is undecided",
}
SAVED = frozenset({"stopped-early", "looked"})
"""Notices that say what looking saved."""


@frozen(kw_only=True)
class Step:
    """What one look saw of a gate."""

    families: int
    state: GateState
    limits: tuple[float, float] | None


@frozen(kw_only=True)
class Axes:
    """Where numbers of one panel are drawn."""

    families: int
    low: float
    high: float
    base: float

    def x(self, families: int) -> float:
        """Give where a look stands."""
        return LEFT + (RIGHT - LEFT) * families / max(1, self.families)

    def y(self, value: float) -> float:
        """Give where a number stands."""
        return self.base - PANEL * (value - self.low) / (self.high - self.low)


def of_looks(report: Report) -> Chart | None:
    """Draw the interval of each gate at each look, with its bound, a panel a gate."""
    if not report.looks:
        return None
    shapes: list[Shape] = []
    top, told = 0.0, []
    for i, gate in enumerate(report.gates[:MOST_GATES]):
        steps = _steps(report.looks, i)
        if steps:
            shapes += _panel(report, gate, steps, top)
            told.append(_ended(report, gate, steps))
            top += HEAD + PANEL + FOOT
    if not told:
        return None
    more = len(report.gates) - MOST_GATES
    rest = f" {more} more gates stand in their table." if more > 0 else ""
    return Chart(
        title="Sequential path: each gate at each look", height=top, shapes=tuple(shapes), table="gates",
        finding=f"{listed(told)}.", anchor="path",
        note=f"{_saved(report)} Drawn are the limits that gates are decided by.{rest}",
    )  # fmt: skip


def _steps(looks: Sequence[Look], i: int) -> list[Step]:
    """Give what each look saw of gate *i*; a look at fewer gates saw nothing of the last."""
    return [
        Step(families=one.families, state=one.states[i], limits=next(iter(one.limits[i : i + 1]), None))
        for one in looks[-MOST_LOOKS:] if i < len(one.states)
    ]  # fmt: skip


def _saved(report: Report) -> str:
    said = [n.text for n in report.notices if n.code in SAVED]
    return " ".join(f"{text[:1].upper()}{text[1:].removesuffix('.')}." for text in said)


def _unit(report: Report, gate: GateResult) -> Unit:
    return unit_of(next((m for m in report.measures if m.id == gate.gate.measure), None))


def _title(report: Report, gate: GateResult) -> str:
    titles = {m.id: m.title for m in report.measures}
    return titles.get(gate.gate.measure, gate.gate.measure)


def _panel(report: Report, gate: GateResult, steps: Sequence[Step], top: float) -> Iterator[Shape]:
    unit, bound = _unit(report, gate), gate.gate.bound
    ends = [x for s in steps for x in s.limits or ()]
    low, high = (0.0, 1.0) if unit is Unit.SHARE else (min(bound, *ends), max(bound, *ends))
    high = high if high > low else low + 1.0
    axes = Axes(families=steps[-1].families, low=low, high=high, base=top + HEAD + PANEL)
    demand = together(as_threshold(gate.gate, unit))
    yield Word(0, top + 14, clip(_title(report, gate), WIDTH), "strong")
    yield Word(0, top + 30, clip(f"must be {demand}; families →", WIDTH), "small")
    for value in (low, (low + high) / 2, high):
        yield Line(LEFT, axes.y(value), RIGHT, axes.y(value), "grid")
        yield Word(LEFT - 6, axes.y(value) + 4, short(value, unit), "small", "end")
    yield Said(
        f"bound: {demand}",
        (Line(LEFT, axes.y(bound), RIGHT, axes.y(bound), "zero"),
         Word(RIGHT + 4, axes.y(bound) + 4, short(bound, unit), "small")),
    )  # fmt: skip
    for i, step in enumerate(steps):
        yield _look(step, i, axes, unit, tick=_ticked(steps, i))
    if gate.value is not None:
        x = axes.x(steps[-1].families)
        yield Said(f"at the end: {short(gate.value, unit)}", (Spot(x, axes.y(gate.value), 0),))


def _ticked(steps: Sequence[Step], i: int) -> bool:
    """Tell whether a look is written under: all of few, and of many the last and every few."""
    every = -(-len(steps) // 8)
    return (len(steps) - 1 - i) % every == 0


def _look(step: Step, i: int, axes: Axes, unit: Unit, *, tick: bool) -> Said:
    x = axes.x(step.families)
    words: list[Line | Word] = []
    if tick:
        words = [
            Word(x, axes.base + 14, f"{step.families}", "small", "middle"),
            Word(x, axes.base + 30, MARKS[step.state], "strong", "middle"),
        ]
    if step.limits is None:
        return Said(f"look {i + 1}, {step.families} families: no number", tuple(words))
    low, high = step.limits
    words.append(Line(x, axes.y(low), x, axes.y(high), "whisker m0"))
    text = f"look {i + 1}, {step.families} families: {between(low, high, unit)}, {step.state.value}"
    return Said(text, tuple(words))


def _ended(report: Report, gate: GateResult, steps: Sequence[Step]) -> str:
    """Say when a gate was decided, and where its limits were at the end."""
    last, unit = steps[-1], _unit(report, gate)
    first = next(
        (s for i, s in enumerate(steps) if all(t.state is last.state for t in steps[i:])), last
    )
    demand = together(as_threshold(gate.gate, unit))
    since = f", since {first.families}" if first.families < last.families else ""
    limits = f" ({between(*last.limits, unit)})" if last.limits else " (no number)"
    return (
        f"{_title(report, gate)}, which must be {demand}, {WORDS[last.state]} at {last.families}"
        f" families{limits}{since}"
    )  # fmt: skip
