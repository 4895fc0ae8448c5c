"""Numbers of an audit: by which method, over which unit, and what missing rows leave open."""

import random

import numpy as np
import pytest
from audits import USUAL, cell, read, table

from dosimeter.audit.columns import Columns
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.report import markdown
from dosimeter.stats.cluster import korn_graubard
from dosimeter.stats.rate import wilson
from dosimeter.stats.severity import guarded_mean

HEAD = ("item", "system", "y", "c")
CLUSTERED = Columns(item="item", outcome="y", system="system", cluster="c")


def limits(found, level=0.95):
    interval = found.interval(level)
    return pytest.approx((found.estimate, interval.lower, interval.upper))


def told(c):
    return (c.value, c.lower, c.upper)


def test_one_row_an_item_has_wilsons_interval(tmp_path):
    """At the level that is asked."""
    path = table(tmp_path / "a.csv", [(i, "m", int(i < 7)) for i in range(40)])

    assert told(cell(read(path), "m")) == limits(wilson(7, 40))
    assert told(cell(read(path, level=0.9), "m")) == limits(wilson(7, 40), 0.9)
    assert cell(read(path), "m").effective == 40


def test_trap_18_rows_of_one_item_are_not_n(tmp_path):
    """Five repeats that always agree are worth the items, and clusters of items what those are worth."""
    rows = [(i, "m", int(i < 7), i // 4) for i in range(40) for _ in range(5)]
    path = table(tmp_path / "a.csv", rows, HEAD)
    by_item, by_cluster = cell(read(path), "m"), cell(read(path, columns=CLUSTERED), "m")

    assert told(by_item) == limits(korn_graubard([r[2] for r in rows], [r[0] for r in rows]))
    assert told(by_cluster) == limits(korn_graubard([r[2] for r in rows], [r[3] for r in rows]))
    assert by_item.effective < 41
    assert by_item.deff == pytest.approx(5, rel=0.05)
    assert (by_cluster.clusters, by_cluster.items, by_cluster.rows) == (10, 40, 200)
    assert by_cluster.upper - by_cluster.lower > by_item.upper - by_item.lower


def test_marks_have_the_guarded_interval_of_their_scale(tmp_path):
    """Alone and in clusters."""
    rows = [(i, "m", 1 + (i % 10 == 0) * 3, i // 4) for i in range(40)]
    path = table(tmp_path / "a.csv", rows, HEAD)
    marks = [r[2] for r in rows]
    scale = Outcomes(scale=(1, 5))

    assert told(cell(read(path, outcomes=scale), "m")) == limits(guarded_mean(marks))
    found = cell(read(path, outcomes=scale, columns=CLUSTERED), "m")
    assert told(found) == limits(guarded_mean(marks, [r[3] for r in rows]))
    assert (found.events, found.floor, found.ceiling) == (None, 0.9, 0)


def test_trap_19_missing_is_bounded_and_never_zero(tmp_path):
    """Rows without an outcome and items without a row, at both ends, with the limits of both."""
    rows = [(i, "m", "" if i < 4 else int(i < 10)) for i in range(36)]
    path = table(tmp_path / "a.csv", rows)
    one = cell(read(path, attempted=40), "m")

    assert (one.scored, one.missing, one.absent, one.value) == (32, 4, 4, 6 / 32)
    assert (one.bounds.lowest, one.bounds.highest) == (6 / 40, 14 / 40)
    assert one.bounds.lower == pytest.approx(wilson(6, 40).interval().lower)
    assert one.bounds.upper == pytest.approx(wilson(14, 40).interval().upper)
    assert one.lost == 0.2
    assert any(
        "15.0 % to 35.0 % open (no headline)" in s for s in read(path, attempted=40).supported
    )


def test_bounds_of_marks_reach_the_ends_of_the_scale(tmp_path):
    """The lowest and the highest mark, not 0 and 1."""
    path = table(tmp_path / "a.csv", [(i, "m", 3 if i else "") for i in range(10)])
    one = cell(read(path, outcomes=Outcomes(scale=(1, 5))), "m")

    assert (one.bounds.lowest, one.bounds.highest) == (pytest.approx(2.8), pytest.approx(3.2))


def test_trap_5_no_event_and_nothing_but_events_have_limits(tmp_path):
    """Of two hundred; also in clusters, where these are what counts."""
    path = table(tmp_path / "a.csv", [(i, s, s) for i in range(200) for s in (0, 1)])
    rows = [(i, "m", 0, i // 10) for i in range(200)]
    none, every = read(path).cells
    few = cell(read(table(tmp_path / "b.csv", rows, HEAD), columns=CLUSTERED), "m")

    assert none.upper == pytest.approx(wilson(0, 200).interval().upper)
    assert none.one_sided == pytest.approx(1 - 0.05 ** (1 / 200))
    assert every.lower == pytest.approx(1 - none.upper)
    assert few.upper > 0.1
    assert sum("leaves room for" in s for s in read(path).supported) == 2


def test_items_of_unlike_size_are_told(tmp_path):
    """The mean over rows, and the mean over items where that is another."""
    rows = [("big", "m", 1)] * 20 + [(i, "m", 0) for i in range(20)]
    one = cell(read(table(tmp_path / "a.csv", rows)), "m")

    assert (one.value, one.alike) == (0.5, pytest.approx(1 / 21))


def test_fewer_than_ten_clusters_are_no_evidence(tmp_path):
    """Whatever their interval says; a claim that they bear out cannot be judged."""
    path = table(tmp_path / "a.csv", [(i, "m", i % 2) for i in range(8)])
    found = read(path, claims=["m 0.5", "m < 0.99"])

    assert [c.verdict for c in found.claims] == ["cannot be judged"] * 2
    assert any("Fewer than 10 clusters" in s for s in found.supported)


def test_the_order_of_rows_changes_nothing(tmp_path):
    """Nor the names of systems; the page is the same to the byte."""
    rows = [
        (f"q{i % 30}", s, (i * 7 + len(s)) % 3 // 2) for i in range(90) for s in ("b", "aa", "ccc")
    ]
    one = markdown(read(table(tmp_path / "a.csv", rows)))
    random.Random(3).shuffle(rows)

    assert markdown(read(table(tmp_path / "a.csv", rows))) == one


def test_raters_agree_as_their_labels_do(tmp_path):
    """Names and marks; who rated less is left out of pairs, and no agreement is told of one label."""
    head = ("item", "system", "a", "b")
    names = [(i, "m", "xyz"[i % 3], "xyz"[(i + (i % 9 == 0)) % 3] if i else "") for i in range(45)]
    columns = Columns(item="item", system="system", raters=("a", "b"))
    (one,) = read(table(tmp_path / "a.csv", names, head), columns=columns).agreements
    marks = [(i, "m", 1 + i % 5, 1 + (i + (i % 9 == 0)) % 5) for i in range(45)]
    (graded,) = read(table(tmp_path / "b.csv", marks, head), columns=columns, outcomes=Outcomes(scale=(1, 5))).agreements  # fmt: skip
    (flat,) = read(table(tmp_path / "c.csv", [(i, "m", "x", "x") for i in range(20)], head), columns=columns).agreements  # fmt: skip

    assert (one.both, one.labels, one.ordered) == (44, ("x", "y", "z"), False)
    assert one.same.value == 40 / 44
    assert one.alpha.lower < one.alpha.value < 1
    assert one.kappa.value == pytest.approx(one.fleiss.value, abs=0.01)
    assert graded.ordered
    assert (flat.alpha.value, flat.alpha.why) == (None, "no-variation")


@pytest.mark.parametrize(("clusters", "why"), [(9, "few-clusters"), (10, "")])
def test_agreement_on_few_clusters_has_no_interval(tmp_path, clusters, why):
    """Rows of one cluster are no more of them; nor are a judge's errors on few to be believed."""
    rows = [(i, "m", i % 2, "xy"[i % 2], "xy"[i % 7 > 2], i % 2 ^ (i % 11 == 0), i // 2 % clusters)
            for i in range(180)]  # fmt: skip
    path = table(tmp_path / "a.csv", rows, ("item", "system", "y", "a", "b", "j", "c"))
    columns = Columns(
        item="item", outcome="y", system="system", raters=("a", "b"), judges=("j",), cluster="c"
    )
    found = read(path, columns=columns)
    (one,), (judge,) = found.agreements, found.judges
    numbers = (
        one.same,
        one.kappa,
        one.fleiss,
        one.alpha,
        one.ac,
        judge.truth,
        judge.same,
        judge.sensitivity,
    )

    assert [n.why for n in numbers] == [why] * len(numbers)
    assert all(n.value is not None and (n.lower is None) is bool(why) for n in numbers)


def test_a_judge_is_held_against_the_outcome(tmp_path):
    """Trap 6: sensitivity and specificity with intervals, and the rate that the judge would give."""
    rows = [(i, "m", int(i < 40), int(i < 30 or i >= 195)) for i in range(200)]
    columns = Columns(item="item", outcome="y", system="system", judges=("j",))
    found = read(table(tmp_path / "a.csv", rows, ("item", "system", "y", "j")), columns=columns)
    (one,) = found.judges

    assert (one.sensitivity.value, one.specificity.value) == (0.75, 155 / 160)
    assert (one.truth.value, one.says.value, one.same.value) == (0.2, 0.175, 0.925)
    assert one.sensitivity.lower == pytest.approx(wilson(30, 40).interval().lower)
    assert "by j the rate is 17.5 % and by the outcome 20.0 %" in " ".join(found.supported)


def test_a_saturated_set_of_items_is_told(tmp_path):
    """Of a hundred items, ninety say the same of both."""
    rows = [(i, s, int(i < 90 or (i + len(s)) % 2)) for i in range(100) for s in ("a", "bb")]
    (one,) = read(table(tmp_path / "a.csv", rows)).saturation

    assert (one.verdict, one.all_high, one.informative) == ("saturated", 0.9, 0.1)


@pytest.mark.parametrize("repeats", [1, 4])
def test_intervals_cover_what_is_true(tmp_path, repeats):
    """Of 300 made files; as if rows were independent they would not, where items differ."""
    rng = np.random.default_rng(11)
    hits = naive = 0
    for _ in range(300):
        rate = rng.beta(0.6, 1.4, 60)
        rows = [(i, "m", int(rng.random() < rate[i])) for i in range(60) for _ in range(repeats)]
        one = cell(read(table(tmp_path / "a.csv", rows), columns=USUAL), "m")
        low, high = wilson(one.events, one.scored).interval()
        hits += one.lower <= 0.3 <= one.upper
        naive += low <= 0.3 <= high

    assert hits / 300 >= 0.91
    assert (naive / 300 < 0.85) is (repeats > 1)
