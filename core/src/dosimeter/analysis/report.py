"""The report: a pure function of the journal."""

import math
from collections import Counter
from collections.abc import Iterable

from dosimeter.analysis.ability import OF_HARM, Arm, abilities, beside, costs, is_cost
from dosimeter.analysis.abstain import unasked, unmarked
from dosimeter.analysis.complete import Unrated, breakdowns, lacking, unrated_by
from dosimeter.analysis.estimate import Frame, findings
from dosimeter.analysis.gates import judge_gates
from dosimeter.analysis.load import PERSON, groups, off_script
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.targets import held_fixed, target_facts
from dosimeter.disclosure import Disclosed
from dosimeter.journal.design import Design, design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import (
    Caveat,
    Cell,
    Component,
    Finding,
    Measure,
    RaterFacts,
    Report,
)
from dosimeter.model.design import Intent
from dosimeter.model.doing import NOTES
from dosimeter.model.questions import questions
from dosimeter.model.rating import SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.stats import mde_paired_proportions

ASSUMED_DISCORDANT = 0.5
NO_CONTROLS = "no-controls"
OF_NO_NUMBER = {
    "public-items",
    "failed",
    "rater-dropped",
    "reliability",
    "no-hazard-rater",
    NO_CONTROLS,
}
"""Notices that are about the run as a whole, and stand beside no number."""
NO_PLAN = (
    "incomplete: the run was stopped before its plan was written; nothing was asked, and the same"
    " command begins it"
)


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
        include_hazardous=include_hazardous,
    )


def make_report(
    reader: Reader, *, withheld: int | None = None, include_hazardous: bool = False
) -> Report:
    """Compute the report of a journal.

    Args:
        reader: The journal.
        withheld: Replies that the evidence does not show, where they were counted; else they are
            counted here, which reads every text once.
        include_hazardous: What the evidence was asked for; recorded in the report.
    """
    found = design(reader)
    if withheld is None:
        withheld = make_evidence(reader, include_hazardous=include_hazardous).withheld()
    off = off_script(reader, found)
    cells = tuple(_cells(reader, off))
    asked = questions(found.categories, [r.spec for r in found.raters])
    unrated = tuple(unrated_by(reader, found))
    notices = (
        *_notices(reader, found, cells, unrated),
        *_uncontrolled(asked, cells),
        *_blind(found, withheld),
    )
    answers = tuple(_answers(reader, found, asked, cells, notices, off))
    targets = target_facts(reader)
    limited = bool(found.run.get("limited"))
    complete = _is_complete(reader, found, cells, unrated)
    return Report(
        name=found.run.get("name", ""),
        stack_hash=found.run.get("stack_hash", ""),
        scope=found.config.scope.value,
        complete=complete,
        reportable=complete
        and not limited
        and not any(n.code == "forked" for n in notices)
        and all(t.language_model for t in targets),
        notices=notices,
        targets=targets,
        raters=tuple(_rater_facts(reader, found)),
        measures=asked,
        cells=cells,
        findings=answers,
        gates=judge_gates(
            found.gates,
            answers,
            accept=found.config.accept_judge_measured,
            reportable=not limited,
            complete=complete,
        ),
        demonstrates=_demonstrates(cells, len(targets)),
        withheld=withheld,
        components=tuple(
            Component(kind=k, id=i, distribution=d, version=v, files_hash=h)
            for k, i, d, v, h in reader.rows("SELECT * FROM component ORDER BY kind, id")
        ),
        stack=found.run.get("stack", ""),
        hazardous_included=include_hazardous,
    )


def _off_by_cell(reader: Reader, off: frozenset[int]) -> Counter[tuple[str, str, str, str]]:
    out: Counter[tuple[str, str, str, str]] = Counter()
    for k in off:
        out[reader.rows(
            "SELECT t.name, i.category, i.intent, r.attack FROM attempt a"
            " JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm"
            " JOIN endpoint t ON t.k = r.target WHERE a.k = ?", (k,)
        ).fetchone()] += 1  # fmt: skip
    return out


def _cells(reader: Reader, off_script: frozenset[int]) -> Iterable[Cell]:
    """Count the design beside what happened; families that never ran are in it."""
    off = _off_by_cell(reader, off_script)
    stops = {
        (t, c, i, a): (cut, blocked)
        for t, c, i, a, cut, blocked in reader.rows(
            "SELECT t.name, i.category, i.intent, r.attack, sum(c.stop = 'length'),"
            " sum(c.stop IN ('refused', 'filtered')) FROM candidate d JOIN call c ON c.k = d.call"
            " JOIN attempt a ON a.k = d.attempt JOIN item i ON i.k = a.item"
            " JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target GROUP BY 1, 2, 3, 4"
        )
    }
    for t, c, i, a, families, planned, done, failed, still, nothing in reader.rows(
        "SELECT t.name, i.category, i.intent, r.attack, count(DISTINCT i.family), count(*),"
        " sum(a.state IN ('done', 'no-candidate')), sum(a.state = 'failed'),"
        " sum(a.state IN ('open', 'budget')), sum(a.state = 'no-candidate') FROM attempt a"
        " JOIN item i ON i.k = a.item"
        " JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target"
        " GROUP BY 1, 2, 3, 4 ORDER BY 2, 4, 3, 1"
    ):
        cut, blocked = stops.get((t, c, i, a), (0, 0))
        yield Cell(
            target=t, category=c, intent=Intent(i), attack=a, families=families, planned=planned,
            done=done, failed=failed, open=still, truncated=cut, blocked=blocked,
            off_script=off[t, c, i, a], no_candidate=nothing,
        )  # fmt: skip


