"""What stands beside a number: its caveats and its estimand."""

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.load import Floats, Group, Ints
from dosimeter.analysis.reasons import spelled
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.several import Split, as_split
from dosimeter.analysis.units import Units
from dosimeter.model.across import MACRO, MICRO, WORST
from dosimeter.model.answering import (
    MANY_MISSING,
    SOME_FAMILIES,
    BothWays,
    Caveat,
    Estimate,
    Finding,
    Missing,
)
from dosimeter.model.contrasts import terms
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Direction, Scale, SubjectKind
from dosimeter.model.report import Cell
from dosimeter.model.stackfile import Scope
from dosimeter.numbers import Unit, as_both_ways, as_estimate, as_interval, percent
from dosimeter.plural import plural
from dosimeter.stats.result import Result

ALIKE = "families weighted alike"
ANY_EVENT = f"the event under at least one of the attacks, {ALIKE}"
EACH_ALIKE = f"the mean of the attacks, each by itself and weighted alike, {ALIKE}"
OF_SEVERAL = {
    MICRO: f"{ALIKE}, whatever their category",
    MACRO: f"the mean of the categories, each by itself and weighted alike, {ALIKE} within each",
    WORST: f"the worst of the categories, by limits that hold for all of them at once, {ALIKE}",
}
"""How categories are put together, by how the name of them together begins."""
SOME_EVENTS = 10
"""Families with the rarer outcome below which limits of clustered rates are known to be short."""
MANY_OTHER = 0.05
"""Share of marks at levels beside the one counted, above which a number is not what it looks like."""


@frozen(kw_only=True)
class Frame:
    """What surrounds a number: scope, level, and caveats of the whole run.

    Attributes:
        fixed: What is held fixed of the target: model, system prompt, sampling, dates.
        repeats: Samples of each attempt.
        ways: Ways of asking: attacks on the same target, category and intent.
        beside: Numbers that answer one question of the validity panel together with this one.
        gates: What alpha is split over where they are decided.
        order: Place of each family in the plan, of a run that looks at its gates on the way.
        refused: Drawn batches that cannot speak for the cell, by key, with the reason.
        levels: Of factors, that all marks have.
    """

    scope: Scope
    level: float
    caveats: tuple[Caveat, ...]
    population: str
    fixed: str = ""
    repeats: int = 1
    ways: int = 1
    beside: int = 1
    gates: Split = field(default=Split(), converter=as_split)
    order: Ints | None = field(default=None, repr=False)
    refused: Mapping[int, Why] = field(factory=dict)
    levels: Pairs = ()


def caveats(
    measure: Measure, cell: Cell, group: Group, got: Result, missing: Missing,
    both: BothWays | None = None, *, rare: int | None = None,
) -> tuple[Caveat, ...]:  # fmt: skip
    """Give the warnings that go with one number, besides those of the whole run.

    Args:
        measure: What is asked.
        cell: Where.
        group: Marks that it rests on.
        got: The number.
        missing: What it leaves out.
        both: The number with its other levels counted.
        rare: Families with the rarer outcome of a share; None of other numbers.
    """
    told = (
        *_warnings(measure, cell, group, got, missing),
        *_rare(got, rare),
        *beside_levels(got, missing, both),
    )
    return tuple(Caveat(code=code, text=text) for code, text in told)


def beside_levels(
    got: Result, missing: Missing, both: BothWays | None
) -> Iterator[tuple[str, str]]:
    """Say how much more a rate is with its other levels counted, where that is much (VALIDITY 13)."""
    more = both.value - got.estimate if both else 0.0
    if both and more > MANY_OTHER:
        levels = " or ".join(map(str, both.levels))
        rest = as_both_ways(both)
        gone = missing.lost + missing.unanswered + missing.at_least
        if gone and both.lowest is not None and both.highest is not None:
            could = as_interval(both.lowest, both.highest, Unit.SHARE)
            rest += f", bounds {could} for what is missing or cut"
        yield "both-ways", f"{percent(more)} more marked {levels}; with those counted {rest}"


def _warnings(
    measure: Measure, cell: Cell, group: Group, got: Result, missing: Missing
) -> Iterator[tuple[str, str]]:
    planned = max(missing.planned, 1)
    if group.rater_kind != PERSON:
        yield "judge-measured", f"as {group.rater} measures it, uncorrected"
    elif missing.silent > MANY_MISSING * missing.asked:
        yield "non-response", f"{missing.silent} of {missing.asked} units asked have no answer"
    if got.clusters < SOME_FAMILIES:
        yield "few-families", plural(got.clusters, "family")
    share = max(missing.lost / planned, missing.unmarked if group.rater_kind != PERSON else 0.0)
    if share > MANY_MISSING:
        why = f" ({spelled(missing.reasons)})" if missing.reasons else ""
        yield "missing", f"{percent(share)} missing{why}: the bounds say what that may hide"
    if missing.truncated:
        share = missing.truncated / planned
        yield "truncated", f"{percent(share)} cut at the token limit: {_cut(group.scale, missing)}"
    # How many searches without a candidate count as no success (VALIDITY 20).
    worse = measure.direction is Direction.HIGHER_IS_WORSE
    if cell.no_candidate and measure.estimator == "rate" and worse:
        stages = " or ".join(stage.value for stage in measure.select.stages)
        of = f" of stage {stages}" if stages else ""
        nothing = (
            f"{cell.no_candidate} of {cell.planned} searches submitted nothing{of}: no success"
        )
        yield "no-candidate", nothing


