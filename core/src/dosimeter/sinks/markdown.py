"""Untrusted words in Markdown: shown, and never obeyed."""

import re
from collections.abc import Iterable, Iterator

MARKUP = re.compile(r"[\\`*_{}\[\]<>|#~!&@$]|:(?=//)|(?<=[wW])\.|^[-+=]")
"""What Markdown, HTML in it, formulas, and links without brackets begin with."""
LIST = re.compile(r"^(\d{1,9})([.)])(?= |$)")
"""What a numbered list begins with."""
MOST = 2_000


def plain(text: str) -> str:
    """Give *text* in one line, without effect on page or terminal; what is cut is said."""
    line = " ".join(text.split())
    cut = f"… ({len(line) - MOST:,} more characters)" if len(line) > MOST else ""
    said = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line[:MOST] + cut)
    return LIST.sub(r"\1\\\2", MARKUP.sub(lambda found: f"\\{found[0]}", said))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give the lines of a table, or that there is nothing to put into it; cells are Markdown already."""
    names = list(head)
    begun = False
    for row in rows:
        if not begun:
            yield f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
            begun = True
        yield f"| {' | '.join(row)} |\n"
    if not begun:
        yield "None.\n"
    yield "\n"


def bullets(lines: Iterable[str]) -> Iterator[str]:
    """Give a list; lines are Markdown already."""
    found = [f"- {line}\n" for line in lines]
    yield from found or ["None.\n"]
    yield "\n"
