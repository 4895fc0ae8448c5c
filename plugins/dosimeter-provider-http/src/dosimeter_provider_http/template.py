"""JSON with places: parsed first and filled afterwards, so that no value can break out of its place."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

__all__ = ["PLACE", "Json", "fill", "names_of", "parse"]

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
TELLABLE = re.compile(r"[a-z_]{1,20}")
"""What may be told of a word that is no placeholder: a longer one may be a key."""
LISTS = frozenset({"messages", "history", "stop"})
UNSET = object()


def parse(text: str, known: Collection[str]) -> Json:
    """Read a template whose placeholders are among *known*.

    Raises:
        ValueError: If it is no JSON, or says what it must not; *text* is not quoted.
    """
    try:
        tree: Json = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        msg = (
            f"is no JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}; a placeholder stands in"
            ' quotes too, as in {"text": "{{prompt}}"}'
        )
        raise ValueError(msg) from None
    except RecursionError:
        msg = "is nested too deep"
        raise ValueError(msg) from None
    for key in _keys(tree):
        if "{{" in key:
            msg = "has a placeholder in the name of a field; only values may hold one"
            raise ValueError(msg)
    for leaf in _leaves(tree):
        _check(leaf, known)
    return tree


def names_of(tree: Json) -> frozenset[str]:
    """Give the placeholders of a template."""
    return frozenset(name for leaf in _leaves(tree) for name in PLACE.findall(leaf))


def fill(tree: Json, values: Mapping[str, object]) -> object:
    """Put *values* into a template; what holds one that is not there, or None, is left out.

    A text that is a placeholder and nothing else becomes the value, in longer ones the value is
    written out. Values are never looked at for placeholders.
    """
    if isinstance(tree, str):
        return _filled(tree, values)
    if isinstance(tree, dict):
        table = {key: fill(inner, values) for key, inner in tree.items()}
        return {key: value for key, value in table.items() if value is not UNSET}
    if isinstance(tree, list):
        return [value for value in (fill(inner, values) for inner in tree) if value is not UNSET]
    return tree


def _filled(text: str, values: Mapping[str, object]) -> object:
    held = {name: values.get(name) for name in PLACE.findall(text)}
    if None in held.values():
        return UNSET
    whole = PLACE.fullmatch(text)
    return held[whole.group(1)] if whole else PLACE.sub(lambda m: str(held[m.group(1)]), text)


def _check(leaf: str, known: Collection[str]) -> None:
    for name in PLACE.findall(leaf):
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            what = f" {name!r}" if TELLABLE.fullmatch(name) else ""
            msg = f"has an unknown placeholder{what}; {hint}"
            raise ValueError(msg)
        if name in LISTS and not PLACE.fullmatch(leaf):
            msg = f"has {{{{{name}}}}}, which is a list, inside a longer text; it stands alone in its quotes"
            raise ValueError(msg)
    if "{{" in PLACE.sub("", leaf):
        msg = "has a {{ that begins no placeholder, such as {{prompt}}"
        raise ValueError(msg)


def _keys(tree: Json) -> Iterator[str]:
    for inner in _inside(tree):
        yield from _keys(inner)
    if isinstance(tree, dict):
        yield from tree


def _leaves(tree: Json) -> Iterator[str]:
    for inner in _inside(tree):
        yield from _leaves(inner)
    if isinstance(tree, str):
        yield tree


def _inside(tree: Json) -> Iterator[Json]:
    if isinstance(tree, dict):
        yield from tree.values()
    elif isinstance(tree, list):
        yield from tree


def _no_constant(name: str) -> Json:
    msg = f"is no JSON: {name} is no number that JSON has"
    raise ValueError(msg)
