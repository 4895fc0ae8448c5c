"""Agreement corrected for chance: the kappas of Cohen and Fleiss, and Gwet's AC."""

import math
from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Ints, Labels, array, codes, squarable
from dosimeter.stats.ratings import (
    Categories,
    Ratings,
    ratings_table,
    scale,
    unit_counts,
    why_no_pairs,
)
from dosimeter.stats.result import SIGNED, Limits, Wald

Weights = Literal[
    "identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"
]
"""How much of an agreement two levels are."""
NOISE = 1e-12
"""What rounding may leave of a zero."""


@frozen(kw_only=True)
class Kappa(Wald):
    """Agreement beyond chance, as a share of what chance leaves room for.

    Attributes:
        observed: Weighted agreement.
        expected: What chance would give.
    """

    observed: float
    expected: float
    bounds: Limits = field(default=SIGNED, repr=False)


def agreement_weights(kind: Weights, levels: ArrayLike) -> Floats:
    """Give the weights of all pairs of levels: 1 for the same, less for those further apart.

    Args:
        kind: Name of the weights.
        levels: The levels of the scale; ordinal weights take their ranks, all others their values.

    Returns:
        Shape (q, q).

    Raises:
        ValueError: For an unknown kind, or ratio weights with levels below 0.

    References:
        K. L. Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., appendix B.

    Examples:
        Two levels apart on a scale of five is three quarters of an agreement, or half of one:

        >>> [float(agreement_weights(kind, [1, 2, 3, 4, 5])[0, 2]) for kind in ("quadratic", "linear")]
        [0.75, 0.5]
    """
    c = np.unique(squarable(levels, "levels"))
    if kind not in DISTANCES:
        msg = f"weights must be one of {', '.join(DISTANCES)}, got {kind!r}"
        raise ValueError(msg)
    if kind == "ratio" and (c < 0).any():
        msg = f"ratio weights take levels of at least 0, got {c.min():g}"
        raise ValueError(msg)
    if len(c) < 2:
        return np.ones((len(c), len(c)))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = DISTANCES[kind](c)
    np.fill_diagonal(apart, 0.0)
    return np.asarray(1 - apart / apart.max())


def _ranks_apart(c: Floats) -> Floats:
    r = np.arange(len(c))
    steps = np.abs(r[:, None] - r) + 1.0
    return np.asarray(steps * (steps - 1) / 2)


def _bipolar(c: Floats) -> Floats:
    both = c[:, None] + c
    return np.asarray((c[:, None] - c) ** 2 / ((both - 2 * c[0]) * (2 * c[-1] - both)))


DISTANCES = {
    "identity": lambda c: (c[:, None] != c).astype(float),
    "linear": lambda c: np.abs(c[:, None] - c),
    "quadratic": lambda c: (c[:, None] - c) ** 2,
    "ordinal": _ranks_apart,
    "radical": lambda c: np.sqrt(np.abs(c[:, None] - c)),
    "ratio": lambda c: ((c[:, None] - c) / (c[:, None] + c)) ** 2,
    "circular": lambda c: np.sin(np.pi * (c[:, None] - c) / (c[-1] - c[0] + 1)) ** 2,
    "bipolar": _bipolar,
}
"""How far levels are apart, up to a factor, by the kind of weights."""


def cohen_kappa(table: ArrayLike, weights: Weights = "identity") -> Kappa:
    """Cohen's kappa of two raters, from their cross table.

    Args:
        table: Units at each level of the first rater (rows) and of the second (columns), the levels
            in the order of the scale.
        weights: ``"identity"`` for names; ``"linear"`` or ``"quadratic"`` for levels one apart, and
            the others of `agreement_weights`.

    Returns:
        Kappa, -1 to 1, with the large-sample standard error; undefined where both raters give one
        and the same level only, without an interval where they agree on everything.

    Raises:
        ValueError: For a table that is not square, or holds what is no count.

    References:
        J. Cohen (1960), Educ. Psychol. Meas. 20:37; J. L. Fleiss, J. Cohen, B. S. Everitt (1969),
        Psychol. Bull. 72:323.

    Examples:
        The paradox of prevalence: 94 % agreement, and a kappa that says worse than chance, for one
        level is rare:

        >>> print(cohen_kappa([[118, 5], [2, 0]]))
        -0.02339 [-0.04747, 0.0006898] (n=125, fleiss-cohen-everitt 95%)
    """
    cells = _cross_table(table)
    n = float(cells.sum())
    w = agreement_weights(weights, np.arange(1, len(cells) + 1))
    if n == 0:
        return _undefined("no-observations", "fleiss-cohen-everitt", 0, 0)
    p = cells / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    po, pe = float((w * p).sum()), float(rows @ w @ columns)
    if 1 - pe < NOISE:
        return _undefined("no-variation", "fleiss-cohen-everitt", int(n), 0, po, pe)
    mean_w = (w @ columns)[:, None] + (rows @ w)[None, :]
    squares = float((p * (w * (1 - pe) - mean_w * (1 - po)) ** 2).sum())
    variance = max(0.0, squares - (po * pe - 2 * pe + po) ** 2) / (n * (1 - pe) ** 4)
    return _kappa(po, pe, math.sqrt(variance), "fleiss-cohen-everitt", int(n), 0, math.inf)


