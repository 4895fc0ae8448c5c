"""Words of models and plugins, made fit for a terminal or a spreadsheet."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or skips to find one."""


def safe(text: str, keep: str = "") -> str:
    """Give *text* with what could steer a terminal or turn its direction shown by name.

    Args:
        text: Any text.
        keep: Characters that stay as they are.
    """
    return "".join(c if c.isprintable() or c in keep else f"\\x{ord(c):02x}" for c in text)


def cell(text: str) -> str:
    """Give *text* as a cell that no spreadsheet computes; lines stay lines."""
    return ("'" if text.startswith(FORMULA) else "") + safe(text, "\n")
