"""Review queues that were drawn with known probabilities: their rows, weights and errors."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.checks import Floats, Ints, array, numbers, same_length, weighted
from dosimeter.stats.influence import kish
from dosimeter.stats.leaning import leaning_limit
from dosimeter.stats.result import UNIT, Limits, Wald, beyond_rounding, t_quantile, t_tail
from dosimeter.stats.unseen import Unseen, unseen

Theta = tuple[float, Floats]
"""A mean, and what each row adds to it."""
Sides = tuple[Unseen, Unseen]
"""What labels that were not seen could do below an estimate, and above."""
HEAVIEST = 50.0
"""Weight of one label above which it alone decides the estimate."""
FAMILIES = 30
"""Families with a label below which there is no estimate."""


@frozen(kw_only=True)
class ActiveMean(Wald):
    """A mean from labels that were sought where they tell most, each weighted by its probability.

    Errors of the judge that are rare where few labels were drawn may be in none of these, and the standard
    error then knows nothing of them: limits and tests are also held against those, a score interval.

    Attributes:
        unclipped: The mean before it is brought into the scale.
        lam: Weight of the judge's marks; the mean of both halves if it was cross-fitted.
        labelled: Rows with a label.
        families: Families with a label.
        effective_n: Kish's size of the weighted labels; NaN without one.
        heaviest: Largest weight of a row that was served; NaN without one.
        unanswered: Rows that a reviewer saw and could not tell.
        lowest: Estimate and standard error if all of these were at the bottom of the scale.
        highest: If all were at the top.
        unseen: What labels that were not seen could do below the estimate, and above.
    """

    unclipped: float
    lam: float
    labelled: int
    families: int
    effective_n: float
    heaviest: float
    unanswered: int
    lowest: tuple[float, float]
    highest: tuple[float, float]
    unseen: Sides = field(repr=False)
    bounds: Limits = field(default=UNIT, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the widest of t, logit and score limits, that hold whatever the unanswered rows are."""
        t = t_quantile(level, self.df)
        ends = zip((self.lowest, self.highest), self.unseen, strict=True)
        (low, down), (high, up) = (
            [leaning_limit(value, side * t * se, self.bounds), side * one.reach(t, se) + value]
            for side, ((value, se), one) in zip((-1, 1), ends, strict=True)
        )
        low, high = min(low, down), max(high, up)
        return max(self.bounds[0], low), min(self.bounds[1], high)

    def p_value(self, null: float = 0.0) -> float:
        """Probability, two-sided, of an estimate so far from *null* whatever the unanswered rows are."""
        if self.undefined or self.no_interval:
            return math.nan
        value, se = self.highest
        apart = max(self._above(null), self.unseen[1].quantile(null - value, se))
        return min(1.0, 2 * t_tail(apart, self.df))

    def p_above(self, null: float = 0.0) -> float:
        """Probability, one-sided, of an estimate at least as high, likewise."""
        if self.undefined or self.no_interval:
            return math.nan
        return t_tail(self._above(null), self.df)

    def _above(self, null: float) -> float:
        value, se = self.lowest
        return self.unseen[0].quantile(value - null, se)


@frozen(kw_only=True)
class ActiveDifference(ActiveMean):
    """A difference of two such means, second less first; *lowest* and *highest* are of the difference.

    Attributes:
        first: Mean of the first, not brought into the scale.
        second: Of the second.
        families: The lesser number of families with a label.
    """

    first: float
    second: float


@frozen(kw_only=True)
class Queue:
    """Rows of one model, checked: a judge's marks of all, and people's of those that were served.

    Attributes:
        served: One over the probability of a row that was served; else 0.
        weights: That rows have in the mean; they add up to 1.
    """

    judge: Floats
    labels: Floats
    answered: NDArray[np.bool_]
    inclusion: Floats
    served: Floats
    weights: Floats


def queue(
    judge: ArrayLike,
    labels: ArrayLike,
    inclusion: ArrayLike,
    served: ArrayLike | None,
    weights: ArrayLike | None,
    scale: Limits,
) -> Queue:
    """Check the rows of one model; see `active_mean`."""
    f, pi, y = numbers(judge, "judge"), numbers(inclusion, "inclusion"), array(labels, "labels")
    same_length(judge=f, inclusion=pi, labels=y)
    answered = ~np.isnan(y)
    seen = _served(y, pi, answered if served is None else served, scale)
    w = weighted(weights, len(f))
    total = float(w.sum())
    return Queue(judge=f, labels=y, answered=answered, inclusion=pi, served=np.where(seen, 1 / pi, 0.0),
                 weights=w / total if total else w)  # fmt: skip


