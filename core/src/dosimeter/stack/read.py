"""Files, overrides and variables: all that is read before anything is checked."""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dosimeter.errors import StackError
from dosimeter.stack.faults import Table


def read_tables(path: Path, seen: tuple[Path, ...] = ()) -> Table:
    """Read a file and those that it extends; tables merge, lists are replaced.

    Raises:
        StackError: If a file is missing, is no TOML, or extends itself.
    """
    path = path.resolve()
    if path in seen:
        msg = f"{path}: extends itself through {' -> '.join(p.name for p in seen)}"
        raise StackError(msg)
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.toml")], 1)
        hint = f"; did you mean {near[0]}?" if near else "; `dosimeter init` writes one"
        msg = f"no stack file at {path}{hint}"
        raise StackError(msg) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as exc:
        msg = f"{path} is not a TOML file: {exc}"
        raise StackError(msg) from exc
    base = own.pop("extends", None)
    if base is None:
        return own
    if not isinstance(base, str):
        msg = f"{path}: extends: expected a file name, got {base!r}"
        raise StackError(msg)
    return _merge(read_tables(path.parent / base, (*seen, path)), own)


def _merge(base: Table, over: Table) -> Table:
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merge(out[key], value) if both else value
    return out


def apply_override(tables: Table, setting: str) -> None:
    """Apply one ``--set path=value``; a value that is no TOML is taken as text.

    Raises:
        StackError: If there is no ``=`` or the path leads nowhere.
    """
    path, eq, raw = setting.partition("=")
    keys = path.strip().split(".")
    if not eq or not all(keys):
        msg = f"--set {setting}: expected path=value, such as run.seed=7"
        raise StackError(msg)
    try:
        value = tomllib.loads(f"v = {raw.strip()}")["v"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    at: Any = tables
    try:
        for key in keys[:-1]:
            at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
        if isinstance(at, list):
            at[int(keys[-1])] = value
        else:
            at[keys[-1]] = value
    except (ValueError, IndexError, AttributeError, TypeError) as exc:
        msg = f"--set {setting}: {path} leads nowhere in this stack"
        raise StackError(msg) from exc


def read_dotenv(path: Path) -> dict[str, str]:
    """Read a ``.env`` file, as python-dotenv does; ``$`` in a value stands for itself."""
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    found = dotenv_values(path, interpolate=False, encoding="utf-8")
    return {key: value for key, value in found.items() if value is not None}
