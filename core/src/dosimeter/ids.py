"""Ids and seeds: what a thing is, hashed, so that order and names cannot matter.

Fields that equal their default are left out of a hash: a field added later changes no old id.
"""

import hashlib
import re
from enum import Enum
from functools import cache

import attrs

from dosimeter.jsontext import encode

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

DIGEST_BYTES = 16
UNCLEAR = "unclear"
_WORD = re.compile(r"[\w.:/+-]{0,64}")


@cache
def _identity_fields(cls: type) -> tuple[tuple[str, bool, object], ...]:
    found = []
    for a in attrs.fields(cls):
        plain_default = a.default is not attrs.NOTHING and not isinstance(
            a.default,
            attrs.Factory,  # type: ignore[arg-type]
        )
        found.append((a.name, plain_default, a.default))
    return tuple(found)


def plain(value: object) -> Plain:
    """Reduce records, enums, bytes, tuples and sets to what JSON knows.

    Raises:
        TypeError: If *value* holds anything else.
    """
    # By exact class first: several digests are taken for each call, mostly of words and tuples.
    cls = type(value)
    if cls is str or cls is int or value is None:
        return value  # type: ignore[return-value]
    if cls is tuple or cls is list:
        return [plain(v) for v in value]  # type: ignore[attr-defined]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, frozenset):
        return sorted((plain(v) for v in value), key=str)
    if attrs.has(cls):
        out: dict[str, Plain] = {"": cls.__name__}
        for name, has_default, default in _identity_fields(cls):
            held = getattr(value, name)
            if not (has_default and held == default):
                out[name] = plain(held)
        return out
    msg = f"cannot hash a {cls.__name__}"
    raise TypeError(msg)


def canonical(value: object) -> bytes:
    """Give the one JSON form of *value*: sorted keys, no spaces, ASCII."""
    return encode(plain(value))


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
