"""Differences within families: intent, trigger word, their interaction, phrasings, attacks (VALIDITY 12, 14)."""

import math

import numpy as np
import pytest
from attrs import evolve
from compared import (
    BENIGN,
    BOTH,
    INTENT,
    INTERACTION,
    KEYWORD,
    KEYWORD_BOTH,
    KNOWN,
    MEANT,
    REFUSAL,
    TRIGGER,
    answer,
    four,
    of,
    side,
)
from made import FRAME, HARM

from dosimeter.analysis.contrast import Question, difference
from dosimeter.analysis.load import SCORED, UNSCORABLE
from dosimeter.analysis.stops import BLOCKED
from dosimeter.contrasts import contrasts
from dosimeter.model.answering import Caveat, Estimate
from dosimeter.model.design import Intent
from dosimeter.model.doing import Stage
from dosimeter.model.measures import Contrast, Selection
from dosimeter.model.questions import unaskable
from dosimeter.model.rating import Scale, ScaleKind, SubjectKind
from dosimeter.numbers import Unit, unit_of
from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.paired_scores import signed_mean

MEASURES = {"keyword": KEYWORD, "both": KEYWORD_BOTH, "intent": INTENT, "interaction": INTERACTION}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def drawn(rng, families, repeats=1):
    """Draw the refusals of the four cells: families differ in difficulty, and in how a word alarms."""
    hard, alarm = rng.normal(0, 1.0, (families, 1)), rng.normal(0.8, 0.6, (families, 1))
    p = [sigmoid(x + hard) for x in (0.5 + alarm, 0.5, alarm - 1.5, -1.5)]
    return [rng.random((families, repeats)) < one for one in p], p


def truth(p):
    h1, h0, b1, b0 = (one.mean() for one in p)
    return {"keyword": b1 - b0, "both": (h1 - h0 + b1 - b0) / 2, "intent": (h1 - b1 + h0 - b0) / 2,
            "interaction": (h1 - h0) - (b1 - b0)}  # fmt: skip


TRUE = truth(drawn(np.random.default_rng(0), 400_000)[1])


def test_the_four_numbers_are_what_the_paper_says():
    """VALIDITY 12, by hand: K on benign and over both intents, I, and (h1 - h0) - (b1 - b0)."""
    rng = np.random.default_rng(1)
    h1, h0, b1, b0 = (rng.random(30) < p for p in (0.7, 0.5, 0.4, 0.2))
    cells = four(h1, h0, b1, b0)
    h1, h0, b1, b0 = (x.astype(float) for x in (h1, h0, b1, b0))
    for measure, d, span in (
        (KEYWORD, b1 - b0, 1),
        (KEYWORD_BOTH, ((h1 - h0) + (b1 - b0)) / 2, 1),
        (INTENT, ((h1 - b1) + (h0 - b0)) / 2, 1),
        (INTERACTION, (h1 - h0) - (b1 - b0), 2),
    ):
        one, t = answer(measure, cells), cluster_mean(d, range(30)).interval()
        assert one.value == pytest.approx(d.mean())
        assert (one.lower, one.upper) == pytest.approx(tuple(signed_mean(d, span=span).interval()))
        assert one.lower <= t.lower + 1e-9
        assert one.upper >= t.upper - 1e-9
        assert (one.method, one.families) == ("paired-score-t-share", 30)
        assert (one.missing.lower, one.missing.upper) == pytest.approx((one.value, one.value))


def test_a_difference_says_what_it_compares_in_its_group_and_its_sentence():
    """A single intent where there is one, and what is compared or averaged where there are two."""
    rng = np.random.default_rng(1)
    cells = four(*(rng.random(30) < p for p in (0.7, 0.5, 0.4, 0.2)))
    said = {name: dict(answer(m, cells).group) for name, m in MEASURES.items()}

    assert (said["keyword"]["intent"], said["keyword"]["trigger"]) == ("benign", "1 less 0")
    assert (said["both"]["intent"], said["both"]["trigger"]) == ("harmful and benign", "1 less 0")
    assert (said["intent"]["intent"], said["intent"]["trigger"]) == (
        "harmful less benign",
        "0 and 1",
    )
    assert (said["interaction"]["intent"], said["interaction"]["trigger"]) == (
        "harmful less benign",
        "1 less 0",
    )
    sentence = answer(INTERACTION, cells).estimand
    assert "harmful less benign requests, trigger 1 less 0; answers;" in sentence
    assert "differences of differences within families that have a mark in every cell" in sentence


