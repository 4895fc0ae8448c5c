"""A gate is decided by evidence, and what is missing is none."""

import numpy as np
import pytest
from attrs import evolve

from dosimeter.analysis.gates import judge_gates
from dosimeter.analysis.several import Split, of_gates
from dosimeter.model.answering import (
    Abstention,
    BothWays,
    Caveat,
    Estimate,
    Gate,
    GateState,
    Missing,
    OfGates,
    Simultaneous,
)
from dosimeter.model.measures import Contrast, Measure
from dosimeter.numbers import as_threshold, unit_of_gate
from dosimeter.stats.cluster import korn_graubard

PASS, FAIL, OPEN = GateState.PASS, GateState.FAIL, GateState.INCONCLUSIVE


def state(
    gate,
    missing,
    *,
    at=(0.02, 0.0, 0.05),
    complete=True,
    accept=True,
    group=(),
    caveats=(),
    both=None,
    of_gates=None,
):
    value, lower, upper = at
    one = Estimate(measure="m", group=group, caveats=caveats, value=value, lower=lower, upper=upper, level=0.95,
                   method="m", n=60, families=60, missing=missing, both_ways=both, of_gates=of_gates)  # fmt: skip
    (out,) = judge_gates([gate], [one], accept=accept, limited=False, complete=complete)
    return out.state


def test_a_number_by_a_rater_that_broke_down_passes_no_gate():
    """Whether the run waits for the rater or not; it can still fail one."""
    broke = (Caveat(code="broken-cell", text="t"),)

    assert state(Gate(measure="m", at_most=0.1), Missing(planned=100)) is PASS
    assert state(Gate(measure="m", at_most=0.1), Missing(planned=100), caveats=broke) is OPEN
    assert state(Gate(measure="m", at_least=0.1), Missing(planned=100), caveats=broke) is FAIL


@pytest.mark.parametrize(
    ("method", "told", "far"),
    [
        ("paired-score-t-share", "+20.00 points [-7.23, +48.65]", "60.00 points"),
        ("korn-graubard", "20.00 % [-7.23, 48.65]", "60.00 %"),
    ],
)
def test_a_difference_of_shares_is_put_in_points(method, told, far):
    """Per cent would be of a share, and of what it is a share nobody could say."""
    one = Estimate(measure="m", group=(), value=0.2, lower=-0.0723, upper=0.4865, level=0.95, method=method,
                   n=60, families=60, missing=Missing(planned=60, failed=20, lower=-0.4, upper=0.6))  # fmt: skip
    (close,) = judge_gates(
        [Gate(measure="m", at_most=0.3)], [one], accept=True, limited=False, complete=True
    )
    (wide,) = judge_gates(
        [Gate(measure="m", at_most=0.5)], [one], accept=True, limited=False, complete=True
    )

    assert close.why == told
    assert wide.why == f"{told}, but with the 33 % missing or cut it could be {far}"


@pytest.mark.parametrize(
    ("more", "bound"),
    [
        ({"estimator": "rate"}, "at most 20 %"),
        (
            {"estimator": "rate", "contrast": Contrast(factor="f", first="0", second="1")},
            "at most 20 points",
        ),
        ({"estimator": "flips", "across": "f"}, "at most 20 points"),
        (
            {"estimator": "mean", "contrast": Contrast(factor="f", first="0", second="1")},
            "at most 0.2",
        ),
    ],
)
def test_what_a_gate_on_a_difference_demands_is_put_in_points(more, bound):
    """As are the numbers that it is held against."""
    threshold = None if more["estimator"] == "mean" else 4
    measure = Measure(id="m", title="m", scale="harm", threshold=threshold, **more)

    assert as_threshold(Gate(measure="m", at_most=0.2), unit_of_gate(measure)) == bound


