"""What a plan can show: by its counts, by a pilot, and by what it is compared with."""

import math

import pytest
from attrs import evolve

from dosimeter import PlanError
from dosimeter.engine.build import build_categories
from dosimeter.engine.forecast import forecast
from dosimeter.engine.showing import Wanted
from dosimeter.model.planning import Detect, Learned, Pilot, PilotAnswer, PilotPair, PilotUse
from dosimeter.model.specs import ScorerSpec
from dosimeter.stack import load_stack
from dosimeter.stats.planning_paired import effective_rows, families_for_paired_mean
from dosimeter.stats.planning_shares import mde_paired_proportions, sample_size_mcnemar
from dosimeter.stats.rate import clopper_pearson

STACK = """
name = "n"
targets.a.model = "toy/one"
targets.b.model = "toy/one"
targets.b.temperature = 1
categories = [{ id = "toys", attacks = ["direct"] }]
raters = [{ id = "words" }, { id = "grader" }]
"""
RATERS = """
REFUSAL = Scale(name="refusal", kind=ScaleKind.NOMINAL, levels=(Level(value="no", name=""), Level(value="yes", name="")))
GRADE = Scale(name="grade", kind=ScaleKind.ORDINAL, levels=tuple(Level(value=i, name="") for i in range(1, 6)))
LENGTH = Scale(name="length", kind=ScaleKind.REAL)

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="words", summary="s", factory=f"{__name__}:build", scales=(REFUSAL,)),
            ScorerSpec(id="grader", summary="s", factory=f"{__name__}:build", scales=(GRADE, LENGTH))]
"""
PLACE = {"category": "toys", "intent": "harmful", "attack": "direct"}


@pytest.fixture
def planned(registry_of, toy_source, tmp_path):
    """Plan a stack; give the whole forecast."""
    registry = registry_of(toy=toy_source, raters=RATERS)

    def go(*overrides, text=STACK, **wanted):
        path = tmp_path / "stack.toml"
        path.write_text(text)
        stack, secrets = load_stack(path, registry=registry, overrides=overrides, environ={})
        parts = build_categories(stack, registry, secrets)
        specs = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
        return forecast(stack, parts, specs, None, Wanted(**wanted))

    return go


def of(found, measure):
    return next(s for s in found.showing if s.measure == measure)


def learned(value, used=None):
    used = value if used is None else used
    return Learned(value=value, low=value / 2, high=used, used=used)


def answer(measure, rater, **more):
    known = {"level": "", "target": "a", "families": 30, "attempts": 120, "missing": 0.0, "value": 0.3,
             "sd": 0.46, "icc": learned(0.2, 0.3)}  # fmt: skip
    return PilotAnswer(measure=measure, rater=rater, **PLACE, **known | more)


def a_pilot(*answers, **more):
    use = {"category": "toys", "attack": "direct", "endpoint": "a", "model": "toy/one", "attempts": 30,
           "calls": 30, "cached": 0, "tokens_in": 10.0, "tokens_out": 40.0, "seconds": 2.0}  # fmt: skip
    known = {"run": "p", "scope": "system", "panels": (("toys", "version 1, panel small"),),
             "raters": (("words", "words, revision 1"), ("grader", "grader, revision 1")),
             "planned": 30, "done": 30, "seconds": 60.0, "uses": (PilotUse(id="x", **use),)}  # fmt: skip
    return Pilot(answers=answers or (answer("under", "words"),), **known | more)


# -- without a pilot ------------------------------------------------------------------------------


def test_each_rate_share_and_mean_says_what_it_can_show(planned):
    """The numbers of the very functions that reports use."""
    found = planned()
    under = of(found, "under")

    assert {s.measure for s in found.showing} == {"under", "grade", "grade-mean", "length-mean"}
    assert (under.families, under.rows, under.icc, under.effective) == (20, 1, 1, 20)
    assert under.none_seen == clopper_pearson(0, 20).interval().upper
    assert [w.at for w in under.widths] == [0.05, 0.5]
    assert under.widths[1].half_width == pytest.approx(clopper_pearson(10, 20).interval().width / 2)
    assert [b.discordant for b in under.between] == [0.2, 0.5]


def test_alpha_is_split_over_what_compare_will_compare(planned):
    """A rate here; all of them where the stack declares none; each pair of targets."""
    three = STACK + 'targets.c.model = "toy/one"\ntargets.c.temperature = 2\n'
    declared = STACK + '[[comparisons]]\nmeasure = "under"\nmargin = 0.1\n'
    two, many, one = planned(), planned(text=three), planned(text=declared)

    assert [of(f, "under").comparisons for f in (two, many, one)] == [3, 9, 1]
    assert of(many, "under").alpha == pytest.approx(0.05 / 9)
    assert not of(two, "grade").compared
    smallest = of(one, "under").between[1].smallest
    assert smallest == mde_paired_proportions(20, 0.5)
    assert (
        of(two, "under").between[1].smallest is None
        or of(two, "under").between[1].smallest > smallest
    )


