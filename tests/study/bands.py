"""What a simulation found beside the band that it has to lie in."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import frozen
from scipy.stats import binom

LEVEL, ALPHA = 0.95, 0.05
TAIL = 0.0005
"""Of the binomial bands, on each side: 99.9 % of studies of a true 95 % lie inside."""
HARD = 0.90
"""Least coverage where an interval is known to have a hard time, and has to say so."""
POWER, NEAR = 0.80, 0.04
LEAST_MISSES, MOST_MISSES = 0.005, 0.06
"""Of the truth on either side of the interval."""

Kind = Literal["calibrated", "conservative", "hard", "open", "control"]
"""What is asked: both ends of the band; the lower one; 90 %; nothing; or to be outside."""


def band(runs: int, share: float) -> tuple[float, float]:
    """Give the band in which the share found in *runs* lies in 99.9 % of studies.

    >>> [round(end, 3) for end in band(500, .95)]
    [0.916, 0.978]
    """
    ends = binom.ppf([TAIL, 1 - TAIL], runs, share) / runs
    return float(ends[0]), float(ends[1])


@frozen(kw_only=True)
class Cell:
    """One number of the study.

    Attributes:
        section: The table that it belongs to.
        truth: What was simulated.
        what: Of which interval or test it is.
        runs: How often.
        share: In how many of them, as a share.
        least: The lowest that it may be.
        most: The highest.
        below: Share of runs whose interval lies wholly above the truth; NaN where nothing is covered.
        above: Share whose interval lies wholly below it.
        kind: What is asked of it.
        note: Read with it: warnings of the report, means.
        unwarned: Share of runs that missed the truth and said nothing; NaN where it is not asked.
    """

    section: str
    truth: str
    what: str
    runs: int
    share: float
    least: float
    most: float
    below: float = math.nan
    above: float = math.nan
    kind: Kind = "calibrated"
    note: str = ""
    unwarned: float = math.nan

    @property
    def inside(self) -> bool:
        """Whether the share lies where it has to."""
        return self.least <= self.share <= self.most

    @property
    def balanced(self) -> bool:
        """Whether the misses are not all on one side; asked at both ends of calibrated ones only."""
        sides = [s for s in (self.below, self.above) if not math.isnan(s)]
        if not sides or self.kind not in {"calibrated", "conservative"}:
            return True
        least = LEAST_MISSES if self.kind == "calibrated" else 0.0
        slack = band(self.runs, 0.025)
        return all(min(least, slack[0]) <= s <= max(MOST_MISSES, slack[1]) for s in sides)

    @property
    def holds(self) -> bool:
        """Whether all that is asked of it is so."""
        if self.kind == "open":
            return True
        if self.kind == "control":
            return not self.inside
        return self.inside and self.balanced and not self.silent

    @property
    def silent(self) -> bool:
        """Whether a reader is misled without a warning more often than an interval may miss."""
        return self.kind == "hard" and not self.unwarned <= band(self.runs, ALPHA)[1]

    @property
    def verdict(self) -> str:
        """Say in words what came of it."""
        if self.kind == "control":
            return "fails, as it must" if self.holds else "**holds: the study sees nothing**"
        if self.kind == "open":
            return "holds" if self.inside else "**falls short**" if self.short else "too wide"
        if not self.inside:
            wide = "more than planned" if math.isnan(self.below) else "too wide"
            return "**missed**" if self.short else wide
        return "holds" if self.holds else "**no warning**" if self.silent else "**one-sided**"

    @property
    def short(self) -> bool:
        """Whether it is outside on the side that misleads."""
        return self.share < self.least if self.least > 0 else self.share > self.most


def coverage(
    section: str, truth: str, what: str, limits: Iterable[tuple[float, float]], true: float,
    kind: Kind = "calibrated", *, note: str = "", warned: Sequence[bool] = (),
) -> Cell:  # fmt: skip
    """Count how often limits held *true*; *warned* says of each whether something was said beside it."""
    pairs = list(limits)
    runs = len(pairs)
    below = sum(true < low for low, _ in pairs) / runs
    above = sum(true > high for _, high in pairs) / runs
    silent = sum(
        not said and not low <= true <= high
        for said, (low, high) in zip(warned or [False] * runs, pairs, strict=True)
    )
    least, most = band(runs, LEVEL)
    return Cell(
        section=section, truth=truth, what=what, runs=runs, share=1 - below - above,
        least=min(HARD, least) if kind == "hard" else least,
        most=1.0 if kind in {"conservative", "hard"} else most,
        below=below, above=above, kind=kind, note=note,
        unwarned=silent / runs if warned else math.nan,
    )  # fmt: skip


def error(
    section: str, truth: str, what: str, wrong: Iterable[bool], *, alpha: float = ALPHA,
    kind: Kind = "conservative", note: str = "",
) -> Cell:  # fmt: skip
    """Count how often a test erred; what is conservative may do so less often."""
    told = [bool(one) for one in wrong]
    least, most = band(len(told), alpha)
    return Cell(
        section=section, truth=truth, what=what, runs=len(told), share=sum(told) / len(told),
        least=least if kind in {"calibrated", "control"} else 0.0, most=most, kind=kind, note=note,
    )  # fmt: skip


def power(section: str, truth: str, what: str, seen: Iterable[bool], *, note: str = "") -> Cell:
    """Count how often a difference was seen at the size that the planner gives for 80 %."""
    told = [bool(one) for one in seen]
    return Cell(
        section=section, truth=truth, what=what, runs=len(told), share=sum(told) / len(told),
        least=POWER - NEAR, most=POWER + NEAR, note=note,
    )  # fmt: skip
