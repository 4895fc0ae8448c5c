"""Families in the order in which a run that stops by itself asks them: interleaved over strata, at random.

Whether it goes on is decided between waves alone, so that a quick refusal cannot get in first.
"""

import json
import random
from collections.abc import Sequence

from dosimeter.engine.items import chosen_items
from dosimeter.engine.parts import CategoryPart
from dosimeter.ids import derive_seed
from dosimeter.journal.store import Store
from dosimeter.model.answering import MANY_MISSING, Look
from dosimeter.model.design import FactorRole, Item
from dosimeter.model.specs import CategorySpec
from dosimeter.model.stackfile import Stack, StopRule
from dosimeter.serialize import to_json

Waves = dict[tuple[str, str], int]
"""Of each category and family, the wave in which it is asked, from 0."""
STATES = """
SELECT sum(state IN ('open', 'failed', 'budget')), sum(state = 'budget'), sum(state != 'not-needed')
FROM attempt
"""
NEXT = "SELECT min(wave) FROM attempt WHERE state = 'not-needed'"
OPEN = "UPDATE attempt SET state = 'open' WHERE state = 'not-needed' AND wave = ?"


def waves_of(stack: Stack, parts: Sequence[CategoryPart]) -> Waves:
    """Give every family its wave; all the first where the stack asks its whole plan."""
    if stack.run.stop is StopRule.PLAN_DONE:
        return {}
    out: Waves = {}
    for part in parts:
        order = family_order(part, stack.run.seed)
        out |= {(part.spec.id, name): i // stack.run.look for i, name in enumerate(order)}
    return out


def family_order(part: CategoryPart, seed: int) -> list[str]:
    """Give the families of a category: shuffled within strata, each stratum spread over the whole."""
    strata: dict[tuple[str, ...], list[str]] = {}
    known: set[str] = set()
    for item in chosen_items(part, seed):
        if item.family not in known:
            known.add(item.family)
            strata.setdefault(_stratum(part.spec, item), []).append(item.family)
    rng = random.Random(derive_seed(seed, "waves", part.spec.id))
    places: list[tuple[float, str]] = []
    for _, families in sorted(strata.items()):
        rng.shuffle(families)
        shift = rng.random()
        places += [((i + shift) / len(families), name) for i, name in enumerate(families)]
    return [name for _, name in sorted(places)]


def _stratum(spec: CategorySpec, item: Item) -> tuple[str, ...]:
    names = [f.name for f in spec.factors if f.role is FactorRole.STRATUM]
    held = dict(item.factors)
    return tuple(held.get(name, "") for name in names)


def answered(store: Store) -> bool:
    """Tell whether what was opened is answered, but for few failures: else there is nothing to look at."""
    unended, budget, made = store.db.execute(STATES).fetchone()
    return not budget and unended <= MANY_MISSING * made


def open_next(store: Store) -> bool:
    """Let the next wave be asked; False if there is none."""
    (wave,) = store.db.execute(NEXT).fetchone()
    if wave is None:
        return False
    store.db.execute(OPEN, (wave,))
    return True


def note_look(store: Store, seen: Look) -> None:
    """Write down what was seen of the gates: the path that a run took to its end."""
    row = store.db.execute("SELECT value FROM run WHERE key = 'looks'").fetchone()
    looks = [*json.loads(row[0] if row else "[]"), json.loads(to_json(seen))]
    store.db.execute("INSERT OR REPLACE INTO run VALUES ('looks', ?)", (json.dumps(looks),))
