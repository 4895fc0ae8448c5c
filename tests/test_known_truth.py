"""Whole runs of a model whose truth is known: what a report says of intent, keywords and wordings is it."""

import contextlib
import json
import re
from statistics import fmean

import pytest
from inprocess import call

from dosimeter import NoOptions
from dosimeter_attack_framing.attacks import phrasing
from dosimeter_attack_framing.options import PhrasingOptions
from dosimeter_harm_physical.items import build
from dosimeter_provider_simulated.options import Shift, SimulatedOptions
from dosimeter_provider_simulated.truth import (
    Cells,
    paraphrase_sensitivity,
    sensitivity,
    truth,
)

ITEMS = build(NoOptions())
STACK = """
name = "t"
targets.known = {{ model = "simulated/graded", {options} }}
categories = [{{ id = "physical", panel = "{panel}", attacks = ["{attack}"] }}]
raters = [{{ id = "refusal" }}]
sinks = [{{ id = "{sinks}" }}]
run = {{ repeats = {repeats}, seed = 11 }}
"""


def ran(folder, panel, attack, repeats, options, sinks="json"):
    """Run a stack; give its folder."""
    shown = ", ".join(
        f"{name} = {json.dumps(value)}" for name, value in options.items() if name != "shifts"
    )
    shifts = [
        f"{{ text = {json.dumps(s.text)}, refusal = {s.refusal} }}"
        for s in options.get("shifts", ())
    ]
    (folder / "s.toml").write_text(
        STACK.format(options=f"{shown}, shifts = [{', '.join(shifts)}]", panel=panel, attack=attack,
                     repeats=repeats, sinks=sinks)
    )  # fmt: skip
    with contextlib.chdir(folder):
        code, _, err = call("run", "s.toml", "--quiet")
        assert code == 0, err
    return folder / "runs" / "t"


def report(folder, panel, attack, repeats, options):
    """Run a stack; give its findings by measure and intent."""
    body = json.loads((ran(folder, panel, attack, repeats, options) / "report.json").read_text())
    return {(f["measure"], f["group"]["intent"]): f for f in body["findings"]}


def near(one, true, by):
    """Whether an estimate is the truth of just these goals, up to the replies that were drawn."""
    return abs(one["value"] - true) < by and one["lower"] <= true <= one["upper"]


def said(item):
    return item.opening[-1].text


@pytest.fixture(scope="module")
def factorial():
    """The four requests of each goal of the 2x2."""
    found = {}
    for item in ITEMS.items("factorial"):
        cell = f"{item.intent[0]}{dict(item.factors)['trigger']}"
        found.setdefault(item.family, {})[cell] = said(item)
    return [Cells(**cells) for cells in found.values()]


def model(**options):
    """Give options as a stack has them, and as the truth takes them."""
    fixed = {n: tuple(v) if isinstance(v, list) else v for n, v in options.items()}
    return options, SimulatedOptions(**fixed)


@pytest.mark.parametrize(
    ("intent", "keyword"), [(2.0, 0.0), (0.0, 2.0), (1.5, 1.5)], ids=["intent", "word", "both"]
)
def test_intent_and_keyword_sensitivity_are_those_of_the_model(
    tmp_path, factorial, intent, keyword
):
    """VALIDITY 12: one that goes by words has K and no I, one that sees intent has I and no K."""
    alarm = sorted({dict(i.factors)["trigger_word"] for i in ITEMS.items("factorial")})
    harm = [text for c in factorial for text in (c.h1, c.h0)]  # it sees what is meant, and no words
    options, true = model(base=-1.0, intent=intent, keyword=keyword, difficulty=0.5, noise=0.0,
                          trigger_words=alarm, harm_words=harm)  # fmt: skip
    found, true = report(tmp_path, "factorial", "direct", 25, options), sensitivity(factorial, true)

    assert near(found["keyword-sensitivity", "benign"], true.keyword_benign, 0.13)
    assert near(found["keyword-sensitivity-both", "harmful and benign"], true.keyword, 0.1)
    assert near(found["intent-sensitivity", "harmful less benign"], true.intent, 0.1)
    assert near(found["keyword-by-intent", "harmful less benign"], true.interaction, 0.2)
    for name, there in (("keyword-sensitivity", keyword), ("intent-sensitivity", intent)):
        (one,) = [f for (measure, _), f in found.items() if measure == name]
        assert (one["lower"] > 0) is bool(there), name
        assert one["families"] == 15


def test_a_model_that_refuses_all_that_is_harmful_gets_no_verdict_on_it(tmp_path, factorial):
    """VALIDITY 12: at the ceiling a word has nothing to add; on benign requests it has."""
    alarm = sorted({dict(i.factors)["trigger_word"] for i in ITEMS.items("factorial")})
    harm = [text for c in factorial for text in (c.h1, c.h0)]
    options, _ = model(
        base=-2.0, intent=12.0, keyword=3.0, noise=0.0, trigger_words=alarm, harm_words=harm
    )
    found = report(tmp_path, "factorial", "direct", 3, options)

    assert found["keyword-sensitivity", "benign"]["lower"] > 0
    for name, intent in (
        ("keyword-sensitivity-both", "harmful and benign"),
        ("intent-sensitivity", "harmful less benign"),
        ("keyword-by-intent", "harmful less benign"),
    ):
        assert found[name, intent]["code"] == "at-the-ceiling"


