"""Several conditions: whether they differ, which, and what may be said of it."""

import math
from typing import Literal, get_args

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.special import gammaincc

from dosimeter.stats.checks import Floats, binary, trials, within
from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.result import (
    Interval,
    Limits,
    Result,
    check_level,
    normal_quantile,
    wilson_limits,
    z_quantile,
)

Adjustment = Literal["bonferroni", "holm", "hochberg", "bh", "by"]
"""How probabilities of several tests are adjusted for their number."""
Order = Literal["first-second", "second-first"]
"""Which way round a difference is: tables of pairs are first less second, means second less first."""
Said = Literal["A lower", "B lower", "equivalent", "cannot tell"]
"""What a comparison can say."""
Joint = Literal["A better", "B better", "equivalent", "trade-off", "cannot tell"]
"""What a comparison by two rates can say."""


@frozen(kw_only=True)
class Independent(Result):
    """A difference between two shares of different items, *first* less *second*.

    Attributes:
        x1: Events of the first.
        n1: Trials of the first.
        x2: Events of the second.
        n2: Trials of the second.
    """

    x1: float
    n1: float
    x2: float
    n2: float
    bounds: Limits = field(default=(-1.0, 1.0), repr=False)

    def limits(self, level: float) -> Limits:
        """Give the limits by squaring and adding the distances to Wilson's."""
        z = z_quantile(level)
        p1, p2 = self.x1 / self.n1, self.x2 / self.n2
        (l1, u1), (l2, u2) = wilson_limits(p1, self.n1, z), wilson_limits(p2, self.n2, z)
        return self.estimate - math.hypot(p1 - l1, u2 - p2), self.estimate + math.hypot(
            u1 - p1, p2 - l2
        )


def newcombe_independent(x1: float, n1: float, x2: float, n2: float) -> Independent:
    """Difference of two shares of different items with Newcombe's interval.

    Args:
        x1: Events of the first, 0 to *n1*.
        n1: Trials of the first.
        x2: Events of the second, 0 to *n2*.
        n2: Trials of the second.

    Returns:
        First less second share, -1 to 1; undefined if one has no trials.

    Raises:
        ValueError: For events that cannot be among the trials.

    References:
        R. G. Newcombe (1998), Stat. Med. 17:873, method 10.

    Examples:
        A hundred items each do not tell 95 % from 93 %:

        >>> print(newcombe_independent(95, 100, 93, 100))
        0.02 [-0.05132, 0.09325] (n=200, newcombe 95%)
    """
    trials(x1, n1)
    trials(x2, n2)
    none = not n1 or not n2
    n = int(n1 + n2)
    return Independent(
        estimate=math.nan if none else x1 / n1 - x2 / n2, method="newcombe", n=n, clusters=n,
        undefined="no-observations" if none else "", x1=x1, n1=n1, x2=x2, n2=n2,
    )  # fmt: skip


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


def cochran_q(outcomes: ArrayLike) -> CochranQ:
    """Test whether k conditions on the same items have one share: the gate before pairs are compared.

    Args:
        outcomes: 0 or 1, of shape (items, conditions).

    Returns:
        The test; undefined for no items, for one condition, or where no item has both outcomes.

    Raises:
        ValueError: For no such table.

    References:
        W. G. Cochran (1950), Biometrika 37:256.

    Examples:
        >>> found = cochran_q([[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0]])
        >>> f"Q = {found.q:.1f}, p = {found.p_value:.3f}, on {found.varying} of {found.n} items"
        'Q = 6.0, p = 0.050, on 4 of 6 items'
    """
    table = table_of(outcomes)
    n, k = table.shape
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    varying = int(((rows > 0) & (rows < k)).sum())
    why = (
        "no-observations"
        if not n
        else "one-condition"
        if k < 2
        else ""
        if varying
        else "no-variation"
    )
    if why:
        return CochranQ(
            q=math.nan, df=max(k - 1, 0), p_value=math.nan, n=n, varying=0, undefined=why
        )
    apart = float(((columns - columns.mean()) ** 2).sum())
    q = k * (k - 1) * apart / float(rows @ (k - rows))
    return CochranQ(
        q=q, df=k - 1, p_value=float(gammaincc((k - 1) / 2, q / 2)), n=n, varying=varying
    )


