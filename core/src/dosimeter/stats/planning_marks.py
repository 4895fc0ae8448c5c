"""How many marks tell two means or two distributions apart, and what a given number could see."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from scipy.special import nctdtr

from dosimeter.stats.checks import Floats, positive, within
from dosimeter.stats.planning_checks import check_number, check_test, quantiles
from dosimeter.stats.result import t_quantile
from dosimeter.stats.roots import root

FEWEST = 1.05
"""Observations an arm from which a t-test has degrees of freedom that can be reckoned with."""
CERTAIN = 1e3
"""A noncentrality from which a test sees the difference whatever happens."""


def t_power(shift: float, df: float, alpha: float) -> float:
    """Probability that Student's t, *shift* standard errors off 0, is beyond the critical value.

    Examples:
        >>> round(t_power(3, 59, .05), 2)
        0.84
    """
    critical = t_quantile(1 - alpha, df)
    if shift > CERTAIN + 2 * critical:
        return 1.0
    return 1 - _up_to(critical, df, shift) + _up_to(-critical, df, shift)


def _up_to(t: float, df: float, shift: float) -> float:
    """Distribution function of the noncentral t; 0 where scipy has NaN, which is where it underflows."""
    found = float(nctdtr(df, shift, t))
    return 0.0 if math.isnan(found) else found


def power_two_sample_t(n_per_arm: float, delta: float, sd: float, alpha: float = 0.05) -> float:
    """Probability that a two-sample t-test sees a difference of means.

    Args:
        n_per_arm: Observations an arm, above 1.
        delta: Difference of the means, of either sign.
        sd: Standard deviation in each arm, above 0.
        alpha: Two-sided level of the test.

    Returns:
        The power, both tails counted; NaN for a single observation an arm. It is 0 to 1.

    Raises:
        ValueError: For a number, deviation or level that is none.

    References:
        J. Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2.

    Examples:
        Twenty replies each see a mean that is a standard deviation worse, mostly:

        >>> round(power_two_sample_t(20, 1, 1), 4)
        0.869
    """
    positive(sd=sd)
    check_number(n_per_arm)
    check_test(alpha, 0.5)
    if not n_per_arm > 1:
        return math.nan
    shift = abs(delta) / sd * math.sqrt(n_per_arm / 2)
    return t_power(shift, 2 * n_per_arm - 2, alpha)


def sample_size_two_sample_t(
    delta: float, sd: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Observations an arm from which a two-sample t-test sees a difference of means.

    Args:
        delta: Difference of the means, not 0.
        sd: Standard deviation in each arm, above 0.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference, above *alpha*.

    Returns:
        A number that is not rounded up, at least 1.05.

    Raises:
        ValueError: For no difference, or a deviation, level or power that is none.

    References:
        J. Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2.

    Examples:
        To see a whole standard deviation nine times in ten takes 23 an arm:

        >>> math.ceil(sample_size_two_sample_t(1, 1, power=.9))
        23
    """
    positive(delta=abs(delta), sd=sd)
    za, zb = quantiles(alpha, power)
    most = 2 * ((za + max(zb, 0.0)) * sd / delta) ** 2 + za * za + 2
    while power_two_sample_t(most, delta, sd, alpha) < power:
        most *= 2
    return root(lambda n: power - power_two_sample_t(n, delta, sd, alpha), FEWEST, most)


def mde_paired_mean(n: float, sd_diff: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """Smallest mean difference that a paired t-test of *n* pairs would see.

    Args:
        n: Pairs, above 1.
        sd_diff: Standard deviation of the differences, above 0.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference, above *alpha*.

    Returns:
        The difference, in units of *sd_diff*; NaN for a single pair.

    Raises:
        ValueError: For a number, deviation, level or power that is none.

    References:
        J. Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2.

    Examples:
        Two hundred items see a fifth of a mark:

        >>> round(mde_paired_mean(200, .9), 2)
        0.18
    """
    positive(sd_diff=sd_diff)
    check_number(n)
    check_test(alpha, power)
    if not n > 1:
        return math.nan
    most = 1.0
    while t_power(most, n - 1, alpha) < power:
        most *= 2
    return (
        root(lambda shift: power - t_power(shift, n - 1, alpha), 0.0, most) * sd_diff / math.sqrt(n)
    )


@frozen(kw_only=True)
class Ordinal:
    """A sample size for marks in proportional odds.

    Attributes:
        p_treated: Shares of the marks in the second arm.
        n_total: Observations of both arms together, not rounded.
    """

    p_treated: tuple[float, ...]
    n_total: float

    def __str__(self) -> str:
        shares = ", ".join(f"{p:.3g}" for p in self.p_treated)
        return f"{math.ceil(self.n_total - 1e-9)} observations in both arms; shares in the second {shares}"


def sample_size_ordinal_whitehead(
    p_control: Sequence[float],
    odds_ratio: float,
    alpha: float = 0.05,
    power: float = 0.8,
    allocation: float = 1.0,
) -> Ordinal:
    """Observations to see a shift of a whole distribution of marks, by the proportional odds test.

    Args:
        p_control: Shares of the marks in the first arm, the lowest mark first; 1 together.
        odds_ratio: Of a mark above any level; over 1 shifts the second arm to *higher* marks.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the shift.
        allocation: Observations in the second arm to each one in the first.

    Returns:
        The shares in the second arm, and the observations of both. Shares are 0 to 1, observations
        are not rounded (`Ordinal`).

    Raises:
        ValueError: For shares that do not make 1, or a ratio, level or power that is none.

    References:
        J. Whitehead (1993), Stat. Med. 12:2257.

    Examples:
        Odds half as high again of a worse mark take nearly a thousand replies:

        >>> found = sample_size_ordinal_whitehead([.6, .2, .1, .06, .04], 1.5, power=.9)
        >>> math.ceil(found.n_total)
        934
    """
    p = within(p_control, 0, 1, "p_control")
    positive(odds_ratio=odds_ratio, allocation=allocation)
    if abs(p.sum() - 1) > 1e-6 or odds_ratio == 1 or p.max() == 1:
        msg = (
            "needs shares that make 1, of at least two levels, and an odds ratio that is not 1, got"
            f" {p.sum():g} and {odds_ratio:g}"
        )
        raise ValueError(msg)
    za, zb = quantiles(alpha, power)
    treated = shifted(p, odds_ratio)
    mean = (p + allocation * treated) / (1 + allocation)
    spread = 1 - float((mean**3).sum())
    theta = math.log(odds_ratio)
    n = 3 * (allocation + 1) ** 2 * (za + zb) ** 2 / (allocation * theta**2 * spread)
    return Ordinal(p_treated=tuple(treated.tolist()), n_total=n)


def shifted(p: Floats, odds_ratio: float) -> Floats:
    """Give the shares of marks of which being above any level has *odds_ratio* times the odds.

    Examples:
        >>> shifted(np.array([.5, .5]), 3.0)
        array([0.25, 0.75])
    """
    below = np.append(np.cumsum(p)[:-1], 1.0)
    return np.diff(below / (below + odds_ratio * (1 - below)), prepend=0.0)
