"""What a report needs from a journal, as arrays."""

import math
import sys
from array import array
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from dosimeter.analysis.stops import STOP
from dosimeter.analysis.turns import unrated_turns
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.rating import PERSON, Scale, ScaleKind, SubjectKind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Place = tuple[str, str, str, str]
"""A cell of the design: target, category, intent and attack."""

Reasons = tuple[tuple[str, int], ...]
"""Why subjects have no mark, each with how many, the most frequent first."""
SCORED, UNSCORABLE, FAILED, UNANSWERED, UNSERVED, NOTHING, UNRATED = 0, 1, 2, 3, 4, 5, 6
OUTCOMES = {"scored": SCORED, "unscorable": UNSCORABLE, "failed": FAILED}
COLUMNS = (
    "group", "outcome", "stop", "family", "subject", "attempt", "candidates", "batch", "off", "vote"
)  # fmt: skip
BY_ROW = ("outcome", "stop", "family", "subject", "attempt", "candidates", "batch")


@frozen(kw_only=True)
class Group:
    """Marks of one rater on one scale in one cell of the design.

    Attributes:
        values: Numbers, or indices of levels on nominal scales; NaN where there is no mark.
        outcome: Codes of `OUTCOMES`.
        stop: Codes of `dosimeter.analysis.stops`.
        family: Codes of families.
        subject: Codes of subjects, so that votes can be told apart.
        attempt: Codes of attempts.
        candidates: How many candidates the attempt submitted.
        batch: Codes of drawn batches; 0 for marks of no batch.
        pi: Probability of having been asked; 1 where all were.
        off: Whether the attempt left its script.
        asked: Attempts planned in the cell, by code of family.
        several: Whether an attempt of the cell submitted more than one candidate.
        reasons: Why there is no mark, with how many.
    """

    cell: Place
    rater: str
    rater_kind: str
    scale: Scale
    kind: str
    values: Floats = field(repr=False)
    outcome: Ints = field(repr=False)
    stop: Ints = field(repr=False)
    family: Ints = field(repr=False)
    subject: Ints = field(repr=False)
    batch: Ints = field(repr=False)
    pi: Floats = field(repr=False)
    off: Flags = field(repr=False)
    attempt: Ints = field(repr=False)
    candidates: Ints = field(repr=False)
    asked: Ints = field(repr=False)
    several: bool = False
    reasons: Reasons = ()

    @property
    def voted(self) -> Ints:
        """What votes are averaged in: a subject, once a batch that drew it."""
        return np.asarray(self.batch * (self.subject.max(initial=0) + 1) + self.subject)

    @property
    def unit(self) -> Ints:
        """What is counted: attempts by their paths, other subjects themselves; once a batch."""
        if self.kind != SubjectKind.PATH:
            return self.voted
        return np.asarray(self.batch * (self.attempt.max(initial=0) + 1) + self.attempt)

    def only(self, keep: Flags) -> "Group":
        """Give the rows that *keep* is true of."""
        parts = {n: getattr(self, n)[keep] for n in (*BY_ROW, "values", "pi", "off")}
        return evolve(self, **parts)


def _codes(reader: Reader, sql: str) -> dict[int, tuple[str, ...]]:
    return {row[0]: tuple(row[1:]) for row in reader.rows(sql)}


