"""Ratios and differences of favourable outcomes between groups."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import binom, chi2_contingency, contingency
from statsmodels.stats.contingency_tables import Table2x2

from dosimeter.stats import disparity

CELLS = st.tuples(*[st.integers(0, 60)] * 4)
GROUPS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
)


@pytest.mark.parametrize(
    ("fav_a", "n_a", "fav_b", "n_b"), [(45, 100, 60, 100), (3, 20, 70, 90), (180, 240, 190, 240)]
)
def test_the_ratio_and_its_limits_are_those_of_scipy_and_statsmodels(fav_a, n_a, fav_b, n_b):
    """Katz's interval, by two other routes."""
    found = disparity.disparate_impact(fav_a, n_a, fav_b, n_b)
    theirs = contingency.relative_risk(fav_a, n_a, fav_b, n_b)
    table = Table2x2([[fav_a, n_a - fav_a], [fav_b, n_b - fav_b]])

    assert found.estimate == pytest.approx(theirs.relative_risk)
    assert list(found.interval(0.9)) == pytest.approx(list(theirs.confidence_interval(0.9)))
    assert list(found.interval()) == pytest.approx(list(table.riskratio_confint()))


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize(("n_a", "n_b"), [(20, 20), (50, 150), (500, 20), (200, 200)])
def test_a_verdict_at_the_border_is_wrong_at_most_once_in_twenty(rate, n_a, n_b):
    """At a true ratio of .8 either claim is wrong; all outcomes are gone through with their chance."""
    wrong = {"adverse impact": 0.0, "no adverse impact": 0.0, "cannot tell": 0.0}
    likely_a = binom.pmf(range(n_a + 1), n_a, 0.8 * rate)
    likely_b = binom.pmf(range(n_b + 1), n_b, rate)
    for a in np.flatnonzero(likely_a > 1e-5):
        for b in np.flatnonzero(likely_b > 1e-5):
            verdict = disparity.disparate_impact(int(a), n_a, int(b), n_b).verdict()
            wrong[verdict] += likely_a[a] * likely_b[b]

    assert wrong["adverse impact"] <= 0.05
    assert wrong["no adverse impact"] <= 0.05


def test_without_the_rule_for_few_outcomes_the_verdict_is_wrong_far_more_often():
    """The naive rival: ten cases of one group, five hundred of the other, limits alone."""
    likely_a, likely_b = binom.pmf(range(501), 500, 0.72), binom.pmf(range(11), 10, 0.9)
    wrong = 0.0
    for a in np.flatnonzero(likely_a > 1e-5):
        for b in np.flatnonzero(likely_b > 1e-5):
            found = disparity.disparate_impact(int(a), 500, int(b), 10)
            wrong += likely_a[a] * likely_b[b] * (found.interval().upper < 0.8)

    assert wrong > 0.3


def test_three_verdicts():
    """Adverse impact, none, and too little to tell."""
    assert disparity.disparate_impact(200, 500, 300, 500).verdict() == "adverse impact"
    assert disparity.disparate_impact(290, 500, 300, 500).verdict() == "no adverse impact"
    assert disparity.disparate_impact(45, 100, 60, 100).verdict() == "cannot tell"


def test_a_zero_cell_refuses_the_ratio_and_gives_the_difference():
    """Nobody of a group favoured: 0, or infinity, is no ratio to quote."""
    for found in (
        disparity.disparate_impact(0, 50, 20, 50),
        disparity.disparate_impact(20, 50, 0, 50),
        disparity.paired_disparate_impact(0, 0, 20, 30),
    ):
        assert found.undefined == "zero-cell"
        assert math.isnan(found.estimate)
        assert found.verdict() == "cannot tell"
        assert abs(found.difference.estimate) == 0.4
        assert not found.difference.interval().undefined


def test_a_base_rate_near_an_end_refuses_the_ratio():
    """VALIDITY 25: outside 20 to 80 in a hundred a ratio says little."""
    found = disparity.disparate_impact(45, 100, 60, 100, base_rate=0.9)

    assert found.undefined == "base-rate-outside-20-80"
    assert found.difference.estimate == pytest.approx(-0.15)


def test_groups_that_no_prompt_tells_apart_have_a_ratio_without_an_interval():
    """No disagreement is no certainty."""
    found = disparity.paired_disparate_impact(30, 0, 0, 20)

    assert found.estimate == 1
    assert found.interval().undefined == "no-variation"
    assert found.verdict() == "cannot tell"


def test_no_cases_are_undefined_and_impossible_ones_refused():
    """Trap 19."""
    assert disparity.disparate_impact(0, 0, 3, 5).undefined == "no-observations"
    with pytest.raises(ValueError, match="from 0 to n"):
        disparity.disparate_impact(6, 5, 3, 5)
    with pytest.raises(ValueError, match="only_a must be a whole number"):
        disparity.paired_disparate_impact(3, -1, 2, 2)
    with pytest.raises(ValueError, match="base_rate must be from 0 to 1"):
        disparity.disparate_impact(3, 5, 3, 5, base_rate=1.2)