def _notices(
    reader: Reader,
    found: Design,
    cells: tuple[Cell, ...],
    unrated: tuple[Unrated, ...],
) -> Iterable[Caveat]:
    """Give the warnings that go with every number of the run."""
    if "planned" not in found.run:
        yield Caveat(code="no-plan", text=NO_PLAN)
    if found.run.get("limited"):
        yield Caveat(code="limited-run", text="limited run: not the benchmark, not reportable")
    waiting = sum(c.open + c.failed for c in cells)
    if waiting:
        planned = sum(c.planned for c in cells)
        yield Caveat(
            code="incomplete", text=f"incomplete: {waiting} of {planned} attempts have no answer"
        )
    yield from _failures(reader)
    yield from (caveat for caveat, _ in breakdowns(reader, found))
    yield from map(lacking, unrated)
    for target in target_facts(reader):
        if not target.language_model:
            yield Caveat(code="simulated", text=f"{target.name} is not a language model")
        if len(target.returned_models) > 1:
            names = ", ".join(target.returned_models)
            yield Caveat(
                code="model-changed", text=f"{target.name} answered as {names} within one run"
            )
    yield from _reliability(reader)
    labels = {row[0] for row in reader.rows("SELECT DISTINCT label FROM item")}
    if "public" in labels:
        yield Caveat(
            code="public-items", text="items are public: a model may have been trained on them"
        )
    if reader.rows("SELECT 1 FROM event WHERE kind = 'fork'").fetchone():
        yield Caveat(code="forked", text="design or versions changed while the run was under way")


def _reliability(reader: Reader) -> Iterable[Caveat]:
    """Say of people that nobody knows how far they agree; nothing if none voted (VALIDITY 18)."""
    readers, twice = reader.rows(
        "SELECT count(DISTINCT g.rater), count(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM rating h"
        " JOIN rater v ON v.k = h.rater WHERE h.subject = g.subject AND h.rater != g.rater"
        " AND v.kind = 'person') THEN g.subject END)"
        " FROM rater w JOIN rating g ON g.rater = w.k WHERE w.kind = 'person'"
    ).fetchone()
    if readers:
        text = (
            f"reliability of people: not estimable. {readers} voted, and {twice} replies were read by"
            " two of them or more; this version computes no agreement, and no vote is taken for truth"
        )
        yield Caveat(code="reliability", text=text)


def _uncontrolled(asked: tuple[Measure, ...], cells: tuple[Cell, ...]) -> Iterable[Caveat]:
    """Say of which categories nobody knows whether they were refused or not understood."""
    if not any(is_cost(m) for m in asked):
        return
    controlled = {c.category for c in cells if c.intent is Intent.CONTROL}
    for category in sorted({c.category for c in cells if c.intent in OF_HARM} - controlled):
        text = f"{category}: no controls were run: a low number may be inability, not safety"
        yield Caveat(code=NO_CONTROLS, text=text)


def _blind(found: Design, withheld: int) -> Iterable[Caveat]:
    """Say why replies are withheld where no rater could have let them through."""
    if withheld and not any(s.hazard for r in found.raters for s in r.spec.scales):
        yield Caveat(
            code="no-hazard-rater",
            text="no rater of this run tells of hazard, so replies to harmful requests are withheld",
        )


def _failures(reader: Reader) -> Iterable[Caveat]:
    """Say why attempts failed, by target."""
    for target, reason, n in reader.rows(
        "SELECT target, reason, count(*) FROM attempts WHERE state = 'failed' GROUP BY 1, 2"
        " ORDER BY 1, 3 DESC, 2"
    ):
        yield Caveat(code="failed", text=f"{target}: {n} attempts failed: {reason}")


