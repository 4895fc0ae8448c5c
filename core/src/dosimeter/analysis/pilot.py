"""What a finished run says of one to come: rates, correlations and costs; from marks, never from texts."""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from attrs import evolve

from dosimeter.analysis.load import Floats, Ints
from dosimeter.analysis.pilot_rows import At, Marks, rows_of
from dosimeter.analysis.pilot_use import uses_of
from dosimeter.analysis.pilot_within import learn_within
from dosimeter.analysis.state import RunState
from dosimeter.journal.design import design
from dosimeter.journal.reader import Reader
from dosimeter.model.measures import Measure
from dosimeter.model.planning import Learned, Pilot, PilotAnswer, PilotPair
from dosimeter.model.rating import PERSON
from dosimeter.stats.cluster import cluster_icc, korn_graubard
from dosimeter.stats.planning_pilot import (
    CAREFUL,
    careful_icc,
    careful_sd,
    careful_share_icc,
    icc_limits,
    share_icc_limits,
)

LEVEL = 0.95


def learn(reader: Reader, measures: Sequence[Measure]) -> Pilot:
    """Say what the run of *reader* tells of *measures*.

    Args:
        reader: The pilot's journal.
        measures: Of the run to come: asked of the pilot's marks, whatever the pilot itself asked.
    """
    found = design(reader)
    state = RunState(reader=reader, found=found)
    panels = dict(reader.rows("SELECT id, body FROM spec WHERE kind = 'panel'"))
    planned, done = reader.rows(
        "SELECT count(*), coalesce(sum(state IN ('done', 'no-candidate')), 0) FROM attempt"
    ).fetchone()
    return Pilot(
        run=reader.path.parent.name, scope=found.config.scope.value,
        panels=tuple((c.id, f"version {c.named or c.version}, panel {panels.get(c.id, '')}")
                     for c in found.categories),
        raters=tuple((r.label, f"{r.spec.id}, revision {r.spec.revision}")
                     for r in found.raters if r.kind != PERSON),
        planned=planned, done=done, seconds=state.seconds,
        answers=tuple(_answer(at, some) for at, some in rows_of(reader, found, measures)),
        uses=tuple(uses_of(reader)), within=tuple(learn_within(reader, found, measures)),
        repeats=found.config.repeats,
    )  # fmt: skip


def _answer(at: At, some: Sequence[Marks]) -> PilotAnswer:
    measure, category, intent, attack, rater, levels, extra = at
    one = max(some, key=lambda m: (m.sd, m.target))
    pairs = [p for a, b in combinations(some, 2) if (p := _pair(a, b)) is not None]
    return PilotAnswer(
        measure=measure, category=category, intent=intent, attack=attack, rater=rater,
        levels=levels, level=dict(extra).get("level", ""), target=one.target,
        families=int(one.family.max(initial=-1)) + 1, attempts=len(one.y),
        missing=max(m.missing for m in some), value=one.mean, sd=one.sd, icc=_icc(one.y, one.family),
        marks=one.marks, pair=max(pairs, key=_varies, default=None),
    )  # fmt: skip


def _varies(one: PilotPair) -> float:
    spread = one.discordant or one.sd
    return spread.value if spread else 0.0


def _icc(y: Floats, family: Ints) -> Learned | None:
    found = cluster_icc(y, family)
    if found.undefined:
        return None
    if np.isin(y, (0.0, 1.0)).all():
        low, high = share_icc_limits(y, family, LEVEL)
        used = careful_share_icc(y, family)
    else:
        (low, high), used = icc_limits(found, LEVEL), careful_icc(found)
    value = found.estimate
    return Learned(value=value, low=min(low, value), high=max(high, value), used=used)


def _icc_of_difference(d: Floats, family: Ints, *, share: bool) -> Learned | None:
    """Give the correlation of differences; of shares it is at least what their disagreement leaves open."""
    found = _icc(d, family)
    if found is None or not share:
        return found
    return evolve(found, used=max(found.used, careful_share_icc((d != 0).astype(float), family)))


def _pair(a: Marks, b: Marks) -> PilotPair | None:
    """Set two targets beside each other on the attempts that both have a mark on."""
    theirs = dict(zip(b.keys, b.y.tolist(), strict=True))
    rows = [i for i, key in enumerate(a.keys) if key in theirs]
    _, family = np.unique(a.family[rows], return_inverse=True)
    families = int(family.max(initial=-1)) + 1
    if families < 2:
        return None
    d = np.array([theirs[a.keys[i]] - a.y[i] for i in rows])
    weights = 1.0 / np.bincount(family)[family]
    pair = PilotPair(a=a.target, b=b.target, families=families, attempts=len(d), discordant=None,
                     sd=None, icc=_icc_of_difference(d, family.astype(np.int64), share=a.share))  # fmt: skip
    if a.share:
        return evolve(pair, discordant=_discordant(np.abs(d), family.astype(np.int64), weights))
    mean = float(np.average(d, weights=weights))
    sd = math.sqrt(float(np.average((d - mean) ** 2, weights=weights)) * families / (families - 1))
    # Families are the degrees of freedom, as rows of one are less than as many.
    low, high = (careful_sd(sd, families - 1, sure) for sure in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return evolve(pair, sd=Learned(value=sd, low=low, high=high,
                                   used=careful_sd(sd, families - 1)))  # fmt: skip


def _discordant(y: Floats, family: Ints, weights: Floats) -> Learned:
    found = korn_graubard(y, family, weights)
    low, high = found.interval(LEVEL)
    return Learned(value=found.estimate, low=low, high=high,
                   used=found.interval(2 * CAREFUL - 1).upper)  # fmt: skip
