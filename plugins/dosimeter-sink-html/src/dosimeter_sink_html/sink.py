"""The page: everything inline, nothing loaded, hostile text inert."""

from collections.abc import Iterator
from itertools import islice

import jinja2
from attrs import frozen

from dosimeter import Cell, Estimate, Evidence, Excerpt, Finding, Measure, Output, Report
from dosimeter_sink_html.clean import visible
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.plot import Plot, intervals

MOST_BYTES = 1_900_000
PLOTTED = 40


@frozen(kw_only=True)
class Row:
    """One cell of the design with its shares, for a table."""

    cell: Cell
    rater: str
    shares: tuple[str, ...]
    mean: str
    cut: str
    unscorable: str


@frozen(kw_only=True)
class ScaleTable:
    """One scale: a column a level."""

    title: str
    levels: tuple[str, ...]
    has_mean: bool
    rows: tuple[Row, ...]


@frozen(kw_only=True)
class Shown:
    """An attempt as the page shows it."""

    excerpt: Excerpt
    prompt: str
    reply: str
    evidence: tuple[str, ...]
    marks: tuple[str, ...]


class HtmlSink:
    """Writes one page."""

    def __init__(self, options: HtmlOptions) -> None:
        self._options = options
        self._jinja = jinja2.Environment(
            loader=jinja2.PackageLoader("dosimeter_sink_html", "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write("report.html", self._pieces(report, evidence))

    def _pieces(self, report: Report, evidence: Evidence) -> Iterator[bytes]:
        """Give head and tables, then attempts while they fit, then the foot."""
        head = self._jinja.get_template("head.html.j2").render(
            report=report, tables=tables(report), plots=plots(report), gates=report.gates
        )
        yield head.encode("utf-8", "replace")
        size = len(head)
        family = self._jinja.get_template("attempt.html.j2")
        shown, last, left_out = 0, "", 0
        for excerpt in evidence:
            piece = family.render(a=self._shown(excerpt), new_family=excerpt.family != last)
            data = piece.encode("utf-8", "replace")
            if shown >= self._options.attempts or size + len(data) > MOST_BYTES:
                left_out += 1
                continue
            shown, size, last = shown + 1, size + len(data), excerpt.family
            yield data
        yield (
            self._jinja.get_template("foot.html.j2").render(left_out=left_out, shown=shown).encode()
        )

    def _shown(self, excerpt: Excerpt) -> Shown:
        most = self._options.characters
        return Shown(
            excerpt=excerpt,
            prompt="" if excerpt.prompt is None else visible(excerpt.prompt, most),
            reply="" if excerpt.reply is None else visible(excerpt.reply, most),
            evidence=tuple(visible(e, 120) for e in islice(excerpt.evidence or (), 5)),
            marks=tuple(f"{scale} {value} ({rater})" for rater, scale, value in excerpt.marks),
        )


def _of(report: Report, measure: Measure, cell: Cell) -> list[Finding]:
    want = {("target", cell.target), ("category", cell.category),
            ("intent", cell.intent.value), ("attack", cell.attack)}  # fmt: skip
    return [f for f in report.findings if f.measure == measure.id and want <= set(f.group)]


def tables(report: Report) -> list[ScaleTable]:
    """Give one table a scale that is reported by level."""
    out = []
    for measure in (m for m in report.measures if m.estimator == "shares"):
        means = [m for m in report.measures if m.estimator == "mean" and m.scale == measure.scale
                 and m.select.kind is measure.select.kind]  # fmt: skip
        levels = sorted({dict(f.group)["level"] for f in report.findings
                         if f.measure == measure.id and isinstance(f, Estimate)})  # fmt: skip
        rows = []
        for cell in sorted(report.cells, key=lambda c: (c.category, c.intent, c.attack, c.target)):
            found = _of(report, measure, cell)
            for rater in sorted({dict(f.group)["rater"] for f in found}):
                mine = [f for f in found if ("rater", rater) in f.group]
                rows.append(_row(report, cell, rater, mine, levels, means[0] if means else None))
        if rows:
            out.append(ScaleTable(title=measure.title, levels=tuple(levels), has_mean=bool(means),
                                  rows=tuple(rows)))  # fmt: skip
    return out


def _row(
    report: Report,
    cell: Cell,
    rater: str,
    found: list[Finding],
    levels: list[str],
    mean: Measure | None,
) -> Row:
    by_level = {dict(f.group)["level"]: f for f in found if isinstance(f, Estimate)}
    lost = found[0].missing
    means = [f for f in _of(report, mean, cell) if ("rater", rater) in f.group] if mean else []
    return Row(
        cell=cell,
        rater=rater,
        shares=tuple(_text(by_level.get(lv), 100, 0) for lv in levels),
        mean=_text(means[0], 1, 2) if means and isinstance(means[0], Estimate) else "–",
        cut=f"{cell.truncated / cell.done:.0%}" if cell.done else "–",
        unscorable=f"{(lost.unscorable + lost.failed + lost.not_run) / max(lost.planned, 1):.0%}",
    )


def _text(e: Estimate | None, scale: int, digits: int) -> str:
    if e is None:
        return "too few"
    low, high = scale * e.lower, scale * e.upper
    return f"{scale * e.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def plots(report: Report) -> list[Plot]:
    """Give one plot a rate, and one a mean."""
    names = [t.name for t in report.targets]
    out = []
    for measure in report.measures:
        mine = [f for f in report.findings if isinstance(f, Estimate) and f.measure == measure.id]
        mine.sort(key=lambda e: tuple(dict(e.group)[k] for k in ("intent", "attack", "target")))
        if not mine or measure.estimator == "shares":
            continue
        bounds = (0.0, 1.0) if measure.estimator == "rate" else _range(mine)
        out.append(intervals(measure.title, mine[:PLOTTED], names, *bounds))
    return out


def _range(estimates: list[Estimate]) -> tuple[float, float]:
    """Give the axis of means: the whole numbers around all limits."""
    low = min(e.lower for e in estimates)
    high = max(e.upper for e in estimates)
    return float(int(low // 1)), float(max(int(high // 1) + 1, int(low // 1) + 1))


def build(options: HtmlOptions) -> HtmlSink:
    """Build the sink."""
    return HtmlSink(options)
