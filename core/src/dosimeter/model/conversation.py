"""What is said to a model and what comes back."""

from collections.abc import Iterable
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge, gt, le

from dosimeter.limits import bounded

Pairs = tuple[tuple[str, str], ...]
"""Sorted name-value pairs: the frozen stand-in for a mapping."""


def pairs(values: Iterable[tuple[str, str]] = ()) -> Pairs:
    """Sort name-value pairs, refusing a repeated name.

    Raises:
        ValueError: If a name occurs twice.
    """
    ordered = tuple(sorted(values))
    names = [name for name, _ in ordered]
    if len(set(names)) != len(names):
        msg = f"repeated name in {names}"
        raise ValueError(msg)
    return ordered


class Speaker(StrEnum):
    """Who says a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@frozen(kw_only=True)
class Text:
    """Words."""

    text: str = field(repr=False)


@frozen(kw_only=True)
class Reasoning:
    """What a model shows of its thinking, apart from its answer."""

    text: str = field(repr=False)


@frozen(kw_only=True)
class Declined:
    """A refusal that the provider reports in a field of its own."""

    text: str = field(repr=False)


@frozen(kw_only=True)
class ToolCall:
    """A model asks for a tool.

    Attributes:
        arguments: JSON as the model wrote it, valid or not.
    """

    id: str
    name: str
    arguments: str = field(repr=False)


@frozen(kw_only=True)
class ToolResult:
    """What a tool answered."""

    call_id: str
    parts: "tuple[Part, ...]"


@frozen(kw_only=True)
class Media:
    """Bytes kept elsewhere, named by their digest.

    Attributes:
        size: Bytes.
    """

    digest: str
    mime: str
    size: int


@frozen(kw_only=True)
class Verdict:
    """A guardrail's answer: a judgement and no text.

    Attributes:
        blocked: Whether it would have stopped the request; None if it did not say.
        score: The guardrail's own number, if it gives one.
    """

    label: str
    blocked: bool | None = None
    score: float | None = None


@frozen(kw_only=True)
class Unknown:
    """A kind of part this version has no record for, kept as it came."""

    kind: str
    raw: str = field(repr=False)


Part = Text | Reasoning | Declined | ToolCall | ToolResult | Media | Verdict | Unknown


@frozen(kw_only=True)
class Message:
    """One turn of a conversation.

    Attributes:
        speaker: Who says it; of a reply's, the assistant.
        parts: What is said, in order.
        prefilled: Whether we put these words into the assistant's mouth.
    """

    speaker: Speaker
    parts: tuple[Part, ...]
    prefilled: bool = False

    @property
    def text(self) -> str:
        """The words meant for the reader: texts and reported refusals, without reasoning."""
        if len(self.parts) == 1 and type(self.parts[0]) is Text:
            return self.parts[0].text  # as most are, and this is asked a dozen times an attempt
        return "\n".join(part.text for part in self.parts if isinstance(part, Text | Declined))

    @property
    def reasoning(self) -> str:
        """The reasoning that the provider returned apart from the answer."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Reasoning))


Conversation = tuple[Message, ...]


def system(text: str) -> Message:
    """Make a system message of plain text."""
    return Message(speaker=Speaker.SYSTEM, parts=(Text(text=text),))


def user(text: str) -> Message:
    """Make a user message of plain text."""
    return Message(speaker=Speaker.USER, parts=(Text(text=text),))


def assistant(text: str, *, prefilled: bool = False) -> Message:
    """Make an assistant message of plain text."""
    return Message(speaker=Speaker.ASSISTANT, parts=(Text(text=text),), prefilled=prefilled)


@frozen(kw_only=True)
class Tool:
    """A tool that a model may ask for.

    Attributes:
        schema: JSON Schema of the arguments, as text.
    """

    name: str
    summary: str
    schema: str = field(repr=False)


@frozen(kw_only=True)
class Sampling:
    """How a reply is drawn. None is the provider's own choice: unknown, never guessed."""

    temperature: float | None = bounded(
        ge(0), default=None,
        help="how evenly words are drawn, 0 for the likeliest; default: the provider's",
    )  # fmt: skip
    top_p: float | None = bounded(
        gt(0), le(1), default=None,
        help="share of probability that words are drawn from; default: the provider's",
    )  # fmt: skip
    max_tokens: int | None = bounded(
        ge(1), default=None,
        help="most tokens of one reply; a reply that reaches it counts as cut; default: the provider's",
    )  # fmt: skip
    stop: tuple[str, ...] = field(
        default=(), metadata={"help": "strings that end a reply; default: none"}
    )


class Want(StrEnum):
    """What a request asks for beyond words.

    Attributes:
        LOGPROBS: Log-probabilities of the reply, in `Reply.scores`.
        REASONING: What the model shows of its thinking, as `Reasoning`.
    """

    LOGPROBS = "logprobs"
    REASONING = "reasoning"


@frozen(kw_only=True)
class Request:
    """One question to one endpoint.

    Attributes:
        conversation: All that is said: a system message if there is one, earlier turns, the last one.
        sampling: What the stack or the attack sets; what it leaves open is not sent.
        tools: Offered to the model.
        want: What else is wanted.
        score: If given, token scores of this text as the continuation are wanted, not a new reply.
        seed: Derived from the call's id. A provider passes it on if its model takes one.
    """

    conversation: Conversation
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()
    score: tuple[Part, ...] | None = None
    want: frozenset[Want] = frozenset()
    seed: int | None = None


class Stop(StrEnum):
    """Why a reply ended. The kinds are never merged (trap 21).

    Attributes:
        END: Of itself; without messages where nothing was said.
        LENGTH: Cut at the most tokens there may be.
        REFUSED: The provider marks it as the model's refusal.
        FILTERED: Blocked; its messages are what was shown before, none if nothing was.
        TOOL: To call a tool.
        VERDICT: A guardrail's judgement, and no words.
        FAILED: Something else; no rater is asked.
    """

    END = "end"
    LENGTH = "length"
    REFUSED = "refused"
    FILTERED = "filtered"
    TOOL = "tool"
    VERDICT = "verdict"
    FAILED = "failed"


@frozen(kw_only=True)
class Usage:
    """Tokens that a try cost; None where the provider did not say.

    Attributes:
        input: All of the prompt, those of a cache included.
        output: All that was made, reasoning included.
        reasoning: Of *output*, the model's thinking.
        cached: Of *input*, those that came from a cache of the provider's.
    """

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None


@frozen(kw_only=True)
class TokenScores:
    """Natural-log probabilities of the tokens of a reply or of a given text.

    Attributes:
        tokens: The tokens, as text. Same length as *logprobs*.
        logprobs: Natural logarithms, at most 0; None where the provider gave none.
    """

    tokens: tuple[str, ...] = field(repr=False)
    logprobs: tuple[float | None, ...] = field(repr=False)


@frozen(kw_only=True)
class Reply:
    """What came back.

    Attributes:
        messages: Usually one of the assistant; none if nothing was said or shown.
        stop: Why it ended.
        usage: What it cost.
        scores: Log-probabilities, if they were wanted.
        model: The model id as the provider returned it (trap 23).
        provider_ref: The provider's own id of this reply, for support requests.
    """

    messages: tuple[Message, ...]
    stop: Stop
    model: str | None = None
    usage: Usage = Usage()
    scores: TokenScores | None = None
    provider_ref: str | None = None

    @property
    def text(self) -> str:
        """The words of all assistant messages, without reasoning."""
        return "\n".join(m.text for m in self.messages if m.speaker is Speaker.ASSISTANT)
