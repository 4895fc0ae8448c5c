"""How many families a question needs, and what a given number could see.

By what is measured: shares (`dosimeter.stats.planning_shares`; their exact power,
`dosimeter.stats.planning_power`), marks (`dosimeter.stats.planning_marks`), and families with several
rows (`dosimeter.stats.planning_families`; two conditions on them, `dosimeter.stats.planning_paired`;
two cells of a design or more, `dosimeter.stats.planning_contrasts`).
What a pilot tells: `dosimeter.stats.planning_pilot`; what grading buys: `dosimeter.stats.planning_grading`.
"""

from dosimeter.stats.planning_contrasts import contrast_sd, half_width_within, mde_contrast
from dosimeter.stats.planning_families import (
    Detectable,
    detectable,
    families_for_difference,
    families_for_halfwidth,
    families_for_sequential_gate,
    families_for_upper_limit,
)
from dosimeter.stats.planning_grading import Grading, grading
from dosimeter.stats.planning_marks import (
    Ordinal,
    mde_paired_mean,
    power_two_sample_t,
    sample_size_ordinal_whitehead,
    sample_size_two_sample_t,
)
from dosimeter.stats.planning_paired import (
    effective_rows,
    families_for_equivalence,
    families_for_paired_mean,
    family_sd,
    mde_clustered_mean,
    mde_clustered_shares,
    power_paired_mean,
    power_paired_proportions,
)
from dosimeter.stats.planning_pilot import (
    careful_icc,
    careful_sd,
    careful_share_icc,
    careful_spread,
    icc_limits,
    most_spread,
    share_icc_limits,
)
from dosimeter.stats.planning_power import (
    McNemarPower,
    power_mcnemar_exact,
    power_two_proportions,
)
from dosimeter.stats.planning_shares import (
    mde_paired_proportions,
    mde_two_proportions,
    phi_max,
    sample_size_mcnemar,
    sample_size_mcnemar_phi,
    sample_size_two_proportions,
    sample_size_two_proportions_arcsine,
    sample_size_wilson_halfwidth,
    split_discordant,
)

__all__ = [
    "Detectable",
    "Grading",
    "McNemarPower",
    "Ordinal",
    "careful_icc",
    "careful_sd",
    "careful_share_icc",
    "careful_spread",
    "contrast_sd",
    "detectable",
    "effective_rows",
    "families_for_difference",
    "families_for_equivalence",
    "families_for_halfwidth",
    "families_for_paired_mean",
    "families_for_sequential_gate",
    "families_for_upper_limit",
    "family_sd",
    "grading",
    "half_width_within",
    "icc_limits",
    "mde_clustered_mean",
    "mde_clustered_shares",
    "mde_contrast",
    "mde_paired_mean",
    "mde_paired_proportions",
    "mde_two_proportions",
    "most_spread",
    "phi_max",
    "power_mcnemar_exact",
    "power_paired_mean",
    "power_paired_proportions",
    "power_two_proportions",
    "power_two_sample_t",
    "sample_size_mcnemar",
    "sample_size_mcnemar_phi",
    "sample_size_ordinal_whitehead",
    "sample_size_two_proportions",
    "sample_size_two_proportions_arcsine",
    "sample_size_two_sample_t",
    "sample_size_wilson_halfwidth",
    "share_icc_limits",
    "split_discordant",
]
