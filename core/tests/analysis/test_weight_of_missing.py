"""What is missing is weighed as the number weighs it: by families, not by attempts (STATS 0)."""

import json

import numpy as np
import pytest
from bulk import REFUSAL, Bulk
from test_refusals import RATE, compared, report

from dosimeter import main_estimate, may_publish, summary_of
from dosimeter.model.answering import HIDDEN, Abstention, Gate, GateState
from dosimeter.model.comparing import Said
from dosimeter.model.design import Factor, FactorRole
from dosimeter.model.measures import Contrast, Measure
from dosimeter.publish import MUCH_MISSING
from dosimeter.serialize import to_json

ACCEPT = {"accept_judge_measured": True}
MANY_AND_SINGLE = [f for f in range(40) for _ in range(20)] + list(range(40, 80))
"""Families of 20 attempts, and as many of one: these have 5 % of attempts and half of the weight."""
TRIGGER = Factor(name="trigger", role=FactorRole.TREATMENT, levels=("0", "1"))
WORD = Measure(id="word", title="word", scale="refusal", estimator="rate", threshold="full",
               contrast=Contrast(factor="trigger", first="0", second="1"))  # fmt: skip


def gates(*some):
    return {"gates": json.dumps([json.loads(to_json(g)) for g in some])}


def made(folder, name, values, families=MANY_AND_SINGLE, **more):
    path = folder / name / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run = Bulk(path, measures=(RATE,), run=ACCEPT, **more)
    run.marks(run.attempts(run.items(families)), list(values))
    run.close()
    return path


def test_families_without_a_mark_weigh_as_families(tmp_path):
    """5 % of the attempts are half of the number: no gate passes on the rest of it."""
    path = made(
        tmp_path, "r", [1.0] * 800 + [None] * 40, **gates(Gate(measure="rate", at_most=0.1))
    )
    found = report(path)
    (one,), (gate,) = found.findings, found.gates

    assert (one.missing.unmarked, one.missing.lower, one.missing.upper) == (0.5, 0.0, 0.5)
    assert gate.state is GateState.INCONCLUSIVE
    assert "with the 50 % missing or cut it could be 50" in gate.why
    assert any(c.code == "missing" and c.text.startswith("50 % missing") for c in one.caveats)


def test_a_comparison_weighs_them_likewise(tmp_path):
    """What lacks a mark on one side could turn the difference round, few prompts as it is of."""
    a = made(tmp_path, "a", [1.0] * 840)
    b = made(tmp_path, "b", [5.0 if i // 20 < 20 else 1.0 for i in range(800)] + [None] * 40)
    (one,) = compared(a, b).comparisons

    assert one.lost.weight == 0.5
    assert one.said is Said.CANNOT_TELL or one.lost.lowest > 0


def test_a_difference_within_families_is_bounded_by_those_that_lack_a_side(tmp_path):
    """No gate on it passes where half of the families are left out."""
    path = tmp_path / "r" / "journal.sqlite"
    path.parent.mkdir()
    run = Bulk(path, measures=(WORD,), scales=(REFUSAL,), factors=(TRIGGER,), run=ACCEPT,
               **gates(Gate(measure="word", at_most=0.2)))  # fmt: skip
    for level in "01":
        items = run.items(MANY_AND_SINGLE, factors=(("trigger", level),), start=1000 * int(level))
        some = ["full" if k % 5 == 0 else "none" for k in range(800)]
        run.marks(run.attempts(items), [*some, *[None if level == "1" else "none"] * 40])
    run.close()
    found = report(path)
    (one,), (gate,) = found.findings, found.gates

    assert one.missing.unmarked == 0.5
    assert gate.state is GateState.INCONCLUSIVE


@pytest.mark.parametrize(("put", "gate"), [(40, GateState.INCONCLUSIVE), (80, GateState.FAIL)])
def test_no_attack_is_safe_for_families_that_it_cannot_be_put_to(tmp_path, put, gate):
    """Half of the families succumb to the one, and the other is put to those alone that do not."""
    path = tmp_path / "r" / "journal.sqlite"
    path.parent.mkdir()
    where = (("attack", "any"),)
    run = Bulk(
        path, measures=(RATE,), run=ACCEPT, **gates(Gate(measure="rate", at_most=0.1, where=where))
    )
    items = run.items(range(80))
    run.marks(run.attempts(items), [5.0] * 40 + [1.0] * 40)
    run.marks(run.attempts(items[80 - put :], attack="x"), [1.0] * put)
    run.close()
    found = report(path)
    one = next(f for f in found.findings if dict(f.group)["attack"].startswith("any of"))

    assert found.gates[0].state is gate
    if put == 40:
        assert isinstance(one, Abstention)
        assert (one.code, one.missing.lower, one.missing.upper) == ("unlike-families", 0.5, 0.5)
        assert "an attack is not put to 40 of 80 families: 0 % of the others" in one.why
    else:
        assert one.value == 0.5


@pytest.mark.parametrize("lost", [4, 60])
def test_no_headline_is_quoted_that_what_is_missing_could_change(tmp_path, lost):
    """Over 5 % without a mark, and with it the number could lie outside its interval."""
    marks = np.where(np.random.default_rng(1).random(200) < 0.05, 5.0, 1.0).tolist()
    found = report(made(tmp_path, "r", marks[lost:] + [None] * lost, families=range(200)))
    (one,) = found.findings
    hidden = [c.text for c in one.caveats if c.code == HIDDEN]

    assert bool(hidden) is (lost == 60)
    assert (main_estimate(found) is None) is (lost == 60)
    if hidden:
        assert hidden[0].startswith("30 % has no mark, with which it could be ")
        assert may_publish(found) == MUCH_MISSING
        assert (
            "%"
            not in summary_of(found)
            .partition("No number can be quoted")[2]
            .partition("bad result")[0]
        )


def test_what_is_missing_and_stays_within_the_interval_changes_nothing(tmp_path):
    """Few families: their interval is wider than all that two marks could do."""
    marks = [5.0] * 10 + [1.0] * 10
    found = report(made(tmp_path, "r", [*marks, None, None], families=range(22)))

    assert found.findings[0].missing.gone > 0.05
    assert main_estimate(found) is found.findings[0]


def test_limits_that_round_alike_are_told_apart(tmp_path):
    """No event in a thousand leaves an upper limit, and that is not zero."""
    said = summary_of(report(made(tmp_path, "r", [1.0] * 1000, families=range(1000))))

    assert "0 % (likely 0.0 to 0.4 %)" in said
