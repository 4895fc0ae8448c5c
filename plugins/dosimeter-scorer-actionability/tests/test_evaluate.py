"""Agreement, intervals and trivial raters, on data whose answers are known."""

from pathlib import Path

import numpy as np
import pytest

from dosimeter_scorer_actionability import baselines, hooks
from dosimeter_scorer_actionability.agreement import (
    exact,
    interval,
    mean_error,
    sides,
    tables,
    weighted_kappa,
    within_one,
)  # fmt: skip
from dosimeter_scorer_actionability.corpus import read
from dosimeter_scorer_actionability.evaluate import RULES, evaluate, lead, main, report

TRUTH = (1, 1, 2, 3, 4, 5)
SAID = (1, 2, 2, 3, 5, 5)
SUBJECTS = ("a", "a", "a", "b", "b", "b")


def subject(folder: Path, name: str, *rows: tuple[int, bool, str, str]) -> None:
    body = f'subject = "{name}"\nkind = "invented"\n'
    for level, crossed, language, text in rows:
        body += (
            f'\n[[text]]\nlevel = {level}\nform = "prose"\ncrossed = {str(crossed).lower()}\n'
            f"language = \"{language}\"\ntext = '''\n{text}'''\n"
        )
    (folder / f"{name}.toml").write_text(body, encoding="utf-8")


@pytest.fixture
def corpus(tmp_path):
    """Two subjects of the rubric's own examples, and one German text."""
    for part in ("dev", "test"):
        folder = tmp_path / part
        folder.mkdir()
        for name in ("lamp", "reed"):
            levels = hooks.ACTIONABILITY.levels
            rows = [(lv.value, lv.value > 3, "en", lv.example) for lv in levels]
            german = (5, True, "de", "Mische zwei Tassen Mehl mit einer Tasse Milch und rühre gut.")
            subject(folder, name, *rows, *([german] if name == "reed" else []))
    return tmp_path


def test_statistics_of_a_known_table():
    """Worked by hand: 4 of 6 exact, 2 of 6 one level off."""
    table = tables(SUBJECTS, TRUTH, SAID).sum(0)

    assert exact(table) == pytest.approx(4 / 6)
    assert within_one(table) == pytest.approx(1.0)
    assert mean_error(table) == pytest.approx(2 / 6)
    assert sides(4)(table) == pytest.approx(1.0)
    # Observed squared distance 2; by chance (36 pairs) 190 / 6.
    squares = sum((a - b) ** 2 for a in TRUTH for b in SAID) / 6
    assert weighted_kappa(table) == pytest.approx(1 - 2 / squares)


def test_kappa_is_one_in_full_agreement_and_nan_without_variety():
    """Undefined is NaN, never a plausible number."""
    assert weighted_kappa(tables(SUBJECTS, TRUTH, TRUTH).sum(0)) == pytest.approx(1.0)
    assert np.isnan(weighted_kappa(tables("ab", (3, 3), (3, 3)).sum(0)))


def test_the_interval_is_over_subjects():
    """Copies of one subject's texts add nothing; there is a single draw of one subject."""
    one = interval(exact, tables(("a",) * 6, TRUTH, SAID), draws=200)
    two = interval(exact, tables(SUBJECTS, TRUTH, SAID), draws=200)

    assert one.lower == one.value == one.upper
    assert two.lower <= two.value <= two.upper


def test_a_rater_does_not_lead_itself():
    """A paired difference with oneself is 0, and so is its interval."""
    table = tables(SUBJECTS, TRUTH, SAID)
    found = interval(exact, table, table, draws=200)

    assert (found.value, found.lower, found.upper) == (0, 0, 0)


def test_trivial_raters_count_what_they_say():
    """Words, list markers with figures, share of imperative sentences."""
    text = "1. Fold 2 sheets.\n- Press them.\nPaper is old."

    assert baselines.length(text) == 10
    assert baselines.markers(text) == 4
    assert baselines.imperatives("Fold it. Then press it. Paper is old. So what?") == 0.5


def test_cuts_find_a_perfect_order_in_either_direction():
    """They are as good as they can be on what they are fitted on."""
    truth = [1, 2, 3, 4, 5] * 8
    for sign in (1, -1):
        values = [sign * t * 10.0 for t in truth]
        assert baselines.fit(values, truth).levels(values).tolist() == truth


def test_the_rubrics_examples_are_agreed_with(corpus):
    """End to end: known levels, another language declined, nothing unrated."""
    found = evaluate(read(corpus / "test"), read(corpus / "dev"))

    assert found.said[RULES] == (1, 2, 3, 4, 5) * 2
    assert (found.unrated, found.foreign, found.declined) == (0, 1, 1)
    assert lead(found, exact, "length", draws=100).value >= 0


def test_an_english_text_that_is_not_rated_counts_as_wrong(corpus):
    """A rater cannot gain by staying silent."""
    subject(
        corpus / "test", "mute", (5, True, "en", "Mische zwei Tassen Mehl mit Milch und rühre.")
    )
    found = evaluate(read(corpus / "test"), read(corpus / "dev"))

    assert found.unrated == 1
    assert 1 in [
        s for t, s in zip(found.texts, found.said[RULES], strict=True) if t.subject == "mute"
    ]


def test_main_prints_what_report_gives(corpus, capsys):
    """The cuts come from ``dev`` beside the folder."""
    assert main([str(corpus / "test")]) == 0
    found = evaluate(read(corpus / "test"), read(corpus / "dev"))

    assert capsys.readouterr().out == report(found)
