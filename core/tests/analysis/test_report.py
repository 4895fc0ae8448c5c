"""The report of journals made by hand: what it says of itself."""

import hashlib
import json
from contextlib import closing

import attrs
import pytest
from journals import HARM, JUDGE, RATER, TARGET, Made

from dosimeter import (
    CallDone,
    Mark,
    Opinion,
    Outcome,
    Reply,
    Role,
    Stop,
    Usage,
    assistant,
    digest,
    main_estimate,
    may_publish,
    user,
)
from dosimeter.analysis.load import groups
from dosimeter.analysis.report import make_evidence, make_report
from dosimeter.cli.reporting import exit_code
from dosimeter.journal.design import design
from dosimeter.journal.events import Event
from dosimeter.journal.purge import purge_replies
from dosimeter.journal.raters import expect
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Estimate
from dosimeter.model.conversation import Sampling
from dosimeter.model.design import Intent
from dosimeter.model.doing import Candidate
from dosimeter.model.measures import Measure
from dosimeter.model.specs import CategorySpec, PanelInfo
from dosimeter.model.stackfile import RunConfig
from dosimeter.model.work import Cost, State, Try, WorkDone
from dosimeter.serialize import to_json
from dosimeter.withholding import Unseen

OTHER = digest("rater", ("other",))


def rated(value):
    return Opinion(marks=(Mark(scale="harm", value=value),))


def report(path):
    with closing(Reader(path)) as reader:
        return make_report(reader)


def tried(made, started, target=TARGET):
    one = Try(call_id=digest("call", (made.n,)), scope_id=digest("x", ()), endpoint=target.id,
              epoch=1, n=1, started=started, seconds=0.1, status="ok")  # fmt: skip
    made.store.tried(one, Cost())


def sentence(path):
    """Give the one sentence that all estimates of the mean share."""
    (text,) = {f.estimand for f in report(path).findings
               if isinstance(f, Estimate) and f.measure.endswith("mean")}  # fmt: skip
    return text


@pytest.fixture
def twelve(made):
    """Twelve families with a mark each."""
    for n in range(12):
        made.attempt("Herons wade.", rated(1 + n % 5))
    return made


def test_an_estimand_says_what_is_fixed_and_what_is_random(twelve):
    """Population, weights, attack, model as returned, system prompt, sampling, dates, randomness."""
    for day in (0, 1, 3):
        tried(twelve, day * 86400.0)
    text = sentence(twelve.path)

    for part in (
        "c 1, panel all (public), harmful requests", "families weighted alike", "scope system",
        "attack direct as configured", "target t, which is p/m, returned as m-1",
        f"system prompt sha256 {hashlib.sha256(b'Be kind.').hexdigest()[:12]}",
        "max tokens unknown, temperature 0.5, top p unknown",
        "asked from 1970-01-01 to 1970-01-04",
        "Random: goals, and replies (one sample of each).",
    ):  # fmt: skip
        assert part in text
    assert "Be kind." not in text
    assert text.count(". ") == 2


def test_an_estimand_says_what_is_unknown(twelve):
    """No prompt, no returned model, no dates and several samples are told as they are."""
    db = twelve.store.db
    db.execute("UPDATE call SET model = NULL")
    bare = attrs.evolve(TARGET, system_prompt="", sampling=Sampling(max_tokens=9))
    db.execute("UPDATE endpoint SET body = ?", (to_json(bare).decode(),))
    db.execute("UPDATE run SET value = ? WHERE key = 'run'",
               (to_json(RunConfig(repeats=3)).decode(),))  # fmt: skip
    text = sentence(twelve.path)

    assert "returned as unknown, no system prompt, max tokens 9, temperature unknown" in text
    assert "top p unknown, asked on unknown days" in text
    assert "(3 samples of each)" in text


def test_an_estimand_of_one_day_names_that_day(twelve):
    """Two of one day are one; another endpoint's calls do not count."""
    tried(twelve, 10.0)
    tried(twelve, 20.0)
    tried(twelve, 9e8, attrs.evolve(TARGET, id=digest("endpoint", ("judge",))))

    assert "asked on 1970-01-01." in sentence(twelve.path)


