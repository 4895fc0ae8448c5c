"""Calibration and separation: other implementations, what holds for all data, and coverage."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtr
from sklearn import metrics
from sklearn.calibration import calibration_curve

from dosimeter.stats import calibration as cal

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda v: v / 20)), min_size=1, max_size=50
)
FEW = settings(max_examples=80, deadline=None)
BAND = (0.916, 0.978)
"""Shares of 500 runs in which a 95 % interval may cover (99.9 % binomial)."""


def stated(rng, n):
    """Probabilities, and what comes true as often as its square says."""
    p = rng.random(n)
    return (rng.random(n) < p**2).astype(float), p


def placements(y, x):
    """DeLong's structural components, pair by pair."""
    pos, neg = x[y == 1], x[y == 0]
    above = (pos[:, None] > neg) + 0.5 * (pos[:, None] == neg)
    return above.mean(axis=1), above.mean(axis=0)


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_scikit_learn(seed):
    """Brier score, area under the curve, and reliability curve; ties in scores included."""
    rng = np.random.default_rng(seed)
    y, p = stated(rng, 120)
    p = np.round(p, 2)
    shares, means = calibration_curve(y, p, n_bins=7, strategy="uniform")
    curve = cal.reliability_curve(y, p, 7)

    assert cal.brier(y, p).estimate == pytest.approx(metrics.brier_score_loss(y, p))
    assert cal.auroc(y, p).estimate == pytest.approx(metrics.roc_auc_score(y, p))
    assert [one.observed.estimate for one in curve.points] == pytest.approx(shares)
    assert [one.stated for one in curve.points] == pytest.approx(means)


@pytest.mark.parametrize("seed", range(5))
def test_delongs_error_is_that_of_all_pairs(seed):
    """The fast algorithm by ranks against the definition, for one score and for two."""
    rng = np.random.default_rng(seed)
    y = (rng.random(70) < 0.4).astype(int)
    a = np.round(rng.normal(size=70) + y, 1)
    b = np.round(a + rng.normal(size=70), 1)
    (pa, na), (pb, nb) = placements(y, a), placements(y, b)
    m, n = len(pa), len(na)
    found = cal.auroc_difference(y, a, b)

    assert cal.auroc(y, a).se_delong == pytest.approx(
        math.sqrt(pa.var(ddof=1) / m + na.var(ddof=1) / n)
    )
    gap = (pb - pa).var(ddof=1) / m + (nb - na).var(ddof=1) / n
    assert found.se == pytest.approx(math.sqrt(gap))
    assert found.estimate == pytest.approx(pb.mean() - pa.mean())
    assert found.p_value() == pytest.approx(2 * ndtr(-abs(found.z)))


@given(ROWS)
@FEW
def test_the_brier_score_is_the_sum_of_its_parts(rows):
    """Reliability - resolution + uncertainty, to the last digit."""
    y, p = zip(*rows, strict=True)
    found = cal.brier(y, p)

    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.estimate)
    assert min(found.reliability, found.resolution, found.uncertainty) >= 0


@given(ROWS, st.integers(1, 12), st.sampled_from(["equal-width", "equal-mass"]))
@FEW
def test_every_row_is_in_one_bin(rows, bins, binning):
    """The mean gap is no more than the largest, and the bins hold all rows."""
    y, p = zip(*rows, strict=True)
    curve = cal.reliability_curve(y, p, bins, binning)

    assert sum(one.observed.n for one in curve.points) == len(rows)
    assert 0 <= curve.ece <= curve.mce + 1e-12
    assert curve.mce <= 1
    assert all(one.lowest <= one.stated + 1e-12 and one.stated <= one.highest + 1e-12
               for one in curve.points)  # fmt: skip
    one = cal.reliability_curve(y, p, 1, binning)
    assert one.ece == pytest.approx(abs(np.mean(p) - np.mean(y)))


@given(ROWS, st.randoms(use_true_random=False))
@FEW
def test_the_order_of_rows_changes_nothing(rows, random):
    """Of the scores and their limits, by rows and by families."""
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    y, p = (np.array(v, dtype=float) for v in zip(*rows, strict=True))
    family = np.arange(len(rows)) % 5
    for function in (cal.brier, cal.auroc):
        for labels in (None, family):
            a = function(y, p, labels)
            b = function(y[shuffled], p[shuffled], None if labels is None else labels[shuffled] + 7)
            assert a.estimate == pytest.approx(b.estimate, nan_ok=True)
            assert tuple(a.interval()) == pytest.approx(tuple(b.interval()), abs=1e-6)


