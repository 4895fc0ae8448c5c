"""What a report needs from a journal, as arrays."""

import math
from array import array
from collections.abc import Iterator

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.rating import Scale, ScaleKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.serialize import from_json

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SCORED, UNSCORABLE, FAILED, UNANSWERED, UNSERVED = 0, 1, 2, 3, 4
OUTCOMES = {"scored": SCORED, "unscorable": UNSCORABLE, "failed": FAILED}
STOPS = {"refused": 1, "filtered": 1, "length": 2}
BLOCKED, TRUNCATED = 1, 2


@frozen(kw_only=True)
class Group:
    """Marks of one rater on one scale in one cell of the design.

    Attributes:
        cell: Target, category, intent and attack.
        values: Numbers, or indices of levels on nominal scales; NaN where there is no mark.
        outcome: Codes of `OUTCOMES`.
        stop: Codes of `STOPS`, else 0.
        family: Codes of families.
        subject: Codes of subjects, so that votes can be told apart.
        batch: Codes of drawn batches; 0 for marks of no batch.
        pi: Probability of having been asked; 1 where all were.
    """

    cell: tuple[str, str, str, str]
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

    @property
    def unit(self) -> Ints:
        """What votes are averaged in: a subject, once a batch that drew it."""
        return np.asarray(self.batch * (self.subject.max(initial=0) + 1) + self.subject)


def _codes(reader: Reader, sql: str) -> dict[int, tuple[str, ...]]:
    return {row[0]: tuple(row[1:]) for row in reader.rows(sql)}


MARKS = """
SELECT a.arm, a.item, g.rater, u.kind, m.scale, m.num, m.label, m.outcome, c.stop, u.k,
  coalesce(g.batch, 0), coalesce(d.pi, 1.0)
FROM mark m JOIN rating g ON g.k = m.rating JOIN subject u ON u.k = g.subject
  JOIN attempt a ON a.k = u.attempt LEFT JOIN call c ON c.k = u.call
  LEFT JOIN draw d ON d.batch = g.batch AND d.subject = u.k
WHERE NOT EXISTS (SELECT 1 FROM rating h WHERE h.supersedes = g.id)
"""
# Whoever votes in a batch is asked all of it. It is served in random order, so what comes after the
# last unit served is a random part; what was passed over is non-response.
UNANSWERED_UNITS = """
SELECT a.arm, a.item, v.rater, u.kind, c.stop, u.k, d.batch, d.pi,
  d.ord > (SELECT max(e.ord) FROM draw e WHERE e.batch = d.batch AND e.served_at IS NOT NULL)
FROM (SELECT DISTINCT batch, rater FROM rating WHERE batch IS NOT NULL) v
  JOIN draw d ON d.batch = v.batch JOIN subject u ON u.k = d.subject
  JOIN attempt a ON a.k = u.attempt LEFT JOIN call c ON c.k = u.call
WHERE NOT EXISTS (SELECT 1 FROM rating g
  WHERE g.subject = d.subject AND g.batch = d.batch AND g.rater = v.rater)
"""
Row = tuple[int, int, int, str, str, float, int, str | None, int, int, float]


def _rows(reader: Reader, found: Design) -> Iterator[Row]:
    """Give every mark, then a row a scale for each drawn unit without an answer."""
    for arm, item, rater, kind, scale, num, label, outcome, *rest in reader.rows(MARKS):
        number = _number(found.scales.get(scale), num, label)
        stop, subject, batch, pi = rest
        yield (arm, item, rater, kind, scale, number, OUTCOMES[outcome], stop, subject, batch, pi)
    scales = {
        k: [s.name for s in from_json(body, ScorerSpec).scales]
        for k, body in reader.rows("SELECT k, body FROM rater WHERE kind = 'person'")
    }
    for arm, item, rater, kind, stop, subject, batch, pi, later in reader.rows(UNANSWERED_UNITS):
        code = UNSERVED if later else UNANSWERED
        for scale in scales.get(rater, ()):
            yield (arm, item, rater, kind, scale, math.nan, code, stop, subject, batch, pi)


def groups(reader: Reader, found: Design) -> Iterator[Group]:
    """Give the marks by cell, rater and scale, in a fixed order."""
    arms = _codes(reader, "SELECT r.k, t.name, r.category, r.attack FROM arm r"
                          " JOIN endpoint t ON t.k = r.target")  # fmt: skip
    items = _codes(reader, "SELECT k, intent, category || '/' || family FROM item")
    raters = _codes(reader, "SELECT k, name, kind FROM rater")
    families = {f: i for i, f in enumerate(sorted({v[1] for v in items.values()}))}
    cells: dict[tuple[str, str, str, str, str, str, str, str], int] = {}
    columns = {n: array("q") for n in ("group", "outcome", "stop", "family", "subject", "batch")}
    values, pi = array("d"), array("d")
    for arm, item, rater, kind, scale, number, outcome, stop, subject, batch, p in _rows(
        reader, found
    ):
        target, category, attack = arms[arm]
        intent, family = items[item]
        name, rater_kind = raters[rater]
        at = (target, category, intent, attack, name, rater_kind, scale, kind)
        columns["group"].append(cells.setdefault(at, len(cells)))
        columns["outcome"].append(outcome)
        columns["stop"].append(STOPS.get(stop or "", 0))
        columns["family"].append(families[family])
        columns["subject"].append(subject)
        columns["batch"].append(batch)
        values.append(number)
        pi.append(p)
    return _grouped(found, cells, columns, values, pi)


def _grouped(
    found: Design,
    cells: dict[tuple[str, str, str, str, str, str, str, str], int],
    columns: dict[str, "array[int]"],
    values: "array[float]",
    pi: "array[float]",
) -> Iterator[Group]:
    arrays = {
        n: np.frombuffer(a, dtype=np.int64) if a else np.zeros(0, np.int64)
        for n, a in columns.items()
    }
    order = np.lexsort((arrays["subject"], arrays["group"]))
    number = np.frombuffer(values, dtype=float) if values else np.zeros(0)
    probability = np.frombuffer(pi, dtype=float) if pi else np.zeros(0)
    edges = np.searchsorted(arrays["group"][order], np.arange(len(cells) + 1))
    for at in sorted(cells):
        i = cells[at]
        rows = order[edges[i] : edges[i + 1]]
        scale = found.scales.get(at[6])
        if scale is not None:
            yield Group(
                cell=(at[0], at[1], at[2], at[3]), rater=at[4], rater_kind=at[5], scale=scale,
                kind=at[7], values=number[rows], outcome=arrays["outcome"][rows],
                stop=arrays["stop"][rows], family=arrays["family"][rows],
                subject=arrays["subject"][rows], batch=arrays["batch"][rows],
                pi=probability[rows],
            )  # fmt: skip


def _number(scale: Scale | None, num: float | None, label: str | None) -> float:
    """Give a mark as a number: of a nominal scale, the index of its level."""
    if scale is not None and scale.kind is ScaleKind.NOMINAL:
        for i, level in enumerate(scale.levels):
            if level.value == (num if label is None else label):
                return float(i)
    return float("nan") if num is None else float(num)
