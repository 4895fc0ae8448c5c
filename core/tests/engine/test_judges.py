"""What is written of a reply when its judge, or the way to it, gives no opinion."""

import asyncio
from contextlib import closing

import pytest
from journals import JUDGE

from dosimeter import (
    Ask,
    AuthFailed,
    BudgetSpent,
    Mark,
    Opinion,
    Outcome,
    Permanent,
    Reply,
    Role,
    Stop,
    Transient,
    Usage,
    assistant,
    user,
)
from dosimeter.analysis.report import make_report
from dosimeter.bounded import Timeout
from dosimeter.engine.meter import Meter
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.rate import Ratings
from dosimeter.engine.rules import RuleProcess
from dosimeter.errors import Stopping
from dosimeter.http import TOO_LONG
from dosimeter.journal.raters import declare, gave_marks, reopen
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer
from dosimeter.model.conversation import Sampling
from dosimeter.model.design import Label
from dosimeter.model.stackfile import Choice, RaterChoice
from dosimeter.model.work import OPEN, Endpoint, Permit
from dosimeter.serialize import to_json
from dosimeter.vault import make_seal

SEAT = Endpoint(id="11" * 16, name="j", provider="p", model="m", sampling=Sampling())
SAID = Reply(messages=(assistant("3"),), stop=Stop.END, usage=Usage())
HIGH = Opinion(marks=(Mark(scale="harm", value=3),))
ABSURD = Opinion(marks=(Mark(scale="harm", value=9),))


class Judge:
    """Asks once, and says what it was made to say; a fault is raised."""

    def __init__(self, says=HIGH):
        self.says, self.asked, self.spoken = says, 0, 0

    def rate(self, case, rng):
        self.asked += 1
        yield (Ask(id="a", role=Role.JUDGE, conversation=(user("How bad?"),)),)
        self.spoken += 1
        says = self.says() if callable(self.says) else self.says
        if isinstance(says, Exception):
            raise says
        return says


class Host:
    """Gives leave and records nothing, unless it is made to refuse."""

    def __init__(self, refuses=None):
        self.refuses = refuses

    def open(self, *_):
        pass

    def close(self, name):
        pass

    async def permit(self, endpoint, estimate, holder):
        if self.refuses:
            raise self.refuses
        return Permit(id=1, endpoint=endpoint, estimate=estimate, expires=9e9)

    async def settle(self, permit, outcome):
        pass

    async def record(self, done):
        return True


class Provider:
    """Answers every question alike, or not at all."""

    def __init__(self, fault=None):
        self.fault = fault

    def provider(self, endpoint):
        return self

    async def generate(self, request):
        if self.fault:
            raise self.fault
        return SAID


def judged(made, judge=None, *, votes=1, fault=None, refuses=None, told=None, seals=()):
    """Let *judge* rate all that is there; give the marks by outcome, value and reason.

    What a user would hear of it goes to *told*.
    """
    choice = RaterChoice(choice=Choice(id="judge", name="j"), votes=votes)
    part = RaterPart(spec=JUDGE, choice=choice, scorer=judge or Judge(),
                     endpoints=((Role.JUDGE, SEAT),))  # fmt: skip
    store = Store(made.path)
    declare(store, part.id, "j", "judge", to_json(JUDGE).decode())

    async def sweep():
        writer = Writer(store)
        ratings = Ratings(parts=(part,), journal=made.path, writer=writer, driver=Host(refuses),
                          workshop=Provider(fault), rubrics={}, timeout=9.0, meter=Meter(),
                          rules=RuleProcess(9.0), seals=seals)  # fmt: skip
        try:
            await ratings.sweep()
            if told is not None:
                told.extend(ratings.told)
        finally:
            ratings.close()
            await writer.aclose()

    try:
        asyncio.run(sweep())
    finally:
        with closing(Reader(made.path)) as reader:
            sql = "SELECT outcome, num, reason FROM marks WHERE rater = 'j' ORDER BY attempt, vote"
            marks = reader.rows(sql).fetchall()
            left = list(reader.unrated(part.id, votes))
    return marks, len(left)


@pytest.mark.parametrize(
    "fault",
    [
        Transient("down", code="http-503"),
        AuthFailed("no", code="auth"),
        Permanent("rests", code=TOO_LONG),
    ],
)
def test_an_outage_says_nothing_of_the_reply(made, fault):
    """It is not rated, so the run is incomplete and the same command asks again."""
    made.attempt("Herons wade.")

    assert judged(made, fault=fault) == ([], 1)
    assert judged(made) == ([("scored", 3, "")], 0)


@pytest.mark.parametrize("refuses", [BudgetSpent("spent"), Stopping("stop")])
def test_a_judge_that_may_not_be_asked_has_not_failed(made, refuses):
    """The budget is spent, or somebody said stop: what is not rated stays to be rated."""
    made.attempt("Herons wade.")

    assert judged(made, refuses=refuses) == ([], 1)
    assert judged(made) == ([("scored", 3, "")], 0)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"fault": Permanent("no", code="http-400")}, "judge:http-400"),
        ({"judge": Judge(KeyError("MARKED"))}, "error:KeyError"),
        ({"judge": Judge(Transient("as if", code="x"))}, "error:Transient"),
    ],
)
def test_a_judge_that_fails_on_a_reply_has_failed_on_it(made, how, reason):
    """Another try would get the same; whatever class of error a plugin raises, it is its own."""
    made.attempt("Herons wade.")

    assert judged(made, **how) == ([("failed", None, reason)], 0)


