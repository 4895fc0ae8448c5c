"""How many it takes: published sample sizes, powers that simulation reaches, and what families limit."""

import math
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats as reference
from statsmodels.stats.power import NormalIndPower, TTestIndPower, TTestPower
from statsmodels.stats.proportion import proportion_effectsize

from dosimeter.stats import planning
from dosimeter.stats.paired import mcnemar_p
from dosimeter.stats.rate import clopper_pearson, wilson

SHARES = st.floats(0.02, 0.98)


# -- published and independent numbers ------------------------------------------------------------


def test_published_sample_sizes():
    """R's power.prop.test, power.t.test (power and n), and the plan for 95 against 93 and 97 %."""
    assert planning.sample_size_two_proportions(0.5, 0.75, power=0.9) == pytest.approx(
        76.7, abs=0.05
    )
    assert planning.power_two_sample_t(20, 1, 1) == pytest.approx(0.8689528, abs=1e-6)
    assert planning.sample_size_two_sample_t(1, 1, power=0.9) == pytest.approx(22.0211, abs=2e-5)
    unpaired = [math.ceil(planning.sample_size_two_proportions(0.95, p)) for p in (0.93, 0.97)]
    assert unpaired == [2213, 1506]


@pytest.mark.parametrize(
    ("p2", "pairs", "most", "at_most"),
    [
        (0.93, [2215, 1997, 1779, 1561, 1124, 688], 0.836, 391),
        (0.97, [1509, 1363, 1217, 1071, 780, 488], 0.767, 391),
    ],
)
def test_pairs_by_correlation_are_as_tabulated(p2, pairs, most, at_most):
    """95 % against 93 or 97 %, by the correlation of outcomes; the exact mid-p power there is .80-.89."""
    phis = [0, 0.1, 0.2, 0.3, 0.5, 0.7, planning.phi_max(0.95, p2)]
    found = [math.ceil(planning.sample_size_mcnemar_phi(0.95, p2, phi)) for phi in phis]

    assert found == [*pairs, at_most]
    assert planning.phi_max(0.95, p2) == pytest.approx(most, abs=5e-4)
    for phi, n in zip(phis, found, strict=True):
        power = planning.power_mcnemar_exact(n, *planning.split_discordant(0.95, p2, phi)).mid_p
        assert 0.80 <= power <= 0.895


def test_a_hundred_prompts_do_not_tell_95_from_93_or_97():
    """The claim, checked: at 95 % the interval is 88.8 to 97.8, power 8.5 and 9.5 %; and so on."""
    lower, upper = wilson(95, 100).interval()
    power = {
        n: [planning.power_two_proportions(0.95, p, n) for p in (0.93, 0.97)]
        for n in (100, 1000, 5000)
    }

    assert (lower, upper) == pytest.approx((0.8882, 0.9785), abs=6e-5)
    assert wilson(50, 100).interval().width / 2 == pytest.approx(0.0962, abs=5e-5)
    assert power[100] == pytest.approx([0.085, 0.095], abs=5e-4)
    assert power[1000] == pytest.approx([0.47, 0.63], abs=5e-3)
    assert power[5000] == pytest.approx([0.988, 0.999], abs=5e-4)
    for p, most in ((0.93, 0.836), (0.97, 0.766)):
        for phi in np.linspace(0, most, 8):
            cells = planning.split_discordant(0.95, p, phi)
            assert planning.power_mcnemar_exact(100, *cells).mid_p < 0.09


@pytest.mark.parametrize(
    ("p", "halves"),
    [
        (0.5, (9.62, 3.09, 1.39)),
        (0.93, (5.16, 1.59, 0.71)),
        (0.95, (4.51, 1.36, 0.60)),
        (0.97, (3.71, 1.07, 0.47)),
    ],
)
def test_half_widths_are_as_tabulated_and_invert(p, halves):
    """Percentage points at 100, 1,000 and 5,000; that many are needed for them."""
    for n, half in zip((100, 1000, 5000), halves, strict=True):
        exact = wilson(p * n, n).interval().width / 2
        assert 100 * exact == pytest.approx(half, abs=5.1e-3)
        assert planning.sample_size_wilson_halfwidth(p, exact + 1e-12) == n


