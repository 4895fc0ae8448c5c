"""Files, overrides and variables: all that is read before anything is checked."""

import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dosimeter.errors import StackError
from dosimeter.limits import SURROGATE, got, kind_of, may_be_key
from dosimeter.nearest import closest
from dosimeter.stack.faults import Places, Table

HINTS = (
    (
        "Cannot overwrite a value",
        ": this key stands there already; a list, such as raters, is [[raters]] at each entry",
    ),
    (
        "Cannot declare",
        ": it stands there already; a list, such as raters, is [[raters]] at each entry",
    ),
    ("immutable namespace", ": this key has its value already; write it in one way, at one place"),
    ("Illegal character '\\n'", ": a quote is not closed"),
    ("(at end of document)", ": a bracket or quote is not closed"),
    ("Invalid value", ": text stands in quotes, true and false are in lower case"),
)
"""What is likely behind a parser's words."""
DEEPEST = 50
"""Levels of tables and lists: no stack has ten, and a thousand could not be walked."""
DEEP = "tables or lists are nested too deep"
LARGE = "a whole number does not fit into 64 bits"
SET = "by --set"
"""Who says what a setting says."""


def read_tables(path: Path, seen: tuple[Path, ...] = ()) -> tuple[Table, Places]:
    """Read a file and those that it extends; tables merge, lists are replaced.

    Returns:
        The tables, and which file has what of them.

    Raises:
        StackError: If a file is missing, is no TOML, or extends itself.
    """
    who = f"in {_from_here(path) if seen else path}"
    path = Path(os.path.realpath(path))  # pathlib raises where links go in a circle
    if path in seen:
        msg = f"{path}: extends itself through {' -> '.join(p.name for p in seen)}"
        raise StackError(msg)
    try:
        own = _loads(path.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise StackError(_unread(path, exc, seen[-1] if seen else None)) from exc
    except UnicodeDecodeError as exc:
        msg = f"{path} {_no_utf8(exc)}; a stack file is TOML, as text in UTF-8"
        raise StackError(msg) from exc
    except tomllib.TOMLDecodeError as exc:
        why = next((hint for words, hint in HINTS if words in str(exc)), "")
        msg = f"{path} is not a TOML file: {exc}{why}"
        raise StackError(msg) from exc
    base = own.pop("extends", None)
    if not isinstance(base, str | None) or "\0" in (base or ""):
        msg = f"{path}: extends: expected a file name, got {kind_of(base)}"
        raise StackError(msg)
    below: tuple[Table, Places] = ({}, {})
    if base is not None:
        below = read_tables(path.parent / base, (*seen, path))
    tables, places = below
    return _merge(tables, own, places, who), places


def _no_utf8(exc: UnicodeDecodeError) -> str:
    """Say what bytes are that are no UTF-8."""
    if exc.object[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "is UTF-16"
    if b"\0" in exc.object:
        return "is no text"
    line = exc.object.count(b"\n", 0, exc.start) + 1
    return f"is in another encoding (line {line} is no UTF-8)"


def _loads(text: str) -> Table:
    """Parse TOML, with nothing in it that could not be walked or printed.

    Raises:
        TOMLDecodeError: If it is none, is nested too deep, or holds a number that TOML need not know.
    """
    try:
        made = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError) as exc:
        what = DEEP if isinstance(exc, RecursionError) else LARGE
        raise tomllib.TOMLDecodeError(what) from exc
    level: list[Any] = [made]
    for _ in range(DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        values = [value for one in inner for value in one]
        if any(isinstance(v, int) and not -(2**63) <= v < 2**63 for v in values):
            raise tomllib.TOMLDecodeError(LARGE)
        level = [value for value in values if isinstance(value, dict | list)]
        if not level:
            return made
    raise tomllib.TOMLDecodeError(DEEP)


def _from_here(path: Path) -> str:
    """Give *path* in the shorter of the two ways in which it may be typed in this folder."""
    return min(os.path.relpath(path), str(path), key=len)


def _unread(path: Path, exc: OSError, by: Path | None) -> str:
    """Say why there is no file to read, and what to do; *by* is the one that extends it, if any."""
    who = f"{by}: extends: " if by else ""
    named = str(path)
    if by and path.suffix.lower() != ".toml":
        named = "a path (not shown, as it may be a key; a stack's ends in .toml)"
    if os.path.isdir(path):  # noqa: PTH112  pathlib raises where a name is too long
        there = sorted(p.name for p in path.glob("*.toml"))
        hint = f"name a file in it: {', '.join(there)}" if there else "name a file"
        return f"{who}{path} is a folder, not a stack file; {hint}"
    if not isinstance(exc, FileNotFoundError):
        return f"{who}{named} cannot be read: {exc.strerror or exc}"
    # By their stems: all that end in .toml are alike.
    near = closest(path.stem, [p.stem for p in path.parent.glob("*.toml") if p != by])
    other = (
        "it is looked for beside the file that names it" if by else "`dosimeter init` writes one"
    )
    hint = f"did you mean {near}.toml?" if near else other
    return f"{who}no stack file at {named}; {hint}"


def _merge(base: Table, over: Table, places: Places, who: str, path: str = "") -> Table:
    """Lay what *who* says over *base*; *places* changes with it."""
    out = dict(base)
    for key, value in over.items():
        at = _at(path, key)
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            places[at] = (*places.get(at, ()), who)
            out[key] = _merge(out[key], value, places, who, at)
        else:
            _put(out, key, value, places, who, at)
    return out


def _put(into: Any, key: Any, value: object, places: Places, who: str, path: str) -> None:  # noqa: ANN401
    """Put what *who* says into a table or list, in place of what stands there at *path*."""
    if isinstance(into, list) or key in into:
        for old in _within(path, into[key]):
            places.pop(old, None)
    into[key] = value
    places.update((new, (who,)) for new in _within(path, value))


def _within(path: str, value: object) -> Iterator[str]:
    """Give *path*, where *value* stands, and the path of everything in it."""
    yield path
    inner = {}
    if isinstance(value, dict):
        inner = {_at(path, key): one for key, one in value.items()}
    elif isinstance(value, list):
        inner = {_at(path, i): one for i, one in enumerate(value)}
    for at, one in inner.items():
        yield from _within(at, one)


def _at(path: str, key: str | int) -> str:
    """Give the path of *key* in the table or list at *path*, as faults have it."""
    return f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")


def apply_override(tables: Table, setting: str, places: Places | None = None) -> None:
    """Apply one ``--set path=value``; a value that is no TOML is taken as text.

    Args:
        tables: What the files say.
        setting: What goes before that.
        places: Who says what; the setting is put down there.

    Raises:
        StackError: If there is no ``=`` or the path leads nowhere.
    """
    path, keys, value = _setting(setting)
    held: Places = {} if places is None else places
    at: Any = tables
    where = ""
    try:
        for n, name in enumerate(keys):
            key = range(len(at))[int(name)] if isinstance(at, list) else name
            where = _at(where, key)
            if n == len(keys) - 1:
                _put(at, key, value, held, SET, where)
            elif isinstance(at, dict) and key not in at:
                _put(at, key, {}, held, SET, where)
            at = at[key]
    except (ValueError, IndexError, AttributeError, TypeError) as exc:
        msg = f"--set {path}=...: {path} leads nowhere in this stack{_numbered(at, keys, n)}"
        raise StackError(msg) from exc


def _numbered(at: object, keys: Sequence[str], n: int) -> str:
    """Say how an entry of the list *at*, where key number *n* should lead on, is named."""
    if not isinstance(at, list) or not at:
        return ""
    if keys[n].isdecimal():
        return (
            f"; the list has entries 0 to {len(at) - 1}"
            if len(at) > 1
            else "; it has entry 0 alone"
        )
    named = ".".join([*keys[:n], "0", *keys[n:]])
    return f"; entries of a list go by number from 0: {named}"


def _setting(setting: str) -> tuple[str, list[str], object]:
    """Take a setting apart: its path, the keys of that, and its value.

    Raises:
        StackError: If it is none.
    """
    if re.search(SURROGATE, setting):
        msg = f"--set {setting.partition('=')[0]}=...: expected text in UTF-8"
        raise StackError(msg)
    path, eq, raw = setting.partition("=")
    keys = _keys(path.strip())
    if not eq or not all(keys) or len(keys) > DEEPEST:
        what = path if eq or not may_be_key(path) else got(path)
        msg = f"--set {what}: expected path=value, such as run.seed=7"
        raise StackError(msg)
    if keys[0] == "extends":
        msg = "--set extends=...: extends is read before --set; write it into the file"
        raise StackError(msg)
    try:
        return path, keys, _loads(f"v = {raw.strip()}")["v"]
    except tomllib.TOMLDecodeError as exc:
        if str(exc) == LARGE:
            msg = f"--set {path}=...: {LARGE}"
            raise StackError(msg) from exc
    return path, keys, raw.strip()


def _keys(path: str) -> list[str]:
    """Take a path apart at its dots, but for those in quotes."""
    try:
        at: Any = _loads(f"{path} = 0")
    except tomllib.TOMLDecodeError:
        return path.split(".")
    keys = []
    while isinstance(at, dict) and len(at) == 1:
        ((key, at),) = at.items()
        keys.append(key)
    return keys if at == 0 else [""]


def read_dotenv(path: Path) -> tuple[dict[str, str], list[int]]:
    """Read a ``.env`` file, as python-dotenv does; ``$`` in a value stands for itself.

    Returns:
        The variables, and the numbers of lines that cannot be understood.

    Raises:
        StackError: If it is no text.
    """
    if not path.is_file():
        return {}, []
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8-sig") as file:
            found = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no text in UTF-8"
        msg = f"{path} cannot be read: {why}"
        raise StackError(msg) from exc
    values = {b.key: b.value for b in found if b.key and b.value is not None and not b.error}
    return values, [b.original.line for b in found if b.error]
