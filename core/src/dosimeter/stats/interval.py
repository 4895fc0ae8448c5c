"""What an interval procedure returns."""

import math

from attrs import frozen
from scipy.special import betaincinv, ndtri


@frozen(kw_only=True)
class Interval:
    """An estimate with its interval.

    Attributes:
        value: NaN if undefined.
        lower: Lower confidence limit.
        upper: Upper confidence limit.
        level: Confidence level, 0 to 1.
        method: Name of the procedure.
        n: Observations.
        clusters: Independent units; *n* where every observation is one.
        effective_n: *n* over the design effect; NaN if undefined.
        reason: Why *value* is undefined, machine-readable; empty if it is defined.
    """

    value: float
    lower: float
    upper: float
    level: float
    method: str
    n: int
    clusters: int
    effective_n: float = math.nan
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"undefined ({self.reason}, n={self.n})"
        return (
            f"{self.value:.4g} [{self.lower:.4g}, {self.upper:.4g}]"
            f" (n={self.n}, clusters={self.clusters}, {self.method} {self.level:.0%})"
        )


def undefined(
    reason: str, *, n: int, clusters: int, level: float, method: str,
    value: float = math.nan, bounds: tuple[float, float] = (0.0, 1.0),
) -> Interval:  # fmt: skip
    """Give an interval that says nothing: all of *bounds*, with the reason."""
    return Interval(
        value=value, lower=bounds[0], upper=bounds[1], level=level, method=method, n=n,
        clusters=clusters, reason=reason,
    )  # fmt: skip


def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution at probability *p*."""
    return float(ndtri(p))


def t_quantile(level: float, df: float) -> float:
    """Two-sided quantile of Student's t: *level* of the mass lies within it.

    By the inverse incomplete beta function, which is exact to the last digits where the direct
    inverse of scipy.special is not.
    """
    x = float(betaincinv(df / 2, 0.5, 1 - level))
    return math.sqrt(df * (1 - x) / x)
