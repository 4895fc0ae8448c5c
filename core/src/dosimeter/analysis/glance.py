"""What a run is at a glance: who was asked what by whom, how far it is, what it took. No texts."""

import hashlib
import json
import time
from collections.abc import Iterator

from attrs import frozen

from dosimeter.analysis.cells import cells_of, components_of
from dosimeter.analysis.notices import notices
from dosimeter.analysis.report import make_evidence
from dosimeter.analysis.standing import frozen_plan
from dosimeter.analysis.state import RunState
from dosimeter.analysis.targets import prompt_hash, target_facts
from dosimeter.journal.conflicts import read_conflicts
from dosimeter.journal.costs import told
from dosimeter.journal.design import Design, design
from dosimeter.journal.owner import sealed
from dosimeter.journal.reader import Reader
from dosimeter.model.conversation import Pairs
from dosimeter.model.facts import Component, TargetFacts
from dosimeter.model.work import Endpoint, State
from dosimeter.prereg.lockfile import Lock
from dosimeter.publish import UNFINISHED
from dosimeter.serialize import from_json


@frozen(kw_only=True)
class PanelGlance:
    """Items of one category.

    Attributes:
        panel: Its name; of several, joined by ``and``.
        version: The category's.
        items_hash: Of ids and stimuli of all items: equal where the same was asked.
    """

    category: str
    version: str
    panel: str
    items: int
    families: int
    items_hash: str


@frozen(kw_only=True)
class TargetGlance:
    """A model that is measured, as it was configured and as it answered.

    Attributes:
        id: Hash of all that makes it this target.
        returned_models: What it called itself.
        system_prompt_hash: First digits of SHA-256; empty if it has none.
        identity: Its provider's options that change what is measured, as JSON.
    """

    name: str
    id: str
    provider: str
    model: str
    returned_models: tuple[str, ...]
    language_model: bool
    system_prompt_hash: str
    sampling: Pairs
    identity: Pairs
    calls: int


@frozen(kw_only=True)
class RaterGlance:
    """Who rates.

    Attributes:
        id: Hash of all that makes it this rater.
        counts: Whether the run waits for it.
        ratings: How many it gave.
    """

    name: str
    id: str
    kind: str
    revision: int
    votes: int
    counts: bool
    ratings: int


@frozen(kw_only=True)
class Took:
    """What all tries took, those included whose answer was not used.

    Attributes:
        tokens_in: As far as providers said it, None if none did; *tokens_out* likewise.
        money: In the currency of the stack's prices; None if a price is not known.
        first: When the first try began, in UTC; None if there was none. *last* likewise.
    """

    requests: int
    tokens_in: int | None
    tokens_out: int | None
    money: float | None
    first: str | None
    last: str | None


@frozen(kw_only=True)
class Glance:
    """A run.

    Attributes:
        attempts: How many are in which state.
        plan: The frozen plan that it is under.
        missing: What keeps the run from being complete, a sentence each.
        sealed: Whether replies are encrypted for the run's owner.
        withheld: Submitted replies that a report does not show; *deleted* those that are gone.
    """

    design: Design
    state: RunState
    panels: tuple[PanelGlance, ...]
    targets: tuple[TargetGlance, ...]
    raters: tuple[RaterGlance, ...]
    parts: tuple[Component, ...]
    attempts: tuple[tuple[State, int], ...]
    took: Took
    plan: Lock | None
    sealed: bool
    withheld: int
    deleted: int
    missing: tuple[str, ...]
    conflicts: tuple[str, ...]


def glance(reader: Reader) -> Glance:
    """Look at the run of a journal; reads every submitted reply once, to say what is withheld."""
    found = design(reader)
    state = RunState(reader=reader, found=found)
    facts = target_facts(reader)
    unseen = make_evidence(reader).unseen()
    counts = dict(reader.rows("SELECT state, count(*) FROM attempt GROUP BY 1").fetchall())
    return Glance(
        design=found,
        state=state,
        panels=tuple(_panels(reader, found)),
        targets=tuple(_target(reader, one) for one in facts),
        raters=tuple(_raters(reader, found)),
        parts=components_of(reader),
        attempts=tuple((s, counts.get(s.value, 0)) for s in State),
        took=_took(reader),
        plan=frozen_plan(found.run),
        sealed=sealed(reader.db) is not None,
        withheld=unseen.withheld,
        deleted=unseen.deleted,
        missing=tuple(_missing(reader, facts, state)),
        conflicts=tuple(str(one) for one in read_conflicts(reader)),
    )


def _panels(reader: Reader, found: Design) -> Iterator[PanelGlance]:
    named = dict(reader.rows("SELECT id, body FROM spec WHERE kind = 'panel'").fetchall())
    for category in found.categories:
        whole = hashlib.blake2b(digest_size=16)
        families, n = set(), 0
        for name, family, stimulus in reader.rows(
            "SELECT id, family, stimulus FROM item WHERE category = ? ORDER BY id", (category.id,)
        ):
            whole.update(json.dumps([name, stimulus.hex()]).encode())
            families.add(family)
            n += 1
        yield PanelGlance(
            category=category.id, version=category.version, panel=named.get(category.id, ""),
            items=n, families=len(families), items_hash=whole.hexdigest(),
        )  # fmt: skip


def _target(reader: Reader, facts: TargetFacts) -> TargetGlance:
    (body,) = reader.rows(
        "SELECT body FROM endpoint WHERE id = ?", (bytes.fromhex(facts.id),)
    ).fetchone()
    return TargetGlance(
        name=facts.name, id=facts.id, provider=facts.provider, model=facts.model,
        returned_models=facts.returned_models, language_model=facts.language_model,
        system_prompt_hash=prompt_hash(facts.system_prompt),
        sampling=facts.sampling, identity=from_json(body, Endpoint).identity, calls=facts.calls,
    )  # fmt: skip


def _raters(reader: Reader, found: Design) -> Iterator[RaterGlance]:
    given = dict(reader.rows("SELECT rater, count(*) FROM rating GROUP BY 1").fetchall())
    for one in found.raters:
        yield RaterGlance(
            name=one.name, id=one.id, kind=one.kind, revision=one.spec.revision, votes=one.votes,
            counts=one.counts, ratings=given.get(one.k, 0),
        )  # fmt: skip


def _took(reader: Reader) -> Took:
    requests, first, last = reader.rows(
        "SELECT count(*), min(started), max(started) FROM try"
    ).fetchone()
    tokens_in, tokens_out, money = told(reader.db)
    return Took(
        requests=requests, tokens_in=tokens_in, tokens_out=tokens_out, money=money,
        first=_when(first), last=_when(last),
    )  # fmt: skip


def _when(at: float | None) -> str | None:
    return None if at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _missing(reader: Reader, facts: tuple[TargetFacts, ...], state: RunState) -> Iterator[str]:
    """Say what keeps a run from being complete, in a report's words, and why attempts failed."""
    if not state.complete:
        for one in notices(reader, tuple(cells_of(reader, frozenset())), facts, state):
            if one.code in {*UNFINISHED, "failed"}:
                yield one.text
