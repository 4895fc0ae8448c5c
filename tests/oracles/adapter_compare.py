"""Comparing, planning and sequential statistics under the names and in the shapes of the oracle file."""

from dosimeter.stats import compare, paired, planning, sequential

METHODS = {"fdr_bh": "bh", "fdr_by": "by", "simes-hochberg": "hochberg"}


def ci(result, conf=0.95):
    """Give the limits as a list: all that is possible where nothing is known."""
    return list(result.interval(conf))


def wald_ci(result, conf=0.95):
    """Give the limits of a textbook interval; NaN where it has none."""
    found = result.interval(conf)
    return [float("nan")] * 2 if found.undefined else list(found)


def cells(i):
    return i["both_pos"], i["only_first"], i["only_second"], i["both_neg"]


def paired_binary(i):
    found, wald = paired.paired_binary(*cells(i)), paired.wald_paired(*cells(i))
    return {"diff": found.estimate, "se": wald.se, "wald_ci": wald_ci(wald, i.get("conf", 0.95)),
            "mcnemar_chi2": found.chi2, "mcnemar_p": found.chi2_p, "mcnemar_chi2_cc": found.chi2_cc,
            "mcnemar_p_cc": found.chi2_cc_p, "exact_p": found.exact_p, "midp": found.mid_p}  # fmt: skip


def graded(i):
    scale = i.get("low"), i.get("high")
    found = paired.paired_graded(i["first"], i["second"], scale=None if None in scale else scale)
    return {"diff": found.estimate, "se": found.se, "ci": wald_ci(found, i.get("conf", 0.95)),
            "p": found.t_p_value(), "p_sign_flip": paired.flip_p(found.differences)}  # fmt: skip


def clustered(i):
    found = paired.paired_clustered(
        i["first"], i["second"], i["cluster"], i.get("weights"), scale=None
    )
    return {"diff": found.estimate, "se": found.se, "t_ci": wald_ci(found, i.get("conf", 0.95)),
            "p": found.p_value(), "n_clusters": found.clusters, "df": found.df}  # fmt: skip


def equivalence(i):
    found = paired.paired_equivalence(*cells(i), i["margin"], i.get("alpha", 0.05))
    return {"ci90": list(found.limits), "equivalent": found.equivalent}


def cochran(i):
    found = compare.cochran_q(i["x"])
    return {"Q": found.q, "df": found.df, "p": found.p_value}


def p_adjust(i):
    method = METHODS.get(i["method"], i["method"])
    found = compare.p_adjust(i["p"], method, i.get("alpha", 0.05))
    return {"adjusted": found.adjusted, "n_rejected": found.n_rejected}


def test(i):
    """Give level and power as named arguments."""
    return {"alpha": i.get("alpha", 0.05), "power": i.get("power", 0.8)}


def two_proportions(i):
    n = planning.sample_size_two_proportions(i["p1"], i["p2"], **test(i))
    return n if i.get("per_arm", True) else 2 * n


def mcnemar(i):
    p10, p01 = planning.split_discordant(i["p1"], i["p2"], i["phi"])
    return {"p10": p10, "p01": p01, "n_items": planning.sample_size_mcnemar(p10, p01, **test(i))}


def power_mcnemar(i):
    found = planning.power_mcnemar_exact(i["n"], i["p10"], i["p01"], i.get("alpha", 0.05))
    return {"exact": found.exact, "midp": found.mid_p}


def whitehead(i):
    first, second = (float(part) for part in i.get("allocation", "1:1").split(":"))
    found = planning.sample_size_ordinal_whitehead(
        i["p_control"], i["odds_ratio"], **test(i), allocation=second / first
    )
    return {"p_treated": found.p_treated, "n_total": found.n_total}


def bernoulli(i):
    prior = i.get("prior_a", 1), i.get("prior_b", 1)
    return list(sequential.beta_mixture(i["successes"], i["n"], prior).interval(1 - i["alpha"]))


def bernstein(i):
    found = sequential.empirical_bernstein(i["x"], i.get("truncation", 0.5))
    path = found.path(1 - i["alpha"], running=bool(i.get("running_intersection", False)))
    return [path[at - 1].tolist() for at in i["report_at"]]


def capital(i):
    found = sequential.betting_capital(
        i["x"],
        i["m"],
        1 - i["alpha"],
        theta=i.get("theta", 0.5),
        truncation=i.get("truncation", 0.5),
    )
    return [found[at - 1] for at in i["report_at"]]


FUNCS = {
    "betting_capital_process": capital,
    "cochran_q": cochran,
    "confidence_sequence_bernoulli": bernoulli,
    "confidence_sequence_empirical_bernstein": bernstein,
    "mde_paired_mean": lambda i: planning.mde_paired_mean(i["n"], i["sd_diff"], **test(i)),
    "mde_two_proportions": lambda i: planning.mde_two_proportions(
        i["p_ref"], i["n_per_arm"], **test(i), direction=i.get("direction", "decrease")
    ),
    "newcombe_diff_ci_independent": lambda i: ci(
        compare.newcombe_independent(i["x1"], i["n1"], i["x2"], i["n2"]), i.get("conf", 0.95)
    ),
    "newcombe_diff_ci_paired": lambda i: ci(paired.newcombe_paired(*cells(i)), i.get("conf", 0.95)),
    "p_adjust": p_adjust,
    "paired_binary_comparison": paired_binary,
    "paired_clustered_difference": clustered,
    "paired_equivalence": equivalence,
    "paired_graded_difference": graded,
    "power_mcnemar_exact": power_mcnemar,
    "power_two_sample_t": lambda i: planning.power_two_sample_t(
        i["n_per_arm"], i["delta"], i["sd"], i.get("alpha", 0.05)
    ),
    "sample_size_mcnemar": mcnemar,
    "sample_size_ordinal_whitehead": whitehead,
    "sample_size_two_proportions": two_proportions,
    "sample_size_two_proportions_arcsine": lambda i: planning.sample_size_two_proportions_arcsine(
        i["p1"], i["p2"], **test(i)
    ),
    "sample_size_two_sample_t": lambda i: planning.sample_size_two_sample_t(
        i["delta"], i["sd"], **test(i)
    ),
    "sample_size_wilson_halfwidth": lambda i: planning.sample_size_wilson_halfwidth(
        i["p"], i["half_width"], i.get("conf", 0.95)
    ),
    "sequential_mcnemar_evalue": lambda i: (
        sequential.sequential_mcnemar(i["only_first"], i["only_second"]).e
    ),
    "tango_score_ci_paired": lambda i: ci(paired.tango(*cells(i)), i.get("conf", 0.95)),
}
