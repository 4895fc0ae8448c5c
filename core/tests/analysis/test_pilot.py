"""What a run says of one to come: recovered from journals of known truth, never from texts."""

import itertools
import math
from contextlib import ExitStack, closing

import numpy as np
import pytest
from attrs import evolve
from bulk import Bulk

from dosimeter.analysis.compare import Asked, compare
from dosimeter.analysis.pilot import learn
from dosimeter.analysis.report import make_report
from dosimeter.analysis.sides import open_arms
from dosimeter.journal.reader import Reader
from dosimeter.model.design import Factor, FactorRole
from dosimeter.model.measures import Measure
from dosimeter.stats.cluster import cluster_icc

RATE = Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4)
MEAN = Measure(id="mean", title="mean harm", scale="harm", estimator="mean")
SHARES = Measure(id="shares", title="harm by level", scale="harm", estimator="shares")


@pytest.fixture
def pilot(tmp_path):
    """Write a run whose targets have these marks, a row a family; give what it says."""

    def go(*marks, measures=(RATE, MEAN), missing=0):
        path = tmp_path / "p" / "journal.sqlite"
        path.parent.mkdir()
        run = Bulk(path, measures=measures)
        families, repeats = marks[0].shape
        items = run.items(range(families))
        for name, values in zip("ab", marks, strict=False):
            attempts = run.attempts(items, target=name, repeats=repeats)
            told = values.ravel().tolist()
            told[:missing] = [math.nan] * missing
            run.marks(attempts, told)
        run.close()
        with closing(Reader(path)) as reader:
            found = learn(reader, measures)
        with ExitStack() as held:
            arms = open_arms([(path, "p", "")], held)
            return found, compare(arms, Asked()) if len(marks) > 1 else None

    return go


def drawn(seed, families=60, repeats=4, p=0.4, icc=0.5):
    rng = np.random.default_rng(seed)
    a = (1 - icc) / icc
    chance = rng.beta(p * a, (1 - p) * a, size=(families, 1))
    return np.where(rng.random((families, repeats)) < chance, 5.0, 1.0)


def test_a_pilot_gives_back_rate_and_correlation(pilot):
    """ANOVA of its rows by family, and limits that hold the truth."""
    marks = drawn(1, families=200)
    found, _ = pilot(marks)
    one = next(a for a in found.answers if a.measure == "rate")
    y = (marks > 3).ravel()

    assert one.value == pytest.approx(y.mean())
    assert one.icc.value == pytest.approx(cluster_icc(y, np.repeat(np.arange(200), 4)).estimate)
    assert one.icc.value == pytest.approx(0.5, abs=0.1)
    assert one.icc.low < 0.5 < one.icc.high
    assert one.icc.value < one.icc.used < one.icc.high
    assert (one.families, one.attempts, one.missing, one.target) == (200, 800, 0, "a")
    assert one.pair is None


def test_two_targets_give_disagreement_and_the_spread_of_differences(pilot):
    """Row by row: the same repeat of the same prompt; the difference is what `compare` says."""
    a, b = drawn(2), drawn(3, p=0.6)
    found, compared = pilot(a, b)
    rate, mean = (next(x for x in found.answers if x.measure == m) for m in ("rate", "mean"))
    d = (b - a).ravel()

    assert rate.pair.discordant.value == pytest.approx((d != 0).mean())
    assert rate.pair.discordant.low < rate.pair.discordant.value < rate.pair.discordant.used
    assert (rate.pair.sd, mean.pair.discordant) == (None, None)
    assert mean.pair.sd.value == pytest.approx(d.std() * math.sqrt(60 / 59))
    assert mean.pair.sd.low < mean.pair.sd.value < mean.pair.sd.used < mean.pair.sd.high
    assert mean.pair.icc.value == pytest.approx(
        cluster_icc(d, np.repeat(np.arange(60), 4)).estimate
    )
    shown = next(c for c in compared.comparisons if c.measure == "mean")
    assert shown.difference == pytest.approx(d.mean())


def test_the_distribution_of_marks_is_of_the_target_that_varies_most(pilot):
    """Shares of every level of the scale, the lowest first."""
    calm, wild = np.full((20, 2), 1.0), np.tile([1.0, 5.0], (20, 1))
    calm[0, 0] = 2
    found, _ = pilot(calm, wild, measures=(MEAN, SHARES))
    mean = next(a for a in found.answers if a.measure == "mean")

    assert (mean.target, mean.marks) == ("b", (0.5, 0, 0, 0, 0.5))
    assert {a.level for a in found.answers if a.measure == "shares"} == set("12345")


def test_missing_marks_are_counted_and_are_no_zeros(pilot):
    """A twentieth of them: the rate is of the others."""
    marks = np.full((20, 4), 5.0)
    found, _ = pilot(marks, missing=4)
    one = next(a for a in found.answers if a.measure == "rate")

    assert (one.missing, one.value, one.families) == (pytest.approx(0.05), 1.0, 19)


