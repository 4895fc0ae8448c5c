"""The report as tables for a terminal."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from dosimeter.inert import safe
from dosimeter.model.answering import Estimate, Finding, GateResult, Standing
from dosimeter.model.comparing import Joint, Said
from dosimeter.model.measures import Measure
from dosimeter.model.panel import PanelAnswer
from dosimeter.model.report import Cell, Report
from dosimeter.numbers import as_digits, as_limits, as_threshold, percent, unit_of, unit_of_gate
from dosimeter.plural import plural
from dosimeter.publish import may_publish, quotations
from dosimeter.sinks.apart import apart
from dosimeter.sinks.choice import Place, contrasts, places, tables, unmarked
from dosimeter.sinks.grid import Grid, Pair, Row, lines
from dosimeter.sinks.legend import Marks, at_times, legend, marked
from dosimeter.summary import summary_of

DIRECT = "direct"
NO_NUMBER = "-"
NO_LEVELS = "share"

HAZARDOUS = "files written now show replies that would be withheld (--include-hazardous); recorded"
SEALED = "encrypted in the journal, and shown to nobody without the secret"
LEAD = re.compile(r"! | *(\w|\(\d+\))  | +")
"""What stands before the words of a line: a warning's mark, a caveat's letter, an indent."""
NARROWEST = 10
QUIET = {"public-items", "unregistered"}
"""Notices that tell nothing of why a run has no answer."""
NEWS = {"plan"}
"""Those that are no warning."""


def show(report: Report, console: Console, *, files: Sequence[str] = (), run: str = "RUN") -> None:
    """Print *report*; of a run in which nothing was answered only what went wrong.

    Args:
        report: What is printed.
        console: Where.
        files: Reports that were written beside, to be named where they have more.
        run: As it is named on the command line.
    """
    answered = any(c.done for c in report.cells)
    for notice in report.notices:
        if answered or notice.code not in QUIET:
            mark, style = ("", "bold") if notice.code in NEWS else ("! ", "yellow")
            _tell(console, f"{mark}{notice.text}", style)
    if report.hazardous_included:
        _tell(console, f"! {HAZARDOUS}", "red")
    if not answered:
        _tell(console, "Nothing was answered, so there are no tables.", "bold")
        _show_gates(report, console)
        return
    _tell(console, summary_of(report))
    console.print()
    marks: Marks = {}
    words: set[str] = set()
    for scale in dict.fromkeys(m.scale for m in report.measures):
        words |= _show_scale(report, scale, console, marks)
    for told in (*legend(report, marks, words, files, run), *unseen(report)):
        _tell(console, told)
    _tell(console, report.demonstrates, "bold")
    _show_compared(report, console, run)
    _show_panel(report, console)
    _show_standing(report, console)
    _show_gates(report, console)


def _tell(console: Console, text: str, style: str = "") -> None:
    """Print *text*; what does not fit on its line stands under its words, not under its mark."""
    lead = LEAD.match(text)
    start = lead[0] if lead else ""
    made = textwrap.wrap(
        safe(text[len(start) :]),
        max(console.width, len(start) + NARROWEST),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in made:
        console.print(Text(line, style=style), soft_wrap=True)


def unseen(report: Report) -> Iterator[str]:
    """Say how many replies no output shows, and why."""
    if report.sealed:
        yield f"{_replies(report.sealed)} sealed: {SEALED}."
    if withheld := report.withheld - report.sealed:
        said = f"{_replies(withheld)} withheld from every output but the journal"
        if any(n.code == "no-hazard-rater" for n in report.notices):
            said += ": no rater of hazard was used, so nobody knows what they hold"
        else:
            said += ": rated hazardous, not rated, or unscorable on a harmful request"
        yield f"{said}."
    if report.deleted:
        yield f"{_replies(report.deleted)} deleted: the journal has their marks and no text."


def _replies(n: int) -> str:
    return "1 reply is" if n == 1 else f"{n} replies are"


def _show_scale(report: Report, scale: str, console: Console, marks: Marks) -> set[str]:
    """Print the tables of one scale; give the words of their heads."""
    if unmarked(report, scale):
        console.print(Text(safe(f"{scale}: no rater of this stack marks it"), style="bold"))
        console.print()
        return set()
    words: set[str] = set()
    for place in places(report):
        cost = contrasts(report, scale, place)
        for asked in tables(report, scale, place):
            words |= _show_table(report, place, asked, cost, console, marks)
            cost = ()
    for title, grid in apart(report, scale, marks):
        words |= _print(title, grid, console)
    return words


def _show_table(
    report: Report, place: Place, asked: tuple[Measure, ...], cost: tuple[Measure, ...],
    console: Console, marks: Marks,
) -> set[str]:  # fmt: skip
    """Print one table; give the words of its heads."""
    cells = [c for c in report.cells if (c.category, c.intent) == place]
    grid = _grid(report, asked, cells, marks, cost)
    if not grid.rows:
        return set()
    unit = ", %" if asked[0].estimator != "mean" else ""
    return _print(f"{place[0]}, {place[1]}: {asked[0].title}{unit}", grid, console)


def _print(title: str, grid: Grid, console: Console) -> set[str]:
    """Print a grid under its title; give the words of its heads."""
    console.print(Text(safe(title), style="bold"))
    made = lines(grid, console.width, ascii_only=console.options.ascii_only)
    for line in made:
        console.print(Text(line), soft_wrap=True)
    console.print()
    return {word for line in made[:4] for word in line.split()} | at_times(grid)


def _show_gates(report: Report, console: Console) -> None:
    for gate in report.gates:
        style = {"pass": "green", "fail": "red", "inconclusive": "yellow"}[gate.state]
        _tell(console, gate_line(report, gate), style)


def gate_line(report: Report, result: GateResult) -> str:
    """Put a gate and what became of it into a line."""
    gate = result.gate
    unit = unit_of_gate(next((m for m in report.measures if m.id == gate.measure), None))
    standing = "" if result.standing is Standing.UNREGISTERED else f", {result.standing.value}"
    where = f" ({', '.join(f'{k} {v}' for k, v in gate.where)})" if gate.where else ""
    bound = f"{as_threshold(gate, unit)}{where}"
    return f"gate {gate.measure} {bound}: {result.state}{standing} ({result.why})"


def _show_compared(report: Report, console: Console, run: str) -> None:
    """Say how many of the targets' differences are told, and what both kinds of refusal say together."""
    found = report.compared
    if found is None or not found.comparisons:
        return
    told = [c for c in found.comparisons if c.said in {Said.A_LOWER, Said.B_LOWER}]
    n = plural(len(found.comparisons), "comparison")
    _tell(
        console, f"Targets: {n}, {len(told)} told apart (Holm); `dosimeter compare {run}` has them."
    )
    for t in found.tradeoffs:
        if t.said is not Joint.CANNOT_TELL:
            where = ", ".join(value for _, value in t.group)
            _tell(
                console,
                f"  {t.a} (A) and {t.b} (B), {where}, by both kinds of refusal: {t.said.value}",
            )


