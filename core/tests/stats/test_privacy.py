"""Secrets, extracted records, re-identified persons."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from dosimeter.stats import exposure, privacy

RECORDS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), min_size=1, max_size=40)


@given(st.integers(1, 2**40).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_exposure_lies_between_nothing_and_all_bits(case):
    """From 0 for the last to log2 |R| for the first."""
    rank, space = case

    assert -1e-12 <= exposure.exposure_exact(rank, space) <= math.log2(space)


def test_a_rank_that_is_not_known_is_undefined_and_one_that_cannot_be_is_refused():
    """A secret that was not among the ranked has no exposure, and certainly not 0."""
    assert math.isnan(exposure.exposure_exact(None, 10))
    assert math.isnan(exposure.exposure_exact(math.nan, 10))
    for rank in (0, 11):
        with pytest.raises(ValueError, match="from 1 to 10"):
            exposure.exposure_exact(rank, 10)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(0, 50))
def test_a_sampled_exposure_is_that_of_its_rank_and_ties_lower_it(references, own):
    """Never above log2(n + 1), and inside its limits."""
    found = exposure.exposure_sampled(own, references)
    rank = 1 + sum(r <= own for r in references)

    assert found.estimate == pytest.approx(math.log2((len(references) + 1) / rank))
    assert found.estimate <= found.most + 1e-12
    assert found.estimate in found.interval()
    assert found.interval().width > 0


def test_the_limits_of_a_sampled_exposure_cover():
    """Known truth: the secret is at the hundredth of all; 300 references."""
    rng = np.random.default_rng(1)
    inside = [
        math.log2(100) in exposure.exposure_sampled(0.01, rng.random(300)).interval()
        for _ in range(1000)
    ]

    assert np.mean(inside) >= 0.926
    assert exposure.exposure_sampled(1.0, []).undefined == "no-observations"


def test_a_claim_of_more_bits_than_references_show_is_refused_unless_labelled():
    """Ten bits from a thousand and twenty-four, no more."""
    assert exposure.exposure_claim(10, 1024).undefined == ""
    assert math.isnan(exposure.exposure_claim(10.1, 1024).bits)
    assert exposure.exposure_claim(0.5, 0).undefined == "more-than-references-show"
    labelled = exposure.exposure_claim(48, 1024, extrapolate=True)
    assert (labelled.bits, labelled.extrapolated) == (48, True)
    with pytest.raises(ValueError, match="at least 0 bits"):
        exposure.exposure_claim(-1, 10)


@given(st.floats(-40, -1e-6), st.floats(0.001, 0.999))
def test_the_fewest_samples_are_enough_and_one_fewer_is_not(log_q, p):
    """The two functions are each other's inverse."""
    n = privacy.fewest_samples(log_q, p)

    assert privacy.extraction_probability(log_q, n) >= p * (1 - 1e-9)
    if 1 < n < 1e9:
        assert privacy.extraction_probability(log_q, n - 1) < p * (1 + 1e-9)
        assert privacy.np_extractable(log_q, n, p)


def test_chances_too_small_for_numbers_stay_right():
    """e^-800 is 0 as a number: its queries are beyond reach, and e^-700 of them are not 0."""
    assert privacy.extraction_probability(-800, 1e3) == 0
    assert privacy.extraction_probability(-600, 1e260) == pytest.approx(
        -math.expm1(-math.exp(-600 + 260 * math.log(10)))
    )
    assert privacy.extraction_probability(-750, 1e308) == pytest.approx(
        math.exp(308 * math.log(10) - 750), rel=1e-9, abs=0
    )
    assert privacy.fewest_samples(-705, 0.5) == pytest.approx(math.log(2) * math.exp(705))
    assert privacy.fewest_samples(-800, 0.5) == math.inf
    assert privacy.fewest_samples(-100, 0.5) == pytest.approx(math.log(2) * math.exp(100))
    assert privacy.extraction_probability(-40, 5) == pytest.approx(5 * math.exp(-40))
    assert privacy.fewest_samples(-math.inf, 0.5) == math.inf
    assert privacy.extraction_probability(-math.inf, 5) == 0


