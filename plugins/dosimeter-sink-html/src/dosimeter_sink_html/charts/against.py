"""Targets against each other: every difference about the line of none, with what does not matter."""

from collections.abc import Iterator, Sequence

from dosimeter import Comparison, Report, Said, Unit, as_digits, as_number
from dosimeter_sink_html.against import in_short, named, said, signed, span, width
from dosimeter_sink_html.charts.rows import MOST_ROWS, Row, plot
from dosimeter_sink_html.charts.shapes import Chart

SHORT = {
    Said.A_LOWER: "higher",
    Said.B_LOWER: "lower",
    Said.EQUIVALENT: "equivalent",
    Said.CANNOT_TELL: "cannot tell",
}
"""Verdicts, of the target that is named first."""
READ = (
    "Lines: the interval of each difference alone. The word: the verdict after Holm's adjustment."
)


def of_targets(report: Report) -> Iterator[Chart]:
    """Draw the differences between targets, a chart a unit."""
    found = report.compared
    if found is None:
        return
    titles = {m.id: m.title for m in report.measures}
    for share in (True, False):
        mine = [c for c in found.comparisons if c.share is share and c.difference is not None]
        if not mine:
            continue
        unit = Unit.SHARE if share else Unit.MEAN
        most = max(abs(x) for c in mine for x in _reach(c)) or 1.0
        rows = _rows(mine, titles, most, unit)
        ends = (as_digits(-most, unit), "0, no difference", as_number(most, unit))
        height, shapes = plot(rows[:MOST_ROWS], ends, tall=True, zero=0.5)
        what = "shares, in points" if share else "means"
        yield Chart(
            title=f"Targets compared: {what}", height=height, shapes=shapes, table="against",
            finding=f"{in_short(found)}. {_widest(mine, titles, unit)}", note=_note(mine, rows),
        )  # fmt: skip


def _reach(c: Comparison) -> tuple[float, ...]:
    """Give what of a comparison must be on the axis."""
    return tuple(x for x in (c.difference, c.lower, c.upper, c.margin) if x is not None)


def _rows(mine: Sequence[Comparison], titles: dict[str, str], most: float, unit: Unit) -> list[Row]:
    rows: list[Row] = []
    for measure, group in dict.fromkeys((c.measure, c.group) for c in mine):
        rows.append(Row(label=f"{titles.get(measure, measure)}: {named(group)}", head=True))
        rows += [_row(c, most, unit) for c in mine if (c.measure, c.group) == (measure, group)]
    return rows


def _row(c: Comparison, most: float, unit: Unit) -> Row:
    label = f"{c.b} less {c.a}: {SHORT[c.said]}"
    if c.difference is None or c.lower is None or c.upper is None:
        at, value = None, "no interval"
        return Row(label=label, at=at, value=value, title=f"{label}: {c.why or value}")
    low, at, high = ((x / most + 1) / 2 for x in (c.lower, c.difference, c.upper))
    band = None if c.margin is None else ((1 - c.margin / most) / 2, (1 + c.margin / most) / 2)
    number = f"{signed(c.difference, unit)} [{span((c.lower, c.upper), unit)}]"
    margin = "" if c.margin is None else f", margin {width(c.margin, share=c.share)}"
    digits = [as_digits(x, unit) for x in (c.difference, c.lower, c.upper)]
    return Row(
        label=label, at=at, low=low, high=high, value=f"{digits[0]} [{digits[1]}, {digits[2]}]", band=band,
        title=f"{c.b} less {c.a}: {number}{margin}; {said(c)}",
    )  # fmt: skip


def _widest(mine: Sequence[Comparison], titles: dict[str, str], unit: Unit) -> str:
    """Name the largest difference that is told apart."""
    told = [c for c in mine if c.said in {Said.A_LOWER, Said.B_LOWER}]
    if not told:
        return "Here none is told apart."
    c = max(told, key=lambda one: abs(one.difference or 0.0))
    limits = None if c.lower is None or c.upper is None else (c.lower, c.upper)
    return (
        f"Largest here: {c.b} less {c.a}, {signed(c.difference, unit)} ({span(limits, unit)}),"
        f" {titles.get(c.measure, c.measure)}, {named(c.group)}."
    )


def _note(mine: Sequence[Comparison], rows: Sequence[Row]) -> str:
    left = sum(not r.head for r in rows[MOST_ROWS:])
    fixed = any(c.margin is not None for c in mine)
    band = " A band is the margin: a difference that lies in it does not matter." if fixed else ""
    rest = f" {left} more stand in the table." if left else ""
    return f"{READ}{band}{rest}"
