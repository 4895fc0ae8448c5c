"""The column that was meant: most mistakes are typing errors."""

from collections.abc import Sequence
from difflib import get_close_matches


def nearest(word: str, known: Sequence[str]) -> str:
    """Name the one of *known* that is most like *word*, whatever the case; all of them if none is."""
    folded = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold(), folded, 1)
    return (
        f"did you mean {folded[found[0]]!r}?" if found else f"it has {', '.join(known) or 'none'}"
    )
