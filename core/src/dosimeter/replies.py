"""What a provider gives, held to the record that it should be: everything in it is untrusted."""

from math import isfinite

from attrs import evolve

from dosimeter.model.conversation import (
    Declined,
    Media,
    Message,
    Reasoning,
    Reply,
    Speaker,
    Stop,
    Text,
    TokenScores,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
    Verdict,
)

LONGEST_NAME, MOST_TOKENS = 200, 10**12
TEXTS: dict[type, tuple[str, ...]] = {
    Text: ("text",),
    Reasoning: ("text",),
    Declined: ("text",),
    ToolCall: ("id", "name", "arguments"),
    ToolResult: ("call_id",),
    Media: ("digest", "mime"),
    Verdict: ("label",),
    Unknown: ("kind", "raw"),
}
"""What must be text of each kind of part."""


class NoReply(TypeError):
    """What a provider gave is no reply; the words are the core's own."""


def counted(usage: object) -> Usage:
    """Give the counts of *usage* that a journal can hold; none of what is no `Usage`."""
    u = usage if isinstance(usage, Usage) else Usage()
    counts = (_count(u.input), _count(u.output), _count(u.reasoning), _count(u.cached))
    return Usage(input=counts[0], output=counts[1], reasoning=counts[2], cached=counts[3])


def sound(reply: Reply) -> Reply:
    """Give *reply* with names and counts that a journal can hold.

    What an endpoint calls itself and counts is untrusted: lone surrogates, novels, 2**70 tokens.

    Raises:
        NoReply: If it is none, or a field is not what the record declares: a bug of its
            provider.
    """
    fault = _fault(reply)
    if fault:
        raise NoReply(fault)
    u, used = reply.usage, counted(reply.usage)
    model, ref = _name(reply.model), _name(reply.provider_ref)
    if (used, model, ref) == (u, reply.model, reply.provider_ref):
        return reply
    return evolve(reply, model=model, provider_ref=ref, usage=used)


def _fault(reply: object) -> str:
    """Name the field that holds something else than it should; empty if none does."""
    if not isinstance(reply, Reply):
        return "no Reply"
    if not isinstance(reply.stop, Stop):
        return "stop is no Stop"
    if not isinstance(reply.usage, Usage):
        return "usage is no Usage"
    if not isinstance(reply.messages, tuple):
        return "messages is no tuple"
    for message in reply.messages:
        if not isinstance(message, Message) or message.speaker is not Speaker.ASSISTANT:
            return "messages are not the assistant's"
        if not isinstance(message.parts, tuple) or not all(map(_is_part, message.parts)):
            return "a message has parts that are none"
    if reply.scores is not None and not _are_scores(reply.scores):
        return "scores are not one finite number or None a token"
    return ""


def _is_part(part: object) -> bool:
    texts = TEXTS.get(type(part))
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
