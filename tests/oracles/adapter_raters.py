"""Agreement, rater error, calibration and items under the names of the oracle file: one table, `FUNCS`."""

import math

from dosimeter.stats import agreement, calibration, items, rater_error


def ci(result, conf=0.95):
    """Give the limits as a list."""
    return list(result.interval(conf))


def ci_or_none(result, conf):
    """Give the limits as a list, or None where there is no interval."""
    found = result.interval(conf)
    return None if found.undefined else list(found)


def kappa(found, i, names=("po", "pe", "kappa")):
    values = (found.observed, found.expected, found.estimate)
    return {
        **dict(zip(names, values, strict=True)),
        "se": found.se,
        "ci": ci(found, i.get("conf", 0.95)),
    }


def chance_corrected(function):
    def run(i):
        found = function(
            i["ratings"], i.get("weights", "identity"), i.get("categories", "observed")
        )
        return kappa(found, i, ("pa", "pe", "coef"))

    return run


def alpha(i):
    found = agreement.krippendorff_alpha(i["ratings"], i["level"])
    return {"alpha": found.estimate, "Do": found.observed, "De": found.expected,
            "jackknife_se": found.se_alpha, "n_units": found.n}  # fmt: skip


def icc(i):
    table = agreement.icc(i["ratings"])
    found = {}
    for name in ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k"):
        one = getattr(table, name)
        key = name.replace("icc", "ICC")
        found |= {key: one.estimate, f"{key}_ci": ci(one, i.get("conf", 0.95))}
    return found


def confusion(i):
    found = rater_error.binary_confusion(i["tp"], i["fn"], i["fp"], i["tn"])
    level = i.get("conf", 0.95)
    return {"sensitivity": found.sensitivity.estimate, "specificity": found.specificity.estimate,
            "ppv": found.ppv.estimate, "npv": found.npv.estimate, "f1": found.f1,
            "balanced_accuracy": found.balanced_accuracy, "youden": found.youden, "mcc": found.mcc,
            "macro_f1": found.macro_f1, "sens_wilson": ci(found.sensitivity, level),
            "spec_wilson": ci(found.specificity, level)}  # fmt: skip


COUNTS = ("judge_pos", "n", "tp", "n_true_pos", "tn", "n_true_neg")


def clipped(value):
    return math.nan if math.isnan(value) else min(1.0, max(0.0, value))


def limits(found, level):
    """Give the limits even of a contradiction, which the file has and the record refuses."""
    if found.undefined and found.undefined != "calibration-inconsistent":
        return None
    return list(found.limits(level))


def rogan_gladen(i):
    found = rater_error.rogan_gladen(*(i[k] for k in COUNTS), "rogan-gladen-delta")
    level = i.get("conf", 0.95)
    # The file asks for what the record refuses: the clipped rate and limits of a contradiction.
    return {"raw": found.raw, "sens": found.sensitivity, "spec": found.specificity,
            "youden": found.youden, "adjusted_unclipped": found.unclipped,
            "adjusted": clipped(found.unclipped), "se": found.se,
            "wald_ci_unclipped": list(found.unclipped_limits(level)),
            "wald_ci": [clipped(v) for v in found.unclipped_limits(level)],
            "calibration_consistent": found.calibration_consistent}  # fmt: skip


def lang_reiczigel(i):
    found = rater_error.rogan_gladen(*(i[k] for k in COUNTS))
    return limits(found, i.get("conf", 0.95))


def rogan_gladen_known(i):
    found = rater_error.rogan_gladen_known(i["judge_pos"], i["n"], i["sens"], i["spec"])
    return {"raw": found.raw, "adjusted": clipped(found.unclipped),
            "adjusted_unclipped": found.unclipped, "cp_ci": limits(found, i.get("conf", 0.95))}  # fmt: skip


def ppi(i):
    lam = i.get("lam", i.get("lambda", None if i.get("power_tuning", True) else 1.0))
    found = rater_error.ppi_mean(i["labels"], i["judge_labelled"], i["judge_unlabelled"], lam=lam)
    return {"est": found.estimate, "se": found.se, "ci": ci(found, i.get("conf", 0.95)),
            "lambda": found.lam}  # fmt: skip


