"""The marks of two targets side by side, on the prompts that both were put."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from attrs import evolve, field, frozen

from dosimeter.analysis.load import Floats
from dosimeter.analysis.pairs import Key, Mark, Marks, Planned
from dosimeter.model.comparing import Lost

NONE = Mark(total=0.0, least=0.0, most=0.0, n=0, cut=0)
"""Of a prompt without a mark."""


@frozen(kw_only=True)
class Paired:
    """What is averaged, of the prompts that both targets have a mark on.

    Attributes:
        first: Of the one target, a row a prompt.
        second: Of the other.
        family: Name of the family of each.
        plain: Whether each family has one prompt, put once: independent pairs.
        lost: Shared prompts that lack a mark, or have that of a cut reply.
        cut: Shares of the replies of both that were cut, families weighted alike.
    """

    first: Floats = field(repr=False)
    second: Floats = field(repr=False)
    family: tuple[str, ...] = field(repr=False)
    plain: bool
    lost: Lost
    cut: tuple[float, float] = (0.0, 0.0)

    @property
    def each(self) -> Iterator[tuple[str, float, float]]:
        """Family, first and second of each prompt."""
        return zip(self.family, self.first.tolist(), self.second.tolist(), strict=True)

    @property
    def weights(self) -> Floats:
        """Weigh families alike."""
        _, code = np.unique(np.asarray(self.family), return_inverse=True)
        return np.asarray(1.0 / np.bincount(code)[code])


def pair(
    a: Mapping[Key, Planned], b: Mapping[Key, Planned], ours: Marks, theirs: Marks,
    ends: tuple[float, float],
) -> Paired:  # fmt: skip
    """Put the marks of two targets side by side.

    Args:
        a: Prompts that the first was put, in one cell.
        b: That the second was.
        ours: Marks of the first.
        theirs: Of the second.
        ends: Lowest and highest value that a mark can have.
    """
    shared = sorted(a.keys() & b.keys())
    both = [k for k in shared if k in ours and k in theirs]
    first, second = (np.array([m[k].mean for k in both]) for m in (ours, theirs))
    family = tuple(a[k].family for k in both)
    once = all(ours[k].n == theirs[k].n == 1 for k in both)
    return Paired(
        first=first, second=second, family=family, plain=once and len(set(family)) == len(family),
        lost=_lost(shared, (a, b), (ours, theirs), ends),
        cut=(_cut(shared, a, ours), _cut(shared, b, theirs)),
    )  # fmt: skip


def _lost(
    shared: Sequence[Key], planned: Sequence[Mapping[Key, Planned]], marks: Sequence[Marks],
    ends: tuple[float, float],
) -> Lost:  # fmt: skip
    """Count shared prompts without a whole mark of every reply, and bound the difference over all."""
    lacking = cut = 0
    sums: dict[str, list[float]] = {}
    for k in shared:
        mine = [(p[k].times, m.get(k, NONE)) for p, m in zip(planned, marks, strict=True)]
        low, high = zip(*(_reach(times, one, ends) for times, one in mine), strict=True)
        gone = any(one.n < times for times, one in mine)
        lacking += gone
        cut += not gone and any(one.cut for _, one in mine)
        at = sums.setdefault(planned[0][k].family, [0.0, 0.0, 0.0, 0.0])
        at[0] += low[1] - high[0]
        at[1] += high[1] - low[0]
        at[2] += 1
        at[3] += gone or any(one.cut for _, one in mine)
    weight = float(np.mean([s[3] / s[2] for s in sums.values()])) if lacking or cut else 0.0
    counted = Lost(pairs=lacking, cut=cut, shared=len(shared), weight=weight)
    if not (lacking or cut) or not np.isfinite(ends).all():
        return counted
    lowest, highest = (float(np.mean([s[i] / s[2] for s in sums.values()])) for i in (0, 1))
    return evolve(counted, lowest=lowest, highest=highest)


def _reach(times: int, mark: Mark, ends: tuple[float, float]) -> tuple[float, float]:
    """Give what a prompt's average could be, at the lowest and at the highest."""
    gone = max(times - mark.n, 0)
    size = max(times, mark.n)
    return (mark.least + gone * ends[0]) / size, (mark.most + gone * ends[1]) / size


def _cut(shared: Sequence[Key], planned: Mapping[Key, Planned], marks: Marks) -> float:
    """Average over families the share of their replies that was cut."""
    shares: dict[str, list[float]] = {}
    for k in shared:
        one = marks.get(k, NONE)
        shares.setdefault(planned[k].family, []).append(one.cut / max(planned[k].times, one.n))
    return float(np.mean([np.mean(some) for some in shares.values()])) if shares else 0.0
