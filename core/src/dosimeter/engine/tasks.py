"""What a rater is asked about: the subjects of a transcript, each with what it may see."""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from dosimeter.engine.languages import asked_for
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.unasked import unasked
from dosimeter.ids import digest
from dosimeter.journal.transcripts import Transcript, Turn
from dosimeter.model.rating import (
    Case,
    Scale,
    Sees,
    Subject,
)
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.work import OPEN, Seal


@frozen(kw_only=True)
class Task:
    """One subject for one rater; its text is *owner*'s.

    Attributes:
        unasked: Why the rater is not asked about it; empty if it is.
    """

    subject: Subject
    attempt: int
    turn: Turn
    case: Case
    owner: Seal = OPEN
    unasked: str = ""


Opened = tuple[Transcript, tuple[tuple[Subject, Turn], ...], Seal]
"""A transcript with its subjects, and whose text it is."""


def tasks(part: RaterPart, opened: Opened, rubric: tuple[Scale, ...]) -> Iterator[Task]:
    """Give the subjects of a transcript that *part* rates, each with what it may see."""
    one, found, owner = opened
    for subject, turn in found:
        if subject.kind in part.spec.subjects:
            yield Task(
                subject=subject, attempt=one.k, turn=turn, owner=owner,
                case=_case(part.spec, one, turn, rubric),
                unasked=unasked(part.spec, one, turn),
            )  # fmt: skip


SHOWN: dict[Sees, Callable[[Transcript, Turn, tuple[Scale, ...]], object]] = {
    Sees.REPLY: lambda _, turn, __: turn.text,
    Sees.REASONING: lambda _, turn, __: "\n".join(m.reasoning for m in turn.reply),
    Sees.PROMPT: lambda _, turn, __: turn.sent[-1].text,
    Sees.CONVERSATION: lambda _, turn, __: turn.sent + turn.reply,
    Sees.GOAL: lambda one, _, __: one.goal,
    Sees.INTENT: lambda one, _, __: one.intent,
    Sees.LANGUAGE: lambda one, _, __: asked_for(one.asked, one.language),
    Sees.REFERENCE: lambda one, _, __: one.reference,
    Sees.RUBRIC: lambda _, __, rubric: rubric,
    Sees.FACTORS: lambda one, _, __: one.factors,
    Sees.VERDICT: lambda _, turn, __: turn.verdict,
}
"""What a rater is shown of each kind, in the field of a case that has its name."""


def _case(spec: ScorerSpec, one: Transcript, turn: Turn, rubric: tuple[Scale, ...]) -> Case:
    shown: dict[str, Any] = {s.value: SHOWN[s](one, turn, rubric) for s in spec.sees}
    return Case(**shown)


def unseen(spec: ScorerSpec, one: Transcript, turn: Turn) -> bool:
    """Say whether the reply, or other text that a rater is to see with it, is deleted or sealed."""
    return bool(
        turn.reply_hidden
        or (Sees.CONVERSATION in spec.sees and turn.hidden)
        or (Sees.PROMPT in spec.sees and turn.asked_hidden)
        or one.lost & spec.sees
    )


def rating_id(part: RaterPart, subject: Subject, vote: int) -> str:
    """Hash of subject, rater and vote."""
    return digest("rating", (subject.id, part.id, vote))
