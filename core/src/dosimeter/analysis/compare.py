"""Targets compared on the prompts that they share: three answers, and never a rank without one."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from statistics import fmean

from attrs import field, frozen

from dosimeter.analysis.abstain import SOME_FAMILIES, where
from dosimeter.analysis.load import Group
from dosimeter.analysis.looks import looked
from dosimeter.analysis.pairs import Arm, Marks, Paired, Where, asks, overlap, pair
from dosimeter.analysis.ready import scale_range
from dosimeter.analysis.sides import notices_of, own_vendor, side, unlike
from dosimeter.analysis.wording import few_events
from dosimeter.errors import CompareRefused, Unlike
from dosimeter.model.answering import FEW_FAMILIES, MANY_MISSING, Caveat
from dosimeter.model.comparing import (
    Compared,
    Comparison,
    Declared,
    Joint,
    Overlap,
    Said,
    Ties,
    Tradeoff,
)
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_share, questions
from dosimeter.model.rating import Scale
from dosimeter.numbers import percent
from dosimeter.plural import plural
from dosimeter.stats.compare import p_adjust, refusal_verdict, verdict
from dosimeter.stats.paired import paired_binary
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.paired_scores import paired_score
from dosimeter.stats.ranking import tie_groups
from dosimeter.stats.result import Result, turned
from dosimeter.stats.verdicts import Order, Verdict

NO_MARGIN = 1e-12
"""What no difference is ever shown to lie within."""
ORDER: Order = "second-first"
SAID = {"A lower": Said.A_LOWER, "B lower": Said.B_LOWER, "equivalent": Said.EQUIVALENT,
        "cannot tell": Said.CANNOT_TELL}  # fmt: skip
At = tuple[str, Pairs]
"""A measure's id with where it is asked: category, intent, attack and rater."""


@frozen(kw_only=True)
class Asked:
    """What is to be compared, and by which margins.

    Attributes:
        declared: Of the stack; none for all rates and means of the categories.
        margin: Of the command, for all that the stack has no margin for; None without one.
        level: Confidence level.
    """

    declared: tuple[Declared, ...] = ()
    margin: float | None = None
    level: float = 0.95

    def of(self, measure: Measure, group: Pairs) -> Declared | None:
        """Give the declared comparison that *measure* in *group* is, with its margin; None if none is."""
        plain = Declared(measure=measure.id)
        for one in self.declared or (plain,):
            if one.measure == measure.id and set(one.where) <= set(group):
                return one
        return None


@frozen(kw_only=True)
class _Made:
    """A difference of two sides, B less A, before it is judged beside the others."""

    measure: Measure
    group: Pairs
    a: Arm
    b: Arm
    paired: Paired
    result: Result
    p: float
    margin: float | None
    margin_by: str
    judge: Group = field(repr=False)


def compare(arms: Sequence[Arm], asked: Asked, *, allow_unlike: bool = False) -> Compared:
    """Compare every two of *arms* on the prompts that both put.

    Args:
        arms: At least two, of one or several runs.
        asked: What is compared.
        allow_unlike: Whether to compare what different panels, rubrics, raters or scopes measured;
            what differs is told.

    Raises:
        CompareRefused: Where no prompt is shared.
        Unlike: For runs that measure otherwise.
    """
    if len(arms) < 2:
        msg = "a comparison needs two targets: name two runs, or one that has several"
        raise CompareRefused(msg)
    apart = tuple(unlike(arms))
    if apart and not allow_unlike:
        listed = "".join(f"\n  {one}" for one in apart)
        msg = f"these runs do not measure the same thing:{listed}"
        raise Unlike(msg)
    shared = tuple(o for a, b in combinations(arms, 2) for o in overlap(a, b))
    if not any(o.shared for o in shared):
        msg = f"no prompt was put to two of them: {_nothing_shared(shared)}"
        raise CompareRefused(msg)
    both = judged(arms, asked)
    found = tuple(c for _, c in both)
    return Compared(
        sides=tuple(map(side, arms)), overlaps=shared, comparisons=found,
        ties=tuple(_ties(arms, found)), tradeoffs=tuple(_tradeoffs(both, asked.level)),
        family=sum(c.p is not None for c in found), declared=bool(asked.declared), unlike=apart,
        notices=tuple(notices_of(arms)),
    )  # fmt: skip


