"""What a run cannot show: the smallest difference that its numbers could have seen."""

import math
from collections.abc import Sequence

from dosimeter.model.answering import Estimate, Finding
from dosimeter.model.design import Intent
from dosimeter.numbers import as_amount, percent
from dosimeter.plural import plural
from dosimeter.publish import of_a_cell
from dosimeter.stats.planning import mde_paired_proportions

ASSUMED_DISCORDANT = 0.5


def demonstrates(answers: Sequence[Finding], targets: int, level: float, comparisons: int) -> str:
    """Say, in one sentence, the smallest difference between two targets these numbers could show.

    Cells may differ in how many families have a mark: then from the fewest to the most. With so many
    *comparisons* the first has to pass Holm's first step, as `dosimeter plan` reckons.
    """
    alpha = (1 - level) / max(comparisons, 1)
    at = f"at alpha {as_amount(round(1 - level, 4))}"
    if comparisons > 1:
        at += f" / {comparisons}, as so many are compared"
    fewest, most = _least_and_most_families(answers)
    who = "two targets" if targets > 1 else "this target and another on the same families"
    said = plural(most, "family") if fewest == most else f"{fewest} to {most} families"
    least, worst = _smallest(most, alpha), _smallest(fewest, alpha)
    if least is None:
        return (
            f"With {said} behind each number, a difference of {100 * ASSUMED_DISCORDANT:.0f} points or less"
            f" between {who} could hardly have been shown; larger ones may be (paired, under 80 % power"
            f" {at}, if {percent(ASSUMED_DISCORDANT)} of families disagree, all of them one way)."
        )
    points = f"{least} points" if worst in {least, None} else f"{least} to {worst} points"
    where = " where families are most"
    rest = "; where families are fewest, not even the largest difference could have been shown"
    return (
        f"With {said} behind each number, the smallest difference in a rate between {who} that this run could"
        f" have shown is {points}{'' if worst else where} (paired, 80 % power {at}, if"
        f" {percent(ASSUMED_DISCORDANT)} of families disagree){'' if worst else rest};"
        " it cannot show that a smaller one is absent."
    )


def _smallest(families: int, alpha: float) -> int | None:
    """Give the smallest difference that so many families can show, in points; None if none can."""
    found = (
        mde_paired_proportions(families, ASSUMED_DISCORDANT, alpha=alpha) if families else math.nan
    )
    return None if math.isnan(found) else round(100 * found)


def _least_and_most_families(answers: Sequence[Finding]) -> tuple[int, int]:
    """Give the families of the answer that rests on fewest, and on most; of abstentions if all are."""
    every = [f for f in answers if dict(f.group)["intent"] != Intent.CONTROL.value]
    asked = [f for f in every if of_a_cell(f)]
    numbers = [f.families for f in asked if isinstance(f, Estimate)]
    found = numbers or [f.families for f in asked if f.families]
    return min(found, default=0), max(found, default=0)
