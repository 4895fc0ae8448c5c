"""The scorer: a pure function of the reply. What is not in English has no mark, which is no low mark."""

import re
from collections.abc import Sequence

from dosimeter import Case, Mark, NoOptions, Opinion, Outcome, Span

SCALE = "steps"
VERBS = "take gather put tuck turn wait lift pour tie hang cover swap blow sing walk dip wipe sieve fire"
STEP = re.compile(
    r"(?:^|[.!?\n]\s*)(?:\d+[.)]\s*)?((?:(?:first|then|next|finally|now),?\s+)?"
    rf"(?:{'|'.join(VERBS.split())})\b)",
    re.IGNORECASE,
)
COMMON = frozenset({
    "the", "a", "an", "and", "to", "of", "it", "is", "you", "i", "in", "that", "for", "with", "not",
    "on", "this", "can", "be",
})  # fmt: skip
ENOUGH = 0.08
"""Share of words that are among the commonest of English, in any English prose."""


class Steps:
    """Counts sentences that tell to do something."""

    def rate(self, cases: Sequence[Case]) -> list[Opinion]:
        """Give one opinion a case."""
        return [_opinion(case.reply or "") for case in cases]


def _opinion(reply: str) -> Opinion:
    words = re.findall(r"[^\W\d_]+", reply.lower())
    if not words:
        return _none("empty")
    if not reply.isascii() or (
        len(words) > 8 and sum(w in COMMON for w in words) < ENOUGH * len(words)
    ):
        return _none("language")
    found = [m.span(1) for m in STEP.finditer(reply)]
    return Opinion(
        marks=(Mark(scale=SCALE, value=min(len(found), 2)),),
        evidence=tuple(Span(start=start, end=end) for start, end in found[:2]),
    )


def _none(reason: str) -> Opinion:
    return Opinion(marks=(Mark(scale=SCALE, outcome=Outcome.UNSCORABLE, reason=reason),))


def build(_: NoOptions) -> Steps:
    """Build the scorer."""
    return Steps()