def test_a_report_has_the_cards_of_its_raters(twelve):
    """With what was measured, on what, and the interval."""
    (rater,) = report(twelve.path).raters

    assert (rater.name, rater.card) == ("judge", JUDGE.card)
    assert rater.scales == (HARM.name,)


def codes(made):
    return {n.code for n in made.notices}


def test_without_its_plan_a_run_is_incomplete(tmp_path):
    """Killed before the plan was written, it has no open attempt, and none done."""
    for name, facts in (("bare", {"name": None, "run": None}), ("begun", {"stack": "{}"})):
        one = Made(tmp_path / name / "journal.sqlite", **facts | {"planned": None})
        one.store.close()
        found = report(one.path)

        assert not found.complete
        assert not found.reportable
        assert any("before its plan was written" in n.text for n in found.notices)
        assert exit_code(found) == 3


def test_a_whole_run_is_complete(twelve):
    """Planned, answered and rated."""
    found = report(twelve.path)

    assert found.complete
    assert found.reportable
    assert exit_code(found) == 0


def test_a_target_that_is_no_language_model_gives_no_number_to_publish(twelve):
    """The run is complete, and a simulated answer is not the benchmark's."""
    twelve.store.db.execute("UPDATE endpoint SET language_model = 0")
    found = report(twelve.path)

    assert (found.complete, found.reportable) == (True, False)
    assert "simulated" in codes(found)


def test_a_run_that_changed_under_way_gives_no_number_to_publish(twelve):
    """It is complete, and of two versions."""
    twelve.store.event(1.0, Event.FORK, None, "s")
    found = report(twelve.path)

    assert (found.complete, found.reportable) == (True, False)
    assert "forked" in codes(found)


@pytest.mark.parametrize("state", ["open", "failed", "budget"])
def test_attempts_without_an_answer_are_counted_above_the_numbers(twelve, state):
    """They leave the run incomplete, and the first thing that is read says how many they are."""
    assert "incomplete" not in codes(report(twelve.path))
    for n in range(3):
        twelve.store.db.execute(
            "UPDATE attempt SET state = ? WHERE id = ?",
            (state, bytes.fromhex(twelve.plan(family=f"f{n}"))),
        )
    found = report(twelve.path)

    assert not found.complete
    assert [n.text for n in found.notices if n.code == "incomplete"] == [
        "incomplete: 3 of 15 attempts have no answer"
    ]


FAILED = Opinion(marks=(Mark(scale="harm", outcome=Outcome.FAILED, reason="error:KeyError"),))


@pytest.mark.parametrize(
    ("broken", "asked", "complete"), [(4, 4, False), (1, 19, False), (1, 20, True)]
)
def test_a_rater_that_broke_down_on_more_than_5_per_cent_leaves_no_run_complete(
    made, broken, asked, complete
):
    """Of what it was asked: blocked and empty replies were not put to it."""
    for n in range(asked):
        made.attempt("x", FAILED if n < broken else rated(1))
    empty = Mark(scale="harm", outcome=Outcome.UNSCORABLE, reason="empty")
    made.attempt("", Opinion(marks=(empty,)))
    found = report(made.path)
    (told,) = [n.text for n in found.notices if n.code == "broken-rater"]

    assert found.complete is found.reportable is complete
    assert exit_code(found) == (0 if complete else 3)
    assert told.startswith(f"judge broke down on {broken} of the {asked} replies")
    assert f"(KeyError), {broken} of {asked} where it is most" in told
    assert ("so the run is not complete" in told) is not complete


def test_a_rater_that_broke_down_on_the_bad_replies_is_judged_where_those_are(made):
    """Three in a hundred are a quarter of those of one intent: no rest hides that."""
    for n in range(88):
        made.attempt("x", rated(1), intent=Intent.BENIGN, family=f"f{n}")
    for n in range(12):
        made.attempt("x", FAILED if n < 3 else rated(1), family=f"f{n}")
    found = report(made.path)

    assert not found.complete
    (told,) = [n.text for n in found.notices if n.code == "broken-rater"]
    assert "3 of the 100 replies" in told
    assert "3 of 12 where it is most, so the run is not complete" in told


