"""Krippendorff's alpha by the coincidences of each unit, with a jackknife over units or clusters of them."""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Ints, Labels, codes, weighted
from dosimeter.stats.influence import kish
from dosimeter.stats.ratings import Ratings, ratings_table, scale, unit_counts, why_no_pairs
from dosimeter.stats.result import (
    SIGNED,
    Limits,
    Link,
    Wald,
    beyond_rounding,
    clopper_pearson_limits,
    t_quantile,
)
from dosimeter.stats.unseen import NOTHING, Unseen, unseen

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
"""What marks are: names, ranks, numbers, or numbers above a true zero."""
METRICS: tuple[Metric, ...] = ("nominal", "ordinal", "interval", "ratio")
ALIKE = 1e-9
MOST_LEVELS = 1000
"""Different marks above which they are no levels."""


@frozen(kw_only=True)
class Alpha(Wald):
    """Krippendorff's alpha; its interval is t on the jackknife of atanh(alpha).

    Where at most one unit (of clusters: one cluster) is not unanimous, and a jackknife therefore has
    no value, the lower limit is what Clopper and Pearson's upper limit of the share of such leaves, each
    of them being as bad as the one seen, or as chance (method ``"rare-disagreement"``).

    Attributes:
        metric: What marks were taken to be.
        observed: Mean disagreement within units.
        expected: Mean disagreement of any two ratings.
        se_alpha: Jackknife standard error on alpha's own scale; NaN for one unit.
        ratings: Ratings in the units that entered.
        disagreeing: Units, or clusters of them, that are not unanimous, as a share of their weight.
        effective_n: Kish's size of the weighted units, or clusters.
        chance: Probability that two ratings differ by chance.
        unseen: What units that were not seen could take from it; nothing where all weigh alike.
    """

    metric: Metric
    observed: float
    expected: float
    se_alpha: float
    ratings: int
    disagreeing: float
    effective_n: float
    chance: float
    unseen: Unseen = field(default=NOTHING, repr=False)
    bounds: Limits = field(default=SIGNED, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by the method that the record names."""
        if self.method != "rare-disagreement":
            low, high = super().limits(level)
            return min(low, self._unseen_limit(level)), high
        n = self.effective_n
        low, high = clopper_pearson_limits(self.disagreeing * n, n, level)
        seen = (1 - self.estimate) / self.disagreeing if self.disagreeing else 0.0
        lower = 1 - high * max(seen, 1 / self.chance)
        return min(lower, self._unseen_limit(level)), 1 - low * seen

    def shown(self, level: float = 0.95) -> float:
        """Give the lower limit by the units that were seen alone; NaN without an interval."""
        found = evolve(self, unseen=NOTHING).interval(level)
        return math.nan if found.undefined else found.lower

    def _unseen_limit(self, level: float) -> float:
        """Give the score limit by disagreements that were not seen; infinite where weights are alike."""
        if not self.unseen.weight:
            return math.inf
        reach = self.unseen.reach(t_quantile(level, self.df), math.sqrt(self.unseen.seen))
        return max(-1.0, self.estimate - reach)


@frozen
class _Sums:
    """Sums over coincidences: for all units (scalars), or without each in turn (arrays)."""

    disagreement: Floats
    expected: Floats
    size: Floats

    @property
    def alpha(self) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - (self.size - 1) * self.disagreement / self.expected)


By = Callable[[Floats], Floats]
"""Adds rows up by cluster; of no clusters the rows themselves."""


def krippendorff_alpha(
    ratings: Ratings, metric: Metric = "ordinal", weights: ArrayLike | None = None,
    cluster: Labels | None = None,
) -> Alpha:  # fmt: skip
    """Krippendorff's alpha of any number of raters, with missing ratings: the default.

    Alpha is 1 - D_o / D_e. The interval is that of the delete-one-unit jackknife on atanh(alpha) with
    t on the units less 1; the totals on which the ordinal metric rests are taken anew without each
    unit. Where units come in clusters, such as replies to one family of requests, a whole cluster is
    left out at a time: 120 replies of 12 families are no 120 units.

    Args:
        ratings: Shape (units, raters); None or NaN where missing.
        metric: ``"nominal"`` for names, ``"ordinal"`` for levels, ``"interval"`` or ``"ratio"``.
        weights: Weight of each unit, at least 0, for a sample stratified on predicted severity
            (`dosimeter.stats.agreement.stratum_weights`); scaled to mean 1. None weighs alike.
        cluster: Label of the cluster of each unit; None takes units as independent.

    Returns:
        Alpha, at most 1; undefined where no unit has two ratings, or nothing varies: raters who give
        one mark only have shown nothing. Without an interval for one unit or cluster. Units with fewer
        than two ratings are left out.

    Raises:
        ValueError: For an unknown metric, ratio marks below 0, more than 1,000 different marks on a
            metric of levels, or weights that are negative or of another number.

    References:
        K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; A. F. Hayes, K.
        Krippendorff (2007), Commun. Methods Meas. 1:77. The interval is our choice; its evidence is
        simulated coverage.

    Examples:
        High agreement on twelve units is little evidence of it:

        >>> marks = [[1, 1], [1, 2], [5, 4], [2, 2], [1, 1], [3, 4], [1, 1], [5, 5], [2, 1], [1, 1]]
        >>> print(krippendorff_alpha([*marks, [1, 1], [4, None]]))
        0.8227 [0.03046, 0.9801] (n=11, 1 left out, jackknife-atanh 95%)
    """
    if metric not in METRICS:
        msg = f"metric must be one of {', '.join(METRICS)}, got {metric!r}"
        raise ValueError(msg)
    table = ratings_table(ratings)
    w = weighted(weights, len(table))
    label = None if cluster is None else codes(cluster, len(table))[0]
    kept = ((~np.isnan(table)).sum(axis=1) > 1) & (w > 0)
    if not kept.any():
        return _undefined(table, metric, why_no_pairs(table) or "no-weight")
    table, w = table[kept], w[kept] / w[kept].mean()
    out = int((~kept).sum())
    if np.nanmax(table) == np.nanmin(table):
        return _undefined(table, metric, "no-variation", out)
    code = (
        np.arange(len(table)) if label is None else np.unique(label[kept], return_inverse=True)[1]
    )
    return _alpha(table, w, code, metric, out)


def _alpha(table: Floats, w: Floats, code: Ints, metric: Metric, out: int) -> Alpha:
    by, groups = _by(code), int(code.max()) + 1
    whole, less = _sums(table, w, code, metric)
    value, without = float(whole.alpha), less.alpha
    weight, split = by(w), by(_split(table)) > 0
    link: Link = "atanh"
    method, se, se_alpha = "jackknife-atanh", math.nan, _jackknife(without)
    no = "" if groups > 1 else "one-unit" if len(table) < 2 else "one-cluster"
    if not no and split.sum() < 2:
        method = "rare-disagreement"
    elif not no and np.isfinite(without).all() and max(abs(value), np.abs(without).max()) < 1:
        se = _jackknife(np.arctanh(without))
    elif not no:
        method, link, se = "jackknife", "identity", se_alpha
        no = "" if math.isfinite(se_alpha) else "one-unit-varies"
    if method.startswith("jackknife") and not no and not se > 0:
        no = "no-variation-between-units"
    size = float(whole.size)
    return Alpha(
        estimate=value, method=method, n=len(table), clusters=groups, left_out=out, no_interval=no,
        se=se, df=groups - 1, link=link, metric=metric,
        observed=float(whole.disagreement) / size, expected=float(whole.expected) / (size * (size - 1)),
        se_alpha=se_alpha, ratings=int((~np.isnan(table)).sum()),
        disagreeing=float(weight[split].sum() / weight.sum()), effective_n=kish(weight),
        chance=_chance(table, w), unseen=_unseen(table, w, code, value), bounds=(min(-1.0, value), 1.0),
    )  # fmt: skip


def _unseen(table: Floats, w: Floats, code: Ints, alpha: float) -> Unseen:
    """Give what units that were not seen could take from alpha: each as bad as those seen, or as chance."""
    if np.ptp(w) <= ALIKE * w.max():
        return NOTHING
    share = w / w.sum()
    split = share * _split(table)
    seen = (1 - alpha) / float(split.sum()) if split.any() else 0.0
    worst = max(seen, 1 / _chance(table, w))
    return unseen(worst * share, seen * split, w > 0, code, worst / len(w))


def _split(table: Floats) -> Floats:
    """Tell the units that are not unanimous, as 1."""
    return np.asarray(np.nanmax(table, axis=1) > np.nanmin(table, axis=1), dtype=float)


def _by(code: Ints) -> By:
    """Add rows up by cluster, whose codes have no gap."""
    if (code == np.arange(len(code))).all():
        return lambda rows: rows
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    return lambda rows: np.asarray(np.add.reduceat(rows[order], starts, axis=0))


def _undefined(table: Floats, metric: Metric, why: str, out: int | None = None) -> Alpha:
    nan, n = math.nan, 0 if out is None else len(table)
    return Alpha(estimate=nan, method="jackknife-atanh", n=n, clusters=n, undefined=why,
                 left_out=len(table) if out is None else out, se=nan, metric=metric, observed=nan,
                 expected=nan, se_alpha=nan, ratings=0, disagreeing=nan, effective_n=nan,
                 chance=nan)  # fmt: skip


def _jackknife(without: Floats) -> float:
    """Standard error from the values without each unit; NaN for one, 0 if rounding alone tells them apart."""
    n = len(without)
    if n < 2 or not np.isfinite(without).all():
        return math.nan
    se = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    return beyond_rounding(se, max(1.0, float(np.abs(without).max())), n)


def _chance(table: Floats, w: Floats) -> float:
    """Probability that two ratings drawn from all are not the same."""
    there = ~np.isnan(table)
    _, code = np.unique(table[there], return_inverse=True)
    totals = np.bincount(code, weights=np.repeat(w, there.sum(axis=1)))
    size = totals.sum()
    return float((size**2 - totals @ totals) / (size * (size - 1)))


def _sums(table: Floats, w: Floats, code: Ints, metric: Metric) -> tuple[_Sums, _Sums]:
    """Give the sums for all units, and those without each cluster."""
    if metric == "interval":
        return _interval(table, w, _by(code))
    levels = scale(table)
    if len(levels) > MOST_LEVELS:
        msg = (
            f"{metric} marks are levels, but there are {len(levels)} different ones: take"
            " metric='interval' for numbers"
        )
        raise ValueError(msg)
    counts = unit_counts(table, levels)
    if metric == "ordinal":
        return _ordinal(counts, w, code)
    if metric == "ratio" and levels[0] < 0:
        msg = f"ratio marks are at least 0, got {levels[0]:g}"
        raise ValueError(msg)
    apart = (levels[:, None] != levels).astype(float)
    if metric == "ratio":
        apart *= ((levels[:, None] - levels) / np.maximum(levels[:, None] + levels, 1e-300)) ** 2
    return _fixed(counts, w, apart, _by(code))


def _fixed(counts: Floats, w: Floats, apart: Floats, by: By) -> tuple[_Sums, _Sums]:
    """Levels whose distances do not depend on the data."""
    m = counts.sum(axis=1)
    own = w / (m - 1) * ((counts @ apart) * counts).sum(axis=1)
    each = w[:, None] * counts
    totals = each.sum(axis=0)
    less = totals - by(each)
    size = totals.sum()
    return (_Sums(own.sum(), totals @ apart @ totals, size),
            _Sums(own.sum() - by(own), ((less @ apart) * less).sum(axis=1), size - by(w * m)))  # fmt: skip


def _ordinal(counts: Floats, w: Floats, code: Ints) -> tuple[_Sums, _Sums]:
    """Levels that are as far apart as the ratings between them are many: the middles of their ranks."""
    m, by = counts.sum(axis=1), _by(code)
    share = w / (m - 1)
    each = w[:, None] * counts
    totals = each.sum(axis=0)
    pairs = counts.T @ (share[:, None] * counts) - np.diag(share @ counts)
    whole = _of_ranks(totals[None, :], pairs, np.zeros(1))
    less = totals - by(each)
    ranks = _ranks(less)[code]
    products = (counts * ranks).sum(axis=1) ** 2 - (counts * ranks**2).sum(axis=1)
    d, e, size = whole
    return _Sums(d[0], e[0], size[0]), _Sums(*_of_ranks(less, pairs, by(share * products)))


def _ranks(totals: Floats) -> Floats:
    """Middles of the ranks of each level, by row, with 0 in the middle of all."""
    return np.asarray(
        np.cumsum(totals, axis=1) - totals / 2 - totals.sum(axis=1, keepdims=True) / 2
    )


def _of_ranks(totals: Floats, pairs: Floats, own: Floats) -> tuple[Floats, Floats, Floats]:
    """Disagreement, expected disagreement and size by row; *own* is what is left out of the products."""
    ranks = _ranks(totals)
    squares = (totals * ranks**2).sum(axis=1)
    size = totals.sum(axis=1)
    products = ((ranks @ pairs) * ranks).sum(axis=1) - own
    return 2 * (squares - products), 2 * size * squares, size


def _interval(table: Floats, w: Floats, by: By) -> tuple[_Sums, _Sums]:
    """Numbers, by their sums and sums of squares: no level is counted."""
    x = table - np.nanmean(table)
    m = (~np.isnan(x)).sum(axis=1)
    s1, s2 = np.nansum(x, axis=1), np.nansum(x**2, axis=1)
    own = np.where(_split(table) > 0, 2 * w / (m - 1) * (m * s2 - s1**2), 0.0)
    size, first, second = (w * m).sum(), (w * s1).sum(), (w * s2).sum()
    size_less, first_less, second_less = size - by(w * m), first - by(w * s1), second - by(w * s2)
    return (_Sums(own.sum(), 2 * (size * second - first**2), size),
            _Sums(own.sum() - by(own), 2 * (size_less * second_less - first_less**2), size_less))  # fmt: skip
