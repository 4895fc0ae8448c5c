"""Evidence that may be looked at as often as one likes: sequences of intervals, and bets.

A fixed interval that is looked at again and again leaves out the truth at some look in a third of
runs. What is here leaves it out, at any look, in at most 1 - level of them. Feed it one value a family:
rows of one family are not independent.
"""

import math
from typing import Literal, get_args

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from dosimeter.stats.betting_limits import log_capitals, stakes
from dosimeter.stats.checks import Floats, binary, numbers, within
from dosimeter.stats.confidence_sequences import (
    BetaMixture,
    BoundedSequence,
    beta_mixture,
    betting,
    betting_capital,
    bounded_sequence,
    empirical_bernstein,
    log_likelihood,
    log_mixture,
)
from dosimeter.stats.result import check_level

__all__ = [
    "BetaMixture",
    "BoundedSequence",
    "Decision",
    "Evidence",
    "beta_mixture",
    "betting",
    "betting_capital",
    "decide",
    "empirical_bernstein",
    "sequential_mcnemar",
]

Bools = NDArray[np.bool_]
Gate = Literal["at most", "at least"]
"""Which side of its bound a gate wants the mean to be on."""
Test = Literal["betting", "beta-mixture"]
"""How a gate is decided: for means of any kind, or for yes and no."""


@frozen(kw_only=True)
class Evidence:
    """Evidence against two conditions being alike, after each look.

    Attributes:
        log_e: Log of the e-value at each look.
    """

    log_e: tuple[float, ...]

    @property
    def e(self) -> float:
        """The e-value at the last look; infinite where a double cannot hold it."""
        return math.exp(self.log_e[-1]) if self.log_e[-1] < 709 else math.inf

    @property
    def p_value(self) -> float:
        """Probability, valid at any look, of as much evidence at some look: 1 / the largest e."""
        return min(1.0, math.exp(-max(self.log_e)))

    def rejected_at(self, alpha: float = 0.05) -> int | None:
        """Give the first look, from 1, with an e-value of 1 / *alpha*; None if there is none.

        Raises:
            ValueError: For *alpha* outside (0, 1).
        """
        check_level(1 - alpha)
        looks = (at for at, e in enumerate(self.log_e, 1) if e >= -math.log(alpha))
        return next(looks, None)

    def __str__(self) -> str:
        return f"e = {self.e:.4g} (any-time p {self.p_value:.3g}, looks {len(self.log_e)})"


def sequential_mcnemar(only_first: ArrayLike, only_second: ArrayLike) -> Evidence:
    """Evidence that two conditions differ on the same items, which may be looked at at will.

    e = B(b + 1, c + 1) 2^(b + c), b and c being the pairs that differ.

    Args:
        only_first: Pairs with the event under the first condition only, up to each look.
        only_second: Under the second only.

    Returns:
        The e-value; 1 where no pair differs. It rejects at *alpha* from 1 / *alpha* on. It is at
        least 0 (`Evidence`).

    Raises:
        ValueError: For counts that are none, or fall.

    References:
        J. Ville (1939), Etude critique de la notion de collectif; H. Robbins (1970), Ann. Math. Stat.
        41:1397.

    Examples:
        Eighteen to five is ten to one against the two being alike, short of twenty:

        >>> print(sequential_mcnemar(18, 5))
        e = 10.39 (any-time p 0.0963, looks 1)
    """
    b = numbers(np.atleast_1d(np.asarray(only_first, dtype=float)), "only_first")
    c = numbers(np.atleast_1d(np.asarray(only_second, dtype=float)), "only_second")
    if len(b) != len(c) or not len(b):
        msg = f"give both counts of each look, at least one, got {len(b)} and {len(c)}"
        raise ValueError(msg)
    for counted in (b, c):
        if (counted < 0).any() or (counted % 1 != 0).any() or (np.diff(counted) < 0).any():
            msg = "only_first and only_second are whole numbers of at least 0 that do not fall"
            raise ValueError(msg)
    return Evidence(log_e=tuple((betaln(b + 1, c + 1) + (b + c) * math.log(2)).tolist()))


