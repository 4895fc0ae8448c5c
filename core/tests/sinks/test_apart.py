"""The console's tables of what is not of one cell: parts, differences, attacks together."""

from contextlib import closing

import numpy as np
import pytest
from attrs import evolve
from bulk import REFUSAL, Bulk
from rich.console import Console

from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.design import Factor, FactorRole, Intent
from dosimeter.model.measures import Contrast, Measure, Selection
from dosimeter.sinks.console import show

RATE = Measure(id="over", title="benign requests refused", scale="refusal", estimator="rate",
               threshold="full", select=Selection(intents=(Intent.BENIGN,)))  # fmt: skip
TRIGGER = Factor(name="trigger", role=FactorRole.TREATMENT, levels=("0", "1"))
KEYWORD = evolve(RATE, id="keyword", contrast=Contrast(factor="trigger", first="0", second="1"))


@pytest.fixture
def report(tmp_path):
    """A run of two attacks and 40 goals, with and without the word; five replies lack a mark."""
    one = Bulk(tmp_path / "journal.sqlite", scales=(REFUSAL,), factors=(TRIGGER,),
               measures=(RATE, KEYWORD, evolve(RATE, id="parts", by=("trigger",))))  # fmt: skip
    rng = np.random.default_rng(1)
    for i, level in enumerate("01"):
        items = one.items(
            range(40), intent=Intent.BENIGN, factors=(("trigger", level),), start=40 * i
        )
        for attack in ("direct", "scene"):
            marks = ["full" if v else "none" for v in rng.random(40) < 0.2 + 0.3 * i]
            one.marks(one.attempts(items, attack=attack), [None] * 5 * i + marks[5 * i :])
    one.close()
    with closing(Reader(tmp_path / "journal.sqlite")) as reader:
        return make_report(reader)


def shown(report, width):
    console = Console(width=width, record=True, file=None, force_terminal=False)
    with console.capture() as said:
        show(report, console)
    return said.get()


def test_each_kind_has_a_table_with_what_the_number_is_of(report):
    """Differences, parts, and attacks together; rows by measure, named as their findings are."""
    lines = shown(report, 160).splitlines()
    (differ,) = [i for i, line in enumerate(lines) if line == "c: refusal within families, %"]
    (parts,) = [i for i, line in enumerate(lines) if line == "c: refusal in parts, %"]
    (together,) = [i for i, line in enumerate(lines) if line == "c: refusal over attacks, %"]

    assert lines[differ + 3].split()[:6] == ["keyword", "benign,", "trigger", "1", "less", "0"]
    assert [line.split()[3] for line in lines[parts + 3 : parts + 7]] == ["0", "1", "0", "1"]
    assert "any of direct, scene" in lines[together + 3]
    assert "mean of direct, scene" in lines[together + 4]
    assert "least" in lines[differ + 1]


def test_no_table_of_cells_has_a_number_of_a_part(report):
    """A row of a cell has one number, which would be of the first part only."""
    said = shown(report, 160)

    assert "c, benign: benign requests refused, %" in said
    assert said.count("c, benign: ") == 1
    assert "In no table" not in said


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_no_width_breaks_them(report, width):
    """Every number of every finding stands whole, whatever the terminal."""
    said = shown(report, width)
    (keyword,) = [f for f in report.findings
                  if f.measure == "keyword" and dict(f.group)["attack"] == "direct"]  # fmt: skip

    assert f"[{round(100 * keyword.lower)},{round(100 * keyword.upper)}]" in said
    assert "number: with its interval: a difference may be below 0" in " ".join(said.split())


def test_what_stands_beside_them_is_explained(report):
    """Families left out of a difference, and errors that add up, each with a letter."""
    said = " ".join(shown(report, 160).split())

    assert "incomplete-families: families that lack a cell, or a mark in one, are left out" in said
    assert "false-positives: one false success among 4 marks makes a family one" in said


def test_categories_together_have_a_table_that_says_so(tmp_path):
    """Which categories, and how they are put together; by name no row is a category's."""
    one = Bulk(tmp_path / "journal.sqlite", scales=(REFUSAL,), measures=(RATE,))
    for category, n in (("c", 30), ("d", 60)):
        one.turn_to(category, measures=(RATE,))
        items = one.items(range(n), intent=Intent.BENIGN)
        one.marks(one.attempts(items), ["full"] * 6 + ["none"] * (n - 6))
    one.close()
    with closing(Reader(tmp_path / "journal.sqlite")) as reader:
        lines = shown(make_report(reader), 160).splitlines()
    (at,) = [i for i, line in enumerate(lines) if line == "refusal over categories, %"]

    assert [line.split()[:6] for line in lines[at + 3 : at + 6]] == [
        ["over", how, "of", "c,", "d", "direct"] for how in ("macro", "micro", "worst")
    ]
    assert "15 [8,26]" in lines[at + 3]
    assert any("worst-category: category c, the highest of 2" in line for line in lines)
