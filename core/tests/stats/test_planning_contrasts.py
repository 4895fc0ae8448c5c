"""Differences within families, planned: what is assumed, what it gives, and what a pilot leaves open."""

import math

import numpy as np
import pytest

from dosimeter.stats.paired_means import unseen_limits
from dosimeter.stats.paired_scores import paired_score
from dosimeter.stats.planning_contrasts import contrast_sd, half_width_within, mde_contrast
from dosimeter.stats.planning_paired import mde_clustered_shares, power_paired_mean
from dosimeter.stats.planning_pilot import careful_sd, careful_spread, most_spread

TWO, AVERAGED, INTERACTION = (1, -1), (0.5, -0.5, 0.5, -0.5), (1, -1, -1, 1)


@pytest.mark.parametrize("weights", [TWO, AVERAGED, INTERACTION])
@pytest.mark.parametrize(("p", "phi"), [(0.5, 0.0), (0.3, 0.0), (0.5, 0.6)])
def test_the_spread_that_is_assumed_is_that_of_cells_that_correlate_alike(weights, p, phi):
    """Drawn: any two cells of a family differ as often, and that alone gives the spread."""
    rng = np.random.default_rng(3)
    n = 100_000
    shared = rng.random((n, len(weights))) < math.sqrt(phi)
    y = np.where(shared, rng.random((n, 1)), rng.random((n, len(weights)))) < p
    discordant = float((y[:, 0] != y[:, 1]).mean())

    assert (y @ np.array(weights)).std() == pytest.approx(
        contrast_sd(weights, discordant), rel=0.02
    )


def test_two_cells_are_planned_as_two_targets_are():
    """Connor's variance, so the smallest difference is that of pairs, where that has one."""
    assert contrast_sd(TWO, 0.3, 0.1) == pytest.approx(math.sqrt(0.3 - 0.01))
    assert mde_contrast(80, TWO, 0.4) == pytest.approx(mde_clustered_shares(80, 0.4, 1, 0))


@pytest.mark.parametrize("weights", [TWO, AVERAGED, INTERACTION])
@pytest.mark.parametrize("discordant", [0.05, 0.2, 0.5])
def test_the_smallest_difference_is_seen_with_the_power_asked_for(weights, discordant):
    """It is the inverse of the power, grows as families vary, and falls as there are more."""
    d = mde_contrast(60, weights, discordant, 0.05, 0.9)

    assert power_paired_mean(60, d, contrast_sd(weights, discordant, d)) == pytest.approx(
        0.9, abs=1e-6
    )
    assert mde_contrast(600, weights, discordant) < d <= mde_contrast(60, weights, 0.6, 0.05, 0.9)
    assert math.isnan(mde_contrast(1, weights, discordant))


def test_the_half_width_is_that_of_the_record_that_reports_use():
    """Eight rise and eight fall of forty; and if none differs, what forty may not have shown."""
    d = np.array([1.0] * 8 + [-1.0] * 8 + [0.0] * 24)
    made = paired_score(np.maximum(-d, 0), np.maximum(d, 0), np.arange(40)).interval(0.95)
    sd = math.sqrt(0.4 * 40 / 39)

    assert half_width_within(40, sd, 1) == pytest.approx(made.width / 2, rel=0.01)
    assert half_width_within(40, 0, 1) == unseen_limits(0, 40, 1, 0.95)[1]
    assert half_width_within(40, 2 * sd, 2) == pytest.approx(2 * half_width_within(40, sd, 1))
    assert math.isnan(half_width_within(1, sd, 1))


def drawn(name, rng, n):
    if name == "rare":
        return rng.choice([-1.0, 0.0, 1.0], size=n, p=[0.025, 0.95, 0.025]), math.sqrt(0.05)
    if name == "one way":
        return rng.choice([0.0, 1.0], size=n, p=[0.9, 0.1]), 0.3
    if name == "often":
        return rng.choice([-1.0, 0.0, 1.0], size=n, p=[0.25, 0.5, 0.25]), math.sqrt(0.5)
    if name == "ends":
        return rng.choice([-1.0, 1.0], size=n, p=[0.8, 0.2]), 0.8
    return np.clip(rng.normal(0, 0.2, n), -1, 1), 0.2


@pytest.mark.parametrize("name", ["rare", "one way", "often", "even", "ends"])
@pytest.mark.parametrize("families", [12, 20, 40, 100])
def test_a_pilots_spread_is_above_the_truth_four_times_in_five(name, families):
    """Whatever the distribution; by chi-square alone it is not, where few families differ."""
    rng = np.random.default_rng([len(name), families])
    pilots = [drawn(name, rng, families) for _ in range(500)]
    true = pilots[0][1]
    held = np.mean([careful_spread(d, 1) >= true for d, _ in pilots])

    assert held >= 0.75
    if name == "rare":
        assert np.mean([careful_sd(d.std(ddof=1), families - 1) >= true for d, _ in pilots]) < 0.7


def test_a_pilot_whose_families_hardly_differ_promises_little():
    """One that is a little apart proves nothing of what the others may do; without ends nobody can say."""
    assert careful_spread([0.0] * 11 + [0.01], 1) > 0.3
    assert careful_spread([0.2] * 30, 1) > 0.2
    assert careful_spread([0.2] * 30) == pytest.approx(0, abs=1e-12)
    assert careful_spread([0.0, 1.0, 0.5] * 9, 1, 0.025) < careful_spread([0.0, 1.0, 0.5] * 9, 1)


def test_no_spread_is_planned_that_ends_and_mean_rule_out():
    """Differences at both ends vary by the span; one that is far from 0 leaves less room."""
    even, far = [1.0, -1.0] * 6, [1.0] * 57 + [-1.0] * 3

    assert careful_sd(np.std(even, ddof=1), 11) > 1
    assert careful_spread(even, 1) == careful_spread(even, 1, 0.975) == 1
    assert np.std(far) < careful_spread(far, 1) <= most_spread(far, 1) < 0.6
    assert most_spread(np.negative(far), 1) == pytest.approx(most_spread(far, 1))
    assert most_spread([2.0, -2.0] * 6, 2) == 2
    assert most_spread(even, math.inf) == math.inf


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: contrast_sd([1, 1], 0.2), "add up to 0"),
        (lambda: contrast_sd([0, 0], 0.2), "add up to 0"),
        (lambda: contrast_sd([0], 0.2), "two cells or more"),
        (lambda: contrast_sd([1, math.nan], 0.2), "add up to 0"),
        (lambda: contrast_sd(TWO, 1.2), "discordant"),
        (lambda: mde_contrast(-1, TWO, 0.2), "families"),
        (lambda: mde_contrast(10, TWO, 0.2, alpha=0), "alpha above 0"),
        (lambda: half_width_within(10, 0.2, 1, 2), "level"),
        (lambda: careful_spread([1.0], 1), "two families or more, got 1"),
        (lambda: careful_spread([1.0, math.nan], 1), "is not a number"),
        (lambda: most_spread([1.0], 1), "two families or more, got 1"),
        (lambda: careful_spread([1.0, 0.0], 1, 1.0), "level"),
    ],
)
def test_what_cannot_be_planned_is_refused(wrong, words):
    """Each says what is wrong; none gives a number."""
    with pytest.raises(ValueError, match=words):
        wrong()
