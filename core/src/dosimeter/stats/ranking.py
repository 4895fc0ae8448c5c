"""Several conditions on the same items in tie groups: no rank that the intervals do not carry."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Labels
from dosimeter.stats.multiplicity import CochranQ, cochran_q, p_adjust, table_of
from dosimeter.stats.paired import pair_table, paired_clustered, tango
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
        Groups; those that overlap are ties, even if their ends are told apart.

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

    Two are apart if Holm's adjusted probability is at most *alpha*, and the interval at the level of
    Holm's step leaves out 0. Without clusters: mid-p and Tango's interval, and none are apart unless
    Cochran's Q is at most *alpha*. With: t on differences by cluster.

    Args:
        outcomes: 0 or 1, of shape (items, conditions); an event is bad, so the lowest share leads.
        names: Of the conditions.
        cluster: Labels of the rows, if some belong together.
        alpha: Level of the whole family of pairs.

    Returns:
        Pairs and groups. A pair without a test is never apart.

    Raises:
        ValueError: For no table, or names that do not fit it.

    References:
        S. Holm (1979), Scand. J. Stat. 6:65; W. G. Cochran (1950), Biometrika 37:256.

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
    p = np.array([f[1] for f in found])
    adjusted = np.array(p_adjust(np.nan_to_num(p, nan=1.0), "holm", alpha).adjusted)
    step = np.empty(len(p))
    step[np.argsort(np.nan_to_num(p, nan=1.0), kind="stable")] = len(p) - np.arange(len(p))
    open_gate = gate is None or gate.p_value <= alpha
    pairs = []
    for (i, j), (difference, own), q, k in zip(couples, found, adjusted, step, strict=True):
        level = 1 - alpha / float(k)
        apart = open_gate and bool(q <= alpha) and 0 not in difference.interval(level)
        pairs.append(Pair(first=names[i], second=names[j], difference=difference, p_value=own,
                          adjusted=float(q), level=level, apart=apart))  # fmt: skip
    shares = table.mean(axis=0) if len(table) else np.zeros(len(names))
    order = [names[i] for i in np.argsort(shares, kind="stable")]
    return Ranking(gate=gate, pairs=tuple(pairs),
                   groups=tie_groups(order, [(p.first, p.second) for p in pairs if p.apart]))  # fmt: skip


def _compared(one: Floats, other: Floats, cluster: Labels | None) -> tuple[Result, float]:
    """Give one less other, and the probability of there being no difference."""
    if cluster is not None:
        difference = paired_clustered(other, one, cluster)
        return difference, difference.p_value()
    compared = tango(*pair_table(one, other))
    return compared, 1.0 if compared.undefined else compared.mid_p