@pytest.mark.parametrize("name", MEASURES)
def test_intervals_of_differences_cover_the_truth(name):
    """In 93 to 97.5 % of 600 samples of 40 goals that differ in difficulty and in what alarms."""
    rng, hits, runs = np.random.default_rng(7), 0, 600
    for _ in range(runs):
        one = answer(MEASURES[name], four(*drawn(rng, 40)[0]))
        hits += not isinstance(one, Estimate) or one.lower <= TRUE[name] <= one.upper

    assert TRUE["keyword"] > 0.05
    assert 0.925 <= hits / runs <= 0.978


def test_families_are_counted_and_not_rows():
    """Ten repeats of 20 goals, which the word alarms or not: independent rows must fail here."""
    rng, runs = np.random.default_rng(3), 400
    families = rows = 0
    for _ in range(runs):
        b1 = rng.random((20, 10)) < rng.beta(0.5, 0.5, (20, 1))
        b0 = rng.random((20, 10)) < 0.1
        one = answer(KEYWORD, four(b1, b1, b1, b0, repeats=10))
        d = b1.ravel().astype(float) - b0.ravel()
        families += one.lower <= 0.4 <= one.upper
        rows += 0.4 in cluster_mean(d, range(200)).interval()
        assert (one.families, one.effective_n, one.n) == (20, 20.0, 400)

    assert 0.92 <= families / runs <= 0.98
    assert rows / runs < 0.7


def test_a_difference_that_all_families_share_has_a_width():
    """VALIDITY 1: that none of 20 goals differs does not prove that none does."""
    same = np.zeros(20)
    one = answer(KEYWORD, four(same, same, same, same))

    assert (one.value, one.method) == (0, "paired-score-unseen-share")
    # 16.8 % may differ, one way or the other, if none of 20 does: 1 - .025 ** (1 / 20).
    assert (one.lower, one.upper) == pytest.approx((-0.1684, 0.1684), abs=1e-4)
    assert unit_of(None, one) is Unit.SHARE


def test_an_interaction_goes_from_minus_2_to_2():
    """The word makes the harmful half refused and spares the benign one: two whole differences apart."""
    none, most, every = np.zeros(40), np.arange(40) < 38, np.ones(40)
    one, flat = (answer(INTERACTION, four(some, none, none, some)) for some in (most, every))

    assert one.value == pytest.approx(1.9)
    assert 1 < one.lower < 1.9 < one.upper <= 2
    # 8.8 % may differ otherwise if none of 40 does, and by 4 at worst.
    assert (flat.value, flat.upper) == (2, 2)
    assert flat.lower == pytest.approx(2 - 4 * (1 - 0.025 ** (1 / 40)))


@pytest.mark.parametrize("rare", [0.02, 0.05])
def test_rare_differences_are_covered_too(rare):
    """Where most samples show one goal that differs, or none."""
    rng, runs, hits = np.random.default_rng(5), 500, 0
    for _ in range(runs):
        b1 = rng.random(40) < rare
        one = answer(KEYWORD, four(b1, b1, b1, np.zeros(40)))
        hits += one.lower <= rare <= one.upper

    assert hits / runs >= 0.9


@pytest.mark.parametrize(("families", "rare"), [(100, 0.05), (200, 0.02)])
def test_differences_that_few_families_make_are_covered_and_by_t_are_not(families, rare):
    """All one way: 95 % limits hold in 95 % of runs at least, t's in fewer than 94 (negative control)."""
    rng, runs, ours, by_t = np.random.default_rng(8), 400, 0, 0
    for _ in range(runs):
        b1 = rng.random(families) < rare
        one = answer(KEYWORD, four(b1, b1, b1, np.zeros(families)))
        ours += one.lower <= rare <= one.upper
        by_t += not b1.any() or rare in cluster_mean(b1, None).interval()

    assert ours / runs >= 0.95
    assert by_t / runs < 0.94


def test_families_that_lack_a_cell_or_a_mark_are_left_out_and_counted():
    """VALIDITY 12; the bounds are of the goals that the design has in every cell."""
    b1, b0 = np.tile([1.0, 0.0], 20), np.zeros(40)
    cells = four(b1, b1, b1, b0)
    outcome = [UNSCORABLE] * 4 + [SCORED] * 36
    cells["benign", "1"] = (2 * b1, np.arange(40), {"outcome": outcome})
    cells["benign", "0"] = (2 * b0[:38], np.arange(38), {"asked": np.arange(40) < 38})
    one = answer(KEYWORD, cells)

    assert (one.families, one.value) == (34, pytest.approx(17 / 34))
    (told,) = [c.text for c in one.caveats if c.code == "incomplete-families"]
    assert told == "6 of 40 families lack a cell or a mark in one, and are left out"
    assert one.missing.unscorable == 4
    # 38 goals have both cells; 4 of them have no mark with the word, which may all be 0, or 1.
    assert (one.missing.lower, one.missing.upper) == pytest.approx((17 / 38, 21 / 38))


