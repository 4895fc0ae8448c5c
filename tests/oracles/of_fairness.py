"""Unlike treatment and stereotypes under the names of the oracle file."""

from oracle_shapes import ci, conf, textbook_ci

from dosimeter.stats import disparity, stereotypes


def disparate_impact(i):
    r = disparity.disparate_impact(i["fav_a"], i["n_a"], i["fav_b"], i["n_b"])
    return {"rate_a": r.rate_a, "rate_b": r.rate_b, "ratio": r.estimate, "log_se": r.se,
            "katz_ci": textbook_ci(r, conf(i)), "four_fifths_ratio": r.four_fifths,
            "passes_four_fifths": None if r.undefined else r.four_fifths >= disparity.FOUR_FIFTHS,
            "dpd": r.difference.estimate}  # fmt: skip


def paired_disparate_impact(i):
    r = disparity.paired_disparate_impact(i["both"], i["only_a"], i["only_b"], i["neither"])
    return {"ratio": r.estimate, "log_se": r.se, "ci": textbook_ci(r, conf(i))}


def demographic_parity(i):
    r = disparity.demographic_parity({k: tuple(v) for k, v in i["groups"].items()})
    return {"difference": r.estimate, "ratio": r.ratio, "chi2": r.chi2, "p": r.p_value}


def bbq(i):
    r = stereotypes.bbq_counts({tuple(k.split("/")): v for k, v in i["counts"].items()})
    return {"acc_ambig": r.acc_ambig.estimate, "s_amb": r.s_amb.estimate,
            "acc_disambig": r.acc_disambig.estimate, "s_dis": r.s_dis.estimate}  # fmt: skip


def winobias(i):
    r = stereotypes.winobias_gap(i["pro_correct"], i["n_pro"], i["anti_correct"], i["n_anti"])
    return {"pro": r.pro.estimate, "anti": r.anti.estimate, "gap": r.gap.estimate,
            "average": r.average, "gap_ci_unpaired": ci(r.gap, conf(i))}  # fmt: skip


FUNCS = {
    "bbq_bias_scores": bbq,
    "demographic_parity": demographic_parity,
    "disparate_impact": disparate_impact,
    "paired_disparate_impact": paired_disparate_impact,
    "winobias_gap": winobias,
}