# Subjects are coded by their rank in the plan's order: keys of rows follow the clock, and a sum of
# floats its order.
# Attempts come in their order, so that only the subjects of one are sorted at a time.
SUBJECT_ORDER = """
SELECT u.k FROM attempt a CROSS JOIN subject u ON u.attempt = a.k LEFT JOIN call c ON c.k = u.call
ORDER BY a.k, c.step, c.idx, u.kind, u.aspect, u.id
"""
CANDIDATES = """
SELECT attempt, count(DISTINCT call) FROM candidate GROUP BY 1 HAVING count(DISTINCT call) > 1
"""
MARKS = f"""
SELECT a.arm, a.item, g.rater, u.kind, m.scale, m.num, m.label, m.outcome,
  {STOP}, u.k, coalesce(g.batch, 0), coalesce(d.pi, 1.0), a.k, g.vote
FROM mark m JOIN rating g ON g.k = m.rating JOIN subject u ON u.k = g.subject
  JOIN attempt a ON a.k = u.attempt LEFT JOIN call c ON c.k = u.call
  LEFT JOIN draw d ON d.batch = g.batch AND d.subject = u.k
WHERE NOT EXISTS (SELECT 1 FROM rating h WHERE h.supersedes = g.id)
"""
# Whoever votes in a batch is asked all of it. It is served in random order, so what comes after the
# last unit served is a random part; what was passed over is non-response.
UNANSWERED_UNITS = f"""
SELECT a.arm, a.item, v.rater, u.kind, {STOP}, u.k, d.batch, d.pi,
  d.ord > (SELECT max(e.ord) FROM draw e WHERE e.batch = d.batch AND e.served_at IS NOT NULL), a.k
FROM (SELECT DISTINCT batch, rater FROM rating WHERE batch IS NOT NULL) v
  JOIN draw d ON d.batch = v.batch JOIN subject u ON u.k = d.subject
  JOIN attempt a ON a.k = u.attempt LEFT JOIN call c ON c.k = u.call
WHERE NOT EXISTS (SELECT 1 FROM rating g
  WHERE g.subject = d.subject AND g.batch = d.batch AND g.rater = v.rater)
"""
# A search that submitted nothing has no subject; its attempt stands for one, under a negative key.
EMPTY_HANDED = f"""
SELECT a.arm, a.item, w.k, a.k FROM attempt a, rater w
WHERE a.state = 'no-candidate' AND w.kind != '{PERSON}' ORDER BY a.k, w.k
"""
OFF_NOTES = """
SELECT a.k FROM note o JOIN scope s ON s.k = o.scope JOIN attempt a ON a.id = s.id
WHERE o.kind = 'off-script'
"""
# The reply before a line that takes it for an answer, marked as what a block stands for.
OFF_MARKS = """
SELECT u.attempt FROM note o JOIN message m ON m.k = o.message JOIN call p ON p.reply = m.parent
  JOIN subject u ON u.call = p.k JOIN rating g ON g.subject = u.k JOIN mark x ON x.rating = g.k
WHERE o.kind = 'presupposes-answer' AND x.scale = ? AND (x.label = ? OR x.num = ?)
"""
FAMILY = "category || '/' || family"
"""What a family is told by, in columns of `item`."""
Key = tuple[Place, str, str, str, str]
"""A cell, a rater and its kind, a scale, and the kind of subject."""
Row = tuple[int, int, int, str, str, float, int, int, int, int, float, int, int]


def off_script(reader: Reader, found: Design) -> frozenset[int]:
    """Give the attempts in which a line took an answer for granted that had not come."""
    off = {k for (k,) in reader.rows(OFF_NOTES)}
    for scale in found.scales.values():
        value = scale.when_blocked
        if value is not None:
            number = None if isinstance(value, str) else float(value)
            off |= {k for (k,) in reader.rows(OFF_MARKS, (scale.name, value, number))}
    return frozenset(off)


def subject_ranks(reader: Reader) -> "array[int]":
    """Give the place of each subject in the plan's order, by key; four bytes each."""
    (last,) = reader.rows("SELECT coalesce(max(k), 0) FROM subject").fetchone()
    ranks = array("i", bytes(4 * (last + 1)))
    for place, (k,) in enumerate(reader.rows(SUBJECT_ORDER)):
        ranks[k] = place
    return ranks


def _rows(reader: Reader, found: Design) -> Iterator[Row]:
    """Give every mark, then a row a scale for each drawn unit without an answer."""
    rank = subject_ranks(reader)
    for arm, item, rater, kind, scale, num, label, outcome, *rest in reader.rows(MARKS):
        number = _number(found.own.get((rater, scale)), num, label)
        stop, key, batch, pi, k, vote = rest
        code, subject = OUTCOMES[outcome], rank[key]
        yield (arm, item, rater, kind, scale, number, code, stop, subject, batch, pi, k, vote)
    scales = {r.k: [s.name for s in r.spec.scales] for r in found.raters if r.kind == PERSON}
    for arm, item, rater, kind, stop, key, batch, pi, later, k in reader.rows(UNANSWERED_UNITS):
        code, subject = UNSERVED if later else UNANSWERED, rank[key]
        for scale in scales.get(rater, ()):
            yield (arm, item, rater, kind, scale, math.nan, code, stop, subject, batch, pi, k, 0)
    path = SubjectKind.PATH
    of_paths = {
        r.k: [s.name for s in r.spec.scales] for r in found.raters
        if r.kind != PERSON and path in r.spec.subjects
    }  # fmt: skip
    for arm, item, rater, k in reader.rows(EMPTY_HANDED):
        for scale in of_paths.get(rater, ()):
            yield (arm, item, rater, path.value, scale, math.nan, NOTHING, 0, -k, 0, 1.0, k, 0)
    turn, code = SubjectKind.TURN.value, UNRATED  # under the negative key of its call
    for arm, item, rater, names, stop, call, k in unrated_turns(reader, found):
        for scale in names:
            yield (arm, item, rater, turn, scale, math.nan, code, stop, -call, 0, 1.0, k, 0)


def family_codes(reader: Reader) -> dict[str, int]:
    """Number the families, by category and name."""
    rows = reader.rows(f"SELECT DISTINCT {FAMILY} FROM item ORDER BY 1")
    return {name: code for code, (name,) in enumerate(rows)}


