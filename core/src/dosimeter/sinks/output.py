"""Where sinks write: whole files, for their owner's eyes only."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from dosimeter.errors import PluginBroken, StackError
from dosimeter.journal import JOURNAL_NAME
from dosimeter.journal.lock import HOLDER, LOCK
from dosimeter.journal.resting import SUM

RENEWED = (".html", ".json", ".csv", "card.md")
"""How the names of reports end that are made again from the journal alone."""
USUAL = ("report.html", "report.json", "report.csv", "card.md")
"""What they are called in a run's folder."""
OWN = ("", "-wal", "-shm", "-journal", LOCK, f"{LOCK}-journal", HOLDER, SUM, f"{SUM}.new")
"""What stands after a journal's name in those of the files that go with it."""


def of_journal(path: Path, journal: Path | None = None) -> bool:
    """Say whether *path* is a journal or one of the files that go with it.

    By name, in whatever case, and by what it leads to: through links, ``..`` and other names.

    Args:
        path: What is to be written.
        journal: The journal at hand, which may have any name.
    """
    ends = (path.name, path.resolve().name)
    if any(name.casefold().startswith(JOURNAL_NAME) for name in ends):
        return True
    if journal is None:
        return False
    if _goes_with(path.resolve(), journal.resolve()):
        return True
    return path.exists() and journal.exists() and path.samefile(journal)


def renewed(path: Path) -> bool:
    """Say whether *path* is called as a report is that can be made again."""
    return path.name.casefold().endswith(RENEWED)


def _goes_with(path: Path, journal: Path) -> bool:
    own = {f"{journal.name}{end}".casefold() for end in OWN}
    return path.parent == journal.parent and path.name.casefold() in own


@frozen(kw_only=True)
class Beside:
    """What stands in a run's folder beside its journal, and reports elsewhere.

    Attributes:
        reports: Files in the folder, or in one of it, that sinks wrote, and what a killed one left of them.
        others: Everything else there, and reports that the stack has elsewhere.
    """

    reports: tuple[Path, ...]
    others: tuple[Path, ...]


def beside(journal: Path, named: Iterable[str]) -> Beside:
    """Tell reports from other files. Only the folder of a run is looked through, with those in it.

    Args:
        journal: Of the run.
        named: Paths that its stack gives to sinks.
    """
    folder, home = journal.parent, journal.parent.resolve()
    given = {(at := placed(folder, name)).parent.resolve() / at.name for name in named}
    there = set(_files(home)) if journal.name == JOURNAL_NAME else set[Path]()
    mine = given | {home / name for name in USUAL}
    reports = {
        p for p in there
        if any(p == m or (p.parent == m.parent and p.name.startswith(f".{m.name}.")) for m in mine)
        and p.is_file() and not p.is_symlink() and not of_journal(p, journal)
    }  # fmt: skip
    elsewhere = {p for p in given - there if p.exists() and not p.is_dir()}
    own = home / journal.name
    others = {p for p in there | elsewhere if p not in reports and not _goes_with(p, own)}
    return Beside(reports=_from(folder, home, reports), others=_from(folder, home, others))


def placed(folder: Path, name: str) -> Path:
    """Give the file that a stack calls *name*: in the run's folder, unless it is absolute or of a home."""
    return folder / os.path.expanduser(name)  # noqa: PTH111  pathlib raises for a user unknown


def _files(folder: Path) -> Iterator[Path]:
    """Give all files in a folder and in those in it; links, and what cannot be looked into, as they are."""
    shut: list[Path] = []
    for at, folders, files in os.walk(folder, onerror=lambda exc: shut.append(Path(exc.filename))):
        yield from (Path(at, name) for name in files)
        yield from (link for name in folders if (link := Path(at, name)).is_symlink())
    yield from shut


def _from(folder: Path, home: Path, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Name files in *home* by *folder*, which is the same as it was given."""
    return tuple(
        folder / p.relative_to(home) if p.is_relative_to(home) else p for p in sorted(paths)
    )


@frozen(kw_only=True)
class Folder:
    """Writes into one folder.

    Attributes:
        rename: If given, the one file of the sink goes there, relative to *path*, absolute, or from ``~``.
        journal: Name of the journal in the folder.
    """

    path: Path
    rename: str = ""
    journal: str = JOURNAL_NAME

    def write(self, name: str, data: Iterable[bytes]) -> Path:
        """Write one file: it appears whole or not at all, with mode 0600.

        Raises:
            PluginBroken: For a name that is more than a name, or the journal's.
            StackError: If *rename* leads to the journal.
        """
        if Path(name).name != name or name.casefold().startswith("journal."):
            msg = f"a sink writes {name!r}; give a file name without a folder, not the journal's"
            raise PluginBroken(msg)
        target = placed(self.path, self.rename or name)
        if of_journal(target, self.path / self.journal):
            msg = f"{target} is the journal or belongs to it; write the report to another file"
            raise StackError(msg)
        try:
            return _whole(target, data)
        except OSError as exc:
            # Not the name of a file that is there for a moment.
            raise OSError(exc.errno, exc.strerror, str(target)) from exc


def _whole(target: Path, data: Iterable[bytes]) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in data:
                file.write(piece)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
