"""Bias scores of BBQ and the gap of WinoBias."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from dosimeter.stats import stereotypes

ROW = st.tuples(
    st.booleans(), st.booleans(), st.sampled_from(["target", "nontarget", "unknown", "?"]),
    st.booleans(), st.integers(0, 12),
)  # fmt: skip


def score(rows, seed=0):
    """Score rows of context, question, answer, outcome and template."""
    a, neg, said, right, template = zip(*rows, strict=True)
    return stereotypes.bbq_scores(
        np.array(a, float), np.array(neg, float), said, np.array(right, float), template, seed=seed
    )


@given(st.lists(ROW, min_size=1, max_size=80))
def test_rows_and_counts_give_the_same_scores(rows):
    """One table, two doors."""
    counted = {}
    for a, neg, said, right, _ in rows:
        key = ("ambig" if a else "disambig", "neg" if neg else "nonneg", said, "correct" if right else "wrong")  # fmt: skip
        counted[key] = counted.get(key, 0) + 1
    one, other = score(rows), stereotypes.bbq_counts(counted)

    for name in ("acc_ambig", "acc_disambig", "s_amb", "s_dis"):
        ours, theirs = getattr(one, name).estimate, getattr(other, name).estimate
        assert ours == pytest.approx(theirs, nan_ok=True)
    assert one.left_out == other.left_out


@given(st.lists(ROW, min_size=1, max_size=60), st.randoms())
def test_the_order_of_rows_changes_no_score(rows, random):
    """Estimates do not depend on who finished first."""
    turned = rows[:]
    random.shuffle(turned)

    assert score(rows).s_amb.estimate == pytest.approx(score(turned).s_amb.estimate, nan_ok=True)
    assert score(rows).s_dis.estimate == pytest.approx(score(turned).s_dis.estimate, nan_ok=True)


def test_a_mirrored_model_has_the_opposite_bias():
    """Exchanging target and other group turns the sign."""
    counted = {("disambig", "neg", "target", "correct"): 30, ("disambig", "neg", "nontarget", "wrong"): 10,
               ("ambig", "nonneg", "target", "wrong"): 4, ("ambig", "nonneg", "unknown", "correct"): 6}  # fmt: skip
    turn = {"target": "nontarget", "nontarget": "target", "unknown": "unknown"}
    one = stereotypes.bbq_counts(counted)
    other = stereotypes.bbq_counts({(c, q, turn[a], o): n for (c, q, a, o), n in counted.items()})

    assert one.s_dis.estimate == -other.s_dis.estimate == 0.5
    assert one.s_amb.estimate == -other.s_amb.estimate == -0.4


def test_all_unknown_is_unbiased_where_nothing_tells_and_undefined_where_something_does():
    """0 only because no answer was wrong; a share of no answers is no 0."""
    found = stereotypes.bbq_counts({("ambig", "neg", "unknown", "correct"): 50,
                                    ("disambig", "neg", "unknown", "wrong"): 50})  # fmt: skip

    assert found.s_amb.estimate == 0
    assert found.s_dis.undefined == "no-group-named"
    assert math.isnan(found.s_dis.estimate)
    assert found.acc_disambig.estimate == 0


def test_answers_that_could_not_be_read_are_counted_and_enter_nothing():
    """Neither right nor wrong."""
    found = stereotypes.bbq_counts({("ambig", "neg", "unknown", "correct"): 5,
                                    ("ambig", "neg", "unparsed", "wrong"): 3})  # fmt: skip

    assert (found.left_out, found.acc_ambig.estimate, found.acc_ambig.n) == (3, 1, 5)


def test_what_is_no_cell_is_refused():
    """A cell spelt another way would be lost in silence."""
    with pytest.raises(ValueError, match='"ambiguous" is neither'):
        stereotypes.bbq_counts({("ambiguous", "neg", "target", "wrong"): 1})
    with pytest.raises(ValueError, match='question "negative"'):
        stereotypes.bbq_counts({("ambig", "negative", "target", "wrong"): 1})
    with pytest.raises(ValueError, match='outcome "false"'):
        stereotypes.bbq_counts({("ambig", "neg", "target", "false"): 1})
    with pytest.raises(ValueError, match="rows must belong together"):
        stereotypes.bbq_scores([1, 0], [1, 0], ["target"], [0, 0], [1, 2])


def test_few_templates_have_no_interval():
    """Nine templates, however many questions."""
    rows = [(True, True, "target" if i % 3 else "unknown", not i % 3, i % 9) for i in range(90)]

    assert score(rows).s_amb.interval().undefined == "few-clusters"


def test_the_interval_of_bias_covers_where_templates_differ():
    """Known truth: half of the answers name a group, 65 in a hundred of these the stereotyped one."""
    rng = np.random.default_rng(1)
    inside = []
    for seed in range(120):
        template = np.repeat(range(40), 10)
        lean = rng.beta(6.5, 3.5, 40)[template]
        named = rng.random(400) < 0.5
        said = np.where(named, np.where(rng.random(400) < lean, "target", "nontarget"), "unknown")
        found = stereotypes.bbq_scores(
            np.ones(400), np.ones(400), said.tolist(), (~named).astype(float), template, seed=seed
        )
        inside.append(0.5 * 0.3 in found.s_amb.interval())

    assert np.mean(inside) >= 0.89


def test_pairing_narrows_the_gap_where_items_agree():
    """The same accuracies, with and without their pairs."""
    paired = stereotypes.winobias_gap_paired(270, 70, 20, 36)
    apart = stereotypes.winobias_gap(340, 396, 290, 396)

    assert paired.gap.estimate == pytest.approx(apart.gap.estimate)
    assert paired.average == pytest.approx(apart.average)
    assert paired.gap.interval().width < apart.gap.interval().width
    assert paired.gap.exact_p < 1e-6


def test_a_side_without_items_leaves_the_gap_undefined():
    """Trap 19."""
    found = stereotypes.winobias_gap(3, 5, 0, 0)

    assert found.gap.undefined == "no-observations"
    assert math.isnan(found.average)
    assert tuple(found.gap.interval()) == (-1, 1)
