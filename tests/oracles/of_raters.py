"""A rater's errors, its calibration, and rates corrected for them, under the names of the oracle file."""

import math

from oracle_shapes import ci, conf, textbook_ci

from dosimeter.stats import calibration, rater_error

COUNTS = ("judge_pos", "n", "tp", "n_true_pos", "tn", "n_true_neg")


def confusion(i):
    found = rater_error.binary_confusion(i["tp"], i["fn"], i["fp"], i["tn"])
    return {"sensitivity": found.sensitivity.estimate, "specificity": found.specificity.estimate,
            "ppv": found.ppv.estimate, "npv": found.npv.estimate, "f1": found.f1,
            "balanced_accuracy": found.balanced_accuracy, "youden": found.youden, "mcc": found.mcc,
            "macro_f1": found.macro_f1, "sens_wilson": ci(found.sensitivity, conf(i)),
            "spec_wilson": ci(found.specificity, conf(i))}  # fmt: skip


def clipped(value):
    return math.nan if math.isnan(value) else min(1.0, max(0.0, value))


def limits(found, level):
    """Give the limits even of a contradiction, which the file has and the record refuses."""
    if found.undefined and found.undefined != "calibration-inconsistent":
        return [math.nan, math.nan]
    return list(found.limits(level))


def rogan_gladen(i):
    found = rater_error.rogan_gladen(*(i[k] for k in COUNTS), "rogan-gladen-delta")
    low, high = unclipped = found.unclipped_limits(conf(i))
    # The file asks for what the record refuses: the clipped rate and limits of a contradiction.
    return {"raw": found.raw, "sens": found.sensitivity, "spec": found.specificity,
            "youden": found.youden, "adjusted_unclipped": found.unclipped,
            "adjusted": clipped(found.unclipped), "se": found.se,
            "wald_ci_unclipped": list(unclipped), "wald_ci": [clipped(v) for v in unclipped],
            "calibration_consistent": low <= 1 and high >= 0}  # fmt: skip


def rogan_gladen_known(i):
    found = rater_error.rogan_gladen_known(i["judge_pos"], i["n"], i["sens"], i["spec"])
    return {"raw": found.raw, "adjusted": clipped(found.unclipped),
            "adjusted_unclipped": found.unclipped, "cp_ci": limits(found, conf(i))}  # fmt: skip


def ppi(i):
    lam = i.get("lam", i.get("lambda", None if i.get("power_tuning", True) else 1.0))
    found = rater_error.ppi_mean(i["labels"], i["judge_labelled"], i["judge_unlabelled"], lam=lam)
    return {
        "est": found.estimate,
        "se": found.se,
        "ci": textbook_ci(found, conf(i)),
        "lambda": found.lam,
    }


def calibrated(i):
    bins = i.get("bins", 10)
    score = calibration.brier(i["y"], i["prob"])
    wide = calibration.reliability_curve(i["y"], i["prob"], bins)
    equal = calibration.reliability_curve(i["y"], i["prob"], bins, "equal-mass")
    return {"brier": score.estimate, "brier_reliability": score.reliability,
            "brier_resolution": score.resolution, "brier_uncertainty": score.uncertainty,
            "ece": wide.ece, "mce": wide.mce, "ece_equal_mass": equal.ece,
            "mce_equal_mass": equal.mce}  # fmt: skip


def not_estimable(found, level):
    """Give the limits, or None where an area has none."""
    return None if found.interval(level).undefined else list(found.limits(level))


def auroc(i):
    found = calibration.auroc(i["y"], i["score"])
    wald = calibration.auroc(i["y"], i["score"], scale="identity")
    return {"auc": found.estimate, "se_delong": found.se_delong,
            "se_hanley_mcneil": found.se_hanley_mcneil, "ci_wald": not_estimable(wald, conf(i)),
            "ci_logit": not_estimable(found, conf(i))}  # fmt: skip


def auroc_paired(i):
    found = calibration.auroc_difference(i["y"], i["score_a"], i["score_b"])
    # The file's z is of the first less the second.
    return {"auc_a": found.first, "auc_b": found.second, "diff": -found.estimate,
            "se_diff": found.se, "z": -found.z, "p": found.p_value()}  # fmt: skip


FUNCS = {
    "auroc": auroc,
    "auroc_paired_delong": auroc_paired,
    "binary_confusion": confusion,
    "calibration": calibrated,
    "ppi_mean": ppi,
    "rogan_gladen": rogan_gladen,
    "rogan_gladen_known": rogan_gladen_known,
    "rogan_gladen_lang_reiczigel_ci": lambda i: limits(
        rater_error.rogan_gladen(*(i[k] for k in COUNTS)), conf(i)
    ),
}
