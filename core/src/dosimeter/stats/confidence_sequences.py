"""Limits that hold at all looks at once, of rates and of means in [0, 1]."""

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.special import betaln, xlog1py, xlogy

from dosimeter.stats.betting_limits import betting_limits, betting_path, log_capitals, stakes
from dosimeter.stats.checks import Floats, numbers, within
from dosimeter.stats.result import UNIT, Limits, Result, check_level
from dosimeter.stats.roots import roots


@frozen(kw_only=True)
class BetaMixture(Result):
    """A rate with the limits that hold at all looks at once.

    Attributes:
        successes: Events up to each look.
        trials: Trials up to each look.
        prior: a and b of the Beta distribution that mixes the alternatives.
    """

    successes: tuple[float, ...]
    trials: tuple[float, ...]
    prior: tuple[float, float]
    bounds: Limits = field(default=UNIT, repr=False)

    def path(self, level: float = 0.95) -> Floats:
        """Give the limits at each look, shape (looks, 2): of what that look and those before leave.

        Raises:
            ValueError: For a level outside (0, 1).
        """
        check_level(level)
        return _narrowing(self._each(level))

    def _each(self, level: float) -> Floats:
        s, n = np.array(self.successes), np.array(self.trials)
        return _mixture_limits(s, n - s, 1 - level, self.prior)

    def limits(self, level: float) -> Limits:
        """Give the limits after the last look."""
        lower, upper = self.path(level)[-1]
        return float(lower), float(upper)


def _narrowing(limits: Floats) -> Floats:
    """Give what each look and those before leave: the running intersection."""
    lower = np.maximum.accumulate(limits[:, 0])
    return np.stack([lower, np.minimum.accumulate(limits[:, 1])], axis=1)


def log_mixture(s: Floats, f: Floats, prior: tuple[float, float]) -> Floats:
    """Log of the likelihood of *s* events and *f* others, mixed over the Beta distribution."""
    a, b = prior
    return np.asarray(betaln(a + s, b + f) - betaln(a, b))


def log_likelihood(s: Floats, f: Floats, p: Floats | float) -> Floats:
    """Log of the likelihood of *s* events and *f* others at a rate of *p*."""
    return np.asarray(xlogy(s, p) + xlog1py(f, -p))


def _mixture_limits(s: Floats, f: Floats, alpha: float, prior: tuple[float, float]) -> Floats:
    n = s + f
    middle = np.where(n > 0, s / np.where(n > 0, n, 1), 0.5)
    enough = log_mixture(s, f, prior) + math.log(alpha)
    with np.errstate(divide="ignore"):
        lower = roots(lambda p: log_likelihood(s, f, p) <= enough, np.zeros_like(s), middle)
        upper = roots(lambda p: log_likelihood(s, f, p) <= enough, np.ones_like(s), middle)
    return np.stack([np.where(s > 0, lower, 0.0), np.where(f > 0, upper, 1.0)], axis=1)


def beta_mixture(
    successes: ArrayLike, trials: ArrayLike, prior: tuple[float, float] = (1.0, 1.0)
) -> BetaMixture:
    """Rate with a confidence sequence: limits that hold at whichever look one stops.

    All p are kept for which the likelihood, mixed over Beta(a, b), is under 1 / (1 - level) times that
    of p.

    Args:
        successes: Events up to each look; one number for one look.
        trials: Trials up to each look.
        prior: a and b, above 0; fixed before the data were seen.

    Returns:
        The rate at the last look, 0 to 1; undefined for no trials. `path` gives all looks.

    Raises:
        ValueError: For counts that are none, fall, or do not fit, or a prior that is none.

    References:
        H. Robbins (1970), Ann. Math. Stat. 41:1397; S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon
        (2021), Ann. Stat. 49:1055.

    Examples:
        The price of looking at will: 95 of 100 is at least 84 %, where a single look would say 89 %.

        >>> print(beta_mixture(95, 100))
        0.95 [0.8397, 0.9934] (n=100, beta-mixture 95%)
    """
    s = numbers(np.atleast_1d(np.asarray(successes, dtype=float)), "successes")
    n = numbers(np.atleast_1d(np.asarray(trials, dtype=float)), "trials")
    f = n - s
    if len(s) != len(n) or not len(s):
        msg = f"give events and trials of each look, at least one, got {len(s)} and {len(n)}"
        raise ValueError(msg)
    for counted in (s, f):
        if (counted < 0).any() or (np.diff(counted) < 0).any():
            msg = "events must be from 0 to the trials at every look, and neither they nor the others fall"
            raise ValueError(msg)
    if not all(part > 0 for part in prior):
        msg = f"prior must be two numbers above 0, got {prior}"
        raise ValueError(msg)
    size = int(n[-1])
    return BetaMixture(
        estimate=float(s[-1] / n[-1]) if size else math.nan, method="beta-mixture", n=size,
        clusters=size, undefined="" if size else "no-observations", successes=tuple(s.tolist()),
        trials=tuple(n.tolist()), prior=prior,
    )  # fmt: skip


