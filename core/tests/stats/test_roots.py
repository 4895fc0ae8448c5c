"""Where a falling function passes 0: as exactly as a double can say, whatever its shape."""

import math

import pytest
from hypothesis import given, strategies as st

from dosimeter.stats.roots import root

SHAPES = (
    lambda x: x,
    lambda x: x**3,
    lambda x: math.copysign(abs(x) ** 0.2, x),
    lambda x: math.expm1(40 * x),
    lambda x: math.copysign(1.0, x),
    lambda x: math.copysign(math.inf, x),
    lambda x: x if x < 0.3 else math.inf,
)
"""Rising through 0: straight, flat, steep, a step, and without end."""


@pytest.mark.parametrize("shape", SHAPES)
@given(st.floats(1e-9, 1 - 1e-9))
def test_the_sign_changes_at_the_root(shape, truth):
    """On either side of what is given back, by some digits of a double."""
    found = root(lambda x: shape(truth - x), 0.0, 1.0)

    assert found == pytest.approx(truth, rel=1e-9, abs=1e-15)


def test_few_looks_do_for_a_smooth_function():
    """Halving takes 52; each look is a pass over all rows of a sequence."""
    looks = []

    def falling(x):
        looks.append(x)
        return math.log(5) - 30 * x + math.sin(x)

    root(falling, 0.0, 1.0)

    assert len(looks) < 15


def test_an_end_that_is_none_is_given_back():
    """Where the function is not above 0 at the low end, or not below it at the high one."""
    assert root(lambda x: -1 - x, 0.0, 1.0) == 0.0
    assert root(lambda x: 2 - x, 0.0, 1.0) == 1.0
    assert root(lambda x: math.nan, 0.0, 1.0) == 0.0
    assert root(lambda x: 1.0 if x < 0.3 else math.nan, 0.0, 1.0) == pytest.approx(0.3)


def test_known_ends_are_not_looked_at_again_and_enough_is_enough():
    """What a caller knows need not be computed anew."""
    looks = []

    def falling(x):
        looks.append(x)
        return 0.3 - x

    assert root(falling, 0.0, 1.0, ends=(0.3, -0.7), enough=1e-3) == pytest.approx(0.3, abs=1e-3)
    assert not {0.0, 1.0} & set(looks)
