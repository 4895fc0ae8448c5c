"""Several tests at once: whether anything differs at all, and what their number leaves of each."""

import math
from typing import Literal, get_args

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.checks import Floats, array, binary, inside, within
from dosimeter.stats.result import chi2_tail

Adjustment = Literal["bonferroni", "holm", "hochberg", "bh", "by"]
"""How probabilities of several tests are adjusted for their number."""


@frozen(kw_only=True)
class CochranQ:
    """Cochran's test of whether k conditions on the same items have one share.

    Attributes:
        q: The statistic; NaN if undefined.
        df: Degrees of freedom, k - 1.
        p_value: Probability of a statistic at least as large; NaN if undefined.
        n: Items.
        varying: Items on which the conditions differ: all that the test rests on.
        undefined: Why there is no test; empty if there is one.
    """

    q: float
    df: int
    p_value: float
    n: int
    varying: int
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"undefined ({self.undefined}, n={self.n})"
        return f"Q = {self.q:.4g}, df {self.df}, p {self.p_value:.3g} (n={self.n}, {self.varying} vary)"


def cochran_q(outcomes: ArrayLike) -> CochranQ:
    """Test whether k conditions on the same items have one share: the gate before pairs are compared.

    Args:
        outcomes: 0 or 1, of shape (items, conditions).

    Returns:
        The test; undefined for no items, for one condition, or where no item has both outcomes. Q
        is at least 0, its p 0 to 1 (`CochranQ`).

    Raises:
        ValueError: For no such table.

    References:
        W. G. Cochran (1950), Biometrika 37:256.

    Examples:
        Three conditions differ by more than chance at 5 %, though barely:

        >>> found = cochran_q([[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0]])
        >>> print(found)
        Q = 6, df 2, p 0.0498 (n=6, 4 vary)
    """
    table = table_of(outcomes)
    n, k = table.shape
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    varying = int(((rows > 0) & (rows < k)).sum())
    why = "no-observations" if not n else "one-condition" if k < 2 else ""
    why = why or ("" if varying else "no-variation")
    if why:
        nan = math.nan
        return CochranQ(q=nan, df=max(k - 1, 0), p_value=nan, n=n, varying=0, undefined=why)
    apart = float(((columns - columns.mean()) ** 2).sum())
    q = k * (k - 1) * apart / float(rows @ (k - rows))
    return CochranQ(q=q, df=k - 1, p_value=chi2_tail(q, k - 1), n=n, varying=varying)


def table_of(outcomes: ArrayLike) -> Floats:
    """Give a table of zeros and ones, one row an item.

    Raises:
        ValueError: For another shape, or anything else in it, with its place.
    """
    table = array(outcomes, "outcomes")
    if not table.size and table.ndim < 2:
        table = table.reshape(0, 0)
    if table.ndim != 2:
        msg = f"outcomes must be a table of items by conditions, got shape {table.shape}"
        raise ValueError(msg)
    for at, row in enumerate(table):
        binary(row, f"outcomes[{at}]")
    return table


@frozen(kw_only=True)
class Adjusted:
    """Probabilities adjusted for their number.

    Attributes:
        adjusted: One for each, in the order given, at most 1.
        method: How.
        alpha: Level of the whole family.
        rejected: Of each, whether it is at most *alpha*.
    """

    adjusted: tuple[float, ...]
    method: Adjustment
    alpha: float
    rejected: tuple[bool, ...]

    @property
    def n_rejected(self) -> int:
        """How many are rejected."""
        return sum(self.rejected)

    def __str__(self) -> str:
        told = f"{self.n_rejected} of {len(self.adjusted)} rejected"
        return f"{told} ({self.method}, alpha {self.alpha:g})"


def p_adjust(p: ArrayLike, method: Adjustment = "holm", alpha: float = 0.05) -> Adjusted:
    """Adjust the probabilities of a family of tests for their number.

    Args:
        p: Probabilities of all tests of the family that was declared, those not reported too.
        method: ``"holm"`` for claims (no false one in the family, whatever their dependence),
            ``"bonferroni"`` likewise and weaker, ``"hochberg"`` for independent ones; ``"bh"`` for
            flags to look into (the share of false ones among them), ``"by"`` likewise whatever their
            dependence.
        alpha: Level of the family, or share of false flags, between 0 and 1.

    Returns:
        Adjusted probabilities, to be compared with *alpha* as they are; none for none. They are 0
        to 1 (`Adjusted`).

    Raises:
        ValueError: For what is no probability (a test without a result is left out, and said to be),
            another method, or another level.

    References:
        S. Holm (1979), Scand. J. Stat. 6:65; Y. Hochberg (1988), Biometrika 75:800; Y. Benjamini,
        Y. Hochberg (1995), J. R. Stat. Soc. B 57:289; Y. Benjamini, D. Yekutieli (2001), Ann. Stat.
        29:1165.

    Examples:
        Of three findings at 5 %, one is left where no false claim is to be made:

        >>> p_adjust([.01, .03, .04]).adjusted
        (0.03, 0.06, 0.06)
    """
    values = within(p, 0, 1, "p")
    if method not in get_args(Adjustment):
        msg = f"method must be one of {', '.join(get_args(Adjustment))}, got {method!r}"
        raise ValueError(msg)
    inside(alpha=alpha)
    m = len(values)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * _factors(method, m)
    if method == "holm":
        scaled = np.maximum.accumulate(scaled)
    elif method != "bonferroni":
        scaled = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(scaled, 1)
    return Adjusted(
        adjusted=tuple(adjusted.tolist()), method=method, alpha=alpha,
        rejected=tuple(at_most(adjusted, alpha).tolist()),
    )  # fmt: skip


def at_most(adjusted: Floats, alpha: float) -> NDArray[np.bool_]:
    """Tell which adjusted probabilities are at most *alpha*, up to rounding: many are fractions of it."""
    return np.asarray(adjusted <= alpha * (1 + 1e-12))


def _factors(method: Adjustment, m: int) -> Floats | float:
    """What the probabilities are multiplied by, from the least on."""
    rank = np.arange(1, m + 1)
    if method == "bonferroni":
        return float(m)
    if method in {"holm", "hochberg"}:
        return (m + 1 - rank).astype(float)
    return m / rank * (float((1 / rank).sum()) if method == "by" else 1.0)