def calibrated(i):
    bins = i.get("bins", 10)
    score = calibration.brier(i["y"], i["prob"])
    wide = calibration.reliability_curve(i["y"], i["prob"], bins)
    equal = calibration.reliability_curve(i["y"], i["prob"], bins, "equal-mass")
    return {"brier": score.estimate, "brier_reliability": score.reliability,
            "brier_resolution": score.resolution, "brier_uncertainty": score.uncertainty,
            "ece": wide.ece, "mce": wide.mce, "ece_equal_mass": equal.ece,
            "mce_equal_mass": equal.mce}  # fmt: skip


def auroc(i):
    found = calibration.auroc(i["y"], i["score"])
    wald = calibration.auroc(i["y"], i["score"], scale="identity")
    level = i.get("conf", 0.95)
    return {"auc": found.estimate, "se_delong": found.se_delong,
            "se_hanley_mcneil": found.se_hanley_mcneil, "ci_wald": ci_or_none(wald, level),
            "ci_logit": ci_or_none(found, level)}  # fmt: skip


def auroc_paired(i):
    found = calibration.auroc_difference(i["y"], i["score_a"], i["score_b"])
    # The file's z is of the first less the second.
    return {"auc_a": found.first, "auc_b": found.second, "diff": -found.estimate,
            "se_diff": found.se, "z": -found.z, "p": found.p_value()}  # fmt: skip


def item_analysis(i):
    most = max((v for row in i["x"] for v in row if v is not None), default=1)
    found = items.item_analysis(i["x"], high=i.get("high", max(1, most)))
    return {"difficulty": list(found.difficulty), "item_rest": [r.estimate for r in found.item_rest],
            "cronbach_alpha": found.alpha.estimate, "floor_items": found.floor_items,
            "ceiling_items": found.ceiling_items}  # fmt: skip


def saturation(i):
    found = items.saturation(i["models_by_items"])
    return {"share_all_pass": found.all_pass, "share_all_fail": found.all_fail,
            "share_informative": found.informative, "n_eff_items": found.effective_items,
            "top_model_share": found.top}  # fmt: skip


def two_parameter(i):
    found = items.fit_2pl(i["patterns"], i.get("counts"))
    return {"discrimination": [one.estimate for one in found.discrimination],
            "difficulty": [one.estimate for one in found.difficulty], "loglik": found.loglik}  # fmt: skip


def information(i):
    found = items.information_2pl(i["a"], i["b"], i["theta"])
    return {"item": found.item, "test": found.test, "sem": found.sem,
            "n_eff_items": found.effective_items}  # fmt: skip


def graded_response(i):
    found = items.graded_response(i["a"], i["b"], i["theta"])
    return {"prob": found.probability, "info": found.information.item}


def eap(i):
    found = items.eap(i["a"], i["b"], i["responses"])
    return {"theta": found.estimate, "psd": found.se}


FUNCS = {
    "auroc": auroc,
    "auroc_paired_delong": auroc_paired,
    "binary_confusion": confusion,
    "calibration": calibrated,
    "cohen_kappa": lambda i: kappa(
        agreement.cohen_kappa(i["table"], i.get("weights", "identity")), i
    ),
    "fleiss_kappa": lambda i: kappa(
        agreement.fleiss_kappa_counts(i["counts"], i.get("weights", "identity")), i
    ),
    "fleiss_kappa_missing": chance_corrected(agreement.fleiss_kappa),
    "gwet_ac": chance_corrected(agreement.gwet_ac),
    "grm_probability_information": graded_response,
    "icc": icc,
    "irt_2pl_mml": two_parameter,
    "irt_eap": eap,
    "irt_information": information,
    "item_analysis": item_analysis,
    "krippendorff_alpha": alpha,
    "krippendorff_alpha_jackknife": alpha,
    "ppi_mean": ppi,
    "rogan_gladen": rogan_gladen,
    "rogan_gladen_known": rogan_gladen_known,
    "rogan_gladen_lang_reiczigel_ci": lang_reiczigel,
    "saturation_diagnostics": saturation,
}