def judged(arms: Sequence[Arm], asked: Asked) -> list[tuple[_Made, Comparison]]:
    """Give every difference that is asked for, each judged beside all others of the family."""
    made = list(_differences(arms, asked))
    holm = p_adjust([m.p for m in made if not math.isnan(m.p)], "holm", 1 - asked.level).adjusted
    adjusted = iter(holm)
    return [(m, _judged(m, math.nan if math.isnan(m.p) else next(adjusted), len(holm), asked.level))
            for m in made]  # fmt: skip


def _nothing_shared(shared: Sequence[Overlap]) -> str:
    lacking = sum(o.changed for o in shared)
    if lacking:
        return f"{plural(lacking, 'item')} have one id and other words"
    return "they have no cell (category, intent, attack) in common, or other items in it"


def _differences(arms: Sequence[Arm], asked: Asked) -> Iterator[_Made]:
    """Give every difference that is asked for, in a fixed order."""
    marks: dict[At, dict[str, tuple[Marks, Group, Measure]]] = {}
    for arm in arms:
        measures = questions(arm.found.categories, [r.spec for r in arm.found.raters])
        for group in arm.groups():
            cell = arm.cell(group.cell)
            at = tuple(p for p in where(cell, group.rater) if p[0] != "target")
            for measure in (m for m in measures if asks(m, group, cell)):
                if asked.of(measure, at) is not None:
                    mine = arm.marks(measure, group), group, measure
                    marks.setdefault((measure.id, at), {})[arm.label] = mine
    for (_, at), held in sorted(marks.items()):
        for a, b in combinations([arm for arm in arms if arm.label in held], 2):
            yield _difference(a, b, held, at, asked)


def _difference(
    a: Arm, b: Arm, held: Mapping[str, tuple[Marks, Group, Measure]], at: Pairs, asked: Asked
) -> _Made:
    (ours, group, measure), (theirs, _, _) = held[a.label], held[b.label]
    named = dict(at)
    cell: Where = (named["category"], named["intent"], named["attack"])
    ends = scale_range("rate" if is_share(measure) else "mean", group.scale)
    paired = pair(a.planned[cell], b.planned[cell], ours, theirs, ends)
    result, p = tested(paired, ends, rate=is_share(measure))
    declared = asked.of(measure, at)
    assert declared is not None
    margin = declared.margin if declared.margin is not None else asked.margin
    by = "stack" if declared.margin is not None else "command" if margin is not None else ""
    return _Made(measure=measure, group=at, a=a, b=b, paired=paired, result=result, p=p,
                 margin=margin, margin_by=by, judge=group)  # fmt: skip


def tested(paired: Paired, ends: tuple[float, float], *, rate: bool) -> tuple[Result, float]:
    """Give the difference, second less first, and the probability of so great a one by chance."""
    x, y = paired.first, paired.second
    if rate and paired.plain and len(x):
        both, only_x, only_y = (
            int((x * y).sum()),
            int((x * (1 - y)).sum()),
            int((y * (1 - x)).sum()),
        )
        found = paired_binary(both, only_x, only_y, len(x) - both - only_x - only_y)
        return turned(found), found.mid_p
    mean = (
        paired_score(x, y, paired.family, paired.weights, scale=ends)
        if math.isfinite(ends[0]) and math.isfinite(ends[1])
        else paired_clustered(x, y, paired.family, paired.weights, scale=None)
    )
    return mean, math.nan if mean.undefined else mean.p_value()