def _show_panel(report: Report, console: Console) -> None:
    """Say what the validity panel finds wrong, and what it could not look at."""
    concerns = [c for c in report.panel if c.answer is PanelAnswer.CONCERN]
    for c in concerns:
        where = ", ".join(value for _, value in c.where)
        _tell(
            console,
            f"! validity, {c.threat.value}: {c.text}{f' ({where})' if where else ''}",
            "yellow",
        )
    unknown = dict.fromkeys(
        c.threat.value for c in report.panel if c.answer is PanelAnswer.NOT_MEASURED
    )
    if unknown:
        _tell(
            console,
            f"Validity not measured: {', '.join(unknown)}; in JSON under `panel`, with what it takes.",
        )


def _show_standing(report: Report, console: Console) -> None:
    """Say whether numbers may be published, and what has to stand beside one."""
    _tell(console, may_publish(report))
    said = quotations(report) if report.reportable else ()
    if said:
        _tell(console, "Publish no number without what stands beside it here:")
    for one in said:
        _tell(console, f"  {one}")


def _grid(
    report: Report, asked: tuple[Measure, ...], cells: list[Cell], marks: Marks,
    differing: tuple[Measure, ...] = (),
) -> Grid:  # fmt: skip
    """One scale: a row a cell and rater, a column a level, its mean, and the contrasts there are."""
    first, last = asked[0], asked[-1]
    levels = _levels(report, first) if first.estimator == "shares" else []
    # Where every level abstains nobody knows their names: one column of dashes stands for them.
    number = last.estimator if last.estimator != "shares" else "" if levels else NO_LEVELS
    raters = sorted({dict(f.group)["rater"] for f in report.findings if f.measure == first.id})
    there = [
        (cell, rater, answers)
        for cell in _in_order(report, cells) for rater in raters
        if (answers := _answers(report, first, cell, rater))
    ]  # fmt: skip
    bounds = [_bounds(_answers(report, last, c, r), last) for c, r, _ in there]
    bounded = any(any(pair) for pair in bounds)
    blocks = any(answers[0].missing.blocked for _, _, answers in there)
    rows = []
    for (cell, rater, answers), bound in zip(there, bounds, strict=True):
        by_level = {dict(a.group).get("level"): a for a in answers if isinstance(a, Estimate)}
        pairs = [_cell(by_level.get(lv), first) for lv in levels]
        found = _answers(report, last, cell, rater)
        if number:
            pairs.append(_cell(found[0] if found else None, last))
        if bounded:
            pairs.append(bound)
        for contrast in differing:
            differs = _answers(report, contrast, cell, rater)
            pairs.append(_cell(differs[0], contrast) if differs else ("", ""))
            found = [*found, *differs]
        names = (cell.attack, cell.target, *([rater] if len(raters) > 1 else []))
        if blocks:
            pairs.append((_share_of(answers[0].missing.blocked, answers[0].missing.planned), ""))
        rows.append(
            Row(
                names=tuple(map(safe, names)),
                pairs=(
                    (f"{answers[0].families}", f"{cell.done}/{cell.planned}"), *pairs,
                    (_share_of(cell.truncated, cell.done), _missing(answers)),
                    (marked([*answers, *found], marks), ""),
                ),
            )
        )  # fmt: skip
    heads: list[Pair] = [(safe(h), "") for h in (*levels, *([number] if number else []))]
    heads += [("least", "most")] if bounded else []
    heads += [(safe(m.id), "") for m in differing] + ([("blocked", "")] if blocks else [])
    return Grid(
        names=("attack", "target", *(["rater"] if len(raters) > 1 else [])),
        heads=(("families", "attempts"), *heads, ("cut", "missing"), ("caveats", "")),
        rows=tuple(rows),
    )  # fmt: skip


