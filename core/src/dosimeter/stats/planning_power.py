"""What a given number of observations could see, exactly: by going through the outcomes."""

import math
from collections.abc import Callable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy.special import bdtr, gammaln, xlog1py, xlogy

from dosimeter.stats.checks import Floats, counts, shares
from dosimeter.stats.planning_checks import SLACK, check_discordant, check_test
from dosimeter.stats.result import z_quantile

UNLIKELY = 1e-18
"""A chance that adds nothing to a power, however many such there are."""
Bools = NDArray[np.bool_]
MOST = 10_000_000
"""Trials whose outcomes can be gone through."""


def power_two_proportions(p1: float, p2: float, n_per_arm: int, alpha: float = 0.05) -> float:
    """Probability that the pooled z-test of *n_per_arm* observations an arm sees a difference: exact.

    By going through all outcomes of the one arm, and those of the other beyond the critical ones.

    Args:
        p1: Share in one arm, 0 to 1.
        p2: Share in the other.
        n_per_arm: Observations an arm, at least 1.
        alpha: Two-sided level of the test.

    Returns:
        The power, 0 to 1.

    Raises:
        ValueError: For shares, a number or a level that are none.

    References:
        J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions.

    Examples:
        A hundred prompts each have one chance in twelve to tell 95 % from 93 %:

        >>> round(power_two_proportions(.95, .93, 100), 3)
        0.085
    """
    shares(p1=p1, p2=p2)
    counts(1, n_per_arm=n_per_arm)
    _countable(n_per_arm)
    check_test(alpha, 0.5)
    z2, n = z_quantile(1 - alpha) ** 2, n_per_arm
    x = np.arange(n + 1.0)

    def rejected(y: Floats) -> Bools:
        # z^2 >= crit, both sides multiplied: a pooled share of 0 or 1 rejects nothing.
        total = x + y
        enough = (2 * n) * (x - y) ** 2 >= z2 * total * (2 * n - total) - SLACK
        return np.asarray(enough & (x != y))

    low, high = _last(rejected, x, -1.0), _last(rejected, x, n + 1.0)
    beyond = binomial_cdf(low, n, p2) + binomial_cdf(n - high, n, 1 - p2)
    return float(binomial_pmf(x, n, p1) @ beyond)


def _last(rejected: Callable[[Floats], Bools], inside: Floats, end: float) -> Floats:
    """Give the outcome nearest to *inside*, which is not rejected, that is; *end* if none is."""
    outside = np.full_like(inside, end)
    for _ in range(math.ceil(math.log2(np.abs(inside - end).max() + 1)) + 1):
        middle = np.floor((inside + outside) / 2)
        between = np.abs(outside - inside) > 1
        yes = rejected(middle)
        outside = np.where(between & yes, middle, outside)
        inside = np.where(between & ~yes, middle, inside)
    return outside


def _countable(n: float) -> None:
    """Refuse more outcomes than can be gone through one by one."""
    if n > MOST:
        msg = f"an exact power goes through every outcome, of at most {MOST:,} trials, got {n:g}"
        raise ValueError(msg)


def binomial_cdf(k: Floats, n: Floats | float, p: float) -> Floats:
    """Give the probability of at most *k* events in *n* trials; 0 for *k* below 0."""
    size = np.asarray(n).astype(np.int64)
    return np.where(k >= 0, bdtr(np.maximum(k, 0), size, p), 0.0)


def binomial_pmf(x: Floats, n: float, p: float) -> Floats:
    """Give the probability of each number *x* of events in *n* trials."""
    ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return np.asarray(np.exp(ways + xlogy(x, p) + xlog1py(n - x, -p)))


@frozen(kw_only=True)
class McNemarPower:
    """Probability that McNemar's test sees a difference.

    Attributes:
        exact: By the exact conditional test.
        mid_p: By its mid-p version.
    """

    exact: float
    mid_p: float

    def __str__(self) -> str:
        return f"power {self.mid_p:.3f} by mid-p, {self.exact:.3f} by the exact test"


def power_mcnemar_exact(n: int, p10: float, p01: float, alpha: float = 0.05) -> McNemarPower:
    """Power of McNemar's exact and mid-p test, by going through all numbers of pairs that differ.

    Args:
        n: Pairs.
        p10: Share of pairs with the event under the first condition only.
        p01: Under the second only.
        alpha: Two-sided level of the test, up to 1/2.

    Returns:
        Both powers, over all samples of *n* pairs; 0 where no pair ever differs. Each is 0 to 1
        (`McNemarPower`).

    Raises:
        ValueError: For shares, a number or a level that are none.

    References:
        M. W. Fagerland, S. Lydersen, P. Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples:
        The exact test gives away seven chances in a hundred:

        >>> found = power_mcnemar_exact(60, .25, .08)
        >>> round(found.exact, 2), round(found.mid_p, 2)
        (0.57, 0.64)
    """
    counts(n=n)
    _countable(n)
    check_discordant(p10, p01)
    check_test(alpha, 0.5)
    psi = min(1.0, p10 + p01)
    if psi == 0:
        return McNemarPower(exact=0.0, mid_p=0.0)
    m = np.arange(n + 1.0)
    chances = binomial_pmf(m, n, psi)
    m, chances = m[chances > UNLIKELY], chances[chances > UNLIKELY]
    seen = [float(chances @ _conditional(m, p10 / psi, alpha, mid)) for mid in (False, True)]
    return McNemarPower(exact=seen[0], mid_p=seen[1])


def _conditional(m: Floats, share: float, alpha: float, mid: bool) -> Floats:
    """Power for each number *m* of pairs that differ, *share* of them one way."""
    c = _critical(m, alpha, mid)
    return binomial_cdf(c, m, share) + binomial_cdf(c, m, 1 - share)


def _critical(m: Floats, alpha: float, mid: bool) -> Floats:
    """The largest smaller half of a split of *m* that is rejected; -1 if none is."""

    def rejected(c: Floats) -> Bools:
        both = binomial_cdf(c, m, 0.5) + binomial_cdf(c - 1 if mid else c, m, 0.5)
        return np.asarray((both <= alpha + SLACK) & (2 * c < m))

    return _last(rejected, np.floor((m + 1) / 2), -1.0)
