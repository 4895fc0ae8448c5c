"""Differences within families: of two levels of a factor, or of two such differences (VALIDITY 12)."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.abstain import abstain, not_built, of_candidates
from dosimeter.analysis.arms import Arm, of_both, together
from dosimeter.analysis.load import Flags
from dosimeter.analysis.looks import PEEKED
from dosimeter.analysis.missing import bounded
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.scopes import beside_other, opposite
from dosimeter.analysis.several import of_gates, of_several
from dosimeter.analysis.stops import BLOCKED
from dosimeter.analysis.tally import Ready, Tally, ready
from dosimeter.analysis.units import kept
from dosimeter.analysis.wording import (
    MANY_OTHER,
    Frame,
    caveats,
    of_differences,
    off_script,
    sentence,
)
from dosimeter.model.answering import (
    FEW_FAMILIES,
    BothWays,
    Caveat,
    Estimate,
    Finding,
    Missing,
)
from dosimeter.model.contrasts import ATTACK, Contrasted, terms
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.questions import counts
from dosimeter.model.rating import PERSON
from dosimeter.model.stackfile import Scope
from dosimeter.numbers import as_both_ways, percent
from dosimeter.plural import plural
from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.paired_scores import signed_mean
from dosimeter.stats.result import Result

CEILING = 0.95
"""Share of harmful requests above which, and below 1 less it, nothing is said of what they differ in."""
INCOMPLETE = "incomplete-families"
SHARE, UNBOUNDED = "-share", "-unbounded"
"""What the method of a difference ends in: of shares, and of means on scales without ends."""


@frozen(kw_only=True)
class Question:
    """One finding to be made.

    Attributes:
        at: Where it holds.
        arms: Marks of each side of *compared*.
    """

    measure: Measure
    compared: Contrasted
    at: Pairs
    arms: tuple[Arm, ...] = field(repr=False)


def difference(asked: Question) -> Iterator[Finding]:
    """Answer one question of a difference, beside it under the other scope."""
    if any(a.group.rater_kind == PERSON for a in asked.arms):
        planned = together(Missing(planned=a.cell.planned) for a in asked.arms)
        yield abstain(asked.measure, asked.at, not_built("a contrast of drawn samples"), planned)
        return
    scope, others = opposite(asked.arms[0].frame.scope), None
    if any((a.group.stop == BLOCKED).any() for a in asked.arms):
        others = [_difference(asked, scope)]
    found = _with_kept(asked, _difference(asked, asked.arms[0].frame.scope))
    yield from beside_other([found], others, scope)


def _with_kept(asked: Question, one: Finding) -> Finding:
    """Say what a difference is without the attempts that left their script (VALIDITY 8)."""
    if not isinstance(one, Estimate) or not any(a.group.off.any() for a in asked.arms):
        return one
    rest = []
    for arm in asked.arms:
        group, cell = kept(arm.group, arm.cell)
        rest.append(evolve(arm, group=group, cell=cell))
    planned = [sum(a.cell.planned for a in some) for some in (asked.arms, rest)]
    other = _difference(evolve(asked, arms=tuple(rest)), asked.arms[0].frame.scope)
    caveat = off_script(planned[0] - planned[1], planned[0], other)
    return evolve(one, caveats=(*one.caveats, caveat))


def _difference(asked: Question, scope: Scope) -> Finding:
    held = [ready(asked.measure, arm, scope) for arm in asked.arms]
    missing = together(one.missing for one in held)
    sides = [one.tally() for one in held]
    whole = complete(sides)
    families = int(whole.sum())
    ends, span = (
        _bounds(asked.compared, sides),
        _span([s.weight for s in asked.compared.sides], sides),
    )
    missing = bounded(missing, ends, (-span, span), _left_out(sides, families))
    frame = asked.arms[0].frame
    why = _too_little(asked, held, sides, whole) or _at_the_ceiling(asked, sides, whole)
    why = why if frame.order is None else PEEKED
    if why:
        return abstain(asked.measure, asked.at, why, missing, families)
    level = frame.level
    got = within_families(asked.compared, sides, whole)
    limits = got.interval(level)
    if limits.undefined:
        return abstain(asked.measure, asked.at, _undefined(limits.undefined), missing, families)
    both = _both_ways(asked, held, whole, frame)
    told = (
        *_caveats(asked, held, sides, families),
        *_incomplete(sides, families),
        *_beside(both, got),
    )
    return Estimate(
        measure=asked.measure.id, group=asked.at, value=got.estimate, lower=limits.lower,
        upper=limits.upper, level=level, families=families, effective_n=float(families),
        method=_method(asked.measure, got),
        n=int(sum(t.marked[whole].sum() for t in sides)), missing=missing, both_ways=both,
        simultaneous=of_several(got, level, frame.beside), of_gates=of_gates(got, level, frame.gates),
        estimand=sentence(
            asked.measure, f"{asked.compared.intent} requests", asked.compared.levels,
            of_differences(asked.measure), asked.compared.attack, asked.arms[0].frame,
        ),
        caveats=told,
    )  # fmt: skip


def _undefined(why: str) -> Why:
    """Say why differences give no number with its limits."""
    if why == "no-variation":
        return (why, "all families differ alike, so nothing tells how sure that is",
                "families that differ, or a scale with bounds")  # fmt: skip
    return (why, "the marks are too large to be averaged", "a bounded scale")


def _method(measure: Measure, got: Result) -> str:
    """Name how the interval was made, and of what it is, which numbers are written by."""
    free = not math.isfinite(got.bounds[1] - got.bounds[0])
    return got.method + (SHARE if counts(measure) else UNBOUNDED if free else "")


def complete(sides: Sequence[Tally]) -> Flags:
    """Tell the families with a mark in every cell."""
    return np.asarray(np.logical_and.reduce([t.there for t in sides]))


def within_families(compared: Contrasted, sides: Sequence[Tally], whole: Flags) -> Result:
    """Average the differences of whole families, which weigh alike.

    Score limits of what rises and of what falls, and t's on a scale without ends.
    """
    weights = [s.weight for s in compared.sides]
    with np.errstate(over="ignore", invalid="ignore"):
        d = np.sum([w * t.mean[whole] for w, t in zip(weights, sides, strict=True)], axis=0)
    if not np.isfinite(d).all():
        return evolve(cluster_mean([], []), n=len(d), clusters=len(d), undefined="not-finite")
    span = _span(weights, sides)
    if math.isfinite(span):
        return signed_mean(np.clip(d, -span, span), span=span)
    return evolve(cluster_mean(d, None), method="paired-cr1-t")


def _span(weights: Sequence[float], sides: Sequence[Tally]) -> float:
    """Give the most that a difference can be, either way: its weights add up to 0."""
    return sum(w * t.ends[1 if w > 0 else 0] for w, t in zip(weights, sides, strict=True))


def _left_out(sides: Sequence[Tally], families: int) -> float:
    """Give the share of the families that the design has in every cell which lack a mark in one."""
    planned = int(np.logical_and.reduce([t.size > 0 for t in sides]).sum())
    return 1 - families / planned if planned else 0.0


def _bounds(compared: Contrasted, sides: Sequence[Tally]) -> tuple[float | None, float | None]:
    """Give the difference if all that is missing were as bad for it as can be, either way.

    Over the families that the design has in every cell.
    """
    weights = [s.weight for s in compared.sides]
    there = np.logical_and.reduce([t.size > 0 for t in sides])
    bounded = all(math.isfinite(t.ends[1] - t.ends[0]) and t.known for t in sides)
    if not there.any() or not bounded:
        return None, None

    def mean(*, up: bool) -> float:
        pairs = zip(weights, sides, strict=True)
        return float(sum((w * t.extreme(high=(w > 0) is up)[there].mean() for w, t in pairs), 0.0))

    return mean(up=False), mean(up=True)


def _too_little(
    asked: Question, held: Sequence[Ready], sides: Sequence[Tally], whole: Flags
) -> Why | None:
    """Say why marks tell of no difference; None if they do."""
    several = filter(None, (of_candidates(one.group, one.lowest) for one in held))
    if why := next(several, None):
        return why
    families = int(whole.sum())
    if families >= FEW_FAMILIES:
        return None
    for side, tally in zip(asked.compared.sides, sides, strict=True):
        if not tally.there.any():
            return ("no-marks", f"0 families with a mark ({side})", f"marks of {side}")
    where = "in both cells" if len(sides) == 2 else f"in all {len(sides)} cells"
    return ("few-families", f"{plural(families, 'family')} with a mark {where}",
            f"at least {FEW_FAMILIES} families")  # fmt: skip


def _at_the_ceiling(asked: Question, sides: Sequence[Tally], whole: Flags) -> Why | None:
    """Say that harmful requests are all marked alike, so that nothing that they differ in can show.

    Attacks are compared at the ceiling too: there a rare success is what is looked for.
    """
    if not counts(asked.measure) or any(c.factor == ATTACK for c in terms(asked.measure.contrast)):
        return None
    harmful = [
        t for s, t in zip(asked.compared.sides, sides, strict=True) if s.intent == Intent.HARMFUL
    ]
    if not harmful:
        return None
    share = float(np.mean([t.mean[whole].mean() for t in harmful]))
    if 1 - CEILING <= share <= CEILING:
        return None
    beyond = f"above {percent(CEILING)}" if share > CEILING else f"below {percent(1 - CEILING)}"
    return (
        "at-the-ceiling",
        f"harmful requests are at {percent(share)}, {beyond}, so no difference among them can show",
        f"harmful requests between {percent(1 - CEILING)} and {percent(CEILING)}, or benign ones alone",
    )


def _both_ways(
    asked: Question, held: Sequence[Ready], whole: Flags, frame: Frame
) -> BothWays | None:
    """Give the difference with the measure's other levels counted too."""
    if not asked.measure.both_ways:
        return None
    sides = [one.tally(both_ways=True) for one in held]
    got = within_families(asked.compared, sides, whole)
    limits = got.interval(frame.level)
    lowest, highest = _bounds(asked.compared, sides)
    return BothWays(levels=asked.measure.both_ways, value=got.estimate, lower=limits.lower,
                    upper=limits.upper, lowest=lowest, highest=highest,
                    of_gates=of_gates(got, frame.level, frame.gates))  # fmt: skip


