"""What is known of each target, and how a sentence says it (VALIDITY 2 and 3)."""

import hashlib
import re
import time
from collections.abc import Iterable, Sequence

from dosimeter.ids import UNCLEAR
from dosimeter.journal.reader import Reader
from dosimeter.model.conversation import Pairs, pairs
from dosimeter.model.facts import TargetFacts
from dosimeter.model.work import Endpoint
from dosimeter.publish import settings
from dosimeter.serialize import from_json

NAME = re.compile(r"[\w.:/@+~=-]{1,128}")
"""What a model may call itself in a report: a server can send any text for a name."""
DIGITS = 12
"""Of the hash of a system prompt: enough to tell two apart."""


def target_facts(reader: Reader) -> tuple[TargetFacts, ...]:
    """Give the targets in the order of the stack."""
    rows = reader.rows(
        "SELECT id, name, provider, model, language_model, body FROM endpoint WHERE is_target"
        " ORDER BY k"
    ).fetchall()
    return tuple(_facts(reader, *row) for row in rows)


def _facts(
    reader: Reader, raw: bytes, name: str, provider: str, model: str, real: int, body: str
) -> TargetFacts:
    calls, t_in, t_out = reader.rows(
        "SELECT count(*),"
        " CASE count(tokens_in) WHEN count(*) THEN coalesce(sum(tokens_in), 0) END,"
        " CASE count(tokens_out) WHEN count(*) THEN coalesce(sum(tokens_out), 0) END"
        " FROM call WHERE endpoint = ?", (raw,)
    ).fetchone()  # fmt: skip
    returned = called_itself(
        m for (m,) in reader.rows(
            "SELECT DISTINCT model FROM call WHERE endpoint = ? AND model IS NOT NULL ORDER BY 1",
            (raw,),
        )
    )  # fmt: skip
    endpoint = from_json(body, Endpoint)
    return TargetFacts(
        name=name, id=raw.hex(), provider=provider, model=model, returned_models=returned,
        language_model=bool(real), system_prompt=endpoint.system_prompt,
        sampling=sampling_of(endpoint),
        calls=calls, tokens_in=t_in, tokens_out=t_out,
    )  # fmt: skip


def called_itself(models: Iterable[str]) -> tuple[str, ...]:
    """Give what a model called itself, each name as one that may be told."""
    return tuple(m if NAME.fullmatch(m) else UNCLEAR for m in models)


def sampling_of(e: Endpoint) -> Pairs:
    """Give the settings of an endpoint's replies; what is the provider's own is ``unknown``."""
    s = e.sampling
    known = (("temperature", s.temperature), ("top_p", s.top_p), ("max_tokens", s.max_tokens))
    return pairs((n, "unknown" if v is None else f"{v:g}") for n, v in known)


def held_fixed(reader: Reader, targets: Sequence[TargetFacts]) -> dict[str, str]:
    """Say by name what is held fixed of each target, as part of a sentence."""
    asked = {
        raw.hex(): days(first, last)
        for raw, first, last in reader.rows(
            "SELECT endpoint, min(at), max(at) FROM (SELECT endpoint, started AS at FROM try"
            " UNION ALL SELECT endpoint, cached FROM call WHERE cached > 0) GROUP BY 1"
        )
    }
    return {t.name: _fixed(t, asked.get(t.id, "on unknown days")) for t in targets}


def _fixed(target: TargetFacts, days: str) -> str:
    names = " and ".join(target.returned_models) or "unknown"
    return (
        f"target {target.name}, which is {target.provider}/{target.model}, returned as {names},"
        f" {_configured(target.system_prompt, target.sampling)}, asked {days}"
    )


def to_be_fixed(e: Endpoint) -> str:
    """Say what will be held fixed of a target, before it was asked."""
    return (
        f"target {e.name}, which is {e.provider}/{e.model},"
        f" {_configured(e.system_prompt, sampling_of(e))}"
    )


def _configured(system_prompt: str, sampling: Pairs) -> str:
    return settings(prompt_hash(system_prompt), sampling)


def prompt_hash(system_prompt: str) -> str:
    """Name a system prompt by the first digits of its SHA-256; none has no name."""
    text = system_prompt.encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:DIGITS] if text else ""


def days(first: float, last: float) -> str:
    """Give one day or two, in UTC."""
    a, b = (time.strftime("%Y-%m-%d", time.gmtime(at)) for at in (first, last))
    return f"on {a}" if a == b else f"from {a} to {b}"
