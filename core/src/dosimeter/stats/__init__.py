"""Estimates with their error. A leaf: imports numpy, scipy and attrs, nothing of dosimeter.

Undefined is NaN with a reason, never a plausible number.
"""

from dosimeter.stats.cluster import (
    ClusterMean,
    cluster_icc,
    cluster_mean,
    design_effect,
    korn_graubard,
    wilson_clustered,
)
from dosimeter.stats.graded import bounded_mean, bounded_mean_clustered, guarded_mean
from dosimeter.stats.interval import Interval
from dosimeter.stats.paired import paired_clustered
from dosimeter.stats.planning import (
    mde_paired_proportions,
    mde_two_proportions,
    sample_size_mcnemar,
    sample_size_two_proportions,
)
from dosimeter.stats.rate import clopper_pearson, wilson, zero_event_upper

__all__ = [
    "ClusterMean",
    "Interval",
    "bounded_mean",
    "bounded_mean_clustered",
    "clopper_pearson",
    "cluster_icc",
    "cluster_mean",
    "design_effect",
    "guarded_mean",
    "korn_graubard",
    "mde_paired_proportions",
    "mde_two_proportions",
    "paired_clustered",
    "sample_size_mcnemar",
    "sample_size_two_proportions",
    "wilson",
    "wilson_clustered",
    "zero_event_upper",
]
