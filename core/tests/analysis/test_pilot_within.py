"""What a pilot says of differences within families at fewer attempts a cell: of known truth."""

import math
from contextlib import closing

import numpy as np
import pytest
from bulk import Bulk

from dosimeter.analysis.pilot import learn
from dosimeter.analysis.pilot_noise import NoisyCell, noise
from dosimeter.engine.within import at_rows
from dosimeter.journal.reader import Reader
from dosimeter.model.measures import Contrast, Measure
from dosimeter.model.planning import Learned, PilotWithin
from dosimeter.stats.planning_pilot import careful_spread, most_spread

RISE = Measure(id="rise", title="rise", scale="harm", estimator="rate", threshold=4,
               contrast=Contrast(factor="attack", first="direct", second="scene"))  # fmt: skip


@pytest.fixture
def learnt(tmp_path):
    """Write a run of two cells, a row a family of 0 or 1, *items* a family; give what it says."""

    def go(first, second, items=1):
        path = tmp_path / "p" / "journal.sqlite"
        path.parent.mkdir()
        run = Bulk(path, measures=(RISE,))
        families, marks = first.shape
        keys = run.items(np.repeat(np.arange(families), items))
        for attack, cell in (("direct", first), ("scene", second)):
            run.marks(run.attempts(keys, attack=attack, repeats=marks // items),
                      np.where(cell, 5, 1).ravel().tolist())  # fmt: skip
        run.close()
        with closing(Reader(path)) as reader:
            (one,) = learn(reader, (RISE,)).within
        return one

    return go


def drawn(rng, families, repeats, p, icc=0.3):
    a = (1 - icc) / icc
    chance = rng.beta(p * a, (1 - p) * a, size=(families, 1))
    return rng.random((families, repeats)) < chance


def by_hand(first, second):
    cells = [
        NoisyCell(weight=weight, variance=one.var(axis=1, ddof=1) / one.shape[1], most=0.25)
        for weight, one in ((-1, first), (1, second))
    ]
    d = second.mean(axis=1) - first.mean(axis=1)
    sd = Learned(value=0.0, low=0.0, high=0.0, used=careful_spread(d, 1))
    return PilotWithin(measure="m", category="c", intent="i", attack="a", rater="r", levels=(), target="t",
                       families=len(d), rows=first.shape[1], missing=0.0, value=0.0, sd=sd,
                       most=most_spread(d, 1), noise=noise(cells, np.ones(len(d), dtype=bool)))  # fmt: skip


def test_repeats_tell_what_they_alone_make_of_the_spread(learnt):
    """From a journal, as from the numbers it was made of."""
    rng = np.random.default_rng(1)
    first, second = drawn(rng, 30, 4, 0.3), drawn(rng, 30, 4, 0.6)
    found, hand = learnt(first, second), by_hand(first, second)

    assert found.rows == 4
    assert found.noise == pytest.approx(hand.noise)
    assert found.most == pytest.approx(hand.most)
    assert found.noise < found.sd.used < found.most


def test_a_single_mark_a_cell_does_not_tell(learnt):
    """So fewer of them may be all that varies."""
    rng = np.random.default_rng(2)

    assert learnt(drawn(rng, 30, 1, 0.3), drawn(rng, 30, 1, 0.6)).noise is None


def test_texts_of_a_family_that_differ_are_no_repeats(learnt):
    """Repeats that agree wholly say nothing of how far other texts would: these do."""
    half = np.tile([True, True, True, False, False, False], (30, 1))
    found = learnt(half, ~half, items=2)
    alike = by_hand(half, ~half).noise

    assert found.noise == pytest.approx(math.sqrt(2 * 0.25))
    assert found.noise > 1.5 * alike


@pytest.mark.parametrize("repeats", [3, 10])
@pytest.mark.parametrize(("families", "p"), [(15, 0.03), (15, 0.5), (60, 0.3)])
def test_the_spread_of_a_smaller_plan_is_above_the_truth_four_times_in_five(families, p, repeats):
    """And below what it is if all that varies is within cells, which families that differ do not."""
    rng = np.random.default_rng([families, repeats])
    many = [drawn(rng, 100_000, 1, share)[:, 0].astype(float) for share in (0.3, p)]
    true = (many[1] - many[0]).std()
    pilots = [by_hand(drawn(rng, families, repeats, 0.3), drawn(rng, families, repeats, p))
              for _ in range(300)]  # fmt: skip
    planned = np.array([at_rows(one, 1) for one in pilots])
    worst = np.array([one.sd.used * math.sqrt(repeats) for one in pilots])

    assert (planned >= true).mean() >= 0.75
    assert np.median(planned) < 0.9 * np.median(worst)
    assert planned.max() <= 1
