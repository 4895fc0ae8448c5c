"""What an endpoint answered, as a reply: what is not there is never taken for an answer."""

import sys
from typing import Any

from dosimeter import Message, Permanent, Reply, Speaker, Stop, Transient, Usage, Verdict, assistant
from dosimeter_provider_http.options import PATHS, HttpOptions
from dosimeter_provider_http.paths import compiled, found

__all__ = ["Answers"]


class Answers:
    """Reads the answers of one endpoint by its paths."""

    def __init__(self, options: HttpOptions) -> None:
        self._paths: dict[str, Any] = {
            name: compiled(getattr(options, name)) for name in PATHS if getattr(options, name)
        }

    def find(self, name: str, data: object) -> object:
        """Give what stands at the path *name*; None if nothing does, or the stack has no such path."""
        return found(self._paths[name], data) if name in self._paths else None

    def says(self, name: str, data: object) -> bool:
        """Tell whether an answer says *name*; one that says nothing of it does not.

        Raises:
            Permanent: If what it says is neither true nor false.
        """
        value = self.find(name, data)
        if value is None or isinstance(value, bool):
            return bool(value)
        msg = f"{name} finds something that is neither true nor false; compare it, as in status == 'done'"
        raise Permanent(msg, code="not-true-or-false")

    def check(self, data: object) -> None:
        """Raise what an answer says of itself.

        Raises:
            Transient: If it is an error.
        """
        if self.says("failed", data):
            msg = "the answer says that it failed"
            raise Transient(msg, code="answer-failed", usage=self._usage(data))

    def reply(self, data: object) -> Reply:
        """Read an answer.

        Raises:
            Permanent: If what it should hold is not there.
            Transient: If it says that it failed.
        """
        self.check(data)
        if "blocked" in self._paths:
            return self._reply(data, (_verdict(self._verdict(data)),), Stop.VERDICT)
        stop = next((stop for name, stop in STOPS.items() if self.says(name, data)), Stop.END)
        text = self.find("reply", data)
        if text is None and stop in {Stop.FILTERED, Stop.REFUSED}:
            return self._reply(data, (), stop)
        if text is None:
            msg = "nothing stands at reply in the answer"
            raise Permanent(msg, code="no-reply-at-path", usage=self._usage(data))
        if not isinstance(text, str):
            msg = "what stands at reply is no text"
            raise Permanent(msg, code="reply-not-text", usage=self._usage(data))
        return self._reply(data, (assistant(text),) if text else (), stop)

    def _reply(self, data: object, messages: tuple[Message, ...], stop: Stop) -> Reply:
        model = self.find("model_id", data)
        return Reply(
            messages=messages,
            stop=stop,
            model=model if isinstance(model, str) else None,
            usage=self._usage(data),
        )

    def _usage(self, data: object) -> Usage:
        return Usage(
            input=_count(self.find("tokens_in", data)),
            output=_count(self.find("tokens_out", data)),
        )

    def _verdict(self, data: object) -> Verdict:
        """Read a guardrail's verdict: what says neither yes nor no is none."""
        blocked, allowed = self.find("blocked", data), self.find("allowed", data)
        if "allowed" not in self._paths and isinstance(blocked, bool):
            allowed = not blocked
        if not isinstance(blocked, bool) or allowed is not (not blocked):
            msg = "the answer says neither that it blocks nor that it allows"
            raise Permanent(msg, code="no-verdict-at-path")
        label, score = self.find("label", data), self.find("score", data)
        if label is not None and not isinstance(label, str):
            raise Permanent("what stands at label is no text", code="label-not-text")
        if score is not None and not _is_number(score):
            raise Permanent("what stands at score is no number", code="score-not-number")
        return Verdict(
            label=label or ("blocked" if blocked else "allowed"),
            blocked=blocked,
            score=None if score is None else float(score),  # type: ignore[arg-type]
        )


LARGEST = sys.float_info.max
STOPS = {"filtered": Stop.FILTERED, "refused": Stop.REFUSED, "cut": Stop.LENGTH}
"""Which comes first counts."""


def plain(text: str) -> Reply:
    """Give an answer that is no JSON."""
    return Reply(messages=(assistant(text),) if text else (), stop=Stop.END)


def _verdict(verdict: Verdict) -> Message:
    return Message(speaker=Speaker.ASSISTANT, parts=(verdict,))


def _count(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None


def _is_number(raw: object) -> bool:
    """Whether *raw* is a finite number: NaN and infinity are none, nor is 1 with 400 zeros."""
    return isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= LARGEST
