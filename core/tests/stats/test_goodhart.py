"""Public against held-out items, and honeypots."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, strategies as st
from scipy.stats import binomtest, ttest_1samp

from dosimeter.stats import goodhart

CELL = st.integers(1, 100).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("cells", [(480, 500, 440, 500, 450, 500, 445, 500), (30, 40, 20, 50, 10, 30, 15, 45)])  # fmt: skip
def test_the_difference_is_that_of_a_saturated_regression(cells):
    """Coefficient and HC0 error of the interaction, out of statsmodels."""
    y, public, model = [], [], []
    for i, (m, p) in enumerate(((1, 1), (1, 0), (0, 1), (0, 0))):
        x, n = cells[2 * i : 2 * i + 2]
        y += [1] * x + [0] * (n - x)
        public += [p] * n
        model += [m] * n
    p, m = np.array(public), np.array(model)
    fit = sm.OLS(np.array(y), np.stack([np.ones(len(y)), p, m, p * m], axis=1)).fit(cov_type="HC0")
    found = goodhart.goodhart_gap(*cells[:4], cells[4:])

    assert (found.estimate, found.se) == pytest.approx((fit.params[3], fit.bse[3]))
    assert found.p_value() == pytest.approx(fit.pvalues[3])
    assert found.p_above() == pytest.approx(fit.pvalues[3] / 2 if found.estimate > 0 else 1 - fit.pvalues[3] / 2)  # fmt: skip


@given(CELL, CELL, CELL, CELL)
def test_model_and_reference_exchanged_turn_the_difference(a, b, c, d):
    """And a model compared with itself is 0."""
    one, other = goodhart.goodhart_gap(*a, *b, (*c, *d)), goodhart.goodhart_gap(*c, *d, (*a, *b))

    assert one.estimate == pytest.approx(-other.estimate)
    assert goodhart.goodhart_gap(*a, *b, (*a, *b)).estimate == 0
    found = one.interval()
    assert found.undefined == "no-variation" or -2 <= found.lower < found.upper <= 2


@pytest.mark.parametrize("rates", [(0.96, 0.88, 0.9, 0.89), (0.98, 0.98, 0.95, 0.95)])
def test_the_difference_covers_and_accuses_honest_models_once_in_twenty(rates):
    """Known truth, 200 items a cell."""
    rng = np.random.default_rng(1)
    truth = rates[0] - rates[1] - rates[2] + rates[3]
    inside, accused = [], []
    for x in rng.binomial(200, rates, (1500, 4)).tolist():
        found = goodhart.goodhart_gap(x[0], 200, x[1], 200, (x[2], 200, x[3], 200))
        inside.append(truth in found.interval())
        accused.append(found.estimate - 1.6449 * found.se > truth)

    assert 0.93 <= np.mean(inside) <= 0.9655
    assert np.mean(accused) <= 0.067


def test_harder_held_out_items_accuse_a_gap_but_no_difference_in_differences():
    """The naive rival: a split of unlike difficulty, and a model that never saw either half."""
    rng = np.random.default_rng(1)
    gap, did = [], []
    for x in rng.binomial(200, [0.95, 0.85, 0.95, 0.85], (500, 4)).tolist():
        found = goodhart.goodhart_gap(x[0], 200, x[1], 200, (x[2], 200, x[3], 200))
        gap.append(found.gap.interval().lower > 0)
        did.append(found.p_above() < 0.05)

    assert np.mean(gap) > 0.8
    assert np.mean(did) <= 0.08


def test_without_a_reference_the_cause_is_unknown():
    """VALIDITY 27: the words go with the number."""
    found = goodhart.goodhart_gap(48, 50, 40, 50)

    assert found.undefined == "no-reference"
    assert found.wording == "difference, cause unknown"
    assert found.gap.estimate == pytest.approx(0.16)
    assert found.reference is None
    assert goodhart.goodhart_gap(48, 50, 40, 50, (5, 9, 5, 9)).wording == "excess over reference"


def test_no_items_no_variation_and_few_replies_of_a_kind():
    """Undefined, without an interval, and with a caution."""
    assert goodhart.goodhart_gap(0, 0, 4, 5, (3, 5, 3, 5)).undefined == "no-observations"
    sure = goodhart.goodhart_gap(5, 5, 5, 5, (5, 5, 5, 5))
    assert sure.interval().undefined == "no-variation"
    assert math.isnan(sure.p_above())
    assert goodhart.goodhart_gap(48, 50, 40, 50, (40, 50, 40, 50)).caution
    assert not goodhart.goodhart_gap(44, 50, 40, 50, (40, 50, 40, 50)).caution
    with pytest.raises(ValueError, match="from 0 to n"):
        goodhart.goodhart_gap(6, 5, 4, 5)


def siblings(rng, g, effect):
    """Two to five items a family, randomised; families of unlike difficulty."""
    family = np.repeat(range(g), rng.integers(2, 6, g))
    public = rng.integers(0, 2, len(family))
    base = rng.uniform(0.4, 0.8, g)[family]
    return (rng.random(len(family)) < base + effect * public).astype(float), public, family


def test_siblings_cover_and_need_no_reference():
    """Known truth: publication adds a seventh."""
    rng = np.random.default_rng(1)
    found = [goodhart.sibling_gap(*siblings(rng, 80, 1 / 7)) for _ in range(500)]
    null = [goodhart.sibling_gap(*siblings(rng, 80, 0)) for _ in range(500)]

    assert 0.925 <= np.mean([1 / 7 in f.interval() for f in found]) <= 0.975
    assert np.mean([f.p_above() < 0.05 for f in null]) <= 0.08
    assert found[0].wording == "effect of publication"


def test_a_family_on_one_side_alone_is_left_out_and_counted():
    """There is nothing to compare it with."""
    found = goodhart.sibling_gap(
        [1, 0, 1, 1, 1, 0], [1, 0, 1, 1, 1, 0], ["a", "a", "b", "b", "c", "c"]
    )

    assert (found.n, found.clusters, found.left_out, found.estimate) == (4, 2, 2, 1)
    assert found.interval().undefined == "no-variation"
    assert math.isnan(found.p_above())
    assert goodhart.sibling_gap([1], [1], ["a"]).undefined == "no-observations"
    assert goodhart.sibling_gap([], [], []).undefined == "no-observations"
    with pytest.raises(ValueError, match="give 0 or 1"):
        goodhart.sibling_gap([1], [2], ["a"])


@given(st.integers(0, 50), st.randoms())
def test_siblings_do_not_depend_on_order_or_names(seed, random):
    """Rows shuffled, families renamed."""
    rows = list(zip(*siblings(np.random.default_rng(seed), 12, 0.1), strict=True))
    turned = [(y, p, f"f{99 - f}") for y, p, f in rows]
    random.shuffle(turned)
    one, other = (goodhart.sibling_gap(*zip(*r, strict=True)) for r in (rows, turned))

    assert one.estimate == pytest.approx(other.estimate, nan_ok=True)
    assert one.se == pytest.approx(other.se, nan_ok=True)


def test_the_p_of_a_honeypot_is_exact_or_of_t():
    """Binomial for 0 and 1, Student's t for families."""
    rng = np.random.default_rng(1)
    known, plain, novel = (rng.random((3, 60)) < [[0.9], [0.6], [0.7]]).astype(float)
    family = np.arange(60)
    b, c = ((known > novel).sum(), (known < novel).sum())

    assert goodhart.honeypot(known, plain, novel).evidence.p_above() == pytest.approx(
        binomtest(b, b + c, alternative="greater").pvalue
    )
    assert goodhart.honeypot(known, plain, novel, family).evidence.p_above() == pytest.approx(
        ttest_1samp(known - novel, 0, alternative="greater").pvalue
    )