def table_of(outcomes: ArrayLike) -> Floats:
    """Give a table of zeros and ones, one row an item.

    Raises:
        ValueError: For another shape, or anything else in it, with its place.
    """
    table = np.asarray(outcomes, dtype=float)
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
        Adjusted probabilities, to be compared with *alpha* as they are; none for none.

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
    if not 0 < alpha < 1:
        msg = f"alpha must lie between 0 and 1, got {alpha}"
        raise ValueError(msg)
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
        rejected=tuple((adjusted <= alpha).tolist()),
    )  # fmt: skip


def _factors(method: Adjustment, m: int) -> Floats | float:
    """What the probabilities are multiplied by, from the least on."""
    rank = np.arange(1, m + 1)
    if method == "bonferroni":
        return float(m)
    if method in {"holm", "hochberg"}:
        return (m + 1 - rank).astype(float)
    return m / rank * (float((1 / rank).sum()) if method == "by" else 1.0)


@frozen(kw_only=True)
class Verdict:
    """What may be said of A against B by one difference, A less B.

    Attributes:
        said: ``"A lower"`` or ``"B lower"`` if the interval leaves out 0; else ``"equivalent"`` if two
            one-sided tests place it within the margin; else ``"cannot tell"``.
        interval: Of A less B.
        margin: What is still no difference that matters.
        within_margin: Whether the difference is shown to lie within the margin; a lower rate can be
            lower by less than matters.
        clusters: Independent units there were.
        clusters_needed: About how many would settle it if the truth is as estimated; None where it is
            settled, or nothing was measured.
    """

    said: Said
    interval: Interval
    margin: float
    within_margin: bool
    clusters: int
    clusters_needed: int | None

    def __str__(self) -> str:
        more = (
            ", by less than the margin" if self.within_margin and self.said != "equivalent" else ""
        )
        need = f", about {self.clusters_needed} would settle it" if self.clusters_needed else ""
        of = f"margin {self.margin:g}, clusters {self.clusters}{need}"
        return f"{self.said}{more}: A - B {self.interval}, {of}"


def verdict(
    difference: Result, margin: float, *, order: Order, level: float = 0.95, power: float = 0.8
) -> Verdict:
    """Say which of A (the first) and B (the second) is lower, that they are equivalent, or neither.

    Args:
        difference: One with limits at any level, as `dosimeter.stats.paired.tango` gives.
        margin: Above 0, in units of the difference, fixed before the data were seen.
        order: Which way round *difference* is.
        level: Confidence level of the interval; equivalence is by two one-sided tests at 1 - level.
        power: Probability with which that many clusters would settle it.

    Returns:
        A verdict, which is ``"cannot tell"`` where there is no interval.

    Raises:
        ValueError: For a margin, order, level or power that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657.

    Examples:
        Not significantly different is not equivalent:

        >>> from dosimeter.stats.paired import tango
        >>> found = verdict(tango(90, 3, 4, 3), .02, order="first-second")
        >>> print(f"{found.said}; about {found.clusters_needed:,} items would settle it")
        cannot tell; about 7,869 items would settle it
    """
    check_level(level)
    if order not in get_args(Order) or not 0.5 <= power < 1:
        msg = f"needs an order of {get_args(Order)} and a power from 0.5 to 1, got {order!r} and {power}"
        raise ValueError(msg)
    within_margin = equivalence(difference, margin, 1 - level).equivalent
    found, estimate = _a_less_b(difference, level, order)
    said: Said = "cannot tell"
    if not found.undefined:
        said = (
            "A lower"
            if found.upper < 0
            else "B lower"
            if found.lower > 0
            else "equivalent"
            if within_margin
            else "cannot tell"
        )
    settled = said != "cannot tell" or bool(found.undefined)
    needed = None if settled else _needed(found, estimate, margin, difference.clusters, power)
    return Verdict(said=said, interval=found, margin=margin, within_margin=within_margin,
                   clusters=difference.clusters, clusters_needed=needed)  # fmt: skip


