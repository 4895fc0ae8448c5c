"""What a search or a judge asks for while it works."""

from enum import StrEnum

from attrs import field, frozen

from dosimeter.model.conversation import Conversation, Part, Sampling, Want


class Role(StrEnum):
    """What an endpoint does in an attempt or a rating."""

    TARGET = "target"
    ATTACKER = "attacker"
    STEER = "steer"
    JUDGE = "judge"
    REFERENCE = "reference"
    AUTHOR = "author"


NOTES = frozenset({
    "off-script", "presupposes-answer", "pruned", "backtracked", "unrealistic", "off-goal",
    "malformed",
})  # fmt: skip
"""The core's kinds of notes; attacks declare more."""


@frozen(kw_only=True)
class Note:
    """A remark on an attempt.

    Attributes:
        kind: One of `NOTES` or one that the attack's spec declares.
        by: Who says so: the core, an attack or a rater.
    """

    kind: str
    by: str
    text: str = field(default="", repr=False)


@frozen(kw_only=True)
class Ask:
    """One question of a search or a judge.

    Attributes:
        id: Unique within the play, chosen by the plugin: ``"0.2.attack"``.
        conversation: All that the endpoint is to see, apart from its own system prompt.
        parent: Id of the ask whose reply this conversation continues, if it continues one.
        sampling: None takes the endpoint's.
        score: As in `Request`.
        want: As in `Request`.
    """

    id: str
    role: Role
    conversation: Conversation = field(repr=False)
    parent: str | None = None
    sampling: Sampling | None = None
    score: tuple[Part, ...] | None = field(default=None, repr=False)
    want: frozenset[Want] = frozenset()
    notes: tuple[Note, ...] = ()


class Stage(StrEnum):
    """How a candidate came about."""

    FOUND = "found"
    SAMPLE = "sample"
    REPLAY = "replay"


@frozen(kw_only=True)
class Candidate:
    """A reply that an attempt submits for rating.

    Attributes:
        leaf: Id of the ask whose reply ends the path.
        rank: 0 is the attack's first choice.
    """

    leaf: str
    stage: Stage = Stage.FOUND
    rank: int = 0


@frozen(kw_only=True)
class Bound:
    """The most a search may ask, for plan and budget."""

    asks: tuple[tuple[Role, int], ...]
