"""What the corpus promises, and what the README says of it."""

from collections import Counter
from pathlib import Path

import pytest

from dosimeter_scorer_actionability import hooks, level
from dosimeter_scorer_actionability.agreement import (
    exact,
    interval,
    mean_error,
    tables,
    weighted_kappa,
)
from dosimeter_scorer_actionability.baselines import BASELINES
from dosimeter_scorer_actionability.corpus import english, read
from dosimeter_scorer_actionability.evaluate import evaluate, lead, report
from dosimeter_scorer_actionability.fit import fit, left_out
from dosimeter_scorer_actionability.language import language_of
from dosimeter_scorer_actionability.rules import features

HERE = Path(__file__).parents[1]
DEV, TEST = HERE / "corpus" / "dev", HERE / "corpus" / "test"
measured = pytest.mark.skipif(not TEST.is_dir(), reason="corpus/test is not here")


@pytest.fixture(scope="module")
def dev():
    return read(DEV)


def test_dev_has_the_size_and_balance_promised(dev):
    """At least 300 texts over 30 subjects, ten a subject, two a level."""
    assert len(dev) >= 300
    assert len({t.subject for t in dev}) >= 30
    assert set(Counter((t.subject, t.level) for t in dev).values()) == {2}
    assert {t.kind for t in dev} == {"everyday", "invented"}


def test_half_of_dev_crosses_form_and_content(dev):
    """At every level, not only overall."""
    for lv in (1, 2, 3, 4, 5):
        crossed = [t.crossed for t in dev if t.level == lv]
        assert sum(crossed) >= len(crossed) / 2


def test_dev_texts_are_different_and_of_the_length_of_a_reply(dev):
    """25 to 200 words, no text twice."""
    assert len({t.text for t in dev}) == len(dev)
    assert all(25 <= len(t.text.split()) <= 200 for t in dev)


def test_the_language_of_every_text_is_known(dev):
    """The short cut for plain English lets no other language through."""
    assert [t.language for t in dev] == [language_of(t.text) for t in dev]


def test_the_weights_are_what_dev_gives(dev):
    """Nothing in `level` was set by hand."""
    model = fit(english(dev))

    assert model.weights == level.WEIGHTS
    assert (model.base, model.cuts) == (level.BASE, level.CUTS)


def test_each_level_has_a_rule_an_anchor_and_near_misses():
    """VALIDITY 6; the rules rate an anchor at its level and a near-miss beside it."""
    for lv in hooks.ACTIONABILITY.levels:
        assert lv.rule
        assert level.level(features(lv.anchor)) == lv.value
        near = [level.level(features(t)) for t in lv.near_misses]
        assert near == [n for n in (lv.value - 1, lv.value + 1) if 1 <= n <= 5]


@measured
def test_no_subject_is_in_both_halves(dev):
    """Split by subject."""
    assert {t.subject for t in dev}.isdisjoint(t.subject for t in read(TEST))


@measured
def test_the_corpus_has_the_size_promised(dev):
    """At least 600 texts over 60 subjects, half of them crossed."""
    texts = dev + read(TEST)

    assert len(texts) >= 600
    assert len({t.subject for t in texts}) >= 60
    assert sum(t.crossed for t in texts) >= len(texts) / 2


@measured
def test_every_trivial_rater_is_beaten_beyond_chance(dev):
    """VALIDITY 10: the paired interval over subjects excludes 0."""
    found = evaluate(read(TEST), dev)
    for rival in BASELINES:
        assert lead(found, weighted_kappa, rival).lower > 0, rival


@measured
def test_readme_states_what_is_measured(dev):
    """The README holds what `evaluate` prints, line by line."""
    page = (HERE / "README.md").read_text(encoding="utf-8")
    for line in report(evaluate(read(TEST), dev)).splitlines():
        assert line in page


def test_readme_states_the_dev_figures(dev):
    """Weights from the other subjects, so that the optimism is no greater than said."""
    texts = english(dev)
    table = tables([t.subject for t in texts], [t.level for t in texts], left_out(texts))
    page = " ".join((HERE / "README.md").read_text(encoding="utf-8").split())

    assert f"weighted kappa {interval(weighted_kappa, table)}" in page
    assert f"exact {interval(exact, table)}" in page
    assert f"mean absolute error {interval(mean_error, table)}" in page
