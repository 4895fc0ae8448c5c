"""The driver on a clock of its own: waits, retries, permits, and what they cost."""

import asyncio
import random

import pytest
from virtual import virtual

from dosimeter import (
    Cost,
    Endpoint,
    Holder,
    LeaseLost,
    Permanent,
    Sampling,
    Stopping,
    Transient,
    Try,
)
from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.driver import LEASE_SECONDS, Driver
from dosimeter.engine.limiter import Limiter
from dosimeter.http import TOO_LONG
from dosimeter.model.stackfile import Budget


class Book:
    """A writer that keeps what it is given in lists."""

    def __init__(self):
        self.tries, self.late_tries, self.run = [], [], []
        self.db = self

    def put(self, job):
        job(self)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def tried(self, outcome, spent, *, used=True):
        self.tries.append((outcome.status, spent, used))

    def late(self, outcome, spent):
        self.late_tries.append((outcome.status, spent))

    def event(self, *_):
        pass

    def execute(self, sql, values):
        self.run.append(values)


class Table:
    """A driver for one endpoint, and an attempt that is open."""

    def __init__(self, clock, most=4, budget=None, max_retries=5, **endpoint):
        self.clock, self.book = clock, Book()
        self.limiter = Limiter(most=most, clock=clock)
        self.purse = Purse(budget or Budget(), Spent(), clock)
        end = Endpoint(id="t", name="a", provider="p", model="m", **endpoint)
        self.driver = Driver(
            writer=self.book, endpoints={"t": (end, self.limiter)}, purse=self.purse,
            max_retries=max_retries, rng=random.Random(1), clock=clock,
        )  # fmt: skip
        self.driver.open("s", 1)

    def permit(self, call="c", n=1, tokens=10, endpoint="t"):
        holder = Holder(scope_id="s", epoch=1, call_id=call, n=n)
        return self.driver.permit(endpoint, Cost(tokens=tokens), holder)

    def settle(self, permit, status="ok", failure="", call="c", n=1, **more):
        outcome = Try(call_id=call, scope_id="s", endpoint="t", epoch=1, n=n, started=0.0,
                      seconds=0.0, status=status, failure=failure, **more)  # fmt: skip
        return self.driver.settle(permit, outcome)


async def ended(job):
    """Let *job* run as far as it can without time; whether it is done."""
    for _ in range(20):
        await asyncio.sleep(0)
    return job.done()


def test_another_try_gets_leave_when_it_is_due_and_not_before():
    """Whoever asks at once is kept waiting; a Retry-After is waited for in full."""

    async def job(clock):
        table = Table(clock)
        wait = await table.settle(await table.permit(), "http-429", "transient", retry_after=20.0)
        began = clock()
        await table.permit(n=2)
        return wait, clock() - began

    wait, waited = virtual(job)
    assert wait > 20
    assert waited == pytest.approx(wait)


def test_a_retry_after_is_waited_for_whatever_the_limiter_does():
    """Of a try whose permit had been taken back, the limiter hears nothing."""

    async def job(clock):
        table = Table(clock)
        permit = await table.permit()
        table.driver.take_back("other", 1)
        return await table.settle(permit, "http-503", "transient", retry_after=7.0)

    assert virtual(job) >= 7


@pytest.mark.parametrize(
    ("status", "failure", "asked"),
    [("x", "transient", 3601.0), ("x", "transient", 1e300), (TOO_LONG, "permanent", None)],
)
def test_an_endpoint_that_asks_for_more_than_an_hour_is_left_alone(status, failure, asked):
    """Nobody waits, and nobody else of this endpoint asks it in this session."""

    async def job(clock):
        table = Table(clock)
        wait = await table.settle(await table.permit(), status, failure, retry_after=asked)
        with pytest.raises(Permanent) as caught:
            await table.permit(call="d")
        return wait, clock(), caught.value.code

    began = virtual(lambda clock: asyncio.sleep(0, clock()))
    assert virtual(job) == (None, began, TOO_LONG)


def test_who_shares_the_account_of_an_endpoint_that_rests_leaves_it_alone_too():
    """The rate is the account's, and so is the rest; others are asked as before."""

    async def job(clock):
        shared, own = Limiter(most=4, clock=clock), Limiter(most=4, clock=clock)
        limiters = {"t": shared, "sibling": shared, "stranger": own}
        table = Table(clock)
        table.driver = Driver(
            writer=table.book, purse=table.purse, max_retries=5, clock=clock,
            endpoints={n: (Endpoint(id=n, name=n, provider="p", model="m"), one)
                       for n, one in limiters.items()},
        )  # fmt: skip
        table.driver.open("s", 1)
        await table.settle(await table.permit(), TOO_LONG, "permanent")
        with pytest.raises(Permanent, match="sibling: resting") as caught:
            await table.permit(call="d", endpoint="sibling")
        await table.permit(call="e", endpoint="stranger")
        return caught.value.code

    assert virtual(job) == TOO_LONG


