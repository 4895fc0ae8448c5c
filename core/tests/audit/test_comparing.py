"""Pairs of systems and groups: on shared items, for all at once, and no order that they do not carry."""

import numpy as np
import pytest
from audits import read, table

from dosimeter.audit.columns import Columns
from dosimeter.audit.outcomes import Outcomes
from dosimeter.stats.multiplicity import p_adjust
from dosimeter.stats.paired import mcnemar_p, tango
from dosimeter.stats.paired_means import paired_graded
from dosimeter.stats.paired_scores import paired_score

GROUPED = Columns(item="item", outcome="y", system="system", group="g")


def two(n, *, a, b, both=0):
    """Rows of two systems: events of both on the first items, then of one alone, then of the other."""
    for i in range(n):
        yield i, "a", int(i < both + a)
        yield i, "b", int(i < both or both + a <= i < both + a + b)


def pair(found, a, b, within=""):
    (one,) = [p for p in found.pairs if (p.a, p.b, p.within) == (a, b, within)]
    return one


def test_trap_17_pairs_are_compared_on_shared_items(tmp_path):
    """Tango's interval and McNemar's mid-p; what one side has alone is left out and counted."""
    rows = [*two(60, a=14, b=3, both=5), ("only", "a", 1), ("one", "b", 0), ("more", "b", 0)]
    found = pair(read(table(tmp_path / "a.csv", rows)), "a", "b")
    expected = tango(5, 14, 3, 38)

    assert (found.difference, found.lower, found.upper) == pytest.approx(
        (11 / 60, *expected.interval())
    )
    assert found.p == pytest.approx(mcnemar_p(14, 3)[1])
    assert (found.items, found.only_a, found.only_b) == (60, 1, 2)
    assert (found.method, found.apart) == ("tango", True)


