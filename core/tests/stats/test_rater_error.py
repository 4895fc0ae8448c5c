"""A judge's errors: correction, refusal, and coverage where the naive interval has none."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from sklearn import metrics

from dosimeter.stats import rater_error as re
from dosimeter.stats.rate import clopper_pearson, wilson
from dosimeter.stats.unseen import Unseen

CELLS = st.tuples(*[st.integers(0, 60)] * 4)
FEW = settings(max_examples=80, deadline=None)
BAND = (0.916, 0.978)
"""Shares of 500 runs in which a 95 % interval may cover (99.9 % binomial)."""


def judged(rng, truth, sens, spec):
    """A judge's verdicts on what is true."""
    heard = rng.random(len(truth))
    return np.where(truth == 1, heard < sens, heard >= spec).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_summaries_of_two_classes_are_those_of_scikit_learn(seed):
    """F1, balanced accuracy, correlation, precision."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(80) < 0.3).astype(int)
    said = judged(rng, truth, 0.8, 0.9).astype(int)
    tn, fp, fn, tp = metrics.confusion_matrix(truth, said).ravel().tolist()
    found = re.binary_confusion(tp, fn, fp, tn)

    assert found.f1 == pytest.approx(metrics.f1_score(truth, said))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    assert found.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, said))
    assert found.mcc == pytest.approx(metrics.matthews_corrcoef(truth, said))
    assert found.ppv.estimate == pytest.approx(metrics.precision_score(truth, said))


@pytest.mark.parametrize("seed", range(4))
def test_summaries_of_several_classes_are_those_of_scikit_learn(seed):
    """Recall and precision of each class, and the averages; a class never seen changes nothing."""
    rng = np.random.default_rng(seed)
    names = ["full", "none", "partial"]
    truth, said = rng.choice(names, 90).tolist(), rng.choice(names, 90).tolist()
    found = re.confusion(truth, said, [*names, "off-topic"])

    recall = metrics.recall_score(truth, said, average=None, labels=names)
    precision = metrics.precision_score(truth, said, average=None, labels=names)
    assert [found.recall[n].estimate for n in names] == pytest.approx(recall)
    assert [found.precision[n].estimate for n in names] == pytest.approx(precision)
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    assert found.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, said))
    assert found.recall["off-topic"].undefined == "no-observations"
    assert math.isnan(found.f1["off-topic"])


@given(CELLS)
@FEW
def test_exchanging_the_classes_exchanges_their_numbers(cells):
    """Sensitivity is the specificity of the other class."""
    tp, fn, fp, tn = cells
    a, b = re.binary_confusion(tp, fn, fp, tn), re.binary_confusion(tn, fp, fn, tp)

    assert str(a.sensitivity) == str(b.specificity)
    assert str(a.ppv) == str(b.npv)
    for name in ("macro_f1", "mcc", "youden"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), nan_ok=True)


def test_a_class_without_units_is_undefined_not_zero():
    """No positives: no sensitivity, no F1 if none was called so either."""
    found = re.binary_confusion(0, 0, 0, 20)

    assert found.sensitivity.undefined == "no-observations"
    assert all(math.isnan(v) for v in (found.f1, found.mcc, found.youden, found.balanced_accuracy))
    assert found.specificity.estimate == 1


def test_published_corrections_are_reproduced():
    """Lee et al.'s code (arXiv:2511.21140), and epiR's two examples of known errors."""
    found = re.rogan_gladen(120, 400, 88, 100, 190, 200)
    assert tuple(found.interval()) == pytest.approx((0.238215157578, 0.369055693267))
    assert re.rogan_gladen_known(23, 150, 0.96, 0.89).estimate == pytest.approx(0.051, abs=6e-4)
    moujaber = re.rogan_gladen_known(6, 151, 0.964, 0.927)
    assert tuple(moujaber.interval()) == pytest.approx((0, 0.013), abs=6e-4)


CALIBRATION = st.tuples(*[st.integers(30, 200)] * 2, st.floats(0.7, 1), st.floats(0.7, 1))


@given(st.integers(1, 300), st.floats(0, 1), CALIBRATION)
@FEW
def test_limits_of_a_corrected_rate_enclose_it_and_have_a_width(n, share, calibration):
    """In [0, 1], by both methods; or it says why there are none."""
    pos, neg, sens, spec = calibration
    for method in ("lang-reiczigel", "rogan-gladen-delta"):
        found = re.rogan_gladen(
            round(share * n), n, round(sens * pos), pos, round(spec * neg), neg, method
        )
        limits = found.interval()
        assert limits.width > 0
        assert 0 <= limits.lower <= limits.upper <= 1
        assert found.undefined or found.estimate in limits


@given(st.integers(0, 99), CALIBRATION)
@FEW
def test_a_higher_judged_rate_is_a_higher_corrected_one(x, calibration):
    """Unclipped, by 1/J for each; and a perfect judge is not corrected."""
    pos, neg, sens, spec = calibration
    tp, tn = round(sens * pos), round(spec * neg)
    a, b = (re.rogan_gladen(k, 100, tp, pos, tn, neg) for k in (x, x + 1))

    assert b.unclipped - a.unclipped == pytest.approx(0.01 / a.youden)
    known = re.rogan_gladen_known(x, 100, 1, 1)
    assert tuple(known.interval()) == pytest.approx(tuple(clopper_pearson(x, 100).interval()))


def test_each_rule_of_refusal_has_its_reason():
    """Undefined: no rows, no calibration, no better than chance, contradiction. Refused: the others."""

    def found(*counts):
        return re.rogan_gladen(*counts)

    assert found(0, 0, 45, 50, 90, 100).undefined == "no-observations"
    assert found(5, 50, 0, 0, 90, 100).undefined == "no-calibration"
    assert found(120, 400, 50, 100, 50, 100).undefined == "no-better-than-chance"
    assert found(120, 400, 10, 100, 50, 100).undefined == "no-better-than-chance"
    assert found(120, 400, 80, 100, 65, 100).refused == ("youden-below-half",)
    assert found(120, 400, 26, 29, 95, 100).refused == ("few-calibration-positives",)
    assert found(120, 400, 90, 100, 28, 29).refused == ("few-calibration-negatives",)
    assert found(120, 400, 90, 100, 95, 100).refused == ()
    assert re.rogan_gladen_known(5, 50, 0.5, 0.5).undefined == "no-better-than-chance"
    assert re.rogan_gladen_known(0, 0, 0.9, 0.9).undefined == "no-observations"


def test_a_calibration_that_contradicts_the_run_is_refused_not_shown_as_zero():
    """4 of 500 judged positive where 3.75 % of harmless ones should be: no rate fits."""
    for method in ("lang-reiczigel", "rogan-gladen-delta"):
        found = re.rogan_gladen(4, 500, 57, 60, 231, 240, method)
        assert (found.undefined, found.calibration_consistent) == (
            "calibration-inconsistent",
            False,
        )
        assert found.refused == ("calibration-inconsistent",)
        assert tuple(found.interval()) == (0, 1)
        assert found.unclipped == pytest.approx(-0.03233, abs=1e-5)
    assert re.rogan_gladen_known(0, 500, 0.95, 0.9).undefined == "calibration-inconsistent"


def test_no_corrected_rate_has_limits_of_no_width():
    """30 of 1,000 by a judge of specificity .92: Lang and Reiczigel give [0, 0], we nothing."""
    found = re.rogan_gladen(30, 1000, 45, 50, 92, 100)

    assert found.limits(0.95) == (0, 0)
    assert found.interval().undefined == "no-width"


def test_a_judge_hardly_better_than_chance_has_no_limits():
    """Se + Sp just above 1, which Lang and Reiczigel's added counts undo: no limits, and no crash."""
    for sens, pos, spec, neg in ((6, 10, 41, 100), (11, 20, 455, 1000), (60, 100, 45, 100)):
        found = re.rogan_gladen(20, 40, sens, pos, spec, neg)
        assert "youden-below-half" in found.refused
        assert found.interval().width > 0
    assert re.rogan_gladen(20, 40, 6, 10, 41, 100).interval().undefined == "calibration-too-small"


