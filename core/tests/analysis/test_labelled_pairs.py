"""Comparisons with the rater's errors taken out by people's labels of both sides (VALIDITY 15)."""

from contextlib import ExitStack

import numpy as np
import pytest
from bulk import Bulk

from dosimeter.analysis.compare import Asked, compare
from dosimeter.analysis.report import make_report
from dosimeter.analysis.sides import open_arms
from dosimeter.cli.compared import in_words
from dosimeter.methods import method_of
from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Said
from dosimeter.model.measures import Measure
from dosimeter.serialize import to_json

SEVERE = Measure(id="severe", title="marked 4 or more", scale="harm", estimator="rate", threshold=4)
MEAN = Measure(id="harm-mean", title="mean mark", scale="harm", estimator="mean")
RATES = 0.25, 0.25
KEEN = (0.05, 0.05), (0.35, 0.05)
"""Chances that a judge misses what is severe, and calls severe what is not: the worse on the second."""


class Pair:
    """Two targets of one run on the same prompts: what people would mark, and what a judge does."""

    def __init__(
        self, folder, seed, *, families=160, rows=2, rates=RATES, errs=KEEN, measures=(SEVERE,), stop="end"
    ):  # fmt: skip
        self.rng = np.random.default_rng(seed)
        folder.mkdir()
        self.path = folder / "journal.sqlite"
        self.bulk = Bulk(self.path, measures=measures)
        family = np.repeat(np.arange(families), rows)
        items = self.bulk.items(family)
        hard = self.rng.random(families)[family]
        self.truth, self.attempts = [], []
        for name, rate, (missed, strict) in zip("tu", rates, errs, strict=True):
            p = 0.5 * (rate + np.where(hard > 1 - rate, 1.0, 0.0))  # half by family, half by reply
            severe = self.rng.random(len(family)) < p
            truth = np.where(
                severe, self.rng.integers(4, 6, len(p)), self.rng.integers(1, 4, len(p))
            )
            wrong = self.rng.random(len(p)) < np.where(severe, missed, strict)
            attempts = self.bulk.attempts(items, target=name, stop=stop)
            self.bulk.marks(attempts, np.where(wrong, np.where(severe, 2, 4), truth).tolist())
            self.truth.append(truth.astype(float))
            self.attempts.append(np.array(attempts))

    def read(self, *, pi=0.5, sides=(0, 1), silent=0.0):
        """Let a person read replies of some sides, each side's by a batch of its own."""
        for i in sides:
            at = np.flatnonzero(self.rng.random(len(self.truth[i])) < pi)
            marks = self.truth[i][at]
            marks[self.rng.random(len(at)) < silent] = np.nan
            self.bulk.drawn(self.attempts[i][at].tolist(), marks.tolist(), rater="anna", pi=[pi] * len(at),
                            of=self.attempts[i].tolist(), seed=i + 1)  # fmt: skip
        return self

    def compared(self):
        self.bulk.close()
        with ExitStack() as held:
            return compare(open_arms([(self.path, "run", "")], held), Asked())


def caveat(one, code):
    (found,) = [c.text for c in one.caveats if c.code == code]
    return found


def test_a_judge_that_errs_more_on_one_side_no_longer_makes_a_difference(tmp_path):
    """Equal rates: the judge tells them apart in most runs, people's labels hardly ever."""
    found = [Pair(tmp_path / str(n), n).read().compared().comparisons[0] for n in range(30)]

    assert {c.method for c in found} == {"active-difference-t"}
    assert np.mean([c.lower <= 0 <= c.upper for c in found]) >= 0.8
    assert np.mean([c.said is Said.CANNOT_TELL for c in found]) >= 0.8
    alone = [Pair(tmp_path / f"j{n}", n).compared().comparisons[0] for n in range(10)]
    assert np.mean([c.said is Said.B_LOWER for c in alone]) > 0.4


def test_values_difference_and_words_are_those_of_people(tmp_path):
    """And the judge's own difference is told beside it."""
    pair = Pair(tmp_path / "a", 3, rates=(0.1, 0.4), families=300, measures=(SEVERE, MEAN)).read()
    truth = [t.reshape(300, 2).mean(axis=1).mean() for t in pair.truth]
    shown = pair.compared()
    mean, rate = shown.comparisons

    assert mean.measure == "harm-mean"
    assert mean.value_a == pytest.approx(truth[0], abs=0.15)
    assert mean.value_b == pytest.approx(truth[1], abs=0.15)
    assert mean.difference == pytest.approx(mean.value_b - mean.value_a)
    assert rate.said is Said.A_LOWER
    assert rate.tipping == ""
    assert "as anna mark replies" in rate.estimand
    told = caveat(rate, "corrected")
    assert told.startswith("judge's errors are taken out by labels of anna on ")
    assert "as it measures it +" in told
    assert "labels of anna" in in_words(shown, 100)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"sides": (0,)}, "no person was asked"),
        ({"pi": 0.05}, "families here"),
        ({"silent": 0.4}, "passed over"),
    ],
)
def test_labels_that_do_not_suffice_leave_the_judges_difference_and_say_why(tmp_path, how, why):
    """Of one side only, of few families, or passed over."""
    one = Pair(tmp_path / "a", 4).read(**how).compared().comparisons[0]

    assert one.method == "paired-score-t"
    assert why in caveat(one, "judge-measured")
    assert one.tipping


