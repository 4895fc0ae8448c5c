"""Text that came from a model or a plugin, made harmless to look at."""

import re
import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
UNIT = re.compile(r"(?<=\d) (?=%)")
MOST_STACKED = 4
"""Combining marks in a row that are drawn; more would be heaped over the lines around."""
MOST_NAME, MOST_SENTENCE = 80, 1_200


class Inert(str):
    """Text that has been through `visible`. Markup is the template's to escape."""

    __slots__ = ()


def visible(text: str, most: int) -> Inert:
    """Show control and direction marks by name instead of obeying them; say what is cut at *most*."""
    out, stacked = [], 0
    for char in text[:most]:
        kind = unicodedata.category(char)
        stacked = stacked + 1 if kind in {"Mn", "Me"} else 0
        if char in "\n\t" or (kind not in HIDDEN and stacked <= MOST_STACKED):
            out.append(char)
        else:
            out.append(f"⟨{ord(char):04X}⟩")
    if len(text) > most:
        out.append(f" [… {len(text) - most:,} more characters]")
    return Inert("".join(out))


def name(text: str) -> Inert:
    """Show what somebody called something."""
    return visible(text, MOST_NAME)


def together(text: str) -> str:
    """Bind a unit to its number, so that no line breaks before it."""
    return UNIT.sub("\N{NO-BREAK SPACE}", text)


def inert(value: object) -> object:
    """Make harmless whatever a template prints, and bind units; what others wrote stays as it is."""
    fine = not isinstance(value, str) or isinstance(value, Inert) or hasattr(value, "__html__")
    return value if fine else visible(together(str(value)), MOST_SENTENCE)
