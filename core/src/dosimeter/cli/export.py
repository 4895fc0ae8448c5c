"""``dosimeter runs export``."""

from codecs import BOM_UTF8
from itertools import chain
from pathlib import Path

import click

from dosimeter.cli import complete
from dosimeter.cli.common import find_journal
from dosimeter.cli.options import PLACE, runs_dir_option

ROWS = ("attempts", "marks", "calls")
SUFFIXES = (".csv", ".jsonl", ".parquet")


@click.command(name="export")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@click.option("-o", "output", required=True, type=PLACE,
              help="File to write: .csv, .jsonl or .parquet.")  # fmt: skip
@click.option("--rows", type=click.Choice(ROWS), default="marks", show_default=True,
              help="What a row is.")  # fmt: skip
@click.option("--include-hazardous", is_flag=True, help="Show withheld replies; recorded.")
@click.option("--bom", is_flag=True, help="Begin a CSV file as Excel knows UTF-8 by.")
@runs_dir_option
def command(
    run: Path, output: Path, rows: str, include_hazardous: bool, bom: bool, runs_dir: Path
) -> int:
    """Write RUN as a table for other programs, one row a mark, an attempt or a call."""
    from contextlib import closing

    from dosimeter.analysis.report import make_evidence
    from dosimeter.analysis.rows import table
    from dosimeter.cli.reporting import check_file, note_shown
    from dosimeter.journal.damage import check_whole, reading
    from dosimeter.journal.reader import Reader
    from dosimeter.sinks.export import FORMATS
    from dosimeter.sinks.output import Folder

    journal = find_journal(run, runs_dir)
    suffix = output.suffix.lower()
    if suffix not in FORMATS:
        msg = f"-o {output}: give a file that ends in {', '.join(FORMATS)}"
        raise click.UsageError(msg)
    if include_hazardous and rows != "attempts":
        msg = f"--include-hazardous: {rows} have no text; give --rows attempts, or leave it out"
        raise click.UsageError(msg)
    if bom and suffix != ".csv":
        msg = f"--bom is for CSV, and {output} is none"
        raise click.UsageError(msg)
    check_file(output, journal)
    with reading(journal), closing(Reader(journal)) as reader:
        check_whole(reader)
        if include_hazardous:
            note_shown(journal, [f"export {output.name}"])
        made = table(reader, rows, make_evidence(reader, include_hazardous=include_hazardous))
        folder = Folder(path=journal.parent, rename=str(output.absolute()), journal=journal.name)
        written = FORMATS[suffix](made.columns, made.rows)
        folder.write("export", chain([BOM_UTF8] if bom else [], written))
    click.echo(f"Written: {output}")
    return 0
