"""What holds of every function that gives a result, whatever it estimates."""

import inspect
import math
import pkgutil
import typing
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from dosimeter import stats
from dosimeter.stats import (
    agreement,
    bootstrap,
    calibration,
    cluster,
    compare,
    disparity,
    exposure,
    goodhart,
    items,
    membership,
    paired,
    phrasing,
    privacy,
    rate,
    rater_error,
    refusal,
    result,
    sequential,
    severity,
    strata,
)
from dosimeter.stats.result import Result

FEW = settings(max_examples=30, deadline=None)
ROW = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(1, 5), st.integers(1, 5),
                st.integers(0, 9), st.integers(0, 7))  # fmt: skip
"""Yes or no under two conditions, marks under two, a score, and a family."""
ROWS = st.lists(ROW, min_size=1, max_size=60)
FEW_ROWS = st.lists(ROW, min_size=1, max_size=4)
ALIKE = st.builds(lambda rows, times: rows * times, FEW_ROWS, st.integers(2, 40)) | st.builds(
    lambda rows, families: [(*row[:5], c) for c in range(families) for row in rows],
    FEW_ROWS, st.integers(2, 8),
)  # fmt: skip
"""The same few rows over and over, or in every family: only rounding tells them, or families, apart."""


class Rows:
    """Rows as columns: *a* and *b* yes or no, *m* and *k* marks, *s* a score in [0, 1], *c* a family."""

    def __init__(self, rows, label=lambda c: c):
        a, b, m, k, s, c = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        self.a, self.b, self.m, self.k, self.s = a, b, m, k, s / 9
        self.c = [label(int(one)) for one in c]
        self.item, self.attack = (
            [label(int(one) // 2) for one in c],
            [label(int(one) % 2) for one in c],
        )
        self.n, self.x, self.z = len(a), int(a.sum()), int(b.sum())
        self.pairs = paired.pair_table(a, b)
        self.seen = s < 4


def label_queue(r):
    labels = np.where(r.seen, r.b, np.nan)
    return rater_error.active_mean(r.s, labels, np.full(r.n, 0.4), r.c, lam=0.5)


def two_queues(r):
    labels = np.where(r.seen, r.b, np.nan), np.where(r.seen[::-1], r.a, np.nan)
    pi = np.full(r.n, 0.4)
    return rater_error.active_difference((r.s, r.a), labels, (pi, pi), (r.c, r.c), lam=0.5)


def split(r, function, **more):
    return function(r.b[r.seen], r.s[r.seen], r.s[~r.seen], **more)


OF_ROWS = {
    # by families
    "cluster_mean": lambda r: cluster.cluster_mean(r.m, r.c),
    "korn_graubard": lambda r: cluster.korn_graubard(r.a, r.c),
    "wilson_clustered": lambda r: cluster.wilson_clustered(r.a, r.c),
    "strata_share": lambda r: strata.strata_share(
        [cluster.korn_graubard(r.a, r.c), cluster.korn_graubard(r.b, r.c)]),
    "two_way_cluster_mean": lambda r: cluster.two_way_cluster_mean(r.a, r.item, r.attack),
    "marker_difference": lambda r: disparity.marker_difference(r.a, r.b, r.item, r.attack),
    "cluster_icc": lambda r: cluster.cluster_icc(r.m, r.c),
    "bounded_mean": lambda r: severity.bounded_mean(r.m, r.c),
    "guarded_mean": lambda r: severity.guarded_mean(r.m, r.c),
    "paired_clustered": lambda r: paired.paired_clustered(r.a, r.b, r.c),
    "paired_score": lambda r: paired.paired_score(r.a, r.b, r.c),
    "signed_mean": lambda r: paired.signed_mean(r.a - r.b, r.c),
    "paired_difference": lambda r: paired.paired_difference(r.a, r.b, r.c),
    "recognition_gap": lambda r: phrasing.recognition_gap(r.m, r.k, r.c),
    "above_baseline": lambda r: privacy.above_baseline(r.a, r.b, r.c),
    "sibling_gap": lambda r: goodhart.sibling_gap(r.m, r.a, r.c),
    "raw_agreement": lambda r: agreement.raw_agreement(np.stack([r.m, r.k], axis=1), r.c),
    "auroc": lambda r: calibration.auroc(r.a, r.s, r.c),
    "auroc_difference": lambda r: calibration.auroc_difference(r.a, r.s, r.m, r.c),
    "brier": lambda r: calibration.brier(r.a, r.s, r.c),
    "rogan_gladen_clustered": lambda r: rater_error.rogan_gladen_clustered(r.a, r.c, 88, 100, 190, 200),
    "active_mean": label_queue,
    "active_difference": two_queues,
    # by rows
    "auc": lambda r: membership.auc(r.s[r.a == 1], r.s[r.a == 0]),
    "tpr_at_fpr": lambda r: membership.tpr_at_fpr(r.s[r.a == 1], r.s[r.a == 0], 0.5),
    "ordinal_superiority": lambda r: severity.ordinal_superiority(r.m[r.a == 1], r.m[r.a == 0]),
    "paired_graded": lambda r: paired.paired_graded(r.m, r.k),
    "krippendorff_alpha": lambda r: agreement.krippendorff_alpha(np.stack([r.m, r.k], axis=1)),
    "gwet_ac": lambda r: agreement.gwet_ac(np.stack([r.m, r.k], axis=1), "quadratic", [1, 2, 3, 4, 5]),
    "fleiss_kappa": lambda r: agreement.fleiss_kappa(np.stack([r.m, r.k], axis=1)),
    "ppi_mean": lambda r: split(r, rater_error.ppi_mean),
    "ppi_rate": lambda r: split(r, rater_error.ppi_rate),
    "ppi_difference": lambda r: rater_error.ppi_difference(
        (r.a[r.seen], r.b[r.seen]), (r.s[r.seen], r.a[r.seen]), (r.s[~r.seen], r.a[~r.seen])),
    "k_eidetic": lambda r: privacy.k_eidetic(r.m, r.a, 2),
    "exposure_sampled": lambda r: exposure.exposure_sampled(r.s[0], sorted(r.s)),
    # by counts
    "wilson": lambda r: rate.wilson(r.x, r.n),
    "wilson_cc": lambda r: rate.wilson_cc(r.x, r.n),
    "clopper_pearson": lambda r: rate.clopper_pearson(r.x, r.n),
    "jeffreys": lambda r: rate.jeffreys(r.x, r.n),
    "stratified_rate": lambda r: rate.stratified_rate([r.x, r.z], [r.n, r.n]),
    "newcombe_independent": lambda r: compare.newcombe_independent(r.x, r.n, r.z, r.n),
    "turned": lambda r: result.turned(compare.newcombe_independent(r.x, r.n, r.z, r.n)),
    "tango": lambda r: paired.tango(*r.pairs),
    "paired_binary": lambda r: paired.paired_binary(*r.pairs),
    "newcombe_paired": lambda r: paired.newcombe_paired(*r.pairs),
    "wald_paired": lambda r: paired.wald_paired(*r.pairs),
    "disparate_impact": lambda r: disparity.disparate_impact(r.x, r.n, r.z, r.n),
    "paired_disparate_impact": lambda r: disparity.paired_disparate_impact(*r.pairs),
    "demographic_parity": lambda r: disparity.demographic_parity({"a": (r.x, r.n), "b": (r.z, r.n)},
                                                                 resamples=20),
    "goodhart_gap": lambda r: goodhart.goodhart_gap(r.x, r.n, r.z, r.n, (r.z, r.n, r.x, r.n)),
    "rogan_gladen": lambda r: rater_error.rogan_gladen(r.x, r.n, 88, 100, 190, 200),
    "rogan_gladen_known": lambda r: rater_error.rogan_gladen_known(r.x, r.n, 0.9, 0.95),
    "cohen_kappa": lambda r: agreement.cohen_kappa(np.array(r.pairs).reshape(2, 2)),
    "fleiss_kappa_counts": lambda r: agreement.fleiss_kappa_counts(np.stack([r.m, r.k], axis=1)),
    "beta_mixture": lambda r: sequential.beta_mixture(r.x, r.n),
    "keyword_trigger": lambda r: refusal.keyword_trigger(*r.pairs).odds,
}  # fmt: skip
"""Those that do not depend on the order of rows."""
IN_ORDER = {
    "betting": lambda r: sequential.betting(r.s),
    "betting marks": lambda r: sequential.betting(r.m, scale=(1, 5)),
    "empirical_bernstein": lambda r: sequential.empirical_bernstein(r.s),
    "eap": lambda r: items.eap(r.m / 2, r.k - 3, np.where(r.seen, r.a, np.nan)),
    "cluster_bootstrap": lambda r: bootstrap.cluster_bootstrap(
        bootstrap.cluster_totals(np.stack([r.m, np.ones(r.n)], axis=1), r.c), resamples=1000),
    "cluster_bootstrap of rows": lambda r: bootstrap.cluster_bootstrap(
        np.stack([r.m * 0.1, r.k], axis=1), resamples=1000),
    "expected_calibration_error": lambda r: calibration.expected_calibration_error(
        r.a, r.s, cluster=r.c, resamples=1000),
}  # fmt: skip
"""Those whose rows come one by one, or whose clusters are drawn by number."""
ALL = OF_ROWS | IN_ORDER
RISING = {
    "cluster_mean": ("m", 5.0), "korn_graubard": ("a", 1.0), "wilson_clustered": ("a", 1.0),
    "bounded_mean": ("m", 5.0), "guarded_mean": ("m", 5.0), "betting": ("s", 1.0),
    "empirical_bernstein": ("s", 1.0), "paired_clustered": ("b", 1.0), "paired_difference": ("a", 1.0),
    "rogan_gladen_clustered": ("a", 1.0), "paired_graded": ("k", 5.0), "above_baseline": ("a", 1.0),
    "recognition_gap": ("m", 5.0), "two_way_cluster_mean": ("a", 1.0),
}  # fmt: skip
"""What raises them, and how far it can be raised."""
PARTS = {"active_result", "bounded_sequence", "cluster_bootstrap_exact", "mean_by_cluster"}
"""What serves other functions, and what serves tests."""


def gives_a_result(function):
    """Whether a function's annotation says that it gives a record with an estimate and limits."""
    given = typing.get_type_hints(function).get("return")
    one_of = (given, *typing.get_args(given))
    return any(isinstance(one, type) and issubclass(one, Result) for one in one_of)


def test_every_function_that_gives_a_result_is_here():
    """A new one is to hold what the others do."""
    found = {
        f.__name__
        for m in pkgutil.iter_modules(stats.__path__)
        for name, f in inspect.getmembers(import_module(f"dosimeter.stats.{m.name}"), inspect.isfunction)
        if f.__module__.endswith(m.name) and not name.startswith("_") and gives_a_result(f)
    }  # fmt: skip

    assert found - PARTS - ALL.keys() == set()


@pytest.mark.parametrize("name", ALL)
@FEW
@given(rows=ROWS | ALIKE)
def test_limits_are_inside_the_bounds_around_the_estimate_and_never_of_no_width(name, rows):
    """And a higher level gives no narrower ones; what has no interval says why, and says nothing else."""
    found = ALL[name](Rows(rows))
    narrow, wide = found.interval(0.8), found.interval(0.99)

    for limits in (narrow, wide):
        assert found.bounds[0] <= limits.lower < limits.upper <= found.bounds[1]
        assert limits.width > 1e-9
    if narrow.undefined:
        # Limits that lie beyond the bounds at one level may reach them at a higher one.
        assert wide.undefined or narrow.undefined == "no-width"
        assert tuple(narrow) == found.bounds
    else:
        assert wide.lower <= narrow.lower <= found.estimate <= narrow.upper <= wide.upper
    if found.undefined:
        assert math.isnan(found.estimate)


def test_rounding_gives_no_limits_and_huge_counts_narrow_ones():
    """A spread of 1e-14 is none; one of 1e-9 from 10^18 trials is, as no difference of rows made it."""
    alpha = agreement.krippendorff_alpha([[1, 2], [4, 5]] * 100)
    gate = agreement.reliability_gate(
        [[1, 1, 1, 1, 1, 1, 2], [5, 5, 5, 5, 5, 5, 4]] * 50, range(1, 6), people=True
    )
    ten = np.arange(1, 31)
    drawn = bootstrap.cluster_bootstrap(np.stack([ten * 0.1, ten], axis=1))
    means = cluster.cluster_mean([1 / 3, 1 / 3 + 1e-11], None)

    assert (alpha.no_interval, alpha.se) == ("no-variation-between-units", 0)
    assert (gate.verdict, gate.reason) == ("not-estimable", "no-variation-between-units")
    assert drawn.no_interval == "no-variation"
    assert means.interval().undefined == "no-width"
    assert math.isnan(means.p_value())
    for narrow in (
        rate.wilson(5e17, 1e18),
        rate.stratified_rate([5e17, 1e17], [1e18, 1e18]),
        paired.wald_paired(10**18, 1, 0, 0),
        disparity.disparate_impact(5e17, 1e18, 4e17, 1e18),
    ):
        assert not narrow.interval().undefined
        assert narrow.interval().width < 1e-8
    assert math.isnan(rate.stratified_rate([0, 0], [9, 9]).p_value())


@pytest.mark.parametrize("name", ALL)
@FEW
@given(rows=ROWS)
def test_a_result_prints_its_estimate_its_limits_and_what_they_rest_on(name, rows):
    """In one line, without NaN: what is not known is told in words."""
    found = ALL[name](Rows(rows))
    told = str(found)

    assert "\n" not in told
    assert "nan" not in told
    assert f"n={found.n}" in told
    if found.undefined:
        assert found.undefined in told
    elif not found.interval().undefined:
        assert found.method in told


@pytest.mark.parametrize("name", OF_ROWS)
@FEW
@given(rows=ROWS, random=st.randoms())
def test_the_order_of_rows_and_the_names_of_families_change_nothing(name, rows, random):
    """Nor does a family without rows: a number that no label has."""
    first, rest = rows[:1], rows[1:]
    random.shuffle(rest)
    given = OF_ROWS[name](Rows(rows))
    others = [
        OF_ROWS[name](Rows(first + rest, lambda c: f"family {9 - c}")),
        OF_ROWS[name](Rows(first + rest, lambda c: 1000 * c + 7)),
    ]

    for found in others:
        assert (found.n, found.clusters, found.left_out) == (
            given.n,
            given.clusters,
            given.left_out,
        )
        assert (found.undefined, found.no_interval) == (given.undefined, given.no_interval)
        assert (found.estimate, *found.interval()) == pytest.approx(
            (given.estimate, *given.interval()), rel=1e-8, abs=1e-9, nan_ok=True
        )


@pytest.mark.parametrize("name", RISING)
@FEW
@given(rows=ROWS, at=st.integers(0, 59))
def test_a_higher_value_never_lowers_an_estimate(name, rows, at):
    """Of a mean, a share or a difference."""
    column, most = RISING[name]
    before, after = Rows(rows), Rows(rows)
    getattr(after, column)[at % len(rows)] = most
    low, high = ALL[name](before), ALL[name](after)

    if not low.undefined and not high.undefined:
        assert low.estimate <= high.estimate + 1e-12
