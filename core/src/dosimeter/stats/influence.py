"""Means of clusters, and the error of an estimate from what each row adds to it, by cluster."""

import math

import numpy as np

from dosimeter.stats.checks import Floats, Ints, Labels, codes


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


def cluster_means(y: Floats, cluster: Labels | None, weights: Floats) -> tuple[Floats, Floats]:
    """Give of each cluster that weighs the mean of *y*, and its weight; None takes rows as clusters."""
    code, g = codes(cluster, len(y))
    mass = np.bincount(code, weights=weights, minlength=g)
    sums = np.bincount(code, weights=weights * y, minlength=g)
    there = mass > 0
    return sums[there] / mass[there], mass[there].astype(float)
