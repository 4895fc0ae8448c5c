"""Sinks of four forms that keep every promise, and of each what breaks just one."""

import csv
import html
import io
import json
import random
import tempfile
import time
from pathlib import Path

from attrs import evolve

from dosimeter import Estimate, GateState, SinkSpec
from dosimeter.testing import Specimen

SPEC = SinkSpec(
    id="lines", summary="A line for each thing", factory="broken.sinks:Lines", suffix=".txt"
)


def number(value):
    return f"{value:.3f}"


class Lines:
    """Rows of words, one a line."""

    suffix = ".txt"

    def __init__(self, options):
        self.options = options

    def write(self, report, evidence, out):
        out.write(f"report{self.suffix}", self.pieces(report, evidence))

    def pieces(self, report, evidence):
        yield self.head(report)
        for row in self.rows(report):
            yield self.line(row)
        for excerpt in evidence:
            yield self.line(self.attempt(excerpt))
        yield self.foot()

    def head(self, report):
        return b""

    def foot(self):
        return b""

    def line(self, row):
        return " | ".join(self.clean(cell) for cell in row).encode("utf-8", "replace") + b"\n"

    def clean(self, text):
        if text.isprintable():
            return text
        return "".join(c if c.isprintable() else f"<{ord(c):04x}>" for c in text)

    def rows(self, report):
        yield ("run", report.name, self.standing(report), "", "", "")
        yield from (("notice", n.code, n.text, "", "", "") for n in self.notices(report))
        yield from (self.target(t) for t in report.targets)
        yield from (self.finding(f) for f in report.findings)
        yield from (self.gate(g) for g in report.gates)

    def standing(self, report):
        return "reportable" if report.reportable else "not reportable"

    def notices(self, report):
        return report.notices

    def target(self, one):
        said = "unknown" if one.tokens_out is None else str(one.tokens_out)
        return ("target", one.name, one.model, said, "", "")

    def finding(self, one):
        where = " ".join(value for _, value in one.group)
        if isinstance(one, Estimate):
            codes = " ".join(c.code for c in one.caveats)
            return (one.measure, where, *map(number, (one.value, one.lower, one.upper)), codes)
        return self.abstention(one, where)

    def abstention(self, one, where):
        return (one.measure, where, "no number", one.why, "", "")

    def gate(self, one):
        return ("gate", one.gate.measure, one.state.value, one.why, "", "")

    def attempt(self, one):
        said = f"withheld: {one.withheld}" if one.reply is None else one.reply
        return ("attempt", one.attempt_id, one.target, said, one.prompt or "", one.variant)


class Table(Lines):
    """Rows of cells."""

    suffix = ".csv"

    def line(self, row):
        text = io.StringIO()
        csv.writer(text).writerow([self.cell(self.clean(c)) for c in row])
        return text.getvalue().encode("utf-8", "replace")

    def cell(self, text):
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


class Page(Lines):
    """A page of lists."""

    suffix = ".html"

    def head(self, report):
        title = self.escape(self.clean(report.name))
        return f"<!doctype html><meta charset=utf-8><title>{title}</title>".encode()

    def escape(self, text):
        return html.escape(text)

    def line(self, row):
        cells = "".join(f"<td>{html.escape(self.clean(c))}" for c in row)
        return f"<table><tr>{cells}</table>\n".encode("utf-8", "replace")


class Record(Lines):
    """A list of lists."""

    suffix = ".json"

    def head(self, report):
        return b"[\n"

    def foot(self):
        return b"null]\n"

    def line(self, row):
        return json.dumps(row).encode() + b",\n"


class TwoFiles(Lines):
    def write(self, report, evidence, out):
        super().write(report, evidence, out)
        out.write("more.txt", [b"more"])


class Texts(Lines):
    def pieces(self, report, evidence):
        return (piece.decode() for piece in super().pieces(report, evidence))


class Throws(Lines):
    def head(self, report):
        return f"{random.random()}\n".encode()


class Hashes(Lines):
    def head(self, report):
        return f"{hash(report.name)}\n".encode()


class Dates(Lines):
    def head(self, report):
        return time.strftime("written on %Y-%m-%d\n").encode()


class Sorts(Lines):
    def rows(self, report):
        ordered = tuple(sorted(report.findings, key=lambda f: f.measure))
        object.__setattr__(report, "findings", ordered)
        return super().rows(report)


class Hoards(Lines):
    def pieces(self, report, evidence):
        return super().pieces(report, list(evidence))


