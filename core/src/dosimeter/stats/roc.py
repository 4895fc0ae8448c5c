"""How well a score tells two classes apart: the area under the ROC curve, with DeLong's error."""

import math
from typing import Literal

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.checks import Floats, Ints, Labels, binary, codes, numbers, same_length
from dosimeter.stats.result import UNIT, Limits, Wald


@frozen(kw_only=True)
class Auroc(Wald):
    """An area under the ROC curve.

    Attributes:
        positives: Rows of class 1.
        negatives: Rows of class 0.
        se_delong: Standard error of the area itself; NaN where a class has one row.
        se_hanley_mcneil: The same by their formula, which takes scores to be exponential.
    """

    positives: int
    negatives: int
    se_delong: float
    se_hanley_mcneil: float
    bounds: Limits = field(default=UNIT, repr=False)


def auroc(
    y: ArrayLike,
    score: ArrayLike,
    cluster: Labels | None = None,
    scale: Literal["logit", "identity"] = "logit",
) -> Auroc:
    """Probability that a positive scores above a negative, ties counting half.

    Args:
        y: 0 or 1.
        score: Higher for what is more likely 1.
        cluster: Family of each row, whose placements are then added up; None takes rows as
            independent.
        scale: Scale of the interval: ``"logit"``, which stays inside (0, 1), or ``"identity"``
            (Wald).

    Returns:
        The area, 0 to 1, .5 for a score that tells nothing; undefined where a class has no rows,
        without an interval for an area of 0 or 1 (no error can be seen) or a class of one row.

    Raises:
        ValueError: For what is neither 0 nor 1, NaN, or unlike lengths.

    References:
        E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44:837; X. Sun, W. Xu
        (2014), IEEE Signal Process. Lett. 21:1389; J. A. Hanley, B. J. McNeil (1982), Radiology
        143:29; N. A. Obuchowski (1997), Biometrics 53:567.

    Examples:
        >>> print(auroc([0, 0, 1, 0, 1, 1, 0, 1], [.1, .4, .35, .8, .65, .9, .2, .7]))
        0.75 [0.2621, 0.962] (n=8, delong-logit 95%)
    """
    true, x = binary(y, "y"), numbers(score, "score")
    same_length(y=true, score=x)
    code, g = codes(np.arange(len(x)) if cluster is None else cluster, len(x))
    pos, neg = int(true.sum()), int(len(true) - true.sum())
    method = "delong-" + ("logit" if scale == "logit" else "wald")
    if not pos or not neg:
        why = "no-observations" if not len(x) else "one-class"
        return Auroc(estimate=math.nan, method=method, n=len(x), clusters=g, undefined=why, se=math.nan,
                     positives=pos, negatives=neg, se_delong=math.nan, se_hanley_mcneil=math.nan)  # fmt: skip
    area, influence = _placements(true == 1, x)
    se = _error(influence, true == 1, code if cluster is not None else None)
    end = area in {0.0, 1.0}
    lone = min(pos, neg) < 2
    no = "perfect-separation" if end else "one-row-of-a-class" if lone else ""
    no = no or ("one-cluster" if g < 2 else "" if se > 0 else "no-variation")
    return Auroc(
        estimate=area, method=method, n=len(x), clusters=g, no_interval=no, link=scale,
        se=se / (area * (1 - area)) if scale == "logit" and not end else se,
        df=math.inf if cluster is None else max(g - 1, 1), positives=pos, negatives=neg, se_delong=se,
        se_hanley_mcneil=_hanley_mcneil(area, pos, neg),
    )  # fmt: skip


def _placements(positive: NDArray[np.bool_], x: Floats) -> tuple[float, Floats]:
    """Give the area and, of each row, its influence: placement less area, over its class's size."""
    whole = _ranks(x)
    pos, neg = int(positive.sum()), int((~positive).sum())
    placed = np.empty(len(x))
    placed[positive] = (whole[positive] - _ranks(x[positive])) / neg
    placed[~positive] = 1 - (whole[~positive] - _ranks(x[~positive])) / pos
    area = float(placed[positive].mean())
    return area, (placed - area) / np.where(positive, pos, neg)


