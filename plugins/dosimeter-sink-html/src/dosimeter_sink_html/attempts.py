"""Attempts on the page: as they are while there is room, the rest packed until a reader opens them."""

import base64
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice

import jinja2
from attrs import define, frozen

from dosimeter import Evidence, Excerpt
from dosimeter_sink_html import clean, limits
from dosimeter_sink_html.options import HtmlOptions

MOST_SPAN = 120
RAW = -15
"""Of zlib: deflate without a head, as browsers call it ``deflate-raw``."""


@frozen(kw_only=True)
class Shown:
    """An attempt as the page shows it."""

    excerpt: Excerpt
    prompt: str
    reply: str
    evidence: tuple[str, ...]
    marks: tuple[str, ...]


def shown(excerpt: Excerpt, most: int) -> Shown:
    """Make the words of an attempt harmless, and cut them."""
    return Shown(
        excerpt=excerpt,
        prompt="" if excerpt.prompt is None else clean.visible(excerpt.prompt, most),
        reply="" if excerpt.reply is None else clean.visible(excerpt.reply, most),
        evidence=tuple(clean.visible(e, MOST_SPAN) for e in islice(excerpt.evidence or (), 5)),
        marks=tuple(f"{scale} {value}" for _, scale, value in excerpt.marks),
    )


def script(made: jinja2.Environment) -> str:
    """Give the page's one script: it unpacks what the page itself holds."""
    return made.get_template("unpack.js.j2").render()


@define
class Families:
    """Attempts one after another, each in the fold of its family."""

    jinja: jinja2.Environment
    most: int
    last: tuple[str, str] | None = None

    def add(self, excerpt: Excerpt) -> bytes:
        """Give an attempt, with the fold of its family if that begins with it."""
        family = (excerpt.category, excerpt.family)
        text = self.jinja.get_template("attempt.html.j2").render(
            a=shown(excerpt, self.most), new_family=family != self.last, first=self.last is None
        )
        self.last = family
        return text.encode("utf-8", "replace")

    def end(self) -> bytes:
        """Close the fold that is open."""
        had, self.last = self.last, None
        return b"" if had is None else b"</details>\n"


def pieces(
    made: jinja2.Environment, options: HtmlOptions, evidence: Evidence, room: int
) -> Iterator[bytes]:
    """Give the attempts and the foot of the page.

    Args:
        made: The templates.
        options: How many attempts, and how much of each.
        evidence: The attempts.
        room: Bytes that there are for them.
    """
    left = iter(evidence)
    families = Families(jinja=made, most=options.characters)
    used, kept, left_out, packs = 0, 0, 0, 0
    for excerpt in islice(left, options.attempts):
        before, data = families.last, families.add(excerpt)
        if used + len(data) > room:
            families.last, left_out = before, 1
            break
        used, kept = used + len(data), kept + 1
        yield data
        if used >= limits.MOST_OPEN:
            break
    yield families.end()
    while batch := list(islice(left, min(limits.PACK, options.attempts - kept - left_out))):
        data = pack(families, batch, kept + 1)
        if used + len(data) > room:
            left_out += len(batch)
            break
        used, kept, packs = used + len(data), kept + len(batch), packs + 1
        yield data
    left_out += sum(1 for _ in left)
    foot = made.get_template("foot.html.j2")
    yield foot.render(left_out=left_out, shown=kept, script=script(made) if packs else "").encode()


def pack(families: Families, batch: Sequence[Excerpt], first: int) -> bytes:
    """Give attempts as one fold that holds them compressed; it is the markup that they would be."""
    text = b"".join(map(families.add, batch)) + families.end()
    squeezed = zlib.compressobj(9, zlib.DEFLATED, RAW)
    held = base64.b64encode(squeezed.compress(text) + squeezed.flush()).decode()
    template = families.jinja.get_template("pack.html.j2")
    ends = batch[0].family, batch[-1].family
    return template.render(
        held=clean.Inert(held), first=first, last=first + len(batch) - 1, ends=ends
    ).encode("utf-8", "replace")
