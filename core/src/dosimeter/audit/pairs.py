"""Systems, and groups, compared in pairs on the items that both have; ties where the pairs carry no rank."""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal

import attrs
import numpy as np
from attrs import field, frozen

from dosimeter.audit.estimates import FEW, MUCH, Cell
from dosimeter.audit.outcomes import Scale
from dosimeter.audit.table import Floats, Ints, Table
from dosimeter.plural import plural
from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.multiplicity import p_adjust
from dosimeter.stats.paired import mcnemar_p, tango
from dosimeter.stats.paired_means import paired_graded
from dosimeter.stats.paired_scores import paired_score
from dosimeter.stats.ranking import tie_groups
from dosimeter.stats.result import Result

Kind = Literal["system", "group"]
"""What is compared."""


@frozen(kw_only=True)
class Pair:
    """Two systems of one group, or two groups of one system, on the items that both have.

    Attributes:
        kind: What is compared.
        within: Where: the group, or the system; empty where there is one alone.
        a: Name of the one. *b*: Of the other.
        value_a: Of *a*, over shared items that weigh alike. *value_b* likewise.
        difference: a less b; None without shared items.
        lower: Lower limit of the difference, by itself; None where there is none. *upper* likewise.
        method: How the interval was made.
        p: Probability of as great a difference if there is none; None without a test.
        p_adjusted: That, adjusted for all pairs (Holm).
        level_adjusted: Confidence level at which the interval has to leave out 0.
        apart: Whether both tell the two apart.
        equivalent: Whether they are shown to be within the margin; None without a margin.
        items: Shared items with an outcome on both sides. *clusters* likewise.
        lost: Shared items that lack an outcome on a side.
        only_a: Items that *a* has alone. *only_b* likewise.
        why: Why nothing can be said, or what keeps two from being told apart.
    """

    kind: Kind
    within: str
    a: str
    b: str
    value_a: float | None
    value_b: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    method: str
    p: float | None
    p_adjusted: float | None = None
    level_adjusted: float | None = None
    apart: bool = False
    equivalent: bool | None = None
    items: int
    clusters: int
    lost: int
    only_a: int
    only_b: int
    why: str = ""


@frozen(kw_only=True)
class Ties:
    """The order of systems of a group, or groups of a system, as far as the pairs carry it.

    Attributes:
        kind: What is ordered.
        within: Where.
        order: Names, the lowest number first.
        letters: Of each; two with a letter in common are not told apart.
        places: Of each, the best and the worst place that is left open.
    """

    kind: Kind
    within: str
    order: tuple[str, ...]
    letters: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


@frozen(kw_only=True)
class _Side:
    """One side: its items in order, with the mean of each (NaN if it has no outcome) and their clusters."""

    item: Ints
    mean: Floats
    cluster: Ints
    repeated: bool


@frozen(kw_only=True)
class _Compared:
    """A pair with its difference, and those to which missing outcomes could turn it."""

    pair: Pair
    difference: Result | None = None
    filled: tuple[Result, ...] = field(default=())


def compare(
    table: Table, found: Sequence[Cell], margin: float | None, level: float
) -> tuple[tuple[Pair, ...], tuple[Ties, ...]]:
    """Compare all pairs, adjusting for their number.

    Args:
        table: The observations.
        found: Their cells, in the order of `Table.cells`.
        margin: Difference that does not matter; None asks nothing of equivalence.
        level: Confidence level of each interval, and of the whole family of pairs.
    """
    sides = [_side(table, *at) for at in table.cells()]
    compared = [_compared(table, found, sides, one, level) for one in _couples(found)]
    alpha = 1 - level
    tested = [c for c in compared if c.pair.p is not None]
    p = [c.pair.p or 0.0 for c in tested]
    adjusted = p_adjust(p, "holm", alpha).adjusted
    steps = np.empty(len(p))
    steps[np.argsort(p, kind="stable")] = len(p) - np.arange(len(p))
    judged = {
        id(c): _judged(c, q, 1 - alpha / float(k), alpha, margin)
        for c, q, k in zip(tested, adjusted, steps, strict=True)
    }
    pairs = tuple(judged.get(id(c), c.pair) for c in compared)
    return pairs, tuple(_ties(found, pairs))


def _couples(found: Sequence[Cell]) -> Iterator[tuple[Kind, int, int]]:
    """Give the pairs: systems of each group, then groups of each system; nothing is pooled."""
    for (i, one), (j, other) in combinations(enumerate(found), 2):
        if one.group == other.group:
            yield "system", i, j
    for (i, one), (j, other) in combinations(enumerate(found), 2):
        if one.system == other.system:
            yield "group", i, j


def _side(table: Table, system: int, group: int) -> _Side:
    mine = table.of(system, group)
    item, code = np.unique(table.item[mine], return_inverse=True)
    y = table.outcome[mine]
    there = ~np.isnan(y)
    times = np.bincount(code[there], minlength=len(item))
    sums = np.bincount(code[there], weights=y[there], minlength=len(item))
    with np.errstate(invalid="ignore"):
        mean = sums / times
    cluster = np.empty(len(item), dtype=np.int64)
    cluster[code] = table.cluster[mine]
    return _Side(item=item, mean=mean, cluster=cluster, repeated=bool((times > 1).any()))


