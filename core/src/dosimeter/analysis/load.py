"""What a report needs from a journal, as arrays."""

from array import array
from collections.abc import Iterator

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Measure, Selection
from dosimeter.model.rating import Scale, ScaleKind, SubjectKind
from dosimeter.model.specs import ScorerSpec

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SCORED, UNSCORABLE, FAILED = 0, 1, 2
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
    pi: Floats = field(repr=False)


def _codes(reader: Reader, sql: str) -> dict[int, tuple[str, ...]]:
    return {row[0]: tuple(row[1:]) for row in reader.rows(sql)}


def groups(reader: Reader, found: Design) -> Iterator[Group]:
    """Give the marks by cell, rater and scale, in a fixed order."""
    arms = _codes(reader, "SELECT r.k, t.name, r.category, r.attack FROM arm r"
                          " JOIN endpoint t ON t.k = r.target")  # fmt: skip
    items = _codes(reader, "SELECT k, intent, category || '/' || family FROM item")
    raters = _codes(reader, "SELECT k, name, kind FROM rater")
    families = {f: i for i, f in enumerate(sorted({v[1] for v in items.values()}))}
    cells: dict[tuple[str, str, str, str, str, str, str, str], int] = {}
    columns = {n: array("q") for n in ("group", "outcome", "stop", "family", "subject")}
    values, pi = array("d"), array("d")
    for arm, item, rater, kind, scale, num, label, outcome, stop, subject, p in reader.rows(
        "SELECT a.arm, a.item, g.rater, u.kind, m.scale, m.num, m.label, m.outcome, c.stop, u.k,"
        " coalesce(d.pi, 1.0) FROM mark m JOIN rating g ON g.k = m.rating"
        " JOIN subject u ON u.k = g.subject JOIN attempt a ON a.k = u.attempt"
        " LEFT JOIN call c ON c.k = u.call"
        " LEFT JOIN draw d ON d.batch = g.batch AND d.subject = u.k"
        " WHERE NOT EXISTS (SELECT 1 FROM rating h WHERE h.supersedes = g.id)"
    ):
        target, category, attack = arms[arm]
        intent, family = items[item]
        name, rater_kind = raters[rater]
        at = (target, category, intent, attack, name, rater_kind, str(scale), str(kind))
        columns["group"].append(cells.setdefault(at, len(cells)))
        columns["outcome"].append(OUTCOMES[outcome])
        columns["stop"].append(STOPS.get(stop, 0))
        columns["family"].append(families[family])
        columns["subject"].append(subject)
        values.append(_number(found.scales.get(scale), num, label))
        pi.append(p)
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
                subject=arrays["subject"][rows], pi=probability[rows],
            )  # fmt: skip


def _number(scale: Scale | None, num: float | None, label: str | None) -> float:
    """Give a mark as a number: of a nominal scale, the index of its level."""
    if label is not None and scale is not None:
        for i, level in enumerate(scale.levels):
            if level.value == label:
                return float(i)
    return float("nan") if num is None else float(num)


def measures(found: Design) -> tuple[Measure, ...]:
    """Give the categories' measures, and default ones for scales that none of them asks about."""
    asked: dict[str, Measure] = {m.id: m for c in found.categories for m in c.measures}
    known = {m.scale for m in asked.values()}
    for _, _, spec in found.raters:
        for scale in spec.scales:
            if scale.name not in known:
                asked |= {m.id: m for m in _default(scale, spec)}
    return tuple(asked[k] for k in sorted(asked))


def _default(scale: Scale, spec: ScorerSpec) -> list[Measure]:
    kind = SubjectKind.PATH if SubjectKind.PATH in spec.subjects else spec.subjects[0]
    select = Selection(kind=kind)
    title = scale.summary or scale.name
    if scale.kind is ScaleKind.BOOLEAN:
        return [Measure(id=scale.name, title=title, scale=scale.name, estimator="rate",
                        threshold=True, direction=scale.direction, select=select)]  # fmt: skip
    out = []
    if scale.kind in {ScaleKind.ORDINAL, ScaleKind.NOMINAL}:
        out.append(Measure(id=scale.name, title=f"{title}, by level", scale=scale.name,
                           estimator="shares", direction=scale.direction, select=select))  # fmt: skip
    if scale.kind in {ScaleKind.ORDINAL, ScaleKind.REAL}:
        out.append(Measure(id=f"{scale.name}-mean", title=f"mean {title}", scale=scale.name,
                           estimator="mean", direction=scale.direction, select=select))  # fmt: skip
    return out
