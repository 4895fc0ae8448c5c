"""Statistics of the domains under the names and in the shapes of the oracle file."""

import math

import numpy as np

from dosimeter.stats import (
    conformal,
    consistency,
    disparity,
    goodhart,
    membership,
    overlap,
    phrasing,
    privacy,
    refusal,
    skewnormal,
    stereotypes,
    tokenscores,
    truthful,
)


def ci(result, conf=0.95):
    """Give the limits as a list."""
    return list(result.interval(conf))


def ratio_ci(result, conf):
    """Give the limits of a ratio; NaN where it is refused."""
    found = result.interval(conf)
    return [math.nan, math.nan] if found.undefined else list(found)


def disparate_impact(i):
    r = disparity.disparate_impact(i["fav_a"], i["n_a"], i["fav_b"], i["n_b"])
    return {"rate_a": r.rate_a, "rate_b": r.rate_b, "ratio": r.estimate, "log_se": r.se,
            "katz_ci": ratio_ci(r, i["conf"]), "four_fifths_ratio": r.four_fifths,
            "passes_four_fifths": None if r.undefined else r.four_fifths >= disparity.FOUR_FIFTHS,
            "dpd": r.difference.estimate}  # fmt: skip


def paired_disparate_impact(i):
    r = disparity.paired_disparate_impact(i["both"], i["only_a"], i["only_b"], i["neither"])
    return {"ratio": r.estimate, "log_se": r.se, "ci": ratio_ci(r, i["conf"])}


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
            "average": r.average, "gap_ci_unpaired": ci(r.gap, i["conf"])}  # fmt: skip


def truthfulqa(i):
    r = truthful.multiple_choice(i["loglik"], i["labels"], i.get("mc1_correct_index", 0))
    return {"mc1": None if r.mc1 is None else int(r.mc1), "mc2": r.mc2}


def exposure_skew_normal(i):
    named = skewnormal.SkewNormal(shape=i["shape"], loc=i["loc"], scale=i["scale"])
    return skewnormal.exposure_skew_normal(i["log_perplexity"], named)


