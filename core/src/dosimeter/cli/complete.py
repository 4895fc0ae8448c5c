"""What a shell offers for an argument: names are looked up only when somebody presses tab."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from dosimeter.cli.common import installed
from dosimeter.journal import JOURNAL_NAME


def runs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of runs, or files once a path has been begun."""
    if "/" in incomplete:
        return [CompletionItem(incomplete, type="file")]
    folder = Path(ctx.params.get("runs_dir") or "runs")
    given = {str(run) for run in ctx.params.get("runs") or ()}
    names = sorted(p.parent.name for p in folder.glob(f"*/{JOURNAL_NAME}"))
    return [CompletionItem(n) for n in names if n.startswith(incomplete) and n not in given]


def stacks(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer TOML files that may be stacks, and folders on the way to some."""
    head, slash, begun = incomplete.rpartition("/")
    folder = Path(head + slash or ".")
    try:
        there = sorted(p for p in folder.iterdir() if p.name.startswith(begun))
    except OSError:
        return []
    shown = [p for p in there if begun.startswith(".") or not p.name.startswith(".")]
    folders = [CompletionItem(incomplete, type="dir")] if any(p.is_dir() for p in shown) else []
    names = [p.name for p in shown if p.suffix == ".toml" and p.name != "pyproject.toml"]
    return [*folders, *(CompletionItem(head + slash + name) for name in names)]


def components(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer ids of installed components."""
    return _ids(incomplete, None)


def raters(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer ids of installed raters."""
    return _ids(incomplete, "rater")


def _ids(incomplete: str, kind: str | None) -> list[CompletionItem]:
    found = {p.spec.id: p for p in installed().provided if kind in {None, p.kind}}
    return [
        CompletionItem(name, help=one.spec.summary)
        for name, one in sorted(found.items())
        if name.startswith(incomplete)
    ]
