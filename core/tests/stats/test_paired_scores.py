"""Clustered differences whose limits hold where few clusters make them."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st

from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.paired import paired_difference
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.paired_scores import paired_score, signed_mean
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
    """Second less first is minus first less second, limits too; the estimate is that by t."""
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
    p = ours.p_value()
    assert p == pytest.approx(turned.p_value(), nan_ok=True, abs=1e-5)
    assert math.isnan(p) or p >= plain.p_value() - 1e-9


@pytest.mark.parametrize("error", [0.2, 0.05, 0.01])
def test_its_probability_never_contradicts_its_limits(error):
    """Limits leave 0 out where p is below the error, and hold it where p is above."""
    rng, said = np.random.default_rng(2), Counter()
    for _ in range(60):
        second = (rng.random(60) < 0.12).repeat(2)
        found = paired_score(np.zeros(120), second, np.arange(120) // 2)
        lower, upper = found.limits(1 - error)
        said[found.p_value() < error, lower > 0 or upper < 0] += 1

    assert said.keys() == {(True, True), (False, False)}


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


def rare_differences(rng, families, rise, fall, size=1.0):
    """Draw differences of families of which few rise and few fall, by *size*."""
    u = rng.random(families)
    return size * (u < rise) - size * (u > 1 - fall)


@pytest.mark.parametrize(
    ("families", "rise", "fall", "size"),
    [(100, 0.05, 0, 1), (200, 0.02, 0, 1), (100, 0.04, 0.01, 1), (100, 0.03, 0.03, 1), (100, 0.05, 0, 2)],
)  # fmt: skip
def test_means_of_rare_differences_are_covered(families, rise, fall, size):
    """One way, both ways, alike both ways, and of two differences: 93 % of 600 runs at least."""
    rng, true = np.random.default_rng(9), size * (rise - fall)
    held = [
        true in signed_mean(rare_differences(rng, families, rise, fall, size), span=size).interval()
        for _ in range(600)
    ]

    assert np.mean(held) >= 0.93


@pytest.mark.parametrize("span", [1, 2, 4])
def test_a_span_is_a_unit(span):
    """Differences twice as large of a scale twice as wide are the same thing."""
    d = rare_differences(np.random.default_rng(1), 60, 0.1, 0.05)
    plain, scaled = signed_mean(d), signed_mean(span * d, span=span)

    assert tuple(scaled.interval()) == pytest.approx(span * np.array(tuple(plain.interval())))
    assert scaled.p_value() == pytest.approx(plain.p_value())


def test_differences_of_rows_are_what_their_two_columns_are():
    """`paired_score` is that of the differences."""
    rng, family = np.random.default_rng(2), np.arange(90) // 3
    x, y = rng.integers(1, 6, (2, 90))

    assert signed_mean(y - x, family, span=4) == paired_score(x, y, family, scale=(1, 5))


@pytest.mark.parametrize(
    ("d", "span", "words"),
    [([0, 2], 1, "outside -1 to 1"), ([0, np.nan], 1, "not a number"), ([0, 1], 0, "span must be"),
     ([0, 1], np.inf, "span must be")],
)  # fmt: skip
def test_differences_beyond_their_span_are_refused(d, span, words):
    """And a span that is none: without ends nothing bounds what was not seen."""
    with pytest.raises(ValueError, match=words):
        signed_mean(d, span=span)


def test_shares_of_families_are_compared_by_score_limits_where_nothing_else_is_asked():
    """Zeros and ones of families, and shares without; marks, whose scale nobody knows, by t."""
    first, second, family = [0] * 80, [1] * 8 + [0] * 72, np.arange(80) // 2
    clustered = paired_difference(second, first, family)

    assert clustered.method == "paired-score-t"
    assert tuple(clustered.interval()) == tuple(paired_score(first, second, family).interval())
    assert paired_difference([0.5, 0, 1], [1, 0, 0.5]).method == "paired-score-t"
    assert paired_difference([3, 1, 5], [1, 2, 2]).method == "paired-cr1-t"