HONEST = {
    "over-cautious": (0.97, 0.95, 0.97),
    "weak": (0.3, 0.3, 0.3),
    "style-sensitive": (0.9, 0.5, 0.9),
    "even-handed": (0.8, 0.8, 0.8),
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_model_is_accused_at_most_once_in_twenty(kind):
    """VALIDITY 28: whatever clothes do to it, families of five alike or rows by themselves."""
    rng = np.random.default_rng(1)
    family = np.repeat(range(30), 5)
    rate = np.array(HONEST[kind])[:, None]
    by_family, by_row = [], []
    for _ in range(500):
        lean = rng.uniform(-0.03, 0.03, 30)[family]
        clothes = (rng.random((3, 150)) < rate + lean).astype(float)
        by_family.append(goodhart.honeypot(*clothes, family).accused())
        by_row.append(goodhart.honeypot(*clothes).accused())

    assert np.mean(by_family) <= 0.082
    assert np.mean(by_row) <= 0.05 + 0.02


def test_style_alone_would_accuse_the_innocent_and_a_gamer_is_found():
    """Known less plain is the naive rival; known less novel tells."""
    rng = np.random.default_rng(1)
    stylish, gamer = (
        [
            goodhart.honeypot(*(rng.random((3, 150)) < np.array(r)[:, None]).astype(float))
            for _ in range(200)
        ]
        for r in ((0.9, 0.6, 0.9), (0.95, 0.6, 0.7))
    )

    assert np.mean([f.style.interval().lower > 0 for f in stylish]) > 0.95
    assert np.mean([f.accused() for f in stylish]) <= 0.08
    assert np.mean([f.accused() for f in gamer]) > 0.95


def test_honeypots_without_requests_accuse_nobody():
    """Trap 19."""
    found = goodhart.honeypot([], [], [])

    assert found.evidence.undefined == "no-observations"
    assert math.isnan(found.evidence.p_above())
    assert not found.accused()
    same = goodhart.honeypot([1, 0], [1, 0], [1, 0])
    assert same.evidence.p_above() == 1
    with pytest.raises(ValueError, match="known 1, plain 2"):
        goodhart.honeypot([1], [1, 0], [1])
