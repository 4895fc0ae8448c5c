"""``dosimeter runs``."""

import sqlite3
import sys
from pathlib import Path

import click

from dosimeter.cli.common import JOURNAL, emit, find_journal, runs_dir_option
from dosimeter.errors import DosimeterError


@click.group(name="runs")
def command() -> None:
    """List, show, merge and purge runs."""


def _summary(path: Path) -> dict[str, object]:
    from dosimeter.journal.reader import Reader

    reader = Reader(path)
    try:
        facts = reader.run()
        done, planned = reader.rows(
            "SELECT coalesce(sum(state IN ('done', 'no-candidate')), 0), count(*) FROM attempt"
        ).fetchone()
    finally:
        reader.close()
    return {"run": path.parent.name, "created": facts.get("created", ""), "done": done,
            "planned": planned, "stack_hash": facts.get("stack_hash", "")}  # fmt: skip


@command.command(name="list")
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_runs(runs_dir: Path, as_json: bool) -> int:
    """List the runs with what they have done."""
    found, broken = [], []
    for path in sorted(runs_dir.glob(f"*/{JOURNAL}")):
        try:
            found.append(_summary(path))
        except (sqlite3.Error, DosimeterError, OSError) as exc:
            broken.append(f"{path.parent.name:32} cannot be read: {exc}")
    lines = [f"{r['run']:32} {r['created']:22} {r['done']}/{r['planned']}" for r in found]
    for line in broken:
        click.echo(line, err=True)
    emit(found, as_json=as_json, text="\n".join(lines) or f"no runs in {runs_dir}")
    return 0


@command.command(name="show")
@click.argument("run", type=click.Path(path_type=Path))
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_run(run: Path, runs_dir: Path, as_json: bool) -> int:
    """Show the facts of RUN: no texts."""
    from dosimeter.journal.reader import Reader

    reader = Reader(find_journal(run, runs_dir))
    hidden = {"stack", "run", "gates"}
    facts = {k: v for k, v in reader.run().items() if k not in hidden}
    facts |= {
        f"{kind} {name}": f"{dist} {version} {files}"
        for kind, name, dist, version, files in reader.rows("SELECT * FROM component")
    }
    for state, n in reader.rows("SELECT state, count(*) FROM attempt GROUP BY 1 ORDER BY 1"):
        facts[f"attempts {state}"] = str(n)
    reader.close()
    emit(facts, as_json=as_json, text="\n".join(f"{k:32} {v}" for k, v in sorted(facts.items())))
    return 0


@command.command(name="purge")
@click.argument("run", type=click.Path(path_type=Path))
@runs_dir_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge_run(run: Path, runs_dir: Path, yes: bool) -> int:
    """Delete every reply's text of RUN; ratings and estimates stay."""
    from dosimeter.journal.purge import purge_replies

    journal = find_journal(run, runs_dir)
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask; give --yes to delete all reply texts")
    if not yes:
        click.confirm(
            f"Delete all reply texts of {journal.parent}? They cannot be had back", abort=True
        )
    click.echo(f"{purge_replies(journal)} texts deleted.")
    return 0


@command.command(name="merge")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "name", required=True, help="Name of the merged run.")
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def merge_runs(runs: tuple[Path, ...], name: str, runs_dir: Path, as_json: bool) -> int:
    """Unite RUNS, shards of one design; exit 3 if they conflict, with each conflict listed."""
    from dosimeter.journal.merge import merge
    from dosimeter.serialize import to_plain

    made = merge([find_journal(run, runs_dir) for run in runs], runs_dir / name / JOURNAL)
    lines = [f"{made.done} of {made.planned} attempts are done: {made.journal}"]
    for c in made.conflicts:
        kept, other = c.journals
        lines.append(f"conflict: {c.kind} {c.id} ({c.what}): {kept} stands, {other} differs")
    facts = {
        "journal": str(made.journal),
        "planned": made.planned,
        "done": made.done,
        "conflicts": [to_plain(c) for c in made.conflicts],
    }
    emit(facts, as_json=as_json, text="\n".join(lines))
    return 3 if made.conflicts else 0