def test_repeats_are_averaged_and_clusters_are_the_unit(tmp_path):
    """Then it is the difference of means, with errors by cluster."""
    rng = np.random.default_rng(2)
    rows = [(i, s, int(rng.random() < 0.3 + 0.3 * (s == "a")), i // 3)
            for i in range(60) for s in "ab" for _ in range(2)]  # fmt: skip
    path = table(tmp_path / "a.csv", rows, ("item", "system", "y", "c"))
    found = pair(read(path, columns=Columns(item="item", outcome="y", system="system", cluster="c")), "a", "b")  # fmt: skip
    means = {s: [np.mean([r[2] for r in rows if r[:2] == (i, s)]) for i in range(60)] for s in "ab"}
    expected = paired_score(means["b"], means["a"], [i // 3 for i in range(60)])

    assert (found.difference, found.lower, found.upper) == pytest.approx((expected.estimate, *expected.interval()))  # fmt: skip
    assert found.p == pytest.approx(expected.p_value())
    assert (found.clusters, found.method) == (20, "paired-score-t")


def test_marks_are_compared_as_marks(tmp_path):
    """On their scale."""
    rows = [(i, s, 1 + (i * (3 if s == "a" else 1)) % 5) for i in range(50) for s in "ab"]
    found = pair(read(table(tmp_path / "a.csv", rows), outcomes=Outcomes(scale=(1, 5))), "a", "b")
    marks = {s: [r[2] for r in rows if r[1] == s] for s in "ab"}
    expected = paired_graded(marks["b"], marks["a"])

    assert (found.difference, found.lower, found.upper) == pytest.approx((expected.estimate, *expected.interval()))  # fmt: skip


def test_every_comparison_is_in_the_family(tmp_path):
    """Systems in each group and groups of each system; groups are never pooled."""
    rng = np.random.default_rng(5)
    rows = [(i, s, int(rng.random() < 0.2 + 0.15 * "abc".index(s)), g)
            for i in range(80) for s in "abc" for g in ("x", "y")]  # fmt: skip
    found = read(table(tmp_path / "a.csv", rows, ("item", "system", "y", "g")), columns=GROUPED)
    p = [one.p for one in found.pairs]

    assert len(found.cells) == 6
    assert found.tests == len(p) == 9
    assert [one.p_adjusted for one in found.pairs] == pytest.approx(p_adjust(p).adjusted)
    assert {(one.kind, one.within) for one in found.pairs} == {
        ("system", "x"), ("system", "y"), ("group", "a"), ("group", "b"), ("group", "c")}  # fmt: skip


def test_pairs_without_shared_items_are_no_tests(tmp_path):
    """Groups that are halves of a benchmark make no comparison, and cost the others nothing."""
    rows = [
        (f"{g}{i}", s, int(i < 5 + 20 * (s == "a")), g)
        for i in range(40)
        for s in "ab"
        for g in "xy"
    ]
    found = read(table(tmp_path / "a.csv", rows, ("item", "system", "y", "g")), columns=GROUPED)

    assert found.tests == 2
    assert [(p.items, p.p, p.why) for p in found.pairs if p.kind == "group"] == [(0, None, "no shared items")] * 2  # fmt: skip


def test_a_pair_in_one_cluster_has_no_test(tmp_path):
    """It is no zero probability, and counts for nothing."""
    rows = [(i, s, int(i < n), "all") for i in range(40) for s, n in (("a", 30), ("b", 5))]
    path = table(tmp_path / "a.csv", rows, ("item", "system", "y", "c"))
    found = read(path, columns=Columns(item="item", outcome="y", system="system", cluster="c"))
    one = pair(found, "a", "b")

    assert (one.p, one.p_adjusted, one.apart, one.why) == (
        None,
        None,
        False,
        "1 shared cluster; at least 10 are needed",
    )
    assert found.tests == 0


def test_an_order_is_told_with_ties(tmp_path):
    """The middle one cannot be told from an end; a letter in common says so."""
    rows = [(i, s, int(i < n)) for i in range(36) for s, n in (("x", 2), ("y", 5), ("z", 10))]
    (ties,) = read(table(tmp_path / "a.csv", rows)).ties

    assert ties.order == ("x", "y", "z")
    assert ties.places == ((1, 2), (1, 3), (2, 3))
    assert ties.letters == ("a", "ab", "b")


def test_missing_outcomes_can_keep_two_from_being_told_apart(tmp_path):
    """A difference that they could turn round is none; few of them cannot."""
    whole = [*two(60, a=14, b=2)]
    lost = [(i, s, "" if s == "b" and i >= 40 else y) for i, s, y in whole]
    few = [(i, s, "" if s == "b" and i >= 59 else y) for i, s, y in whole]
    found = pair(read(table(tmp_path / "a.csv", lost)), "a", "b")

    assert pair(read(table(tmp_path / "b.csv", whole)), "a", "b").apart
    assert pair(read(table(tmp_path / "c.csv", few)), "a", "b").apart
    assert not found.apart
    assert (found.lost, found.why) == (20, "20 shared items without an outcome could turn it round")


def test_equality_needs_a_margin_and_enough_items(tmp_path):
    """A difference that is not shown is not equality."""
    small, large = (table(tmp_path / f"{n}.csv", two(n, a=2, b=2, both=n // 2)) for n in (40, 800))

    assert pair(read(large), "a", "b").equivalent is None
    assert pair(read(large, margin=0.03), "a", "b").equivalent is True
    assert pair(read(small, margin=0.03), "a", "b").equivalent is False


def test_systems_that_are_alike_are_rarely_told_apart(tmp_path):
    """Five alike systems, ten comparisons: at most one file in twenty shows any difference."""
    rng = np.random.default_rng(8)
    false = 0
    for _ in range(200):
        easy = rng.random(50)
        rows = [(i, s, int(rng.random() < easy[i])) for i in range(50) for s in "abcde"]
        false += any(p.apart for p in read(table(tmp_path / "a.csv", rows)).pairs)

    assert false / 200 <= 0.08
