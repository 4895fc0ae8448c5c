"""Our functions under the names and in the shapes of the oracle file."""

import math

from dosimeter import stats


def _ci(found):
    return [found.lower, found.upper]


def _cluster_mean(i):
    from scipy.special import stdtrit

    m = stats.cluster_mean(i["y"], i["cluster"])
    half = float(stdtrit(m.clusters - 1, 0.5 + i["conf"] / 2)) * m.se_cr1
    return {"mean": m.mean, "se_naive": m.se_iid, "se_cr0": m.se_cr0, "se_cr1": m.se_cr1,
            "deff": m.deff, "n_eff": m.effective_n, "n_clusters": m.clusters,
            "t_ci": [m.mean - half, m.mean + half]}  # fmt: skip


def _korn_graubard(i):
    found = stats.korn_graubard(i["y"], i["cluster"], level=i["conf"])
    return {"n_eff_df": found.effective_n, "ci": _ci(found)}


def _wilson_clustered(i):
    from dosimeter.stats.rate import wilson_limits

    found = stats.wilson_clustered(i["y"], i["cluster"], level=i["conf"])
    z = stats.interval.normal_quantile(0.5 + i["conf"] / 2)
    return {"n_eff": found.effective_n, "ci": _ci(found),
            "ci_z": list(wilson_limits(found.value, found.effective_n, z))}  # fmt: skip


def _bounded(found):
    return {"mean": found.value, "n_eff": found.effective_n, "ci": _ci(found)}


def _paired(i):
    d = stats.paired_clustered(i["first"], i["second"], i["cluster"], i["conf"])
    return {"diff": d["diff"], "se": d["se"], "t_ci": [d["lower"], d["upper"]]}


def _mcnemar(i):
    p1, p2 = i["p1"], i["p2"]
    p11 = p1 * p2 + i["phi"] * math.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    p10, p01 = p1 - p11, p2 - p11
    return {"p10": p10, "p01": p01,
            "n_items": stats.sample_size_mcnemar(p10, p01, i["alpha"], i["power"])}  # fmt: skip


FUNCS = {
    "wilson_ci": lambda i: _ci(stats.wilson(i["x"], i["n"], i["conf"])),
    "clopper_pearson_ci": lambda i: _ci(stats.clopper_pearson(i["x"], i["n"], i["conf"])),
    "zero_event_upper_bound": lambda i: stats.zero_event_upper(i["n"], i["conf"]),
    "cluster_robust_mean": _cluster_mean,
    "cluster_icc_anova": lambda i: stats.cluster_icc(i["y"], i["cluster"]),
    "design_effect_inflation": lambda i: stats.design_effect(
        i["n_srs"], i["cluster_size"], i["icc"]
    ),
    "korn_graubard_ci": _korn_graubard,
    "wilson_ci_clustered": _wilson_clustered,
    "bounded_mean_score_ci": lambda i: _bounded(
        stats.bounded_mean(i["scores"], i["low"], i["high"], i["conf"])
    ),
    "bounded_mean_score_ci_clustered": lambda i: _bounded(
        stats.bounded_mean_clustered(
            i["scores"], i["cluster"], low=i["low"], high=i["high"], level=i["conf"]
        )
    ),
    "mde_two_proportions": lambda i: stats.mde_two_proportions(
        i["p_ref"], i["n_per_arm"], i["alpha"], i["power"], i["direction"]
    ),
    "sample_size_two_proportions": lambda i: stats.sample_size_two_proportions(
        i["p1"], i["p2"], i["alpha"], i["power"]
    ),
    "sample_size_mcnemar": _mcnemar,
    "paired_clustered_difference": _paired,
}