class NeedsOne(Lines):
    def head(self, report):
        return report.targets[0].name[:0].encode()


class Mute(Lines):
    def abstention(self, one, where):
        return (one.measure, where, "no number", "", "", "")


class Zero(Lines):
    def abstention(self, one, where):
        return (one.measure, where, number(getattr(one, "value", 0.0)), one.why, "", "")


class OneSided(Lines):
    def finding(self, one):
        row = super().finding(one)
        return (*row[:4], "", row[5]) if isinstance(one, Estimate) else row


class Carefree(Lines):
    def finding(self, one):
        return super().finding(evolve(one, caveats=()) if isinstance(one, Estimate) else one)


class Unnoticed(Lines):
    def notices(self, report):
        return ()


class Proud(Lines):
    def standing(self, report):
        return "report"


class TwoStates(Lines):
    def gate(self, one):
        state = "failed" if one.state is GateState.FAIL else "passed"
        return ("gate", one.gate.measure, state, one.why, "", "")


class Hollow(Lines):
    def attempt(self, one):
        return super().attempt(evolve(one, reply=one.reply or ""))


class SaysNone(Lines):
    def attempt(self, one):
        return (*super().attempt(one)[:4], str(one.prompt), one.variant)


class Strict(Lines):
    def line(self, row):
        "".join(row).encode()
        return super().line(row)


class Leaves(Lines):
    """Only where it is looked for, as tests clean nothing else up."""

    def head(self, report):
        folder = Path(tempfile.gettempdir())
        if folder.samefile(Path.cwd()):
            (folder / "attempts.log").write_text("seen")
        return b""


class Swallows(Lines):
    def write(self, report, evidence, out):
        try:
            super().write(report, evidence, out)
        except OSError:
            return


class SkipsDamage(Lines):
    def pieces(self, report, evidence):
        try:
            yield from super().pieces(report, evidence)
        except EOFError:
            yield b"end\n"


class Prints(Lines):
    def foot(self):
        print("done")
        return b""


class Unescaped(Page):
    def escape(self, text):
        return text


class Loads(Page):
    def head(self, report):
        return super().head(report) + b'<script src="https://example.org/plot.js"></script>'


class Computes(Table):
    def cell(self, text):
        return text


class OddBytes(Record):
    def line(self, row):
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b",\n"


class Steers(Lines):
    def clean(self, text):
        return text.replace("\x07", "")


def specimen(build=Lines, **changes):
    return Specimen(spec=evolve(SPEC, suffix=build.suffix, **changes), build_with=build)


GOOD = {
    "lines": specimen(),
    "table": specimen(Table),
    "page": specimen(Page),
    "record": specimen(Record),
}
BREAKS = {
    "check_sink_writes_one_file": specimen(TwoFiles),
    "check_sink_hands_over_pieces": specimen(Texts),
    "check_sink_writes_the_same_twice": specimen(Throws),
    "check_sink_writes_the_same_elsewhere": specimen(Hashes),
    "check_sink_bears_no_date": specimen(Dates),
    "check_sink_keeps_the_report": specimen(Sorts),
    "check_evidence_is_streamed": specimen(Hoards),
    "check_empty_report_is_written": specimen(NeedsOne),
    "check_abstention_says_why": specimen(Mute),
    "check_abstention_is_no_zero": specimen(Zero),
    "check_number_has_its_limits": specimen(OneSided),
    "check_caveats_go_with_numbers": specimen(Carefree),
    "check_notices_are_told": specimen(Unnoticed),
    "check_not_reportable_is_said": specimen(Proud),
    "check_inconclusive_is_no_pass": specimen(TwoStates),
    "check_withheld_is_no_empty_reply": specimen(Hollow),
    "check_nothing_is_not_the_word_none": specimen(SaysNone),
    "check_sink_takes_any_text": specimen(Strict),
    "check_sink_writes_through_its_output": specimen(Leaves),
    "check_sink_passes_errors_on": specimen(Swallows),
    "check_sink_prints_nothing": specimen(Prints),
    "check_page_holds_no_markup_of_others": specimen(Unescaped),
    "check_page_loads_nothing": specimen(Loads),
    "check_table_computes_nothing": specimen(Computes),
    "check_json_can_be_read": specimen(OddBytes),
    "check_text_steers_nothing": specimen(Steers),
}
"""By the name of a check: a sink that breaks its promise and no other."""
