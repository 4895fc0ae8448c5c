"""What files of tests say of how components are tried: ``dosimeter plugins check --with``."""

import importlib
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import FunctionType, ModuleType

import click
from attrs import frozen

from dosimeter.cli.common import aside
from dosimeter.testing import CHECKS, Specimen
from dosimeter.testing.doors import Trial
from dosimeter.testing.kit import check_waivers

DEEP = 6
"""So far in is a specimen looked for: class, test, arguments of its mark, parameters, one of them, values."""


@frozen
class Told:
    """A specimen, and the name in its file under which it was found; none if no file has it."""

    specimen: Specimen
    label: str = ""

    def __str__(self) -> str:
        """Give the component, and by which of its specimens it is tried."""
        return f"{self.specimen.name}{f' ({self.label})' if self.label else ''}"


def told_of(files: Iterable[Path], name: str, bare: Sequence[Specimen]) -> list[Told]:
    """Give what is tried of *name*: what *files* say of a component, in place of the *bare* one.

    Raises:
        UsageError: If a file cannot be imported, has nothing of *name*, or a waiver of nothing.
    """
    ids = {one.name for one in bare}
    found: list[Told] = []
    for path in files:
        here = list(_within(_imported(path)))
        mine = [one for one in here if one.specimen.name in ids]
        if not mine:
            has = ", ".join(sorted({one.specimen.name for one in here}))
            todo = f"it has {has}" if has else "write one, with specimen(...) of dosimeter.testing"
            msg = f"--with {path}: no specimen of {name}; {todo}"
            raise click.UsageError(msg)
        _check_waivers(path, mine)
        found += [one for one in mine if _says_more(one.specimen) and one not in found]
    out: list[Told] = []
    for one in bare:
        out += [t for t in found if t.specimen.name == one.name] or [Told(one)]
    return out


def _check_waivers(path: Path, told: Iterable[Told]) -> None:
    try:
        for one in told:
            check_waivers(one.specimen, CHECKS)
    except ValueError as exc:
        msg = f"--with {path}: {exc}"
        raise click.UsageError(msg) from exc


def _says_more(one: Specimen) -> bool:
    """Say whether *one* has anything besides what the shell knows without a file."""
    return one != Specimen(spec=one.spec, hooks=one.hooks)


def _within(module: ModuleType) -> Iterator[Told]:
    """Give the specimens that a module holds or tries, each once, under the first of its names."""
    seen: list[Specimen] = []
    for label, value in vars(module).items():
        if not label.startswith("__"):
            for one in _inside(value, DEEP):
                if one not in seen:
                    seen.append(one)
                    yield Told(one, label)


def _inside(value: object, deep: int) -> Iterator[Specimen]:
    more: Iterable[object] = ()
    match value:
        case Specimen():
            yield value
        case Trial():
            yield value.specimen
        case list() | tuple():
            more = value
        case dict():
            more = value.values()
        case FunctionType() | type():
            more = (*vars(value).values(), *_marked(value))
    for one in more if deep else ():
        yield from _inside(one, deep - 1)


def _marked(test: FunctionType | type) -> Iterator[object]:
    """Give the arguments of a test's marks, among which `conformance` puts what it tries."""
    marks = vars(test).get("pytestmark")
    for mark in marks if isinstance(marks, list) else ():
        yield getattr(mark, "args", ())


def _imported(path: Path) -> ModuleType:
    """Import a file by its name, as pytest does: so it finds what is beside it, and is found again by pickle.

    Raises:
        UsageError: If it is no file of Python or that fails, with the line.
    """
    file = path.resolve()
    if file.suffix != ".py" or "." in file.stem:
        msg = f"--with {path}: not the name of a Python file, such as test_conformance.py"
        raise click.UsageError(msg)
    parts, top = [file.stem], file.parent
    while (top / "__init__.py").exists():
        parts, top = [top.name, *parts], top.parent
    sys.path.insert(0, str(top))
    try:
        with aside():
            module = importlib.import_module(".".join(parts))
    except KeyboardInterrupt:
        raise
    except BaseException as exc:  # of whoever's file
        msg = f"--with {path} did not load. {_cause(file, exc)}"
        raise click.UsageError(msg) from exc
    other = getattr(module, "__file__", None) or "a module of Python"
    if other != str(file):
        msg = f"--with {path}: {other} is loaded under the same name; rename one of them"
        raise click.UsageError(msg)
    return module


def _cause(file: Path, exc: BaseException) -> str:
    """Say what happened, and in which line of the file or of one beside it."""
    steps = traceback.extract_tb(exc.__traceback__)
    at = [s for s in steps if Path(s.filename).parent == file.parent]
    where = f" (at {Path(at[-1].filename).name}:{at[-1].lineno})" if at else ""
    todo = "mend it, or install what it imports"
    if isinstance(exc, ModuleNotFoundError) and exc.name == "pytest":
        todo = "pip install 'dosimeter[testing]'"
    return f"{type(exc).__name__}: {exc}{where}. To do: {todo}"