@pytest.mark.parametrize("p2", [0.3, 0.45, 0.7])
def test_sizes_and_powers_agree_with_statsmodels(p2):
    """Arcsine, two-sample t and paired t."""
    h = proportion_effectsize(0.5, p2)
    theirs = NormalIndPower().solve_power(h, alpha=0.01, power=0.9)
    assert planning.sample_size_two_proportions_arcsine(0.5, p2, 0.01, 0.9) == pytest.approx(
        theirs, rel=1e-6
    )
    d, n = abs(p2 - 0.5) * 3, 14
    assert planning.power_two_sample_t(n, d, 1) == pytest.approx(
        TTestIndPower().power(d, n, 0.05), abs=1e-9
    )
    assert planning.sample_size_two_sample_t(d, 1) == pytest.approx(
        TTestIndPower().solve_power(d, alpha=0.05, power=0.8), rel=1e-5
    )
    assert planning.mde_paired_mean(n, 2.0) == pytest.approx(
        2 * TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8), rel=1e-5
    )


@pytest.mark.parametrize(
    ("n", "p10", "p01", "alpha"), [(12, 0.3, 0.1, 0.05), (7, 0.9, 0.1, 0.2), (25, 0.2, 0, 0.01)]
)
def test_exact_power_is_the_sum_over_all_tables(n, p10, p01, alpha):
    """Every trinomial outcome, each with its own test."""
    whole = np.zeros(2)
    for b in range(n + 1):
        for c in range(n + 1 - b):
            chance = reference.multinomial.pmf(
                [b, c, n - b - c], n, [p10, p01, max(0, 1 - p10 - p01)]
            )
            whole += chance * (np.array(mcnemar_p(b, c)) <= alpha)
    found = planning.power_mcnemar_exact(n, p10, p01, alpha)

    assert (found.exact, found.mid_p) == pytest.approx(tuple(whole), abs=1e-10)


@pytest.mark.parametrize(("n", "p1", "p2"), [(9, 0.9, 0.4), (30, 0.5, 0.5), (4, 0, 1)])
def test_exact_power_of_the_z_test_is_the_sum_over_all_outcomes(n, p1, p2):
    """Each pair of counts, pooled."""
    x, y = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    pooled = (x + y) / (2 * n)
    with np.errstate(invalid="ignore"):
        z = np.nan_to_num(np.abs(x - y) / n / np.sqrt(2 * pooled * (1 - pooled) / n))
    weight = reference.binom.pmf(x, n, p1) * reference.binom.pmf(y, n, p2)

    assert planning.power_two_proportions(p1, p2, n) == pytest.approx(
        weight[z >= 1.959964].sum(), abs=1e-12
    )


def test_exact_power_of_thousands_of_pairs_is_quick():
    """5,000 pairs within a second."""
    start = perf_counter()
    found = planning.power_mcnemar_exact(5000, 0.05, 0.04)

    assert perf_counter() - start < 1
    assert 0.6 < found.exact < found.mid_p < 0.75


def test_whitehead_of_two_levels_is_a_test_of_two_shares():
    """Near the binary size, and the shift has the odds ratio that it was given."""
    found = planning.sample_size_ordinal_whitehead([0.7, 0.3], 1.8)
    p = found.p_treated[1]

    assert p / (1 - p) / (0.3 / 0.7) == pytest.approx(1.8)
    assert found.n_total / 2 == pytest.approx(
        planning.sample_size_two_proportions(0.3, p), rel=0.03
    )
    half = planning.sample_size_ordinal_whitehead([0.7, 0.3], 1.8, allocation=0.5)
    turned = planning.sample_size_ordinal_whitehead(half.p_treated, 1 / 1.8, allocation=2)
    assert half.n_total == pytest.approx(turned.n_total)
    assert half.n_total > found.n_total


# -- what holds always -----------------------------------------------------------------------------


@given(SHARES, SHARES)
def test_what_counts_as_the_event_changes_no_size(p1, p2):
    """Swapping arms, or naming the complement, leaves the number."""
    if abs(p1 - p2) < 1e-3:
        p2 = p1 / 2
    sizes = [planning.sample_size_two_proportions, planning.sample_size_two_proportions_arcsine]
    for size in sizes:
        assert (
            size(p1, p2)
            == pytest.approx(size(p2, p1))
            == pytest.approx(size(1 - p1, 1 - p2), rel=1e-6)
        )
        assert size(p1, p2, power=0.9) > size(p1, p2) > size(p1, p2, alpha=0.1)


