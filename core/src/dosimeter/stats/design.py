"""How alike members of a cluster are, and what that costs: the design effect."""

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Labels, codes, numbers, real
from dosimeter.stats.result import SIGNED, Limits, Result


@frozen(kw_only=True)
class ClusterCorrelation(Result):
    """An intra-cluster correlation; it has no interval here.

    Attributes:
        estimate: -1 to 1; negative where members of a cluster differ more than strangers: to be
            reported, not to be credited.
        msb: Mean square between clusters.
        msw: Within.
        n0: Size of a typical cluster.
        deff_kish: Design effect of a mean, 1 + (sum m^2 / sum m - 1) icc.
    """

    msb: float
    msw: float
    n0: float
    deff_kish: float
    bounds: Limits = field(default=SIGNED, repr=False)


def cluster_icc(y: ArrayLike, cluster: Labels) -> ClusterCorrelation:
    """ANOVA estimate of the intra-cluster correlation.

    Args:
        y: Observations, one a row.
        cluster: Labels.

    Returns:
        The correlation; undefined where there is one cluster, no cluster with two rows, or nothing
        varies. It is at most 1.

    Raises:
        ValueError: As `dosimeter.stats.cluster.cluster_mean`.

    References:
        A. Donner (1986), Int. Stat. Rev. 54:67; L. Kish (1965), Survey Sampling.

    Examples:
        Repeats that nearly always agree add hardly any evidence:

        >>> found = cluster_icc([1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0], [i // 3 for i in range(12)])
        >>> round(found.estimate, 2), round(found.deff_kish, 2)
        (0.73, 2.45)
    """
    values = numbers(y)
    n = len(values)
    code, g = codes(cluster, n)
    msb = msw = n0 = icc = deff = math.nan
    why = "no-observations" if not n else "one-cluster" if g < 2 else ""
    if not why:
        sizes = np.bincount(code).astype(float)
        means = np.bincount(code, weights=values) / sizes
        msb = float((sizes * (means - values.mean()) ** 2).sum() / (g - 1))
        msw = float(((values - means[code]) ** 2).sum() / (n - g)) if n > g else math.nan
        n0 = float((n - (sizes**2).sum() / n) / (g - 1))
        whole = msb + (n0 - 1) * msw
        why = "one-row-a-cluster" if n == g else ""
        why = why or ("" if np.ptp(values) > 0 and whole > 0 else "no-variation")
        icc = math.nan if why else (msb - msw) / whole
        deff = 1 + (float((sizes**2).sum() / sizes.sum()) - 1) * icc
    return ClusterCorrelation(estimate=icc, method="anova", n=n, clusters=g, undefined=why,
                              no_interval="no-formula", msb=msb, msw=msw, n0=n0, deff_kish=deff)  # fmt: skip


@frozen(kw_only=True)
class Inflation:
    """A sample size for clusters.

    Attributes:
        deff: Design effect.
        n_total: Rows, not rounded.
        n_clusters: Clusters, rounded up.
    """

    deff: float
    n_total: float
    n_clusters: int

    def __str__(self) -> str:
        return (
            f"{self.n_total:.4g} rows of {self.n_clusters} clusters (design effect {self.deff:.4g})"
        )


def design_effect(n_srs: float, cluster_size: float, icc: float) -> Inflation:
    """Inflate a sample size for clusters: deff = 1 + (m - 1) icc.

    Args:
        n_srs: Rows that a simple random sample would need.
        cluster_size: Rows a cluster, m, at least 1.
        icc: Intra-cluster correlation, -1 to 1.

    Returns:
        The design effect, rows, and the whole number of clusters that they take.

    Raises:
        ValueError: For a size below 1 or a correlation outside [-1, 1].

    References:
        L. Kish (1965), Survey Sampling.

    Examples:
        Five repeats that agree a little make 400 rows into 560, of 112 families:

        >>> design_effect(400, 5, .1)
        Inflation(deff=1.4, n_total=560.0, n_clusters=112)
    """
    real(n_srs=n_srs, cluster_size=cluster_size, icc=icc)
    if not (1 <= cluster_size < math.inf and -1 <= icc <= 1 and 0 <= n_srs < math.inf):
        msg = (
            "needs n of at least 0, clusters of at least 1 row and a correlation from -1 to 1, got"
            f" {n_srs}, {cluster_size} and {icc}"
        )
        raise ValueError(msg)
    deff = 1 + (cluster_size - 1) * icc
    total = n_srs * deff
    return Inflation(deff=deff, n_total=total, n_clusters=math.ceil(total / cluster_size - 1e-9))
