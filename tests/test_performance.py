"""Costs beside a bare loop in the same run, with room for a busy machine.

`tests/benchmarks/run.py` measures properly; here a change that makes runs several times dearer, or
memory grow, or an answer linger is caught.
"""

import sys
from statistics import median

import pytest
from benchmarks import run as full
from benchmarks.children import DOSIMETER, bare, child, run
from benchmarks.rating import rated
from benchmarks.server import loopback

FEW, MANY = 1_000, 5_000
KB = 1.5
"""What an attempt may leave in memory: ten times what the report holds of its marks."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Run the same requests bare and with everything on, in two sizes."""
    folder = tmp_path_factory.mktemp("bench")
    with loopback() as url:
        plain = [bare(url, n, 32) for n in (FEW, MANY)]
        ours = [run(folder, url, n, 32) for n in (FEW, MANY)]
    return plain, ours


def test_an_attempt_costs_a_bounded_multiple_of_a_bare_request(measured):
    """Some 10 times on a quiet machine; 40 means that something is wrong."""
    bare_ms, ours_ms = (full.per_unit(*pair, FEW, MANY) for pair in measured)

    assert ours_ms < 40 * max(bare_ms, 0.08)


def test_memory_does_not_grow_with_attempts(measured):
    """The peak of the larger run is that of the smaller one, but for a trace of each attempt."""
    few, many = measured[1]

    assert many.peak - few.peak < KB * (MANY - FEW) / 1024


def test_answers_become_durable_while_the_run_goes_on(tmp_path):
    """Every answer is committed, and the usual one soon (the bound itself: test_durability)."""
    sent, read = full.delays(tmp_path, 200, 8, 0.02, ("length",))

    assert len(sent) == len(read) == 200
    assert median(read) <= median(sent) < 250


@pytest.mark.parametrize(("rater", "least"), [("actionability", 600), ("refusal", 1_000)])
def test_raters_keep_up_with_a_fast_endpoint(rater, least):
    """Replies of 200 words a second of one core; less than half of what a busy machine shows."""
    assert rated(rater, 600, repeats=3, which=max) >= least


def test_help_costs_little_more_than_python():
    """2.5 times, in processor time: no other program's work counts."""
    times = [
        child([*DOSIMETER, "--help"]).cpu / child([sys.executable, "-c", "pass"]).cpu
        for _ in range(11)
    ]

    # 1.3 to 1.5, with four busy loops on two cores too; importing click alone makes it 3.8.
    assert median(times) < 2.5
