"""``dosimeter runs``."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dosimeter.cli import complete, diff, export, purge, seal, show
from dosimeter.cli.codes import INCOMPLETE, PASS
from dosimeter.cli.common import emit, find_journal, tell
from dosimeter.cli.options import PLACE, runs_dir_option
from dosimeter.errors import DosimeterError
from dosimeter.journal import JOURNAL_NAME
from dosimeter.plural import plural

if TYPE_CHECKING:
    from dosimeter.journal.conflicts import Conflict
    from dosimeter.journal.reader import Reader


@click.group(name="runs")
def command() -> None:
    """List, show, compare, export, merge, seal and purge runs."""


for one in (show, diff, export, seal, purge):
    command.add_command(one.command)


STANDING = ("forked", "limited", "not_language_models", "reportable")


def _standing(reader: "Reader") -> dict[str, Any]:
    """Say whether a run is the benchmark (trap 22), and whether what it measured is a model."""
    from dosimeter.analysis.state import RunState
    from dosimeter.journal.design import design

    state = RunState(reader=reader, found=design(reader))
    return {name: getattr(state, name) for name in STANDING}


def _marks(standing: dict[str, Any]) -> str:
    """Say in words what *standing* has against a run; empty for one that may be reported."""
    told = ["limited"] if standing["limited"] else []
    if standing["not_language_models"]:
        told.append(f"not a language model: {', '.join(standing['not_language_models'])}")
    if standing["forked"]:
        told.append("parts changed under way")
    return "" if standing["reportable"] else "; ".join(["not reportable", *told])


def _remarks(run: dict[str, Any]) -> str:
    gone = f"{plural(run['deleted'], 'reply')} deleted" if run["deleted"] else ""
    return "; ".join(one for one in (_marks(run), gone) if one)


def _summary(path: Path) -> dict[str, Any]:
    from dosimeter.journal.damage import reading
    from dosimeter.journal.purge import deleted_replies
    from dosimeter.journal.reader import Reader

    with reading(path), closing(Reader(path)) as reader:
        facts, deleted = reader.run(), deleted_replies(reader)
        done, planned = reader.rows(
            "SELECT coalesce(sum(state IN ('done', 'no-candidate')), 0), count(*) FROM attempt"
        ).fetchone()
        standing = _standing(reader)
    return {"run": path.parent.name, "created": facts.get("created"), "done": done,
            "planned": planned, "stack_hash": facts.get("stack_hash"), "fault": None, "deleted": deleted,
            **standing}  # fmt: skip


@command.command(name="list")
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_runs(runs_dir: Path, as_json: bool) -> int:
    """List the runs with what they have done."""
    found, broken = [], {}
    for folder in sorted(runs_dir.iterdir()) if runs_dir.exists() else ():
        path = folder / JOURNAL_NAME
        try:
            if path.exists():
                found.append(_summary(path))
        except (sqlite3.Error, DosimeterError, OSError) as exc:
            broken[folder.name] = str(exc)
    lines = _columns([(r["run"], r["created"] or "", f"{r['done']}/{r['planned']}", _remarks(r))
                      for r in found])  # fmt: skip
    for name, why in broken.items():
        tell(f"{name}: cannot be read: {why}")
        lacking = dict.fromkeys(("created", "done", "planned", "stack_hash", "deleted", *STANDING))
        found.append({"run": name, **lacking, "fault": why})
    none = f"no runs in {runs_dir}" + (" that can be read" if broken else "")
    emit(found, as_json=as_json, text="\n".join(lines) or none)
    return 0


def _columns(rows: list[tuple[str, str, str, str]]) -> list[str]:
    """Set rows under heads, each column as wide as its widest; no line for no rows."""
    table = [("run", "begun", "done", ""), *rows] if rows else []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


@command.command(name="merge")
@click.argument("runs", nargs=-1, required=True, type=PLACE,
                shell_complete=complete.runs)  # fmt: skip
@click.option("-o", "name", required=True, help="Name of the merged run.")
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def merge_runs(runs: tuple[Path, ...], name: str, runs_dir: Path, as_json: bool) -> int:
    """Unite RUNS, shards of one design; exit 3 if answers or marks conflict; each conflict is listed."""
    from dosimeter.journal.merge import merge

    made = merge([find_journal(run, runs_dir) for run in runs], runs_dir / name / JOURNAL_NAME)
    lines = [f"{made.done} of {made.planned} attempts are done: {made.journal}"]
    settings = [c for c in made.conflicts if not c.doubts]
    lines += [_settings(settings)] if settings else []
    for c in made.conflicts:
        kept, other = c.journals
        if c.doubts:
            lines.append(f"conflict: {c}: {kept} stands, {other} differs")
    facts = {
        "journal": str(made.journal),
        "planned": made.planned,
        "done": made.done,
        "conflicts": made.conflicts,
    }
    emit(facts, as_json=as_json, text="\n".join(lines))
    return INCOMPLETE if any(c.doubts for c in made.conflicts) else PASS


def _settings(found: "Sequence[Conflict]") -> str:
    """Tell in one line how shards were run otherwise, a budget say: no answer differs by it."""
    kept, others = found[0].journals[0], sorted({c.journals[1] for c in found})
    return (
        f"settings differ ({', '.join(sorted({c.id for c in found}))}): {kept} stands,"
        f" {', '.join(others)} differs; only in what may change on resume, such as a budget, so no answer"
        " and no mark is in doubt; the next `dosimeter run` writes its own"
    )