def _a_less_b(difference: Result, level: float, order: Order) -> tuple[Interval, float]:
    """Give the interval and the estimate of A less B."""
    found = difference.interval(level)
    if order == "first-second":
        return found, difference.estimate
    turned = Interval(-found.upper, -found.lower, level, found.method, found.undefined)
    return turned, -difference.estimate


def _needed(found: Interval, estimate: float, margin: float, clusters: int, power: float) -> int:
    """About how many clusters would show a difference, or equivalence, whichever takes fewer.

    The width falls with the root of their number; *estimate* is taken for the truth.
    """
    z = z_quantile(found.level)
    error = found.width / (2 * z)
    apart = (z + normal_quantile(power)) * error / abs(estimate) if estimate else math.inf
    room = margin - abs(estimate)
    one_sided = normal_quantile(found.level) + normal_quantile((1 + power) / 2)
    alike = one_sided * error / room if room > 0 else math.inf
    return math.ceil(clusters * min(apart, alike) ** 2)


@frozen(kw_only=True)
class JointVerdict:
    """What may be said of A against B by over-refusal and under-refusal at once.

    Attributes:
        said: ``"A better"`` or ``"B better"`` if it is lower on one and no worse than the margin on the
            other; ``"trade-off"`` if each is lower on one; ``"equivalent"`` if the margins hold both
            differences; else ``"cannot tell"``.
        over: Of the rates at which what is harmless is refused.
        under: Of the rates at which what is harmful is answered.
    """

    said: Joint
    over: Verdict
    under: Verdict

    def __str__(self) -> str:
        return f"{self.said} (over-refusal: {self.over}; under-refusal: {self.under})"


def refusal_verdict(
    over: Result,
    under: Result,
    *,
    over_margin: float,
    under_margin: float,
    order: Order,
    level: float = 0.95,
) -> JointVerdict:
    """Say which of A and B is better by both rates of refusing wrongly: never by one of them.

    To be lower on either of two is two chances, so the interval that shows it is at (1 + level) / 2;
    to be no worse has to hold on both, which needs no such care (Roehmel).

    Args:
        over: Difference in over-refusal, the lower the better.
        under: Difference in under-refusal (harmful requests answered), the lower the better.
        over_margin: Above 0, what is still no worse over-refusal.
        under_margin: Likewise of under-refusal.
        order: Which way round both differences are.
        level: Confidence level.

    Returns:
        A verdict; ``"cannot tell"`` where an interval is lacking.

    Raises:
        ValueError: As `verdict`.

    References:
        J. Roehmel, C. Gerlinger, N. Benda, J. Laeuter (2006), Biometrical J. 48:916.

    Examples:
        A refuses fewer harmless requests, and answers more harmful ones: a trade-off, not a win.

        >>> from dosimeter.stats.paired import tango
        >>> margins = {"over_margin": .02, "under_margin": .02}
        >>> refusal_verdict(tango(20, 5, 60, 115), tango(5, 40, 4, 151), **margins, order="first-second").said
        'trade-off'
    """
    half = (1 + level) / 2
    on = [
        verdict(over, over_margin, order=order, level=half),
        verdict(under, under_margin, order=order, level=half),
    ]
    ends = [_a_less_b(d, 2 * level - 1, order)[0] for d in (over, under)]
    known = not any(i.undefined for i in ends)
    a_fine = ends[0].upper < over_margin and ends[1].upper < under_margin
    b_fine = ends[0].lower > -over_margin and ends[1].lower > -under_margin
    a_wins = any(v.said == "A lower" for v in on)
    b_wins = any(v.said == "B lower" for v in on)
    said: Joint = "cannot tell"
    if known and a_wins and b_wins:
        said = "trade-off"
    elif known and a_wins and a_fine:
        said = "A better"
    elif known and b_wins and b_fine:
        said = "B better"
    elif known and a_fine and b_fine:
        said = "equivalent"
    return JointVerdict(said=said, over=on[0], under=on[1])
