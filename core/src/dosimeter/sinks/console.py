"""The report as tables for a terminal."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dosimeter.model.answering import (
    Abstention,
    Cell,
    Estimate,
    Measure,
    RaterFacts,
    Report,
)
from dosimeter.model.rating import SubjectKind
from dosimeter.sinks.text import safe

WIDE = 130
"""From this width on a cell stands on one line; below it, a number over its interval."""

TOO_FEW = "-"


def show(report: Report, console: Console) -> None:
    """Print *report*."""
    for notice in report.notices:
        console.print(Text(safe(f"! {notice.text}"), style="yellow"))
    join = " " if console.width >= WIDE else "\n"
    for scale in dict.fromkeys(m.scale for m in report.measures):
        asked = _asked(report, scale)
        for category, intent in sorted({(c.category, c.intent) for c in report.cells}):
            cells = [c for c in report.cells if (c.category, c.intent) == (category, intent)]
            table = _table(report, asked, cells, join)
            if table.row_count:
                unit = ", %" if asked[0].estimator != "mean" else ""
                title = f"{category}, {intent}: {asked[0].title}{unit}"
                console.print(Text(safe(title), style="bold"))
                console.print(table)
    for gate in report.gates:
        style = {"pass": "green", "fail": "red", "inconclusive": "yellow"}[gate.state]
        bound = f"max {gate.gate.max}" if gate.gate.max is not None else f"min {gate.gate.min}"
        line = f"gate {gate.gate.measure} {bound}: {gate.state} ({gate.why})"
        console.print(Text(safe(line), style=style))
    raters = ", ".join(f"{r.name} ({_about(r)})" for r in sorted(report.raters, key=_name))
    console.print(
        Text(
            safe(
                f"[a,b]: {_level(report):.0f} % interval, clustered by family. Raters: {raters};"
                " numbers are as they measure, uncorrected. cut: at the token limit; none: no"
                " mark; -: too few families to say."
            )
        )
    )
    if report.withheld:
        console.print(
            Text(f"{report.withheld} replies are withheld from every output but the journal.")
        )
    console.print(Text(report.demonstrates, style="bold"))


def _name(rater: RaterFacts) -> str:
    return rater.name


def _about(rater: RaterFacts) -> str:
    what = "a person" if rater.kind == "person" else "card" if rater.card else "no card"
    return f"{what}, added later" if rater.later else what


def _asked(report: Report, scale: str) -> tuple[Measure, ...]:
    """Choose how one scale is shown: by level with its mean, or else by its one number.

    Turns are shown for scales that rate nothing else.
    """
    every = [m for m in report.measures if m.scale == scale and m.contrast is None]
    kinds = [m.select.kind for m in every]
    kind = SubjectKind.PATH if SubjectKind.PATH in kinds else kinds[0] if kinds else None
    mine = [m for m in every if m.select.kind is kind]
    shares = [m for m in mine if m.estimator == "shares"][:1]
    means = [m for m in mine if m.estimator == "mean"][:1]
    return tuple(shares + means) or tuple(mine[:1])


def _table(report: Report, asked: tuple[Measure, ...], cells: list[Cell], join: str) -> Table:
    """One scale: a row a cell and rater, a column a level, and the mean where it has one."""
    table = Table(pad_edge=False, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    first, last = asked[0], asked[-1]
    levels = _levels(report, first) if first.estimator == "shares" else []
    number = last.estimator if last.estimator != "shares" else ""
    raters = sorted({dict(f.group)["rater"] for f in report.findings if f.measure == first.id})
    who = f"attack{join}target" + (f"{join}rater" if len(raters) > 1 else "")
    table.add_column(who, overflow="fold")
    head = "families attempts" if join == " " else "fam\natt"
    for name in (head, *map(safe, levels), *([number] if number else []), "cut", "none"):
        table.add_column(Text(name), justify="right", overflow="fold")
    for cell in sorted(cells, key=lambda c: (c.attack, c.target)):
        for rater in raters:
            answers = [a for a in _answers(report, first, cell) if ("rater", rater) in a.group]
            if not answers:
                continue
            by_level = {dict(a.group).get("level"): a for a in answers if isinstance(a, Estimate)}
            row = [_share(by_level.get(lv), join) for lv in levels]
            if number:
                found = [a for a in _answers(report, last, cell) if ("rater", rater) in a.group]
                mean = number == "mean"
                row.append(_mean(found, join) if mean else _share(by_level.get(None), join))
            names = [cell.attack, cell.target, *([rater] if len(raters) > 1 else [])]
            cut = cell.truncated / cell.done if cell.done else 0.0
            table.add_row(
                Text(join.join(map(safe, names))),
                f"{cell.families}{join}{cell.done}/{cell.planned}",
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
    """Share of planned attempts without a mark, whatever the reason."""
    m = answers[0].missing
    if m.drawn:
        return f"{m.unanswered + m.unscorable}/{m.drawn - m.unserved} asked"
    without = m.unscorable + m.failed + m.not_run + m.unrated + m.no_candidate
    return _percent(min(without / m.planned, 1.0)) if m.planned else TOO_FEW


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