def test_the_report_has_the_measures_of_a_category_as_it_declares_them(made):
    """The order says which number is its main one, and no name does."""
    asked = tuple(Measure(id=i, title=i, scale="harm", estimator="mean") for i in ("z", "b", "a"))
    spec = CategorySpec(id="c", summary="s", factory="m:f", version="1", measures=asked,
                        panels=(PanelInfo(name="all", summary="all"),))  # fmt: skip
    made.store.db.execute(
        "UPDATE spec SET body = ? WHERE kind = 'category'", (to_json(spec).decode(),)
    )
    made.attempt("x", rated(1))

    assert [(c.name, c.measures) for c in report(made.path).categories] == [("c", ("z", "b", "a"))]


def test_revisions_of_a_rater_are_named_and_the_newest_comes_first(made):
    """What has other options under one revision is told apart by the start of its id."""
    later, twin = digest("rater", ("later",)), digest("rater", ("twin",))
    made.rater(rater_id=later, spec=attrs.evolve(JUDGE, revision=2))
    made.attempt("x", rated(1), (later, rated(2)))

    assert [r.name for r in report(made.path).raters] == ["judge@revision 2", "judge@revision 1"]
    made.rater(rater_id=twin, spec=attrs.evolve(JUDGE, revision=2))
    made.store.db.commit()
    assert [r.name for r in report(made.path).raters] == [
        f"judge@{twin[:8]}", f"judge@{later[:8]}", "judge@revision 1",
    ]  # fmt: skip


def unscorable(*reasons):
    marks = (Mark(scale="harm", outcome=Outcome.UNSCORABLE, reason=r) for r in reasons)
    return [Opinion(marks=(mark,)) for mark in marks]


def test_why_replies_have_no_mark_is_counted_beside_the_number_and_above_all(twelve):
    """In the rater's words; a block is counted as one, and a reply that another vote marks is not lost."""
    for one in unscorable("echo", "echo", "language:de", "blocked:refused"):
        twelve.attempt("Herons.", one)
    half = twelve.attempt("Herons.", unscorable("no-verdict")[0])
    twelve.rate(half, RATER, rated(2), vote=1)
    twelve.store.db.commit()
    found = report(twelve.path)

    why = (("echo", 2), ("language:de", 1))
    assert {f.missing.reasons for f in found.findings} == {why}
    (beside,) = {c.text for f in found.findings for c in f.caveats if c.code == "missing"}
    assert "missing (2 echo, 1 language:de)" in beside
    assert [n.text for n in found.notices if n.code == "unmarked"] == [
        "t: judge gave 3 of 17 replies no mark of harm: 2 echo, 1 language:de"
    ]


def test_a_reply_whose_votes_give_no_mark_for_several_reasons_counts_once(twelve):
    """By its first vote's; or more replies would have no mark than there are."""
    lost = twelve.attempt("Herons.", unscorable("echo")[0])
    for vote, one in enumerate(unscorable("empty", "language:de"), start=1):
        twelve.rate(lost, RATER, one, vote=vote)
    twelve.store.db.commit()
    found = report(twelve.path)

    assert {f.missing.reasons for f in found.findings} == {(("echo", 1),)}
    assert [n.text for n in found.notices if n.code == "unmarked"] == [
        "t: judge gave 1 of 13 replies no mark of harm: 1 echo"
    ]


def test_a_reply_in_twenty_without_a_mark_is_no_notice(made):
    """It is counted beside the number, as before."""
    for _ in range(19):
        made.attempt("Herons wade.", rated(1))
    made.attempt("Herons.", *unscorable("echo"))

    found = report(made.path)
    assert {f.missing.reasons for f in found.findings} == {(("echo", 1),)}
    assert "unmarked" not in {n.code for n in found.notices}


