"""Does another wording change the mark: flips across rewrites less flips across repeats (VALIDITY 11)."""

from contextlib import closing
from itertools import combinations

import numpy as np
import pytest
from attrs import evolve
from bulk import REFUSAL, Bulk

from dosimeter.analysis.report import make_report
from dosimeter.analysis.rewrites import Wordings, across_repeats, across_wordings, extremes
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Estimate
from dosimeter.model.design import Factor, FactorRole
from dosimeter.model.facts import CardLine
from dosimeter.model.measures import Measure, Selection
from dosimeter.stats.paired_scores import signed_mean

WORDING = Factor(name="wording", role=FactorRole.TREATMENT, levels=("r1", "r2", "r3"))
TEMPLATE = Factor(name="template", role=FactorRole.NOTE)
NOISE = Factor(name="noise", role=FactorRole.TREATMENT, levels=("none", "typos"))
FLIPS = Measure(id="m", title="m", scale="refusal", estimator="flips", threshold="full",
                across="wording")  # fmt: skip


def laid(y, marked=None):
    """Give wordings of an array of families x wordings x repeats."""
    y = np.asarray(y, float)
    there = np.ones(y.shape) if marked is None else np.asarray(marked, float)
    hits, asked = (y * there).sum(axis=2), np.full(y.shape[:2], float(y.shape[2]))
    return Wordings(asked=asked, marked=there.sum(axis=2), hits=hits, squares=(y * y * there).sum(axis=2),
                    least=hits, most=hits + asked - there.sum(axis=2))  # fmt: skip


def by_hand(y):
    """Count pairs one by one."""
    wordings = range(len(y))
    across = np.mean(
        [np.mean([a != b for a in y[i] for b in y[j]]) for i, j in combinations(wordings, 2)]
    )
    within = np.mean([np.mean([a != b for a, b in combinations(row, 2)]) for row in y])
    return across, within


def test_flips_are_pairs_that_are_marked_apart():
    """Across two wordings, and within one, as counted by hand."""
    y = np.random.default_rng(1).integers(0, 2, (30, 4, 5))
    found = laid(y)
    hand = np.array([by_hand(one) for one in y])

    assert across_wordings(found) == pytest.approx(hand[:, 0])
    assert across_repeats(found) == pytest.approx(hand[:, 1])


def test_what_is_missing_bounds_the_flips():
    """No way to fill it in leaves the bounds; without anything missing they are the number."""
    rng = np.random.default_rng(2)
    y, there = rng.integers(0, 2, (12, 3, 3)), rng.random((12, 3, 3)) < 0.8
    low, high = extremes(laid(y, there))
    for _ in range(200):
        full = np.where(there, y, rng.integers(0, 2, y.shape))
        d = across_wordings(laid(full)) - across_repeats(laid(full))
        assert (low <= d + 1e-12).all()
        assert (d <= high + 1e-12).all()
    whole = laid(y)
    same = across_wordings(whole) - across_repeats(whole)
    assert extremes(whole)[0] == pytest.approx(same)
    assert extremes(whole)[1] == pytest.approx(same)


def run(path, y, *, measure=FLIPS, rater=None, original=True):
    """Make the report of a run of items in several wordings; *y* is families x wordings x repeats."""
    one = Bulk(path / "journal.sqlite", measures=(measure,), scales=(REFUSAL,), factors=(WORDING,),
               attack_factors=(TEMPLATE, NOISE))  # fmt: skip
    if rater:
        one.rater(**rater)
    for w in range(y.shape[1]):
        name = f"r{w}" if w or not original else ""
        items = one.items(
            range(len(y)), factors=(("wording", name),) if name else (), start=w * len(y)
        )
        attempts = one.attempts(items, repeats=y.shape[2])
        one.marks(attempts, ["full" if v else "none" for v in y[:, w].ravel()])
    one.close()
    with closing(Reader(path / "journal.sqlite")) as reader:
        return make_report(reader).findings


def chances(rng, families, wordings=4, spread=1.0):
    hard = rng.normal(0, 1, (families, 1))
    return 1 / (1 + np.exp(-(hard + spread * rng.normal(0, 1, (families, wordings)))))


def test_paraphrase_sensitivity_is_what_wordings_change_beyond_chance(tmp_path):
    """The original is a wording too; both parts stand beside it, of the same families and rater."""
    rng = np.random.default_rng(3)
    y = (rng.random((40, 4, 3)) < chances(rng, 40)[:, :, None]).astype(int)
    (one,) = run(tmp_path, y)
    hand = np.array([by_hand(f) for f in y])
    ours = signed_mean(hand[:, 0] - hand[:, 1])
    (told,) = [c.text for c in one.caveats if c.code == "flips"]

    assert one.value == pytest.approx(ours.estimate)
    assert (one.lower, one.upper) == pytest.approx(tuple(ours.interval()))
    assert (one.method, one.families, one.n) == ("paired-score-t-share", 40, 480)
    assert f"marked apart in {round(100 * hand[:, 0].mean())} % (" in told
    assert f"two repeats of one in {round(100 * hand[:, 1].mean())} % (" in told
    assert (
        "flips between two wordings (wording) less flips between two repeats of one" in one.estimand
    )


def test_a_model_that_only_chance_flips_is_not_sensitive_to_wording(tmp_path):
    """Temperature flips half of its marks, and no wording changes anything."""
    y = np.random.default_rng(4).integers(0, 2, (60, 4, 4))
    (one,) = run(tmp_path, y)

    assert one.lower < 0 < one.upper
    assert abs(one.value) < 0.05


