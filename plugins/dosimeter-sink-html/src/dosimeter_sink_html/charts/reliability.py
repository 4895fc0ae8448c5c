"""How well people agree with one another, and raters with them: alpha between what claims rest on."""

import math
from collections.abc import Sequence

from dosimeter import Reliability, Report
from dosimeter_sink_html.agreed import ALLOWS, PEOPLE, Agreed, row, what, who
from dosimeter_sink_html.charts.rows import MOST_ROWS, Mark, Row, plot
from dosimeter_sink_html.charts.shapes import Chart, listed

TENTATIVE, FULL = 2 / 3, 0.8
"""Lower limits of alpha from which tentative claims, and all claims, may be made (Krippendorff 2004)."""
READ = (
    "Krippendorff's alpha: 1 is agreement throughout, 0 that of chance. Verdicts are by the lower end of the"
    " interval. Disc: people with one another, which alone is inter-rater reliability. Square: a rule or a"
    " judge against one person."
)


def of_raters(report: Report) -> Chart | None:
    """Draw alpha of people and of raters held against them; nothing where there is no number at all."""
    both = [(one, row(one)) for one in report.reliability]
    if not any(told.known for _, told in both):
        return None
    low = _low([one for one, told in both if told.known])
    rows: list[Row] = []
    for head in dict.fromkeys(told.what for _, told in both):
        rows.append(Row(label=head, head=True))
        rows += [_row(one, told, low) for one, told in both if told.what == head]
    marks = [
        Mark(at=_on(TENTATIVE, low), label=".667 tentative", anchor="end"),
        Mark(at=_on(FULL, low), label=".800 full", anchor="start"),
    ]
    ends: tuple[str, ...] = ("0", "0.5", "1")
    if low < 0:
        marks.append(Mark(at=_on(0, low), label="0", anchor="middle"))
        ends = f"{low:g}", "1"
    height, shapes = plot(rows[:MOST_ROWS], ends, tall=True, marks=marks)
    left = sum(not r.head for r in rows[MOST_ROWS:])
    return Chart(
        title="Reliability: do people agree, and raters with them?", height=height, shapes=shapes,
        finding=_found(both), table="agreement", anchor="reliability",
        note=f"{READ} {left} more stand in the table." if left else READ,
    )  # fmt: skip


def _low(known: Sequence[Reliability]) -> float:
    """Give the low end of the axis: 0, or below it where an interval is."""
    lowest = min(x for one in known for x in (one.alpha, one.lower) if x is not None)
    return min(0.0, max(-1.0, math.floor(10 * lowest) / 10))


def _on(value: float, low: float) -> float:
    return min(1.0, max(0.0, (value - low) / (1 - low)))


def _row(one: Reliability, told: Agreed, low: float) -> Row:
    series = 0 if one.kind == PEOPLE else 1
    if not told.known or one.alpha is None or one.lower is None or one.upper is None:
        words = f"{told.verdict.removeprefix('not estimable: ')}; would need {told.needs}"
        return Row(
            label=f"{told.who}: {words}", value="not estimable", series=series,
            title=f"{told.who}, {told.what}: not estimable, {words}",
        )  # fmt: skip
    on = f"{told.replies} replies of {told.families} families"
    return Row(
        label=f"{told.who}: {told.verdict}", value=told.alpha, series=series,
        low=_on(one.lower, low), at=_on(one.alpha, low), high=_on(one.upper, low),
        title=f"{told.who}, {told.what}: alpha {told.alpha} on {on}, {told.verdict}",
    )  # fmt: skip


def _found(both: Sequence[tuple[Reliability, Agreed]]) -> str:
    """Say how well people agree, and which rater agrees least with them."""
    people = [(one, told) for one, told in both if one.kind == PEOPLE]
    said = [f"people on {told.what}: {_short(one, told)}" for one, told in people]
    raters = [(one, told) for one, told in both if one.kind != PEOPLE]
    known = [(one, told) for one, told in raters if told.known]
    parts = [listed(said, 3)] if said else []
    if known:
        one, told = min(known, key=lambda pair: pair[0].lower or 0.0)
        how = "the lowest of" if len(known) > 1 else "of"
        enough = sum(pair[0].verdict == "full" for pair in known)
        of = f", {how} {len(known)} raters held against a person, {enough} of them enough for all claims"
        parts.append(
            f"{who(one)} on {what(one)}: {_short(one, told)}{of if len(known) > 1 else ''}"
        )
    if unknown := len(raters) - len(known):
        parts.append(f"{unknown} against people not estimable")
    text = ". ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _short(one: Reliability, told: Agreed) -> str:
    if not told.known or one.lower is None or one.upper is None:
        return told.verdict.replace(": ", ", ")
    return f"alpha {one.alpha:.2f} ({one.lower:.2f} to {one.upper:.2f}), {ALLOWS[one.verdict]}"