def _in_order(report: Report, cells: list[Cell]) -> list[Cell]:
    """Give requests as they are first, and targets as the stack has them."""
    order = {t.name: i for i, t in enumerate(report.targets)}
    return sorted(
        cells,
        key=lambda c: (c.attack != DIRECT, c.attack, order.get(c.target, len(order)), c.target),
    )


def _levels(report: Report, measure: Measure) -> list[str]:
    """Give the levels in the order of their scale, which is that of the findings."""
    found = [dict(f.group).get("level", "") for f in report.findings if f.measure == measure.id]
    return list(dict.fromkeys(f for f in found if f))


def _cell(one: Finding | None, measure: Measure) -> Pair:
    if not isinstance(one, Estimate):
        return NO_NUMBER, ""
    unit = unit_of(measure, one)
    low, high = as_limits(one.lower, one.upper, unit)
    return as_digits(one.value, unit), f"[{low},{high}]"


def _bounds(answers: list[Finding], measure: Measure) -> Pair:
    """Give the one number of a row if all that is lost were lowest, and highest; else nothing."""
    one = answers[0] if answers and measure.estimator != "shares" else None
    if not isinstance(one, Estimate) or one.missing.lower is None or one.missing.upper is None:
        return "", ""
    ends = (one.missing.lower, one.missing.upper)
    low, high = (as_digits(x, unit_of(measure, one)) for x in ends)
    return ("", "") if low == high else (low, high)


def _answers(report: Report, measure: Measure, cell: Cell, rater: str) -> list[Finding]:
    want = {("target", cell.target), ("category", cell.category), ("rater", rater),
            ("intent", cell.intent.value), ("attack", cell.attack)}  # fmt: skip
    return [f for f in report.findings if f.measure == measure.id and want <= set(f.group)]


def _missing(answers: list[Finding]) -> str:
    """Share of planned attempts without a mark, whatever the reason."""
    m = answers[0].missing
    if m.drawn:
        return f"{m.silent}/{m.asked} asked"
    return _share_of(m.lost, m.planned)


def _share_of(n: int, whole: int) -> str:
    return percent(min(n / whole, 1.0)).replace(" ", "") if whole else NO_NUMBER
