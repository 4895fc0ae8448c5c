"""Writing the report of a journal to console and sinks; the exit code that follows from it."""

import os
import shlex
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from dosimeter.cli.codes import FAILED, INCOMPLETE, INCONCLUSIVE, PASS
from dosimeter.cli.common import as_typed
from dosimeter.cli.writing import tell_failed, write_each
from dosimeter.model.answering import GateState
from dosimeter.model.report import Report
from dosimeter.model.specs import SinkSpec
from dosimeter.model.stackfile import Choice, SinkChoice
from dosimeter.sinks.output import placed, renewed

if TYPE_CHECKING:
    from rich.console import Console

    from dosimeter.registry import Registry
    from dosimeter.stack import Secrets

Made = Literal["run", "score", "report"]
"""The command that makes a report."""
PIPED = 160
"""Columns of output that goes to a file or another program: a row is one line there."""
NARROWEST = 20


def sink_for(registry: "Registry", path: Path) -> SinkChoice:
    """Choose the sink that writes files with this name: of several endings that fit the longest.

    Raises:
        click.UsageError: If none does.
    """
    known = {registry.get(SinkSpec, name).suffix.lower(): name for name in registry.ids("sink")}
    fitting = [end for end in known if end and path.name.lower().endswith(end)]
    if not fitting:
        ends = ", ".join(sorted(end for end in known if end))
        msg = (
            f"-o {path}: no sink writes {path.suffix or 'files without a suffix'}; there are {ends}"
        )
        raise click.UsageError(msg)
    name = known[max(fitting, key=len)]
    return SinkChoice(choice=Choice(id=name, name=name), path=str(path.absolute()))


def check_outputs(
    registry: "Registry", outputs: Sequence[Path], journal: Path | None = None
) -> None:
    """Refuse files that cannot be written, before anything is spent on what they would hold.

    Raises:
        click.UsageError: Naming the first.
    """
    for path in outputs:
        check_file(path, journal)
        sink_for(registry, path)


def check_file(path: Path, journal: Path | None = None) -> None:
    """Refuse a file that cannot be written, or is a journal.

    Raises:
        click.UsageError: Saying why.
    """
    from dosimeter.sinks.output import of_journal

    if of_journal(path, journal):
        msg = f"-o {path} is a journal or belongs to one; write the report to another file"
        raise click.UsageError(msg)
    there = next((p for p in path.absolute().parents if p.exists()), path)
    why = ""
    if path.is_dir():
        why = "it is a folder"
    elif not there.is_dir():
        why = f"{there} is no folder"
    elif not os.access(there, os.W_OK):
        why = f"{there} may not be written to"
    if why:
        msg = f"-o {path} cannot be written: {why}"
        raise click.UsageError(msg)


def write_reports(
    journal: Path,
    registry: "Registry",
    sinks: Sequence[SinkChoice],
    *,
    outputs: Sequence[Path] = (),
    as_json: bool = False,
    include_hazardous: bool = False,
    quiet: bool = False,
    secrets: "Secrets | None" = None,
    made: Made = "run",
    stopped: bool = False,
) -> int:
    """Compute the report once and hand it to every sink; give the exit code.

    What may be shown is decided first, once for all sinks: that also counts what is withheld.

    Args:
        journal: Of the run.
        registry: What is installed.
        sinks: Of the stack.
        outputs: Further files.
        as_json: Print the report as JSON.
        include_hazardous: Show what would be withheld.
        quiet: Print nothing but why the exit code is not 0.
        secrets: Of the stack, for its sinks.
        made: The command: ``run``, which has written the journal and the stack's own reports;
            ``score``, the journal alone; ``report``, neither.
        stopped: The command was asked to stop, and its exit code says that instead.
    """
    from dosimeter.analysis.report import make_evidence, make_report
    from dosimeter.journal.damage import check_whole, reading
    from dosimeter.journal.reader import Reader
    from dosimeter.sinks.evidence import spooled

    chosen = [*sinks, *(sink_for(registry, o) for o in outputs)]
    read = bool(chosen) or as_json
    if include_hazardous and read:
        _record_shown(journal, chosen, as_json=as_json)
    with ExitStack() as files:
        with reading(journal):  # a sink's own faults are none of the journal
            reader = files.enter_context(closing(Reader(journal)))
            check_whole(reader)
            evidence = make_evidence(reader, include_hazardous=include_hazardous)
            shown = files.enter_context(spooled(evidence if read else ()))
            report = make_report(
                reader,
                unseen=shown.unseen if read or quiet else None,
                include_hazardous=include_hazardous,
            )
        code = exit_code(report)
        faults = write_each(report, shown, chosen, journal, registry, secrets)
        if as_json:
            _print_json(report, shown)
    failed = [sink for sink, _ in faults]
    if not quiet and not as_json:
        _print(report, journal, [sink for sink in chosen if sink not in failed], made)
    if quiet and code and not stopped:
        click.echo(f"dosimeter: exit code {code}: {why(report, code)}", err=True)
    return tell_failed(faults, registry, code, report_command(journal, files_of(journal, failed)))