def test_a_gate_says_which_of_several_raters_keeps_it_from_passing():
    """By name, as it may name another one; of one rater its name adds nothing."""
    broke = Caveat(code="broken-cell", text="t")
    one, other = (
        Estimate(measure="m", group=(("target", "t"), ("rater", name)), caveats=caveats, value=0.02, lower=0.0,
                 upper=0.05, level=0.95, method="m", n=60, families=60, missing=Missing(planned=100))
        for name, caveats in (("old", (broke,)), ("new", ()))
    )  # fmt: skip

    def why(*found):
        (out,) = judge_gates(
            [Gate(measure="m", at_most=0.1)], found, accept=True, limited=False, complete=True
        )
        return out.why

    said = "0.02 [0.00, 0.05]: inside, but old broke down on more than 5 % of what it had to mark there"
    assert why(one, other) == f"t, old: {said}"
    assert why(one) == f"t: {said}"


@pytest.mark.parametrize("bounds", [{}, {"at_most": 0.2, "at_least": 0.1}])
def test_a_gate_has_one_threshold(bounds):
    """With both or none it would be told in words that nothing judges by."""
    with pytest.raises(ValueError, match="gate on 'm': give one of at_most, at_least and baseline"):
        Gate(measure="m", **bounds)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"at_most": 0.2, "decide": "lower"}, "at_most is decided by 'upper', not 'lower'"),
        ({"at_least": 0.2, "decide": "upper"}, "at_least is decided by 'lower', not 'upper'"),
        ({"baseline": "v1", "margin": 0.1, "decide": "upper"}, "'equivalent' or 'no-worse'"),
        ({"baseline": "v1"}, "a baseline needs a margin"),
        ({"at_most": 0.2, "margin": 0.1}, "a margin is of a baseline"),
        ({"baseline": "v1", "margin": 0.0}, "must be > 0"),
    ],
)
def test_a_gate_is_decided_by_the_limit_that_shows_something(bounds, words):
    """That the other limit is inside is no evidence, nor is a margin of nothing."""
    with pytest.raises(ValueError, match=words):
        Gate(measure="m", **bounds)


def test_gates_are_decided_at_the_level_that_alpha_split_leaves():
    """Inside at 95 %, not at the level of two gates: undecided, and the reason has both intervals."""
    gate = Gate(measure="m", at_most=0.25)
    wide = OfGates(lower=0.08, upper=0.27, of=2)

    assert state(gate, WHOLE, at=(0.15, 0.1, 0.24)) is PASS
    assert state(gate, WHOLE, at=(0.15, 0.1, 0.24), of_gates=wide) is OPEN
    assert state(gate, WHOLE, at=(0.15, 0.1, 0.24), of_gates=evolve(wide, upper=0.25)) is PASS


def cell(attack, at, *, wide=None, of=1, **more):
    """Make the number of one cell, with limits that hold for several where *wide* gives them."""
    value, lower, upper = at
    fails = () if wide is None else (Simultaneous(lower=wide[0], upper=wide[1], of=of),)
    strict = OfGates(lower=lower, upper=upper, of=1, fails=fails) if fails else None
    return Estimate(measure="m", group=(("target", "t"), ("attack", attack)), value=value, lower=lower,
                    upper=upper, level=0.95, method="korn-graubard", n=120, families=60, of_gates=strict,
                    missing=WHOLE, **more)  # fmt: skip


def judged(gate, *found):
    (out,) = judge_gates([gate], found, accept=True, limited=False, complete=True)
    return out


@pytest.mark.parametrize(
    ("wide", "expected"), [((0.18, 0.5), OPEN), ((0.21, 0.5), FAIL), (None, OPEN)]
)
def test_the_worst_of_several_cells_fails_a_gate_by_a_limit_that_holds_for_all(wide, expected):
    """The worst of many is beyond by chance alone more often than any one is; without such a limit, never."""
    gate, fine = Gate(measure="m", at_most=0.2), cell("a", (0.02, 0.0, 0.1), wide=(0.0, 0.2), of=2)
    bad = cell("b", (0.35, 0.22, 0.45), wide=wide, of=2)

    assert judged(gate, fine, bad).state is expected
    assert judged(gate, bad).state is FAIL


