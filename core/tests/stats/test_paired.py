"""Two conditions on the same items: tests, intervals that never vanish, and equivalence that is shown."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats as reference
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar

from dosimeter.stats import paired
from dosimeter.stats.paired_means import unseen_limits
from dosimeter.stats.rate import wilson

TABLES = st.tuples(*[st.integers(0, 40)] * 4).filter(any)
LEVELS = st.sampled_from([0.01, 0.5, 0.9, 0.95, 0.999, 0.9999999])
INTERVALS = [paired.tango, paired.newcombe_paired]
ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=40
)


# -- published and independent numbers ------------------------------------------------------------


def test_published_tests_of_paired_shares():
    """Agresti (1990, p. 350) and the airway data of Fagerland et al. (2013)."""
    agresti = paired.paired_binary(794, 150, 86, 570)
    airways = paired.paired_binary(1, 1, 7, 12)

    assert (agresti.chi2, agresti.chi2_cc) == pytest.approx((17.356, 16.818), abs=6e-4)
    assert (airways.exact_p, airways.mid_p) == pytest.approx((0.0703, 0.0391), abs=6e-5)


def test_published_intervals_of_paired_shares():
    """The airway data, in Fagerland et al. (2014), Stat. Med. 33:2850."""
    tango, newcombe = (f(1, 1, 7, 12).interval() for f in INTERVALS)

    assert tuple(tango) == pytest.approx((-0.517, -0.026), abs=6e-4)
    assert tuple(newcombe) == pytest.approx((-0.507, -0.026), abs=6e-4)


@pytest.mark.parametrize("table", [(59, 6, 16, 80), (40, 1, 8, 2), (3, 9, 12, 2), (20, 2, 1, 2)])
def test_newcombe_is_a_quadratic_form_in_the_correlation_of_rows(table):
    """From the rows themselves: distances to Wilson's limits, and their correlation."""
    rows = np.repeat([(1, 1), (1, 0), (0, 1), (0, 0)], table, axis=0)
    n, p = len(rows), rows.mean(axis=0)
    phi = np.corrcoef(rows.T)[0, 1]
    if phi > 0:
        phi = max(0, phi - 1 / (2 * n * rows.std(axis=0).prod()))
    wilsons = [wilson(rows[:, k].sum(), n).interval() for k in (0, 1)]
    down = np.array([p[0] - wilsons[0].lower, wilsons[1].upper - p[1]])
    up = np.array([wilsons[0].upper - p[0], p[1] - wilsons[1].lower])
    form = np.array([[1, -phi], [-phi, 1]])
    reach = [math.sqrt(v @ form @ v) for v in (down, up)]
    found = paired.newcombe_paired(*table)

    assert tuple(found.interval()) == pytest.approx(
        (p[0] - p[1] - reach[0], p[0] - p[1] + reach[1])
    )


@pytest.mark.parametrize("seed", range(5))
def test_mcnemar_agrees_with_statsmodels(seed):
    """Exact, asymptotic and corrected, on random tables."""
    a, b, c, d = (int(x) for x in np.random.default_rng(seed).integers(1, 60, 4))
    found, table = paired.paired_binary(a, b, c, d), [[a, b], [c, d]]

    assert found.exact_p == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)
    plain, corrected = (mcnemar(table, exact=False, correction=k) for k in (False, True))
    assert (found.chi2, found.chi2_p) == pytest.approx((plain.statistic, plain.pvalue))
    assert (found.chi2_cc, found.chi2_cc_p) == pytest.approx(
        (corrected.statistic, corrected.pvalue)
    )


@pytest.mark.parametrize("seed", range(4))
def test_paired_t_agrees_with_scipy(seed):
    """Estimate, interval and probability of 40 pairs of marks."""
    a, b = np.random.default_rng(seed).integers(1, 6, (2, 40))
    found, theirs = paired.paired_graded(a, b), reference.ttest_rel(b, a)

    assert found.p_value() == pytest.approx(theirs.pvalue)
    assert tuple(found.interval(0.9)) == pytest.approx(tuple(theirs.confidence_interval(0.9)))


