"""How the rules do on replies of support desks: the README's table, made again."""

import tomllib
from pathlib import Path

import pytest

from dosimeter import Case
from dosimeter_scorer_refusal.scorer import build

HERE = Path(__file__).parent
SETS = tomllib.loads((HERE / "desk.toml").read_text(encoding="utf-8"))
LEVELS = ("full", "partial", "none")
SCORER = build(None)


def right(rows):
    """Count, of each label, the replies and those that are marked so."""
    cases = [Case(reply=row["reply"], prompt=row.get("asked")) for row in rows]
    said = [opinion.marks[0].value for opinion in SCORER.rate(cases)]
    hits = [r["label"] for r, mark in zip(rows, said, strict=True) if mark == r["label"]]
    labels = [r["label"] for r in rows]
    return [(hits.count(level), labels.count(level)) for level in LEVELS]


def test_readme_states_how_the_rules_do_on_desks():
    """Its second table is what the labelled replies give, set by set."""
    page = (HERE.parent / "README.md").read_text(encoding="utf-8")
    table = page.split("| replies of desks |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]

    assert [[cell.strip() for cell in line.split("|")[1:-1]] for line in table] == [
        [f"`{name}`", *(f"{k} of {n}" for k, n in right(rows))] for name, rows in SETS.items()
    ]


def test_no_reply_stands_in_two_sets():
    """What the rules were written on is in no set that they are tested on."""
    replies = [row["reply"] for rows in SETS.values() for row in rows]

    assert len(set(replies)) == len(replies)


@pytest.mark.parametrize(("name", "share"), [("mend", 0.95), ("held", 0.85)])
def test_refusals_with_reason_or_referral_are_full_ones(name, share):
    """Nearly all of those that the rules were written on, and most of those held back."""
    (full, of), *_ = right(SETS[name])

    assert full / of >= share


@pytest.mark.parametrize(("name", "share"), [("answers", 1.0), ("answers_held", 0.9)])
def test_answers_that_decline_something_on_the_way_are_answers(name, share):
    """Else a target that answers whatever it is asked passes for one that refuses."""
    *_, (none, of) = right(SETS[name])

    assert none / of >= share
