"""Several conditions on the same items in tie groups: no rank that the intervals do not carry."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Labels
from dosimeter.stats.multiplicity import CochranQ, cochran_q, p_adjust, table_of
from dosimeter.stats.paired import pair_table, paired_score, tango
from dosimeter.stats.result import Result


@frozen(kw_only=True)
class Pair:
    """Two of several conditions compared.

    Attributes:
        first: Name of the one.
        second: Of the other.
        difference: First less second share.
        p_value: Of there being no difference.
        adjusted: That, adjusted for all pairs (Holm).
        level: Confidence level at which the pair's interval has to leave out 0.
        apart: Whether both the test and the interval tell them apart.
    """

    first: str
    second: str
    difference: Result
    p_value: float
    adjusted: float
    level: float
    apart: bool

    def __str__(self) -> str:
        told = "apart" if self.apart else "not told apart"
        return f"{self.first} less {self.second} {self.difference}, adjusted p {self.adjusted:.3g}: {told}"


@frozen(kw_only=True)
class Groups:
    """Which of several conditions the evidence tells apart.

    Attributes:
        order: Names, the lowest share first.
        letters: Of each, the letters of the groups it is in; two with a letter in common are not
            told apart.
        places: Of each, the best and the worst place that the pairs leave open, from 1: the rank that
            the evidence carries.
    """

    order: tuple[str, ...]
    letters: Mapping[str, str]
    places: Mapping[str, tuple[int, int]]

    def __str__(self) -> str:
        def told(name: str) -> str:
            best, worst = self.places[name]
            place = f"place {best}" if best == worst else f"places {best} to {worst}"
            return f"{name} {self.letters[name]} ({place})"

        return ", ".join(told(name) for name in self.order)


def tie_groups(order: Sequence[str], apart: Sequence[tuple[str, str]]) -> Groups:
    """Make tie groups, with letters, of the pairs that are told apart.

    Args:
        order: All names, the lowest first.
        apart: Pairs of names told apart, in either order.

    Returns:
        Groups; those that overlap are ties, even if their ends are told apart. Places count from 1
        (`Groups`).

    Raises:
        ValueError: For a name that comes twice, or a pair of names that are not there.

    References:
        H.-P. Piepho (2004), J. Comput. Graph. Stat. 13:456.

    Examples:
        The middle one cannot be told from either end:

        >>> print(tie_groups(["x", "y", "z"], [("x", "z")]))
        x a (places 1 to 2), y ab (places 1 to 3), z b (places 2 to 3)
    """
    at = {name: i for i, name in enumerate(order)}
    if len(at) < len(order) or any(a == b or {a, b} - at.keys() for a, b in apart):
        msg = f"needs names that differ and pairs of them, got {list(order)} and {list(apart)}"
        raise ValueError(msg)
    pairs = {(min(at[a], at[b]), max(at[a], at[b])) for a, b in apart}
    groups = [frozenset(at.values())] if order else []
    for pair in sorted(pairs):
        split = [g - {i} for g in groups if g.issuperset(pair) for i in pair]
        groups = _absorbed([g for g in groups if not g.issuperset(pair)] + split)
    groups.sort(key=sorted)
    low, high = [i for i, _ in pairs], [j for _, j in pairs]
    return Groups(
        order=tuple(order),
        letters={name: "".join(_letter(k) for k, g in enumerate(groups) if i in g) for name, i in at.items()},
        places={name: (1 + high.count(i), len(order) - low.count(i)) for name, i in at.items()},
    )  # fmt: skip


def _absorbed(groups: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """Leave out groups that lie within others."""
    once = list(dict.fromkeys(groups))
    return [g for g in once if not any(g < other for other in once)]


def _letter(k: int) -> str:
    """Give a, b, ... z, then a1, b1, ..."""
    return chr(ord("a") + k % 26) + (str(k // 26) if k >= 26 else "")


@frozen(kw_only=True)
class Ranking:
    """Several conditions on the same items, in tie groups.

    Attributes:
        gate: Cochran's test of there being any difference; it takes rows as independent, so clusters
            go without it.
        pairs: All pairs.
        groups: What they carry.
    """

    gate: CochranQ | None
    pairs: tuple[Pair, ...]
    groups: Groups

    def __str__(self) -> str:
        return str(self.groups)


def rank(
    outcomes: ArrayLike, names: Sequence[str], cluster: Labels | None = None, alpha: float = 0.05
) -> Ranking:
    """Rank conditions on the same items by pairs that are told apart, never by estimates alone.

    Two are apart if, at the level of Holm's step, the test says so and the interval leaves out 0, so
    the error of the whole family is *alpha* if either of the two keeps its own. Without clusters: mid-p
    and Tango's interval, and none are apart unless Cochran's Q is at most *alpha*. With: t on
    differences by cluster, and the limits of `dosimeter.stats.paired.paired_score`.

    Args:
        outcomes: 0 or 1, of shape (items, conditions); an event is bad, so the lowest share leads.
        names: Of the conditions.
        cluster: Labels of the rows, if some belong together.
        alpha: Level of the whole family of pairs.

    Returns:
        Pairs and groups. A pair without a test is never apart. Differences are of shares, -1 to 1
        (`Ranking`).

    Raises:
        ValueError: For no table, or names that do not fit it.

    References:
        S. Holm (1979), Scand. J. Stat. 6:65; W. G. Cochran (1950), Biometrika 37:256; limits by cluster
        as `paired_score`.

    Examples:
        Three models; the first is better than the last, and no more is known:

        >>> rows = [[0, 0, 1]] * 5 + [[0, 1, 1]] * 3 + [[1, 1, 1]] * 2 + [[0, 0, 0]] * 26
        >>> print(rank(rows, ["x", "y", "z"]))
        x a (places 1 to 2), y ab (places 1 to 3), z b (places 2 to 3)
    """
    table = table_of(outcomes)
    if table.shape[1] != len(names):
        msg = f"{len(names)} names for {table.shape[1]} conditions: give one to each"
        raise ValueError(msg)
    gate = cochran_q(table) if cluster is None else None
    couples = list(combinations(range(len(names)), 2))
    found = [_compared(table[:, i], table[:, j], cluster) for i, j in couples]
    adjusted = p_adjust(np.nan_to_num([p for _, p in found], nan=1.0), "holm", alpha).adjusted
    open_gate = gate is None or gate.p_value <= alpha
    every = tuple(
        Pair(first=names[i], second=names[j], difference=difference, p_value=p, adjusted=float(q),
             level=level, apart=open_gate and passed)
        for (i, j), (difference, p), q, (level, passed)
        in zip(couples, found, adjusted, _stepped(found, alpha), strict=True)
    )  # fmt: skip
    shares = table.mean(axis=0) if len(table) else np.zeros(len(names))
    order = [names[i] for i in np.argsort(shares, kind="stable")]
    return Ranking(gate=gate, pairs=every,
                   groups=tie_groups(order, [(p.first, p.second) for p in every if p.apart]))  # fmt: skip


def _stepped(found: Sequence[tuple[Result, float]], alpha: float) -> Sequence[tuple[float, bool]]:
    """Give of each pair the level of its step, and whether both test and interval pass it.

    These are Holm's steps of the larger of both probabilities: what passes makes the next step easier.
    """
    out: dict[int, tuple[float, bool]] = {}
    while left := [k for k in range(len(found)) if not out.get(k, (0.0, False))[1]]:
        error = alpha / len(left)
        tried = {k: found[k][1] <= error and 0 not in found[k][0].interval(1 - error) for k in left}
        out |= {k: (1 - error, passed) for k, passed in tried.items()}
        if not any(tried.values()):
            break
    return [out[k] for k in range(len(found))]


def _compared(one: Floats, other: Floats, cluster: Labels | None) -> tuple[Result, float]:
    """Give one less other, and the probability of there being no difference."""
    if cluster is not None:
        difference = paired_score(other, one, cluster)
        return difference, difference.p_value()
    compared = tango(*pair_table(one, other))
    return compared, 1.0 if compared.undefined else compared.mid_p
