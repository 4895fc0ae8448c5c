"""Comparisons: two targets on the same items, and what may be said of them."""

import math
from collections.abc import Sequence
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import gt, optional

from dosimeter.model.answering import Caveat
from dosimeter.model.conversation import Pairs


class Said(StrEnum):
    """What a comparison says of its two sides."""

    A_LOWER = "A lower"
    B_LOWER = "B lower"
    EQUIVALENT = "equivalent"
    CANNOT_TELL = "cannot tell"


class Joint(StrEnum):
    """What over- and under-refusal say together (VALIDITY 13)."""

    A_BETTER = "A better"
    B_BETTER = "B better"
    TRADE_OFF = "trade-off"
    EQUIVALENT = "equivalent"
    CANNOT_TELL = "cannot tell"


@frozen(kw_only=True)
class Declared:
    """A comparison that a stack declares: one member of the family that Holm's adjustment is over.

    Attributes:
        where: Group pairs a comparison must have.
    """

    measure: str = field(metadata={"help": "id of a measure of a category, a rate or a mean"})
    margin: float | None = field(
        default=None,
        validator=optional(gt(0)),
        metadata={
            "help": "largest difference that does not matter, in the measure's own units (a share is 0"
            " to 1); without one nothing is called equivalent"
        },
    )
    where: Pairs = field(
        default=(),
        metadata={
            "help": "which comparisons: `category`, `intent`, `attack`, `rater`; default: everything"
        },
    )


def declared_as(declared: Sequence[Declared], measure: str, group: Pairs) -> Declared | None:
    """Give the declared comparison that *measure* in *group* is; None if it is none.

    Args:
        declared: Of the stack; none for all of them.
        measure: Id of a rate or a mean.
        group: Category, intent, attack and rater.
    """
    for one in declared or (Declared(measure=measure),):
        if one.measure == measure and set(one.where) <= set(group):
            return one
    return None


@frozen(kw_only=True)
class Side:
    """A target in a run.

    Attributes:
        label: What the comparison calls it.
        models: What it called itself.
        reportable: False of a run that is not the benchmark.
    """

    label: str
    run: str
    target: str
    provider: str
    model: str
    models: tuple[str, ...]
    reportable: bool


@frozen(kw_only=True)
class Overlap:
    """What two sides have in common in one cell of the design.

    Attributes:
        shared: Prompts (item, wording, variant) that both put.
        only_a: Prompts of the first alone.
        only_b: Of the second alone.
        changed: Of those of either alone, items that both have under one id with other words.
    """

    a: str
    b: str
    category: str
    intent: str
    attack: str
    shared: int
    only_a: int
    only_b: int
    changed: int


@frozen(kw_only=True)
class Lost:
    """Shared prompts without a whole mark on one side or both, and what they could hide.

    Attributes:
        pairs: Those that lack a mark of a reply.
        cut: Of the others, those with a reply that was cut: its rest might have been marked otherwise.
        shared: Of how many prompts that both put.
        lowest: The difference if every missing mark, and the rest of every cut reply, were as is lowest
            for it; None if unbounded.
        highest: As is highest.
        weight: Share of them, families weighted alike.
    """

    pairs: int
    cut: int = 0
    shared: int = 0
    lowest: float | None = None
    highest: float | None = None
    weight: float = 0.0

    @property
    def share(self) -> float:
        """Share of the shared prompts that lack a whole mark, or of the weight that they have; the larger."""
        return max((self.pairs + self.cut) / max(self.shared, 1), self.weight)

    @property
    def called(self) -> str:
        """What they are."""
        return "missing or cut" if self.cut else "missing"

    @property
    def ends(self) -> tuple[float, float]:
        """What the difference could be, at the lowest and at the highest; infinite if unbounded."""
        return (-math.inf if self.lowest is None else self.lowest,
                math.inf if self.highest is None else self.highest)  # fmt: skip


@frozen(kw_only=True)
class Comparison:
    """One measure of two sides on what they share, B less A.

    Where nothing may be said, as of a run that looked at its gates or of too few families, it has no
    number but counts, and *why* says so.

    Attributes:
        group: Category, intent, attack and rater.
        value_a: Of the first, on the shared prompts; None if nothing may be said.
        value_b: Of the second, likewise.
        difference: B less A, families weighted alike; None if there is none.
        level: Confidence level of *lower* and *upper*, for this difference alone.
        inner: Limits at 1 - 2 alpha, by which equivalence is shown; None without an interval.
        method: Of the interval; empty without a difference.
        share: Whether it is a difference of shares, 0 to 1; else of means on a scale.
        p: Two-sided, of no difference; None if there is none.
        p_adjusted: By Holm over the whole family; None if there is none.
        items: Prompts that entered.
        families: Clusters that entered.
        margin: None where none was fixed.
        margin_by: Who fixed it: ``stack`` or ``command``; empty without one.
        within_margin: Whether the difference is shown to lie inside the margin.
        needed: About how many families would settle it if the truth is as estimated; None where it
            is settled, or nothing can be said.
        why: Why nothing is said, where that is not for the interval's sake; empty otherwise.
        tipping: What unequal errors of the rater would erase the difference (VALIDITY 15).
    """

    measure: str
    group: Pairs
    a: str
    b: str
    value_a: float | None
    value_b: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    level: float
    method: str
    p: float | None
    p_adjusted: float | None
    items: int
    families: int
    said: Said
    share: bool
    inner: tuple[float, float] | None = None
    margin: float | None = None
    margin_by: str = ""
    within_margin: bool = False
    needed: int | None = None
    why: str = ""
    lost: Lost = Lost(pairs=0)
    tipping: str = ""
    estimand: str = ""
    caveats: tuple[Caveat, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether it has no number."""
        return self.difference is None


@frozen(kw_only=True)
class Ties:
    """Sides in order of one measure, with those marked that are not told apart.

    Attributes:
        order: Labels, the lowest value first.
        letters: Of each, those of the groups that it is in: two with a letter in common are not told
            apart.
        places: Of each, the best and the worst place that the evidence leaves open, from 1.
        refused: Why there is no order; *order* is empty then.
    """

    measure: str
    group: Pairs
    order: tuple[str, ...]
    letters: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    refused: str = ""


@frozen(kw_only=True)
class Tradeoff:
    """Over- and under-refusal of two sides together: a target that refuses everything does not win.

    Attributes:
        over: Id of the measure of over-refusal.
        under: Of under-refusal.
    """

    a: str
    b: str
    group: Pairs
    over: str
    under: str
    said: Joint
    why: str


@frozen(kw_only=True)
class Compared:
    """Everything that a comparison of several targets says, and what it rests on.

    Attributes:
        family: Comparisons that Holm's adjustment is over.
        declared: Whether the stack named them; else they are all rates and means of the categories.
        unlike: What differs between the runs that should not; only given if asked for.
    """

    sides: tuple[Side, ...]
    overlaps: tuple[Overlap, ...]
    comparisons: tuple[Comparison, ...]
    ties: tuple[Ties, ...]
    tradeoffs: tuple[Tradeoff, ...]
    family: int
    declared: bool
    unlike: tuple[str, ...]
    notices: tuple[Caveat, ...]
    schema: int = 1