def _cross_table(table: ArrayLike) -> Floats:
    cells = array(table, "table")
    cells = cells if cells.size else np.empty((0, 0))
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        msg = f"a cross table has a row and a column for each level, got shape {cells.shape}"
        raise ValueError(msg)
    return _counted(cells, "table")


def _counted(cells: Floats, name: str) -> Floats:
    good = (cells >= 0) & (cells == np.floor(cells)) & np.isfinite(cells)
    if not good.all():
        i, j = np.argwhere(~good)[0]
        msg = f"{name}[{i}][{j}] must be a whole number of at least 0, got {cells[i, j]:g}"
        raise ValueError(msg)
    return cells


def cross_table(first: ArrayLike, second: ArrayLike, categories: Categories = "observed") -> Floats:
    """Count the pairs of marks of two raters; a unit that one of them did not rate is left out.

    Args:
        first: Marks of the one, NaN where missing.
        second: Of the other, in the same order.
        categories: The levels of the scale, or ``"observed"``.

    Returns:
        Shape (q, q): the first rater's level by row, the second's by column.

    Raises:
        ValueError: For unlike lengths or a mark off the scale.

    References:
        J. Cohen (1960), Educ. Psychol. Meas. 20:37.

    Examples:
        Raters agree on three of four units; of the other, the first says 2 and the second 3:

        >>> cross_table([1, 2, 2, 3], [1, 2, 3, 3])
        array([[1., 0., 0.],
               [0., 1., 1.],
               [0., 0., 1.]])
    """
    a, b = array(first, "first"), array(second, "second")
    if a.ndim != 1 or a.shape != b.shape:
        msg = f"two raters mark the same units, got shapes {a.shape} and {b.shape}"
        raise ValueError(msg)
    both = ratings_table(np.stack([a, b], axis=1)) if len(a) else np.empty((0, 2))
    levels = scale(both, categories)
    kept = both[~np.isnan(both).any(axis=1)]
    q = len(levels)
    code = np.searchsorted(levels, kept[:, 0]) * q + np.searchsorted(levels, kept[:, 1])
    return np.bincount(code, minlength=q * q).reshape(q, q).astype(float)


def fleiss_kappa_counts(counts: ArrayLike, weights: Weights = "identity") -> Kappa:
    """Fleiss' kappa from the number of ratings of each unit at each level.

    Args:
        counts: Shape (units, levels); units may have unlike numbers of ratings.
        weights: See `agreement_weights`; levels are one apart.

    Returns:
        Kappa, -1 to 1, as `fleiss_kappa`.

    Raises:
        ValueError: For what are no counts.

    References:
        J. L. Fleiss (1971), Psychol. Bull. 76:378.

    Examples:
        Agreement is 71 % of what chance leaves open, but seven units do not rule out 25 %:

        >>> print(fleiss_kappa_counts([[4, 0], [0, 4], [3, 1], [4, 0], [1, 3], [4, 0], [0, 4]]))
        0.7083 [0.2493, 1] (n=7, fleiss-t 95%)
    """
    table = array(counts, "counts")
    table = table if table.size else np.empty((0, 0))
    if table.ndim != 2:
        msg = f"counts must have one row a unit and one column a level, got shape {table.shape}"
        raise ValueError(msg)
    w = agreement_weights(weights, np.arange(1, table.shape[1] + 1))
    counted = _counted(table, "counts")
    return _many(counted, w, "fleiss-t", "no-overlap", np.arange(len(counted)))


def fleiss_kappa(
    ratings: Ratings, weights: Weights = "identity", categories: Categories = "observed",
    cluster: Labels | None = None,
) -> Kappa:  # fmt: skip
    """Fleiss' kappa, generalised to missing ratings and weights.

    Args:
        ratings: Shape (units, raters); None or NaN where missing.
        weights: See `agreement_weights`.
        categories: The levels of the scale, or ``"observed"``.
        cluster: As `gwet_ac` takes it.

    Returns:
        Kappa, -1 to 1, with t as `gwet_ac` has it; undefined where no unit has two ratings or all
        are equal, without an interval for one unit or where all agree. Units without a rating are
        left out; those with one tell how common levels are.

    Raises:
        ValueError: For a mark off the scale.

    References:
        K. L. Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., 2.4 and 5.

    Examples:
        Agreement is 78 % of what chance leaves open, but six units do not rule out 21 %:

        >>> print(fleiss_kappa([[1, 1, 1], [0, 0, None], [1, 1, 0], [0, 0, 0], [0, 0, 0], [1, None, 1]]))
        0.775 [0.2058, 1] (n=6, fleiss-t 95%)
    """
    return _from_ratings(ratings, weights, categories, "fleiss-t", cluster)


