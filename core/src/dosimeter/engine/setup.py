"""What is written before the first call, and what must agree when a run goes on."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import attrs
from attrs import frozen

from dosimeter.engine.clear import clear_names
from dosimeter.engine.differences import IDENTITY, Hashed, differences
from dosimeter.engine.items import any_limited
from dosimeter.engine.parts import CategoryPart, RaterPart
from dosimeter.engine.plan import Planned, Skipped, plan
from dosimeter.engine.waves import Waves, waves_of
from dosimeter.errors import RunChanged
from dosimeter.ids import digest
from dosimeter.journal.raters import declare, reopen
from dosimeter.journal.store import Store
from dosimeter.model.conversation import Pairs
from dosimeter.model.facts import Component
from dosimeter.model.stackfile import Stack, StopRule
from dosimeter.model.work import State
from dosimeter.serialize import to_json
from dosimeter.vault import fingerprint

MOST = 12

ArmKey = tuple[str, str, str, str, Pairs]
"""Category, attack, key of the variant, target, and factors: one key may have others by item."""


@frozen(kw_only=True)
class Facts:
    """What the journal must know besides the plan.

    Attributes:
        components: Every part with the distribution that supplied it.
        language_models: Ids of the providers that are language models.
        version: Of the installed core.
    """

    components: tuple[Component, ...]
    language_models: frozenset[str]
    version: str


def design_hash(stack: Stack, parts: Sequence[CategoryPart]) -> str:
    """Hash of all that decides what is attempted, and of nothing else."""
    categories = tuple(
        (
            part.spec.id,
            part.spec.version,
            part.choice.panels if part.choice.beside else part.choice.panel,
            part.choice.limit if part.choice.limit is not None else "all",
            part.choice.languages,
            part.choice.choice.identity,
            tuple(a.identity for a in part.attacks),
            *((fingerprint(part.seal),) if part.seal.key else ()),
        )
        for part in parts
    )
    targets = tuple(t.id for t in stack.targets)
    run = stack.run
    looks = () if run.stop is StopRule.PLAN_DONE else (run.stop, run.look)
    return digest("design", (run.seed, run.repeats, targets, categories, *looks))


def write_plan(store: Store, stack: Stack, parts: Sequence[CategoryPart], facts: Facts) -> int:
    """Write the whole design in one transaction; give the number of attempts planned.

    Nothing is written twice: a run that has its plan keeps it, and learns of the endpoints of judges
    that came later.
    """
    db = store.db
    row = db.execute("SELECT value FROM run WHERE key = 'planned'").fetchone()
    if row:
        _endpoints(store, stack, facts)
        return int(row[0])
    db.execute("BEGIN IMMEDIATE")
    try:
        _endpoints(store, stack, facts)
        skipped = Skipped()
        total = _attempts(store, plan(stack, parts, skipped=skipped), waves_of(stack, parts))
        skipped.check(parts)
        values = {
            "name": stack.name,
            "design": design_hash(stack, parts),
            "planned": str(total),
            "limited": "yes" if any_limited(parts) else "",
            "skipped": json.dumps(skipped.counts()),
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        db.executemany("INSERT INTO run VALUES (?, ?)", sorted(values.items()))
        _specs(store, parts)
    except BaseException:
        db.execute("ROLLBACK")
        store.forget()
        raise
    db.execute("COMMIT")
    return total


def _specs(store: Store, parts: Sequence[CategoryPart]) -> None:
    """Write what categories and attacks declare, and which panels are asked."""
    db = store.db
    db.executemany(
        "INSERT INTO spec VALUES ('category', ?, ?)",
        [(p.spec.id, to_json(p.spec).decode()) for p in parts],
    )
    db.executemany(
        "INSERT INTO spec VALUES ('panel', ?, ?)",
        [(p.spec.id, " and ".join(p.choice.panels)) for p in parts],
    )
    attacks = {a.spec.id: a.spec for p in parts for a in p.attacks}
    db.executemany(
        "INSERT INTO spec VALUES ('attack', ?, ?)",
        [(name, to_json(spec).decode()) for name, spec in sorted(attacks.items())],
    )


def _endpoints(store: Store, stack: Stack, facts: Facts) -> None:
    targets = {t.id for t in stack.targets}
    store.db.executemany(
        "INSERT OR IGNORE INTO endpoint(id, name, provider, model, is_target, language_model, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (bytes.fromhex(e.id), e.name, e.provider, e.model, e.id in targets,
             e.provider in facts.language_models, to_json(e).decode())
            for e in {e.id: e for e in (*stack.targets, *stack.endpoints)}.values()
        ],
    )  # fmt: skip


def _attempts(store: Store, planned: Iterator[Planned], waves: Waves) -> int:
    """Write items, arms and attempts as the plan yields them; those of later waves are not needed yet."""
    arms: dict[ArmKey, int] = {}
    last: tuple[str, str] | None = None
    item_k, total = 0, 0
    while chunk := list(islice(planned, 500)):
        rows = []
        for one in chunk:
            if last != (one.item.category, one.item.id):
                last = (one.item.category, one.item.id)
                item_k = store.item(one.item, one.stimulus, one.seal)
            total += 1
            wave = waves.get((one.item.category, one.item.family), 0)
            state = State.NOT_NEEDED if wave else State.OPEN
            rows.append(
                (total, bytes.fromhex(one.attempt.id), item_k, _arm(store, arms, one),
                 one.attempt.repeat, wave, state.value)
            )  # fmt: skip
        store.db.executemany(
            "INSERT INTO attempt(k, id, item, arm, repeat, wave, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    return total


def _arm(store: Store, arms: dict[ArmKey, int], one: Planned) -> int:
    name, factors = clear_names(one.variant, one.item, one.part.generator, one.seal.key)
    key = (one.item.category, one.attempt.attack, name, one.target.id, factors)
    k = arms.get(key)
    if k is None:
        (target,) = store.db.execute(
            "SELECT k FROM endpoint WHERE id = ?", (bytes.fromhex(one.target.id),)
        ).fetchone()
        k = len(arms) + 1
        arms[key] = k
        store.db.execute("INSERT INTO arm VALUES (?, ?, ?, ?, ?)", (k, *key[:3], target))
        store.db.executemany(
            "INSERT INTO arm_factor VALUES (?, ?, ?)", [(k, *pair) for pair in factors]
        )
    return k


def write_questions(
    store: Store,
    stack: Stack,
    raters: Sequence[RaterPart],
    facts: Facts,
    registered: Mapping[str, str] | None = None,
) -> None:
    """Write what may change between sessions: raters, gates, budget, the stack's text.

    Done at each start, so that a rater added later is known to the report.

    Args:
        store: Of the run.
        stack: As it is now.
        raters: Its raters.
        facts: About the parts.
        registered: The plan that the run is under, and what it is now, as the journal keeps them.
    """
    db = store.db
    db.execute("BEGIN IMMEDIATE")
    row = db.execute("SELECT value FROM run WHERE key = 'votes'").fetchone()
    # Those of a rater that the stack had before stay beside its marks.
    votes = json.loads(row[0] if row else "{}") | {part.id: part.choice.votes for part in raters}
    values = {
        "stack": stack.text,
        "stack_hash": stack.hash,
        "run": to_json(stack.run).decode(),
        "gates": json.dumps([json.loads(to_json(g)) for g in stack.gates]),
        "comparisons": json.dumps([json.loads(to_json(c)) for c in stack.comparisons]),
        "dosimeter": facts.version,
        "raters": json.dumps(sorted(part.id for part in raters)),
        "votes": json.dumps({name: n for name, n in sorted(votes.items()) if n > 1}),
        **(registered or {}),
    }
    db.executemany("INSERT OR REPLACE INTO run VALUES (?, ?)", sorted(values.items()))
    for part in raters:
        name = part.choice.choice.name
        kind = "judge" if part.spec.judge else "rule"
        reopen(store, part.id)
        declare(store, part.id, name, kind, to_json(part.spec).decode())
    for one in facts.components:
        store.component(one)
    db.execute("COMMIT")


def same_design(found: Mapping[str, str], stack: Stack, parts: Sequence[CategoryPart]) -> bool:
    """Say whether the journal's plan, if it has one, is that of *stack*."""
    return "design" not in found or found["design"] == design_hash(stack, parts)


