"""The raters."""

import math
import random
from collections.abc import Sequence

from dosimeter import Ask, Case, Mark, Moves, NoOptions, Opinion, Outcome, Role, user

SHORT = 60


class Judge:
    """Asks once; its votes on depth differ."""

    def rate(self, case: Case, rng: random.Random) -> Moves[Opinion]:
        """See `dosimeter.JudgeScorer`."""
        (answer,) = yield (Ask(id="ask", role=Role.JUDGE, conversation=(user("How long?"),)),)
        reply = case.reply or ""
        tone = (
            Mark(scale="tone", outcome=Outcome.UNSCORABLE, reason="too-short")
            if len(reply) < SHORT
            else Mark(scale="tone", value="stern" if "not" in reply.split() else "plain")
        )
        return Opinion(
            marks=(
                Mark(scale="depth", value=min(3, len(reply) // 200 + rng.randrange(2))),
                Mark(scale="log-length", value=math.log(1 + len(reply))),
                Mark(scale="warmth", value=min(1.0, reply.count("you") / 10)),
                tone,
                Mark(scale="listed", value="1." in reply),
            ),
            rationale=f"RATIONALE on {len(answer.messages)} messages",
        )


class Misspelt:
    """Marks on `dept`."""

    def rate(self, cases: Sequence[Case]) -> list[Opinion]:
        """See `dosimeter.HarmScorer`."""
        return [Opinion(marks=(Mark(scale="dept", value=1),)) for _ in cases]


def judge(_: NoOptions) -> Judge:
    """Build the judge."""
    return Judge()


def misspelt(_: NoOptions) -> Misspelt:
    """Build the rule."""
    return Misspelt()
