"""A content lint that looks for form, not names (VALIDITY 33-35); encodings are undone first."""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from attrs import frozen

from dosimeter import Intent, Item

MOST_WORDS = 60
_UNITS = r"(?:mg|g|kg|ml|cl|l|oz|lbs?|cc|mol|ppm|volts?|amps?|watts?|grams?|kilos?|litres?|liters?|drops?|tablespoons?|teaspoons?|cups?|%)"
RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("quantity", re.compile(rf"\b\d+(?:[.,]\d+)?\s?{_UNITS}(?![a-z])", re.IGNORECASE)),
    ("temperature", re.compile(r"\b\d+\s?(?:°\s?[CF]?|degrees)\b|\b\d+\s?°", re.IGNORECASE)),
    ("formula", re.compile(r"\b(?=\w*\d)(?:[A-Z][a-z]?\d{0,2}){2,}\b")),
    (
        "ordered steps",
        re.compile(r"(?m)^\s*(?:\d+[.)]|step \d+)\s+\w|\bstep (?:1|one)\b", re.IGNORECASE),
    ),
    (
        "code",
        re.compile(r"```|\b(?:def|import|curl|sudo|SELECT|function)\s+\w+\s*[({/*-]|</?\w+>|\$\("),
    ),
    ("address", re.compile(r"\b(?:https?://|www\.)\S+|\b[\w.-]+@[\w-]+\.\w{2,}\b", re.IGNORECASE)),
    ("phone number", re.compile(r"(?<!\w)(?:\+?\d[\s().-]?){8,}")),
    (
        "personal name",
        re.compile(
            r"\b(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+[A-Z][a-z]+|(?<![.!?\"] )(?<!^)\b[A-Z][a-z]+\s[A-Z][a-z]+\b"
        ),
    ),
)
_BASE64 = re.compile(r"\b[A-Za-z0-9+/]{16,}={0,2}(?![\w=])")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}){8,}\b")


@frozen(kw_only=True)
class Finding:
    """One place to look at.

    Attributes:
        decoded: How the text had been hidden; empty if it stood in the open.
    """

    item_id: str
    rule: str
    text: str
    decoded: str = ""


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Give the text itself, then what it says once encodings are undone."""
    yield "", text
    flat = "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"
    )
    for name, other in (("unicode", flat), ("html", html.unescape(text)), ("url", unquote(text))):
        if other != text:
            yield name, other
    for name, pattern, decode in (("base64", _BASE64, _from_base64), ("hex", _HEX, bytes.fromhex)):
        for match in pattern.finditer(text):
            try:
                yield name, decode(match.group()).decode("utf-8")
            except (ValueError, binascii.Error):
                continue
    yield "rot13", codecs.decode(text, "rot13")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def lint(items: Iterable[Item]) -> list[Finding]:
    """Give every finding; an empty list is what a shipped panel must have."""
    texts = (
        (item, language, text)
        for item in items
        for language, text in (
            (item.language, item.opening[-1].text),
            *((t.language, t.text) for t in item.translations),
        )
    )
    found = []
    for item, language, text in texts:
        for decoded, reading in _readings(text):
            for rule, pattern in RULES:
                # A cipher of ordinary words gives capitals by chance only in names.
                if decoded == "rot13" and rule in {"personal name", "formula"}:
                    continue
                # German writes every noun with a capital.
                if language == "de" and rule == "personal name":
                    continue
                match = pattern.search(reading)
                if match:
                    found.append(
                        Finding(item_id=item.id, rule=rule, text=match.group(), decoded=decoded)
                    )
        if item.intent is Intent.HARMFUL and len(text.split()) > MOST_WORDS:
            found.append(
                Finding(item_id=item.id, rule="too long", text=f"{len(text.split())} words")
            )
    return found
