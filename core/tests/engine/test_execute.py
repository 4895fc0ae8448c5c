"""Attempts done against a host of the test's own: who failed, and with what words."""

import asyncio
import re
import time
import traceback
from contextlib import suppress

import pytest
from attrs import evolve

from dosimeter import (
    Ask,
    Attempt,
    Bound,
    Candidate,
    Cost,
    Credentials,
    DosimeterError,
    Endpoint,
    Intent,
    Item,
    Lease,
    LeaseLost,
    Line,
    Message,
    Permanent,
    Permit,
    PlanError,
    Provenance,
    Reply,
    Role,
    Speaker,
    State,
    Stop,
    Stopping,
    Transient,
    Variant,
    asking,
    user,
)
from dosimeter.execute import perform
from dosimeter.model.conversation import Text, TokenScores, Usage, Verdict

MARK, NAN = "MARKED-PROMPT", float("nan")


def answer(text, stop=Stop.END):
    parts = (Text(text=text),) if text else ()
    said = (Message(speaker=Speaker.ASSISTANT, parts=parts),) if text else ()
    return Reply(messages=said, stop=stop)


class Desk:
    """A host and a workshop: leave at once, and everything remembered."""

    def __init__(self, attack=None, answers=(), wait=None):
        self.attack, self.answers, self.waits = attack, list(answers), wait
        self.tries, self.calls, self.end = [], [], None
        self.refuse = None

    async def permit(self, endpoint, estimate, holder):
        if self.refuse is not None:
            raise self.refuse
        return Permit(id=1, endpoint=endpoint, estimate=Cost(), expires=0.0)

    async def settle(self, permit, outcome):
        self.tries.append(outcome)
        return self.waits if outcome.failure == "transient" else None

    async def record(self, done):
        if hasattr(done, "attempt_id"):
            self.end = done
        else:
            self.calls.append(done)
        return True

    async def credentials(self, owner):
        return Credentials()

    def provider(self, endpoint):
        return self

    def search(self, lease):
        return self.attack

    async def generate(self, request):
        one = self.answers.pop(0) if self.answers else answer("Well.")
        if isinstance(one, BaseException):
            raise one
        if isinstance(one, float):
            await asyncio.sleep(one)
        return one


def lease(script=None, timeout=5.0):
    item = Item(id="i", opening=(user(MARK),), intent=Intent.BENIGN, family="f", category="c",
                provenance=Provenance(source="s", licence="CC0-1.0"))  # fmt: skip
    target = Endpoint(id="t", name="n", provider="p", model="m")
    return Lease(
        attempt=Attempt(id="a" * 32, item_id="i", attack="x", variant_key="k", target_id="t", repeat=0),
        epoch=1, item=item, variant=Variant(attack="x", key="k", script=script), run_seed=1,
        rng_seed=1, endpoints=((Role.TARGET, target),), timeout=timeout,
    )  # fmt: skip


def done(desk, **more):
    asyncio.run(perform(lease(**more), desk, desk))
    return (desk.end.state, desk.end.reason)


class Odd(Desk):
    """A provider that does *what* to the task it runs in."""

    def __init__(self, what, **more):
        super().__init__(**more)
        self.what = what

    async def generate(self, request):
        return await self.what()


async def cancel_self():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def cancel_self_and_answer():
    asyncio.current_task().cancel()
    return answer("Well.")


async def refuse_to_be_cancelled():
    for _ in range(50):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("what", [cancel_self, cancel_self_and_answer])
def test_a_provider_that_cancels_its_own_task_fails_its_call_alone(what):
    """It is a defect of that provider, and no reason to end the run."""
    state, code = done(Odd(what))

    assert (state, code.startswith("bug:CancelledError")) == (State.FAILED, True)


def test_a_provider_that_refuses_to_be_cancelled_is_given_up(monkeypatch):
    """After its timeout, and a moment to clean up."""
    monkeypatch.setattr(asking, "LET_GO_SECONDS", 0.1)

    async def job():
        desk, began = Odd(refuse_to_be_cancelled), time.monotonic()
        await perform(lease(timeout=0.1), desk, desk)
        return desk.end.reason, time.monotonic() - began

    reason, took = asyncio.run(job())
    assert reason == "timeout"
    assert took < 2


async def answer_late():
    paid = asyncio.ensure_future(asyncio.sleep(0.3))
    with suppress(asyncio.CancelledError):
        await asyncio.shield(paid)
    await paid
    return answer("Well.")


