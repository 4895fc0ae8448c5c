"""Two conditions on families of several rows: powers that simulation reaches, and what a pilot leaves open."""

import math

import numpy as np
import pytest
from scipy import stats as reference

from dosimeter.stats.cluster import cluster_icc, korn_graubard
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.planning_families import detectable
from dosimeter.stats.planning_grading import grading
from dosimeter.stats.planning_marks import mde_paired_mean
from dosimeter.stats.planning_paired import (
    effective_rows,
    families_for_equivalence,
    families_for_paired_mean,
    family_sd,
    mde_clustered_mean,
    mde_clustered_shares,
    power_paired_mean,
    power_paired_proportions,
)
from dosimeter.stats.planning_pilot import (
    careful_icc,
    careful_sd,
    careful_share_icc,
    icc_limits,
    share_icc_limits,
)
from dosimeter.stats.planning_power import power_mcnemar_exact
from dosimeter.stats.planning_shares import sample_size_mcnemar

DISCORDANT, TRUTH, ICC, ROWS = 0.3, 0.1, 0.4, 5


def differences(rng, families, rows=ROWS, *, discordant=DISCORDANT, d=TRUTH, icc=ICC):
    """Draw -1, 0 or 1 a row: a family shares one draw with probability sqrt(icc)."""
    chances = [(discordant - d) / 2, 1 - discordant, (discordant + d) / 2]
    own = rng.choice([-1.0, 0.0, 1.0], size=(families, rows), p=chances)
    shared = rng.choice([-1.0, 0.0, 1.0], size=(families, 1), p=chances)
    return np.where(rng.random((families, rows)) < math.sqrt(icc), shared, own)


def sees(d, alpha):
    """Test as `dosimeter compare` does: second less first, families weighted alike."""
    families, rows = d.shape
    first, second = np.where(d.ravel() < 0, 1.0, 0.0), np.where(d.ravel() > 0, 1.0, 0.0)
    return paired_clustered(first, second, np.repeat(np.arange(families), rows)).p_value() <= alpha


def sd_of_families(d=TRUTH):
    return family_sd(math.sqrt(DISCORDANT - d * d), ROWS, ICC)


# -- power ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 12])
def test_families_planned_for_see_the_difference_four_times_in_five(alpha):
    """Clustered pairs, also at the first step of Holm's: the simulated power is .80, give or take .04."""
    families = families_for_paired_mean(TRUTH, sd_of_families(), alpha)
    rng = np.random.default_rng(11)
    seen = np.mean([sees(differences(rng, families), alpha) for _ in range(1500)])

    assert seen == pytest.approx(0.8, abs=0.04)


def test_rows_taken_for_families_miss_the_difference():
    """The naive rival fails the same simulation: so many rows, as if they were independent."""
    rows = sample_size_mcnemar((DISCORDANT + TRUTH) / 2, (DISCORDANT - TRUTH) / 2)
    rng = np.random.default_rng(11)
    seen = np.mean([sees(differences(rng, math.ceil(rows / ROWS)), 0.05) for _ in range(600)])

    assert seen < 0.65


@pytest.mark.slow
@pytest.mark.parametrize("families", [12, 30, 80, 200])
@pytest.mark.parametrize("icc", [0.0, 0.2, 0.8])
@pytest.mark.parametrize("rows", [1, 3, 10])
def test_the_smallest_difference_is_seen_four_times_in_five(families, icc, rows):
    """Over designs: of rates the t-test of families has the power that it is planned for."""
    alpha = 0.05
    d = mde_clustered_shares(families, 0.4, rows, icc, alpha)
    if math.isnan(d):
        return
    rng = np.random.default_rng([families, int(10 * icc), rows])
    seen = np.mean([
        sees(differences(rng, families, rows, discordant=0.4, d=d, icc=icc), alpha)
        for _ in range(2000)
    ])  # fmt: skip

    assert seen == pytest.approx(0.8, abs=0.04 if families >= 30 else 0.06)


def test_power_and_number_and_smallest_difference_say_the_same():
    """Each is the inverse of the others; many families are the normal approximation's."""
    n = sample_size_mcnemar(0.2, 0.1)
    assert power_paired_proportions(n, 0.3, 0.1) == pytest.approx(0.8)
    assert power_paired_proportions(n, 0.3, -0.1) == pytest.approx(0.8)

    d = mde_clustered_shares(90, 0.3, 5, 0.4, 0.01)
    sd = family_sd(math.sqrt(0.3 - d * d), 5, 0.4)
    assert power_paired_mean(90, d, sd, 0.01) == pytest.approx(0.8)
    assert families_for_paired_mean(d, sd, 0.01) in {90, 91}
    assert mde_clustered_mean(90, 2.0, 4, 0.25) == pytest.approx(
        mde_paired_mean(90, family_sd(2.0, 4, 0.25))
    )
    assert mde_clustered_shares(5000, 0.2, 5, 0.3) == pytest.approx(
        detectable(5000, 0.2, rows=5, icc=0.3).difference, rel=0.01
    )