@given(ROWS)
@FEW
def test_an_area_does_not_depend_on_the_scale_of_scores(rows):
    """A rising function of the score changes nothing, a falling one mirrors the area."""
    y, x = (np.array(v) for v in zip(*rows, strict=True))
    a, b, c = cal.auroc(y, x), cal.auroc(y, np.exp(3 * x)), cal.auroc(y, -x)

    assert a.estimate == pytest.approx(b.estimate, nan_ok=True)
    assert a.estimate == pytest.approx(1 - c.estimate, nan_ok=True)
    if not (a.undefined or a.no_interval):
        assert tuple(a.interval()) == pytest.approx(
            tuple(1 - v for v in reversed(tuple(c.interval())))
        )


@given(ROWS, st.sampled_from(["logit", "identity"]))
@FEW
def test_limits_enclose_the_estimate_and_have_a_width(rows, scale):
    """In [0, 1], wider at a higher level."""
    y, x = zip(*rows, strict=True)
    for found in (cal.auroc(y, x, scale=scale), cal.brier(y, x)):
        narrow, wide = found.interval(0.8), found.interval(0.99)
        assert narrow.width > 0
        assert found.undefined or found.estimate in narrow
        if not narrow.undefined:
            assert 0 <= wide.lower <= narrow.lower
            assert narrow.upper <= wide.upper <= 1


def test_bins_are_closed_on_the_right_and_the_first_on_both_sides():
    """0 and .1 are in the first of ten, .11 in the second, 1 in the last."""
    curve = cal.reliability_curve([0] * 5, [0, 0.1, 0.11, 0.2, 1], 10)

    assert [(one.lowest, one.highest) for one in curve.points] == [(0, 0.1), (0.11, 0.2), (1, 1)]


