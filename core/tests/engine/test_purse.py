"""A budget is spent to its last unit and not beyond, whatever is in flight."""

import asyncio

import pytest
from virtual import virtual

from dosimeter import BudgetSpent, Cost
from dosimeter.engine.budget import Purse, Spent
from dosimeter.model.stackfile import Budget


def cost(requests=1, tokens=0, money=None):
    return Cost(requests=requests, tokens=tokens, money=money)


@pytest.mark.parametrize(
    ("budget", "enough", "too_much"),
    [
        (Budget(requests=3), Spent(requests=2), Spent(requests=3)),
        (Budget(tokens=100), Spent(tokens=90), Spent(tokens=91)),
        (Budget(money=1.0), Spent(money=0.75), Spent(money=0.875)),
        (Budget(minutes=2), Spent(seconds=119.5), Spent(seconds=120.0)),
    ],
)
def test_what_is_left_may_be_spent_and_no_more(budget, enough, too_much):
    """A call that takes the last of it goes out; the next does not. A minute that is over is over."""

    async def job(clock, spent):
        await Purse(budget, spent, clock).reserve(cost(1, 10, 0.25))

    virtual(lambda clock: job(clock, enough))
    with pytest.raises(BudgetSpent):
        virtual(lambda clock: job(clock, too_much))


@pytest.mark.parametrize("budget", [Budget(requests=2), Budget(tokens=20), Budget(money=0.5)])
def test_calls_in_flight_hold_what_they_may_cost(budget):
    """A third waits for two; it goes when one turns out to have cost nothing."""

    async def job(clock):
        purse, one = Purse(budget, Spent(), clock), cost(1, 10, 0.25)
        for _ in range(2):
            await purse.reserve(one)
        third = asyncio.ensure_future(purse.reserve(one))
        await asyncio.sleep(1)
        waited = not third.done()
        purse.settle(one, cost(0))
        await asyncio.sleep(1)
        return waited, third.done()

    assert virtual(job) == (True, True)


def test_what_was_spent_is_summed_and_what_was_counted_is_corrected():
    """Requests, tokens and money; a call without a price costs none."""

    async def job(clock):
        purse = Purse(Budget(), Spent(requests=1, tokens=5, money=1.0, seconds=7.0), clock)
        await purse.reserve(cost(1, 10, 0.25))
        purse.settle(cost(1, 10, 0.25), cost(1, 8, 0.5))
        purse.settle(cost(0), cost(1, 2))
        first = purse.spent.requests, purse.spent.tokens, purse.spent.money
        purse.correct(cost(1, 8, 0.5), cost(2, 20, 0.75))
        await asyncio.sleep(3)
        return first, (purse.spent.requests, purse.spent.tokens, purse.spent.money), purse.seconds

    assert virtual(job) == ((3, 15, 1.5), (4, 27, 1.75), 10.0)
