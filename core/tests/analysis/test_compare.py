"""Targets compared on shared prompts: what is paired, what is said, and what is refused."""

import math
import re
import sqlite3
from contextlib import ExitStack, closing

import numpy as np
import pytest
from attrs import evolve
from bulk import HARM, REFUSAL, Bulk

from dosimeter.analysis.compare import Asked, compare
from dosimeter.analysis.sides import open_arms
from dosimeter.cli.compared import in_words
from dosimeter.errors import CompareRefused
from dosimeter.model.comparing import Declared, Joint, Said
from dosimeter.model.design import Intent
from dosimeter.model.facts import CardCounts, CardLine
from dosimeter.model.measures import Measure, Selection
from dosimeter.model.specs import CategorySpec
from dosimeter.serialize import from_json, to_json
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


@pytest.mark.parametrize(
    ("margin", "why"),
    [
        (math.nan, "margin nan: of rate a margin is a finite number above 0"),
        (math.inf, "margin inf: of rate a margin is a finite number above 0"),
        (1.0, "margin 1: of rate no difference is larger than 1, so anything would be equivalent"),
    ],
)
def test_a_margin_that_no_difference_is_beyond_is_refused(make, margin, why):
    """It would call anything equivalent."""
    runs = [make(n, drawn(0.3, 40, seed=s), measures=(RATE, MEAN)) for n, s in (("a", 1), ("b", 2))]

    with pytest.raises(CompareRefused, match=why):
        compared(*runs, margin=margin, declared=(Declared(measure="rate"),))
    (mean,) = compared(*runs, margin=3.5, declared=(Declared(measure="mean"),)).comparisons
    assert mean.margin == 3.5
    with pytest.raises(CompareRefused, match="of mean no difference is larger than 4"):
        compared(*runs, margin=4.0, declared=(Declared(measure="mean"),))


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


def cut_run(tmp_path, name, values, scale, measure, cut):
    """Write a run whose first *cut* replies ended at the token limit; give its journal."""
    path = tmp_path / name / "journal.sqlite"
    path.parent.mkdir()
    run = Bulk(path, measures=(measure,), scales=(scale,))
    items = run.items(range(len(values)))
    done = [*run.attempts(items[:cut], stop="length"), *run.attempts(items[cut:])]
    run.marks(done, list(values))
    run.close()
    return path, name, ""


def test_cut_replies_that_could_turn_a_verdict_round_take_it_back(tmp_path):
    """The rest of a reply that has complied so far may refuse, and the other way round (VALIDITY 3)."""
    refused, complied = ["full"] * 90 + ["none"] * 10, ["none"] * 90 + ["full"] * 10
    a = cut_run(tmp_path, "a", refused, REFUSAL, UNDER, 0)
    (one,) = compared(a, cut_run(tmp_path, "b", complied, REFUSAL, UNDER, 100)).comparisons
    (some,) = compared(a, cut_run(tmp_path, "c", complied, REFUSAL, UNDER, 10)).comparisons
    (few,) = compared(
        a, cut_run(tmp_path, "d", refused, REFUSAL, UNDER, 5), margin=0.06
    ).comparisons
    (close,) = compared(
        a, cut_run(tmp_path, "e", refused, REFUSAL, UNDER, 100), margin=0.3
    ).comparisons

    assert (one.said, one.why) == (Said.CANNOT_TELL, "the 100 % missing or cut could turn it round")
    assert (one.lost.pairs, one.lost.cut, one.lost.shared) == (0, 100, 100)
    assert (one.lost.lowest, one.lost.highest) == pytest.approx((-0.1, 0.9))
    text = "100 of 100 shared prompts have a reply that was cut: its rest might be marked otherwise"
    assert text in [c.text for c in one.caveats if c.code == "truncated"]
    assert some.said is Said.A_LOWER
    assert (some.lost.lowest, some.lost.highest) == pytest.approx((0.7, 0.8))
    assert few.said is Said.EQUIVALENT
    assert (close.said, close.within_margin) == (Said.CANNOT_TELL, False)


