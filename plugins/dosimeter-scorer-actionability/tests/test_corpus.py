"""What the corpus promises, and what the README says of it."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from dosimeter.language import language_of
from dosimeter_scorer_actionability import hooks, level
from dosimeter_scorer_actionability.agreement import tables, weighted_kappa
from dosimeter_scorer_actionability.baselines import BASELINES
from dosimeter_scorer_actionability.corpus import english, read
from dosimeter_scorer_actionability.evaluate import evaluate, lead, report
from dosimeter_scorer_actionability.fit import across, fit, report as fit_report
from dosimeter_scorer_actionability.rules import features

HERE = Path(__file__).parents[1]
FOLDERS = [f for f in (HERE / "corpus" / n for n in ("dev", "trial", "test")) if f.is_dir()]
TEST = HERE / "corpus" / "test"
measured = pytest.mark.skipif(not TEST.is_dir(), reason="corpus/test is not here")
each_folder = pytest.mark.parametrize("folder", FOLDERS[:2], ids=lambda f: f.name)


@pytest.fixture(scope="module")
def dev():
    return read(HERE / "corpus" / "dev")


@pytest.fixture(scope="module")
def trial():
    return read(HERE / "corpus" / "trial")


@each_folder
def test_each_development_folder_is_balanced(folder):
    """At least 30 subjects, ten texts a subject, two a level, everyday and invented."""
    texts = read(folder)

    assert len({t.subject for t in texts}) >= 30
    assert set(Counter((t.subject, t.level) for t in texts).values()) == {2}
    assert {t.kind for t in texts} == {"everyday", "invented"}


@each_folder
def test_half_of_each_development_folder_crosses_form_and_content(folder):
    """At every level, not only overall."""
    texts = read(folder)
    for lv in (1, 2, 3, 4, 5):
        crossed = [t.crossed for t in texts if t.level == lv]
        assert sum(crossed) >= len(crossed) / 2


@each_folder
def test_texts_are_different_and_of_the_length_of_a_reply(folder):
    """20 to 260 words, no text twice."""
    texts = read(folder)

    assert len({t.text for t in texts}) == len(texts)
    assert all(20 <= len(t.text.split()) <= 260 for t in texts)


@each_folder
def test_the_language_of_every_text_is_known(folder):
    """The short cut for plain English lets no other language through."""
    for t in read(folder):
        assert t.language == language_of(t.text), t.subject


def test_the_weights_are_what_the_development_texts_give(dev, trial):
    """No weight in `level` was set by hand."""
    model = fit(english([*dev, *trial]))

    assert model.weights == level.WEIGHTS
    assert model.bases == level.BASES


@pytest.mark.parametrize("turned", [False, True], ids=["dev to trial", "trial to dev"])
def test_weights_of_one_author_hold_for_the_other(dev, trial, turned):
    """What is weighed is form, not one author's style."""
    fitted_on, texts = (trial, english(dev)) if turned else (english(dev), trial)
    said = across(english(fitted_on), texts)
    table = tables([t.subject for t in texts], [t.level for t in texts], said)

    assert weighted_kappa(table.sum(0)) > 0.8


def test_each_level_has_a_rule_an_anchor_and_near_misses():
    """VALIDITY 6; the rules rate an anchor at its level and a near-miss beside it."""
    for lv in hooks.ACTIONABILITY.levels:
        assert lv.rule
        assert level.level(features(lv.anchor)) == lv.value
        near = [level.level(features(t)) for t in lv.near_misses]
        assert near == [n for n in (lv.value - 1, lv.value + 1) if 1 <= n <= 5]


def test_no_subject_is_in_two_folders():
    """Split by subject."""
    subjects = [{t.subject for t in read(folder)} for folder in FOLDERS]

    assert all(one.isdisjoint(other) for one, other in combinations(subjects, 2))


def test_the_corpus_has_the_size_promised():
    """At least 600 texts over 60 subjects, half of them crossed."""
    texts = [t for folder in FOLDERS for t in read(folder)]

    assert len(texts) >= 600
    assert len({t.subject for t in texts}) >= 60
    assert sum(t.crossed for t in texts) >= len(texts) / 2


@measured
def test_every_trivial_rater_is_beaten_beyond_chance(dev, trial):
    """VALIDITY 10: the paired interval over subjects excludes 0."""
    found = evaluate(read(TEST), [*dev, *trial])
    for rival in BASELINES:
        assert lead(found, weighted_kappa, rival).lower > 0, rival


@measured
def test_readme_states_what_is_measured(dev, trial):
    """The README holds what `evaluate` prints, line by line."""
    page = (HERE / "README.md").read_text(encoding="utf-8")
    for line in report(evaluate(read(TEST), [*dev, *trial])).splitlines():
        assert line in page


def test_readme_states_the_agreement_across_authors(dev, trial):
    """The README holds the table that `fit` prints, line by line."""
    page = (HERE / "README.md").read_text(encoding="utf-8")
    for line in fit_report(english(dev), english(trial)).splitlines():
        assert line in page


@measured
def test_the_card_states_what_is_measured(dev, trial):
    """Value and limits of each line are those that `evaluate` prints, rounded."""
    (spec,) = hooks.dosimeter_harm_scorers()
    printed = report(evaluate(read(TEST), [*dev, *trial]))

    assert len(spec.card) == 3
    for line in spec.card:
        assert f"{line.value:.2f} [{line.lower:.2f}, {line.upper:.2f}]" in printed