@pytest.mark.parametrize("seed", range(4))
def test_sign_flips_agree_with_scipy(seed):
    """The exact distribution of twelve pairs, all 4,096 flips."""
    rng = np.random.default_rng(seed)
    d = rng.normal(0.4, 1, 12)
    theirs = reference.permutation_test(
        (d,), np.sum, permutation_type="samples", n_resamples=np.inf
    )

    assert paired.flip_p(d) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_drawn_flips_come_near_the_exact_ones():
    """Where sums are too many to count, draws take their place: within 3 errors."""
    d = np.random.default_rng(3).normal(0.5, 1, 18)
    exact = reference.permutation_test(
        (d,), np.sum, permutation_type="samples", n_resamples=np.inf
    ).pvalue

    assert 0.005 < exact < 0.5
    assert paired.flip_p(d) == pytest.approx(exact, abs=3 * math.sqrt(exact / 20_000))


@pytest.mark.parametrize("seed", range(4))
def test_clustered_differences_agree_with_statsmodels(seed):
    """CR1 without the small-sample factor for parameters, t on G - 1."""
    rng = np.random.default_rng(seed)
    cluster = np.sort(rng.integers(0, 12, 80))
    a, b = rng.random((2, 80))
    found = paired.paired_clustered(a, b, cluster)
    theirs = OLS(b - a, np.ones(80)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "df_correction": True}, use_t=True
    )
    g = len(np.unique(cluster))
    factor = math.sqrt((g / (g - 1)) / (g / (g - 1) * 79 / 79))

    assert found.se == pytest.approx(theirs.bse[0] * factor)
    assert found.p_value() == pytest.approx(theirs.pvalues[0])
    assert tuple(found.interval()) == pytest.approx(tuple(theirs.conf_int()[0]))


