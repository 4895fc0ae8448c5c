"""What a text says once its encodings are undone."""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

DEEP = 3
"""Encodings within encodings that are undone."""
_BASE64 = re.compile(r"(?<![\w+/=-])[\w+/-]{12,}(?:\r?\n[\w+/-]+)*={0,2}(?![\w=])", re.ASCII)
_HEX = re.compile(r"(?<!\w)(?:(?:\\x|0x)?[0-9a-fA-F]{2}[\s:,-]?){8,}(?!\w)")
_BINARY = re.compile(r"(?<!\w)(?:[01]{8}\s?){4,}(?!\w)")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_SPACED = re.compile(r"(?<!\w)(?:\w[ ._-]){4,}\w(?!\w)")
_MIXED = re.compile(r"[A-Za-z0-9][аеорсухіѕјԛɡ]|[аеорсухіѕјԛɡ][A-Za-z0-9]")
_LOOKALIKES = str.maketrans("аеорсухіѕјԛɡ", "aeopcyxisjqg")
_PLAIN_WORDS = (
    "the of and to in a is how do i it with for der die das und ein zu de la le el los en y un une et"
    " du que"
)
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words of ordinary texts: a cipher is undone where it hides some."""


def readings(text: str) -> Iterator[tuple[str, str]]:
    """Give the text itself, then what it says once encodings are undone, each with their names.

    >>> [how for how, said in readings("bread &amp; butter")]
    ['', 'html']
    """
    yield "", text
    seen, layer = {text}, [("", text)]
    for _ in range(DEEP):
        found = [
            (f"{how} {name}".strip(), other) for how, said in layer for name, other in _undone(said)
        ]
        layer = []
        for how, other in found:
            if other not in seen:
                seen.add(other)
                layer.append((how, other))
        yield from layer


def _undone(text: str) -> Iterator[tuple[str, str]]:
    yield "unicode", _flat(text)
    yield "html", html.unescape(text)
    yield "url", unquote(text)
    yield "escapes", _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)
    yield "spaced", _SPACED.sub(lambda m: re.sub(r"[ ._-]", "", m[0]), text)
    if _MIXED.search(text):
        yield "lookalikes", text.translate(_LOOKALIKES)
    for name, pattern, decode in _PIECES:
        for match in pattern.finditer(text):
            try:
                yield name, decode(match.group()).decode()
            except (ValueError, binascii.Error):
                continue
    for name, other in (("rot13", codecs.decode(text, "rot13")), ("reversed", text[::-1])):
        if _plain(other) > _plain(text):
            yield name, other


def _flat(text: str) -> str:
    """Give the plain form of letters and digits, without what cannot be seen."""
    return "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"
    )


def _plain(text: str) -> int:
    return sum(word in _PLAIN for word in text.lower().split())


def _base64(text: str) -> bytes:
    whole = re.sub(r"[\s=]", "", text).translate(str.maketrans("-_", "+/"))
    return base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True)


def _hex(text: str) -> bytes:
    return bytes.fromhex(re.sub(r"\\x|0x|[\s:,-]", "", text))


def _binary(text: str) -> bytes:
    return bytes(int(octet, 2) for octet in re.findall(r"[01]{8}", text))


_PIECES: tuple[tuple[str, re.Pattern[str], Callable[[str], bytes]], ...] = (
    ("base64", _BASE64, _base64), ("hex", _HEX, _hex), ("binary", _BINARY, _binary),
)  # fmt: skip