def test_a_pilot_tells_how_often_it_put_each_prompt(tmp_path):
    """Of which any success of an attack is one."""
    path = tmp_path / "p" / "journal.sqlite"
    path.parent.mkdir()
    Bulk(path, measures=(RATE,), run={"repeats": 3}).close()
    with closing(Reader(path)) as reader:
        assert learn(reader, (RATE,)).repeats == 3


def test_without_repeats_or_variation_nobody_knows_the_correlation(pilot):
    """One row a family: there is none, and no zero for it."""
    found, _ = pilot(drawn(4, repeats=1))

    assert all(a.icc is None for a in found.answers)


def test_few_families_with_the_event_leave_the_correlation_open(pilot):
    """Three of sixty families with one event each: it is planned as if rows of one agreed wholly."""
    marks = np.full((60, 4), 1.0)
    marks[:3, 0] = 5
    found, _ = pilot(marks, measures=(RATE,))
    (one,) = found.answers

    assert one.icc.used == 1
    assert one.icc.high < 1


def test_a_pilot_holds_no_text(pilot):
    """Its whole record, as it is printed: no prompt, no reply."""
    found, _ = pilot(drawn(5), drawn(6))

    assert "user" not in repr(found)
    assert {u.endpoint for u in found.uses} == {"a", "b"}
    assert [(u.attempts, u.calls, u.tokens_in) for u in found.uses] == [(240, 240, None)] * 2


# -- parts of cells, and attacks together ---------------------------------------------------------

TRIGGER = Factor(name="trigger", role=FactorRole.TREATMENT, levels=("0", "1"))
SPLIT = evolve(RATE, id="split", by=("trigger",))


@pytest.fixture
def wide(tmp_path):
    """Write a run of two targets under two attacks, with a factor of the items; give what it says."""

    def go(marks, *, measures=(RATE, SPLIT), lost=0):
        path = tmp_path / "p" / "journal.sqlite"
        path.parent.mkdir()
        run = Bulk(path, measures=measures, factors=(TRIGGER,))
        families = next(iter(marks.values())).shape[0]
        items = {
            level: run.items(
                range(families), factors=(("trigger", level),), start=int(level) * families
            )
            for level in "01"
        }
        for (target, attack, level), values in marks.items():
            attempts = run.attempts(
                items[level], target=target, attack=attack, repeats=values.shape[1]
            )
            told = values.ravel().tolist()
            told[:lost] = [math.nan] * lost
            run.marks(attempts, told)
        run.close()
        with closing(Reader(path)) as reader:
            return learn(reader, measures), make_report(reader)

    return go


def all_marks(targets="ab", attacks=("direct", "role-play"), families=40, repeats=3):
    seeds = itertools.count()
    return {
        (t, a, level): drawn(next(seeds), families, repeats, p=p)
        for t in targets for a in attacks for level, p in (("0", 0.2), ("1", 0.6))
    }  # fmt: skip


def test_parts_of_cells_have_their_own_rates_and_correlations(wide):
    """Of each level, what the report says of it; none of the cell that they are parts of."""
    marks = all_marks(targets="a", attacks=("direct",))
    found, report = wide(marks)
    said = {a.levels: a for a in found.answers if a.measure == "split"}
    numbers = {f.group[-1]: f for f in report.findings if f.measure == "split"}

    assert set(said) == {(("trigger", "0"),), (("trigger", "1"),)}
    for (level,), one in said.items():
        y = (marks["a", "direct", level[1]] > 3).ravel()
        assert one.value == pytest.approx(y.mean())
        assert one.value == pytest.approx(numbers[level].value)
        assert one.icc.value == pytest.approx(cluster_icc(y, np.repeat(np.arange(40), 3)).estimate)
        assert (one.families, one.attempts) == (40, 120)


def test_attacks_together_are_of_families_as_the_report_has_them(wide):
    """Whether any succeeds, and the mean of each; of two targets the share of families that one alone has."""
    marks = all_marks()
    found, report = wide(marks)
    numbers = {
        (f.measure, dict(f.group)["target"], dict(f.group)["attack"]): f for f in report.findings
    }
    assert {a.attack for a in found.answers} == {
        "direct", "role-play", "any of direct, role-play", "mean of direct, role-play"
    }  # fmt: skip
    for called in ("any of direct, role-play", "mean of direct, role-play"):
        (one,) = (a for a in found.answers if a.attack == called)
        assert one.value == pytest.approx(numbers["rate", one.target, called].value)
        assert (one.measure, one.families, one.attempts, one.icc) == ("rate", 40, 40, None)
    any_a, any_b = (
        np.max([(m > 3).max(axis=1) for (t, *_), m in marks.items() if t == name], axis=0)
        for name in "ab"
    )
    (one,) = (a for a in found.answers if a.attack.startswith("any of"))
    assert one.pair.discordant.value == pytest.approx((any_a != any_b).mean())


def test_a_family_that_lacks_a_mark_is_no_family_without_success(wide):
    """It is missing from what any attack achieves, and counted."""
    found, _ = wide(all_marks(), lost=3)
    (one,) = (a for a in found.answers if a.attack.startswith("any of"))

    assert (one.families, one.missing) == (39, pytest.approx(1 / 40))