def test_an_answer_that_comes_while_its_call_is_given_up_is_kept():
    """It is paid for."""
    desk = Odd(answer_late)
    asyncio.run(perform(lease(timeout=0.1), desk, desk))

    assert [one.status for one in desk.tries] == ["ok"]
    assert desk.end.state is State.DONE


@pytest.mark.parametrize("turns", range(4))
def test_an_answer_that_comes_with_an_interrupt_is_kept(turns):
    """However many turns of the loop lie between them."""

    async def job():
        come = asyncio.get_running_loop().create_future()
        desk = Odd(lambda: come)
        task = asyncio.create_task(perform(lease(timeout=60), desk, desk))
        await asyncio.sleep(0.02)
        come.set_result(answer("Well."))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [one.status for one in desk.tries]

    assert asyncio.run(job()) == ["ok"]


class Panic(BaseException):
    """What native code raises through PyO3: no `Exception`, and it may quote a text."""


class Search:
    """Asks once, and misbehaves where it is told to."""

    def __init__(self, at, error):
        self.at, self.error = at, error

    def bound(self, item, variant):
        self.fail("bound", self)
        return Bound(asks=((Role.TARGET, 1),))

    prompt = MARK

    def fail(self, at, goal):
        if at == self.at:
            raise self.error(goal.prompt)

    def play(self, goal, variant, rng):
        self.fail("call", goal)
        return self.moves(goal)

    def moves(self, goal):
        self.fail("start", goal)
        try:
            asks = (Ask(id="a", role=Role.TARGET, conversation=goal.conversation),)
            yield self.lazy(asks, goal) if self.at == "asks" else asks
            self.fail("reply", goal)
        finally:
            self.fail("close", goal)
        found = (Candidate(leaf="a"),)
        return self.lazy(found, goal) if self.at == "result" else found

    def lazy(self, given, goal):
        yield from given
        raise self.error(goal.prompt)


@pytest.mark.parametrize(
    "error", [PlanError, Stopping, LeaseLost, Permanent, KeyError, SystemExit, Panic]
)
@pytest.mark.parametrize("at", ["bound", "call", "start", "asks", "reply", "close", "result"])
def test_a_search_that_raises_fails_alone_whatever_it_raises(at, error):
    """Our own errors too, wherever it does: told by type, and never by its words."""
    desk = Desk(Search(at, error))

    assert done(desk) == (State.FAILED, f"attack:{error.__name__}")
    assert MARK not in repr(desk.end)


def test_a_search_that_fails_while_it_is_closed_hides_no_error_of_ours():
    """The host's error comes out as it was, without the plugin's as its context."""
    desk = Desk(Search("close", ValueError))
    desk.refuse = DosimeterError("the disk is full")
    with pytest.raises(DosimeterError, match="the disk is full") as caught:
        done(desk)

    assert MARK not in "".join(traceback.format_exception(caught.value))


def test_a_search_that_is_told_to_stop_stays_open():
    """The host's `Stopping` goes through a search, and no end is recorded."""
    desk = Desk(Search("never", ValueError))
    desk.refuse = Stopping("enough")
    asyncio.run(perform(lease(), desk, desk))

    assert desk.end is None


def test_a_search_that_asks_in_a_role_it_has_not_declared_fails_by_name():
    """Nobody serves it; nothing of the step is sent, and nothing is paid."""

    class Steered(Search):
        def moves(self, goal):
            yield tuple(
                Ask(id=role, role=role, conversation=goal.conversation)
                for role in (Role.TARGET, Role.STEER)
            )

    desk = Desk(Steered("", None))

    assert done(desk) == (State.FAILED, "attack:undeclared-role:steer")
    assert not desk.tries


def test_what_a_search_yields_must_be_asks():
    """Anything else is its defect."""

    class Odd(Search):
        def moves(self, goal):
            yield (MARK,)

    assert done(Desk(Odd("", None))) == (State.FAILED, "attack:TypeError")


@pytest.mark.parametrize(("step", "kind"), [((), "ValueError"), (2, "over-bound")])
def test_a_search_neither_idles_nor_asks_more_than_it_said(step, kind):
    """A step without an ask would go on for ever; plan and budget go by the bound."""

    class Endless(Search):
        def moves(self, goal):
            while True:
                yield step and tuple(
                    Ask(id=str(i), role=Role.TARGET, conversation=goal.conversation)
                    for i in range(step)
                )

    desk = Desk(Endless("", None))

    assert done(desk) == (State.FAILED, f"attack:{kind}")
    assert not desk.calls