def gwet_ac(
    ratings: Ratings, weights: Weights = "identity", categories: Categories = "observed",
    cluster: Labels | None = None,
) -> Kappa:  # fmt: skip
    """Gwet's AC1 (identity weights) or AC2 (others): agreement that a rare level does not upset.

    Args:
        ratings: Shape (units, raters); None or NaN where missing.
        weights: See `agreement_weights`.
        categories: The levels of the scale. A level that nobody used counts: declare them, for with
            ``"observed"`` the coefficient depends on the sample.
        cluster: Label of the cluster of each unit, such as the family that it replies to; None takes
            units as independent.

    Returns:
        AC, -1 to 1, with t on the units less 1, or the clusters less 1 and what units add summed by
        cluster (CR1); undefined where no unit has two ratings or the scale has one level, without an
        interval for one unit or cluster, or where all agree.

    Raises:
        ValueError: For a mark off the scale.

    References:
        K. L. Gwet (2008), Br. J. Math. Stat. Psychol. 61:29; (2014), Handbook of Inter-Rater
        Reliability, 4th ed.

    Examples:
        Where kappa is below 0 for want of the second level, agreement is what it looks like:

        >>> pairs = [[0, 0]] * 118 + [[0, 1]] * 5 + [[1, 0]] * 2
        >>> print(gwet_ac(pairs, categories=[0, 1]))
        0.9408 [0.8951, 0.9864] (n=125, gwet-t 95%)
    """
    return _from_ratings(ratings, weights, categories, "gwet-t", cluster)


def _from_ratings(
    ratings: Ratings, weights: Weights, categories: Categories, method: str, cluster: Labels | None
) -> Kappa:
    table = ratings_table(ratings)
    levels = scale(table, categories)
    w = agreement_weights(weights, levels)
    code, _ = codes(cluster, len(table))
    return _many(unit_counts(table, levels), w, method, why_no_pairs(table), code)


def _many(counts: Floats, w: Floats, method: str, no_pairs: str, code: Ints) -> Kappa:
    """Give the coefficient of any number of raters, after Gwet."""
    rated = counts.sum(axis=1) > 0
    out = int((~rated).sum())
    counts = counts[rated]
    n, q = counts.shape
    r = counts.sum(axis=1)
    pairs = r > 1
    if not pairs.any():
        return _undefined(no_pairs if n else "no-observations", method, n, out)
    if q < 2 and method.startswith("gwet"):
        return _undefined("one-level", method, n, out)
    agreeing = (counts * (counts @ w - 1)).sum(axis=1) / np.where(pairs, r * (r - 1), 1.0)
    pa = float(agreeing.sum() / pairs.sum())
    common = (counts / r[:, None]).mean(axis=0)
    if method.startswith("gwet"):
        factor = float(w.sum()) / (q * (q - 1))
        pe, by_unit = factor * float(common @ (1 - common)), factor * (counts @ (1 - common)) / r
    else:
        pe, by_unit = float(common @ w @ common), (counts @ (w @ common)) / r
    if 1 - pe < NOISE:
        return _undefined("no-variation", method, n, out, pa, pe)
    value = (pa - pe) / (1 - pe)
    of_unit = n / pairs.sum() * (agreeing - pe * pairs) / (1 - pe)
    of_unit = of_unit - 2 * (1 - value) * (by_unit - pe) / (1 - pe)
    groups, code = np.unique(code[rated], return_inverse=True)
    g = len(groups)
    sums = np.bincount(code, weights=of_unit - value)
    variance = float((sums**2).sum()) * g / (g - 1) / n**2 if g > 1 else math.nan
    return _kappa(pa, pe, math.sqrt(variance), method, n, out, g - 1)


def _kappa(po: float, pe: float, se: float, method: str, n: int, left_out: int, df: float) -> Kappa:
    perfect = po > 1 - NOISE
    se = 0.0 if perfect or se < NOISE else se
    no = "one-unit" if math.isnan(se) else "perfect-agreement" if perfect else ""
    no = no or ("" if se else "no-variation")
    value = (po - pe) / (1 - pe)
    return Kappa(
        estimate=value, method=method, n=n, clusters=n if math.isinf(df) else int(df) + 1,
        left_out=left_out, no_interval=no, se=se, df=df, observed=po, expected=pe,
        bounds=(min(-1.0, value), 1.0),
    )  # fmt: skip


def _undefined(
    why: str, method: str, n: int, left_out: int, po: float = math.nan, pe: float = math.nan
) -> Kappa:
    return Kappa(estimate=math.nan, method=method, n=n, clusters=n, left_out=left_out,
                 undefined=why, se=math.nan, observed=po, expected=pe)  # fmt: skip
