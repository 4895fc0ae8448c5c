"""Estimates from a review queue that was drawn with known probabilities."""

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.checks import Floats, Ints, Labels, codes, numbers, same_length
from dosimeter.stats.influence import cr1, kish
from dosimeter.stats.result import UNIT, Limits, Wald, t_quantile

HEAVIEST = 50.0
"""Weight of one label above which it alone decides the estimate."""
FAMILIES = 30
"""Families with a label below which there is no estimate."""


@frozen(kw_only=True)
class ActiveMean(Wald):
    """A mean from labels that were sought where they tell most, each weighted by its probability.

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
    bounds: Limits = field(default=UNIT, repr=False)

    def limits(self, level: float) -> Limits:
        """Give t limits that hold whatever the unanswered rows are."""
        t = t_quantile(level, self.df)
        low = self.lowest[0] - t * self.lowest[1]
        high = self.highest[0] + t * self.highest[1]
        return max(self.bounds[0], low), min(self.bounds[1], high)


def active_mean(
    judge: ArrayLike,
    labels: ArrayLike,
    inclusion: ArrayLike,
    cluster: Labels | None = None,
    *,
    served: ArrayLike | None = None,
    lam: float | None = None,
    scale: Limits = UNIT,
) -> ActiveMean:
    """Mean of what a person would say, from a review queue that is a probability sample.

    theta = (1/N) sum[lam f + (xi/pi)(Y - lam f)], xi being 1 for the rows that were served and pi the
    probability that they would be. Without these weights a queue of suspects measures the queue.

    Args:
        judge: The judge's mark of every row of the run, f.
        labels: A person's mark of each, within *scale*; NaN where there is none.
        inclusion: Probability with which each row was to be served, above 0, at most 1, for all rows.
        cluster: Family of each row; None takes rows as independent.
        served: Whether each row was served; None takes those with a label. A row that was served and
            has no label is unanswered ("cannot tell"): the estimate assumes that it would be like the
            others, the interval holds if it is not.
        lam: Weight of the judge's marks, fixed before labels were seen; None fits it in each half of
            the families for the other.
        scale: Lowest and highest mark.

    Returns:
        The mean, with t_{G-1} on family sums of influence values; undefined without rows or labels,
        where a weight exceeds 50, or where fewer than 30 families have a label.

    Raises:
        ValueError: For unlike lengths, probabilities outside (0, 1], labels off the scale, or a label
            of a row that was not served.

    References:
        T. Zrnic, E. J. Candes (2024), arXiv:2403.03208; L. Kish (1965), Survey Sampling.

    Examples:
        Suspects are all read, of the others a quarter; the weights bring the others back:

        >>> judge = [1.0] * 40 + [0.0] * 160
        >>> read = [True] * 40 + [True, False, False, False] * 40
        >>> truth = [1.0] * 30 + [0.0] * 10 + [1.0] * 8 + [0.0] * 152
        >>> labels = [y if seen else None for y, seen in zip(truth, read)]
        >>> print(active_mean(judge, labels, [1.0] * 40 + [.25] * 160))
        0.19 [0.1168, 0.2632] (n=200, active-t 95%)
    """
    f, pi, y = numbers(judge, "judge"), numbers(inclusion, "inclusion"), np.asarray(labels, float)
    same_length(judge=f, inclusion=pi, labels=y)
    n = len(f)
    answered = ~np.isnan(y)
    seen = _served(y, pi, answered if served is None else served, scale)
    code, g = codes(cluster, n)
    weight = np.where(seen, 1 / pi, 0.0)
    of_labels = weight[answered]
    families = len(np.unique(code[answered]))
    heaviest = float(weight.max()) if seen.any() else math.nan
    why = _why(n, len(of_labels), heaviest, families)
    mean = lowest = highest = (math.nan,) * 2
    lams = np.full(n, math.nan)
    if not why:
        lams = _fitted(f, y, pi, weight, code) if lam is None else np.full(n, float(lam))
        mean, lowest, highest = _three(f, y, weight, lams, code, scale)
    return ActiveMean(
        estimate=math.nan if why else min(scale[1], max(scale[0], mean[0])), unclipped=mean[0],
        se=mean[1], df=max(g - 1, 1), method="active-t", n=n, clusters=g, undefined=why, bounds=scale,
        no_interval="" if why or mean[1] > 0 else "no-variation",
        lam=float(lams.mean()) if n else math.nan, labelled=len(of_labels), families=families,
        effective_n=kish(of_labels) or math.nan, heaviest=heaviest, lowest=lowest, highest=highest,
        unanswered=int((seen & ~answered).sum()),
    )  # fmt: skip


def _three(
    f: Floats, y: Floats, weight: Floats, lams: Floats, code: Ints, scale: Limits
) -> list[tuple[float, float]]:
    """The estimate, and those with all unanswered rows at the bottom and at the top."""
    answered = ~np.isnan(y)
    # Those who could not tell are taken to be like those who could.
    grown = np.where(answered, weight * (weight.sum() / weight[answered].sum()), 0.0)
    return [_theta(f, np.where(answered, y, 0.0), grown, lams, code)] + [
        _theta(f, np.where(answered, y, end), weight, lams, code) for end in scale
    ]


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


def _why(n: int, labelled: int, heaviest: float, families: int) -> str:
    if not n:
        return "no-observations"
    if not labelled:
        return "no-labels"
    if heaviest > HEAVIEST:
        return "weight-above-50"
    return "few-labelled-families" if families < FAMILIES else ""


def _theta(f: Floats, y: Floats, weight: Floats, lams: Floats, code: Ints) -> tuple[float, float]:
    """The estimate and its standard error by family."""
    each = lams * f + weight * (y - lams * f)
    theta = float(each.mean())
    return theta, math.sqrt(cr1((each - theta) / len(f), code, int(code.max()) + 1))


def _fitted(f: Floats, y: Floats, pi: Floats, weight: Floats, code: Ints) -> Floats:
    """The weight of least variance within [0, 1], for each half of the families from the other."""
    half = code % 2
    extra = weight * (1 / pi - 1)  # expected to be the variance that a row's label adds
    known = np.where(np.isnan(y), 0.0, y)
    there = ~np.isnan(y)
    found = np.zeros(len(f))
    for one in (0, 1):
        other = (half != one) & there
        bottom = float((extra * f * f)[other].sum())
        best = float((extra * known * f)[other].sum()) / bottom if bottom > 0 else 0.0
        found[half == one] = min(1.0, max(0.0, best))
    return found