def _judged(m: _Made, p_adjusted: float, family: int, level: float) -> Comparison:
    """Say what one difference shows, beside all others of the family."""
    margin = NO_MARGIN if m.margin is None else m.margin
    alone = m.result.interval(level)
    strict = 1 - (1 - level) / max(family, 1)
    inner = m.result.interval(2 * level - 1)
    among = verdict(m.result, margin, order=ORDER, level=strict)
    said, why = _said(m, among, p_adjusted, level)
    w = m.paired.weights
    n = len(w)
    return Comparison(
        measure=m.measure.id, group=m.group, a=m.a.label, b=m.b.label,
        value_a=float(w @ m.paired.first / w.sum()) if n else None,
        value_b=float(w @ m.paired.second / w.sum()) if n else None,
        difference=_known(m.result.estimate), lower=_known(alone.lower), upper=_known(alone.upper),
        level=level, method=m.result.method, p=_known(m.p), p_adjusted=_known(p_adjusted), items=n,
        families=m.result.clusters, said=said, share=is_share(m.measure), margin=m.margin,
        margin_by=m.margin_by,
        within_margin=m.margin is not None and among.within_margin, why=why,
        needed=None if said is not Said.CANNOT_TELL else among.clusters_needed,
        inner=None if inner.undefined else (inner.lower, inner.upper),
        lost=m.paired.lost, estimand=_estimand(m), caveats=tuple(_caveats(m)),
    )  # fmt: skip


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _said(m: _Made, among: Verdict, p_adjusted: float, level: float) -> tuple[Said, str]:
    """Give the verdict, and why there is none where that is not for the interval's sake."""
    families = m.result.clusters
    if any(looked(arm.found) for arm in (m.a, m.b)):
        return (
            Said.CANNOT_TELL,
            "a run looked at its gates on the way: no interval of a difference holds",
        )
    if families < FEW_FAMILIES:
        return (
            Said.CANNOT_TELL,
            f"{plural(families, 'family')} shared; at least {FEW_FAMILIES} are needed",
        )
    alone = verdict(m.result, NO_MARGIN, order=ORDER, level=level)
    said = SAID[alone.said]
    if said is Said.CANNOT_TELL:
        said = Said.EQUIVALENT if m.margin is not None and among.within_margin else said
        return _unhidden(m, said)
    if not p_adjusted <= 1 - level:
        return Said.CANNOT_TELL, "not told apart once all comparisons of the family count (Holm)"
    return _unhidden(m, said)


def _unhidden(m: _Made, said: Said) -> tuple[Said, str]:
    """Take a verdict back that the missing marks could turn round."""
    lost, n = m.paired.lost, len(m.paired.first)
    share = lost.pairs / max(n + lost.pairs, 1)
    if said is Said.CANNOT_TELL or share <= MANY_MISSING:
        return said, ""
    low = -math.inf if lost.lowest is None else lost.lowest
    high = math.inf if lost.highest is None else lost.highest
    turned = {
        Said.A_LOWER: low <= 0,
        Said.B_LOWER: high >= 0,
        Said.EQUIVALENT: m.margin is None or low < -m.margin or high > m.margin,
    }[said]
    return (
        (Said.CANNOT_TELL, f"the {percent(share)} missing could turn it round")
        if turned
        else (said, "")
    )


def _caveats(m: _Made) -> Iterator[Caveat]:
    yield Caveat(code="judge-measured",
                 text=f"a difference as {m.judge.rater} measures it, uncorrected")  # fmt: skip
    yield from own_vendor((m.a, m.b), m.judge.rater)
    families = m.result.clusters
    differ = len({f for f, x, y in m.paired.each if x != y})
    if FEW_FAMILIES <= families < SOME_FAMILIES:
        yield Caveat(code="few-families", text=plural(families, "family"))
    elif not m.paired.plain and few_events(differ, families):
        text = f"{differ} of {plural(families, 'family')} differ"
        yield Caveat(code="few-events", text=text)
    lost = m.paired.lost.pairs
    if lost:
        yield Caveat(code="missing", text=f"{plural(lost, 'shared prompt')} lack a mark")
    if m.margin_by == "command":
        yield Caveat(
            code="late-margin", text="the margin was given with the command, not in the stack"
        )