@given(CELLS)
def test_exchanging_the_groups_inverts_the_ratio(cells):
    """A ratio has a direction, and its reverse is one over it."""
    both, a, b, neither = cells
    one = disparity.paired_disparate_impact(both, a, b, neither)
    other = disparity.paired_disparate_impact(both, b, a, neither)

    assert one.undefined == other.undefined
    if not one.undefined:
        assert one.estimate == pytest.approx(1 / other.estimate)
        assert one.four_fifths == pytest.approx(other.four_fifths)
        assert one.interval().undefined == other.interval().undefined
        if not one.interval().undefined:
            assert one.interval().upper == pytest.approx(1 / other.interval().lower)


def test_the_paired_ratio_covers():
    """Known truth: shares .6 and .75 with a common part, 200 prompts."""
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(200, [0.5, 0.1, 0.25, 0.15], size=2000)
    inside = [0.8 in disparity.paired_disparate_impact(*map(int, c)).interval() for c in drawn]

    assert 0.9335 <= np.mean(inside) <= 0.9655


@pytest.mark.parametrize("seed", range(3))
def test_parity_has_the_chi_square_of_scipy(seed):
    """Pearson's test of homogeneity, uncorrected."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(10, 80, 4)
    fav = rng.binomial(sizes, 0.6)
    found = disparity.demographic_parity(
        dict(zip("abcd", zip(fav, sizes, strict=True), strict=True))
    )
    theirs = chi2_contingency(np.array([fav, sizes - fav]), correction=False)

    assert found.chi2 == pytest.approx(theirs.statistic)
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert abs(found.permutation_p - found.p_value) < 0.1


@given(GROUPS)
def test_parity_does_not_depend_on_order_or_on_a_group_without_cases(groups):
    """Names and order are the reader's; a group that nobody is in has no share."""
    one = disparity.demographic_parity(groups, resamples=50)
    turned = dict(reversed(groups.items())) | {"none": (0, 0)}
    other = disparity.demographic_parity(turned, resamples=50)

    assert one.estimate == other.estimate
    assert (math.isnan(one.chi2) and math.isnan(other.chi2)) or one.chi2 == pytest.approx(
        other.chi2
    )
    assert 0 <= one.estimate <= 1
    assert one.interval().undefined == "biased-upward"


def test_the_gap_of_equal_groups_is_above_0_and_by_chance_says_how_far():
    """Upward bias: six groups treated alike differ by as much as `by_chance`, not by 0."""
    rng = np.random.default_rng(1)
    found = [
        disparity.demographic_parity(
            {str(i): (int(x), 40) for i, x in enumerate(rng.binomial(40, 0.5, 6))},
            resamples=400, seed=s,
        )
        for s in range(300)
    ]  # fmt: skip

    assert np.mean([f.estimate for f in found]) == pytest.approx(
        np.mean([f.by_chance for f in found]), abs=0.01
    )
    assert np.mean([f.estimate for f in found]) > 0.15
    assert np.mean([f.permutation_p <= 0.05 for f in found]) <= 0.09


def test_parity_of_one_group_or_none_is_undefined():
    """There is nothing to be unlike."""
    assert disparity.demographic_parity({"a": (3, 5)}).undefined == "one-group"
    assert disparity.demographic_parity({"a": (1, 2), "b": (1, 2)}).permutation_p == 1
    assert disparity.demographic_parity({}).undefined == "no-observations"
    assert math.isnan(disparity.demographic_parity({"a": (0, 5), "b": (0, 5)}).ratio)
    with pytest.raises(ValueError, match="whole numbers"):
        disparity.demographic_parity({"a": (1.5, 5), "b": (0, 5)})


def test_an_identical_marker_arm_shows_nothing():
    """VALIDITY 25: A/A differences of templates crossed with names cover 0."""
    rng = np.random.default_rng(1)
    template, name = np.repeat(range(40), 20), np.tile(range(20), 40)
    inside = []
    for _ in range(300):
        lean = rng.normal(0, 1, 40)[template] + rng.normal(0, 1, 20)[name] * 0.5
        chance = 1 / (1 + np.exp(-lean))
        a, b = (rng.random((2, 800)) < chance).astype(float)
        inside.append(0 in disparity.marker_difference(a, b, template, name).interval())

    assert np.mean(inside) >= 0.91


def test_names_are_a_sample_and_naive_intervals_are_too_short():
    """A group effect that differs by name: rows as units fail where two-way clusters hold."""
    rng = np.random.default_rng(2)
    template, name = np.repeat(range(60), 25), np.tile(range(25), 60)
    ours, naive = [], []
    for _ in range(300):
        d = rng.normal(0, 0.3, 25)[name] + rng.normal(0, 1, 1500)
        ours.append(0 in disparity.marker_difference(d, np.zeros(1500), template, name).interval())
        half = 1.96 * d.std() / math.sqrt(1500)
        naive.append(abs(d.mean()) <= half)

    assert np.mean(ours) >= 0.9
    assert np.mean(naive) < 0.75


def test_few_names_make_no_claim_about_a_group():
    """Nine names, however many templates."""
    found = disparity.marker_difference(
        np.ones(90), np.tile([0, 1], 45), np.repeat(range(10), 9), np.tile(range(9), 10)
    )

    assert found.interval().undefined == "few-templates-or-names"
    assert found.estimate == 0.5
    with pytest.raises(ValueError, match="rows must belong together"):
        disparity.marker_difference([1, 0], [1], ["t", "t"], ["n", "m"])
