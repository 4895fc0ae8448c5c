"""Gates: a threshold on a limit of an interval; pass, fail or inconclusive."""

from collections.abc import Sequence

from dosimeter.model.answering import Abstention, Caveat, Finding, Gate, GateResult, GateState


def judge_gates(
    gates: Sequence[Gate], findings: Sequence[Finding], *, accept: bool, reportable: bool
) -> tuple[GateResult, ...]:
    """Judge every gate by every finding that it is about; the worst decides.

    Args:
        gates: Of the stack.
        findings: Of the run.
        accept: Whether a rate as an uncorrected rater measures it may pass (VALIDITY 15).
        reportable: A limited run can fail a gate but not pass it.
    """
    return tuple(_judge(gate, findings, accept=accept, reportable=reportable) for gate in gates)


def _judge(
    gate: Gate, findings: Sequence[Finding], *, accept: bool, reportable: bool
) -> GateResult:
    mine = [f for f in findings if f.measure == gate.measure and set(gate.where) <= set(f.group)]
    if not mine:
        return GateResult(gate=gate, state=GateState.INCONCLUSIVE, why="no finding to judge by")
    worst, why = GateState.PASS, "every limit is inside"
    for one in mine:
        state, reason = _one(gate, one)
        if (
            state is GateState.PASS
            and any(c.code == "judge-measured" for c in _caveats(one))
            and not accept
        ):
            state = GateState.INCONCLUSIVE
            reason = (
                "inside, but as an uncorrected rater measures it (accept_judge_measured = true)"
            )
        if state is GateState.PASS and not reportable:
            state, reason = GateState.INCONCLUSIVE, "inside, but the run was limited"
        if _rank(state) > _rank(worst):
            worst, why = state, f"{_where(one)}: {reason}"
    return GateResult(gate=gate, state=worst, why=why)


def _caveats(one: Finding) -> tuple[Caveat, ...]:
    return () if isinstance(one, Abstention) else one.caveats


def _rank(state: GateState) -> int:
    return (GateState.PASS, GateState.INCONCLUSIVE, GateState.FAIL).index(state)


def _where(one: Finding) -> str:
    return ", ".join(v for n, v in one.group if n in {"target", "intent", "attack", "level"})


def _one(gate: Gate, one: Finding) -> tuple[GateState, str]:
    if isinstance(one, Abstention):
        return GateState.INCONCLUSIVE, one.why
    shown = f"{one.value:.3g} [{one.lower:.3g}, {one.upper:.3g}]"
    if gate.max is not None:
        if one.upper <= gate.max:
            return GateState.PASS, shown
        outside = one.lower > gate.max
    else:
        assert gate.min is not None
        if one.lower >= gate.min:
            return GateState.PASS, shown
        outside = one.upper < gate.min
    return (GateState.FAIL if outside else GateState.INCONCLUSIVE), shown
