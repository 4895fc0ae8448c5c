"""The chat-completions format that many endpoints speak: records to JSON and back."""

import json
import math
from typing import Any

from dosimeter.errors import Permanent, Transient
from dosimeter.model.conversation import (
    Conversation,
    Declined,
    Media,
    Message,
    Part,
    Reasoning,
    Reply,
    Request,
    Speaker,
    Stop,
    Text,
    TokenScores,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
    Want,
)

__all__ = ["body", "messages", "reply"]

STOPS = {
    "stop": Stop.END,
    "eos": Stop.END,
    "length": Stop.LENGTH,
    "max_tokens": Stop.LENGTH,
    "model_length": Stop.LENGTH,
    "content_filter": Stop.FILTERED,
    "safety": Stop.FILTERED,
    "refusal": Stop.REFUSED,
    "tool_calls": Stop.TOOL,
    "function_call": Stop.TOOL,
}
Json = dict[str, Any]
WORDS = (Text, Declined)


def messages(conversation: Conversation) -> list[Json]:
    """Give a conversation as ``messages``.

    Raises:
        Permanent: If it holds a part that the format cannot carry.
    """
    out: list[Json] = []
    for message in conversation:
        results = [p for p in message.parts if isinstance(p, ToolResult)]
        if results:
            out += [
                {"role": "tool", "tool_call_id": r.call_id, "content": _words(r.parts)}
                for r in results
            ]
            continue
        one: Json = {"role": message.speaker.value, "content": _words(message.parts)}
        calls = [p for p in message.parts if isinstance(p, ToolCall)]
        if calls:
            one["tool_calls"] = [
                {"id": c.id, "type": "function",
                 "function": {"name": c.name, "arguments": c.arguments}} for c in calls
            ]  # fmt: skip
        out.append(one)
    return out


def _words(parts: tuple[Part, ...]) -> str:
    if len(parts) == 1 and type(parts[0]) is Text:
        return parts[0].text  # as most are
    if any(isinstance(p, (Media, Unknown)) for p in parts):
        msg = "the chat-completions format carries text and tools only"
        raise Permanent(msg, code="unsupported-part")
    return "\n".join(p.text for p in parts if isinstance(p, WORDS))


def body(request: Request, model: str, *, max_tokens_key: str = "max_tokens") -> Json:
    """Give the body of a request; what the request leaves open is left out, never guessed.

    Raises:
        Permanent: If it asks for scores of a given text, which the format does not have.
    """
    if request.score is not None:
        msg = "chat completions cannot score a given text"
        raise Permanent(msg, code="unsupported-scoring")
    sampling = request.sampling
    out: Json = {"model": model, "messages": messages(request.conversation)}
    if sampling.temperature is not None:
        out["temperature"] = sampling.temperature
    if sampling.top_p is not None:
        out["top_p"] = sampling.top_p
    if sampling.max_tokens is not None:
        out[max_tokens_key] = sampling.max_tokens
    if sampling.stop:
        out["stop"] = list(sampling.stop)
    if request.seed is not None:
        out["seed"] = request.seed
    if request.tools:
        out["tools"] = [
            {"type": "function", "function": {"name": t.name, "description": t.summary,
                                              "parameters": json.loads(t.schema)}}
            for t in request.tools
        ]  # fmt: skip
    if Want.LOGPROBS in request.want:
        out["logprobs"] = True
    return out


def reply(data: object) -> Reply:
    """Read a response.

    Raises:
        Transient: If it is no chat completion: a proxy's page, a cut answer.
    """
    if not isinstance(data, dict) or not isinstance(data.get("choices"), list):
        raise Transient("the answer is no chat completion", code="malformed")
    choice = data["choices"][0] if data["choices"] else None
    used = _usage(_table(data.get("usage")))
    if not isinstance(choice, dict):
        raise Transient("the answer has no choices", code="no-choices", usage=used)
    if not isinstance(choice.get("message") or {}, dict):
        raise Transient("the answer is no chat completion", code="malformed", usage=used)
    finish = str(choice.get("finish_reason") or "").lower()
    if finish == "error":
        raise Transient("the answer broke off with an error", code="finish-error", usage=used)
    said = _table(choice.get("message"))
    parts = _parts(said)
    stop = STOPS.get(finish, Stop.END)
    if said.get("refusal") and stop is Stop.END:
        stop = Stop.REFUSED
    return Reply(
        messages=(Message(speaker=Speaker.ASSISTANT, parts=parts),) if parts else (),
        stop=stop,
        model=_text(data.get("model")),
        usage=used,
        scores=_scores(choice.get("logprobs")),
        provider_ref=_text(data.get("id")),
    )


def _usage(usage: Json) -> Usage:
    return Usage(
        input=_count(usage.get("prompt_tokens")),
        output=_count(usage.get("completion_tokens")),
        reasoning=_count(_table(usage.get("completion_tokens_details")).get("reasoning_tokens")),
        cached=_count(_table(usage.get("prompt_tokens_details")).get("cached_tokens")),
    )


def _table(raw: object) -> Json:
    """Give what should be an object, empty if it is none: endpoints of all makes answer here."""
    return raw if isinstance(raw, dict) else {}


def _count(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None


def _text(raw: object) -> str | None:
    return raw if isinstance(raw, str) else None


def _number(raw: object) -> float | None:
    return float(raw) if isinstance(raw, int | float) and math.isfinite(raw) else None


def _parts(said: Json) -> tuple[Part, ...]:
    parts: list[Part] = []
    thought = said.get("reasoning_content") or said.get("reasoning")
    if isinstance(thought, str) and thought:
        parts.append(Reasoning(text=thought))
    content = said.get("content")
    if isinstance(content, str) and content:
        parts.append(Text(text=content))
    elif isinstance(content, list):
        for piece in content:
            if isinstance(piece, dict) and isinstance(piece.get("text"), str):
                parts.append(Text(text=piece["text"]))
            else:
                parts.append(Unknown(kind="content", raw=json.dumps(piece)))
    if isinstance(said.get("refusal"), str) and said["refusal"]:
        parts.append(Declined(text=said["refusal"]))
    calls = said.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        if not isinstance(call, dict):
            parts.append(Unknown(kind="tool-call", raw=json.dumps(call)))
            continue
        function = _table(call.get("function"))
        parts.append(
            ToolCall(id=str(call.get("id", "")), name=str(function.get("name", "")),
                     arguments=str(function.get("arguments", "")))
        )  # fmt: skip
    return tuple(parts)


def _scores(raw: object) -> TokenScores | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("content"), list):
        return None
    tokens = [t for t in raw["content"] if isinstance(t, dict)]
    return TokenScores(
        tokens=tuple(str(t.get("token", "")) for t in tokens),
        logprobs=tuple(_number(t.get("logprob")) for t in tokens),
    )
