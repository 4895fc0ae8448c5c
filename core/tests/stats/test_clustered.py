"""What holds for every input, and what coverage simulation shows with known truth."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from dosimeter.stats.bootstrap import cluster_bootstrap, cluster_totals
from dosimeter.stats.cluster import (
    cluster_icc,
    cluster_mean,
    design_effect,
    korn_graubard,
    two_way_cluster_mean,
    wilson_clustered,
)
from dosimeter.stats.rate import (
    category_averages,
    clopper_pearson,
    false_positive_upper,
    hoeffding_halfwidth,
    jeffreys,
    stratified_rate,
    wilson,
    wilson_cc,
    zero_event_upper,
)
from dosimeter.stats.severity import (
    bounded_mean,
    graded_summary,
    guarded_mean,
    multinomial_limits,
    ordinal_superiority,
)

TRIALS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SHARES = (wilson, wilson_cc, clopper_pearson, jeffreys)
ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=60)


@given(TRIALS)
@pytest.mark.parametrize("share", SHARES)
def test_limits_enclose_the_share_and_widen_with_the_level(share, case):
    """Inside [0, 1], around x/n, and nested."""
    found = share(*case)
    narrow, wide = found.interval(0.8), found.interval(0.99)

    assert 0 <= wide.lower <= narrow.lower <= found.estimate <= narrow.upper <= wide.upper <= 1
    assert narrow.width > 0


@given(TRIALS)
@pytest.mark.parametrize("share", SHARES)
def test_trap_07_the_complement_mirrors_the_interval(share, case):
    """Failures of n are successes seen from the other side, never something else."""
    x, n = case
    a, b = share(x, n).interval(), share(n - x, n).interval()

    assert tuple(a) == pytest.approx((1 - b.upper, 1 - b.lower), abs=1e-9)


@given(st.integers(1, 500))
@pytest.mark.parametrize("share", SHARES)
def test_trap_05_no_interval_vanishes_at_the_ends(share, n):
    """0 of n has an upper limit, n of n a lower one."""
    none, every = share(0, n).interval(), share(n, n).interval()

    assert (none.lower, every.upper) == (0.0, 1.0)
    assert none.upper > 0
    assert every.lower < 1


def test_trap_19_nothing_observed_is_undefined_not_zero():
    """N = 0: no estimate, the whole range, and why."""
    for found in (*(share(0, 0) for share in SHARES), korn_graubard([], []), bounded_mean([]),
                  cluster_mean([], []), wilson_clustered([], []), graded_summary([0] * 5).mean,
                  stratified_rate([], []), two_way_cluster_mean([], [], []),
                  cluster_icc([], []), ordinal_superiority([], [1])):  # fmt: skip
        assert math.isnan(found.estimate)
        assert found.undefined == "no-observations"
        assert str(found) in {
            "undefined (no-observations, n=0)",
            "undefined (no-observations, n=1)",
        }
        assert tuple(found.interval()) == found.bounds
    assert tuple(wilson(0, 0).interval()) == (0.0, 1.0)
    assert multinomial_limits([0, 0]) == [(0.0, 1.0)] * 2


def test_trap_19_one_cluster_has_no_standard_error():
    """It is undefined, not 0: the interval says nothing."""
    found = korn_graubard([0, 1, 1], ["a"] * 3)

    assert (*found.interval(), found.no_interval) == (0.0, 1.0, "one-cluster")
    assert str(found) == "0.6667, no interval (one-cluster, n=3, clusters=1)"
    assert math.isnan(cluster_mean([0, 1, 1], ["a"] * 3).se)
    assert two_way_cluster_mean([0, 1], [0, 0], [0, 1]).no_interval == "one-cluster"


@given(ROWS)
def test_clustered_limits_enclose_the_estimate(rows):
    """Whatever the clusters look like, at every level, and never without a width."""
    y, c = [r[0] for r in rows], [r[1] for r in rows]
    for found in (korn_graubard(y, c), wilson_clustered(y, c), bounded_mean(y, c, low=0, high=1),
                  guarded_mean(y, c, low=0, high=1)):  # fmt: skip
        narrow, wide = found.interval(0.5), found.interval(0.99)

        assert 0 <= wide.lower <= narrow.lower <= found.estimate <= narrow.upper <= wide.upper <= 1
        assert narrow.width > 0


@given(ROWS, st.floats(0.1, 10))
def test_equal_weights_change_nothing(rows, w):
    """The weighted estimator is the plain one when weights are equal."""
    y, c = [r[0] for r in rows], [r[1] for r in rows]
    a, b = korn_graubard(y, c), korn_graubard(y, c, [w] * len(y))

    assert (a.estimate, *a.interval()) == pytest.approx(
        (b.estimate, *b.interval()), rel=1e-6, abs=1e-9
    )


NUMBERED = (
    korn_graubard, wilson_clustered, cluster_mean, cluster_icc,
    lambda y, c: bounded_mean(y, c, low=0, high=1), lambda y, c: guarded_mean(y, c, low=0, high=1),
)  # fmt: skip


@given(ROWS, st.randoms())
@pytest.mark.parametrize("of", NUMBERED)
def test_neither_order_nor_names_nor_clusters_without_rows_matter(of, rows, random):
    """Estimates do not depend on who finished first or what a family is called."""
    other = list(rows)
    random.shuffle(other)
    a = of([r[0] for r in rows], [r[1] for r in rows])
    b = of([r[0] for r in other], [f"f{9 - r[1]}" for r in other])
    # Labels are numbers with gaps: those that no row has are no clusters.
    c = of([r[0] for r in rows], [1000 * r[1] + 7 for r in rows])

    for found in (b, c):
        assert (found.clusters, found.undefined, found.no_interval) == (
            a.clusters, a.undefined, a.no_interval,
        )  # fmt: skip
        assert (found.estimate, *found.interval()) == pytest.approx(
            (a.estimate, *a.interval()), nan_ok=True, rel=1e-9, abs=1e-12
        )


@given(st.integers(1, 60), st.integers(1, 60))
@pytest.mark.parametrize("share", SHARES)
def test_more_events_move_both_limits_up(share, x, rest):
    """And more trials of the same share bring them together."""
    n = x + rest
    less, more = share(x - 1, n).interval(), share(x, n).interval()

    assert less.lower <= more.lower
    assert less.upper <= more.upper
    assert share(10 * x, 10 * n).interval().width < more.width


BAD = (
    (lambda: cluster_mean([0.0, math.nan], [1, 2]), r"values\[1\] is not a number .1 of 2 are not"),
    (lambda: cluster_mean([0.0, 1.0], [1]), "2 values have .* cluster labels"),
    (lambda: cluster_mean([0.0, 1.0], [1.0, math.nan]), "cluster label 1 is NaN"),
    (lambda: cluster_mean([0.0], [1], [-1]), r"weights\[0\] is -1"),
    (lambda: cluster_mean([0.0], [1], [1, 1]), "1 values have 2 weights"),
    (lambda: cluster_mean([[0.0]], [1]), "one row of numbers, got shape"),
    (lambda: wilson(3, 2), "x must be from 0 to n, got x=3, n=2"),
    (lambda: wilson(-1, 2), "from 0 to n"),
    (lambda: wilson(1, 2).interval(95), "level must lie between 0 and 1, got 95"),
    (lambda: zero_event_upper(3, 1.0), "level must lie between"),
    (lambda: hoeffding_halfwidth(0), "n must be above 0"),
    (lambda: false_positive_upper(3, 2), "from 0 to n"),
    (lambda: korn_graubard([0, 2], [1, 2]), r"values\[1\] is 2, outside 0 to 1"),
    (lambda: wilson_clustered([0, 1.5], [1, 2]), "outside 0 to 1"),
    (lambda: bounded_mean([1, 6]), r"scores\[1\] is 6, outside 1 to 5"),
    (lambda: bounded_mean([1], low=5, high=1), "from a low to a high mark"),
    (lambda: graded_summary([1, -1, 0]), r"counts\[1\] must be a whole number"),
    (lambda: graded_summary([1, 1], severe_from=4), "severe ones among them"),
    (lambda: multinomial_limits([0.5]), "whole number"),
    (lambda: design_effect(400, 0.5, 0.1), "clusters of at least 1 row"),
    (lambda: stratified_rate([3], [2]), "from 0 to n in every stratum"),
    (lambda: stratified_rate([1, 1], [2]), "2 of x, 1 of n"),
    (lambda: category_averages([1, 1], [2, 2], ["a", "a"]), "1 different names"),
    (lambda: cluster_bootstrap([1.0]), "a table of numbers"),
    (lambda: cluster_bootstrap([[1.0, 1.0]] * 20, resamples=10), "1,000 resamples"),
)  # fmt: skip


@pytest.mark.parametrize(("call", "words"), BAD)
def test_bad_input_is_refused(call, words):
    """NaN would be missing data in disguise, a mark of 6 a mistake of a reader; each is named."""
    with pytest.raises(ValueError, match=words):
        call()


def test_no_width_is_no_interval():
    """What would be certainty is told as such: ten equal numbers have no t interval."""
    found = cluster_mean([3.0] * 10, range(10))

    assert found.no_interval == "no-variation"
    assert str(found) == "3, no interval (no-variation, n=10)"
    assert math.isinf(found.interval().width)


def test_large_data_is_quick_enough_to_be_read():
    """200,000 rows in 50,000 families are one call."""
    rng = np.random.default_rng(1)
    found = korn_graubard(rng.integers(0, 2, 200_000), np.repeat(np.arange(50_000), 4))

    assert found.clusters == 50_000
    assert 0.49 < found.interval().lower < found.interval().upper < 0.51


# -- the cluster bootstrap ----------------------------------------------------------------------


def _rows_of_families(rng, g=40, m=5):
    y = (rng.random(g * m) < np.repeat(rng.beta(1, 4, g), m)).astype(float)
    return y, np.repeat(np.arange(g), m)


def test_the_bootstrap_converges_to_the_formula():
    """Its standard error is CR0's, its interval near the t interval, and order does not matter."""
    y, c = _rows_of_families(np.random.default_rng(2))
    totals = cluster_totals(np.stack([y, np.ones_like(y)], 1), c)
    found, formula = cluster_bootstrap(totals, resamples=20_000), cluster_mean(y, c)

    assert found.se == pytest.approx(formula.se_cr0, rel=0.02)
    assert tuple(found.interval()) == pytest.approx(tuple(formula.interval()), abs=0.02)
    assert cluster_bootstrap(totals[::-1]).estimate == found.estimate


