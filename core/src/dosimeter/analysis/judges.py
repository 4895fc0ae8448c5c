"""Which endpoints raters ask, and what is known of those (VALIDITY 3, for judges too)."""

import json
from collections.abc import Iterator

from attrs import frozen

from dosimeter.analysis.targets import called_itself, prompt_hash, sampling_of
from dosimeter.journal.costs import UNKNOWN
from dosimeter.journal.design import Design, Known
from dosimeter.journal.events import Event
from dosimeter.journal.reader import Reader
from dosimeter.model.facts import JudgeFacts, RaterFacts
from dosimeter.model.work import Endpoint
from dosimeter.serialize import from_json

# Tokens are those of all answers, or of none.
CALLS = """
SELECT g.rater, c.role, c.endpoint, count(*), group_concat(DISTINCT c.model),
  CASE WHEN count(c.tokens_in) = count(*) THEN sum(c.tokens_in) END,
  CASE WHEN count(c.tokens_out) = count(*) THEN sum(c.tokens_out) END
FROM call c JOIN scope s ON s.k = c.scope JOIN rating g ON g.id = s.id
WHERE s.kind = 'rating' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@frozen(kw_only=True)
class _Asked:
    """What a rater asked one endpoint for."""

    calls: int = 0
    models: tuple[str, ...] = ()
    tokens_in: int | None = None
    tokens_out: int | None = None


def rater_facts(reader: Reader, found: Design) -> Iterator[RaterFacts]:
    """Give what a report says of each rater as the journal had them first; of one name the newest first."""
    added = reader.rows("SELECT code FROM event WHERE kind = ?", (Event.RATER_ADDED,))
    later = {code for (code,) in added}
    asks = judges(reader, found)
    by = {name: (f"{who} {version}", files) for name, who, version, files in reader.rows(
        "SELECT id, distribution, version, files_hash FROM component WHERE kind = 'rater'"
    )}  # fmt: skip
    first: dict[str, int] = {}
    for r in found.raters:
        first[r.name] = min(r.k, first.get(r.name, r.k))
    ranked = sorted(
        found.raters, key=lambda r: (first[r.name], -r.spec.revision, not r.counts, -r.k)
    )
    for r in ranked:
        source, files = by.get(r.spec.id, ("", ""))
        yield RaterFacts(
            name=r.label, kind=r.kind, scales=tuple(s.name for s in r.spec.scales),
            languages=r.spec.languages, card=r.spec.card, later=r.id in later,
            revision=r.spec.revision, asks=asks.get(r.k, ()), source=source, files_hash=files,
        )  # fmt: skip


def judges(reader: Reader, found: Design) -> dict[int, tuple[JudgeFacts, ...]]:
    """Give by key of the rater each endpoint that it asked, or that its stack binds it to."""
    bodies = {raw: (body, real) for raw, body, real in reader.rows(
        "SELECT id, body, language_model FROM endpoint"
    )}  # fmt: skip
    asked: dict[int, dict[tuple[str, bytes], _Asked]] = {}
    for rater, role, raw, calls, models, t_in, t_out in reader.rows(CALLS):
        asked.setdefault(rater, {})[role, raw] = _Asked(
            calls=calls, models=called_itself((models or "").split(",") if models else ()),
            tokens_in=t_in, tokens_out=t_out,
        )  # fmt: skip
    ids = {from_json(body, Endpoint).name: raw for raw, (body, _) in bodies.items()}
    for rater in found.raters:
        for role, name in _bound(found, rater):
            if name in ids:
                asked.setdefault(rater.k, {}).setdefault((role, ids[name]), _Asked())
    return {
        k: tuple(_facts(role, bodies.get(raw), one) for (role, raw), one in mine.items())
        for k, mine in asked.items()
    }


def _bound(found: Design, rater: Known) -> Iterator[tuple[str, str]]:
    """Give roles and names of the endpoints that the stack has for a rater it waits for."""
    for one in json.loads(found.run.get("stack") or "{}").get("raters", ()):
        choice = one.get("choice", {})
        if rater.counts and choice.get("name") == rater.name:
            yield from ((role, name) for role, name in choice.get("roles", ()))


def _facts(role: str, known: tuple[str, int] | None, asked: _Asked) -> JudgeFacts:
    if known is None:  # a journal of before endpoints that came later were written down
        e, real = Endpoint(id="", name=UNKNOWN, provider=UNKNOWN, model=UNKNOWN), True
    else:
        e, real = from_json(known[0], Endpoint), bool(known[1])
    return JudgeFacts(
        role=role, name=e.name, provider=e.provider, model=e.model, returned_models=asked.models,
        language_model=real, system_prompt_hash=prompt_hash(e.system_prompt),
        sampling=sampling_of(e), identity=e.identity, calls=asked.calls,
        tokens_in=asked.tokens_in, tokens_out=asked.tokens_out,
    )  # fmt: skip
