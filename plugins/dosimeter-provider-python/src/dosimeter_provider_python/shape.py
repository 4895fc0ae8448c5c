"""What a function is called with: told by its signature and its options, never guessed."""

import inspect
from collections.abc import Callable
from typing import Any

from attrs import frozen

from dosimeter import Message, Permanent, Request, Sampling, Speaker, StackError, Text, Verdict
from dosimeter_provider_python.options import AUTO, MESSAGES, PROMPT
from dosimeter_provider_python.source import fault

BY_NAME = {"prompt": PROMPT, "text": PROMPT, "messages": MESSAGES}
SAMPLING = ("temperature", "top_p", "max_tokens", "stop")
BY_PLACE = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
BY_WORD = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
OPEN = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
DEFAULT = "let it have a default"
UNSEEN = "the function takes a prompt alone and would not see a system prompt: let it take messages"
NEITHER = (
    "its first parameter is called neither prompt (or text) nor messages, so nobody knows what it"
    ' takes: say takes = "prompt" or takes = "messages"'
)


@frozen(kw_only=True)
class Shape:
    """How a function is called.

    Attributes:
        takes: ``prompt`` or ``messages``.
        accepts: Parameters by which it takes sampling and a seed.
    """

    takes: str
    accepts: frozenset[str]

    def arguments(self, request: Request) -> tuple[str | list[dict[str, str]], dict[str, Any]]:
        """Give what the function is called with.

        Raises:
            Permanent: If something of *request* would be lost.
        """
        said = [m for m in request.conversation if not _is_verdict(m)]
        if request.tools or request.score is not None or not all(map(_is_text, said)):
            raise Permanent("a function is given text alone", code="not-text")
        given = {
            **_set(request.sampling),
            **({} if request.seed is None else {"seed": request.seed}),
        }
        lost = [name for name in _set(request.sampling) if name not in self.accepts]
        if lost:
            msg = f"the function has no parameter {lost[0]!r}"
            raise Permanent(msg, code=f"cannot-take:{lost[0]}")
        named = {k: v for k, v in given.items() if k in self.accepts}
        if self.takes == MESSAGES:
            return [{"role": m.speaker.value, "content": m.text} for m in said], named
        if any(m.speaker is Speaker.SYSTEM for m in said):
            raise Permanent("the function would not see the system message", code="system-message")
        if len(said) != 1 or said[0].speaker is not Speaker.USER:
            msg = "the function would see the last message of several alone"
            raise Permanent(msg, code="several-messages")
        return said[0].text, named


def _is_text(message: Message) -> bool:
    return all(isinstance(part, Text) for part in message.parts) or (
        message.speaker is Speaker.ASSISTANT and bool(message.text)
    )


def _is_verdict(message: Message) -> bool:
    """A guardrail's own answer of a turn before is no part of what it is asked about."""
    return bool(message.parts) and all(isinstance(part, Verdict) for part in message.parts)


def _set(sampling: Sampling) -> dict[str, Any]:
    """Give the sampling that a stack sets."""
    given = {name: getattr(sampling, name) for name in SAMPLING}
    return {k: list(v) if k == "stop" else v for k, v in given.items() if v not in (None, ())}


def accepted(call: Callable[..., Any]) -> frozenset[str]:
    """Give the parameters beside the first by which *call* takes sampling and a seed."""
    return frozenset(p.name for p in _rest(call) if p.kind in BY_WORD) & {*SAMPLING, "seed"}


def _parameters(call: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        return []


def _takes_one(call: Callable[..., Any]) -> bool:
    """Say whether *call* can be called with one argument by place; what has no signature may be."""
    try:
        inspect.signature(call).bind_partial("")
    except ValueError:
        return True
    except TypeError:
        return False
    return True


def _first(call: Callable[..., Any]) -> str:
    """Name the parameter that the prompt or the messages go to; empty if it has no name."""
    found = next(iter(_parameters(call)), None)
    return found.name if found is not None and found.kind in BY_PLACE else ""


def _rest(call: Callable[..., Any]) -> list[inspect.Parameter]:
    first = _first(call)
    return [p for p in _parameters(call) if p.name != first]


def shape_of(call: Callable[..., Any], takes: str, sampling: Sampling, system: str | None) -> Shape:
    """Tell how *call* is called.

    Args:
        call: The function.
        takes: What the stack says it takes; ``auto`` to go by its first parameter's name.
        sampling: That the stack sets.
        system: The system prompt that it sets.

    Raises:
        StackError: If it cannot be told, the function cannot be called so, or something that the stack
            sets would be lost.
    """
    if not _takes_one(call):
        raise fault(
            "model", "the function takes no argument: let it take the prompt or the messages"
        )
    told = BY_NAME.get(_first(call), "") if takes == AUTO else takes
    if not told:
        raise fault("takes", NEITHER)
    shape = Shape(takes=told, accepts=accepted(call))
    given = {*_set(sampling), "seed"}
    for p in _rest(call):
        if p.default is p.empty and p.kind not in OPEN and p.name not in given:
            raise fault("model", f"the function needs {p.name!r}, which it is not given: {DEFAULT}")
    lost = [
        (name, f"the function has no parameter {name!r}: leave the key out, or give it one")
        for name in _set(sampling) if name not in shape.accepts
    ]  # fmt: skip
    if system and told == PROMPT:
        lost.append(("system", UNSEEN))
    if lost:
        raise StackError("it would not be given all that is set", tuple(lost))
    return shape
