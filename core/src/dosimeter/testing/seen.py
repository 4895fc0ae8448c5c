"""What a reader sees of the files that a sink wrote, whatever their form."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from attrs import define, field

PAGES = (".html", ".htm")
UNSEEN = frozenset({"style", "script", "template"})
ZERO = re.compile(r"(?<![\w.,#-])-?0(?:[.,]0+)?(?![\w.,]*\d)|\bnan\b", re.IGNORECASE)
NOTHING = re.compile(r"\bNone\b")


@define
class Page(HTMLParser):
    """A page taken apart.

    Attributes:
        tags: Names of elements with their attributes.
        text: What is read between them.
        inside: What stands in elements that are not read, such as style.
    """

    tags: list[tuple[str, dict[str, str]]] = field(factory=list)
    text: list[str] = field(factory=list)
    inside: list[str] = field(factory=list)
    _last: str = ""

    def __attrs_pre_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._last = tag

    def handle_endtag(self, tag: str) -> None:
        """Leave what is not read."""
        if tag == self._last:
            self._last = ""

    def handle_data(self, data: str) -> None:
        """Keep text."""
        (self.inside if self._last in UNSEEN else self.text).append(data)


def page(data: bytes) -> Page:
    """Take a page apart."""
    made = Page()
    made.feed(data.decode("utf-8", "replace"))
    made.close()
    return made


def texts(files: Mapping[str, bytes]) -> Iterator[str]:
    """Give what is read of each file: of pages the text, of others all."""
    for name, data in sorted(files.items()):
        if name.casefold().endswith(PAGES):
            yield "\n".join(page(data).text)
        else:
            yield data.decode("utf-8", "replace")


def _words(files: Mapping[str, bytes]) -> Iterator[str]:
    """Give what is read of files that are text; of others only a program reads numbers."""
    return texts({name: data for name, data in files.items() if b"\0" not in data})


def zeros(files: Mapping[str, bytes]) -> Counter[str]:
    """Count what is written for nothing: zeros and NaN."""
    return Counter(found for text in _words(files) for found in ZERO.findall(text))


def nothings(files: Mapping[str, bytes]) -> int:
    """Count the word None."""
    return sum(len(NOTHING.findall(text)) for text in _words(files))
