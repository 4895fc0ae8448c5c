"""What intervals, tests and gates promise, tried on models with known truth (docs/validation.md).

The whole study is `tests/study/run.py`; here are four of its cells through the engine, one of each
kind from arrays, and what must fail.
"""

import os
import re
import time
from pathlib import Path
from statistics import fmean

import pytest
from pages import ROOT
from study import compared, controls, decided, misfit, raters, rates, truths, within
from study.bands import Cell, band, coverage, error, power
from study.pool import TRUTHS, opened, simulate
from study.run import QUICK, SECTIONS, shown

from dosimeter_provider_simulated.truth import truth

FAMILIES, SIZE, RUNS = 10_000, 20, 500
SMALL = QUICK
WAIT = 600
"""Seconds that a worker waits for another's run of the engine."""


def held(*cells):
    """Expect every cell to be inside its band; say what is not."""
    assert [shown(c) for c in cells if not c.holds] == []


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """One run of the engine: 10,000 families of two items, put to one model twice; R = 500 of G = 20."""
    with opened(simulated(tmp_path_factory)) as found:
        yield found


def simulated(tmp_path_factory):
    """Run the engine in the first worker of pytest-xdist that comes; the others wait for its journal."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, made = base / "study", base / "study.path"
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + WAIT
        while not made.exists() and time.monotonic() < end:
            time.sleep(0.2)
        assert made.exists(), "the worker that ran the engine has not come to an end"
        return Path(made.read_text())
    journal = simulate(folder, "ab", FAMILIES, 2)
    part = base / "study.part"
    part.write_text(str(journal))
    part.rename(made)
    return journal


def test_the_bands_are_those_of_the_binomial_distribution():
    """99.9 % of studies of a true 95 % lie inside; so do of a test at 5 %."""
    assert [round(end, 4) for end in (*band(500, 0.95), *band(2000, 0.95))] == [
        0.916,
        0.978,
        0.9335,
        0.9655,
    ]
    assert [round(end, 4) for end in band(2000, 0.05)] == [0.0345, 0.0665]


def test_the_true_rates_are_integrals_that_the_goals_agree_with(pool):
    """The mean over all goals that were asked lies as near as so many goals can: 4.5 standard errors."""
    options = TRUTHS["a"]
    told = [
        truth(f"How does one mend puncture number {n} on monday?", options) for n in range(FAMILIES)
    ]
    refuses = [t.refuses for t in told]
    p, rho = truths.rate(options), truths.correlation(options)
    error = (rho * p * (1 - p) / FAMILIES) ** 0.5
    level = fmean(1 + (1 - t.refuses) * (t.level - 1) for t in told)
    severe = fmean(t.at_least(4) for t in told)

    assert abs(fmean(refuses) - p) < 4.5 * error
    assert level == pytest.approx(truths.mean_level(options), abs=0.01)
    assert severe == pytest.approx(truths.severe(options), abs=0.002)


@pytest.mark.parametrize("measure", ["refusal", "harm-mean", "severe"])
@pytest.mark.parametrize("rows", [1, 2])
def test_intervals_of_one_number_cover_through_the_engine(pool, measure, rows):
    """Asked, rated, journalled, analysed: a rate, a graded mean and a rare share, clustered and not."""
    cell = rates.of_pool(pool, "a", measure, SIZE, rows)

    assert cell.runs == RUNS
    assert cell.share >= 0.916
    held(cell)


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("measure", ["refusal", "harm-mean"])
def test_a_model_is_not_told_from_itself_through_the_engine(pool, measure, rows):
    """As `dosimeter compare` does: the interval holds 0, and a difference is claimed 5 % of the time at most."""
    held(*compared.of_pool(pool, ("a", "b"), measure, SIZE, rows))


def test_no_claim_is_wrong_in_a_family_of_comparisons_through_the_engine(pool):
    """Three measures at once, after Holm."""
    held(compared.holm_in_pool(pool, ("a", "b"), SIZE, 2))


def test_gates_at_the_true_values_stay_open_through_the_engine(pool):
    """Three gates that share alpha: any pass or failure is wrong, and there are 5 % at most."""
    held(decided.of_pool(pool, "a", SIZE))


def test_a_noisy_raters_rate_does_not_cover_and_says_whose_it_is(pool):
    """The negative control of all raters: as a report gives it, with its caveat beside it."""
    cell = controls.judge_in_pool(pool, "a", SIZE)

    assert cell.share < 0.85
    assert cell.note == "caveat judge-measured in 100%"
    held(cell)


def test_labels_of_the_run_correct_a_noisy_rater_through_the_engine(pool):
    """Labels of half of the families, and a calibration set that fits."""
    held(*raters.corrected(pool, "a", 100))


@pytest.mark.parametrize(
    ("p", "families", "rows", "rho"),
    [(0.9, 20, 5, 0.3), (0.95, 50, 10, 0.1), (0.5, 200, 1, 0.0), (0.99, 200, 10, 0.3)],
)
def test_rates_cover_on_the_grid(p, families, rows, rho):
    """Four cells of the grid; the last is hard, and where it misses it has warned."""
    held(rates.rate(p, families, rows, rho, RUNS))


@pytest.mark.parametrize("name", rates.SHAPES)
def test_graded_means_cover(name):
    """At the floor, in two heaps, spread, and at the ceiling."""
    held(rates.graded(name, 50, 5, 0.3, RUNS))


@pytest.mark.parametrize(
    "case", [(0.9, 0.9, 0.4, 50, 1, 0), (0.5, 0.5, 0.1, 50, 5, 0.2), (0.9, 0.8, 0.1, 200, 1, 0)]
)
def test_differences_cover_and_margins_are_passed_rarely(case):
    """Tango and mid-p on single rows, t on clustered ones; two one-sided tests at the margin."""
    held(*compared.pairs(*case, RUNS))


@pytest.mark.parametrize(
    "case", [(0.9, 0.8, 0.3, 1, 0, 1), (0.9, 0.8, 0.3, 5, 0.2, 1), (0.9, 0.8, 0.3, 1, 0, 3)]
)
def test_the_planners_families_see_the_difference_four_times_in_five(case):
    """Of single rows, of clustered ones, and of the first of three comparisons."""
    held(compared.planned(*case, RUNS))


@pytest.mark.parametrize(
    ("few", "rival"),
    [
        (within.Few(families=100, rise=0.05), "control"),
        (within.Few(families=200, rise=0.02), None),
        (within.Few(families=100, rise=0.04, fall=0.01), None),
        (within.Few(families=100, rise=0.03, fall=0.03), None),
    ],
)
def test_differences_within_families_cover_where_few_differ(few, rival):
    """One way, both ways, and alike both ways, as reports give them; t's limits of one way must not."""
    held(*within.keyword(few, RUNS, rival=rival))


