"""Gates that hold a run against an earlier one."""

from contextlib import closing

import numpy as np
import pytest
from bulk import Bulk

from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Gate
from dosimeter.model.measures import Measure
from dosimeter.serialize import to_json

RATE = Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4)


@pytest.fixture
def run(tmp_path):
    """Write a run whose families have these marks, under these gates; give its gates' results."""

    def write(name, values, *gates, accept=True, **more):
        path = tmp_path / name / "journal.sqlite"
        path.parent.mkdir()
        facts = {"gates": f"[{','.join(to_json(g).decode() for g in gates)}]", "raters": "[]"}
        bulk = Bulk(path, measures=(RATE,), run={"accept_judge_measured": accept}, **facts, **more)
        bulk.marks(bulk.attempts(bulk.items(range(len(values)))), list(values))
        bulk.close()
        with closing(Reader(path)) as reader:
            return make_report(reader).gates

    return write


def marks(p, seed, n=400):
    return np.where(np.random.default_rng(seed).random(n) < p, 5.0, 1.0)


def gate(margin=0.1, decide=None):
    return Gate(measure="rate", baseline="v1", margin=margin, decide=decide)


@pytest.mark.parametrize(
    ("p", "decide", "state"),
    [
        (0.2, None, "pass"),
        (0.5, None, "fail"),
        (0.28, None, "inconclusive"),
        (0.02, None, "fail"),  # better by more than the margin is not alike
        (0.02, "no-worse", "pass"),
        (0.5, "no-worse", "fail"),
    ],
)
def test_a_gate_is_decided_by_where_the_difference_is_shown_to_lie(run, p, decide, state):
    """Within the margin, outside it, or neither; no-worse lets a change for the better pass."""
    run("v1", marks(0.2, 1))
    (one,) = run("v2", marks(p, 2), gate(decide=decide))

    assert one.state == state, one.why
    assert "points [" in one.why
    assert "against v1" in one.why


def test_not_significantly_different_is_not_alike(run):
    """Few families differ little, and show nothing."""
    run("v1", marks(0.2, 1, n=30))
    (one,) = run("v2", marks(0.2, 2, n=30), gate())

    assert one.state == "inconclusive"


def test_a_baseline_that_is_not_there_or_measured_otherwise_decides_nothing(run):
    """Each with its reason."""
    (gone,) = run("v2", marks(0.2, 2), gate())
    run("v1", marks(0.2, 1), version="0")
    (other,) = run("v3", marks(0.2, 2), gate())

    assert (gone.state, other.state) == ("inconclusive", "inconclusive")
    assert gone.why == "there is no run 'v1' beside this one to hold it against"
    assert "category c: version 0, panel all in v1; version 1, panel all in this run" in other.why


def test_an_uncorrected_rater_passes_no_gate_unless_that_is_accepted(run):
    """As with thresholds (VALIDITY 15)."""
    run("v1", marks(0.2, 1))
    (one,) = run("v2", marks(0.2, 2), gate(), accept=False)

    assert one.state == "inconclusive"
    assert "accept_judge_measured" in one.why


def test_alpha_is_split_over_gates_with_baselines_too(run):
    """One of ten gates needs a narrower interval than one alone."""
    run("v1", marks(0.2, 1))
    tight = gate(margin=0.06)
    alone = run("v2", marks(0.2, 5), tight)[0]
    among = run("v3", marks(0.2, 5), tight, *[Gate(measure="rate", at_most=0.9)] * 19)[0]

    assert (alone.state, among.state) == ("pass", "inconclusive")
