"""Several conditions: adjusted tests, tie groups, and verdicts that say no more than intervals carry."""

import math
from collections import Counter
from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import norm
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from dosimeter.stats import compare
from dosimeter.stats.paired import paired_clustered, tango

ARMS = st.tuples(st.integers(1, 200), st.integers(1, 200)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=25)
METHODS = ["bonferroni", "holm", "hochberg", "bh", "by"]


# -- published and independent numbers ------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "limits"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ],
)
def test_published_differences_of_independent_shares(cells, limits):
    """Newcombe (1998), Table II, method 10."""
    assert tuple(compare.newcombe_independent(*cells).interval()) == pytest.approx(limits, abs=6e-5)


@pytest.mark.parametrize("seed", range(4))
def test_independent_differences_agree_with_statsmodels(seed):
    """At 90 %, on random counts."""
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(5, 90, 2)
    x1, x2 = rng.integers(0, n1), rng.integers(0, n2)
    theirs = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff", alpha=0.1)

    assert tuple(compare.newcombe_independent(x1, n1, x2, n2).interval(0.9)) == pytest.approx(
        theirs
    )


@pytest.mark.parametrize("seed", range(4))
def test_cochran_agrees_with_statsmodels(seed):
    """On random tables of four conditions."""
    table = (np.random.default_rng(seed).random((50, 4)) < [0.3, 0.4, 0.4, 0.6]).astype(int)
    found, theirs = compare.cochran_q(table), cochrans_q(table)

    assert (found.q, found.p_value, found.df) == pytest.approx((theirs.statistic, theirs.pvalue, 3))


@given(PROBABILITIES)
@settings(max_examples=15)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("bonferroni", "bonferroni"),
        ("holm", "holm"),
        ("hochberg", "simes-hochberg"),
        ("bh", "fdr_bh"),
        ("by", "fdr_by"),
    ],
)
def test_adjusted_probabilities_agree_with_statsmodels(ours, theirs, p):
    """Whatever the probabilities, ties among them too."""
    found = compare.p_adjust(p, ours)

    assert found.adjusted == pytest.approx(multipletests(p, method=theirs)[1], abs=1e-12)


def test_published_numbers_of_rejections():
    """Fifteen probabilities of Benjamini and Hochberg (1995): 4 by theirs, 3 by Bonferroni."""
    p = [
        1e-4,
        4e-4,
        19e-4,
        95e-4,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]

    assert [compare.p_adjust(p, m).n_rejected for m in ("bh", "bonferroni", "holm", "by")] == [
        4,
        3,
        3,
        3,
    ]


# -- what holds always -----------------------------------------------------------------------------


@given(ARMS)
def test_independent_limits_enclose_the_difference_and_turn_with_it(cells):
    """Inside [-1, 1], never of no width; the second less the first is the mirror image."""
    x1, n1, x2, n2 = cells
    found, turned = (
        compare.newcombe_independent(*cells),
        compare.newcombe_independent(x2, n2, x1, n1),
    )
    lower, upper = found.interval()

    assert -1 <= lower <= found.estimate <= upper <= 1
    assert upper > lower
    assert (lower, upper) == pytest.approx(
        (-turned.interval().upper, -turned.interval().lower), abs=1e-9
    )


@given(PROBABILITIES, st.sampled_from(METHODS))
def test_adjusting_follows_the_order_and_never_makes_a_test_stronger(p, method):
    """Adjusted ones are at least as large, in the same order, and move with their test."""
    found = np.array(compare.p_adjust(p, method).adjusted)
    turned = np.array(compare.p_adjust(p[::-1], method).adjusted)
    order = np.argsort(p, kind="stable")

    assert (found >= np.array(p) - 1e-12).all()
    assert (np.diff(found[order]) >= -1e-12).all()
    assert turned[::-1] == pytest.approx(found, abs=1e-12)


