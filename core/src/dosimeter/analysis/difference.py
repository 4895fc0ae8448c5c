"""One difference of two targets, judged beside all others of its family."""

import math
from collections.abc import Callable, Iterator
from functools import cached_property

from attrs import evolve, field, frozen

from dosimeter.analysis.labelled_pairs import Labelled
from dosimeter.analysis.load import Group
from dosimeter.analysis.looks import looked
from dosimeter.analysis.missing import could_fall, could_rise
from dosimeter.analysis.paired import Paired
from dosimeter.analysis.pairs import Arm
from dosimeter.analysis.ready import scale_range
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.sides import own_vendor
from dosimeter.analysis.tipping import Shares, tipping
from dosimeter.analysis.wording import few_events
from dosimeter.model.answering import FEW_FAMILIES, MANY_MISSING, SOME_FAMILIES, UNRELIABLE, Caveat
from dosimeter.model.comparing import Comparison, Lost, Said
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_share
from dosimeter.numbers import as_points, percent
from dosimeter.plural import plural
from dosimeter.stats.compare import verdict
from dosimeter.stats.result import Result
from dosimeter.stats.verdicts import Order, Verdict

NO_MARGIN = 1e-12
"""What no difference is ever shown to lie within."""
ALIKE = (
    "no difference was seen; to call that equivalent takes a margin: --margin, or [[comparisons]]"
)
ORDER: Order = "second-first"
SAID = {"A lower": Said.A_LOWER, "B lower": Said.B_LOWER, "equivalent": Said.EQUIVALENT,
        "cannot tell": Said.CANNOT_TELL}  # fmt: skip


@frozen(kw_only=True)
class Difference:
    """A difference of two sides, B less A, before it is judged beside the others.

    Attributes:
        rated: As the rater measures it.
        labels: As people do, or why they do not; None where nobody was asked.
        unmarked: Labels of the sides without any mark on what both were put.
        beside: What is known against the marks of either side: how far people agree, and where the
            rater broke down.
    """

    measure: Measure
    group: Pairs
    a: Arm
    b: Arm
    paired: Paired
    rated: Result
    labels: Labelled | Why | None
    p: float
    margin: float | None
    margin_by: str
    judge: Group = field(repr=False)
    unmarked: tuple[str, ...] = ()
    beside: tuple[Caveat, ...] = ()

    @cached_property
    def silence(self) -> str:
        """Why nothing may be said of it, not even by an interval; empty if something may (STATS 9)."""
        if any(looked(arm.found) for arm in (self.a, self.b)):
            return "a run looked at its gates on the way: no interval of a difference holds"
        families = self.result.clusters
        if families >= FEW_FAMILIES:
            return ""
        if families:
            return f"{plural(families, 'family')} shared; at least {FEW_FAMILIES} are needed"
        who = " and ".join(self.unmarked)
        shared = plural(self.paired.lost.pairs, "shared prompt")
        if not who:
            return f"none of the {shared} has a mark of both"
        return f"{who} {'has' if len(self.unmarked) == 1 else 'have'} no mark on the {shared}"

    @property
    def by_people(self) -> Labelled | None:
        """What rests on people's labels of both sides; None if nothing does."""
        return self.labels if isinstance(self.labels, Labelled) else None

    @property
    def result(self) -> Result:
        """What is judged: the rater's errors are taken out where people's labels allow (VALIDITY 15)."""
        return self.by_people.result if self.by_people else self.rated

    @property
    def lost(self) -> Lost:
        """What is missing from it, or was cut."""
        mine = self.paired.lost
        if self.by_people is None:
            return mine
        lost = evolve(self.by_people.lost, shared=mine.shared, cut=mine.cut)
        if lost.lowest is None or lost.highest is None:
            return lost
        least, most = scale_range("rate" if is_share(self.measure) else "mean", self.judge.scale)
        down = could_fall(self.measure, self.judge.scale)
        up = could_rise(self.measure, self.judge.scale)
        first, second = ((most - least) * cut for cut in self.paired.cut)
        return evolve(
            lost, lowest=max(lost.lowest - down * second - up * first, least - most),
            highest=min(lost.highest + up * second + down * first, most - least),
        )  # fmt: skip

    @property
    def values(self) -> tuple[float | None, float | None]:
        """The means of both sides on the prompts that they share; None without any."""
        if self.by_people:
            return self.by_people.result.first, self.by_people.result.second
        w = self.paired.weights
        if not len(w):
            return None, None
        first, second = (float(w @ x / w.sum()) for x in (self.paired.first, self.paired.second))
        return first, second


