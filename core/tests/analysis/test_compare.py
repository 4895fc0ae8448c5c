"""Targets compared on shared prompts: what is paired, what is said, and what is refused."""

from contextlib import ExitStack

import numpy as np
import pytest
from attrs import evolve
from bulk import REFUSAL, Bulk

from dosimeter.analysis.compare import Asked, compare
from dosimeter.analysis.sides import open_arms
from dosimeter.cli.compared import in_words
from dosimeter.errors import CompareRefused
from dosimeter.model.comparing import Declared, Joint, Said
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure, Selection
from dosimeter.stats.paired import paired_binary
from dosimeter.stats.paired_scores import paired_score

RATE = Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4)
MEAN = Measure(id="mean", title="mean harm", scale="harm", estimator="mean")
UNDER = Measure(id="under", title="harmful requests not refused", scale="refusal", estimator="rate",
                threshold="none", select=Selection(intents=(Intent.HARMFUL,)))  # fmt: skip
OVER = Measure(id="over", title="benign requests refused", scale="refusal", estimator="rate",
               threshold="full", select=Selection(intents=(Intent.BENIGN,)))  # fmt: skip


@pytest.fixture
def make(tmp_path):
    """Write a run whose families have these marks; give its journal and name."""

    def write(
        name, values, *, families=None, repeats=1, measures=(RATE,), words="", start=0, **bulk
    ):
        path = tmp_path / name / "journal.sqlite"
        path.parent.mkdir()
        run = Bulk(path, measures=measures, **bulk)
        items = run.items(families if families is not None else range(len(values) // repeats),
                          words=words, start=start)  # fmt: skip
        run.marks(run.attempts(items, repeats=repeats), list(values))
        run.close()
        return path, name, ""

    return write


def compared(*runs, allow_unlike=False, **asked):
    with ExitStack() as held:
        return compare(open_arms(runs, held), Asked(**asked), allow_unlike=allow_unlike)


def drawn(p, n=200, seed=1):
    return np.where(np.random.default_rng(seed).random(n) < p, 5.0, 1.0)


def test_independent_pairs_are_compared_by_tango_and_mid_p(make):
    """One prompt a family, put once: the interval and test of the 2x2 table, B less A."""
    a, b = drawn(0.1), drawn(0.3, seed=2)
    (one,) = compared(make("a", a), make("b", b)).comparisons
    x, y = a > 3, b > 3
    table = paired_binary((x & y).sum(), (x & ~y).sum(), (y & ~x).sum(), (~x & ~y).sum())

    assert one.method == "tango"
    assert one.difference == pytest.approx(-table.estimate)
    assert (-one.upper, -one.lower) == pytest.approx(tuple(table.interval()))
    assert one.p == one.p_adjusted == pytest.approx(table.mid_p)
    assert (one.value_a, one.value_b) == (x.mean(), y.mean())
    assert one.said is Said.A_LOWER
    assert (one.items, one.families) == (200, 200)


def test_families_are_the_unit_however_often_a_prompt_is_put(make):
    """Ten repeats of the same answers are no evidence more."""
    a, b = drawn(0.4, 40), drawn(0.6, 40, seed=2)
    once = compared(make("a", a), make("b", b)).comparisons[0]
    often = compared(
        make("ten-a", np.repeat(a, 10), repeats=10), make("ten-b", np.repeat(b, 10), repeats=10)
    ).comparisons[0]
    score = paired_score(a > 3, b > 3, range(40)).interval()

    assert often.families == once.families == 40
    assert often.items == 40
    assert (often.lower, often.upper) == pytest.approx(tuple(score))
    assert often.difference == pytest.approx(once.difference)


def test_votes_that_differ_are_no_yes_or_no(tmp_path):
    """A reply that one of two votes counts is half an event, not none."""
    runs = []
    for name, votes in (("a", (1.0, 1.0)), ("b", (1.0, 5.0))):
        path = tmp_path / name / "journal.sqlite"
        path.parent.mkdir()
        run = Bulk(path, measures=(RATE,))
        done = run.attempts(run.items(range(40)))
        for vote, value in enumerate(votes):
            run.marks(done, [value] * 40, vote=vote)
        run.close()
        runs.append((path, name, ""))
    (one,) = compared(*runs).comparisons

    assert one.difference == pytest.approx(0.5)
    assert one.method.startswith("paired-score")


def test_families_of_several_prompts_weigh_alike(make):
    """A family of nine prompts counts as one of one does."""
    families = [0] * 9 + list(range(1, 12))
    a = [1.0] * 20
    b = [5.0] * 9 + [1.0] * 11
    (one,) = compared(make("a", a, families=families), make("b", b, families=families)).comparisons

    assert one.families == 12
    assert one.difference == pytest.approx(1 / 12)


def test_only_shared_prompts_enter_and_the_others_are_counted(make):
    """Another wording under the same id is another prompt."""
    a = make("a", drawn(0.5, 60))
    b = make("b", drawn(0.5, 60, seed=2), start=20)
    found = compared(a, b)
    (over,) = found.overlaps

    assert (over.shared, over.only_a, over.only_b, over.changed) == (40, 20, 20, 0)
    assert found.comparisons[0].items == 40
    with pytest.raises(
        CompareRefused, match="no prompt was put to two of them: 60 items have one id"
    ):
        compared(a, make("c", drawn(0.5, 60), words="other"))


def test_equivalent_is_said_only_within_a_margin_that_was_fixed(make):
    """Not told apart is never alike."""
    a, b = drawn(0.05, 800), drawn(0.05, 800, seed=2)
    runs = make("a", a), make("b", b)
    without, within = compared(*runs).comparisons[0], compared(*runs, margin=0.05).comparisons[0]
    tight = compared(*runs, margin=0.001).comparisons[0]

    assert (without.said, without.margin) == (Said.CANNOT_TELL, None)
    assert without.needed > 800
    assert (within.said, within.within_margin) == (Said.EQUIVALENT, True)
    assert "late-margin" in [c.code for c in within.caveats]
    assert tight.said is Said.CANNOT_TELL


def test_a_margin_of_the_stack_is_the_one_that_counts(make):
    """It was fixed before the runs; that of the command is for the rest."""
    runs = make("a", drawn(0.05, 800)), make("b", drawn(0.05, 800, seed=2))
    declared = (Declared(measure="rate", margin=0.04),)
    (one,) = compared(*runs, declared=declared, margin=0.9).comparisons

    assert (one.margin, one.margin_by, one.said) == (0.04, "stack", Said.EQUIVALENT)


def test_holm_is_over_all_that_is_compared(make):
    """A difference that alone would be told is not, among many."""
    a, b = drawn(0.30, 150), drawn(0.42, 150, seed=2)
    alone = compared(make("a", a), make("b", b))
    others = [make(f"o{n}", drawn(0.35, 150, seed=10 + n)) for n in range(4)]
    among = compared(make("a2", a), make("b2", b), *others)
    one = next(c for c in among.comparisons if (c.a, c.b) == ("a2", "b2"))

    assert alone.comparisons[0].said is Said.A_LOWER
    assert among.family == 15
    assert one.p == pytest.approx(alone.comparisons[0].p)
    assert one.p_adjusted > 0.05
    assert (one.said, one.why) == (
        Said.CANNOT_TELL, "not told apart once all comparisons of the family count (Holm)",
    )  # fmt: skip


def test_declared_comparisons_are_the_whole_family(make):
    """What the stack does not name is not compared, so it takes nothing from what it names."""
    runs = [make(n, drawn(0.3, 60, seed=s), measures=(RATE, MEAN)) for n, s in (("a", 1), ("b", 2))]
    found = compared(*runs, declared=(Declared(measure="mean"),))

    assert {c.measure for c in found.comparisons} == {"mean"}
    assert (found.family, found.declared) == (1, True)
    assert len(compared(*runs).comparisons) == 2


def test_missing_marks_that_could_turn_a_verdict_round_take_it_back(make):
    """Over 5 % missing, and at their worst the difference is gone."""
    a, b = drawn(0.05, 100), drawn(0.6, 100, seed=2)
    a[:60] = np.nan
    (one,) = compared(make("a", a), make("b", b)).comparisons
    b = drawn(0.9, 100, seed=2)
    b[:10] = np.nan
    (sure,) = compared(make("a2", drawn(0.05, 100)), make("b2", b)).comparisons

    assert one.lost.pairs == 60
    assert (one.said, one.why) == (Said.CANNOT_TELL, "the 60 % missing could turn it round")
    assert one.lost.lowest <= 0 <= one.lost.highest
    assert (sure.said, sure.lost.pairs) == (Said.A_LOWER, 10)
    assert sure.lost.lowest > 0


def test_too_few_families_say_nothing(make):
    """Nine families that all differ are nine families."""
    (one,) = compared(make("a", [1.0] * 9), make("b", [5.0] * 9)).comparisons

    assert one.said is Said.CANNOT_TELL
    assert one.why == "9 families shared; at least 10 are needed"


def test_no_difference_at_all_has_an_interval(make):
    """Twenty families alike do not prove that all are."""
    (one,) = compared(make("a", [1.0] * 20), make("b", [1.0] * 20), margin=0.02).comparisons

    assert one.difference == 0
    assert one.lower < 0 < one.upper
    assert one.said is Said.CANNOT_TELL


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": "2"}, "category c: version 1, panel all in a; version 2, panel all in b"),
        ({"panel": "full"}, "category c: version 1, panel all in a; version 1, panel full in b"),
        ({"run": {"scope": "model"}}, "scope: model in b; system in a"),
    ],
)
def test_what_does_not_measure_the_same_is_refused_unless_asked_for(make, change, told):
    """And then what differs stands in the comparison."""
    runs = make("a", drawn(0.3)), make("b", drawn(0.3, seed=2), **change)

    with pytest.raises(CompareRefused, match="do not measure the same thing") as refused:
        compared(*runs)
    assert told in str(refused.value)
    assert compared(*runs, allow_unlike=True).unlike == (told,)


