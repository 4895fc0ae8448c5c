"""Scores of membership from token probabilities."""

import math
import zlib

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import norm

from dosimeter.stats import tokenscores

SHADOWS = st.lists(st.floats(-50, 50), min_size=2, max_size=12)


@pytest.mark.parametrize(("seed", "k"), [(1, 0.2), (2, 0.5), (3, 1.0), (4, 0.01)])
def test_scores_are_those_of_the_definitions_taken_word_by_word(seed, k):
    """Loops over tokens, as the papers have them."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(7) * 0.5, 15)
    said = [int(rng.choice(7, p=row)) for row in p]
    log_p = [math.log(row[t]) for row, t in zip(p, said, strict=True)]
    z = []
    for row, value in zip(p, log_p, strict=True):
        mean = sum(x * math.log(x) for x in row)
        z.append((value - mean) / math.sqrt(sum(x * (math.log(x) - mean) ** 2 for x in row)))
    least = max(1, int(15 * k))
    found = tokenscores.token_scores(np.log(p), said, k)

    assert found.loss == pytest.approx(-np.mean(log_p))
    assert found.perplexity == pytest.approx(math.exp(-np.mean(log_p)))
    assert found.min_k == pytest.approx(np.mean(sorted(log_p)[:least]))
    assert found.min_k_pp == pytest.approx(np.mean(sorted(z)[:least]))


@given(st.lists(st.floats(-900, 0), min_size=1, max_size=30), st.randoms())
def test_min_k_rises_with_k_and_does_not_depend_on_order(log_p, random):
    """The least likely tokens come first, wherever they stand."""
    turned = log_p[:]
    random.shuffle(turned)
    found = [tokenscores.min_k(log_p, k) for k in (0.1, 0.3, 0.6, 1.0)]

    assert found == pytest.approx(sorted(found))
    assert tokenscores.min_k(turned, 0.3) == found[1]
    assert found[-1] == pytest.approx(np.mean(log_p))


def test_an_impossible_token_is_infinitely_surprising_and_breaks_nothing():
    """A probability of 0 among the others is no NaN."""
    with np.errstate(divide="ignore"):
        table = np.log([[0.0, 1.0], [0.5, 0.5], [0.9, 0.1]])
    found = tokenscores.token_scores(table, [0, 0, 0])
    likely = tokenscores.token_scores(table, [1, 0, 0], k=1)

    assert (found.loss, found.perplexity, found.min_k) == (math.inf, math.inf, -math.inf)
    assert math.isfinite(likely.loss)
    assert likely.flat == 2
    assert likely.min_k_pp == pytest.approx(
        (math.log(0.9) - math.log(0.1)) * 0.1 / math.log(9) / 0.3
    )


def test_a_very_long_shot_keeps_its_digits():
    """e^-2000 is 0 as a number, and not as a logarithm."""
    table = np.array([[0.0, -2000.0]])

    assert tokenscores.token_scores(table, [1]).loss == 2000
    assert tokenscores.token_scores(table, [1]).perplexity == math.inf
    assert tokenscores.confidence_logit(table[0], 0) == 2000
    assert tokenscores.confidence_logit(table[0], 1) == -2000


def test_what_is_no_distribution_over_a_vocabulary_is_refused():
    """The most likely five of fifty thousand do not add up to 1."""
    with pytest.raises(ValueError, match="needs the whole vocabulary"):
        tokenscores.token_scores(np.log([[0.3, 0.2]]), [0])
    with pytest.raises(ValueError, match="one row to each token"):
        tokenscores.token_scores(np.log([[0.5, 0.5]]), [0, 1])
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        tokenscores.token_scores(np.log([[0.5, 0.5]]), [2])
    with pytest.raises(ValueError, match="k must be above 0"):
        tokenscores.min_k([-1.0], 0)
    with pytest.raises(ValueError, match=r"log_probs\[1\] is not a number"):
        tokenscores.min_k([-1.0, math.nan])
    with pytest.raises(ValueError, match="outcome 2 is not among 2"):
        tokenscores.confidence_logit([0.0, -1.0], 2)


def test_no_tokens_are_undefined():
    """Trap 19."""
    found = tokenscores.token_scores([], [])

    assert found.undefined == "no-observations"
    assert math.isnan(found.loss)


def test_zlib_and_reference_scores_rise_with_what_a_member_would_show():
    """Lower loss than repetition, or another model, explains."""
    text = "abc" * 100

    assert tokenscores.zlib_score(2.0, text) == -2.0 / len(zlib.compress(text.encode()))
    assert tokenscores.zlib_score(1.0, text) > tokenscores.zlib_score(2.0, text)
    assert tokenscores.reference_score(1.0, 3.0) > tokenscores.reference_score(2.0, 3.0)
    assert tokenscores.zlib_score(1.0, "") < 0


@given(st.floats(-60, 60), SHADOWS, SHADOWS)
def test_the_likelihood_ratio_is_that_of_scipy(target, inside, outside):
    """Normal densities with ddof 0."""
    found = tokenscores.lira(target, inside, outside)
    if np.ptp(inside) < 1e-6 or np.ptp(outside) < 1e-6:
        return
    a, b = ((np.mean(s), np.std(s)) for s in (inside, outside))
    theirs = norm.logpdf(target, *a) - norm.logpdf(target, *b)

    assert found.log_ratio == pytest.approx(theirs, rel=1e-6, abs=1e-6)
    assert found.offline == pytest.approx(norm.cdf(target, *b), abs=1e-9)


def test_far_scores_still_rank_where_the_probability_ends_at_1():
    """Offline scores of 1 are equal; their z and their tail are not."""
    one, two = (tokenscores.lira(t, [], [0.0, 1.0]) for t in (40.0, 60.0))

    assert one.offline == two.offline == 1
    assert one.offline_z < two.offline_z
    assert two.log_tail < one.log_tail < -1000
    assert one.undefined == "fewer-than-two-models"
    assert math.isnan(one.log_ratio)


def test_shadow_models_of_one_score_have_no_density():
    """A standard deviation of 0 would make any score infinitely telling."""
    found = tokenscores.lira(1.0, [2.0, 2.0], [0.0, 1.0])

    assert found.undefined == "no-variation"
    assert math.isnan(found.log_ratio)
    assert math.isnan(tokenscores.lira(1.0, [0.0, 1.0], [3.0, 3.0]).offline)
    assert math.isnan(tokenscores.lira(1.0, [0.0, 1.0], [0.3, 0.1 + 0.2]).offline)
    assert tokenscores.lira(5.0, [0.0, 1.0], [0.0, 1e-300]).undefined == "no-variation"
    with pytest.raises(ValueError, match="without"):
        tokenscores.lira(1.0, [0.0, 1.0], [math.nan])


def test_the_ratio_tells_models_that_had_the_text():
    """Known truth: members' logits are two apart; the online ratio is nearly always on their side."""
    rng = np.random.default_rng(1)
    right = [
        tokenscores.lira(
            rng.normal(2, 0.5), rng.normal(2, 0.5, 32), rng.normal(0, 0.5, 32)
        ).log_ratio
        > 0
        for _ in range(300)
    ]

    assert np.mean(right) > 0.95
