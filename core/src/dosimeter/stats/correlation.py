"""Intraclass correlations of raters, with the limits of McGraw and Wong."""

import math

import numpy as np
from attrs import field, frozen

from dosimeter.stats.ratings import Ratings, ratings_table
from dosimeter.stats.result import Limits, Result, f_quantile

AT_MOST_ONE: Limits = (-math.inf, 1.0)
"""Bounds of an intraclass correlation."""
NOISE = 1e-12
"""What rounding may leave of a zero, as a share."""


@frozen(kw_only=True)
class Intraclass(Result):
    """An intraclass correlation with limits from Fisher's F.

    Attributes:
        raters: Columns, k.
        msb: Mean square between units.
        msj: Between raters.
        mse: Of the residual; for ICC(1) within units, raters included.
        average: Whether it is of the mean of *k* raters, not of one.
    """

    raters: int
    msb: float
    msj: float
    mse: float
    average: bool
    bounds: Limits = field(default=AT_MOST_ONE, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits of McGraw and Wong (1996)."""
        k = self.raters
        if self.method == "icc2":
            low, high = _agreement_limits(self, level)
        else:
            f, df1 = self.msb / self.mse, self.n - 1
            df2 = self.n * (k - 1) if self.method == "icc1" else (self.n - 1) * (k - 1)
            tail = 0.5 + level / 2
            below, above = f / f_quantile(tail, df1, df2), f * f_quantile(tail, df2, df1)
            low, high = ((x - 1) / (x + k - 1) for x in (below, above))
        return (_stepped_up(low, k), _stepped_up(high, k)) if self.average else (low, high)


def _stepped_up(single: float, k: int) -> float:
    """Reliability of the mean of *k* raters, after Spearman and Brown."""
    return _ratio(k * single, 1 + (k - 1) * single)


def _agreement_limits(found: Intraclass, level: float) -> Limits:
    """Limits of ICC(2,1), with Satterthwaite's degrees of freedom."""
    n, k, msb, msj, mse = found.n, found.raters, found.msb, found.msj, found.mse
    single = _absolute(n, k, msb, msj, mse)
    rest = n * (1 + (k - 1) * single) - k * single
    ratio = k * single * msj / mse
    v = _ratio((k - 1) * (n - 1) * (ratio + rest) ** 2, (n - 1) * ratio**2 + rest**2)
    tail = 0.5 + level / 2
    above, below = f_quantile(tail, n - 1, v), f_quantile(tail, v, n - 1)
    whole = k * msj + (k * n - k - n) * mse
    return (_ratio(n * (msb - above * mse), above * whole + n * msb),
            _ratio(n * (below * msb - mse), whole + n * below * msb))  # fmt: skip


def _absolute(n: int, k: int, msb: float, msj: float, mse: float) -> float:
    return _ratio(msb - mse, msb + (k - 1) * mse + k * (msj - mse) / n)


@frozen
class IntraclassTable:
    """The six intraclass correlations of Shrout and Fleiss.

    Attributes:
        icc1: Of one rating, raters drawn anew for each unit.
        icc2: Of one rating by a rater drawn from many, absolute agreement.
        icc3: Of one rating by one of these raters, consistency.
        icc1k: Of the mean of the raters, as `icc1`.
        icc2k: As `icc2`.
        icc3k: As `icc3`; Cronbach's alpha.
    """

    icc1: Intraclass
    icc2: Intraclass
    icc3: Intraclass
    icc1k: Intraclass
    icc2k: Intraclass
    icc3k: Intraclass

    def __str__(self) -> str:
        return f"agreement {self.icc2}; consistency {self.icc3}"


def icc(ratings: Ratings) -> IntraclassTable:
    """Intraclass correlations of a complete table of graded ratings.

    Args:
        ratings: Shape (units, raters); units with a missing rating are left out.

    Returns:
        ICC(1), (2), (3) of one rating and of the mean of *k*. Below 0 where units differ less than
        ratings of one unit. Undefined for fewer than two raters or complete units, or where nothing
        varies; without an interval where all agree. Each is at most 1 (`IntraclassTable`).

    Raises:
        ValueError: For no table of numbers.

    References:
        P. E. Shrout, J. L. Fleiss (1979), Psychol. Bull. 86:420; K. O. McGraw, S. P. Wong (1996),
        Psychol. Methods 1:30.

    Examples:
        Raters who rank alike but use the scale differently: consistent, not in agreement.

        >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
        >>> print(icc(table).icc2, icc(table).icc3, sep=" but ")
        0.2898 [0.01879, 0.7611] (n=6, icc2 95%) but 0.7148 [0.3425, 0.9459] (n=6, icc3 95%)
    """
    table = ratings_table(ratings)
    complete = table[~np.isnan(table).any(axis=1)]
    n, k = complete.shape
    out = len(table) - n
    why = "no-observations" if not n else "one-rater" if k < 2 else "one-unit" if n < 2 else ""
    if not why and np.ptp(complete) == 0:
        why = "no-variation"
    if why:
        return _six({}, why, "", n, k, out, (math.nan,) * 4)
    by_unit, by_rater, whole = complete.mean(axis=1), complete.mean(axis=0), complete.mean()
    ssb, ssj = k * float(((by_unit - whole) ** 2).sum()), n * float(((by_rater - whole) ** 2).sum())
    residual = complete - by_unit[:, None] - by_rater + whole
    sse = float((residual**2).sum())
    msb, msj, mse = ssb / (n - 1), ssj / (k - 1), sse / ((n - 1) * (k - 1))
    msw = (ssj + sse) / (n * (k - 1))
    flat = (complete == complete[:, :1]).all()
    single = {
        "icc1": (msb - msw) / (msb + (k - 1) * msw),
        "icc2": _absolute(n, k, msb, msj, mse),
        "icc3": _ratio(msb - mse, msb + (k - 1) * mse),
    }
    no = "perfect-agreement" if flat else ""
    return _six(single, "", no, n, k, out, (msb, msj, mse, msw))


def _ratio(top: float, bottom: float) -> float:
    """A ratio; NaN where there is nothing to divide by."""
    return top / bottom if bottom else math.nan


def _six(
    single: dict[str, float],
    why: str,
    no: str,
    n: int,
    k: int,
    out: int,
    squares: tuple[float, ...],
) -> IntraclassTable:
    """Make the six records out of the three correlations of single ratings."""
    msb, msj, mse, msw = squares

    def one(name: str, average: bool) -> Intraclass:
        within = msw if name == "icc1" else mse
        value = single.get(name, math.nan)
        value = _mean_of(name, value, k, msb, within) if average else value
        lacking = why or ("no-variation" if math.isnan(value) else "")
        exact = no or ("no-residual" if within <= NOISE * msb else "")
        return Intraclass(
            estimate=value, method=name, n=n, clusters=n,
            left_out=out, undefined=lacking, no_interval="" if lacking else exact, raters=k, msb=msb,
            msj=msj, mse=within, average=average,
        )  # fmt: skip

    return IntraclassTable(*(one(f"icc{i}", mean) for mean in (False, True) for i in (1, 2, 3)))


def _mean_of(name: str, single: float, k: int, msb: float, within: float) -> float:
    """Reliability of the mean of *k* raters; without end where units differ not at all."""
    if name != "icc2":
        return 1 - within / msb if msb > NOISE * within else math.nan
    bottom = 1 + (k - 1) * single
    return k * single / bottom if abs(bottom) > NOISE else math.nan
