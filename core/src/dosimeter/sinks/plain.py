"""Records as JSON for people's own programs: every key always there, null for what is not known.

Journals and wires have a form of their own (`dosimeter.serialize`), made to be read back.
"""

import json
from enum import Enum
from functools import lru_cache
from typing import Any

import attrs

from dosimeter.contracts import Excerpt
from dosimeter.model.answering import Abstention, Estimate
from dosimeter.model.conversation import Pairs
from dosimeter.model.facts import JudgeFacts, TargetFacts

UNKNOWN = "unknown"
EXCERPT = tuple(a.name for a in attrs.fields(Excerpt))


def plain(value: Any) -> Any:  # noqa: ANN401  JSON
    """Give *value* as JSON knows it; name-value pairs are objects."""
    if attrs.has(type(value)):
        return _record(value)
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, frozenset | set):
        return sorted(plain(v) for v in value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value.value if isinstance(value, Enum) else value


def _record(one: Any) -> dict[str, Any]:  # noqa: ANN401
    out: dict[str, Any] = {}
    for a in attrs.fields(type(one)):
        value = getattr(one, a.name)
        out[a.name] = dict(value) if a.type == Pairs else plain(value)
    if isinstance(one, Estimate | Abstention):
        out["type"] = type(one).__name__
    if isinstance(one, TargetFacts | JudgeFacts):
        out["sampling"] = {name: number(text) for name, text in one.sampling}
    if isinstance(one, JudgeFacts):
        out["identity"] = {name: json.loads(text) for name, text in one.identity}
    return out


def excerpt(one: Excerpt) -> dict[str, Any]:
    """Give one attempt; by hand, as there may be hundreds of thousands."""
    out = {name: getattr(one, name) for name in EXCERPT}
    out["intent"] = one.intent.value
    out["factors"] = dict(one.factors)
    out["marks"] = [{"rater": r, "scale": s, "mark": number(m)} for r, s, m in one.marks]
    return out


@lru_cache(1024)
def number(text: str) -> float | int | str | None:
    """Give the number that *text* is; null for what is unknown; else the text."""
    if text == UNKNOWN:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return text
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return found if is_number and abs(found) < float("inf") else text


def stack(text: str) -> Any:  # noqa: ANN401  JSON
    """Give a resolved stack from its canonical text, options as values and not as JSON in JSON."""
    return _untagged(json.loads(text)) if text else None


def _untagged(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_untagged(v) for v in value]
    if not isinstance(value, dict):
        return value
    out = {k: _untagged(v) for k, v in value.items() if k}
    for name in ("identity", "operational"):
        if name in out:
            out[name] = {k: json.loads(v) for k, v in out[name]}
    for name in ("where", "roles", "requests_per_minute"):
        if isinstance(out.get(name), list):
            out[name] = dict(out[name])
    return out
