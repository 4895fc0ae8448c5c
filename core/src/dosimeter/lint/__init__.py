"""What may be wrong with the words of items: forms that say too much, here; `moulds` that repeat."""

from dosimeter.lint.forms import (
    LENGTH,
    MEANS,
    MOST_SENTENCES,
    MOST_WORDS,
    PERSONS,
    Spot,
    lint,
)

__all__ = ["LENGTH", "MEANS", "MOST_SENTENCES", "MOST_WORDS", "PERSONS", "Spot", "lint"]
