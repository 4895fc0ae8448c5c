"""What is wrong with a stack file, gathered so that all of it is told at once."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar, get_origin

import attrs
from attrs import define, field

from dosimeter.errors import StackError
from dosimeter.inert import safe
from dosimeter.limits import keywords, kind_of, of_entries, refusal
from dosimeter.nearest import nearest
from dosimeter.serialize import structure

Table = dict[str, Any]
Places = dict[str, tuple[str, ...]]
"""Which files or settings say what stands at a path; several where they merge into one table."""
T = TypeVar("T")


def _fields(kind: type) -> "tuple[attrs.Attribute[Any], ...]":
    attrs.resolve_types(kind)
    return tuple(attrs.fields(kind))


@define
class Faults:
    """What is wrong with a file, gathered so that all of it is told.

    Attributes:
        file: Of the stack.
        places: Who says what, as far as others do.
        told: Path and words of each fault.
    """

    file: str
    places: Places = field(factory=dict)
    told: list[tuple[str, str]] = field(factory=list)

    def add(self, path: str, text: str) -> None:
        """Note a fault at *path*."""
        self.told.append((path, text))

    def error(self, head: str) -> StackError:
        """Give all faults, each once, as one error that begins with *head*."""
        every = ((path, text + self._whose(path)) for path, text in self.told)
        told = tuple(dict.fromkeys(every))
        lines = (safe(f"{path}: " if path else "") + _below(text) for path, text in told)
        return StackError("\n  ".join([head, *lines]), told)

    def _whose(self, path: str) -> str:
        """Say who has what stands at *path*, or what is nearest above, unless it is the file alone.

        Of a list, whoever has a part of an entry: what is wrong with the whole may be that.
        """
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        parts = (who for at, who in self.places.items() if path and at.startswith(f"{path}["))
        held = tuple(dict.fromkeys(chain(self.places.get(path, ()), *parts)))
        return f" ({' and '.join(held)})" if held and held != (f"in {self.file}",) else ""

    def unknown(self, path: str, key: str, known: Iterable[str]) -> None:
        """Note a key that is not *known*, with the nearest."""
        hint = nearest(key, list(known), there="known keys:", alike=0.5)
        name = key if key.strip(".") else f'"{key}"'
        self.add(f"{path}.{name}" if path else name, f"unknown key; {hint}")

    def table(self, path: str, raw: object, hint: str = "") -> Table:
        """Give *raw* if it is a table; *hint* says what to do if it is none."""
        if isinstance(raw, dict):
            return raw
        self.add(path, f"expected a table, got {kind_of(raw)}{hint}")
        return {}

    def tables(self, path: str, raw: object) -> list[Table]:
        """Give *raw* if it is a list of tables."""
        if isinstance(raw, list) and all(isinstance(x, dict) for x in raw):
            return raw
        self.add(path, f"expected [[{path}]] tables, got {kind_of(raw)}")
        return []

    def value(self, path: str, raw: object, cls: type, name: str) -> Any:  # noqa: ANN401
        """Give *raw* as the field *name* of a record has it; None, with a fault, if it cannot be."""
        (a,) = [a for a in _fields(cls) if a.name == name]
        if attrs.has(a.type or object):
            inner = self.table(path, raw)
            return self.build(path, inner, a.type or object) if inner is raw else None
        if get_origin(a.type) is tuple and not isinstance(raw, list | tuple):
            self.add(path, f"expected a list, got {kind_of(raw)}")
            return None
        try:
            made = structure(raw, a.type or object, where=path)
        except StackError as exc:
            self.told += exc.faults
            return None
        wrong = list(_refusals(a, made))
        for at, why in wrong:
            self.add(f"{path}{at}", why)
        return None if wrong else made

    def build(
        self, path: str, raw: Table, kind: type[T], told: Collection[str] = ()
    ) -> T | None:  # fmt: skip
        """Build a record; None, with all its faults, if it cannot be.

        Args:
            path: Where *raw* stands.
            raw: What stands there.
            kind: The record.
            told: Keys that are missing because of a fault that is told already.
        """
        before = len(self.told)
        known = {a.name: a for a in _fields(kind)}
        for key, value in raw.items():
            if key in known:
                self.value(f"{path}.{key}", value, kind, key)
            else:
                self.unknown(path, key, known)
        for key, a in known.items():
            if a.default is attrs.NOTHING and key not in raw and key not in told:
                self.add(f"{path}.{key}", "is required")
        if len(self.told) > before or told:
            return None
        try:
            return structure(raw, kind, where=path)
        except StackError as exc:
            said = _own_words(exc.__cause__)
            for where, what in exc.faults:
                self.add(where, said.pop(0) if said and what == "invalid value" else what)
            return None


def _below(text: str) -> str:
    """Give a fault's words: further lines of a plugin's own stand further in than any fault."""
    return safe(text, "\n").replace("\n", "\n    ")


def _refusals(a: "attrs.Attribute[Any]", value: object) -> Iterator[tuple[str, str]]:
    """Say where in *value* a field may not have it, and why; of a list, which entries."""
    told = list(_refused_entries(a, value)) if isinstance(value, tuple) else []
    yield from told
    why = "" if told else refusal(a, value)
    if why:
        yield "", why


def _refused_entries(
    a: "attrs.Attribute[Any]", entries: tuple[object, ...]
) -> Iterator[tuple[str, str]]:
    of, least = of_entries(a)
    if len(entries) < least:
        yield "", f"expected a list of {least} or more, got {len(entries)}"
    for i, entry in enumerate(entries):
        why = refusal(of, entry)
        hint = nearest(str(entry), list(map(str, keywords(of).get("enum", ()))))
        if why:
            yield f"[{i}]", f"{why}; {hint}" if hint.startswith("did") else why


def _own_words(exc: BaseException | None) -> list[str]:
    """Give what validators said that look at more than one field: they name no field."""
    every = getattr(exc, "exceptions", ())
    return [str(e) for e in every if type(e) is ValueError and not getattr(e, "__notes__", ())]
