"""Whether raters agree, and whether a judge says what the outcome says."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from dosimeter.audit.estimates import FEW, estimate, finite
from dosimeter.audit.table import Floats, Ints, Table
from dosimeter.stats.agreement import (
    Metric,
    cohen_kappa,
    cross_table,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    raw_agreement,
)
from dosimeter.stats.kappa import Weights
from dosimeter.stats.result import Result


@frozen(kw_only=True)
class Number:
    """An estimate with its interval.

    Attributes:
        value: None where it is undefined.
        lower: Lower limit; None where there is none. *upper* likewise.
        method: How the interval was made.
        why: Why there is no number, or no interval.
        n: What it rests on.
    """

    value: float | None
    lower: float | None
    upper: float | None
    method: str
    why: str
    n: int


@frozen(kw_only=True)
class Agreement:
    """Agreement of the raters of one system: no coefficient alone.

    Attributes:
        system: Whose replies were rated.
        raters: Their columns.
        labels: Different labels; *ordered* whether they are marks on a scale.
        both: Rows that at least two raters rated.
        same: Share of pairs of labels that are the same.
        kappa: Cohen's, of two raters; None of more.
        fleiss: Fleiss' kappa.
        alpha: Krippendorff's.
        ac: Gwet's AC1, or on a scale AC2, which rare labels do not upset.
    """

    system: str
    raters: tuple[str, ...]
    labels: tuple[str, ...]
    ordered: bool
    both: int
    same: Number
    kappa: Number | None
    fleiss: Number
    alpha: Number
    ac: Number


@frozen(kw_only=True)
class Judge:
    """A judge's labels beside the outcome, for one system and group.

    Attributes:
        column: Of the judge.
        system: Whose replies. *group*: In which group.
        both: Rows with an outcome and a label of the judge.
        truth: Share of events by the outcome, over these rows. *says*: By the judge.
        sensitivity: Share of events that the judge calls so; *specificity* of the others.
        same: Share of rows on which both say the same.
    """

    column: str
    system: str
    group: str
    both: int
    truth: Number
    says: Number
    sensitivity: Number
    specificity: Number
    same: Number


def number(found: Result, level: float, cluster: Ints) -> Number:
    """Give what is told of a result that rests on rows of these clusters: of few no interval."""
    limits = found.interval(level)
    value = finite(found.estimate)
    few = value is not None and len(np.unique(cluster)) < FEW
    why = "few-clusters" if few else limits.undefined
    return Number(
        value=value, lower=None if why else finite(limits.lower),
        upper=None if why else finite(limits.upper), method=found.method, why=why, n=found.n,
    )  # fmt: skip


def agreements(table: Table, level: float) -> tuple[Agreement, ...]:
    """Give the agreement of the raters on each system; none with fewer than two raters."""
    if len(table.raters) < 2:
        return ()
    found = []
    for place, system in enumerate(table.systems):
        mine = table.system == place
        found.append(_agreement(table, system, [codes[mine] for codes in table.labels],
                                table.cluster[mine], level))  # fmt: skip
    return tuple(found)


def _agreement(
    table: Table, system: str, codes: Sequence[Ints], cluster: Ints, level: float
) -> Agreement:
    names = tuple(sorted({n for some in table.raters for n in some}))
    ordered = table.scale is not None
    value = {n: float(n) if ordered else float(i) for i, n in enumerate(names)}
    columns = []
    for own, mine in zip(table.raters, codes, strict=True):
        known = np.array([value[n] for n in own] + [np.nan])
        columns.append(known[mine])
    marks = np.stack(columns, axis=1)
    levels = sorted(set(value.values()))
    weights: Weights = "quadratic" if ordered else "identity"
    metric: Metric = "ordinal" if ordered else "nominal"
    both = (~np.isnan(marks)).sum(axis=1) > 1

    def told(found: Result) -> Number:
        return number(found, level, cluster[both])

    pair = marks.shape[1] == 2
    return Agreement(
        system=system, raters=table.columns.raters, labels=names, ordered=ordered, both=int(both.sum()),
        same=told(raw_agreement(marks, cluster)),
        kappa=told(cohen_kappa(cross_table(marks[:, 0], marks[:, 1], levels), weights)) if pair else None,
        fleiss=told(fleiss_kappa(marks, weights, levels, cluster)),
        alpha=told(krippendorff_alpha(marks, metric, cluster=cluster)),
        ac=told(gwet_ac(marks, weights, levels, cluster)),
    )  # fmt: skip


def judged(table: Table, level: float) -> tuple[Judge, ...]:
    """Hold each judge against the outcome; of events alone, as marks have no right and wrong."""
    if table.scale is not None:
        return ()
    return tuple(
        _judge(table, column, says, at, level)
        for column, says in zip(table.columns.judges, table.judges, strict=True)
        for at in table.cells()
    )


def _judge(table: Table, column: str, labels: Floats, at: tuple[int, int], level: float) -> Judge:
    mine = table.of(*at) & ~np.isnan(table.outcome) & ~np.isnan(labels)
    y, says, cluster = table.outcome[mine], labels[mine], table.cluster[mine]
    truth, judge, same = (number(estimate(v, cluster, None), level, cluster)
                          for v in (y, says, (y == says).astype(float)))  # fmt: skip
    return Judge(
        column=column, system=table.systems[at[0]], group=table.groups[at[1]], both=len(y),
        truth=truth, says=judge, same=same,
        sensitivity=number(estimate(says[y == 1], cluster[y == 1], None), level, cluster[y == 1]),
        specificity=number(estimate(1 - says[y == 0], cluster[y == 0], None), level, cluster[y == 0]),
    )  # fmt: skip
