"""The report as tables for a terminal."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dosimeter.model.answering import Abstention, Cell, Estimate, Measure, Report

WIDE = 170


def show(report: Report, console: Console) -> None:
    """Print *report*."""
    for notice in report.notices:
        console.print(Text(f"! {notice.text}", style="yellow"))
    for category in sorted({c.category for c in report.cells}):
        for shares in (m for m in report.measures if m.estimator == "shares"):
            means = [
                m for m in report.measures if m.estimator == "mean" and m.scale == shares.scale
            ]
            console.print(_table(report, category, shares, means[0] if means else None))
    for gate in report.gates:
        style = {"pass": "green", "fail": "red", "inconclusive": "yellow"}[gate.state]
        bound = f"max {gate.gate.max}" if gate.gate.max is not None else f"min {gate.gate.min}"
        console.print(
            Text(f"gate {gate.gate.measure} {bound}: {gate.state} ({gate.why})", style=style)
        )
    cards = {r.name: len(r.card) for r in report.raters}
    raters = ", ".join(f"{n} ({'card' if k else 'no card'})" for n, k in sorted(cards.items()))
    console.print(Text(f"Raters: {raters}. Rates are as the raters measure them, uncorrected."))
    if report.withheld:
        console.print(
            Text(f"{report.withheld} replies are withheld from every output but the journal.")
        )
    console.print(Text(report.demonstrates, style="bold"))


def _table(report: Report, category: str, shares: Measure, mean: Measure | None) -> Table:
    """One scale: a row a cell, a column a level, and the mean where the scale has one."""
    table = Table(title=f"{category}: {shares.title}, % [{_level(report):.0f} % interval]",
                  title_justify="left", pad_edge=False, box=SIMPLE_HEAD)  # fmt: skip
    cells = [c for c in report.cells if c.category == category]
    levels = _levels(report, shares)
    for name in ("target", "intent", "attack"):
        table.add_column(name, no_wrap=True)
    for name in ("families", "attempts", *levels, *(["mean"] if mean else []), "cut", "no mark"):
        table.add_column(name, justify="right", no_wrap=True)
    for cell in sorted(cells, key=lambda c: (c.intent, c.attack, c.target)):
        answers = list(_answers(report, shares, cell))
        if not answers:
            continue
        by_level = {dict(a.group)["level"]: a for a in answers if isinstance(a, Estimate)}
        row = [_share(by_level.get(lv)) for lv in levels]
        if mean:
            row.append(_mean(list(_answers(report, mean, cell))))
        cut = cell.truncated / cell.done if cell.done else 0.0
        table.add_row(
            Text(cell.target), Text(cell.intent), Text(cell.attack), str(cell.families),
            f"{cell.done}/{cell.planned}", *row, _percent(cut), _unscorable(answers),
        )  # fmt: skip
    return table


def _levels(report: Report, measure: Measure) -> list[str]:
    found = [dict(f.group).get("level", "") for f in report.findings if f.measure == measure.id]
    return sorted({f for f in found if f})


def _share(one: Estimate | None) -> str:
    if one is None:
        return "too few"
    return f"{100 * one.value:.0f} [{100 * one.lower:.0f}, {100 * one.upper:.0f}]"


def _mean(answers: list[Estimate | Abstention]) -> str:
    one = answers[0] if answers else None
    if not isinstance(one, Estimate):
        return "too few"
    return f"{one.value:.2f} [{one.lower:.2f}, {one.upper:.2f}]"


def _level(report: Report) -> float:
    levels = {f.level for f in report.findings if isinstance(f, Estimate)}
    return 100 * max(levels, default=0.95)


def _answers(report: Report, measure: Measure, cell: Cell) -> Iterable[Estimate | Abstention]:
    want = {("target", cell.target), ("category", cell.category),
            ("intent", cell.intent.value), ("attack", cell.attack)}  # fmt: skip
    return (f for f in report.findings if f.measure == measure.id and want <= set(f.group))


def _unscorable(answers: list[Estimate | Abstention]) -> str:
    """Share of planned attempts without a mark."""
    m = answers[0].missing
    return _percent((m.unscorable + m.failed + m.not_run) / m.planned) if m.planned else "-"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
