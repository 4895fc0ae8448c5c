"""The report as tables for a terminal."""

from collections.abc import Iterable

from rich.console import Console
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
from dosimeter.sinks.grid import Grid, Pair, Row, lines
from dosimeter.sinks.text import safe

NO_NUMBER = "-"

CAVEATS = {
    "few-families": "fewer than 30 families: the interval is wide and rough",
    "forked": "design or versions changed while the run was under way",
    "incomplete": "attempts of the run have no answer",
    "judge-measured": "as the rater measures it, uncorrected by people's labels",
    "limited-run": "a limited run: not the benchmark, not reportable",
    "missing": "more than 5 % without a mark; `missing` in the report bounds what that may hide",
    "model-changed": "a target's model id changed within the run",
    "no-candidate": "searches that submitted nothing count as no success",
    "non-response": "more than 5 % of the units that people were asked about have no answer",
    "off-script": "attempts left their script; the report has the number without them",
    "simulated": "a target of the run is not a language model",
    "truncated": "replies were cut at the token limit: marks are lower bounds",
    "unrated": "a rater has not rated all that was answered",
}
"""What a caveat says of a number, whatever the number; its own words are in the report."""


HAZARDOUS = "files written now show replies that would be withheld (--include-hazardous); recorded"


def show(report: Report, console: Console) -> None:
    """Print *report*."""
    for notice in report.notices:
        console.print(Text(safe(f"! {notice.text}"), style="yellow"))
    if report.hazardous_included:
        console.print(Text(f"! {HAZARDOUS}", style="red"))
    marks: dict[str, str] = {}
    for scale in dict.fromkeys(m.scale for m in report.measures):
        asked = _asked(report, scale)
        for category, intent in sorted({(c.category, c.intent) for c in report.cells}):
            cells = [c for c in report.cells if (c.category, c.intent) == (category, intent)]
            grid = _grid(report, asked, cells, marks)
            if grid.rows:
                unit = ", %" if asked[0].estimator != "mean" else ""
                title = f"{category}, {intent}: {asked[0].title}{unit}"
                console.print(Text(safe(title), style="bold"))
                for line in lines(grid, console.width):
                    console.print(Text(line), soft_wrap=True)
                console.print()
    _show_gates(report, console)
    _show_legend(report, console, marks)
    if report.withheld:
        console.print(
            Text(f"{report.withheld} replies are withheld from every output but the journal.")
        )
    console.print(Text(safe(report.demonstrates), style="bold"))


def _show_gates(report: Report, console: Console) -> None:
    for gate in report.gates:
        style = {"pass": "green", "fail": "red", "inconclusive": "yellow"}[gate.state]
        bound = f"max {gate.gate.max}" if gate.gate.max is not None else f"min {gate.gate.min}"
        line = f"gate {gate.gate.measure} {bound}: {gate.state} ({gate.why})"
        console.print(Text(safe(line), style=style))


def _show_legend(report: Report, console: Console, marks: dict[str, str]) -> None:
    """Say what the columns and the letters in the column of caveats mean."""
    raters = ", ".join(f"{r.name} ({_about(r)})" for r in sorted(report.raters, key=_name))
    text = (
        f"[a,b]: {_level(report):.0f} % interval, clustered by family. Raters: {raters}."
        " cut: at the token limit; missing: planned attempts without a mark."
    )
    console.print(Text(safe(text)))
    if marks:
        console.print(Text("Caveats:"))
    for i, (code, words) in enumerate(marks.items()):
        console.print(Text(safe(f"  {_letter(i)}  {code}: {words}")))


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