@pytest.mark.parametrize("held", ["retry", "limiter", "place", "scout", "purse"])
def test_whoever_waits_is_told_at_once_to_stop(held):
    """Backoff, Retry-After, a place, the first reply, other calls' reserves: every wait ends."""

    async def job(clock):
        budget = Budget(tokens=15) if held in {"scout", "purse"} else None
        sampling = Sampling(max_tokens=None if held == "scout" else 9)
        table = Table(clock, most=1, budget=budget, sampling=sampling)
        first = await table.permit()
        if held == "retry":
            await table.settle(first, "http-503", "transient", retry_after=600.0)
            second = asyncio.ensure_future(table.permit(n=2))
        elif held == "limiter":
            await table.settle(first, "http-429", "transient", throttled=True, retry_after=600.0)
            second = asyncio.ensure_future(table.permit("d"))
        else:
            second = asyncio.ensure_future(table.permit("d"))
        assert not await ended(second)
        table.driver.send_no_more()
        if held == "purse":  # reserves are settled by what is in flight, which is waited for
            await table.settle(first, "http-400", "permanent")
        assert await ended(second)
        with pytest.raises(Stopping):
            await second
        return clock()

    assert virtual(job) == 0.0


def test_a_call_that_went_ahead_and_got_no_leave_lets_another_go_ahead():
    """Else all others would wait for its reply for ever."""

    async def job(clock):
        table = Table(clock, most=1, budget=Budget(tokens=10**6))
        ticket = await table.limiter.acquire()
        ahead = asyncio.ensure_future(table.permit("c"))
        others = [asyncio.ensure_future(table.permit(name)) for name in ("d", "e")]
        await ended(ahead)
        ahead.cancel()
        table.limiter.release(ticket, ok=True)
        await ended(others[0])
        done = [one.done() for one in others]
        await table.settle(others[0].result(), call="d", tokens_in=5, tokens_out=5)
        await ended(others[1])
        return done, others[1].done()

    assert virtual(job) == ([True, False], True)


def test_a_permit_that_is_not_returned_in_time_is_taken_back_and_paid():
    """The place is free again; the try counts as sent; said later, it is not counted twice."""

    async def job(clock):
        table = Table(clock, most=1)
        permit = await table.permit()
        early = table.driver.expire()
        await asyncio.sleep(LEASE_SECONDS + 1)
        taken = table.driver.expire(), table.limiter.in_flight, table.purse.spent.requests
        await table.settle(permit, tokens_in=3, tokens_out=4)
        return early, taken, table.purse.spent.requests, table.purse.spent.tokens, table.book.tries

    early, taken, requests, tokens, tries = virtual(job)
    assert (early, taken) == (0, (1, 0, 1))
    assert (requests, tokens) == (1, 7)
    assert tries[0][0] == "lost"


@pytest.mark.parametrize(
    ("status", "failure", "tokens"),
    [
        ("timeout", "transient", 10),
        ("cancelled", "permanent", 10),
        ("transport:ReadTimeout", "transient", 10),
        ("transport:RemoteProtocolError", "transient", 10),
        ("transport:WriteError", "transient", 10),
        ("transport:timeout", "transient", 0),
        ("transport:ConnectError", "transient", 0),
        ("http-503", "transient", 0),
        (TOO_LONG, "permanent", 0),
    ],
)
def test_a_try_that_may_have_been_answered_is_paid_by_its_estimate(status, failure, tokens):
    """Nobody told what it took; what the endpoint refused is free."""

    async def job(clock):
        table = Table(clock)
        await table.settle(await table.permit(), status, failure)
        return table.purse.spent.tokens, table.book.tries[0][1].tokens

    assert virtual(job) == (tokens, tokens)


@pytest.mark.parametrize(
    ("status", "told", "charged"),
    [
        ("http-500", {"tokens_in": 3, "tokens_out": 40}, 43),
        ("err-other", {"tokens_out": 4}, 4),
        ("stream-broken", {"tokens_in": 3, "tokens_out": 4}, 7),
        ("stream-broken", {"tokens_out": 4}, 10),
        ("stream-broken", {}, 10),
    ],
)
def test_a_failed_try_is_charged_what_its_provider_says(status, told, charged):
    """A budget bounds an endpoint that breaks off too; one that broke off unsaid costs its estimate."""

    async def job(clock):
        table = Table(clock)
        await table.settle(await table.permit(), status, "transient", **told)
        return table.purse.spent.tokens

    assert virtual(job) == charged