SQUARE = "full refusals with (1) and without (0) the alarming word, by intent and trigger"


@pytest.mark.parametrize(("panel", "squares"), [("factorial", 1), ("quickstart", 0)])
def test_the_2x2_is_a_picture_of_its_four_cells(tmp_path, panel, squares):
    """A page of the panel that has them shows it, and another one neither that nor half of it."""
    options, _ = model(base=-1.0, keyword=2.0, noise=0.0)
    folder = ran(tmp_path, panel, "direct", 1, options, "html")
    text = (folder / "report.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    drawn = re.findall(
        r"<figure[^>]*>\s*<figcaption><strong>([^<]*)</strong><br>([^<]*)</figcaption>", text
    )
    found = [finding for title, finding in drawn if title == SQUARE]

    assert len(drawn) > 5
    assert len(found) == squares
    assert ("with (1) and without (0)" in text) == bool(squares)
    for finding in found:
        cells = r"known, direct, refusal: harmful \d+ % and \d+ %, benign \d+ % and \d+ %\."
        assert re.fullmatch(cells, finding)


FRAMES = {"academic": "The following matter arises", "everyday": "hey, this has been",
          "formulary": "TO THE CLERK OF ANSWERS"}  # fmt: skip


@pytest.mark.parametrize(
    ("academic", "known"), [(-2.0, 0.0), (0.0, 2.5)], ids=["style", "recognised"]
)
def test_the_phrasing_gap_is_told_from_what_a_style_does_to_all_requests(tmp_path, academic, known):
    """VALIDITY 14: a style that changes every refusal has gaps and no difference between them.

    A model that refuses what is harmful because it is put as benchmarks put it has the difference, and
    none for a formal style that no benchmark uses.
    """
    harmful = [said(i) for i in ITEMS.items("quickstart") if i.intent == "harmful"]
    frame = "considered reply is requested: "
    options, true = model(
        base=0.0, intent=0.0, keyword=known, noise=0.0, difficulty=0.5, trigger_words=[
            frame + text for text in harmful
        ], shifts=[Shift(text=FRAMES["academic"], refusal=academic), *(Shift(text=t) for t in FRAMES.values())],
    )  # fmt: skip
    found = report(tmp_path, "quickstart", "phrasing", 12, options)
    styles = phrasing(PhrasingOptions())
    p = {}
    for item in ITEMS.items("quickstart"):
        for variant in styles.variants(item):
            (line,) = variant.script
            style = dict(variant.factors)["phrasing"]
            p.setdefault((item.intent.value, style), []).append(
                truth(line.message.text, true).refuses
            )
    gap = {
        (intent, style): fmean(p[intent, style]) - fmean(p[intent, "everyday"])
        for intent in ("harmful", "benign") for style in ("academic", "formulary")
    }  # fmt: skip
    beyond = {s: gap["harmful", s] - gap["benign", s] for s in ("academic", "formulary")}

    assert near(found["phrasing-gap", "harmful"], gap["harmful", "academic"], 0.12)
    assert near(found["phrasing-gap-benign", "benign"], gap["benign", "academic"], 0.12)
    between = found["phrasing-gap-by-intent", "harmful less benign"]
    assert near(between, beyond["academic"], 0.15)
    assert near(found["formal-gap-by-intent", "harmful less benign"], beyond["formulary"], 0.15)
    assert (between["lower"] > 0) is bool(known)
    assert (found["phrasing-gap-benign", "benign"]["upper"] < 0) is bool(academic)


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_paraphrase_sensitivity_is_that_of_the_model(tmp_path, noise):
    """VALIDITY 11: what wordings change, and not what chance does, which flips a third of all pairs."""
    options, true = model(base=-0.5, intent=0.0, keyword=0.0, noise=noise, difficulty=0.0)
    found = report(tmp_path, "paraphrase", "direct", 4, options)
    wordings = {}
    for item in ITEMS.items("paraphrase"):
        wordings.setdefault((item.intent.value, item.family), []).append(said(item))
    for intent in ("harmful", "benign"):
        mine = [texts for (i, _), texts in wordings.items() if i == intent]
        # Any wording may be the one that is repeated; the estimator takes all of them in turn.
        turned = [
            fmean(paraphrase_sensitivity([t[k:] + t[:k]], true) for k in range(len(t)))
            for t in mine
        ]
        one = found["paraphrase-sensitivity", intent]

        assert near(one, fmean(turned), 0.06)
        assert one["lower"] > -0.01 if noise else one["lower"] <= 0
        assert one["families"] == 16


def test_wordings_without_repeats_get_no_flip_rate(tmp_path):
    """One reply each: nobody knows what chance flips, and the finding says what it takes."""
    options, _ = model(base=-0.5, intent=0.0, noise=1.0)
    found = report(tmp_path, "paraphrase", "direct", 1, options)

    assert found["paraphrase-sensitivity", "benign"]["code"] == "few-repeats"
    assert "repeats = 3" in found["paraphrase-sensitivity", "benign"]["would_need"]


def test_a_panel_without_the_factors_has_no_such_numbers(tmp_path):
    """The quickstart has request and twin: no second cell, no rewrite, one phrasing."""
    options, _ = model(base=-0.5)
    found = report(tmp_path, "quickstart", "direct", 1, options)

    assert {m for m, _ in found} == {"under-refusal", "over-refusal", "refusal", "actionability",
                                     "actionability-mean", "severity", "severity-mean"}  # fmt: skip
