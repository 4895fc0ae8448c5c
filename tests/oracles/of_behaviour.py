"""Attacks, refusals, phrasing and public benchmarks under the names of the oracle file."""

import math

from oracle_shapes import ci, conf, textbook_ci

from dosimeter.stats import consistency, goodhart, paired, phrasing, refusal, success_at_k, truthful

REFERENCE = ("ref_pub_safe", "ref_n_pub", "ref_held_safe", "ref_n_held")


def refusal_tradeoff(i):
    r = refusal.refusal_tradeoff(
        i["harmful_refused"], i["n_harmful"], i["benign_refused"], i["n_benign"]
    )
    return {"under_refusal": r.under.estimate, "over_refusal": r.over.estimate,
            "youden": r.youden.estimate, "youden_newcombe_ci": ci(r.youden, conf(i)),
            "dprime_loglinear": r.d_prime, "criterion_loglinear": r.criterion}  # fmt: skip


def keyword_trigger(i):
    r = refusal.keyword_trigger(
        i["both_refused"], i["only_trigger_refused"], i["only_matched_refused"], i["neither"]
    )
    return {"trigger_rate": r.trigger.estimate, "matched_rate": r.matched.estimate,
            "effect": r.effect.estimate, "cond_or": r.odds.estimate,
            "cond_or_ci": textbook_ci(r.odds, conf(i))}  # fmt: skip


def recognition_gap(i):
    r = phrasing.recognition_gap(i["benchmark_style_safe"], i["natural_style_safe"])
    newcombe = paired.newcombe_paired(*r.cells)
    return {"gap": r.estimate, "newcombe_ci": ci(newcombe, conf(i)), "exact_p": r.exact_p}


def attack_success_at_k(i):
    r = success_at_k.attack_success_at_k(i["n_attempts"], i["n_success"], i["k"])
    return {"asr_at_k": r.any_k, "all_k": r.all_k}


def attack_success_at_k_mean(i):
    n, c = ([pair[at] for pair in i["per_behaviour"]] for at in (0, 1))
    r = success_at_k.mean_success_at_k(n, c, i["k"])
    return {"asr_at_k": r.any_k.estimate, "se_between": r.se_between}


def paraphrase_consistency(i):
    r = consistency.paraphrase_consistency(i["groups"])
    return {"cluster_flip_rate": r.flipped.estimate, "pairwise_flip_rate": r.pairwise.estimate,
            "all_agree_rate": r.agreed.estimate,
            "cluster_flip_wilson": ci(r.flipped, conf(i))}  # fmt: skip


def graded_consistency(i):
    r = consistency.graded_consistency(i["groups"])
    return {"mean_within_sd": r.mean_sd, "pooled_within_sd": r.pooled_sd,
            "mean_range": r.mean_range, "max_range": r.max_range}  # fmt: skip


def goodhart_gap(i):
    reference = tuple(i[k] for k in REFERENCE if i.get(k) is not None)
    r = goodhart.goodhart_gap(
        i["pub_safe"], i["n_pub"], i["held_safe"], i["n_held"], reference or None
    )
    return {"gap_model": r.gap.estimate, "did": r.estimate, "se": r.se,
            "gap_reference": r.reference.estimate if r.reference else math.nan,
            "ci": textbook_ci(r, conf(i)), "p_one_sided": r.p_above(),
            "gap_newcombe_ci": ci(r.gap, conf(i))}  # fmt: skip


def truthfulqa(i):
    r = truthful.multiple_choice(i["loglik"], i["labels"], i.get("mc1_correct_index", 0))
    return {"mc1": None if r.mc1 is None else int(r.mc1), "mc2": r.mc2}


FUNCS = {
    "attack_success_at_k": attack_success_at_k,
    "attack_success_at_k_mean": attack_success_at_k_mean,
    "goodhart_gap": goodhart_gap,
    "graded_consistency": graded_consistency,
    "keyword_trigger_effect": keyword_trigger,
    "paraphrase_consistency": paraphrase_consistency,
    "recognition_gap": recognition_gap,
    "refusal_tradeoff": refusal_tradeoff,
    "truthfulqa_mc": truthfulqa,
}
