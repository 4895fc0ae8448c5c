"""The sink: a finished report as Markdown, piece by piece."""

from collections.abc import Iterator

from dosimeter import (
    Abstention,
    Estimate,
    Evidence,
    Excerpt,
    Output,
    Pairs,
    Report,
    as_interval,
    as_number,
    as_threshold,
    may_publish,
    unit_of,
)
from dosimeter_sink_starter.markdown import plain, table
from dosimeter_sink_starter.options import StarterOptions


class StarterSink:
    """Writes one page."""

    def __init__(self, options: StarterOptions) -> None:
        self._options = options

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write("report.md", (t.encode("utf-8", "replace") for t in self._page(report, evidence)))

    def _page(self, report: Report, evidence: Evidence) -> Iterator[str]:
        yield f"# {plain(report.name)}\n\n{plain(may_publish(report))}\n\n"
        yield from (f"- {plain(notice.code)}: {plain(notice.text)}\n" for notice in report.notices)
        yield "\n## Numbers\n\n"
        yield from _numbers(report)
        yield "\n## Questions without a number\n\n"
        yield from _abstentions(report)
        yield "\n## Gates\n\n"
        yield from _gates(report)
        yield f"\n## What the run could show\n\n{plain(report.demonstrates)}\n"
        yield f"\nReplies withheld: {report.withheld}; deleted: {report.deleted}.\n"
        if self._options.attempts:
            yield "\n## Attempts\n\n"
            head = ("item", "target", "attack", "ended", "marks", "reply")
            yield from table(head, map(_attempt, evidence))


def _where(group: Pairs) -> str:
    return plain(", ".join(f"{name} {value}" for name, value in group))


def _numbers(report: Report) -> Iterator[str]:
    """Give every estimate: never without its interval, or without what warns of it."""
    measures = {m.id: m for m in report.measures}
    head = ("measure", "where", "number", "interval", "level", "families", "marks", "missing",
            "warnings")  # fmt: skip
    rows = []
    for one in report.findings:
        if isinstance(one, Estimate):
            unit = unit_of(measures.get(one.measure), one)
            rows.append((
                plain(one.measure), _where(one.group), as_number(one.value, unit),
                as_interval(one.lower, one.upper, unit), f"{100 * one.level:g} %",
                str(one.families), str(one.n), str(one.missing.lost),
                plain("; ".join(caveat.text for caveat in one.caveats)),
            ))  # fmt: skip
    return table(head, rows)


def _abstentions(report: Report) -> Iterator[str]:
    """Give every question that has no number, in the place of one the reason."""
    rows = (
        (plain(one.measure), _where(one.group), plain(one.why), plain(one.would_need))
        for one in report.findings
        if isinstance(one, Abstention)
    )
    return table(("measure", "where", "why", "what would allow one"), rows)


def _gates(report: Report) -> Iterator[str]:
    """Give the three states as they are: what is not decided has neither passed nor failed."""
    measures = {m.id: m for m in report.measures}
    rows = (
        (
            plain(one.gate.measure), _where(one.gate.where),
            as_threshold(one.gate, unit_of(measures.get(one.gate.measure))), one.state.value,
            plain(one.why),
        )
        for one in report.gates
    )  # fmt: skip
    return table(("measure", "where", "demands", "state", "why"), rows)


def _attempt(one: Excerpt) -> tuple[str, ...]:
    """Give a row; what is withheld is told from what is empty."""
    marks = "; ".join(" ".join(mark) for mark in one.marks)
    said = f"withheld: {one.withheld}" if one.reply is None else one.reply or "(nothing)"
    return (plain(one.item_id), plain(one.target), plain(f"{one.attack} {one.variant}"),
            plain(one.stop), plain(marks), plain(said))  # fmt: skip


def build(options: StarterOptions) -> StarterSink:
    """Build the sink."""
    return StarterSink(options)
