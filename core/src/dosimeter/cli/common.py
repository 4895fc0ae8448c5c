"""What several commands share."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.inert import safe
from dosimeter.journal import JOURNAL_NAME
from dosimeter.nearest import nearest

if TYPE_CHECKING:
    from dosimeter.model.stackfile import Stack
    from dosimeter.registry import Registry
    from dosimeter.stack import Secrets

MAGIC = b"SQLite format 3\0"


def installed() -> "Registry":
    """Load the installed plugins and the core's own components."""
    from dosimeter.engine.build import version
    from dosimeter.plugins import Source, load, only_from_env
    from dosimeter.registry import Registry
    from dosimeter.sinks import hooks

    own = [("core", hooks, Source(distribution="dosimeter", version=version()))]
    with aside():
        return Registry.of(load(only=only_from_env(os.environ), builtins=own))


@contextmanager
def aside() -> Iterator[None]:
    """Send to standard error what plugins, and processes that they start, print meanwhile.

    Standard output is the report's, which may be JSON.
    """
    sys.stdout.flush()
    held = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(held, 1)
        os.close(held)


def read_stack(
    registry: "Registry",
    path: Path,
    settings: tuple[str, ...],
    limit: int | None,
    *,
    sends: bool = True,
) -> "tuple[Stack, Secrets]":
    """Load a stack with overrides; a command that sends nothing needs none of its secrets."""
    from dosimeter.stack import load_stack

    with aside():
        return load_stack(
            path,
            registry=registry,
            overrides=settings,
            environ=os.environ,
            limit=limit,
            sends=sends,
        )


def find_journal(run: Path, runs_dir: Path) -> Path:
    """Find a run by folder, journal file or name.

    Raises:
        click.UsageError: If there is none, naming those that there are.
    """
    from dosimeter.journal.resting import check_unchanged

    for path in (run, run / JOURNAL_NAME, runs_dir / run / JOURNAL_NAME):
        if path.is_file():
            check_begun(path)
            check_unchanged(path)
            return path
    there = sorted(p.parent.name for p in runs_dir.glob(f"*/{JOURNAL_NAME}"))
    msg = f"no run {str(run)!r} in {runs_dir}; {nearest(str(run), there)}"
    raise click.UsageError(msg)


def journal_of(runs_dir: Path, name: str, limit: int | None) -> Path:
    """Give where the journal of a stack's run is, or would be.

    A limited run is another run: it must not stand in the way of the whole one.
    """
    return runs_dir / (name if limit is None else f"{name}-limit-{limit}") / JOURNAL_NAME


def check_place(path: Path) -> None:
    """Refuse to run where something stands that is no journal: it would be written into.

    Raises:
        click.UsageError: If there is such a thing.
        JournalError: If a journal is there, but not as it was left.
    """
    from dosimeter.journal.resting import check_unchanged

    if not path.is_symlink() and not path.exists():
        return
    if not path.is_file():
        msg = f"{path} is no file, so no run can be there; move it, or name another place with --runs-dir"
        raise click.UsageError(msg)
    if path.stat().st_size:
        check_begun(path, "move it, or name another place with --runs-dir")
        check_unchanged(path)


def check_new(path: Path, usual: str, instead: str, *, force: bool) -> None:
    """Refuse to write a file that cannot be made, or over another without *force*.

    Args:
        path: Of the file.
        usual: Name of such a file, for one who gives a folder.
        instead: What to do about one that is there.
        force: Write over it.

    Raises:
        click.UsageError: Saying which it is.
    """
    if path.is_dir():
        msg = f"{path} is a folder; name a file, such as {path / usual}"
        raise click.UsageError(msg)
    if not path.parent.is_dir():
        msg = f"there is no folder {path.parent} to write {path.name} into; make it first"
        raise click.UsageError(msg)
    if path.exists() and not force:
        msg = f"{path} is there already; {instead}"
        raise click.UsageError(msg)


def check_begun(
    path: Path, instead: str = "`dosimeter runs list` has those that there are"
) -> None:
    """Refuse a file that does not begin as journals do.

    Raises:
        click.UsageError: Saying what it is instead.
    """
    with path.open("rb") as file:
        begun = file.read(len(MAGIC))
    why = "it is no SQLite file" if begun else "it is empty: its run was stopped before it began"
    if begun == MAGIC:
        why = "it is an SQLite file of something else" if _is_of_others(path) else ""
    if why:
        msg = f"{path} is no journal of a run: {why}; {instead}"
        raise click.UsageError(msg)


def _is_of_others(path: Path) -> bool:
    """Tell whether a database has tables, and not those of a journal; a damaged one says so later."""
    import sqlite3
    from contextlib import closing

    names: set[str] = set()
    with (
        suppress(sqlite3.Error, UnicodeDecodeError),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db,
    ):
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    return bool(names) and "run" not in names


def unset(name: str) -> str:
    """Name a variable that has no value, unless what was given for its name may be the secret itself."""
    from dosimeter.stack.options import USUAL

    if not USUAL.fullmatch(name):
        return " and holds the secret"
    return f" and holds the secret; {name} is {'empty' if name in os.environ else 'not set'}"


def again() -> str:
    """Give the command that was typed, to be typed once more."""
    return as_typed(*sys.argv[1:])


def as_typed(*words: str) -> str:
    """Give a command of dosimeter as this shell would take it."""
    return shlex.join([*called(os.environ, Path.cwd()), *words])


def called(environ: Mapping[str, str], folder: Path) -> list[str]:
    """Give the words that call dosimeter: through the uv that was used, which may be on no path.

    Args:
        environ: Of this process; uv names itself in it.
        folder: Where the words will be typed.
    """
    if "UV_RUN_RECURSION_DEPTH" not in environ:
        return ["dosimeter"]
    uv = environ.get("UV", "uv")
    there = shutil.which("uv", path=environ.get("PATH"))
    if there is not None and Path(there).resolve() == Path(uv).resolve():
        uv = "uv"
    elif Path(uv).is_relative_to(folder):
        uv = str(Path(uv).relative_to(folder))
    return [uv, "run", "dosimeter"]


def tell(text: str) -> None:
    """Print a message beside the output, with nothing in it that steers a terminal."""
    click.echo(safe(text, "\n"), err=True)


def emit(data: object, *, as_json: bool, text: str) -> None:
    """Print data, records included, as JSON or as text."""
    if as_json:
        import json

        from dosimeter.sinks.plain import plain

        click.echo(json.dumps(plain(data), indent=1, sort_keys=True, allow_nan=False))
    else:
        click.echo(
            safe(text, "\n"), file=sys.stdout
        )  # else click writes UTF-8 where ASCII is asked for
