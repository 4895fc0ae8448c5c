"""How well a score tells two classes apart: the area under the ROC curve, with DeLong's error."""

import math
from typing import Literal

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.checks import Floats, Ints, Labels, binary, codes, numbers, same_length
from dosimeter.stats.placements import placements
from dosimeter.stats.result import SIGNED, UNIT, Limits, Wald, beyond_rounding


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
        without an interval for an area of 0 or 1 (no error can be seen) or a class of one row or family.

    Raises:
        ValueError: For what is neither 0 nor 1, NaN, or unlike lengths.

    References:
        E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44:837; X. Sun, W. Xu
        (2014), IEEE Signal Process. Lett. 21:1389; J. A. Hanley, B. J. McNeil (1982), Radiology
        143:29; N. A. Obuchowski (1997), Biometrics 53:567.

    Examples:
        A positive scores above a negative three times in four, which eight rows do not tell from
        chance:

        >>> print(auroc([0, 0, 1, 0, 1, 1, 0, 1], [.1, .4, .35, .8, .65, .9, .2, .7]))
        0.75 [0.2621, 0.962] (n=8, delong-logit 95%)
    """
    true, x = binary(y, "y"), numbers(score, "score")
    same_length(y=true, score=x)
    code, g = codes(cluster, len(x))
    pos, neg = int(true.sum()), int(len(true) - true.sum())
    method = "delong-" + ("logit" if scale == "logit" else "wald")
    if not pos or not neg:
        why = "no-observations" if not len(x) else "one-class"
        return Auroc(estimate=math.nan, method=method, n=len(x), clusters=g, undefined=why, se=math.nan,
                     positives=pos, negatives=neg, se_delong=math.nan, se_hanley_mcneil=math.nan)  # fmt: skip
    area, influence = _placed(true == 1, x)
    se, df, no = _error(influence, true == 1, code if cluster is not None else None)
    end = area in {0.0, 1.0}
    return Auroc(
        estimate=area, method=method, n=len(x), clusters=g, link=scale, df=df,
        no_interval="perfect-separation" if end else no,
        se=se / (area * (1 - area)) if scale == "logit" and not end else se, se_delong=se,
        positives=pos, negatives=neg, se_hanley_mcneil=_hanley_mcneil(area, pos, neg),
    )  # fmt: skip


def _placed(positive: NDArray[np.bool_], x: Floats) -> tuple[float, Floats]:
    """Give the area and, of each row, its influence: placement less area, over its class's size."""
    placed = np.empty(len(x))
    placed[positive] = placements(x[positive], x[~positive])
    placed[~positive] = 1 - placements(x[~positive], x[positive])
    area = float(placed[positive].mean())
    return area, (placed - area) / np.where(positive, positive.sum(), (~positive).sum())


def _error(
    influence: Floats, positive: NDArray[np.bool_], code: Ints | None
) -> tuple[float, float, str]:
    """Standard error of a (difference of) areas, degrees of freedom, and why there is no interval.

    DeLong's for rows; for families Obuchowski's: sums of positives and of negatives by family, each
    with a factor G / (G - 1) of its own, and their products, with t on the fewer of both less 1.
    """
    family = np.arange(len(influence)) if code is None else code
    g = int(family.max()) + 1
    a, b = (
        np.bincount(family, weights=influence * kind, minlength=g) for kind in (positive, ~positive)
    )
    of_a, of_b = (len(np.unique(family[kind])) for kind in (positive, ~positive))
    fewest = min(of_a, of_b)
    if fewest < 2:
        return math.nan, 1.0, "one-row-of-a-class" if code is None else "one-cluster"
    own = float(a @ a) * of_a / (of_a - 1) + float(b @ b) * of_b / (of_b - 1)
    se = math.sqrt(max(0.0, own + 2 * float(a @ b) * g / (g - 1)))
    se = beyond_rounding(se, 1, len(influence))
    return se, math.inf if code is None else fewest - 1, "" if se > 0 else "no-variation"


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
    bounds: Limits = field(default=SIGNED, repr=False)


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
        The range is -1 to 1.

    Raises:
        ValueError: As `auroc`.

    References:
        E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44:837.

    Examples:
        The second score is better by an eighth of the pairs, which eight rows do not show:

        >>> y, first = [0, 0, 1, 0, 1, 1, 0, 1], [.1, .4, .35, .8, .65, .9, .2, .7]
        >>> print(auroc_difference(y, first, [.2, .1, .5, .7, .6, .8, .3, .9]))
        0.125 [-0.07504, 0.325] (n=8, delong-paired 95%)
    """
    true = binary(y, "y")
    a, b = numbers(first, "first"), numbers(second, "second")
    same_length(y=true, first=a, second=b)
    code, g = codes(cluster, len(a))
    positive = true == 1
    common = AurocDifference(estimate=math.nan, method="delong-paired", n=len(a), clusters=g, se=math.nan,
                             first=math.nan, second=math.nan, z=math.nan)  # fmt: skip
    if positive.all() or not positive.any():
        why = "one-class" if len(a) else "no-observations"
        return attrs.evolve(common, undefined=why)
    (area_a, of_a), (area_b, of_b) = _placed(positive, a), _placed(positive, b)
    se, df, no = _error(of_b - of_a, positive, code if cluster is not None else None)
    return attrs.evolve(
        common, estimate=area_b - area_a, se=se, df=df, no_interval=no, first=area_a, second=area_b,
        z=(area_b - area_a) / se if se > 0 else math.nan,
    )  # fmt: skip
