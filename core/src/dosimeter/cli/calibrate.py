"""``dosimeter calibrate``."""

from pathlib import Path

import click

from dosimeter.cli import complete
from dosimeter.cli.common import check_new, emit, find_journal
from dosimeter.cli.options import PLACE, runs_dir_option


@click.command(name="calibrate")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@click.option("--rater", required=True, metavar="NAME", help="Rule or judge of the run.")
@click.option("--person", default="", metavar="NAME",
              help="Take this person's labels alone.")  # fmt: skip
@click.option("--labels", type=PLACE,
              help="CSV file with labels: attempt (or reply_hash), scale, label, person.")  # fmt: skip
@click.option(
    "-o", "--output", type=PLACE, help="Write the card to this file, for a package to ship."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON.")
@runs_dir_option
def command(
    run: Path,
    rater: str,
    person: str,
    labels: Path | None,
    output: Path | None,
    force: bool,
    as_json: bool,
    runs_dir: Path,
) -> int:
    """Hold a rater of RUN against people's labels, and make its card: how often it errs, on what.

    Labels are people's votes in the journal, or a file's.
    """
    from contextlib import closing

    from dosimeter.analysis.calibrate import calibrate
    from dosimeter.cli.calibrated import in_words
    from dosimeter.journal.damage import check_whole, reading
    from dosimeter.journal.reader import Reader
    from dosimeter.sinks.plain import plain

    journal = find_journal(run, runs_dir)
    if labels is not None and not labels.is_file():
        msg = f"--labels {labels}: there is no such file"
        raise click.UsageError(msg)
    if output is not None:
        check_new(output, "card.json", "name another file, or add --force", force=force)
    with reading(journal), closing(Reader(journal)) as reader:
        check_whole(reader)
        card = calibrate(reader, rater, person=person, file=labels)
    if output is not None:
        import json

        text = json.dumps(plain(card), indent=1, sort_keys=True, allow_nan=False)
        output.write_text(f"{text}\n", encoding="utf-8")
        click.echo(f"Written: {output}", err=True)
    emit(card, as_json=as_json, text=in_words(card))
    return 0
