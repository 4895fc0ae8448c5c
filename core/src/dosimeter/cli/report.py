"""``dosimeter report``."""

from pathlib import Path

import click

from dosimeter.cli import complete
from dosimeter.cli.common import find_journal, installed
from dosimeter.cli.options import PLACE, outputs_option, runs_dir_option


@click.command(name="report")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@runs_dir_option
@outputs_option
@click.option("--include-hazardous", is_flag=True, help="Show withheld replies; recorded.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    run: Path, runs_dir: Path, outputs: tuple[Path, ...], include_hazardous: bool, as_json: bool
) -> int:
    """Make the report of RUN again, from its journal alone."""
    from dosimeter.cli.reporting import check_outputs, write_reports
    from dosimeter.cli.unread import check_unread_by

    journal = find_journal(run, runs_dir)
    registry = installed()
    check_outputs(registry, outputs, journal)
    check_unread_by(journal, outputs)
    return write_reports(
        journal,
        registry,
        (),
        outputs=outputs,
        as_json=as_json,
        include_hazardous=include_hazardous,
        made="report",
    )