def test_a_margin_says_how_many_families_show_equivalence(planned):
    """Of the comparison that has one, and of no other."""
    found = planned(text=STACK + '[[comparisons]]\nmeasure = "under"\nmargin = 0.1\n')
    less, more = of(found, "under").between

    assert of(found, "under").margin == 0.1
    assert less.equivalent < more.equivalent
    assert more.equivalent == pytest.approx(
        (math.sqrt(0.5) * (1.645 + 1.2816) / 0.1) ** 2, rel=0.02
    )
    assert all(b.equivalent is None for b in of(found, "grade-mean").between)


def test_a_difference_asked_about_is_in_the_units_of_the_measure(planned):
    """Of one measure before that of all; a share has no difference above 1."""
    found = planned(detect=(Detect(difference=0.3), Detect(difference=0.02, measure="under")))
    huge = planned(detect=(Detect(difference=1.5),))
    less, more = of(found, "under").between
    alpha = of(found, "under").alpha

    assert (of(found, "under").detect, of(found, "grade-mean").detect) == (0.02, 0.3)
    assert more.needed == math.ceil(sample_size_mcnemar(0.26, 0.24, alpha))
    assert less.needed < more.needed
    assert 0 < more.power < 0.1
    assert (of(huge, "under").between[0].power, of(huge, "under").between[0].needed) == (None, None)
    assert of(huge, "grade-mean").between[1].needed > 0


def test_a_mean_without_a_pilot_is_told_at_its_worst_or_not_at_all(planned):
    """Marks at both ends of the scale; a scale without ends has no worst."""
    found = planned()
    grade, length = of(found, "grade-mean"), of(found, "length-mean")

    assert grade.widths[0].at == 3
    assert grade.between[1].sd == pytest.approx(4 * math.sqrt(0.5))
    assert (length.widths, length.none_seen, length.between) == ((), None, ())


def test_repeats_are_no_families(planned):
    """Nobody knows how far they agree: they are taken to, so they change nothing but the test."""
    once, ten = of(planned(), "under"), of(planned("run.repeats=10"), "under")

    assert (ten.rows, ten.families, ten.effective) == (10, 20, 20)
    assert ten.none_seen == once.none_seen
    assert ten.widths[1].half_width == pytest.approx(once.widths[1].half_width, rel=0.06)


# -- with one -------------------------------------------------------------------------------------


def test_a_pilot_gives_rate_correlation_and_disagreement(planned):
    """Planned with at their careful ends; no number of repeats passes families / ICC."""
    pair = PilotPair(a="a", b="b", families=30, attempts=120, discordant=learned(0.3, 0.35), sd=None,
                     icc=learned(0.1, 0.2))  # fmt: skip
    pilot = a_pilot(answer("under", "words", pair=pair))
    wanted = {"pilot": pilot, "detect": (Detect(difference=0.1),)}
    under = of(planned("run.repeats=5", **wanted), "under")
    (between,) = under.between

    assert (under.icc, under.widths[0].at) == (0.3, 0.3)
    assert under.effective == pytest.approx(effective_rows(20, 5, 0.3))
    assert of(planned("run.repeats=10000", **wanted), "under").effective < 20 / 0.3
    assert between.discordant == 0.35
    sd = math.sqrt((0.35 - 0.01) / effective_rows(1, 5, 0.2))
    assert between.needed == families_for_paired_mean(0.1, sd, under.alpha)
    assert under.pilot is pilot.answers[0]


def test_one_target_of_a_pilot_is_met_by_another_that_has_nothing_to_do_with_it(planned):
    """Disagreement 2 p (1 - p) at the p nearest to a half that is open; of a mean twice the variance."""
    pilot = a_pilot(answer("under", "words"), answer("grade-mean", "grader", value=2.0, sd=1.0))
    found = planned(pilot=pilot)
    p = clopper_pearson(9, 30).interval(0.6).upper

    assert of(found, "under").between[0].discordant == pytest.approx(2 * p * (1 - p))
    assert of(found, "grade-mean").between[0].sd == pytest.approx(math.sqrt(2) * 1.0, rel=0.15)


def test_a_pilot_without_variation_promises_nothing(planned):
    """No event seen leaves room for some; marks that are all alike leave the worst case."""
    pilot = a_pilot(
        answer("under", "words", value=0.0, sd=0.0, icc=None),
        answer("grade-mean", "grader", value=1.0, sd=0.0, icc=None),
    )
    found = planned(pilot=pilot)

    assert 0.05 < of(found, "under").between[0].discordant < 0.2
    assert [b.sd for b in of(found, "grade-mean").between] == [
        pytest.approx(4 * math.sqrt(d)) for d in (0.2, 0.5)
    ]


