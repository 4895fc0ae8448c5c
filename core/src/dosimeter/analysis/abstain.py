"""Why no number is given, and what would allow one."""

import numpy as np

from dosimeter.analysis.load import Group
from dosimeter.analysis.sampled import HEAVIEST, Why
from dosimeter.analysis.units import Units
from dosimeter.model.answering import FEW_FAMILIES, SOME_FAMILIES, Abstention, Missing
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.report import Cell
from dosimeter.plural import plural


def not_built(what: str) -> Why:
    """Say that this version does not estimate *what*."""
    return "not-built", f"the measure asks for {what}", "a version that estimates it"


def where(cell: Cell, rater: str) -> Pairs:
    """Say where a finding holds."""
    return (("target", cell.target), ("category", cell.category), ("intent", cell.intent.value),
            ("attack", cell.attack), ("rater", rater))  # fmt: skip


def abstain(
    measure: Measure, group: Pairs, why_not: Why, missing: Missing, families: int = 0
) -> Abstention:
    """Make the abstention of *group*, of which so many *families* have a mark."""
    code, why, need = why_not
    return Abstention(
        measure=measure.id, group=group, code=code, why=why, would_need=need, families=families,
        missing=missing,
    )  # fmt: skip


def of_candidates(group: Group, lowest: bool | None) -> Why | None:
    """Say why several candidates an attempt cannot be made one."""
    if not group.several or group.kind != SubjectKind.PATH:
        return None
    if group.rater_kind == PERSON:
        return ("several-candidates", "attempts submitted several candidates, and not all are drawn",
                "one candidate an attempt")  # fmt: skip
    if lowest is None:
        return ("several-candidates", "attempts submitted several candidates, and none is the worst",
                "one candidate an attempt, or a rate or mean that says what is worse")  # fmt: skip
    return None


def too_little(found: Units, missing: Missing, uncovered: Why | None) -> Why | None:
    """Say by code, reason and remedy why no number is given; None if one is."""
    families = len(np.unique(found.family))
    if not families and missing.undrawn and not uncovered:
        return ("not-drawn", f"{plural(missing.undrawn, 'vote')}, none on a drawn unit",
                "a batch that is drawn before it is read")  # fmt: skip
    if uncovered:
        return uncovered
    if found.drawn and families < SOME_FAMILIES:
        why = f"a person answered on {plural(families, 'family')}; a drawn sample needs {SOME_FAMILIES}"
        need = f"answers on {SOME_FAMILIES} families or more: serve more of the batch, or draw more"
        return ("few-families" if families else "no-marks", why, need)
    if families < FEW_FAMILIES:
        return ("few-families" if families else "no-marks", f"{plural(families, 'family')} with a mark",
                f"at least {FEW_FAMILIES} families")  # fmt: skip
    heaviest = float((1.0 / found.pi).max())
    if heaviest > HEAVIEST:
        return ("extreme-weights", f"one drawn unit stands for {heaviest:.0f}",
                f"no pi under {1 / HEAVIEST:g}")  # fmt: skip
    return None


def unmarked(measure: Measure, rater: str, cell: Cell, *, person: bool) -> Abstention:
    """Say that *rater* has no mark in *cell* at all, so that the cell is not forgotten."""
    why = ("no-marks", "0 families with a mark", f"at least {FEW_FAMILIES} families")
    unrated = cell.done - cell.no_candidate
    if person:
        why = ("not-drawn", "no reply of this cell was drawn and read", "a batch that it is in")
        unrated = 0  # people are asked about a sample only
    missing = Missing(
        planned=cell.planned, not_run=cell.open, failed=cell.failed, unrated=unrated,
        no_candidate=cell.no_candidate,
    )  # fmt: skip
    return abstain(measure, where(cell, rater), why, missing)


def unasked(measure: Measure, cell: Cell) -> Abstention:
    """Say that no rater gives marks on the scale of *measure*."""
    no = ("no-rater", f"no rater of the run marks {measure.scale!r}", "a rater with this scale")
    missing = Missing(planned=cell.planned, not_run=cell.open, failed=cell.failed)
    return abstain(measure, where(cell, "none"), no, missing)
