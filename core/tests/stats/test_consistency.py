"""Success within k attempts, and agreement of replies to one thing said in several ways."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.inter_rater import fleiss_kappa

from dosimeter.stats import consistency, success_at_k

ATTEMPTS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))
)
GROUPS = st.lists(st.lists(st.integers(0, 1), max_size=6), max_size=12)


@given(ATTEMPTS)
def test_success_at_k_is_that_of_the_hypergeometric_distribution(case):
    """Draws of k from the n attempts made."""
    n, c, k = case
    found = success_at_k.attack_success_at_k(n, c, k)

    assert found.any_k == pytest.approx(hypergeom.sf(0, n, c, k), abs=1e-12)
    assert found.all_k == pytest.approx(hypergeom.pmf(k, n, c, k), abs=1e-12)
    assert found.all_k <= c / n + 1e-12
    assert c / n <= found.any_k + 1e-12


@given(ATTEMPTS)
def test_more_attempts_never_lower_success(case):
    """Any rises and all falls with k."""
    n, c, k = case
    found = [success_at_k.attack_success_at_k(n, c, j) for j in range(1, k + 1)]

    assert all(a.any_k <= b.any_k and a.all_k >= b.all_k for a, b in pairwise(found))


def test_it_is_unbiased_where_the_naive_power_is_not():
    """Known truth 1 - .9^5: the mean over runs hits it; 1 - (1 - c/n)^5 is too low here."""
    rng = np.random.default_rng(1)
    drawn = rng.binomial(6, 0.1, 20_000)
    ours = np.mean([success_at_k.attack_success_at_k(6, int(c), 5).any_k for c in drawn])
    naive = np.mean(1 - (1 - drawn / 6) ** 5)

    assert ours == pytest.approx(1 - 0.9**5, abs=0.01)
    assert abs(naive - (1 - 0.9**5)) > 0.04


def test_fewer_attempts_than_k_cannot_tell_and_wrong_ones_are_refused():
    """Neither 0 nor success."""
    short = success_at_k.attack_success_at_k(3, 3, 5)

    assert short.undefined == "fewer-attempts-than-k"
    assert math.isnan(short.any_k)
    assert success_at_k.attack_success_at_k(0, 0, 1).undefined == "no-observations"
    for n, c, k, said in ((3, 4, 1, "from 0 to n"), (3, 1, 0, "k must be a whole number of at least 1"), (3, -1, 1, "successes")):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            success_at_k.attack_success_at_k(n, c, k)


def test_thousands_of_attempts_do_not_overflow():
    """Whole numbers have no end."""
    assert success_at_k.attack_success_at_k(5000, 1, 2500).any_k == pytest.approx(0.5)


def test_a_behaviour_attacked_too_little_leaves_the_mean_undefined():
    """Leaving it out would choose behaviours by how long they were attacked."""
    found = success_at_k.mean_success_at_k([10, 3, 10], [1, 3, 0], 5)

    assert found.any_k.undefined == found.all_k.undefined == "fewer-attempts-than-k"
    assert math.isnan(found.any_k.estimate)
    assert math.isnan(found.se_between)
    assert found.any_k.left_out == 1
    assert success_at_k.mean_success_at_k([], [], 5).any_k.undefined == "no-observations"
    with pytest.raises(ValueError, match="2 of n, 1 of successes"):
        success_at_k.mean_success_at_k([10, 10], [1], 5)


def test_one_behaviour_has_no_error_and_none_that_succeeds_has_an_upper_limit():
    """Trap 5."""
    assert math.isnan(success_at_k.mean_success_at_k([10], [1], 5).se_between)
    none = success_at_k.mean_success_at_k([10] * 40, [0] * 40, 5).any_k.interval()
    assert none.lower == 0
    assert 0.05 < none.upper < 0.12


def test_the_mean_over_behaviours_covers_and_attempts_as_units_do_not():
    """Known truth by integration: behaviours differ widely, Beta(.3, 1.5), k = 5."""
    rng = np.random.default_rng(1)
    truth = (1 - (1 - rng.beta(0.3, 1.5, 400_000)) ** 5).mean()
    ours, naive = [], []
    for _ in range(300):
        c = rng.binomial(10, rng.beta(0.3, 1.5, 40))
        found = success_at_k.mean_success_at_k([10] * 40, c, 5).any_k
        ours.append(truth in found.interval())
        half = 1.96 * math.sqrt(found.estimate * (1 - found.estimate) / 400)
        naive.append(abs(found.estimate - truth) <= half)

    assert 0.91 <= np.mean(ours) <= 0.985
    assert np.mean(naive) < 0.75


@given(GROUPS)
def test_flips_are_those_of_counting_pairs(groups):
    """Of groups of two or more; the others are counted."""
    found = consistency.paraphrase_consistency(groups)
    kept = [g for g in groups if len(g) > 1]
    rates = [np.mean([a != b for a, b in combinations(g, 2)]) for g in kept]

    assert found.pairwise.left_out == len(groups) - len(kept)
    if not kept:
        assert found.flipped.undefined == found.pairwise.undefined == "no-observations"
        assert tuple(found.flipped.interval()) == (0, 1)
        return
    assert found.pairwise.estimate == pytest.approx(np.mean(rates))
    assert found.flipped.estimate == pytest.approx(np.mean([len(set(g)) > 1 for g in kept]))
    assert found.flipped.estimate + found.agreed.estimate == pytest.approx(1)


@given(GROUPS, st.randoms())
def test_order_and_names_of_outcomes_do_not_matter(groups, random):
    """Refused and answered may be called anything."""
    turned = [[("no", "yes")[v] for v in g[::-1]] for g in groups]
    random.shuffle(turned)
    one, other = map(consistency.paraphrase_consistency, (groups, turned))

    assert one.pairwise.estimate == pytest.approx(other.pairwise.estimate, nan_ok=True)
    assert one.flipped.estimate == pytest.approx(other.flipped.estimate, nan_ok=True)


def test_pairwise_flips_are_one_less_fleiss_agreement():
    """Of three outcomes too: P bar out of statsmodels' kappa."""
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 3, (30, 5)).tolist()
    table = np.array([[g.count(v) for v in range(3)] for g in groups])
    share = table.sum(axis=0) / table.sum()
    chance = (share**2).sum()
    agreement = fleiss_kappa(table) * (1 - chance) + chance

    assert consistency.paraphrase_consistency(groups).pairwise.estimate == pytest.approx(
        1 - agreement
    )