def test_what_the_rest_of_cut_replies_hides_is_hidden_from_people_too(tmp_path):
    """They read no more of a reply than there is: on a scale of hazard either side may be worse."""
    whole = Pair(tmp_path / "a", 5, rates=(0.1, 0.6)).read().compared().comparisons[0]
    cut = Pair(tmp_path / "b", 5, rates=(0.1, 0.6), stop="length").read().compared().comparisons[0]

    assert (whole.said, whole.lost.cut) == (Said.A_LOWER, 0)
    assert cut.difference == whole.difference
    assert (cut.said, cut.why) == (Said.CANNOT_TELL, "the 100 % missing or cut could turn it round")
    assert cut.lost.lowest < 0 < cut.difference < cut.lost.highest == 1


def test_few_events_on_one_side_are_refused(tmp_path):
    """Ten families with the rarer label on each side, or t is not taken for granted."""
    one = Pair(tmp_path / "a", 5, rates=(0.02, 0.3)).read().compared().comparisons[0]

    assert "with the rarer label on one side" in caveat(one, "judge-measured")


def test_few_errors_of_the_judge_leave_the_labels_alone(tmp_path):
    """Its marks are let be, and the difference still rests on what people said."""
    one = Pair(tmp_path / "a", 6, errs=((0, 0.01), (0, 0.01))).read().compared().comparisons[0]

    assert one.method == "active-difference-t"
    assert caveat(one, "corrected")


def test_who_passed_over_some_is_carried_in_limits_and_test(tmp_path):
    """Answers that did not come may be either: limits are wider, and p no smaller than they allow."""
    full = Pair(tmp_path / "a", 7).read(pi=0.9).compared().comparisons[0]
    some = Pair(tmp_path / "b", 7).read(pi=0.9, silent=0.04).compared().comparisons[0]

    assert some.upper - some.lower > full.upper - full.lower + 0.05
    assert (some.p >= 0.05) == (some.lower <= 0 <= some.upper)


def test_a_report_of_two_targets_compares_them_by_labels_too(tmp_path):
    """The comparison in a report is that of the command."""
    pair = Pair(tmp_path / "a", 8, rates=(0.1, 0.4), measures=(SEVERE, MEAN)).read()
    pair.bulk.close()
    with ExitStack() as held:
        arms = open_arms([(pair.path, "run", "")], held)
        report = make_report(arms[0].reader)
        one, _ = report.compared.comparisons
        assert one == compare(arms, Asked()).comparisons[0]
    assert "at alpha 0.05 / 2, as so many are compared" in report.demonstrates
    assert one.method == "active-difference-t"
    assert one.method in report.methods
    assert all(map(method_of, report.methods))


@pytest.mark.parametrize(("labelled", "state"), [(True, "pass"), (False, "inconclusive")])
def test_a_gate_against_a_baseline_passes_by_labels_of_both(tmp_path, labelled, state):
    """Without them it is judge-measured, and cannot pass unless the stack accepts that."""
    gate = Gate(measure="severe", baseline="v1", margin=0.2)
    for seed, name in enumerate(("v1", "v2")):
        rng = np.random.default_rng(seed)
        path = tmp_path / name / "journal.sqlite"
        path.parent.mkdir()
        bulk = Bulk(path, measures=(SEVERE,), gates=f"[{to_json(gate).decode()}]", raters="[]")
        truth = np.where(rng.random(400) < 0.2, 5.0, 1.0)
        attempts = np.array(bulk.attempts(bulk.items(range(400))))
        bulk.marks(attempts.tolist(), np.where(rng.random(400) < 0.1, 6 - truth, truth).tolist())
        at = np.flatnonzero(rng.random(400) < 0.6)
        if labelled:
            bulk.drawn(
                attempts[at].tolist(), truth[at].tolist(), rater="anna", of=attempts.tolist()
            )
        bulk.close()
    with ExitStack() as held:
        (arm,) = open_arms([(path, "v2", "")], held)
        (told,) = make_report(arm.reader).gates

    assert told.state == state, told.why
