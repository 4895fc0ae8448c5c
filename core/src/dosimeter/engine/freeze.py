"""What a stack would measure, as a plan that can be frozen: hashes stand for texts."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dosimeter.engine.items import chosen_items
from dosimeter.engine.parts import AttackPart, CategoryPart, RaterPart
from dosimeter.engine.setup import Facts
from dosimeter.errors import RunChanged
from dosimeter.ids import digest
from dosimeter.journal.replan import answered
from dosimeter.journal.store import stimulus_of
from dosimeter.jsontext import encode_finite
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Item
from dosimeter.model.questions import questions
from dosimeter.model.stackfile import Stack
from dosimeter.model.work import Endpoint, Seal
from dosimeter.prereg.deviations import comparison_name, described, gate_name
from dosimeter.prereg.lockfile import Lock, parse_lock
from dosimeter.serialize import to_plain
from dosimeter.vault import fingerprint

Table = dict[str, Any]
LONGEST = 80
"""Characters of an option that stands in a plan as it is: a longer one may be a prompt."""


def design_of(
    stack: Stack, parts: Sequence[CategoryPart], raters: Sequence[RaterPart], facts: Facts
) -> Table:
    """Give all that numbers and gates of *stack* rest on, as JSON knows it.

    What only decides how it is run (timeouts, sinks, budgets) is not in it, nor are names of files.

    Raises:
        PlanError: If a category breaks its promise, or an item is not public and has no seal.
    """
    ends = {e.id: e for e in (*stack.targets, *stack.endpoints)}
    run = stack.run
    measures = questions([p.spec for p in parts], [r.spec for r in raters])
    return {
        "run": {
            "seed": run.seed, "repeats": run.repeats, "scope": run.scope.value,
            "confidence": run.confidence, "accept_judge_measured": run.accept_judge_measured,
        },
        "targets": {e.name: _endpoint(e) for e in stack.targets},
        "categories": {p.spec.id: _category(p, run.seed) for p in parts},
        "attacks": {p.spec.id: {a.spec.id: _attack(a, ends) for a in p.attacks} for p in parts},
        "raters": {r.choice.choice.name: _rater(r) for r in raters},
        "measures": {m.id: to_plain(m) for m in measures},
        "gates": {gate_name(g): {"bound": g.bound} for g in stack.gates},
        "comparisons": {
            comparison_name(c): {"margin": "none" if c.margin is None else c.margin}
            for c in stack.comparisons
        },
        "components": described(facts.components),
        "dosimeter": facts.version,
    }  # fmt: skip


def _endpoint(e: Endpoint) -> Table:
    s = e.sampling
    return {
        "id": e.id, "model": f"{e.provider}/{e.model}", "system": _hashed(e.system_prompt),
        "compose": e.compose.value, "temperature": _known(s.temperature), "top_p": _known(s.top_p),
        "max_tokens": s.max_tokens or "unknown", "stop": list(s.stop), "replica": e.replica,
        "options": _options(e.identity),
    }  # fmt: skip


def _category(part: CategoryPart, seed: int) -> Table:
    choice = part.choice
    return {
        "version": part.spec.version, "panels": list(choice.panels), "limit": choice.limit or "all",
        "languages": list(choice.languages), "options": _options(choice.choice.identity),
        "seal": fingerprint(part.seal),
        "items": {
            item.id: f"{item.intent.value} {item_hash(item, part.owner(item))}"
            for item in chosen_items(part, seed)
        },
    }  # fmt: skip


def item_hash(item: Item, owner: Seal) -> str:
    """Hash all of an item that measures, where it comes from aside; with the owner's key."""
    held = (stimulus_of(item), item.goal, item.family, item.intent, item.language, item.label,
            item.factors, item.links, item.reference, item.translations)  # fmt: skip
    return digest("frozen item", held, key=owner.key)


def _attack(part: AttackPart, ends: Mapping[str, Endpoint]) -> Table:
    return {
        "id": part.identity, "revision": part.spec.revision,
        "options": _options(part.choice.identity),
        "roles": {role: _endpoint(ends[e]) for role, e in part.roles},
    }  # fmt: skip


def _rater(part: RaterPart) -> Table:
    return {
        "id": part.id, "rater": part.spec.id, "revision": part.spec.revision,
        "votes": part.choice.votes, "options": _options(part.choice.choice.identity),
        "roles": {role.value: _endpoint(e) for role, e in part.endpoints},
        "scales": digest("scales", part.spec.scales),
    }  # fmt: skip


def _options(identity: Pairs) -> Table:
    """Give options by name; a long one, which may be a prompt, by its hash."""
    return {n: json.loads(v) if len(v) <= LONGEST else _hashed(v) for n, v in identity}


def _known(value: float | None) -> float | str:
    """Give a setting, in one form whichever way it is written; or that it is the provider's own."""
    return "unknown" if value is None else float(value)


def _hashed(text: str) -> str:
    if not text:
        return ""
    return "sha256 " + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def registered(
    db: sqlite3.Connection, lock: Lock | None, design: Callable[[], Table]
) -> dict[str, str]:
    """Give what a journal keeps of the plan that its run is under; nothing if there is none.

    Args:
        db: Of the journal.
        lock: The plan that was named; None goes on with that of the journal.
        design: Gives what the stack would measure now.

    Raises:
        RunChanged: If replies that are there were not asked for under *lock*.
    """
    row = db.execute("SELECT value FROM run WHERE key = 'plan_lock'").fetchone()
    held = parse_lock(row[0], "the plan in the journal") if row else None
    if lock is not None and (held is None or held.hash != lock.hash) and answered(db):
        begun = f"under another (sha256 {held.short})" if held else "without one"
        msg = (
            f"this run has answers, and was begun {begun}: the plan that you name (sha256 {lock.short})"
            " was not frozen for them. Go on without it (--plan, run.plan), or give the run a new name"
            " (--set name=...)"
        )
        raise RunChanged(msg)
    under = lock or held
    if under is None:
        return {}
    return {"plan_lock": under.text, "plan_now": encode_finite(design()).decode("ascii")}
