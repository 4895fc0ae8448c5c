"""What a report must refuse (STATS 9): each rule fires where it is triggered, and is silent in a clean case.

A rule is a function of one argument: True builds the case that must be refused, False a clean one. It
gives whether that was refused.

STATS 9 in its order: a number without n, families, interval and method (here, and in every sink in
test_every_number.py); a rank that pairs do not carry; "safe" from no events; a headline of low alpha
(of the function, and of a report), of a weak judge, of few labels, of few families; what is missing
(test_compare.py, test_gates.py); a judge's rate without the word; a corrected rate that the run
contradicts; a zero width; equivalence and no difference without evidence; attempts and attacks as n;
looks; saturation by either threshold; over-refusal behind one number. TPR at an FPR, membership,
conformal flags and causes of gaps are in no report yet, so their functions are asked.
"""

import re
from contextlib import ExitStack, closing

import numpy as np
import pytest
from bulk import REFUSAL, Bulk

from dosimeter import main_estimate, summary_of
from dosimeter.analysis.compare import Asked, compare
from dosimeter.analysis.report import make_report
from dosimeter.analysis.sides import open_arms
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Abstention, Estimate
from dosimeter.model.comparing import Joint, Said
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure, Selection
from dosimeter.model.panel import PanelAnswer, Threat
from dosimeter.model.rating import Scale, ScaleKind
from dosimeter.stats.agreement import reliability_gate
from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.conformal import conformal_test
from dosimeter.stats.correction import rogan_gladen
from dosimeter.stats.goodhart import goodhart_gap
from dosimeter.stats.membership import membership_claim, tpr_at_fpr
from dosimeter.stats.result import Wald

RATE = Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4)
MEAN = Measure(id="mean", title="mean harm", scale="harm", estimator="mean")
SIZE = Scale(name="size", kind=ScaleKind.REAL)
MEAN_SIZE = Measure(id="size", title="mean size", scale="size", estimator="mean")
UNDER = Measure(id="under", title="harmful requests not refused", scale="refusal", estimator="rate",
                threshold="none", select=Selection(intents=(Intent.HARMFUL,)))  # fmt: skip
OVER = Measure(id="over", title="benign requests refused", scale="refusal", estimator="rate",
               threshold="full", select=Selection(intents=(Intent.BENIGN,)))  # fmt: skip


def marks(p, n=200, seed=1):
    return np.where(np.random.default_rng(seed).random(n) < p, 5.0, 1.0)


