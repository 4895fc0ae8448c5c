"""A file's own words: compared whatever their form, and repeated in messages only where they are names."""

import re
from unicodedata import normalize

LONGEST = 40
"""Characters of a name; what is longer may be a request, which no message holds."""
MOST_WORDS = 5
SENTENCE = tuple("?!.")


def plain(text: str) -> str:
    """Give a name as it is compared: an ä is one, however a system writes it."""
    return normalize("NFC", text.strip())


def folded(text: str) -> str:
    """Give a word as it is compared, whatever its case."""
    return normalize("NFC", plain(text).casefold())


def form(name: str) -> str:
    """Give a column's name as it is compared with what columns are called."""
    return re.sub(r"[\s_-]+", "_", folded(name))


def shown(text: str, most_words: int = MOST_WORDS) -> str:
    """Quote a name; of what may be a sentence say how long it is."""
    name = plain(text)
    words = len(name.split())
    sentence = words > 2 and name.endswith(SENTENCE)
    fits = len(name) <= LONGEST and words <= most_words and not sentence
    return repr(name) if fits else f"a text of {len(name)} characters"


def shown_id(text: str) -> str:
    """Quote an id, which is one word."""
    return shown(text, 1)


def whole_number(text: str) -> str:
    """Give ``2`` for ``2.0``, which programs write of a column with blanks."""
    return re.sub(r"(?<=\d)\.0+$", "", text) if re.fullmatch(r"-?\d+\.0+", text) else text
