"""Does another wording change the mark: flips across rewrites less flips across repeats (VALIDITY 11)."""

from collections.abc import Iterator, Sequence

import numpy as np
from attrs import evolve, frozen

from dosimeter.analysis.abstain import abstain, not_built, of_candidates, where
from dosimeter.analysis.arms import FEW, OF_ONE_ARM, Arm
from dosimeter.analysis.cards import counted_levels, other_levels, specificity
from dosimeter.analysis.contrast import INCOMPLETE, SHARE
from dosimeter.analysis.factors import Factors
from dosimeter.analysis.load import Floats, Ints
from dosimeter.analysis.looks import PEEKED
from dosimeter.analysis.missing import bounded
from dosimeter.analysis.rewrites import (
    REPEATS,
    Grid,
    Wordings,
    across_repeats,
    across_wordings,
    extremes,
)
from dosimeter.analysis.sampled import Why
from dosimeter.analysis.scopes import beside_other, opposite
from dosimeter.analysis.several import of_gates, of_several
from dosimeter.analysis.stops import BLOCKED
from dosimeter.analysis.tally import Ready, ready
from dosimeter.analysis.units import kept
from dosimeter.analysis.wording import caveats, estimand, of_flips, off_script
from dosimeter.model.answering import FEW_FAMILIES, SOME_FAMILIES, Caveat, Estimate, Finding
from dosimeter.model.conversation import Pairs
from dosimeter.model.facts import CardLine
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON
from dosimeter.model.stackfile import Scope
from dosimeter.numbers import Unit, as_interval, percent
from dosimeter.plural import plural
from dosimeter.stats.cluster import korn_graubard
from dosimeter.stats.paired_scores import signed_mean
from dosimeter.stats.result import Result

PARTS = "flips"


@frozen(kw_only=True)
class Rewritten:
    """One question of paraphrase sensitivity.

    Attributes:
        levels: Of factors, that all marks have.
        card: Of the rater.
    """

    measure: Measure
    arm: Arm
    levels: Pairs
    factors: Factors
    card: Sequence[CardLine]

    @property
    def at(self) -> Pairs:
        """Say where it is asked."""
        return (*where(self.arm.cell, self.arm.group.rater), *self.levels)


def flips(asked: Rewritten) -> Iterator[Finding]:
    """Answer one question, beside it under the other scope."""
    arm, scope = asked.arm, asked.arm.frame.scope
    if arm.group.rater_kind == PERSON:
        missing = ready(asked.measure, arm, scope).missing
        no = not_built("flips among drawn samples")
        yield abstain(asked.measure, asked.at, no, missing)
        return
    one, others = _flips(asked, scope), None
    if isinstance(one, Estimate) and arm.group.off.any():
        group, cell = kept(arm.group, arm.cell)
        rest = _flips(evolve(asked, arm=evolve(arm, group=group, cell=cell)), scope)
        caveat = off_script(arm.cell.planned - cell.planned, arm.cell.planned, rest)
        one = evolve(one, caveats=(*one.caveats, caveat))
    if (arm.group.stop == BLOCKED).any():
        others = [_flips(asked, opposite(scope))]
    yield from beside_other([one], others, opposite(scope))


def _flips(asked: Rewritten, scope: Scope) -> Finding:
    held = ready(asked.measure, asked.arm, scope)
    found, ambiguous = _wordings(asked, held)
    missing, whole, level = held.missing, found.whole, asked.arm.frame.level
    if found.eligible.any():
        low, high = (float(one[found.eligible].mean()) for one in extremes(found))
        left_out = 1 - int(whole.sum()) / int(found.eligible.sum())
        missing = bounded(missing, (low, high), (-1.0, 1.0), left_out)
    families = int(whole.sum())
    why = of_candidates(held.group, held.lowest) or _too_little(asked.measure, found, ambiguous)
    frame = asked.arm.frame
    why = why if frame.order is None else PEEKED
    if why:
        return abstain(asked.measure, asked.at, why, missing, families)
    across, within = across_wordings(found)[whole], across_repeats(found)[whole]
    got = signed_mean(np.clip(across - within, -1, 1))
    limits = got.interval(level)
    return Estimate(
        measure=asked.measure.id, group=asked.at, value=got.estimate, lower=limits.lower,
        upper=limits.upper, level=level, method=f"{got.method}{SHARE}",
        n=int(found.marked[whole].sum()), families=families, effective_n=float(families),
        missing=missing, of_gates=of_gates(got, level, frame.gates),
        simultaneous=of_several(got, level, frame.beside),
        estimand=estimand(asked.measure, held.arm.cell, held.arm.frame, of_flips(asked.measure)),
        caveats=(*_parts(asked, held, found, (across, within)), *_others(held, found, got)),
    )  # fmt: skip