def test_a_higher_level_never_narrows_limits_by_a_small_calibration_set():
    """Lang and Reiczigel's shift grows with the square of the quantile: past it there is no interval."""
    few, many = re.rogan_gladen(1, 5, 4, 4, 4, 4), re.rogan_gladen(5, 20, 9, 10, 19, 20)

    assert few.interval(0.8).undefined == ""
    assert few.interval(0.95).undefined == "calibration-too-small"
    assert many.interval(0.8).width < many.interval(0.9).width < many.interval(0.95).width
    assert many.interval(0.999).undefined == "calibration-too-small"
    families = re.rogan_gladen_clustered([1, 0], [1, 2], 88, 100, 190, 200)
    assert families.interval().undefined == "calibration-too-small"


def test_one_row_a_family_is_no_cluster():
    """With families of one the clustered correction is about the plain one, with t for z."""
    y = np.array([1] * 60 + [0] * 240)
    plain = re.rogan_gladen(60, 300, 90, 100, 190, 200)
    alone = re.rogan_gladen_clustered(y, np.arange(300), 90, 100, 190, 200)
    doubled = re.rogan_gladen_clustered(
        np.repeat(y, 4), np.repeat(np.arange(300), 4), 90, 100, 190, 200
    )

    assert alone.estimate == pytest.approx(plain.estimate)
    assert tuple(alone.interval()) == pytest.approx(tuple(plain.interval()), abs=2e-3)
    assert tuple(doubled.interval()) == pytest.approx(tuple(alone.interval()), abs=1e-6)
    assert (
        re.rogan_gladen_clustered([0, 1], ["a", "a"], 90, 100, 190, 200).no_interval
        == "one-cluster"
    )
    assert re.rogan_gladen_clustered([], [], 90, 100, 190, 200).undefined == "no-observations"
    none = re.rogan_gladen_clustered([0] * 100, np.arange(100) // 5, 90, 100, 99, 100).interval()
    assert none.upper > re.rogan_gladen(0, 100, 90, 100, 99, 100).interval().upper


LABELS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=60)
JUDGED = st.lists(st.integers(0, 1), min_size=1, max_size=60)


