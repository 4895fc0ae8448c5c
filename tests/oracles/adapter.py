"""Our functions under the names and in the shapes of the oracle file: one table, `FUNCS`.

``python ../shared/oracles/check.py ../shared/oracles/statistics.json tests/oracles/adapter.py``
compares every case.
"""

import importlib.util
from pathlib import Path

from dosimeter.stats import bootstrap, cluster, rate, severity
from dosimeter.stats.result import t_quantile, wilson_limits, z_quantile


def beside(name):
    """Load a module that lies beside this one, however this one was loaded."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cdflib = beside("cdflib")


def ci(result, conf=0.95):
    """Give the limits as a list."""
    return list(result.interval(conf))


def cluster_mean(i):
    m = cluster.cluster_mean(i["y"], i["cluster"])
    return {"mean": m.estimate, "se_naive": m.se_iid, "se_cr0": m.se_cr0, "se_cr1": m.se,
            "deff": m.deff, "n_eff": m.effective_n, "n_clusters": m.clusters,
            "t_ci": ci(m, i["conf"])}  # fmt: skip


def korn_graubard(i):
    found = cluster.korn_graubard(i["y"], i["cluster"])
    level = i["conf"]
    # The file's n_eff_df was made with cdflib's t quantile, which is found to 1e-8 only; ours, and
    # with it n_eff_df, is exact, and 1.8e-9 apart (relatively). The limits agree as they are.
    ours = [t_quantile(level, df) for df in (found.n - 1, found.clusters - 1)]
    theirs = [cdflib.t_quantile(level, df) for df in (found.n - 1, found.clusters - 1)]
    apart = (theirs[0] / theirs[1]) ** 2 / (ours[0] / ours[1]) ** 2
    star = found.trials(level)
    return {"n_eff_df": star * apart if star < found.n else star, "ci": ci(found, level)}


def wilson_clustered(i):
    found = cluster.wilson_clustered(i["y"], i["cluster"])
    z = z_quantile(i["conf"])
    return {"n_eff": found.trials, "ci": ci(found, i["conf"]),
            "ci_z": list(wilson_limits(found.estimate, found.trials, z))}  # fmt: skip


def bounded(i):
    found = severity.bounded_mean(i["scores"], i.get("cluster"), low=i["low"], high=i["high"])
    return {"mean": found.estimate, "n_eff": found.trials, "ci": ci(found, i["conf"])}


def icc_anova(i):
    found = cluster.cluster_icc(i["y"], i["cluster"])
    return {"msb": found.msb, "msw": found.msw, "n0": found.n0, "icc": found.estimate,
            "deff_kish": found.deff_kish}  # fmt: skip


def bootstrap_exact(i):
    rows = [[y, 1] for y in i["y"]]
    found = bootstrap.cluster_bootstrap_exact(bootstrap.cluster_totals(rows, i["cluster"]))
    return {"boot_mean": found.mean, "boot_se": found.se, "pct_ci": ci(found, i.get("conf", 0.95))}


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
    x, n = zip(*named.values(), strict=True)
    found = rate.category_averages(x, n, list(named), i["conf"])
    return {"macro": found.macro.estimate, "macro_se": found.macro.se,
            "micro": found.micro.estimate, "worst_category": found.worst,
            "worst_rate": found.categories[found.worst].estimate,
            "bonferroni_wilson": {k: list(v) for k, v in found.simultaneous.items()}}  # fmt: skip


def graded_summary(i):
    found = severity.graded_summary(i["counts_1_to_5"], i["severe_from"])
    return {"mean": found.mean.estimate, "se": found.mean.se, "t_ci": ci(found.mean, i["conf"]),
            "share_severe": found.severe.estimate, "share_severe_wilson": ci(found.severe, i["conf"]),
            "floor_share": found.floor.estimate, "ceiling_share": found.ceiling.estimate}  # fmt: skip


def superiority(i):
    found = severity.ordinal_superiority(i["first"], i["second"])
    return {"prob_superiority": found.estimate, "cliffs_delta": found.cliffs_delta}


def brunner_munzel(i):
    found = severity.ordinal_superiority(i["first"], i["second"])
    return {"statistic": found.statistic, "df": found.df, "p": found.p_value}


FUNCS = {
    "bounded_mean_score_ci": bounded,
    "bounded_mean_score_ci_clustered": bounded,
    "brunner_munzel": brunner_munzel,
    "category_averages": category_averages,
    "clopper_pearson_ci": lambda i: ci(rate.clopper_pearson(i["x"], i["n"]), i["conf"]),
    "cluster_bootstrap_exact": bootstrap_exact,
    "cluster_icc_anova": icc_anova,
    "cluster_robust_mean": cluster_mean,
    "design_effect_inflation": inflation,
    "false_positive_upper_bound": lambda i: rate.false_positive_upper(
        i["false_positives"], i["n_background"], i["conf"]
    ),
    "graded_summary": graded_summary,
    "hoeffding_halfwidth": lambda i: rate.hoeffding_halfwidth(i["n"], 1 - i["alpha"]),
    "jeffreys_ci": lambda i: ci(rate.jeffreys(i["x"], i["n"]), i["conf"]),
    "korn_graubard_ci": korn_graubard,
    "multinomial_simultaneous_ci": lambda i: [
        list(limits) for limits in severity.multinomial_limits(i["counts"], i["conf"])
    ],
    "ordinal_superiority": superiority,
    "stratified_rate": stratified,
    "two_way_cluster_mean": two_way,
    "wilson_cc_ci": lambda i: ci(rate.wilson_cc(i["x"], i["n"]), i["conf"]),
    "wilson_ci": lambda i: ci(rate.wilson(i["x"], i["n"]), i["conf"]),
    "wilson_ci_clustered": wilson_clustered,
    "zero_event_upper_bound": lambda i: rate.zero_event_upper(i["n"], i["conf"]),
}
