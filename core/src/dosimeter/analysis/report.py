"""The report: a pure function of the journal, and of those of the runs that gates have for a baseline."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dosimeter.analysis.agree import Beside, agreements, beside as beside_people, known, of_people
from dosimeter.analysis.answers import answered
from dosimeter.analysis.baselines import judge_baselines
from dosimeter.analysis.cells import cells_of, components_of
from dosimeter.analysis.demonstrates import demonstrates
from dosimeter.analysis.discriminating import public_families
from dosimeter.analysis.gates import judge_gates
from dosimeter.analysis.hidden import with_hidden
from dosimeter.analysis.judges import rater_facts
from dosimeter.analysis.load import Group, Key, Reasons, groups, off_script
from dosimeter.analysis.looks import OF_LOOKS, looked, looks, of_looks, planned_order
from dosimeter.analysis.notices import (
    OF_NO_NUMBER,
    blind,
    notices,
    of_items,
    uncontrolled,
    unnamed,
)
from dosimeter.analysis.panel import Seen, panel_of
from dosimeter.analysis.phrasings import phrasings
from dosimeter.analysis.reasons import why_unmarked, without_mark
from dosimeter.analysis.reliability import banner, of_reliability, reliabilities, with_unread
from dosimeter.analysis.rubrics import rubrics
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.saturated import Spreads
from dosimeter.analysis.side_by_side import Sides
from dosimeter.analysis.standing import registered, stand
from dosimeter.analysis.state import RunState
from dosimeter.analysis.targets import held_fixed, target_facts
from dosimeter.analysis.verdicts import idle_raters, kinds_of
from dosimeter.analysis.wording import Frame, population
from dosimeter.disclosure import Disclosed
from dosimeter.journal.costs import usage
from dosimeter.journal.design import Design, design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat, Finding, GateResult
from dosimeter.model.comparing import Compared
from dosimeter.model.doing import NOTES
from dosimeter.model.facts import CategoryFacts, RaterFacts, Reliability, TargetFacts
from dosimeter.model.measures import Measure
from dosimeter.model.questions import questions
from dosimeter.model.rating import PERSON
from dosimeter.model.report import Cell, Report
from dosimeter.model.specs import CategorySpec
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
        *of_looks(reader, found),
        *uncontrolled(asked, able),
        *blind(found, unseen.withheld),
        *unnamed(targets, raters),
        *of_reliability(reliable),
    )
    serious = tuple(n for n in told if n.code not in OF_NO_NUMBER)
    framed = _framed(
        reader, found, targets, cells, serious, off, why, beside_people(people), state, reliable
    )
    spreads, sides = Spreads(measures=asked, cells=cells), Sides.of(reader, found)
    passing = sides.watch(spreads.watch(framed))
    by_id = {m.id: m for m in asked}
    given = answered(reader, found, asked, cells, passing, kinds)
    answers = tuple(with_hidden(one, by_id[one.measure]) for one in given)
    gates = _gates(reader, found, asked, answers, raters, state)
    components = components_of(reader)
    plan = registered(found, asked, components, forked=state.forked)
    answers, gates, of_plan = stand(plan, answers, gates, accept=found.config.accept_judge_measured)
    compared = sides.compared()
    shows = _shown(found, answers, len(targets), compared)
    used = tuple(usage(reader))
    return Report(
        name=found.run.get("name", ""),
        stack_hash=found.run.get("stack_hash", ""),
        scope=found.config.scope.value,
        complete=state.complete,
        reportable=state.reportable,
        notices=(*told, *of_people(people, answers, asked), *of_plan),
        targets=targets,
        raters=raters,
        measures=asked,
        cells=cells,
        findings=answers,
        gates=gates,
        demonstrates=shows,
        compared=compared,
        looks=looks(found),
        panel=tuple(
            panel_of(
                Seen(
                    cells=cells,
                    findings=answers,
                    measures=asked,
                    scales=tuple(found.scales.values()),
                    targets=targets,
                    raters=raters,
                    agreements=people,
                    reliable=reliable,
                    usage=used,
                    spreads=tuple(spreads.found(public_families(reader), found.config.confidence)),
                    demonstrates=shows,
                    phrasings=tuple(phrasings(reader, found.categories)),
                )
            )
        ),
        withheld=unseen.withheld,
        deleted=unseen.deleted,
        sealed=unseen.sealed,
        rubrics=tuple(rubrics(reader, found)),
        usage=used,
        agreements=people,
        components=components,
        stack=found.run.get("stack", ""),
        hazardous_included=include_hazardous,
        plan_hash=plan.lock.hash if plan else "",
        plan_date=plan.lock.date if plan else "",
        categories=tuple(map(_category, found.categories)),
        reliability=with_unread(reliable, answers, asked),
    )


def _gates(
    reader: Reader, found: Design, asked: tuple[Measure, ...], answers: tuple[Finding, ...],
    raters: tuple[RaterFacts, ...], state: RunState,
) -> tuple[GateResult, ...]:  # fmt: skip
    """Judge the gates of a run, those against a baseline first."""
    accept = found.config.accept_judge_measured
    against = judge_baselines(
        reader, found.gates, {m.id: m for m in asked}, answers, level=found.config.confidence,
        barred="" if state.complete and not state.limited else "the run is not complete", accept=accept,
    )  # fmt: skip
    return judge_gates(
        found.gates, answers, accept=accept, limited=state.limited, complete=state.complete,
        people={r.name for r in raters if r.kind == PERSON}, against=against,
    )  # fmt: skip


def _shown(
    found: Design, answers: Sequence[Finding], targets: int, compared: Compared | None
) -> str:
    """Say what the run cannot show."""
    if looked(found):
        return OF_LOOKS
    several = compared.family if compared else 1
    return demonstrates(answers, targets, found.config.confidence, several)


def _category(spec: CategorySpec) -> CategoryFacts:
    return CategoryFacts(name=spec.id, measures=tuple(m.id for m in spec.measures))


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
    order = planned_order(reader) if looked(found) else None
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
            order=order,
        )
        yield group, frame


def _labels(reader: Reader) -> dict[str, str]:
    """Say of each category how public its items are (VALIDITY 26)."""
    out: dict[str, list[str]] = {}
    for category, label in reader.rows("SELECT DISTINCT category, label FROM item ORDER BY 1, 2"):
        out.setdefault(category, []).append(label)
    return {category: " and ".join(labels) for category, labels in out.items()}