def active_result(
    queues: Sequence[Queue],
    ends: Sequence[tuple[float, float]],
    lams: Floats,
    *,
    unseen: Sides,
    why: str,
    clusters: int,
    families: int,
    method: str,
    bounds: Limits,
) -> ActiveMean:
    """Put a result together: *ends* are estimate and error as is, at the lowest and at the highest."""
    (value, se), lowest, highest = ends
    se = beyond_rounding(se, max(abs(b) for b in bounds), sum(len(q.served) for q in queues))
    of_labels = np.concatenate(
        [(q.weights * q.served)[q.answered] * len(q.weights) for q in queues]
    )
    served = np.concatenate([q.served for q in queues])
    n = len(served)
    return ActiveMean(
        estimate=math.nan if why else min(bounds[1], max(bounds[0], value)), unclipped=value,
        se=se, df=max(clusters - 1, 1), method=method, n=n, clusters=clusters, undefined=why, bounds=bounds,
        no_interval="" if why or se > 0 or any(one.weight for one in unseen) else "no-variation",
        lam=float(lams.mean()) if n else math.nan, labelled=len(of_labels), families=families,
        effective_n=kish(of_labels) or math.nan, heaviest=float(served.max()) if served.any() else math.nan,
        lowest=lowest, highest=highest, unseen=unseen,
        unanswered=sum(int(((q.served > 0) & ~q.answered).sum()) for q in queues),
    )  # fmt: skip


def theta(one: Queue, lams: Floats, fill: float | None) -> Theta:
    """The estimate, and what each row adds to it; rows without an answer are *fill*, or like the others."""
    served, residual, wrong = _residuals(one, lams, fill)
    judged = one.weights @ (lams * one.judge)
    influence = one.weights * (lams * one.judge - judged) + served * (residual - wrong)
    return float(judged + wrong), np.asarray(influence)


def sides(one: Queue, lams: Floats, code: Ints, scale: Limits, *, known: bool) -> Sides:
    """Give what labels that were not seen could do to the mean, below and above.

    Args:
        one: A queue with labels.
        lams: As of `theta`.
        code: Families of its rows.
        scale: Lowest and highest mark.
        known: Whether anything varies. Else what an even queue has too is not taken off.
    """
    even = (scale[1] - scale[0]) / one.answered.sum() if known else 0.0

    def side(end: float, sign: int) -> Unseen:
        served, residual, wrong = _residuals(one, lams, end)
        room = served * (end - lams * one.judge - wrong)
        return unseen(sign * room, sign * served * (residual - wrong), one.answered, code, even)

    return side(scale[0], -1), side(scale[1], 1)


def _residuals(one: Queue, lams: Floats, fill: float | None) -> tuple[Floats, Floats, float]:
    """Give the share of each row that was served, its label less the judge's mark, and the mean of these."""
    served = one.weights * one.served
    if fill is None:
        served = np.where(one.answered, served, 0.0)
    residual = np.where(one.answered, one.labels, 0.0 if fill is None else fill) - lams * one.judge
    served = served / served.sum()
    return served, residual, float(served @ residual)


def _served(y: Floats, pi: Floats, served: ArrayLike, scale: Limits) -> NDArray[np.bool_]:
    """Give the rows that were served, or refuse a queue that cannot be one."""
    seen = np.asarray(served, dtype=bool)
    if ((pi <= 0) | (pi > 1)).any():
        at = int(np.argmax((pi <= 0) | (pi > 1)))
        msg = (
            f"inclusion[{at}] must be above 0 and at most 1, got {pi[at]:g}: every row has a chance"
        )
        raise ValueError(msg)
    if seen.shape != y.shape:
        msg = f"served must say of each of {len(y)} rows whether it was, got shape {seen.shape}"
        raise ValueError(msg)
    odd = ~np.isnan(y) & ~((y >= scale[0]) & (y <= scale[1]))
    if odd.any():
        at = int(np.argmax(odd))
        msg = f"labels[{at}] is {y[at]:g}, outside {scale[0]:g} to {scale[1]:g}"
        raise ValueError(msg)
    if (~np.isnan(y) & ~seen).any():
        at = int(np.argmax(~np.isnan(y) & ~seen))
        msg = (
            f"row {at} has a label but was not served: a label outside the queue has no probability"
        )
        raise ValueError(msg)
    return seen


def why_not(one: Queue, families: int) -> str:
    """Say why rows of one model give no estimate, where so many families have a label; else empty."""
    if not len(one.judge):
        return "no-observations"
    if not one.answered.any():
        return "no-labels"
    if one.served.max() > HEAVIEST:
        return "weight-above-50"
    return "few-labelled-families" if families < FAMILIES else ""


def fitted(queues: Sequence[Queue], code: Ints) -> Floats:
    """The weight of least variance within [0, 1], for each half of the families from the other.

    Args:
        queues: Of one model, or of both whose difference is estimated.
        code: Families of their rows, one after the other.
    """
    judge, added, products = (
        np.concatenate(columns) for columns in zip(*map(_centred, queues), strict=True)
    )
    half = code % 2
    found = np.zeros(len(code))
    for one in (0, 1):
        other = half != one
        bottom = float((added * judge * judge)[other].sum())
        best = float(products[other].sum()) / bottom if bottom > 0 else 0.0
        found[half == one] = min(1.0, max(0.0, best))
    return found


def _centred(one: Queue) -> tuple[Floats, Floats, Floats]:
    """Give of each row its mark less the mean, what it weighs in the error, and both times its label."""
    added = np.where(one.answered, one.weights**2 * one.served * (1 / one.inclusion - 1), 0.0)
    total = added.sum() or 1.0
    label = np.where(one.answered, one.labels, 0.0)
    judge, known = one.judge - added @ one.judge / total, label - added @ label / total
    return judge, added, added * judge * known