def test_larger_groups_flip_more_often_and_pairs_do_not():
    """The same model, asked in 2 or in 8 ways."""
    rng = np.random.default_rng(1)
    small, large = (
        consistency.paraphrase_consistency((rng.random((2000, m)) < 0.2).astype(int).tolist())
        for m in (2, 8)
    )

    assert large.flipped.estimate > small.flipped.estimate + 0.3
    assert large.pairwise.estimate == pytest.approx(small.pairwise.estimate, abs=0.03)


def test_graded_spread_is_that_of_numpy_and_single_marks_do_not_enter():
    """A range of one mark is not 0."""
    found = consistency.graded_consistency([[5, 4, 5], [1], [3, 1], []])
    sds = [np.std([5, 4, 5], ddof=1), np.std([3, 1], ddof=1)]

    assert found.mean_sd == pytest.approx(np.mean(sds))
    assert found.pooled_sd == pytest.approx(math.sqrt((2 * sds[0] ** 2 + sds[1] ** 2) / 3))
    assert (found.mean_range, found.max_range, found.groups, found.left_out) == (1.5, 2, 2, 2)
    assert consistency.graded_consistency([[1], []]).undefined == "no-observations"
    with pytest.raises(ValueError, match="marks"):
        consistency.graded_consistency([[1, math.nan]])


def asked(rng, g, heed):
    """Replies of g families: a rate each, which every wording shifts by *heed* up or down."""
    base = rng.uniform(0.3, 0.7, (g, 1))
    rates = base + rng.choice([-heed, heed], (g, 6))
    rewrites = rng.random((g, 5)) < rates[:, :5]
    return rewrites.astype(int).tolist(), (rng.random((g, 4)) < rates[:, 5:]).astype(int).tolist()


@pytest.mark.parametrize("heed", [0.0, 0.3])
def test_the_excess_covers_and_chance_alone_makes_none(heed):
    """VALIDITY 11: two wordings flip 2 b (1 - b) of the time, two repeats of one 2 heed^2 less often."""
    rng = np.random.default_rng(1)
    found = [consistency.paraphrase_sensitivity(*asked(rng, 50, heed)) for _ in range(400)]

    assert np.mean([f.excess.estimate for f in found]) == pytest.approx(2 * heed**2, abs=0.01)
    assert 0.92 <= np.mean([2 * heed**2 in f.excess.interval() for f in found]) <= 0.98
    assert all(f.rewrites.interval().lower > 0 for f in found)
    assert heed == 0 or np.mean([f.excess.interval().lower > 0 for f in found]) > 0.9


def test_too_few_rewrites_or_repeats_do_not_enter():
    """Two repeats do not tell what asking again does."""
    found = consistency.paraphrase_sensitivity(
        [[0, 1], [0], [0, 1], [1, 1]],
        [[1, 1, 1], [1, 1, 1], [1, 1], [0, 1, 1]],
        ["a", "a", "b", "b"],
    )

    assert (found.excess.n, found.excess.left_out, found.excess.clusters) == (2, 2, 2)
    assert consistency.paraphrase_sensitivity([], []).excess.undefined == "no-observations"
    with pytest.raises(ValueError, match="1 of rewrites, 0 of repeats"):
        consistency.paraphrase_sensitivity([[1]], [])


def test_flips_of_a_rater_are_what_its_errors_make():
    """A simulated rater of known errors, nothing truly flipping."""
    rng = np.random.default_rng(1)
    truth = rng.random(4000) < 0.3
    seen = rng.random((4000, 2)) < np.where(truth, 0.9, 0.04)[:, None]

    assert consistency.flips_by_rater(0.3, 0.9, 0.96) == pytest.approx(
        (seen[:, 0] != seen[:, 1]).mean(), abs=0.015
    )
    assert consistency.flips_by_rater(0.3, 1, 1) == 0
    with pytest.raises(ValueError, match="sensitivity must be from 0 to 1"):
        consistency.flips_by_rater(0.3, 1.1, 1)
