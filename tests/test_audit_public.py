"""Published figures of public data sets, reproduced by `dosimeter audit` with the interval they lacked.

The data are not in this repository: without `shared/data` beside it, these tests are skipped by name.
"""

import csv
import json
import re
from collections import Counter

import numpy as np
import pytest
from inprocess import call
from pages import ROOT, rows, sections, texts

from dosimeter.stats.rate import clopper_pearson

DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "audit-public.md"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")

XSTEST = [DATA / "xstest" / f"completions_{m}.csv" for m in ("gpt4", "llama2orig")]
LABELS = ("1_full_compliance", "2_full_refusal", "3_partial_refusal")
HALVES = {"safe": "type!=contrast_*", "unsafe": "type=contrast_*"}
XSTEST_PUBLISHED = {
    ("gpt4", "safe"): (91.6, 6.4, 2.0), ("gpt4", "unsafe"): (0.5, 97.5, 2.0),
    ("llama2orig", "safe"): (40.4, 38.0, 21.6), ("llama2orig", "unsafe"): (0.0, 99.5, 0.5),
}  # fmt: skip
"""Roettger et al. (2024): per cent of full compliance, full and partial refusal."""
JBB = DATA / "jailbreakbench" / "attack_labels_PAIR_GCG_JBC.csv"
MODELS = ("vicuna-13b-v1.5", "llama-2-7b-chat-hf", "gpt-3.5-turbo-1106", "gpt-4-0125-preview")
JBB_PUBLISHED = {"PAIR": (69, 0, 71, 34), "GCG": (80, 3, 47, 4), "JBC": (90, 0, 0, 0)}
"""Chao et al. (2024): jailbroken of 100 behaviours, by model."""
SUBMITTED = (82, 4, 87, 64)
"""Prompts that PAIR submitted."""
BBQ_PUBLISHED = {
    ("Age", "ARC"): (48.9, 3.3, 33.9, 89.6, -5.5), ("Age", "RACE"): (29.8, 1.2, 54.7, 93.5, -2.2),
    ("Nationality", "ARC"): (14.5, -0.2, 41.6, 92.9, -0.3),
    ("Nationality", "RACE"): (6.0, 1.2, 66.0, 93.7, -2.5),
    ("Religion", "ARC"): (24.5, 3.5, 43.8, 85.2, -4.3), ("Religion", "RACE"): (14.3, 0.2, 65.0, 88.0, -0.7),
}  # fmt: skip
"""Parrish et al. (2022), UnifiedQA: bias ambiguous and disambiguated, accuracies likewise, accuracy cost."""
VERDICTS = {"supported", "overstated", "contradicted", "cannot be judged"}
CLOSE = 0.05 + 1e-9


def audited(*arguments, code=0):
    """Audit and give the facts."""
    got, out, err = call("audit", *arguments, "--json")
    assert got == code, err
    return json.loads(out)


def xstest(half, event, *more, code=0):
    words = [f"{v}={'event' if v == event else 'other'}" for v in LABELS]
    means = [part for word in words for part in ("--outcome-is", word)]
    return audited(*XSTEST, "--item", "id", "--outcome", "final_label", *means, "--where", HALVES[half],
                   *more, code=code)  # fmt: skip


def jbb(*more, code=0):
    return audited(JBB, "--item", "index", "--outcome", "jailbroken", "--system", "model", "--group", "method",
                   "--submitted", "submitted", *more, code=code)  # fmt: skip


def one(facts, **what):
    """Give the only cell, pair or judge of these names."""
    (found,) = [f for f in facts if what.items() <= f.items()]
    return found


REFUSED = ("--outcome-is", "1_full_compliance=other", "--outcome-is", "2_full_refusal=event",
           "--outcome-is", "3_partial_refusal=event")  # fmt: skip
JUDGES = ("upstream_strmatch_label", "upstream_gpt4_label")


def judges():
    """Rows of the page on automatic labels beside people's."""
    named = [part for one in JUDGES for part in ("--judge", one)]
    facts = audited(*XSTEST, "--item", "id", "--outcome", "final_label", *REFUSED, *named)
    return [
        [j["column"], j["system"].removeprefix("completions_"),
         *(f"{100 * j[k]['value']:.1f}; {percent(j[k]['lower'], j[k]['upper'])}"
           for k in ("truth", "says", "sensitivity", "specificity"))]
        for j in facts["judges"]
    ]  # fmt: skip


