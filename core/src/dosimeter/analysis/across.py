"""Rates over categories that ask alike: micro, macro and the worst, and never of two rubrics (VALIDITY 2)."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from dosimeter.analysis.abstain import abstain, not_built
from dosimeter.analysis.arms import FEW, OF_ONE_ARM, together
from dosimeter.analysis.asked import Asked
from dosimeter.analysis.load import Place
from dosimeter.analysis.looks import PEEKED
from dosimeter.analysis.over import Reduced
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.scopes import beside_other, opposite
from dosimeter.analysis.tally import Tally
from dosimeter.analysis.wording import (
    OF_SEVERAL,
    Frame,
    beside_levels,
    off_script,
    sentence,
)
from dosimeter.journal.design import Known
from dosimeter.model.across import MACRO, MICRO, WORST, called
from dosimeter.model.answering import (
    FEW_FAMILIES,
    SOME_FAMILIES,
    Abstention,
    BothWays,
    Caveat,
    Estimate,
    Finding,
    level_of_gates,
)
from dosimeter.model.attacks import is_single
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Direction
from dosimeter.plural import plural
from dosimeter.stats.cluster import ClusterShare, korn_graubard
from dosimeter.stats.strata import strata_share

WHICH = "worst-category"
"""Code of the caveat that names the worst category."""
JUDGED = {"judge-measured", "corrected"}
"""Caveats of a rater's numbers: the errors of one are taken out in a category, and not over several."""
OF_ONE = OF_ONE_ARM | JUDGED
"""Caveats that quote a number of one category, which is none of several, or are said anew."""
Ends = tuple[float, float] | None


@frozen(kw_only=True)
class OfCategories:
    """One question over the categories that ask it alike, of one target, intent, attack and rater.

    Attributes:
        found: What each category has by itself, by its name.
        sums: Marks of each, added up; not every category may have marks.
    """

    measure: Measure
    target: str
    intent: str
    attack: str
    rater: str
    person: bool
    found: Mapping[str, Finding]
    sums: Mapping[str, Reduced]

    def at(self, how: str) -> Pairs:
        """Say where a number over all categories holds."""
        return (("target", self.target), ("category", called(how, self.found)),
                ("intent", self.intent), ("attack", self.attack), ("rater", self.rater))  # fmt: skip

    def alternative(self, name: str) -> "OfCategories | None":
        """Give the same with what each category has as *name*; None if none has any."""
        others = {c: getattr(r, name) for c, r in self.sums.items()}
        if not any(others.values()):
            return None
        return evolve(self, sums={c: others[c] or r for c, r in self.sums.items()})


@frozen(kw_only=True)
class _Got:
    """A share over categories.

    Attributes:
        ends: What it could be, whatever is missing.
        name: Of the category that it is of; empty if it is of all.
    """

    share: ClusterShare
    ends: Ends
    name: str = ""


def over_categories(
    asked: Iterable[Measure], design: Asked, raters: Mapping[str, Known], found: Iterable[Finding],
    ways: Mapping[tuple[str, str, str], Mapping[Place, Reduced | None]],
) -> Iterator[Finding]:  # fmt: skip
    """Answer rates that several categories ask alike, of whole cells, over all of these.

    Args:
        asked: The measures.
        design: What is asked where.
        raters: By label.
        found: Of the categories each by itself.
        ways: Marks added up, by measure, target and rater, then by cell.
    """
    alike = {m.id: m for m in asked if design.together(m)}
    places: dict[tuple[str, str, str, str, str], dict[str, Finding]] = {}
    for one in found:
        g = dict(one.group)
        mine = design.together(alike[one.measure]) if one.measure in alike else ()
        if g["category"] in mine and is_single(g["attack"]):
            at = (one.measure, g["target"], g["intent"], g["attack"], g["rater"])
            places.setdefault(at, {})[g["category"]] = one
    for (name, target, intent, attack, rater), given in places.items():
        if len(given) > 1:
            sums = ways.get((name, target, rater), {})
            held = {c: sums.get((target, c, intent, attack)) for c in sorted(given)}
            yield from across(
                OfCategories(
                    measure=alike[name], target=target, intent=intent, attack=attack, rater=rater,
                    person=rater in raters and raters[rater].kind == PERSON,
                    found={c: given[c] for c in held},
                    sums={c: r for c, r in held.items() if r is not None},
                )
            )  # fmt: skip