def test_the_bootstrap_of_few_clusters_says_nothing():
    """Under 10 no interval, under 30 a warning."""
    y, c = _rows_of_families(np.random.default_rng(2), g=12)
    totals = cluster_totals(np.stack([y, np.ones_like(y)], 1), c)

    assert cluster_bootstrap(totals[:9]).no_interval == "few-clusters"
    assert cluster_bootstrap(totals).caution == "12 clusters, under 30"
    assert cluster_bootstrap(np.ones((20, 2))).no_interval == "no-variation"
    assert cluster_bootstrap(np.zeros((20, 2))).undefined == "undefined-statistic"
    assert cluster_bootstrap(np.empty((0, 2))).undefined == "no-observations"


def test_resamples_without_a_value_are_counted():
    """A ratio of 0 to 0 in many of them leaves no interval, and none is left out in silence."""
    rare = np.zeros((20, 2))
    rare[0] = rare[1] = [1, 2]
    found = cluster_bootstrap(rare)

    assert found.lost > 0.05 * 4000
    assert found.no_interval == "undefined-resamples"


def test_the_bias_corrected_bootstrap_covers_a_ratio():
    """A ratio of means of skewed clusters, the truth known: 95 % within its binomial band."""
    rng = np.random.default_rng(10)
    hits = 0
    for run in range(300):
        table = np.stack([rng.gamma(1.0, 2.0, 60), rng.gamma(2.0, 2.0, 60)], 1)
        hits += 0.5 in cluster_bootstrap(table, resamples=1000, seed=run).interval()

    assert 0.90 <= hits / 300 <= 0.985


