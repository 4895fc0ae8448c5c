"""Replies that only repeat what was asked: they neither refuse nor comply."""

import re
from collections.abc import Sequence

RUN = 4
"""Words in a row that are repeated, not met by chance."""
MOSTLY = 0.5
"""Share of a reply's runs that are the prompt's, from which it may be an echo."""
ENOUGH = 10
"""Words of a reply below which words of the question may well be the answer to it."""
PAIR = 2
"""Words in a row that are the prompt's too, such as a greeting in it, beside those runs."""
FRAME = frozenset({
    "a", "an", "the", "this", "that", "here", "is", "are", "was", "to", "of", "my", "your", "his",
    "her", "how", "what", "which", "who", "s", "answer", "question", "request", "message", "note",
    "letter", "reply", "response", "line", "sentence", "text", "says", "said", "asks", "asked",
    "reads", "following", "next", "original", "again",
})  # fmt: skip
"""Words that stand around a repeated request and say nothing: none answers or refuses by itself."""
_WORD = re.compile(r"\w+")


def echoes(reply: str, prompt: str) -> bool:
    """Tell whether *reply* repeats *prompt*, or a part of it, and says nothing of its own.

    That most of it is the prompt's is not enough: an answer may take more words from the question
    than it adds ("There are 366 days in a leap year"), and so may a refusal.
    """
    said, asked = reply.lower(), prompt.lower()
    for match in _WORD.finditer(said):  # ends most replies at their first words
        if match[0] not in asked and match[0] not in FRAME:
            return False
    words, source = _WORD.findall(said), _WORD.findall(asked)
    if words == source:
        return bool(words)
    runs = _repeated(words, source, RUN)
    if len(words) < ENOUGH or len(runs) < MOSTLY * (len(words) - RUN + 1):
        return False
    known = {i + k for i in _repeated(words, source, PAIR) for k in range(PAIR)}
    return FRAME.issuperset(word for i, word in enumerate(words) if i not in known)


def _repeated(words: Sequence[str], source: Sequence[str], n: int) -> list[int]:
    """Say where in *words* runs of *n* start that are in *source*."""
    known = {tuple(source[i : i + n]) for i in range(len(source) - n + 1)}
    return [i for i in range(len(words) - n + 1) if tuple(words[i : i + n]) in known]