def test_perfect_separation_is_a_point_without_limits():
    """An area of 0 or 1 shows no error; saying [1, 1] would be certainty from few rows."""
    best = cal.auroc([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    worst = cal.auroc([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4])

    assert (best.estimate, best.no_interval) == (1, "perfect-separation")
    assert (worst.estimate, worst.no_interval) == (0, "perfect-separation")
    assert tuple(best.interval()) == (0, 1)


def test_one_class_one_family_and_no_rows_have_their_reasons():
    """Undefined, or a point without an interval."""
    assert cal.auroc([1, 1], [0.1, 0.2]).undefined == "one-class"
    assert cal.auroc([], []).undefined == "no-observations"
    assert cal.auroc([1, 0, 0, 0], [0.2, 0.1, 0.3, 0]).no_interval == "one-row-of-a-class"
    assert cal.auroc([1, 0, 1, 0], [0.2, 0.1, 0.1, 0.3], [1] * 4).no_interval == "one-cluster"
    assert cal.auroc([1, 0, 1, 0], [0.5] * 4).no_interval == "no-variation"
    assert cal.auroc_difference([1, 1], [0, 1], [1, 0]).undefined == "one-class"
    assert cal.auroc_difference([], [], []).undefined == "no-observations"
    same = cal.auroc_difference([0, 1, 0, 1], [1, 2, 3, 4], [2, 3, 4, 5])
    assert (same.no_interval, math.isnan(same.p_value())) == ("no-variation", True)
    assert cal.brier([], []).undefined == "no-observations"
    assert cal.brier([1, 0], [0.5, 0.5]).no_interval == "no-variation"
    assert math.isnan(cal.reliability_curve([], []).ece)
    assert cal.expected_calibration_error([], []).undefined == "no-observations"
    assert cal.expected_calibration_error([1, 0], [0.4, 0.2]).no_interval == "few-clusters"


def test_families_widen_the_interval():
    """Every row four times over is no more evidence."""
    rng = np.random.default_rng(8)
    y, p = stated(rng, 60)
    four, family = np.tile(np.arange(60), 4), np.tile(np.arange(60), 4)
    for function in (cal.brier, cal.auroc):
        once, rows, families = (
            function(y, p),
            function(y[four], p[four]),
            function(y[four], p[four], family),
        )
        assert rows.interval().width < 0.6 * once.interval().width
        assert families.se == pytest.approx(once.se, rel=0.05)
        assert once.interval().width < 1.01 * families.interval().width
    paired = cal.auroc_difference(y[four], p[four], rng.random(60)[four], family)
    assert paired.clusters == 60


BAD = [
    (lambda: cal.brier([2], [0.5]), "neither 0 nor 1"),
    (lambda: cal.brier([1], [1.5]), r"prob\[0\] is 1.5, outside 0 to 1"),
    (lambda: cal.brier([1], [math.nan]), "is not a number"),
    (lambda: cal.brier([1, 0], [0.5]), "rows must belong together"),
    (lambda: cal.reliability_curve([1], [0.5], 0), "bins must be at least 1"),
    (lambda: cal.reliability_curve([1], [0.5], 5, "quantile"), "equal-width or equal-mass"),
    (lambda: cal.auroc([1, 0], [0.5]), "rows must belong together"),
    (lambda: cal.auroc([1, 0], [0.5, math.inf]), "is not a number"),
    (lambda: cal.auroc([1, 0], [0.5, 0.1], [1]), "cluster labels"),
    (lambda: cal.auroc_difference([1, 0], [1, 2], [1]), "second 1"),
    (lambda: cal.expected_calibration_error([1] * 20, [0.5] * 20, resamples=10), "1,000 resamples"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), BAD)
def test_wrong_data_is_told_what_where_and_what_instead(call, told):
    """Each in one sentence."""
    with pytest.raises(ValueError, match=told):
        call()


@pytest.mark.parametrize(("n", "apart"), [(80, 1.0), (120, 2.0)])
def test_the_interval_of_an_area_covers(n, apart):
    """Two normal distributions, whose area is known."""
    rng = np.random.default_rng(31)
    truth, hits = float(ndtr(apart / math.sqrt(2))), 0
    for _ in range(500):
        y = (rng.random(n) < 0.3).astype(int)
        hits += truth in cal.auroc(y, rng.normal(size=n) + apart * y).interval()

    assert BAND[0] <= hits / 500 <= BAND[1]


def test_the_interval_of_an_area_covers_by_families_and_not_by_rows():
    """Rows of a family share their truth and their score; taking them as independent must fail."""
    rng = np.random.default_rng(32)
    truth, hits, naive = float(ndtr(1 / math.sqrt(2))), 0, 0
    family = np.repeat(np.arange(60), 5)
    for _ in range(500):
        y = (rng.random(60) < 0.4).astype(int)
        own = math.sqrt(0.7) * rng.normal(size=60) + y
        x = own[family] + math.sqrt(0.3) * rng.normal(size=300)
        hits += truth in cal.auroc(y[family], x, family).interval()
        naive += truth in cal.auroc(y[family], x).interval()

    assert BAND[0] <= hits / 500 <= BAND[1]
    assert naive / 500 < 0.88


def test_two_scores_that_are_alike_are_seldom_told_apart():
    """DeLong's paired test at 5 % rejects in about 5 %."""
    rng = np.random.default_rng(33)
    hits = 0
    for _ in range(500):
        y = (rng.random(100) < 0.4).astype(int)
        both = rng.normal(size=100) + y
        hits += cal.auroc_difference(y, *(both + rng.normal(size=(2, 100)))).p_value() < 0.05

    assert 0.022 <= hits / 500 <= 0.084


def test_the_interval_of_the_brier_score_covers():
    """Of probabilities that come true as said, uniform: the score is 1/6."""
    rng = np.random.default_rng(34)
    hits = 0
    for _ in range(500):
        p = rng.random(100)
        hits += 1 / 6 in cal.brier(rng.random(100) < p, p).interval()

    assert BAND[0] <= hits / 500 <= BAND[1]


def test_the_interval_of_the_calibration_error_covers_where_there_is_one():
    """Miscalibration by p - p^2, whose mean is 1/6: lower limit .90, for the estimate is biased upward."""
    rng = np.random.default_rng(35)
    hits = 0
    for _ in range(200):
        y, p = stated(rng, 400)
        hits += 1 / 6 in cal.expected_calibration_error(y, p, resamples=1000).interval()

    assert 0.86 <= hits / 200 <= 0.99  # .90 and .98 with their 99.9 % bands of 200 runs


def test_the_calibration_error_of_a_calibrated_judge_is_as_its_page_says():
    """About sqrt(bins / n) / 3: never taken for a fault without its interval."""
    rng = np.random.default_rng(36)
    errors = []
    for _ in range(200):
        p = rng.random(400)
        errors.append(cal.reliability_curve(rng.random(400) < p, p).ece)

    assert np.mean(errors) == pytest.approx(math.sqrt(10 / 400) / 3, rel=0.1)