def _score(b, c, n, delta):
    """Tango's statistic with the constrained likelihood maximised numerically, not by formula."""
    q = np.linspace(max(0.0, -delta), (1 - delta) / 2, 200_001)[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.maximum(1 - 2 * q - delta, 1e-300)
        likelihood = (
            b * np.log(np.maximum(q + delta, 1e-300))
            + c * np.log(np.maximum(q, 1e-300))
            + (n - b - c) * np.log(rest)
        )
    best = q[np.argmax(likelihood)]
    return (b - c - n * delta) / math.sqrt(n * (2 * best + delta - delta**2))


@pytest.mark.parametrize("table", [(20, 9, 3, 8), (5, 4, 0, 1), (0, 0, 6, 30), (30, 2, 2, 1)])
def test_tango_limits_solve_the_score_equation(table):
    """At each limit the numerically maximised score is z."""
    _, b, c, _ = table
    lower, upper = paired.tango(*table).interval(0.9)
    z = reference.norm.ppf(0.95)

    assert _score(b, c, sum(table), lower) == pytest.approx(z, abs=2e-3)
    assert _score(b, c, sum(table), upper) == pytest.approx(-z, abs=2e-3)


def test_tango_has_a_closed_form_without_pairs_that_differ():
    """z^2 / (n + z^2), either way."""
    z2 = reference.norm.ppf(0.975) ** 2

    assert paired.tango(60, 0, 0, 40).interval().upper == pytest.approx(z2 / (100 + z2), abs=1e-12)


# -- what holds for every table --------------------------------------------------------------------


@given(TABLES, LEVELS)
@pytest.mark.parametrize("method", INTERVALS)
def test_paired_limits_enclose_the_difference_and_never_meet(method, table, level):
    """Inside [-1, 1], around the estimate, wider at a higher level."""
    found = method(*table)
    inner, outer = found.interval(level), found.interval((1 + level) / 2)

    assert -1 <= outer.lower <= inner.lower <= found.estimate <= inner.upper <= outer.upper <= 1
    assert inner.width > 0
    assert not inner.undefined


@given(TABLES)
@pytest.mark.parametrize("method", INTERVALS)
def test_swapping_conditions_turns_the_interval(method, table):
    """A less B is B less A from the other side; and what counts as the event does not matter."""
    a, b, c, d = table
    found, swapped, renamed = method(a, b, c, d), method(a, c, b, d), method(d, c, b, a)

    assert tuple(found.interval()) == pytest.approx(
        (-swapped.interval().upper, -swapped.interval().lower), abs=1e-9
    )
    assert tuple(renamed.interval()) == pytest.approx(tuple(swapped.interval()), abs=1e-9)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_tango_rises_with_the_pairs_that_speak_for_it(b, c, rest):
    """One pair moved from neither to the first takes both limits up, or leaves them."""
    before, after = paired.tango(rest, b, c, 0), paired.tango(rest - 1, b + 1, c, 0)

    assert after.interval().lower >= before.interval().lower - 1e-12
    assert after.interval().upper >= before.interval().upper - 1e-12


@given(TABLES)
def test_mid_p_lies_below_the_exact_probability(table):
    """Both within (0, 1], and alike whichever condition comes first."""
    a, b, c, d = table
    found, swapped = paired.paired_binary(a, b, c, d), paired.paired_binary(a, c, b, d)

    assert 0 < found.mid_p <= found.exact_p <= 1
    assert (found.mid_p, found.exact_p) == (swapped.mid_p, swapped.exact_p)


def test_degenerate_tables_of_mcnemar():
    """No pair differs: probability 1. Equal halves: 1 less half the chance of just that."""
    none, equal = paired.paired_binary(9, 0, 0, 3), paired.paired_binary(4, 2, 2, 4)

    assert (none.chi2, none.chi2_cc, none.exact_p, none.mid_p, none.chi2_p) == (0, 0, 1, 1, 1)
    assert equal.mid_p == pytest.approx(1 - 6 / 16 / 2)
    assert equal.exact_p == 1


def test_wald_says_nothing_where_it_would_be_certain():
    """No variation, one pair, no pairs: an estimate or none, and no interval of no width."""
    assert paired.wald_paired(95, 0, 0, 5).interval().undefined == "no-variation"
    assert paired.wald_paired(0, 7, 0, 0).interval().undefined == "no-variation"
    assert paired.wald_paired(0, 1, 0, 0).interval().undefined == "one-observation"
    assert paired.wald_paired(0, 0, 0, 0).undefined == "no-observations"


@given(ROWS)
@settings(deadline=None)
def test_clustered_differences_depend_on_neither_order_nor_names(rows):
    """Rows shuffled and clusters renamed: the same; conditions swapped: turned."""
    a, b, c = (np.array(column) for column in zip(*rows, strict=True))
    found = paired.paired_clustered(a, b, c)
    p = np.random.default_rng(1).permutation(len(a))
    same = paired.paired_clustered(a[p], b[p], [f"family {k}" for k in c[p]])
    turned = paired.paired_clustered(b, a, c)

    assert tuple(same.interval()) == pytest.approx(tuple(found.interval()), abs=1e-9)
    assert tuple(turned.interval()) == pytest.approx(
        (-found.interval().upper, -found.interval().lower), abs=1e-9
    )
    assert found.interval().width > 0
    assert found.p_value() == pytest.approx(turned.p_value(), nan_ok=True)


def test_equal_weights_change_nothing_and_weights_of_0_take_rows_away():
    """The scale of weights does not matter, and what weighs nothing moves nothing."""
    rng = np.random.default_rng(2)
    a, b, c = rng.random(30), rng.random(30), np.arange(30) // 3
    plain = paired.paired_clustered(a, b, c)
    equal = paired.paired_clustered(a, b, c, np.full(30, 7.0))
    wild = paired.paired_clustered(
        np.r_[a, 0, 0], np.r_[b, 1, 1], np.r_[c, 0, 1], np.r_[np.ones(30), 0, 0]
    )

    assert tuple(equal.interval()) == pytest.approx(tuple(plain.interval()))
    assert wild.estimate == pytest.approx(plain.estimate)
    assert wild.se == pytest.approx(plain.se)


# -- data that say little --------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.0, 0.1, 1.0])
def test_clusters_that_all_agree_prove_no_certainty(value):
    """All differences alike: the limits leave room for what as many clusters may have missed."""
    a = np.zeros(60)
    found = paired.paired_clustered(a, a + value, np.arange(60) // 3)
    lower, upper = found.interval()

    assert found.method == "paired-cr1-unseen"
    assert (lower, upper) == pytest.approx(
        [max(-1, x) for x in np.minimum(1, unseen_limits(value, 20, 1, 0.95))]
    )
    assert lower < value <= upper
    assert upper - lower > 0.15
    assert found.p_value() == pytest.approx(1.0 if value == 0 else 2.0**-19)


def test_clusters_of_unlike_weight_count_for_fewer():
    """Kish: one cluster with most of the weight leaves nearly everything open."""
    y = [1] * 10
    alike = paired.paired_clustered(y, y, range(10)).interval()
    unlike = paired.paired_clustered(y, y, range(10), [100.0] + [1.0] * 9).interval()

    assert alike.upper == pytest.approx(0.3085, abs=1e-4)
    assert unlike.upper > 0.9


def test_values_without_a_scale_have_no_limits_where_nothing_varies():
    """What none of them showed could be of any size."""
    found = paired.paired_clustered([70.0, 80.0], [71.0, 81.0], ["a", "b"], scale=None)

    assert found.estimate == 1
    assert found.interval().undefined == "no-variation"
    assert (
        paired.paired_clustered([7.0, 80.0], [9.0, 81.0], ["a", "b"], scale=None).interval().upper
        > 7
    )


def test_trap_19_no_pairs_and_one_cluster_are_undefined_with_a_reason():
    """Never 0, never an error."""
    assert paired.tango(0, 0, 0, 0).undefined == "no-observations"
    assert tuple(paired.tango(0, 0, 0, 0).interval()) == (-1, 1)
    assert math.isnan(paired.paired_binary(0, 0, 0, 0).mid_p)
    assert paired.paired_clustered([], [], []).undefined == "no-observations"
    assert math.isnan(paired.paired_clustered([], [], []).p_value())
    lone = paired.paired_clustered([0, 1, 1], [1, 1, 1], ["a"] * 3)
    assert (lone.interval().undefined, math.isnan(lone.p_value())) == ("one-cluster", True)
    assert paired.paired_graded([], []).undefined == "no-observations"
    assert paired.paired_graded([3], [4]).interval().undefined == "one-cluster"
    assert math.isnan(paired.flip_p([]))


def test_few_marks_are_tested_by_flipping_signs():
    """Under 30 pairs, or where nothing varies, t's probability is not the one that is quoted."""
    few = paired.paired_graded([1] * 6, [2, 3, 2, 4, 2, 2])
    same = paired.paired_graded([1] * 50, [2] * 50)

    assert few.p_value() == pytest.approx(2 / 64)
    assert few.t_p_value() < few.p_value()
    assert same.p_value() == pytest.approx(2.0**-49)
    assert same.interval().lower < 1 < same.interval().upper
    assert math.isnan(same.t_p_value())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: paired.tango(1, -2, 0, 0), "only_first must be a whole number"),
        (lambda: paired.paired_binary(1, 2, 0.5, 0), "only_second must be a whole number"),
        (
            lambda: paired.paired_graded([1, 6], [1, 2]),
            r"first\[1\] is 6, outside the scale 1 to 5",
        ),
        (
            lambda: paired.paired_clustered([1, 4], [1, 2], "ab"),
            r"outside the scale 0 to 1: name another",
        ),
        (lambda: paired.paired_clustered([1, 0], [1], [1, 2]), "rows must belong together"),
        (
            lambda: paired.paired_clustered([1, 0], [1, math.nan], [1, 2]),
            r"second\[1\] is not a number",
        ),
        (
            lambda: paired.paired_clustered([1, 0], [1, 1], [1, 2], [-1, 1]),
            "weights are at least 0",
        ),
        (lambda: paired.paired_graded([1], [2], scale=(5, 1)), "scale must be a lowest"),
        (lambda: paired.paired_equivalence(1, 2, 3, 4, 0), "needs a margin above 0"),
        (lambda: paired.paired_equivalence(1, 2, 3, 4, 0.1, 0.6), "alpha between 0 and 0.5"),
    ],
)
def test_wrong_data_are_refused_in_words(call, words):
    """What, where, and what instead."""
    with pytest.raises(ValueError, match=words):
        call()