def test_connors_power_is_at_most_what_the_mid_p_test_has():
    """For pairs of one row: exact power at Connor's number is .80 to .90."""
    for p10, p01 in [(0.15, 0.05), (0.3, 0.2), (0.08, 0.02)]:
        n = math.ceil(sample_size_mcnemar(p10, p01))
        assert 0.8 <= power_mcnemar_exact(n, p10, p01).mid_p <= 0.9


def test_repeats_never_count_for_more_than_families_by_icc():
    """Trap of attempts for families: whatever their number."""
    many = [effective_rows(60, rows, 0.4) for rows in (1, 10, 1000, 1e9)]

    assert many == sorted(many)
    assert many[0] == 60
    assert many[-1] == pytest.approx(60 / 0.4)
    assert effective_rows(60, 10, 1) == 60
    assert effective_rows(60, 10, 0) == 600


def test_families_for_equivalence_show_it_four_times_in_five():
    """Two that do not differ, within .1, by two one-sided tests."""
    sd = sd_of_families(0.0)
    families = families_for_equivalence(0.1, sd)
    rng = np.random.default_rng(12)
    d = np.stack([differences(rng, families, d=0.0).mean(1) for _ in range(3000)])
    half = reference.t.ppf(0.95, families - 1) * d.std(1, ddof=1) / math.sqrt(families)
    shown = np.mean((np.abs(d.mean(1)) + half) < 0.1)

    assert shown == pytest.approx(0.8, abs=0.04)


# -- what a pilot says ----------------------------------------------------------------------------


def beta_binomial(rng, families, rows, p, icc):
    a = (1 - icc) / icc
    chance = rng.beta(p * a, (1 - p) * a, size=families)
    return (rng.random((families, rows)) < chance[:, None]).astype(float)


def test_limits_of_a_correlation_are_those_of_f_and_hold_the_truth():
    """Normal marks: 95 % of intervals; one in five true values lies above what is planned with."""
    rng = np.random.default_rng(3)
    families, rows, icc = 25, 4, 0.3
    held = above = 0
    for _ in range(1500):
        y = rng.normal(size=(families, 1)) * math.sqrt(icc) + rng.normal(
            size=(families, rows)
        ) * math.sqrt(1 - icc)
        found = cluster_icc(y.ravel(), np.repeat(np.arange(families), rows))
        low, high = icc_limits(found)
        held += low <= icc <= high
        above += icc > careful_icc(found)

    assert held / 1500 == pytest.approx(0.95, abs=0.02)
    assert above / 1500 == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("p", [0.7, 0.9, 0.95])
def test_of_rates_limits_hold_the_truth_and_those_by_f_do_not(p):
    """Beta-binomial outcomes, 40 families of 5, correlation .4: of 90 and 95 % F holds it 7 times in 10."""
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(40), 5)
    held, by_f, above = [], [], []
    for _ in range(250):
        y = beta_binomial(rng, 40, 5, p, 0.4).ravel()
        (low, high), (f_low, f_high) = (
            share_icc_limits(y, cluster),
            icc_limits(cluster_icc(y, cluster)),
        )
        held.append(low <= 0.4 <= high)
        by_f.append(f_low <= 0.4 <= f_high)
        above.append(careful_share_icc(y, cluster) < 0.4)

    assert np.mean(held) > 0.87
    assert np.mean(above) < 0.32
    assert np.mean(by_f) < (0.95 if p < 0.9 else 0.75)


@pytest.mark.parametrize("p", [0.7, 0.9])
def test_limits_of_families_that_are_all_or_none_are_told_as_they_are(p):
    """Truth that is no beta-binomial: coverage falls short, as the page says, and stays above F's."""
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(40), 5)
    held, by_f = [], []
    for _ in range(200):
        chance = np.where(rng.random(40) < 0.4, rng.random(40) < p, p)
        y = (rng.random((40, 5)) < chance[:, None]).astype(float).ravel()
        (low, high), (f_low, f_high) = (
            share_icc_limits(y, cluster),
            icc_limits(cluster_icc(y, cluster)),
        )
        held.append(low <= 0.4 <= high)
        by_f.append(f_low <= 0.4 <= f_high)

    assert np.mean(held) > 0.7
    assert np.mean(held) > np.mean(by_f)


