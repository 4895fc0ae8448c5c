"""A request as an endpoint's template has it: nothing of the conversation or the settings is lost."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from dosimeter import (
    Conversation,
    Declined,
    Endpoint,
    Message,
    Permanent,
    Reasoning,
    Request,
    Sampling,
    Speaker,
    StackError,
    Text,
    Verdict,
)
from dosimeter_provider_http.headers import pair
from dosimeter_provider_http.options import OF_A_MESSAGE, PLACES, HttpOptions
from dosimeter_provider_http.template import Json, fill, names_of, parse

__all__ = ["Asking", "prepare", "unplaced"]

SETTINGS = ("temperature", "top_p", "max_tokens", "stop")
WHOLE = frozenset({"messages", "transcript", "history"})
LABELS: Final[Mapping[Speaker, str]] = {
    Speaker.SYSTEM: "System",
    Speaker.USER: "User",
    Speaker.ASSISTANT: "Assistant",
}
SYSTEM = WHOLE | {"system"}
SAID = (Text, Declined, Reasoning)


def unplaced(sampling: Sampling, names: frozenset[str]) -> list[str]:
    """Give the settings that are made and that a template with *names* has no place for."""
    return [n for n in SETTINGS if getattr(sampling, n) not in {None, ()} and n not in names]


def prepare(endpoint: Endpoint, options: HttpOptions, _: Path) -> HttpOptions:
    """Refuse what a stack sets of an endpoint that its template has no place for.

    Raises:
        StackError: With a fault for each setting.
    """
    names = names_of(parse(options.request, PLACES))
    faults = [
        (n, f"request has no place for it: write {{{{{n}}}}} into it, or leave {n} out")
        for n in unplaced(endpoint.sampling, names)
    ]
    if endpoint.system_prompt and not names & SYSTEM:
        why = "request has no place for it: write {{system}} or {{messages}} into it"
        faults.append(("system", why))
    if faults:
        raise StackError("request lacks places", tuple(faults))
    return options


@frozen
class Asking:
    """Fills the template of one endpoint."""

    model: str
    secret: str
    template: Json
    message: Json
    roles: Mapping[str, str]
    names: frozenset[str]

    @classmethod
    def of(cls, model: str, options: HttpOptions) -> "Asking":
        """Read the templates once."""
        template = parse(options.request, PLACES)
        return cls(
            model=model,
            secret=options.secret,
            template=template,
            message=parse(options.message, OF_A_MESSAGE),
            roles=dict(map(pair, options.role_names)),
            names=names_of(template),
        )

    def body(self, request: Request) -> object:
        """Give the body of *request*.

        Raises:
            Permanent: If the template has no place for something of it.
        """
        self._check(request)
        head, said = _parted(request.conversation)
        self._check_places(request.sampling, head, said)
        told = said if head is None or "system" in self.names else (head, *said)
        sampling = request.sampling
        return fill(
            self.template,
            {
                "prompt": said[-1].text,
                "system": head.text if head else None,
                "messages": self._messages(told),
                "history": self._messages(told[:-1]),
                "transcript": transcript(told),
                "model": self.model,
                "temperature": sampling.temperature,
                "top_p": sampling.top_p,
                "max_tokens": sampling.max_tokens,
                "stop": list(sampling.stop) or None,
                "seed": request.seed,
                "session": uuid.uuid4().hex,
                "secret": self.secret or None,
            },
        )

    def _messages(self, told: Conversation) -> list[object]:
        return [
            fill(
                self.message,
                {
                    "role": self.roles.get(m.speaker.value, m.speaker.value),
                    "content": m.text,
                },
            )
            for m in told
        ]

    def _check(self, request: Request) -> None:
        if request.score is not None:
            msg = "this endpoint cannot score a given text"
            raise Permanent(msg, code="unsupported-scoring")
        if request.tools:
            msg = "a request template has no place for tools"
            raise Permanent(msg, code="unsupported-tools")
        parts = (part for message in request.conversation for part in message.parts)
        if not all(isinstance(part, (*SAID, Verdict)) for part in parts):
            msg = "a request template carries text only"
            raise Permanent(msg, code="unsupported-part")

    def _check_places(self, sampling: Sampling, head: Message | None, said: Conversation) -> None:
        """Refuse to leave out what was set, said before, or said by the system."""
        lost = unplaced(sampling, self.names)
        if lost:
            msg = f"request has no place for {', '.join(lost)}: write {{{{{lost[0]}}}}} into it"
            raise Permanent(msg, code="setting-has-no-place")
        if head is not None and not self.names & SYSTEM:
            msg = (
                "request has no place for a system prompt: write {{system}} or {{messages}} into it"
            )
            raise Permanent(msg, code="system-has-no-place")
        if len(said) > 1 and not self.names & WHOLE:
            msg = "request has no place for the turns before: write {{messages}} or {{transcript}} into it"
            raise Permanent(msg, code="history-has-no-place")
        last = said[-1].speaker if said else None
        if last is None or (last is not Speaker.USER and self.names & {"prompt", "history"}):
            msg = "the last message is not the user's, and request asks by {{prompt}}; use {{messages}}"
            raise Permanent(msg, code="no-user-message")


def transcript(told: Conversation) -> str:
    """Give a conversation as plain text: one message as it stands, several with who says each."""
    if len(told) == 1:
        return told[0].text
    return "\n\n".join(f"{LABELS[m.speaker]}: {m.text}" for m in told)


def _parted(conversation: Conversation) -> tuple[Message | None, Conversation]:
    """Give the system message in front, if there is one, and the rest.

    A guardrail's verdict is no message: nobody said anything.
    """
    said = tuple(m for m in conversation if not all(isinstance(p, Verdict) for p in m.parts))
    if said and said[0].speaker is Speaker.SYSTEM:
        return said[0], said[1:]
    return None, said
