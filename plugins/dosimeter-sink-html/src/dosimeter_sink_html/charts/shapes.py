"""What charts are drawn of, in units of a picture that is `WIDTH` wide."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import ClassVar, Literal

from attrs import frozen

from dosimeter_sink_html.clean import MOST_SENTENCE, Inert, name, visible

WIDTH = 440.0
TONES = 4
"""Colours and shapes of targets; a fifth has the first colour and another shape."""
SPOT = 5.0
"""Half the size of a mark."""
LETTER = 7.2
"""Width of a small letter, about."""
TOGETHER = ("any", "mean")
"""What findings of several attacks together begin with."""
PIECE = re.compile(r"(?<=[ /_-])(?=[^ ])")
"""Where a line may end."""
Anchor = Literal["start", "middle", "end"]


@frozen
class Line:
    """A straight line; *css* says what it is for."""

    kind: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float
    css: str


@frozen
class Box:
    """A rectangle."""

    kind: ClassVar[str] = "box"
    x: float
    y: float
    width: float
    height: float
    css: str


@frozen
class Word:
    """A piece of text at its base line."""

    kind: ClassVar[str] = "word"
    x: float
    y: float
    text: str
    css: str = ""
    anchor: Anchor = "start"


@frozen
class Spot:
    """The mark of a series, told from others by colour and by shape."""

    kind: ClassVar[str] = "spot"
    x: float
    y: float
    series: int
    size: float = SPOT

    @property
    def tone(self) -> int:
        """Which colour."""
        return self.series % TONES

    @property
    def path(self) -> str:
        """Its outline: disc, square, triangle or diamond."""
        x, y, r = round(self.x, 1), round(self.y, 1), self.size
        forms = (
            f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z",
            f"M{x - r + 0.7} {y - r + 0.7}h{2 * r - 1.4}v{2 * r - 1.4}h{1.4 - 2 * r}z",
            f"M{x} {y - r - 0.6}l{r + 0.6} {2 * r}h{-2 * r - 1.2}z",
            f"M{x} {y - r - 1}l{r + 1} {r + 1}l{-r - 1} {r + 1}l{-r - 1} {-r - 1}z",
        )
        return forms[(self.series + self.series // TONES) % len(forms)]


Plain = Line | Box | Word | Spot


@frozen
class Said:
    """Shapes that say more when they are pointed at."""

    kind: ClassVar[str] = "said"
    title: str
    shapes: tuple[Plain, ...]


Shape = Plain | Said


@frozen(kw_only=True)
class Chart:
    """A picture.

    Attributes:
        finding: What it shows, in a sentence: for those who see it, and for those who do not.
        note: How to read it.
        table: The anchor of the table that has its numbers; empty for none.
        anchor: Where it stands itself, for what links to it; empty for nowhere.
    """

    title: str
    finding: str
    height: float
    shapes: tuple[Shape, ...]
    note: str = ""
    table: str = ""
    anchor: str = ""
    width: float = WIDTH


def wide(text: str) -> float:
    """Estimate how wide a text is."""
    return sum(map(_wide, text))


def _wide(char: str) -> float:
    if char in "WM@%" or unicodedata.east_asian_width(char) in "WF":
        return 12.5
    return 9.0 if char.isupper() else 0.0 if unicodedata.combining(char) else LETTER


def clip(text: str, width: float) -> Inert:
    """Cut what others have named to a width; a cut shows."""
    shown = name(text)
    if wide(shown) <= width:
        return shown
    ends = accumulate(map(_wide, shown))
    return Inert(
        "".join(c for c, end in zip(shown, ends, strict=True) if end < width - LETTER) + "…"
    )


def lines(text: str, width: float, most: int = 3) -> list[Inert]:
    """Break a text at spaces, hyphens and such into at most *most* lines; what fits none is cut."""
    out = [""]
    for piece in PIECE.split(visible(text, MOST_SENTENCE)):
        longer = out[-1] + piece
        if wide(longer.rstrip()) <= width or not out[-1] or len(out) == most:
            out[-1] = longer
        else:
            out.append(piece)
    return [clip(line.rstrip(), width) for line in out]


def way(attack: str, width: float) -> Inert:
    """Name a way of asking in a width: several together by how many they are, where names are too long."""
    shown = name(attack)
    how, of, rest = shown.partition(" of ")
    if wide(shown) > width and of and how in TOGETHER:
        return clip(f"{how} of {rest.count(', ') + 1} ways", width)
    return clip(attack, width)


def column_of(labels: Iterable[str], least: float, most: float) -> float:
    """Give the width that a column of labels needs, within limits."""
    return min(most, max([least, *map(wide, labels)]))


def legend(names: Iterable[str], series: Mapping[str, int], y: float) -> tuple[list[Shape], float]:
    """Give the marks of targets with their names, in as many lines as they need, and the last line's base."""
    out: list[Shape] = []
    x = 0.0
    for one in names:
        shown = clip(one, WIDTH - 20)
        if x and x + 18 + wide(shown) > WIDTH:
            x, y = 0.0, y + 18
        out += [Spot(x + SPOT + 2, y - 4, series.get(one, 0)), Word(x + 18, y, shown)]
        x += 18 + wide(shown) + 16
    return out, y


def listed(words: Sequence[str], most: int = 4) -> str:
    """Name some, and say how many more there are."""
    rest = f"; and {len(words) - most} more" if len(words) > most else ""
    return "; ".join(words[:most]) + rest