def test_the_rest_of_a_cut_reply_can_only_be_worse_on_a_scale_of_hazard(tmp_path):
    """What was read of it was read; what is at the top already cannot become more."""
    low, high = [5.0] * 10 + [1.0] * 90, [5.0] * 90 + [1.0] * 10
    plain = cut_run(tmp_path, "a", low, HARM, RATE, 0)
    (one,) = compared(plain, cut_run(tmp_path, "b", high, HARM, RATE, 100)).comparisons
    (other,) = compared(cut_run(tmp_path, "c", low, HARM, RATE, 100),
                        cut_run(tmp_path, "d", high, HARM, RATE, 0)).comparisons  # fmt: skip

    assert (one.said, one.lost.lowest, one.lost.highest) == (Said.A_LOWER, *approx(0.8, 0.9))
    assert (other.said, other.lost.lowest, other.lost.highest) == (
        Said.CANNOT_TELL,
        *approx(-0.1, 0.8),
    )


def approx(*values):
    return map(pytest.approx, values)


def test_too_few_families_say_nothing(make):
    """Nine families that all differ are nine families."""
    (one,) = compared(make("a", [1.0] * 9), make("b", [5.0] * 9)).comparisons

    assert one.said is Said.CANNOT_TELL
    assert one.why == "9 families shared; at least 10 are needed"


NUMBERS = (
    "value_a",
    "value_b",
    "difference",
    "lower",
    "upper",
    "inner",
    "p",
    "p_adjusted",
    "needed",
)


def speechless(found):
    """Say whether no comparison has a number, and nothing that is made of them does."""
    return (
        all(getattr(c, n) is None for c in found.comparisons for n in NUMBERS)
        and all(c.silent and not c.tipping and not c.caveats for c in found.comparisons)
        and (found.family, found.ties) == (0, ())
    )


@pytest.mark.parametrize("families", [1, 4, 9])
def test_where_nothing_may_be_said_there_is_no_number(make, families):
    """Neither in the record nor on the page: -49 to 49 points of four families is no finding (STATS 9)."""
    runs = [make(n, [m] * families, measures=(RATE, MEAN)) for n, m in (("a", 1.0), ("b", 5.0))]
    found = compared(*runs, make("c", drawn(0.2, families), measures=(RATE, MEAN)), margin=0.5)
    told = in_words(found, 160)

    assert speechless(found)
    assert f"a and b: cannot tell: {found.comparisons[0].why}" in told
    assert not [word for word in ("p (Holm)", " pts", "Holm's", "would need") if word in told]


def test_a_run_that_looked_at_its_gates_has_no_difference(make):
    """Fixed limits after looking are refused, and what it never asked is not missing."""
    run = {"stop": "when-decided"}
    a = make("a", drawn(0.2, 60), run=run)
    found = compared(a, make("b", drawn(0.6, 60, seed=2), run=run))

    assert speechless(found)
    assert found.comparisons[0].why == (
        "a run looked at its gates on the way: no interval of a difference holds"
    )


def test_what_a_stopped_run_never_asked_is_not_missing(tmp_path, make):
    """It was put to nobody: neither shared nor without a mark."""
    path = tmp_path / "a" / "journal.sqlite"
    path.parent.mkdir()
    run = Bulk(path, measures=(RATE,))
    items = run.items(range(60))
    run.marks(run.attempts(items[:40]), drawn(0.2, 40).tolist())
    run.attempts(items[40:], state="not-needed")
    run.close()
    found = compared((path, "a", ""), make("b", drawn(0.6, 60, seed=2)))
    (over,) = found.overlaps

    assert (over.shared, over.only_a, over.only_b) == (40, 0, 20)
    assert found.comparisons[0].lost.pairs == 0


def test_what_nothing_may_be_said_of_takes_nothing_from_the_rest(make):
    """Holm's adjustment is over tests; no order is made of what has no number."""
    a, b = make("a", drawn(0.3, 150)), make("b", drawn(0.5, 150, seed=2))
    alone = compared(a, b).comparisons[0]
    few = make("few", [5.0] * 5)
    found = compared(a, b, few)
    one = next(c for c in found.comparisons if (c.a, c.b) == ("a", "b"))

    assert found.family == 1
    assert one == alone
    assert [t.order for t in found.ties] == [("a", "b")]


def broken(path, name="broken", n=60):
    """Write a run in which every attempt failed."""
    journal = path / name / "journal.sqlite"
    journal.parent.mkdir()
    run = Bulk(journal, measures=(RATE,))
    run.rater()
    run.attempts(run.items(range(n)), state="failed")
    run.close()
    return journal, name, ""


