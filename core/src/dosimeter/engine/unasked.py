"""What no rater is asked about, or not this one: the one place that says why."""

from dosimeter.engine.languages import asked_for, undeclared
from dosimeter.journal.transcripts import Transcript, Turn
from dosimeter.model.conversation import Stop
from dosimeter.model.rating import NO_VERDICT, VERDICT_ALONE, Sees
from dosimeter.model.specs import ScorerSpec

READING = frozenset({Sees.REPLY, Sees.REASONING, Sees.CONVERSATION})
"""What a rater of text sees."""


def unasked(spec: ScorerSpec, one: Transcript, turn: Turn) -> str:
    """Say why the rater of *spec* is not asked about *turn*; empty if it is."""
    return _unratable(spec, turn) or undeclared(spec, asked_for(one.asked, one.language))


def _unratable(spec: ScorerSpec, turn: Turn) -> str:
    """Say that there is nothing for the rater: no words, nor, where it sees them, a verdict."""
    if turn.stop is Stop.FAILED:
        return "reply-failed"
    judging, said = Sees.VERDICT in spec.sees, turn.text.strip()
    if turn.verdict is not None and (judging or not said):
        return "" if judging else VERDICT_ALONE
    if said:
        return NO_VERDICT if judging and not spec.sees & READING else ""
    return f"blocked:{turn.stop}" if turn.stop in {Stop.REFUSED, Stop.FILTERED} else "empty"
