"""Every finding of a run: what is asked of cells as their marks go by, and what is asked across them."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import define, evolve, field

from dosimeter.analysis.ability import abilities, beside, costs
from dosimeter.analysis.abstain import abstain, unasked, unmarked
from dosimeter.analysis.across import over_categories
from dosimeter.analysis.anyof import OfAttacks, nothing_of, of_people, over_attacks
from dosimeter.analysis.arms import Arm, together
from dosimeter.analysis.asked import Asked
from dosimeter.analysis.contrast import Question, difference
from dosimeter.analysis.corrected import Asked as ToCorrect, Corrector
from dosimeter.analysis.estimate import findings
from dosimeter.analysis.factors import Factors
from dosimeter.analysis.flips import Rewritten, flips
from dosimeter.analysis.labels import People, with_people
from dosimeter.analysis.load import Group, Place
from dosimeter.analysis.over import Reduced, reduced
from dosimeter.analysis.splits import beside as numbers_beside, marking, placed, splits
from dosimeter.analysis.verdicts import Kinds
from dosimeter.analysis.wording import Frame
from dosimeter.journal.design import Design, Known
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Finding, Missing
from dosimeter.model.contrasts import Contrasted
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import (
    is_apart,
    is_compared,
    is_cost,
    selects,
    unaskable,
    unbuilt,
)
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.report import Cell
from dosimeter.model.specs import CategorySpec, ScorerSpec

Seat = tuple[str, str, str]
"""A measure, a target and a rater."""


@define
class Gathered:
    """What is kept of marks that went by, for questions across cells.

    Attributes:
        arms: By measure.
        ways: Added up, by measure, target and rater, then by cell.
        marked: Cells in which a rater has marks of a kind of subject on a scale.
    """

    arms: dict[str, list[Arm]] = field(factory=dict)
    ways: dict[Seat, dict[Place, Reduced | None]] = field(factory=dict)
    marked: set[tuple[str, str, str, Place]] = field(factory=set)


def answered(
    reader: Reader,
    found: Design,
    asked: tuple[Measure, ...],
    cells: tuple[Cell, ...],
    framed: Iterable[tuple[Group, Frame]],
    kinds: Kinds,
) -> Iterable[Finding]:
    """Answer every measure, by an estimate or by the reason why there is none."""
    raters = {r.label: r for r in found.raters}
    by_cell = {(c.target, c.category, c.intent.value, c.attack): c for c in cells}
    own = {c.id: _own(c, asked) for c in found.categories}
    design = Asked(found=found, cells=cells, factors=Factors(reader))
    out: list[Finding] = []
    held = Gathered()
    corrector = Corrector(reader=reader, found=found)
    working = [r for r in found.raters if r.kind != PERSON or r.k in _voters(reader)]
    gates = splits(asked, design, working, kinds)
    many = numbers_beside(asked, design, working, kinds)
    for group, frame, people in with_people(framed):
        cell = by_cell[group.cell]
        held.marked.add((group.rater, group.scale.name, group.kind, group.cell))
        if not kinds.without_marks(raters[group.rater], group):
            for measure in own.get(cell.category, asked):
                if measure.scale == group.scale.name and selects(measure, cell, group.kind):
                    around = evolve(frame, gates=gates[measure.id], beside=many.get(measure.id, 1))
                    arm = Arm(group=group, cell=cell, frame=around)
                    given = _of_cell(measure, arm, raters[group.rater], design, held)
                    out += corrector.beside(given, _to_correct(measure, arm, people))
    known = {m.id: m for m in asked}
    out += _over_attacks(asked, design, working, held, kinds)
    for measure in filter(is_cost, asked):
        some = held.arms.get(measure.id, [])
        able = abilities(measure, some)
        out = [beside(one, known, found.scales, able) for one in out]
        out += costs(measure, some)
    out += _compared(asked, design, working, held, kinds)
    out += _unmarked(asked, design, working, held, kinds, by_cell)
    out += _unasked(design, [c for c in cells if c.target not in kinds.judging])
    out += over_categories(asked, design, raters, out, held.ways)
    # Levels keep the order of their scale.
    return sorted(out, key=lambda f: (f.measure, tuple(p for p in f.group if p[0] != "level")))


def _to_correct(measure: Measure, arm: Arm, people: People) -> ToCorrect:
    return ToCorrect(
        measure=measure, group=arm.group, cell=arm.cell, frame=arm.frame, people=people
    )


def _own(category: CategorySpec, asked: Iterable[Measure]) -> list[Measure]:
    """Put a category's own measures for those of their ids, which in an older journal another's may be."""
    mine = {m.id: m for m in category.measures if m.contrast is None}
    return [mine.get(m.id, m) if m.contrast is None else m for m in asked]


def _voters(reader: Reader) -> set[int]:
    return {k for (k,) in reader.rows("SELECT DISTINCT rater FROM rating")}


def _of_cell(
    measure: Measure, arm: Arm, rater: Known, design: Asked, held: Gathered
) -> Iterator[Finding]:
    """Answer *measure* for one cell, or keep the marks for a question across cells."""
    if is_cost(measure) or (_can(measure) and is_compared(measure)):
        if is_cost(measure) or design.needs(measure, arm.cell):
            held.arms.setdefault(measure.id, []).append(arm)
        return
    if _can(measure) and is_apart(measure):
        yield from _of_parts(measure, arm, rater, design)
        return
    yield from findings(measure, arm.group, arm.cell, arm.frame)
    at = arm.group.cell
    several = design.ways(measure, *at[:3]) or at[1] in design.together(measure)
    if several and not unaskable(measure, arm.group.scale):
        seat = (measure.id, at[0], arm.group.rater)
        held.ways.setdefault(seat, {})[at] = reduced(measure, arm)


def _can(measure: Measure) -> bool:
    return not (unaskable(measure) or unbuilt(measure))


def _of_parts(measure: Measure, arm: Arm, rater: Known, design: Asked) -> Iterator[Finding]:
    """Answer a measure of parts of a cell, each by itself."""
    staged = _staged(measure, arm, design)
    if staged is None:
        return
    for one in design.parts(measure, arm.cell):
        (side,) = one.sides
        part = design.factors.part(staged, side.levels)
        part = evolve(part, frame=evolve(part.frame, levels=one.levels))
        if measure.estimator == "flips":
            yield from flips(
                Rewritten(measure=measure, arm=part, levels=one.levels, factors=design.factors,
                          card=rater.spec.card)
            )  # fmt: skip
        else:
            yield from findings(measure, part.group, part.cell, part.frame)


def _staged(measure: Measure, arm: Arm, design: Asked) -> Arm | None:
    stages = measure.select.stages
    return design.factors.staged(arm, stages) if stages else arm


# -- across cells -----------------------------------------------------------------------------


def _over_attacks(
    asked: Iterable[Measure], design: Asked, raters: list[Known], held: Gathered, kinds: Kinds
) -> Iterator[Finding]:
    """Answer rates of success over the attacks of each target, category and intent."""
    places = sorted({(c.target, c.category, c.intent.value) for c in design.cells})
    for measure in asked:
        for at in places:
            cells = design.ways(measure, *at)
            for rater in marking(measure, raters) if cells else ():
                if kinds.idle(rater, at[0]):
                    continue
                given = held.ways.get((measure.id, at[0], rater.label), {})
                found = {a: given[*at, a] for a in cells if (*at, a) in given}
                some = {a: r for a, r in found.items() if r is not None}
                one = OfAttacks(measure=measure, rater=rater.label, cells=cells, found=some,
                                card=rater.spec.card)  # fmt: skip
                if rater.kind == PERSON:
                    yield from of_people(one) if found else ()
                else:
                    yield from over_attacks(one) if some else nothing_of(one)


def _compared(
    asked: Iterable[Measure], design: Asked, raters: list[Known], held: Gathered, kinds: Kinds
) -> Iterator[Finding]:
    """Answer what puts cells against each other."""
    for measure in (m for m in asked if is_compared(m) and _can(m)):
        by = {(a.group.rater, a.group.cell): a for a in held.arms.get(measure.id, [])}
        for target, category in design.homes():
            for one in design.compared(measure, target, category):
                for rater in marking(measure, raters):
                    if not kinds.idle(rater, target):
                        yield from _difference(measure, one, rater, (target, category), design, by)


def _difference(
    measure: Measure,
    compared: Contrasted,
    rater: Known,
    home: tuple[str, str],
    design: Asked,
    by: Mapping[tuple[str, Place], Arm],
) -> Iterator[Finding]:
    at, arms = placed(compared, home, rater.label), []
    for side in compared.sides:
        arm = by.get((rater.label, (*home, side.intent, side.attack)))
        staged = _staged(measure, arm, design) if arm else None
        if staged is None:
            no = ("no-marks", f"0 families with a mark ({side})", f"marks of {side}")
            yield abstain(measure, at, no, _planned(compared, home, design))
            return
        arms.append(design.factors.part(staged, side.levels))
    yield from difference(Question(measure=measure, compared=compared, at=at, arms=tuple(arms)))


def _planned(compared: Contrasted, home: tuple[str, str], design: Asked) -> Missing:
    """Count what was planned for a comparison of which a side has no mark."""
    cells = {(c.target, c.category, c.intent.value, c.attack): c for c in design.cells}
    parts = [
        design.factors.cell(cells[*home, s.intent, s.attack], s.levels)
        if s.levels else cells[*home, s.intent, s.attack] for s in compared.sides
    ]  # fmt: skip
    return together(Missing(planned=c.planned, not_run=c.open, failed=c.failed) for c in parts)


# -- silence ----------------------------------------------------------------------------------


def _unmarked(
    asked: Iterable[Measure],
    design: Asked,
    raters: Iterable[Known],
    held: Gathered,
    kinds: Kinds,
    by_cell: Mapping[Place, Cell],
) -> Iterator[Finding]:
    """Abstain for raters from cells in which they have nothing, so that no gate forgets them."""
    single = [m for m in asked if m.contrast is None]
    for rater in raters:
        person = rater.kind == PERSON
        names = {s.name for s in rater.spec.scales}
        for measure in (m for m in single if m.scale in names and _of_paths(m, rater.spec)):
            for at, cell in by_cell.items():
                known = (rater.label, measure.scale, SubjectKind.PATH.value, at) in held.marked
                known = known or kinds.idle(rater, cell.target)
                if not known and selects(measure, cell, SubjectKind.PATH):
                    for part, levels in _parts(measure, cell, design):
                        one = unmarked(measure, rater.label, part, person=person)
                        yield evolve(one, group=(*one.group, *levels))


def _unasked(design: Asked, cells: Iterable[Cell]) -> Iterator[Finding]:
    """Abstain from what a category asks and no rater, person included, has a scale for."""
    scales = {s.name for r in design.found.raters for s in r.spec.scales}
    for category in design.found.categories:
        for measure in (m for m in category.measures if m.scale not in scales):
            mine = [c for c in cells if c.category == category.id]
            if is_compared(measure) and _can(measure):
                for target in sorted({c.target for c in mine}):
                    for one in design.compared(measure, target, category.id):
                        at = placed(one, (target, category.id), "none")
                        no = ("no-rater", f"no rater of the run marks {measure.scale!r}",
                              "a rater with this scale")  # fmt: skip
                        yield abstain(measure, at, no, _planned(one, (target, category.id), design))
                continue
            for cell in mine:
                if selects(measure, cell, measure.select.kind.value):
                    for part, levels in _parts(measure, cell, design):
                        silent = unasked(measure, part)
                        yield evolve(silent, group=(*silent.group, *levels))


def _parts(measure: Measure, cell: Cell, design: Asked) -> Iterator[tuple[Cell, Pairs]]:
    """Give the parts of a cell that *measure* is about, which may be the whole of it."""
    if not (_can(measure) and is_apart(measure)):
        yield cell, ()
        return
    for one in design.parts(measure, cell):
        (side,) = one.sides
        yield design.factors.cell(cell, side.levels) if side.levels else cell, one.levels


def _of_paths(measure: Measure, spec: ScorerSpec) -> bool:
    """Every attempt has a path, so one without marks is missing; turns it may not have."""
    return measure.select.kind is SubjectKind.PATH and SubjectKind.PATH in spec.subjects