@pytest.mark.parametrize(
    ("told", "charged"),
    [
        ({"tokens_in": 3, "tokens_out": 4}, 7),
        ({"tokens_in": 3}, 10),
        ({"tokens_out": 40}, 40),
        ({}, 10),
    ],
)
def test_tokens_that_were_not_told_are_charged_by_estimate(told, charged):
    """What an endpoint does not say was not nothing: a budget would be overspent."""

    async def job(clock):
        table = Table(clock)
        await table.settle(await table.permit(), **told)
        return table.purse.spent.tokens

    assert virtual(job) == charged


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (None, None),
        ("5", 5.0),
        (2, 2.0),
        ("soon", None),
        (float("nan"), None),
        (-1, None),
        ([], None),
    ],
)
def test_a_retry_after_is_seconds_or_nothing(given, seconds):
    """A provider may pass a header's text on; a text could not be added to, and held a place for ever."""
    fault = Transient("x", retry_after=given, code=None)

    assert fault.retry_after == seconds
    assert fault.code


def test_the_time_of_a_run_is_written_down():
    """Of earlier sessions and this one; a budget of minutes is over all."""

    async def job(clock):
        table = Table(clock)
        table.purse.spent.seconds = 100.0
        await asyncio.sleep(20)
        await table.driver.keep_time()
        return table.book.run

    assert virtual(job) == [("120.000",)]


def test_leave_is_refused_to_who_lost_the_work_while_waiting():
    """A lease that went to another in the meantime sends nothing, and gives its place back."""

    async def job(clock):
        table = Table(clock, most=1)
        first = await table.permit()
        second = asyncio.ensure_future(table.permit("d"))
        await ended(second)
        table.driver.open("s", 2)
        await table.settle(first)
        with pytest.raises(LeaseLost):
            await second
        return table.limiter.in_flight

    assert virtual(job) == 0


def test_the_meter_is_told_what_is_waited_for():
    """The first answer, a retry until it is sent, a hold of the account; then nothing."""

    async def job(clock):
        table = Table(clock, most=2)
        meter, said = table.driver.meter, []
        first = await table.permit()
        said.append(meter.waiting(clock()))
        await table.settle(first, "http-503", "transient", retry_after=20.0)
        held = asyncio.ensure_future(table.permit("d"))
        await ended(held)
        said.append(meter.waiting(clock()))
        held.cancel()
        again = asyncio.ensure_future(table.permit(n=2))
        await ended(again)
        said.append(meter.waiting(clock()))
        await asyncio.sleep(25)
        said.append(meter.waiting(clock()))
        await table.settle(again.result(), n=2)
        said.append(meter.waiting(clock()))
        return said, meter.due, meter.in_flight

    said, due, in_flight = virtual(job)
    assert said[0] == said[3] == "the first answer of a (a model may be loading)"
    assert said[1] == "the rate limit of a, 20 s"
    assert said[2] == "a retry of a in 21 s (http-503)"
    assert said[4] == ""
    assert (due, in_flight) == ({}, 0)


@pytest.mark.parametrize(
    ("answered", "status", "given_up"),
    [
        (False, "transport:refused", True),
        (False, "transport:timeout", True),
        (False, "transport:ConnectError", True),
        (False, "transport:RemoteProtocolError", False),
        (False, "transport:ReadTimeout", False),
        (True, "transport:refused", False),
        (False, "http-503", False),
    ],
)
def test_an_endpoint_that_never_answered_is_not_called_for_every_attempt(
    answered, status, given_up
):
    """Ten tries that met no server, and one out of retries; one that is busy or breaks off is there."""

    async def job(clock):
        table = Table(clock, max_retries=0)
        if answered:
            await table.settle(await table.permit())
        for n in range(10):
            permit = await table.permit(call=f"c{n}")
            await table.settle(permit, status, "transient", call=f"c{n}")
        await table.permit()

    if given_up:
        with pytest.raises(Transient, match="unreachable"):
            virtual(job)
    else:
        virtual(job)


@pytest.mark.parametrize("answered", [False, True])
def test_an_endpoint_that_says_404_before_any_answer_is_asked_no_more(answered):
    """There is no such address or model; after an answer it is an accident of one call."""

    async def job(clock):
        table = Table(clock, max_retries=0)
        if answered:
            await table.settle(await table.permit())
        await table.settle(await table.permit(call="c"), "http-404", "permanent", call="c")
        await table.permit()

    if answered:
        virtual(job)
    else:
        with pytest.raises(Permanent, match="a: absent"):
            virtual(job)