def judged(m: Difference, p_adjusted: float, family: int, level: float) -> Comparison:
    """Say what one difference shows, beside all others of the family."""
    if m.silence:
        return _unsaid(m, level)
    margin = NO_MARGIN if m.margin is None else m.margin
    alone = m.result.interval(level)
    strict = 1 - (1 - level) / max(family, 1)
    inner = m.result.interval(2 * level - 1)
    among = verdict(m.result, margin, order=ORDER, level=strict)
    said, why = _said(m, among, p_adjusted, level)
    value_a, value_b = m.values
    return Comparison(
        measure=m.measure.id, group=m.group, a=m.a.label, b=m.b.label,
        value_a=value_a, value_b=value_b,
        difference=_known(m.result.estimate), lower=_known(alone.lower), upper=_known(alone.upper),
        level=level, method=m.result.method, p=_known(m.p), p_adjusted=_known(p_adjusted),
        items=len(m.paired.first), families=m.result.clusters, said=said, share=is_share(m.measure),
        margin=m.margin, margin_by=m.margin_by,
        within_margin=_within(m, among), why=why,
        needed=None if said is not Said.CANNOT_TELL or why == ALIKE else among.clusters_needed,
        inner=None if inner.undefined else (inner.lower, inner.upper),
        lost=m.lost, tipping=_tipping(m), estimand=_estimand(m), caveats=tuple(_caveats(m)),
    )  # fmt: skip


def _unsaid(m: Difference, level: float) -> Comparison:
    """Say why nothing may be said, and no number."""
    return Comparison(
        measure=m.measure.id, group=m.group, a=m.a.label, b=m.b.label, value_a=None, value_b=None,
        difference=None, lower=None, upper=None, level=level, method="", p=None, p_adjusted=None,
        items=len(m.paired.first), families=m.result.clusters, said=Said.CANNOT_TELL,
        share=is_share(m.measure), margin=m.margin, margin_by=m.margin_by, why=m.silence,
        lost=evolve(m.lost, lowest=None, highest=None),
    )  # fmt: skip


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _said(m: Difference, among: Verdict, p_adjusted: float, level: float) -> tuple[Said, str]:
    """Give the verdict, and why there is none where that is not for the interval's sake."""
    alone = verdict(m.result, NO_MARGIN, order=ORDER, level=level)
    said = SAID[alone.said]
    if said is Said.CANNOT_TELL:
        if m.margin is None and abs(m.result.estimate) < NO_MARGIN:
            return said, ALIKE
        said = Said.EQUIVALENT if m.margin is not None and among.within_margin else said
        return _unhidden(m, said)
    if not p_adjusted <= 1 - level:
        return Said.CANNOT_TELL, "not told apart once all comparisons of the family count (Holm)"
    return _unhidden(m, said)


def _unhidden(m: Difference, said: Said) -> tuple[Said, str]:
    """Take a verdict back that the missing marks could turn round."""
    if said is Said.CANNOT_TELL:
        return said, ""
    margin = m.margin or 0.0
    why = turned_round(m, {
        Said.A_LOWER: lambda low, _: low > 0,
        Said.B_LOWER: lambda _, high: high < 0,
        Said.EQUIVALENT: lambda low, high: -margin <= low and high <= margin,
    }[said])  # fmt: skip
    return (Said.CANNOT_TELL, why) if why else (said, "")