@given(LABELS, JUDGED)
@FEW
def test_prediction_powered_limits_are_in_bounds_and_have_a_width(pairs, rest):
    """Whatever the judge does."""
    y, f = zip(*pairs, strict=True)
    for function in (re.ppi_rate, lambda *a: re.ppi_mean(*a, bounds=(0, 1))):
        found = function(y, f, rest)
        limits = found.interval()
        assert limits.width > 0
        assert 0 <= limits.lower <= found.estimate <= limits.upper <= 1


@given(LABELS, JUDGED, st.randoms(use_true_random=False))
@FEW
def test_the_order_of_rows_and_the_names_of_families_change_nothing(pairs, rest, random):
    """Families of both kinds of rows are put together by name."""
    y, f = (list(v) for v in zip(*pairs, strict=True))
    of_y, of_f = [i % 7 for i in range(len(y))], [i % 5 for i in range(len(rest))]
    a = re.ppi_mean(y, f, rest, cluster_labelled=of_y, cluster_unlabelled=of_f)
    order = list(range(len(y)))
    random.shuffle(order)
    b = re.ppi_mean([y[i] for i in order], [f[i] for i in order], rest[::-1],
                    cluster_labelled=[f"family {9 - of_y[i]}" for i in order],
                    cluster_unlabelled=[f"family {9 - c}" for c in of_f[::-1]])  # fmt: skip

    assert (a.estimate, a.lam) == pytest.approx((b.estimate, b.lam))
    assert a.se == pytest.approx(b.se, nan_ok=True, abs=1e-12)


def test_a_judge_who_says_the_same_of_all_leaves_the_mean_of_labels():
    """The weight of its marks is 0, and a given weight is kept."""
    y = [0, 1, 1, 0, 1, 0, 0, 1]
    found = re.ppi_mean(y, [1] * 8, [1] * 50)

    assert (found.lam, found.estimate) == (0, 0.5)
    assert re.ppi_mean(y, y, [1] * 50, lam=0.3).lam == 0.3
    assert re.ppi_mean(y, y, [1, 0] * 25).lam > 0.8


@pytest.mark.parametrize("seed", range(3))
def test_the_weight_of_the_judge_is_the_one_of_least_error(seed):
    """No other weight has a smaller standard error, but for the last digits of its estimate."""
    rng = np.random.default_rng(seed)
    y = rng.integers(1, 6, 600).astype(float)
    f = y + rng.integers(-1, 2, 600)
    best = re.ppi_mean(y[:300], f[:300], f[300:])

    assert 0.2 < best.lam < 0.8
    for other in np.linspace(0, 1, 21):
        assert best.se <= re.ppi_mean(y[:300], f[:300], f[300:], lam=other).se * 1.002


