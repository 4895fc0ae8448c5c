"""What a word may have been meant to be: most mistakes are typing errors."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def nearest(
    word: str, known: Iterable[str], *, there: str = "there are", alike: float = 0.65
) -> str:
    """Name the one of *known* that is most like *word*; all of them if none is like it.

    Args:
        word: What was written.
        known: What there is. A sequence is told in its own order.
        there: What stands before all of *known*.
        alike: How alike two words must be, 0 to 1 (`difflib.SequenceMatcher.ratio`).
    """
    every = known if isinstance(known, Sequence) else sorted(known)
    found = get_close_matches(word, every, 1, alike)
    return f"did you mean {found[0]!r}?" if found else f"{there} {', '.join(every) or 'none'}"
