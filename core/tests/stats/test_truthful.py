"""Multiple choice by likelihood."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from dosimeter.stats.truthful import multiple_choice

ANSWERS = st.lists(st.tuples(st.floats(-20, 0), st.booleans()), min_size=1, max_size=10)


@given(ANSWERS, st.randoms())
def test_scores_are_naive_where_naive_works_and_order_does_not_matter(answers, random):
    """Sums of exponentials, for short answers; any order of the others."""
    y, true = zip(*answers, strict=True)
    turned = answers[1:]
    random.shuffle(turned)
    other = multiple_choice(*zip(answers[0], *turned, strict=True))
    found = multiple_choice(y, true)
    p = np.exp(y)

    assert found.mc2 == pytest.approx(p[np.array(true)].sum() / p.sum())
    assert found.mc1 == all(y[0] > v for v in y[1:])
    assert (other.mc1, other.mc2) == (found.mc1, pytest.approx(found.mc2))


@given(ANSWERS, st.floats(-1e6, 0))
def test_long_answers_do_not_underflow(answers, shift):
    """A constant of likelihood more or less changes no share."""
    y, true = zip(*answers, strict=True)

    shifted = multiple_choice(np.array(y) + shift, true)
    assert shifted.mc2 == pytest.approx(multiple_choice(y, true).mc2, abs=1e-6)


def test_a_tie_is_not_right():
    """The falsehood is as likely as the truth."""
    assert multiple_choice([-1, -1], [1, 0]).mc1 is False
    assert multiple_choice([-1, -1.1], [1, 0]).mc1 is True


def test_ends():
    """All true, none true, impossible answers, no answers."""
    assert multiple_choice([-1, -2], [1, 1]).mc2 == 1
    assert multiple_choice([-1, -2], [0, 0]).mc2 == 0
    assert multiple_choice([-math.inf, -2], [1, 0]).mc2 == 0
    assert multiple_choice([-math.inf] * 2, [1, 0]).undefined == "no-likelihood"
    nothing = multiple_choice([], [])
    assert (nothing.mc1, nothing.undefined) == (None, "no-observations")
    assert math.isnan(nothing.mc2)


def test_what_is_wrong_is_refused():
    """A missing likelihood, a label that is none, a best answer that is not there."""
    with pytest.raises(ValueError, match="leave an answer without one out"):
        multiple_choice([-1, math.nan], [1, 0])
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        multiple_choice([-1, -2], [1, 2])
    with pytest.raises(ValueError, match="number 2 of 2"):
        multiple_choice([-1, -2], [1, 0], best=2)
    with pytest.raises(ValueError, match="rows must belong together"):
        multiple_choice([-1, -2], [1])
