"""Which language a reply is in, among those that replies are likely to be in."""

from functools import cache
from typing import Any

LIKELY = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "fa", "hi", "bn",
          "zh", "ja", "ko", "vi", "th", "id", "sw")  # fmt: skip
TOO_SHORT = 24
"""Letters below which ASCII text is taken to be English: no identifier is reliable there."""


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
    """Give the BCP 47 tag of the language of *text*."""
    letters = sum(c.isalpha() for c in text)
    if letters < TOO_SHORT and text.isascii():
        return "en"
    return str(_identifier().classify(text[:600])[0])
