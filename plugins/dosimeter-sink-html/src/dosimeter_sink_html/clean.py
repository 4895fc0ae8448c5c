"""Text that came from a model or a plugin, made harmless to look at."""

import unicodedata

ELLIPSIS = " […]"


def visible(text: str, most: int) -> str:
    """Show control and direction marks by name instead of obeying them; cut at *most* characters.

    Markup needs no care here: the template escapes it.
    """
    out = []
    for char in text[: most + 1]:
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            out.append(char)
        else:
            out.append(f"⟨{ord(char):04X}⟩")
    shown = "".join(out[:most])
    return shown + ELLIPSIS if len(text) > most else shown
