"""Differences between two conditions on the same families."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.result import t_quantile


def paired_clustered(
    first: ArrayLike, second: ArrayLike, cluster: Sequence[object] | ArrayLike, level: float = 0.95
) -> dict[str, float]:
    """Mean of *second* - *first* with CR1 standard error and t on G - 1 degrees of freedom.

    Args:
        first: Observations under the one condition, one a row.
        second: Under the other, in the same order.
        cluster: Labels of the rows.
        level: Confidence level.

    Returns:
        ``diff``, ``se``, ``lower``, ``upper``, ``p`` (two-sided) and ``df``; NaN for one cluster.

    Raises:
        ValueError: For differing lengths or NaN.
    """
    found = cluster_mean(np.asarray(second, float) - np.asarray(first, float), cluster)
    df = found.clusters - 1
    half = t_quantile(level, df) * found.se if df > 0 else float("nan")
    t = found.estimate / found.se if found.se > 0 else float("nan")
    return {"diff": found.estimate, "se": found.se, "lower": found.estimate - half,
            "upper": found.estimate + half, "p": float(2 * stdtr(df, -abs(t))), "df": df}  # fmt: skip