@frozen(kw_only=True)
class BoundedSequence(Result):
    """A mean of values on a bounded scale, in the order they came, with limits for all looks at once.

    Attributes:
        values: One a family, brought to [0, 1].
        truncation: Largest stake, as a share of what may be lost.
        theta: Share of the capital that bets on a mean above; the rest bets on one below.
    """

    values: Floats = field(repr=False, eq=False)
    truncation: float
    theta: float = 0.5
    bounds: Limits = field(default=UNIT, repr=False)

    def path(self, level: float = 0.95, *, running: bool = True) -> Floats:
        """Give the limits after each value, brought to [0, 1], shape (n, 2).

        Args:
            level: Confidence level, between 0 and 1.
            running: Whether what earlier looks left out stays out.

        Raises:
            ValueError: For a level outside (0, 1).
        """
        check_level(level)
        if self.method != "empirical-bernstein":
            return betting_path(self.values, level, self.truncation, self.theta, running)
        each = _bernstein(self.values, (1 - level) / 2, self.truncation)
        return _narrowing(each) if running and len(each) else each

    @property
    def effective_n(self) -> float:
        """Families: each is one value."""
        return float(self.clusters)

    def limits(self, level: float) -> Limits:
        """Give what all looks leave, after the last value, on the scale."""
        if self.method == "empirical-bernstein":
            lower, upper = map(float, self.path(level)[-1])
        else:
            lower, upper = betting_limits(self.values, level, self.truncation, self.theta)
        low, high = self.bounds
        return low + lower * (high - low), low + upper * (high - low)


def _bernstein(x: Floats, alpha: float, truncation: float) -> Floats:
    """Limits after each value, each side at *alpha*."""
    below, above = (_bernstein_lower(y, alpha, truncation) for y in (x, 1 - x))
    return np.stack([below, 1 - above], axis=1)


def _bernstein_lower(x: Floats, alpha: float, truncation: float) -> Floats:
    stake = np.minimum(stakes(x, alpha), truncation)
    t = np.arange(1, len(x) + 1)
    before = np.concatenate([[0.0], np.cumsum(x) / t])[: len(x)]
    spent = np.cumsum((x - before) ** 2 * (-np.log1p(-stake) - stake))
    total = np.cumsum(stake)
    return np.asarray(np.maximum(0.0, (np.cumsum(stake * x) - spent + math.log(alpha)) / total))


def bounded_sequence(
    values: ArrayLike, method: str, truncation: float, theta: float, scale: Limits = UNIT
) -> BoundedSequence:
    """Give the record of values, or say what is wrong with them.

    Raises:
        ValueError: For values outside [0, 1], NaN, or a stake or share that is none.
    """
    low, high = scale
    if not low < high:
        msg = f"a scale goes from a low to a high value, got {low} to {high}"
        raise ValueError(msg)
    x = (within(values, low, high) - low) / (high - low)
    if not 0 < truncation < 1 or not 0 <= theta <= 1:
        msg = (
            f"needs truncation between 0 and 1 and theta from 0 to 1, got {truncation} and {theta}"
        )
        raise ValueError(msg)
    n = len(x)
    return BoundedSequence(
        estimate=low + float(x.mean()) * (high - low) if n else math.nan, method=method, n=n,
        clusters=n, undefined="" if n else "no-observations", bounds=scale, values=x,
        truncation=truncation, theta=theta,
    )  # fmt: skip


