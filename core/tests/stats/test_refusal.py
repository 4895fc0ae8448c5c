"""Over- and under-refusal, trigger words, and the right reason."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import contingency, norm, ttest_1samp
from statsmodels.stats.proportion import confint_proportions_2indep

from dosimeter.stats import refusal

TRIALS = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(TRIALS, TRIALS)
def test_youden_has_the_limits_of_statsmodels(harmful, benign):
    """Newcombe's square and add."""
    found = refusal.refusal_tradeoff(*harmful, *benign).youden
    theirs = confint_proportions_2indep(*harmful, *benign, method="newcomb")

    assert list(found.interval()) == pytest.approx(list(theirs), abs=1e-9)
    assert found.interval().width > 0


@given(TRIALS, TRIALS)
def test_refusing_and_answering_exchanged_turn_the_criterion(harmful, benign):
    """The same trade-off, seen from the other side: J and d' turn their sign, or keep it."""
    (a, n), (b, m) = harmful, benign
    one, other = refusal.refusal_tradeoff(a, n, b, m), refusal.refusal_tradeoff(m - b, m, n - a, n)

    assert other.youden.estimate == pytest.approx(one.youden.estimate)
    assert other.d_prime == pytest.approx(one.d_prime)
    assert other.criterion == pytest.approx(-one.criterion)
    assert one.d_prime - norm.isf((b + 0.5) / (m + 1)) == pytest.approx(
        norm.ppf((a + 0.5) / (n + 1))
    )


def test_trap_20_a_model_that_refuses_everything_does_not_win():
    """No under-refusal, all over-refusal: J is 0, and no cost is under that of refusing all."""
    found = refusal.refusal_tradeoff(200, 200, 250, 250)
    curve = refusal.expected_cost(found, np.linspace(0, 1, 21), [[1], [10]])

    assert found.youden.estimate == 0
    assert found.under.estimate == 0
    assert curve.cost == pytest.approx(curve.refuse_all)
    assert curve.cost.shape == (2, 21)


def test_a_side_without_prompts_is_undefined():
    """Trap 19: no benign prompts, no trade-off."""
    found = refusal.refusal_tradeoff(5, 10, 0, 0)

    assert found.youden.undefined == "no-observations"
    assert math.isnan(found.d_prime)
    assert not math.isnan(found.under.estimate)
    curve = refusal.expected_cost(found, 0.5)
    assert math.isnan(curve.cost)
    assert (curve.lower, curve.upper) == (0, 1)
    with pytest.raises(ValueError, match="from 0 to n"):
        refusal.refusal_tradeoff(11, 10, 0, 1)


@given(TRIALS, TRIALS, st.floats(0, 1), st.floats(0.01, 100))
def test_cost_lies_between_both_errors_and_inside_its_limits(harmful, benign, prevalence, ratio):
    """A weighted mean of them, 0 to 1; only the product of prevalence odds and ratio counts."""
    found = refusal.refusal_tradeoff(*harmful, *benign)
    curve = refusal.expected_cost(found, prevalence, ratio)
    low, high = sorted([found.under.estimate, found.over.estimate])

    assert low - 1e-12 <= curve.cost <= high + 1e-12
    assert -1e-12 <= curve.lower <= curve.cost <= curve.upper <= 1 + 1e-12
    assert curve.lower < curve.upper


def test_cost_covers():
    """Known truth: 5 and 12 in a hundred, a quarter harmful, harm three times as costly."""
    rng = np.random.default_rng(1)
    truth = 0.5 * 0.05 + 0.5 * 0.12
    inside = []
    for a, b in zip(rng.binomial(150, 0.95, 2000), rng.binomial(150, 0.12, 2000), strict=True):
        curve = refusal.expected_cost(refusal.refusal_tradeoff(a, 150, b, 150), 0.25, 3)
        inside.append(curve.lower <= truth <= curve.upper)

    assert 0.9335 <= np.mean(inside) <= 0.975


def test_costs_that_are_none_are_refused():
    """Prevalence is a share, and a ratio is above 0."""
    found = refusal.refusal_tradeoff(5, 10, 5, 10)
    for prevalence, ratio in ((1.1, 1), (math.nan, 1), (0.5, 0), (0.5, math.inf)):
        with pytest.raises(ValueError, match="prevalence must be from 0 to 1"):
            refusal.expected_cost(found, prevalence, ratio)


@pytest.mark.parametrize(("b", "c"), [(28, 3), (5, 5), (1, 12), (0, 9), (9, 0)])
def test_conditional_odds_are_those_of_scipy(b, c):
    """Strata of matched pairs: scipy's exact odds ratio of the binomial that is left."""
    found = refusal.keyword_trigger(6, b, c, 40).odds
    exact = contingency.odds_ratio([[b, c], [10**9, 10**9]], kind="conditional")
    low, high = exact.confidence_interval(0.95)

    assert found.estimate == (b / c if c else math.inf)
    assert found.interval().lower == pytest.approx(low, rel=1e-3)
    assert found.interval().upper == pytest.approx(high, rel=1e-3)


def test_no_match_refused_alone_gives_a_lower_limit_only():
    """C = 0: the estimate has no end, and neither have the limits."""
    found = refusal.keyword_trigger(6, 28, 0, 66).odds

    assert found.estimate == found.interval().upper == math.inf
    assert found.interval().lower == pytest.approx(1 / ((1 / 0.025) ** (1 / 28) - 1))


def test_pairs_that_never_differ_have_no_odds():
    """0/0 is neither 0 nor 1."""
    found = refusal.keyword_trigger(6, 0, 0, 66)

    assert found.odds.undefined == "no-pair-differs"
    assert math.isnan(found.odds.estimate)
    assert found.effect.estimate == 0
    assert found.effect.exact_p == 1
    assert tuple(found.odds.interval()) == (0, math.inf)
    with pytest.raises(ValueError, match="only_trigger"):
        refusal.keyword_trigger(6, -1, 0, 66)


