"""Forest plots: a row a number, with its interval on a common axis."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from dosimeter import CardLine, Estimate, Measure, Report, Unit, as_digits, as_number, unit_of
from dosimeter_sink_html.charts.rows import MOST_ROWS, Row, plot
from dosimeter_sink_html.charts.shapes import Chart, listed
from dosimeter_sink_html.figures import between, short
from dosimeter_sink_html.questions import Answer, Question


def of_question(question: Question, series: Mapping[str, int], table: str) -> Chart:
    """Draw every answer to one question, by attack."""
    rows = []
    for attack, answers in question.groups():
        rows.append(Row(label=attack, head=True))
        rows += [_answer(a, series.get(a.target, 0)) for a in answers]
    kept = rows[:MOST_ROWS]
    low, high = question.scale
    middle = "50" if (low, high) == ("0", "100\N{NO-BREAK SPACE}%") else ""
    height, shapes = plot(kept, (low, middle, high))
    left_out = sum(not r.head for r in rows[MOST_ROWS:])
    return Chart(
        title=question.title, finding=_found(question), height=height, shapes=shapes, table=table,
        note=f"{left_out} more stand in the table." if left_out else "",
    )  # fmt: skip


def _answer(a: Answer, series: int) -> Row:
    f = a.figure
    if not f.known:
        return Row(
            label=a.target, value=f.value, title=f"{a.target}, {a.attack}: {f.value}: {f.interval}"
        )
    return Row(
        label=a.target, at=f.at, low=f.low, high=f.high, value=f"{f.value} [{f.interval}]", series=series,
        title=f"{a.target}, {a.attack}: {f.value}, interval {f.interval}, {a.families} goals",
    )  # fmt: skip


def _found(question: Question) -> str:
    """Say where a question has its highest and lowest number, and what has none."""
    known = [a for a in question.answers if a.figure.known]
    none = len(question.answers) - len(known)
    if not known:
        return f"{question.title}: no number, in {none} places."
    high, low = (pick(known, key=lambda a: a.figure.at) for pick in (max, min))
    said = f"highest {_placed(high)}" if high is not low else _placed(high)
    rest = f"; lowest {_placed(low)}" if high is not low else ""
    gone = f"; {none} without a number" if none else ""
    return f"{question.title}: {said}{rest}{gone}."


def _placed(a: Answer) -> str:
    return f"{a.target} under {a.attack}, {a.figure.value} ({a.figure.interval})"


def of_differences(report: Report, series: Mapping[str, int], table: str) -> Iterator[Chart]:
    """Draw every difference between two conditions about the line of none, a chart a unit."""
    by_id = {m.id: m for m in report.measures if m.contrast is not None}
    yield from _about_none(report, by_id, "Differences", series, table)


def of_flips(report: Report, series: Mapping[str, int], table: str) -> Iterator[Chart]:
    """Draw how much oftener another wording turns a mark than another repeat, with both parts in words."""
    by_id = {m.id: m for m in report.measures if m.estimator == "flips"}
    for one in _about_none(report, by_id, "Does another wording turn the mark?", series, table):
        parts = [
            f"{', '.join(v for k, v in f.group if k in {'target', 'intent'})}: {c.text}"
            for f in report.findings if isinstance(f, Estimate) and f.measure in by_id
            for c in f.caveats if c.code == "flips"
        ]  # fmt: skip
        yield evolve(one, note=f"{one.note} {listed(parts)}.")


def _about_none(
    report: Report, by_id: Mapping[str, Measure], title: str, series: Mapping[str, int], table: str
) -> Iterator[Chart]:
    """Draw the numbers of some measures about the line of none, a chart a unit."""
    found = [f for f in report.findings if isinstance(f, Estimate) and f.measure in by_id]
    found.sort(key=lambda f: list(by_id).index(f.measure))
    for unit in dict.fromkeys(unit_of(by_id[f.measure], f) for f in found):
        mine = [f for f in found if unit_of(by_id[f.measure], f) is unit]
        most = max(abs(x) for f in mine for x in (f.lower, f.upper)) or 1.0
        rows: list[Row] = []
        for measure in dict.fromkeys(f.measure for f in mine):
            rows.append(Row(label=by_id[measure].title, head=True))
            rows += [_difference(f, mine, most, unit, series) for f in mine if f.measure == measure]
        ends = (as_digits(-most, unit), "0, no difference", as_number(most, unit))
        height, shapes = plot(rows[:MOST_ROWS], ends, tall=True, zero=0.5)
        yield Chart(
            title=title, finding=_apart(mine), height=height, shapes=shapes, table=table,
            note="More of what a heading names is to the right.",
        )  # fmt: skip


def _difference(
    one: Estimate, beside: Sequence[Estimate], most: float, unit: Unit, series: Mapping[str, int]
) -> Row:
    """Give a row of a difference, named by what tells it from those *beside* it."""
    groups = [dict(f.group) for f in beside]
    same = {k for k in dict(one.group) if len({g.get(k) for g in groups}) == 1} - {"target"}
    where = ", ".join(v for k, v in one.group if k not in same)
    low, at, high = ((x / most + 1) / 2 for x in (one.lower, one.value, one.upper))
    number = f"{short(one.value, unit)} [{between(one.lower, one.upper, unit)}]"
    return Row(
        label=where, low=low, at=at, high=high, value=number, title=f"{where}: {number}",
        series=series.get(dict(one.group).get("target", ""), 0),
    )  # fmt: skip


def _apart(found: Sequence[Estimate]) -> str:
    """Say how many differences their intervals tell from none."""
    more, less = sum(f.lower > 0 for f in found), sum(f.upper < 0 for f in found)
    rest = len(found) - more - less
    return (
        f"Of {len(found)} differences, by their intervals {more} above none, {less} below, and"
        f" {rest} that cannot be told from none."
    )


def of_cards(report: Report, table: str) -> Chart | None:
    """Draw what raters publish of their own errors."""
    lines = [(r.name, c) for r in report.raters for c in r.card if c.stated is None]
    if not lines:
        return None
    low = min(0.0, *(c.lower for _, c in lines))
    high = max(1.0, *(c.upper for _, c in lines))
    rows: list[Row] = []
    for head in dict.fromkeys(_head(*one) for one in lines):
        rows.append(Row(label=head, head=True))
        rows += [_line(c, low, high) for name, c in lines if _head(name, c) == head]
    height, shapes = plot(rows[:MOST_ROWS], (f"{low:g}", f"{high:g}"), tall=True)
    none = [r.name for r in report.raters if not r.card and r.kind != "person"]
    ends = [pick(lines, key=lambda one: one[1].value)[1] for pick in (min, max)]
    said = " to ".join(f"{_of(c)} ({c.statistic})" for c in ends)
    rest = f" Nothing is published by {listed(none)}." if none else ""
    return Chart(
        title="What raters publish of themselves", height=height, shapes=shapes, table=table,
        finding=f"{len(lines)} statistics, from {said}.{rest}",
        note="Each was measured on other replies than these, and corrects no number.",
    )  # fmt: skip


def _head(rater: str, c: CardLine) -> str:
    return f"{rater}, on {c.population}"


def _line(c: CardLine, low: float, high: float) -> Row:
    lower, at, upper = ((x - low) / (high - low) for x in (c.lower, c.value, c.upper))
    return Row(
        label=c.statistic, low=lower, at=at, high=upper, value=_of(c),
        title=f"{c.statistic}: {_of(c)}, n {c.n}, on {c.population}",
    )  # fmt: skip


def _of(c: CardLine) -> str:
    return f"{c.value:.2f} [{c.lower:.2f}, {c.upper:.2f}]"