def percent(low, high):
    return f"{100 * low:.1f} to {100 * high:.1f}"


# -- XSTest -------------------------------------------------------------------------------------


def test_the_table_of_xstest_is_reproduced_with_intervals():
    """Each of twelve percentages to the digit that is printed, and the page has what comes out."""
    made = []
    for place, label in enumerate(LABELS):
        for half in HALVES:
            cells = xstest(half, label)["cells"]
            for (model, its), published in XSTEST_PUBLISHED.items():
                if its == half:
                    c = one(cells, system=f"completions_{model}")
                    assert abs(100 * c["value"] - published[place]) < CLOSE
                    assert c["method"] == "wilson"
                    made.append([model, half, label, f"{published[place]:.1f}",
                                 f"{c['events']} of {c['scored']}", percent(c["lower"], c["upper"])])  # fmt: skip

    assert sorted(made) == sorted(r for r in rows(sections(PAGE)["XSTest"]) if r[2] in LABELS)


def test_the_agreement_of_xstests_annotators_is_reproduced():
    """Both coefficients of the notebook: raw agreement, and kappa of two raters and three classes."""
    facts = audited(*XSTEST, "--item", "id", "--rater", "annotation_1", "--rater", "annotation_2",
                    "--claim", "kappa gpt4 0.9701", "--claim", "kappa llama2orig 0.9293",
                    "--claim", "agreement gpt4 98.4%", "--claim", "agreement llama2orig 96.4%")  # fmt: skip

    assert [c["verdict"] for c in facts["claims"]] == ["supported"] * 4
    assert all(a["alpha"]["lower"] < a["alpha"]["value"] for a in facts["agreements"])
    assert facts["pairs"] == []


def test_xstests_models_are_compared_by_prompt():
    """The headline, 38 % against 6 %, is a paired difference; the claim that reverses it is contradicted."""
    facts = xstest("safe", "2_full_refusal", "--claim", "llama2orig 38%", "--claim", "llama2orig > gpt4",
                   "--claim", "gpt4 > llama2orig", code=1)  # fmt: skip
    (pair,) = facts["pairs"]

    assert (pair["items"], pair["method"], pair["apart"]) == (250, "tango", True)
    assert pair["difference"] == pytest.approx((16 - 95) / 250)
    assert [c["verdict"] for c in facts["claims"]] == ["supported", "supported", "contradicted"]


def test_xstests_automatic_labels_are_held_against_people():
    """Three-class accuracy as agreement, refusal or not as a judge; both as published, to four digits."""
    assert judges() == [r for r in rows(sections(PAGE)["XSTest"]) if r[0].startswith("upstream")]

    published = {"upstream_strmatch_label": ((0.9244, 0.8022), (0.9356, 0.8933)),
                 "upstream_gpt4_label": ((0.9356, 0.7711), None)}  # fmt: skip
    for column, (three, two) in published.items():
        facts = audited(*XSTEST, "--item", "id", "--outcome", "final_label", *REFUSED, "--judge", column,
                        "--rater", "final_label", "--rater", column)  # fmt: skip
        same = [a["same"]["value"] for a in facts["agreements"]]
        assert same == pytest.approx(three, abs=5e-5)
        if two:
            assert [j["same"]["value"] for j in facts["judges"]] == pytest.approx(two, abs=5e-5)
        assert all(j["sensitivity"]["upper"] <= 1 for j in facts["judges"])


# -- JailbreakBench -----------------------------------------------------------------------------


def test_jailbreakbenchs_attack_success_is_reproduced_with_intervals():
    """Of 100 behaviours each; Wilson's interval, and the exact one beside it on the page."""
    cells = jbb()["cells"]
    made = []
    for attack, published in JBB_PUBLISHED.items():
        for model, count in zip(MODELS, published, strict=True):
            c = one(cells, system=model, group=attack)
            assert (c["events"], c["scored"], c["method"]) == (count, 100, "wilson")
            exact = clopper_pearson(count, 100).interval()
            made.append(
                [attack, model, str(count), percent(c["lower"], c["upper"]), percent(*exact)]
            )

    assert sorted(made) == sorted(
        r for r in rows(sections(PAGE)["JailbreakBench"]) if r[0] in JBB_PUBLISHED
    )


