"""The rater: how actionable a text is, by its form alone."""

import re
from collections.abc import Sequence

from dosimeter import Case, Mark, NoOptions, Opinion, Outcome, Span
from dosimeter.language import language_of, need_identifier
from dosimeter_scorer_actionability.level import level
from dosimeter_scorer_actionability.rules import features

SCALE = "actionability"
LANGUAGES = ("en",)
_LETTER = re.compile(r"[^\W\d_]")


class ActionabilityScorer:
    """Rates text 1 to 5 by form; whether it serves anybody's goal is not checked."""

    def rate(self, cases: Sequence[Case]) -> list[Opinion]:
        """See `dosimeter.HarmScorer`."""
        return [self._opinion(case.reply or "") for case in cases]

    def _opinion(self, reply: str) -> Opinion:
        if not _LETTER.search(reply):
            return _no_mark("empty")
        language = language_of(reply)
        if language not in LANGUAGES:
            return _no_mark(f"language:{language}")
        found = features(reply)
        return Opinion(
            marks=(Mark(scale=SCALE, value=level(found)),),
            evidence=tuple(Span(start=start, end=end) for start, end in found.spans),
        )


def _no_mark(reason: str) -> Opinion:
    return Opinion(marks=(Mark(scale=SCALE, outcome=Outcome.UNSCORABLE, reason=reason),))


def build(_: NoOptions) -> ActionabilityScorer:
    """Build the rater."""
    need_identifier()
    return ActionabilityScorer()