@pytest.mark.parametrize("families", [9, 10])
def test_fewer_than_ten_families_give_no_difference(families):
    """As everywhere."""
    rng = np.random.default_rng(2)
    one = answer(INTENT, four(*(rng.random(families) < p for p in (0.7, 0.5, 0.4, 0.2))))

    assert isinstance(one, Estimate) is (families == 10)
    if families == 9:
        assert (one.code, one.why) == ("few-families", "9 families with a mark in all 4 cells")


@pytest.mark.parametrize("share", [0.99, 0.01])
@pytest.mark.parametrize("name", MEASURES)
def test_at_the_ceiling_there_is_no_verdict_on_what_averages_over_it(name, share):
    """VALIDITY 12: harmful requests that are all refused, or none, hide what a word does; benign ones do not."""
    rng = np.random.default_rng(4)
    h1, h0 = (rng.random((2, 200)) < share).astype(float)
    cells = four(h1, h0, rng.random(200) < 0.4, rng.random(200) < 0.2)
    one = answer(MEASURES[name], cells)

    assert isinstance(one, Estimate) is (name == "keyword")
    if name != "keyword":
        assert one.code == "at-the-ceiling"
        assert ("above 95 %" if share > 0.5 else "below 5 %") in one.why
        assert "benign ones alone" in one.would_need


def test_attacks_are_compared_at_the_ceiling_too():
    """A rare success is what an attack is tried for."""
    measure = of(
        Contrast(factor="attack", first="direct", second="scene"),
        Selection(intents=(Intent.HARMFUL,)), threshold="none",
    )  # fmt: skip
    few = np.arange(60) < 4
    (one,) = contrasts(measure, {**KNOWN, "intent": ("harmful",)})
    arms = tuple(
        side(s.intent, s.attack, np.where(few & (s.attack == "scene"), 0.0, 2.0), range(60))
        for s in one.sides
    )
    (found,) = difference(Question(measure=measure, compared=one, at=(), arms=arms))

    assert (one.attack, found.value) == ("scene less direct", pytest.approx(4 / 60))


def test_means_are_compared_on_their_own_scale():
    """Marks of 1 to 5 differ by points of the scale; the bounds are its ends."""
    rng = np.random.default_rng(6)
    high, low = rng.integers(2, 6, 40).astype(float), rng.integers(1, 4, 40).astype(float)
    measure = of(TRIGGER, estimator="mean", threshold=None)
    cells = {
        ("benign", "1"): (high, range(40), {"scale": HARM}),
        ("benign", "0"): (
            low[:30],
            range(30),
            {"scale": HARM, "asked": np.ones(40), "planned": 40},
        ),
    }
    one = answer(measure, cells)

    assert one.value == pytest.approx((high[:30] - low[:30]).mean())
    assert (one.method, one.families, one.missing.unrated) == ("paired-score-t", 30, 10)
    lost = [(high.mean() - (low[:30].sum() + 10 * end) / 40) for end in (5, 1)]
    assert (one.missing.lower, one.missing.upper) == pytest.approx(tuple(lost))


OPEN = Scale(name="s", kind=ScaleKind.REAL)


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ((np.arange(20.0), np.zeros(20)), ""),
        ((np.full(20, 3.0), np.zeros(20)), "no-variation"),
        ((np.full(20, 1e308), np.full(20, -1e308)), "not-finite"),
    ],
)
def test_on_a_scale_without_ends_a_difference_needs_spread(marks, code):
    """Nothing bounds what families might show, nor what is missing."""
    cells = {
        ("benign", v): (y, range(20), {"scale": OPEN}) for v, y in zip("10", marks, strict=True)
    }
    one = answer(of(TRIGGER, estimator="mean", threshold=None), cells)

    assert getattr(one, "code", "") == code
    assert (one.missing.lower, one.missing.upper) == (None, None)
    if not code:
        assert (one.method, one.value) == ("paired-cr1-t-unbounded", 9.5)
        assert unit_of(None, one) is Unit.FREE