def _within(m: Difference, among: Verdict) -> bool:
    """Tell whether it is shown to lie within its margin, whatever the missing marks are."""
    return m.margin is not None and among.within_margin and not _unhidden(m, Said.EQUIVALENT)[1]


def turned_round(m: Difference, holds: Callable[[float, float], bool]) -> str:
    """Say that the missing marks could turn a verdict round; empty if they are few, or it *holds* anyway.

    Args:
        m: The difference that it is of.
        holds: Whether it would, of a difference anywhere from the first to the second.
    """
    lost = m.lost
    if lost.share <= MANY_MISSING or holds(*lost.ends):
        return ""
    return f"the {percent(lost.share)} {lost.called} could turn it round"


def _tipping(m: Difference) -> str:
    """Say what unequal errors of the rater would erase the difference (VALIDITY 15)."""
    a, b = m.values
    if m.by_people or a is None or b is None:
        return ""
    return tipping(Shares(measure=m.measure, group=m.group, judge=m.judge, a=m.a, b=m.b,
                          share_a=a, share_b=b))  # fmt: skip


def _caveats(m: Difference) -> Iterator[Caveat]:
    yield _errors(m)
    yield from own_vendor((m.a, m.b), m.judge.rater)
    # What labels of people correct holds whatever the rater is worth.
    yield from (c for c in m.beside if not (m.by_people and c.code == UNRELIABLE))
    families = m.result.clusters
    differ = len({f for f, x, y in m.paired.each if x != y})
    if families < SOME_FAMILIES:
        yield Caveat(code="few-families", text=plural(families, "family"))
    elif not m.paired.plain and few_events(differ, families):
        text = f"{differ} of {plural(families, 'family')} differ"
        yield Caveat(code="few-events", text=text)
    yield from _gone(m)
    if m.margin_by == "command":
        yield Caveat(
            code="late-margin", text="the margin was given with the command, not in the stack"
        )


def _gone(m: Difference) -> Iterator[Caveat]:
    """Say how many of the shared prompts lack a mark, or have that of a reply which was cut."""
    lost = m.lost
    shared = plural(lost.shared, "shared prompt")
    if lost.pairs:
        what = "reply" if m.by_people else "mark"
        yield Caveat(code="missing", text=f"{lost.pairs} of {shared} lack a {what}")
    if lost.cut:
        text = (
            f"{lost.cut} of {shared} have a reply that was cut: its rest might be marked otherwise"
        )
        yield Caveat(code="truncated", text=text)


def _errors(m: Difference) -> Caveat:
    """Say whether the rater's errors are in the difference, and if so why."""
    if m.by_people is None:
        why = f": {m.labels[1]}" if isinstance(m.labels, tuple) else ""
        text = f"a difference as {m.judge.rater} measures it, uncorrected{why}"
        return Caveat(code="judge-measured", text=text)
    a, b = m.by_people.labels
    rated = m.rated.interval()
    own = ""
    if not rated.undefined:
        limits = as_points(m.rated.estimate, rated.lower, rated.upper, share=is_share(m.measure))
        own = f"; as it measures it {limits}"
    text = (
        f"{m.judge.rater}'s errors are taken out by labels of {' and '.join(m.by_people.people)} on"
        f" {a} replies of {m.a.label} and {b} of {m.b.label}{own}"
    )
    return Caveat(code="corrected", text=text)


def _estimand(m: Difference) -> str:
    """Say what the difference is one of (VALIDITY 2)."""
    group = dict(m.group)
    return (
        f"{m.measure.title}: {m.b.label} less {m.a.label}, over goals like those of {group['category']}"
        f" whose prompts both were put, {group['intent']} requests, attack {group['attack']} as"
        f" configured; differences within prompts, families weighted alike{_marks(m)}. Random: goals, and"
        " replies."
    )


def _marks(m: Difference) -> str:
    """Say whose marks are averaged, where that is not the rater's."""
    return f"; as {' and '.join(m.by_people.people)} mark replies" if m.by_people else ""
