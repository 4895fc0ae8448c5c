"""Two conditions compared, and several, under the names of the oracle file."""

from oracle_shapes import cells, ci, conf, textbook_ci

from dosimeter.stats import compare, paired

METHODS = {"fdr_bh": "bh", "fdr_by": "by", "simes-hochberg": "hochberg"}


def paired_binary(i):
    found, wald = paired.paired_binary(*cells(i)), paired.wald_paired(*cells(i))
    return {"diff": found.estimate, "se": wald.se, "wald_ci": textbook_ci(wald, conf(i)),
            "mcnemar_chi2": found.chi2, "mcnemar_p": found.chi2_p, "mcnemar_chi2_cc": found.chi2_cc,
            "mcnemar_p_cc": found.chi2_cc_p, "exact_p": found.exact_p, "midp": found.mid_p}  # fmt: skip


def graded(i):
    scale = i.get("low"), i.get("high")
    found = paired.paired_graded(i["first"], i["second"], scale=None if None in scale else scale)
    return {"diff": found.estimate, "se": found.se, "ci": textbook_ci(found, conf(i)),
            "p": found.t_p_value(), "p_sign_flip": paired.flip_p(found.differences)}  # fmt: skip


def clustered(i):
    found = paired.paired_clustered(
        i["first"], i["second"], i["cluster"], i.get("weights"), scale=None
    )
    return {"diff": found.estimate, "se": found.se, "t_ci": textbook_ci(found, conf(i)),
            "p": found.p_value(), "n_clusters": found.clusters, "df": found.df}  # fmt: skip


def equivalence(i):
    found = paired.paired_equivalence(*cells(i), i["margin"], i.get("alpha", 0.05))
    return {"ci90": list(found.limits), "equivalent": found.equivalent}


def cochran(i):
    found = compare.cochran_q(i["x"])
    return {"Q": found.q, "df": found.df, "p": found.p_value}


def p_adjust(i):
    method = METHODS.get(i["method"], i["method"]).lower()
    found = compare.p_adjust(i["p"], method, i.get("alpha", 0.05))
    return {"adjusted": found.adjusted, "n_rejected": found.n_rejected}


FUNCS = {
    "cochran_q": cochran,
    "newcombe_diff_ci_independent": lambda i: ci(
        compare.newcombe_independent(i["x1"], i["n1"], i["x2"], i["n2"]), conf(i)
    ),
    "newcombe_diff_ci_paired": lambda i: ci(paired.newcombe_paired(*cells(i)), conf(i)),
    "p_adjust": p_adjust,
    "paired_binary_comparison": paired_binary,
    "paired_clustered_difference": clustered,
    "paired_equivalence": equivalence,
    "paired_graded_difference": graded,
    "tango_score_ci_paired": lambda i: ci(paired.tango(*cells(i)), conf(i)),
}
