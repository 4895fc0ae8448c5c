"""Which numbers were asked for beforehand: what a frozen plan says of a run's findings."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product

from attrs import evolve, field, frozen

from dosimeter.analysis.gates import is_about
from dosimeter.journal.design import Design, Known
from dosimeter.model import across
from dosimeter.model.answering import Caveat, Estimate, Finding, GateResult, Standing
from dosimeter.model.attacks import members
from dosimeter.model.contrasts import parts_of
from dosimeter.model.facts import Component
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON
from dosimeter.plural import plural
from dosimeter.prereg.deviations import Deviation, described, deviations, gate_name, pair
from dosimeter.prereg.lockfile import Lock, parse_lock
from dosimeter.serialize import to_plain

KEYS = ("target", "category", "intent", "attack")
FORKED = Deviation(what="parts changed while the run was under way (--fork)", touches=((),))
UNREGISTERED = (
    "no plan was frozen before this run (`dosimeter plan STACK --freeze plan.lock`), so nobody can"
    " tell which of its numbers were chosen beforehand"
)
Key = tuple[str, ...]


@frozen(kw_only=True)
class Registered:
    """The plan that a run is under, with what is not as it was frozen."""

    lock: Lock
    changes: tuple[Deviation, ...]
    _raters: dict[str, Known] = field(alias="raters")

    @cached_property
    def _asked(self) -> frozenset[Key]:
        """The questions of the plan, by measure, cell and identity of the rater."""
        ids = {name: one["id"] for name, one in self.lock.body["raters"].items()}
        return frozenset(
            (q["measure"], *(q[k] for k in KEYS), ids[q["rater"]])
            for q in self.lock.body["questions"]
        )

    def _key(self, one: Finding) -> Key:
        group = dict(one.group)
        rater = self._raters.get(group.get("rater", ""))
        return (one.measure, *(group.get(k, "") for k in KEYS), rater.id if rater else "")

    def why_not(self, one: Finding) -> str:
        """Say why *one* was not planned as it is; empty if it was."""
        groups = list(self._rests_on(one))
        found = [c.what for c in self.changes if any(map(c.concerns, groups))]
        if not found and self._key(one) not in self._asked:
            return "not among the questions of the plan"
        more = len(found) - 1
        return "".join(found[:1]) + (f", and {plural(more, 'other change')}" if more > 0 else "")

    def _rests_on(self, one: Finding) -> Iterator[dict[str, str]]:
        """Give the groups of the marks behind a number: of all that it puts together."""
        group = {**dict(one.group), "measure": one.measure}
        attacks = [a for part in parts_of(group.get("attack", "")) for a in members(part)]
        contrast = self.lock.body["measures"].get(one.measure, {}).get("contrast")
        if contrast and contrast["factor"] == "attack":
            attacks.append(contrast["second"])
        for category, intent, attack in product(
            across.members(group.get("category", "")), parts_of(group.get("intent", "")),
            dict.fromkeys(attacks),
        ):  # fmt: skip
            yield {**group, "category": category, "intent": intent, "attack": attack}

    def labelled(self, one: Finding) -> Finding:
        """Give a number its standing, and an exploratory one the reason beside it."""
        if not isinstance(one, Estimate):
            return one
        why = self.why_not(one)
        if not why:
            return evolve(one, standing=Standing.PLANNED)
        said = Caveat(code="exploratory", text=f"exploratory: {why}")
        return evolve(one, standing=Standing.EXPLORATORY, caveats=(*one.caveats, said))

    def of_gates(
        self, results: Sequence[GateResult], answers: Sequence[Finding], *, accept: bool
    ) -> tuple[GateResult, ...]:
        """Give gates their standing: one is planned if it, and all that it is about, was frozen so."""
        same = accept == self.lock.body["run"]["accept_judge_measured"]
        return tuple(
            evolve(r, standing=self._of_gate(r, answers) if same else Standing.EXPLORATORY)
            for r in results
        )

    def _of_gate(self, result: GateResult, answers: Sequence[Finding]) -> Standing:
        gate = result.gate
        frozen_as = self.lock.body["gates"].get(gate_name(gate))
        mine = [f for f in answers if f.measure == gate.measure and is_about(gate, f)]
        if frozen_as != {"bound": gate.bound} or any(map(self.why_not, mine)):
            return Standing.EXPLORATORY
        return Standing.PLANNED

    def notices(self, answers: Iterable[Finding]) -> Iterator[Caveat]:
        """Say under which plan the run is, how many numbers are as planned, and what is not."""
        given = [f for f in answers if isinstance(f, Estimate)]
        planned = [f for f in given if f.standing is Standing.PLANNED]
        silent = len(self._asked - {self._key(f) for f in planned})
        text = (
            f"under the plan frozen on {self.lock.date}, sha256 {self.lock.hash}:"
            f" {plural(len(planned), 'number')} planned, {len(given) - len(planned)} exploratory"
        )
        if silent:
            text += f"; {plural(silent, 'question')} of the plan got no number as planned"
        yield Caveat(code="plan", text=text)
        for change in self.changes:
            yield Caveat(code="plan-changed", text=f"not as planned: {change.told}")


def frozen_plan(run: Mapping[str, str]) -> Lock | None:
    """Give the plan that a journal's table `run` has; None if there is none."""
    text = run.get("plan_lock")
    return None if text is None else parse_lock(text, "the plan in the journal")


def registered(
    found: Design, asked: Sequence[Measure], components: Sequence[Component], *, forked: bool
) -> Registered | None:
    """Give the plan that a journal's run is under; None if there is none.

    Raters that `score` added are in the journal, and not in what its last session was to measure.

    Args:
        found: What was asked.
        asked: The measures of the report.
        components: Every part of the run.
        forked: Whether parts changed under way.
    """
    lock = frozen_plan(found.run)
    if lock is None:
        return None
    there = {r.id for r in found.raters}
    raters = {name: one for name, one in lock.body["raters"].items() if one["id"] in there}
    now = json.loads(found.run["plan_now"])
    now |= {
        "raters": raters | now["raters"],
        "measures": {m.id: to_plain(m) for m in asked},
        "components": described(components),
    }
    known = {one["id"] for body in (lock.body, now) for one in body["raters"].values()}
    later = (
        Deviation(
            what=f"raters.{r.label}: not frozen, {'a person' if r.kind == PERSON else 'added since'}",
            touches=(pair("rater", r.label),),
        )
        for r in found.raters if r.id not in known
    )  # fmt: skip
    changes = (*deviations(lock.body, now), *later, *([FORKED] if forked else []))
    return Registered(lock=lock, changes=changes, raters={r.label: r for r in found.raters})


def stand(
    plan: Registered | None,
    answers: tuple[Finding, ...],
    gates: tuple[GateResult, ...],
    *,
    accept: bool,
) -> tuple[tuple[Finding, ...], tuple[GateResult, ...], tuple[Caveat, ...]]:
    """Give findings and gates their standing, with what there is to say of it.

    Args:
        plan: That the run is under, if any.
        answers: The findings.
        gates: Judged by them.
        accept: Whether the stack accepts judge-measured numbers now.
    """
    if plan is None:
        return answers, gates, (Caveat(code="unregistered", text=UNREGISTERED),)
    gates = plan.of_gates(gates, answers, accept=accept)
    answers = tuple(map(plan.labelled, answers))
    return answers, gates, tuple(plan.notices(answers))