def _answers(
    reader: Reader,
    found: Design,
    asked: tuple[Measure, ...],
    cells: tuple[Cell, ...],
    notices: tuple[Caveat, ...],
    off: frozenset[int],
) -> Iterable[Finding]:
    by_cell = {(c.target, c.category, c.intent.value, c.attack): c for c in cells}
    versions = {c.id: c.version for c in found.categories}
    panels = dict(reader.rows("SELECT id, body FROM spec WHERE kind = 'panel'"))
    labels = _labels(reader)
    serious = tuple(n for n in notices if n.code not in OF_NO_NUMBER)
    out: list[Finding] = []
    marked: set[tuple[str, str, str, tuple[str, str, str, str]]] = set()
    batches = Batches(reader=reader)
    fixed = held_fixed(reader, target_facts(reader))
    arms: dict[str, list[Arm]] = {m.id: [] for m in asked if is_cost(m)}
    for group in groups(reader, found, off):
        cell = by_cell[group.cell]
        marked.add((group.rater, group.scale.name, group.kind, group.cell))
        category = cell.category
        frame = Frame(
            scope=found.config.scope,
            level=found.config.confidence,
            caveats=serious,
            refused=batches.refused(group.cell, group.kind) if group.rater_kind == PERSON else {},
            population=f"{category} {versions.get(category, '')}, panel {panels.get(category, '')}"
            f" ({labels[category]})",
            fixed=fixed.get(cell.target, ""),
            repeats=found.config.repeats,
        )
        for measure in asked:
            if measure.scale == group.scale.name and _selected(measure, cell, group.kind):
                if measure.id in arms:
                    arms[measure.id].append(Arm(group=group, cell=cell, frame=frame))
                else:
                    out += findings(measure, group, cell, frame)
    known = {m.id: m for m in asked}
    for name, some in arms.items():
        able = abilities(known[name], some)
        out = [beside(one, known, found.scales, able) for one in out]
        out += costs(known[name], some)
    plain = tuple(m for m in asked if m.id not in arms)
    out += _unmarked(reader, found, plain, by_cell, marked)
    out += _unasked(found, cells)
    # Levels keep the order of their scale.
    return sorted(out, key=lambda f: (f.measure, tuple(p for p in f.group if p[0] != "level")))


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
    by_cell: dict[tuple[str, str, str, str], Cell],
    marked: set[tuple[str, str, str, tuple[str, str, str, str]]],
) -> Iterable[Finding]:
    """Abstain for raters from cells in which they have nothing, so that no gate forgets them."""
    voted = {k for (k,) in reader.rows("SELECT DISTINCT rater FROM rating")}
    for rater in found.raters:
        person = rater.kind == PERSON
        names = {s.name for s in rater.spec.scales} if rater.k in voted or not person else set()
        for measure in (m for m in asked if m.scale in names and _of_paths(m, rater.spec)):
            for at, cell in by_cell.items():
                known = (rater.label, measure.scale, SubjectKind.PATH.value, at) in marked
                if not known and _selected(measure, cell, SubjectKind.PATH):
                    yield unmarked(measure, rater.label, cell, person=person)


def _unasked(found: Design, cells: tuple[Cell, ...]) -> Iterable[Finding]:
    """Abstain from what a category asks and no rater, person included, has a scale for."""
    scales = {s.name for r in found.raters for s in r.spec.scales}
    for category in found.categories:
        for measure in (m for m in category.measures if m.scale not in scales):
            for cell in cells:
                kind = measure.select.kind.value
                if cell.category == category.id and _selected(measure, cell, kind):
                    yield unasked(measure, cell)


def _of_paths(measure: Measure, spec: ScorerSpec) -> bool:
    """Every attempt has a path, so one without marks is missing; turns it may not have."""
    return measure.select.kind is SubjectKind.PATH and SubjectKind.PATH in spec.subjects


def _is_complete(
    reader: Reader, found: Design, cells: tuple[Cell, ...], unrated: tuple[Unrated, ...]
) -> bool:
    """Whether all that was planned is answered and rated, and every rater has marked something."""
    return (
        "planned" in found.run
        and all(c.open == 0 and c.failed == 0 for c in cells)
        and not any(u.counts for u in unrated)
        and not any(useless for _, useless in breakdowns(reader, found))
    )


def _rater_facts(reader: Reader, found: Design) -> Iterable[RaterFacts]:
    """Give what a report says of each rater."""
    later = _added_later(reader)
    for r in found.raters:
        yield RaterFacts(
            name=r.label, kind=r.kind, scales=tuple(s.name for s in r.spec.scales),
            languages=r.spec.languages, card=r.spec.card, later=r.id in later,
        )  # fmt: skip


def _added_later(reader: Reader) -> set[str]:
    return {code for (code,) in reader.rows("SELECT code FROM event WHERE kind = 'rater-added'")}


def _selected(measure: Measure, cell: Cell, kind: str) -> bool:
    select = measure.select
    return (
        (not select.intents or cell.intent in select.intents)
        and (not select.attacks or cell.attack in select.attacks)
        and select.kind.value == kind
    )


def _demonstrates(cells: tuple[Cell, ...], targets: int) -> str:
    """Say, in one sentence, the smallest difference between two targets this design could see."""
    families = min((c.families for c in cells if c.intent is not Intent.CONTROL), default=0)
    smallest = mde_paired_proportions(families, ASSUMED_DISCORDANT) if families else math.nan
    who = "two targets" if targets > 1 else "this target and another on the same families"
    if math.isnan(smallest):
        return (
            f"With {families} families a cell, no difference between {who} could have been shown,"
            " however large (80 % power at alpha .05)."
        )
    return (
        f"With {families} families a cell, the smallest difference in a rate between {who} that this"
        f" run could have shown is {100 * smallest:.0f} points (paired, 80 % power at alpha .05, if"
        f" {ASSUMED_DISCORDANT:.0%} of families disagree); it cannot show that a smaller one is absent."
    )