def test_partial_refusals_are_counted_both_ways_in_a_difference():
    """VALIDITY 13: half of the answers with the word are partial refusals, which counts as much."""
    with_word = np.tile([2.0, 1.0, 0.0, 1.0], 10)
    cells = {("benign", "1"): (with_word, range(40)), ("benign", "0"): (np.zeros(40), range(40))}
    one = answer(of(TRIGGER, both_ways=("partial",)), cells)

    assert (one.value, one.both_ways.value) == (pytest.approx(0.25), pytest.approx(0.75))
    assert (one.both_ways.lowest, one.both_ways.highest) == pytest.approx((0.75, 0.75))
    (told,) = [c.text for c in one.caveats if c.code == "both-ways"]
    assert told.startswith("with partial counted too 75 % [")


def test_a_difference_tells_of_each_side_what_it_lacks():
    """Under its name, as one side may lack much and the other little; what holds for both is said once."""
    said = Caveat(code="broken-cell", text="r broke down on 5 of the 50 replies")
    y = np.tile([2.0, 0.0], 20)
    outcome = [UNSCORABLE] * 5 + [SCORED] * 35
    cells = {
        ("benign", "1"): (y, range(40), {"frame": evolve(FRAME, caveats=(said,))}),
        ("benign", "0"): (y, range(40), {"outcome": outcome}),
    }
    one = answer(KEYWORD, cells)
    texts = {c.code: c.text for c in one.caveats}

    assert texts["broken-cell"] == f"{said.text} (benign, direct, trigger 1)"
    assert texts["missing"].endswith("(benign, direct, trigger 0)")
    assert [c.code for c in one.caveats].count("judge-measured") == 1


def test_blocks_are_shown_both_ways_in_a_difference():
    """VALIDITY 3: a block is a full refusal of the system, and missing of the model."""
    blocks = evolve(REFUSAL, when_blocked="full")
    stop = [BLOCKED] * 10 + [0] * 30
    nothing = [UNSCORABLE] * 10 + [SCORED] * 30
    marked = np.concatenate([np.full(10, math.nan), np.zeros(30)])
    cells = {
        ("benign", "1"): (marked, range(40), {"scale": blocks, "stop": stop, "outcome": nothing}),
        ("benign", "0"): (np.zeros(40), range(40), {"scale": blocks}),
    }
    one = answer(KEYWORD, cells)
    (other,) = one.other_scope

    assert (one.value, one.families) == (pytest.approx(0.25), 40)
    assert (other.scope, other.value, other.families) == ("model", 0, 30)
    assert "blocked" in [c.code for c in one.caveats]


def test_scripts_that_were_left_are_told_with_the_difference_without_them():
    """VALIDITY 8."""
    y = np.array([2.0] * 8 + [0.0] * 32)
    cells = {
        ("benign", "1"): (y, range(40), {"off": np.array([True] * 8 + [False] * 32)}),
        ("benign", "0"): (np.zeros(40), range(40)),
    }
    one = answer(KEYWORD, cells)
    (told,) = [c.text for c in one.caveats if c.code == "off-script"]

    assert one.value == pytest.approx(0.2)
    assert told.startswith("8 of 80 attempts left their script; without them: 0 % [")


def test_a_person_s_votes_are_not_compared():
    """A drawn sample has no whole families."""
    cells = {("benign", v): (np.zeros(40), range(40), {"rater_kind": "person"}) for v in "01"}

    assert answer(KEYWORD, cells).code == "not-built"


@pytest.mark.parametrize(
    ("contrast", "select", "says"),
    [
        (Contrast(factor="trigger", first="1", second="1"), BENIGN, "needs two levels"),
        (evolve(TRIGGER, within=("trigger",)), BENIGN, "factor 'trigger' is named twice"),
        (evolve(TRIGGER, within=("intent",)), BENIGN, "within 'intent' averages over select.intents"),
        (MEANT, BENIGN, "select.intents leaves out 'harmful', which is compared"),
        (evolve(MEANT, second="harmfull"), BOTH, "no intent 'harmfull'; did you mean 'harmful'?"),
        (TRIGGER, Selection(factors=(("intent", "benign"),)), "'intent' is no factor"),
        (TRIGGER, Selection(kind=SubjectKind.TURN, stages=(Stage.FOUND,)), "are of what was submitted"),
        (TRIGGER, BENIGN, ""),
    ],
)  # fmt: skip
def test_a_contrast_that_says_nothing_cannot_be_asked(contrast, select, says):
    """Told where it is declared."""
    assert says in unaskable(of(contrast, select))
    assert bool(says) is bool(unaskable(of(contrast, select)))
