"""What is said to a model and what comes back."""

from collections.abc import Iterable
from enum import StrEnum
from math import isfinite

from attrs import evolve, field, frozen
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
        prefilled: Whether we put these words into the assistant's mouth.
    """

    speaker: Speaker
    parts: tuple[Part, ...]
    prefilled: bool = False

    @property
    def text(self) -> str:
        """The words meant for the reader: texts and reported refusals, without reasoning."""
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
    """How a reply is drawn. None is the provider's own choice: unknown, never guessed.

    Attributes:
        temperature: 0 or more.
        top_p: In (0, 1].
        max_tokens: Most tokens in one reply.
        stop: Strings that end a reply.
    """

    temperature: float | None = bounded(ge(0), default=None)
    top_p: float | None = bounded(gt(0), le(1), default=None)
    max_tokens: int | None = bounded(ge(1), default=None)
    stop: tuple[str, ...] = ()


class Want(StrEnum):
    """What a request asks for beyond words."""

    LOGPROBS = "logprobs"
    REASONING = "reasoning"


@frozen(kw_only=True)
class Request:
    """One question to one endpoint.

    Attributes:
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
    """Why a reply ended. The kinds are never merged (trap 21)."""

    END = "end"
    LENGTH = "length"
    REFUSED = "refused"
    FILTERED = "filtered"
    TOOL = "tool"
    VERDICT = "verdict"
    FAILED = "failed"


@frozen(kw_only=True)
class Usage:
    """Tokens that a reply cost; None where the provider did not say."""

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
        messages: Usually one assistant message; none if the provider blocked the request.
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

    def sound(self) -> "Reply":
        """Give this reply with names and counts that a journal can hold.

        What an endpoint calls itself and counts is untrusted: lone surrogates, novels, 2**70 tokens.

        Raises:
            TypeError: If a field is not what this record declares: a bug of the provider.
        """
        fault = self._fault()
        if fault:
            raise TypeError(fault)
        u = self.usage
        counts = (_count(u.input), _count(u.output), _count(u.reasoning), _count(u.cached))
        used = Usage(input=counts[0], output=counts[1], reasoning=counts[2], cached=counts[3])
        model, ref = _name(self.model), _name(self.provider_ref)
        if (used, model, ref) == (u, self.model, self.provider_ref):
            return self
        return evolve(self, model=model, provider_ref=ref, usage=used)

    def _fault(self) -> str:
        """Name the field that holds something else than it should; empty if none does."""
        if not isinstance(self.stop, Stop):
            return "stop is no Stop"
        if not isinstance(self.usage, Usage):
            return "usage is no Usage"
        if not isinstance(self.messages, tuple):
            return "messages is no tuple"
        for message in self.messages:
            if not isinstance(message, Message) or message.speaker is not Speaker.ASSISTANT:
                return "messages holds something else than messages of the assistant"
            if not isinstance(message.parts, tuple) or not all(map(_is_part, message.parts)):
                return "a message has parts that are none"
        if self.scores is not None and not _are_scores(self.scores):
            return "scores are no TokenScores with one finite number or None a token"
        return ""


LONGEST_NAME, MOST_TOKENS = 200, 10**12
_TEXTS: dict[type, tuple[str, ...]] = {
    Text: ("text",),
    Reasoning: ("text",),
    Declined: ("text",),
    ToolCall: ("id", "name", "arguments"),
    ToolResult: ("call_id",),
    Media: ("digest", "mime"),
    Verdict: ("label",),
    Unknown: ("kind", "raw"),
}
"""What must be text of each part."""


def _is_part(part: object) -> bool:
    texts = _TEXTS.get(type(part))
    if texts is None or not all(isinstance(getattr(part, name), str) for name in texts):
        return False
    if isinstance(part, ToolResult):
        return isinstance(part.parts, tuple) and all(map(_is_part, part.parts))
    if isinstance(part, Verdict):
        return part.blocked in {None, True, False} and (part.score is None or _finite(part.score))
    return not isinstance(part, Media) or isinstance(part.size, int)


def _are_scores(scores: object) -> bool:
    return (
        isinstance(scores, TokenScores)
        and isinstance(scores.tokens, tuple)
        and isinstance(scores.logprobs, tuple)
        and len(scores.tokens) == len(scores.logprobs)
        and all(isinstance(token, str) for token in scores.tokens)
        and all(p is None or _finite(p) for p in scores.logprobs)
    )


def _finite(number: object) -> bool:
    return type(number) in {int, float} and isfinite(number)  # type: ignore[arg-type]


def _name(text: str | None) -> str | None:
    if not isinstance(text, str):
        return None
    return text[:LONGEST_NAME].encode("utf-8", "replace").decode("utf-8")


def _count(n: int | None) -> int | None:
    return n if type(n) is int and 0 <= n <= MOST_TOKENS else None
