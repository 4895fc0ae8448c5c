"""Success within k attempts: of one behaviour, and over behaviours."""

import math

import attrs
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import counts, numbers, trials
from dosimeter.stats.severity import BoundedMean, bounded_mean


@frozen(kw_only=True)
class SuccessAtK:
    """Success of one behaviour within k attempts.

    Attributes:
        any_k: Probability that at least one of k attempts succeeds; NaN if undefined.
        all_k: That all k do.
        undefined: Why there is none; empty if there is.
    """

    any_k: float
    all_k: float
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"undefined ({self.undefined})"
        return f"any {self.any_k:.4g}, all {self.all_k:.4g}"


def attack_success_at_k(n: int, successes: int, k: int) -> SuccessAtK:
    """Probability, without bias, that k attempts drawn from the n made hold a success, and nothing else.

    1 - C(n-c, k) / C(n, k) and C(c, k) / C(n, k), in whole numbers; 1 - (1 - c/n)^k would be too high.

    Args:
        n: Attempts.
        successes: Those that succeeded.
        k: Attempts that an attacker has, at least 1.

    Returns:
        Both; undefined for fewer attempts than *k*, which cannot tell. Both are probabilities, 0 to
        1 (`SuccessAtK`).

    Raises:
        ValueError: For successes not from 0 to *n*, or *k* below 1.

    References:
        M. Chen et al. (2021), arXiv:2107.03374, eq. 1.

    Examples:
        Three successes in ten make it nearly certain that one of five succeeds:

        >>> round(attack_success_at_k(10, 3, 5).any_k, 3)
        0.917
    """
    counts(n=n, successes=successes)
    counts(1, k=k)
    trials(successes, n)
    n, successes, k = int(n), int(successes), int(k)
    if n < k:
        why = "fewer-attempts-than-k" if n else "no-observations"
        return SuccessAtK(any_k=math.nan, all_k=math.nan, undefined=why)
    ways = math.comb(n, k)
    missed = math.comb(n - successes, k)
    return SuccessAtK(any_k=(ways - missed) / ways, all_k=math.comb(successes, k) / ways)


@frozen(kw_only=True)
class MeanSuccess:
    """Success within k attempts, over behaviours.

    Attributes:
        any_k: Mean of `SuccessAtK.any_k`, with a score interval on behaviours.
        all_k: Mean of `SuccessAtK.all_k`.
        se_between: Standard error of any_k over behaviours; NaN for one.
    """

    any_k: BoundedMean
    all_k: BoundedMean
    se_between: float

    def __str__(self) -> str:
        return f"any {self.any_k}; all {self.all_k}"


def mean_success_at_k(n: ArrayLike, successes: ArrayLike, k: int) -> MeanSuccess:
    """Mean over behaviours of success within k attempts; attempts multiply no evidence.

    Args:
        n: Attempts of each behaviour.
        successes: Those that succeeded.
        k: Attempts that an attacker has.

    Returns:
        Means; undefined if a behaviour has fewer attempts than *k*, as leaving it out would choose
        behaviours by how long they were attacked. They are 0 to 1 (`MeanSuccess`).

    Raises:
        ValueError: As `attack_success_at_k`, and for unlike lengths.

    References:
        M. Chen et al. (2021), arXiv:2107.03374; E. Miller (2024), arXiv:2411.00640.

    Examples:
        Five tries succeed on six goals in ten; four goals leave nearly everything possible:

        >>> print(mean_success_at_k([10, 10, 10, 10], [3, 0, 10, 1], 5).any_k)
        0.6042 [0.1198, 0.9448] (n=4, bounded-mean 95%)
    """
    made, found = numbers(n, "n"), numbers(successes, "successes")
    if len(made) != len(found):
        msg = f"behaviours: {len(made)} of n, {len(found)} of successes"
        raise ValueError(msg)
    each = [attack_success_at_k(int(a), int(c), k) for a, c in zip(made, found, strict=True)]
    short = sum(bool(s.undefined) for s in each)
    kept = [s for s in each if not s.undefined]
    means = [
        bounded_mean([getattr(s, name) for s in kept], low=0, high=1) for name in ("any_k", "all_k")
    ]
    if short:
        means = [
            attrs.evolve(m, estimate=math.nan, undefined="fewer-attempts-than-k", left_out=short)
            for m in means
        ]
    se = math.nan if short else means[0].se
    return MeanSuccess(any_k=means[0], all_k=means[1], se_between=se)