def _compared(
    table: Table, found: Sequence[Cell], sides: Sequence[_Side], which: tuple[Kind, int, int], level: float
) -> _Compared:  # fmt: skip
    kind, i, j = which
    a, b = sides[i], sides[j]
    shared, at, bt = np.intersect1d(a.item, b.item, assume_unique=True, return_indices=True)
    x, y, cluster = a.mean[at], b.mean[bt], a.cluster[at]
    both = ~(np.isnan(x) | np.isnan(y))
    one, other = found[i], found[j]
    pair = Pair(
        kind=kind, within=one.group if kind == "system" else one.system,
        a=one.system if kind == "system" else one.group,
        b=other.system if kind == "system" else other.group,
        value_a=float(x[both].mean()) if both.any() else None,
        value_b=float(y[both].mean()) if both.any() else None,
        difference=None, lower=None, upper=None, method="", p=None, items=int(both.sum()),
        clusters=len(np.unique(cluster[both])), lost=int((~both).sum()),
        only_a=len(a.item) - len(shared), only_b=len(b.item) - len(shared), why="no shared items",
    )  # fmt: skip
    if not both.any():
        return _Compared(pair=pair)
    if pair.clusters < FEW and pair.value_a is not None and pair.value_b is not None:
        few = f"{plural(pair.clusters, 'shared cluster')}; at least {FEW} are needed"
        return _Compared(pair=attrs.evolve(pair, difference=pair.value_a - pair.value_b, why=few))
    alone = not a.repeated and not b.repeated and pair.clusters == pair.items
    difference, p = _difference(x[both], y[both], cluster[both], table.scale, alone=alone)
    limits = difference.interval(level)
    told = attrs.evolve(
        pair, difference=difference.estimate, method=difference.method, why=limits.undefined,
        p=None if math.isnan(p) else p, lower=None if limits.undefined else limits.lower,
        upper=None if limits.undefined else limits.upper,
    )  # fmt: skip
    filled = _filled(x, y, cluster, table.scale) if pair.lost > MUCH * len(shared) else ()
    return _Compared(pair=told, difference=difference, filled=filled)


def _difference(
    x: Floats, y: Floats, cluster: Ints, scale: Scale | None, *, alone: bool
) -> tuple[Result, float]:
    """Give x less y and the probability of none, by the method that the items allow."""
    if not alone:
        found = paired_score(y, x, cluster, scale=scale or (0.0, 1.0))
        return found, found.p_value()
    if scale is not None:
        graded = paired_graded(y, x, scale=scale)
        return graded, graded.p_value()
    only_x, only_y = int(((x == 1) & (y == 0)).sum()), int(((x == 0) & (y == 1)).sum())
    both = int(((x == 1) & (y == 1)).sum())
    return tango(both, only_x, only_y, len(x) - both - only_x - only_y), mcnemar_p(only_x, only_y)[
        1
    ]


def _filled(x: Floats, y: Floats, cluster: Ints, scale: Scale | None) -> tuple[Result, ...]:
    """Give the differences with all that is missing against the one side, and against the other."""
    low, high = scale or (0.0, 1.0)
    alone = len(np.unique(cluster)) == len(x) and (
        scale is not None or bool(np.isin(np.concatenate([x, y]), (low, high, np.nan)).all())
    )
    found = []
    for mine, theirs in ((low, high), (high, low)):
        xs, ys = np.where(np.isnan(x), mine, x), np.where(np.isnan(y), theirs, y)
        found.append(_difference(xs, ys, cluster, scale, alone=alone)[0])
    return tuple(found)


def _judged(
    c: _Compared, adjusted: float, level: float, alpha: float, margin: float | None
) -> Pair:
    assert c.difference is not None
    limits = c.difference.interval(level)
    shown = not limits.undefined and adjusted <= alpha and 0 not in limits
    turned_round = [f for f in c.filled if _says(f, level) != _says(c.difference, level)]
    why = c.pair.why
    if shown and turned_round:
        why = f"{plural(c.pair.lost, 'shared item')} without an outcome could turn it round"
    same = None if margin is None else equivalence(c.difference, margin, alpha).equivalent
    if same and any(not equivalence(f, margin or 1.0, alpha).equivalent for f in c.filled):
        same, why = False, f"{plural(c.pair.lost, 'shared item')} without an outcome could undo it"
    return attrs.evolve(
        c.pair, p_adjusted=adjusted, level_adjusted=level, why=why,
        apart=shown and not turned_round, equivalent=same,
    )  # fmt: skip


def _says(difference: Result, level: float) -> int:
    """Give the sign of a difference that is shown; 0 if none is."""
    limits = difference.interval(level)
    if limits.undefined or 0 in limits:
        return 0
    return 1 if limits.lower > 0 else -1


def _ties(found: Sequence[Cell], pairs: Sequence[Pair]) -> Iterator[Ties]:
    """Order what was compared in one place."""
    places = dict.fromkeys((p.kind, p.within) for p in pairs)
    for kind, within in places:
        mine = [c for c in found if within == (c.group if kind == "system" else c.system)]
        values = {c.system if kind == "system" else c.group: c.value for c in mine}
        order = sorted((n for n, v in values.items() if v is not None),
                       key=lambda n: (values[n] or 0.0, n))  # fmt: skip
        apart = [(p.a, p.b) for p in pairs if (p.kind, p.within) == (kind, within) and p.apart]
        groups = tie_groups(order, apart)
        yield Ties(kind=kind, within=within, order=groups.order,
                   letters=tuple(groups.letters[n] for n in groups.order),
                   places=tuple(groups.places[n] for n in groups.order))  # fmt: skip


def reversed_pair(pair: Pair) -> Pair:
    """Give a pair the other way round."""
    minus = None if pair.difference is None else 0.0 - pair.difference
    return attrs.evolve(
        pair, a=pair.b, b=pair.a, value_a=pair.value_b, value_b=pair.value_a, difference=minus,
        lower=None if pair.upper is None else -pair.upper,
        upper=None if pair.lower is None else -pair.lower, only_a=pair.only_b, only_b=pair.only_a,
    )  # fmt: skip
