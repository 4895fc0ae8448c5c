"""``dosimeter compare``."""

from pathlib import Path

import click

from dosimeter.cli import complete
from dosimeter.cli.common import emit, find_journal
from dosimeter.cli.options import PLACE, Finite, runs_dir_option


@click.command(name="compare")
@click.argument(
    "runs", nargs=-1, required=True, metavar="RUN[:TARGET] ...", shell_complete=complete.runs
)
@runs_dir_option
@click.option(
    "--margin", type=Finite(min=0, min_open=True),
    help="Largest difference that does not matter, for measures whose stack fixes none.",
)  # fmt: skip
@click.option(
    "--allow-unlike", is_flag=True,
    help="Compare although panels, rubrics, raters or scopes differ; what differs is told.",
)  # fmt: skip
@click.option("-o", "--output", type=PLACE, help="Write the comparison as JSON to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def command(
    runs: tuple[str, ...],
    runs_dir: Path,
    margin: float | None,
    allow_unlike: bool,
    output: Path | None,
    as_json: bool,
) -> int:
    """Compare targets on the prompts that they share: which is lower, alike within a margin, or neither.

    RUN is a run's name or folder; of a run with several targets all are compared, or the one that
    is named after a colon. Prompts are paired by item, wording and variant, families are the unit,
    and Holm's adjustment is over everything that is compared.
    """
    from contextlib import ExitStack

    from dosimeter.analysis.compare import Asked, compare
    from dosimeter.analysis.sides import open_arms
    from dosimeter.cli.compared import in_words
    from dosimeter.cli.reporting import console_of
    from dosimeter.errors import Unlike
    from dosimeter.journal.damage import reading
    from dosimeter.jsontext import encode_finite
    from dosimeter.sinks.plain import plain

    named = [(_journal(run, runs_dir), run) for run in runs]
    with reading(*(path for (path, _), _ in named)), ExitStack() as held:
        arms = open_arms([(path, called, target) for (path, target), called in
                          ((one, run.partition(":")[0]) for one, run in named)], held)  # fmt: skip
        asked = Asked(
            declared=arms[0].found.comparisons, margin=margin, level=arms[0].found.config.confidence
        )
        try:
            found = compare(arms, asked, allow_unlike=allow_unlike)
        except Unlike as exc:
            msg = f"{exc}\nto compare them even so, add --allow-unlike"
            raise Unlike(msg) from exc
    if output is not None:
        output.write_bytes(encode_finite(plain(found)))
    console = console_of()
    emit(found, as_json=as_json,
         text=in_words(found, console.width, ascii_only=console.options.ascii_only))  # fmt: skip
    return 0


def _journal(run: str, runs_dir: Path) -> tuple[Path, str]:
    """Find the journal of a run, and the target asked for; a path may hold a colon itself."""
    whole = Path(run)
    if whole.exists() or ":" not in run:
        return find_journal(whole, runs_dir), ""
    name, _, target = run.rpartition(":")
    return find_journal(Path(name), runs_dir), target
