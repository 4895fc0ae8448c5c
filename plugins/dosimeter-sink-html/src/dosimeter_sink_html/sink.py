"""The page: everything inline, nothing loaded, hostile text inert."""

import base64
import hashlib
from collections.abc import Iterator
from itertools import islice

import jinja2
from attrs import frozen

from dosimeter import Evidence, Excerpt, Output, Report
from dosimeter_sink_html import asides, clean, limits, summary
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.questions import questions
from dosimeter_sink_html.tables import tables

COLOURS = 4
MOST_SPAN = 120
BLIND = "no-hazard-rater"


def build(options: HtmlOptions) -> "HtmlSink":
    """Build the sink."""
    return HtmlSink(options)


def environment() -> jinja2.Environment:
    """Give the templates: markup is escaped, and control and direction marks are named."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("dosimeter_sink_html", "templates"),
        autoescape=True,
        finalize=clean.inert,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"name": clean.name, "visible": clean.visible, "some": limits.some}
    return made


def digest(style: str) -> str:
    """Name a style sheet for the page's policy, so that no other style is obeyed."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


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
        self._jinja = environment()

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write("report.html", self._pieces(report, evidence))

    def _head(self, report: Report) -> bytes:
        """Give the page without its attempts, with as many rows as leave room for them."""
        asked, made = questions(report), tables(report)
        style = self._jinja.get_template("style.css.j2").render()
        template = self._jinja.get_template("head.html.j2")
        whole = {
            "report": report, "blind": any(n.code == BLIND for n in report.notices),
            "style": style, "policy": digest(style),
            "series": {t.name: i % COLOURS for i, t in enumerate(report.targets)},
            "facts": {t.name: t for t in report.targets},
            "lead": summary.lead(report, asked), "cards": summary.cards(report, asked),
            "differences": asides.differences(report), "notes": asides.notes(report),
            "verdicts": asides.verdicts(report), "silences": asides.silences(report),
        }  # fmt: skip
        for most in limits.SIZES:
            head = template.render(
                whole, most=most,
                questions=limits.fit_questions(asked, most), tables=limits.fit_tables(made, most),
            ).encode("utf-8", "replace")  # fmt: skip
            if len(head) <= limits.MOST_HEAD:
                break
        return head

    def _pieces(self, report: Report, evidence: Evidence) -> Iterator[bytes]:
        """Give summary and tables, then attempts by family while they fit, then the foot."""
        head = self._head(report)
        yield head
        template = self._jinja.get_template("attempt.html.j2")
        size, shown, left_out, full = len(head), 0, 0, False
        last: tuple[str, str] | None = None
        for excerpt in evidence:
            if full or shown >= self._options.attempts:
                left_out += 1
                continue
            family = (excerpt.category, excerpt.family)
            data = template.render(
                a=self._shown(excerpt), new_family=family != last, first=last is None
            ).encode("utf-8", "replace")
            if size + len(data) > limits.MOST_BYTES:
                left_out, full = left_out + 1, True
                continue
            shown, size, last = shown + 1, size + len(data), family
            yield data
        foot = self._jinja.get_template("foot.html.j2")
        yield foot.render(left_out=left_out, shown=shown, open=last is not None).encode()

    def _shown(self, excerpt: Excerpt) -> Shown:
        most = self._options.characters
        return Shown(
            excerpt=excerpt,
            prompt="" if excerpt.prompt is None else clean.visible(excerpt.prompt, most),
            reply="" if excerpt.reply is None else clean.visible(excerpt.reply, most),
            evidence=tuple(clean.visible(e, MOST_SPAN) for e in islice(excerpt.evidence or (), 5)),
            marks=tuple(f"{scale} {value}" for _, scale, value in excerpt.marks),
        )