def across(asked: OfCategories) -> Iterator[Finding]:
    """Give the rate over all families, over all categories, and of the worst category."""
    hows = [MICRO, MACRO, *([WORST] if asked.measure.direction is not Direction.NEITHER else [])]
    why = _why_not(asked)
    if why is not None:
        missing = together(f.missing for f in asked.found.values())
        families = sum(f.families for f in asked.found.values())
        yield from (abstain(asked.measure, asked.at(how), why, missing, families) for how in hows)
        return
    other, rest = asked.alternative("other"), asked.alternative("rest")
    scope = opposite(_frame(asked).scope)
    for how in hows:
        one = _number(asked, how)
        if rest is not None and isinstance(one, Estimate):
            planned = [sum(r.one.arm.cell.planned for r in a.sums.values()) for a in (asked, rest)]
            caveat = off_script(planned[0] - planned[1], planned[0], _number(rest, how))
            one = evolve(one, caveats=(*one.caveats, caveat))
        yield from beside_other([one], None if other is None else [_number(other, how)], scope)


def _why_not(asked: OfCategories) -> Why | None:
    """Say why there is no number over the categories; None if there is one."""
    if asked.person:
        return not_built("categories taken together, of drawn samples")
    for name, one in asked.found.items():
        if isinstance(one, Abstention):
            return one.code, f"category {name}: {one.why}", one.would_need
    return PEEKED if any(r.one.arm.frame.order is not None for r in asked.sums.values()) else None


def _frame(asked: OfCategories) -> Frame:
    """Give what surrounds a number of all categories: the goals of each."""
    frames = [r.one.arm.frame for r in asked.sums.values()]
    return evolve(frames[0], population=" and ".join(f.population for f in frames))


def _number(asked: OfCategories, how: str) -> Finding:
    frame, at = _frame(asked), asked.at(how)
    tallies = {c: r.tally for c, r in asked.sums.items()}
    got = _got(asked.measure, tallies, how)
    mine = {got.name: asked.sums[got.name]} if got.name else asked.sums
    missing = together(r.one.missing for r in mine.values())
    few = min(int(t.there.sum()) for t in tallies.values())
    if few < FEW_FAMILIES:
        no = (FEW, f"a category has {plural(few, 'family')} with a mark",
              f"at least {FEW_FAMILIES} families of each")  # fmt: skip
        return abstain(asked.measure, at, no, missing, got.share.clusters)
    if got.ends is not None:
        missing = evolve(missing, lower=got.ends[0], upper=got.ends[1])
    level = level_of_gates(frame.level, len(tallies)) if how == WORST else frame.level
    lower, upper = got.share.interval(level)
    wide = {c: r.wide for c, r in asked.sums.items() if r.wide is not None}
    both = _both_ways(asked.measure, _of(wide, got.name, how), level) if wide else None
    size = got.share.effective_n
    return Estimate(
        measure=asked.measure.id, group=at, value=got.share.estimate, lower=lower, upper=upper,
        level=frame.level, method=got.share.method, n=got.share.n, families=got.share.clusters,
        effective_n=size if math.isfinite(size) else None, missing=missing, both_ways=both,
        estimand=sentence(
            asked.measure, f"{asked.intent} requests", (), OF_SEVERAL[how], asked.attack, frame
        ),
        caveats=(
            *_named(asked, got.name), *_carried(asked, mine, how, got.share.clusters),
            *(Caveat(code=c, text=t) for c, t in beside_levels(got.share, missing, both)),
        ),
    )  # fmt: skip


