"""What a finished run says of differences within families to come: how much families vary."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.asked import Asked
from dosimeter.analysis.cells import cells_of
from dosimeter.analysis.contrast import complete
from dosimeter.analysis.factors import Factors
from dosimeter.analysis.flips import Rewritten, by_family
from dosimeter.analysis.load import Floats, Place, groups, off_script
from dosimeter.analysis.pilot_noise import noise, noisy
from dosimeter.analysis.tally import ready
from dosimeter.analysis.wording import Frame
from dosimeter.contrasts import attack_of
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.contrasts import Contrasted, is_difference
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.planning import Learned, PilotWithin
from dosimeter.model.questions import ends, unaskable, unbuilt
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.stats.planning_pilot import CAREFUL, careful_spread, most_spread

LEVEL = 0.95
At = tuple[str, str, str, str, str, Pairs]
"""A measure with category, intent, attack, rater, and levels."""
Arms = Mapping[Place, Arm]
"""Marks of one rater on one scale, by cell."""


@frozen(kw_only=True)
class _Differences:
    """Differences of one target's families.

    Attributes:
        rows: Marks in a cell, of each family and cell.
        asked: Families that have every cell in the design.
        span: The most that a difference can be.
        noise: The part of its deviation that repeats alone make; None where nobody knows.
    """

    target: str
    d: Floats = field(repr=False)
    rows: Floats = field(repr=False)
    asked: int
    span: float
    noise: float | None = None


def learn_within(
    reader: Reader, found: Design, measures: Sequence[Measure]
) -> Iterator[PilotWithin]:
    """Say of each difference within families how much a finished run's families vary in it.

    Args:
        reader: The pilot's journal.
        found: Its design.
        measures: Of the run to come.
    """
    asked = [m for m in measures if _can(m)]
    if not asked:
        return
    off = off_script(reader, found)
    design = Asked(found=found, cells=tuple(cells_of(reader, off)), factors=Factors(reader))
    held = _arms(reader, design, off, asked)
    all_of: dict[At, list[_Differences]] = defaultdict(list)
    for measure in asked:
        for (rater, scale), arms in sorted(held.items()):
            if scale != measure.scale:
                continue
            for target, category in design.homes():
                for one in design.compared(measure, target, category):
                    made = _differences(measure, one, (target, category), design, arms)
                    if made is not None and len(made.d) > 1:
                        attack = attack_of(measure, one)
                        at = (measure.id, category, one.intent, attack, rater, one.levels)
                        all_of[at].append(made)
    for at, some in sorted(all_of.items()):
        yield _answer(at, some)


def _can(measure: Measure) -> bool:
    select = measure.select
    return (
        is_difference(measure)
        and not (unaskable(measure) or unbuilt(measure))
        and not select.stages
        and select.kind is SubjectKind.PATH
    )


def _arms(
    reader: Reader, design: Asked, off: frozenset[int], asked: Sequence[Measure]
) -> dict[tuple[str, str], dict[Place, Arm]]:
    """Keep the marks of rules and judges in the cells that a difference has a side in."""
    by_cell = {(c.target, c.category, c.intent.value, c.attack): c for c in design.cells}
    scope = design.found.config.scope
    frame = Frame(scope=scope, level=LEVEL, caveats=(), population="")
    held: dict[tuple[str, str], dict[Place, Arm]] = defaultdict(dict)
    for group in groups(reader, design.found, off):
        cell = by_cell[group.cell]
        mine = (m for m in asked if m.scale == group.scale.name and not unaskable(m, group.scale))
        if group.rater_kind == PERSON or group.kind != SubjectKind.PATH:
            continue
        if any(design.needs(m, cell) for m in mine):
            arm = Arm(group=group, cell=cell, frame=frame)
            held[group.rater, group.scale.name][group.cell] = arm
    return held


def _differences(
    measure: Measure, one: Contrasted, home: tuple[str, str], design: Asked, arms: Arms
) -> _Differences | None:
    """Give the difference of each whole family of a target; None where a side has no marks."""
    scope, parts = design.found.config.scope, []
    for side in one.sides:
        arm = arms.get((*home, side.intent, side.attack))
        if arm is None:
            return None
        parts.append(design.factors.part(arm, side.levels))
    span = ends(measure, parts[0].group.scale)[1]
    if measure.estimator == "flips":
        told = Rewritten(
            measure=measure, arm=parts[0], levels=one.levels, factors=design.factors, card=()
        )
        d, rows, asked = by_family(told, scope)
        return _Differences(target=home[0], d=d, rows=rows, asked=asked, span=span)
    held = [ready(measure, part, scope) for part in parts]
    sides = [one.tally() for one in held]
    whole = complete(sides)
    weights = [side.weight for side in one.sides]
    plans = [design.factors.fitting(part.group.cell, side.levels)
             for part, side in zip(parts, one.sides, strict=True)]  # fmt: skip
    cells = [noisy(*cell) for cell in zip(held, plans, weights, strict=True)]
    d = np.sum([w * t.mean[whole] for w, t in zip(weights, sides, strict=True)], axis=0)
    return _Differences(
        target=home[0], d=d, rows=np.concatenate([t.marked[whole] for t in sides]).astype(float),
        asked=int(np.logical_and.reduce([t.size > 0 for t in sides]).sum()), span=span,
        noise=noise(cells, whole),
    )  # fmt: skip


def _answer(at: At, some: Sequence[_Differences]) -> PilotWithin:
    measure, category, intent, attack, rater, levels = at
    used = [careful_spread(one.d, one.span, CAREFUL) for one in some]
    i = max(range(len(some)), key=lambda k: (used[k], some[k].target))
    one, sd = some[i], float(some[i].d.std(ddof=1))
    low, high = (
        careful_spread(one.d, one.span, sure) for sure in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    )
    return PilotWithin(
        measure=measure, category=category, intent=intent, attack=attack, rater=rater, levels=levels,
        target=one.target, families=len(one.d), rows=len(one.rows) / float((1 / one.rows).sum()),
        missing=max(0.0, 1 - len(one.d) / max(one.asked, 1)), value=float(one.d.mean()),
        sd=Learned(value=sd, low=low, high=high, used=used[i]),
        most=most_spread(one.d, one.span) if math.isfinite(one.span) else None, noise=one.noise,
    )  # fmt: skip