# -- equivalence -----------------------------------------------------------------------------------


def test_not_significant_is_not_equivalent():
    """Few items: neither a difference nor equivalence. Many: equivalent, clustered or not."""
    few, many = (
        paired.paired_equivalence(90, 3, 4, 3, 0.02),
        paired.paired_equivalence(9000, 300, 310, 390, 0.02),
    )
    none = paired.paired_equivalence(0, 0, 0, 0, 0.5)

    assert 0 in paired.tango(90, 3, 4, 3).interval()
    assert not few.equivalent
    assert many.equivalent
    assert (none.equivalent, none.reason) == (False, "no-observations")
    assert many.limits == tuple(paired.tango(9000, 300, 310, 390).interval(0.9))
    for b, c in ((400, 10), (10, 400)):
        assert not paired.paired_equivalence(1000, b, c, 1000, 0.02).equivalent
    y = np.tile([0, 1], 300)
    assert paired.equivalence(paired.paired_clustered(y, y, np.arange(600) // 2), 0.02).equivalent
    assert not paired.equivalence(
        paired.paired_clustered(y, y, np.arange(600) // 60), 0.02
    ).equivalent


def test_equivalence_is_rarely_claimed_of_a_difference_as_large_as_the_margin():
    """At the margin two one-sided tests err in at most 5 % of runs."""
    rng = np.random.default_rng(11)
    tables = rng.multinomial(400, [0.85, 0.075, 0.025, 0.05], 1500)
    wrong = [paired.paired_equivalence(*map(int, t), margin=0.05).equivalent for t in tables]

    assert np.mean(wrong) < 0.07


# -- simulation with known truth --------------------------------------------------------------------


def _tables(p1, p2, phi, n, runs, seed):
    both = p1 * p2 + phi * math.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    cells = [both, p1 - both, p2 - both, 1 - p1 - p2 + both]
    return np.random.default_rng(seed).multinomial(n, cells, runs)


@pytest.mark.parametrize(
    ("p1", "p2", "phi", "n"), [(0.95, 0.93, 0.3, 100), (0.5, 0.4, 0.3, 50), (0.9, 0.9, 0.5, 30)]
)
def test_tango_covers_and_wald_does_not(p1, p2, phi, n):
    """99.9 % band of 2,000 runs, lower end; Newcombe is wider, and Wald is the rival that fails."""

    @cache
    def inside(*table):
        made = [
            f(*table).interval() for f in (paired.tango, paired.newcombe_paired, paired.wald_paired)
        ]
        return [p1 - p2 in i and not i.undefined for i in made]

    tango, newcombe, wald = np.mean(
        [inside(*map(int, t)) for t in _tables(p1, p2, phi, n, 2000, 4)], axis=0
    )
    assert tango >= 0.9335
    assert newcombe >= tango - 0.02
    if n < 50:
        assert wald < 0.9335


def test_mid_p_keeps_its_level_better_than_the_exact_test():
    """Under no difference: at most the band around .05, and nearer to it than the exact test."""
    tables = _tables(0.8, 0.8, 0.4, 100, 2000, 5)
    found = [paired.mcnemar_p(int(b), int(c)) for _, b, c, _ in tables]
    exact, mid = np.mean(np.array(found) <= 0.05, axis=0)

    assert exact < mid <= 0.0665
    assert mid >= 0.03


def _runs(rng, g, m, p, fall, rho, runs):
    """Draw families with rates, the second condition's lower by a part that differs by family."""
    k = (1 - rho) / rho
    first = rng.beta(p * k, (1 - p) * k, (runs, g))
    second = first * (1 - np.clip(fall + rng.normal(0, 0.2, (runs, g)), 0, 1))
    shape = (runs, g, m)
    a = rng.random(shape) < first[..., None]
    return (
        a.reshape(runs, -1),
        (rng.random(shape) < second[..., None]).reshape(runs, -1),
        (second - first).mean(),
    )


@pytest.mark.parametrize(("g", "m", "p"), [(20, 5, 0.5), (50, 5, 0.1), (50, 1, 0.03)])
def test_clustered_differences_cover(g, m, p):
    """R = 1,000, lower end of the 99.9 % band; truth is no normal model, and near the floor too."""
    a, b, truth = _runs(np.random.default_rng(6), g, m, p, 0.3, 0.3, 1000)
    cluster = np.repeat(np.arange(g), m)
    inside = [
        truth in paired.paired_clustered(x, y, cluster).interval()
        for x, y in zip(a, b, strict=True)
    ]

    assert np.mean(inside) >= 0.926


def test_rows_taken_for_families_do_not_cover():
    """The naive rival: differences that families share, counted as if each row were one."""
    rng = np.random.default_rng(7)
    shift = rng.normal(0, 0.25, (400, 20, 1))
    y = np.clip(0.5 + shift + rng.normal(0, 0.1, (400, 20, 5)), 0, 1).reshape(400, -1)
    cluster = np.repeat(np.arange(20), 5)
    zero = np.full(100, 0.5)
    by_family = [0 in paired.paired_clustered(zero, row, cluster).interval() for row in y]
    by_row = [0 in paired.paired_clustered(zero, row, range(100)).interval() for row in y]

    assert np.mean(by_family) >= 0.91
    assert np.mean(by_row) < 0.8