def test_another_rater_of_one_name_is_refused(tmp_path, make):
    """A rule of another revision marks otherwise."""
    path = tmp_path / "b" / "journal.sqlite"
    path.parent.mkdir()
    run = Bulk(path, measures=(RATE,))
    run.rater(revision=2)
    run.marks(run.attempts(run.items(range(200))), drawn(0.3).tolist())
    run.close()

    with pytest.raises(
        CompareRefused, match=r"rater judge \(its rule, rubric or judge\): revision 1"
    ):
        compared(make("a", drawn(0.3)), (path, "b", ""))


def test_one_target_is_no_comparison(make):
    """And a target that is not there, or stands there twice, is named."""
    run = make("a", drawn(0.3))

    with pytest.raises(CompareRefused, match="needs two targets"):
        compared(run)
    with pytest.raises(CompareRefused, match="named twice: a"):
        compared(run, run)
    with pytest.raises(CompareRefused, match="a has no target 'x'; it has t"):
        compared((run[0], "a", "x"), run)


def test_sides_are_ordered_in_groups_that_the_evidence_carries(make):
    """The middle one cannot be told from either end, so it shares a letter with both."""
    runs = [
        make(n, drawn(p, 150, seed=s))
        for n, p, s in (("x", 0.1, 1), ("y", 0.15, 3), ("z", 0.25, 4))
    ]
    (ties,) = compared(*runs).ties

    assert ties.order == ("x", "y", "z")
    assert ties.letters == ("a", "ab", "b")
    assert ties.places == ((1, 2), (1, 3), (2, 3))


