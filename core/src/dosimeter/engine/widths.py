"""How wide the intervals of a plan will be, by the very records that a report takes them from."""

import math
from collections.abc import Iterator

import numpy as np

from dosimeter.model.measures import Measure
from dosimeter.model.planning import Grades, PilotAnswer, Width
from dosimeter.model.rating import Direction, Scale, ScaleKind
from dosimeter.stats.cluster import ClusterShare
from dosimeter.stats.planning_grading import grading
from dosimeter.stats.result import t_quantile
from dosimeter.stats.severity import BoundedMean, guarded_mean

USUAL = (0.05, 0.5)
"""Rates that widths are told of, where a pilot does not say."""
CHANGE = 0.02
"""A change of a share that grading is told for, where none is asked about."""
Ends = tuple[float, float]


def widths_of_share(
    families: int, n: int, rows: float, effective: float, level: float, _: Ends,
    pilot: PilotAnswer | None,
) -> Iterator[Width]:  # fmt: skip
    """Give the half-widths of a rate: at the pilot's, then at 5 % and a half."""
    if families < 2:
        return
    for p in (*([pilot.value] if pilot else []), *USUAL):
        found = ClusterShare(
            estimate=p, method="korn-graubard", n=n, clusters=families, most=families * rows,
            se=math.sqrt(p * (1 - p) / effective),
        )  # fmt: skip
        yield Width(at=p, half_width=found.interval(level).width / 2)


def widths_of_mean(
    families: int, n: int, rows: float, effective: float, level: float, ends: Ends,
    pilot: PilotAnswer | None,
) -> Iterator[Width]:  # fmt: skip
    """Give the half-width of a mean: by the pilot's marks, or, as no other is wider, half at each end."""
    low, high = ends
    bounded = math.isfinite(low) and math.isfinite(high)
    if families < 2 or (pilot is None and not bounded):
        return
    at = (low + high) / 2 if pilot is None else pilot.value
    sd = (high - low) / 2 if pilot is None else pilot.sd
    se = sd / math.sqrt(min(effective, families * rows))
    if not bounded:
        yield Width(at=at, half_width=t_quantile(level, families - 1) * se)
        return
    m = (at - low) / (high - low)
    trials = m * (1 - m) * ((high - low) / se) ** 2 if 0 < m < 1 and se else float(families)
    found = BoundedMean(
        estimate=at, method="guarded-mean", n=n, clusters=families, bounds=ends, se=se, deff=1.0,
        trials=trials, df=families - 1, ends=tuple(_guards(ends, at, pilot)),
    )  # fmt: skip
    yield Width(at=at, half_width=found.interval(level).width / 2)


def _guards(
    ends: Ends, mean: float, pilot: PilotAnswer | None
) -> Iterator[tuple[float, float, float]]:
    """Give of each end of the scale the share of marks there and the mean of the rest."""
    marks = pilot.marks if pilot else (0.5, 0.5)
    if not marks:
        return
    for end, share in zip(ends, (marks[0], marks[-1]), strict=True):
        if share < 1:
            rest = (mean - share * end) / (1 - share)
            yield end, share, min(max(rest, ends[0]), ends[1])


def least_mean(families: int, measure: Measure, ends: Ends, level: float) -> float | None:
    """Give the limit on the worse side that is left of a mean if every mark is the best there is."""
    low, high = ends
    if not (math.isfinite(low) and math.isfinite(high)) or families < 2:
        return None
    lower = measure.direction is Direction.LOWER_IS_WORSE
    found = guarded_mean(np.full(families, high if lower else low), low=low, high=high).interval(
        level
    )
    return found.lower if lower else found.upper


def grades_of(
    scale: Scale | None, pilot: PilotAnswer | None, change: float, test: tuple[float, float]
) -> Grades | None:
    """Say what the mean saves against the share of marks that are withheld or in the upper half.

    Args:
        scale: Of the mean.
        pilot: With the distribution of its marks; None without one.
        change: Of the share.
        test: Level and power.

    Returns:
        None without a distribution, or where the share has no room for the change.
    """
    if scale is None or scale.kind is not ScaleKind.ORDINAL or pilot is None or not pilot.marks:
        return None
    levels = sorted(float(level.value) for level in scale.levels)
    from_ = float(scale.withhold_from) if scale.withhold_from is not None else _middle(levels)
    at = sum(level < from_ for level in levels)
    share = sum(pilot.marks[at:])
    if not (0 < at < len(levels) and share > 0 and share + change < 1):
        return None
    found = grading(pilot.marks, at, change, values=levels, alpha=test[0], power=test[1])
    return Grades(
        threshold=from_, change=change, by_rate=math.ceil(found.by_rate),
        by_mean=_whole(found.by_mean), by_mean_of_tail=_whole(found.by_mean_of_tail),
    )  # fmt: skip


def _middle(levels: list[float]) -> float:
    return levels[len(levels) // 2]


def _whole(n: float) -> int | None:
    return math.ceil(n) if math.isfinite(n) else None