def _estimand(m: _Made) -> str:
    """Say what the difference is one of (VALIDITY 2)."""
    group = dict(m.group)
    return (
        f"{m.measure.title}: {m.b.label} less {m.a.label}, over goals like those of {group['category']}"
        f" whose prompts both were put, {group['intent']} requests, attack {group['attack']} as"
        " configured; differences within prompts, families weighted alike. Random: goals, and replies."
    )


def _ties(arms: Sequence[Arm], found: Sequence[Comparison]) -> Iterator[Ties]:
    """Order the sides of each measure, with those together that are not told apart."""
    by: dict[At, list[Comparison]] = {}
    for c in found:
        by.setdefault((c.measure, c.group), []).append(c)
    for (measure, group), mine in by.items():
        values: dict[str, list[float | None]] = {}
        for c in mine:
            values.setdefault(c.a, []).append(c.value_a)
            values.setdefault(c.b, []).append(c.value_b)
        known = {
            k: fmean(some) for k, v in values.items() if (some := [x for x in v if x is not None])
        }
        order = sorted((a.label for a in arms if a.label in known), key=known.__getitem__)
        told = [(c.a, c.b) for c in mine if c.said in {Said.A_LOWER, Said.B_LOWER}]
        if len(order) > 1:
            made = tie_groups(order, told)
            yield Ties(
                measure=measure, group=group, order=made.order,
                letters=tuple(made.letters[name] for name in order),
                places=tuple(made.places[name] for name in order),
            )  # fmt: skip


def _tradeoffs(judged: Sequence[tuple[_Made, Comparison]], level: float) -> Iterator[Tradeoff]:
    """Put over- and under-refusal of the same two sides together (VALIDITY 13)."""
    for over, _ in judged:
        if _refuses(over.measure, over.judge.scale, Intent.BENIGN, full=True):
            for under, _ in judged:
                same = (under.a, under.b, under.judge.rater) == (over.a, over.b, over.judge.rater)
                if same and _beside(over, under):
                    yield _tradeoff(over, under, level)


def _beside(over: _Made, under: _Made) -> bool:
    fits = _refuses(under.measure, under.judge.scale, Intent.HARMFUL, full=False)
    apart = {"intent", "measure"}
    ours, theirs = (tuple(p for p in m.group if p[0] not in apart) for m in (over, under))
    return fits and ours == theirs and over.measure.scale == under.measure.scale


def _refuses(measure: Measure, scale: Scale, intent: Intent, *, full: bool) -> bool:
    """Tell a rate of what a block stands for, or of what it does not, on requests of one intent."""
    blocked = scale.when_blocked
    return (
        blocked is not None
        and measure.estimator == "rate"
        and measure.select.intents == (intent,)
        and (measure.threshold == blocked) is full
    )


def _tradeoff(over: _Made, under: _Made, level: float) -> Tradeoff:
    margins = [m.margin for m in (over, under)]
    few = min(over.result.clusters, under.result.clusters) < FEW_FAMILIES
    why = f"fewer than {FEW_FAMILIES} families shared" if few else ""
    said = Joint.CANNOT_TELL
    if not few:
        found = refusal_verdict(
            over.result, under.result, over_margin=margins[0] or NO_MARGIN,
            under_margin=margins[1] or NO_MARGIN, order=ORDER, level=level,
        )  # fmt: skip
        said = Joint(found.said)
        if None in margins and said is Joint.CANNOT_TELL:
            why = "a margin is needed to call one better or both equivalent: --margin, or [[comparisons]]"
    group = tuple(p for p in over.group if p[0] != "intent")
    return Tradeoff(a=over.a.label, b=over.b.label, group=group, over=over.measure.id,
                    under=under.measure.id, said=said, why=why)  # fmt: skip
