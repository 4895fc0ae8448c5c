"""The lines of a rater's card: sensitivity and specificity of what rates ask, macro-F1, alpha."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from attrs import frozen

from dosimeter.analysis.corrected import positives_of
from dosimeter.analysis.labelled import Labelled, Sample
from dosimeter.analysis.load import Floats, Ints
from dosimeter.analysis.reliability import codes_of
from dosimeter.journal.design import Design
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.facts import CardCounts, CardLine
from dosimeter.model.questions import questions
from dosimeter.model.rating import Scale, ScaleKind, SubjectKind, Value
from dosimeter.plural import plural
from dosimeter.stats.alpha import Metric, krippendorff_alpha
from dosimeter.stats.bootstrap import Bootstrap, cluster_bootstrap, cluster_totals
from dosimeter.stats.cluster import ClusterShare, korn_graubard
from dosimeter.stats.correction import CALIBRATION
from dosimeter.stats.result import Result


def families_of(rows: Sequence[Labelled]) -> Ints:
    """Give the codes of the families of *rows*."""
    return np.unique([r.reply.family for r in rows], return_inverse=True)[1].astype(np.int64)


@frozen(kw_only=True)
class Ask:
    """Which levels count as positive, in which category and of which requests."""

    positive: frozenset[Value]
    category: str
    intent: str

    @property
    def levels(self) -> str:
        """Name the levels."""
        return " or ".join(sorted(map(str, self.positive)))

    @property
    def requests(self) -> str:
        """Name the requests."""
        return f"{self.intent} requests of {self.category}"


def asked_of(found: Design, scale: Scale, rows: Sequence[Labelled]) -> Iterator[Ask]:
    """Give what rates ask of a scale, by category and intent; where none does, what hazard begins at."""
    there = sorted({(r.reply.cell[1], r.reply.cell[2]) for r in rows})
    mine = [
        m for m in questions(found.categories, [r.spec for r in found.raters])
        if m.scale == scale.name and m.select.kind is SubjectKind.PATH and m.estimator == "rate"
    ]  # fmt: skip
    seen: dict[Ask, None] = {}
    for category, intent in there:
        sets = [
            s for m in mine if not m.select.intents or intent in {i.value for i in m.select.intents}
            for s in positives_of(m, scale)
        ]  # fmt: skip
        for positive in sets or [_usual(scale)]:
            seen.setdefault(Ask(positive=positive, category=category, intent=intent))
    yield from seen


def _usual(scale: Scale) -> frozenset[Value]:
    """Give what counts where no rate asks: hazard, the upper half of grades, the first of names."""
    values: list[Value] = [level.value for level in scale.levels]
    if scale.kind is ScaleKind.BOOLEAN:
        return frozenset({True})
    if scale.kind is ScaleKind.NOMINAL:
        return frozenset(values[:1])
    low, high = scale.ends
    least = scale.withhold_from if scale.withhold_from is not None else (low + high) / 2
    over = frozenset(v for v in values if float(v) >= least)
    return over if len(over) < len(values) else frozenset(v for v in values if float(v) > low)


def lines_of(
    found: Design, scale: Scale, sample: Sample, asks: Iterable[Ask]
) -> tuple[list[CardLine], list[str]]:
    """Give the lines of the card, and what of it cannot be told."""
    lines: list[CardLine] = []
    lacking: list[str] = []
    few: list[str] = []
    for ask in asks:
        rows = [r for r in sample.rows if r.reply.cell[1:3] == (ask.category, ask.intent)]
        true = np.array([_in(r.label, ask) for r in rows])
        called = np.array([_in(r.mark, ask) for r in rows])
        sides = (_side(rows, called, true), _side(rows, ~called, ~true))
        counts = _counts(found, ask, rows, (true, called), sides)
        text = _population(sample, rows, counts)
        if min(counts.positives, counts.negatives) < CALIBRATION:
            lacking.append(
                f"{counts.positives} called {ask.levels}, {counts.negatives} not ({ask.requests})"
            )
        for statistic, side, right, n in (
            ("sensitivity", sides[0], called & true, counts.positives),
            ("specificity", sides[1], ~called & ~true, counts.negatives),
        ):  # fmt: skip
            named = f"{statistic} ({ask.levels}, {ask.requests})"
            if 0 < side.clusters < FEW_FAMILIES:
                families = plural(side.clusters, "family")
                few.append(f"no {named}: {right.sum()} of {plural(n, 'reply')}, of {families}")
            else:
                lines += _line(side, named, n, text, scale.name, counts)
    lines += _overall(scale, sample)
    under = f"the card corrects no rate of fewer than {CALIBRATION} replies called so, or not: "
    return lines, [*few, *([under + "; ".join(lacking)] if lacking else [])]


def _in(value: Value, ask: Ask) -> bool:
    return any(value == p and isinstance(value, bool) is isinstance(p, bool) for p in ask.positive)


def _side(rows: Sequence[Labelled], right: Floats | Ints, base: Floats | Ints) -> ClusterShare:
    """Give the share of the rows of *base* that are *right*, clustered by family."""
    mine = [r for r, there in zip(rows, base, strict=True) if there]
    family = families_of(mine) if mine else np.zeros(0, np.int64)
    y = np.asarray(right, float)[np.asarray(base, bool)]
    return korn_graubard(y, family, [r.weight for r in mine])


def _counts(
    found: Design,
    ask: Ask,
    rows: Sequence[Labelled],
    marks: tuple[Ints, Ints],
    sides: tuple[ClusterShare, ClusterShare],
) -> CardCounts:
    """Count, as weighted where replies were drawn with unlike probabilities."""
    positives, negatives = int(marks[0].sum()), int((~marks[0]).sum())
    versions = {c.id: c.version for c in found.categories}
    return CardCounts(
        positive=tuple(sorted(ask.positive, key=str)), tp=_hits(sides[0], positives),
        positives=positives, tn=_hits(sides[1], negatives), negatives=negatives,
        category=ask.category, version=versions.get(ask.category, ""), intents=(ask.intent,),
        attacks=_those(r.reply.cell[3] for r in rows), languages=_those(r.reply.language for r in rows),
        models=_those(r.reply.model for r in rows),
        design_effects=(_effect(sides[0], positives), _effect(sides[1], negatives)),
    )  # fmt: skip


def _those(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _hits(side: ClusterShare, n: int) -> int:
    return 0 if side.undefined else round(side.estimate * n)


def _effect(side: ClusterShare, n: int) -> float:
    worth = side.trials(0.95)
    return max(1.0, round(n / worth, 3)) if worth and math.isfinite(worth) else float(max(n, 1))


def _population(sample: Sample, rows: Sequence[Labelled], counts: CardCounts) -> str:
    """Say of what the numbers are."""
    return (
        f"{plural(len(rows), 'reply')} of {plural(len({r.reply.family for r in rows}), 'family')} by"
        f" {' and '.join(counts.models)}, {counts.category} {counts.version}, attacks"
        f" {' and '.join(counts.attacks)}, in {' and '.join(counts.languages)}; labels of"
        f" {' and '.join(sample.people)}, {sample.drawn}"
    )


def _line(
    got: Result,
    statistic: str,
    n: int,
    population: str,
    scale: str,
    counts: CardCounts | None = None,
) -> Iterator[CardLine]:
    """Make a line of a statistic that has an interval."""
    limits = got.interval()
    if not got.undefined and not limits.undefined and n:
        yield CardLine(
            statistic=statistic, value=got.estimate, lower=limits.lower, upper=limits.upper, n=n,
            population=population, scale=scale, counts=counts,
        )  # fmt: skip


def _overall(scale: Scale, sample: Sample) -> Iterator[CardLine]:
    """Give macro-F1 and alpha over all replies."""
    rows, codes = sample.rows, codes_of(scale)
    true, called = (
        np.array([codes[str(v)] for v in some])
        for some in ([r.label for r in rows], [r.mark for r in rows])
    )
    w = np.array([r.weight for r in rows])
    text = f"{plural(len(rows), 'labelled reply')}; labels of {' and '.join(sample.people)}, {sample.drawn}"
    f1 = macro_f1(rows, tuple(codes), w)
    yield from _line(f1, "macro-F1 (over levels)", len(rows), text, scale.name)
    grades = scale.kind is ScaleKind.ORDINAL
    metric: Metric = "ordinal" if grades else "nominal"
    alpha = krippendorff_alpha(np.array([true, called]).T, metric, w, families_of(rows))
    named = "alpha against people (no inter-rater reliability)"
    yield from _line(alpha, named, len(rows), text, scale.name)


def macro_f1(rows: Sequence[Labelled], levels: Sequence[str], weights: Floats) -> Bootstrap:
    """Give macro-F1 over *levels* with the interval of resampled families."""
    q, place = len(levels), {level: i for i, level in enumerate(levels)}
    cells = np.zeros((len(rows), q * q))
    at = [place[str(r.label)] * q + place[str(r.mark)] for r in rows]
    cells[np.arange(len(rows)), at] = weights
    totals = cluster_totals(cells, families_of(rows))
    return cluster_bootstrap(totals, lambda x: _macro(x, q), resamples=2000, bounds=(0.0, 1.0))


def _macro(totals: Floats, q: int) -> Floats:
    """Macro-F1 of confusion tables, over the classes that occur or are said."""
    table = totals.reshape((*totals.shape[:-1], q, q))
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    whole = table.sum(axis=-1) + table.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        f1 = np.where(whole > 0, 2 * hits / whole, np.nan)
        return np.asarray(np.nansum(f1, axis=-1) / (whole > 0).sum(axis=-1))