def why(report: Report, code: int) -> str:
    """Say in a line what made an exit code: a gate, or what is incomplete."""
    from dosimeter.inert import safe
    from dosimeter.publish import why_incomplete
    from dosimeter.sinks.console import gate_line

    if code == INCOMPLETE:
        cause = why_incomplete(report)
        return safe(cause.text if cause else "the run is incomplete")
    state = GateState.FAIL if code == FAILED else GateState.INCONCLUSIVE
    return safe("; ".join(gate_line(report, g) for g in report.gates if g.state is state))


def _record_shown(journal: Path, chosen: Sequence[SinkChoice], *, as_json: bool) -> None:
    """Write down which outputs show withheld replies, before they do (VALIDITY 36)."""
    named = [f"{s.choice.id} {Path(s.path).name}".strip() for s in chosen]
    note_shown(journal, [*named, *(["json on standard output"] if as_json else [])])


def note_shown(journal: Path, outputs: Sequence[str]) -> None:
    """Write *outputs* down as such that show withheld replies.

    Raises:
        click.UsageError: If the journal cannot be written: then they are not shown.
    """
    from dosimeter.journal.shown import record_shown

    try:
        record_shown(journal, outputs)
    except (OSError, sqlite3.Error) as exc:
        msg = (
            f"--include-hazardous is recorded in the journal, and {journal} cannot be written"
            f" ({exc}); give leave to write it, or leave the flag out"
        )
        raise click.UsageError(msg) from exc


def _print_json(report: Report, evidence: Any) -> None:  # noqa: ANN401
    from dosimeter.sinks.jsonfile import pieces

    for piece in pieces(report, evidence):
        click.echo(piece, nl=False)


def _print(report: Report, journal: Path, chosen: Sequence[SinkChoice], made: Made) -> None:
    from dosimeter.inert import safe
    from dosimeter.sinks.console import show

    written = files_of(journal, chosen)
    show(report, console_of(), files=written, run=shlex.quote(str(journal.parent)))
    if made != "report":
        written.append(str(journal))
    click.echo(safe("Written: " + (", ".join(written) or f"nothing; made from {journal}")))
    before = _of_before(journal, written) if made != "run" else []
    if before:
        again = report_command(journal, before)
        click.echo(f"Left as they were: {', '.join(before)}. To renew them:\n  {again}", err=True)


def files_of(journal: Path, chosen: Sequence[SinkChoice]) -> list[str]:
    """Name the files that sinks write beside a journal, or elsewhere."""
    return [str(placed(journal.parent, s.path)) for s in chosen if s.path]


def report_command(journal: Path, files: Sequence[str]) -> str:
    """Give the command that makes the report of a journal again, and those of *files* that it can."""
    flags = [word for path in files if renewed(Path(path)) for word in ("-o", path)]
    return as_typed("report", str(journal.parent), *flags)


def _of_before(journal: Path, written: Sequence[str]) -> list[str]:
    """Give the reports beside a journal that this command has not written."""
    from dosimeter.cli.purge import beside_run

    fresh = {Path(one).resolve() for one in written}
    there = [p for p in beside_run(journal).reports if renewed(p)]
    return [str(p) for p in there if p.resolve() not in fresh]


def console_of() -> "Console":
    """Give the console: as wide as its terminal, or COLUMNS, or PIPED where there is neither."""
    from rich.console import Console

    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) >= NARROWEST:
        return Console(width=int(asked))
    console = Console()
    return console if console.is_terminal else Console(width=PIPED)


def exit_code(report: Report) -> int:
    """Give 1 if a gate failed, 3 if the run is incomplete, 4 if a gate is inconclusive, else 0."""
    states = {g.state for g in report.gates}
    if GateState.FAIL in states:
        return FAILED
    if not report.complete:
        return INCOMPLETE
    return INCONCLUSIVE if GateState.INCONCLUSIVE in states else PASS