def test_rows_on_which_all_agree_change_no_cochran_test():
    """Nor does the order of rows or conditions."""
    rng = np.random.default_rng(1)
    table = (rng.random((40, 3)) < [0.2, 0.4, 0.5]).astype(int)
    more = np.vstack([table, np.ones((9, 3)), np.zeros((5, 3))])[rng.permutation(54)][:, [2, 0, 1]]

    assert compare.cochran_q(more).q == pytest.approx(compare.cochran_q(table).q)
    assert compare.cochran_q(more).n == 54


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda p: p[0] < p[1])))
@settings(deadline=None)
def test_letters_are_shared_by_just_the_pairs_that_are_not_told_apart(apart):
    """Of six conditions, whichever pairs are told apart."""
    names = list("uvwxyz")
    groups = compare.tie_groups(names, [(names[i], names[j]) for i, j in apart])

    for i, j in combinations(range(6), 2):
        shared = set(groups.letters[names[i]]) & set(groups.letters[names[j]])
        assert bool(shared) is ((i, j) not in apart)
    for i, name in enumerate(names):
        best, worst = groups.places[name]
        assert 1 <= best <= worst <= 6
        assert best == 1 + sum((h, i) in apart for h in range(6))


# -- ranking ---------------------------------------------------------------------------------------


def _models(rng, rates, n):
    """Draw outcomes of models that share the difficulty of items."""
    hard = rng.normal(0, 1, (n, 1))
    return (hard + rng.normal(0, 1, (n, len(rates))) < np.array(rates)).astype(int)


def test_a_rank_is_carried_by_pairs_or_not_given():
    """Two good models and a bad one: first or second, and third."""
    table = _models(np.random.default_rng(3), [-2.2, -2.1, -0.5], 300)
    found = compare.rank(table, ["x", "y", "z"])

    assert found.groups.letters == {"x": "a", "y": "a", "z": "b"}
    assert found.groups.places == {"x": (1, 2), "y": (1, 2), "z": (3, 3)}
    for pair in found.pairs:
        assert pair.apart is (
            0 not in pair.difference.interval(pair.level) and pair.adjusted <= 0.05
        )
    assert "x a (places 1 to 2)" in str(found)


def test_no_pair_is_told_apart_behind_a_closed_gate():
    """One pair of five would be, by Holm alone; Cochran's test of them all is not significant."""
    marked = [(2,), (3, 4), (), (), (2,), (), (2, 4), (2, 4), (1, 4), (1,), (), (2, 3), (3,), (),
              (1, 2), (2, 3), (1,), (), (2,), (1, 4), (3,), (3,)]  # fmt: skip
    table = np.array([[int(k in row) for k in range(5)] for row in marked])
    found = compare.rank(table, list("abcde"))

    assert found.gate.p_value > 0.05
    assert min(p.adjusted for p in found.pairs) <= 0.05
    assert not any(p.apart for p in found.pairs)


