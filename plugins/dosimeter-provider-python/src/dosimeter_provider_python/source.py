"""Where a function's code is: the files whose hash tells one function from another."""

import ast
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

from attrs import frozen

from dosimeter import StackError

KEPT = 32
"""Letters of the hash that are kept."""


@frozen(kw_only=True)
class Home:
    """Where the top module of a function is.

    Attributes:
        own: Whether it is in the folder, and not installed.
        files: The source files of its module or package, each with its name from there on: where a
            clone lies is in no hash.
    """

    own: bool
    files: tuple[tuple[str, Path], ...]


def fault(key: str, why: str) -> StackError:
    """Make the error that is told under *key* of the target's table."""
    return StackError(why, ((key, why),))


def enter(folder: Path) -> None:
    """Let modules of *folder* be found first, as Python does for a script that is started there."""
    place = str(folder)
    if place not in sys.path:
        sys.path.insert(0, place)
    importlib.invalidate_caches()


def home_of(top: str, folder: Path) -> Home | None:
    """Find a top-level module as an import would; None if there is none."""
    try:
        found = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if found is None:
        return None
    places = _places(found)
    return Home(
        own=any(place.parent == folder for place in places),
        files=tuple(
            sorted((p.relative_to(at.parent).as_posix(), p) for at in places for p in _sources(at))
        ),
    )


def _places(found: ModuleSpec) -> list[Path]:
    if found.submodule_search_locations:
        return [Path(place) for place in found.submodule_search_locations]
    return [Path(found.origin)] if found.origin and found.has_location else []


def _sources(place: Path) -> Iterable[Path]:
    return (p for p in place.rglob("*.py") if p.is_file()) if place.is_dir() else (place,)


def source_of(top: str, folder: Path, more: Iterable[str]) -> str:
    """Hash the source of module *top*.

    That is its own files, and of what they import whatever is in the folder too, however deep.

    Args:
        top: An importable top-level module.
        folder: The team's own.
        more: Patterns of further files in it.

    Raises:
        StackError: If a pattern matches no file.
    """
    found: set[tuple[str, Path]] = set()
    todo, seen = [top], set()
    while todo:
        name = todo.pop()
        home = None if name in seen else home_of(name, folder)
        seen.add(name)
        if home is not None and (home.own or name == top):
            found |= set(home.files)
            todo += [n for _, file in home.files for n in _imported(file)] if home.own else []
    for pattern in more:
        matching = {(f"/{p.relative_to(folder).as_posix()}", p) for p in _matching(folder, pattern)}
        if not matching:
            raise fault("files", f"no file of {folder} matches {pattern!r}")
        found |= matching
    whole = hashlib.sha256()
    for name, path in sorted(found):
        whole.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:KEPT]


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from (p for p in folder.glob(pattern) if p.is_file())
    except (ValueError, NotImplementedError) as exc:
        raise fault("files", f"{pattern!r} is no pattern of files in the folder") from exc


def _imported(file: Path) -> Iterator[str]:
    """Give the top-level modules that a file names in its imports, those in functions too."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return  # its import will say so
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