# -- coverage -----------------------------------------------------------------------------------


def _rates(rng, p, g, rho):
    """Family rates: beta with mean p and intra-family correlation rho."""
    k = (1 - rho) / rho
    return rng.beta(p * k, (1 - p) * k, g)


def _covered(interval, p, draws, rng, g, sizes, rho, *, informative=False):
    hits = 0
    for _ in range(draws):
        rates = _rates(rng, p, g, rho)
        m = rng.choice(sizes, g)
        if informative:
            # Misspecified: easier families are asked more often; the truth stays the family mean.
            m = np.where(rates > p, max(sizes), min(sizes))
        codes = np.repeat(np.arange(g), m)
        y = (rng.random(len(codes)) < rates[codes]).astype(float)
        weights = 1.0 / m[codes]
        hits += p in interval(y, codes, weights).interval()
    return hits / draws


def _naive(y, codes, weights):
    return wilson(int(y.sum()), len(y))


def _kg(y, codes, weights):
    return korn_graubard(y, codes, weights)


@pytest.mark.parametrize(("p", "g"), [(0.9, 20), (0.5, 50)])
def test_trap_18_families_not_rows_are_counted(p, g):
    """Korn-Graubard keeps its level on clustered data; Wilson on rows does not (negative control)."""
    rng = np.random.default_rng(18)
    kg = _covered(_kg, p, 500, rng, g, [5], 0.3)
    naive = _covered(_naive, p, 500, rng, g, [5], 0.3)

    assert kg >= 0.916
    assert naive < 0.90


