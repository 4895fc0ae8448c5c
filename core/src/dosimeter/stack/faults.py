"""What is wrong with a stack file, gathered so that all of it is told at once."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from attrs import define, field

from dosimeter.errors import StackError
from dosimeter.serialize import structure

Table = dict[str, Any]
T = TypeVar("T")


@define
class Faults:
    """What is wrong with a file, gathered so that all of it is told."""

    file: str
    lines: list[str] = field(factory=list)

    def add(self, path: str, text: str) -> None:
        """Note a fault at *path*."""
        self.lines.append(f"{path}: {text}" if path else text)

    def unknown(self, path: str, key: str, known: Iterable[str]) -> None:
        """Note a key that is not *known*, with the nearest."""
        known = list(known)
        near = get_close_matches(key, known, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
        self.add(f"{path}.{key}".lstrip("."), f"unknown key; {hint}")

    def table(self, path: str, raw: object) -> Table:
        """Give *raw* if it is a table."""
        if isinstance(raw, dict):
            return raw
        self.add(path, f"expected a table, got {raw!r}")
        return {}

    def tables(self, path: str, raw: object) -> list[Table]:
        """Give *raw* if it is a list of tables."""
        if isinstance(raw, list) and all(isinstance(x, dict) for x in raw):
            return raw
        self.add(path, f"expected [[{path}]] tables, got {type(raw).__name__}")
        return []

    def build(self, path: str, raw: Table, kind: type[T]) -> T | None:
        """Build a record; None, with its faults, if it cannot be."""
        try:
            return structure(raw, kind, where=path)
        except StackError as exc:
            self.lines += [line.strip() for line in str(exc).splitlines()[1:]]
            return None
