"""What a plan can show within families, by its counts and by a pilot; and what it says it does not plan."""

import json
import math

import pytest
from attrs import evolve

from dosimeter.engine.build import build_categories
from dosimeter.engine.forecast import forecast
from dosimeter.engine.gated import in_words
from dosimeter.engine.showing import Wanted
from dosimeter.model.planning import Detect, Learned, Pilot, PilotAnswer, PilotWithin
from dosimeter.model.specs import ScorerSpec
from dosimeter.stack import load_stack
from dosimeter.stats.paired_means import unseen_limits
from dosimeter.stats.planning_contrasts import contrast_sd, half_width_within, mde_contrast
from dosimeter.stats.planning_marks import mde_paired_mean
from dosimeter.stats.planning_paired import families_for_paired_mean, power_paired_mean

STACK = """
name = "n"
targets.a.model = "toy/one"
targets.b.model = "toy/one"
targets.b.temperature = 1
categories = [{{ id = "cells", attacks = {attacks}{panel} }}]
raters = [{{ id = "grader" }}]
run.repeats = {repeats}
run.accept_judge_measured = true
{more}
"""
CELLS = """
@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="some", summary="s", factory=f"{__name__}:Some")]

class Some:
    def __init__(self, options): ...
    def variants(self, item):
        if int(item.family[1:]) < 25:
            yield Variant(attack="some", key="k")

GRADE = Scale(name="grade", kind=ScaleKind.ORDINAL, levels=tuple(Level(value=i, name="") for i in range(1, 6)))
LENGTH = Scale(name="length", kind=ScaleKind.REAL)

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="grader", summary="s", factory=f"{__name__}:grader", scales=(GRADE, LENGTH), languages=("en",))]

@hookimpl
def dosimeter_harm_categories():
    H, B, C = Intent.HARMFUL, Intent.BENIGN, Intent.CONTROL
    def bad(name, intents, **more):
        return Measure(id=name, title="t", scale="grade", estimator="rate", threshold=4,
                       select=Selection(intents=intents), **more)
    def mean(name, intents, scale="grade", **more):
        return Measure(id=name, title="t", scale=scale, estimator="mean", select=Selection(intents=intents), **more)
    word = Contrast(factor="word", first="0", second="1")
    meant = Contrast(factor="intent", first="benign", second="harmful")
    measures = (
        bad("word", (B,), contrast=word), bad("grade-rise", (H,), contrast=Contrast(factor="style", first="a", second="b")),
        bad("meant", (H, B), contrast=Contrast(factor="intent", first="benign", second="harmful", within=("word",))),
        bad("both", (H, B), contrast=Contrast(factor="word", first="0", second="1", between=meant)),
        mean("cost", (C,), contrast=Contrast(factor="attack", first="", second="direct"), threshold=3),
        mean("longer", (B,), "length", contrast=word), mean("nobody", (B,), "missing"),
        Measure(id="flips", title="t", scale="grade", estimator="flips", threshold=4, across="wording",
                select=Selection(intents=(B,), attacks=("direct",))),
        bad("split", (H,), by=("word",)), bad("success", (H,)),
        mean("gap", (H,), contrast=Contrast(factor="target", first="a", second="b")),
        mean("own", (H,)), Measure(id="theirs", title="t", scale="grade", estimator="x:y"),
        Measure(id="found", title="t", scale="grade", estimator="rate", threshold=4,
                select=Selection(intents=(H,), stages=(Stage.FOUND,))),
    )
    factors = (Factor(name="word", role=FactorRole.TREATMENT, levels=("0", "1")),
               Factor(name="style", role=FactorRole.TREATMENT, levels=("a", "b")),
               Factor(name="wording", role=FactorRole.TREATMENT, levels=("r1", "r2")))
    panels = tuple(PanelInfo(name=n, summary="s") for n in ("square", "plain", "able", "words", "apart", "half"))
    return [CategorySpec(id="cells", summary="s", factory=f"{__name__}:Cells", version="1", factors=factors,
                         panels=panels, measures=measures, scales=(Scale(name="missing", kind=ScaleKind.REAL),))]

class Cells:
    def __init__(self, options): ...
    def items(self, panel):
        def item(i, intent, language="en", **factors):
            name = "/".join((panel, str(i), intent, *factors.values()))
            return Item(id=name, opening=(user(name),), intent=intent, family=f"f{i}", category="cells", language=language,
                        factors=tuple(factors.items()), provenance=Provenance(source="toy", licence="CC0-1.0"))
        for i in range(40):
            if panel == "square":
                for intent in (Intent.HARMFUL, Intent.BENIGN):
                    for word in ("0", "1"):
                        if i < 30 or (intent, word) != (Intent.BENIGN, "1"):
                            yield item(i, intent, "de" if i == 0 else "en", word=word)
            elif panel == "able":
                yield item(i, Intent.CONTROL)
            elif panel == "words":
                yield item(i, Intent.BENIGN)
                for rewrite in ("r1", "r2"):
                    yield item(i, Intent.BENIGN, wording=rewrite)
            elif panel == "apart":
                yield item(i, Intent.HARMFUL, style="a" if i < 20 else "b")
            elif panel == "half":
                yield item(i, Intent.HARMFUL, word="1")
                yield item(i, Intent.BENIGN, word="0")
            else:
                yield item(i, Intent.HARMFUL)

def grader(options): ...
"""


