"""The report: a pure function of the journal, and of those of the runs that gates have for a baseline."""

from collections import Counter
from collections.abc import Iterable, Iterator

from dosimeter.analysis.ability import Arm, abilities, beside, costs
from dosimeter.analysis.abstain import unasked, unmarked
from dosimeter.analysis.agree import Beside, agreements, beside as beside_people, known, of_people
from dosimeter.analysis.baselines import judge_baselines
from dosimeter.analysis.cells import cells_of, components_of
from dosimeter.analysis.corrected import Asked, Corrector
from dosimeter.analysis.demonstrates import demonstrates
from dosimeter.analysis.estimate import findings
from dosimeter.analysis.gates import judge_gates
from dosimeter.analysis.judges import rater_facts
from dosimeter.analysis.labels import with_people
from dosimeter.analysis.load import Group, Key, Place, Reasons, groups, off_script
from dosimeter.analysis.notices import (
    OF_NO_NUMBER,
    blind,
    notices,
    of_items,
    uncontrolled,
    unnamed,
)
from dosimeter.analysis.reasons import why_unmarked, without_mark
from dosimeter.analysis.reliability import banner, of_reliability, reliabilities, with_unread
from dosimeter.analysis.rubrics import rubrics
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.standing import registered, stand
from dosimeter.analysis.state import RunState
from dosimeter.analysis.targets import held_fixed, target_facts
from dosimeter.analysis.verdicts import Kinds, idle_raters, kinds_of
from dosimeter.analysis.wording import Frame, population
from dosimeter.disclosure import Disclosed
from dosimeter.journal.costs import usage
from dosimeter.journal.design import Design, design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat, Finding
from dosimeter.model.doing import NOTES
from dosimeter.model.facts import CategoryFacts, Reliability, TargetFacts
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_cost, questions, selects
from dosimeter.model.rating import PERSON, SubjectKind
from dosimeter.model.report import Cell, Report
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.withholding import Unseen, awaited


def make_evidence(reader: Reader, *, include_hazardous: bool = False) -> Disclosed:
    """Give what may be shown of a journal.

    Args:
        reader: The journal.
        include_hazardous: Show replies that would be withheld.
    """
    found = design(reader)
    return Disclosed(
        reader=reader,
        scales=found.scales,
        scripted=frozenset(a.id for a in found.attacks if not a.search),
        notes=NOTES.union(*(a.notes for a in found.attacks)),
        expected=awaited(found),
        include_hazardous=include_hazardous,
    )


