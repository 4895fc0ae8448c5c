"""Which language a text is in: one identifier for all raters, as its model takes 100 MB to load."""

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

from dosimeter.errors import StackError

__all__ = ["language_of", "need_identifier"]

LIKELY = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "fa", "hi", "bn",
          "zh", "ja", "ko", "vi", "th", "id", "sw")  # fmt: skip
"""What replies are likely to be in; the identifier chooses among these."""
START = 600
"""Characters that are looked at."""
TOO_SHORT = 24
"""Letters below which ASCII text is taken to be English: no identifier is reliable there."""
ONLY_ENGLISH = frozenset({
    "the", "and", "with", "this", "that", "you", "they", "then", "from", "which", "when", "until",
    "your", "their", "there", "would", "should", "have", "were",
})  # fmt: skip
"""Frequent words of English that are no words of the other languages."""
ENOUGH = 3
PLAIN = 0.12
"""How many such words, and what share of all words, make a text plainly English; the identifier,
which takes most of the time, is asked only about the others."""
KEPT = 512
_WORD = re.compile(r"[^\W\d_]+")


_LOADING = Lock()


@cache
def _load() -> Any:  # noqa: ANN401  the library is untyped
    need_identifier()
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LIKELY))
    return identifier


def need_identifier() -> None:
    """Say that the identifier is missing before anything is paid for.

    It is loaded with the first text that is not plainly English, as many runs have none.

    Raises:
        StackError: If it is not installed.
    """
    if find_spec("py3langid") is None:
        msg = "identifying languages needs py3langid: pip install 'dosimeter[language]'"
        raise StackError(msg)


def language_of(text: str) -> str:
    """Give the BCP 47 tag of the language of *text*, judged by its first 600 characters.

    Raises:
        StackError: If the identifier is not installed.
    """
    return _language_of(text[:START])


@lru_cache(KEPT)
def _language_of(start: str) -> str:
    said = _WORD.findall(start.lower())
    if len(start) < START and start.isascii() and sum(map(len, said)) < TOO_SHORT:
        return "en"
    english = sum(map(ONLY_ENGLISH.__contains__, said))
    if english >= ENOUGH and english >= PLAIN * len(said):
        return "en"
    with _LOADING:
        identifier = _load()
    return str(identifier.classify(start)[0])
