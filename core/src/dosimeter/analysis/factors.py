"""Levels of items and arms: read from the journal when a measure first asks for them."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.load import (
    FAMILY,
    NOTHING,
    Flags,
    Group,
    Ints,
    Place,
    family_codes,
    subject_ranks,
)
from dosimeter.journal.reader import Reader
from dosimeter.model.conversation import Pairs
from dosimeter.model.doing import Stage
from dosimeter.model.rating import SubjectKind
from dosimeter.model.report import Cell
from dosimeter.model.work import State

STATES = {state: code for code, state in enumerate(State)}
ATTEMPT = f"""
SELECT k, arm, item, CASE state {" ".join(f"WHEN '{s}' THEN {i}" for s, i in STATES.items())} END
FROM attempt ORDER BY k
"""
OF_ITEMS = """
SELECT DISTINCT i.category, i.intent, f.name, f.value FROM item_factor f JOIN item i ON i.k = f.item
"""
OF_ARMS = """
SELECT DISTINCT t.name, r.category, r.attack, f.name, f.value FROM arm_factor f JOIN arm r ON r.k = f.arm
  JOIN endpoint t ON t.k = r.target
"""
STAGES = f"""
SELECT u.k, d.stage FROM subject u JOIN candidate d ON d.attempt = u.attempt AND d.call = u.call
WHERE u.kind = '{SubjectKind.PATH}'
"""


@frozen(kw_only=True)
class Attempts:
    """All attempts, a column each, in the order of their keys."""

    k: Ints = field(repr=False)
    arm: Ints = field(repr=False)
    item: Ints = field(repr=False)
    state: Ints = field(repr=False)

    def only(self, keep: Flags | Ints) -> "Attempts":
        """Give the rows that *keep* names."""
        return Attempts(
            k=self.k[keep], arm=self.arm[keep], item=self.item[keep], state=self.state[keep]
        )  # fmt: skip


class Factors:
    """Levels of a run's items and arms.

    Args:
        reader: The journal.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._codes: dict[str, tuple[Ints, Ints, dict[str, int]]] = {}
        self._plans: dict[Place, Attempts] = {}

    # -- what there is ------------------------------------------------------------------------

    @cached_property
    def _marginal(self) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        """Give the levels of items by category and intent, those of arms by target and attack."""
        rows = self._reader.rows
        return {tuple(row) for row in rows(OF_ITEMS)}, {tuple(row) for row in rows(OF_ARMS)}

    def levels(self, name: str) -> tuple[str, ...]:
        """Give the levels of a factor that items or arms have."""
        return tuple(
            sorted({row[-1] for some in self._marginal for row in some if row[-2] == name})
        )

    def has(self, place: Place, name: str) -> bool:
        """Tell whether items or arms of a cell may have any level of a factor."""
        return any(self._may(place, name, level) for level in self.levels(name))

    def _may(self, place: Place, name: str, level: str) -> bool:
        """Tell by items and arms, each by itself, whether attempts of a cell may have a level."""
        of_items, of_arms = self._marginal
        target, category, intent, attack = place
        return (category, intent, name, level) in of_items or (
            (target, category, attack, name, level) in of_arms
        )

    def planned(self, place: Place, levels: Pairs) -> int:
        """Count the attempts of a cell that have all *levels*."""
        if not all(self._may(place, *pair) for pair in levels):
            return 0
        return len(self.fitting(place, levels).k)

    def fitting(self, place: Place, levels: Pairs) -> Attempts:
        """Give the planned attempts of a cell that have all *levels*."""
        plan = self.plan(place)
        return plan.only(self._fits(plan, levels))

    # -- attempts -----------------------------------------------------------------------------

    @cached_property
    def _attempts(self) -> Attempts:
        every = np.fromiter(chain.from_iterable(self._reader.rows(ATTEMPT)), dtype=np.int64)
        k, arm, item, state = np.ascontiguousarray(every.reshape(-1, 4).T)
        return Attempts(k=k, arm=arm, item=item, state=state)

    @cached_property
    def family(self) -> Ints:
        """Code of the family of each item, by its key."""
        codes = family_codes(self._reader)
        rows = self._reader.rows(f"SELECT k, {FAMILY} FROM item")
        return _by_key((k, codes[name]) for k, name in rows)

    @cached_property
    def _place_of(self) -> tuple[dict[tuple[str, str, str], int], Ints, dict[str, int], Ints]:
        """Number what arms and items tell of a cell: by name, and by key."""
        arms: dict[tuple[str, str, str], int] = {}
        by_arm = [
            (k, arms.setdefault((t, c, a), len(arms)))
            for k, t, c, a in self._reader.rows(
                "SELECT r.k, t.name, r.category, r.attack FROM arm r JOIN endpoint t ON t.k = r.target"
            )
        ]
        intents: dict[str, int] = {}
        by_item = [
            (k, intents.setdefault(intent, len(intents)))
            for k, intent in self._reader.rows("SELECT k, intent FROM item")
        ]
        return arms, _by_key(by_arm), intents, _by_key(by_item)

    def plan(self, place: Place) -> Attempts:
        """Give the attempts that are planned in a cell."""
        if place not in self._plans:
            arms, by_arm, intents, by_item = self._place_of
            target, category, intent, attack = place
            arm, kind = arms.get((target, category, attack), -2), intents.get(intent, -2)
            every = self._attempts
            mine = (by_arm[every.arm] == arm) & (by_item[every.item] == kind)
            self._plans[place] = every.only(np.flatnonzero(mine))
        return self._plans[place]

    def of(self, group: Group) -> Attempts:
        """Give of each row of *group* its attempt."""
        return self._attempts.only(np.searchsorted(self._attempts.k, group.attempt))

    def code(self, some: Attempts, name: str) -> Ints:
        """Give the code of each attempt's level of a factor; -1 where it has none."""
        items, arms, _ = self._coded(name)
        of_item, of_arm = items[some.item], arms[some.arm]
        return np.where(of_arm >= 0, of_arm, of_item)

    def _coded(self, name: str) -> tuple[Ints, Ints, dict[str, int]]:
        if name not in self._codes:
            number: dict[str, int] = {}
            found = []
            for table, key in (("item", "item"), ("arm", "arm")):
                (last,) = self._reader.rows(f"SELECT coalesce(max(k), 0) FROM {table}").fetchone()
                sql = f"SELECT {key}, value FROM {table}_factor WHERE name = ?"
                pairs = [(k, number.setdefault(value, len(number)))
                         for k, value in self._reader.rows(sql, (name,))]  # fmt: skip
                found.append(_by_key(pairs, last))
            self._codes[name] = (found[0], found[1], number)
        return self._codes[name]

    def _fits(self, some: Attempts, levels: Pairs) -> Flags:
        keep = np.ones(len(some.k), bool)
        for name, level in levels:
            keep &= self.code(some, name) == self._coded(name)[2].get(level, -2)
        return keep

    # -- parts of a cell ----------------------------------------------------------------------

    def part(self, arm: Arm, levels: Pairs) -> Arm:
        """Give the part of an arm whose attempts have all *levels*, in marks and in plan."""
        plan = self.plan(arm.group.cell)
        fits = self._fits(plan, levels)
        if fits.all():
            return arm
        mine = plan.only(fits)
        asked = np.bincount(self.family[mine.item], minlength=len(arm.group.asked))
        group = arm.group.only(self._fits(self.of(arm.group), levels))
        group = evolve(group, asked=asked, reasons=(), several=bool((group.candidates > 1).any()))
        return evolve(arm, group=group, cell=_counted(arm.cell, mine, asked))

    def cell(self, cell: Cell, levels: Pairs) -> Cell:
        """Count the part of a cell whose attempts have all *levels*."""
        place = (cell.target, cell.category, cell.intent.value, cell.attack)
        mine = self.fitting(place, levels)
        return _counted(cell, mine, np.bincount(self.family[mine.item]))

    def staged(self, arm: Arm, stages: Sequence[Stage]) -> Arm | None:
        """Give an arm with candidates of *stages* alone; an attempt without one submitted nothing.

        None where candidates are all of other stages: such an attack has none to speak of.
        """
        group, n = arm.group, arm.group.subject
        right = (n >= 0) & np.isin(self._stage[n.clip(0)], [*stages])
        if not right.any() and (n >= 0).any():
            return None
        has = np.isin(group.attempt, group.attempt[right])
        _, first = np.unique(group.attempt, return_index=True)
        stands_in = np.zeros(len(n), bool)
        stands_in[first] = True
        empty = stands_in & ~has
        lacking = int((empty & (n >= 0)).sum())
        group = evolve(
            group, outcome=np.where(empty, NOTHING, group.outcome),
            values=np.where(empty, np.nan, group.values), stop=np.where(empty, 0, group.stop),
            reasons=(),
        ).only(right | empty)  # fmt: skip
        cell = evolve(arm.cell, no_candidate=arm.cell.no_candidate + lacking)
        return evolve(arm, group=group, cell=cell)

    @cached_property
    def _stage(self) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
        """Give the stage of each path, by the rank of its subject."""
        ranks = subject_ranks(self._reader)
        out = np.full(max(len(ranks), 1), "", dtype="<U8")
        for k, stage in self._reader.rows(STAGES):
            out[ranks[k]] = stage
        return out


def _counted(cell: Cell, mine: Attempts, asked: Ints) -> Cell:
    """Count what a cell has of some of its attempts, as far as a number needs it."""
    n = dict(zip(STATES, np.bincount(mine.state, minlength=len(STATES)).tolist(), strict=True))
    return evolve(
        cell, families=int((asked > 0).sum()), planned=len(mine.k),
        done=n[State.DONE] + n[State.NO_CANDIDATE], failed=n[State.FAILED],
        open=n[State.OPEN] + n[State.BUDGET], no_candidate=n[State.NO_CANDIDATE],
    )  # fmt: skip


def _by_key(pairs: Iterable[tuple[int, int]], last: int | None = None) -> Ints:
    """Give numbers by key; -1 for a key without one."""
    held = list(pairs)
    top = max((k for k, _ in held), default=0) if last is None else last
    out = np.full(top + 1, -1, dtype=np.int64)
    if held:
        keys, values = np.array(held, dtype=np.int64).T
        out[keys] = values
    return out
