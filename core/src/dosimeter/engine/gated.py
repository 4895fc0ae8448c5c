"""What each gate of a plan takes: whether it is within reach, and how many families would do."""

import math
from collections.abc import Sequence

from attrs import frozen

from dosimeter.engine.about import cells_of
from dosimeter.engine.at_best import Deciding, best_limit, needed
from dosimeter.engine.census import Census, Families, judged_by
from dosimeter.engine.items import any_limited
from dosimeter.engine.parts import CategoryPart
from dosimeter.model.answering import Gate
from dosimeter.model.contrasts import is_difference
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import ends, questions, scales_of
from dosimeter.model.rating import Scale
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.numbers import as_threshold, unit_of_gate
from dosimeter.stats.paired_means import unseen_limits


@frozen(kw_only=True)
class GateReach:
    """A gate at its best outcome: every mark is there, and as good as can be.

    Attributes:
        bound: Its threshold in words.
        reachable: Whether it can pass; None of a limited plan, whose families do not count.
        families: The fewest that any number has which it looks at; None if none is known.
        needed: How many would do; None if no number of them does, or if that is not known.
        alike: Of a difference within families, how many would do if no family differs, which is no
            difference seen and not the best outcome; None likewise, and of other measures.
    """

    measure: str
    bound: str
    where: Pairs
    reachable: bool | None
    families: int | None
    needed: int | None
    alike: int | None = None


def gates_of(
    stack: Stack,
    parts: Sequence[CategoryPart],
    counted: Census,
    raters: Sequence[ScorerSpec],
    lost: Sequence[str],
) -> tuple[GateReach, ...]:
    """Say of each gate of *stack* what it takes.

    Args:
        stack: With the gates.
        parts: Its categories.
        counted: Census of its plan.
        raters: Specs of its raters.
        lost: What `out_of_reach` says of them.
    """
    specs = [part.spec for part in parts]
    measures = {m.id: m for m in questions(specs, raters)}
    scales = {scale.name: scale for scale in scales_of(specs, raters)}
    limited = any_limited(parts)
    how = Deciding.of(stack)

    def reach(i: int, gate: Gate) -> GateReach:
        asked = measures.get(gate.measure)
        fewest: int | None = None
        would_do: int | None = None
        alike: int | None = None
        if asked is not None:
            scale = scales.get(asked.scale)
            found = (
                enough(gate, asked, scale, counted.of(asked, one), how)
                for one in judged_by(gate, asked, stack, raters).values()
            )
            fewest, would_do = min(found, key=lambda told: math.inf if told[0] is None else told[0])
            alike = enough_alike(gate, asked, scale, how) if would_do else None
        gone = any(line.startswith(f"gates[{i}]") for line in lost)
        if gone and (not fewest or (would_do and fewest >= would_do)):
            would_do = None  # it lacks something else than families
        return GateReach(
            measure=gate.measure, bound=as_threshold(gate, unit_of_gate(asked)), where=gate.where,
            reachable=None if limited and not gone else not gone, families=fewest, needed=would_do,
            alike=alike if would_do else None,
        )  # fmt: skip

    return tuple(reach(i, gate) for i, gate in enumerate(stack.gates))


def enough(
    gate: Gate, asked: Measure, scale: Scale | None, every: Families, how: Deciding
) -> tuple[int | None, int | None]:
    """Give the fewest families of a number that *gate* looks at, and how many would do at best.

    None where there is no such number, where its best is not known, and where no number of them does.
    """
    mine, _ = cells_of(gate, asked, every)
    best = best_limit(gate, asked, scale, how)
    fewest = min(map(len, mine.values()), default=None)
    return fewest, (needed(gate, best) or None) if best is not None else None


def enough_alike(gate: Gate, asked: Measure, scale: Scale | None, how: Deciding) -> int | None:
    """Give how many families would do for a gate on a difference if no family differs."""
    low, high = ends(asked, scale)
    if not is_difference(asked) or gate.baseline or how.looks or not math.isfinite(high - low):
        return None
    sign = -1 if gate.at_least is not None else 1
    return needed(gate, lambda n: sign * unseen_limits(0.0, n, high, how.level)[1]) or None


def in_words(one: GateReach) -> str:
    """Put a gate into a line."""
    where = ", ".join(f"{k} {v}" for k, v in one.where)
    said = {True: "within reach", False: "out of reach", None: "not said, as the plan is limited"}
    families = "" if one.families is None else f"; {one.families} families"
    would_do = "" if one.needed is None else f", {one.needed} would do at the best outcome"
    alike = "" if one.alike is None else f", {one.alike} if no family differs"
    place = f" ({where})" if where else ""
    return (
        f"gate {one.measure} {one.bound}{place}: {said[one.reachable]}{families}{would_do}{alike}"
    )