def check_same(found: Mapping[str, str], stack: Stack, parts: Sequence[CategoryPart]) -> None:
    """Refuse to go on with a run of another design: no flag mixes two in one journal.

    Args:
        found: The run's facts in the journal.
        stack: The stack as it is now.
        parts: Its categories.

    Raises:
        RunChanged: Naming what differs.
    """
    if same_design(found, stack, parts):
        return
    faults = differences(found.get("stack", "{}"), stack.text, _hashed(parts)) or [
        "a plugin now plans other attempts"
    ]
    more = [f"and {len(faults) - MOST} more"] if len(faults) > MOST else []
    told = "\n  ".join(faults[:MOST] + more)
    msg = (
        f"this run was begun with another design:\n  {told}\n"
        "Give the run a new name (--set name=...)"
    )
    raise RunChanged(msg)


def _hashed(parts: Sequence[CategoryPart]) -> dict[str, Hashed]:
    """Give the files that options of categories are hashes of, by where a stack holds the option."""
    out = {}
    for i, part in enumerate(parts):
        given = {**dict(part.choice.choice.identity), **dict(part.choice.choice.operational)}
        for a in attrs.fields(part.spec.options):
            of = a.metadata.get("hash_of")
            if of:
                file = Hashed(key=f"categories.{i}.{of}", file=str(json.loads(given[of])))
                out[f"categories.{i}.choice{IDENTITY}{a.name}"] = file
    return out
