"""What a model kept of texts and people, under the names of the oracle file."""

import math

import numpy as np

from dosimeter.stats import (
    conformal,
    exposure,
    membership,
    overlap,
    privacy,
    skewnormal,
    tokenscores,
)

RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def exposure_skew_normal(i):
    named = skewnormal.SkewNormal(shape=i["shape"], loc=i["loc"], scale=i["scale"])
    return skewnormal.exposure_skew_normal(i["log_perplexity"], named)


def membership_metrics(i):
    a, b = i["member_scores"], i["nonmember_scores"]
    out = {"auc": membership.auc(a, b).estimate, "advantage": membership.advantage(a, b)}
    for t in RATES:
        # The file refuses a rate only where not one non-member is expected above the threshold.
        seen = membership.tpr_at_fpr(a, b, t).seen
        out[f"tpr_at_fpr_{t:g}"] = seen if t * len(b) > 1 - 1e-9 else math.nan
    return out


def min_k(i):
    with np.errstate(divide="ignore"):
        r = tokenscores.token_scores(np.log(i["probs"]), i["tokens"], i.get("k", 0.2))
    return {"loss": r.loss, "perplexity": r.perplexity, "min_k": r.min_k, "min_k_pp": r.min_k_pp}


def lira(i):
    r = tokenscores.lira(i["target_logit"], i["in_logits"], i["out_logits"])
    return {"online_log_lr": r.log_ratio, "offline": r.offline}


def uniqueness(i):
    r = privacy.uniqueness(i["records"])
    return {"k_anonymity": math.nan if r.undefined else r.k_anonymity, "n_classes": r.classes,
            "sample_uniqueness": r.sample_uniqueness, "mean_reid_risk": r.mean_risk}  # fmt: skip


def verbatim(i):
    named = i.get("tokenizer") or "whitespace"
    tokenise = overlap.rouge_words if "rouge" in named or "a-z0-9" in named else overlap.words
    r = overlap.verbatim_overlap(i["source"], i["generation"], i["n"], tokenise)
    return {"lcs_tokens": r.lcs_tokens, "lcs_chars": r.lcs_chars,
            "lcs_chars_ratio_of_generation": r.lcs_chars_ratio,
            "rougeL_precision": r.rouge_precision, "rougeL_recall": r.rouge_recall,
            "rougeL_f1": r.rouge_f1, "ngram_containment": r.containment,
            "token_coverage": r.coverage}  # fmt: skip


def conformal_p(i):
    r = conformal.conformal_test(i["background"], i["observed"], i.get("alpha", 0.1))
    return {"p": list(r.p), "p_bh": list(r.adjusted), "n_flagged": int(r.flagged.sum()),
            "min_attainable_p": r.min_attainable_p}  # fmt: skip


FUNCS = {
    "conformal_p_values": conformal_p,
    "exposure_exact": lambda i: [exposure.exposure_exact(r, i["space"]) for r in i["ranks"]],
    "exposure_skew_normal": exposure_skew_normal,
    "lira": lira,
    "membership_inference_metrics": membership_metrics,
    "min_k_scores": min_k,
    "reidentification_uniqueness": uniqueness,
    "verbatim_overlap": verbatim,
}
