"""Agreement of raters under the names of the oracle file."""

import math

from oracle_shapes import conf, textbook_ci

from dosimeter.stats import agreement


def numbered(ratings):
    """Give names as numbers, in their order; numbers as they are."""
    names = sorted({v for row in ratings for v in row if isinstance(v, str)})
    return [[names.index(v) if isinstance(v, str) else v for v in row] for row in ratings]


def kappa(found, i, names=("po", "pe", "kappa"), upper=math.inf):
    values = (found.observed, found.expected, found.estimate)
    return {**dict(zip(names, values, strict=True)), "se": found.se,
            "ci": textbook_ci(found, conf(i), upper)}  # fmt: skip


def weights(i):
    named = i.get("weights") or "identity"
    return "identity" if named in {"unweighted", "nominal", "none"} else named


def of_counts(function, key):
    return lambda i: kappa(function(i[key], weights(i)), i)


def chance_corrected(function):
    def run(i):
        levels = i.get("categories")
        named = [levels] if isinstance(levels, list) else []
        rows = numbered([*i["ratings"], *named])
        ratings, levels = rows[: len(i["ratings"])], rows[-1] if named else "observed"
        found = function(ratings, weights(i), levels)
        return kappa(found, i, ("pa", "pe", "coef"), upper=1.0)

    return run


def alpha(i):
    found = agreement.krippendorff_alpha(numbered(i["ratings"]), i["level"])
    return {"alpha": found.estimate, "Do": found.observed, "De": found.expected,
            "jackknife_se": found.se_alpha, "n_units": found.n}  # fmt: skip


def icc(i):
    table = agreement.icc(i["ratings"])
    found = {}
    for name in ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k"):
        one = getattr(table, name)
        key = name.replace("icc", "ICC")
        found |= {key: one.estimate, f"{key}_ci": textbook_ci(one, conf(i))}
    return found


FUNCS = {
    "cohen_kappa": of_counts(agreement.cohen_kappa, "table"),
    "fleiss_kappa": of_counts(agreement.fleiss_kappa_counts, "counts"),
    "fleiss_kappa_missing": chance_corrected(agreement.fleiss_kappa),
    "gwet_ac": chance_corrected(agreement.gwet_ac),
    "icc": icc,
    "krippendorff_alpha": alpha,
    "krippendorff_alpha_jackknife": alpha,
}
