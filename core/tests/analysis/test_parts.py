"""Parts of cells: by levels of items and of variants, and by the stage of a candidate."""

from contextlib import closing

import numpy as np
import pytest
from attrs import evolve
from bulk import HARM, REFUSAL, Bulk

from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Abstention, Estimate
from dosimeter.model.design import Factor, FactorRole, Intent
from dosimeter.model.doing import Stage
from dosimeter.model.measures import Contrast, Measure, Selection
from dosimeter.publish import main_estimate, of_a_cell

TRIGGER = Factor(name="trigger", role=FactorRole.TREATMENT, levels=("0", "1"))
STYLE = Factor(name="phrasing", role=FactorRole.TREATMENT, levels=("academic", "everyday"))
RATE = Measure(id="m", title="m", scale="refusal", estimator="rate", threshold="full")
PLAIN = evolve(RATE, id="plain")


@pytest.fixture
def bulk(tmp_path):
    """Make a journal of a category that asks *measures*."""

    def made(*measures, scales=(REFUSAL,), **more):
        return Bulk(tmp_path / "journal.sqlite", measures=measures, scales=scales,
                    factors=(TRIGGER,), attack_factors=(STYLE,), **more)  # fmt: skip

    return made


def found(one, measure="m"):
    """Close a journal, and give the findings of a measure."""
    one.close()
    with closing(Reader(one.store.path)) as reader:
        return [f for f in make_report(reader).findings if f.measure == measure]


def told(values):
    return ["full" if v else "none" for v in values]


def test_findings_are_split_by_a_factor_of_items(bulk):
    """One a level, which stands in the group and in the estimand; families weigh alike in each."""
    one = bulk(evolve(RATE, by=("trigger",)))
    for start, level, full in ((0, "0", 5), (40, "1", 20)):
        items = one.items(range(40), factors=(("trigger", level),), start=start)
        one.marks(one.attempts(items), told(np.arange(40) < full))
    without, with_word = found(one)

    assert [dict(f.group)["trigger"] for f in (without, with_word)] == ["0", "1"]
    assert [f.value for f in (without, with_word)] == pytest.approx([5 / 40, 20 / 40])
    assert [f.missing.planned for f in (without, with_word)] == [40, 40]
    assert "harmful requests, trigger 1; answers;" in with_word.estimand


def test_findings_are_split_by_a_factor_of_variants_too(bulk):
    """The level is the arm's; both factors at once give a finding for each pair that there is."""
    one = bulk(evolve(RATE, by=("trigger", "phrasing")))
    for i, level in enumerate("01"):
        items = one.items(range(20), factors=(("trigger", level),), start=20 * i)
        for style in ("academic", "everyday")[: 2 - i]:
            attempts = one.attempts(items, attack="phrasing", variant=style,
                                    factors=(("phrasing", style),))  # fmt: skip
            one.marks(attempts, told(np.arange(20) < 4 + 4 * i))
    got = [tuple(dict(f.group)[n] for n in ("trigger", "phrasing")) for f in found(one)]

    assert got == [("0", "academic"), ("0", "everyday"), ("1", "academic")]


def test_a_cell_of_one_part_is_not_split(bulk):
    """What the plan varies nowhere splits nothing; where it varies, each part has its finding."""
    one = bulk(evolve(RATE, by=("trigger",)), PLAIN)
    cells = (("1", Intent.HARMFUL), ("0", Intent.BENIGN), ("1", Intent.BENIGN))
    for i, (level, intent) in enumerate(cells):
        items = one.items(range(20), intent=intent, factors=(("trigger", level),), start=20 * i)
        one.marks(one.attempts(items), told(np.arange(20) < 5))
    got = [(dict(f.group)["intent"], dict(f.group)["trigger"]) for f in found(one)]

    assert got == [("benign", "0"), ("benign", "1")]


def test_marks_are_selected_by_levels_that_must_all_hold(bulk):
    """What has another level, or none of the factor, does not enter, nor does it count as missing."""
    one = bulk(evolve(RATE, select=Selection(factors=(("trigger", "1"),))))
    for i, factors in enumerate(((("trigger", "1"),), (("trigger", "0"),), ())):
        attempts = one.attempts(one.items(range(30), factors=factors, start=30 * i))
        one.marks(attempts, told(np.full(30, i == 0)))
    (got,) = found(one)

    assert (got.value, got.families, got.missing.planned) == (1.0, 30, 30)
    assert dict(got.group)["trigger"] == "1"


def test_what_a_part_lacks_is_counted_of_the_part(bulk):
    """Attempts without an answer, failed ones, and the bounds that they leave."""
    one = bulk(evolve(RATE, by=("trigger",)))
    for i, level in enumerate("01"):
        items = one.items(range(40), factors=(("trigger", level),), start=40 * i)
        one.marks(one.attempts(items[:30]), told(np.zeros(30)))
        one.attempts(items[30:], state=("failed", "open")[i])
    failed, waiting = (f.missing for f in found(one))

    assert (failed.planned, failed.failed, failed.not_run) == (40, 10, 0)
    assert (waiting.planned, waiting.failed, waiting.not_run) == (40, 0, 10)
    assert (failed.lower, failed.upper) == pytest.approx((0, 0.25))


