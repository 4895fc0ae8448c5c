"""Agreement: published values, other implementations, what holds for every table, and coverage."""

import math
import time
import warnings

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy.stats import f
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from dosimeter.stats import agreement as ag

MARK = st.one_of(st.none(), st.integers(1, 5).map(float))
TABLES = st.integers(2, 4).flatmap(
    lambda raters: st.lists(
        st.lists(MARK, min_size=raters, max_size=raters), min_size=2, max_size=25
    )
)
METRICS = pytest.mark.parametrize("metric", ag.METRICS)
CUTS = [0.0, 0.8, 1.4, 2.0]
FEW = settings(max_examples=60, deadline=None)


def marks(rng, units, raters=3, noise=0.5):
    """Marks 1 to 5 of a latent severity, with noise of each rater's own."""
    latent = rng.normal(size=(units, 1)) + noise * rng.normal(size=(units, raters))
    return np.digitize(latent, CUTS) + 1.0


def verdicts(rng, units, share=0.3, sens=0.9, spec=0.95, raters=2):
    """Yes-or-no verdicts of raters whose errors are known."""
    truth = rng.random((units, 1)) < share
    heard = rng.random((units, raters))
    return np.where(truth, heard < sens, heard >= spec).astype(float)


def with_gaps(rng, table, share=0.15):
    table = table.copy()
    table[rng.random(table.shape) < share] = np.nan
    return table


