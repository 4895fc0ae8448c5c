"""Which language a reply is in, among those that replies are likely to be in."""

import re
from functools import cache
from typing import Any

LIKELY = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "fa", "hi", "bn",
          "zh", "ja", "ko", "vi", "th", "id", "sw")  # fmt: skip
TOO_SHORT = 24
"""Letters below which ASCII text is taken to be English: no identifier is reliable there."""

ONLY_ENGLISH = frozenset({
    "the", "and", "with", "this", "that", "you", "they", "then", "from", "which", "when", "until",
    "your", "their", "there", "would", "should", "have", "were",
})  # fmt: skip
"""Frequent words of English that are no words of the other languages."""
ENOUGH = 20
PLAIN = 0.12
"""Share of such words from which a text is plainly English; the identifier, which takes most of
the time, is asked only about the others."""
_WORD = re.compile(r"[^\W\d_]+")


@cache
def _identifier() -> Any:  # noqa: ANN401  the library is untyped
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LIKELY))
    return identifier


def warm_up() -> None:
    """Load the identifier now (half a second) and not while a run waits for answers."""
    _identifier()


def language_of(text: str) -> str:
    """Give the BCP 47 tag of the language of *text*, from its first 600 characters."""
    start = text[:600]
    if len(start) < 200 and start.isascii() and sum(c.isalpha() for c in text) < TOO_SHORT:
        return "en"
    said = _WORD.findall(start.lower())
    if len(said) >= ENOUGH and sum(w in ONLY_ENGLISH for w in said) >= PLAIN * len(said):
        return "en"
    return str(_identifier().classify(start)[0])
