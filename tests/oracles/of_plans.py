"""Planning under the names of the oracle file."""

from oracle_shapes import conf, test_of

from dosimeter.stats import planning


def two_proportions(i):
    n = planning.sample_size_two_proportions(i["p1"], i["p2"], **test_of(i))
    return n if i.get("per_arm", True) else 2 * n


def mcnemar(i):
    p10, p01 = planning.split_discordant(i["p1"], i["p2"], i["phi"])
    n = planning.sample_size_mcnemar(p10, p01, **test_of(i))
    return {"p10": p10, "p01": p01, "n_items": n}


def power_mcnemar(i):
    found = planning.power_mcnemar_exact(i["n"], i["p10"], i["p01"], i.get("alpha", 0.05))
    return {"exact": found.exact, "midp": found.mid_p}


def whitehead(i):
    first, second = (float(part) for part in i.get("allocation", "1:1").split(":"))
    found = planning.sample_size_ordinal_whitehead(
        i["p_control"], i["odds_ratio"], **test_of(i), allocation=second / first
    )
    return {"p_treated": found.p_treated, "n_total": found.n_total}


FUNCS = {
    "mde_paired_mean": lambda i: planning.mde_paired_mean(i["n"], i["sd_diff"], **test_of(i)),
    "mde_two_proportions": lambda i: planning.mde_two_proportions(
        i["p_ref"], i["n_per_arm"], **test_of(i), direction=i.get("direction", "decrease")
    ),
    "power_mcnemar_exact": power_mcnemar,
    "power_two_sample_t": lambda i: planning.power_two_sample_t(
        i["n_per_arm"], i["delta"], i["sd"], i.get("alpha", 0.05)
    ),
    "sample_size_mcnemar": mcnemar,
    "sample_size_ordinal_whitehead": whitehead,
    "sample_size_two_proportions": two_proportions,
    "sample_size_two_proportions_arcsine": lambda i: planning.sample_size_two_proportions_arcsine(
        i["p1"], i["p2"], **test_of(i)
    ),
    "sample_size_two_sample_t": lambda i: planning.sample_size_two_sample_t(
        i["delta"], i["sd"], **test_of(i)
    ),
    "sample_size_wilson_halfwidth": lambda i: planning.sample_size_wilson_halfwidth(
        i["p"], i["half_width"], conf(i)
    ),
}
