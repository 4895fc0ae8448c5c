"""Items, and what they tell, under the names of the oracle file."""

from dosimeter.stats import items


def item_analysis(i):
    marks = [v for row in i["x"] for v in row if v is not None] or [0]
    least, most = (min(marks), max(marks)) if max(marks) > 1 else (0, 1)
    found = items.item_analysis(i["x"], i.get("low", least), i.get("high", most))
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
    "grm_probability_information": graded_response,
    "irt_2pl_mml": two_parameter,
    "irt_eap": eap,
    "irt_information": information,
    "item_analysis": item_analysis,
    "saturation_diagnostics": saturation,
}
