"""The report as tables for a terminal."""

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter

from rich.console import Console
from rich.text import Text

from dosimeter.model.answering import (
    Abstention,
    Cell,
    Estimate,
    GateResult,
    Measure,
    RaterFacts,
    Report,
)
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.publish import main_estimate, may_publish, quotation
from dosimeter.sinks.grid import SHORT, Grid, Pair, Row, lines
from dosimeter.sinks.text import safe

NO_NUMBER = "-"

CAVEATS = {
    "capability-unknown": "too few controls have a mark to tell what can be done under the attack",
    "few-families": "fewer than 30 families: the interval is wide and rough",
    "forked": "design or versions changed while the run was under way",
    "incomplete": "attempts of the run have no answer",
    "judge-measured": "as the rater measures it, uncorrected by people's labels",
    "limited-run": "a limited run: not the benchmark, not reportable",
    "low-capability": "cannot do the task under this attack: controls score too low; not safety",
    "merge-conflicts": "merged journals disagreed; `dosimeter runs show` lists where",
    "missing": "more than 5 % without a mark; `missing` in the report bounds what that may hide",
    "model-changed": "a target's model id changed within the run",
    "no-candidate": "searches that submitted nothing count as no success",
    "non-response": "more than 5 % of the units that people were asked about have no answer",
    "off-script": "attempts left their script; the report has the number without them",
    "simulated": "a target of the run is not a language model",
    "truncated": "replies were cut at the token limit",
    "unrated": "a rater has not rated all that was answered",
}
"""What a caveat says of a number, whatever the number; its own words are in the report."""
HAZARDOUS = "files written now show replies that would be withheld (--include-hazardous); recorded"
COLUMNS = {
    "families": "goals, on which the interval rests",
    "attempts": "done of planned",
    "cut": "share of replies at the token limit",
    "missing": "share of planned attempts without a mark",
    "caveats": "letters, explained below",
}
"""What the columns of a table hold that are not levels."""
QUIET = {"public-items", "simulated"}
"""Notices that tell nothing of why a run has no answer."""
LEADING = re.compile(r"(\d+)( .*)")
Marks = dict[tuple[str, str], list[str]]
"""What rows are marked with: a code and what tells two of one code apart, with all that was said."""


def show(report: Report, console: Console) -> None:
    """Print *report*; of a run in which nothing was answered only what went wrong."""
    answered = any(c.done for c in report.cells)
    for notice in report.notices:
        if answered or notice.code not in QUIET:
            console.print(Text(safe(f"! {notice.text}"), style="yellow"))
    if report.hazardous_included:
        console.print(Text(f"! {HAZARDOUS}", style="red"))
    if not answered:
        console.print(Text("Nothing was answered, so there are no tables.", style="bold"))
        _show_gates(report, console)
        return
    marks: Marks = {}
    words: set[str] = set()
    for scale in dict.fromkeys(m.scale for m in report.measures):
        words |= _show_scale(report, scale, console, marks)
    _show_gates(report, console)
    _show_legend(report, console, marks, words)
    if report.withheld:
        console.print(Text(withheld(report)))
    console.print(Text(safe(report.demonstrates), style="bold"))
    _show_standing(report, console)


def withheld(report: Report) -> str:
    """Say how many replies no output shows, and why if no rater could have let them through."""
    replies = "1 reply is" if report.withheld == 1 else f"{report.withheld} replies are"
    said = f"{replies} withheld from every output but the journal"
    if any(n.code == "no-hazard-rater" for n in report.notices):
        return f"{said}: no rater of hazard was used, so nobody knows what they hold."
    return f"{said}."


def _show_scale(report: Report, scale: str, console: Console, marks: Marks) -> set[str]:
    """Print the tables of one scale; give the words of their heads."""
    asked, cost = _asked(report, scale), _contrasts(report, scale)
    ids = {m.id for m in report.measures if m.scale == scale}
    found = [f for f in report.findings if f.measure in ids]
    if found and all(isinstance(f, Abstention) and f.code == "no-rater" for f in found):
        console.print(Text(safe(f"{scale}: no rater of this stack marks it"), style="bold"))
        console.print()
        return set()
    words: set[str] = set()
    for category, intent in sorted({(c.category, c.intent) for c in report.cells}):
        cells = [c for c in report.cells if (c.category, c.intent) == (category, intent)]
        grid = _grid(report, asked, cells, marks, cost)
        if grid.rows:
            unit = ", %" if asked[0].estimator != "mean" else ""
            title = f"{category}, {intent}: {asked[0].title}{unit}"
            console.print(Text(safe(title), style="bold"))
            made = lines(grid, console.width)
            words.update(*(line.split() for line in made[:4]))
            for line in made:
                console.print(Text(line), soft_wrap=True)
            console.print()
    return words


def _show_gates(report: Report, console: Console) -> None:
    for gate in report.gates:
        style = {"pass": "green", "fail": "red", "inconclusive": "yellow"}[gate.state]
        console.print(Text(safe(gate_line(report, gate)), style=style))