def make_report(
    reader: Reader, *, unseen: Unseen | None = None, include_hazardous: bool = False
) -> Report:
    """Compute the report of a journal.

    Args:
        reader: The journal.
        unseen: Replies that the evidence does not show, where they were counted; else they are
            counted here, which reads every text once.
        include_hazardous: What the evidence was asked for; recorded in the report.
    """
    found = design(reader)
    if unseen is None:
        unseen = make_evidence(reader, include_hazardous=include_hazardous).unseen()
    off = off_script(reader, found)
    cells = tuple(cells_of(reader, off))
    asked = questions(found.categories, [r.spec for r in found.raters])
    targets = target_facts(reader)
    state = RunState(reader=reader, found=found)
    why, kinds = why_unmarked(reader, found), kinds_of(reader)
    people, raters = agreements(reader, found), tuple(rater_facts(reader, found))
    reliable = reliabilities(reader, found)
    able = [c for c in cells if c.target not in kinds.judging]
    told = (
        *notices(reader, cells, targets, state),
        *idle_raters(found, kinds),
        *without_mark(reader, kinds.of_business(found, why)),
        *of_items(found),
        *uncontrolled(asked, able),
        *blind(found, unseen.withheld),
        *unnamed(targets, raters),
        *of_people(people),
        *of_reliability(reliable),
    )
    serious = tuple(n for n in told if n.code not in OF_NO_NUMBER)
    framed = _framed(
        reader,
        found,
        targets,
        cells,
        serious,
        off,
        why,
        beside_people(people),
        state,
        reliable,
    )
    answers = tuple(_answers(reader, found, asked, cells, framed, kinds))
    accept = found.config.accept_judge_measured
    against = judge_baselines(
        reader, found.gates, {m.id: m for m in asked}, level=found.config.confidence,
        barred="" if state.complete and not state.limited else "the run is not complete", accept=accept,
    )  # fmt: skip
    gates = judge_gates(
        found.gates, answers, accept=accept, limited=state.limited, complete=state.complete,
        people={r.name for r in raters if r.kind == PERSON}, against=against,
    )  # fmt: skip
    components = components_of(reader)
    plan = registered(found, asked, components, forked=state.forked)
    answers, gates, of_plan = stand(plan, answers, gates, accept=accept)
    return Report(
        name=found.run.get("name", ""),
        stack_hash=found.run.get("stack_hash", ""),
        scope=found.config.scope.value,
        complete=state.complete,
        reportable=state.reportable,
        notices=(*told, *of_plan),
        targets=targets,
        raters=raters,
        measures=asked,
        cells=cells,
        findings=answers,
        gates=gates,
        demonstrates=demonstrates(answers, len(targets)),
        withheld=unseen.withheld,
        deleted=unseen.deleted,
        sealed=unseen.sealed,
        rubrics=tuple(rubrics(reader, found)),
        usage=usage(reader),
        agreements=people,
        components=components,
        stack=found.run.get("stack", ""),
        hazardous_included=include_hazardous,
        plan_hash=plan.lock.hash if plan else "",
        plan_date=plan.lock.date if plan else "",
        categories=tuple(map(_category, found.categories)),
        reliability=with_unread(reliable, answers, asked),
    )


def _category(spec: CategorySpec) -> CategoryFacts:
    return CategoryFacts(name=spec.id, measures=tuple(m.id for m in spec.measures))


def _answers(
    reader: Reader,
    found: Design,
    asked: tuple[Measure, ...],
    cells: tuple[Cell, ...],
    framed: Iterable[tuple[Group, Frame]],
    kinds: Kinds,
) -> Iterable[Finding]:
    raters = {r.label: r for r in found.raters}
    by_cell = {(c.target, c.category, c.intent.value, c.attack): c for c in cells}
    own = {c.id: _own(c, asked) for c in found.categories}
    out: list[Finding] = []
    marked: set[tuple[str, str, str, Place]] = set()
    arms: dict[str, list[Arm]] = {m.id: [] for m in asked if is_cost(m)}
    corrector = Corrector(reader=reader, found=found)
    for group, frame, people in with_people(framed):
        cell = by_cell[group.cell]
        marked.add((group.rater, group.scale.name, group.kind, group.cell))
        if kinds.without_marks(raters[group.rater], group):
            continue
        for measure in own.get(cell.category, asked):
            if measure.scale == group.scale.name and selects(measure, cell, group.kind):
                if measure.id in arms:
                    arms[measure.id].append(Arm(group=group, cell=cell, frame=frame))
                else:
                    asks = Asked(
                        measure=measure, group=group, cell=cell, frame=frame, people=people
                    )
                    out += corrector.beside(findings(measure, group, cell, frame), asks)
    known = {m.id: m for m in asked}
    for name, some in arms.items():
        able = abilities(known[name], some)
        out = [beside(one, known, found.scales, able) for one in out]
        out += costs(known[name], some)
    plain = tuple(m for m in asked if m.id not in arms)
    out += _unmarked(reader, found, plain, by_cell, marked, kinds)
    out += _unasked(found, [c for c in cells if c.target not in kinds.judging])
    # Levels keep the order of their scale.
    return sorted(out, key=lambda f: (f.measure, tuple(p for p in f.group if p[0] != "level")))


