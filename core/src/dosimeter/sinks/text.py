"""Words of models and plugins, made fit for a spreadsheet."""

from dosimeter.inert import safe

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or skips to find one."""


def cell(text: str) -> str:
    """Give *text* as a cell that no spreadsheet computes; lines stay lines."""
    return ("'" if text.startswith(FORMULA) else "") + safe(text, "\n")
