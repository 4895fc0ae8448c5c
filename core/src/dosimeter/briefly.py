"""Names and words of others, cut to what a paragraph has room for."""

from collections.abc import Iterable

from dosimeter.inert import safe

LONGEST_NAME = 4
"""Words of a name; more are cut, and the cut is shown."""
CHARACTERS = 12
"""Of a word on average, above which a name is cut too."""


def cut(text: str, most: int = LONGEST_NAME) -> str:
    """Give the first words of what others said, in one line."""
    words = safe(" ".join(text.split())).split(" ")
    said = " ".join(words[:most])[: most * CHARACTERS]
    return said if said == " ".join(words) else f"{said.rstrip()}..."


def listed(names: Iterable[str], most: int, what: str) -> str:
    """Name a few, or count them."""
    every = list(names)
    if not every:
        return f"No {what}"
    if len(every) > most:
        return f"{len(every)} {what}"
    return " and ".join(filter(None, (", ".join(map(cut, every[:-1])), cut(every[-1]))))