def test_sure_and_impossible_and_wrong_chances():
    """Ends of the scale."""
    assert privacy.extraction_probability(0, 3) == 1
    assert privacy.extraction_probability(-1, 0) == 0
    assert privacy.fewest_samples(0, 0.9) == 1
    assert privacy.fewest_samples(math.log(0.5), 0.75) == 2
    for bad in (0.1, math.nan):
        with pytest.raises(ValueError, match="at most 0"):
            privacy.extraction_probability(bad, 1)
    with pytest.raises(ValueError, match="p must be above 0"):
        privacy.fewest_samples(-1, 1)
    with pytest.raises(ValueError, match="samples must be at least 0"):
        privacy.extraction_probability(-1, -1)


def test_k_eidetic_counts_rare_strings_and_leaves_controls_out():
    """Known by many documents is no memory of one; known by none is a control."""
    found = privacy.k_eidetic([1, 2, 3, 0, 1], [1, 0, 1, 1, 1], k=1)

    assert (found.x, found.trials, found.left_out) == (2, 2, 3)
    assert privacy.k_eidetic([0, 9], [1, 1], k=2).undefined == "no-observations"
    with pytest.raises(ValueError, match="k at least 1"):
        privacy.k_eidetic([1], [1], k=0)
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        privacy.k_eidetic([1], [0.5], k=1)


def test_what_is_guessed_of_controls_is_taken_off_field_by_field():
    """VALIDITY 22: a model that guesses shows nothing; one that remembers does."""
    rng = np.random.default_rng(1)
    guess, recall = (rng.random((2, 300)) < 0.3), (rng.random((2, 300)) < [[0.6], [0.3]])
    target, control = np.concatenate([guess, recall], axis=1).astype(float)
    person = np.concatenate([np.repeat(range(60), 5)] * 2)
    named = [("town", "direct")] * 300 + [("telephone", "direct")] * 300
    for cluster in (None, person):
        found = privacy.field_gaps(target, control, named, cluster)
        assert list(found) == [("town", "direct"), ("telephone", "direct")]
        assert 0 in found["town", "direct"].interval()
        assert found["telephone", "direct"].interval().lower > 0.15


def test_fields_without_rows_and_marks_that_are_none():
    """Nothing asked, nothing told."""
    assert privacy.field_gaps([], [], []) == {}
    with pytest.raises(ValueError, match="rows must belong together"):
        privacy.field_gaps([1], [1], ["a", "b"])
    one = privacy.field_gaps([1, 0], [0, 0], ["a", "a"], ["x", "x"])["a"]
    assert one.interval().undefined == "one-cluster"


@given(RECORDS, st.randoms())
def test_uniqueness_does_not_depend_on_order_or_spelling(records, random):
    """Classes are what they are."""
    turned = [(b + 10, a.upper()) for a, b in records]
    random.shuffle(turned)
    one = privacy.uniqueness(records)

    assert one == privacy.uniqueness(turned)
    assert 0 <= one.sample_uniqueness <= one.mean_risk <= 1
    assert one.k_anonymity * one.classes <= one.n


def test_no_records_are_undefined():
    """Nobody is not anonymous."""
    found = privacy.uniqueness([])

    assert found.undefined == "no-observations"
    assert math.isnan(found.sample_uniqueness)
    assert str(found) == "undefined (no-observations)"
    assert "in the sample" in str(privacy.uniqueness([("a",)]))


def test_re_identification_is_what_is_above_guessing():
    """Equal to the baseline is nothing, clustered or not."""
    rng = np.random.default_rng(1)
    person = np.repeat(range(50), 4)
    right, guessed = (rng.random((2, 200)) < [[0.5], [0.2]]).astype(float)

    for cluster in (None, person):
        assert privacy.above_baseline(right, guessed, cluster).interval().lower > 0
        assert 0 in privacy.above_baseline(guessed, guessed, cluster).interval()
