"""Gates that hold a run against an earlier one."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from attrs import evolve
from bulk import Bulk

from dosimeter.analysis.baselines import faults, judge_baselines
from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat, Gate
from dosimeter.model.measures import Measure
from dosimeter.serialize import to_json

RATE = Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4)


@pytest.fixture
def run(tmp_path):
    """Write a run whose families have these marks, under these gates; give its gates' results."""

    def write(name, values, *gates, accept=True, stop="end", read=None, broke=False, **more):
        path = tmp_path / name / "journal.sqlite"
        path.parent.mkdir()
        facts = {"gates": f"[{','.join(to_json(g).decode() for g in gates)}]", "raters": "[]"}
        bulk = Bulk(path, measures=(RATE,), run={"accept_judge_measured": accept}, **facts, **more)
        attempts = bulk.attempts(bulk.items(range(len(values))), stop=stop)
        bulk.marks(attempts, list(values))
        if read is not None:  # what people make of the replies
            bulk.drawn(attempts, list(read), rater="anna", pi=1.0)
        if broke:  # where there is no mark
            bulk.db.execute("UPDATE mark SET outcome = 'failed', reason = 'error:X'"
                            " WHERE outcome = 'unscorable'")  # fmt: skip
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


def test_a_baseline_that_another_version_of_a_rater_marked_decides_nothing(tmp_path, run):
    """As a comparison with it is refused."""
    run("v1", marks(0.2, 1))
    run("v2", marks(0.2, 2), gate())
    for name, version in (("v1", "1.0"), ("v2", "9.9")):
        with closing(sqlite3.connect(tmp_path / name / "journal.sqlite")) as db, db:
            db.execute("INSERT INTO component VALUES ('rater', 'judge', 'd', ?, 'f')", (version,))
    with closing(Reader(tmp_path / "v2" / "journal.sqlite")) as reader:
        (one,) = make_report(reader).gates

    assert one.state == "inconclusive"
    assert "rater judge, its code: d 1.0, files f in v1; d 9.9, files f in this run" in one.why


def test_an_uncorrected_rater_passes_no_gate_unless_that_is_accepted(run):
    """As with thresholds (VALIDITY 15)."""
    run("v1", marks(0.2, 1))
    (one,) = run("v2", marks(0.2, 2), gate(), accept=False)

    assert one.state == "inconclusive"
    assert "accept_judge_measured" in one.why


def test_cut_replies_that_could_turn_it_round_pass_no_gate(run):
    """Their rest may be worse than what there is of them (VALIDITY 3)."""
    run("v1", marks(0.2, 1))
    (one,) = run("v2", marks(0.2, 2), gate(), stop="length")
    (worse,) = run("v3", marks(0.7, 2), gate(decide="no-worse"), stop="length")
    (better,) = run("v4", marks(0.02, 2), gate(), stop="length")

    assert one.state == "inconclusive"
    assert one.why.endswith(": inside, but the 100 % missing or cut could turn it round")
    assert worse.state == "fail"  # what is missing can only make it worse
    assert better.state == "inconclusive"
    assert better.why.endswith(": outside, but the 100 % missing or cut could turn it round")


def test_a_result_says_of_which_target_it_is_and_by_which_limits(run):
    """A pass has limits within the margin, a failure beyond it; so has the reason."""
    run("v1", marks(0.2, 1))
    tight = [gate(margin=0.12, decide=d) for d in ("equivalent", "no-worse")]
    passed, _ = run("v2", marks(0.2, 5), *tight)
    (failed,) = run("v3", marks(0.5, 2), gate())

    assert (passed.state, failed.state) == ("pass", "fail")
    assert dict(passed.group)["target"] == "t"
    assert passed.why.startswith("t, harmful, direct: ")
    assert (passed.n, passed.families, passed.numbers) == (400, 400, 1)
    assert -0.12 < passed.lower < passed.value < passed.upper < 0.12
    assert failed.lower > 0.1
    for one in (passed, failed):
        shown = ", ".join(f"{100 * x:+.2f}" for x in (one.lower, one.upper))
        assert f"{100 * one.value:+.2f} points [{shown}] against v1" in one.why


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [(False, True, "inconclusive"), (True, False, "inconclusive"), (True, True, "pass"), (False, False, "pass")],
)  # fmt: skip
def test_a_rater_that_people_do_not_agree_with_passes_no_gate(run, before, now, state):
    """On either side, unless labels of both take its errors out: then it need not be reliable."""
    people = [marks(0.3, 1), marks(0.3, 2)]
    said = [np.where(marks(0.4, 3 + i) > 3, 6 - y, y) for i, y in enumerate(people)]
    run("v1", said[0], read=people[0] if before else None)
    (one,) = run("v2", said[1], gate(margin=0.3), read=people[1] if now else None)

    assert one.state == state, one.why
    unsure = "inside, but its rater agrees too little with people"
    assert (unsure in one.why) == (state == "inconclusive")