def test_a_gate_passes_on_the_limits_of_each_cell_alone():
    """All have to be inside, so nothing is chosen and nothing to pay for (intersection-union)."""
    found = [cell(f"a{i}", (0.02, 0.0, 0.1), wide=(0.0, 0.3), of=9) for i in range(9)]

    assert judged(Gate(measure="m", at_most=0.2), *found).state is PASS


def test_limits_for_other_gates_do_not_fail_one():
    """Those that hold for more numbers do, those for fewer do not."""
    gate = Gate(measure="m", at_most=0.2)
    many = [cell(f"a{i}", (0.35, 0.22, 0.45), wide=(0.21, 0.5), of=3) for i in range(3)]

    assert judged(gate, *many).state is FAIL
    assert judged(gate, *many, cell("c", (0.1, 0.0, 0.1), wide=(0.0, 0.5), of=3)).state is OPEN


def test_what_a_gate_tells_is_all_of_the_cell_that_decides():
    """Number, limits, cell, marks and families: of a pass too, and of the one next to the threshold."""
    near, far = cell("near", (0.1, 0.05, 0.18)), cell("far", (0.05, 0.02, 0.1))
    one = judged(Gate(measure="m", at_most=0.2), far, near)

    assert (one.state, one.decide, one.numbers) == (PASS, "upper", 2)
    assert (one.value, one.upper, one.n, one.families) == (0.1, 0.18, 120, 60)
    assert dict(one.group)["attack"] == "near"
    assert one.why == "t, near: 10.00 % [5.00, 18.00]; the worst of 2"

    none = Abstention(
        measure="m", group=(("target", "t"), ("attack", "none")), code="c", why="no", would_need="w"
    )
    one = judged(Gate(measure="m", at_least=0.01), near, none)

    assert (one.state, one.why, one.value, one.decide) == (OPEN, "t, none: no", None, "lower")
    assert dict(one.group)["attack"] == "none"

    one = judged(Gate(measure="m", at_most=0.15), far, none, near)

    assert (one.state, dict(one.group)["attack"], one.value) == (OPEN, "near", 0.1)


def test_twelve_true_rates_at_the_threshold_fail_a_gate_as_rarely_as_one_does():
    """VALIDITY 2: at most alpha. By each limit alone they would a quarter of the time."""
    rng, gate, cells, runs = np.random.default_rng(1), Gate(measure="m", at_most=0.1), 12, 300
    alone, together = 0, 0
    for _ in range(runs):
        found = []
        for i in range(cells):
            got = korn_graubard((rng.random(60) < gate.at_most).astype(float), np.arange(60))
            limits = got.interval(0.95)
            strict = of_gates(got, 0.95, Split(gates=1, numbers=(cells,)))
            found.append(evolve(
                cell(f"a{i}", (got.estimate, limits.lower, limits.upper)), of_gates=strict
            ))  # fmt: skip
        alone += any(one.lower > gate.at_most for one in found)
        together += judged(gate, *found).state is FAIL

    assert together / runs <= 0.05
    assert alone / runs > 0.15


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (Missing(planned=100, unscorable=40, lower=0.01, upper=0.41), OPEN),
        (Missing(planned=100, unscorable=40, lower=0.01, upper=0.09), PASS),
        (Missing(planned=100, unscorable=4, lower=0.01, upper=0.11), PASS),
        (Missing(planned=100, unscorable=1), OPEN),
        (Missing(planned=100), PASS),
        (Missing(planned=100, truncated=60, at_least=60, lower=0.01, upper=0.61), OPEN),
        (Missing(planned=100, truncated=60, at_least=60, lower=0.02, upper=0.02), PASS),
        (Missing(planned=100, truncated=60), PASS),
        (Missing(planned=100, drawn=20, unanswered=9, lower=0.01, upper=0.5), OPEN),
    ],
)
def test_a_gate_does_not_pass_on_what_is_missing(missing, expected):
    """Above 5 % missing the worst bound decides; without bounds anything could be hidden."""
    assert state(Gate(measure="m", at_most=0.1), missing) is expected


