"""Untrusted words in Markdown: shown, and never obeyed."""

import re
from collections.abc import Iterable, Iterator

MARKUP = re.compile(r"[\\`*_{}\[\]<>|#~!&@]|:(?=//)|(?<=[wW])\.")
"""What Markdown, HTML in it, and links without brackets begin with."""


def plain(text: str) -> str:
    """Give *text* in one line, without effect on page or terminal."""
    said = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(text.split()))
    return MARKUP.sub(lambda found: f"\\{found[0]}", said)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give the lines of a table, all of them at hand or none; cells are Markdown already."""
    names = list(head)
    begun = False
    for row in rows:
        if not begun:
            yield f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
            begun = True
        yield f"| {' | '.join(row)} |\n"
    if not begun:
        yield "None.\n"