@frozen(kw_only=True)
class Decision:
    """What a gate says of families that came one by one.

    Attributes:
        said: ``"pass"``, ``"fail"`` or ``"undecided"``; the first that is shown stands.
        look: After how many families it was first shown; None if undecided.
        families: Families that were there.
        bound: The gate's bound.
        gate: Which side of it is wanted.
        alpha: Probability of a wrong ``"pass"`` or ``"fail"``, at most, however often one looks.
    """

    said: Literal["pass", "fail", "undecided"]
    look: int | None
    families: int
    bound: float
    gate: Gate
    alpha: float

    def __str__(self) -> str:
        at = f" after {self.look} of" if self.look else " after"
        return f"{self.said}{at} {self.families} families ({self.gate} {self.bound:g}, alpha {self.alpha:g})"


def decide(
    means: ArrayLike,
    bound: float,
    *,
    gate: Gate,
    alpha: float = 0.05,
    method: Test = "betting",
    truncation: float = 0.5,
) -> Decision:
    """Say whether a gate is passed by families that come one by one, and when that was first known.

    Args:
        means: One a family, in [0, 1], in the order they came.
        bound: Between 0 and 1.
        gate: ``"at most"`` or ``"at least"`` *bound*.
        alpha: Of one gate; several gates share theirs.
        method: ``"betting"``, or ``"beta-mixture"`` for families that are 0 or 1; fixed before the
            data were seen.
        truncation: See `betting`.

    Returns:
        The decision; undecided for no families. The parts are in `Decision`.

    Raises:
        ValueError: For means outside [0, 1], a bound that no data could show, or another method.

    References:
        I. Waudby-Smith, A. Ramdas (2024), J. R. Stat. Soc. B 86:1; H. Robbins (1970), Ann. Math. Stat.
        41:1397.

    Examples:
        Families without an event clear a gate of 5 % after 143; the other 57 were not needed:

        >>> print(decide([0] * 200, .05, gate="at most"))
        pass after 143 of 200 families (at most 0.05, alpha 0.05)
    """
    check_level(1 - alpha)
    if not 0 < bound < 1 or gate not in get_args(Gate) or method not in get_args(Test):
        msg = (
            f"needs a bound between 0 and 1, a gate of {get_args(Gate)} and a method of"
            f" {get_args(Test)}, got {bound}, {gate!r} and {method!r}"
        )
        raise ValueError(msg)
    if method == "beta-mixture":
        above, below = _beyond(binary(means, "means"), bound, alpha)
    else:
        x = bounded_sequence(within(means, 0, 1, "means"), "betting", truncation, 0.5).values
        up, down = log_capitals(x, bound, stakes(x, alpha / 2), truncation)
        above, below = up >= -math.log(alpha / 2), down >= -math.log(alpha / 2)
    shown = [_first(below), _first(above)]
    passed, failed = shown if gate == "at most" else shown[::-1]
    look = min(passed, failed)
    said: Literal["pass", "fail"] = "pass" if passed < failed else "fail"
    none = math.isinf(look)
    return Decision(said="undecided" if none else said, look=None if none else int(look),
                    families=len(above), bound=bound, gate=gate, alpha=alpha)  # fmt: skip


def _beyond(x: Floats, bound: float, alpha: float) -> tuple[Bools, Bools]:
    """After each value, whether the rate is shown to be above *bound*, and below."""
    s, n = np.cumsum(x), np.arange(1, len(x) + 1)
    evidence = log_mixture(s, n - s, (1.0, 1.0)) - log_likelihood(s, n - s, bound)
    shown = evidence >= -math.log(alpha)
    return shown & (s > n * bound), shown & (s < n * bound)


def _first(shown: Bools) -> float:
    """Give the first look, from 1; infinite if there is none."""
    return float(np.argmax(shown)) + 1 if shown.any() else math.inf
