"""Exposure of a secret under a skew-normal distribution of perplexities, exact in the far tail."""

import math

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike
from scipy.special import erfcx, log_ndtr, ndtr, owens_t

from dosimeter.stats.checks import Floats, real, squarable

TAIL = 1e-4
"""Probability under which the closed form loses digits, and the tail is integrated."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
PIECES = np.concatenate([[0.0], np.geomspace(0.5, 40.0, 12)])
"""Ends of the pieces of the integral, in units of the tail's length: beyond 40 lies e^-40 of it."""


@frozen(kw_only=True)
class SkewNormal:
    """A skew-normal distribution.

    Attributes:
        shape: 0 for the normal distribution; below 0 the tail is to the left.
        loc: Location.
        scale: Scale, above 0.
    """

    shape: float
    loc: float
    scale: float

    def __str__(self) -> str:
        return (
            f"skew-normal, shape {self.shape:.4g}, location {self.loc:.4g}, scale {self.scale:.4g}"
        )


def exposure_skew_normal(log_perplexity: float, references: SkewNormal) -> float:
    """Exposure as minus log2 of the share of secrets that are at most as perplexing, in bits.

    It goes beyond log2 of the references that the distribution was fitted to only by faith in its
    tail: pass it through `dosimeter.stats.exposure.exposure_claim`.

    Args:
        log_perplexity: Of the secret.
        references: Distribution of secrets that were never planted (`fit`).

    Returns:
        Bits, at least 0; NaN for a secret without a perplexity.

    Raises:
        ValueError: For a scale that is not above 0, or an infinite shape or location.

    References:
        N. Carlini et al. (2019), USENIX Security, 267, section 4.4; A. Azzalini (1985), Scand. J.
        Stat. 12:171; D. B. Owen (1956), Ann. Math. Stat. 27:1075.

    Examples:
        Far out in the tail, where a thousand references could have shown ten bits:

        >>> round(exposure_skew_normal(20.0, SkewNormal(shape=2.0, loc=60.0, scale=12.0)), 4)
        48.6015
    """
    d = references
    if not (d.scale > 0 and all(map(math.isfinite, (d.shape, d.loc, d.scale)))):
        msg = f"a skew-normal distribution has finite parameters and a scale above 0, got {d}"
        raise ValueError(msg)
    return -log_cdf((log_perplexity - d.loc) / d.scale, d.shape) / math.log(2) + 0.0


def log_cdf(z: float, shape: float) -> float:
    """Natural logarithm of the distribution function of the standard skew-normal, to some 12 digits.

    Args:
        z: Standardised value.
        shape: Shape.

    Returns:
        The logarithm, at most 0, in nats; NaN for NaN.

    References:
        A. Azzalini (1985), Scand. J. Stat. 12:171; D. B. Owen (1956), Ann. Math. Stat. 27:1075.

    Examples:
        With shape 0 it is that of the normal distribution, however far out:

        >>> log_cdf(-30.0, 0.0) == float(log_ndtr(-30.0))
        True
    """
    real(z=z, shape=shape)
    if not math.isfinite(shape):
        msg = f"shape must be a finite number, got {shape}"
        raise ValueError(msg)
    if math.isnan(z):
        return math.nan
    if shape == 0 or math.isinf(z):
        return float(log_ndtr(z))
    below = float(ndtr(z) - 2 * owens_t(z, shape))
    if below > 0.5:
        return math.log1p(-math.exp(_log_lower(-z, -shape)))
    return _log_lower(z, shape)


def _log_lower(z: float, shape: float) -> float:
    """Logarithm of the lower tail: closed, or integrated where that would be a difference of equals."""
    below = float(ndtr(z) - 2 * owens_t(z, shape))
    if below > TAIL:
        return math.log(below)
    # The density is log-concave: out here it falls faster than exp(-u) in units of its slope.
    top = float(_log_density(np.array(z), shape))
    mills = math.sqrt(2 / math.pi) / float(erfcx(-shape * z / math.sqrt(2)))
    slope = shape * mills - z
    ends = np.stack([PIECES[:-1], PIECES[1:]], axis=1)[:, :, None]
    half = (ends[:, 1] - ends[:, 0]) / 2
    u = ends[:, 0] + half * (1 + NODES)
    inside = np.exp(_log_density(z - u / slope, shape) - top)
    return top + math.log(float((half * WEIGHTS * inside).sum()) / slope)


def _log_density(t: Floats, shape: float) -> Floats:
    return np.asarray(math.log(2) - t * t / 2 - 0.5 * math.log(2 * math.pi) + log_ndtr(shape * t))


def fit(references: ArrayLike) -> SkewNormal | None:
    """Fit a skew-normal distribution by its first three moments.

    Args:
        references: Log-perplexities of secrets that were never planted.

    Returns:
        The distribution; None for fewer than three or where all are equal. A skewness beyond what
        the family has (.995) is taken for .99. Location and scale are in units of the references
        (`SkewNormal`).

    Raises:
        ValueError: For NaN.

    References:
        A. Azzalini (1985), Scand. J. Stat. 12:171.

    Examples:
        What was fitted has the mean of the references, 60 to within 1:

        >>> found = fit(np.random.default_rng(1).normal(60, 12, 4000))
        >>> abs(found.loc + found.scale * .8 * found.shape / math.hypot(1, found.shape) - 60) < 1
        True
    """
    y = squarable(references, "references")
    if len(y) < 3:
        return None
    mean, sd = float(y.mean()), float(y.std())
    if not sd > 1e-12 * float(np.abs(y).max()):
        return None
    skew = min(max(float(((y - mean) ** 3).mean()) / sd**3, -0.99), 0.99)
    cube = abs(2 * skew / (4 - math.pi)) ** (2 / 3)
    delta = math.copysign(math.sqrt(math.pi / 2 * cube / (1 + cube)), skew)
    scale = sd / math.sqrt(1 - 2 * delta**2 / math.pi)
    loc = mean - scale * delta * math.sqrt(2 / math.pi)
    return SkewNormal(shape=delta / math.sqrt(1 - delta**2), loc=loc, scale=scale)
