"""Records to JSON and back: the only importer of cattrs.

Records of a union carry their class name under ``"type"``. Fields equal to their default are left
out. Bytes are base64. NaN is refused: undefined has a record of its own.
"""

import base64
import json
import math
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import attrs
import cattrs
import cattrs.v
from cattrs.strategies import configure_tagged_union

from dosimeter.errors import RecordError, StackError
from dosimeter.jsontext import encode_finite
from dosimeter.limits import got, kind_of
from dosimeter.model.answering import Finding
from dosimeter.model.conversation import Part
from dosimeter.model.rating import Value
from dosimeter.nearest import nearest

__all__ = ["from_json", "structure", "to_json", "to_plain"]

T = TypeVar("T")
TAG = "type"


class _Expected(ValueError):
    """A value is not what the record needs; the message says what that is."""


def _value(raw: object, _: object) -> Value:
    if isinstance(raw, bool | int | str) or (isinstance(raw, float) and math.isfinite(raw)):
        return raw
    msg = f"expected a number, a word, true or false, got {kind_of(raw)}"
    raise _Expected(msg)


def _strict(kind: type) -> Callable[[object, object], object]:
    """Structure *kind* without coercion: 3 is no text and "3" no number."""

    def hook(raw: object, _: object) -> object:
        if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
            return float(raw)
        if kind is float and isinstance(raw, float) and not math.isfinite(raw):
            msg = f"expected a finite number, got {got(raw)}"
            raise _Expected(msg)
        if isinstance(raw, kind) and (kind is bool or not isinstance(raw, bool)):
            return raw
        msg = f"expected {_NAMES[kind]}, got {got(raw)}"
        raise _Expected(msg)

    return hook


def _one_of(raw: object, kind: type[StrEnum]) -> StrEnum:
    known = [member.value for member in kind]
    if isinstance(raw, str) and raw in known:
        return kind(raw)
    msg = f"expected one of {', '.join(known)}, got {got(raw)}"
    raise _Expected(msg)


_NAMES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(
        forbid_extra_keys=True,
        omit_if_default=True,
        unstruct_collection_overrides={frozenset: sorted},
    )
    converter.register_unstructure_hook(bytes, lambda b: base64.b64encode(b).decode("ascii"))
    converter.register_structure_hook(bytes, lambda raw, _: base64.b64decode(raw, validate=True))
    for kind in _NAMES:
        converter.register_structure_hook(kind, _strict(kind))
    # An enum of words is a subclass of str and more than any text.
    converter.register_structure_hook(StrEnum, _one_of)
    converter.register_structure_hook(Value, _value)
    converter.register_unstructure_hook(Value, lambda v: v)
    converter.register_structure_hook(
        Value | None, lambda raw, t: None if raw is None else _value(raw, t)
    )
    converter.register_structure_hook(int | str, _value)
    converter.register_structure_hook(type, _no_classes)
    converter.register_unstructure_hook(type, lambda t: f"{t.__module__}:{t.__qualname__}")
    for union in (Part, Finding):
        configure_tagged_union(union, converter, tag_name=TAG)
    return converter


def _no_classes(_raw: object, _: object) -> type:
    """Options classes are named in a journal for people; nothing is imported from there."""
    from dosimeter.model.specs import NoOptions

    return NoOptions


def _told(exc: BaseException, kind: type | None) -> str:
    """Put one fault into words, with the nearest key for one that there is not."""
    if isinstance(exc, _Expected):
        return str(exc)
    if isinstance(exc, cattrs.ForbiddenExtraKeysError):
        known = [a.name for a in attrs.fields(exc.cl)] if attrs.has(exc.cl) else []
        return "; ".join(
            f"unknown key {key!r}; {nearest(key, known, there='known keys:', alike=0.5)}"
            for key in sorted(exc.extra_fields)
        )
    if isinstance(exc, KeyError) and str(exc.args[0])[:1].isupper():
        # A union's tag is a class's name; keys of fields are in lower case.
        return f"unknown type {exc.args[0]!r}"
    if isinstance(exc, AttributeError):
        return "expected a table"
    return cattrs.v.format_exception(exc, kind)


def to_plain(record: object) -> Any:  # noqa: ANN401  JSON
    """Reduce *record* to what JSON knows."""
    return _converter().unstructure(record)


def to_json(record: object) -> bytes:
    """Give *record* as JSON; lone surrogates survive.

    Raises:
        ValueError: If it holds NaN or infinity.
    """
    return encode_finite(to_plain(record))


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Undo `to_json`.

    Raises:
        RecordError: If *data* is not a *kind*; the message lists every fault.
    """
    try:
        raw = json.loads(data)
    except ValueError as exc:
        # Not the exception's own words: it holds the whole text.
        msg = f"not a {getattr(kind, '__name__', kind)}: no JSON"
        raise RecordError(msg) from (None if isinstance(exc, json.JSONDecodeError) else exc)
    try:
        return structure(raw, kind, where="$")
    except StackError as exc:
        raise RecordError(str(exc)) from exc.__cause__


def structure(raw: object, kind: type[T], where: str) -> T:
    """Build a *kind* from what a file holds.

    Raises:
        StackError: Listing every fault with its path, apart too (`StackError.faults`).
    """
    try:
        return _converter().structure(raw, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, AttributeError) as exc:
        lines = cattrs.transform_error(exc, path=where, format_exception=_told)
        msg = "\n  ".join([f"not a {getattr(kind, '__name__', kind)}:", *lines])
        parted = [line.rpartition(" @ ") for line in lines]
        raise StackError(msg, tuple((path, what) for what, _, path in parted)) from exc
