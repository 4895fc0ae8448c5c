"""Estimates from a review queue that was drawn with known probabilities."""

import math
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Ints, Labels, codes
from dosimeter.stats.influence import cr1
from dosimeter.stats.queues import (
    ActiveDifference,
    ActiveMean,
    Queue,
    Theta,
    active_result,
    fitted,
    queue,
    sides,
    theta,
    why_not,
)
from dosimeter.stats.result import UNIT, Limits
from dosimeter.stats.unseen import NOTHING, Unseen

Pair = tuple[ArrayLike, ArrayLike]
"""Of the first model and of the second."""

EVENTS = 10


def active_mean(
    judge: ArrayLike,
    labels: ArrayLike,
    inclusion: ArrayLike,
    cluster: Labels | None = None,
    *,
    served: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    lam: float | None = None,
    scale: Limits = UNIT,
) -> ActiveMean:
    """Mean of what a person would say, from a review queue that is a probability sample.

    theta = mean(lam f) + sum[(xi/pi)(Y - lam f)] / sum[xi/pi], xi being 1 for the rows that were served
    and pi the probability that they would be. Without these weights a queue of suspects measures the
    queue; that they are divided by their sum, and not by N, takes out of the error how many rows chance
    served (Hajek).

    Args:
        judge: The judge's mark of every row of the run, f.
        labels: A person's mark of each, within *scale*; NaN where there is none.
        inclusion: Probability with which each row was to be served, above 0, at most 1, for all rows.
        cluster: Family of each row; None takes rows as independent.
        served: Whether each row was served; None takes those with a label. A row that was served and
            has no label is unanswered ("cannot tell"): the estimate assumes that it would be like the
            others, the interval holds if it is not.
        weights: What each row counts in the mean, such as one over the rows of its family; None takes
            rows alike.
        lam: Weight of the judge's marks, fixed before labels were seen; None fits it in each half of
            the families for the other.
        scale: Lowest and highest mark.

    Returns:
        The mean, with t_{G-1} on family sums of influence values, and farther limits where heavy labels
        may not have shown errors (`ActiveMean.unseen`); undefined without rows or labels, where a weight
        exceeds 50, or where fewer than 30 families have a label. It is on the scale of
        the labels (`ActiveMean`).

    Raises:
        ValueError: For unlike lengths, probabilities outside (0, 1], labels off the scale, a label of a
            row that was not served, or negative weights.

    References:
        T. Zrnic, E. J. Candes (2024), arXiv:2403.03208; J. Hajek (1971), in Foundations of Statistical
        Inference; L. Kish (1965), Survey Sampling; L. Barker (2002), Am. Stat. 56:85.

    Examples:
        Suspects are all read, of the others a quarter; the weights bring the others back:

        >>> judge = [1.0] * 40 + [0.0] * 160
        >>> read = [True] * 40 + [True, False, False, False] * 40
        >>> truth = [1.0] * 30 + [0.0] * 10 + [1.0] * 8 + [0.0] * 152
        >>> labels = [y if seen else None for y, seen in zip(truth, read)]
        >>> print(active_mean(judge, labels, [1.0] * 40 + [.25] * 160))
        0.19 [0.1116, 0.2851] (n=200, active-t 95%)
    """
    one = queue(judge, labels, inclusion, served, weights, scale)
    code, g = codes(cluster, len(one.judge))
    families = len(np.unique(code[one.answered]))
    why = why_not(one, families)
    lams = np.full(len(one.judge), math.nan)
    ends, unseen = [(math.nan, math.nan)] * 3, (NOTHING, NOTHING)
    if not why:
        lams = fitted([one], code) if lam is None else np.full(len(one.judge), float(lam))
        ends = [_with_error(theta(one, lams, fill), code, g) for fill in (None, *scale)]
        unseen = sides(one, lams, code, scale, known=ends[0][1] > 0)
    return active_result([one], ends, lams, unseen=unseen, why=why, clusters=g, families=families,
                         method="active-t", bounds=scale)  # fmt: skip


def _unseen(
    both: tuple[Queue, ...], lams: Floats, code: Ints, scale: Limits, *, known: bool
) -> tuple[Unseen, Unseen]:
    """Give what errors that were not seen could do to a difference: what lowers it, and what raises it."""
    mine = np.arange(len(code)) < len(both[0].judge)
    (down, up), (lower, higher) = (
        sides(q, lams[of], code[of], scale, known=known)
        for of, q in zip((mine, ~mine), both, strict=True)
    )
    return lower.with_other(up), higher.with_other(down)