@pytest.fixture
def planned(registry_of, toy_source, tmp_path):
    """Plan a stack; give the whole forecast."""
    registry = registry_of(toy=toy_source, cells=CELLS)

    def go(panel="square", *, panels=(), attacks='["direct"]', repeats=1, more="", **wanted):
        path = tmp_path / "stack.toml"
        panel = f", panel = {json.dumps(panels or panel)}"
        path.write_text(STACK.format(attacks=attacks, panel=panel, repeats=repeats, more=more))
        stack, secrets = load_stack(path, registry=registry, environ={})
        parts = build_categories(stack, registry, secrets)
        specs = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
        return forecast(stack, parts, specs, None, Wanted(**wanted))

    return go


def of(found, measure):
    return next(w for w in found.within if w.measure == measure)


def whys(found):
    return {u.measure: u.why for u in found.unplanned}


# -- without a pilot ------------------------------------------------------------------------------


def test_families_are_those_that_have_every_cell_in_a_language_that_is_rated(planned):
    """Of 40 ten lack a cell, and one asks in German, which the rater does not declare."""
    word, meant = (of(planned(), name) for name in ("word", "meant"))

    assert (word.families, word.lacking, word.cells, word.rows) == (29, 10, 2, 1)
    assert (meant.families, meant.cells, meant.intent) == (29, 4, "harmful less benign")
    assert word.levels == (("word", "1 less 0"),)
    assert [w.measure for w in planned().within] == ["both", "longer", "meant", "word"]


def test_the_numbers_are_those_of_the_planners_of_differences(planned):
    """By disagreement of cells, with as many of them as the contrast weighs; at its interval's level."""
    found = planned(detect=(Detect(difference=0.3),))
    weights = {"word": (1, -1), "meant": (0.5, -0.5, 0.5, -0.5), "both": (1, -1, -1, 1)}
    for measure, w in weights.items():
        one = of(found, measure)
        assert one.alpha == pytest.approx(0.05)
        assert [v.discordant for v in one.varied] == [0.2, 0.5]
        for v in one.varied:
            here = contrast_sd(w, v.discordant, 0.3)
            assert v.sd == pytest.approx(contrast_sd(w, v.discordant))
            assert v.smallest == pytest.approx(mde_contrast(29, w, v.discordant))
            assert v.power == pytest.approx(power_paired_mean(29, 0.3, here))
            assert v.needed == families_for_paired_mean(0.3, here)
    word, both = of(found, "word"), of(found, "both")
    assert word.none_differ == unseen_limits(0, 29, 1, 0.95)[1]
    assert both.none_differ == unseen_limits(0, 29, 2, 0.95)[1]
    assert word.varied[0].half_width == half_width_within(29, word.varied[0].sd, 1)


def test_comparisons_of_targets_do_not_split_the_level_of_a_difference(planned):
    """Holm's family is of targets; parts of cells and attacks together are none of it either."""
    found = planned(attacks='["direct", "again"]')
    some = {s.measure: s for s in found.showing if s.attack == "direct"}

    assert {s.comparisons for s in found.showing} == {4}  # success and own, under two attacks
    assert all(w.alpha == pytest.approx(0.05) for w in found.within)
    assert not some["split"].compared
    assert some["success"].compared


