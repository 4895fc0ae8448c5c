"""Promises of sinks: what they write, through what, and that nothing is lost or made up on the way."""

import contextlib
import os
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from dosimeter.contracts import Evidence, Excerpt, Output
from dosimeter.ids import canonical
from dosimeter.model.report import Report
from dosimeter.model.specs import SinkSpec
from dosimeter.testing import reports, samples
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.reports import abstention, excerpt, report, shown
from dosimeter.testing.seen import texts
from dosimeter.testing.trying import elsewhere, silently

MANY, LONG, HELD = 2_000, 2_000, 2
"""Attempts of a long run; characters of a reply; and the part of all that a sink may hold at once."""
DATES = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
SECONDS_DIGITS = 6
Files = dict[str, bytes]


def written(one: Specimen, made: Report, evidence: Evidence | None = None) -> Files:
    """Let it write *made*, with a few attempts unless others are given."""
    out = reports.Memory()
    one.build().write(made, shown() if evidence is None else evidence, out)
    return out.files


def steady(one: Specimen, made: Report, evidence: Evidence | None = None) -> Files:
    """Write twice and alike; what differs from one time to the next tells nothing of anything else.

    Raises:
        Untried: If it differs.
    """
    first = written(one, made, evidence)
    if first != written(one, made, evidence):
        raise Untried("it does not write the same twice")
    return first


@promise("sink")
def check_sink_writes_one_file(one: Specimen) -> str:
    """It writes a file with the suffix that it declares, under a plain name, and no other file."""
    out, suffix = reports.Memory(), one.of(SinkSpec).suffix
    one.build().write(report(), shown(), out)
    if not out.names or (suffix and len(out.names) > 1):
        raise Broken(
            f"it wrote {len(out.names)} files",
            "call out.write(name, pieces) once: -o FILE gives one file its name",
        )
    for name in out.names:
        plain = Path(name).name == name and not name.casefold().startswith("journal.")
        if not plain or not name.endswith(suffix):
            raise Broken(
                f"a file is called {name!r}",
                f'name it such as "report{suffix}", without a folder; not as the journal\'s',
            )
    return f"{len(out.names)} files"


@promise("sink")
def check_sink_hands_over_pieces(one: Specimen) -> None:
    """What it hands to the output is an iterable of pieces of bytes, neither text nor one value."""
    out = reports.Memory()
    one.build().write(report(), shown(), out)
    if out.strange:
        raise Broken(
            f"it hands over {', '.join(sorted(out.strange))}",
            'write out.write(name, (text.encode("utf-8", "replace") for text in ...))',
        )


@promise("sink")
def check_sink_writes_the_same_twice(one: Specimen) -> None:
    """The same report gives the same bytes again: a report is a pure function of its journal."""
    if written(one, report()) != written(one, report()):
        raise Broken("the files differ the second time", "write no chance, counter or id() into it")


def _write_there(one: Specimen) -> Files:
    return written(one, report())


@promise("sink")
def check_sink_writes_the_same_elsewhere(one: Specimen) -> None:
    """Another process, with another order of sets, writes the same bytes."""
    here = steady(one, report())
    if elsewhere(_write_there, attrs.evolve(one, served=None, answer=None)) != here:
        raise Broken("the files differ there", "sort what comes out of sets, and use no hash()")


def _now() -> set[str]:
    moment = time.time()
    said = {time.strftime(d, at(moment)) for d in DATES for at in (time.localtime, time.gmtime)}
    return said | {str(int(moment))[:SECONDS_DIGITS]}


@promise("sink")
def check_sink_bears_no_date(one: Specimen) -> None:
    """It says nothing of today: the same journal gives the same report on any day."""
    text = "".join(texts(written(one, report())))
    if any(said in text for said in _now()):
        raise Broken("today's date is in the file", "write what is in the report alone")


@promise("sink")
def check_sink_keeps_the_report(one: Specimen) -> None:
    """Report and attempts are as they were after it has written: other sinks are handed the same."""
    made, given = report(), (excerpt(1), reports.withheld(2))
    before = canonical((made, given))
    one.build().write(made, shown(*given), reports.Memory())
    if canonical((made, given)) != before:
        raise Broken("the report or an attempt was changed", "work on copies: attrs.evolve")


def _long_run(n: int) -> Iterator[Excerpt]:
    for i in range(n):
        yield excerpt(i, reply=f"{i:08d} ".ljust(LONG, "x"))