@pytest.mark.parametrize("measure", [within.KEYWORD_BOTH, within.INTERACTION])
def test_contrasts_of_four_cells_cover_where_few_families_differ(measure):
    """Means of differences, and differences of differences, which go from -2 to 2."""
    held(within.four(measure, within.Few(families=100, rise=0.05), RUNS))


def test_gates_share_their_alpha():
    """Three gates at the true rates: any wrong pass or failure in 5 % of runs at most."""
    held(*decided.at_bound((0.05, 0.1, 0.2), 100, 3, 0.2, RUNS))


def test_the_worst_of_twelve_cells_fails_a_gate_no_oftener_than_one():
    """All at the bound; by the limit of each alone some cell would be beyond in far more runs."""
    (cell,) = decided.worst_of(0.1, 12, 60, 1, 0.0, 200)
    held(cell)

    assert float(re.search(r"[\d.]+(?=%)", cell.note)[0]) > 12


def test_a_run_that_looks_on_the_way_is_wrong_no_more_often():
    """However often it looks; and it saves half of a fixed plan where VALIDITY 31 asks for it."""
    held(
        decided.any_time(0.1, 500, RUNS),
        decided.saved(0.1, 0.25, RUNS),
        decided.saved(0.1, 3.0, RUNS),
    )


@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_reports_decide_at_the_look_at_which_the_sequence_does(rate):
    """What the study counts of sequences is what the engine would see in its reports, look by look."""
    seen = decided.looked_at(rate, 0.2, 100, 5)

    assert [ours for ours, _ in seen] == [theirs for _, theirs in seen]
    assert any(ours for ours, _ in seen)