def test_a_difference_of_means_is_told_at_its_worst_or_not_at_all(planned):
    """In marks of the scale, cells at its two ends; a scale without ends has no worst."""
    cost = of(planned("able", attacks='["direct", "again"]', repeats=3), "cost")
    longer = of(planned(), "longer")

    assert (cost.attack, cost.families, cost.share, cost.detect) == ("again", 40, False, None)
    assert cost.rows == pytest.approx(3)
    assert [v.sd for v in cost.varied] == [pytest.approx(4 * math.sqrt(d)) for d in (0.2, 0.5)]
    assert cost.none_differ == unseen_limits(0, 40, 4, 0.95)[1]
    assert (longer.varied, longer.none_differ) == ((), None)


def test_a_difference_asked_about_that_there_cannot_be_has_no_power(planned):
    """Two points of shares by default; more than there can be has neither power nor families."""
    assert of(planned(), "word").detect == 0.02
    (less, _) = of(planned(detect=(Detect(difference=1.5),)), "word").varied
    assert (less.power, less.needed) == (None, None)
    (less, _) = of(planned(detect=(Detect(difference=1.5),)), "both").varied
    assert less.needed > 0


def test_flips_count_families_with_rewrites_and_repeats(planned):
    """How far marks flip nobody knows before; with too few repeats the reason is told."""
    flips = of(planned("words", repeats=3), "flips")

    assert (flips.families, flips.cells, flips.varied) == (40, 0, ())
    assert flips.rows == pytest.approx(3)
    assert flips.none_differ == unseen_limits(0, 40, 1, 0.95)[1]
    assert "one of them 3 times (`repeats` in [run])" in whys(planned("words", repeats=2))["flips"]


def test_attacks_together_and_parts_of_cells_are_planned(planned):
    """Whether any attack succeeds is one yes or no a family, however often it is tried."""
    found = planned(attacks='["direct", "again"]', repeats=5)
    at = {(s.measure, s.attack, s.levels): s for s in found.showing}
    every = at["success", "any of again, direct", ()]
    mean = at["success", "mean of again, direct", ()]
    part = at["split", "direct", (("word", "1"),)]

    assert (every.families, every.rows, every.compared) == (39, 1, False)
    assert (mean.families, mean.rows) == (39, pytest.approx(20))
    assert (part.families, part.rows) == (39, pytest.approx(5))
    assert ("own", "any of again, direct", ()) not in at


def test_attacks_together_are_of_the_families_that_each_asks(planned):
    """A family that one attack leaves out has no answer to whether any succeeds, nor has its gate."""
    gate = '[[gates]]\nmeasure = "success"\nat_most = 0.5\nwhere.attack = "any"\n'
    found = planned("plain", attacks='["direct", "some"]', more=gate)
    at = {s.attack: s.families for s in found.showing if s.measure == "success"}

    assert at == {"direct": 40, "some": 25, "any of direct, some": 25, "mean of direct, some": 25}
    assert found.gates[0].families == 25


# -- with one -------------------------------------------------------------------------------------


def a_pilot(*within, **more):
    answer = PilotAnswer(measure="own", category="cells", intent="harmful", attack="direct", rater="grader",
                         level="", target="a", families=30, attempts=30, missing=0.0, value=2.0, sd=1.0,
                         icc=None)  # fmt: skip
    return Pilot(run="p", scope="system", panels=(("cells", "version 1, panel square"),),
                 raters=(("grader", "grader, revision 1"),), planned=30, done=30, seconds=60.0,
                 answers=(answer,), uses=(), within=within)  # fmt: skip


def seen(measure, used, rows=1.0, levels=(("word", "1 less 0"),)):
    sd = Learned(value=used / 1.2, low=used / 2, high=used * 2, used=used)
    return PilotWithin(measure=measure, category="cells", intent="benign", attack="direct", rater="grader",
                       levels=levels, target="a", families=20, rows=rows, missing=0.0, value=0.1, sd=sd)  # fmt: skip


def test_a_pilots_spread_takes_the_place_of_what_is_assumed(planned):
    """Its careful end; those that it has not keep the assumptions."""
    pilot = a_pilot(seen("word", 0.3), seen("longer", 40.0))
    found = planned(pilot=pilot)
    (word,), (longer,) = of(found, "word").varied, of(found, "longer").varied

    assert (word.discordant, word.sd) == (None, 0.3)
    assert word.smallest == mde_paired_mean(29, 0.3)
    assert longer.smallest == mde_paired_mean(29, 40.0)
    assert of(found, "word").pilot is pilot.within[0]
    assert of(found, "both").pilot is None
    assert len(of(found, "both").varied) == 2