def test_dividing_by_what_was_submitted_is_found_out():
    """The mistake to catch: 69 of 82 prompts is not 69 of 100 behaviours."""
    cells = jbb()["cells"]
    assert [one(cells, system=m, group="PAIR")["submitted"] for m in MODELS] == list(SUBMITTED)

    facts = jbb("--claim", "PAIR vicuna 0.84", "--claim", "PAIR vicuna 0.69", "--claim", "PAIR gpt-4 53%",
                code=1)  # fmt: skip
    wrong, right, other = facts["claims"]

    assert [wrong["verdict"], right["verdict"], other["verdict"]] == ["contradicted", "supported", "contradicted"]  # fmt: skip
    assert "divides by the 82 rows that were submitted, and leaves 18 out" in wrong["because"]
    assert "divides by the 64" in other["because"]


def test_a_file_that_lacks_what_was_not_submitted_gives_bounds():
    """The same mistake in the file: of 100 attempted 18 are missing, and .69 and .87 are both open."""
    facts = audited(JBB, "--item", "index", "--outcome", "jailbroken", "--system", "model",
                    "--where", "method=PAIR", "--where", "submitted=1", "--attempted", "100",
                    "--claim", "vicuna 0.84", code=1)  # fmt: skip
    c = one(facts["cells"], system="vicuna-13b-v1.5")

    assert (c["scored"], c["absent"]) == (82, 18)
    assert (c["bounds"]["lowest"], c["bounds"]["highest"]) == (0.69, 0.87)
    assert facts["claims"][0]["verdict"] == "overstated"


def test_none_of_a_hundred_is_not_none():
    """Zero events have an upper limit, of both kinds; a bound above it is supported."""
    facts = jbb("--claim", "JBC llama 0%", "--claim", "JBC llama < 4%", code=1)
    c = one(facts["cells"], system="llama-2-7b-chat-hf", group="JBC")

    assert c["upper"] == pytest.approx(0.0370, abs=1e-4)
    assert c["one_sided"] == pytest.approx(0.0295, abs=1e-4)
    assert [one["verdict"] for one in facts["claims"]] == ["overstated", "supported"]
    assert "up to 3.7 %" in facts["claims"][0]["because"]


def test_pair_and_gcg_on_vicuna_are_not_told_apart():
    """80 against 69 of the same hundred behaviours: the ranking that the table invites is not carried."""
    facts = jbb("--claim", "GCG vicuna > PAIR vicuna", "--claim", "PAIR gpt-4 > GCG gpt-4", code=1)
    pair = one(facts["pairs"], within="vicuna-13b-v1.5", a="GCG", b="PAIR")

    assert pair["difference"] == pytest.approx(0.11)
    assert pair["lower"] < 0 < pair["upper"]
    assert not pair["apart"]
    assert facts["tests"] == 30
    assert [one["verdict"] for one in facts["claims"]] == ["overstated", "supported"]


def test_the_page_has_the_verdicts_that_come_out():
    """Claim, verdict and sentence, as they stand there."""
    told = [r for r in rows(sections(PAGE)["JailbreakBench"]) if r[1] in VERDICTS]
    claims = [part for claim, *_ in told for part in ("--claim", claim)]
    facts = jbb(*claims, code=1)

    assert {v for _, v, _ in told} == VERDICTS - {"cannot be judged"}
    assert told == [[c["claim"]["says"], c["verdict"], c["because"]] for c in facts["claims"]]


# -- BBQ ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bbq(tmp_path_factory):
    """What the Python of the page makes, where its data is."""
    folder = tmp_path_factory.mktemp("bbq")
    (folder / "data").symlink_to(DATA)
    ((_, code),) = texts(PAGE, "python")
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(code, names)
        read = {at: list(names["observations"](*at)) for at in BBQ_PUBLISHED}
    return folder / "bbq.csv", names["scores"], read


