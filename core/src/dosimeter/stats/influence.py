"""The error of an estimate from what each row adds to it, by cluster."""

import math

import numpy as np

from dosimeter.stats.checks import Floats, Ints


def cr0(influence: Floats, code: Ints) -> float:
    """Give the variance of a sum of influence values by cluster, without a correction for few (CR0)."""
    sums = np.bincount(code, weights=influence)
    return float(sums @ sums)


def cr1(influence: Floats, code: Ints, clusters: int) -> float:
    """Give the variance of a sum of influence values by cluster, times G / (G - 1) (CR1).

    NaN for fewer than two clusters, whose error nobody knows.
    """
    if clusters < 2:
        return math.nan
    return cr0(influence, code) * clusters / (clusters - 1)


def kish(weights: Floats) -> float:
    """Give Kish's size of a weighted sample, (sum w)^2 / sum w^2; 0 without weight."""
    squares = float(weights @ weights)
    return float(weights.sum() ** 2 / squares) if squares else 0.0
