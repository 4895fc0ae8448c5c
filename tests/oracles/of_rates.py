"""Rates, clusters and marks under the names of the oracle file."""

import cdflib
from oracle_shapes import ci, conf, textbook_ci

from dosimeter.stats import bootstrap, cluster, rate, severity
from dosimeter.stats.result import t_quantile, wilson_limits, z_quantile


def share(function):
    return lambda i: ci(function(i["x"], i["n"]), conf(i))


def cluster_mean(i):
    m = cluster.cluster_mean(i["y"], i["cluster"])
    return {"mean": m.estimate, "se_naive": m.se_iid, "se_cr0": m.se_cr0, "se_cr1": m.se,
            "deff": m.deff, "n_eff": m.effective_n, "n_clusters": m.clusters,
            "t_ci": textbook_ci(m, conf(i))}  # fmt: skip


def korn_graubard(i):
    found = cluster.korn_graubard(i["y"], i["cluster"])
    level = conf(i)
    star = found.trials(level)
    if found.clusters < 2 or star in {float(found.n), float(found.clusters)}:
        return {"n_eff_df": star, "ci": ci(found, level)}
    # The file's n_eff_df was made with cdflib's t quantile, which is found to 1e-8 only; ours, and
    # with it n_eff_df, is exact, and 1.8e-9 apart (relatively). The limits agree as they are.
    ours = [t_quantile(level, df) for df in (found.n - 1, found.clusters - 1)]
    theirs = [cdflib.t_quantile(level, df) for df in (found.n - 1, found.clusters - 1)]
    apart = (theirs[0] / theirs[1]) ** 2 / (ours[0] / ours[1]) ** 2
    return {"n_eff_df": star * apart, "ci": ci(found, level)}


def wilson_clustered(i):
    found = cluster.wilson_clustered(i["y"], i["cluster"])
    by_z = list(wilson_limits(found.estimate, found.trials, z_quantile(conf(i))))
    return {"n_eff": found.trials, "ci": ci(found, conf(i)),
            "ci_z": by_z if found.trials > 0 else [0.0, 1.0]}  # fmt: skip


def bounded(i):
    found = severity.bounded_mean(
        i["scores"], i.get("cluster"), low=i.get("low", 1), high=i.get("high", 5)
    )
    return {"mean": found.estimate, "n_eff": found.trials, "ci": ci(found, conf(i))}


def icc_anova(i):
    found = cluster.cluster_icc(i["y"], i["cluster"])
    return {"msb": found.msb, "msw": found.msw, "n0": found.n0, "icc": found.estimate,
            "deff_kish": found.deff_kish}  # fmt: skip


def bootstrap_exact(i):
    rows = [[y, 1] for y in i["y"]]
    found = bootstrap.cluster_bootstrap_exact(bootstrap.cluster_totals(rows, i["cluster"]))
    return {"boot_mean": found.mean, "boot_se": found.se, "pct_ci": list(found.limits(conf(i)))}


def two_way(i):
    m = cluster.two_way_cluster_mean(i["y"], i["item"], i["attack"])
    return {"mean": m.estimate, "v_item": m.v_item, "v_attack": m.v_attack, "v_cell": m.v_cell,
            "se": m.se}  # fmt: skip


def inflation(i):
    found = cluster.design_effect(i["n_srs"], i["cluster_size"], i["icc"])
    return {"deff": found.deff, "n_total": found.n_total, "n_clusters": found.n_clusters}


def stratified(i):
    found = rate.stratified_rate(i["x"], i["n"], i.get("weights"))
    return {"rate": found.estimate, "se": found.se}


def category_averages(i):
    named = i["categories"]
    x, n = ([pair[at] for pair in named.values()] for at in (0, 1))
    found = rate.category_averages(x, n, list(named), conf(i))
    worst = found.categories.get(found.worst)
    return {"macro": found.macro.estimate, "macro_se": found.macro.se,
            "micro": found.micro.estimate, "worst_category": found.worst or None,
            "worst_rate": worst and worst.estimate,
            "bonferroni_wilson": {k: list(v) for k, v in found.simultaneous.items()}}  # fmt: skip


def graded_summary(i):
    found = severity.graded_summary(i["counts_1_to_5"], i.get("severe_from", 4))
    return {"mean": found.mean.estimate, "se": found.mean.se, "t_ci": textbook_ci(found.mean, conf(i)),
            "share_severe": found.severe.estimate, "share_severe_wilson": ci(found.severe, conf(i)),
            "floor_share": found.floor.estimate, "ceiling_share": found.ceiling.estimate}  # fmt: skip


def superiority(i):
    found = severity.ordinal_superiority(i["first"], i["second"])
    return {"prob_superiority": found.estimate, "cliffs_delta": found.cliffs_delta}


def brunner_munzel(i):
    found = severity.ordinal_superiority(i["first"], i["second"])
    return {"statistic": found.statistic, "df": found.df, "p": found.p_value()}


FUNCS = {
    "bounded_mean_score_ci": bounded,
    "bounded_mean_score_ci_clustered": bounded,
    "brunner_munzel": brunner_munzel,
    "category_averages": category_averages,
    "clopper_pearson_ci": share(rate.clopper_pearson),
    "cluster_bootstrap_exact": bootstrap_exact,
    "cluster_icc_anova": icc_anova,
    "cluster_robust_mean": cluster_mean,
    "design_effect_inflation": inflation,
    "false_positive_upper_bound": lambda i: rate.false_positive_upper(
        i["false_positives"], i["n_background"], conf(i)
    ),
    "graded_summary": graded_summary,
    "hoeffding_halfwidth": lambda i: rate.hoeffding_halfwidth(i["n"], 1 - i.get("alpha", 0.05)),
    "jeffreys_ci": share(rate.jeffreys),
    "korn_graubard_ci": korn_graubard,
    "multinomial_simultaneous_ci": lambda i: [
        list(limits) for limits in severity.multinomial_limits(i["counts"], conf(i))
    ],
    "ordinal_superiority": superiority,
    "stratified_rate": stratified,
    "two_way_cluster_mean": two_way,
    "wilson_cc_ci": share(rate.wilson_cc),
    "wilson_ci": share(rate.wilson),
    "wilson_ci_clustered": wilson_clustered,
    "zero_event_upper_bound": lambda i: rate.zero_event_upper(i["n"], conf(i)),
}
