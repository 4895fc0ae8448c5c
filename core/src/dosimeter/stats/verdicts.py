"""What may be said of two conditions: which is lower, that they are equivalent, or that nobody can tell."""

import math
from typing import Literal, get_args

from attrs import frozen

from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.result import (
    Interval,
    Result,
    check_level,
    normal_quantile,
    normal_tail,
    turned,
    z_quantile,
)
from dosimeter.stats.roots import root

Order = Literal["first-second", "second-first"]
"""Which way round a difference is: tables of pairs are first less second, means second less first."""
Said = Literal["A lower", "B lower", "equivalent", "cannot tell"]
"""What a comparison can say."""
Joint = Literal["A better", "B better", "equivalent", "trade-off", "cannot tell"]
"""What a comparison by two rates can say."""

MOST = 10**12
"""Clusters above which no number of them is told to settle anything."""


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
            settled, nothing was measured, or it is more than anybody has.
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
        A verdict, which is ``"cannot tell"`` where there is no interval. The difference that it
        rests on is in `Verdict`.

    Raises:
        ValueError: For a margin, order, level or power that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657.

    Examples:
        Not significantly different is not equivalent:

        >>> from dosimeter.stats.paired import tango
        >>> found = verdict(tango(90, 3, 4, 3), .02, order="first-second")
        >>> print(f"{found.said}; about {found.clusters_needed:,} items would settle it")
        cannot tell; about 2,401 items would settle it
    """
    check_level(level)
    if order not in get_args(Order) or not 0.5 <= power < 1:
        msg = f"needs an order of {get_args(Order)} and a power from 0.5 to 1, got {order!r} and {power}"
        raise ValueError(msg)
    within_margin = equivalence(difference, margin, 1 - level).equivalent
    a_less_b = _a_less_b(difference, order)
    found, estimate = a_less_b.interval(level), a_less_b.estimate
    said = _said(found, within_margin=within_margin)
    settled = said != "cannot tell" or bool(found.undefined)
    needed = None if settled else _needed(found, estimate, margin, difference.clusters, power)
    return Verdict(said=said, interval=found, margin=margin, within_margin=within_margin,
                   clusters=difference.clusters, clusters_needed=needed)  # fmt: skip


def _a_less_b(difference: Result, order: Order) -> Result:
    return difference if order == "first-second" else turned(difference)


def _said(found: Interval, *, within_margin: bool) -> Said:
    """What an interval of A less B says."""
    if found.undefined:
        return "cannot tell"
    if found.upper < 0:
        return "A lower"
    if found.lower > 0:
        return "B lower"
    return "equivalent" if within_margin else "cannot tell"


def _needed(
    found: Interval, estimate: float, margin: float, clusters: int, power: float
) -> int | None:
    """About how many clusters would show a difference, or equivalence: the width falls with their root.

    *estimate* is taken for the truth, and estimates for normal. Once the error is small enough for one
    of both to hold whatever comes out, nothing is left open. None for more than anybody has.
    """
    z, one_sided = z_quantile(found.level), normal_quantile(found.level)
    error = found.width / (2 * z)

    def lacking(part: float) -> float:
        se = error * part
        inside = min(margin - one_sided * se, z * se)
        alike = _between(-inside, inside, estimate, se) if inside > 0 else 0.0
        return alike + 1 - _between(-z * se, z * se, estimate, se) - power

    part = root(lacking, min(1.0, margin / (z + one_sided) / error), 1.0)
    many = clusters / part / part  # the square may be too small for a number
    return max(clusters + 1, math.ceil(many)) if many <= MOST else None


def _between(low: float, high: float, mean: float, se: float) -> float:
    """Probability that a normal variable lies between *low* and *high*."""
    return normal_tail((low - mean) / se) - normal_tail((high - mean) / se)


@frozen(kw_only=True)
class JointVerdict:
    """What may be said of A against B by over-refusal and under-refusal at once.

    Attributes:
        said: ``"A better"`` or ``"B better"`` if it is lower on one and no worse than the margin on the
            other; ``"trade-off"`` if each is lower on one; ``"equivalent"`` if the margins hold both
            differences; else ``"cannot tell"``.
        over: Of the rates at which what is harmless is refused, at (1 + level) / 2.
        under: Of the rates at which what is harmful is answered, likewise.
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

    To be lower on either of two is two chances, so the interval that shows one to be better is at
    (1 + level) / 2; to be no worse has to hold on both, which needs no such care (Roehmel). A trade-off
    claims that each is lower on one: both have to be shown, an intersection-union test, so each is at
    *level* (Berger). Where nothing differs, the two rules together say something wrong no more often than
    Hochberg's do, which is 1 - *level* at most unless the tests lean against each other in ways that
    correlated normal ones cannot.

    Args:
        over: Difference in over-refusal, the lower the better.
        under: Difference in under-refusal (harmful requests answered), the lower the better.
        over_margin: Above 0, what is still no worse over-refusal.
        under_margin: Likewise of under-refusal.
        order: Which way round both differences are.
        level: Confidence level.

    Returns:
        A verdict; ``"cannot tell"`` where an interval is lacking. The two differences are in
        `JointVerdict`.

    Raises:
        ValueError: As `verdict`.

    References:
        J. Roehmel, C. Gerlinger, N. Benda, J. Laeuter (2006), Biometrical J. 48:916.
        R. L. Berger (1982), Technometrics 24:295 (intersection-union tests).
        Y. Hochberg (1988), Biometrika 75:800.

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
    ends = [_a_less_b(d, order).interval(2 * level - 1) for d in (over, under)]
    known = not any(i.undefined for i in ends)
    a_fine = ends[0].upper < over_margin and ends[1].upper < under_margin
    b_fine = ends[0].lower > -over_margin and ends[1].lower > -under_margin
    a_wins = any(v.said == "A lower" for v in on)
    b_wins = any(v.said == "B lower" for v in on)
    alone = {_said(_a_less_b(d, order).interval(level), within_margin=False) for d in (over, under)}
    said: Joint = "cannot tell"
    if known and alone == {"A lower", "B lower"}:
        said = "trade-off"
    elif known and a_wins and a_fine:
        said = "A better"
    elif known and b_wins and b_fine:
        said = "B better"
    elif known and a_fine and b_fine:
        said = "equivalent"
    return JointVerdict(said=said, over=on[0], under=on[1])