def empirical_bernstein(values: ArrayLike, truncation: float = 0.5) -> BoundedSequence:
    """Mean of values in [0, 1] with the empirical Bernstein confidence sequence: simple, and wide.

    Args:
        values: One a family, in the order they came; marks 1 to 5 as (mark - 1) / 4.
        truncation: Largest stake, between 0 and 1.

    Returns:
        The mean, 0 to 1; undefined for no values. `path` gives the limits after each.

    Raises:
        ValueError: For values outside [0, 1], NaN, or a stake that is none.

    References:
        I. Waudby-Smith, A. Ramdas (2024), J. R. Stat. Soc. B 86:1, theorem 2.

    Examples:
        Sixty values, looked at one by one: wherever one stops, the mean is from .05 to .33 here:

        >>> print(empirical_bernstein([0, .25, 0, .5] * 15))
        0.1875 [0.04669, 0.3313] (n=60, empirical-bernstein 95%)
    """
    return bounded_sequence(values, "empirical-bernstein", truncation, 0.5)


def betting(
    values: ArrayLike, truncation: float = 0.5, theta: float = 0.5, *, scale: Limits = UNIT
) -> BoundedSequence:
    """Mean of bounded values with a confidence sequence by betting: the default for marks and weights.

    A mean is left out once a capital that bets against it, fairly if it is true, has grown to
    1 / (1 - level).

    Args:
        values: One a family, in the order they came.
        truncation: Largest stake as a share of what may be lost, between 0 and 1.
        theta: Share of the capital that bets on a mean above, 0 to 1.
        scale: Lowest and highest value that there can be.

    Returns:
        The mean; undefined for no values. `path` gives the limits after each. It is on the scale
        that was given.

    Raises:
        ValueError: For values outside the scale, NaN, or a stake or share that is none.

    References:
        I. Waudby-Smith, A. Ramdas (2024), J. R. Stat. Soc. B 86:1, theorem 3 (hedged capital).

    Examples:
        Sixty values, looked at one by one: wherever one stops, the mean is from .11 to .29 here:

        >>> print(betting([0, .25, 0, .5] * 15))
        0.1875 [0.108, 0.2886] (n=60, betting 95%)
    """
    return bounded_sequence(values, "betting", truncation, theta, scale)


def betting_capital(
    values: ArrayLike, m: float, level: float = 0.95, *, theta: float = 0.5, truncation: float = 0.5
) -> Floats:
    """Hedged capital, after each value, of betting against a mean of *m*.

    Args:
        values: In [0, 1], in the order they came.
        m: The mean that is bet against, 0 to 1.
        level: Confidence level that the bets aim at.
        theta: Share of the capital that bets on a mean above *m*.
        truncation: Largest stake as a share of what may be lost.

    Returns:
        max(theta K+, (1 - theta) K-), at the start 1 or less; *m* is rejected, and stays so, once
        it reaches 1 / (1 - level). Capital is at least 0, one number a value.

    Raises:
        ValueError: For values or *m* outside [0, 1], or a level, share or stake that is none.

    References:
        I. Waudby-Smith, A. Ramdas (2024), J. R. Stat. Soc. B 86:1.

    Examples:
        Forty harmless families multiply what was bet against a rate of 20 % by fifty-six:

        >>> round(float(betting_capital([0] * 40, .2)[-1]), 1)
        55.6
    """
    check_level(level)
    found = bounded_sequence(values, "betting", truncation, theta)
    if not 0 <= m <= 1:
        msg = f"m must be from 0 to 1, got {m}"
        raise ValueError(msg)
    staked = stakes(found.values, (1 - level) / 2)
    up, down = log_capitals(found.values, m, staked, truncation)
    with np.errstate(over="ignore"):
        return np.maximum(theta * np.exp(up), (1 - theta) * np.exp(down))
