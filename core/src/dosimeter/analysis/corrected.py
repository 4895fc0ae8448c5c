"""Numbers of rules and judges with their errors carried: by people's labels, else by a card, else not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.bycard import Cards, positives
from dosimeter.analysis.bylabels import Found, Marked, by_labels
from dosimeter.analysis.judged import Judged, judged_of
from dosimeter.analysis.labels import Labels, People, labels_of
from dosimeter.analysis.load import Floats, Group
from dosimeter.analysis.looks import PEEKED
from dosimeter.analysis.missing import could_fall, could_rise
from dosimeter.analysis.ready import Extra, averaged, counted_too, level_index, scale_range
from dosimeter.analysis.sampled import Batches, Why
from dosimeter.analysis.several import for_gates, simultaneous
from dosimeter.analysis.wording import ALIKE, Frame, estimand
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import (
    BothWays,
    Caveat,
    Corrected,
    Estimate,
    Finding,
)
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Scale, ScaleKind, SubjectKind, Value
from dosimeter.model.report import Cell
from dosimeter.numbers import as_interval, as_number, unit_of
from dosimeter.stats.result import Limits

JUDGED = "judge-measured"
NOBODY: Why = ("no-labels", "no person was asked about replies of this cell",
               "a batch drawn from all of them, read by a person")  # fmt: skip
Ends = tuple[float | None, float | None]


@frozen(kw_only=True)
class Question:
    """One number of a measure.

    Attributes:
        extra: The level that it is a share of; empty for one number.
        take: Gives what is averaged, of marks as numbers.
        rate: Whether that is 0 and 1.
        positive: The levels that count, where it is.
        ends: What is averaged lies between.
    """

    extra: Extra
    take: Callable[[Floats], Floats]
    rate: bool
    positive: frozenset[Value]
    ends: Limits


@frozen(kw_only=True)
class Asked:
    """A measure of one cell and rater, with what a correction of its numbers needs.

    Attributes:
        people: What people marked on the scale there.
    """

    measure: Measure
    group: Group
    cell: Cell
    frame: Frame
    people: People


@frozen(kw_only=True)
class Corrector:
    """Corrects the numbers of one journal."""

    _reader: Reader = field(alias="reader")
    _found: Design = field(alias="found")

    @cached_property
    def _batches(self) -> Batches:
        return Batches(reader=self._reader)

    @cached_property
    def _cards(self) -> Cards:
        return Cards(reader=self._reader, found=self._found, batches=self._batches)

    def beside(self, found: Iterable[Finding], asked: Asked) -> Iterator[Finding]:
        """Put beside each estimate of *found* what is left of it when its rater's errors are taken out."""
        made: Mapping[Extra, Corrected] | None = None
        for one in found:
            if asked.group.rater_kind == PERSON or not isinstance(one, Estimate):
                yield one
                continue
            made = self._all(asked) if made is None else made
            extra = tuple(p for p in one.group if p[0] == "level")
            yield _beside(one, asked, made[extra]) if extra in made else one

    def _all(self, asked: Asked) -> dict[Extra, Corrected]:
        """Correct each number of a measure; none where neither labels nor a card could tell."""
        asks, both = numbers_of(asked.measure, asked.group.scale)
        carded = any(self._counts(asked, q) for q in asks)
        if not asked.people and not carded:
            return {}
        if asked.frame.order is not None:
            return {q.extra: _refused(PEEKED) for q in asks}
        scope = asked.frame.scope
        judged = judged_of(asked.group, asked.cell, scope)
        if not isinstance(judged, Judged):
            return {q.extra: _refused(judged) for q in asks}
        labels = labels_of(asked.people, self._batches, scope) if asked.people else NOBODY
        solve = partial(self._solve, asked, judged, labels)
        return {q.extra: _record(asked, judged, labels, q, both, solve) for q in asks}

    def _counts(self, asked: Asked, question: Question) -> bool:
        return bool(self._cards.of(asked.group.rater, asked.group.scale.name, question.positive))

    def _solve(
        self, asked: Asked, judged: Judged, labels: Labels | Why, question: Question
    ) -> Found | Why:
        """Answer *question* by labels, or else by a card; or say of both why not."""
        marks = judged.mean(question.take(judged.values))
        got = (
            by_labels(rows_of(judged, labels, marks, question))
            if isinstance(labels, Labels)
            else labels
        )
        if isinstance(got, Found):
            return got
        rater, scale = asked.group.rater, asked.group.scale.name
        there = ~np.isnan(marks)
        for counts in self._cards.of(rater, scale, question.positive):
            other = self._cards.correct(counts, rater, scale, asked.group.cell,
                                        positives(marks[there]), judged.family[there])  # fmt: skip
            if isinstance(other, Found):
                return other
            code, why, need = other
            got = (code, f"{got[1]}, and {why}", need)
        return got


def numbers_of(measure: Measure, scale: Scale) -> tuple[tuple[Question, ...], Question | None]:
    """Give the numbers of a measure; and the one with its other levels counted, if it has any."""
    values: list[Value] = [level.value for level in scale.levels]
    if scale.kind is ScaleKind.BOOLEAN:
        values = [False, True]
    codes = np.array([level_index(scale, v) for v in values], dtype=float)

    def one(extra: Extra, take: Callable[[Floats], Floats], kind: str) -> Question:
        at = take(codes) if kind == "rate" else np.zeros(len(values))
        hits = frozenset(v for v, hit in zip(values, at, strict=True) if hit)
        return Question(extra=extra, take=take, rate=kind == "rate", positive=hits,
                        ends=scale_range(kind, scale))  # fmt: skip

    def level(extra: Extra, marks: Floats) -> Floats:
        return next(y for x, y, _ in averaged(measure, scale, marks) if x == extra)

    asks = tuple(
        one(extra, partial(level, extra), kind)
        for extra, _, kind in averaged(measure, scale, codes)
    )
    if not measure.both_ways or measure.estimator != "rate":
        return asks, None

    def too(marks: Floats) -> Floats:
        found = counted_too(measure, scale, marks)
        return marks if found is None else found

    return asks, one((), too, "rate")