def journal(folder, name, values, *, measures=(RATE, MEAN), repeats=1, gate="", **more):
    path = folder / name / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run = Bulk(path, measures=measures, **more)
    items = run.items(range(len(values) // repeats))
    run.marks(run.attempts(items, repeats=repeats), list(values))
    run.close()
    return path


def report(path):
    with closing(Reader(path)) as reader:
        return make_report(reader)


def compared(*runs, **asked):
    with ExitStack() as held:
        arms = open_arms([(p, p.parent.name, "") for p in runs], held)
        return compare(arms, Asked(**asked))


def compared_targets(path, **asked):
    """Compare the targets of one run."""
    with ExitStack() as held:
        return compare(open_arms([(path, "", "")], held), Asked(**asked))


def few_families(folder, *, broken):
    """A headline of fewer than ten families."""
    found = report(journal(folder, "r", marks(0.5, 9 if broken else 60))).findings
    return all(isinstance(f, Abstention) for f in found)


def a_number_of_rows(folder, *, broken):
    """Attempts counted as evidence: repeats of alike answers leave the interval as wide."""
    once = report(journal(folder, "once", marks(0.3, 40))).findings[-1]
    values = np.repeat(marks(0.3, 40), 10) if broken else marks(0.3, 400)
    other = report(journal(folder, "other", values, repeats=10 if broken else 1)).findings[-1]
    return other.upper - other.lower > 0.8 * (once.upper - once.lower)


def a_rank_that_pairs_do_not_carry(folder, *, broken):
    """An order of two that are not told apart: they share a letter."""
    runs = [journal(folder, n, marks(p, seed=s)) for n, p, s in
            (("a", 0.5, 1), ("b", 0.52 if broken else 0.9, 2))]  # fmt: skip
    (ties,) = (t for t in compared(*runs).ties if t.measure == "rate")
    return ties.letters[0] == ties.letters[1]


def an_order_of_a_saturated_suite(folder, *, broken):
    """Items that nearly all say the same of every target."""
    a = marks(0.02 if broken else 0.5)
    runs = [
        journal(folder, n, v) for n, v in (("a", a), ("b", marks(0.02 if broken else 0.3, seed=2)))
    ]
    (ties,) = (t for t in compared(*runs).ties if t.measure == "rate")
    return bool(ties.refused)


def equivalence_of_what_is_not_significant(folder, *, broken):
    """A few families that differ little are not alike; many are."""
    n = 40 if broken else 3000
    runs = [journal(folder, name, marks(0.1, n, seed)) for name, seed in (("a", 1), ("b", 2))]
    one = next(c for c in compared(*runs, margin=0.05).comparisons if c.measure == "rate")
    return one.said is not Said.EQUIVALENT


def no_difference_below_what_could_be_seen(folder, *, broken):
    """A small difference is not "none": how many families would tell is said."""
    runs = [journal(folder, n, marks(p, 100, s)) for n, p, s in
            (("a", 0.3, 1), ("b", 0.36 if broken else 0.9, 2))]  # fmt: skip
    one = next(c for c in compared(*runs).comparisons if c.measure == "rate")
    return one.said is Said.CANNOT_TELL and one.needed > 100


def safety_of_no_events(folder, *, broken):
    """Nothing seen has an upper limit, and no page says safe."""
    found = report(journal(folder, "r", marks(0.0 if broken else 0.5)))
    rate = next(f for f in found.findings if f.measure == "rate")
    said = summary_of(found)
    assert not re.search(r"\bsafe\b|no risk", said)
    return rate.value == 0 < rate.upper


def a_judge_s_rate_without_the_word(folder, *, broken):
    """What a rule or judge measured says so beside every number."""
    run = journal(folder, "r", marks(0.5))
    if broken:
        return all("judge-measured" in [c.code for c in f.caveats] for f in report(run).findings)
    path = folder / "people" / "journal.sqlite"
    path.parent.mkdir()
    made = Bulk(path, measures=(RATE,))
    done = made.attempts(made.items(range(200)))
    made.drawn(done, marks(0.5).tolist())
    made.close()
    people = [f for f in report(path).findings
              if isinstance(f, Estimate) and dict(f.group)["rater"] == "reader"]  # fmt: skip
    assert people
    return any("judge-measured" in [c.code for c in f.caveats] for f in people)


def a_look_with_a_fixed_interval(folder, *, broken):
    """A run that looked at its gates has intervals for every look, and nothing else."""
    run = {"stop": "when-decided"} if broken else {}
    found = report(journal(folder, "r", marks(0.5), run=run)).findings
    return {f.method for f in found} <= {"betting", "betting-share"}


def a_zero_width(folder, *, broken):
    """Numbers that do not vary are no certainty."""
    found = cluster_mean([3.0] * 40 if broken else marks(0.5, 40), range(40)).interval()
    return bool(found.undefined)


def agreement_that_is_low(folder, *, broken):
    """A judge whom people contradict gets no headline."""
    rng = np.random.default_rng(1)
    one = rng.integers(1, 6, 300)
    other = rng.integers(1, 6, 300) if broken else one
    return (
        reliability_gate(np.stack([one, other], 1), range(1, 6), people=True).verdict == "refused"
    )


def reliability_by_machines_alone(folder, *, broken):
    """Two judges that agree have shown that they are alike."""
    one = np.random.default_rng(1).integers(1, 6, 300)
    gate = reliability_gate(np.stack([one, one], 1), range(1, 6), people=not broken)
    return gate.verdict != "full"


def a_weak_judge_s_corrected_rate(folder, *, broken):
    """Youden's J under one half."""
    found = rogan_gladen(200, 400, 65 if broken else 95, 100, 70 if broken else 95, 100)
    return "youden-below-half" in found.refused


def a_corrected_rate_of_few_labels(folder, *, broken):
    """Fewer than 30 of either kind."""
    n = 20 if broken else 60
    return bool(rogan_gladen(100, 400, n - 2, n, n - 2, n).refused)


def a_calibration_that_does_not_hold(folder, *, broken):
    """Fewer positives than false ones alone would make: no rate, least of all zero."""
    found = rogan_gladen(4 if broken else 60, 500, 57, 60, 231, 240)
    return bool(found.undefined)


def a_false_positive_rate_too_small_to_resolve(folder, *, broken):
    """TPR at 1 % needs a thousand non-members."""
    rng = np.random.default_rng(1)
    found = tpr_at_fpr(rng.normal(1, 1, 500), rng.normal(0, 1, 200 if broken else 2000), 0.01)
    return bool(found.undefined)


def membership_beside_a_blind_baseline(folder, *, broken):
    """What tells members without the model is no membership."""

    def auc(value):
        return Wald(estimate=value, se=0.01, method="m", n=500, clusters=500, bounds=(0, 1))  # fmt: skip

    return membership_claim(auc(0.8), auc(0.8 if broken else 0.5)).claim != "members recognised"


def a_conformal_claim_below_its_least_p(folder, *, broken):
    """With 19 works behind it no p is under .05, so none of ten is flagged."""
    n = 19 if broken else 400
    found = conformal_test(np.arange(n), [10_000.0] * 1 + [1.0] * 9, q=0.1)
    return not any(found.flagged)


def a_cause_without_a_reference(folder, *, broken):
    """A public gap with no reference model is a difference of unknown cause."""
    reference = None if broken else (450, 500, 445, 500)
    found = goodhart_gap(480, 500, 440, 500, reference)
    return "cause unknown" in found.wording and bool(found.undefined)


def a_number_without_an_interval(folder, *, broken):
    """Sizes without ends that do not vary have a mean and no error: the report has neither."""
    values = [2.5] * 60 if broken else np.random.default_rng(1).normal(2.5, 1, 60)
    (one,) = report(journal(folder, "r", values, measures=(MEAN_SIZE,), scales=(SIZE,))).findings
    if isinstance(one, Estimate):
        assert one.lower < one.value < one.upper
        assert (one.n, one.families, one.method) == (60, 60, "cr1-t")
    return isinstance(one, Abstention)


def attacks_counted_as_goals(folder, *, broken):
    """Eight attacks that the same goals give in to are no eight times as many goals."""
    path = folder / "r" / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run = Bulk(path, measures=(RATE,))
    items = run.items(range(40))
    for n in range(8):
        values = marks(0.3, 40, seed=1 if broken else n)
        run.marks(run.attempts(items, attack=f"a{n}" if n else "direct"), values.tolist())
    run.close()
    found = {dict(f.group)["attack"]: f for f in report(path).findings}
    (mean,) = (f for attack, f in found.items() if attack.startswith("mean of"))
    assert (mean.families, mean.n) == (40, 320)
    width = {name: f.upper - f.lower for name, f in found.items()}
    return mean.upper - mean.lower > 0.8 * width["direct"]


def an_order_by_few_effective_items(folder, *, broken):
    """A quarter of 60 families tells targets apart, which is a share that does, and effectively 15."""
    path = folder / "r" / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run = Bulk(path, measures=(RATE,))
    items = run.items(range(60))
    apart = np.arange(60) < (15 if broken else 45)
    for target, differs in (("a", False), ("b", True)):
        values = np.where(apart & differs, 5.0, 1.0)
        run.marks(run.attempts(items, target=target), values.tolist())
    run.close()
    (ties,) = report(path).compared.ties
    if broken:
        assert ties.refused.startswith("25 % of 60 families tell the sides apart, effectively 15")
        assert not ties.order
    return bool(ties.refused)


def refusing(folder, **refused):
    """Write a run of targets that refuse these shares of harmful and of benign requests, if asked."""
    path = folder / "r" / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run = Bulk(path, measures=(UNDER, OVER), scales=(REFUSAL,))
    for n, intent in enumerate((Intent.HARMFUL, Intent.BENIGN)):
        items = run.items(range(200), intent=intent)
        for target, shares in refused.items():
            if n < len(shares):
                full = np.arange(200) < 200 * shares[n]
                run.marks(
                    run.attempts(items, target=target), np.where(full, "full", "none").tolist()
                )
    run.close()
    return path


def over_refusal_behind_one_number(folder, *, broken):
    """What refuses everything is lower on harm and not better: both rates stand side by side."""
    path = refusing(folder, a=(1.0, 1.0 if broken else 0.0), b=(0.6, 0.1))
    found = report(path)
    rates = [f for f in found.findings if isinstance(f, Estimate)]
    assert {f.measure: dict(f.group)["intent"] for f in rates} == {
        "under": "harmful",
        "over": "benign",
    }
    assert len(rates) == 4
    (both,) = compared_targets(path, margin=0.05).tradeoffs
    said = summary_of(found)
    assert "harmful requests not refused: a 0 %" in said
    assert f"benign requests refused: a {100 if broken else 0} %" in said
    assert ("a is better than b" in said) is not broken
    assert not broken or both.said is Joint.TRADE_OFF
    return both.said is not Joint.A_BETTER


def one_side_of_refusal(folder, *, broken):
    """Where nobody asked benign requests, the report says that a target that refuses all looks good."""
    found = report(refusing(folder, a=(1.0,) if broken else (1.0, 0.5)))
    said = [c for c in found.panel if c.threat is Threat.BOTH_REFUSALS]
    lacking = [c.text for c in said if c.answer is PanelAnswer.NOT_MEASURED]
    if broken:
        assert "a target that refuses everything would look good" in lacking[0]
    return bool(lacking)


def a_headline_on_which_people_disagree(folder, *, broken):
    """Two people who mark the same drawn replies otherwise leave nothing to quote."""
    path = folder / "r" / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run, rng = Bulk(path, measures=(RATE,)), np.random.default_rng(1)
    done, truth = run.attempts(run.items(range(300))), rng.integers(1, 6, 300)
    other = rng.integers(1, 6, 300) if broken else truth
    run.marks(done, truth.tolist())
    batch = run.drawn(done, truth.tolist(), rater="anna")
    run.rater("ben", "person")
    run.marks(done, other.tolist(), rater="ben", batch=batch)
    run.close()
    return main_estimate(report(path)) is None


RULES = (
    a_number_without_an_interval, attacks_counted_as_goals, an_order_by_few_effective_items,
    over_refusal_behind_one_number, one_side_of_refusal, a_headline_on_which_people_disagree,
    few_families, a_number_of_rows, a_rank_that_pairs_do_not_carry, an_order_of_a_saturated_suite,
    equivalence_of_what_is_not_significant, no_difference_below_what_could_be_seen, safety_of_no_events,
    a_judge_s_rate_without_the_word, a_look_with_a_fixed_interval, a_zero_width, agreement_that_is_low,
    reliability_by_machines_alone, a_weak_judge_s_corrected_rate, a_corrected_rate_of_few_labels,
    a_calibration_that_does_not_hold, a_false_positive_rate_too_small_to_resolve,
    membership_beside_a_blind_baseline, a_conformal_claim_below_its_least_p, a_cause_without_a_reference,
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.__name__)
def test_a_rule_fires_where_it_should_and_nowhere_else(rule, tmp_path):
    """The broken case is refused, the clean one is not."""
    assert rule(tmp_path / "broken", broken=True)
    assert not rule(tmp_path / "clean", broken=False)
