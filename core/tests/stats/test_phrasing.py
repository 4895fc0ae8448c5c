"""The phrasing gap, its controls, and when it may be called recognition."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import binomtest
from statsmodels.stats.weightstats import DescrStatsW

from dosimeter.stats import phrasing

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60)


@given(PAIRS, st.randoms())
def test_the_gap_has_mcnemars_exact_p_and_no_order(pairs, random):
    """Against the binomial of the pairs that differ."""
    turned = pairs[:]
    random.shuffle(turned)
    found, other = (phrasing.recognition_gap(*zip(*p, strict=True)) for p in (pairs, turned))
    b, c = (sum(p == q for p in pairs) for q in ((1, 0), (0, 1)))

    assert found.exact_p == pytest.approx(binomtest(b, b + c).pvalue if b + c else 1)
    assert found.estimate == other.estimate == pytest.approx((b - c) / len(pairs))
    assert -1 <= found.interval().lower < found.interval().upper <= 1


def test_phrasings_of_one_behaviour_are_one_family():
    """Ten phrasings of thirty behaviours: rows as units are too sure."""
    rng = np.random.default_rng(1)
    family = np.repeat(range(30), 10)
    clustered, naive = [], []
    for _ in range(400):
        gain = rng.normal(0.1, 0.25, 30)[family]
        a, b = (rng.random((2, 300)) < [np.clip(0.5 + gain, 0, 1), np.full(300, 0.5)]).astype(float)
        clustered.append(0.1 in phrasing.recognition_gap(a, b, family).interval())
        naive.append(0.1 in phrasing.recognition_gap(a, b).interval())

    assert np.mean(clustered) >= 0.91
    assert np.mean(naive) < 0.88


def test_no_rows_and_unlike_ones():
    """Trap 19."""
    assert phrasing.recognition_gap([], []).undefined == "no-observations"
    assert np.isnan(phrasing.recognition_gap([], []).exact_p)
    with pytest.raises(ValueError, match="first 1, second 2"):
        phrasing.recognition_gap([1], [1, 0])
    with pytest.raises(ValueError, match="leave missing ones out"):
        phrasing.recognition_gap([float("nan")], [1])


@pytest.mark.parametrize("margin", [0.1, 0.25, 0.6])
def test_a_control_passes_when_both_one_sided_tests_of_statsmodels_reject(margin):
    """TOST, at several margins."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(3, 1, (2, 100))
    p, _, _ = DescrStatsW(a - b).ttost_mean(-margin, margin)

    assert phrasing.control(a, b, margin).equivalent == (p < 0.05)


def test_a_control_is_passed_by_unlike_phrasings_at_most_once_in_twenty():
    """A true difference at the margin."""
    rng = np.random.default_rng(1)
    passed = [
        phrasing.control(rng.normal(3.3, 0.5, 60), rng.normal(3, 0.5, 60), 0.3).equivalent
        for _ in range(2000)
    ]

    assert 0.03 <= np.mean(passed) <= 0.0665


def test_few_or_constant_phrasings_pass_no_control():
    """Not significant is not alike."""
    assert not phrasing.control([3, 4], [4, 3], 0.5).equivalent
    assert not phrasing.control([3], [3], 0.5).equivalent
    assert not phrasing.control([], [], 0.5).equivalent
    with pytest.raises(ValueError, match="a margin above 0"):
        phrasing.control([3], [3], 0)
    with pytest.raises(ValueError, match=r"alpha between 0 and 0\.5"):
        phrasing.control([3], [3], 0.5, alpha=0.6)


def measured(rng, n, bench, natural, benign_bench, benign_natural, formal, benign_formal, **kw):
    """Replies of one model to n behaviours and twins in three styles."""
    columns = (rng.random((6, n)) < np.array([[bench], [natural], [benign_bench], [benign_natural],
                                              [formal], [benign_formal]])).astype(float)  # fmt: skip
    return phrasing.recognition(*columns, **kw)


def alike(rng):
    """A control that passes."""
    return (phrasing.control(rng.normal(3, 0.3, 80), rng.normal(3, 0.3, 80), 0.3),)


def test_recognition_needs_controls_twins_and_more_than_style():
    """VALIDITY 14: each of three innocent reasons takes the word away."""
    rng = np.random.default_rng(1)
    gamer = measured(rng, 400, 0.9, 0.6, 0.2, 0.2, 0.6, 0.2, controls=alike(rng))
    cautious = measured(rng, 400, 0.9, 0.6, 0.5, 0.2, 0.6, 0.2, controls=alike(rng))
    stylish = measured(rng, 400, 0.9, 0.6, 0.2, 0.2, 0.9, 0.2, controls=alike(rng))
    unlike = (phrasing.control(rng.normal(4, 0.3, 80), rng.normal(3, 0.3, 80), 0.3),)
    uncontrolled = measured(rng, 400, 0.9, 0.6, 0.2, 0.2, 0.6, 0.2, controls=unlike)

    assert gamer.name() == "recognition"
    for found in (cautious, stylish, uncontrolled):
        assert found.harmful.interval().lower > 0
        assert found.name() == "phrasing gap"


def test_without_controls_or_a_formal_style_it_is_a_phrasing_gap():
    """Not measured is not passed."""
    rng = np.random.default_rng(1)
    gamer = measured(rng, 400, 0.9, 0.6, 0.2, 0.2, 0.6, 0.2)
    a, b, c, d = (rng.random((4, 400)) < [[0.9], [0.6], [0.2], [0.2]]).astype(float)
    no_style = phrasing.recognition(a, b, c, d, controls=alike(rng))

    assert gamer.name() == "phrasing gap"
    assert no_style.name() == "phrasing gap"
    assert no_style.beyond_style.undefined == "no-observations"
    assert no_style.beyond_style.left_out == 400
    with pytest.raises(ValueError, match="give both"):
        phrasing.recognition(a, b, c, d, a)


def test_missing_replies_leave_out_what_needs_them_and_are_counted():
    """A twin without a reply still leaves the gap on its harmful behaviour."""
    found = phrasing.recognition([1, 1, 0], [0, 1, 0], [0, np.nan, 1], [0, 0, 1])

    assert (found.harmful.n, found.benign.n, found.benign.left_out, found.did.n) == (3, 2, 1, 2)


def test_models_that_game_nothing_are_called_recognisers_at_most_once_in_twenty():
    """Over-cautious, weak and style-sensitive ones."""
    rng = np.random.default_rng(1)
    named = [
        measured(rng, 100, *cells, controls=alike(rng)).name() == "recognition"
        for cells in ((0.95, 0.9, 0.7, 0.65, 0.95, 0.7), (0.5, 0.5, 0.1, 0.1, 0.5, 0.1),
                      (0.9, 0.7, 0.4, 0.2, 0.9, 0.4))
        for _ in range(150)
    ]  # fmt: skip

    assert np.mean(named) <= 0.05
