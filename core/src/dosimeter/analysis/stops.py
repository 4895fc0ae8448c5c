"""What a stop reason means for a mark: nothing, a provider's block, or a cut."""

BLOCKED, TRUNCATED, FILTERED = 1, 2, 3
"""No words came; they were cut at the token limit; or by the provider's filter. Else 0: a refusal in
words that the provider marks as one is a reply like any other."""


def stop_code(wordless: str = "0") -> str:
    """Give the SQL expression of the code of a call *c*.

    Args:
        wordless: Says that a reply has no words though there is a message; else its absence does.
    """
    return (
        f"CASE WHEN c.stop = 'length' THEN {TRUNCATED}"
        f" WHEN c.stop IN ('refused', 'filtered') AND (c.reply IS c.leaf OR {wordless}) THEN {BLOCKED}"
        f" WHEN c.stop = 'filtered' THEN {FILTERED} ELSE 0 END"
    )