def test_a_correlation_that_nobody_knows_is_planned_as_one():
    """One row a family, no variation, rows that are all alike: further rows are worth nothing."""
    for y, cluster in [
        ([1, 0, 1], [1, 2, 3]),
        ([1, 1, 1, 1], [1, 1, 2, 2]),
        ([1, 1, 0, 0], [1, 1, 2, 2]),
    ]:
        found = cluster_icc(y, cluster)
        assert careful_icc(found) == 1
        assert icc_limits(found) == (-1, 1)
        assert careful_share_icc(y, cluster) == 1


def test_a_deviation_is_planned_with_as_browne_says():
    """One true deviation in five is above it."""
    rng = np.random.default_rng(2)
    sds = rng.normal(size=(4000, 15)).std(1, ddof=1)

    assert np.mean([careful_sd(sd, 14) < 1 for sd in sds]) == pytest.approx(0.2, abs=0.02)


def test_the_half_width_that_is_planned_is_the_mean_of_those_that_come_out():
    """Korn and Graubard's, 60 families of 4 with a correlation of .3, at 30 % and 10 %."""
    rng = np.random.default_rng(8)
    families, rows, icc = 60, 4, 0.3
    cluster = np.repeat(np.arange(families), rows)
    for p in (0.3, 0.1):
        widths = [
            korn_graubard(beta_binomial(rng, families, rows, p, icc).ravel(), cluster)
            .interval()
            .width
            for _ in range(400)
        ]
        se = math.sqrt(p * (1 - p) / effective_rows(families, rows, icc))
        planned = korn_graubard([0.0, 1.0] * 120, cluster)
        planned = type(planned)(
            estimate=p, method="korn-graubard", n=240, clusters=60, se=se, most=240.0
        )

        assert planned.interval().width == pytest.approx(np.mean(widths), rel=0.04)


# -- what grading buys ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "mean", "gain"),
    [
        ([0.80, 0.15, 0.03, 0.015, 0.005], 836, 2.6),
        ([0.40, 0.55, 0.03, 0.015, 0.005], 553, 4.0),
        ([0.87, 0.08, 0.02, 0.02, 0.01], 1215, 1.8),
        ([0.93, 0.02, 0.01, 0.02, 0.02], 1906, 1.2),
    ],
)
def test_what_grading_buys_is_of_the_distribution(marks, mean, gain):
    """5 to 7 % at 3 or above, in proportional odds: tabulated numbers, and no factor for all of them."""
    found = grading(marks, 2, 0.02)

    assert math.ceil(found.by_rate) == 2213
    assert found.by_mean == pytest.approx(mean, abs=1.5)
    assert found.gains[1] == pytest.approx(gain, abs=0.05)


def test_grading_is_worse_where_only_the_tail_grows():
    """The spread distribution: 3297 an arm by the mean, 2213 by the share."""
    found = grading([0.80, 0.15, 0.03, 0.015, 0.005], 2, 0.02)

    assert found.by_mean_of_tail == pytest.approx(3297, abs=1)
    assert found.gains[0] == pytest.approx(0.67, abs=0.005)


def test_grading_reaches_the_power_that_it_is_planned_for():
    """Marks drawn in proportional odds: a t-test of so many an arm sees the shift four times in five."""
    marks, rng = np.array([0.87, 0.08, 0.02, 0.02, 0.01]), np.random.default_rng(4)
    n = math.ceil(grading(marks, 2, 0.05).by_mean)
    below = np.cumsum(marks)[:-1]
    odds = below[1] * 0.10 / ((1 - below[1]) * 0.90)
    shifted = np.diff(np.concatenate([[0], below / (below + odds * (1 - below)), [1]]))
    a, b = (rng.choice(5, size=(1200, n), p=p) for p in (marks, shifted))
    seen = np.mean(reference.ttest_ind(a, b, axis=1).pvalue <= 0.05)

    assert seen == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: grading([0.5, 0.4], 1, 0.02), "shares that make 1"),
        (lambda: grading([0.5, 0.5], 1, 0.6), "cannot grow"),
        (lambda: grading([0.5, 0.5], 0, 0.1), "threshold inside"),
        (lambda: effective_rows(10, 0.5, 0.1), "at least 1"),
        (lambda: effective_rows(10, 2, 1.5), "icc"),
        (lambda: power_paired_proportions(10, 0.1, 0.2), "at most the share of pairs"),
        (lambda: families_for_paired_mean(0, 1), "difference of 0"),
        (lambda: families_for_equivalence(0, 1), "margin above 0"),
        (lambda: careful_sd(1, 0), "degrees of freedom"),
    ],
)
def test_wrong_data_are_refused_in_words(call, words):
    """What and why."""
    with pytest.raises(ValueError, match=words):
        call()
