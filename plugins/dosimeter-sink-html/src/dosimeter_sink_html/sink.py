"""The page: everything inline, nothing loaded, hostile text inert."""

import base64
import hashlib
from collections.abc import Iterator, Sequence

import jinja2

from dosimeter import Evidence, Output, Report, summary_of
from dosimeter_sink_html import against, agreed, asides, attempts, clean, limits, panel, summary
from dosimeter_sink_html.against import Block
from dosimeter_sink_html.asides import Difference
from dosimeter_sink_html.charts.drawn import charts
from dosimeter_sink_html.charts.shapes import TONES, Chart
from dosimeter_sink_html.made import fold, used
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.questions import Question, across, questions
from dosimeter_sink_html.tables import ScaleTable, tables

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


class HtmlSink:
    """Writes one page."""

    def __init__(self, options: HtmlOptions) -> None:
        self._options = options
        self._jinja = environment()

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write("report.html", self._pieces(report, evidence))

    def _pieces(self, report: Report, evidence: Evidence) -> Iterator[bytes]:
        """Give summary and tables, then attempts by family while they fit, then the foot."""
        head = self._head(report)
        yield head
        yield from attempts.pieces(
            self._jinja, self._options, evidence, limits.MOST_BYTES - len(head)
        )

    def _head(self, report: Report) -> bytes:
        """Give the page without its attempts, with as many rows as leave room for them."""
        asked, made = questions(report), tables(report)
        every = [*asked, *across(report)]
        order = {t.name: i for i, t in enumerate(report.targets)}
        found, methods = asides.differences(report), used(report)
        template = self._jinja.get_template("head.html.j2")
        versus, drawn = against.blocks(report), charts(report, asked, order)
        whole = {
            "report": report, "blind": any(n.code == BLIND for n in report.notices),
            **styles(self._jinja), "series": {name: i % TONES for name, i in order.items()},
            "facts": {t.name: t for t in report.targets}, "brief": summary_of(report),
            "lead": summary.lead(report, asked), "cards": summary.cards(report, asked),
            "charts": drawn, "methods": methods, "panel": panel.rows(report), **targets(report),
            "notes": asides.notes(report), "verdicts": asides.verdicts(report),
            "silences": asides.silences(report), "agreed": agreed.agreed(report),
        }  # fmt: skip
        for most in limits.SIZES:
            kept = limits.fit_questions(every, most), limits.fit_tables(made, most)
            fitting = against.fit(versus, most)
            head = template.render(
                whole, most=most, questions=kept[0], tables=kept[1], differences=found, against=fitting,
                compared=fold("Differences", ((d.place, d.made) for d in found[:most]), methods),
                there=there(*kept, found[:most]) | beside(report, fitting, drawn),
            ).encode("utf-8", "replace")  # fmt: skip
            if len(head) <= limits.MOST_HEAD:
                break
        return head


def styles(made: jinja2.Environment) -> dict[str, str]:
    """Give the page's one style and its one script, with what its policy calls them."""
    style = made.get_template("style.css.j2").render()
    return {"style": style, "policy": digest(style), "script_policy": digest(attempts.script(made))}


def targets(report: Report) -> dict[str, object]:
    """Give what the page says of its targets together."""
    found = report.compared
    return {
        "tradeoffs": against.tradeoffs(report),
        "rests_on": [] if found is None else list(against.rests_on(found)),
        "in_short": "" if found is None else against.in_short(found),
    }


def beside(report: Report, made: Sequence[Block], drawn: Sequence[Chart]) -> frozenset[str]:
    """Give the anchors of what the page has besides its numbers, of comparisons and of charts."""
    out = {"targets"} | {c.anchor for c in drawn} | {r.anchor for b in made for r in b.rows}
    out |= ({"took"} if report.usage else set()) | ({"gates"} if report.gates else set())
    out |= ({"agreement"} if report.reliability else set()) | ({"against"} if made else set())
    out |= {"validity"} if report.panel else set()
    return frozenset(out - {""})


def there(
    asked: Sequence[Question], made: Sequence[ScaleTable], found: Sequence[Difference]
) -> frozenset[str]:
    """Give the anchors that the page has: a link to what did not fit would lead nowhere."""
    out = {"every", "methods", "raters"}
    out |= {f"q{i}" for i, q in enumerate(asked, 1) if q.answers}
    out |= {a.anchor for q in asked for a in q.answers} | {r.anchor for t in made for r in t.rows}
    out |= {d.made.anchor for d in found}
    out |= ({"levels"} if made else set()) | ({"compared"} if found else set())
    return frozenset(out - {""})
