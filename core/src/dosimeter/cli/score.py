"""``dosimeter score``."""

import asyncio
from pathlib import Path

import click

from dosimeter.cli.common import find_journal, installed, runs_dir_option


@click.command(name="score")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--rater", "raters", multiple=True, required=True, help="Id of a rule rater; may be repeated."
)
@runs_dir_option
def command(run: Path, raters: tuple[str, ...], runs_dir: Path) -> int:
    """Rate the replies of RUN; needs no provider, attack or category installed."""
    from dosimeter.cli.reporting import write_reports
    from dosimeter.engine.score import score

    journal = find_journal(run, runs_dir)
    registry = installed()
    rated = asyncio.run(score(journal, registry, raters))
    click.echo(f"{rated} attempts rated.", err=True)
    return write_reports(journal, registry, ())