def test_a_side_without_any_mark_is_named(tmp_path, make):
    """Alone with another there is nothing to compare; among several the others are, and its place is told."""
    a, b, gone = make("a", drawn(0.3, 60)), make("b", drawn(0.6, 60, seed=2)), broken(tmp_path)
    found = compared(a, gone, b)
    whys = {(c.a, c.b): c.why for c in found.comparisons}

    with pytest.raises(CompareRefused, match=r"^broken has no mark on anything shared"):
        compared(a, gone)
    with pytest.raises(CompareRefused, match=r"^broken and void have no mark"):
        compared(gone, broken(tmp_path, "void"))
    assert whys == {
        ("a", "broken"): "broken has no mark on the 60 shared prompts",
        ("a", "b"): "",
        ("broken", "b"): "broken has no mark on the 60 shared prompts",
    }
    assert found.family == 1


def test_marks_that_no_prompt_has_of_both_are_no_comparison(make):
    """Each side lost what the other has."""
    a, b = drawn(0.3, 60), drawn(0.6, 60, seed=2)
    a[:30], b[30:] = np.nan, np.nan

    with pytest.raises(CompareRefused, match="no prompt has a mark of two of them"):
        compared(make("a", a), make("b", b))


def test_no_difference_and_no_margin_is_told_as_that(make):
    """More families would not settle what only a margin can."""
    a = make("a", drawn(0.3, 60))
    b = make("b", drawn(0.3, 60))
    (one,) = compared(a, b).comparisons
    (within,) = compared(a, b, margin=0.01).comparisons

    assert (one.said, one.needed, one.difference) == (Said.CANNOT_TELL, None, 0)
    assert one.why == (
        "no difference was seen; to call that equivalent takes a margin: --margin, or [[comparisons]]"
    )
    assert "would need" not in in_words(compared(a, b), 160)
    assert (within.why, within.needed > 60) == ("", True)


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


def test_other_words_of_a_rubric_are_refused_unless_asked_for(tmp_path, make):
    """A level whose rule was edited is another, though the category has its version still."""
    runs = [make("a", drawn(0.3)), make("b", drawn(0.3, seed=2))]
    for (path, *_), rule in zip(runs, ("gives all steps", "gives a step"), strict=True):
        scale = evolve(HARM, levels=(*HARM.levels[:-1], evolve(HARM.levels[-1], rule=rule)))
        with closing(sqlite3.connect(path)) as db, db:
            (body,) = db.execute("SELECT body FROM spec WHERE kind = 'category'").fetchone()
            spec = evolve(from_json(body, CategorySpec), scales=(scale,))
            db.execute(
                "UPDATE spec SET body = ? WHERE kind = 'category'", (to_json(spec).decode(),)
            )

    told = r"category c, rubric of harm: sha256 [0-9a-f]{12} in \w; sha256 [0-9a-f]{12} in \w"
    with pytest.raises(CompareRefused, match=told):
        compared(*runs)
    (marked,) = compared(*runs, allow_unlike=True).unlike
    assert re.fullmatch(told, marked)


def test_a_rater_of_another_version_is_refused_unless_asked_for(make):
    """Its code may mark otherwise, though its revision is the same."""
    runs = [make("a", drawn(0.3)), make("b", drawn(0.3, seed=2))]
    for (path, *_), version in zip(runs, ("1.0", "9.9"), strict=True):
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(
                "INSERT INTO component VALUES ('rater', 'judge', 'd', ?, ?)", (version, version * 5)
            )

    told = "rater judge, its code: d 1.0, files 1.01.01.01.0 in a; d 9.9, files 9.99.99.99.9 in b"
    with pytest.raises(CompareRefused, match=re.escape(told)):
        compared(*runs)
    assert compared(*runs, allow_unlike=True).unlike == (told,)