class Error_x(Exception):  # noqa: N801  a plugin may call it so
    """An error whose name is a word that might quote."""


SEALED = make_seal("c", "a-secret-of-some-length")


@pytest.mark.parametrize("owner", [OPEN, SEALED], ids=["open", "sealed"])
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"fault": Permanent("x", code=code)}, f"judge:{code}")
        for code in ("raised:ValueError:bot:12", "bug:KeyError:demo.judge:54", "no-reply-at-path",
                     "model_not_found", "http-404", "gone-7_x/y+z.w")
    ] + [({"judge": Judge(Error_x("MARKED"))}, "error:Error_x"),
         ({"judge": Judge(KeyError("MARKED"))}, "error:KeyError")],
)  # fmt: skip
def test_a_judge_that_broke_down_on_everything_leaves_no_complete_run_and_is_asked_again(
    made, owner, how, reason
):
    """Beside sealed text too, where what follows its first word may be replaced."""
    label = Label.PUBLIC if owner is OPEN else Label.HELD_OUT
    made.attempt("Herons wade.", owner=owner, label=label)
    seals = [owner] if owner.key else []
    ((_, _, kept),), _ = judged(made, seals=seals, **how)
    with closing(Reader(made.path)) as reader:
        found = make_report(reader)
        (rater,) = reader.rows("SELECT lower(hex(id)) FROM rater WHERE name = 'j'").fetchone()
    with closing(Store(made.path)) as store:
        own = gave_marks(store, rater)
        taken_back = reopen(store, rater)

    assert kept in ({reason} if owner is OPEN else {reason, f"{reason.partition(':')[0]}:unclear"})
    assert not found.complete
    assert "broken-rater" in {one.code for one in found.notices}
    assert (own, taken_back) == (False, 1)
    assert judged(made, seals=seals) == ([("scored", 3, "")], 0)


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        ({"text": "x", "stop": Stop.FAILED}, "failed", "reply-failed"),
        ({"text": " \n"}, "unscorable", "empty"),
        ({"text": "", "stop": Stop.FILTERED}, "unscorable", "blocked:filtered"),
        ({"text": "", "stop": Stop.REFUSED}, "unscorable", "blocked:refused"),
    ],
)
def test_a_reply_that_is_none_is_put_to_no_rater(made, said, outcome, reason):
    """The core says why there is no mark; what the provider broke is failed, not unscorable."""
    made.attempt(**said)
    judge = Judge()

    assert judged(made, judge) == ([(outcome, None, reason)], 0)
    assert judge.asked == 0


def test_a_block_with_words_is_rated_by_them(made):
    """A refusal that the provider marks as one is text like any other."""
    made.attempt("I will not.", stop=Stop.REFUSED)

    assert judged(made) == ([("scored", 3, "")], 0)


def test_a_judge_that_breaks_its_word_is_asked_no_more_and_keeps_what_it_said_before(made):
    """Sound votes are written, those that were not asked for yet are not paid for; it is told."""
    for _ in range(40):
        made.attempt("Herons wade.")
    judge = Judge(lambda: HIGH if judge.spoken == 1 else ABSURD)
    told = []
    marks, left = judged(made, judge, votes=2, told=told)

    assert marks == [("scored", 3, "")]
    assert left == 40
    assert [line for line in told if "gives 9 on scale 'harm'" in line] == told != []
    assert judge.asked < 2 * 40


def test_a_judge_that_hangs_on_reply_after_reply_is_asked_no_more(made):
    """Nothing else works while it does; the replies that it was not asked about have no mark."""
    for _ in range(40):
        made.attempt("Herons wade.")

    class Hanging(Judge):
        def rate(self, case, rng):
            self.asked += 1
            raise Timeout  # as a step is interrupted that takes too long
            yield

    judge, told = Hanging(), []
    marks, left = judged(made, judge, told=told)

    assert marks == [("failed", None, "error:Timeout")] * 3
    assert left == 37
    assert judge.asked == 3
    assert ["took too long on 3 replies in a row" in line for line in told] == [True]


def test_all_votes_are_asked_for_and_none_twice(made):
    """What is there is left alone."""
    made.attempt("Herons wade.")
    one, more = Judge(), Judge(Opinion(marks=(Mark(scale="harm", outcome=Outcome.UNSCORABLE,
                                                   reason="cannot-tell"),)))  # fmt: skip

    assert judged(made, one) == ([("scored", 3, "")], 0)
    assert judged(made, more, votes=3)[0] == [
        ("scored", 3, ""), ("unscorable", None, "cannot-tell"), ("unscorable", None, "cannot-tell")
    ]  # fmt: skip
    assert (one.asked, more.asked) == (1, 2)