def _own(category: CategorySpec, asked: Iterable[Measure]) -> list[Measure]:
    """Put a category's own measures for those of their ids, which in an older journal another's may be."""
    mine = {m.id: m for m in category.measures if m.contrast is None}
    return [mine.get(m.id, m) if m.contrast is None else m for m in asked]


def _framed(
    reader: Reader,
    found: Design,
    targets: tuple[TargetFacts, ...],
    cells: tuple[Cell, ...],
    serious: tuple[Caveat, ...],
    off: frozenset[int],
    why: dict[Key, Reasons],
    people: Beside,
    state: RunState,
    reliable: tuple[Reliability, ...],
) -> Iterator[tuple[Group, Frame]]:
    """Give the marks by cell, rater and scale, each with what surrounds its numbers."""
    versions = {c.id: c.named or c.version for c in found.categories}
    panels = dict(reader.rows("SELECT id, body FROM spec WHERE kind = 'panel'"))
    labels, batches = _labels(reader), Batches(reader=reader)
    fixed = held_fixed(reader, targets)
    ways = Counter((c.target, c.category, c.intent.value) for c in cells)
    raters = {r.label: r for r in found.raters}
    for group in groups(reader, found, off, why):
        target, category, _, _ = group.cell
        person = group.rater_kind == PERSON
        frame = Frame(
            scope=found.config.scope,
            level=found.config.confidence,
            caveats=(
                *serious,
                *state.broken(group),
                *known(people, group, raters[group.rater]),
                *banner(reliable, group),
            ),
            refused=batches.refused(group.cell, group.kind) if person else {},
            population=population(
                category, versions.get(category, ""), panels.get(category, ""), labels[category]
            ),
            fixed=fixed.get(target, ""),
            repeats=found.config.repeats,
            ways=ways[group.cell[:3]],
            gates=len(found.gates),
        )
        yield group, frame


def _labels(reader: Reader) -> dict[str, str]:
    """Say of each category how public its items are (VALIDITY 26)."""
    out: dict[str, list[str]] = {}
    for category, label in reader.rows("SELECT DISTINCT category, label FROM item ORDER BY 1, 2"):
        out.setdefault(category, []).append(label)
    return {category: " and ".join(labels) for category, labels in out.items()}


def _unmarked(
    reader: Reader,
    found: Design,
    asked: tuple[Measure, ...],
    by_cell: dict[Place, Cell],
    marked: set[tuple[str, str, str, Place]],
    kinds: Kinds,
) -> Iterable[Finding]:
    """Abstain for raters from cells in which they have nothing, so that no gate forgets them."""
    voted = {k for (k,) in reader.rows("SELECT DISTINCT rater FROM rating")}
    for rater in found.raters:
        person = rater.kind == PERSON
        names = {s.name for s in rater.spec.scales} if rater.k in voted or not person else set()
        for measure in (m for m in asked if m.scale in names and _of_paths(m, rater.spec)):
            for at, cell in by_cell.items():
                known = (rater.label, measure.scale, SubjectKind.PATH.value, at) in marked
                known = known or kinds.idle(rater, cell.target)
                if not known and selects(measure, cell, SubjectKind.PATH):
                    yield unmarked(measure, rater.label, cell, person=person)


def _unasked(found: Design, cells: Iterable[Cell]) -> Iterable[Finding]:
    """Abstain from what a category asks and no rater, person included, has a scale for."""
    scales = {s.name for r in found.raters for s in r.spec.scales}
    for category in found.categories:
        for measure in (m for m in category.measures if m.scale not in scales):
            for cell in cells:
                kind = measure.select.kind.value
                if cell.category == category.id and selects(measure, cell, kind):
                    yield unasked(measure, cell)


def _of_paths(measure: Measure, spec: ScorerSpec) -> bool:
    """Every attempt has a path, so one without marks is missing; turns it may not have."""
    return measure.select.kind is SubjectKind.PATH and SubjectKind.PATH in spec.subjects
