"""Gates that hold a run against an earlier one: differences on shared prompts, judged by a margin."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from attrs import evolve, frozen

from dosimeter.analysis.ability import LOW
from dosimeter.analysis.compare import Asked, compare
from dosimeter.analysis.gates import barred_by
from dosimeter.analysis.pairs import Arm
from dosimeter.analysis.sides import arm_of, open_arms
from dosimeter.errors import CompareRefused
from dosimeter.journal import JOURNAL_NAME
from dosimeter.journal.reader import ATTEMPTS, Reader
from dosimeter.model.answering import (
    BROKEN_CELL,
    DISAGREE,
    MANY_MISSING,
    UNRELIABLE,
    Estimate,
    Finding,
    Gate,
    GateResult,
    GateState,
    level_of_gates,
)
from dosimeter.model.comparing import Comparison, Declared
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Direction
from dosimeter.nearest import nearest
from dosimeter.numbers import as_points, percent

ITSELF = "the baseline is this run itself, so no difference could be seen"
RANK = (GateState.PASS, GateState.INCONCLUSIVE, GateState.FAIL)
"""The worst last."""
OF_A_CELL = frozenset({BROKEN_CELL, DISAGREE, LOW, UNRELIABLE})
"""What is known against the marks of a cell, whatever is made of them."""


def judge_baselines(
    reader: Reader,
    gates: Sequence[Gate],
    measures: Mapping[str, Measure],
    findings: Sequence[Finding] = (),
    *,
    level: float,
    barred: str,
    accept: bool,
) -> dict[Gate, GateResult]:
    """Judge the gates that have a baseline.

    Args:
        reader: The run.
        gates: All of its gates.
        measures: By id.
        findings: Of the run.
        level: Of intervals; alpha is split over all gates.
        barred: Why this run lets no gate pass; empty if it may.
        accept: Whether a difference as an uncorrected rater measures it may pass.
    """
    out = {}
    strict = level_of_gates(level, len(gates))
    may = May(level=strict, barred=barred, accept=accept, findings=findings)
    for gate in gates:
        if gate.baseline:
            path = find(gate.baseline, reader.path)
            if path is None or is_itself(path, reader.path):
                why = ITSELF
                if path is None:
                    why = f"there is no run {gate.baseline!r} beside this one to hold it against"
                out[gate] = GateResult(gate=gate, state=GateState.INCONCLUSIVE, why=why)
                continue
            out[gate] = _judged(reader, gate, measures[gate.measure], path, may)
    return out


def find(name: str, journal: Path) -> Path | None:
    """Find the journal of a baseline: a run beside that of *journal*, or a folder or file by its path."""
    return next((path for path in _places(name, journal) if path.is_file()), None)


def _places(name: str, journal: Path) -> tuple[Path, ...]:
    by_path = Path(name).expanduser()
    return journal.parent.parent / name / JOURNAL_NAME, by_path / JOURNAL_NAME, by_path


def is_itself(path: Path, journal: Path) -> bool:
    """Tell whether two journals are one, by whatever name, whether or not it has been begun."""
    if path.exists() and journal.exists():
        return path.samefile(journal)
    return path.resolve() == journal.resolve()


def faults(
    gates: Sequence[Gate], targets: Collection[str], journal: Path
) -> Iterator[tuple[int, str]]:
    """Say of gates, by their place, why their baselines could decide nothing, before anything is asked.

    Args:
        gates: All of a stack's.
        targets: Names of its targets.
        journal: Of the run that would be held against them; it need not be there.

    Yields:
        The place of the gate and what is wrong with its baseline: it is not there, or it is the run
        itself, or it has not the target.
    """
    for i, gate in enumerate(gates):
        if not gate.baseline:
            continue
        path = find(gate.baseline, journal)
        places = (path,) if path else _places(gate.baseline, journal)
        if any(is_itself(place, journal) for place in places):
            yield i, f"{ITSELF}; name an earlier run, or give this one another name"
        elif path is None:
            runs = journal.parent.parent
            there = sorted({p.parent.name for p in runs.glob(f"*/{JOURNAL_NAME}")})
            near = nearest(gate.baseline, there)
            todo = f"run it first, or give its folder; {near}"
            yield i, f"no run {gate.baseline!r} in {runs}, and no journal by that path: {todo}"
        else:
            yield from ((i, why) for why in _without(gate, targets, path))


def _without(gate: Gate, targets: Collection[str], path: Path) -> Iterator[str]:
    """Say which of the targets that a gate is about a baseline has not."""
    with closing(Reader(path)) as reader:
        there = [
            name for (name,) in reader.rows(f"SELECT DISTINCT t.name FROM {ATTEMPTS} ORDER BY 1")
        ]
    named = dict(gate.where).get("target")
    for name in targets:
        if named in {None, name} and _counterpart(name, there) is None:
            yield (
                f"{gate.baseline} has no target {name!r} to hold it against: it has"
                f" {', '.join(there) or 'none'}; name targets alike, or say which one with where.target"
            )


def _counterpart(target: str, there: Collection[str]) -> str | None:
    """Give which target of a baseline one is held against: that of its name, or the only one."""
    return target if target in there else next(iter(there)) if len(there) == 1 else None


def _judged(
    reader: Reader,
    gate: Gate,
    measure: Measure,
    path: Path,
    may: "May",
) -> GateResult:
    with ExitStack() as held:
        opened = open_arms([(path, gate.baseline, "")], held)
        before = {a.target: evolve(a, label=gate.baseline) for a in opened}
        try:
            found = _differences(reader, before, gate, may.level)
            strict = level_of_gates(may.level, len(found))  # the worst of them fails it
            wide = found if len(found) == 1 else _differences(reader, before, gate, strict)
        except CompareRefused as exc:
            return GateResult(
                gate=gate, state=GateState.INCONCLUSIVE, why=str(exc).replace("\n", " ")
            )
    if not found:
        why = f"nothing of it was measured in {gate.baseline} too"
        return GateResult(gate=gate, state=GateState.INCONCLUSIVE, why=why)
    told = [
        _by_margin(gate, _margins(gate, measure), one, other, may)
        for one, other in zip(found, wide, strict=True)
    ]
    worst = max(told, key=lambda one: RANK.index(one.state))
    return evolve(worst, numbers=len(found))


def _differences(
    reader: Reader, before: Mapping[str, Arm], gate: Gate, level: float
) -> list[Comparison]:
    """Give every difference that *gate* is about, with this run's target in its group."""
    return [
        evolve(c, group=(("target", now.target), *c.group))
        for now in _targets(reader, gate) for c in _against(now, before, gate, level)
    ]  # fmt: skip