def test_few_events_fall_back_on_the_labels_alone():
    """Fewer than 10 of the rarer kind, or fewer than 10 errors: exact limits, named, the rest left out."""
    rest = [1] * 100 + [0] * 900
    few = re.ppi_rate([1] * 9 + [0] * 91, [1] * 30 + [0] * 70, rest)
    good = re.ppi_rate([1] * 30 + [0] * 70, [1] * 30 + [0] * 70, rest)
    many = re.ppi_rate([1] * 30 + [0] * 70, [1] * 20 + [0] * 75 + [1] * 5, rest)

    for found, x in ((few, 9), (good, 30)):
        assert found.method == "clopper-pearson-labelled"
        assert tuple(found.interval()) == tuple(clopper_pearson(x, 100).interval())
        assert found.left_out == 1000
    assert many.method == "ppi++"
    families = np.arange(100) // 4
    clustered = re.ppi_rate([1] * 9 + [0] * 91, [0] * 100, rest, cluster_labelled=families,
                            cluster_unlabelled=np.arange(1000) // 4)  # fmt: skip
    assert clustered.method == "korn-graubard-labelled"
    assert clustered.clusters == 25
    assert re.ppi_rate([0] * 50, [0] * 50, rest).interval().upper > 0.05


def test_without_labels_or_other_rows_there_is_no_prediction():
    """Undefined with the reason; one label or one family gives no interval."""
    assert re.ppi_mean([], [], [1, 0]).undefined == "no-labels"
    assert re.ppi_mean([1, 0], [1, 0], []).undefined == "no-unlabelled-rows"
    assert re.ppi_rate([], [], []).undefined == "no-labels"
    assert re.ppi_mean([1], [0], [1, 0]).no_interval == "one-label"
    one = re.ppi_mean([1, 0], [0, 0], [1, 0], cluster_labelled=[1, 1], cluster_unlabelled=[1, 1])
    assert one.no_interval == "one-cluster"


def test_a_paired_difference_is_that_of_the_differences():
    """Exchanging the models turns the sign; few labelled differences give no interval."""
    rng = np.random.default_rng(4)
    y = [(rng.random(300) < p).astype(float) for p in (0.3, 0.5)]
    f = [judged(rng, one, 0.85, 0.9) for one in y]
    args = [[v[:120] for v in y], [v[:120] for v in f], [v[120:] for v in f]]
    a = re.ppi_difference(*args)
    b = re.ppi_difference(*[v[::-1] for v in args])

    assert (a.estimate, a.se) == pytest.approx((-b.estimate, b.se))
    assert a.interval().lower > 0
    same = re.ppi_difference([y[0][:50]] * 2, [f[0][:50]] * 2, [f[0][50:]] * 2)
    assert same.no_interval == "few-events"


def queue(rng, families=200, size=5):
    """A run with a judge, and a review queue that prefers what it finds suspect."""
    family = np.repeat(np.arange(families), size)
    y = (rng.random(families * size) < rng.beta(1, 5, families)[family]).astype(float)
    suspect = np.clip(0.6 * y + 0.2 + 0.25 * rng.normal(size=len(y)), 0, 1)
    share = 0.2
    pi = np.clip(0.8 * suspect / suspect.mean() * share + 0.2 * share, 0, 1)
    seen = rng.random(len(y)) < pi
    return y, (suspect > 0.5).astype(float), pi, seen, family


def test_labels_of_all_rows_are_their_mean():
    """With every row served for sure there is nothing to weigh."""
    rng = np.random.default_rng(6)
    y, f, _, _, family = queue(rng, 40)
    found = re.active_mean(f, y, np.ones(len(y)), family)

    assert found.estimate == pytest.approx(y.mean())
    assert found.effective_n == pytest.approx(len(y))
    assert (found.lam, found.labelled, found.families) == (0, 200, 40)


def test_each_half_of_the_families_has_its_weight_from_the_other():
    """Cross-fitted: a label has no part in the weight of its own row's mark."""
    y, f, pi, seen, family = queue(np.random.default_rng(9))
    found = re.active_mean(f, np.where(seen, y, np.nan), pi, family)
    lams = np.zeros(len(y))
    for half in (0, 1):
        other = seen & (family % 2 != half)
        added = (1 / pi - 1) / pi
        of_mark, of_label = (x - np.average(x[seen], weights=added[seen]) for x in (f, y))
        lams[family % 2 == half] = (added * of_mark * of_label)[other].sum() / (added * of_mark**2)[
            other
        ].sum()
    residual = np.average((y - lams * f)[seen], weights=1 / pi[seen])

    assert lams[0] != lams[5]
    assert found.estimate == pytest.approx((lams * f).mean() + residual, abs=1e-12)


def test_how_many_rows_chance_served_is_no_error():
    """Nearly all rows are events: the labels alone vary little, and so does the estimate (Hajek)."""
    rng, found = np.random.default_rng(4), []
    for _ in range(200):
        y = (rng.random(300) < 0.95).astype(float)
        seen = rng.random(300) < 0.3
        got = re.active_mean(np.zeros(300), np.where(seen, y, np.nan), np.full(300, 0.3))
        found.append((got.estimate, got.se))
    values, errors = np.array(found).T

    assert values.std() < 0.03
    assert np.median(errors) == pytest.approx(values.std(), rel=0.2)


def test_a_queue_is_refused_for_a_heavy_weight_or_few_families():
    """VALIDITY 19: over 50, or fewer than 30 families."""
    y = np.where(np.arange(200) < 60, np.arange(200) % 2, np.nan)
    f, family = np.zeros(200), np.arange(200) // 2
    fair = np.full(200, 0.3)
    heavy = fair.copy()
    heavy[0] = 0.019

    assert re.active_mean(f, y, fair, family).undefined == ""
    assert re.active_mean(f, y, heavy, family).undefined == "weight-above-50"
    assert re.active_mean(f, y, fair, family // 2).undefined == "few-labelled-families"
    assert re.active_mean(f, np.full(200, np.nan), fair).undefined == "no-labels"
    assert re.active_mean([], [], []).undefined == "no-observations"


def test_those_who_could_not_tell_enter_the_bounds():
    """VALIDITY 19: an unanswered row is not left out: the interval holds whatever it is."""
    y, f, pi, seen, family = queue(np.random.default_rng(7))
    labels = np.where(seen, y, np.nan)
    full = re.active_mean(f, labels, pi, family)
    gone = labels.copy()
    gone[np.flatnonzero(seen)[::6]] = np.nan
    some = re.active_mean(f, gone, pi, family, served=seen)

    assert some.unanswered == len(np.flatnonzero(seen)[::6])
    assert some.lowest[0] < some.estimate < some.highest[0]
    assert some.interval().lower < full.interval().lower
    assert some.interval().upper > full.interval().upper


@given(st.integers(0, 10_000), st.floats(0, 1))
@FEW
def test_limits_of_a_queue_enclose_its_estimate(seed, lam):
    """Within the scale, for any fixed weight of the judge."""
    y, f, pi, seen, family = queue(np.random.default_rng(seed), 60)
    found = re.active_mean(f, np.where(seen, y, np.nan), pi, family, lam=lam)
    assume(not found.undefined)

    assert 0 <= found.interval().lower <= found.estimate <= found.interval().upper <= 1


@given(*[st.floats(0.05, 0.95)] * 2, *[st.floats(0.6, 1)] * 2)
@FEW
def test_at_the_tipping_point_nothing_is_left_of_the_difference(first, second, sens, spec):
    """Corrected with the changed sensitivity (or specificity), the second rate is the first."""
    found = re.tipping_point(first, second, sens, spec)
    rate = (first + spec - 1) / (sens + spec - 1)
    if not math.isnan(found.sensitivity):
        changed = sens + found.sensitivity
        assert changed * rate + (1 - spec) * (1 - rate) == pytest.approx(second)
    if not math.isnan(found.specificity):
        changed = spec + found.specificity
        assert sens * rate + (1 - changed) * (1 - rate) == pytest.approx(second)


def test_no_tipping_point_is_said_so():
    """A judge that tells nothing, or a first rate that nothing fits; out of reach is NaN."""
    assert re.tipping_point(0.5, 0.4, 0.5, 0.5).undefined == "no-better-than-chance"
    assert re.tipping_point(0.01, 0.4, 0.9, 0.9).undefined == "calibration-inconsistent"
    far = re.tipping_point(0.1, 0.9, 0.9, 0.95)
    assert math.isnan(far.sensitivity)
    assert "no sensitivity" in str(far)


def test_selected_errors_put_a_floor_under_success():
    """VALIDITY 16: 2 % false positives make 18 % at k = 10 and 64 % at k = 50."""
    at = [re.success_floor(wilson(60, 100), 0.98, k) for k in (1, 10, 50)]

    assert [round(one.floor, 2) for one in at] == [0.02, 0.18, 0.64]
    assert [one.refused for one in at] == [False, False, True]
    between = re.success_floor(wilson(24, 100), 0.98, 10)
    assert between.success.interval().lower < between.floor < between.success.estimate
    assert between.refused
    assert re.success_floor(wilson(0, 0), 1, 5).refused
    assert re.success_floor(wilson(1, 9), 0, 5).floor == 1


def test_a_card_is_held_against_labels_of_the_run():
    """Fewer than 50 labels check nothing; a run without positives says nothing of sensitivity."""
    card = re.binary_confusion(90, 10, 10, 190)
    few = re.transport_check(card, re.binary_confusion(1, 20, 8, 20))
    worse = re.transport_check(card, re.binary_confusion(14, 11, 20, 30))
    none = re.transport_check(card, re.binary_confusion(0, 0, 3, 57))

    assert (few.verdict, few.reason) == ("not-checked", "few-labels")
    assert worse.reason == "sensitivity and specificity differ"
    assert none.verdict == "consistent"
    assert none.sensitivity.undefined == "no-units-of-this-class"
    # Newcombe's 56/70 less 48/80 at 95 %, which is what two intervals of 90 % together take.
    pair = re.binary_confusion(48, 32, 5, 95), re.binary_confusion(56, 14, 5, 95)
    limits = re.transport_check(*pair, level=0.9).sensitivity
    assert tuple(limits) == pytest.approx((0.0524, 0.3339), abs=6e-5)
    empty = re.binary_confusion(0, 0, 0, 0)
    assert (
        re.transport_check(empty, re.binary_confusion(30, 5, 5, 30)).reason == "nothing-to-compare"
    )


BAD = [
    (lambda: re.binary_confusion(-1, 0, 0, 0), "tp must be a whole number"),
    (lambda: re.confusion(["a"], ["a", "b"], ["a", "b"]), "got 1 and 2"),
    (lambda: re.confusion(["a"], ["c"], ["a", "b"]), "'c' is none of the classes a, b"),
    (lambda: re.rogan_gladen(5, 4, 9, 10, 9, 10), "from 0 to n"),
    (lambda: re.rogan_gladen(1, 4, 11, 10, 9, 10), "tp counts some of n_true_pos, got 11 of 10"),
    (lambda: re.rogan_gladen(1.5, 4, 9, 10, 9, 10), "judge_pos must be a whole number"),
    (lambda: re.rogan_gladen(1, 4, 9, 10, 9, 10, "wald"), "'lang-reiczigel'"),
    (lambda: re.rogan_gladen_clustered([2], [1], 9, 10, 9, 10), "neither 0 nor 1"),
    (lambda: re.rogan_gladen_known(1, 4, 1.2, 0.9), "sens must be from 0 to 1"),
    (lambda: re.ppi_mean([1, 0], [1], [1]), "rows must belong together"),
    (lambda: re.ppi_mean([math.nan], [1], [1]), r"labels\[0\] is not a number"),
    (lambda: re.ppi_mean([1], [1], [1], lam=math.nan), "lam must be a number"),
    (lambda: re.ppi_mean([1], [1], [1], cluster_labelled=[1]), "or of neither"),
    (lambda: re.ppi_mean([1], [1], [1], cluster_labelled=[1], cluster_unlabelled=[1, 2]), "cluster labels"),
    (lambda: re.ppi_rate([2], [1], [1]), "neither 0 nor 1"),
    (lambda: re.ppi_rate([1], [3], [1]), "outside 0 to 1"),
    (lambda: re.ppi_difference(([1], [1, 0]), ([1], [1]), ([1], [1])), "second labels 2"),
    (lambda: re.ppi_difference(([1], [5]), ([1], [1]), ([1], [1])), r"labels\[0\] is 4, outside -1 to 1"),
    (lambda: re.active_mean([0], [1], [0]), r"inclusion\[0\] must be above 0"),
    (lambda: re.active_mean([0], [6], [1]), r"labels\[0\] is 6, outside 0 to 1"),
    (lambda: re.active_mean([0, 0], [1, 1], [1, 1], served=[True, False]), "row 1 has a label but was not"),
    (lambda: re.active_mean([0, 0], [1, 1], [1, 1], served=[True]), "of each of 2 rows"),
    (lambda: re.tipping_point(1.2, 0.5, 0.9, 0.9), "first must be from 0 to 1"),
    (lambda: re.success_floor(wilson(1, 2), 0.9, 0), "k must be a whole number of at least 1"),
    (lambda: re.transport_check(*[re.binary_confusion(9, 1, 1, 9)] * 2, level=2), "between 0 and 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), BAD)
def test_wrong_data_is_told_what_where_and_what_instead(call, told):
    """Each in one sentence."""
    with pytest.raises(ValueError, match=told):
        call()


@pytest.mark.parametrize(("rate", "n", "sens", "spec", "cal"), [
    (0.1, 400, 0.85, 0.95, (100, 200)), (0.02, 400, 0.85, 0.95, (100, 200)),
    (0.3, 200, 0.9, 0.9, (60, 60)),
])  # fmt: skip
def test_a_corrected_rate_is_covered_and_the_judged_one_is_not(rate, n, sens, spec, cal):
    """Lang and Reiczigel's interval, and the naive Wilson on the judge's labels as control."""
    rng = np.random.default_rng(21)
    share = rate * sens + (1 - rate) * (1 - spec)
    hits = naive = 0
    for _ in range(500):
        x = int(rng.binomial(n, share))
        found = re.rogan_gladen(x, n, int(rng.binomial(cal[0], sens)), cal[0],
                                int(rng.binomial(cal[1], spec)), cal[1])  # fmt: skip
        hits += rate in found.interval() and not found.undefined
        naive += rate in wilson(x, n).interval()

    assert BAND[0] <= hits / 500 <= 0.985  # somewhat wide near 0
    assert naive / 500 < 0.8


@pytest.mark.parametrize("method", ["lang-reiczigel", "rogan-gladen-delta"])
def test_a_corrected_rate_of_families_is_covered_and_of_their_rows_is_not(method):
    """Beta-binomial families; rows taken as independent as control."""
    rng = np.random.default_rng(22)
    rate, families, size, rho = 0.15, 40, 10, 0.3
    hits = naive = 0
    for _ in range(500):
        own = rng.beta(rate * (1 - rho) / rho, (1 - rate) * (1 - rho) / rho, families)
        truth = (rng.random((families, size)) < own[:, None]).astype(float).ravel()
        judge = judged(rng, truth, 0.9, 0.95)
        cal = int(rng.binomial(200, 0.9)), 200, int(rng.binomial(200, 0.95)), 200
        family = np.repeat(np.arange(families), size)
        hits += rate in re.rogan_gladen_clustered(judge, family, *cal, method).interval()
        naive += rate in re.rogan_gladen(int(judge.sum()), len(judge), *cal).interval()

    assert BAND[0] <= hits / 500 <= 0.985
    assert naive / 500 < BAND[0]


@pytest.mark.parametrize(
    ("rate", "n", "clustered"), [(0.3, 200, False), (0.15, 200, False), (0.3, 200, True)]
)
def test_prediction_powered_rates_are_covered(rate, n, clustered):
    """A random subset of the run, by rows and by families; the judge's rate alone as control."""
    rng = np.random.default_rng(23)
    hits = naive = 0
    whole = 2000
    for _ in range(500):
        family = np.arange(whole) // 5
        rho = 0.2 if clustered else 1e-9
        own = rng.beta(rate * (1 - rho) / rho, (1 - rate) * (1 - rho) / rho, whole // 5)
        y = (rng.random(whole) < (own[family] if clustered else rate)).astype(float)
        f = judged(rng, y, 0.85, 0.85)
        drawn = np.zeros(whole, dtype=bool)
        drawn[rng.choice(whole, n, replace=False)] = True
        groups = (
            {"cluster_labelled": family[drawn], "cluster_unlabelled": family[~drawn]}
            if clustered
            else {}
        )
        hits += rate in re.ppi_rate(y[drawn], f[drawn], f[~drawn], **groups).interval()
        naive += rate in wilson(float(f.sum()), whole).interval()

    assert BAND[0] <= hits / 500 <= BAND[1]
    assert naive / 500 < 0.8


def test_a_selected_queue_is_covered_by_its_weights_and_not_without():
    """VALIDITY 19: unweighted PPI on the queue must fail. A fifth of the rows has hardly a label: wide."""
    rng = np.random.default_rng(24)
    hits = naive = 0
    for _ in range(500):
        y, f, pi, seen, family = queue(rng)
        hits += 1 / 6 in re.active_mean(f, np.where(seen, y, np.nan), pi, family).interval()
        naive += 1 / 6 in re.ppi_mean(y[seen], f[seen], f[~seen], cluster_labelled=family[seen],
                                      cluster_unlabelled=family[~seen]).interval()  # fmt: skip

    assert hits / 500 >= BAND[0]
    assert naive / 500 < 0.88


SKEWED = [(1000, 100, 0.1, 0.6, 0.97), (1000, 150, 0.1, 0.6, 0.97), (1000, 100, 0.05, 0.5, 0.97),
          (2000, 200, 0.05, 0.5, 0.97), (1000, 200, 0.05, 0.6, 0.97), (400, 100, 0.1, 0.6, 0.95),
          (1000, 100, 0.2, 0.7, 0.95), (1000, 200, 0.9, 0.97, 0.6)]  # fmt: skip
"""Rows, labels, rate, sensitivity and specificity of queues that read suspects and few others."""


def of_suspects(rng, rows, labels, rate, sens, spec):
    """Four in five labels go to what the judge calls positive, one in five to all (VALIDITY 19)."""
    y = (rng.random(rows) < rate).astype(float)
    f = judged(rng, y, sens, spec)
    pi = np.minimum(1.0, labels * (0.8 * f / max(f.sum(), 1.0) + 0.2 / rows))
    return f, np.where(rng.random(rows) < pi, y, np.nan), pi


@pytest.mark.parametrize("setting", SKEWED)
def test_errors_that_few_heavy_labels_have_not_shown_are_in_the_limits(setting):
    """What the judge misses stands for 50 replies a label, and is in none of half of the samples."""
    rng = np.random.default_rng(27)
    found = [re.active_mean(*of_suspects(rng, *setting)) for _ in range(200)]
    hits = [setting[2] in one.interval() for one in found if not one.undefined]

    assert len(hits) > 100
    assert np.mean(hits) >= 0.93
    t = [abs(one.unclipped - setting[2]) < 1.96 * one.se for one in found]
    assert np.mean(t) < 0.91
    tested = [one.p_value(setting[2]) < 0.05 for one in found if not one.undefined]
    assert np.mean(tested) <= 0.07


def test_a_difference_of_two_queues_of_suspects_names_no_false_winner():
    """Equal rates, and a judge that misses half of one side's."""
    rng = np.random.default_rng(28)
    hits, won = [], []
    for _ in range(200):
        a, b = (of_suspects(rng, 1000, 150, 0.1, sens, 0.97) for sens in (0.55, 0.95))
        found = re.active_difference(
            *zip(a, b, strict=True), (np.arange(1000), np.arange(1000, 2000))
        )
        hits.append(0 in found.interval())
        won.append(found.p_value() < 0.05)

    assert np.mean(hits) >= 0.93
    assert np.mean(won) <= 0.05


def test_queues_with_even_weights_are_no_wider():
    """Only weights above an even sample's are allowed for: t and logit are all there is."""
    rng = np.random.default_rng(29)
    y = (rng.random(600) < 0.2).astype(float)
    labels = np.where(np.arange(600) % 3 == 0, y, np.nan)
    found = re.active_mean(judged(rng, y, 0.9, 0.95), labels, np.full(600, 1 / 3))

    assert [one.weight for one in found.unseen] == pytest.approx([0, 0], abs=1e-12)


def test_no_event_in_a_queue_leaves_what_the_heaviest_label_stands_for():
    """Nothing varies: the upper limit is Poisson's score limit for a count of 0."""
    judge = np.array([1.0] * 50 + [0.0] * 450)
    pi = np.where(judge == 1, 1.0, 0.1)
    labels = np.where((judge == 1) | (np.arange(500) % 10 == 0), 0.0, np.nan)
    found = re.active_mean(judge, labels, pi, lam=0.0)
    low, high = found.interval()

    assert (found.estimate, low) == (0, 0)
    assert high == pytest.approx(1.9648**2 * 10 / 500, rel=1e-3)


@given(st.floats(0, 0.2), st.floats(0.001, 0.1), st.floats(0, 1), st.floats(0.5, 4))
@FEW
def test_limits_and_tests_of_what_was_not_seen_agree(weight, se, share, quantile):
    """The quantile of a reach is the one that it was made of; more weight never brings a limit nearer."""
    one = Unseen(weight, share * se**2)
    reach = one.reach(quantile, se)

    assert one.quantile(reach, se) == pytest.approx(quantile, rel=1e-6)
    assert reach >= quantile * se * (1 - 1e-12)
    assert reach <= Unseen(weight * 1.5, share * se**2).reach(quantile, se) * (1 + 1e-9)


def test_a_differential_judge_is_corrected_in_both_arms():
    """PPI on the paired difference covers 0 where the judge sees a difference that is not there."""
    rng = np.random.default_rng(25)
    hits = naive = 0
    for _ in range(500):
        own = rng.random(1200)
        y = [(own + 0.1 * rng.normal(size=1200) > 0.7).astype(float) for _ in range(2)]
        f = [judged(rng, y[0], 0.9, 0.95), judged(rng, y[1], 0.75, 0.85)]
        found = re.ppi_difference([v[:200] for v in y], [v[:200] for v in f], [v[200:] for v in f])
        hits += 0 in found.interval()
        gap = f[1] - f[0]
        naive += abs(gap.mean()) < 1.96 * gap.std() / math.sqrt(1200)

    assert BAND[0] <= hits / 500 <= BAND[1]
    assert naive / 500 < 0.9


def test_a_card_that_holds_is_seldom_called_inconsistent():
    """At most 5 % and the band, and a judge that lost half its sensitivity mostly is."""
    rng = np.random.default_rng(26)
    false = caught = 0
    for _ in range(500):
        card = [int(v) for v in (rng.binomial(100, 0.9), rng.binomial(200, 0.95))]
        of_card = re.binary_confusion(card[0], 100 - card[0], 200 - card[1], card[1])
        tn = int(rng.binomial(50, 0.95))
        for sens in (0.9, 0.45):
            tp = int(rng.binomial(25, sens))
            run = re.binary_confusion(tp, 25 - tp, 50 - tn, tn)
            differs = re.transport_check(of_card, run).verdict == "inconsistent"
            false += differs and sens == 0.9
            caught += differs and sens == 0.45

    assert false / 500 <= 0.084
    assert caught / 500 > 0.9