def test_items_that_hardly_tell_sides_apart_carry_no_order(make):
    """Three sides that differ on few families: differences are told, an order is not."""
    low = np.ones(200)
    runs = [
        make(n, np.where(np.arange(200) < k, 5.0, low)) for n, k in (("x", 0), ("y", 12), ("z", 30))
    ]
    found = compared(*runs)
    (ties,) = found.ties

    assert ties.order == ()
    assert ties.refused.startswith("15 % of 200 families tell the sides apart")
    assert Said.A_LOWER in [c.said for c in found.comparisons]


def two_axes(make_path, name, under, over, seed):
    path = make_path / name / "journal.sqlite"
    path.parent.mkdir()
    run, rng = Bulk(path, measures=(UNDER, OVER), scales=(REFUSAL,)), np.random.default_rng(seed)
    for intent, refused in ((Intent.HARMFUL, 1 - under), (Intent.BENIGN, over)):
        done = run.attempts(run.items(range(400), intent=intent))
        run.marks(done, np.where(rng.random(400) < refused, "full", "none").tolist())
    run.close()
    return path, name, ""


@pytest.mark.parametrize(
    ("under", "over", "said"),
    [
        (0.05, 0.60, Joint.TRADE_OFF),  # refuses more of both
        (0.05, 0.10, Joint.B_BETTER),
        (0.60, 0.10, Joint.A_BETTER),
    ],
)
def test_a_target_that_refuses_everything_does_not_win(tmp_path, under, over, said):
    """Better is no worse on either axis beyond the margin and better on one (VALIDITY 13)."""
    a, b = two_axes(tmp_path, "a", 0.3, 0.1, 1), two_axes(tmp_path, "b", under, over, 2)
    (found,) = compared(a, b, margin=0.1).tradeoffs

    assert (found.over, found.under, found.said) == ("over", "under", said)


