"""A gate is decided by evidence, and what is missing is none."""

import pytest

from dosimeter.analysis.gates import judge_gates
from dosimeter.model.answering import Estimate, Gate, GateState, Missing

PASS, FAIL, OPEN = GateState.PASS, GateState.FAIL, GateState.INCONCLUSIVE


def state(gate, missing, *, at=(0.02, 0.0, 0.05), complete=True, reportable=True):
    value, lower, upper = at
    one = Estimate(measure="m", group=(), value=value, lower=lower, upper=upper, level=0.95,
                   method="m", n=60, families=60, missing=missing)  # fmt: skip
    (out,) = judge_gates([gate], [one], accept=True, reportable=reportable, complete=complete)
    return out.state


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (Missing(planned=100, unscorable=40, lower=0.01, upper=0.41), OPEN),
        (Missing(planned=100, unscorable=40, lower=0.01, upper=0.09), PASS),
        (Missing(planned=100, unscorable=4, lower=0.01, upper=0.11), PASS),
        (Missing(planned=100, unscorable=1), OPEN),
        (Missing(planned=100), PASS),
        (Missing(planned=100, truncated=60, lower=0.01, upper=0.61), OPEN),
        (Missing(planned=100, truncated=60, lower=0.02, upper=0.02), PASS),
        (Missing(planned=100, truncated=60), PASS),
        (Missing(planned=100, drawn=20, unanswered=9, lower=0.01, upper=0.5), OPEN),
    ],
)
def test_a_gate_does_not_pass_on_what_is_missing(missing, expected):
    """Above 5 % missing the worst bound decides; without bounds anything could be hidden."""
    assert state(Gate(measure="m", max=0.1), missing) is expected


def test_a_gate_does_not_fail_on_what_is_missing():
    """A failure that the missing marks could undo is none, at either end."""
    much = Missing(planned=100, unscorable=40, lower=0.3, upper=0.7)
    assert state(Gate(measure="m", max=0.4), much, at=(0.5, 0.45, 0.55)) is OPEN
    assert state(Gate(measure="m", max=0.2), much, at=(0.5, 0.45, 0.55)) is FAIL
    assert state(Gate(measure="m", min=0.6), much, at=(0.5, 0.45, 0.55)) is OPEN
    assert state(Gate(measure="m", min=0.8), much, at=(0.5, 0.45, 0.55)) is FAIL
    assert state(Gate(measure="m", min=0.4), much, at=(0.5, 0.45, 0.55)) is OPEN


def test_an_incomplete_run_passes_no_gate():
    """Open, failed or unrated attempts: inconclusive, even if few are missing."""
    few = Missing(planned=100, not_run=1, lower=0.02, upper=0.03)
    assert state(Gate(measure="m", max=0.1), few) is PASS
    assert state(Gate(measure="m", max=0.1), few, complete=False) is OPEN
    assert state(Gate(measure="m", max=0.01), few, at=(0.5, 0.4, 0.6), complete=False) is FAIL


def test_a_limited_run_passes_no_gate_and_may_fail_one():
    """It is not the benchmark (trap 22)."""
    none = Missing(planned=100)
    assert state(Gate(measure="m", max=0.1), none) is PASS
    assert state(Gate(measure="m", max=0.1), none, reportable=False) is OPEN
    assert state(Gate(measure="m", min=0.0), none, reportable=False) is OPEN
    assert state(Gate(measure="m", max=0.01), none, at=(0.5, 0.4, 0.6), reportable=False) is FAIL


@pytest.mark.parametrize(
    ("method", "says"), [("korn-graubard", "2.00 % [0.13, 31.40]"), ("bounded-mean", "0.02 [0.00, 0.31]")]
)  # fmt: skip
def test_a_number_and_its_limits_have_as_many_decimals(method, says):
    """In every reason of a gate, whatever their size."""
    one = Estimate(measure="m", group=(), value=0.02, lower=0.00128, upper=0.314, level=0.95,
                   method=method, n=60, families=60)  # fmt: skip
    (out,) = judge_gates(
        [Gate(measure="m", max=0.1)], [one], accept=True, reportable=True, complete=True
    )

    assert says in out.why