@given(st.floats(0.05, 0.95), st.integers(200, 5000), st.sampled_from(["decrease", "increase"]))
def test_the_smallest_difference_is_the_one_that_needs_that_many(p, n, direction):
    """The inverse of the sample size, either way; NaN only where none is large enough."""
    found = planning.mde_two_proportions(p, n, direction=direction)
    sign = 1 if direction == "increase" else -1

    if math.isnan(found):
        end = 1.0 if direction == "increase" else 0.0
        assert planning.sample_size_two_proportions(p, end) > n
    else:
        assert planning.sample_size_two_proportions(p, p + sign * found) == pytest.approx(
            n, rel=1e-6
        )


@given(st.integers(30, 3000), st.floats(0.02, 1))
def test_the_smallest_paired_difference_inverts(n, discordant):
    """At most the share of pairs that differ, or NaN."""
    found = planning.mde_paired_proportions(n, discordant)

    if not math.isnan(found):
        assert 0 < found <= discordant
        half = found / 2
        size = planning.sample_size_mcnemar(discordant / 2 + half, discordant / 2 - half)
        assert size == pytest.approx(n, rel=1e-6)


@given(st.floats(0.01, 0.99), st.floats(0.004, 0.3))
def test_half_widths_take_the_least_number(p, half):
    """That many are enough, and one less is not."""
    n = planning.sample_size_wilson_halfwidth(p, half)

    assert wilson(p * n, n).interval().width / 2 <= half
    assert n == 1 or wilson(p * (n - 1), n - 1).interval().width / 2 > half


# -- families --------------------------------------------------------------------------------------


def test_families_and_not_attacks_take_an_upper_limit_down():
    """VALIDITY 1: 80 families leave 4.5 %; sequentially, a 5 % gate takes 158 and a 2 % gate 451."""
    assert clopper_pearson(0, 80).interval().upper == pytest.approx(0.045, abs=5e-4)
    n = planning.families_for_upper_limit(0.045077)
    assert n == 80
    assert planning.families_for_upper_limit(0.03, sides=1) == math.ceil(
        math.log(0.05) / math.log(0.97)
    )
    assert planning.families_for_sequential_gate(0.05) == 158
    assert planning.families_for_sequential_gate(0.02) == 451


def test_more_attacks_on_a_family_stop_helping():
    """The effective size stays below families / icc, however many rows there are."""
    sizes = [
        planning.detectable(50, 0.3, rows=m, icc=0.25).effective_n for m in (1, 10, 100, 10_000)
    ]

    assert sizes == sorted(sizes)
    assert sizes[0] == 50
    assert sizes[-1] < 50 / 0.25
    assert planning.families_for_difference(0.95, 0.93, 0.5, rows=10_000, icc=0.25) >= 1124 * 0.25


def test_more_comparisons_see_less():
    """Planned at alpha over their number; what cannot be seen is said to be."""
    one, ten = (planning.detectable(80, 0.2, comparisons=k) for k in (1, 10))

    assert ten.alpha == pytest.approx(0.005)
    assert ten.difference > one.difference
    plans = [planning.families_for_difference(0.9, 0.8, 0.3, comparisons=k) for k in (1, 10)]
    assert plans[1] == math.ceil(planning.sample_size_mcnemar_phi(0.9, 0.8, 0.3, 0.005)) > plans[0]
    assert one.difference == planning.mde_paired_proportions(80, 0.2)
    assert "no difference would be seen" in str(planning.detectable(5, 0.1))


def test_families_for_a_half_width_convert_rows():
    """Five rows each that are half alike are five thirds of one."""
    rows = planning.families_for_halfwidth(0.9, 0.05)

    assert rows == planning.sample_size_wilson_halfwidth(0.9, 0.05)
    assert planning.families_for_halfwidth(0.9, 0.05, rows=5, icc=0.5) == math.ceil(rows * 3 / 5)
    assert planning.families_for_halfwidth(0.9, 0.05, rows=5, icc=1) == rows


# -- simulation, and bad data ----------------------------------------------------------------------


@pytest.mark.parametrize(("p1", "p2", "phi"), [(0.7, 0.6, 0.3), (0.9, 0.83, 0.4)])
def test_planned_pairs_have_the_power_that_was_planned(p1, p2, phi):
    """The chi-square test at Connor's number: .80 within .04."""
    p10, p01 = planning.split_discordant(p1, p2, phi)
    n = math.ceil(planning.sample_size_mcnemar(p10, p01))
    b, c, _ = np.random.default_rng(2).multinomial(n, [p10, p01, 1 - p10 - p01], 4000).T
    chi2 = (b - c) ** 2 / np.maximum(b + c, 1)

    assert np.mean(chi2 >= 3.841459) == pytest.approx(0.8, abs=0.04)


