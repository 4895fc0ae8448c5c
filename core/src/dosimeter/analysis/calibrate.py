"""A rater against people's labels: what its card says, and of which replies (VALIDITY 17)."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from dosimeter.analysis.cardlines import asked_of, families_of, lines_of, macro_f1
from dosimeter.analysis.labelled import Labelled, Sample, rater_of, samples
from dosimeter.analysis.reliability import codes_of
from dosimeter.analysis.targets import days
from dosimeter.errors import CardRefused
from dosimeter.journal.design import Design, Known, design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.cards import Card, CardPoint, CardScale, CardSlice
from dosimeter.model.facts import CardLine
from dosimeter.model.rating import Scale, ScaleKind
from dosimeter.numbers import percent
from dosimeter.plural import plural
from dosimeter.stats.alpha import Metric, krippendorff_alpha
from dosimeter.stats.calibration import ReliabilityPoint, reliability_curve
from dosimeter.stats.confusion import confusion
from dosimeter.stats.rate import wilson

PARTS = ("category", "intent", "attack", "language", "target")
WHY = {
    "few-clusters": f"fewer than {FEW_FAMILIES} families",
    "no-variation": "it is the same whichever families are drawn, so nothing tells how sure it is",
    "undefined-resamples": "too few replies for it to be resampled",
}
"""Why macro-F1 has no interval, and so is not given, by the code of the statistic."""
PLACE = {"target": 0, "category": 1, "intent": 2, "attack": 3}


def calibrate(reader: Reader, name: str, *, person: str = "", file: Path | None = None) -> Card:
    """Make the card of a rater of a run.

    Args:
        reader: The journal.
        name: Of a rule or a judge.
        person: Whose labels are taken; empty for all people's.
        file: With labels; None for the votes of the journal.

    Raises:
        CardRefused: If the labels cannot be read, or tell nothing of how the rater errs.
    """
    found = design(reader)
    rater = rater_of(found, name)
    made = []
    for scale, sample in samples(reader, found, rater, person=person, file=file).items():
        made.append((_scale(found, rater, found.own[rater.k, scale], sample), sample))
    first, last = reader.rows("SELECT min(started), max(started) FROM try").fetchone()
    return Card(
        rater=rater.name, revision=rater.spec.revision, run=found.run.get("name", ""),
        dates="unknown" if first is None else days(first, last),
        drawn="; ".join(dict.fromkeys(s.drawn for _, s in made)), scales=tuple(m for m, _ in made),
    )  # fmt: skip


def _scale(found: Design, rater: Known, scale: Scale, sample: Sample) -> CardScale:
    if scale.kind is ScaleKind.REAL:
        msg = (
            f"scale {scale.name!r} has no levels, so no card can be made of it: label another scale"
        )
        raise CardRefused(msg)
    _check(rater, scale, sample)
    rows = sample.rows
    codes = codes_of(scale)
    family = families_of(rows)
    asks = list(asked_of(found, scale, rows))
    lines, lacking = lines_of(found, scale, sample, asks)
    curve = _curve(rows)
    lines += _shipped(curve[0], scale, sample)
    return CardScale(
        scale=scale.name, levels=tuple(codes), people=sample.people, replies=len(rows),
        families=len(np.unique(family)), unmarked=sample.unmarked, tied=sample.tied,
        undrawn=sample.undrawn, slices=tuple(_slices(rows, tuple(codes))), lines=tuple(lines),
        curve=curve[0], calibration_error=curve[1],
        notes=(*lacking, *_of_people(sample, scale), *curve[2]),
    )  # fmt: skip


def _check(rater: Known, scale: Scale, sample: Sample) -> None:
    """Refuse labels that tell nothing of how a rater errs.

    Raises:
        CardRefused: Saying why, and what to do.
    """
    rows, of = sample.rows, f"{rater.label} on {scale.name!r}"
    families = len({r.reply.family for r in rows})
    labels, marks = (
        {str(v) for v in some} for some in ([r.label for r in rows], [r.mark for r in rows])
    )
    if not rows:
        why, need = _nothing(sample, of)
    elif families < FEW_FAMILIES:
        why = f"the labels of {of} are of {plural(families, 'family')}, and errors within one are alike"
        need = f"label replies of {FEW_FAMILIES} goals or more"
    elif len(labels) == 1:
        why = f"people call every reply {labels.pop()}, so nobody knows what {of} does with another"
        need = "label replies of two levels at least"
    elif len(marks) == 1:
        why = f"{of} calls every labelled reply {marks.pop()}, so it tells nothing apart"
        need = "label replies that it marks otherwise, or take another rater"
    else:
        return
    msg = f"no card: {why}; {need}"
    raise CardRefused(msg)


def _nothing(sample: Sample, of: str) -> tuple[str, str]:
    """Say why no reply has both a label and a mark, and what to do."""
    mark = "label replies that it has marked"
    settle = "have a third person settle them, or name one with --person"
    unmarked = plural(sample.unmarked, "labelled reply")
    if not sample.tied:
        return f"of {unmarked} none has a mark of {of}", mark
    divided = f"people are divided on {plural(sample.tied, 'labelled reply')}"
    if not sample.unmarked:
        return f"{divided}, so none has a label to hold {of} against", settle
    return f"{divided}, and of {unmarked} more none has a mark of {of}", f"{settle}, or {mark}"


def _slices(rows: Sequence[Labelled], levels: tuple[str, ...]) -> Iterator[CardSlice]:
    """Give the confusion of all replies and of each part of them."""
    yield _slice("all", "", rows, levels)
    for by in PARTS:
        parts: dict[str, list[Labelled]] = {}
        for row in rows:
            name = row.reply.language if by == "language" else row.reply.cell[PLACE[by]]
            parts.setdefault(name, []).append(row)
        for name, some in sorted(parts.items()):
            yield _slice(by, name, some, levels)


def _slice(by: str, name: str, rows: Sequence[Labelled], levels: tuple[str, ...]) -> CardSlice:
    got = confusion([str(r.label) for r in rows], [str(r.mark) for r in rows], levels)
    families = len({r.reply.family for r in rows})
    f1 = macro_f1(rows, levels, np.ones(len(rows)))
    limits = f1.interval()
    why = f1.undefined or limits.undefined
    if families < FEW_FAMILIES:
        why = f"{plural(families, 'family')}"
    known = not why
    return CardSlice(
        by=by, name=name, replies=len(rows), families=families, table=got.table,
        macro_f1=f1.estimate if known else None, lower=limits.lower if known else None,
        upper=limits.upper if known else None, why=WHY.get(why, why),
    )  # fmt: skip


def _curve(
    rows: Sequence[Labelled],
) -> tuple[tuple[CardPoint, ...], float | None, tuple[str, ...]]:
    """Give how often the rater was right by how sure it was; or say why there is no curve."""
    sure = [(str(r.label) == str(r.mark), r.confidence) for r in rows if r.confidence is not None]
    if not sure:
        return (), None, ("no calibration curve: the rater states no confidence, and votes once",)
    got = reliability_curve(
        [int(right) for right, _ in sure], [c for _, c in sure], 10, "equal-mass"
    )
    points = tuple(_points(got.points))
    return points, sum(abs(p.stated - p.observed) * p.n for p in points) / got.n, ()


def _shipped(curve: Sequence[CardPoint], scale: Scale, sample: Sample) -> Iterator[CardLine]:
    """Give the points of the calibration curve as lines, with the replies that they are of: unweighted."""
    replies = plural(sum(p.n for p in curve), "labelled reply")
    drawn = sample.drawn.partition(";")[0]
    for p in curve:
        yield CardLine(
            statistic=f"share right where it is {percent(p.stated)} sure", value=p.observed, lower=p.lower,
            upper=p.upper, n=p.n, scale=scale.name, stated=p.stated,
            population=f"{replies}, each counting once; labels of {' and '.join(sample.people)}, {drawn}",
        )  # fmt: skip


def _points(bins: Sequence[ReliabilityPoint]) -> Iterator[CardPoint]:
    """Give a point a bin; bins of one confidence, which rows fell into as they came, are one."""
    for (low, high), some in groupby(bins, key=lambda p: (p.lowest, p.highest)):
        same = list(some)
        n = sum(p.observed.n for p in same)
        right = wilson(sum(round(p.observed.estimate * p.observed.n) for p in same), n)
        limits = right.interval()
        yield CardPoint(stated=low if low == high else same[0].stated, observed=right.estimate,
                        lower=limits.lower, upper=limits.upper, n=n)  # fmt: skip


def _of_people(sample: Sample, scale: Scale) -> Iterator[str]:
    """Say how well people agree with one another on these labels, or why nobody knows."""
    codes = codes_of(scale)
    table = [[math.nan if v is None else codes[str(v)] for v in row] for row in sample.table]
    if len(sample.people) < 2:
        yield f"reliability of people: not estimable, as {sample.people[0]} alone labelled"
        return
    metric: Metric = "ordinal" if scale.kind is ScaleKind.ORDINAL else "nominal"
    got = krippendorff_alpha(table, metric, cluster=sample.family)
    names = " and ".join(sample.people)
    limits = got.interval()
    if got.undefined or limits.undefined:
        why = {"no-overlap": "no two of them labelled the same reply"}.get(
            got.undefined, got.undefined or limits.undefined
        )
        yield f"reliability of people: not estimable of {names}: {why}"
        return
    yield (
        f"reliability of people: alpha {got.estimate:.2f} ({limits.lower:.2f} to {limits.upper:.2f}) of"
        f" {names} on {got.n} replies of {plural(got.clusters, 'family')}"
    )