def _wordings(asked: Rewritten, held: Ready) -> tuple[Wordings, int]:
    """Lay marks out by family and wording; count families in which one level stands for several."""
    factors, name = asked.factors, asked.measure.across
    plan = factors.fitting(asked.arm.group.cell, asked.levels)
    code = factors.code(plan, name)
    family = factors.family[plan.item]
    has = np.bincount(family, weights=code >= 0, minlength=len(held.group.asked)) > 0
    mine = has[family]
    plan, code, family = plan.only(mine), code[mine], family[mine]
    rows, row = np.unique(family, return_inverse=True)
    columns, column = np.unique(code, return_inverse=True)
    shape = (len(rows), len(columns))
    cell = row * max(len(columns), 1) + column
    texts = np.unique(np.stack([cell, plan.item, plan.arm]), axis=1)
    several = np.bincount(texts[0].astype(np.int64), minlength=shape[0] * shape[1]) > 1
    return _laid_out(held, plan.k, cell, shape), int(several.reshape(shape).any(axis=1).sum())


def _laid_out(held: Ready, planned: Ints, cell: Ints, shape: tuple[int, int]) -> Wordings:
    """Add marks up by family and wording.

    Args:
        held: The marks.
        planned: Keys of the attempts that are planned, in their order.
        cell: Family and wording of each.
        shape: How many of either there are.
    """
    known = np.isin(held.attempts, planned)
    place, made = cell[np.searchsorted(planned, held.attempts[known])], held.marks()

    def grid(of: Ints, weights: Floats | None = None) -> Grid:
        flat = np.bincount(of, weights=weights, minlength=shape[0] * shape[1])
        return flat.astype(float).reshape(shape)

    asked, marked = grid(cell), grid(place)
    return Wordings(
        asked=asked, marked=marked, hits=grid(place, made.y[known]),
        squares=grid(place, made.y[known] ** 2), least=grid(place, made.least[known]),
        most=grid(place, made.most[known]) + np.maximum(asked - marked, 0),
    )  # fmt: skip


def _too_little(measure: Measure, found: Wordings, ambiguous: int) -> Why | None:
    """Say why no flips can be counted; None if they can."""
    if ambiguous:
        return (
            "several-wordings",
            f"in {plural(ambiguous, 'family')} one level of {measure.across} stands for several wordings",
            "select.factors or by that leaves one of each",
        )
    if not found.repeated.any():
        most = int(found.asked.max(initial=0))
        return ("few-repeats", f"{plural(most, 'repeat')} of a wording: chance flips marks too",
                f"repeats = {REPEATS} or more in [run]")  # fmt: skip
    families = int(found.whole.sum())
    if families < FEW_FAMILIES:
        code = "few-families" if families else "no-marks"
        return (code, f"{plural(families, 'family')} with marks of two wordings, and of repeats",
                f"at least {FEW_FAMILIES} families")  # fmt: skip
    return None


def _parts(
    asked: Rewritten, held: Ready, found: Wordings, parts: tuple[Floats, Floats]
) -> Iterator[Caveat]:
    """Show both parts of the difference, and how many flips the rater's errors make (VALIDITY 11)."""
    level, told = asked.arm.frame.level, []
    for one in parts:
        got = korn_graubard(np.clip(one, 0, 1), np.arange(len(one)))
        limits = got.interval(level)
        shown = as_interval(limits.lower, limits.upper, Unit.SHARE)
        told.append(f"{percent(got.estimate)} ({shown})")
    text = f"two wordings are marked apart in {told[0]}, two repeats of one in {told[1]}"
    expected = _by_error(asked, held, found)
    rest = (
        "how many flips the rater's own errors make is not known"
        if expected is None
        else f"errors of the rater alone would flip {percent(expected)} of pairs"
    )
    yield Caveat(code=PARTS, text=f"{text}; {rest}")


def _by_error(asked: Rewritten, held: Ready, found: Wordings) -> float | None:
    """Give the share of pairs that a rater of its card's errors marks apart though they are alike."""
    scale = held.group.scale
    counted, others = counted_levels(held.measure, scale), other_levels(held.measure, scale)
    true, hit = (specificity(asked.card, scale.name, some) for some in (counted, others))
    marked = float(found.marked.sum())
    if true is None or hit is None or not marked:
        return None
    share = float(found.hits.sum()) / marked
    return share * 2 * hit * (1 - hit) + (1 - share) * 2 * true * (1 - true)


def _others(held: Ready, found: Wordings, got: Result) -> Iterator[Caveat]:
    """Give what is said of the marks of any number, and how many families are left out."""
    every = (
        *held.arm.frame.caveats,
        *caveats(held.measure, held.arm.cell, held.group, got, held.missing),
    )
    yield from (c for c in every if c.code not in OF_ONE_ARM)
    if got.clusters < SOME_FAMILIES:
        yield Caveat(code=FEW, text=plural(got.clusters, "family"))
    asked = int(found.eligible.sum())
    if asked > got.clusters:
        gone = asked - got.clusters
        text = f"{gone} of {plural(asked, 'family')} lack marks of two wordings, or of repeats"
        yield Caveat(code=INCOMPLETE, text=text)


def by_family(asked: Rewritten, scope: Scope) -> tuple[Floats, Floats, int]:
    """Give what a number of flips averages, without making it.

    Returns:
        The difference of each family that has one; the most marks that it has of one wording; and how
        many families should have one.
    """
    found, ambiguous = _wordings(asked, ready(asked.measure, asked.arm, scope))
    if ambiguous:
        return np.zeros(0), np.zeros(0), 0
    d, marks = across_wordings(found) - across_repeats(found), found.marked.max(axis=1, initial=0)
    return d[found.whole], marks[found.whole], int(found.eligible.sum())
