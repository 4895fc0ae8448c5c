"""The attempts that may be shown as one CSV file, a row an attempt."""

import csv
import io
from collections.abc import Iterator, Sequence

from dosimeter.contracts import Evidence, Excerpt, Output
from dosimeter.model.report import Report
from dosimeter.model.specs import NoOptions
from dosimeter.sinks.text import cell

PLAIN = ("attempt_id", "target", "category", "family", "item_id", "intent", "attack", "variant",
         "repeat", "stop", "prompt", "reply", "withheld", "reply_hash", "rationale", "verdict")  # fmt: skip
JOINED = ("marks", "notes", "factors", "evidence")
"""Several values in one field: words joined by spaces, entries by semicolons."""
OF_RUN = ("language_model", "reportable", "hazardous_included")
"""What the run is, on every row: rows are copied into other tables. ``yes`` or ``no``."""


class CsvSink:
    """Writes one row an attempt; what is withheld is an empty field with the reason beside it.

    Text that a spreadsheet would compute has an apostrophe before it, and control characters and
    marks of direction are shown by name, as on the console.
    """

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write("attempts.csv", _lines(report, evidence))


def _lines(report: Report, evidence: Evidence) -> Iterator[bytes]:
    models = {t.name: _word(said=t.language_model) for t in report.targets}
    run = (_word(said=report.reportable), _word(said=report.hazardous_included))
    yield line((*PLAIN, *JOINED, *OF_RUN))
    for excerpt in evidence:
        yield line((*_row(excerpt), models.get(excerpt.target, ""), *run))


def _word(*, said: bool) -> str:
    return "yes" if said else "no"


def _row(excerpt: Excerpt) -> tuple[str, ...]:
    plain = (getattr(excerpt, name) for name in PLAIN)
    joined = (getattr(excerpt, name) or () for name in JOINED)
    return (
        *("" if v is None else cell(str(v)) for v in plain),
        *(cell("; ".join(e if isinstance(e, str) else " ".join(e) for e in v)) for v in joined),
    )


def line(row: Sequence[str]) -> bytes:
    """Give one line of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerow(row)
    return text.getvalue().encode("utf-8", "backslashreplace")


def build(_: NoOptions) -> CsvSink:
    """Build the sink."""
    return CsvSink()