def membership_metrics(i):
    a, b = i["member_scores"], i["nonmember_scores"]
    out = {"auc": membership.auc(a, b).estimate, "advantage": membership.advantage(a, b)}
    for t in (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        # The file refuses a rate only where not one non-member is expected above the threshold.
        seen = membership.tpr_at_fpr(a, b, t).seen
        out[f"tpr_at_fpr_{t:g}"] = seen if t * len(b) > 1 - 1e-9 else math.nan
    return out


def min_k(i):
    with np.errstate(divide="ignore"):
        r = tokenscores.token_scores(np.log(i["probs"]), i["tokens"], i["k"])
    return {"loss": r.loss, "perplexity": r.perplexity, "min_k": r.min_k, "min_k_pp": r.min_k_pp}


def lira(i):
    r = tokenscores.lira(i["target_logit"], i["in_logits"], i["out_logits"])
    return {"online_log_lr": r.log_ratio, "offline": r.offline}


def uniqueness(i):
    r = privacy.uniqueness(i["records"])
    return {"k_anonymity": math.nan if r.undefined else r.k_anonymity, "n_classes": r.classes,
            "sample_uniqueness": r.sample_uniqueness, "mean_reid_risk": r.mean_risk}  # fmt: skip


def verbatim(i):
    named = i.get("tokenizer", "whitespace")
    tokenise = overlap.rouge_words if "rouge" in named or "a-z0-9" in named else overlap.words
    r = overlap.verbatim_overlap(i["source"], i["generation"], i["n"], tokenise)
    return {"lcs_tokens": r.lcs_tokens, "lcs_chars": r.lcs_chars,
            "lcs_chars_ratio_of_generation": r.lcs_chars_ratio,
            "rougeL_precision": r.rouge_precision, "rougeL_recall": r.rouge_recall,
            "rougeL_f1": r.rouge_f1, "ngram_containment": r.containment,
            "token_coverage": r.coverage}  # fmt: skip


def conformal_p(i):
    r = conformal.conformal_test(i["background"], i["observed"], i["alpha"])
    return {"p": list(r.p), "p_bh": list(r.adjusted), "n_flagged": int(r.flagged.sum()),
            "min_attainable_p": r.min_attainable_p}  # fmt: skip


def refusal_tradeoff(i):
    r = refusal.refusal_tradeoff(
        i["harmful_refused"], i["n_harmful"], i["benign_refused"], i["n_benign"]
    )
    return {"under_refusal": r.under.estimate, "over_refusal": r.over.estimate,
            "youden": r.youden.estimate, "youden_newcombe_ci": ci(r.youden, i["conf"]),
            "dprime_loglinear": r.d_prime, "criterion_loglinear": r.criterion}  # fmt: skip


def keyword_trigger(i):
    r = refusal.keyword_trigger(
        i["both_refused"], i["only_trigger_refused"], i["only_matched_refused"], i["neither"]
    )
    return {"trigger_rate": r.trigger.estimate, "matched_rate": r.matched.estimate,
            "effect": r.effect.estimate, "cond_or": r.odds.estimate,
            "cond_or_ci": ratio_ci(r.odds, i["conf"])}  # fmt: skip


def recognition_gap(i):
    r = phrasing.recognition_gap(i["benchmark_style_safe"], i["natural_style_safe"])
    return {"gap": r.estimate, "newcombe_ci": ci(r, i["conf"]), "exact_p": r.exact_p}


def attack_success_at_k(i):
    r = consistency.attack_success_at_k(i["n_attempts"], i["n_success"], i["k"])
    return {"asr_at_k": r.any_k, "all_k": r.all_k}


def attack_success_at_k_mean(i):
    n, c = zip(*i["per_behaviour"], strict=True) if i["per_behaviour"] else ((), ())
    r = consistency.mean_success_at_k(n, c, i["k"])
    return {"asr_at_k": r.any_k.estimate, "se_between": r.se_between}


def paraphrase_consistency(i):
    r = consistency.paraphrase_consistency(i["groups"])
    return {"cluster_flip_rate": r.flipped.estimate, "pairwise_flip_rate": r.pairwise.estimate,
            "all_agree_rate": r.agreed.estimate,
            "cluster_flip_wilson": ci(r.flipped, i["conf"])}  # fmt: skip


def graded_consistency(i):
    r = consistency.graded_consistency(i["groups"])
    return {"mean_within_sd": r.mean_sd, "pooled_within_sd": r.pooled_sd,
            "mean_range": r.mean_range, "max_range": r.max_range}  # fmt: skip


def goodhart_gap(i):
    reference = tuple(
        i[k] for k in ("ref_pub_safe", "ref_n_pub", "ref_held_safe", "ref_n_held") if k in i
    )
    r = goodhart.goodhart_gap(
        i["pub_safe"], i["n_pub"], i["held_safe"], i["n_held"], reference or None
    )
    return {"gap_model": r.gap.estimate, "did": r.estimate, "se": r.se,
            "gap_reference": r.reference.estimate if r.reference else math.nan,
            "ci": ratio_ci(r, i["conf"]), "p_one_sided": r.p_one_sided,
            "gap_newcombe_ci": ci(r.gap, i["conf"])}  # fmt: skip


FUNCS = {
    "attack_success_at_k": attack_success_at_k,
    "attack_success_at_k_mean": attack_success_at_k_mean,
    "bbq_bias_scores": bbq,
    "conformal_p_values": conformal_p,
    "demographic_parity": demographic_parity,
    "disparate_impact": disparate_impact,
    "exposure_exact": lambda i: [privacy.exposure_exact(r, i["space"]) for r in i["ranks"]],
    "exposure_skew_normal": exposure_skew_normal,
    "goodhart_gap": goodhart_gap,
    "graded_consistency": graded_consistency,
    "keyword_trigger_effect": keyword_trigger,
    "lira": lira,
    "membership_inference_metrics": membership_metrics,
    "min_k_scores": min_k,
    "paired_disparate_impact": paired_disparate_impact,
    "paraphrase_consistency": paraphrase_consistency,
    "recognition_gap": recognition_gap,
    "refusal_tradeoff": refusal_tradeoff,
    "reidentification_uniqueness": uniqueness,
    "truthfulqa_mc": truthfulqa,
    "verbatim_overlap": verbatim,
    "winobias_gap": winobias,
}