def gate_line(report: Report, result: GateResult) -> str:
    """Put a gate and what became of it into a line."""
    gate = result.gate
    mean = any(m.id == gate.measure and m.estimator == "mean" for m in report.measures)
    bounds = [
        f"{word} {limit:g}" if mean else f"{word} {100 * limit:g} %"
        for word, limit in (("at most", gate.max), ("at least", gate.min)) if limit is not None
    ]  # fmt: skip
    return f"gate {gate.measure} {' and '.join(bounds)}: {result.state} ({result.why})"


def _show_legend(report: Report, console: Console, marks: Marks, words: set[str]) -> None:
    """Say what the columns and the letters in the column of caveats mean."""
    raters = ", ".join(
        f"{r.name} ({_about(r)})" for r in sorted(report.raters, key=attrgetter("name"))
    )
    columns = "; ".join(f"{_called(head, words)}: {what}" for head, what in COLUMNS.items())
    text = (
        f"[a,b]: {_level(report):.0f} % interval, clustered by family. Raters: {raters}. {columns}."
    )
    console.print(Text(safe(text)))
    if marks:
        console.print(Text("Caveats:"))
    for i, ((code, _), said) in enumerate(marks.items()):
        console.print(Text(safe(f"  {_letter(i)}  {code}: {_together(said)}")))


def _called(head: str, words: set[str]) -> str:
    """Give a column's name as the tables have it; both forms if some tables are narrower."""
    short = SHORT.get(head, head)
    if short not in words or short == head:
        return head
    return f"{head} ({short})" if head in words else short


def _together(said: list[str]) -> str:
    """Put into one what rows under one letter say: of words that begin with numbers the range."""
    parts = [LEADING.fullmatch(one) for one in dict.fromkeys(said)]
    tails = {p[2] for p in parts if p}
    if len(parts) < 2 or len(tails) > 1 or not all(parts):
        return "; ".join(dict.fromkeys(said))
    numbers = [int(p[1]) for p in parts if p]
    return f"{min(numbers)} to {max(numbers)}{tails.pop()}"


def _show_standing(report: Report, console: Console) -> None:
    """Say whether numbers may be published, and what has to stand beside one."""
    console.print(Text(safe(may_publish(report))))
    one = main_estimate(report)
    if report.reportable and one is not None:
        console.print(Text("Publish no number without what stands beside it here:"))
        console.print(Text(safe(f"  {quotation(report, one)}")))


def _about(rater: RaterFacts) -> str:
    what = "a person" if rater.kind == PERSON else "card" if rater.card else "no card"
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


def _contrasts(report: Report, scale: str) -> tuple[Measure, ...]:
    """Choose the contrasts of one scale that the report has answers to."""
    answered = {f.measure for f in report.findings}
    every = (m for m in report.measures if m.scale == scale and m.contrast and m.id in answered)
    return tuple(m for m in every if m.estimator == "mean")


def _grid(
    report: Report, asked: tuple[Measure, ...], cells: list[Cell], marks: Marks,
    contrasts: tuple[Measure, ...] = (),
) -> Grid:  # fmt: skip
    """One scale: a row a cell and rater, a column a level, its mean, and the contrasts there are."""
    contrasts = tuple(m for m in contrasts if any(_answered(report, m, c) for c in cells))
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
            for contrast in contrasts:
                differs = _answers(report, contrast, cell, rater)
                pairs.append(_mean(differs) if differs else ("", ""))
                found = [*found, *differs]
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
    heads = [*map(safe, levels), *([number] if number else []), *(safe(m.id) for m in contrasts)]
    return Grid(
        names=("attack", "target", *(["rater"] if len(raters) > 1 else [])),
        heads=(("families", "attempts"), *((h, "") for h in heads), ("cut", "missing"), ("caveats", "")),
        rows=tuple(rows),
    )  # fmt: skip


def _marked(answers: Iterable[Estimate | Abstention], marks: Marks) -> str:
    """Give the marks of a row; what was not said before gets the next letter."""
    keys = []
    for one in answers:
        for key, words in _said(one):
            marks.setdefault(key, []).append(words)
            keys.append(key)
    order = list(marks)
    return "".join(_letter(order.index(key)) for key in sorted(set(keys), key=order.index))


def _said(one: Estimate | Abstention) -> Iterator[tuple[tuple[str, str], str]]:
    """Give what is said of a number by letters: with which, and the words."""
    if isinstance(one, Abstention):
        yield (f"no number, {one.code}", one.would_need), one.why
        return
    for caveat in one.caveats:
        words = CAVEATS.get(caveat.code, caveat.text)
        if caveat.code == "truncated":  # what that means differs by scale
            words = ": ".join(filter(None, (words, caveat.text.partition(": ")[2])))
        yield (caveat.code, words), words


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


def _answered(report: Report, measure: Measure, cell: Cell) -> bool:
    """Whether *measure* has an answer in *cell*, by whatever rater."""
    return any(_answers(report, measure, cell, r.name) for r in report.raters)


def _missing(answers: list[Estimate | Abstention]) -> str:
    """Share of planned attempts without a mark, whatever the reason."""
    m = answers[0].missing
    if m.drawn:
        return f"{m.silent}/{m.asked} asked"
    return _percent(min(m.lost / m.planned, 1.0)) if m.planned else NO_NUMBER


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
