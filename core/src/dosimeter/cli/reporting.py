"""Writing the report of a journal to console and sinks; the exit code that follows from it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dosimeter.model.answering import GateState, Report
from dosimeter.model.specs import SinkSpec
from dosimeter.model.stackfile import Choice, SinkChoice

if TYPE_CHECKING:
    from rich.console import Console

    from dosimeter.registry import Registry
    from dosimeter.stack import Secrets

PASS, FAILED, INCOMPLETE, INCONCLUSIVE = 0, 1, 3, 4
PIPED = 160
"""Columns of output that goes to a file or another program: a row is one line there."""
NARROWEST = 20


def sink_for(registry: "Registry", path: Path) -> SinkChoice:
    """Choose the sink that writes files with this suffix.

    Raises:
        click.UsageError: If none does.
    """
    known = {}
    for name in registry.ids("sink"):
        known[registry.get(SinkSpec, name).suffix] = name
    if path.suffix not in known:
        suffixes = ", ".join(sorted(s for s in known if s))
        msg = f"-o {path}: no sink writes {path.suffix or 'files without a suffix'}; there are {suffixes}"
        raise click.UsageError(msg)
    name = known[path.suffix]
    return SinkChoice(choice=Choice(id=name, name=name), path=str(path.absolute()))


def check_outputs(
    registry: "Registry", outputs: Sequence[Path], journal: Path | None = None
) -> None:
    """Refuse files that cannot be written, before anything is spent on what they would hold.

    Raises:
        click.UsageError: Naming the first.
    """
    from dosimeter.sinks.output import of_journal

    for path in outputs:
        if of_journal(path, journal):
            msg = f"-o {path} is a journal or belongs to one; write the report to another file"
            raise click.UsageError(msg)
        sink_for(registry, path)
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
) -> int:
    """Compute the report once and hand it to every sink; give the exit code."""
    from dosimeter.analysis.report import make_report
    from dosimeter.journal.reader import Reader
    from dosimeter.sinks.evidence import spooled
    from dosimeter.sinks.output import Folder
    from dosimeter.workshop import options_of

    chosen = [*sinks, *(sink_for(registry, o) for o in outputs)]
    reader = Reader(journal)
    try:
        report, evidence = make_report(reader, include_hazardous=include_hazardous)
        with spooled(evidence if chosen or as_json else ()) as shown:
            for sink in chosen:
                spec = registry.get(SinkSpec, sink.choice.id)
                own = secrets.of(f"sink:{sink.choice.name}") if secrets else None
                options = options_of(
                    spec.options, sink.choice.identity, sink.choice.operational, secrets=own
                )
                built: Any = registry.build("sink", sink.choice.id, options)
                out = Folder(path=journal.parent, rename=sink.path, journal=journal.name)
                built.write(report, shown, out)
            if as_json:
                _print_json(report, shown)
        if not quiet and not as_json:
            _print(report, journal, chosen)
    finally:
        reader.close()
    return exit_code(report)


def _print_json(report: Report, evidence: Any) -> None:  # noqa: ANN401
    from dosimeter.sinks.jsonfile import pieces

    for piece in pieces(report, evidence):
        click.echo(piece, nl=False)


def _print(report: Report, journal: Path, chosen: Sequence[SinkChoice]) -> None:
    from dosimeter.sinks.console import show

    show(report, console_of())
    written = [str(journal.parent / s.path) for s in chosen if s.path]
    click.echo("Written: " + ", ".join([*written, str(journal)]))


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
