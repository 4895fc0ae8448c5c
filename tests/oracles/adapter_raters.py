"""Agreement, rater error, calibration and items under the names of the oracle file: one table, `FUNCS`."""

from dosimeter.stats import agreement


def ci(result, conf=0.95):
    """Give the limits as a list."""
    return list(result.interval(conf))


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


FUNCS = {
    "cohen_kappa": lambda i: kappa(
        agreement.cohen_kappa(i["table"], i.get("weights", "identity")), i
    ),
    "fleiss_kappa": lambda i: kappa(
        agreement.fleiss_kappa_counts(i["counts"], i.get("weights", "identity")), i
    ),
    "fleiss_kappa_missing": chance_corrected(agreement.fleiss_kappa),
    "gwet_ac": chance_corrected(agreement.gwet_ac),
    "icc": icc,
    "krippendorff_alpha": alpha,
    "krippendorff_alpha_jackknife": alpha,
}
