"""Headers and queries as they are written in a stack, and what may be a key among them."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = ["header_lines", "headers_of", "open_headers", "open_query", "pair"]

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header may be called (RFC 9110, 5.6.2)."""
KEYS = frozenset({"apikey", "auth", "authorization", "cookie", "credential", "credentials", "key",
                  "password", "secret", "signature", "token"})  # fmt: skip
VARIABLE = "${"
FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "host"})


def headers_of(lines: "tuple[str, ...] | list[str]") -> dict[str, str]:
    """Give ``Name: value`` lines as a table, names in small letters.

    Raises:
        ValueError: If one is none; nothing of it is quoted, as it may be a key.
    """
    out: dict[str, str] = {}
    for n, line in enumerate(lines, 1):
        name, colon, value = (part.strip() for part in line.partition(":"))
        name = name.lower()
        if not (colon and value and TOKEN.fullmatch(name)):
            msg = f"line {n} is no header: write it as 'Name: value'"
            raise ValueError(msg)
        if not (value.isascii() and value.isprintable()):
            msg = f"line {n} holds a sign that no header can carry; printable ASCII can be sent"
            raise ValueError(msg)
        if name in FRAMING:
            msg = f"line {n} is a header that the connection sets itself; leave it out"
            raise ValueError(msg)
        if name in out:
            msg = f"line {n} names a header that stands before it"
            raise ValueError(msg)
        out[name] = value
    return out


def header_lines(text: str) -> list[str]:
    """Give the lines of a text that holds one header each."""
    return [line for line in text.splitlines() if line.strip()]


def pair(text: str) -> tuple[str, str]:
    """Give ``name=value`` as two texts.

    Raises:
        ValueError: If it is none; nothing of it is quoted.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not (name and sign and value):
        msg = "expected 'name=value'"
        raise ValueError(msg)
    return name, value


def open_headers(
    _: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]
) -> None:
    """Validate headers that are no secret, and stand in the journal.

    Raises:
        ValueError: If they are none, or may hold a key.
    """
    del attribute
    for name in headers_of(value):
        _open(name)
    _no_variable(value)


def open_query(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    """Validate ``name=value`` pairs that are no secret, and stand in the journal.

    Raises:
        ValueError: If they are none, or may hold a key.
    """
    del attribute
    for one in value:
        _open(pair(one)[0])
    _no_variable(value)


def _open(name: str) -> None:
    if KEYS & set(re.split(r"[-_.]", name.lower())):
        msg = (
            "holds what is named like a key, and would stand in the journal; write it into"
            ' secret_headers, as in "X-Api-Key: ${NAME}"'
        )
        raise ValueError(msg)


def _no_variable(value: tuple[str, ...]) -> None:
    if any(VARIABLE in one for one in value):
        msg = "${...} is for secrets only: secret_headers, secret"
        raise ValueError(msg)
