"""``dosimeter runs seal``."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli import complete
from dosimeter.cli.common import emit, find_journal, unset
from dosimeter.cli.options import PLACE, runs_dir_option
from dosimeter.plural import plural

if TYPE_CHECKING:
    from dosimeter.journal.seal import Changed
    from dosimeter.sinks.output import Beside


@click.command(name="seal")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@click.option("--secret", "variable", required=True, metavar="NAME",
              help="Environment variable with the secret.")  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Undo it.")
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(run: Path, variable: str, opens: bool, runs_dir: Path, as_json: bool) -> int:
    """Encrypt the replies of RUN and all that may quote them; estimates and reports stay."""
    from dosimeter.cli.purge import beside_run, named
    from dosimeter.journal.seal import open_replies, seal_replies

    journal = find_journal(run, runs_dir)
    secret = os.environ.get(variable, "")
    if not secret:
        msg = f"--secret: expected the name of an environment variable that is set{unset(variable)}"
        raise click.UsageError(msg)
    near = beside_run(journal)
    done = (
        open_replies(journal, secret)
        if opens
        else seal_replies(journal, secret, reports=near.reports)
    )
    removed = near.reports if done.texts and not opens else ()
    facts = {
        "run": journal.parent.name,
        "sealed": not opens,
        "replies": done.replies,
        "others": done.others,
        "kept": done.kept,
        "texts": done.texts,
        "files_removed": [named(p, journal) for p in removed],
        "files_left": [named(p, journal) for p in near.others],
    }
    told = _opened(done) if opens else _sealed(done, near, journal)
    emit(facts, as_json=as_json, text="\n".join(told))
    return 0


def _opened(done: "Changed") -> Iterator[str]:
    yield f"Opened: {plural(done.texts, 'text')}; the run can go on, and be rated and merged."


def _sealed(done: "Changed", near: "Beside", journal: Path) -> Iterator[str]:
    from dosimeter.cli.purge import named
    from dosimeter.cli.reporting import report_command

    if not done.texts:
        yield "Nothing to seal: no text of a reply is left that is not sealed or deleted."
    else:
        more = f" (and {done.others} on the way to them, or never submitted)" if done.others else ""
        yield (
            f"Sealed: {plural(done.replies, 'submitted reply')}{more}, and all that may quote them:"
            f" {plural(done.texts, 'text')}. Ratings and estimates stay. Keep the secret: without it"
            " nothing is had back."
        )
        if done.kept:
            kept = plural(done.kept, "submitted reply")
            yield f"Left readable: {kept}, word for word what an item or a prompt says, as those stay."
        if near.reports:
            names = ", ".join(named(p, journal) for p in near.reports)
            yield f"Removed, as they may quote them: {names}. To make them again, without replies:"
            yield f"  {report_command(journal, [str(p) for p in near.reports])}"
    if near.others:
        names = ", ".join(named(p, journal) for p in near.others)
        yield f"Left, and may hold text if it came from this run: {names}"
