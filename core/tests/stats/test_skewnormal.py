"""Exposure under a skew-normal distribution, out to where numbers end."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.integrate import quad
from scipy.special import log_ndtr
from scipy.stats import skewnorm

from dosimeter.stats.skewnormal import SkewNormal, exposure_skew_normal, fit, log_cdf

SHAPES = st.floats(-30, 30)


def by_quadrature(z, shape):
    """Integrate the density over what it is at z, piece by piece."""

    def density(t):
        return math.log(2) - t * t / 2 - 0.5 * math.log(2 * math.pi) + float(log_ndtr(shape * t))

    unit = 1 / (1 + abs(z) * (1 + max(shape, 0) ** 2))
    ends = [0, 0.5, 1, 3, 10, 30, 100]
    parts = [
        quad(lambda u: math.exp(density(z - u) - density(z)), a * unit, b * unit, epsabs=0)[0]
        for a, b in itertools.pairwise(ends)
    ]
    return density(z) + math.log(sum(parts))


@pytest.mark.parametrize("shape", [-20.0, -2.0, 0.5, 2.0, 20.0])
@pytest.mark.parametrize("z", [-60.0, -10.0, -3.0, -1.5])
def test_the_far_tail_is_that_of_quadrature(shape, z):
    """Where the closed form is 0 or negative, the logarithm is still right."""
    assert log_cdf(z, shape) == pytest.approx(by_quadrature(z, shape), rel=1e-9)


@given(st.floats(-2, 4), st.floats(-5, 5))
def test_the_body_is_that_of_scipy(z, shape):
    """As far as scipy's own goes."""
    assert math.exp(log_cdf(z, shape)) == pytest.approx(skewnorm.cdf(z, shape), abs=1e-6)


@given(SHAPES, st.floats(-40, 40), st.floats(0.01, 5))
def test_exposure_falls_as_perplexity_rises(shape, z, step):
    """Monotone, and never below 0."""
    d = SkewNormal(shape=shape, loc=0, scale=1)
    near, far = exposure_skew_normal(z + step, d), exposure_skew_normal(z, d)

    assert 0 <= near <= far + 1e-9 * abs(far)


@given(SHAPES, st.floats(-40, 40))
def test_units_of_perplexity_do_not_matter(shape, z):
    """Location and scale go out."""
    one = exposure_skew_normal(z, SkewNormal(shape=shape, loc=0, scale=1))
    other = exposure_skew_normal(10 + 2 * z, SkewNormal(shape=shape, loc=10, scale=2))

    assert one == pytest.approx(other, rel=1e-6, abs=1e-9)


def test_no_shape_is_the_normal_distribution():
    """And ends are ends."""
    assert log_cdf(-35.0, 0.0) == pytest.approx(float(log_ndtr(-35.0)))
    assert log_cdf(-35.0, 1e-12) == pytest.approx(float(log_ndtr(-35.0)), rel=1e-9)
    assert log_cdf(math.inf, 3.0) == 0
    assert math.isnan(log_cdf(math.nan, 3.0))
    assert math.isfinite(log_cdf(-1e5, 1e5))


def test_a_fit_finds_the_distribution_that_was_drawn_from():
    """Known truth, by moments; too few, or all equal, tell nothing."""
    drawn = skewnorm.rvs(3, 50, 10, size=40_000, random_state=1)
    found = fit(drawn)

    assert (found.shape, found.loc, found.scale) == pytest.approx((3, 50, 10), rel=0.15)
    assert fit([1, 2]) is None
    assert fit([1, 1, 1, 1]) is None
    assert fit([0.3, 0.3, 0.1 + 0.2]) is None
    assert math.isfinite(fit([0] * 50 + [1000]).shape)
    mirrored = fit(-drawn)
    assert mirrored.shape == pytest.approx(-found.shape)


def test_what_is_no_distribution_is_refused():
    """A scale of 0, or a shape without end."""
    with pytest.raises(ValueError, match="scale above 0"):
        exposure_skew_normal(1, SkewNormal(shape=1, loc=0, scale=0))
    with pytest.raises(ValueError, match="finite parameters"):
        exposure_skew_normal(1, SkewNormal(shape=math.inf, loc=0, scale=1))


def test_a_wide_sample_bears_the_fit_where_it_can_be_checked():
    """Exposure of a secret at the hundredth of a sample is log2 100 within a tenth of a bit."""
    drawn = np.sort(skewnorm.rvs(2, 60, 12, size=100_000, random_state=2))

    assert exposure_skew_normal(drawn[1000], fit(drawn)) == pytest.approx(math.log2(100), abs=0.1)
