"""What is settled counts once, under the epoch that it was asked in, at its own price."""

import asyncio
import random

import pytest
from virtual import virtual

from dosimeter import CallDone, Cost, Endpoint, Holder, Reply, Role, Sampling, Stop, Try, Usage
from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.driver import Driver
from dosimeter.engine.limiter import Limiter
from dosimeter.model.stackfile import Budget
from dosimeter.model.work import Price, State, WorkDone


class Kept:
    """A writer that keeps what each job writes, by the store's method."""

    def __init__(self):
        self.written = []

    def put(self, job):
        job(self)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def __getattr__(self, name):
        return lambda *values, **_: self.written.append((name, *values))

    def kinds(self):
        return [name for name, *_ in self.written]


def driver(clock, *, budget=None, max_retries=5, prices=(), max_tokens=None):
    """Give a driver for one endpoint, with an attempt open under epoch 1."""
    end = Endpoint(
        id="t", name="a", provider="p", model="m", sampling=Sampling(max_tokens=max_tokens)
    )
    one = Driver(
        writer=Kept(), endpoints={"t": (end, Limiter(most=4, clock=clock))},
        purse=Purse(budget or Budget(), Spent(), clock), max_retries=max_retries, prices=prices,
        rng=random.Random(1), clock=clock,
    )  # fmt: skip
    one.open("s", 1)
    return one


def leave(one, tokens=10, call="c", n=1):
    return one.permit("t", Cost(tokens=tokens), Holder(scope_id="s", epoch=1, call_id=call, n=n))


def tried(status="ok", failure="", *, n=1, epoch=1, call="c", **more):
    return Try(call_id=call, scope_id="s", endpoint="t", epoch=epoch, n=n, started=0.0, seconds=0.0,
               status=status, failure=failure, **more)  # fmt: skip


@pytest.mark.parametrize(("n", "again"), [(1, True), (2, True), (3, False)])
def test_as_many_retries_as_the_stack_allows(n, again):
    """Two retries are three tries."""

    async def job(clock):
        one = driver(clock, max_retries=2)
        return await one.settle(await leave(one, n=n), tried("http-503", "transient", n=n))

    assert (virtual(job) is not None) is again


def test_without_retries_the_first_failure_is_the_last():
    """0 means none."""

    async def job(clock):
        one = driver(clock, max_retries=0)
        return await one.settle(await leave(one), tried("http-503", "transient"))

    assert virtual(job) is None


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_result_of_another_epoch_is_not_recorded(epoch):
    """Older or newer than the one that was handed out; that it came is noted."""

    async def job(clock):
        one = driver(clock)
        call = CallDone(id="c", scope_id="s", epoch=epoch, step=0, index=0, role=Role.TARGET, endpoint="t",
                        request_digest="r", conversation=(), reply=Reply(messages=(), stop=Stop.END,
                        usage=Usage()))  # fmt: skip
        work = WorkDone(attempt_id="s", epoch=epoch, state=State.DONE)
        taken = [await one.record(done) for done in (call, work)]
        return taken, one._writer.kinds(), one.meter.done

    assert virtual(job) == ([False, False], ["event", "event"], 0)


def test_a_result_of_an_attempt_that_nobody_holds_is_not_recorded():
    """It came to its end before."""

    async def job(clock):
        one = driver(clock)
        work = WorkDone(attempt_id="s", epoch=1, state=State.DONE)
        return [await one.record(work), await one.record(work)], one.meter.done

    assert virtual(job) == ([True, False], 1)


def test_a_try_of_a_lost_lease_is_paid_and_not_used():
    """It is written as late, and nobody is told to try again."""

    async def job(clock):
        one = driver(clock)
        permit = await leave(one)
        one.open("s", 2)
        wait = await one.settle(permit, tried("http-503", "transient"))
        return wait, one._writer.kinds(), one.purse.spent.requests

    assert virtual(job) == (None, ["late"], 1)


def test_a_permit_that_is_settled_twice_is_counted_once():
    """A worker that lost the answer to its message says it again."""

    async def job(clock):
        one = driver(clock)
        permit = await leave(one)
        outcome = tried("http-503", "transient", tokens_in=3, tokens_out=4)
        first, second = await one.settle(permit, outcome), await one.settle(permit, outcome)
        return (
            first is not None,
            second,
            one._writer.kinds(),
            one.purse.spent.requests,
            one.meter.calls,
        )

    assert virtual(job) == (True, None, ["tried"], 1, 1)


def test_a_permit_of_an_earlier_session_is_counted():
    """Its driver went away before the answer came: nobody has paid it yet."""

    async def job(clock):
        one = driver(clock)
        permit = await leave(one)
        later = driver(clock)
        await later.settle(permit, tried(tokens_in=3, tokens_out=4))
        return later.purse.spent.requests, later.purse.spent.tokens, later._writer.kinds()

    assert virtual(job) == (1, 7, ["tried"])


def test_a_call_is_reserved_at_what_the_longest_reply_so_far_has_cost():
    """Where nothing bounds a reply, the estimate is no bound; a short one later lowers nothing."""

    async def job(clock):
        one, reserved = driver(clock, budget=Budget(tokens=10**6)), []
        for call, out in (("c", 40), ("d", 900), ("e", 5), ("f", 5)):
            permit = await leave(one, call=call)
            reserved.append(permit.estimate.tokens)
            await one.settle(permit, tried(call=call, tokens_in=10, tokens_out=out))
        return reserved

    assert virtual(job) == [10, 50, 910, 910]


@pytest.mark.parametrize(("asked", "answered"), [(2.0, 8.0), (8.0, 2.0)])
def test_money_is_reserved_at_the_dearer_price_and_spent_at_each(asked, answered):
    """Nobody knows before how much of a call is answer."""

    async def job(clock):
        price = Price(model="p/m", input=asked, output=answered, date="2026-01-01")
        one = driver(clock, prices=(price,), max_tokens=9)
        permit = await leave(one, tokens=1_000_000)
        await one.settle(permit, tried(tokens_in=250_000, tokens_out=500_000))
        return permit.estimate.money, one.purse.spent.money, one.meter.money

    spent = asked / 4 + answered / 2
    assert virtual(job) == (8.0, spent, spent)