def _ranks(x: Floats) -> Floats:
    """Give mid-ranks, from 1."""
    _, code, times = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(times) - (times - 1) / 2)[code], dtype=float)


def _error(influence: Floats, positive: NDArray[np.bool_], code: Ints | None) -> float:
    """Standard error of a (difference of) areas, DeLong's or by family."""
    pos, neg = int(positive.sum()), int((~positive).sum())
    if code is not None:
        sums = np.bincount(code, weights=influence)
        g = len(sums)
        return math.sqrt(float(sums @ sums) * g / (g - 1)) if g > 1 else math.nan
    if min(pos, neg) < 2:
        return math.nan
    of_pos, of_neg = influence[positive], influence[~positive]
    return math.sqrt(
        float(of_pos @ of_pos) * pos / (pos - 1) + float(of_neg @ of_neg) * neg / (neg - 1)
    )


def _hanley_mcneil(area: float, pos: int, neg: int) -> float:
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    rest = (pos - 1) * (q1 - area**2) + (neg - 1) * (q2 - area**2)
    return math.sqrt(max(0.0, area * (1 - area) + rest) / (pos * neg))


@frozen(kw_only=True)
class AurocDifference(Wald):
    """The difference of two areas on the same rows, second less first.

    Attributes:
        first: Area of the first score.
        second: Of the second.
        z: The difference over its standard error; NaN without one.
    """

    first: float
    second: float
    z: float
    bounds: Limits = field(default=(-1.0, 1.0), repr=False)


def auroc_difference(
    y: ArrayLike, first: ArrayLike, second: ArrayLike, cluster: Labels | None = None
) -> AurocDifference:
    """Compare two scores of the same rows by DeLong's paired test.

    Args:
        y: 0 or 1.
        first: The one score.
        second: The other, in the same order.
        cluster: Family of each row; None takes rows as independent.

    Returns:
        Area of *second* less that of *first*; `p_value()` is DeLong's. Undefined where a class has
        no rows, without an interval for a class of one row, one cluster, or scores of one order.

    Raises:
        ValueError: As `auroc`.

    References:
        E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44:837.

    Examples:
        >>> y, first = [0, 0, 1, 0, 1, 1, 0, 1], [.1, .4, .35, .8, .65, .9, .2, .7]
        >>> print(auroc_difference(y, first, [.2, .1, .5, .7, .6, .8, .3, .9]))
        0.125 [-0.07504, 0.325] (n=8, delong-paired 95%)
    """
    true = binary(y, "y")
    a, b = numbers(first, "first"), numbers(second, "second")
    same_length(y=true, first=a, second=b)
    code, g = codes(np.arange(len(a)) if cluster is None else cluster, len(a))
    positive = true == 1
    common = AurocDifference(estimate=math.nan, method="delong-paired", n=len(a), clusters=g, se=math.nan,
                             first=math.nan, second=math.nan, z=math.nan)  # fmt: skip
    if positive.all() or not positive.any():
        why = "one-class" if len(a) else "no-observations"
        return attrs.evolve(common, undefined=why)
    (area_a, of_a), (area_b, of_b) = _placements(positive, a), _placements(positive, b)
    se = _error(of_b - of_a, positive, code if cluster is not None else None)
    no = "one-cluster" if g < 2 else "one-row-of-a-class" if math.isnan(se) else ""
    no = no or ("" if se > 0 else "no-variation")
    return attrs.evolve(
        common, estimate=area_b - area_a, se=se, no_interval=no, first=area_a, second=area_b,
        df=math.inf if cluster is None else max(g - 1, 1),
        z=(area_b - area_a) / se if se > 0 else math.nan,
    )  # fmt: skip