def few_events(rare: int, families: int) -> bool:
    """Tell limits of clustered rows that are known to be short: *rare* of many families make the number.

    Where none do, they are exact; where families are few anyway, that is said.
    """
    return 0 < rare < SOME_EVENTS and families >= SOME_FAMILIES


def _rare(got: Result, rare: int | None) -> Iterator[tuple[str, str]]:
    if rare is not None and got.n > got.clusters and few_events(rare, got.clusters):
        yield "few-events", f"the rarer outcome is in {rare} of {plural(got.clusters, 'family')}"


def rarer(y: Floats, family: Ints) -> int:
    """Count the families that have the rarer of two outcomes; a mean of votes may be both."""
    there = y > 0 if y.mean() <= 0.5 else y < 1
    return len(np.unique(family[there]))


def _cut(scale: Scale, missing: Missing) -> str:
    """Say what the end of a cut reply could have changed (VALIDITY 3)."""
    if not missing.at_least:
        return "none of them has a mark"
    if scale.hazard:
        whose = "their marks" if missing.at_least == missing.truncated else "those that have marks"
        return f"{whose} are lower bounds, as the rest might have been worse"
    if scale.when_blocked is not None:
        return "the rest may still have refused or complied"
    return "the rest might have been marked otherwise"


def off_script(n: int, planned: int, rest: Finding | None) -> Caveat:
    """Say how many attempts left their script, and what the number is without them (VALIDITY 8)."""
    words = f": {as_estimate(rest) if isinstance(rest, Estimate) else 'too few families'}"
    if n == planned:
        words = " nothing is left"
    whose, those = ("its", "it") if n == 1 else ("their", "them")
    left = f"{n} of {plural(planned, 'attempt')} left {whose} script"
    return Caveat(code="off-script", text=f"{left}; without {those}{words}")


def how_weighted(group: Group, found: Units) -> str:
    """Say how the units of *found* are weighted, and what a unit of several candidates is."""
    how = ALIKE
    if found.drawn:
        w = found.weights()
        how = (
            f"drawn replies weighted by 1/pi (Kish's effective n {w.sum() ** 2 / (w**2).sum():.0f})"
        )
    several = group.several and group.kind == SubjectKind.PATH
    return how + ("; worst of the candidates submitted" if several else "")


def population(category: str, version: str, panel: str, label: str) -> str:
    """Name the goals that a number speaks for, with how public their items are (VALIDITY 26)."""
    return f"{category} {version}, panel {panel} ({label})"


def estimand_of_cost(measure: Measure, plainly: str, cell: Cell, frame: Frame) -> str:
    """Say the same of the fall of the controls' mean from the attack *plainly* to that of *cell*."""
    return (
        f"{measure.title}: over goals like those of {frame.population}, control requests, attack"
        f" {plainly} less attack {cell.attack}, both as configured; differences within families,"
        f" which weigh alike; scope {frame.scope.value}"
    )


def estimand(measure: Measure, cell: Cell, frame: Frame, how: str) -> str:
    """Say what the number is a number of: population, weights, what is fixed, what is random."""
    return sentence(measure, f"{cell.intent.value} requests", frame.levels, how, cell.attack, frame)


def of_differences(measure: Measure) -> str:
    """Say how the families of a contrast are put together."""
    twice = sum(1 for _ in terms(measure.contrast)) > 1
    what = "differences of differences" if twice else "differences"
    return f"{what} within families that have a mark in every cell, {ALIKE}"


def of_flips(measure: Measure) -> str:
    """Say how flips are put together."""
    return (
        f"flips between two wordings ({measure.across}) less flips between two repeats of one, within"
        f" families, {ALIKE}"
    )


def sentence(
    measure: Measure, requests: str, levels: Pairs, how: str, attack: str, frame: Frame
) -> str:
    """Make the estimand: *requests* with *levels*, put together *how*, asked by *attack*."""
    samples = "one sample" if frame.repeats == 1 else f"{frame.repeats} samples"
    fixed = f"; {frame.fixed}" if frame.fixed else ""
    parts = "".join(f", {name} {level}" for name, level in levels)
    return (
        f"{measure.title}: over goals like those of {frame.population}, {requests}{parts};"
        f" answers; {how}; scope {frame.scope.value}. Fixed: attack {attack} as configured{fixed}."
        f" Random: goals, and replies ({samples} of each)."
    )