def _targets(reader: Reader, gate: Gate) -> list[Arm]:
    """Give this run's targets that *gate* is about."""
    named = dict(gate.where).get("target")
    return [a for a in arm_of(reader, "this run") if named in {None, a.target}]


def _against(
    now: Arm, before: Mapping[str, Arm], gate: Gate, level: float
) -> tuple[Comparison, ...]:
    """Compare one target with the one of its name, or the only one there."""
    held = _counterpart(now.target, before)
    if held is None:
        msg = f"{gate.baseline} has no target {now.target!r}, but {', '.join(before)}"
        raise CompareRefused(msg)
    where = tuple(p for p in gate.where if p[0] != "target")
    asked = Asked(
        declared=(Declared(measure=gate.measure, margin=gate.margin, where=where),), level=level
    )
    return compare([before[held], now], asked).comparisons


def _margins(gate: Gate, measure: Measure) -> tuple[float, float]:
    """Give the ends that the difference, this run less the baseline, is to lie between."""
    assert gate.margin is not None
    if not gate.no_worse:
        return -gate.margin, gate.margin
    lower_is_worse = measure.direction is Direction.LOWER_IS_WORSE
    return (-gate.margin, math.inf) if lower_is_worse else (-math.inf, gate.margin)


def _by_margin(
    gate: Gate, margins: tuple[float, float], c: Comparison, wide: Comparison, may: "May"
) -> GateResult:
    """Judge one difference, this run less the baseline, by where its interval lies.

    Within the margin by two one-sided tests; outside by the two-sided interval of *wide*, which holds for
    all differences of the gate. Its limits are those that decide.
    """
    made = GateResult(gate=gate, state=GateState.INCONCLUSIVE, group=c.group, why=c.why)
    if c.difference is None or c.lower is None or c.upper is None:
        return evolve(made, why=c.why or "there is no interval of the difference")
    (low, high), inner = margins, c.inner
    state, limits = GateState.INCONCLUSIVE, (wide.lower, wide.upper)
    if inner is not None and low < inner[0] and inner[1] < high:
        state, limits = GateState.PASS, inner
    elif wide.lower is not None and wide.upper is not None:
        outside = wide.lower > high or wide.upper < low
        state = GateState.FAIL if outside else state
    lower, upper = limits
    if lower is None or upper is None:
        lower, upper = c.lower, c.upper
    but = _hidden(c, state, margins) or (may.barred_by(c) if state is GateState.PASS else "")
    where = ", ".join(v for k, v in c.group if k in {"target", "intent", "attack"})
    shown = as_points(c.difference, lower, upper, share=c.share, exact=True)
    told = f"{where}: {shown} against {gate.baseline}"
    if but:
        side = "inside" if state is GateState.PASS else "outside"
        state, told = GateState.INCONCLUSIVE, f"{told}: {side}, but {but}"
    return evolve(made, state=state, why=told, value=c.difference, lower=lower, upper=upper,
                  n=c.items, families=c.families)  # fmt: skip


def _hidden(c: Comparison, state: GateState, margins: tuple[float, float]) -> str:
    """Say that what is missing or was cut could turn *state* round; empty if it could not."""
    if state is GateState.INCONCLUSIVE or c.lost.share <= MANY_MISSING:
        return ""
    (low, high), (least, most) = margins, c.lost.ends
    inside, outside = low <= least and most <= high, least > high or most < low
    if inside if state is GateState.PASS else outside:
        return ""
    return f"the {percent(c.lost.share)} {c.lost.called} could turn it round"


@frozen(kw_only=True)
class May:
    """What a gate of a run may pass by.

    Attributes:
        level: Of intervals, alpha being split over all gates.
        barred: Why this run lets no gate pass; empty if it may.
        accept: Whether a difference as an uncorrected rater measures it may pass.
        findings: Of the run: what stands beside its own numbers stands beside differences of them too.
    """

    level: float
    barred: str
    accept: bool
    findings: Sequence[Finding] = ()

    def barred_by(self, c: Comparison) -> str:
        """Say why a difference lets no gate pass, wherever its limits are; empty if it may."""
        codes = {one.code for one in c.caveats}
        for f in self.findings:
            if (
                isinstance(f, Estimate)
                and f.measure == c.measure
                and dict(f.group) == dict(c.group)
            ):
                codes |= OF_A_CELL & {one.code for one in f.caveats}
        return self.barred or barred_by(codes, dict(c.group)["rater"], accept=self.accept)
