"""The report as tables for a terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dosimeter.model.answering import Abstention, Cell, Estimate, Measure, Report

WIDE = 100


def show(report: Report, console: Console) -> None:
    """Print *report*."""
    for notice in report.notices:
        console.print(Text(f"! {notice.text}", style="yellow"))
    for category in sorted({c.category for c in report.cells}):
        console.print(_table(report, category))
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


def _table(report: Report, category: str) -> Table:
    shown = [m for m in report.measures if m.estimator in {"shares", "mean"}]
    table = Table(title=category, title_justify="left", pad_edge=False, expand=False)
    for name in ("target", "intent", "attack"):
        table.add_column(name, no_wrap=True)
    for name in ("families", "done/planned"):
        table.add_column(name, justify="right")
    for measure in shown:
        table.add_column(_heading(report, measure))
    table.add_column("cut", justify="right")
    table.add_column("no mark", justify="right")
    cells = [c for c in report.cells if c.category == category]
    for cell in sorted(cells, key=lambda c: (c.intent, c.attack, c.target)):
        answers = [list(_answers(report, m, cell)) for m in shown]
        table.add_row(
            Text(cell.target), Text(cell.intent), Text(cell.attack), str(cell.families),
            f"{cell.done}/{cell.planned}", *(Text(_cell(m, a)) for m, a in zip(shown, answers, strict=True)),
            _percent(cell.truncated / cell.done if cell.done else 0), _unscorable(answers),
        )  # fmt: skip
    return table


def _heading(report: Report, measure: Measure) -> str:
    if measure.estimator == "mean":
        return f"{measure.title} [95 %]".replace("95", f"{_level(report):.0f}")
    return f"{measure.title}, %"


def _level(report: Report) -> float:
    levels = {f.level for f in report.findings if isinstance(f, Estimate)}
    return 100 * max(levels, default=0.95)


def _answers(report: Report, measure: Measure, cell: Cell) -> Iterable[Estimate | Abstention]:
    want = {("target", cell.target), ("category", cell.category),
            ("intent", cell.intent.value), ("attack", cell.attack)}  # fmt: skip
    return (f for f in report.findings if f.measure == measure.id and want <= set(f.group))


def _cell(measure: Measure, answers: list[Estimate | Abstention]) -> str:
    if not answers:
        return "-"
    if isinstance(answers[0], Abstention):
        return f"no estimate: {answers[0].why}"
    estimates = [a for a in answers if isinstance(a, Estimate)]
    if measure.estimator == "mean":
        e = estimates[0]
        return f"{e.value:.2f} [{e.lower:.2f}, {e.upper:.2f}]"
    return "\n".join(
        f"{dict(e.group)['level']}: {100 * e.value:.0f} [{100 * e.lower:.0f}, {100 * e.upper:.0f}]"
        for e in estimates
    )


def _unscorable(answers: list[list[Estimate | Abstention]]) -> str:
    worst = 0.0
    for found in answers:
        for one in found:
            m = one.missing
            if m.planned:
                worst = max(worst, (m.unscorable + m.failed + m.not_run) / m.planned)
    return _percent(worst)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