@METRICS
@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_that_of_the_package_of_that_name(metric, seed):
    """Krippendorff's alpha agrees with `krippendorff` on random tables with gaps."""
    rng = np.random.default_rng(seed)
    table = with_gaps(rng, marks(rng, 40, 3 + seed % 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = krippendorff.alpha(reliability_data=table.T, level_of_measurement=metric)

    assert ag.krippendorff_alpha(table, metric).estimate == pytest.approx(theirs, abs=1e-10)


@METRICS
def test_the_jackknife_without_each_unit_is_that_of_tables_without_it(metric):
    """What is subtracted at once equals leaving units out one by one, ranks taken anew."""
    rng = np.random.default_rng(5)
    table = with_gaps(rng, marks(rng, 60))
    table = table[(~np.isnan(table)).sum(axis=1) > 1]
    n = len(table)
    without = [ag.krippendorff_alpha(np.delete(table, i, 0), metric).estimate for i in range(n)]
    found = ag.krippendorff_alpha(table, metric)

    assert found.se_alpha == pytest.approx(math.sqrt((n - 1) ** 2 / n * np.var(without, ddof=1)))
    z = np.arctanh(without)
    assert found.se == pytest.approx(math.sqrt((n - 1) ** 2 / n * np.var(z, ddof=1)))


@METRICS
def test_the_jackknife_without_each_cluster_is_that_of_tables_without_it(metric):
    """Families of unlike size, in any order of their rows; a cluster a unit is no cluster."""
    rng = np.random.default_rng(6)
    table = with_gaps(rng, marks(rng, 60))
    table = table[(~np.isnan(table)).sum(axis=1) > 1]
    family = rng.integers(0, 14, len(table))
    names = np.unique(family)
    without = [ag.krippendorff_alpha(table[family != f], metric).estimate for f in names]
    found = ag.krippendorff_alpha(table, metric, cluster=[f"f{f}" for f in family])
    plain = ag.krippendorff_alpha(table, metric)
    alone = ag.krippendorff_alpha(table, metric, cluster=np.arange(len(table)))
    g, z = len(names), np.arctanh(without)

    assert found.se == pytest.approx(math.sqrt((g - 1) ** 2 / g * np.var(z, ddof=1)))
    assert (found.estimate, found.n, found.clusters, found.df) == (
        plain.estimate,
        plain.n,
        g,
        g - 1,
    )
    assert alone.interval() == plain.interval()


@pytest.mark.parametrize("times", [2, 10])
def test_copies_of_units_in_their_clusters_are_no_further_evidence(times):
    """Of alpha, kappa and AC; taken for units of their own they shorten each interval."""
    rng = np.random.default_rng(7)
    table, levels = marks(rng, 40, 2), [1, 2, 3, 4, 5]
    copies, family = np.repeat(table, times, axis=0), np.repeat(np.arange(40), times)
    for of in (
        lambda t, c=None: ag.krippendorff_alpha(t, cluster=c),
        lambda t, c=None: ag.gwet_ac(t, "quadratic", levels, c),
        lambda t, c=None: ag.fleiss_kappa(t, "quadratic", levels, c),
    ):
        once, more, naive = (
            of(table).interval(),
            of(copies, family).interval(),
            of(copies).interval(),
        )
        assert more.width == pytest.approx(once.width, rel=0.05)
        assert naive.width < 0.8 * once.width
        assert of(copies, family).clusters == 40


def test_where_one_cluster_alone_disagrees_its_like_are_rare_among_clusters():
    """Thirty replies of one family are one sign of how often families are like that."""
    same = [[1.0, 1.0], [5.0, 5.0]] * 45
    table, family = [*same, *[[1.0, 5.0]] * 10], [*(n // 10 for n in range(90)), *[9] * 10]
    found = ag.krippendorff_alpha(table, cluster=family)
    units = ag.krippendorff_alpha([*same, [1.0, 5.0]])

    assert (found.method, found.disagreeing, found.effective_n) == ("rare-disagreement", 0.1, 10)
    assert found.interval().lower < units.interval().lower < units.interval().upper <= 1


def test_alpha_of_five_thousand_units_takes_no_time():
    """Ordinal alpha of 3 raters with its interval: at most .05 s of CPU."""
    rng = np.random.default_rng(0)
    table = with_gaps(rng, marks(rng, 5000), 0.05)
    ag.krippendorff_alpha(table).interval()
    took = []
    for _ in range(3):
        start = time.process_time()
        ag.krippendorff_alpha(table).interval()
        took.append(time.process_time() - start)

    assert min(took) <= 0.05


@pytest.mark.parametrize("seed", range(4))
def test_cohens_kappa_is_that_of_statsmodels_and_scikit_learn(seed):
    """Estimates of all three weights, and the standard error of Fleiss, Cohen and Everitt."""
    rng = np.random.default_rng(seed)
    a, b = marks(rng, 80, 2).T
    table = ag.cross_table(a, b, [1, 2, 3, 4, 5])
    for weights, theirs, wt in (("identity", None, None), ("linear", "linear", "linear"),
                                ("quadratic", "quadratic", "quadratic")):  # fmt: skip
        ours = ag.cohen_kappa(table, weights)
        reference = inter_rater.cohens_kappa(table, wt=wt)
        expected = cohen_kappa_score(a, b, weights=theirs, labels=[1, 2, 3, 4, 5])
        assert ours.estimate == pytest.approx(expected)
        assert ours.se == pytest.approx(math.sqrt(reference.var_kappa))


@pytest.mark.parametrize("seed", range(4))
def test_fleiss_kappa_is_that_of_statsmodels(seed):
    """Of complete tables, by counts and by ratings alike."""
    rng = np.random.default_rng(seed)
    table = marks(rng, 50, 4).astype(int)
    counts, _ = inter_rater.aggregate_raters(table)

    theirs = inter_rater.fleiss_kappa(counts)
    assert ag.fleiss_kappa_counts(counts).estimate == pytest.approx(theirs)
    assert ag.fleiss_kappa(table).estimate == pytest.approx(theirs)
    assert ag.fleiss_kappa(table).se == pytest.approx(ag.fleiss_kappa_counts(counts).se)


def test_published_reliabilities_are_reproduced():
    """Krippendorff (2011), Gwet (2014), Fleiss (1971 as Wikipedia has it), Shrout and Fleiss (1979)."""
    nan = math.nan
    table = [[1, 1, nan, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
             [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [nan, 5, 5, 5], [nan, nan, 1, 1],
             [nan, nan, 3, nan]]  # fmt: skip
    found = [ag.krippendorff_alpha(table, metric).estimate for metric in ag.METRICS]
    assert found == pytest.approx([0.743, 0.815, 0.849, 0.797], abs=6e-4)
    ac = ag.gwet_ac(table)
    assert (ac.estimate, ac.se) == pytest.approx((0.77544, 0.14295), abs=6e-6)
    rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    six = ag.icc(rows)
    found = [
        getattr(six, name).estimate for name in ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")
    ]
    assert found == pytest.approx([0.17, 0.29, 0.71, 0.44, 0.62, 0.91], abs=5e-3)
    # Limits as pingouin and R's psych print them, which follow McGraw and Wong (1996).
    printed = {"icc1": (-0.13, 0.72), "icc2": (0.02, 0.76), "icc3": (0.34, 0.95),
               "icc1k": (-0.88, 0.91), "icc2k": (0.07, 0.93), "icc3k": (0.68, 0.99)}  # fmt: skip
    for name, limits in printed.items():
        assert tuple(getattr(six, name).interval()) == pytest.approx(limits, abs=5.1e-3)


def test_the_limits_of_absolute_agreement_are_mcgraw_and_wongs():
    """Case 2A of their table 7, written out with scipy's F."""
    x = marks(np.random.default_rng(4), 25, 3) + np.array([0, 1, 0.5])
    n, k = x.shape
    msr, msc = k * x.mean(axis=1).var(ddof=1), n * x.mean(axis=0).var(ddof=1)
    mse = (
        ((x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()) ** 2).sum()
        / (n - 1)
        / (k - 1)
    )
    r = (msr - mse) / (msr + (k - 1) * mse + k / n * (msc - mse))
    a, b = k * r / (n * (1 - r)), 1 + k * r * (n - 1) / (n * (1 - r))
    v = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
    up, down = f.ppf(0.975, n - 1, v), f.ppf(0.975, v, n - 1)
    rest = k * msc + (k * n - k - n) * mse
    expected = (
        n * (msr - up * mse) / (up * rest + n * msr),
        n * (down * msr - mse) / (rest + n * down * msr),
    )

    assert tuple(ag.icc(x).icc2.interval()) == pytest.approx(expected)


WEIGHTS = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")


@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights_are_one_on_the_diagonal_and_the_same_both_ways(kind):
    """From 1 for the same level to 0 for those furthest apart."""
    w = ag.agreement_weights(kind, [1, 2, 3, 4, 5])

    assert np.diag(w) == pytest.approx(np.ones(5))
    assert w == pytest.approx(w.T)
    assert w.min() == pytest.approx(0)


def test_weights_of_two_levels_are_the_identity():
    """Whatever their kind: two levels are the same or not, AC2 is AC1."""
    for kind in WEIGHTS:
        assert ag.agreement_weights(kind, [0, 1]) == pytest.approx(np.eye(2))


@given(TABLES)
@FEW
def test_the_order_of_units_and_raters_changes_nothing(rows):
    """Alpha, AC, kappa and raw agreement with their limits."""
    table = np.array(rows, dtype=float)
    turned = table[::-1, ::-1]
    for function in (ag.krippendorff_alpha, ag.fleiss_kappa, ag.raw_agreement,
                     lambda t: ag.gwet_ac(t, "quadratic", [1, 2, 3, 4, 5])):  # fmt: skip
        a, b = function(table), function(turned)
        assert a.undefined == b.undefined
        assert a.estimate == pytest.approx(b.estimate, nan_ok=True, abs=1e-9)
        assert tuple(a.interval()) == pytest.approx(tuple(b.interval()), abs=1e-6)


@given(TABLES)
@FEW
def test_other_names_of_the_levels_change_nothing(rows):
    """Nominal alpha does not know that 1 is below 2, and ordinal alpha not by how much."""
    table = np.array(rows, dtype=float)
    renamed = np.select([table == k for k in range(1, 6)], [3, 5, 1, 2, 4], np.nan)
    a, b = ag.krippendorff_alpha(table, "nominal"), ag.krippendorff_alpha(renamed, "nominal")
    assert a.estimate == pytest.approx(b.estimate, nan_ok=True)
    a, b = ag.krippendorff_alpha(table), ag.krippendorff_alpha(np.exp(table))
    assert a.estimate == pytest.approx(b.estimate, nan_ok=True)
    a, b = (
        ag.krippendorff_alpha(table, "interval"),
        ag.krippendorff_alpha(100 - 3 * table, "interval"),
    )
    assert a.estimate == pytest.approx(b.estimate, nan_ok=True)


@given(TABLES)
@FEW
def test_a_level_that_does_not_occur_changes_no_fleiss_kappa_but_gwets_ac(rows):
    """Fleiss takes levels as they come; AC takes the scale as declared."""
    table = np.array(rows, dtype=float)
    wide = [0, 1, 2, 3, 4, 5, 6]
    a, b = ag.fleiss_kappa(table), ag.fleiss_kappa(table, categories=wide)
    assert a.estimate == pytest.approx(b.estimate, nan_ok=True)
    a, b = ag.gwet_ac(table, categories=[1, 2, 3, 4, 5]), ag.gwet_ac(table, categories=wide)
    assume(not a.undefined and a.observed < 1)
    assert b.estimate > a.estimate


@given(TABLES, st.sampled_from(ag.METRICS))
@FEW
def test_limits_enclose_the_estimate_and_have_a_width(rows, metric):
    """Inside the bounds, wider at a higher level, and never of no width."""
    for found in (ag.krippendorff_alpha(rows, metric), ag.gwet_ac(rows, categories=range(1, 6)),
                  ag.fleiss_kappa(rows), ag.raw_agreement(rows)):  # fmt: skip
        narrow, wide = found.interval(0.8), found.interval(0.99)
        assert narrow.width > 0
        assert found.undefined or found.estimate in narrow
        if not narrow.undefined:
            assert found.bounds[0] <= wide.lower <= narrow.lower + 1e-9
            assert narrow.upper - 1e-9 <= wide.upper <= 1


COMPLETE = st.integers(2, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(1, 3), min_size=k, max_size=k), min_size=2, max_size=12)
)


@given(COMPLETE)
@FEW
def test_intraclass_correlations_have_limits_around_them_or_a_reason(rows):
    """All six, of every small table; the mean of raters is no less reliable than one of them."""
    six = ag.icc(rows)
    for one, mean in ((six.icc1, six.icc1k), (six.icc2, six.icc2k), (six.icc3, six.icc3k)):
        for found in (one, mean):
            limits = found.interval()
            assert limits.width > 0
            assert found.undefined or limits.undefined or found.estimate in limits
        if not mean.undefined and one.estimate > 0:
            assert mean.estimate >= one.estimate


@given(TABLES, st.floats(0.01, 100))
@FEW
def test_equal_weights_of_units_change_nothing(rows, weight):
    """And a unit of no weight is as if left out."""
    a = ag.krippendorff_alpha(rows)
    b = ag.krippendorff_alpha(rows, weights=[weight] * len(rows))
    c = ag.krippendorff_alpha([*rows, [1.0] * len(rows[0])], weights=[weight] * len(rows) + [0])
    for other in (b, c):
        assert a.estimate == pytest.approx(other.estimate, nan_ok=True)
        assert tuple(a.interval()) == pytest.approx(tuple(other.interval()), abs=1e-6)


def test_units_with_one_rating_are_left_out_and_counted():
    """They tell nothing of agreement; missing is neither agreement nor disagreement."""
    rows = [[1, 1], [2, 3], [5, 4], [1, 1]]
    a, b = ag.krippendorff_alpha(rows), ag.krippendorff_alpha([*rows, [5, None], [None, None]])

    assert a.estimate == b.estimate
    assert (b.n, b.left_out) == (4, 2)


NOTHING = {
    "no-observations": [[None, None], [None, None]],
    "one-rater": [[1, None], [2, None], [1, None]],
    "no-overlap": [[1, None], [None, 2], [1, None], [None, 1]],
}


@pytest.mark.parametrize(("why", "rows"), NOTHING.items())
def test_raters_who_share_no_unit_have_no_agreement(why, rows):
    """Undefined with the reason, in every coefficient; the gate cannot be taken."""
    for found in (ag.krippendorff_alpha(rows), ag.fleiss_kappa(rows), ag.gwet_ac(rows),
                  ag.raw_agreement(rows)):  # fmt: skip
        assert math.isnan(found.estimate)
        assert found.undefined == why
    gate = ag.reliability_gate(rows, [1, 2, 3, 4, 5], people=True)
    assert (gate.verdict, gate.reason) == ("not-estimable", why)


def test_raters_who_give_one_mark_only_have_shown_nothing():
    """No variation is undefined, not an alpha of 1; two declared levels give AC its 1, without limits."""
    rows = [[1, 1]] * 40

    assert ag.krippendorff_alpha(rows, "nominal").undefined == "no-variation"
    assert ag.fleiss_kappa(rows).undefined == "no-variation"
    assert ag.cohen_kappa([[40, 0], [0, 0]]).undefined == "no-variation"
    assert ag.gwet_ac(rows).undefined == "one-level"
    ac = ag.gwet_ac(rows, categories=[0, 1])
    assert (ac.estimate, ac.no_interval) == (1, "perfect-agreement")
    assert ag.icc(rows).icc1.undefined == "no-variation"


def test_empty_tables_are_undefined():
    """Zero rows, one unit, one cell."""
    for function in (ag.krippendorff_alpha, ag.fleiss_kappa, ag.gwet_ac, ag.raw_agreement):
        assert function([]).undefined == "no-observations"
    assert ag.icc([]).icc2.undefined == "no-observations"
    assert ag.cohen_kappa(np.zeros((2, 2))).undefined == "no-observations"
    assert ag.krippendorff_alpha([[1, 2]]).no_interval == "one-unit"
    assert ag.gwet_ac([[1, 2]]).no_interval == "one-unit"
    assert ag.icc([[1, 2]]).icc1.undefined == "one-unit"
    assert ag.icc([[1], [2]]).icc1.undefined == "one-rater"


BAD = [
    (lambda: ag.krippendorff_alpha([[1, 2], [1]]), "table of numbers"),
    (lambda: ag.krippendorff_alpha([["no", "yes"]]), "table of numbers"),
    (lambda: ag.krippendorff_alpha([1, 2, 3]), "one row a unit"),
    (lambda: ag.krippendorff_alpha([[1, math.inf]]), r"ratings\[0\]\[1\] is infinite"),
    (lambda: ag.krippendorff_alpha([[1, 2]], "graded"), "nominal, ordinal, interval, ratio"),
    (lambda: ag.krippendorff_alpha([[-1, 2]], "ratio"), "at least 0"),
    (lambda: ag.krippendorff_alpha([[1, 2]], weights=[1, 2]), "1 values have 2 weights"),
    (lambda: ag.krippendorff_alpha([[1, 2]], weights=[-1]), "at least 0"),
    (lambda: ag.krippendorff_alpha(np.arange(1200.0).reshape(600, 2)), "metric='interval'"),
    (lambda: ag.gwet_ac([[1, 6]], categories=[1, 2, 3, 4, 5]), r"\[0\]\[1\] is 6, which is none of 1, 2"),
    (lambda: ag.gwet_ac([[1, 2]], "round"), "weights must be one of"),
    (lambda: ag.gwet_ac([[1, 2]], categories="all"), "'observed'"),
    (lambda: ag.gwet_ac([[-1, 2]], "ratio"), "at least 0"),
    (lambda: ag.cohen_kappa([[1, 2, 3], [1, 2, 3]]), "for each level"),
    (lambda: ag.cohen_kappa([[1, -2], [1, 2]]), r"table\[0\]\[1\] must be a whole number"),
    (lambda: ag.fleiss_kappa_counts([[1, 0.5]]), r"counts\[0\]\[1\]"),
    (lambda: ag.fleiss_kappa_counts([1, 2]), "one column a level"),
    (lambda: ag.cross_table([1, 2], [1]), "same units"),
    (lambda: ag.agreement([[1, 1]], [1]), "at least two levels"),
    (lambda: ag.reliability_gate([[1, 1]], [1], people=True), "at least two levels"),
    (lambda: ag.stratum_weights(["a"], {"a": 2, "b": 1}), "see 'b'"),
    (lambda: ag.krippendorff_alpha([[1, 2], [2, 2]]).interval(1), "between 0 and 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), BAD)
def test_wrong_data_is_told_what_where_and_what_instead(call, told):
    """Each in one sentence."""
    with pytest.raises(ValueError, match=told):
        call()


def test_one_disagreement_leaves_an_interval_and_none_too():
    """Where the jackknife has no value, the lower limit is what unseen disagreement may be."""
    perfect = ag.krippendorff_alpha([[1, 1]] * 30 + [[0, 0]] * 70, "nominal")
    one = ag.krippendorff_alpha([[1, 1]] * 30 + [[0, 0]] * 69 + [[0, 1]], "nominal")
    few = ag.krippendorff_alpha([[1, 1]] * 3 + [[0, 0]] * 7, "nominal")

    assert (perfect.estimate, perfect.method) == (1, "rare-disagreement")
    assert 0.9 < perfect.interval().lower < 0.95
    assert one.interval().lower < perfect.interval().lower < one.estimate
    assert one.interval().upper < 1
    assert few.interval().lower < 0.5


def test_a_rare_class_is_not_estimable_rather_than_low():
    """Two good raters of 200 units with 2 % harm: nobody can tell how well they agree."""
    rows = verdicts(np.random.default_rng(1), 200, 0.02, 0.95, 0.99)
    gate = ag.reliability_gate(rows, [0, 1], "nominal", people=True)

    assert gate.minority < 30
    assert (gate.verdict, gate.reason) == ("not-estimable", "few-in-minority")


def test_the_gate_goes_by_the_lower_limit():
    """Full, tentative and refused, and an estimate above .8 is not enough."""
    rng = np.random.default_rng(2)
    levels = [1, 2, 3, 4, 5]
    seen = {}
    for noise, units in ((0.1, 400), (0.35, 400), (0.9, 400)):
        gate = ag.reliability_gate(marks(rng, units, 2, noise), levels, people=True)
        seen[gate.verdict] = gate
    assert list(seen) == ["full", "tentative", "refused"]
    assert seen["full"].lower >= 0.8
    assert 2 / 3 <= seen["tentative"].lower < 0.8 < seen["tentative"].alpha.interval().upper
    assert seen["refused"].reason == "low-agreement"
    same = marks(rng, 400, 2, 0.1)
    strict = ag.reliability_gate(same, levels, people=True, confidence=0.999)
    assert strict.lower < ag.reliability_gate(same, levels, people=True).lower


def test_few_clusters_are_no_evidence_however_many_replies_they_have():
    """Ten families or more; nine are not estimable, which is not low."""
    rows = marks(np.random.default_rng(2), 400, 2, 0.1)
    nine, ten = (
        ag.reliability_gate(rows, [1, 2, 3, 4, 5], cluster=np.arange(400) % g, people=True)
        for g in (9, 10)
    )

    assert (nine.verdict, nine.reason) == ("not-estimable", "few-clusters")
    assert ten.reason != "few-clusters"


def test_machines_that_agree_are_no_reliable_raters():
    """VALIDITY 18: agreement of machines cannot satisfy the gate, however high."""
    rows = marks(np.random.default_rng(2), 400, 2, 0.1)
    gate = ag.reliability_gate(rows, [1, 2, 3, 4, 5], people=False)

    assert (gate.verdict, gate.reason) == ("not-estimable", "machine-agreement")


def test_the_rarer_half_of_the_scale_is_counted_whichever_it_is():
    """Upper or lower; of names, what is not the commonest."""
    levels = [1, 2, 3, 4, 5]
    low, high = [[1, 2]] * 40, [[4, 5]] * 10
    for rows in (low + high, [[6 - a, 6 - b] for a, b in low + high]):
        assert ag.reliability_gate(rows, levels, people=True).minority in {10, 40}
    gate = ag.reliability_gate(low + high, levels, people=True)
    assert gate.minority == 10
    names = [[1, 1]] * 50 + [[2, 2]] * 20 + [[3, 3]] * 15 + [[1, 3]]
    assert ag.reliability_gate(names, [1, 2, 3], "nominal", people=True).minority == 36


def test_a_report_of_agreement_has_all_its_parts():
    """Grades take ordinal alpha and AC2, yes or no takes nominal alpha and AC1."""
    rng = np.random.default_rng(3)
    graded = ag.agreement(marks(rng, 60), [1, 2, 3, 4, 5])
    binary = ag.agreement(verdicts(rng, 60), [0, 1])

    assert (graded.alpha.metric, binary.alpha.metric) == ("ordinal", "nominal")
    assert sum(map(sum, graded.levels.counts)) == 180
    assert binary.raw.estimate == pytest.approx(binary.ac.observed)
    assert "alpha" in str(graded)


BAND = {500: (0.916, 0.978), 1000: (0.926, 0.971)}
"""Shares of runs, of so many, in which a 95 % interval may cover (99.9 % binomial)."""


@pytest.mark.parametrize(("units", "noise"), [(30, 0.3), (60, 0.6), (150, 0.3)])
def test_the_interval_of_ordinal_alpha_covers(units, noise):
    """Jackknife on atanh(alpha), three raters, truth from 200,000 units."""
    rng = np.random.default_rng(11)
    truth = ag.krippendorff_alpha(marks(rng, 200_000, 3, noise)).estimate
    hits = [
        truth in ag.krippendorff_alpha(marks(rng, units, 3, noise)).interval() for _ in range(500)
    ]

    assert BAND[500][0] <= np.mean(hits) <= BAND[500][1]


@pytest.mark.parametrize(("families", "rows"), [(12, 10), (40, 5)])
def test_the_interval_of_alpha_covers_on_replies_of_families(families, rows):
    """Where replies of a family are as severe as each other; taken as units it holds far too seldom."""
    rng = np.random.default_rng(14)

    def drawn(families):
        latent = np.repeat(rng.normal(size=families), rows)[:, None]
        spread = 0.5 * rng.normal(size=(families * rows, 1)) + 0.4 * rng.normal(
            size=(families * rows, 2)
        )
        return np.digitize(latent + spread, CUTS) + 1.0

    truth = ag.krippendorff_alpha(drawn(40_000)).estimate
    family = np.repeat(np.arange(families), rows)
    held, naive = (
        np.mean(
            [
                truth in ag.krippendorff_alpha(drawn(families), cluster=by).interval()
                for _ in range(500)
            ]
        )
        for by in (family, None)
    )

    assert BAND[500][0] <= held <= BAND[500][1]
    assert naive < BAND[500][0]


@pytest.mark.parametrize(("sens", "spec"), [(0.9, 0.95), (0.97, 0.99), (0.995, 0.998)])
def test_the_lower_limit_of_nominal_alpha_is_seldom_too_high(sens, spec):
    """Truth by formula; where disagreement is rare the interval may be wide, never short."""
    rng, share = np.random.default_rng(12), 0.3
    called = share * sens + (1 - share) * (1 - spec)
    apart = 2 * (share * sens * (1 - sens) + (1 - share) * spec * (1 - spec))
    truth = 1 - apart / (2 * called * (1 - called))
    found = [ag.krippendorff_alpha(verdicts(rng, 100, share, sens, spec), "nominal").interval()
             for _ in range(500)]  # fmt: skip

    assert np.mean([truth in one for one in found]) >= BAND[500][0]
    assert np.mean([truth < one.lower for one in found]) <= 0.06


def suspects(rng, rows, labels, share, sens, spec, caught, sought=1e9):
    """Two people's verdicts on a queue of suspects, with the weights of its rows (VALIDITY 19)."""
    truth = rng.random(rows) < share
    said = np.where(truth[:, None], rng.random((rows, 2)) < sens, rng.random((rows, 2)) >= spec)
    judge = np.where(truth, rng.random(rows) < caught, rng.random(rows) < 0.03)
    wanted = np.where(judge, sought, 1.0)
    pi = np.minimum(1.0, labels * (0.8 * wanted / wanted.sum() + 0.2 / rows))
    read = rng.random(rows) < pi
    return said[read] * 1.0, 1 / pi[read]


@pytest.mark.parametrize(
    ("rows", "labels", "share", "sens", "spec", "caught"),
    [(1000, 200, 0.05, 0.84, 0.985, 0.7), (600, 150, 0.1, 0.85, 0.97, 0.8), (1000, 250, 0.05, 0.8, 0.98, 0.7)],
)  # fmt: skip
def test_disagreements_that_no_heavy_unit_has_shown_pass_no_gate(
    rows, labels, share, sens, spec, caught
):
    """Raters who are to be refused are, by queues too where the units seen agree by luck."""
    rng = np.random.default_rng(15)
    called = share * sens + (1 - share) * (1 - spec)
    apart = 2 * (share * sens * (1 - sens) + (1 - share) * spec * (1 - spec))
    truth = 1 - apart / (2 * called * (1 - called))
    gates = []
    for _ in range(150):
        table, w = suspects(rng, rows, labels, share, sens, spec, caught)
        gates.append(ag.reliability_gate(table, [0, 1], "nominal", w, people=True))

    assert truth < 2 / 3
    assert np.mean([one.verdict in {"full", "tentative"} for one in gates]) <= 0.03
    assert any(one.reason == "few-at-heavy-weights" for one in gates)
    assert np.mean([one.lower > truth for one in gates]) <= 0.03
    assert np.mean([one.alpha.shown() > truth for one in gates]) > 0.1


def test_a_queue_with_many_labels_still_passes():
    """Good raters, suspects sought five times as often."""
    rng = np.random.default_rng(16)
    passed = []
    for _ in range(20):
        table, w = suspects(rng, 600, 300, 0.3, 0.98, 0.99, 0.8, sought=5.0)
        gate = ag.reliability_gate(table, [0, 1], "nominal", w, people=True)
        passed.append(gate.verdict == "full")

    assert np.mean(passed) > 0.7


def test_weights_bring_a_stratified_sample_back_to_the_run():
    """VALIDITY 18: with them alpha of the run is covered; without them it is not."""
    rng = np.random.default_rng(13)
    truth = ag.krippendorff_alpha(marks(rng, 100_000)[:, :2]).estimate
    weighted = plain = 0
    for _ in range(300):
        run = marks(rng, 2000)
        severe = np.flatnonzero(run[:, 2] >= 4)
        mild = np.flatnonzero(run[:, 2] < 4)
        drawn = np.r_[rng.choice(severe, 60, replace=False), rng.choice(mild, 90, replace=False)]
        w = ag.stratum_weights(["s"] * 60 + ["m"] * 90, {"s": len(severe), "m": len(mild)})
        weighted += truth in ag.krippendorff_alpha(run[drawn, :2], weights=w).interval()
        plain += truth in ag.krippendorff_alpha(run[drawn, :2]).interval()

    assert 0.905 <= weighted / 300 <= 0.985
    assert plain / 300 < 0.8


def test_the_intervals_of_kappa_and_ac_cover():
    """At 150 units and a level that is not rare."""
    rng = np.random.default_rng(14)
    functions = {
        "cohen": lambda t: ag.cohen_kappa(ag.cross_table(t[:, 0], t[:, 1], [0, 1])),
        "fleiss": lambda t: ag.fleiss_kappa(t, categories=[0, 1]),
        "gwet": lambda t: ag.gwet_ac(t, categories=[0, 1]),
    }
    large = verdicts(rng, 400_000)
    truth = {name: one(large).estimate for name, one in functions.items()}
    hits = dict.fromkeys(functions, 0)
    for _ in range(500):
        table = verdicts(rng, 150)
        for name, one in functions.items():
            hits[name] += truth[name] in one(table).interval()

    assert all(BAND[500][0] <= hit / 500 <= BAND[500][1] for hit in hits.values()), hits


def test_the_limits_of_intraclass_correlations_cover():
    """McGraw and Wong's, each under the model that it is of."""
    rng, n, k = np.random.default_rng(15), 25, 3
    hits = np.zeros(3)
    truth = [1 / 1.8, 1 / 1.8, 1 / 1.5]
    for _ in range(500):
        units, noise = rng.normal(size=(n, 1)), math.sqrt(0.5) * rng.normal(size=(n, k))
        anew = units + noise + math.sqrt(0.3) * rng.normal(size=(n, k))
        same = units + noise + math.sqrt(0.3) * rng.normal(size=(1, k))
        two = ag.icc(same)
        found = (ag.icc(anew).icc1, two.icc2, two.icc3)
        hits += [t in one.interval() for t, one in zip(truth, found, strict=True)]

    assert (hits / 500 >= 0.90).all(), hits  # ICC(2) with 3 raters is known to be somewhat short
    assert (hits / 500 <= BAND[500][1]).all(), hits
