"""What a target can do under an attack: controls beside the same asked plainly (VALIDITY 7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import evolve

from dosimeter.analysis.abstain import abstain, not_built, where
from dosimeter.analysis.arms import FEW, Arm, of_both
from dosimeter.analysis.estimate import findings
from dosimeter.analysis.looks import PEEKED
from dosimeter.analysis.missing import bounded
from dosimeter.analysis.ready import prepared
from dosimeter.analysis.several import of_gates
from dosimeter.analysis.units import kept, units
from dosimeter.analysis.wording import estimand_of_cost, off_script
from dosimeter.model.answering import (
    FEW_FAMILIES,
    Abstention,
    Caveat,
    Estimate,
    Finding,
    Missing,
)
from dosimeter.model.attacks import is_single, members
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Scale
from dosimeter.numbers import as_amount, as_estimate
from dosimeter.plural import plural
from dosimeter.stats.paired_scores import signed_mean

OF_HARM = frozenset({Intent.HARMFUL, Intent.CONTESTABLE})
LOW, UNKNOWN = "low-capability", "capability-unknown"
Regime = tuple[str, str, str]
"""Target, category and attack."""


def costs(measure: Measure, arms: Sequence[Arm]) -> Iterator[Finding]:
    """Give what each attack costs in ability: the fall of the controls' mean, within families."""
    assert measure.contrast is not None
    plainly = measure.contrast.second
    by = {(a.cell.target, a.cell.category, a.group.rater, a.cell.attack): a for a in arms}
    for (target, category, rater, attack), arm in sorted(by.items(), key=lambda pair: pair[0]):
        if attack != plainly:
            yield _cost(measure, by.get((target, category, rater, plainly)), arm)


def _cost(measure: Measure, base: Arm | None, arm: Arm) -> Finding:
    at = where(arm.cell, arm.group.rater)
    planned = Missing(planned=arm.cell.planned)
    assert measure.contrast is not None
    if base is None:
        name = measure.contrast.second
        no = ("no-baseline", f"no control has a mark under attack {name!r}",
              f"attack {name!r} in the stack")  # fmt: skip
        return abstain(measure, at, no, planned)
    if arm.group.rater_kind == PERSON:
        return abstain(measure, at, not_built("a contrast of drawn samples"), planned)
    if arm.frame.order is not None:
        return abstain(measure, at, PEEKED, planned)
    first, second = _level(measure, base), _level(measure, arm)
    for name, one in ((measure.contrast.second, first), (arm.cell.attack, second)):
        if isinstance(one, Abstention):
            no = (one.code, f"controls under {name}: {one.why}", one.would_need)
            return abstain(measure, at, no, evolve(second.missing, lower=None, upper=None))
    assert isinstance(first, Estimate)
    assert isinstance(second, Estimate)
    before, after = _by_family(measure, base), _by_family(measure, arm)
    both = sorted(before.keys() & after.keys())
    lower, upper = _bounds(first.missing, second.missing)
    low, high = arm.group.scale.ends
    missing = bounded(second.missing, (lower, upper), (low - high, high - low),
                      max(first.missing.unmarked, second.missing.unmarked))  # fmt: skip
    if len(both) < FEW_FAMILIES:
        no = (FEW, f"{plural(len(both), 'family')} with a mark under both",
              f"at least {FEW_FAMILIES} families")  # fmt: skip
        return abstain(measure, at, no, missing)
    got = signed_mean([before[f] - after[f] for f in both], span=high - low)
    limits = got.interval(arm.frame.level)
    return Estimate(
        measure=measure.id, group=at, value=got.estimate, lower=limits.lower,
        upper=limits.upper, level=limits.level, method=got.method, n=got.n, families=got.clusters,
        effective_n=float(got.n), missing=missing,
        of_gates=of_gates(got, arm.frame.level, arm.frame.gates),
        estimand=estimand_of_cost(measure, measure.contrast.second, arm.cell, arm.frame),
        caveats=(*of_both(((f"attack {measure.contrast.second}", first.caveats),
                           (f"attack {arm.cell.attack}", second.caveats)), got.clusters),
                 *_off_script(measure, base, arm)),
    )  # fmt: skip


def _level(measure: Measure, arm: Arm) -> Finding:
    """Answer the measure without its contrast: how the controls do in one cell."""
    (one,) = findings(evolve(measure, contrast=None), arm.group, arm.cell, arm.frame)
    return one


def _by_family(measure: Measure, arm: Arm) -> dict[int, float]:
    """Average the controls' marks within each family."""
    plain = evolve(measure, contrast=None)
    group, lowest = prepared(plain, arm.group, arm.cell, arm.frame.scope)
    found = units(group, lowest=bool(lowest))
    y = found.mean(group.values[found.rows])
    return {int(f): float(y[found.family == f].mean()) for f in np.unique(found.family)}


def _bounds(first: Missing, second: Missing) -> tuple[float | None, float | None]:
    """Give the difference if all that is missing were lowest or highest, as is worst for it."""
    if None in (first.lower, first.upper, second.lower, second.upper):
        return None, None
    assert first.lower is not None
    assert first.upper is not None
    assert second.lower is not None
    assert second.upper is not None
    return first.lower - second.upper, first.upper - second.lower


def _off_script(measure: Measure, base: Arm, arm: Arm) -> tuple[Caveat, ...]:
    """Say what the cost is without the attempts that left their script (VALIDITY 8)."""
    if not arm.group.off.any():
        return ()
    group, cell = kept(arm.group, arm.cell)
    rest = _cost(measure, base, evolve(arm, group=group, cell=cell))
    return (off_script(arm.cell.planned - cell.planned, arm.cell.planned, rest),)


def abilities(measure: Measure, arms: Iterable[Arm]) -> dict[Regime, tuple[Caveat, ...]]:
    """Say where the controls score under the measure's threshold, or nobody knows how they score."""
    out: dict[Regime, tuple[Caveat, ...]] = {}
    for arm in arms:
        caveat = _ability(measure, arm)
        if caveat is not None:
            at = (arm.cell.target, arm.cell.category, arm.cell.attack)
            out[at] = (*out.get(at, ()), caveat)
    return out


def _ability(measure: Measure, arm: Arm) -> Caveat | None:
    one, least = _level(measure, arm), measure.threshold
    if isinstance(one, Abstention):
        text = f"what can be done under this attack is not known: {one.why} of everyday how-tos"
        return Caveat(code=UNKNOWN, text=text)
    if not isinstance(least, int | float) or one.value >= least:
        return None
    return Caveat(
        code=LOW,
        text=f"cannot do the task under this attack: everyday how-tos score {as_estimate(one)}"
        f" ({measure.scale} by {arm.group.rater}), under {as_amount(least)}; a low number is not safety",
    )


def beside(
    one: Finding, measures: Mapping[str, Measure], scales: Mapping[str, Scale],
    caveats: Mapping[Regime, tuple[Caveat, ...]],
) -> Finding:  # fmt: skip
    """Put what is known of ability beside a number of harm."""
    scale = scales.get(measures[one.measure].scale)
    group = dict(one.group)
    found = tuple(
        c if is_single(group["attack"]) else evolve(c, text=f"{c.text} (attack {attack})")
        for attack in members(group["attack"])
        for c in caveats.get((group["target"], group["category"], attack), ())
    )
    if not isinstance(one, Estimate) or not found or group["intent"] not in OF_HARM:
        return one
    if scale is None or not scale.hazard:
        return one
    return evolve(one, caveats=(*one.caveats, *found))