def _caveats(
    asked: Question, held: Sequence[Ready], sides: Sequence[Tally], families: int
) -> Iterator[Caveat]:
    told = []
    for side, one, tally in zip(asked.compared.sides, held, sides, strict=True):
        there = tally.there
        got = cluster_mean(tally.mean[there], np.flatnonzero(there))
        own = caveats(one.measure, one.arm.cell, one.group, got, one.missing)
        told.append((str(side), (*one.arm.frame.caveats, *own)))
    return of_both(told, families)


def _incomplete(sides: Sequence[Tally], families: int) -> Iterator[Caveat]:
    """Say how many families lack a cell, or a mark in one (VALIDITY 12)."""
    asked = int(np.logical_or.reduce([t.size > 0 for t in sides]).sum())
    if asked > families:
        gone = asked - families
        text = f"{gone} of {plural(asked, 'family')} lack a cell or a mark in one, and are left out"
        yield Caveat(code=INCOMPLETE, text=text)


def _beside(both: BothWays | None, got: Result) -> Iterator[Caveat]:
    """Say that the levels beside the measure's own change the difference, where they do so by much."""
    if both is not None and abs(both.value - got.estimate) > MANY_OTHER:
        levels = " or ".join(map(str, both.levels))
        yield Caveat(code="both-ways", text=f"with {levels} counted too {as_both_ways(both)}")
