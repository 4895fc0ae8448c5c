"""How well people agree with one another, and raters with them, on drawn replies (VALIDITY 18)."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress

import numpy as np
from attrs import evolve

from dosimeter.analysis.load import Group
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.voted import Said, said_of
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.across import is_one
from dosimeter.model.answering import DISAGREE, UNRELIABLE, Caveat, Estimate, Finding
from dosimeter.model.facts import AGAINST_PEOPLE, PEOPLE, Reliability
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Scale, ScaleKind, SubjectKind, Value
from dosimeter.numbers import reliability_in_words
from dosimeter.plural import plural
from dosimeter.stats.agreement import (
    TENTATIVE,
    Metric,
    ReliabilityGate,
    gwet_ac,
    level_counts,
    raw_agreement,
    reliability_gate,
)
from dosimeter.stats.result import Result

Key = tuple[str, str, str]
"""Category, scale and intent: what raters agree on."""
Table = list[list[float]]
SECOND = "a second person who marks the same drawn replies"
RARER = (
    "30 replies in the rarer half of the scale: draw those that a rater puts there with a higher pi"
)
NOBODY = "two people who mark the same drawn replies, 30 of them in the rarer half of the scale"
WHY = {
    "no-observations": ("no drawn reply has a mark of theirs", "a batch that is drawn and read"),
    "one-rater": ("one person marked drawn replies", SECOND),
    "no-overlap": ("no two of them marked the same drawn reply", SECOND),
    "no-variation": ("all marks are the same", RARER),
    "few-clusters": ("{families}", "drawn replies of at least 10 families"),
    "few-at-heavy-weights": (
        "they agree on what they read, but too few of it were drawn with a low pi",
        "more replies drawn with the lowest pi, or pi less uneven, marked by both",
    ),
    "few-in-minority": ("{minority} of {replies} in the rarer half of the scale", RARER),
}
"""Why agreement is not estimable, and what would make it so, by the code of the statistic."""


def reliabilities(reader: Reader, found: Design) -> tuple[Reliability, ...]:
    """Estimate how well raters agree, by category, scale and intent, where people voted."""
    batches = Batches(reader=reader)
    people = {r.k for r in found.raters if r.kind == PERSON}
    if not people:
        return ()
    held: dict[Key, list[Said]] = {}
    for one in said_of(reader, found):
        _, category, intent, _ = one.reply.cell
        held.setdefault((category, one.scale, intent), []).append(one)
    out: list[Reliability] = []
    for key in sorted(k for k, said in held.items() if any(s.rater in people for s in said)):
        scale = _scale(found, people, held[key])
        if scale is not None:
            out += _of_key(found, people, batches, key, scale, held[key])
    return tuple(out)


def _scale(found: Design, people: set[int], said: Iterable[Said]) -> Scale | None:
    """Give the scale that people marked on, if it has levels."""
    of = next(s for s in said if s.rater in people)
    scale = found.own[of.rater, of.scale]
    return None if scale.kind is ScaleKind.REAL else scale


def _of_key(
    found: Design, people: set[int], batches: Batches, key: Key, scale: Scale, said: list[Said]
) -> Iterator[Reliability]:
    """Give the agreement of people, and of each rule or judge with each of them."""
    names = {r.k: r.label for r in found.raters}
    drawn = [s for s in said if s.rater in people and _covers(batches, s)]
    marks: dict[int, dict[int, Said]] = {}
    for one in drawn:
        marks.setdefault(one.reply.k, {})[one.rater] = one
    readers = sorted({s.rater for s in said if s.rater in people}, key=lambda k: names[k])
    rows = [[by.get(k) for k in readers] for by in marks.values()]
    yield _agreed(PEOPLE, [names[k] for k in readers], key, scale, rows)
    machines: dict[int, dict[int, Said]] = {}
    for one in said:
        if one.rater not in people:
            machines.setdefault(one.rater, {})[one.reply.k] = one
    for rater in sorted(machines, key=lambda k: names[k]):
        for person in readers:
            both = [
                [by.get(person), machines[rater].get(reply)] for reply, by in marks.items()
                if person in by
            ]  # fmt: skip
            if both:
                yield _agreed(AGAINST_PEOPLE, [names[rater], names[person]], key, scale, both)


def _covers(batches: Batches, one: Said) -> bool:
    """Say whether it was given in a batch that speaks for its cell."""
    kind = SubjectKind.PATH.value
    return one.batch is not None and one.batch not in batches.refused(one.reply.cell, kind)


def _agreed(
    kind: str, names: Sequence[str], key: Key, scale: Scale, rows: Sequence[Sequence[Said | None]]
) -> Reliability:
    """Make the record of one table, a row a reply and a column a rater."""
    codes = codes_of(scale)
    table = [
        [math.nan if s is None else codes.get(_text(s.value), math.nan) for s in row]
        for row in rows
    ]
    pi = [next(s.pi for s in row if s is not None) for row in rows]
    grades = scale.kind is ScaleKind.ORDINAL
    metric: Metric = "ordinal" if grades else "nominal"
    base = Reliability(kind=kind, raters=tuple(names), category=key[0], scale=key[1], intent=key[2],
                       metric=metric)  # fmt: skip
    if not table:
        why, need = WHY["no-observations"]
        return evolve(base, why=why, would_need=need)
    levels = sorted(set(codes.values()))
    family = [next(s.reply.family for s in row if s is not None) for row in rows]
    gate = reliability_gate(table, levels, metric, [1 / p for p in pi], family, people=True)
    return _numbered(base, scale, gate, table, levels, family)


def _numbered(
    base: Reliability, scale: Scale, gate: ReliabilityGate, table: Table, levels: list[float],
    family: Sequence[str],
) -> Reliability:  # fmt: skip
    both = [sum(not math.isnan(v) for v in row) > 1 for row in table]
    twice, of = list(compress(table, both)), list(compress(family, both))
    why, need = WHY.get(gate.reason, (gate.reason, RARER))
    why = why.format(minority=gate.minority, replies=plural(len(twice), "reply"),
                     families=plural(len(set(of)), "family"))  # fmt: skip
    if gate.verdict != "not-estimable":
        need = ""
        why = f"the lower limit of alpha is under {TENTATIVE:.3f}" if gate.reason else ""
    made = evolve(base, units=len(twice), families=len(set(of)), minority=gate.minority,
                  verdict=gate.verdict, why=why, would_need=need)  # fmt: skip
    if not twice:
        return made
    quadratic = base.metric == "ordinal"
    alpha, ac = (
        _limits(gate.alpha),
        _limits(gwet_ac(twice, "quadratic" if quadratic else "identity", levels, of)),
    )
    same = _limits(raw_agreement(twice, of))
    counted = np.sum(level_counts(twice, levels).counts, axis=0).tolist()
    return evolve(
        made, alpha=alpha[0], lower=alpha[1], upper=alpha[2], ac=ac[0], ac_lower=ac[1],
        ac_upper=ac[2], same=same[0], same_lower=same[1], same_upper=same[2],
        levels=tuple(zip(_names(scale), counted, strict=True)),
    )  # fmt: skip


def _limits(got: Result) -> tuple[float | None, float | None, float | None]:
    """Give an estimate with its limits at 95 %, or nothing in their places."""
    limits = got.interval()
    if got.undefined:
        return None, None, None
    none = bool(limits.undefined)
    return got.estimate, None if none else limits.lower, None if none else limits.upper


def codes_of(scale: Scale) -> Mapping[str, float]:
    """Give marks as numbers: grades as they are, names by their place."""
    values = _values(scale)
    if scale.kind is ScaleKind.ORDINAL:
        return {_text(v): float(v) for v in values}
    return {_text(v): float(i) for i, v in enumerate(values)}


def _values(scale: Scale) -> list[Value]:
    if scale.kind is ScaleKind.BOOLEAN:
        return [False, True]
    values: list[Value] = [level.value for level in scale.levels]
    return sorted(values, key=float) if scale.kind is ScaleKind.ORDINAL else values


def _names(scale: Scale) -> list[str]:
    return [_text(v) for v in _values(scale)]


def _text(value: Value) -> str:
    return str(value)


def with_unread(
    records: Iterable[Reliability], findings: Iterable[Finding], measures: Iterable[Measure]
) -> tuple[Reliability, ...]:
    """Add to *records* that nothing is known where a rater has numbers and nobody voted."""
    out = list(records)
    known = {(r.category, r.scale, r.intent) for r in out}
    by_id = {m.id: m for m in measures if m.select.kind is SubjectKind.PATH}
    asked = {
        (g["category"], by_id[f.measure].scale, g["intent"])
        for f in findings if isinstance(f, Estimate) and f.measure in by_id
        for g in [dict(f.group)] if is_one(g["category"])
    }  # fmt: skip
    for category, scale, intent in sorted(asked - known):
        out.append(
            Reliability(kind=PEOPLE, raters=(), category=category, scale=scale, intent=intent,
                        why="nobody voted", would_need=NOBODY)
        )  # fmt: skip
    return tuple(
        sorted(out, key=lambda r: (r.category, r.scale, r.intent, r.kind != PEOPLE, r.raters))
    )


def of_reliability(records: Iterable[Reliability]) -> Iterator[Caveat]:
    """Say of the run how well people agree."""
    for one in records:
        if one.kind == PEOPLE:
            yield Caveat(code="reliability", text=reliability_in_words(one))


def banner(records: Iterable[Reliability], group: Group) -> tuple[Caveat, ...]:
    """Say beside a number of *group* that those it rests on agree too little, or hardly enough."""
    _, category, intent, _ = group.cell
    if group.kind != SubjectKind.PATH:
        return ()
    mine = [
        r for r in records
        if (r.category, r.scale, r.intent) == (category, group.scale.name, intent)
        and (r.kind == PEOPLE or (group.rater_kind != PERSON and r.raters[0] == group.rater))
    ]  # fmt: skip
    for verdict, kind, code in (
        ("refused", PEOPLE, DISAGREE), ("refused", AGAINST_PEOPLE, UNRELIABLE),
        ("tentative", "", "tentative"),
    ):  # fmt: skip
        said = [
            reliability_in_words(r) for r in mine if r.verdict == verdict and kind in {"", r.kind}
        ]
        if said:
            return (Caveat(code=code, text="; ".join(said)),)
    return ()
