"""Having sinks write: each on its own, so that one that fails keeps no other from it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dosimeter.cli.codes import FAILED, INCOMPLETE, USAGE
from dosimeter.cli.common import aside
from dosimeter.errors import DosimeterError, raised_at
from dosimeter.model.report import Report
from dosimeter.model.specs import SinkSpec
from dosimeter.model.stackfile import SinkChoice

if TYPE_CHECKING:
    from dosimeter.registry import Registry
    from dosimeter.sinks.evidence import Spooled
    from dosimeter.stack import Secrets

Fault = tuple[SinkChoice, BaseException]


def write_each(
    report: Report,
    shown: "Spooled",
    chosen: Sequence[SinkChoice],
    journal: Path,
    registry: "Registry",
    secrets: "Secrets | None",
) -> list[Fault]:
    """Build each sink and let it write; give those that failed. What one prints is no result."""
    faults: list[Fault] = []
    for sink in chosen:
        try:
            with aside():
                _write(report, shown, sink, journal, registry, secrets)
        except (KeyboardInterrupt, BrokenPipeError):
            raise
        except BaseException as exc:  # native code panics with one
            faults.append((sink, exc))
    return faults


def _write(
    report: Report,
    shown: "Spooled",
    sink: SinkChoice,
    journal: Path,
    registry: "Registry",
    secrets: "Secrets | None",
) -> None:
    from dosimeter.sinks.output import Folder
    from dosimeter.workshop import options_of

    spec = registry.get(SinkSpec, sink.choice.id)
    own = secrets.of(f"sink:{sink.choice.name}") if secrets else None
    options = options_of(spec.options, sink.choice.identity, sink.choice.operational, secrets=own)
    built: Any = registry.build("sink", sink.choice.id, options)
    built.write(report, shown, Folder(path=journal.parent, rename=sink.path, journal=journal.name))


def tell_failed(faults: Sequence[Fault], registry: "Registry", code: int, again: str) -> int:
    """Say which sinks failed, whose they are and what to do; give the exit code with them.

    Args:
        faults: What failed.
        registry: Where the sinks are from.
        code: That of the report.
        again: The command that makes the report again.
    """
    from dosimeter.cli.main import traced, worded

    context = click.get_current_context(silent=True)
    debug = context is not None and context.find_root().obj.get("debug", False)
    users = [isinstance(exc, DosimeterError | OSError) for _, exc in faults]
    for (sink, exc), known in zip(faults, users, strict=True):
        who = f"sink {sink.choice.name!r} of {registry.find('sink', sink.choice.id).source}"
        if debug:
            click.echo("\n".join(traced(exc)), err=True)
        what = f": {worded(exc)}" if known else f" raised {type(exc).__name__} {raised_at(exc)}"
        click.echo(f"dosimeter: {who}{what}", err=True)
    if faults:
        click.echo(f"Other sinks have written. When that is mended:\n  {again}", err=True)
    if not faults or code == FAILED:
        return code
    return USAGE if all(users) else INCOMPLETE
