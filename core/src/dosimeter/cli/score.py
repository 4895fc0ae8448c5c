"""``dosimeter score``."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli import complete
from dosimeter.cli.common import find_journal, installed, unset
from dosimeter.cli.options import PLACE, outputs_option, runs_dir_option

if TYPE_CHECKING:
    from dosimeter.model.work import Seal


@click.command(name="score")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@click.option(
    "--rater",
    "raters",
    multiple=True,
    required=True,
    shell_complete=complete.raters,
    help="Id of a rule rater; may be repeated.",
)
@click.option(
    "--seal", "seals", multiple=True, metavar="CATEGORY=NAME",
    help="Environment variable with the secret of a sealed panel; may be repeated.",
)  # fmt: skip
@click.option("--fork", is_flag=True, help="Go on although files of a rater changed; recorded.")
@outputs_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@runs_dir_option
def command(
    run: Path,
    raters: tuple[str, ...],
    seals: tuple[str, ...],
    fork: bool,
    outputs: tuple[Path, ...],
    as_json: bool,
    runs_dir: Path,
) -> int:
    """Rate the replies of RUN; needs no provider, attack or category installed."""
    from dosimeter.cli.reporting import check_outputs, write_reports
    from dosimeter.cli.unread import check_unread_by
    from dosimeter.engine.score import score
    from dosimeter.journal.damage import reading
    from dosimeter.plural import plural

    journal = find_journal(run, runs_dir)
    registry = installed()
    check_outputs(registry, outputs, journal)
    check_unread_by(journal, outputs)
    opened = [_seal(given) for given in seals]
    with reading(journal):
        rated, left, told = asyncio.run(score(journal, registry, raters, opened, fork=fork))
    click.echo(f"{plural(rated, 'attempt')} rated.", err=True)
    if left:
        click.echo(
            f"{plural(left, 'attempt')} {'was' if left == 1 else 'were'} left: the text is deleted,"
            " or sealed. For sealed ones give --seal CATEGORY=NAME, NAME being the environment"
            " variable with the panel's secret.",
            err=True,
        )
    for line in told:
        click.echo(f"dosimeter: {line}", err=True)
    return write_reports(journal, registry, (), outputs=outputs, as_json=as_json, made="score")


def _seal(given: str) -> "Seal":
    """Read ``CATEGORY=NAME``."""
    from dosimeter.vault import make_seal

    category, eq, name = given.partition("=")
    if not eq or name not in os.environ:
        what = "--seal: expected CATEGORY=NAME, NAME being an environment variable that is set"
        msg = f"{what}{unset(name)}"
        raise click.UsageError(msg)
    return make_seal(category, os.environ[name])
