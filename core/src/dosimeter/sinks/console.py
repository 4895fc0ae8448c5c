"""The report as tables for a terminal."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dosimeter.model.answering import Abstention, Cell, Estimate, Measure, Report

WIDE = 130
"""From this width on a cell stands on one line; below it, a number over its interval."""

TOO_FEW = "-"


def show(report: Report, console: Console) -> None:
    """Print *report*."""
    for notice in report.notices:
        console.print(Text(f"! {notice.text}", style="yellow"))
    join = " " if console.width >= WIDE else "\n"
    for measure in (m for m in report.measures if m.estimator == "shares"):
        for category, intent in sorted({(c.category, c.intent) for c in report.cells}):
            cells = [c for c in report.cells if (c.category, c.intent) == (category, intent)]
            table = _table(report, measure, cells, join)
            if table.row_count:
                console.print(Text(f"{category}, {intent}: {measure.title}, %", style="bold"))
                console.print(table)
    for gate in report.gates:
        style = {"pass": "green", "fail": "red", "inconclusive": "yellow"}[gate.state]
        bound = f"max {gate.gate.max}" if gate.gate.max is not None else f"min {gate.gate.min}"
        console.print(
            Text(f"gate {gate.gate.measure} {bound}: {gate.state} ({gate.why})", style=style)
        )
    cards = {r.name: len(r.card) for r in report.raters}
    raters = ", ".join(f"{n} ({'card' if k else 'no card'})" for n, k in sorted(cards.items()))
    console.print(
        Text(
            f"[a,b]: {_level(report):.0f} % interval, clustered by family. Raters: {raters};"
            " numbers are as they measure, uncorrected. cut: at the token limit; none: no mark;"
            " -: too few families to say."
        )
    )
    if report.withheld:
        console.print(
            Text(f"{report.withheld} replies are withheld from every output but the journal.")
        )
    console.print(Text(report.demonstrates, style="bold"))


def _table(report: Report, shares: Measure, cells: list[Cell], join: str) -> Table:
    """One scale: a row a cell, a column a level, and the mean where the scale has one."""
    table = Table(pad_edge=False, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    means = [m for m in report.measures if m.estimator == "mean" and m.scale == shares.scale]
    levels = _levels(report, shares)
    table.add_column(f"attack{join}target", overflow="fold")
    head = "families attempts" if join == " " else "fam\natt"
    counts = (head, *levels, *(["mean"] if means else []), "cut", "none")
    for name in counts:
        table.add_column(name, justify="right", overflow="fold")
    for cell in sorted(cells, key=lambda c: (c.attack, c.target)):
        answers = list(_answers(report, shares, cell))
        if not answers:
            continue
        by_level = {dict(a.group)["level"]: a for a in answers if isinstance(a, Estimate)}
        row = [_share(by_level.get(lv), join) for lv in levels]
        if means:
            row.append(_mean(list(_answers(report, means[0], cell)), join))
        cut = cell.truncated / cell.done if cell.done else 0.0
        table.add_row(
            Text(f"{cell.attack}{join}{cell.target}"), f"{cell.families}{join}{cell.done}/{cell.planned}",
            *row, _percent(cut), _unscorable(answers),
        )  # fmt: skip
    return table


def _levels(report: Report, measure: Measure) -> list[str]:
    """Give the levels in the order of their scale, which is that of the findings."""
    found = [dict(f.group).get("level", "") for f in report.findings if f.measure == measure.id]
    return list(dict.fromkeys(f for f in found if f))


def _share(one: Estimate | None, join: str) -> str:
    if one is None:
        return TOO_FEW
    return f"{100 * one.value:.0f}{join}[{100 * one.lower:.0f},{100 * one.upper:.0f}]"


def _mean(answers: list[Estimate | Abstention], join: str) -> str:
    one = answers[0] if answers else None
    if not isinstance(one, Estimate):
        return TOO_FEW
    return f"{one.value:.2f}{join}[{one.lower:.1f},{one.upper:.1f}]"


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
    return f"{100 * share:.0f}%"
