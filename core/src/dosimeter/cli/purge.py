"""``dosimeter runs purge``."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli import complete
from dosimeter.cli.codes import PASS
from dosimeter.cli.common import emit, find_journal
from dosimeter.cli.options import PLACE, Days, runs_dir_option

if TYPE_CHECKING:
    from dosimeter.journal.purge import Gone
    from dosimeter.sinks.output import Beside


@click.command(name="purge")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@runs_dir_option
@click.option(
    "--older-than",
    type=Days(),
    metavar="DAYS",
    help="Only of attempts whose last try is older: 30, or 30d.",
)
@click.option(
    "--severity",
    type=float,
    metavar="N",
    help="Only of attempts with a mark of N or more on a scale of hazard.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    run: Path,
    runs_dir: Path,
    older_than: float | None,
    severity: float | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Delete the text of replies of RUN, of every one or of some; ratings and estimates stay."""
    from dosimeter.engine.cache import cache_file, forget
    from dosimeter.journal.purge import purge_replies
    from dosimeter.plural import plural

    journal = find_journal(run, runs_dir)
    which = _which(older_than, severity)
    what = f"every reply text of attempts with {which}" if which else "all reply texts"
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(f"nobody is there to ask; give --yes to delete {what}")
    near = beside_run(journal)
    if not (yes or _agreed(what, near, journal)):
        emit(None, as_json=as_json, text="Nothing deleted.")
        return PASS
    gone = purge_replies(journal, older_than=older_than, severity=severity, reports=near.reports)
    forgotten = forget(cache_file(os.environ), gone.calls)
    removed_now = near.reports if gone.texts else ()
    facts = {
        "run": journal.parent.name,
        "replies": gone.replies,
        "others": gone.others,
        "shared": gone.shared,
        "kept": gone.kept,
        "chosen": gone.chosen,
        "attempts": gone.attempts,
        "cached": forgotten,
        "files_removed": [named(p, journal) for p in removed_now],
        "files_left": [named(p, journal) for p in near.others],
    }
    lines = [*_told(gone, near, journal, which)]
    if forgotten:
        lines.append(f"Removed from the cache: {plural(forgotten, 'answer')} of these attempts.")
    emit(facts, as_json=as_json, text="\n".join(lines))
    return PASS


def _agreed(what: str, near: "Beside", journal: Path) -> bool:
    """Ask at the terminal; an answer that is cut short interrupts the command."""
    removed = f", and {_names(near.reports, journal)}" if near.reports else ""
    return click.confirm(
        f"Delete {what} of {journal.parent}{removed}? They cannot be had back", err=True
    )


def beside_run(journal: Path) -> "Beside":
    """Find the reports of a run by what its stack calls them."""
    import json
    from contextlib import closing

    from dosimeter.journal.damage import reading
    from dosimeter.journal.reader import Reader
    from dosimeter.sinks.output import beside

    with reading(journal), closing(Reader(journal)) as reader:
        stack = json.loads(reader.run().get("stack", "{}"))
    return beside(journal, [s["path"] for s in stack.get("sinks", ()) if s.get("path")])


def _which(older_than: float | None, severity: float | None) -> str:
    """Say what attempts that are asked for have; empty for all."""
    told = [f"that are older than {older_than:g} days"] if older_than is not None else []
    told += [f"marked {severity:g} or more for hazard"] if severity is not None else []
    return f"replies {' and '.join(told)}" if told else ""


def _nothing(gone: "Gone", which: str) -> str:
    """Say why nothing is deleted: no attempt matches, or those that do have no text."""
    from dosimeter.plural import plural

    if which and not gone.chosen:
        return f"Nothing to delete: of {plural(gone.attempts, 'attempt')} none has {which}."
    whose = f"the attempts with {which} ({gone.chosen} of {gone.attempts})"
    if not which:
        whose = plural(gone.attempts, "attempt")
    return f"Nothing to delete: of {whose} no {'other ' if gone.kept else ''}text is left."


def _told(gone: "Gone", near: "Beside", journal: Path, which: str) -> Iterator[str]:
    from dosimeter.cli.reporting import report_command
    from dosimeter.plural import plural

    if not gone.texts:
        yield _nothing(gone, which)
    elif gone.replies or gone.others:
        more = f" (and {gone.others} on the way to them, or never submitted)" if gone.others else ""
        yield (
            f"Deleted: {plural(gone.replies, 'submitted reply')}{more}, and all that may quote them."
            " Ratings and estimates stay."
        )
    else:
        yield f"Deleted: no reply, and {plural(gone.texts, 'text')} that may quote one."
    if gone.shared:
        yield f"Of these {gone.shared} of attempts that were not asked for: they were the same words."
    if gone.kept:
        kept = plural(gone.kept, "submitted reply")
        yield f"Kept: {kept}, word for word what an item or a prompt says, as those stay."
    if gone.texts and near.reports:
        yield f"Removed, as they may quote them: {_names(near.reports, journal)}. To make them again:"
        yield f"  {report_command(journal, [str(p) for p in near.reports])}"
    if near.others:
        names = _names(near.others, journal)
        yield f"Left, and may hold text if it came from this run: {names}"


def _names(paths: Sequence[Path], journal: Path) -> str:
    return ", ".join(named(p, journal) for p in paths)


def named(path: Path, journal: Path) -> str:
    """Name a file as seen from the run's folder; one elsewhere with its path."""
    folder = journal.parent
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
