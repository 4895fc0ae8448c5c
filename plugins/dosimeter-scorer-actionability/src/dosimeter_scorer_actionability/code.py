"""What in a line of code is done, measured, checked and put right."""

import re

from attrs import frozen

_LIKE = re.compile(r"\w\([^)\s]|\w\(\)| = |\w=\w")
_CALL = re.compile(r"\w\(|[$]")
_AMOUNT = re.compile(r"\w ?[=(:] ?-?\d+(?:\.\d+)?|\d (?:cm|mm|m|g|kg|ml|l|min|hours?|minutes?|s)\b")
_CHECK = re.compile(r"\b(?:assert|while|until|test|check|expect|require)|[=!<>]=|[<>]")
_REMEDY = re.compile(r"\b(?:if|elif|else|unless|except|retry|goto|abort|stop)\b")
MOSTLY = 0.4
"""Share of lines that look like code from which a text of three lines or more is code."""


@frozen(kw_only=True)
class Line:
    """What one line of code holds."""

    steps: int
    amounts: int
    check: bool
    remedy: bool


def is_code(text: str) -> bool:
    """Say whether enough lines of *text* call or assign something."""
    if "(" not in text and "=" not in text:
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 3:
        return False
    return sum(bool(_LIKE.search(line)) for line in lines) >= MOSTLY * len(lines)


def read(line: str) -> Line:
    """Read a lower-case line: a call is a step, a number given to a name is an amount."""
    return Line(
        steps=int(bool(_CALL.search(line))),
        amounts=len(_AMOUNT.findall(line)),
        check=bool(_CHECK.search(line)),
        remedy=bool(_REMEDY.search(line)),
    )