def test_more_attempts_in_the_pilots_cells_are_not_credited_to_fewer(planned):
    """At worst all that varies is within cells; more attempts than it had are no gain either."""
    pilot = a_pilot(seen("word", 0.3, rows=4.0))

    assert of(planned(pilot=pilot), "word").varied[0].sd == pytest.approx(0.6)
    assert of(planned(pilot=pilot, repeats=9), "word").varied[0].sd == pytest.approx(0.3)


def test_only_what_repeats_make_grows_with_fewer_of_them(planned):
    """And no further than ends and mean allow."""
    noisy = evolve(seen("word", 0.3, rows=4.0), noise=0.1)
    most = evolve(noisy, noise=None, most=0.5)
    sd = {one: of(planned(pilot=a_pilot(one)), "word").varied[0].sd for one in (noisy, most)}

    assert sd[noisy] == pytest.approx(math.sqrt(0.3**2 + 3 * 0.1**2))
    assert sd[most] == 0.5


def test_a_pilot_in_which_nothing_varies_on_an_open_scale_leaves_nothing(planned):
    """No end, no spread: no number."""
    assert of(planned(pilot=a_pilot(seen("longer", 0.0))), "longer").varied == ()


# -- what is not planned --------------------------------------------------------------------------


def test_what_the_design_lacks_is_told_of_each_measure(planned):
    """Factors, intents, cells, raters, estimators; nothing is passed over."""
    square, plain = whys(planned()), whys(planned("plain"))
    able, apart = whys(planned("able")), whys(planned("apart"))

    assert square == {
        "cost": "the plan has no item of intent control",
        "flips": "no item or attack of the plan has wording",
        "found": "how many candidates a search submits is not known before",
        "gap": "this version does not estimate a contrast of targets",
        "grade-rise": "no item or attack of the plan has style",
        "nobody": "no rater of the stack marks 'missing'",
        "theirs": "this version does not estimate estimator 'x:y'",
    }
    assert plain["meant"] == "no item or attack of the plan has word"
    assert plain["word"] == "no item or attack of the plan has word"
    assert able["cost"] == "the plan has no attack beside 'direct' to compare with it"
    assert able["own"] == "the plan has no item of intent harmful"
    assert whys(planned("half"))["split"] == "every cell of the plan has one level of word alone"
    assert apart["grade-rise"] == "no family has every cell that it compares (direct)"


def test_every_measure_has_a_plan_or_a_reason(planned):
    """Whatever the panel."""
    every = {"word", "grade-rise", "meant", "both", "cost", "longer", "nobody", "flips", "split", "success",
             "gap", "own", "theirs", "found"}  # fmt: skip
    for panel in ("square", "plain", "able", "words", "apart", "half"):
        found = planned(panel, attacks='["direct", "again"]')
        told = {s.measure for s in (*found.showing, *found.within)}
        assert every <= told | set(whys(found))
        assert all(why for why in whys(found).values())


def test_wordings_that_are_mixed_up_are_told_of(planned):
    """Where two panels share families, one level stands for two texts, and the report gives no flips."""
    found = planned("words", repeats=3, panels=["words", "square"])

    assert "in 40 families one level of wording stands for several wordings" in whys(found)["flips"]


def test_a_run_that_looks_at_its_gates_has_no_differences(planned):
    """Its report gives none, so its plan says so."""
    gate = '[[gates]]\nmeasure = "success"\nat_most = 0.5\n'
    found = planned(more=f'run.stop = "when-decided"\n{gate}')

    assert found.within == ()
    assert "looks at its gates" in whys(found)["word"]


# -- gates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "says"),
    [
        ("at_most = 0.1", "within reach; 29 families, 10 would do at the best outcome, 36 if no family"
         " differs"),
        ("at_least = -0.1", "within reach; 29 families, 10 would do at the best outcome, 36 if no family"
         " differs"),
        ("at_most = -0.1", "within reach; 29 families, 10 would do at the best outcome"),
        ("at_most = -0.99", "out of reach; 29 families, "),
    ],
)  # fmt: skip
def test_a_gate_on_a_difference_says_what_no_difference_takes(planned, bound, says):
    """Its best outcome is a difference of -100 %, which nobody plans for."""
    (gate,) = planned(more=f'[[gates]]\nmeasure = "word"\n{bound}\n').gates

    assert says in in_words(gate)
    if "differs" not in says:
        assert gate.alike is None