def test_without_a_margin_neither_is_better(tmp_path):
    """The reason says what is lacking."""
    a, b = two_axes(tmp_path, "a", 0.3, 0.1, 1), two_axes(tmp_path, "b", 0.05, 0.10, 2)
    (found,) = compared(a, b).tradeoffs

    assert found.said is Joint.CANNOT_TELL
    assert "a margin is needed" in found.why


def test_a_difference_says_what_errors_of_the_rater_would_erase_it(make):
    """Judge-measured, with its tipping point (VALIDITY 15)."""
    a, b = np.repeat([5.0, 1.0], [20, 180]), np.repeat([5.0, 1.0], [80, 120])
    up = compared(make("a", a), make("b", b)).comparisons[0]
    down = compared(make("c", b), make("d", a)).comparisons[0]

    # .40 for a true rate of .10 takes false positives on a third of the other nine tenths.
    assert up.tipping == (
        "there would be no difference if the specificity of judge were 33.3 points lower on b than on a"
    )
    assert down.tipping == (
        "there would be no difference if the sensitivity of judge were 75.0 points lower on d than on c"
    )
    assert "judge-measured" in [c.code for c in up.caveats]


def test_a_mean_is_compared_on_its_scale(make):
    """Marks, not shares."""
    a, b = drawn(0.2), drawn(0.6, seed=2)
    (one,) = compared(make("a", a, measures=(MEAN,)), make("b", b, measures=(MEAN,))).comparisons

    assert one.difference == pytest.approx(b.mean() - a.mean())
    assert not one.share
    assert "judge-measured" in [c.code for c in one.caveats]
    assert one.estimand.startswith(
        "mean harm: b less a, over goals like those of c whose prompts both"
    )


def test_what_two_targets_are_is_asked_once_however_much_is_compared(make):
    """It takes a look at every call: a report of many comparisons asked for it before each of them."""
    runs = [make(n, drawn(0.2, seed=i), measures=(RATE, MEAN)) for i, n in enumerate("ab")]
    with ExitStack() as held:
        arms, asked = open_arms(runs, held), []
        for arm in arms:
            arm.reader.db.set_trace_callback(asked.append)
        found = compare(arms, Asked())

    assert len(found.comparisons) == 2
    assert sum("FROM call WHERE endpoint" in one for one in asked) == 2 * len(arms)


@pytest.mark.parametrize(
    ("families", "differ", "said"),
    [(40, 4, ["4 of 40 families differ"]), (40, 12, []), (20, 4, ["20 families"])],
)
def test_a_difference_that_few_families_make_says_so(make, families, differ, said):
    """The limits of clustered differences are short there, and a margin of equivalence is passed too often."""
    a = np.ones(2 * families)
    b = np.where(np.arange(2 * families) // 2 < differ, 5.0, 1.0)
    (one,) = compared(make("a", a, repeats=2), make("b", b, repeats=2)).comparisons

    assert [c.text for c in one.caveats if c.code.startswith("few")] == said


def test_families_beyond_reach_are_not_counted_out(make):
    """Where two targets are as good as equal no number of families tells them apart."""
    a = drawn(0.4)
    found = compared(make("a", a), make("b", a[::-1]))
    near = evolve(found.comparisons[0], needed=10**24)

    assert "(would need over 1,000,000 families)" in in_words(
        evolve(found, comparisons=(near,)), 160
    )