@pytest.mark.parametrize("spread", [0.0, 1.5])
def test_intervals_of_flips_cover_the_truth(spread):
    """Truth is the mean squared difference of two wordings' chances; in samples of 40 goals."""
    rng, runs, hits = np.random.default_rng(5), 500, 0
    p = chances(rng, 200_000, spread=spread)
    true = float(np.mean([(p[:, i] - p[:, j]) ** 2 for i, j in combinations(range(4), 2)]))
    for _ in range(runs):
        y = rng.random((40, 4, 3)) < chances(rng, 40, spread=spread)[:, :, None]
        found = laid(y)
        d = across_wordings(found) - across_repeats(found)
        hits += true in signed_mean(d).interval()

    assert (true > 0.05) is bool(spread)
    assert 0.92 <= hits / runs <= 0.98


@pytest.mark.parametrize("repeats", [1, 2, 3])
def test_it_takes_three_repeats(tmp_path, repeats):
    """Without them nobody knows what chance flips."""
    y = np.random.default_rng(6).integers(0, 2, (20, 3, repeats))
    (one,) = run(tmp_path, y)

    assert isinstance(one, Estimate) is (repeats == 3)
    if repeats < 3:
        assert (one.code, one.would_need) == ("few-repeats", "repeats = 3 or more in [run]")


def test_one_level_of_several_wordings_is_refused(tmp_path):
    """Two requests of a goal without a level are not two wordings of one."""
    one = Bulk(
        tmp_path / "journal.sqlite", measures=(FLIPS,), scales=(REFUSAL,), factors=(WORDING,)
    )
    for start, factors in enumerate(((), (), (("wording", "r1"),))):
        items = one.items(range(20), factors=factors, start=20 * start)
        one.marks(one.attempts(items, repeats=3), ["full", "none", "none"] * 20)
    one.close()
    with closing(Reader(tmp_path / "journal.sqlite")) as reader:
        (got,) = make_report(reader).findings

    assert got.code == "several-wordings"
    assert got.why == "in 20 families one level of wording stands for several wordings"


def test_rewrites_of_an_attack_are_told_apart_by_its_factor_with_noise_left_out(tmp_path):
    """Templates of variants are the wordings; typing errors are a factor of their own."""
    measure = evolve(FLIPS, across="template",
                     select=Selection(attacks=("paraphrase",), factors=(("noise", "none"),)))  # fmt: skip
    rng = np.random.default_rng(7)
    one = Bulk(tmp_path / "journal.sqlite", measures=(measure,), scales=(REFUSAL,),
               attack_factors=(TEMPLATE, NOISE))  # fmt: skip
    items, rows = one.items(range(30)), []
    for template, noise in (("polite", "none"), ("terse", "none"), ("typos", "typos")):
        attempts = one.attempts(items, attack="paraphrase", variant=template, repeats=3,
                                factors=(("template", template), ("noise", noise)))  # fmt: skip
        y = rng.integers(0, 2, (30, 3)) if noise == "none" else np.tile([1, 1, 1], (30, 1))
        one.marks(attempts, ["full" if v else "none" for v in y.ravel()])
        rows.append(y)
    one.marks(
        one.attempts(items, attack="direct", factors=(("template", "direct"),), repeats=3),
        ["full"] * 90,
    )
    one.close()
    with closing(Reader(tmp_path / "journal.sqlite")) as reader:
        (got,) = make_report(reader).findings
    hand = np.array([by_hand(np.array(pair)) for pair in zip(*rows[:2], strict=True)])

    assert got.value == pytest.approx((hand[:, 0] - hand[:, 1]).mean())
    assert dict(got.group)["noise"] == "none"


def test_flips_that_the_rater_s_errors_make_are_printed(tmp_path):
    """By its card: 5 % errors either way make 9.5 % of pairs that are alike differ."""
    lines = tuple(
        CardLine(
            statistic="s",
            value=0.95,
            lower=0.9,
            upper=1.0,
            n=100,
            population="p",
            specificity_of=of,
        )
        for of in (("full",), ("partial", "none"))
    )
    y = np.random.default_rng(8).integers(0, 2, (20, 3, 3))
    (known,) = run(tmp_path, y, rater={"name": "judge", "card": lines})
    (told,) = [c.text for c in known.caveats if c.code == "flips"]

    assert told.endswith("errors of the rater alone would flip 10 % of pairs")


@pytest.mark.parametrize(("lost", "families"), [(0, 20), (1, 20), (5, 15)])
def test_families_without_pairs_are_left_out_and_counted(tmp_path, lost, families):
    """A wording with one mark has no pair of repeats; one mark less of three leaves pairs enough."""
    one = Bulk(
        tmp_path / "journal.sqlite", measures=(FLIPS,), scales=(REFUSAL,), factors=(WORDING,)
    )
    for w, factors in enumerate(((), (("wording", "r1"),))):
        items = one.items(range(20), factors=factors, start=20 * w)
        marks = np.array([["full", "none", "none"]] * 20, dtype=object)
        marks[:lost, : 1 if lost == 1 else 2] = None
        one.marks(one.attempts(items, repeats=3), marks.ravel().tolist())
    one.close()
    with closing(Reader(tmp_path / "journal.sqlite")) as reader:
        (got,) = make_report(reader).findings

    assert (got.families, got.missing.unscorable) == (families, {0: 0, 1: 2, 5: 20}[lost])
    assert ("incomplete-families" in [c.code for c in got.caveats]) is (families < 20)
    assert got.missing.lower <= got.value <= got.missing.upper
