"""Which families tell targets apart: counted, with intervals, and named only if they are public."""

import re
from contextlib import closing

import numpy as np
import pytest
from bulk import Bulk

from dosimeter.analysis.discriminating import discriminating, discrimination
from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.measures import Measure
from dosimeter.model.panel import PanelAnswer, Threat
from dosimeter.stats.items import item_analysis

RATE = Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4)
OTHER = Measure(id="other", title="harm at 3 or above", scale="harm", estimator="rate", threshold=3)


@pytest.fixture
def panel(tmp_path):
    """Give the panel of a run with these marks by target."""

    def make(marks, *, measures=(RATE,), label="public", run=None):
        path = tmp_path / "r" / "journal.sqlite"
        path.parent.mkdir()
        made = Bulk(path, measures=measures, run=run)
        items = made.items(range(len(next(iter(marks.values())))), label=label)
        for target, values in marks.items():
            made.marks(made.attempts(items, target=target), list(values))
        made.close()
        with closing(Reader(path)) as reader:
            return make_report(reader).panel

    return make


def many(targets, families=60, *, against=0, seed=1):
    """Give marks of targets of rising ability: families above theirs are failed, the first the other way."""
    rng = np.random.default_rng(seed)
    ability, hard = np.linspace(-1.5, 1.5, targets), rng.normal(size=families)
    up = ability[:, None] + rng.normal(size=(targets, families)) > hard
    up[:, :against] = ability[:, None] < 0.1
    return {f"t{i:02}": np.where(row, 5.0, 1.0) for i, row in enumerate(up)}


def table(marks):
    """Give what is known of marks from 1 to 5."""
    values = (np.array(list(marks.values())) - 1) / 4
    return discrimination(values, range(values.shape[1]), {}, 0.95)


def single(panel):
    """Give the checks that are about single families."""
    found = [c for c in panel if c.threat is Threat.SATURATION]
    return [c for c in found if c.text.startswith("which families") or "discrimination" in c.text]


@pytest.mark.parametrize("targets", [1, 2, 3])
def test_of_few_targets_no_family_has_a_discrimination(panel, targets):
    """Of three a correlation has no interval, so that there is none (STATS 8); what it takes is said once."""
    (one,) = single(panel(many(targets), measures=(RATE, OTHER)))

    assert one.answer is PanelAnswer.NOT_MEASURED
    assert one.needs.startswith("4 targets on 10 families or more")
    assert not one.numbers


def test_families_that_turn_against_the_rest_are_counted_and_named(panel):
    """At most three, each with its interval, with how many chance alone would give, and as exploratory."""
    (one,) = single(panel(many(12, against=5)))
    numbers = dict(one.numbers)

    assert one.answer is PanelAnswer.TOLD
    assert dict(one.where)["category"] == "c"
    assert numbers["surely-below-zero"] >= 5
    assert (
        numbers["surely-below-zero"]
        <= numbers["below-zero"]
        < numbers["discrimination-known"]
        <= 60
    )
    assert "(by chance alone about 1." in one.text
    assert "exploratory: of fewer than 30 targets the intervals are very wide" in one.text
    named = re.findall(r"c/f(\d+) -0\.\d\d \[-\d\.\d\d, -\d\.\d\d\]", one.text)
    assert len(named) == 3
    assert all(int(n) < 5 for n in named)
    assert one.needs.startswith("marks of 30 targets or more")


def test_the_discrimination_of_many_targets_is_that_of_the_function(panel):
    """No word of few targets; every family with its own interval."""
    marks = many(30)
    (one,) = single(panel(marks))
    rest = item_analysis(np.array(list(marks.values())), 1, 5).item_rest
    known = [w for w in rest if not w.undefined]

    assert "exploratory" not in one.text
    assert one.needs == ""
    assert dict(one.numbers) == {
        "targets": 30, "whole-families": 60, "discrimination-known": len(known),
        "below-zero": sum(w.estimate < 0 for w in known),
        "surely-below-zero": sum(w.interval().upper < 0 for w in known),
        "may-be-zero": sum(0 in w.interval() for w in known),
    }  # fmt: skip


@pytest.mark.parametrize("label", ["held-out", "hidden draw"])
def test_families_that_are_not_public_are_not_named(panel, label):
    """They are counted, and not one word of any check of the panel quotes them."""
    found = panel(many(12, against=5), label=label)
    (one,) = single(found)

    assert dict(one.numbers)["surely-below-zero"] >= 5
    assert "3 of the lowest not named, as their items are not public" in one.text
    assert not any("c/f" in c.text for c in found)


def test_families_without_a_discrimination_are_told_with_the_reason(panel):
    """All targets alike, too few for a perfect one, or no mark of one of them."""
    marks = many(4, 20)
    for row in marks.values():
        row[:3] = 5.0
    marks["t00"][3] = np.nan
    (one,) = single(panel(marks))
    numbers = dict(one.numbers)
    rest = item_analysis(np.delete(np.array(list(marks.values())), 3, axis=1), 1, 5).item_rest
    alike, perfect = (
        sum(w.undefined == why for w in rest) for why in ("no-variation", "perfect-correlation")
    )

    assert numbers["whole-families"] == 19
    assert f"{alike} without, as targets are alike on them" in one.text
    assert (f"{perfect} without, as so few targets" in one.text) == bool(perfect)
    assert "1 more left out for want of a mark of every target" in one.text


def test_intervals_have_the_level_of_the_report(panel):
    """At 80 % more of them leave 0 out, and chance would do more."""
    (one,) = single(panel(many(12), run={"confidence": 0.8}))

    assert "with the whole 80 % interval" in one.text
    assert dict(one.numbers)["may-be-zero"] < dict(one.numbers)["discrimination-known"] / 2


def test_a_run_with_cells_that_can_and_cannot_tell_says_both():
    """What a second category lacks does not hide what the first has."""
    cell = table(many(5, 20))
    found = [*discriminating([("a", (), cell), ("b", (), None)])]

    assert [c.answer for c in found] == [PanelAnswer.TOLD, PanelAnswer.NOT_MEASURED]
    assert [c.answer for c in discriminating([])] == [PanelAnswer.NOT_MEASURED]


def test_families_that_not_all_targets_share_are_too_few():
    """Ten are needed with a mark of each of four."""
    marks = many(4, 10)
    assert table(marks) is not None
    marks["t00"][0] = np.nan
    assert table(marks) is None
    assert table(many(3, 10)) is None