def active_difference(
    judge: Pair,
    labels: Pair,
    inclusion: Pair,
    cluster: Pair,
    *,
    served: Pair | None = None,
    weights: Pair | None = None,
    lam: float | None = None,
    scale: Limits = UNIT,
) -> ActiveDifference:
    """Difference of two models, second less first, from review queues of both.

    Each mean is that of `active_mean`; families of both are one cluster, so what they have in common
    cancels. A judge who errs more on one of the models is corrected too. Which replies of the one are
    read need not be those of the other.

    Args:
        judge: The judge's marks of all replies of the first model, and of the second.
        labels: A person's marks of each; NaN where there is none.
        inclusion: Probability with which each was to be served.
        cluster: Family of each; those of one name are one family.
        served: Whether each was served; see `active_mean`.
        weights: What each counts in the mean of its model.
        lam: Weight of the judge's marks, of both models; None fits it in each half of the families for
            the other.
        scale: Lowest and highest mark.

    Returns:
        The difference, with t on families; undefined as `active_mean` is, for either model. With
        fewer than 10 labels of the rarer kind of a model t does not hold, and with fewer than 10
        errors of the judge only at a *lam* of 0. It is in units of the labels' scale
        (`ActiveDifference`).

    Raises:
        ValueError: As `active_mean`.

    References:
        T. Zrnic, E. J. Candes (2024), arXiv:2403.03208; A. N. Angelopoulos, J. C. Duchi, T. Zrnic
        (2023), arXiv:2311.01453, of paired differences.

    Examples:
        The judge sees twice as many on the second model; a person who reads half of the replies sees
        half as many more:

        >>> judge = [1.0] * 40 + [0.0] * 160, [1.0] * 80 + [0.0] * 120
        >>> truth = [1.0] * 40 + [0.0] * 160, [1.0] * 60 + [0.0] * 140
        >>> labels = [[y if i % 4 < 2 else None for i, y in enumerate(one)] for one in truth]
        >>> half, family = [.5] * 200, range(200)
        >>> print(active_difference(judge, labels, (half, half), (family, family)))
        0.1 [0.0439, 0.1569] (n=400, clusters=200, active-difference-t 95%)
    """
    none = None, None
    told = zip(judge, labels, inclusion, served or none, weights or none, strict=True)
    both = first, second = tuple(queue(f, y, pi, at, w, scale) for f, y, pi, at, w in told)
    code, g = _families(cluster, both)
    mine = np.arange(len(code)) < len(first.judge)
    families = [len(np.unique(code[of][q.answered])) for of, q in ((mine, first), (~mine, second))]
    why = next(filter(None, map(why_not, both, families)), "")
    lams = np.full(len(code), math.nan)
    ends = [(math.nan, math.nan)] * 3
    means, unseen = ends[0], (NOTHING, NOTHING)
    if not why:
        lams = fitted(both, code) if lam is None else np.full(len(code), float(lam))
        ends = [
            _apart(theta(second, lams[~mine], up), theta(first, lams[mine], down), code, g)
            for up, down in ((None, None), scale, scale[::-1])
        ]
        means = theta(first, lams[mine], None)[0], theta(second, lams[~mine], None)[0]
        unseen = _unseen(both, lams, code, scale, known=ends[0][1] > 0)
    span = scale[1] - scale[0]
    made = active_result(both, ends, lams, unseen=unseen, why=why, clusters=g, families=min(families),
                         method="active-difference-t", bounds=(-span, span))  # fmt: skip
    return ActiveDifference(**attrs.asdict(made, recurse=False), first=means[0], second=means[1])


def _families(cluster: Pair, both: Sequence[Queue]) -> tuple[Ints, int]:
    """Number the families of both models together, and count them."""
    for labels, one in zip(cluster, both, strict=True):
        codes(labels, len(one.judge))
    every = np.concatenate([np.asarray(labels) for labels in cluster])
    return codes(every, len(every))


def _with_error(one: Theta, code: Ints, clusters: int) -> tuple[float, float]:
    value, influence = one
    return value, math.sqrt(cr1(influence, code, clusters))


def _apart(second: Theta, first: Theta, code: Ints, clusters: int) -> tuple[float, float]:
    """Second less first, with its error by families of both; rows of the first come first."""
    return _with_error(
        (second[0] - first[0], np.concatenate([-first[1], second[1]])), code, clusters
    )
