"""Counts in words."""


def plural(n: int, noun: str) -> str:
    """Give *n* of what *noun* names: ``1 family``, ``2 families``.

    >>> plural(1, "reply"), plural(0, "reply"), plural(5382, "attempt")
    ('1 reply', '0 replies', '5,382 attempts')
    """
    if n == 1:
        return f"1 {noun}"
    return f"{n:,} {noun[:-1]}ies" if noun.endswith("y") else f"{n:,} {noun}s"