def test_no_pair_is_told_apart_whose_interval_holds_0():
    """Seven families, each a tenth worse: the test says .016, the interval leaves an eighth kind open."""
    rows = np.tile([[0, 1]] + [[1, 1]] * 9, (7, 1))
    (pair,) = compare.rank(rows, ["x", "y"], cluster=np.arange(70) // 10).pairs

    assert pair.adjusted == pytest.approx(2 / 2**7)
    assert 0 in pair.difference.interval(pair.level)
    assert not pair.apart


def test_ranking_does_not_depend_on_the_order_of_models():
    """Names keep their places."""
    table = _models(np.random.default_rng(4), [-2, -1.4, -1, -0.2], 200)
    there, back = compare.rank(table, list("abcd")), compare.rank(table[:, ::-1], list("dcba"))

    assert dict(there.groups.places) == dict(back.groups.places)
    assert sum(p.apart for p in there.pairs) == sum(p.apart for p in back.pairs) > 0


def test_equal_models_are_ranked_in_few_runs():
    """All alike: in at most 5 % of runs is any pair told apart."""
    rng = np.random.default_rng(5)
    told = [
        any(p.apart for p in compare.rank(_models(rng, [-1] * 4, 100), list("abcd")).pairs)
        for _ in range(300)
    ]

    assert np.mean(told) <= 0.085


def test_equal_models_that_fail_in_few_families_are_ranked_in_few_runs():
    """Two fail in whole families, two in scattered rows, all as often: by t a fifth of runs tell some apart."""
    rng, family = np.random.default_rng(6), np.arange(300) // 5
    told, by_t = [], []
    for _ in range(200):
        whole = [np.repeat(rng.random(60) < 0.02, 5) for _ in "ab"]
        table = np.stack([*whole, *(rng.random((2, 300)) < 0.02)], axis=1)
        told.append(any(p.apart for p in compare.rank(table, list("abcd"), family).pairs))
        p = [
            paired_clustered(table[:, i], table[:, j], family).p_value()
            for i, j in combinations(range(4), 2)
        ]
        by_t.append(compare.p_adjust(p, "holm", 0.05).n_rejected > 0)

    assert np.mean(told) <= 0.05
    assert np.mean(by_t) >= 0.15


def test_a_step_counts_the_pairs_that_neither_test_nor_interval_has_told_apart():
    """Y is a tenth worse than x in every family: the surest test, and no interval; z is worse than both."""
    row, family = np.arange(200) % 10, np.arange(200) // 10
    table = np.stack([np.zeros(200), row == 0, (row > 0) & (family < 12)], axis=1).astype(int)
    xy, xz, yz = compare.rank(table, list("xyz"), family).pairs

    assert xy.adjusted < xz.adjusted < 0.05
    assert [xy.apart, xz.apart, yz.apart] == [False, True, True]
    # All three are in the first step; what it leaves is in the next.
    assert [p.level for p in (xz, yz)] == pytest.approx([1 - 0.05 / 3] * 2)
    assert xy.level == pytest.approx(0.95)


def test_rows_of_one_family_rank_nothing():
    """The same rows as evidence of 200, and of 4 families."""
    table = np.repeat([[0, 1], [0, 1], [0, 0], [1, 1]], 50, axis=0)
    by_row = compare.rank(table, ["x", "y"])
    by_family = compare.rank(table, ["x", "y"], cluster=np.arange(200) // 50)

    assert by_row.groups.letters == {"x": "a", "y": "b"}
    assert by_family.groups.letters == {"x": "a", "y": "a"}
    assert by_family.gate is None


def test_models_without_items_are_ties():
    """No rows, no evidence; nor is there any in one model."""
    none, one = compare.rank(np.zeros((0, 2)), ["x", "y"]), compare.rank([[0], [1]], ["x"])

    assert none.groups.letters == {"x": "a", "y": "a"}
    assert one.groups.places == {"x": (1, 1)}


# -- verdicts --------------------------------------------------------------------------------------


def test_a_verdict_says_lower_equivalent_or_that_it_cannot_tell():
    """By the interval of A less B and a margin; lower by less than the margin is said to be so."""

    def said(*table, margin=0.05):
        return compare.verdict(tango(*table), margin, order="first-second")

    assert said(100, 5, 40, 255).said == "A lower"
    assert said(100, 40, 5, 255).said == "B lower"
    assert said(1000, 20, 22, 958).said == "equivalent"
    assert said(30, 3, 4, 63).said == "cannot tell"
    slight = said(5000, 20, 60, 4920)
    assert (slight.said, slight.within_margin) == ("A lower", True)
    assert "by less than the margin" in str(slight)
    assert said(0, 0, 0, 0).said == "cannot tell"
    assert said(0, 0, 0, 0).clusters_needed is None


@pytest.mark.parametrize("margin", [1e-100, 1e-165, 1e-300])
def test_a_margin_that_nobody_can_reach_needs_no_number(margin):
    """No count of clusters would be told to settle it."""
    found = compare.verdict(tango(300, 0, 0, 0), margin, order="first-second")

    assert (found.said, found.clusters_needed) == ("cannot tell", None)


def test_the_order_of_a_difference_has_to_be_said():
    """Tables are first less second, means second less first: neither is guessed."""
    a, b = np.zeros(60), np.repeat([0, 1], 30)
    found = paired_clustered(a, b, range(60))

    assert compare.verdict(found, 0.1, order="second-first").said == "A lower"
    assert compare.verdict(found, 0.1, order="first-second").said == "B lower"
    with pytest.raises(ValueError, match="order"):
        compare.verdict(found, 0.1, order="A-B")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 200))
def test_swapping_conditions_swaps_the_verdict(b, c, rest):
    """What is said of A is said of B."""
    one = compare.verdict(tango(rest, b, c, 0), 0.1, order="first-second")
    other = compare.verdict(tango(rest, c, b, 0), 0.1, order="first-second")
    swap = {"A lower": "B lower", "B lower": "A lower"}

    assert swap.get(one.said, one.said) == other.said
    assert one.clusters_needed == other.clusters_needed
    assert one.clusters_needed is None or one.clusters_needed > one.clusters


