"""What a plan can show within families: differences of cells, what an attack costs, flips."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from dosimeter.contrasts import attack_of
from dosimeter.engine.between import DISAGREE
from dosimeter.engine.census import Census, Rows
from dosimeter.engine.parts import CategoryPart
from dosimeter.engine.showing import Wanted
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.contrasts import Contrasted
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.planning import PilotWithin
from dosimeter.model.planning_within import Varied, Within
from dosimeter.model.questions import (
    counts,
    ends,
    questions,
    scales_of,
    unaskable,
    unbuilt,
)
from dosimeter.model.rating import Scale, SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack, StopRule
from dosimeter.stats.consistency import REPEATS
from dosimeter.stats.paired_means import unseen_limits
from dosimeter.stats.planning_contrasts import contrast_sd, half_width_within, mde_contrast
from dosimeter.stats.planning_marks import mde_paired_mean
from dosimeter.stats.planning_paired import families_for_paired_mean, power_paired_mean

At = tuple[str, str, str, str, str, Pairs]
"""A measure with category, intent, attack, rater and levels."""


@frozen(kw_only=True)
class _Asked:
    """A difference of a design, and what is asked of it.

    Attributes:
        weights: Of its cells; none of flips.
        unit: Length of the scale of a mark.
        span: The most that a difference can be.
    """

    families: int
    rows: float
    weights: tuple[float, ...]
    unit: float
    span: float
    level: float
    power: float
    detect: float | None

    @property
    def alpha(self) -> float:
        """Level of the test that its interval is."""
        return 1 - self.level


def withins(
    stack: Stack,
    parts: Sequence[CategoryPart],
    counted: Census,
    raters: Sequence[ScorerSpec],
    wanted: Wanted,
) -> tuple[Within, ...]:
    """Say of each difference within families of *stack* what it can show.

    Args:
        stack: What is planned.
        parts: Its categories.
        counted: Census of its plan.
        raters: Specs of its raters, in its order; none if they are not known.
        wanted: What is asked.
    """
    specs = [part.spec for part in parts]
    scales = {scale.name: scale for scale in scales_of(specs, raters)}
    named = [(choice.choice.name, spec) for choice, spec in zip(stack.raters, raters, strict=False)]
    known = {_at_of(one): one for one in wanted.pilot.within} if wanted.pilot else {}
    out = []
    for measure in questions(specs, raters):
        scale = scales.get(measure.scale)
        if why_none(measure, scale, stack):
            continue
        marking = [(name, s) for name, s in named if measure.scale in {c.name for c in s.scales}]
        for name, spec in marking if raters else [("", None)]:
            for category, one, cells in _designed(measure, counted, spec, stack.run.repeats):
                made = _within(measure, scale, category, one, cells, name, stack, wanted, known)
                out += [made] if made else []
    return tuple(out)


def is_within(measure: Measure) -> bool:
    """Tell a measure whose numbers are differences within families."""
    return measure.contrast is not None or measure.estimator == "flips"


def why_none(measure: Measure, scale: Scale | None, stack: Stack) -> str:
    """Say why no design has a difference of *measure* that could be planned; empty if one may."""
    if not is_within(measure):
        return "it is no difference within families"
    if unbuilt(measure):
        return f"this version does not estimate {unbuilt(measure)}"
    if fault := unaskable(measure, scale):
        return fault
    if stack.run.stop is StopRule.WHEN_DECIDED:
        return "a run that looks at its gates on the way gives no differences within families"
    if measure.select.stages:
        return "how many candidates a search submits is not known before"
    if measure.select.kind is not SubjectKind.PATH:
        return f"how often a {measure.select.kind.value} is rated is not known before"
    return ""


def _at_of(one: PilotWithin) -> At:
    return (one.measure, one.category, one.intent, one.attack, one.rater, one.levels)


def _designed(
    measure: Measure, counted: Census, rater: ScorerSpec | None, repeats: int
) -> Iterator[tuple[str, Contrasted, tuple[Rows, ...]]]:
    """Give what the design has every cell of, of the first target: all have the same design."""
    homes: dict[str, str] = {}
    for group in counted.sizes:
        homes.setdefault(group.category, group.target)
    raters = None if rater is None else [rater]
    for category, target in sorted(homes.items()):
        for one, cells in counted.cells(measure, target, category, raters):
            if measure.estimator == "flips":
                found = counted.wordings(measure, one.sides[0], target, category, raters)
                if not ambiguous(found, repeats):
                    yield category, one, (repeated(found),)
            elif all(cells):
                yield category, one, cells


def repeated(wordings: Mapping[str, Counter[str]]) -> Rows:
    """Give the repeats of each family that has two wordings or more, one of them repeated often enough."""
    return {
        family: max(some.values())
        for family, some in wordings.items()
        if len(some) > 1 and max(some.values()) >= REPEATS
    }


def ambiguous(wordings: Mapping[str, Counter[str]], repeats: int) -> int:
    """Count the families in which one level stands for several texts, of which no flips are given."""
    return sum(max(some.values()) > repeats for some in wordings.values())


def _within(
    measure: Measure, scale: Scale | None, category: str, one: Contrasted, cells: Sequence[Rows],
    rater: str, stack: Stack, wanted: Wanted, known: Mapping[At, PilotWithin],
) -> Within | None:  # fmt: skip
    whole = frozenset.intersection(*map(frozenset, cells))
    if not whole:
        return None
    families, attack = len(whole), attack_of(measure, one)
    sizes = [rows[family] for rows in cells for family in whole]
    pilot = known.get((measure.id, category, one.intent, attack, rater, one.levels))
    low, high = ends(measure, scale)
    asked = _Asked(
        families=families, rows=len(sizes) / math.fsum(1 / n for n in sizes),
        weights=() if measure.estimator == "flips" else tuple(s.weight for s in one.sides),
        unit=1.0 if counts(measure) else scale.ends[1] - scale.ends[0] if scale else math.inf,
        span=high, level=stack.run.confidence, power=wanted.power, detect=wanted.of(measure),
    )  # fmt: skip
    none_differ = None
    if families > 1 and math.isfinite(high - low):
        none_differ = unseen_limits(0.0, families, high, asked.level)[1]
    return Within(
        measure=measure.id, category=category, intent=one.intent, attack=attack, rater=rater,
        levels=one.levels, share=counts(measure), cells=len(asked.weights), families=families,
        lacking=len(frozenset.union(*map(frozenset, cells))) - families, rows=asked.rows,
        alpha=asked.alpha, none_differ=none_differ, detect=asked.detect,
        varied=tuple(_varied(asked, pilot)), pilot=pilot,
    )  # fmt: skip


def _varied(asked: _Asked, pilot: PilotWithin | None) -> Iterator[Varied]:
    """Say what is shown by the pilot's spread; without one at what is assumed."""
    if asked.families < 2:
        return
    if pilot is not None and pilot.sd.used > 0:
        sd = at_rows(pilot, asked.rows)
        smallest = mde_paired_mean(asked.families, sd, asked.alpha, asked.power)
        yield _one(asked, None, sd, sd, smallest)
    elif asked.weights and math.isfinite(asked.unit):
        for psi in DISAGREE:
            sd = asked.unit * contrast_sd(asked.weights, psi)
            d = 0.0 if asked.detect is None else asked.detect / asked.unit
            here = asked.unit * contrast_sd(asked.weights, psi, d) if d <= _most(asked) else sd
            least = mde_contrast(asked.families, asked.weights, psi, asked.alpha, asked.power)
            yield _one(asked, psi, sd, here, asked.unit * least)


