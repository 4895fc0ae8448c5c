"""The report as one JSON file; attempts are streamed."""

import json
from collections.abc import Iterator

from dosimeter.contracts import Evidence, Output
from dosimeter.model.report import Report
from dosimeter.model.specs import NoOptions
from dosimeter.sinks.plain import excerpt, plain, stack

LINE = json.JSONEncoder(sort_keys=True).encode


class JsonSink:
    """Writes the report record, then the attempts one a line."""

    def __init__(self, name: str = "report.json") -> None:
        self._name = name

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        out.write(self._name, pieces(report, evidence))


def pieces(report: Report, evidence: Evidence) -> Iterator[bytes]:
    """Give the file piece by piece."""
    facts = {**plain(report), "stack": stack(report.stack)}
    head = json.dumps(facts, indent=1, sort_keys=True)
    yield head[: head.rindex("}")].rstrip().encode()
    yield b',\n "attempts": ['
    between = b"\n  "
    for one in evidence:
        yield between + LINE(excerpt(one)).encode()
        between = b",\n  "
    yield b"\n ]\n}\n"


def build(_: NoOptions) -> JsonSink:
    """Build the sink."""
    return JsonSink()