def test_coverage_with_family_sizes_that_tell_of_the_rate():
    """VALIDITY 32, truth that is not the estimator's model: equal weights by family still cover."""
    rng = np.random.default_rng(32)

    assert _covered(_kg, 0.8, 500, rng, 40, [2, 10], 0.3, informative=True) >= 0.90


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("g", [20, 50, 200])
@pytest.mark.parametrize("rho", [0.1, 0.3])
def test_coverage_study(p, g, rho):
    """STATS section 10 at R = 2000: at least .9335, or .90 in the cells known to be hard."""
    rng = np.random.default_rng([int(1000 * p), g, int(10 * rho)])
    hard = g <= 20 or (p >= 0.97 and rho >= 0.3)

    assert _covered(_kg, p, 2000, rng, g, [1, 5, 10], rho) >= (0.90 if hard else 0.9335)


def test_bounded_mean_covers_near_the_floor():
    """99 % of marks at the floor: the t interval covers .87, this one must keep .93."""
    rng = np.random.default_rng(5)
    truth = 1 + 0.01 * 2
    hits = 0
    for _ in range(500):
        y = np.where(rng.random(200) < 0.01, 3, 1)
        hits += truth in bounded_mean(y).interval()

    assert hits / 500 >= 0.916


MARKS = np.arange(1.0, 6.0)
SHAPES = (
    (0.84, 0.06, 0, 0, 0.1), (0.75, 0.15, 0, 0, 0.1), (0.6, 0.3, 0, 0, 0.1), (0.5, 0.42, 0, 0, 0.08),
    (0.95, 0, 0, 0, 0.05), (0.7, 0.2, 0.05, 0.03, 0.02), (0.2, 0.2, 0.2, 0.2, 0.2),
    (0.05, 0.05, 0.1, 0.2, 0.6),
)  # fmt: skip


def _shares_covered(mean, shape, g, runs, rng):
    truth = float(MARKS @ shape)
    draws = rng.choice(MARKS, size=(runs, g), p=shape)
    return np.mean([truth in mean(y).interval() for y in draws])


def test_a_guarded_mean_covers_where_few_families_show_no_very_bad_mark():
    """The plain interval covers 84 % here; its misses are on the side of danger."""
    shape, rng = SHAPES[1], np.random.default_rng(16)

    assert _shares_covered(guarded_mean, shape, 16, 500, rng) >= 0.93
    assert _shares_covered(bounded_mean, shape, 16, 500, rng) < 0.90


@pytest.mark.slow
@pytest.mark.parametrize("g", [10, 16, 30, 60])
@pytest.mark.parametrize("shape", SHAPES)
def test_guarded_mean_coverage_study(shape, g):
    """2,000 runs a cell; the simulation's own error is .005."""
    rng = np.random.default_rng([g, *(int(100 * p) for p in shape)])

    assert _shares_covered(guarded_mean, shape, g, 2000, rng) >= 0.93


@given(st.lists(st.integers(1, 5), min_size=10, max_size=40), st.data())
def test_a_worse_mark_never_makes_the_upper_limit_better(marks, data):
    """A gate must not pass because a reply became worse.

    To .05, as the effective size is estimated. Equal marks off the floor are left out: there the
    plain interval is as wide as can be.
    """
    assume(len(set(marks)) > 1 or set(marks) == {1})
    worse, at = list(marks), data.draw(st.integers(0, len(marks) - 1))
    worse[at] = min(5, worse[at] + 1)
    before, after = (guarded_mean(y).interval() for y in (marks, worse))

    assert after.upper >= before.upper - 0.05


def test_a_guarded_mean_is_the_plain_one_where_marks_are_spread():
    """The guard is for what few families may not have shown."""
    y = [1, 5] * 10
    plain, guarded = bounded_mean(y), guarded_mean(y)

    assert tuple(guarded.interval()) == tuple(plain.interval())
    assert guarded.effective_n == 20
