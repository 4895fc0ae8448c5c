"""Which gates this design could never pass, whatever the replies.

A gate that cannot pass is a mistake in the stack, and is told before anything is paid for.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache

from attrs import evolve

from dosimeter.engine.about import cells_of
from dosimeter.engine.at_best import MOST, Deciding, best_limit, needed
from dosimeter.engine.census import (
    Census,
    Families,
    census,
    judged_by,
    of_languages,
)
from dosimeter.engine.items import any_limited
from dosimeter.engine.parts import CategoryPart
from dosimeter.model.answering import FEW_FAMILIES, MANY_MISSING, Gate
from dosimeter.model.contrasts import is_difference
from dosimeter.model.measures import Measure
from dosimeter.model.questions import ends, questions, scales_of
from dosimeter.model.rating import Scale, SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.numbers import as_number, as_threshold, unit_of, unit_of_gate


def out_of_reach(
    stack: Stack, parts: Sequence[CategoryPart], counted: Census, raters: Sequence[ScorerSpec] = ()
) -> Iterator[str]:
    """Say of each gate that cannot pass where it stands and why; how many families would do.

    A limited run passes no gate anyway, and may fail one: its families are not counted, and what its
    limit leaves out is no fault of a gate.

    Args:
        stack: With the gates.
        parts: Its categories.
        counted: Census of its plan.
        raters: Specs of its raters; none if they are not known.
    """
    specs = [part.spec for part in parts]
    measures = {m.id: m for m in questions(specs, raters)}
    scales = {scale.name: scale for scale in scales_of(specs, raters)}
    marked = {scale.name for rater in raters for scale in rater.scales}
    limited = any_limited(parts)
    whole = cache(lambda: census(stack, [_unlimited(part) for part in parts]))
    for i, gate in enumerate(stack.gates):
        asked, path = measures.get(gate.measure), f"gates[{i}]"
        if not stack.run.accept_judge_measured:
            yield (
                f"{path}: {gate.measure} cannot pass: the stack's raters are rules or judges, and"
                " nothing corrects them; if their cards (`dosimeter plugins info ID`) will do, say"
                " accept_judge_measured = true in [run]"
            )
        if asked is None:
            continue
        if raters and asked.scale not in marked:
            yield (
                f"{path}.measure: {gate.measure} cannot pass: no rater of the stack marks"
                f" {asked.scale!r}; they mark {', '.join(sorted(marked))}"
            )
        every, scale = counted.of(asked), scales.get(asked.scale)
        how = Deciding.of(stack)
        told = {
            name: list(_by_rater(path, gate, asked, scale, counted, one, how, limited))
            for name, one in judged_by(gate, asked, stack, raters).items()
        }
        lines = next(filter(None, told.values()), [])
        could = [name for name, found in told.items() if not found]
        if lines and could:
            lines[-1] += f"; by {' or '.join(could)} alone it could: say where.rater"
        yield from lines
        if not lines and limited and cells_of(gate, asked, every)[1]:
            _, why = cells_of(gate, asked, whole().of(asked))
            yield from [f"{path}{why}"] if why else []


def _by_rater(
    path: str,
    gate: Gate,
    asked: Measure,
    scale: Scale | None,
    counted: Census,
    rater: Sequence[ScorerSpec],
    how: Deciding,
    limited: bool,
) -> Iterator[str]:
    """Say of one gate that it cannot pass by the numbers of one *rater*, or of none that is known."""
    every, rated = counted.of(asked), counted.of(asked, rater)
    if every and not any(rated.values()):
        yield (
            f"{path}.measure: {gate.measure} cannot pass: {of_languages(rater)}; the items ask for"
            f" answers in {', '.join(counted.languages())}"
        )
    elif not limited:
        yield from _gate(path, gate, asked, scale, rated, how)
        yield from _without_mark(path, gate, asked, scale, counted, rater)


def _unlimited(part: CategoryPart) -> CategoryPart:
    return evolve(part, choice=evolve(part.choice, limit=None))


def _gate(
    path: str, gate: Gate, asked: Measure, scale: Scale | None, every: Families, how: Deciding
) -> Iterator[str]:
    """Say of one gate that it is about nothing, or about too few families."""
    mine, why = cells_of(gate, asked, every)
    if why:
        yield f"{path}{why}"
    if why := _of_every_level(gate, asked, scale):
        yield f"{path}.where: {gate.measure} {why}"
        return
    best = best_limit(gate, asked, scale, how)
    if not mine or best is None:
        return
    group = min(mine, key=lambda g: len(mine[g]))
    fewest, enough = len(mine[group]), needed(gate, best)
    unit = unit_of(asked)
    bound = as_threshold(gate, unit)
    parts = (f"{name} {level}" for name, level in group.levels)
    where = ", ".join((group.target, group.intent, group.attack, *parts))
    if not enough:
        yield (
            f"{path}: {gate.measure} {bound} cannot pass: no interval is that narrow, not even of"
            f" {MOST} families"
        )
    elif fewest < enough:
        side = "lower" if gate.at_least is not None else "upper"
        at_best = f"at best the {side} limit is {as_number(best(fewest), unit, exact=True)}"
        few = f"below {FEW_FAMILIES} families there is no estimate"
        yield (
            f"{path}: {gate.measure} {bound} cannot pass with {fewest} families ({where}):"
            f" {few if fewest < FEW_FAMILIES else at_best}; {enough} families would do"
        )


def _without_mark(
    path: str,
    gate: Gate,
    asked: Measure,
    scale: Scale | None,
    counted: Census,
    raters: Sequence[ScorerSpec],
) -> Iterator[str]:
    """Say that what a rater does not mark could be anything, and is too much for the gate to pass.

    Told of the first group that lacks so much; where it lacks all, it has no families.
    A block may stand for a mark; that the provider blocks just those is no outcome to plan for.
    """
    low, high = ends(asked, scale)
    known = math.isfinite(low) and math.isfinite(high) and not is_difference(asked)
    known = known and not gate.baseline
    if not known or asked.select.kind is not SubjectKind.PATH:
        return
    mine, _ = cells_of(gate, asked, counted.of(asked))
    whole = sorted((group for group in mine if group in counted.sizes), key=str)
    for rater, group in ((rater, group) for rater in raters for group in whole):
        lost, every, share = counted.without_mark(group, rater)
        could = low + (high - low) * (share if gate.at_most is not None else 1 - share)
        beyond = could > gate.at_most if gate.at_most is not None else could < gate.bound
        if MANY_MISSING * every < lost < every and beyond:
            unit = unit_of(asked)
            yield (
                f"{path}: {gate.measure} {as_threshold(gate, unit)} cannot pass ({group.target},"
                f" {group.intent}, {group.attack}): {lost} of {every} attempts get no mark, as"
                f" {of_languages([rater])}; at best it could still be"
                f" {as_number(could, unit, exact=True)}"
            )
            return


def _of_every_level(gate: Gate, asked: Measure, scale: Scale | None) -> str:
    """Say that the shares of all levels, which add up to 1, cannot all be so low, or so high."""
    if asked.estimator != "shares" or scale is None or "level" in dict(gate.where):
        return ""
    even = 1 / len(scale.levels)
    if (gate.at_most is None or gate.at_most >= even) and (
        gate.at_least is None or gate.at_least <= even
    ):
        return ""
    names = ", ".join(str(level.value) for level in scale.levels)
    bound = as_threshold(gate, unit_of_gate(asked))
    return f"{bound} cannot pass for every level at once; name one with `level`: {names}"