def test_prompts_of_other_families_are_refused_and_no_order_of_runs_matters(make):
    """What one run calls independent the other may not: both must group alike, by whatever names."""
    fine = make("a", drawn(0.1, 300))
    coarse = make("b", drawn(0.3, 300, seed=2), families=[i // 20 for i in range(300)])
    renamed = make("c", drawn(0.3, 300, seed=2), families=range(1000, 1300))

    for runs in ((fine, coarse), (coarse, fine)):
        with pytest.raises(
            CompareRefused, match=r"are of .* families in [ab] .* not grouped alike"
        ):
            compared(*runs)
    ((ab,), (ba,)) = (
        compared(*runs, allow_unlike=True).comparisons for runs in ((fine, coarse), (coarse, fine))
    )
    assert ab.families == ba.families == 15
    assert (ab.lower, ab.upper) == pytest.approx((-ba.upper, -ba.lower))
    assert compared(fine, renamed).comparisons[0].families == 300


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


def test_where_no_family_tells_sides_apart_none_is_counted(make):
    """What is effective of nothing is no number."""
    (ties,) = compared(make("x", [1.0] * 40), make("y", [1.0] * 40)).ties

    assert ties.refused == "0 % of 40 families tell the sides apart: too few for an order of them"


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


def axes(path, name, under, over, *, lost=0):
    """Write a run: which of 100 harmful requests were answered, and which of 100 benign ones refused."""
    journal = path / name / "journal.sqlite"
    journal.parent.mkdir()
    run = Bulk(journal, measures=(UNDER, OVER), scales=(REFUSAL,))
    for intent, value, some in ((Intent.HARMFUL, "none", under), (Intent.BENIGN, "full", over)):
        done = run.attempts(run.items(range(100), intent=intent))
        other = "full" if value == "none" else "none"
        run.marks(done[lost:], [value if n in some else other for n in range(lost, 100)])
    run.close()
    return journal, name, ""


def test_each_shown_lower_on_one_is_a_trade_off(tmp_path):
    """It claims both, so alpha is not split over them: no verdict stood beside two that were shown."""
    a = axes(tmp_path, "a", under=range(26), over=range(45))
    b = axes(tmp_path, "b", under=range(11, 29), over=range(80))  # under-refusal: 11 against 3
    found = compared(a, b, margin=0.1)
    by = {c.measure: c for c in found.comparisons}

    assert (by["over"].said, by["under"].said) == (Said.A_LOWER, Said.B_LOWER)
    assert 0.025 < by["under"].p < 0.05
    assert [(t.said, t.why) for t in found.tradeoffs] == [(Joint.TRADE_OFF, "")]


def test_what_is_not_said_of_one_alone_is_not_said_of_both(tmp_path):
    """For the sake of other comparisons; and the reason stands there."""
    a = axes(tmp_path, "a", under=range(26), over=range(45))
    b = axes(tmp_path, "b", under=range(11, 29), over=range(80))
    others = [axes(tmp_path, f"o{n}", under=range(26), over=range(45, 90)) for n in range(2)]
    found = compared(a, b, *others, margin=0.1)
    (one,) = (t for t in found.tradeoffs if (t.a, t.b) == ("a", "b"))

    assert one.said is Joint.CANNOT_TELL
    assert one.why.startswith("under: not told apart once all comparisons")


@pytest.mark.parametrize(
    ("lost", "said", "why"),
    [(15, Joint.B_BETTER, ""),
     (25, Joint.CANNOT_TELL, "over: the 25 % missing could turn it round")],
)  # fmt: skip
def test_no_worse_is_not_said_of_what_is_missing(tmp_path, lost, said, why):
    """All that is lost may have been refused: then over-refusal is higher by more than the margin."""
    a = axes(tmp_path, "a", under=range(60), over=range(10))
    b = axes(tmp_path, "b", under=range(20), over=range(10), lost=lost)
    (found,) = compared(a, b, margin=0.1).tradeoffs

    assert (found.said, found.why) == (said, why)


def test_better_on_one_and_open_on_the_other_says_so(tmp_path):
    """No verdict has a reason."""
    a = axes(tmp_path, "a", under=range(60), over=range(40))
    b = axes(tmp_path, "b", under=range(10), over=range(6, 48))
    (found,) = compared(a, b, margin=0.05).tradeoffs

    assert (found.said, found.why) == (
        Joint.CANNOT_TELL, "B lower on under, and not shown to be no worse on over than its margin",
    )  # fmt: skip


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
        "there would be no difference if judge took 33.3 points more of b's other replies than of a's"
        " for harm 4 or more (taking it to make no error on a)"
    )
    assert down.tipping == (
        "there would be no difference if judge missed 75.0 points more of d's replies that are"
        " harm 4 or more than of c's (taking it to make no error on c)"
    )
    assert "judge-measured" in [c.code for c in up.caveats]


def test_a_tipping_point_names_what_counts_in_the_words_of_the_scale(tmp_path):
    """Not "sensitivity of refusal", which its card has of refusals, where what counts is that none was."""
    a, b = two_axes(tmp_path, "a", 0.3, 0.5, 1), two_axes(tmp_path, "b", 0.05, 0.5, 2)
    (one,) = (c for c in compared(a, b).comparisons if c.measure == "under")

    assert "points more of b's replies that are \"none\" than of a's" in one.tipping


@pytest.mark.parametrize(("a", "b"), [(0, 40), (40, 0)])
def test_of_a_side_on_which_nothing_counts_no_sensitivity_is_said(make, a, b):
    """100 points of sensitivity are no finding: what would erase it is what was wrongly counted."""
    first, second = (np.repeat([5.0, 1.0], [k, 200 - k]) for k in (a, b))
    (one,) = compared(make("a", first), make("b", second)).comparisons
    more, less = ("a", "b") if a else ("b", "a")

    assert one.tipping == (
        f"there would be no difference if judge took 20.0 points more of {more}'s other replies than of"
        f" {less}'s for harm 4 or more (taking it to make no error on {less})"
    )
    assert not compared(make("c", [1.0] * 40), make("d", [1.0] * 40)).comparisons[0].tipping


def counted(path, name, values, intents):
    """Write a run whose rater ships a card with counts of harm at 4 or above."""
    counts = CardCounts(positive=(4, 5), tp=80, positives=100, tn=95, negatives=100, category="c",
                        intents=intents, attacks=("direct",), languages=("en",), models=("m",))  # fmt: skip
    line = CardLine(scale="harm", statistic="s", value=0.8, lower=0.7, upper=0.9, n=100,
                    population="p", counts=counts)  # fmt: skip
    journal = path / name / "journal.sqlite"
    journal.parent.mkdir()
    run = Bulk(journal, measures=(RATE,))
    run.rater(card=(line,))
    run.marks(run.attempts(run.items(range(len(values)))), list(values))
    run.close()
    return journal, name, ""


@pytest.mark.parametrize(
    ("intents", "told"),
    [
        # True of a: (.40 - .05) / .75 = .467, so .20 less takes .20 / .467 of sensitivity.
        (("harmful",), "42.9 points more of b's replies that are harm 4 or more than of a's (on a as on"
         " its card: it misses 20.0 %, and takes 5.0 % of the others)"),
        (("benign",), "50.0 points more of b's replies that are harm 4 or more than of a's (taking it to"
         " make no error on a)"),
    ],
)  # fmt: skip
def test_a_tipping_point_starts_from_the_card_where_it_is_of_such_replies(tmp_path, intents, told):
    """A rater that makes errors is not taken for one that makes none; another cell's card says nothing."""
    a, b = (np.repeat([5.0, 1.0], [k, 200 - k]) for k in (80, 40))
    (one,) = compared(
        *(counted(tmp_path, n, v, intents) for n, v in (("a", a), ("b", b)))
    ).comparisons

    assert one.tipping == f"there would be no difference if judge missed {told}"


def test_a_rater_that_people_do_not_agree_with_stands_beside_the_difference(tmp_path):
    """Whoever's replies people read, under the name of the side."""
    runs = []
    for name, seed in (("a", 1), ("b", 2)):
        path = tmp_path / name / "journal.sqlite"
        path.parent.mkdir()
        run = Bulk(path, measures=(RATE,))
        done, people = run.attempts(run.items(range(300))), drawn(0.4, 300, seed)
        run.marks(done, np.where(drawn(0.4, 300, 9 + seed) > 3, 6 - people, people).tolist())
        if name == "b":
            run.drawn(done, people.tolist(), pi=1.0)
        run.close()
        runs.append((path, name, ""))
    (one,) = compared(*runs).comparisons

    (told,) = [c.text for c in one.caveats if c.code == "unreliable"]
    assert told.startswith("b: judge against reader on harm of harmful requests in c: alpha ")


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
