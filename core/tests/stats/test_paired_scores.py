"""Clustered differences whose limits hold where few clusters make them."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.paired_scores import paired_score
from dosimeter.stats.severity import bounded_mean

RUNS = 500


def few_differ(rng, families=200, rows=5, share=0.04):
    """Draw families of which some are answered under the second condition only."""
    differs = rng.random((families, 1)) < share
    first = (rng.random((families, rows)) < 0.95) & ~differs
    return first.ravel().astype(float), (first | differs).ravel().astype(float)


@pytest.mark.parametrize(
    ("how", "least", "most"), [(paired_score, 0.916, 1), (paired_clustered, 0, 0.916)]
)
def test_a_difference_that_few_families_make_is_covered(how, least, most):
    """4 % of 200 families: t covers less than its band (negative control), score limits keep it."""
    rng, family = np.random.default_rng(4), np.arange(1000) // 5
    held = [0.04 in how(*few_differ(rng), family).interval() for _ in range(RUNS)]

    assert least <= np.mean(held) <= most


@pytest.mark.parametrize(
    ("how", "least", "most"), [(paired_score, 0, 0.084), (paired_clustered, 0.084, 1)]
)
def test_two_one_sided_tests_at_the_margin_pass_rarely(how, least, most):
    """Equivalence that is not there is seen in 5 % of runs; by t limits more often (negative control)."""
    rng, family = np.random.default_rng(4), np.arange(1000) // 5
    said = [equivalence(how(*few_differ(rng), family), 0.04).equivalent for _ in range(RUNS)]

    assert least <= np.mean(said) <= most


def test_where_differences_abound_both_limits_agree():
    """With many families that rise and many that fall there is nothing to lean to."""
    rng, family = np.random.default_rng(1), np.arange(2000) // 5
    x, y = (rng.random(2000) < p for p in (0.5, 0.4))
    ours, plain = (how(x, y, family).interval() for how in (paired_score, paired_clustered))

    assert tuple(ours) == pytest.approx(tuple(plain), abs=0.003)


def test_a_difference_that_only_rises_has_the_limits_of_what_rises_and_room_below():
    """By hand: the upper distance is that of the rise, the lower that of the rise and of no fall seen."""
    rise = np.array([1.0] * 4 + [0.0] * 36)
    found = paired_score(np.zeros(40), rise, range(40))
    rises, falls = bounded_mean(rise, low=0, high=1), bounded_mean(np.zeros(40), low=0, high=1)
    (low, high), (_, unseen) = rises.interval(), falls.interval()

    assert found.interval().upper == pytest.approx(high)
    assert found.interval().lower == pytest.approx(0.1 - np.hypot(0.1 - low, unseen))


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=12, max_size=60),
    st.integers(1, 4),
)
def test_turned_round_it_is_the_same_and_inside_the_scale(marks, rows):
    """Second less first is minus first less second, limits too; the estimate and its test are those by t."""
    x, y = np.array(marks, float).T
    family = np.arange(len(x)) // rows
    ours, turned = (
        paired_score(x, y, family, scale=(1, 5)),
        paired_score(y, x, family, scale=(1, 5)),
    )
    plain = paired_clustered(x, y, family, scale=(1, 5))
    low, high = ours.interval()

    assert (-high, -low) == pytest.approx(tuple(turned.interval()), abs=1e-9)
    assert -4 <= low <= ours.estimate <= high <= 4
    assert (ours.estimate, ours.clusters, ours.no_interval) == (
        plain.estimate,
        plain.clusters,
        plain.no_interval,
    )
    assert ours.p_value() == pytest.approx(plain.p_value(), nan_ok=True)


def test_families_that_do_not_differ_keep_what_they_may_not_have_shown():
    """As by t: no width of zero."""
    same = paired_score([1] * 40, [1] * 40, [i // 2 for i in range(40)])
    plain = paired_clustered([1] * 40, [1] * 40, [i // 2 for i in range(40)])

    assert same.method == "paired-score-unseen"
    assert tuple(same.interval()) == tuple(plain.interval())


def test_weights_are_of_rows_and_their_scale_is_none():
    """A row of weight 0 is not there; twice all weights changes nothing."""
    rng = np.random.default_rng(2)
    x, y, family = rng.random(60), rng.random(60), np.arange(60) // 3
    there = np.arange(60) % 3 < 2
    kept = paired_score(x[there], y[there], family[there])

    assert tuple(paired_score(x, y, family, 2.0 * there).interval()) == pytest.approx(
        tuple(kept.interval())
    )


@pytest.mark.parametrize(
    ("first", "second", "scale", "words"),
    [
        ([0, 1], [0], (0, 1), "belong together"),
        ([0, 2], [0, 1], (0, 1), "outside the scale"),
        ([0], [1], (1, 0), "scale"),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, scale, words):
    """With the words of `paired_clustered`."""
    with pytest.raises(ValueError, match=words):
        paired_score(first, second, range(len(first)), scale=scale)


def test_limits_are_never_inside_those_by_t():
    """What claims a difference is t's test, and an interval that is at odds with it would leave out 0 alone."""
    rng, family = np.random.default_rng(3), np.arange(200) // 5
    for _ in range(100):
        x, y = ((rng.random((40, 1)) < 0.1) | (rng.random((40, 5)) < 0.02) for _ in "ab")
        ours, plain = (
            how(x.ravel(), y.ravel(), family).interval() for how in (paired_score, paired_clustered)
        )

        assert ours.lower <= plain.lower
        assert plain.upper <= ours.upper