def positives_of(measure: Measure, scale: Scale) -> Iterator[frozenset[Value]]:
    """Give the levels that each number of a rate counts as positive."""
    asks, both = numbers_of(measure, scale)
    yield from (q.positive for q in (*asks, *([both] if both else [])))


def rows_of(judged: Judged, labels: Labels, marks: Floats, question: Question) -> Marked:
    """Bring people's labels to the rows of the rater's marks."""
    n = len(judged.subject)
    at = np.searchsorted(judged.subject, labels.subject)
    known = at < n
    known[known] = judged.subject[at[known]] == labels.subject[known]
    label, inclusion, seen = np.full(n, np.nan), np.ones(n), np.zeros(n, bool)
    label[at[known]] = labels.mean(question.take(labels.values))[known]
    inclusion[at[known]], seen[at[known]] = labels.inclusion[known], True
    return Marked(
        judge=marks, label=label, seen=seen, inclusion=inclusion, family=judged.family,
        weight=judged.weight, even=labels.even, rate=question.rate, ends=question.ends,
    )  # fmt: skip


def _record(
    asked: Asked,
    judged: Judged,
    labels: Labels | Why,
    question: Question,
    both: Question | None,
    solve: Callable[[Question], Found | Why],
) -> Corrected:
    """Make the record of one number."""
    got = solve(question)
    if not isinstance(got, Found):
        return _refused(got)
    frame, n = asked.frame, len(judged.subject)
    people = labels.people if isinstance(labels, Labels) and not _carded(got) else ()
    lower, upper = got.limits(frame.level)
    lowest, highest = _could_be(asked, judged, question, got)
    how = f"{ALIKE}; as people mark replies, by labels of {' and '.join(people)} on {got.labels} of {n}"
    if not people:
        how = (
            f"replies weighed alike; as people mark replies, by {asked.group.rater}'s card of"
            f" {got.labels} labels, taken to hold here"
        )
    return Corrected(
        method=got.method, value=got.value, lower=lower, upper=upper, labels=got.labels,
        families=got.families, people=people, lowest=lowest, highest=highest,
        estimand=estimand(asked.measure, asked.cell, frame, how),
        simultaneous=simultaneous(got.limits, frame.level, frame.ways),
        of_gates=for_gates(got.limits, frame.level, frame.gates),
        both_ways=_both(asked, judged, both, solve) if both else None,
    )  # fmt: skip


def _both(
    asked: Asked, judged: Judged, both: Question, solve: Callable[[Question], Found | Why]
) -> BothWays | None:
    got = solve(both)
    if not isinstance(got, Found):
        return None
    lower, upper = got.limits(asked.frame.level)
    lowest, highest = _could_be(asked, judged, both, got)
    return BothWays(
        levels=asked.measure.both_ways, value=got.value, lower=lower, upper=upper, lowest=lowest,
        highest=highest, of_gates=for_gates(got.limits, asked.frame.level, asked.frame.gates),
    )  # fmt: skip


def _carded(got: Found) -> bool:
    return got.method.startswith("lang-reiczigel")


def _could_be(asked: Asked, judged: Judged, question: Question, got: Found) -> Ends:
    """Give what the number could be for what never came to be, or has no mark where a card corrects."""
    cell, (low, high) = asked.cell, question.ends
    path = asked.group.kind == SubjectKind.PATH
    never = cell.open + cell.failed
    if never and not path:
        return None, None  # how many turns a reply that never came would have had
    gone = never / max(cell.planned, 1) if path else 0.0
    if _carded(got):
        gone += (1 - gone) * (1 - len(np.unique(judged.vote)) / max(len(judged.subject), 1))
    cut = float((judged.weight * judged.cut).mean())
    down = could_fall(asked.measure, asked.group.scale)
    up = could_rise(asked.measure, asked.group.scale)
    least = max(low, got.value - down * cut * (high - low))
    most = min(high, got.value + up * cut * (high - low))
    return (1 - gone) * least + gone * low, (1 - gone) * most + gone * high


def _refused(why_not: Why) -> Corrected:
    code, why, need = why_not
    return Corrected(code=code, why=why, would_need=need)


def _beside(one: Estimate, asked: Asked, made: Corrected) -> Estimate:
    """Put a correction beside a number, and say by a caveat what became of it."""
    said = tuple(_said(c, one, asked, made) if c.code == JUDGED else c for c in one.caveats)
    return evolve(one, corrected=made, caveats=said)


def _said(caveat: Caveat, one: Estimate, asked: Asked, made: Corrected) -> Caveat:
    if made.value is None or made.lower is None or made.upper is None:
        return evolve(caveat, text=f"{caveat.text}: {made.why}")
    unit = unit_of(asked.measure, one)
    by = f"labels of {' and '.join(made.people)} on {made.labels} replies"
    if not made.people:
        by = f"its card of {made.labels} labels"
    number, ends = as_number(made.value, unit), as_interval(made.lower, made.upper, unit)
    return Caveat(code="corrected", text=f"with its errors taken out by {by}: {number} ({ends})")