@promise("sink")
def check_evidence_is_streamed(one: Specimen) -> str:
    """It holds some hundred attempts at a time at most: a run may have more than there is memory."""
    sink = one.build()
    sink.write(report(), reports.Streamed(lambda: _long_run(10)), reports.Draining())
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        sink.write(report(), reports.Streamed(lambda: _long_run(MANY)), reports.Draining())
        held = tracemalloc.get_traced_memory()[1] - before
    finally:
        if not tracing:
            tracemalloc.stop()
    if held > MANY * LONG / HELD:
        raise Broken(
            f"it held {held:,} bytes of {MANY * LONG:,}",
            "hand over a generator that yields each attempt's bytes, or some hundred at a time",
        )
    return f"{held:,} bytes held"


@promise("sink")
def check_empty_report_is_written(one: Specimen) -> None:
    """A report of a run in which nothing was asked yet is written like any other."""
    bare = report(findings=(), gates=(), cells=(), notices=(), measures=(), raters=(), components=(),
                  targets=(), demonstrates="", stack="", withheld=0)  # fmt: skip
    empty = reports.Streamed(lambda: ())
    for made in (bare, report(findings=(), gates=()), report(findings=(abstention(),), gates=())):
        out = reports.Memory()
        try:
            one.build().write(made, empty, out)
        except Exception as exc:
            raise Broken(
                f"{type(exc).__name__} on {len(made.findings)} findings and no attempts",
                "let nothing depend on a first finding, target or attempt",
            ) from exc
        if not out.files:
            raise Broken(
                "no file without attempts", "write it all the same: it says what is lacking"
            )


@promise("sink")
def check_sink_takes_any_text(one: Specimen) -> str:
    """It takes any text there is: NUL, lone surrogates, escapes, bidirectional marks, very long words."""
    for name, text in samples.ODD:
        made, evidence = reports.hostile(text)
        try:
            written(one, made, evidence)
        except Exception as exc:
            raise Broken(
                f"{type(exc).__name__} on: {name}",
                'let it take any text: encode("utf-8", "replace")',
            ) from exc
    return f"{len(samples.ODD)} texts"


@contextlib.contextmanager
def _empty_folder() -> Iterator[Path]:
    """Be in a folder of one's own, where temporary files go too."""
    before, given = tempfile.tempdir, os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before
            os.environ.pop("TMPDIR")
            os.environ.update({} if given is None else {"TMPDIR": given})


@promise("sink")
def check_sink_writes_through_its_output(one: Specimen) -> None:
    """It leaves nothing in the working or temporary folder: its output keeps files whole and private."""
    with _empty_folder() as folder:
        written(one, report())
        left = sorted(p.suffix for p in folder.iterdir())
    if left:
        raise Broken(
            f"{len(left)} files are left in the working or temporary folder", "call out.write alone"
        )


@promise("sink")
def check_sink_passes_errors_on(one: Specimen) -> None:
    """A full disk and a damaged journal are raised: half a report must not pass for a whole one."""

    def damaged() -> Iterator[Excerpt]:
        yield excerpt()
        raise EOFError

    cases: Iterable[tuple[str, type[Exception], Evidence, Output]] = (
        ("the output's OSError", OSError, shown(), reports.Full()),
        ("the evidence's EOFError", EOFError, reports.Streamed(damaged), reports.Memory()),
    )
    for what, kind, evidence, out in cases:
        came: Exception | None = None
        try:
            one.build().write(report(), evidence, out)
        except Exception as exc:
            came = exc
        unasked = kind is EOFError and not _asks_for(one)
        if not isinstance(came, kind) and not unasked:
            said = "nothing" if came is None else type(came).__name__
            raise Broken(
                f"{what} came out as {said}", "catch nothing around out.write and evidence"
            )


def _asks_for(one: Specimen) -> bool:
    """Whether it looks at the attempts."""
    asked = []

    def make() -> Iterator[Excerpt]:
        asked.append(True)
        yield excerpt()

    written(one, report(), reports.Streamed(make))
    return bool(asked)


@promise("sink")
def check_sink_prints_nothing(one: Specimen) -> None:
    """It prints nothing: the console is the command's, and standard output may be a report."""
    said = silently(lambda: written(one, report()))[1]
    if said:
        raise Broken(f"it printed {len(said)} characters", "log through structlog, and no text")


CHECKS = checks_in(globals())
