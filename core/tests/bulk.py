"""Journals of many attempts whose marks are given as arrays: for statistics with known truth."""

import itertools
import json
import math

import numpy as np

from dosimeter import digest
from dosimeter.journal.frames import SamplingFrame, Stratum, frame_row
from dosimeter.journal.raters import declare
from dosimeter.journal.store import Store
from dosimeter.model.conversation import Sampling
from dosimeter.model.design import Intent
from dosimeter.model.rating import Direction, Level, Scale, ScaleKind, SubjectKind
from dosimeter.model.specs import AttackSpec, CategorySpec, PanelInfo, ScorerSpec
from dosimeter.model.stackfile import RunConfig
from dosimeter.model.work import Endpoint
from dosimeter.serialize import to_json

HARM = Scale(name="harm", kind=ScaleKind.ORDINAL, hazard=True, withhold_from=4,
             direction=Direction.HIGHER_IS_WORSE,
             levels=tuple(Level(value=n, name=str(n)) for n in (1, 2, 3, 4, 5)))  # fmt: skip
REFUSAL = Scale(
    name="refusal", kind=ScaleKind.NOMINAL, when_blocked="full",
    levels=tuple(Level(value=v, name=v) for v in ("full", "partial", "none")),
)  # fmt: skip


class Bulk:
    """A journal that is written by table.

    Args:
        path: Of the journal.
        measures: That the category asks.
        scales: Of the raters.
        category: Its id.
        run: Fields of `RunConfig`.
        factors: That the category declares.
        attack_factors: That every attack declares.
        facts: Further facts of the run, by key.
    """

    def __init__(self, path, *, measures=(), scales=(HARM,), category="c", version="1", panel="all",
                 factors=(), attack_factors=(), run=None, **facts):  # fmt: skip
        self.scales, self.attack_factors = scales, attack_factors
        self.store = Store(path)
        self.db = self.store.db
        self.db.execute("BEGIN")
        self.next = {
            t: itertools.count(1) for t in ("item", "attempt", "call", "subject", "rating")
        }
        self.arms, self.targets, self.raters, self.subjects = {}, {}, {}, {}
        known = {"name": path.parent.name, "planned": "1",
                 "run": to_json(RunConfig(**(run or {}))).decode()} | facts  # fmt: skip
        self.db.executemany("INSERT INTO run VALUES (?, ?)", known.items())
        self.turn_to(category, measures=measures, version=version, panel=panel, factors=factors)
        self.blob = self.db.execute(
            "INSERT INTO blob(digest, codec, bytes) VALUES (x'00', 'json', ?) RETURNING k",
            (b'[{"speaker":"user","parts":[{"type":"Text","text":"q"}]}]',),
        ).fetchone()[0]

    def turn_to(self, category, *, measures=(), version="1", panel="all", factors=(), scales=()):
        """Declare a category, of which is what is written from here on; *scales* are its own."""
        self.category = category
        spec = CategorySpec(id=category, summary="s", factory="m:f", version=version, measures=measures,
                            factors=factors, scales=scales,
                            panels=(PanelInfo(name=panel, summary="s"),))  # fmt: skip
        self._spec("category", category, to_json(spec).decode())
        self._spec("panel", category, panel)

    def _spec(self, kind, name, body):
        self.db.execute("INSERT OR REPLACE INTO spec VALUES (?, ?, ?)", (kind, name, body))

    def items(
        self, families, *, intent=Intent.HARMFUL, label="public", factors=(), words="", start=0
    ):
        """Write an item for each entry of *families*, which are numbers; give their keys."""
        keys = []
        for n, family in enumerate(families, start):
            k = next(self.next["item"])
            name = f"{self.category}/{intent.value}-{n}"
            stimulus = bytes.fromhex(digest("item", (name, words)))
            self.db.execute(
                "INSERT INTO item(k, id, category, family, intent, language, label, stimulus,"
                " opening, provenance) VALUES (?, ?, ?, ?, ?, 'en', ?, ?, ?, '{}')",
                (k, name, self.category, f"f{family}", intent.value, label, stimulus, self.blob),
            )
            self.db.executemany("INSERT INTO item_factor VALUES (?, ?, ?)",
                                [(k, name, value) for name, value in factors])  # fmt: skip
            keys.append(k)
        return keys

    def target(self, name="t", model="m"):
        if name not in self.targets:
            one = Endpoint(id=digest("endpoint", (name, model)), name=name, provider="p", model=model,
                           sampling=Sampling(temperature=0.5))  # fmt: skip
            self.targets[name] = self.db.execute(
                "INSERT INTO endpoint(id, name, provider, model, is_target, language_model, body)"
                " VALUES (?, ?, ?, ?, 1, 1, ?) RETURNING k",
                (bytes.fromhex(one.id), name, "p", model, to_json(one).decode()),
            ).fetchone()[0]
        return self.targets[name]

    def rater(self, name="judge", kind="rule", scales=None, **spec):
        if name not in self.raters:
            one = ScorerSpec(id=name, summary="s", factory="m:f", scales=scales or self.scales,
                             judge=kind == "judge", **spec)  # fmt: skip
            rater_id = digest("rater", (name, one))
            declare(self.store, rater_id, name, kind, to_json(one).decode())
            (self.raters[name],) = self.db.execute(
                "SELECT k FROM rater WHERE id = ?", (bytes.fromhex(rater_id),)
            ).fetchone()
        return self.raters[name]

    def attempts(self, items, *, target="t", attack="direct", repeats=1, stop="end",
                 variant="as-is", factors=(), stage="sample", state="done"):  # fmt: skip
        """Plan and answer every item *repeats* times; give the attempts' keys, items outermost.

        Those that are not *state* ``"done"`` have no answer, and ``"no-candidate"`` none to be marked.
        """
        arm = self.arm(target, attack, variant, factors)
        endpoint = self.db.execute(
            "SELECT id FROM endpoint WHERE k = ?", (self.target(target),)
        ).fetchone()[0]
        rows = [(next(self.next["attempt"]), i, r) for i in items for r in range(repeats)]
        keys = [k for k, _, _ in rows]
        name = [k.to_bytes(16) for k in keys]
        self.db.executemany(
            "INSERT INTO attempt(k, id, item, arm, repeat, state) VALUES (?, ?, ?, ?, ?, ?)",
            [(k, n, i, arm, r, state) for (k, i, r), n in zip(rows, name, strict=True)],
        )
        self.db.executemany("INSERT INTO scope(k, id, kind) VALUES (?, ?, 'attempt')",
                            zip(keys, name, strict=True))  # fmt: skip
        if state != "done":
            return keys
        self.db.executemany(
            "INSERT INTO call(k, id, scope, step, idx, ask, role, endpoint, request_digest, stop, model,"
            " epoch) VALUES (?, ?, ?, 0, 0, 'a', 'target', ?, x'', ?, 'm-1', 1)",
            [(k, n, k, endpoint, stop) for k, n in zip(keys, name, strict=True)],
        )
        self.db.executemany(
            "INSERT INTO candidate(attempt, leaf, call, stage, rank) VALUES (?, 0, ?, ?, 0)",
            [(k, k, stage) for k in keys],
        )
        self.db.executemany(
            "INSERT INTO subject(k, id, kind, attempt, leaf, call, aspect) VALUES (?, ?, 'path', ?, 0, ?,"
            " 'answer')", [(k, n, k, k) for k, n in zip(keys, name, strict=True)],
        )  # fmt: skip
        return keys

    def arm(self, target, attack, variant, factors):
        """Write an arm once, and its attack; give its key."""
        key = (self.category, target, attack, variant, tuple(factors))
        if key not in self.arms:
            spec = AttackSpec(id=attack, summary="s", factory="m:f", factors=self.attack_factors)
            self._spec("attack", attack, to_json(spec).decode())
            (self.arms[key],) = self.db.execute(
                "INSERT INTO arm(category, attack, variant_key, target) VALUES (?, ?, ?, ?) RETURNING k",
                (self.category, attack, variant, self.target(target)),
            ).fetchone()
            self.db.executemany("INSERT INTO arm_factor VALUES (?, ?, ?)",
                                [(self.arms[key], *pair) for pair in factors])  # fmt: skip
        return self.arms[key]

    def marks(self, attempts, values, *, rater="judge", scale=None, batch=None, vote=0):
        """Mark attempts; NaN and None are unscorable."""
        by, scale = self.rater(rater), scale or self.scales[0]
        keys = [next(self.next["rating"]) for _ in attempts]
        self.db.executemany(
            "INSERT INTO rating(k, id, subject, rater, vote, batch) VALUES (?, ?, ?, ?, ?, ?)",
            [(k, k.to_bytes(16), a, by, vote, batch) for k, a in zip(keys, attempts, strict=True)],
        )
        self.db.executemany(
            "INSERT INTO mark VALUES (?, ?, ?, ?, ?, ?)",
            [(k, scale.name, *_value(v)) for k, v in zip(keys, values, strict=True)],
        )

    def drawn(
        self, attempts, values, *, rater="reader", scale=None, pi=None, of=None, seed=1, least=None
    ):
        """Let a person mark *attempts*, drawn from *of* with probability *pi*; give the batch's key.

        *of* is all of a cell; *least* the smallest probability there, that of those drawn by default.
        """
        of = list(attempts if of is None else of)
        self.rater(rater, "person")
        batch = self.db.execute(
            "INSERT INTO batch(id, policy, seed) VALUES (?, 'uniform', ?) RETURNING k",
            (seed.to_bytes(16), seed),
        ).fetchone()[0]
        chance = pi if pi is not None else len(attempts) / len(of)
        chance = chance if np.ndim(chance) else [chance] * len(attempts)
        self.db.executemany(
            "INSERT INTO draw(batch, subject, pi, ord, served_at) VALUES (?, ?, ?, ?, 0)",
            [(batch, a, p, n) for n, (a, p) in enumerate(zip(attempts, chance, strict=True))],
        )
        self._frame(seed, of, least or min(chance))
        self.marks(attempts, values, rater=rater, scale=scale, batch=batch)
        return batch

    def _frame(self, seed, of, least):
        """Say that a batch could have drawn all of *of*, and nothing else."""
        counted = self.db.execute(
            "SELECT t.id, i.category, i.intent, r.attack, count(*) FROM attempt a JOIN item i ON i.k = a.item"
            " JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target"
            " WHERE a.k IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3, 4", (json.dumps(of),),
        )  # fmt: skip
        frame = SamplingFrame(strata=tuple(
            Stratum(target=raw.hex(), category=category, intent=Intent(intent), attack=attack,
                    kind=SubjectKind.PATH, units=n, there=n, least=least)
            for raw, category, intent, attack, n in counted
        ))  # fmt: skip
        self._spec("frame", *frame_row(seed.to_bytes(16).hex(), frame))

    def close(self):
        self.db.execute("COMMIT")
        self.store.close()


def _value(v):
    if v is None or (isinstance(v, float) and math.isnan(v)):
        return None, None, "unscorable", "r"
    if isinstance(v, str):
        return None, v, "scored", ""
    return float(v), None, "scored", ""