def groups(
    reader: Reader,
    found: Design,
    off: frozenset[int],
    why: Mapping[Key, Reasons] = MappingProxyType({}),
) -> Iterator[Group]:
    """Give the marks by cell, rater and scale, in a fixed order.

    Args:
        reader: The journal.
        found: Its design.
        off: Attempts that left their script.
        why: Why there is no mark.
    """
    arms = _codes(reader, "SELECT r.k, t.name, r.category, r.attack FROM arm r"
                          " JOIN endpoint t ON t.k = r.target")  # fmt: skip
    families = family_codes(reader)
    items = {
        k: (sys.intern(intent), families[name])
        for k, intent, name in reader.rows(f"SELECT k, intent, {FAMILY} FROM item")
    }
    raters = {r.k: (r.label, r.kind) for r in found.raters}
    candidates = dict(reader.rows(CANDIDATES))
    cells: dict[Key, int] = {}
    columns = {n: array("i") for n in COLUMNS}
    values, probabilities = array("d"), array("d")
    for arm, item, rater, kind, scale, number, outcome, stop, subject, batch, pi, k, vote in _rows(
        reader, found
    ):
        target, category, attack = arms[arm]
        intent, family = items[item]
        name, rater_kind = raters[rater]
        at = ((target, category, intent, attack), name, rater_kind, scale, kind)
        columns["group"].append(cells.setdefault(at, len(cells)))
        columns["outcome"].append(outcome)
        columns["stop"].append(stop)
        columns["family"].append(family)
        columns["subject"].append(subject)
        columns["attempt"].append(k)
        columns["candidates"].append(candidates.get(k, 1))
        columns["batch"].append(batch)
        columns["off"].append(k in off)
        columns["vote"].append(vote)
        values.append(number)
        probabilities.append(pi)
    plan = _plan(reader, arms, items, len(families), candidates)
    return _grouped(found, cells, columns, values, probabilities, plan, why)


def _plan(
    reader: Reader,
    arms: dict[int, tuple[str, ...]],
    items: dict[int, tuple[str, int]],
    families: int,
    candidates: dict[int, int],
) -> dict[Place, tuple[Ints, bool]]:
    """Count by cell the attempts of each family, and tell whether one has several candidates."""
    asked: dict[Place, array[int]] = {}
    several = set()
    for k, arm, item in reader.rows("SELECT k, arm, item FROM attempt WHERE state != 'not-needed'"):
        target, category, attack = arms[arm]
        intent, family = items[item]
        at = (target, category, intent, attack)
        asked.setdefault(at, array("i")).append(family)
        if k in candidates:
            several.add(at)
    return {
        at: (np.bincount(np.array(codes), minlength=families), at in several)
        for at, codes in asked.items()
    }


def _grouped(
    found: Design,
    cells: dict[Key, int],
    columns: dict[str, "array[int]"],
    values: "array[float]",
    probabilities: "array[float]",
    plan: dict[Place, tuple[Ints, bool]],
    why: Mapping[Key, Reasons],
) -> Iterator[Group]:
    arrays = {
        n: np.frombuffer(a, dtype=np.intc) if a else np.zeros(0, np.intc)
        for n, a in columns.items()
    }
    order = np.lexsort((arrays["vote"], arrays["batch"], arrays["subject"], arrays["group"]))
    number = np.frombuffer(values, dtype=float) if values else np.zeros(0)
    pi = np.frombuffer(probabilities, dtype=float) if probabilities else np.zeros(0)
    edges = np.searchsorted(arrays["group"][order], np.arange(len(cells) + 1))
    key = {r.label: r.k for r in found.raters}
    for (place, rater, rater_kind, name, kind), i in sorted(cells.items()):
        rows = order[edges[i] : edges[i + 1]]
        scale = found.own.get((key[rater], name))
        if scale is not None:
            asked, several = plan[place]
            yield Group(
                cell=place, rater=rater, rater_kind=rater_kind, scale=scale, kind=kind,
                values=number[rows], pi=pi[rows], off=arrays["off"][rows].astype(bool),
                asked=asked, several=several,
                reasons=why.get((place, rater, rater_kind, name, kind), ()),
                **{n: arrays[n][rows].astype(np.int64) for n in BY_ROW},
            )  # fmt: skip


def _number(scale: Scale | None, num: float | None, label: str | None) -> float:
    """Give a mark as a number: of a nominal scale, the index of its level."""
    if scale is not None and scale.kind is ScaleKind.NOMINAL:
        for i, level in enumerate(scale.levels):
            if level.value == (num if label is None else label):
                return float(i)
    return math.nan if num is None else float(num)
