"""What a statistic returns: an estimate that knows its error, or the reason why there is none."""

import math
from collections.abc import Callable, Iterator
from typing import Literal

from attrs import field, frozen
from scipy.special import betaincinv, chdtrc, expit, ndtr, ndtri, stdtr

Limits = tuple[float, float]
"""A lower and an upper limit."""
Link = Literal["identity", "log", "logit", "atanh"]
"""The scale on which an estimate is about normal."""
UNIT: Limits = (0.0, 1.0)
"""Bounds of a share."""
SIGNED: Limits = (-1.0, 1.0)
"""Bounds of a difference of shares, and of a correlation."""
POSITIVE: Limits = (0.0, math.inf)
"""Bounds of a ratio."""
REAL: Limits = (-math.inf, math.inf)
"""Bounds of what has none."""
ROUNDING = 1e-9
"""A spread of computed values below this part of their size is what rounding leaves of equal ones."""


@frozen
class Interval:
    """A confidence interval. It unpacks: ``lower, upper = result.interval()``.

    Attributes:
        lower: Lower limit, closed.
        upper: Upper limit, closed.
        level: Confidence level, 0 to 1.
        method: Name of the procedure.
        undefined: Why the interval says nothing (it is then all that is possible); empty if it does.
    """

    lower: float
    upper: float
    level: float
    method: str
    undefined: str = ""

    @property
    def width(self) -> float:
        """Upper less lower limit."""
        return self.upper - self.lower

    def __iter__(self) -> Iterator[float]:
        return iter((self.lower, self.upper))

    def __contains__(self, value: float) -> bool:
        return self.lower <= value <= self.upper

    def __str__(self) -> str:
        if self.undefined:
            return f"no interval ({self.undefined})"
        return f"[{self.lower:.4g}, {self.upper:.4g}] ({self.method} {_percent(self.level)})"