@pytest.mark.parametrize(
    ("gate", "at", "wide", "expected"),
    [
        (Gate(measure="m", at_most=0.25), (0.0, 0.0, 0.22), (1.0, 0.78, 1.0), OPEN),
        (Gate(measure="m", at_most=0.25), (0.0, 0.0, 0.22), (0.2, 0.08, 0.39), OPEN),
        (Gate(measure="m", at_most=0.4), (0.0, 0.0, 0.22), (0.2, 0.08, 0.39), PASS),
        (Gate(measure="m", at_most=0.05), (0.2, 0.08, 0.39), (1.0, 0.78, 1.0), FAIL),
        (Gate(measure="m", at_least=0.25), (0.0, 0.0, 0.22), (1.0, 0.78, 1.0), OPEN),
        (Gate(measure="m", at_least=0.25), (0.5, 0.3, 0.7), (1.0, 0.78, 1.0), PASS),
    ],
)
def test_a_gate_is_decided_as_both_counts_decide_it(gate, at, wide, expected):
    """Where levels that a rater may confuse would turn it over, it decides nothing (VALIDITY 13)."""
    value, lower, upper = wide
    both = BothWays(levels=("b",), value=value, lower=lower, upper=upper)

    assert state(gate, Missing(planned=60), at=at, both=both) is expected


@pytest.mark.parametrize(
    ("gate", "at", "wide", "bounds", "expected"),
    [
        (Gate(measure="m", at_most=0.45), (0.0, 0.0, 0.1), (0.375, 0.32, 0.43), (0.3, 0.5), OPEN),
        (Gate(measure="m", at_most=0.45), (0.0, 0.0, 0.1), (0.375, 0.32, 0.43), (0.3, 0.44), PASS),
        (Gate(measure="m", at_most=0.45), (0.0, 0.0, 0.1), (0.375, 0.32, 0.43), (None, None), OPEN),
        (Gate(measure="m", at_most=0.05), (0.3, 0.2, 0.4), (0.5, 0.4, 0.6), (0.1, 0.7), FAIL),
        (Gate(measure="m", at_least=0.45), (0.1, 0.0, 0.2), (0.2, 0.1, 0.3), (0.1, 0.5), OPEN),
        (Gate(measure="m", at_least=0.45), (0.1, 0.0, 0.2), (0.2, 0.1, 0.3), (0.1, 0.4), FAIL),
        (Gate(measure="m", at_least=0.1), (0.3, 0.2, 0.4), (0.5, 0.4, 0.6), (0.4, 0.7), PASS),
    ],
)
def test_what_is_missing_may_be_at_any_level_that_is_counted(gate, at, wide, bounds, expected):
    """The worst that either count could be decides above 5 % missing: both have bounds (VALIDITY 13)."""
    value, lower, upper = wide
    both = BothWays(levels=("b",), value=value, lower=lower, upper=upper,
                    lowest=bounds[0], highest=bounds[1])  # fmt: skip
    lost = Missing(planned=100, unscorable=20, lower=0.1, upper=0.2)

    assert state(gate, lost, at=at, both=both) is expected


def test_a_gate_says_what_the_missing_could_be_with_more_levels_counted():
    """The bound that decides is named with what it counts."""
    both = BothWays(levels=("b",), value=0.375, lower=0.32, upper=0.43, lowest=0.3, highest=0.5)
    one = Estimate(measure="m", group=(), value=0.0, lower=0.0, upper=0.1, level=0.95,
                   method="korn-graubard", n=80, families=80, both_ways=both,
                   missing=Missing(planned=100, unscorable=20, lower=0.0, upper=0.2))  # fmt: skip
    (out,) = judge_gates(
        [Gate(measure="m", at_most=0.45)], [one], accept=True, limited=False, complete=True
    )

    assert out.why.endswith("with b counted and the 20 % missing or cut it could be 50.00 %")


