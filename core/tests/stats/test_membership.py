"""How well scores tell members from others, and when that may be claimed."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from dosimeter.stats import membership

SCORES = st.lists(st.integers(-5, 5), min_size=1, max_size=40)


@given(SCORES, SCORES, st.sampled_from([0.05, 0.1, 0.3, 1.0]))
def test_area_rate_and_advantage_are_those_of_scikit_learn(members, others, fpr):
    """Ties and all."""
    truth = [1] * len(members) + [0] * len(others)
    alarms, found, _ = roc_curve(truth, members + others, drop_intermediate=False)

    assert membership.auc(members, others).estimate == pytest.approx(
        roc_auc_score(truth, members + others)
    )
    assert membership.advantage(members, others) == pytest.approx((found - alarms).max())
    assert membership.tpr_at_fpr(members, others, fpr).seen == pytest.approx(
        found[alarms <= fpr + 1e-12].max()
    )


@given(SCORES, SCORES)
def test_exchanging_sides_mirrors_the_area(members, others):
    """An attack turned round is as bad as it was good."""
    one, other = membership.auc(members, others), membership.auc(others, members)

    assert one.estimate == pytest.approx(1 - other.estimate)
    assert one.no_interval == other.no_interval
    if not one.no_interval:
        assert one.interval().lower == pytest.approx(1 - other.interval().upper)
        assert 0 <= one.interval().lower < one.interval().upper <= 1


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 4)), min_size=1, max_size=40), SCORES)
def test_names_of_documents_do_not_matter(rows, others):
    """Relabelled clusters, rows in another order."""
    scores, document = zip(*rows, strict=True)
    one = membership.auc(scores, others, document)
    other = membership.auc(scores[::-1], others, [f"d{9 - d}" for d in document[::-1]])

    assert one.estimate == pytest.approx(other.estimate)
    assert one.se == pytest.approx(other.se, nan_ok=True)


def test_the_area_covers_with_documents_as_units_and_not_with_passages():
    """Twenty passages of a document share its style: rows as units are the naive rival."""
    rng = np.random.default_rng(1)
    truth = norm.cdf(0.5 / math.sqrt(2 * 1.5))
    by_document, by_row = [], []
    doc = np.repeat(range(30), 20)
    for _ in range(400):
        a, b = (
            m + rng.normal(0, math.sqrt(0.5), 30)[doc] + rng.normal(0, 1, 600) for m in (0.5, 0.0)
        )
        by_document.append(truth in membership.auc(a, b, doc, doc).interval())
        by_row.append(truth in membership.auc(a, b).interval())

    assert np.mean(by_document) >= 0.91
    assert np.mean(by_row) < 0.7


def test_the_rate_at_a_low_false_positive_rate_covers():
    """Known truth: normal scores one apart; the threshold is a sample's too."""
    rng = np.random.default_rng(1)
    for fpr, n in ((0.01, 1000), (0.05, 300)):
        truth = norm.sf(norm.isf(fpr) - 1)
        inside = [
            truth
            in membership.tpr_at_fpr(rng.normal(1, 1, 500), rng.normal(0, 1, n), fpr).interval()
            for _ in range(500)
        ]
        assert np.mean(inside) >= 0.93


def test_a_rate_that_non_members_cannot_resolve_is_refused():
    """VALIDITY 23: at least 10 / t non-members for a rate at t."""
    members = list(range(50, 200))

    assert (
        membership.tpr_at_fpr(members, range(999), 0.01).undefined == "fewer-than-1000-non-members"
    )
    assert membership.tpr_at_fpr(members, range(1000), 0.01).undefined == ""
    assert membership.smallest_fpr(1000) == 0.01
    assert membership.smallest_fpr(0) == membership.smallest_fpr(10) == 1
    with pytest.raises(ValueError, match="fpr must be above 0"):
        membership.tpr_at_fpr([1], [1], 0)


def test_nothing_is_undefined_and_separation_has_no_interval():
    """Trap 19, and AUC 1: DeLong's error of 0 is no certainty."""
    assert membership.auc([], [1]).undefined == "one-class"
    assert math.isnan(membership.advantage([1], []))
    assert membership.tpr_at_fpr([], [1], 0.1).undefined == "no-observations"
    assert membership.auc([3, 4], [1, 2]).interval().undefined == "perfect-separation"
    assert membership.auc([3], [1, 3]).interval().undefined == "one-row-of-a-class"
    assert membership.auc([1, 1], [1, 1]).interval().undefined == "no-variation"
    with pytest.raises(ValueError, match=r"members\[1\]"):
        membership.auc([1, math.nan], [1])


def drawn(shift, seed, n=400):
    """Area of scores that are *shift* apart."""
    rng = np.random.default_rng(seed)
    return membership.auc(rng.normal(shift, 1, n), rng.normal(0, 1, n))


def test_a_blind_baseline_that_tells_members_apart_refuses_the_claim():
    """VALIDITY 23: dates or words alone did it, so the attack proves nothing."""
    for blind in (drawn(0.5, 1), drawn(-0.5, 1), membership.auc(range(10, 20), range(10))):
        found = membership.membership_claim(drawn(1.5, 2), blind)
        assert (found.claim, found.why) == ("refused", "blind-baseline-tells-them-apart")
    unknown = membership.membership_claim(drawn(1.5, 2), membership.auc([], []))
    assert (unknown.claim, unknown.why) == ("refused", "blind-baseline-unknown")


def test_a_claim_needs_an_attack_above_its_blind_baseline():
    """Recognised, and cannot tell: the latter is what small pretrained models give."""
    blind = drawn(0, 3)

    assert membership.membership_claim(drawn(1, 2), blind).claim == "members recognised"
    assert membership.membership_claim(drawn(0, 5), blind).claim == "cannot tell"
    assert membership.membership_claim(membership.auc([], []), blind).claim == "cannot tell"
    unsure = membership.auc([1, 2, 4, 9], [1, 3, 3, 8])
    found = membership.membership_claim(drawn(0.4, 2), unsure)
    assert found.attack.interval().lower > 0.5
    assert (found.claim, found.why) == ("cannot tell", "not-above-blind-baseline")
    parted = membership.auc(range(500, 900), range(400))
    assert membership.membership_claim(parted, blind).claim == "members recognised"
    assert "blind" in str(membership.membership_claim(drawn(1, 2), blind))


def test_an_attack_that_knows_nothing_claims_hardly_ever():
    """Both at chance: at most 5 claims in a hundred."""
    claims = [
        membership.membership_claim(drawn(0, 2 * s, 100), drawn(0, 2 * s + 1, 100)).claim
        for s in range(400)
    ]

    assert np.mean([c == "members recognised" for c in claims]) <= 0.05


def test_the_advantage_of_an_attack_that_knows_nothing_is_what_the_page_says():
    """.63 times the root of 1/m + 1/n, and not 0."""
    rng = np.random.default_rng(1)
    found = [membership.advantage(*rng.normal(size=(2, 200))) for _ in range(400)]

    assert np.mean(found) == pytest.approx(0.63 * math.sqrt(2 / 200), abs=0.006)
