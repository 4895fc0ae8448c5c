"""Ids and seeds: what a thing is, hashed, so that order and names cannot matter.

Fields that equal their default are left out of a hash: a field added later changes no old id.
"""

import hashlib
import re
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any

import attrs

from dosimeter.jsontext import encode, encoder

DIGEST_BYTES = 16
UNCLEAR = "unclear"
_WORD = re.compile(r"[\w.:/+-]{0,64}")


def _record(cls: type) -> Callable[[Any], object]:
    fields = [(a.name, a.default) for a in attrs.fields(cls)]

    def reduce(record: object) -> object:
        out = {"": cls.__name__}
        for name, default in fields:
            held = getattr(record, name)
            if held is not default and held != default:
                out[name] = held
        return out

    return reduce


@cache
def _reducer(cls: type) -> Callable[[Any], object]:
    """Give how a *cls* is reduced; found once, as several digests are taken for each call."""
    if issubclass(cls, Enum):
        return lambda member: member.value
    if issubclass(cls, bytes):
        return bytes.hex
    if issubclass(cls, frozenset):
        return lambda values: sorted(values, key=canonical)
    if attrs.has(cls):
        return _record(cls)
    msg = f"cannot hash a {cls.__name__}"
    raise TypeError(msg)


canonical = encoder(lambda value: _reducer(type(value))(value))  # type: ignore[arg-type]  # a class is hashable
"""Give the one JSON form of *value*: sorted keys, no spaces, ASCII.

Records, enums, bytes and sets are reduced to what JSON knows, one level at a time.

Raises:
    TypeError: If *value* holds anything else.
"""


def digest(kind: str, value: object, *, key: bytes = b"") -> str:
    """Hash *value* to 128 bits, as 32 hex digits.

    Args:
        kind: Keeps equal contents of different kinds apart.
        value: A record, or a tuple of plain values and records.
        key: The secret of the panel that owns the text. A short text hashed without one could be
            guessed.
    """
    return digest_bytes(kind, canonical(value), key=key)


def digest_bytes(kind: str, data: bytes, *, key: bytes = b"") -> str:
    """Hash *data* to 128 bits, as 32 hex digits."""
    return hashlib.blake2b(
        data, digest_size=DIGEST_BYTES, key=key[:64], person=kind.encode()[:16]
    ).hexdigest()


def word(text: str) -> str:
    """Give *text* if it is a machine's word, else ``unclear``: people's text is no code.

    Codes, reasons and kinds that plugins hand over go to journal, log and report in the clear.
    """
    return text if _WORD.fullmatch(text) else UNCLEAR


def derive_seed(*parts: str | int, bits: int = 63) -> int:
    """Hash *parts* to an integer of *bits* bits, so that results do not depend on scheduling."""
    whole = hashlib.blake2b(encode(parts), digest_size=8, person=b"seed").digest()
    return int.from_bytes(whole, "big") >> (64 - bits)