def test_a_factor_that_no_item_has_is_not_asked_about(bulk):
    """No finding and no abstention: a panel without the factor has nothing to say of it."""
    contrast = Contrast(factor="trigger", first="0", second="1")
    one = bulk(evolve(RATE, by=("trigger",)), evolve(RATE, id="k", contrast=contrast), PLAIN)
    one.marks(one.attempts(one.items(range(20))), told(np.zeros(20)))
    one.close()
    with closing(Reader(one.store.path)) as reader:
        assert {f.measure for f in make_report(reader).findings} == {"plain"}


def test_a_rater_that_marked_no_part_abstains_from_each(bulk):
    """So that no gate forgets it; a measure that no rater marks says so of each part too."""
    one = bulk(
        evolve(RATE, by=("trigger",)),
        evolve(RATE, id="harm", scale="harm", threshold=4, by=("trigger",)),
    )
    for i, level in enumerate("01"):
        one.attempts(one.items(range(20), factors=(("trigger", level),), start=20 * i))
    one.rater("judge")
    one.close()
    with closing(Reader(one.store.path)) as reader:
        got = {(f.measure, dict(f.group)["trigger"]): f for f in make_report(reader).findings}

    assert {k: f.code for k, f in got.items()} == {
        ("m", "0"): "no-marks", ("m", "1"): "no-marks",
        ("harm", "0"): "no-rater", ("harm", "1"): "no-rater",
    }  # fmt: skip
    assert {f.missing.planned for f in got.values()} == {20}


def test_a_comparison_without_marks_abstains_once(bulk):
    """By a rater that marked nothing, and where no rater has the scale."""
    contrast = Contrast(factor="trigger", first="0", second="1")
    one = bulk(evolve(RATE, contrast=contrast),
               evolve(RATE, id="harm", scale="harm", threshold=4, contrast=contrast))  # fmt: skip
    for i, level in enumerate("01"):
        one.attempts(one.items(range(20), factors=(("trigger", level),), start=20 * i))
    one.rater("judge")
    one.close()
    with closing(Reader(one.store.path)) as reader:
        got = {f.measure: f for f in make_report(reader).findings}

    assert {k: f.code for k, f in got.items()} == {"m": "no-marks", "harm": "no-rater"}
    assert {f.missing.planned for f in got.values()} == {40}
    assert {dict(f.group)["trigger"] for f in got.values()} == {"1 less 0"}


def test_marks_are_selected_by_the_stage_of_a_candidate(bulk):
    """Replays apart from what was found: an attempt without a replay is no success and stays in."""
    rate = Measure(id="m", title="m", scale="harm", estimator="rate", threshold=4,
                   select=Selection(stages=(Stage.REPLAY,)))  # fmt: skip
    one = bulk(
        rate, evolve(rate, id="found", select=Selection(stages=(Stage.FOUND,))), scales=(HARM,)
    )
    items = one.items(range(40))
    for some, stage, value in ((items[:30], "found", 5), (items[30:], "replay", 4)):
        one.marks(one.attempts(some, attack="search", stage=stage), [value] * len(some))
    one.attempts(one.items(range(40, 50), start=40), attack="search", state="no-candidate")
    one.marks(one.attempts(items, attack="direct"), [1] * 40)
    one.close()
    with closing(Reader(one.store.path)) as reader:
        got = {(f.measure, dict(f.group)["attack"]): f for f in make_report(reader).findings}

    assert set(got) == {("m", "search"), ("found", "search")}
    assert got["m", "search"].value == pytest.approx(10 / 50)
    assert got["found", "search"].value == pytest.approx(30 / 50)
    assert got["m", "search"].families == 50
    (told,) = [c.text for c in got["m", "search"].caveats if c.code == "no-candidate"]
    assert told == "40 of 50 searches submitted nothing of stage replay: no success"


def test_no_part_of_a_cell_is_quoted_as_the_number(bulk):
    """A rate of harmful requests with the word is none of harmful requests."""
    harmful = Selection(intents=(Intent.HARMFUL,))
    one = bulk(evolve(RATE, by=("trigger",), select=harmful), evolve(PLAIN, select=harmful))
    for i, level in enumerate("01"):
        items = one.items(range(20), factors=(("trigger", level),), start=20 * i)
        one.marks(one.attempts(items), told(np.arange(20) < 5))
    one.close()
    with closing(Reader(one.store.path)) as reader:
        quoted = main_estimate(make_report(reader))

    assert isinstance(quoted, Estimate)
    assert quoted.measure == "plain"


@pytest.mark.parametrize(
    ("pairs", "whole"),
    [
        ({}, True),
        ({"level": "full"}, True),
        ({"trigger": "1"}, False),
        ({"intent": "harmful less benign"}, False),
        ({"intent": "harmful and benign"}, False),
        ({"attack": "scene less direct"}, False),
        ({"attack": "any of direct, scene"}, False),
        ({"attack": "mean of direct, scene"}, False),
    ],
)
def test_what_is_of_one_whole_cell_is_told_by_what_it_is_called(pairs, whole):
    """For sinks, which lay out cells; and what is quoted is one of these."""
    group = {
        "target": "t",
        "category": "c",
        "intent": "harmful",
        "attack": "direct",
        "rater": "r",
    } | pairs
    one = Abstention(measure="m", group=tuple(group.items()), code="c", why="w", would_need="n")

    assert of_a_cell(one) is whole
