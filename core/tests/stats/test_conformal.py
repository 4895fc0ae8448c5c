"""P-values of overlap against works that cannot have been copied."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import false_discovery_control

from dosimeter.stats import conformal

MARKS = st.lists(st.integers(0, 9), max_size=30)


@given(MARKS, st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_p_is_counted_and_adjusted_as_scipy_does(background, observed):
    """Ties count against a work, and p is never 0."""
    found = conformal.conformal_test(background, observed)
    counted = [(1 + sum(b >= o for b in background)) / (1 + len(background)) for o in observed]

    assert found.p == pytest.approx(counted)
    assert found.adjusted == pytest.approx(false_discovery_control(counted))
    assert found.min_attainable_p == 1 / (1 + len(background))


@given(MARKS, st.lists(st.integers(0, 9), min_size=2, max_size=20), st.randoms())
def test_order_changes_nothing_and_more_overlap_is_never_less_significant(
    background, observed, random
):
    """Rows may come in any order; p falls as overlap rises."""
    turned = observed[:]
    random.shuffle(turned)
    one, other = (conformal.conformal_test(background, o) for o in (observed, turned))

    assert sorted(one.adjusted) == pytest.approx(sorted(other.adjusted))
    order = np.argsort(observed)
    assert (np.diff(one.p[order]) <= 1e-12).all()


@given(MARKS, st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_one_bin_is_no_bins(background, observed):
    """And a bin that no tested work has changes nothing."""
    plain = conformal.conformal_test(background, observed)
    binned = conformal.conformal_test(
        [*background, 9, 9], observed, background_bin=["a"] * len(background) + ["z"] * 2,
        observed_bin=["a"] * len(observed),
    )  # fmt: skip

    assert binned.p == pytest.approx(plain.p)


@pytest.mark.parametrize("q", [0.05, 0.2])
def test_pure_background_is_flagged_at_most_as_often_as_promised(q):
    """No work was copied: runs with any flag are the false discovery rate."""
    rng = np.random.default_rng(1)
    flagged = [
        conformal.conformal_test(*np.split(np.floor(rng.gamma(2, 2, 230)), [200]), q).flagged.any()
        for _ in range(2000)
    ]

    assert np.mean(flagged) <= q + 3.3 * np.sqrt(q * (1 - q) / 2000)


def test_longer_works_overlap_more_and_bins_keep_them_from_being_accused():
    """VALIDITY 24: without bins a background of short works accuses long ones; with bins not."""
    rng = np.random.default_rng(1)
    plain, binned = [], []
    for _ in range(400):
        short, long = rng.poisson(3, 150), rng.poisson(8, 150)
        tested = rng.poisson(8, 20)
        null, bins = np.concatenate([short, long]), ["s"] * 150 + ["l"] * 150
        plain.append(conformal.conformal_test(short, tested).flagged.any())
        binned.append(
            conformal.conformal_test(
                null, tested, background_bin=bins, observed_bin=["l"] * 20
            ).flagged.any()
        )

    assert np.mean(plain) > 0.9
    assert np.mean(binned) <= 0.15


def test_copied_works_are_found():
    """Ten copies among forty works, a background of five hundred."""
    rng = np.random.default_rng(1)
    tested = np.concatenate([rng.poisson(3, 30), np.full(10, 60)])
    found = conformal.conformal_test(rng.poisson(3, 500), tested)

    assert found.flagged[30:].all()
    assert found.flagged[:30].sum() <= 3
    assert found.undefined == ""


def test_a_background_too_small_for_one_hit_says_so():
    """N + 1 must be at least m / q."""
    assert conformal.conformal_test(range(99), [5] * 10).undefined == ""
    assert conformal.conformal_test(range(98), [5] * 10).undefined == "background-too-small"
    assert conformal.conformal_test([], [5]).p[0] == 1
    assert conformal.conformal_test([1], []).undefined == "no-observations"


def test_a_bin_without_background_accuses_nobody():
    """There is nothing to compare with, so p is 1."""
    found = conformal.conformal_test(
        [1, 2], [50, 3], background_bin=["a", "a"], observed_bin=["b", "a"]
    )

    assert list(found.p) == [1, pytest.approx(1 / 3)]
    assert list(found.attainable) == [1, pytest.approx(1 / 3)]


def test_bins_of_one_side_and_missing_marks_are_refused():
    """What would be compared with what?"""
    with pytest.raises(ValueError, match="one side only"):
        conformal.conformal_test([1], [1], observed_bin=["a"])
    with pytest.raises(ValueError, match="observed"):
        conformal.conformal_test([1], [float("nan")])
    with pytest.raises(ValueError, match="q must be from 0 to 1"):
        conformal.conformal_test([1], [1], q=2)