@pytest.mark.parametrize(
    "error",
    [PlanError, SystemExit, Panic, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError],
)
def test_a_provider_that_raises_what_is_no_providers_error_has_a_bug(error):
    """Told by type and the provider's own line; it is not the run that ends."""
    state, code = done(Desk(answers=[error(MARK)]))

    assert state is State.FAILED
    assert re.fullmatch(rf"bug:{error.__name__}:[\w.]*test_execute:\d+", code)


def test_what_is_no_reply_is_told_as_that():
    """Not as a type error of the core's: the provider returned it."""

    async def a_text():
        return "Well."

    assert done(Odd(a_text)) == (State.FAILED, "bug:reply:no-Reply")


@pytest.mark.parametrize(
    ("usage", "tokens"), [(Usage(input=3, output=-4), (3, None)), ("many", (None, None))]
)
def test_a_failed_try_says_what_it_cost(usage, tokens):
    """As far as a journal can hold it."""
    fault = Transient("it broke off", code="stream-broken", usage=usage)
    desk = Desk(answers=[fault])
    done(desk)

    assert (desk.tries[0].tokens_in, desk.tries[0].tokens_out) == tokens


ODD = answer("Well.")


@pytest.mark.parametrize(
    "reply",
    [
        None,
        evolve(ODD, messages=None),
        evolve(ODD, messages=[*ODD.messages]),
        evolve(ODD, messages=(user("Well."),)),
        evolve(ODD, messages=(evolve(ODD.messages[0], parts=("Well.",)),)),
        evolve(ODD, messages=(evolve(ODD.messages[0], parts=(Text(text=None),)),)),
        evolve(ODD, messages=(evolve(ODD.messages[0], parts=(Verdict(label="x", score=NAN),)),)),
        evolve(ODD, stop="end"),
        evolve(ODD, usage=None),
        evolve(ODD, scores=TokenScores(tokens=("a",), logprobs=(NAN,))),
        evolve(ODD, scores=TokenScores(tokens=("a", "b"), logprobs=(-1.0,))),
    ],
)
def test_a_reply_that_is_none_is_a_bug_of_its_provider(reply):
    """Found before it is counted as an answer, and never blamed on the attack."""
    desk = Desk()
    desk.generate = lambda _: asyncio.sleep(0, reply)
    state, reason = done(desk)

    assert (state, reason.partition(":")[0]) == (State.FAILED, "bug")
    assert [t.status for t in desk.tries] == [reason]
    assert not desk.calls


def test_counts_and_names_that_are_none_are_unknown():
    """A server may count in words: the answer is there all the same."""
    desk = Desk()
    odd = evolve(ODD, usage=Usage(input="7", output=2**70), model=7, provider_ref=b"x")
    desk.generate = lambda _: asyncio.sleep(0, odd)

    assert done(desk) == (State.DONE, "")
    assert desk.calls[0].reply == ODD


def test_a_timeout_is_worth_another_try():
    """It says nothing of the next one."""
    desk = Desk(answers=[1.0, answer("Well.")], wait=0.0)

    assert done(desk, timeout=0.05) == (State.DONE, "")
    assert [(t.status, t.failure) for t in desk.tries] == [("timeout", "transient"), ("ok", "")]


@pytest.mark.parametrize(
    ("first", "asked", "leaf"),
    [(answer(" "), 2, 1), (answer("", Stop.FILTERED), 1, 0), (answer("No.", Stop.REFUSED), 2, 1)],
)
def test_an_empty_or_blocked_turn_is_marked_off_script(first, asked, leaf):
    """A script that goes on as if it had been answered says so; a blocked turn ends it."""
    desk = Desk(answers=[first])
    lines = tuple(Line(message=user(word)) for word in ("one", "two"))
    done(desk, script=lines)

    assert len(desk.calls) == asked
    assert [c.leaf for c in desk.end.candidates] == [desk.calls[leaf].id]
    assert [n.kind for n in desk.end.notes] == ([] if first.text.strip() else ["off-script"])


def test_transient_faults_end_when_the_host_says_so():
    """None is enough; the code is the reason."""
    desk = Desk(answers=[Transient("x", code="http-503")])

    assert done(desk) == (State.FAILED, "http-503")
    assert len(desk.tries) == 1
