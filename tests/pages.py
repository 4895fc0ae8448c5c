"""Reading Markdown pages: blocks, tables, headings and links."""

import re
from itertools import pairwise
from pathlib import Path

from sybil import Document
from sybil.parsers.markdown import CodeBlockParser

ROOT = Path(__file__).parents[1]
HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
MARK = re.compile(r"<!-- ([^>]+) -->\s*\Z")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def prose(path):
    """The page without its code blocks."""
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def blocks(path, language, evaluate):
    """The code blocks of one language, in order, as sybil examples."""
    return list(
        Document.parse(str(path), CodeBlockParser(language, evaluate), encoding="utf-8").examples()
    )


def texts(path, language):
    """Mark (the HTML comment just before) and text of each code block of one language."""
    found = blocks(path, language, None)
    whole = path.read_text(encoding="utf-8")
    return [(mark(whole, example.region.start), str(example.parsed)) for example in found]


def mark(whole, start):
    """The HTML comment that ends where a block starts; empty if there is none."""
    found = MARK.search(whole[:start])
    return found.group(1) if found else ""


def sections(path):
    """Text by heading, code blocks left out."""
    whole = prose(path)
    heads = [*HEADING.finditer(whole), None]
    return {
        one.group(2).strip(): whole[one.end() : after.start() if after else len(whole)]
        for one, after in pairwise(heads)
    }


def rows(text):
    """Rows of the tables in *text*, without heads, cell by cell and without backquotes."""
    out = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if set("".join(cells)) <= set("-: "):
            out.pop()
        else:
            out.append([c.replace("`", "") for c in cells])
    return out


def slug(heading):
    """The anchor that a heading gets."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def anchors(path):
    """All anchors of a page."""
    return {slug(m.group(2)) for m in HEADING.finditer(prose(path))}


def links(path):
    """Targets of all links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(path))