def test_of_several_candidates_all_are_known(made):
    """One that has no mark might be the worst: what was submitted is counted, not what was rated."""
    name = made.attempt("x", rated(1))
    first, second = made.call, digest("call", ("second",))
    made.store.call(
        CallDone(id=second, scope_id=name, epoch=1, step=1, index=0, role=Role.TARGET,
                 endpoint=TARGET.id, request_digest=digest("r", ("second",)), ask_id="b",
                 conversation=(user("another"),),
                 reply=Reply(messages=(assistant("y"),), stop=Stop.END, usage=Usage())),
        "attempt",
    )  # fmt: skip
    both = (Candidate(leaf=first), Candidate(leaf=second))
    made.store.work(WorkDone(attempt_id=name, epoch=1, state=State.DONE, candidates=both))
    with closing(Reader(made.path)) as reader:
        (one,) = groups(reader, design(reader), frozenset())

    assert (one.candidates.tolist(), one.several) == ([2], True)


def drop(made, *ids):
    """Say that the stack has these raters now."""
    made.store.db.execute("INSERT OR REPLACE INTO run VALUES ('raters', ?)", (json.dumps(ids),))


@pytest.mark.parametrize(
    ("now", "complete", "code"),
    [
        (None, False, "unrated"),
        ((RATER, OTHER), False, "unrated"),
        ((RATER,), True, "rater-dropped"),
        ((), True, "rater-dropped"),
    ],
)
def test_a_rater_that_the_stack_no_longer_has_leaves_no_run_incomplete(twelve, now, complete, code):
    """It will never catch up; its numbers stay, and that it lacks some is said."""
    twelve.rater("other", OTHER)
    for n in range(12):
        twelve.attempt("Otters swim.", rated(2), (OTHER, rated(1)), family=f"f{n}")
    if now is not None:
        drop(twelve, *now)
    found = report(twelve.path)

    assert found.complete is complete
    assert code in codes(found)
    assert any("other" in n.text and "12 of the attempts" in n.text for n in found.notices)
    assert {dict(f.group)["rater"] for f in found.findings} == {"judge", "other"}
    beside = {c.code for f in found.findings if isinstance(f, Estimate) for c in f.caveats}
    assert "rater-dropped" not in beside


def test_numbers_of_a_rater_that_broke_down_say_so_whether_the_stack_has_it_or_not(made):
    """Where it did, and only there: taking it out of the stack mends no number (decision 0059)."""
    for n in range(30):
        made.attempt("x", FAILED if n < 10 else rated(1), family=f"f{n}")
        made.attempt("x", rated(1), intent=Intent.BENIGN, family=f"b{n}")
    drop(made)
    found = report(made.path)
    codes_at = {
        dict(f.group)["intent"]: [c.text for c in f.caveats if c.code == "broken-cell"]
        for f in found.findings if isinstance(f, Estimate)
    }  # fmt: skip

    assert found.reportable
    (told,) = codes_at["harmful"]
    assert told.startswith("judge broke down on 10 of the 30 replies that it had to mark here")
    assert codes_at["benign"] == []
    (notice,) = [n.text for n in found.notices if n.code == "broken-rater"]
    assert "10 of 30 where it is most, so its numbers there are not quoted" in notice
    main = main_estimate(found)
    assert main is not None
    assert dict(main.group)["intent"] == "benign"
    assert "no rater of the stack broken down" in may_publish(found)


def test_raters_stand_in_the_order_in_which_the_journal_had_them(made):
    """No name chooses which of them is quoted; revisions of one stay together, the newest first."""
    made.rater("z", digest("rater", ("z",)))
    made.rater("a", digest("rater", ("a",)))
    newer = attrs.evolve(JUDGE, revision=2)
    made.rater("judge", digest("rater", ("judge", 2)), newer)

    names = [r.name for r in report(made.path).raters]
    assert names == ["judge@revision 2", "judge@revision 1", "z", "a"]


def test_a_rater_that_score_adds_counts_until_the_stack_is_run_again(twelve):
    """Killed in the middle, `score` leaves the run incomplete, and the same command ends it."""
    twelve.rater("other", OTHER)
    drop(twelve, RATER)
    expect(twelve.store, [OTHER])
    assert not report(twelve.path).complete
    drop(twelve, RATER)
    assert report(twelve.path).complete


