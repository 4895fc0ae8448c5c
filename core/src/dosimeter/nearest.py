"""What a word may have been meant to be: most mistakes are typing errors."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches

TURNING = ("under-", "over-", "anti-", "non-", "not-", "un-", "no-")
"""What turns a word into another one, however alike the two are."""


def nearest(
    word: str, known: Iterable[str], *, there: str = "there are", alike: float = 0.65
) -> str:
    """Name the one of *known* that is most like *word*; all of them if none is like it.

    A word that is like it but for what turns it round is not what was meant: ``over-refusal`` is
    no way to write ``non-refusal``.

    Args:
        word: What was written.
        known: What there is. A sequence is told in its own order.
        there: What stands before all of *known*.
        alike: How alike two words must be, 0 to 1 (`difflib.SequenceMatcher.ratio`).
    """
    every = known if isinstance(known, Sequence) else sorted(known)
    found = closest(word, every, alike)
    return f"did you mean {found!r}?" if found else f"{there} {', '.join(every) or 'none'}"


def closest(word: str, known: Iterable[str], alike: float = 0.65) -> str:
    """Give the one of *known* that is most like *word*, by the rule of `nearest`; "" for none."""
    maybe = [one for one in known if not _turned(word, one)]
    return next(iter(get_close_matches(word, maybe, 1, alike)), "")


def _turned(word: str, other: str) -> bool:
    """Tell words that differ in what turns them; a slip within it is none."""
    mine, its = _turn(word), _turn(other)
    if mine == its:
        return False
    if mine:
        return True
    # No turn was written, or it was misspelt: then the whole is more alike than the rest.
    return _ratio(word, other.removeprefix(its)) > _ratio(word, other)


def _turn(word: str) -> str:
    return next((t for t in TURNING if word.startswith(t)), "")


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