def _got(measure: Measure, tallies: Mapping[str, Tally], how: str) -> _Got:
    """Put the categories together as *how* says; of the worst take it."""
    shares = {c: share([t]) for c, t in tallies.items()}
    if how == WORST:
        lowest = measure.direction is Direction.LOWER_IS_WORSE
        ranked = sorted(shares, key=lambda c: (1 if lowest else -1) * shares[c].estimate)
        return _of(tallies, ranked[0], how)
    return _of(tallies, "", how)


def _of(tallies: Mapping[str, Tally], name: str, how: str) -> _Got:
    """Give the share of *tallies*, or, if it is told, of the category *name*."""
    if how == WORST:
        got = evolve(share([tallies[name]]), method="korn-graubard-worst")
        return _Got(share=got, ends=_ends(tallies[name]), name=name)
    every = list(tallies.values())
    ends = [_ends(t) for t in every]
    sizes = [1] * len(every) if how == MACRO else [int((t.size > 0).sum()) for t in every]
    low, high = (float(np.average([e[i] for e in ends], weights=sizes)) for i in (0, 1))
    got = strata_share([share([t]) for t in every]) if how == MACRO else share(every)
    return _Got(share=got, ends=(low, high))


def share(tallies: Sequence[Tally]) -> ClusterShare:
    """Give the share of all families alike; those of two tallies are different ones."""
    y = np.concatenate([t.mean[t.there] for t in tallies])
    n = np.concatenate([t.marked[t.there] for t in tallies])
    got = korn_graubard(np.clip(y, 0, 1), np.arange(len(y)))
    # The size is that of the marks, of which those of a family weigh 1 / n.
    most = n.size**2 / float((1 / n).sum()) if n.size else math.nan
    return evolve(got, n=int(n.sum()), most=most)


def _ends(one: Tally) -> tuple[float, float]:
    """Give the share if all that is missing or cut were lowest, and highest."""
    there = one.size > 0
    low, high = (float(one.extreme(high=up)[there].mean()) for up in (False, True))
    return low, high


def _both_ways(measure: Measure, got: _Got, level: float) -> BothWays:
    """Give the number with the measure's other levels counted too."""
    lower, upper = got.share.interval(level)
    lowest, highest = got.ends or (None, None)
    return BothWays(levels=measure.both_ways, value=got.share.estimate, lower=lower, upper=upper,
                    lowest=lowest, highest=highest)  # fmt: skip


def _named(asked: OfCategories, name: str) -> Iterator[Caveat]:
    """Name the worst category, by how many it was chosen from."""
    if name:
        end = "lowest" if asked.measure.direction is Direction.LOWER_IS_WORSE else "highest"
        n = len(asked.found)
        of = "both" if n == 2 else f"all {n}"
        yield Caveat(
            code=WHICH,
            text=f"category {name}, the {end} of {n}; the interval holds for {of} at once (Bonferroni)",
        )


def _carried(
    asked: OfCategories, mine: Mapping[str, Reduced], how: str, families: int
) -> Iterator[Caveat]:
    """Give the caveats of the categories that are the number's too, each with whose it is if not all's."""
    told = {c: [x for x in _caveats(f) if x.code not in OF_ONE] for c, f in asked.found.items()}
    count = Counter(x for some in told.values() for x in dict.fromkeys(some))
    if any(x.code in JUDGED for c in mine for x in _caveats(asked.found[c])):
        yield Caveat(code="judge-measured", text=f"as {asked.rater} measures it, uncorrected")
    said = {
        one if count[one] == len(told) else evolve(one, text=f"{one.text} (category {name})"): None
        for name in mine for one in told[name]
    }  # fmt: skip
    yield from said
    # Of categories alike the smallest makes the interval what it is.
    by_name = {c: asked.found[c].families for c in mine}
    for name, n in ({"": families} if how == MICRO else by_name).items():
        if n < SOME_FAMILIES:
            text = plural(n, "family")
            yield Caveat(code=FEW, text=f"{text} (category {name})" if name else text)


def _caveats(one: Finding) -> Sequence[Caveat]:
    return one.caveats if isinstance(one, Estimate) else ()