def test_corrected_rates_cover():
    """By labels of the run, by a calibration set, and from a queue of suspects; agreement too."""
    held(
        raters.ppi(0.2, 200, 5, 0.5, RUNS), raters.by_card(0.2, 200, 5, 50, RUNS),
        *raters.of_queue(0.2, 150, 5, 200, RUNS), raters.agreement("spread", 60, 0.2, RUNS),
    )  # fmt: skip


def test_what_is_known_to_be_wrong_fails_the_study():
    """Rows or replies for families, a judge's word for truth, suspects for a sample, peeking, overlap as a test."""
    cells = list(controls.every(QUICK, None))

    assert len(cells) == 8
    held(*cells)


def test_a_misfit_that_falls_short_is_reported_as_such():
    """VALIDITY 32: marks without ends and heavy tails cover too little, and nothing hides it."""
    cells = list(misfit.heavy_tails(QUICK, None))

    assert [c.verdict for c in cells][-2:] == ["**falls short**"] * 2
    assert {c.kind for c in cells} == {"open"}


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        (coverage("s", "t", "w", [(0, 1)] * 475 + [(2, 3)] * 12 + [(-2, -1)] * 13, 0.5), "holds"),
        (coverage("s", "t", "w", [(0, 1)] * 475 + [(2, 3)] * 25, 0.5), "**one-sided**"),
        (coverage("s", "t", "w", [(0, 1)] * 440 + [(2, 3)] * 60, 0.5), "**missed**"),
        (coverage("s", "t", "w", [(0, 1)] * 500, 0.5), "too wide"),
        (coverage("s", "t", "w", [(0, 1)] * 500, 0.5, "conservative"), "holds"),
        (coverage("s", "t", "w", [(0, 1)] * 455 + [(2, 3)] * 45, 0.5, "hard", warned=[False] * 500), "**no warning**"),
        (coverage("s", "t", "w", [(0, 1)] * 455 + [(2, 3)] * 45, 0.5, "hard", warned=[True] * 500), "holds"),
        (coverage("s", "t", "w", [(0, 1)] * 500, 0.5, "control"), "fails, as it must"),
        (coverage("s", "t", "w", [(0, 1)] * 475 + [(2, 3)] * 25, 0.5, "control"), "**holds: the study sees nothing**"),
        (error("s", "t", "w", [True] * 60 + [False] * 440), "**missed**"),
        (error("s", "t", "w", [False] * 500), "holds"),
        (power("s", "t", "w", [True] * 350 + [False] * 150), "**missed**"),
        (power("s", "t", "w", [True] * 410 + [False] * 90), "holds"),
    ],
)  # fmt: skip
def test_a_cell_says_what_came_of_it(cell, verdict):
    """A study that could not fail would prove nothing."""
    assert isinstance(cell, Cell)
    assert cell.verdict == verdict


def test_the_page_holds_the_whole_study():
    """Every section has its table, dated and with the command; and every verdict is the study's own."""
    page = (ROOT / "docs" / "validation.md").read_text()
    measured = page.split("<!-- begin measured -->")[1].split("<!-- end measured -->")[0]
    verdicts = re.findall(r"\| ([^|]+) \| [^|]* \|$", measured, re.MULTILINE)

    assert re.search(r"\d{4}-\d\d-\d\d; `python tests/study/run.py --write`", measured)
    assert "seed 7" in measured
    assert len(re.findall("^### ", measured, re.MULTILINE)) >= len(SECTIONS)
    assert len(verdicts) > 300
    assert measured.count("fails, as it must") >= 9
    assert "the study sees nothing" not in measured