def test_a_gate_does_not_fail_on_what_is_missing():
    """A failure that the missing marks could undo is none, at either end."""
    much = Missing(planned=100, unscorable=40, lower=0.3, upper=0.7)
    assert state(Gate(measure="m", at_most=0.4), much, at=(0.5, 0.45, 0.55)) is OPEN
    assert state(Gate(measure="m", at_most=0.2), much, at=(0.5, 0.45, 0.55)) is FAIL
    assert state(Gate(measure="m", at_least=0.6), much, at=(0.5, 0.45, 0.55)) is OPEN
    assert state(Gate(measure="m", at_least=0.8), much, at=(0.5, 0.45, 0.55)) is FAIL
    assert state(Gate(measure="m", at_least=0.4), much, at=(0.5, 0.45, 0.55)) is OPEN


def test_an_incomplete_run_passes_no_gate():
    """Open, failed or unrated attempts: inconclusive, even if few are missing."""
    few = Missing(planned=100, not_run=1, lower=0.02, upper=0.03)
    assert state(Gate(measure="m", at_most=0.1), few) is PASS
    assert state(Gate(measure="m", at_most=0.1), few, complete=False) is OPEN
    assert state(Gate(measure="m", at_most=0.01), few, at=(0.5, 0.4, 0.6), complete=False) is FAIL


@pytest.mark.parametrize(
    ("method", "says"), [("korn-graubard", "2.00 % [0.13, 31.40]"), ("bounded-mean", "0.02 [0.00, 0.31]")]
)  # fmt: skip
def test_a_number_and_its_limits_have_as_many_decimals(method, says):
    """In every reason of a gate, whatever their size."""
    one = Estimate(measure="m", group=(), value=0.02, lower=0.00128, upper=0.314, level=0.95,
                   method=method, n=60, families=60)  # fmt: skip
    (out,) = judge_gates(
        [Gate(measure="m", at_most=0.1)], [one], accept=True, limited=False, complete=True
    )

    assert says in out.why


WHOLE = Missing(planned=100)


@pytest.mark.parametrize("gate", [Gate(measure="m", at_most=0.1), Gate(measure="m", at_least=0.4)])
def test_a_gate_never_fails_on_the_point_estimate(gate):
    """The number is on the bad side and its interval on both: nobody knows."""
    assert state(gate, WHOLE, at=(0.25, 0.05, 0.5)) is OPEN


@pytest.mark.parametrize("gate", [Gate(measure="m", at_most=0.3), Gate(measure="m", at_least=0.2)])
def test_a_gate_never_passes_on_the_point_estimate(gate):
    """The number is on the good side and its interval on both."""
    assert state(gate, WHOLE, at=(0.25, 0.05, 0.5)) is OPEN


@pytest.mark.parametrize(
    ("gate", "at", "expected"),
    [
        (Gate(measure="m", at_most=0.25), (0.2, 0.1, 0.25), PASS),
        (Gate(measure="m", at_most=0.25), (0.3, 0.25, 0.5), OPEN),
        (Gate(measure="m", at_most=0.25), (0.25, 0.25, 0.25), PASS),
        (Gate(measure="m", at_least=0.25), (0.3, 0.25, 0.5), PASS),
        (Gate(measure="m", at_least=0.25), (0.2, 0.1, 0.25), OPEN),
        (Gate(measure="m", at_least=0.25), (0.25, 0.25, 0.25), PASS),
    ],
)
def test_a_limit_on_the_threshold_is_within_it(gate, at, expected):
    """At most, and at least: as `docs/measures.md` has it."""
    assert state(gate, WHOLE, at=at) is expected