def test_planned_marks_have_the_power_that_was_planned():
    """Whitehead's number, by the rank test on marks: .80 within .04."""
    control = [0.6, 0.2, 0.1, 0.06, 0.04]
    plan = planning.sample_size_ordinal_whitehead(control, 1.8)
    n, rng = math.ceil(plan.n_total / 2), np.random.default_rng(3)
    a, b = (rng.choice(5, (600, n), p=p) for p in (control, plan.p_treated))
    p = reference.mannwhitneyu(a, b, axis=1, method="asymptotic").pvalue

    assert np.mean(p <= 0.05) == pytest.approx(0.8, abs=0.05)


def test_a_difference_beyond_doubt_is_seen():
    """Where the other tail is too small for a double, scipy's function has NaN; the power is 1."""
    for shift in (5, 9, 20, 45, 300, 5000):
        assert planning.power_two_sample_t(50, shift, 1) == pytest.approx(1.0)
    assert planning.power_paired_mean(90, 0.3, 0.33, 0.01) == pytest.approx(1.0)
    assert planning.sample_size_two_sample_t(30, 1) < 2


def test_what_cannot_be_planned_is_undefined():
    """A single observation, no share of pairs that differ, a share at the end of its scale."""
    assert math.isnan(planning.power_two_sample_t(1, 1, 1))
    assert math.isnan(planning.mde_paired_mean(1, 1))
    assert math.isnan(planning.mde_paired_proportions(100, 0))
    assert math.isnan(planning.mde_two_proportions(0, 100))
    assert math.isnan(planning.mde_two_proportions(0.01, 10))
    assert math.isnan(planning.phi_max(0, 0.5))
    assert planning.power_mcnemar_exact(50, 0, 0).mid_p == 0
    assert planning.power_two_sample_t(5, 1e9, 1) == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: planning.sample_size_two_proportions(0.5, 0.5),
            "from itself: give two that differ",
        ),
        (lambda: planning.sample_size_two_proportions(0.5, 1.5), "p2 must be from 0 to 1"),
        (lambda: planning.sample_size_two_proportions(0.5, math.nan), "p2 must be from 0 to 1"),
        (lambda: planning.sample_size_two_proportions(0.5, 0.6, alpha=0), "alpha above 0"),
        (lambda: planning.sample_size_two_proportions(0.5, 0.6, power=1), "power between 0 and 1"),
        (
            lambda: planning.split_discordant(0.95, 0.93, 0.9),
            "cannot have a correlation of 0.9: at most 0.8362",
        ),
        (lambda: planning.sample_size_mcnemar(0.7, 0.6), "up to 1 together"),
        (lambda: planning.power_mcnemar_exact(-3, 0.1, 0.2), "n must be a whole number"),
        (
            lambda: planning.power_two_proportions(0.1, 0.2, 0),
            "n_per_arm must be a whole number of at least 1",
        ),
        (lambda: planning.mde_two_proportions(0.5, 10, direction="up"), "direction must be"),
        (lambda: planning.mde_two_proportions(0.5, math.nan), "at least 0, got nan"),
        (lambda: planning.mde_paired_proportions(-1, 0.2), "at least 0, got -1"),
        (lambda: planning.mde_paired_mean(math.nan, 1), "at least 0, got nan"),
        (lambda: planning.sample_size_two_sample_t(0, 1), "delta must be above 0"),
        (lambda: planning.mde_paired_mean(10, -1), "sd_diff must be above 0"),
        (lambda: planning.sample_size_wilson_halfwidth(0.5, 0), "half_width must lie"),
        (lambda: planning.sample_size_ordinal_whitehead([0.5, 0.6], 2), "shares that make 1"),
        (lambda: planning.sample_size_ordinal_whitehead([0.5, 0.5], 1), "odds ratio that is not 1"),
        (lambda: planning.families_for_upper_limit(0), "limit must lie"),
        (lambda: planning.families_for_upper_limit(0.1, sides=3), "sides must be 1 or 2"),
        (lambda: planning.families_for_halfwidth(0.5, 0.1, icc=-0.1), "icc must be from 0 to 1"),
        (lambda: planning.detectable(10, 0.1, comparisons=0), "comparisons must be at least 1"),
    ],
)
def test_wrong_data_are_refused_in_words(call, words):
    """What, where, and what instead."""
    with pytest.raises(ValueError, match=words):
        call()