@pytest.mark.parametrize(
    ("cells", "n", "margin"),
    [
        ((0.85, 0.06, 0.03, 0.06), 100, 0.05),
        ((0.5, 0.15, 0.05, 0.3), 40, 0.05),
        ((0.8, 0.08, 0.04, 0.08), 100, 0.1),
    ],
)
def test_as_many_clusters_as_are_named_settle_it_mostly(cells, n, margin):
    """With the estimate for the truth, that many settle it in four of five runs, half as many do not."""

    def judged(table):
        return compare.verdict(tango(*map(round, table)), margin, order="first-second")

    def settled(size):
        tables = np.random.default_rng(8).multinomial(size, cells, 300)
        return np.mean([judged(t).said != "cannot tell" for t in tables])

    first = judged([n * c for c in cells])

    assert first.said == "cannot tell"
    assert settled(first.clusters_needed) >= 0.75
    assert settled(first.clusters_needed // 2) < 0.7


@lru_cache(None)
def _joint(over, under, over_margin=0.05, under_margin=0.05):
    return compare.refusal_verdict(
        tango(*over),
        tango(*under),
        over_margin=over_margin,
        under_margin=under_margin,
        order="first-second",
    )


def test_better_takes_both_rates_of_refusing_wrongly():
    """VALIDITY 13: better on one and no worse on the other; else a trade-off, or nobody can tell."""
    fewer, more, alike, few = (50, 10, 90, 850), (50, 90, 10, 850), (50, 5, 5, 940), (5, 2, 2, 20)

    assert _joint(fewer, alike).said == "A better"
    assert _joint(alike, fewer).said == "A better"
    assert _joint(fewer, fewer).said == "A better"
    assert _joint(more, alike).said == "B better"
    assert _joint(fewer, more).said == "trade-off"
    assert _joint(more, fewer).said == "trade-off"
    assert _joint(alike, alike).said == "equivalent"
    assert _joint(fewer, few).said == "cannot tell"
    assert _joint(few, few).said == "cannot tell"
    assert _joint(fewer, (0, 0, 0, 0)).said == "cannot tell"
    assert _joint(fewer, alike).over.said == "A lower"


def test_a_trade_off_needs_each_shown_at_the_level_and_better_more_than_that():
    """It claims both, an intersection-union test: only to be better on either is two chances."""
    fewer, more, alike = (50, 10, 90, 850), (100, 41, 25, 834), (50, 5, 5, 940)
    once, split = (tango(*more).interval(level).lower for level in (0.95, 0.975))

    assert split < 0 < once
    assert _joint(fewer, more).said == "trade-off"
    assert _joint(alike, more).said == "equivalent"
    assert _joint(alike, more, under_margin=0.01).said == "cannot tell"


@pytest.mark.parametrize("together", [-0.95, 0.0, 0.95])
def test_neither_a_trade_off_nor_better_is_said_too_often(together):
    """Over-refusal differs and under-refusal does not, then neither: at most alpha, however they go together."""
    one = _said(together, (0.2, 0.5), (0.3, 0.3), seed=1)
    none = _said(together, (0.3, 0.3), (0.3, 0.3), seed=2)
    band = 3.29 * (0.025 * 0.975 / 800) ** 0.5  # 99.9 %

    assert one["trade-off"] / 800 <= 0.025 + band
    assert (none["trade-off"] + none["A better"] + none["B better"]) / 800 <= 0.05


def _said(together, over, under, *, seed, n=100, times=800):
    """Count what is said of A and B whose differences within families go *together* so much."""
    rng, said = np.random.default_rng(seed), Counter()
    mixed = np.linalg.cholesky([[1, together], [together, 1]])
    for _ in range(times):
        lean = rng.standard_normal((n, 2)) @ mixed.T
        tables = []
        for d, shares in zip(lean.T, (over, under), strict=True):
            family = 0.6 * rng.standard_normal(n)
            marks = [family + sign * 0.6 * d + 0.2 * rng.standard_normal(n) for sign in (1, -1)]
            x, y = (m < norm.ppf(p, scale=0.76**0.5) for m, p in zip(marks, shares, strict=True))
            tables.append(
                tuple(map(int, ((x & y).sum(), (x & ~y).sum(), (y & ~x).sum(), (~x & ~y).sum())))
            )
        said[_joint(*tables, 1e-9, 1e-9).said] += 1
    return said


def test_no_worse_is_tested_on_one_side():
    """At 95 %, no worse means the upper limit of a 90 % interval: one mistake in twenty."""
    fewer, near = (50, 10, 90, 850), (100, 40, 25, 835)
    one_sided, two_sided = (tango(*near).interval(level).upper for level in (0.9, 0.95))

    assert one_sided < 0.029 < two_sided
    assert _joint(fewer, near, under_margin=0.029).said == "A better"
    assert _joint(fewer, near, under_margin=one_sided - 1e-6).said == "cannot tell"


def test_refusing_everything_is_not_better():
    """A refuses nothing that is harmful... and all that is harmless: a trade-off."""
    refuses_all = _joint(over=(20, 180, 0, 0), under=(0, 0, 60, 140))

    assert refuses_all.said == "trade-off"
    assert "over-refusal: B lower" in str(refuses_all)


def test_equal_pairs_of_rates_are_called_better_in_few_runs():
    """No difference on either: a winner in at most 5 % of runs, though there are two chances."""
    rng = np.random.default_rng(9)
    tables = rng.multinomial(200, [0.1, 0.08, 0.08, 0.74], (1000, 2))
    said = [_joint(map(int, a), map(int, b), 0.2, 0.2).said for a, b in tables]

    assert np.mean([s in {"A better", "B better", "trade-off"} for s in said]) <= 0.071


# -- simulation, and bad data ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p1", "n1", "p2", "n2"), [(0.95, 60, 0.9, 60), (0.5, 30, 0.3, 80), (0.02, 100, 0.05, 40)]
)
def test_newcombe_covers(p1, n1, p2, n2):
    """R = 2,000, lower end of the 99.9 % band."""
    rng = np.random.default_rng(10)
    x, y = rng.binomial(n1, p1, 2000), rng.binomial(n2, p2, 2000)
    inside = [
        p1 - p2 in compare.newcombe_independent(a, n1, b, n2).interval()
        for a, b in zip(x, y, strict=True)
    ]

    assert np.mean(inside) >= 0.9335