def test_bbqs_bias_scores_are_reproduced_with_intervals(bbq):
    """Within .05 of each of 24 cells, with intervals over templates, by the code of the page."""
    _, scores, _ = bbq
    made = []
    for (category, form), published in BBQ_PUBLISHED.items():
        s = scores[category, form]
        found = (s.s_amb, s.s_dis, s.acc_ambig, s.acc_disambig)
        for mine, its in zip(found, published[:4], strict=True):
            assert abs(100 * mine.estimate - its) < CLOSE, (category, form)
            assert mine.clusters == 25
        cells = [
            f"{its:.1f}; {percent(*mine.interval())}"
            for mine, its in zip(found, published, strict=False)
        ]
        made.append([category, form, *cells])

    assert sorted(made) == sorted(rows(sections(PAGE)["BBQ"]))


def test_bbqs_counts_are_those_of_the_oracle(bbq):
    """Answers that name a group, and those of them that follow the stereotype."""
    expected = {("Age", "RACE", "ambig"): (834, 691), ("Age", "ARC", "ambig"): (1216, 1058),
                ("Nationality", "RACE", "ambig"): (524, 308), ("Religion", "RACE", "ambig"): (210, 148),
                ("Age", "RACE", "disambig"): (1720, 870)}  # fmt: skip
    for (category, form, context), counts in expected.items():
        told = Counter()
        for row, named, _ in bbq[2][category, form]:
            if row["context_condition"] == context and named in {"target", "nontarget"}:
                biased = (named == "target") is (row["question_polarity"] == "neg")
                told.update(all=1, biased=int(biased))
        assert (told["all"], told["biased"]) == counts


def test_bbqs_accuracies_and_their_cost_are_reproduced_by_the_audit(bbq):
    """The tidy file of the page: templates are the clusters, and the audit's rate is the published one."""
    path = bbq[0]
    facts = audited(path, "--item", "item", "--cluster", "template", "--group", "context", "--system", "format",
                    "--outcome", "correct", "--where", "category=Age")  # fmt: skip
    with path.open() as file:
        every = [r for r in csv.DictReader(file) if r["context"] == "disambig" and r["correct"]]
    for (category, form), published in BBQ_PUBLISHED.items():
        mine = [r for r in every if (r["category"], r["format"]) == (category, form)]
        with_bias, against = (
            [float(r["correct"]) for r in mine if r["aligned"] == a] for a in ("1", "0")
        )
        assert abs(100 * (np.mean(against) - np.mean(with_bias)) - published[4]) < CLOSE
        if category == "Age":
            ambiguous = one(facts["cells"], system=form, group="ambig")
            clear = one(facts["cells"], system=form, group="disambig")
            assert abs(100 * ambiguous["value"] - published[2]) < CLOSE
            assert abs(100 * clear["value"] - published[3]) < CLOSE
            assert (clear["clusters"], clear["method"]) == (25, "korn-graubard")
            assert clear["deff"] > 5
    assert one(facts["cells"], system="ARC", group="ambig")["missing"] == 1


def test_bbqs_rows_are_not_its_sample_size(bbq):
    """The trap of generated items: 1,840 rows of 25 templates, with an interval as if they were 1,840."""
    facts = audited(bbq[0], "--item", "item", "--cluster", "template", "--group", "context", "--system", "format",
                    "--outcome", "correct", "--where", "category=Age", "--claims", _claims(bbq[0].parent), code=1)  # fmt: skip
    narrow, counted = facts["claims"]

    assert (narrow["verdict"], counted["verdict"]) == ("overstated", "overstated")
    assert "as if rows were independent" in narrow["because"]
    assert "Its n counts rows" in counted["because"]


def _claims(folder):
    path = folder / "claims.toml"
    path.write_text(
        '[[claims]]\nof = "RACE ambig"\nvalue = "54.7%"\ninterval = ["52.4%", "56.9%"]\n'
        '[[claims]]\nof = "RACE ambig"\nvalue = "54.7%"\nn = 1840\n'
    )
    return path


def test_the_page_says_what_its_blocks_print():
    """No figure of the page is without a test: each per cent of its prose is in one of its tables or here."""
    prose = re.sub(r"^\|.*$", "", PAGE.read_text(), flags=re.MULTILINE)
    known = {r for heading in ("XSTest", "JailbreakBench", "BBQ") for row in rows(sections(PAGE)[heading])
             for cell in row for r in re.findall(r"\d+\.\d", cell)}  # fmt: skip
    said = set(re.findall(r"(\d+\.\d) (?:%|to)", re.sub(r"```.*?```", "", prose, flags=re.DOTALL)))

    assert said - known == set()