def _grid(
    report: Report, asked: tuple[Measure, ...], cells: list[Cell], marks: dict[str, str]
) -> Grid:
    """One scale: a row a cell and rater, a column a level, and the mean where it has one."""
    first, last = asked[0], asked[-1]
    levels = _levels(report, first) if first.estimator == "shares" else []
    number = last.estimator if last.estimator != "shares" else ""
    raters = sorted({dict(f.group)["rater"] for f in report.findings if f.measure == first.id})
    rows = []
    for cell in sorted(cells, key=lambda c: (c.attack, c.target)):
        for rater in raters:
            answers = _answers(report, first, cell, rater)
            if not answers:
                continue
            by_level = {dict(a.group).get("level"): a for a in answers if isinstance(a, Estimate)}
            pairs = [_share(by_level.get(lv)) for lv in levels]
            found = _answers(report, last, cell, rater)
            if number:
                mean = number == "mean"
                pairs.append(_mean(found) if mean else _share(by_level.get(None)))
            names = (cell.attack, cell.target, *([rater] if len(raters) > 1 else []))
            cut = cell.truncated / cell.done if cell.done else 0.0
            rows.append(
                Row(
                    names=tuple(map(safe, names)),
                    pairs=(
                        (f"{cell.families}", f"{cell.done}/{cell.planned}"), *pairs,
                        (_percent(cut), _missing(answers)), (_marked([*answers, *found], marks), ""),
                    ),
                )
            )  # fmt: skip
    heads = [*map(safe, levels), *([number] if number else [])]
    return Grid(
        names=("attack", "target", *(["rater"] if len(raters) > 1 else [])),
        heads=(("families", "attempts"), *((h, "") for h in heads), ("cut", "missing"), ("caveats", "")),
        rows=tuple(rows),
    )  # fmt: skip


def _marked(answers: Iterable[Estimate | Abstention], marks: dict[str, str]) -> str:
    """Give the marks of a row; a code that is new gets the next letter."""
    codes = []
    for one in answers:
        told = (
            [(f"no number, {one.code}", one.why)]
            if isinstance(one, Abstention)
            else [(c.code, CAVEATS.get(c.code, c.text)) for c in one.caveats]
        )
        for code, words in told:
            marks.setdefault(code, words)
            codes.append(code)
    order = list(marks)
    return "".join(_letter(order.index(code)) for code in sorted(set(codes), key=order.index))


def _letter(i: int) -> str:
    return chr(ord("a") + i) if i < 26 else f"({i})"


def _levels(report: Report, measure: Measure) -> list[str]:
    """Give the levels in the order of their scale, which is that of the findings."""
    found = [dict(f.group).get("level", "") for f in report.findings if f.measure == measure.id]
    return list(dict.fromkeys(f for f in found if f))


def _share(one: Estimate | None) -> Pair:
    if one is None:
        return NO_NUMBER, ""
    return f"{100 * one.value:.0f}", f"[{100 * one.lower:.0f},{100 * one.upper:.0f}]"


def _mean(answers: list[Estimate | Abstention]) -> Pair:
    one = answers[0] if answers else None
    if not isinstance(one, Estimate):
        return NO_NUMBER, ""
    return f"{one.value:.2f}", f"[{one.lower:.1f},{one.upper:.1f}]"


def _level(report: Report) -> float:
    levels = {f.level for f in report.findings if isinstance(f, Estimate)}
    return 100 * max(levels, default=0.95)


def _answers(
    report: Report, measure: Measure, cell: Cell, rater: str
) -> list[Estimate | Abstention]:
    want = {("target", cell.target), ("category", cell.category), ("rater", rater),
            ("intent", cell.intent.value), ("attack", cell.attack)}  # fmt: skip
    return [f for f in report.findings if f.measure == measure.id and want <= set(f.group)]


def _missing(answers: list[Estimate | Abstention]) -> str:
    """Share of planned attempts without a mark, whatever the reason."""
    m = answers[0].missing
    if m.drawn:
        return f"{m.unanswered + m.unscorable}/{m.drawn - m.unserved} asked"
    without = m.unscorable + m.failed + m.not_run + m.unrated + m.no_candidate
    return _percent(min(without / m.planned, 1.0)) if m.planned else NO_NUMBER


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
