"""What is put into a statistic by mistake: a sentence that says what is wrong, and where."""

import math
from fractions import Fraction

import numpy as np
import pytest

from dosimeter.stats import cluster, paired, planning, rate
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
