"""What holds for every input, and what coverage simulation shows with known truth."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from dosimeter import stats

TRIALS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=60)


@given(TRIALS)
@pytest.mark.parametrize("interval", [stats.wilson, stats.clopper_pearson])
def test_limits_enclose_the_share_and_widen_with_the_level(interval, case):
    """Inside [0, 1], around x/n, and nested."""
    narrow, wide = interval(*case, level=0.8), interval(*case, level=0.99)

    assert 0 <= wide.lower <= narrow.lower <= narrow.value <= narrow.upper <= wide.upper <= 1


@given(TRIALS)
@pytest.mark.parametrize("interval", [stats.wilson, stats.clopper_pearson])
def test_trap_07_the_complement_mirrors_the_interval(interval, case):
    """Failures of n are successes seen from the other side, never something else."""
    x, n = case
    a, b = interval(x, n), interval(n - x, n)

    assert (a.lower, a.upper) == pytest.approx((1 - b.upper, 1 - b.lower), abs=1e-9)


@given(st.integers(1, 500))
@pytest.mark.parametrize("interval", [stats.wilson, stats.clopper_pearson])
def test_trap_05_no_interval_vanishes_at_the_ends(interval, n):
    """0 of n has an upper limit, n of n a lower one."""
    none, every = interval(0, n), interval(n, n)

    assert (none.lower, every.upper) == (0.0, 1.0)
    assert none.upper > 0
    assert every.lower < 1


def test_trap_19_nothing_observed_is_undefined_not_zero():
    """N = 0: no estimate, the whole range, and why."""
    for found in (
        stats.wilson(0, 0),
        stats.korn_graubard([], []),
        stats.bounded_mean_clustered([], []),
    ):
        assert math.isnan(found.value)
        assert found.reason == "no-observations"
    assert (stats.wilson(0, 0).lower, stats.wilson(0, 0).upper) == (0.0, 1.0)


def test_trap_19_one_cluster_has_no_standard_error():
    """It is undefined, not 0: the interval says nothing."""
    found = stats.korn_graubard([0, 1, 1], ["a"] * 3)

    assert (found.lower, found.upper, found.reason) == (0.0, 1.0, "one-cluster")
    assert math.isnan(stats.cluster_mean([0, 1, 1], ["a"] * 3).se_cr1)


@given(ROWS)
def test_clustered_limits_enclose_the_estimate(rows):
    """Whatever the clusters look like."""
    y, c = [r[0] for r in rows], [r[1] for r in rows]
    found = stats.korn_graubard(y, c)

    assert 0 <= found.lower <= found.value + 1e-12
    assert found.value <= found.upper + 1e-12 <= 1 + 1e-9
    assert found.upper > found.lower


@given(ROWS, st.floats(0.1, 10))
def test_equal_weights_change_nothing(rows, w):
    """The weighted estimator is the plain one when weights are equal."""
    y, c = [r[0] for r in rows], [r[1] for r in rows]
    a, b = stats.korn_graubard(y, c), stats.korn_graubard(y, c, [w] * len(y))

    assert (a.value, a.lower, a.upper) == pytest.approx(
        (b.value, b.lower, b.upper), rel=1e-6, abs=1e-9
    )


def test_order_of_rows_changes_nothing():
    """Estimates do not depend on who finished first."""
    rng = np.random.default_rng(3)
    y, c = rng.integers(1, 6, 80), rng.integers(0, 12, 80)
    p = rng.permutation(80)
    a, b = stats.bounded_mean_clustered(y, c), stats.bounded_mean_clustered(y[p], c[p])

    assert (a.value, a.lower, a.upper) == pytest.approx((b.value, b.lower, b.upper))


def test_bad_input_is_refused():
    """NaN would be missing data in disguise."""
    with pytest.raises(ValueError, match="leave missing ones out"):
        stats.cluster_mean([0.0, math.nan], [1, 2])
    with pytest.raises(ValueError, match="from 0 to n"):
        stats.wilson(3, 2)
    with pytest.raises(ValueError, match="from 1 to 5"):
        stats.bounded_mean([0, 2])


def test_planning_inverts():
    """The smallest difference at n is the one that needs n."""
    d = stats.mde_two_proportions(0.9, 400)
    paired = stats.mde_paired_proportions(60, 0.4)

    assert stats.sample_size_two_proportions(0.9, 0.9 - d) == pytest.approx(400, rel=1e-6)
    n = stats.sample_size_mcnemar((0.4 + paired) / 2, (0.4 - paired) / 2)
    assert n == pytest.approx(60, rel=1e-6)
    assert math.isnan(stats.mde_paired_proportions(3, 0.4))


def test_large_data_is_quick_enough_to_be_read():
    """200,000 rows in 50,000 families are one call."""
    rng = np.random.default_rng(1)
    found = stats.korn_graubard(rng.integers(0, 2, 200_000), np.repeat(np.arange(50_000), 4))

    assert found.clusters == 50_000
    assert 0.49 < found.lower < found.upper < 0.51


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
        found = interval(y, codes, weights)
        hits += found.lower <= p <= found.upper
    return hits / draws


def _naive(y, codes, weights):
    return stats.wilson(int(y.sum()), len(y))


def _kg(y, codes, weights):
    return stats.korn_graubard(y, codes, weights)


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
        found = stats.bounded_mean(y)
        hits += found.lower <= truth <= found.upper

    assert hits / 500 >= 0.916


MARKS = np.arange(1.0, 6.0)
SHAPES = (
    (0.84, 0.06, 0, 0, 0.1), (0.75, 0.15, 0, 0, 0.1), (0.6, 0.3, 0, 0, 0.1), (0.5, 0.42, 0, 0, 0.08),
    (0.95, 0, 0, 0, 0.05), (0.7, 0.2, 0.05, 0.03, 0.02), (0.2, 0.2, 0.2, 0.2, 0.2),
    (0.05, 0.05, 0.1, 0.2, 0.6),
)  # fmt: skip


def _shares_covered(interval, shape, g, runs, rng):
    truth = float(MARKS @ shape)
    draws = rng.choice(MARKS, size=(runs, g), p=shape)
    found = [interval(y, np.arange(g)) for y in draws]
    return np.mean([f.lower <= truth <= f.upper for f in found])


def test_a_guarded_mean_covers_where_few_families_show_no_very_bad_mark():
    """The plain interval covers 84 % here; its misses are on the side of danger."""
    shape, rng = SHAPES[1], np.random.default_rng(16)

    assert _shares_covered(stats.guarded_mean, shape, 16, 500, rng) >= 0.93
    assert _shares_covered(stats.bounded_mean_clustered, shape, 16, 500, rng) < 0.90


@pytest.mark.slow
@pytest.mark.parametrize("g", [10, 16, 30, 60])
@pytest.mark.parametrize("shape", SHAPES)
def test_guarded_mean_coverage_study(shape, g):
    """2,000 runs a cell; the simulation's own error is .005."""
    rng = np.random.default_rng([g, *(int(100 * p) for p in shape)])

    assert _shares_covered(stats.guarded_mean, shape, g, 2000, rng) >= 0.93


@given(st.lists(st.integers(1, 5), min_size=10, max_size=40), st.data())
def test_a_worse_mark_never_makes_the_upper_limit_better(marks, data):
    """A gate must not pass because a reply became worse.

    To .05, as the effective size is estimated. Equal marks off the floor are left out: there the
    plain interval is as wide as can be.
    """
    assume(len(set(marks)) > 1 or set(marks) == {1})
    worse, at = list(marks), data.draw(st.integers(0, len(marks) - 1))
    worse[at] = min(5, worse[at] + 1)
    before, after = (stats.guarded_mean(y, range(len(y))) for y in (marks, worse))

    assert after.upper >= before.upper - 0.05


def test_a_guarded_mean_is_the_plain_one_where_marks_are_spread():
    """The guard is for what few families may not have shown."""
    y = [1, 5] * 10
    plain, guarded = stats.bounded_mean(y), stats.guarded_mean(y, range(20))

    assert (guarded.lower, guarded.upper) == (plain.lower, plain.upper)
    assert guarded.effective_n == 20