def at_rows(pilot: PilotWithin, rows: float) -> float:
    """Give the pilot's spread at so many attempts a cell: fewer than it had add to the part within cells.

    That part is all of it where the pilot does not tell; more attempts than it had are no gain.
    """
    used = pilot.sd.used
    noise = used if pilot.noise is None else min(pilot.noise, used)
    sd = math.sqrt(used**2 + noise**2 * max(0.0, pilot.rows / rows - 1))
    return sd if pilot.most is None else min(sd, max(pilot.most, used))


def _most(asked: _Asked) -> float:
    return asked.span / asked.unit


def _one(
    asked: _Asked, discordant: float | None, sd: float, here: float, smallest: float
) -> Varied:
    """Give what is shown, *here* being the deviation if the true difference is the one asked about."""
    d = asked.detect if asked.detect is not None and 0 < asked.detect <= asked.span else None
    enough, test = asked.families >= FEW_FAMILIES, (asked.alpha, asked.power)
    needed = None if d is None else families_for_paired_mean(d, here, *test)
    # Only of two cells without a pilot is it known that who differs does so by the whole scale.
    span = asked.span if discordant is not None and len(asked.weights) == 2 else math.inf
    return Varied(
        discordant=discordant, sd=sd,
        half_width=half_width_within(asked.families, sd, span, asked.level),
        smallest=smallest if enough and smallest <= asked.span else None,
        power=None if d is None
        else power_paired_mean(asked.families, d, here, asked.alpha) if enough else 0.0,
        needed=max(needed, FEW_FAMILIES) if needed else None,
    )  # fmt: skip
