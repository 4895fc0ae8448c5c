"""The column that was meant: most mistakes are typing errors."""

from collections.abc import Sequence
from difflib import get_close_matches

from dosimeter_harm_file.words import folded, shown

MOST = 20


def nearest(word: str, known: Sequence[str]) -> str:
    """Name the one of *known* that is most like *word*, whatever the case; all of them if none is."""
    by_form = {folded(one): one for one in known}
    found = get_close_matches(folded(word), by_form, 1)
    return f"did you mean {shown(by_form[found[0]])}?" if found else f"it has {listed(known)}"


def listed(known: Sequence[str]) -> str:
    """Name columns."""
    more = [f"and {len(known) - MOST} more"] if len(known) > MOST else []
    return ", ".join([*map(shown, known[:MOST]), *more]) or "none"
