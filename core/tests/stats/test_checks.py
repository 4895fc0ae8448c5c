"""What is put into a statistic by mistake: a sentence that says what is wrong, and where."""

import math
from fractions import Fraction

import numpy as np
import pytest

from dosimeter.stats import (
    agreement,
    bootstrap,
    calibration,
    cluster,
    compare,
    items,
    overlap,
    paired,
    planning,
    rate,
    rater_error,
    tokenscores,
)
from dosimeter.stats.checks import codes

WRONG = {
    r"^x must be a number, got '3' \(str\)$": lambda: rate.wilson("3", 10),
    r"^n must be a number, got \[10\] \(list\)$": lambda: rate.wilson(3, [10]),
    "^x must be a number, got None$": lambda: rate.clopper_pearson(None, 10),
    "^cluster label 1 is None: every row belongs": lambda: cluster.korn_graubard([1, 0, 1], ["a", None, "b"]),
    "^cluster label 2 is nan: every row belongs": lambda: cluster.cluster_mean(
        [1, 0, 1], np.array(["a", "b", math.nan], object)
    ),
    "^cluster labels are of several kinds, int and str": lambda: cluster.cluster_mean(
        [1, 0, 1], np.array([1, "a", 2], object)
    ),
    r"numbers, and values\[0\] is '1' \(str\)$": lambda: cluster.korn_graubard(["1", "0"], [1, 2]),
    r"numbers, and values\[1\] is \[1, 2\] \(list\)$": lambda: cluster.korn_graubard([1, [1, 2]], [1, 2]),
    "^paired_binary takes four counts: .* pair_table": lambda: paired.paired_binary([1, 0], [1]),
    r"^both must be a number, got \[1, 0\] \(list\)$": lambda: paired.paired_binary([1, 0], [1], 2, 3),
    r"^first must be one row of numbers, and first\[0\] is 'a'": lambda: paired.pair_table("ab", [1, 0]),
    "must be a number, got '0.1'": lambda: planning.families_for_upper_limit("0.1"),
}  # fmt: skip


NO_SENSE = {
    "^x must be from 0 to n, got x=0, n=-1$": lambda: rate.zero_event_upper(-1),
    "^x must be from 0 to n, got x=0, n=nan$": lambda: rate.zero_event_upper(math.nan),
    "^n must be above 0, got nan$": lambda: rate.hoeffding_halfwidth(math.nan),
    "^n must be the number of trials, got inf$": lambda: rate.wilson(1, math.inf),
    "^level must lie between 0 and 1, got 0.9999999999999999$": lambda: rate.wilson(1, 9).interval(1 - 1e-16),
    "^level must lie between 0 and 1, got '95'$": lambda: rate.wilson(1, 9).interval("95"),
    "^table must be numbers, with as many in one row": lambda: agreement.cohen_kappa([[1, 2], [3]]),
    "^totals must be numbers, with as many in one row": lambda: bootstrap.cluster_bootstrap([[1, 2], [3]]),
    "^totals must be a table of numbers.*shape \\(1, 0\\)": lambda: bootstrap.cluster_bootstrap([[]]),
    "^totals must be a table of numbers.*shape \\(3,\\)": lambda: bootstrap.cluster_bootstrap_exact([1, 2, 3]),
    "^cluster labels are lists of unlike length": lambda: cluster.cluster_mean([1, 0], [[1, 2], [3]]),
    "^log_probs must be one number for each of at least 1 token": lambda: tokenscores.min_k([]),
    "^needs n of at least 0, clusters": lambda: cluster.design_effect(math.inf, 5, 0.1),
    r"^levels\[1\] is 1e\+308, whose square": lambda: agreement.agreement_weights("linear", [1, 1e308]),
    r"^labels must be two rows of numbers, one a model, got 0$": lambda: rater_error.ppi_difference(
        [], ([1], [1]), ([1], [1])),
    "^the length of a run must be a whole number of at least 1": lambda: overlap.without_prompt("a", "a", n=-1),
    "^of_first must be a lower and an upper limit, got 1": lambda: compare.mover(0.1, [0], 0.2, (0, 1)),
    r"^log_probs\[0\] is not a number": lambda: tokenscores.confidence_logit([math.nan, 0], 1),
    "^span must be above 0, got 0$": lambda: planning.half_width_within(50, 1.0, span=0),
    "at least two levels": lambda: planning.sample_size_ordinal_whitehead([1.0], 2),
    "^an exact power goes through every outcome": lambda: planning.power_two_proportions(0.1, 0.2, 10**18),
}  # fmt: skip


def test_nothing_to_measure_is_undefined_in_words():
    """With the reason, and without a NaN that a reader has to know."""
    told = [
        str(calibration.reliability_curve([], [])),
        str(items.fit_2pl(np.ones((40, 4)))),
        str(items.saturation([])),
        str(items.information_2pl([0], [0], [0])),
        str(rater_error.confusion([], [], [])),
    ]

    assert told[0] == "undefined (no-observations, n=0)"
    assert told[1] == "undefined (few-items-vary, n=40)"
    assert told[2] == "not-estimable (few-models): 0 items of 0 models"
    assert "nan" not in " ".join(told)
    # Counts too large for an integer are no reason for another answer.
    exact, mid = paired.mcnemar_p(10**18, 1)
    assert (exact, mid) == (0, 0)
    assert paired.flip_p([1e308] * 3) == paired.flip_p([1] * 3) == 0.25


@pytest.mark.parametrize("words", NO_SENSE)
def test_what_makes_no_sense_gives_no_number(words):
    """Nor a warning, or numpy's own words."""
    with pytest.raises(ValueError, match=words):
        NO_SENSE[words]()


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_is_named_with_its_place(words):
    """Never a traceback out of numpy, whose words are of types and not of rows."""
    with pytest.raises(ValueError, match=words):
        WRONG[words]()


@pytest.mark.parametrize("x", [3, 3.0, np.int64(3), np.float32(3), np.array(3), Fraction(3)])
def test_every_kind_of_number_is_one(x):
    """Those of numpy too, and an array of none."""
    assert rate.wilson(x, 10).estimate == pytest.approx(0.3)


def test_labels_of_any_one_kind_are_numbered_alike():
    """Objects as texts, as numbers."""
    for labels in (
        list("abac"),
        np.array(list("abac"), object),
        [1, 2, 1, 3],
        [1.5, 2.5, 1.5, 3.5],
    ):
        code, n = codes(labels, 4)
        assert (code.tolist(), n) == ([0, 1, 0, 2], 3)
