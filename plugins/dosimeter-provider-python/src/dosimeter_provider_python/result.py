"""What a function returned, read into a reply; what is none of the declared forms is refused by type."""

import math
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from dosimeter import Message, Permanent, Reply, Speaker, Stop, Usage, Verdict, assistant
from dosimeter_provider_python.options import VERDICT

LABELS = {True: "blocked", False: "passed", None: ""}
ABSENT = object()


def reply_of(result: object, returns: str, model: str) -> Reply:
    """Make a reply of what a function returned.

    Args:
        result: That.
        returns: ``text`` or ``verdict``.
        model: What it is called where it does not say itself.

    Raises:
        Permanent: Naming the type, never the value.
    """
    if isinstance(result, Reply):
        verdicts = [p for m in result.messages for p in m.parts if isinstance(p, Verdict)]
        if bool(verdicts) is not (returns == VERDICT):
            raise _wrong(verdicts[0] if verdicts else result)
        silent = returns == VERDICT and result.stop is Stop.END and not result.text
        stop = Stop.VERDICT if silent else result.stop
        return evolve(result, model=model if result.model is None else result.model, stop=stop)
    if returns == VERDICT:
        message = Message(speaker=Speaker.ASSISTANT, parts=(_verdict(result),))
        named = None if isinstance(result, bool) else _field(result, "model", (str,), None)
        return Reply(messages=(message,), stop=Stop.VERDICT, model=named or model)
    if isinstance(result, str):
        return Reply(messages=(assistant(result),), stop=Stop.END, model=model)
    if isinstance(result, bool | Verdict) or not _has(result, "text"):
        raise _wrong(result)
    return Reply(
        messages=(assistant(_field(result, "text", (str,))),),
        stop=_stop(_field(result, "stop", (str,), Stop.END)),
        model=_field(result, "model", (str,), None) or model,
        usage=_usage(_field(result, "usage", (object,), None)),
    )


def _verdict(result: object) -> Verdict:
    """Read a verdict: a bool, a dict or record with ``blocked``, or the record itself."""
    if isinstance(result, Verdict):
        return result
    if isinstance(result, bool):
        return Verdict(label=LABELS[result], blocked=result)
    if not _has(result, "blocked"):
        raise _wrong(result)
    blocked = _field(result, "blocked", (bool,), None)
    score = _field(result, "score", (int, float), None)
    if score is not None and (isinstance(score, bool) or not math.isfinite(score)):
        raise _wrong(score, "score:")
    label = _field(result, "label", (str,), None)
    return Verdict(label=LABELS[blocked] if label is None else label, blocked=blocked, score=score)


def _has(result: object, name: str) -> bool:
    return name in result if isinstance(result, Mapping) else hasattr(result, name)


def _field(result: object, name: str, kinds: tuple[type, ...], default: object = ABSENT) -> Any:  # noqa: ANN401
    """Give what a dict or a record has under *name*.

    Raises:
        Permanent: If it is of another type than *kinds*; None stands for *default*, where there is one.
    """
    held = result.get(name) if isinstance(result, Mapping) else getattr(result, name, None)
    if held is None and default is not ABSENT:
        return default
    if not isinstance(held, kinds):
        raise _wrong(held, f"{name}:")
    return held


def _stop(said: str) -> Stop:
    try:
        return Stop(said)
    except ValueError:
        pass
    raise _wrong(said, "stop:")


def _usage(given: object) -> Usage:
    """Read counts of tokens, ``input`` and ``output``."""
    if given is None or isinstance(given, Usage):
        return given or Usage()
    counts = (_field(given, name, (int,), None) for name in ("input", "output"))
    return Usage(**dict(zip(("input", "output"), counts, strict=True)))


def _wrong(value: object, at: str = "") -> Permanent:
    kind = type(value).__name__
    return Permanent(f"the function returned {at}{kind}", code=f"returned:{at}{kind}")