def test_conditional_odds_cover():
    """Known truth: twice as often the trigger; exact limits hold 95 or more."""
    rng = np.random.default_rng(1)
    inside = [
        2.0 in refusal.keyword_trigger(0, int(b), 30 - int(b), 0).odds.interval()
        for b in rng.binomial(30, 2 / 3, 2000)
    ]

    assert np.mean(inside) >= 0.9335


def families(rng, g, h1, h0, b1, b0, spread=0.15):
    """Refusals of one reply a cell, families being more or less refused altogether."""
    lean = np.repeat(rng.uniform(-spread, spread, g), 4)
    chance = np.clip(np.tile([h1, h0, b1, b0], g) + lean, 0, 1)
    y = (rng.random(4 * g) < chance).astype(float)
    return y, np.tile([1, 1, 0, 0], g), np.tile([1, 0, 1, 0], g), np.repeat(range(g), 4)


def test_the_contrasts_are_those_of_their_definitions():
    """Against a t test of each family's four means, repeats averaged."""
    rng = np.random.default_rng(1)
    y, harm, word, family = (np.concatenate([c, c]) for c in families(rng, 30, 0.7, 0.6, 0.4, 0.2))
    y[120:] = rng.random(120) < 0.5
    cells = np.array(
        [[y[(family == f) & (harm == h) & (word == w)].mean() for h, w in ((1, 1), (1, 0), (0, 1), (0, 0))]
         for f in range(30)]
    ).T  # fmt: skip
    h1, h0, b1, b0 = cells
    found = refusal.right_reason(y, harm, word, family)

    for ours, theirs in (
        (found.intent, (h1 - b1 + h0 - b0) / 2), (found.keyword, (h1 - h0 + b1 - b0) / 2),
        (found.keyword_benign, b1 - b0), (found.interaction, h1 - h0 - b1 + b0),
    ):  # fmt: skip
        test = ttest_1samp(theirs, 0)
        assert ours.estimate == pytest.approx(theirs.mean())
        assert list(ours.interval()) == pytest.approx(list(test.confidence_interval()))
        assert ours.p_value() == pytest.approx(test.pvalue)


def test_the_interval_of_k_covers_where_families_differ():
    """Known truth: the word adds a quarter on benign, a tenth on harmful prompts."""
    rng = np.random.default_rng(1)
    benign, both = [], []
    for _ in range(600):
        found = refusal.right_reason(*families(rng, 40, 0.7, 0.6, 0.45, 0.2))
        benign.append(0.25 in found.keyword_benign.interval())
        both.append(0.175 in found.keyword.interval())

    assert 0.92 <= np.mean(benign) <= 0.978
    assert 0.92 <= np.mean(both) <= 0.978


def test_verdicts_name_what_refusals_follow():
    """Intent, the word, neither more than the other, and no room to tell."""
    rng = np.random.default_rng(1)
    verdicts = [
        refusal.right_reason(*families(rng, 200, *cells, spread=0.04))
        for cells in ((0.8, 0.75, 0.15, 0.1), (0.8, 0.2, 0.75, 0.1), (0.7, 0.5, 0.5, 0.3))
    ]

    assert [v.verdict() for v in verdicts] == ["intent", "trigger word", "cannot tell"]
    full = refusal.right_reason(*families(rng, 100, 1, 1, 0.5, 0.1))
    half = refusal.right_reason(*families(rng, 100, 1, 0.6, 0.5, 0.1, spread=0))
    assert half.no_verdict == "harmful-at-ceiling"
    none = refusal.right_reason(*families(rng, 100, 0.01, 0.0, 0.5, 0.1, spread=0))
    assert (full.verdict(), full.no_verdict) == ("cannot tell", "harmful-at-ceiling")
    assert (none.verdict(), none.no_verdict) == ("cannot tell", "harmful-at-floor")
    assert full.keyword_benign.interval().lower > 0


def test_incomplete_families_are_left_out_and_counted():
    """VALIDITY 12: three cells of four do not make a contrast."""
    rng = np.random.default_rng(1)
    y, harm, word, family = families(rng, 20, 0.7, 0.6, 0.4, 0.2)
    found = refusal.right_reason(y[:-1], harm[:-1], word[:-1], family[:-1])

    assert (found.keyword.clusters, found.keyword.left_out) == (19, 1)
    none = refusal.right_reason([1, 0], [1, 0], [1, 1], ["a", "a"])
    assert none.keyword.undefined == "no-observations"
    assert none.no_verdict == "no-complete-family"
    assert refusal.right_reason([], [], [], []).verdict() == "cannot tell"


@given(st.integers(1, 8), st.randoms())
def test_rows_and_names_of_families_may_be_exchanged(g, random):
    """Order and labels are nobody's business."""
    rows = list(zip(*families(np.random.default_rng(g), g, 0.7, 0.6, 0.4, 0.2), strict=True))
    turned = [(y, h, w, f"family {99 - f}") for y, h, w, f in rows]
    random.shuffle(turned)
    one, other = (refusal.right_reason(*zip(*r, strict=True)) for r in (rows, turned))

    assert one.keyword.estimate == pytest.approx(other.keyword.estimate)
    assert one.cells == pytest.approx(other.cells)


def test_cells_that_are_none_are_refused():
    """Contestable is neither harmful nor benign."""
    with pytest.raises(ValueError, match="give 0 or 1"):
        refusal.right_reason([1], [0.5], [1], ["a"])
    with pytest.raises(ValueError, match="outside 0 to 1"):
        refusal.right_reason([6], [1], [1], ["a"])
