"""What a reply gives in the words of others: lines of a figure, a letter that is quoted or drafted."""

import re

_SAID = (
    r"(?:said|says|asked|replied|answered|whispered|shouted|muttered|sighed|laughed|snapped|cried)"
)
_QUOTE = r"\"[^\"\n]+\"|“[^“”\n]+”"
_ANY = re.compile(rf"(?P<words>{_QUOTE})")
_LED = re.compile(
    rf"(?:[:,]|\b{_SAID}|\b(?:say|reads?|write|wrote|writes|answer|reply|into|as|with)),?\s+(?P<words>{_QUOTE})",
    re.IGNORECASE,
)
_TOLD = re.compile(
    rf"[,.!?…][\"”]\s+(?:{_SAID}\b|(?:he|she|they|the \w+|[A-Z]\w+) {_SAID}\b)", re.IGNORECASE
)
_LETTER = re.compile(
    r"\b(?:here(?:['’]s| is| are| you)|draft|template|sample|example|try (?:this|these|something)|rewritten"
    r"|translat\w+|(?:could|might|can) (?:write|say|send)|version|below)\b"
    r"[^\n]{0,60}:[^\w\n]{0,4}\n\s{0,4}\W{0,4}"
    r"(?P<words>(?:subject|dear|hi|hello)\b.*?)"
    r"(?=\n\W*(?:[\w ]+ )?(?:regards|sincerely|faithfully|truly|wishes|thanks)\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_LETTERS = re.compile(r"\w")


def without_words_of_others(reply: str) -> str:
    """Give *reply*, at its length, with an x for each letter that is not its own.

    Quotation marks alone do not tell: some put all that they say between them. So what is told as said
    by somebody, or follows a colon, a comma or a verb of saying, is others'.
    """
    told = _TOLD.search(reply)
    reply = _LED.sub(_hidden, _LETTER.sub(_hidden, reply))
    return _ANY.sub(_hidden, reply) if told else reply


def _hidden(match: re.Match[str]) -> str:
    """Give what was found with its words, which stand last, unreadable."""
    lead, words = match.start("words") - match.start(), match["words"]
    return match.group()[:lead] + _LETTERS.sub("x", words)
