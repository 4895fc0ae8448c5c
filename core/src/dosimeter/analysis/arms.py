"""Marks of one rater in one cell, or in a part of it, and what differences between such say beside them."""

from collections.abc import Iterable, Iterator

from attrs import evolve, field, fields, frozen

from dosimeter.analysis.load import Group
from dosimeter.analysis.wording import Frame
from dosimeter.model.answering import BROKEN_CELL, SOME_FAMILIES, Caveat, Missing
from dosimeter.model.report import Cell
from dosimeter.plural import plural

FEW = "few-families"
OF_ONE_ARM = {"off-script", "blocked", "both-ways", FEW}
"""Caveats that quote a number of one arm, which is none of the difference."""
OF_EACH_ARM = {"missing", "truncated", "no-candidate", BROKEN_CELL}
"""Caveats that quote one which holds for the difference too, if it is said of which arm it is."""


@frozen(kw_only=True)
class Arm:
    """Marks of one rater on one scale in one cell, or in a part of it."""

    group: Group = field(repr=False)
    cell: Cell
    frame: Frame


def of_both(told: Iterable[tuple[str, Iterable[Caveat]]], families: int) -> Iterator[Caveat]:
    """Give the caveats of arms that are the difference's too, and its own of few families.

    Args:
        told: What each arm is called, with its caveats.
        families: On which the difference rests.
    """
    seen: set[Caveat] = set()
    for name, caveats in told:
        for c in caveats:
            if c.code in OF_ONE_ARM:
                continue
            one = evolve(c, text=f"{c.text} ({name})") if c.code in OF_EACH_ARM else c
            if one not in seen:
                seen.add(one)
                yield one
    if families < SOME_FAMILIES:
        yield Caveat(code=FEW, text=plural(families, "family"))


def together(parts: Iterable[Missing]) -> Missing:
    """Add up what numbers leave out; what that could hide is known by whoever puts them together."""
    every = tuple(parts)
    counts = {
        a.name: sum(getattr(one, a.name) for one in every)
        for a in fields(Missing) if a.name not in {"reasons", "lower", "upper"}
    }  # fmt: skip
    reasons: dict[str, int] = {}
    for why, n in (pair for one in every for pair in one.reasons):
        reasons[why] = reasons.get(why, 0) + n
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return Missing(**counts, reasons=tuple(ranked))
