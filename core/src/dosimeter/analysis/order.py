"""Several targets in order of a measure: ties in groups, and no order where the items carry none."""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

import numpy as np

from dosimeter.analysis.load import Group
from dosimeter.analysis.pairs import Arm, Marks, Where
from dosimeter.analysis.ready import scale_range
from dosimeter.model.comparing import Comparison, Said, Ties
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_share
from dosimeter.numbers import percent
from dosimeter.stats.items import saturation
from dosimeter.stats.ranking import tie_groups

At = tuple[str, Pairs]
"""A measure's id with where it is asked: category, intent, attack and rater."""
Held = dict[str, tuple[Marks, Group, Measure]]
"""By label of the side: what is averaged, the marks that it is of, and by which measure."""


def ties(
    arms: Sequence[Arm], found: Sequence[Comparison], marks: Mapping[At, Held]
) -> Iterator[Ties]:
    """Order the sides of each measure, with those together that are not told apart."""
    by: dict[At, list[Comparison]] = {}
    for c in found:
        by.setdefault((c.measure, c.group), []).append(c)
    for (measure, group), mine in by.items():
        order = _lowest_first(arms, mine)
        why = _saturated([a for a in arms if a.label in order], marks[measure, group], group)
        if why:
            yield Ties(measure=measure, group=group, order=(), letters=(), places=(), refused=why)
        elif len(order) > 1:
            told = [(c.a, c.b) for c in mine if c.said in {Said.A_LOWER, Said.B_LOWER}]
            made = tie_groups(order, told)
            yield Ties(
                measure=measure, group=group, order=made.order,
                letters=tuple(made.letters[name] for name in order),
                places=tuple(made.places[name] for name in order),
            )  # fmt: skip


def _lowest_first(arms: Sequence[Arm], mine: Sequence[Comparison]) -> list[str]:
    values: dict[str, list[float]] = {}
    for c in mine:
        for label, value in ((c.a, c.value_a), (c.b, c.value_b)):
            if value is not None:
                values.setdefault(label, []).append(value)
    known = {label: fmean(some) for label, some in values.items()}
    return sorted((a.label for a in arms if a.label in known), key=known.__getitem__)


def _saturated(arms: Sequence[Arm], held: Held, group: Pairs) -> str:
    """Say why items that hardly tell the sides apart carry no order of them; empty if they do."""
    named = dict(group)
    cell: Where = (named["category"], named["intent"], named["attack"])
    shared = sorted(set.intersection(*(set(held[a.label][0]) for a in arms))) if arms else []
    if not shared:
        return ""
    _, of, measure = held[arms[0].label]
    low, high = scale_range("rate" if is_share(measure) else "mean", of.scale)
    if not math.isfinite(high - low):
        return ""
    _, code = np.unique([arms[0].planned[cell][k].family for k in shared], return_inverse=True)
    means = [[held[a.label][0][k].mean for k in shared] for a in arms]
    table = np.array([np.bincount(code, weights=row) / np.bincount(code) for row in means])
    seen = saturation(np.clip((table - low) / (high - low), 0, 1))
    if seen.verdict != "saturated":
        return ""
    many = seen.effective_items
    effectively = "" if math.isnan(many) else f", effectively {many:.0f}"
    return (
        f"{percent(seen.informative)} of {seen.items} families tell the sides apart{effectively}: too few"
        " for an order of them"
    )
