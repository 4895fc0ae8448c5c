"""True values of what is simulated: integrals over the distribution of difficulty, never a sample."""

import math

import numpy as np
from attrs import evolve
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import binom

from dosimeter_provider_simulated.options import Shift, SimulatedOptions

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
LEVELS = np.arange(1, 6)


def over_difficulty(f):
    """Give the mean of *f* of a standard normal difficulty; a column a value if it has several."""
    return WEIGHTS @ f(NODES)


def model(rate, spread, *, severity=0.4, grows=0.0, wordings=(), noise=0.0):
    """Give options of a simulated model that refuses a share *rate* of all goals.

    Args:
        rate: Mean over difficulty.
        spread: Standard deviation of the logit over goals.
        severity: How detailed a reply is that is no refusal.
        grows: What a unit of difficulty adds to the logit of detail.
        wordings: That are no part of a goal.
        noise: Standard deviation of the logit over wordings.
    """
    whole = math.hypot(spread, noise)
    base = brentq(lambda b: over_difficulty(lambda z: expit(b + whole * z)) - rate, -30, 30)
    return SimulatedOptions(
        base=base, intent=0.0, keyword=0.0, noise=noise, difficulty=spread, severity=severity,
        severity_by_difficulty=grows, shifts=tuple(Shift(text=w) for w in wordings),
    )  # fmt: skip


def refused(options, z):
    """Give the probability of refusing a goal of difficulty *z*, without noise of wordings."""
    return expit(options.base + options.difficulty * z)


def levels(options, z):
    """Give the probabilities of levels 1 to 5 of goals of difficulty *z*, a row a goal."""
    z = np.asarray(z, float)
    detail = expit(
        logit(options.severity) + options.severity_by_difficulty * options.difficulty * z
    )
    told = binom.pmf(np.arange(5), 4, detail[:, None])
    refuses = refused(options, z)[:, None]
    return (1 - refuses) * told + refuses * (LEVELS == 1)


def rate(options):
    """Give the true rate of refusals."""
    return float(over_difficulty(lambda z: refused(plain(options), z)))


def distribution(options):
    """Give the true shares of levels 1 to 5; of models without noise of wordings."""
    return over_difficulty(lambda z: levels(options, z))


def mean_level(options):
    return float(LEVELS @ distribution(options))


def severe(options):
    return float(distribution(options)[3:].sum())


def plain(options):
    """Give options that refuse as often without noise of wordings."""
    return evolve(options, difficulty=math.hypot(options.difficulty, options.noise), noise=0.0)


def correlation(options):
    """Give the intra-family correlation of refusals."""
    p = rate(options)
    square = over_difficulty(lambda z: refused(options, z) ** 2)
    return float((square - p * p) / (p * (1 - p)))


def both_refuse(a, b):
    """Give the share of goals that two models of one difficulty refuse at once."""
    return float(over_difficulty(lambda z: refused(a, z) * refused(b, z)))


def slipped(slips):
    """Give the matrix of a rater that marks a share *slips* one too high, and one too low."""
    out = np.zeros((5, 5))
    for i in range(5):
        for step, share in ((-1, slips), (0, 1 - 2 * slips), (1, slips)):
            out[i, min(4, max(0, i + step))] += share
    return out


def alpha(joint):
    """Give Krippendorff's ordinal alpha of two raters whose marks have distribution *joint*."""
    pairs = (joint + joint.T) / 2
    share = pairs.sum(axis=0)
    middle = np.cumsum(share) - share / 2
    apart = (middle[:, None] - middle) ** 2
    return float(1 - (pairs * apart).sum() / (np.outer(share, share) * apart).sum())
