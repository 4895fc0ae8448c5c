"""The page: everything inline, nothing loaded, hostile text inert."""

from collections.abc import Iterator
from itertools import islice

import jinja2
from attrs import frozen

from dosimeter import Estimate, Evidence, Excerpt, Output, Report
from dosimeter_sink_html import figures
from dosimeter_sink_html.clean import visible
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.plot import Plot, intervals
from dosimeter_sink_html.tables import tables

MOST_BYTES = 1_900_000
MOST_HEAD_CHARACTERS = 4000
PLOTTED = 40


@frozen(kw_only=True)
class Shown:
    """An attempt as the page shows it."""

    excerpt: Excerpt
    prompt: str
    reply: str
    evidence: tuple[str, ...]
    marks: tuple[str, ...]


def _inert(value: object) -> object:
    """Name control and direction marks in whatever a template prints; markup is escaped besides."""
    plain = isinstance(value, str) and not hasattr(value, "__html__")
    return visible(str(value), MOST_HEAD_CHARACTERS) if plain else value


class HtmlSink:
    """Writes one page."""

    def __init__(self, options: HtmlOptions) -> None:
        self._options = options
        self._jinja = jinja2.Environment(
            loader=jinja2.PackageLoader("dosimeter_sink_html", "templates"),
            autoescape=True,
            finalize=_inert,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write("report.html", self._pieces(report, evidence))

    def _head(self, report: Report) -> str:
        return self._jinja.get_template("head.html.j2").render(
            report=report,
            names=[t.name for t in report.targets],
            cards=figures.cards(report),
            differences=figures.differences(report),
            notes=figures.notes(report),
            silences=figures.silences(report),
            estimands=figures.estimands(report),
            tables=tables(report),
            plots=plots(report),
            facts={t.name: t for t in report.targets},
        )

    def _pieces(self, report: Report, evidence: Evidence) -> Iterator[bytes]:
        """Give summary and tables, then attempts by family while they fit, then the foot."""
        head = self._head(report).encode("utf-8", "replace")
        yield head
        template = self._jinja.get_template("attempt.html.j2")
        size, shown, left_out = len(head), 0, 0
        last: str | None = None
        for excerpt in evidence:
            new = excerpt.family != last
            data = template.render(
                a=self._shown(excerpt), new_family=new, first=last is None
            ).encode("utf-8", "replace")
            if shown >= self._options.attempts or size + len(data) > MOST_BYTES:
                left_out += 1
                continue
            shown, size, last = shown + 1, size + len(data), excerpt.family
            yield data
        foot = self._jinja.get_template("foot.html.j2")
        yield foot.render(left_out=left_out, shown=shown, open=last is not None).encode()

    def _shown(self, excerpt: Excerpt) -> Shown:
        most = self._options.characters
        return Shown(
            excerpt=excerpt,
            prompt="" if excerpt.prompt is None else visible(excerpt.prompt, most),
            reply="" if excerpt.reply is None else visible(excerpt.reply, most),
            evidence=tuple(visible(e, 120) for e in islice(excerpt.evidence or (), 5)),
            marks=tuple(f"{scale} {value}" for _, scale, value in excerpt.marks),
        )


def plots(report: Report) -> list[Plot]:
    """Give one plot a rate, and one a mean."""
    names = [t.name for t in report.targets]
    out = []
    for measure in figures.ordered(report):
        mine = [f for f in report.findings if isinstance(f, Estimate) and f.measure == measure.id]
        if mine:
            mine.sort(key=lambda e: _place(e, names))
            out.append(intervals(measure, mine[:PLOTTED], names))
    return out


def _place(e: Estimate, names: list[str]) -> tuple[str, bool, str, int]:
    """Order rows: harmful first, direct first, targets as the stack has them."""
    group = dict(e.group)
    attack, target = group.get("attack", ""), group.get("target", "")
    order = {"harmful": "0", "benign": "1"}
    return (
        order.get(group.get("intent", ""), "2"), attack != figures.DIRECT, attack,
        names.index(target) if target in names else len(names),
    )  # fmt: skip


def build(options: HtmlOptions) -> HtmlSink:
    """Build the sink."""
    return HtmlSink(options)
