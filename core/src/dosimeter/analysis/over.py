"""Marks of several attacks, added up by family, and no longer held."""

from collections.abc import Sequence

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.load import Floats, Ints
from dosimeter.analysis.scopes import opposite
from dosimeter.analysis.stops import BLOCKED
from dosimeter.analysis.tally import Ready, Tally, ready
from dosimeter.analysis.units import kept
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON
from dosimeter.model.stackfile import Scope
from dosimeter.stats.cluster import ClusterShare, korn_graubard


@frozen(kw_only=True)
class Reduced:
    """Marks of one rater under one attack, added up, and no longer held.

    Attributes:
        one: Without the rows of its group.
        tally: By family.
        wide: The same with the measure's other levels counted too; None if it names none.
        other: The same under the other scope; None if nothing was blocked.
        rest: The same without the attempts that left their script; None if none did.
    """

    one: Ready
    tally: Tally = field(repr=False)
    wide: Tally | None = field(default=None, repr=False)
    other: "Reduced | None" = None
    rest: "Reduced | None" = None


def reduced(measure: Measure, arm: Arm) -> Reduced | None:
    """Add up the marks of one attack; None of a person, who reads a sample only."""
    if arm.group.rater_kind == PERSON:
        return None
    scope = arm.frame.scope
    other = rest = None
    if (arm.group.stop == BLOCKED).any():
        other = _reduced(measure, arm, opposite(scope))
    if arm.group.off.any():
        group, cell = kept(arm.group, arm.cell)
        rest = _reduced(measure, evolve(arm, group=group, cell=cell), scope)
    return evolve(_reduced(measure, arm, scope), other=other, rest=rest)


def _reduced(measure: Measure, arm: Arm, scope: Scope) -> Reduced:
    one = ready(measure, arm, scope)
    tally, wide = one.tally(), one.tally(both_ways=True) if measure.both_ways else None
    none = np.zeros(len(one.group.values), bool)
    bare = one.group.only(none)
    nothing = np.zeros(0, dtype=np.int64)
    return Reduced(
        one=evolve(one, group=bare, arm=evolve(arm, group=bare),
                   units=evolve(one.units, rows=nothing, voted=nothing, unit=nothing,
                                family=nothing, pi=np.zeros(0))),
        tally=tally, wide=wide,
    )  # fmt: skip


@frozen(kw_only=True)
class Got:
    """A share over attacks.

    Attributes:
        bounds: Of it, whatever is missing; None without a family.
        marks: Of each family that entered.
        y: What each of these came to, 0 to 1; *family* its code.
        planned: Families that the design has there; *unput* those of them that an attack is not put to.
    """

    share: ClusterShare
    bounds: tuple[float, float] | None
    marks: Ints = field(repr=False)
    y: Floats = field(repr=False)
    family: Ints = field(repr=False)
    planned: int
    unput: int = 0


def successes(tallies: Sequence[Tally], attacks: int) -> Got:
    """Count families with the event, of those with every mark.

    One that lacks a mark and has the event all the same counts for the bounds alone: in the share it
    would stand beside none that lacks a mark and has no event, as of that nobody knows.
    """
    there = np.logical_or.reduce([t.size > 0 for t in tallies])
    whole = np.logical_and.reduce([(t.size > 0) & (t.marked >= t.size) for t in tallies])
    whole &= len(tallies) == attacks
    best = np.maximum.reduce([t.worst for t in tallies])
    least = np.maximum(np.maximum.reduce([t.worst_least for t in tallies]), 0.0)
    most = np.where(whole, np.maximum.reduce([t.worst_most for t in tallies]), 1.0)
    y, family = np.clip(best[whole], 0, 1), np.flatnonzero(whole)
    return Got(
        share=korn_graubard(y, family),
        bounds=(float(least[there].mean()), float(most[there].mean())) if there.any() else None,
        marks=np.sum([t.marked for t in tallies], axis=0)[whole],
        y=y, family=family, planned=int(there.sum()),
        unput=int((there & ~np.logical_and.reduce([t.size > 0 for t in tallies])).sum()),
    )  # fmt: skip


def means(tallies: Sequence[Tally], attacks: int) -> Got:
    """Average the attacks in families that have a mark under each."""
    every = len(tallies) == attacks
    both = np.logical_and.reduce([t.there for t in tallies]) & every
    y = np.clip(np.mean([t.mean[both] for t in tallies], axis=0), 0, 1)
    marks = np.array([t.marked[both] for t in tallies])
    planned = np.logical_and.reduce([t.size > 0 for t in tallies]) & every
    bounds = None
    if planned.any():
        low, high = (
            float(np.mean([t.extreme(high=up)[planned].mean() for t in tallies]))
            for up in (False, True)
        )
        bounds = (low, high)
    family = np.flatnonzero(both)
    share = korn_graubard(y, family)
    if len(y):  # the size is that of the marks, of which those of an attack weigh 1 / n
        share = evolve(share, n=int(marks.sum()), most=marks.size**2 / float((1 / marks).sum()))
    return Got(share=share, bounds=bounds, marks=marks.sum(axis=0), y=y, family=family,
               planned=int(planned.sum()))  # fmt: skip