def test_a_plan_is_made_whatever_its_confidence(planned):
    """Little is to be tested at a confidence of 51 %, and nothing breaks."""
    found = planned(
        "run.confidence=0.51", text=STACK + '[[comparisons]]\nmeasure = "under"\nmargin = 0.1\n'
    )

    assert of(found, "under").alpha == pytest.approx(0.49)


def test_what_grading_buys_comes_from_the_pilots_marks_alone(planned):
    """The spread distribution of 5 %: fewer if all marks shift, more if only the tail grows."""
    marks = (0.80, 0.15, 0.03, 0.015, 0.005)
    told = answer("grade-mean", "grader", value=1.275, sd=0.65, marks=marks)
    text = STACK + '[[comparisons]]\nmeasure = "grade-mean"\n'
    found = of(planned(pilot=a_pilot(told), text=text), "grade-mean").grading

    assert (found.threshold, found.change, found.by_rate) == (3, 0.02, 2213)
    assert (found.by_mean, found.by_mean_of_tail) == (837, 3297)
    assert of(planned(), "grade-mean").grading is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"panels": (("other", "version 1, panel all"),)},
            "of another category: it measured other",
        ),
        ({"raters": (("person", "x, revision 1"),)}, "of another rater: it was rated by person"),
    ],
)
def test_a_pilot_of_something_else_is_refused(planned, more, words):
    """By what it is of, and what to do."""
    with pytest.raises(PlanError, match=words) as refused:
        planned(pilot=a_pilot(**more))

    assert "leave --pilot out" in str(refused.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"panels": (("toys", "version 1, panel huge"),)},
            "it measured toys, version 1, panel huge; this",
        ),
        (
            {"raters": (("words", "words, revision 7"),)},
            "words was words, revision 7 there, and is",
        ),
        ({"raters": (("words", "words, revision 1"),)}, "grader did not rate it"),
        ({"scope": "model"}, 'its scope is "model", here "system"'),
        ({"done": 12}, "12 of 30 attempts are done"),
        (
            {"answers": (answer("under", "words", families=4),)},
            "a number of it rests on 4 families",
        ),
        ({"answers": (answer("under", "words", missing=0.2),)}, "up to 20 % of marks are missing"),
    ],
)
def test_where_a_pilot_is_not_of_this_plan_is_told(planned, more, words):
    """One line each, and the plan is made."""
    found = planned(pilot=evolve(a_pilot(), **more))

    assert any(f"pilot p: {words}" in line for line in found.warnings)
    assert not any("pilot p" in line for line in planned(pilot=a_pilot()).warnings)


def test_that_a_pilot_put_prompts_more_or_less_often_is_told_of_attacks_together(planned):
    """The more repeats, the more families in which one of the attacks succeeds."""
    told = evolve(answer("under", "words"), attack="any of direct, again")
    pilot = a_pilot(told, answer("under", "words"))

    both = STACK.replace('["direct"]', '["direct", "again"]')

    def said(*overrides, pilot=pilot, text=both):
        return [w for w in planned(*overrides, pilot=pilot, text=text).warnings if "repeat" in w]

    assert said("run.repeats=3") == [
        "pilot p: what it says of any of direct, again is of 1 repeat, and this plan has 3: more families"
        " will have one that succeeds"
    ]
    assert (
        "5 repeats, and this plan has 1: fewer families" in said(pilot=evolve(pilot, repeats=5))[0]
    )
    assert (
        said() == said("run.repeats=3", pilot=a_pilot()) == said("run.repeats=3", text=STACK) == []
    )


def test_a_plan_at_the_pilots_cost(planned):
    """Tokens of its calls, its pace, the stack's prices; what it does not know is no zero."""
    prices = '[[prices]]\nmodel = "toy/one"\ninput = 1.0\noutput = 10.0\ndate = "2026-01-01"\n'
    found = planned(pilot=a_pilot(), text=STACK + prices).by_pilot
    other = PilotUse(category="toys", attack="role-play", endpoint="a", id="x", model="toy/one",
                     attempts=30, calls=30, cached=0, tokens_in=1.0, tokens_out=1.0, seconds=1.0)  # fmt: skip

    assert found.tokens == 2 * 20 * 50
    assert found.money == pytest.approx(40 * (10 * 1 + 40 * 10) / 1e6)
    assert found.minutes == pytest.approx(60 / 30 * 40 / 60)
    assert "a is set up otherwise than a was, of the same model" in found.lacking
    nothing = planned(pilot=a_pilot(uses=(other,))).by_pilot
    assert (nothing.tokens, nothing.money, nothing.minutes) == (None, None, None)
    assert "a was not asked under direct" in nothing.lacking