def test_holm_keeps_the_error_of_the_family():
    """Ten true nulls: no correction errs in 40 % of runs, Holm in 5 %, BH's false share is in bounds."""
    p = np.random.default_rng(12).random((2000, 10))
    holm = np.mean([compare.p_adjust(row).n_rejected > 0 for row in p])
    flags = np.mean([compare.p_adjust(row, "bh").n_rejected > 0 for row in p])

    assert max(holm, flags) <= 0.0665
    assert ((p <= 0.05).any(axis=1)).mean() > 0.3


def test_trap_19_what_says_nothing_is_undefined_with_a_reason():
    """No trials, no items, one condition, no variation."""
    assert compare.newcombe_independent(0, 0, 3, 10).undefined == "no-observations"
    assert tuple(compare.newcombe_independent(0, 0, 3, 10).interval()) == (-1, 1)
    for table, why in (
        ([], "no-observations"),
        ([[1], [0]], "one-condition"),
        ([[1, 1], [0, 0]], "no-variation"),
    ):
        found = compare.cochran_q(table)
        assert (found.undefined, math.isnan(found.q), math.isnan(found.p_value)) == (
            why,
            True,
            True,
        )
    assert compare.p_adjust([]).adjusted == ()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compare.newcombe_independent(5, 4, 1, 2), "x must be from 0 to n"),
        (lambda: compare.cochran_q([[0, 2], [1, 1]]), r"outcomes\[0\]\[1\] is 2, which is neither"),
        (lambda: compare.cochran_q([[0, math.nan]]), r"outcomes\[0\]\[1\] is not a number"),
        (lambda: compare.cochran_q([0, 1]), "a table of items by conditions"),
        (lambda: compare.p_adjust([0.1, 1.2]), r"p\[1\] is 1.2, outside 0 to 1"),
        (lambda: compare.p_adjust([0.1, math.nan]), r"p\[1\] is not a number"),
        (lambda: compare.p_adjust([0.1], "sidak"), "method must be one of bonferroni, holm"),
        (lambda: compare.p_adjust([0.1], alpha=1), "alpha must lie between"),
        (lambda: compare.rank([[0, 1]], ["x"]), "1 names for 2 conditions"),
        (lambda: compare.tie_groups(["x", "x"], []), "names that differ"),
        (lambda: compare.tie_groups(["x", "y"], [("x", "w")]), "pairs of them"),
        (lambda: compare.verdict(tango(1, 2, 3, 4), 0, order="first-second"), "margin above 0"),
        (
            lambda: compare.verdict(tango(1, 2, 3, 4), 0.1, order="first-second", level=1),
            "level must lie",
        ),
    ],
)
def test_wrong_data_are_refused_in_words(call, words):
    """What, where, and what instead."""
    with pytest.raises(ValueError, match=words):
        call()