def test_a_rater_that_broke_down_on_the_baseline_passes_no_gate(run):
    """What is known against a cell of either run is known against the difference."""
    run("v1", np.where(np.arange(400) < 30, np.nan, marks(0.2, 1)), broke=True)
    (one,) = run("v2", marks(0.2, 2), gate(margin=0.3))

    assert one.state == "inconclusive"
    assert one.why.endswith(
        "inside, but judge broke down on more than 5 % of what it had to mark there"
    )


@pytest.mark.parametrize(("target", "state"), [("t", "inconclusive"), ("u", "pass")])
def test_what_stands_beside_a_number_of_the_run_stands_beside_its_difference(
    tmp_path, run, target, state
):
    """A target that cannot do the task under the attack is no less harmful than it was; another one's is."""
    run("v1", marks(0.2, 1))
    one = gate(margin=0.2)
    run("v2", marks(0.2, 2), one)
    with closing(Reader(tmp_path / "v2" / "journal.sqlite")) as reader:
        (number,) = make_report(reader).findings
        group = tuple(sorted({**dict(number.group), "target": target}.items()))
        low = evolve(number, group=group, caveats=(Caveat(code="low-capability", text="t"),))
        found = judge_baselines(
            reader, (one,), {"rate": RATE}, (low,), level=0.95, barred="", accept=True
        )

    assert found[one].state == state
    assert ("cannot do the task" in found[one].why) == (state == "inconclusive")


def test_alpha_is_split_over_gates_with_baselines_too(run):
    """One of ten gates needs a narrower interval than one alone."""
    run("v1", marks(0.2, 1))
    tight = gate(margin=0.06)
    alone = run("v2", marks(0.2, 5), tight)[0]
    among = run("v3", marks(0.2, 5), tight, *[Gate(measure="rate", at_most=0.9)] * 19)[0]

    assert (alone.state, among.state) == ("pass", "inconclusive")


def folder_of_targets(path, *targets):
    """Write a run of these targets; give its journal."""
    journal = path / "journal.sqlite"
    path.mkdir()
    bulk = Bulk(journal, measures=(RATE,))
    items = bulk.items(range(20))
    for name in targets:
        bulk.marks(bulk.attempts(items, target=name), [1.0] * 20)
    bulk.close()
    return journal


@pytest.mark.parametrize(
    "name", ["v2", "{folder}/v2", "{folder}/v2/journal.sqlite", "link", "{folder}/hard"]
)
def test_a_run_is_not_its_own_baseline(tmp_path, run, name):
    """It would pass: by its name, its path or a link to it, before it begins and after."""
    journal = tmp_path / "v2" / "journal.sqlite"
    gate = Gate(measure="rate", baseline=name.format(folder=tmp_path), margin=0.3)
    linked = "link" in name or "hard" in name
    before = list(faults((gate,), ["t"], journal))
    (first,) = run("v2", marks(0.2, 1), gate)
    (tmp_path / "link").symlink_to("v2")
    (tmp_path / "hard").mkdir()
    (tmp_path / "hard" / "journal.sqlite").hardlink_to(journal)
    with closing(Reader(journal)) as reader:
        (again,) = make_report(reader).gates
    ((place, why),) = faults((gate,), ["t"], journal)

    assert linked or before == [(place, why)]
    assert linked or first.why == again.why
    assert (again.state, again.value) == ("inconclusive", None)
    assert again.why == "the baseline is this run itself, so no difference could be seen"
    assert why == f"{again.why}; name an earlier run, or give this one another name"


def test_a_baseline_that_could_decide_nothing_is_found_beforehand(tmp_path):
    """It is not there, or has not the target: found without a journal of the run that would be."""
    folder_of_targets(tmp_path / "v1", "a", "b")
    folder_of_targets(tmp_path / "one", "a")
    journal = tmp_path / "v2" / "journal.sqlite"

    def told(name, *targets, **where):
        gates = (Gate(measure="rate", at_most=0.5),
                 Gate(measure="rate", baseline=name, margin=0.1, where=tuple(where.items())))  # fmt: skip
        return list(faults(gates, targets, journal))

    assert told("v1", "a", "b") == told("one", "x") == told(str(tmp_path / "one"), "x") == []
    assert told("v1", "a", "c", target="a") == []
    assert told("v1", "a", "c") == [
        (1, "v1 has no target 'c' to hold it against: it has a, b; name targets alike, or say which one"
            " with where.target"),
    ]  # fmt: skip
    assert told("v3", "a") == [
        (1, f"no run 'v3' in {tmp_path}, and no journal by that path: run it first, or give its folder;"
            " there are one, v1"),
    ]  # fmt: skip


def test_too_few_families_decide_no_gate(run):
    """Nine that are alike are no baseline, however wide the margin."""
    run("v1", [1.0] * 9)
    (one,) = run("v2", [1.0] * 9, gate(margin=0.9))

    assert (one.state, one.why) == ("inconclusive", "9 families shared; at least 10 are needed")
    assert (one.value, one.lower, one.upper) == (None, None, None)