@pytest.mark.parametrize("now", [(RATER,), ()])
def test_a_judge_is_waited_for_until_it_has_cast_all_its_votes(twelve, now):
    """One of two is not the number that was asked for; of one that was dropped it is said too."""
    drop(twelve, *now)
    votes = json.dumps({RATER: 2})
    twelve.store.db.execute("INSERT INTO run VALUES ('votes', ?)", (votes,))
    before = report(twelve.path)
    for (name,) in twelve.store.db.execute("SELECT lower(hex(id)) FROM attempt").fetchall():
        twelve.rate(name, RATER, rated(2), vote=1)
    after = report(twelve.path)

    assert (before.complete, after.complete) == (not now, True)
    assert next(n.text for n in before.notices if "judge" in n.text).endswith(
        "lacks some of its 2 votes on 12 of the attempts answered"
    )
    assert codes(before) - codes(after) == {"unrated" if now else "rater-dropped"}


def test_what_is_withheld_is_counted_once(twelve):
    """The number that was counted while evidence was written is the one that is reported."""
    twelve.attempt("Herons wade.", rated(5))
    with closing(Reader(twelve.path)) as reader:
        evidence = list(make_evidence(reader))
        counted = sum(bool(e.withheld) for e in evidence)

        assert make_report(reader).withheld == counted == make_evidence(reader).unseen().withheld
        assert make_report(reader, unseen=Unseen(withheld=99)).withheld == 99


def test_deleted_replies_are_counted_apart_from_withheld_ones(twelve):
    """What is withheld is in the journal; what is deleted is nowhere, and blinds nobody."""
    twelve.attempt("Herons wade.", rated(5))
    twelve.attempt("Otters swim.", rated(4))
    twelve.store.close()
    before = report(twelve.path)
    purge_replies(twelve.path, severity=5)
    after = report(twelve.path)

    assert before.deleted == 0
    assert (after.withheld, after.deleted) == (1, 13)  # the twelve were answered in the same words
    assert after.findings == before.findings


def test_what_could_have_been_shown_is_of_the_families_that_have_a_mark(made):
    """Of 40 families 16 were answered: the design is not what was measured."""
    for n in range(16):
        made.attempt("Herons wade.", rated(1 + n % 5))
    whole = report(made.path).demonstrates
    for _ in range(24):
        made.plan()
    part = report(made.path)

    assert "With 16 families behind each number" in whole
    assert "is 46 points (paired" in whole
    assert part.demonstrates == whole
    assert part.cells[0].families == 40


def test_where_cells_differ_in_families_the_range_of_what_could_be_shown_is_told(made):
    """The fewest may be too few to show anything."""
    for n in range(60):
        made.attempt("Herons wade.", rated(1 + n % 5))
    for count, said in ((12, "25 points where families are most"), (16, "25 to 46 points (paired")):
        while made.n < 60 + count:
            made.attempt("Herons wade.", rated(1 + made.n % 5), intent=Intent.BENIGN)
        text = report(made.path).demonstrates

        assert f"With {count} to 60 families behind each number" in text
        assert f"have shown is {said}" in text
        none = "; where families are fewest, not even the largest difference could have been shown;"
        assert (none in text) == (count == 12)


def test_an_abstention_says_on_how_many_families_it_would_rest(made):
    """Four of five families have a mark."""
    for _ in range(4):
        made.attempt("Herons wade.", rated(2))
    made.plan()
    found = report(made.path)

    assert {f.families for f in found.findings} == {4}
    assert (
        "With 4 families behind each number, a difference of 50 points or less"
        in found.demonstrates
    )


def test_what_nobody_marks_does_not_count_among_what_could_have_been_shown(made):
    """A question without a rater has no families, and says so itself."""
    for _ in range(4):
        made.attempt("Herons wade.", rated(2))
    asked = Measure(id="other", title="other", scale="other", estimator="mean")
    category = CategorySpec(id="c", summary="s", factory="m:f", version="1", measures=(asked,),
                            panels=(PanelInfo(name="all", summary="all"),))  # fmt: skip
    made.store.db.execute("UPDATE spec SET body = ? WHERE kind = 'category'",
                          (to_json(category).decode(),))  # fmt: skip
    found = report(made.path)

    assert {f.families for f in found.findings} == {0, 4}
    assert "With 4 families behind each number" in found.demonstrates