@frozen(kw_only=True)
class Result:
    """An estimate, what it rests on, and its interval at any level.

    Attributes:
        estimate: NaN if undefined.
        method: Name of the procedure that its interval is made by.
        n: Observations that entered.
        clusters: Independent units among them; *n* where every observation is one.
        left_out: Observations that were given and could not enter.
        undefined: Why there is no estimate, machine-readable; empty if there is one.
        no_interval: Why there is an estimate without an interval; empty if there is one.
        bounds: What the quantity can be.
    """

    estimate: float
    method: str
    n: int
    clusters: int
    left_out: int = 0
    undefined: str = ""
    no_interval: str = ""
    bounds: Limits = field(default=REAL, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits at *level*; for a record that has an estimate and an error."""
        raise NotImplementedError

    def interval(self, level: float = 0.95) -> Interval:
        """Give the confidence interval: inside the bounds, and never of no width.

        Args:
            level: Confidence level, between 0 and 1.

        Raises:
            ValueError: For a level outside (0, 1).
        """
        check_level(level)
        lower, upper = self.bounds
        why = self.undefined or self.no_interval
        if not why:
            low, high = self.limits(level)
            # A limit that rounding brought past the estimate would leave it outside.
            low, high = min(low, self.estimate), max(high, self.estimate)
            low, high = max(low, lower), min(high, upper)
            if low < high:
                return Interval(low, high, level, self.method)
            # Certainty that no sample gives.
            why = "not-finite" if math.isnan(low) or math.isnan(high) else "no-width"
        return Interval(lower, upper, level, self.method, why)

    def __str__(self) -> str:
        out = f", {self.left_out} left out" if self.left_out else ""
        if self.undefined:
            return f"undefined ({self.undefined}, n={self.n}{out})"
        found = self.interval()
        size = f"n={self.n}" + (f", clusters={self.clusters}" if self.clusters != self.n else "")
        if found.undefined:
            return f"{self.estimate:.4g}, no interval ({found.undefined}, {size}{out})"
        limits = f"[{found.lower:.4g}, {found.upper:.4g}]"
        return f"{self.estimate:.4g} {limits} ({size}{out}, {self.method} {_percent(found.level)})"


@frozen(kw_only=True)
class Wald(Result):
    """An estimate that is about normal on the scale of its link.

    Attributes:
        se: Standard error, on that scale; an interval needs it to be above 0.
        df: Degrees of freedom of Student's t; infinite for the normal distribution.
        link: ``"identity"``, ``"log"`` (ratios), ``"logit"`` (shares), ``"atanh"`` (agreement).
    """

    se: float
    df: float = math.inf
    link: Link = "identity"

    def limits(self, level: float) -> Limits:
        """Give estimate -/+ quantile x standard error, brought back from the scale of the link."""
        if self._of_rounding():
            return self.estimate, self.estimate
        forth, back = LINKS[self.link]
        centre, half = forth(self.estimate), t_quantile(level, self.df) * self.se
        return back(centre - half), back(centre + half)

    def p_value(self, null: float = 0.0) -> float:
        """Probability, two-sided, of an estimate at least as far from *null*; NaN without an error."""
        if self._without_error():
            return math.nan
        return 2 * t_tail(abs(self._apart(null)), self.df)

    def p_above(self, null: float = 0.0) -> float:
        """Probability, one-sided, of an estimate at least as high if the truth were *null*; NaN likewise."""
        if self._without_error():
            return math.nan
        return t_tail(self._apart(null), self.df)

    def _without_error(self) -> bool:
        return bool(self.undefined or self.no_interval) or not self.se > 0 or self._of_rounding()

    def _of_rounding(self) -> bool:
        """Tell a standard error that is the rounding of values whose differences it is made of."""
        size = 1.0
        if self.link == "identity":
            size = max(abs(self.estimate), *(abs(b) for b in self.bounds if math.isfinite(b)), 0.0)
        return rounded_away(self.se, size, self.n)

    def _apart(self, null: float) -> float:
        """Standard errors by which the estimate is above *null*."""
        forth, _ = LINKS[self.link]
        return (forth(self.estimate) - forth(null)) / self.se


@frozen(kw_only=True)
class Turned(Result):
    """A difference the other way round.

    Attributes:
        of: The difference that it is minus.
    """

    of: Result

    def limits(self, level: float) -> Limits:
        """Give the other limit, and minus."""
        lower, upper = self.of.limits(level)
        return -upper, -lower


def rounded_away(spread: float, size: float, n: float) -> bool:
    """Whether a *spread* of *n* computed values of that *size* is only what rounding leaves of equal ones.

    A share of n trials that are not all alike has a standard error of at least about 1 / n: what is
    narrow because n is huge, as counts may be, is not taken for rounding.
    """
    return spread <= min(ROUNDING, 1 / max(n, 1)) * size / 2


def beyond_rounding(se: float, size: float, n: float) -> float:
    """Give a standard error, or 0 where it is only what rounding leaves of equal values."""
    return 0.0 if rounded_away(se, size, n) else se


def turned(difference: Result) -> Turned:
    """Give second less first of a difference that is first less second, or the reverse.

    Examples:
        >>> from dosimeter.stats.paired import tango
        >>> print(turned(tango(90, 1, 5, 4)))
        0.04 [-0.01095, 0.1034] (n=100, tango 95%)
    """
    d, (low, high) = difference, difference.bounds
    return Turned(
        estimate=0.0 - d.estimate, method=d.method, n=d.n, clusters=d.clusters, left_out=d.left_out,
        undefined=d.undefined, no_interval=d.no_interval, bounds=(-high, -low), of=d,
    )  # fmt: skip


LINKS: dict[Link, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "identity": (lambda x: x, lambda x: x),
    "log": (math.log, lambda x: math.exp(min(x, 709.0))),
    "logit": (lambda p: math.log(p / (1 - p)), lambda x: float(expit(x))),
    "atanh": (math.atanh, math.tanh),
}
"""Of each link: to its scale, and back."""


@frozen(kw_only=True)
class Share(Result):
    """A share of independent trials.

    Attributes:
        x: Events; of an effective sample size they need not be an integer.
        trials: Trials, likewise.
        df: Degrees of freedom, where Wilson's interval takes Student's t for the normal quantile.
    """

    x: float
    trials: float
    df: float = math.inf
    bounds: Limits = field(default=UNIT, repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by the method that the record names."""
        return SHARES[self.method.removesuffix("-clustered")](self, level)


def wilson_limits(p: float, n: float, z: float) -> Limits:
    """Give the roots of the score equation for share *p* of (effective) *n* at quantile *z*."""
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    lower = 0.0 if p == 0 else max(0.0, centre - half)
    upper = 1.0 if p == 1 else min(1.0, centre + half)
    return lower, upper


def wilson_cc_limits(x: float, n: float, z: float) -> Limits:
    """Give Wilson's limits with the correction for continuity (Newcombe 1998, method 4)."""
    p = x / n
    base, over = 2 * n * p + z * z, 2 * (n + z * z)
    lower = upper = p
    if x > 0:
        lower = (
            base - 1 - z * math.sqrt(max(0.0, z * z - 2 - 1 / n + 4 * p * (n * (1 - p) + 1)))
        ) / over
    if x < n:
        upper = (
            base + 1 + z * math.sqrt(max(0.0, z * z + 2 - 1 / n + 4 * p * (n * (1 - p) - 1)))
        ) / over
    return max(0.0, lower), min(1.0, upper)


def clopper_pearson_limits(x: float, n: float, level: float) -> Limits:
    """Give exact limits; *x* and *n* may be effective numbers that are no integers."""
    tail = (1 - level) / 2
    lower = 0.0 if x <= 0 else float(betaincinv(x, n - x + 1, tail))
    upper = 1.0 if x >= n else float(betaincinv(x + 1, n - x, 1 - tail))
    return lower, upper


def jeffreys_limits(x: float, n: float, level: float) -> Limits:
    """Give equal-tailed limits of the posterior under Beta(1/2, 1/2), 0 and 1 at the ends."""
    tail = (1 - level) / 2
    lower = 0.0 if x <= 0 else float(betaincinv(x + 0.5, n - x + 0.5, tail))
    upper = 1.0 if x >= n else float(betaincinv(x + 0.5, n - x + 0.5, 1 - tail))
    return lower, upper


SHARES: dict[str, Callable[[Share, float], Limits]] = {
    "wilson": lambda r, level: wilson_limits(r.x / r.trials, r.trials, t_quantile(level, r.df)),
    "wilson-cc": lambda r, level: wilson_cc_limits(r.x, r.trials, t_quantile(level, r.df)),
    "clopper-pearson": lambda r, level: clopper_pearson_limits(r.x, r.trials, level),
    "jeffreys": lambda r, level: jeffreys_limits(r.x, r.trials, level),
}
"""Limits of a share, by method."""


def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution at probability *p*."""
    return float(ndtri(p))


def z_quantile(level: float) -> float:
    """Two-sided quantile of the standard normal: *level* of the mass lies within it."""
    return float(ndtri(0.5 + level / 2))


def normal_tail(z: float) -> float:
    """Probability that a standard normal variable exceeds *z*."""
    return float(ndtr(-z))


def t_quantile(level: float, df: float) -> float:
    """Two-sided quantile of Student's t: *level* of the mass lies within it.

    By the inverse incomplete beta function, which is exact to the last digits where the direct
    inverse of some releases of scipy.special is not.
    """
    if math.isinf(df):
        return z_quantile(level)
    x = float(betaincinv(df / 2, 0.5, 1 - level))
    return math.sqrt(df * (1 - x) / x)


def f_quantile(p: float, df1: float, df2: float) -> float:
    """Quantile of Fisher's F at probability *p*."""
    x = float(betaincinv(df1 / 2, df2 / 2, p))
    return df2 * x / (df1 * (1 - x)) if x < 1 else math.inf


def t_tail(t: float, df: float) -> float:
    """Probability that Student's t exceeds *t*; infinite *df* are the normal distribution."""
    return normal_tail(t) if math.isinf(df) else float(stdtr(df, -t))


def chi2_tail(x: float, df: float) -> float:
    """Probability that a chi-square variable of *df* degrees of freedom exceeds *x*."""
    return float(chdtrc(df, x))


def check_level(level: float) -> None:
    """Refuse what is no confidence level.

    Raises:
        ValueError: For a level outside (0, 1).
    """
    if not (isinstance(level, (int, float)) and level > 0 and 0.5 + level / 2 < 1):
        msg = f"level must lie between 0 and 1, got {level!r}"
        raise ValueError(msg)


def _percent(level: float) -> str:
    return f"{round(100 * level, 6):g}%"