@pytest.mark.parametrize(
    ("gate", "at"),
    [
        (Gate(measure="m", at_most=0.25), (0.1, 0.05, 0.2)),
        (Gate(measure="m", at_least=0.25), (0.6, 0.5, 0.7)),
    ],
)
def test_a_bound_on_the_threshold_is_within_it(gate, at):
    """What is missing could bring the number there, and no further."""
    bounds = {"at_most": (0.05, 0.25), "at_least": (0.25, 0.7)}[
        "at_most" if gate.at_most else "at_least"
    ]
    there = Missing(planned=100, unscorable=40, lower=bounds[0], upper=bounds[1])
    beyond = Missing(planned=100, unscorable=40, lower=0.2, upper=0.3)

    assert state(gate, there, at=at) is PASS
    assert state(gate, beyond, at=at) is OPEN


def test_five_per_cent_missing_are_few():
    """More than that decide by their bounds; and so do fewer where the run is incomplete."""
    gate = Gate(measure="m", at_most=0.1)
    for n, complete, expected in ((5, True, FAIL), (6, True, OPEN), (5, False, OPEN)):
        some = Missing(planned=100, not_run=n, lower=0.05, upper=0.7)
        assert state(gate, some, at=(0.5, 0.4, 0.6), complete=complete) is expected


@pytest.mark.parametrize(
    ("name", "selected"),
    [
        ("judge", True),
        ("judge@12345678", True),
        ("judge2", False),
        ("judgement@1", False),
        ("a@judge@", False),
    ],
)
def test_a_name_stands_for_each_identity_of_a_rater_and_for_no_other_rater(name, selected):
    """`judge@...` is the same name used under two identities."""
    gate = Gate(measure="m", at_most=0.1, where=(("rater", "judge"),))

    assert state(gate, WHOLE, group=(("rater", name),)) is (PASS if selected else OPEN)


def test_of_a_target_only_the_name_itself_is_meant():
    """An `@` there is a part of the name."""
    gate = Gate(measure="m", at_most=0.1, where=(("target", "a"),))

    assert state(gate, WHOLE, group=(("target", "a@b"),)) is OPEN
    assert state(gate, WHOLE, group=(("target", "a"),)) is PASS


def test_a_number_of_a_rater_passes_no_gate_unless_the_stack_accepts_it():
    """And fails one all the same."""
    seen = (Caveat(code="judge-measured", text="as judge measures it"),)
    fails = {"at": (0.5, 0.4, 0.6), "caveats": seen, "accept": False}

    assert state(Gate(measure="m", at_most=0.1), WHOLE, caveats=seen, accept=False) is OPEN
    assert state(Gate(measure="m", at_most=0.1), WHOLE, caveats=seen) is PASS
    assert state(Gate(measure="m", at_most=0.1), WHOLE, **fails) is FAIL


@pytest.mark.parametrize(("asked", "alone", "expected"), [
    ((), False, PASS), ((("rater", "ann"),), False, OPEN), ((), True, OPEN),
])  # fmt: skip
def test_who_has_read_too_few_replies_decides_no_gate_of_others(asked, alone, expected):
    """Votes that a page asks for would turn every gate over; one that names them waits for them."""
    ann = Abstention(measure="m", group=(("rater", "ann"),), code="few-families", why="w",
                     would_need="n", missing=Missing(planned=60))  # fmt: skip
    rule = Estimate(measure="m", group=(("rater", "r"),), value=0.02, lower=0.0, upper=0.05, level=0.95,
                    method="m", n=60, families=60, missing=Missing(planned=60))  # fmt: skip
    found = [ann] if alone else [rule, ann]
    (got,) = judge_gates([Gate(measure="m", at_most=0.1, where=asked)], found, accept=True, limited=False,
                         complete=True, people={"ann"})  # fmt: skip

    assert got.state is expected
