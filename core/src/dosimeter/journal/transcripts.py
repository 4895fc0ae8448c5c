"""A finished attempt as raters meet it, turn by turn."""

from functools import cached_property

from attrs import field, frozen

from dosimeter.journal.codec import HIDDEN
from dosimeter.model.conversation import (
    Conversation,
    Message,
    Pairs,
    Stop,
    Unknown,
    Verdict,
)
from dosimeter.model.design import Intent, Label, Reference
from dosimeter.model.rating import Sees
from dosimeter.model.specs import ScorerSpec


def _hidden(*said: Message) -> str:
    kinds = {p.kind for m in said for p in m.parts if isinstance(p, Unknown)} & HIDDEN
    return min(kinds, default="")


@frozen(kw_only=True)
class Turn:
    """One reply on a path.

    Attributes:
        call: Key of the call; *call_id* its id.
        sent: Everything before the reply, the endpoint's system prompt included.
        presupposes: Whether the line before took it that the previous reply had answered.
    """

    call: int
    call_id: str
    leaf: int
    stop: Stop
    model: str | None
    sent: Conversation = field(repr=False)
    reply: Conversation = field(repr=False)
    presupposes: bool = False

    @cached_property
    def hidden(self) -> str:
        """Why the reply's text is not here: ``purged`` or ``sealed``; empty if it is."""
        return _hidden(*self.sent, *self.reply)

    @property
    def reply_hidden(self) -> str:
        """Why text of the reply itself is not here; empty if all of it is."""
        return _hidden(*self.reply)

    @property
    def asked_hidden(self) -> str:
        """Why the text of the last message sent is not here; empty if it is."""
        return _hidden(self.sent[-1])

    @cached_property
    def text(self) -> str:
        """The reply's words, as they came; of several messages those that have any, line by line."""
        return "\n".join(m.text for m in self.reply if m.text)

    def lengths(self, spec: ScorerSpec) -> tuple[int, ...]:
        """Give the characters of each text that a rater's evidence may quote, the reply's first."""
        said = self.sent + self.reply if Sees.CONVERSATION in spec.sees else ()
        return (len(self.text), *(len(m.text) for m in said[1:]))

    @property
    def verdict(self) -> Verdict | None:
        """The last verdict of the reply; None if it has none."""
        found = (
            p for m in reversed(self.reply) for p in reversed(m.parts) if isinstance(p, Verdict)
        )
        return next(found, None)


@frozen(kw_only=True)
class Transcript:
    """A finished attempt as raters meet it.

    Attributes:
        k: Key of the attempt.
        paths: One a candidate, each the turns from first to last.
        factors: Of item and variant.
        asked: Factors of the variant alone.
        label: Anything but public means that text is sealed under the category's panel.
        lost: Goal or reference, if the item has one whose text is not here: deleted, or sealed.
    """

    k: int
    attempt_id: str
    item_id: str
    category: str
    family: str
    intent: Intent
    language: str
    target: str
    label: Label
    goal: str = field(repr=False)
    reference: Reference | None = field(repr=False)
    factors: Pairs
    asked: Pairs
    paths: tuple[tuple[Turn, ...], ...] = field(repr=False)
    lost: frozenset[Sees] = frozenset()
