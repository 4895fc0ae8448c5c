"""The endpoint's format: records to JSON and back. Write yours here."""

from typing import Any

from dosimeter import (
    Conversation,
    Declined,
    Message,
    Permanent,
    Reasoning,
    Reply,
    Request,
    Stop,
    Text,
    Transient,
    Usage,
    assistant,
)

STOPS = {"end": Stop.END, "length": Stop.LENGTH, "refusal": Stop.REFUSED, "filter": Stop.FILTERED}
Json = dict[str, Any]


def body(request: Request, model: str, *, send_seed: bool) -> Json:
    """Give what is sent; what the request leaves open is left out, never guessed.

    Raises:
        Permanent: If it asks for what the format cannot carry.
    """
    if request.tools:
        msg = "the endpoint takes no tools"
        raise Permanent(msg, code="unsupported-tools")
    if request.score is not None:
        msg = "the endpoint cannot score a given text"
        raise Permanent(msg, code="unsupported-scoring")
    settings = {
        "temperature": request.sampling.temperature,
        "top_p": request.sampling.top_p,
        "most_tokens": request.sampling.max_tokens,
        "stop": list(request.sampling.stop) or None,
        "seed": request.seed if send_seed else None,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    return {"model": model, "turns": _turns(request.conversation), **given}


def _turns(conversation: Conversation) -> list[Json]:
    return [{"who": message.speaker.value, "text": _words(message)} for message in conversation]


def _words(message: Message) -> str:
    """Give the words of a message; a model's earlier reasoning is not said again.

    Raises:
        Permanent: If it holds something else than words.
    """
    if not all(isinstance(part, Text | Declined | Reasoning) for part in message.parts):
        msg = "the endpoint takes words only"
        raise Permanent(msg, code="unsupported-part")
    return message.text


def reply(data: object) -> Reply:
    """Read what came.

    Raises:
        Transient: If it is no answer: a proxy's page, a cut answer, an error under status 200.
    """
    text = data.get("text") if isinstance(data, dict) else None
    ended = data.get("ended") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(text, str) or ended not in STOPS:
        msg = "the endpoint's answer is not of its format"
        raise Transient(msg, code="malformed")
    model, tokens = data.get("model"), data.get("tokens")
    counts = tokens if isinstance(tokens, dict) else {}
    return Reply(
        messages=(assistant(text),) if text else (),
        stop=STOPS[ended],
        model=model if isinstance(model, str) else None,
        usage=Usage(input=_count(counts.get("in")), output=_count(counts.get("out"))),
    )


def _count(raw: object) -> int | None:
    """Give a number of tokens; None where the endpoint gives none, which is not 0."""
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None
