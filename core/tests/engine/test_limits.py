"""Limiter and budget on a clock of their own."""

import asyncio
import random
from itertools import pairwise

import pytest
from virtual import virtual

from dosimeter import BudgetSpent, Cost
from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.driver import FIRST_WAIT, LONGEST_WAIT, backoff
from dosimeter.engine.limiter import BUSY, CUT, ENOUGH, FLOOR, LATE, REGAINED, SOON, WINDOW, Limiter
from dosimeter.engine.pulse import BEAT, keep_up
from dosimeter.model.stackfile import Budget


async def worker(limiter, seconds, clock, log, **release):
    ticket = await limiter.acquire()
    log.append(clock())
    await asyncio.sleep(seconds(limiter) if callable(seconds) else seconds)
    limiter.release(ticket, ok=not release, **release)


async def flood(limiter, n, seconds, clock):
    """Do *n* calls as fast as the limiter lets them go; when each began."""
    log = []
    await asyncio.gather(*(worker(limiter, seconds, clock, log) for _ in range(n)))
    return log


def test_no_more_calls_than_places():
    """Twelve calls of one second over three places take four seconds."""

    async def job(clock):
        limiter = Limiter(most=3, clock=clock)
        return await flood(limiter, 12, 1.0, clock), limiter

    log, limiter = virtual(job)
    assert sorted(log) == [float(i // 3) for i in range(12)]
    assert (limiter.in_flight, limiter.limit) == (0, 3)


def test_requests_a_minute_are_spaced():
    """30 a minute is one every two seconds from answer to start, whatever the places."""

    async def job(clock):
        return await flood(Limiter(most=9, per_minute=30, clock=clock), 5, 0.1, clock)

    assert virtual(job) == pytest.approx([0, 2.1, 4.2, 6.3, 8.4])


def busiest(times, window=1.0):
    """Give the most of *times* in any *window* seconds."""
    times = sorted(times)
    return max(sum(t <= u < t + window for u in times[i:]) for i, t in enumerate(times))


async def sent(limiter, way, service, clock, arrivals):
    """Make a call whose request takes *way* seconds to arrive."""
    ticket = await limiter.acquire()
    await asyncio.sleep(way)
    arrivals.append(clock())
    await asyncio.sleep(service)
    limiter.release(ticket, ok=True)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("service", [0.01, 0.6, 5.0])
def test_a_rate_holds_as_the_endpoint_counts_it_on_a_busy_machine(service, seed):
    """Woken up to 0.8 s late, with requests under way up to SOON: 10 a second stay 10 a second."""
    rng = random.Random(seed)

    async def job(clock):
        limiter, arrivals = Limiter(most=200, per_minute=600, clock=clock), []
        calls = (sent(limiter, rng.uniform(0, SOON), service, clock, arrivals) for _ in range(200))
        await asyncio.gather(*calls)
        return arrivals

    late = virtual(job, lambda: rng.choice([0.0, 0.0, 0.0, 0.8 * rng.random()]))
    assert busiest(late) <= 10


def test_late_leave_does_not_bunch_up():
    """Who overslept three turns gets one, and the next a turn later."""

    async def job(clock):
        limiter = Limiter(most=9, per_minute=60, clock=clock)
        return await flood(limiter, 6, 0.0, clock)

    naps = iter([0.0, 0.0, 3.5])
    starts = virtual(job, lambda: next(naps, 0.0))
    assert min(b - a for a, b in pairwise(starts)) >= 1.0
    assert max(b - a for a, b in pairwise(starts)) > 4.0


def test_who_goes_on_counts_what_another_process_may_have_sent():
    """A window after that one ended; an account without a rate waits for nothing."""

    async def job(clock, per_minute, ago):
        limiter = Limiter(most=9, per_minute=per_minute, clock=clock)
        limiter.follow(ago)
        return (await flood(limiter, 1, 0.1, clock))[0]

    assert virtual(lambda c: job(c, 600, 0.2)) == pytest.approx(0.8 + SOON)
    assert virtual(lambda c: job(c, 30, -1.0)) == pytest.approx(2.0 + SOON)
    assert virtual(lambda c: job(c, 600, 9.0)) == 0.0
    assert virtual(lambda c: job(c, None, 0.0)) == 0.0


def test_too_much_cuts_the_limit_once_a_second_and_success_raises_it():
    """A burst of refusals is one sign, not eight; the limit never leaves 1 to most."""

    async def job(clock):
        limiter = Limiter(most=8, clock=clock)
        await asyncio.gather(*(worker(limiter, 5.0, clock, [], throttled=True) for _ in range(8)))
        cut = limiter.limit
        for _ in range(30):
            await asyncio.sleep(2)
            await worker(limiter, 0.0, clock, [], throttled=True)
        least = limiter.limit
        await flood(limiter, 200, 0.1, clock)
        return cut, least, limiter.limit

    assert virtual(job) == (pytest.approx(8 * CUT), 1.0, 8.0)


def test_a_hold_stops_everybody_and_the_longest_one_counts():
    """Retry-After holds the account, not only the call that met it."""

    async def job(clock):
        limiter = Limiter(most=4, clock=clock)
        tickets = [await limiter.acquire() for _ in range(2)]
        for ticket, hold in zip(tickets, (30.0, 5.0), strict=True):
            limiter.release(ticket, ok=False, throttled=True, hold=hold)
        return await flood(limiter, 2, 1.0, clock)

    assert min(virtual(job)) == pytest.approx(30.0)


def test_who_gives_up_waiting_takes_no_place_along():
    """Cancelled waiters leave; the others go on."""

    async def job(clock):
        limiter = Limiter(most=1, clock=clock)
        ticket = await limiter.acquire()
        waiting = [asyncio.ensure_future(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        limiter.release(ticket, ok=True)
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return limiter.in_flight, waiting[2].cancelled()

    assert virtual(job) == (1, False)


def test_silent_queueing_lowers_the_limit_to_its_floor_and_not_below():
    """When calls take ten times as long as usual, fewer are sent; when they are quick again, more."""

    async def job(clock):
        limiter = Limiter(most=32, clock=clock)
        await flood(limiter, 400, 1.0, clock)
        usual = limiter.limit
        await flood(limiter, 3 * WINDOW, 10.0, clock)
        slow = limiter.limit
        await flood(limiter, 2000, 1.0, clock)
        return usual, slow, limiter.limit

    usual, slow, after = virtual(job)
    assert usual == 32
    assert FLOOR <= slow < 24
    assert after == 32


def test_a_fast_endpoint_and_an_uneven_one_are_not_starved():
    """Calls of milliseconds, and replies whose lengths differ fivefold, keep all their places."""
    rng = random.Random(1)

    async def job(clock, seconds):
        limiter = Limiter(most=16, clock=clock)
        least = []

        def take(lim):
            least.append(lim.limit)
            return seconds()

        await flood(limiter, 1500, take, clock)
        return min(least)

    assert virtual(lambda c: job(c, lambda: rng.choice([0.001, 0.1]))) == 16
    assert virtual(lambda c: job(c, lambda: rng.uniform(1, 5))) == 16


@pytest.mark.parametrize("most", [16, 64, 200])
def test_replies_that_come_in_bunches_keep_all_their_places(most):
    """All calls begin and end together, as with a server that decodes in batches: no sign of a queue."""

    async def job(clock):
        await flood(Limiter(most=most, clock=clock), 30 * most, 1.0, clock)
        return clock()

    assert virtual(job) == pytest.approx(30.0)


@pytest.mark.parametrize("most", [32, 100, 200])
def test_bunches_keep_their_places_while_few_wait_for_one(most):
    """All replies come at whole seconds, and those who called write them down before they call again."""

    async def job(clock):
        limiter = Limiter(most=most, clock=clock)

        async def one():
            for _ in range(30):
                ticket = await limiter.acquire()
                await asyncio.sleep(1.01 - clock() % 1.0)
                limiter.release(ticket, ok=True)
                await asyncio.sleep(0.02)

        await asyncio.gather(*(one() for _ in range(most + 4)))
        return clock()

    assert virtual(job) < 36


def test_a_queue_with_a_known_capacity_is_followed():
    """An endpoint that serves 8 at once and queues the rest is still used in full."""

    async def job(clock):
        limiter = Limiter(most=64, clock=clock)
        began = clock()
        await flood(limiter, 800, lambda lim: max(1.0, lim.in_flight / 8), clock)
        return 800 / (clock() - began)

    assert virtual(job) > 0.7 * 8


def cost(tokens=0, money=None, requests=1):
    return Cost(requests=requests, tokens=tokens, money=money)


@pytest.mark.parametrize("most", [200, 4])
def test_who_does_not_keep_up_sends_less_and_regains_it(most):
    """A process that is late with all lets as few calls go as keep it busy; a spare one, all again."""
    late = [3 * LATE]

    async def job(clock):
        limiter, log = Limiter(most=most, clock=clock), []
        busy = asyncio.create_task(keep_up({limiter}, clock, clock))
        calls = [asyncio.create_task(worker(limiter, 1.0, clock, log)) for _ in range(8000)]
        await asyncio.sleep(6)
        behind = limiter.in_flight
        late[0] = 0.0
        steps = (200 - ENOUGH) / REGAINED
        await asyncio.sleep(steps * BEAT / 2)
        half = limiter.in_flight
        await asyncio.sleep(steps * BEAT)
        whole = limiter.in_flight
        for task in (busy, *calls):
            task.cancel()
        return behind, half, whole

    behind, half, whole = virtual(job, lambda: late[0])
    if most < ENOUGH:
        assert (behind, half, whole) == (most, most, most)
    else:
        assert behind == ENOUGH
        assert 100 < half < 120
        assert whole == most


def test_a_run_starts_with_few_calls_and_doubles_them_while_it_keeps_up():
    """Calls in flight 0.005 s, 0.25 s and 0.55 s after the start, and with no pulse."""

    async def job(clock, beats):
        limiter, seen = Limiter(most=200, clock=clock), []
        tasks = [asyncio.create_task(keep_up({limiter}, clock, lambda: 0.0))] if beats else []
        tasks += [asyncio.create_task(worker(limiter, 60.0, clock, [])) for _ in range(400)]
        for seconds in (0.005, 0.245, 0.3):
            await asyncio.sleep(seconds)
            seen.append(limiter.in_flight)
        for task in tasks:
            task.cancel()
        return seen

    few, more, whole = virtual(lambda clock: job(clock, beats=True))
    assert few == ENOUGH
    assert 3 * ENOUGH < more < 5 * ENOUGH
    assert whole == 200
    assert virtual(lambda clock: job(clock, beats=False)) == [200, 200, 200]


@pytest.mark.parametrize("late", [2 * LATE, 10.0])
def test_one_late_timer_costs_an_idle_process_nothing_and_a_busy_one_some_places(late):
    """A rater that computes 30 ms now and then is no reason to send less, nor is a suspended machine."""

    async def job(clock, busy):
        limiter = Limiter(most=100, clock=clock)
        calls = asyncio.create_task(flood(limiter, 200, 1.0, clock))
        await asyncio.sleep(0.5)
        limiter.rung(late, busy)
        limiter.rung(0.0, busy)
        await asyncio.sleep(1.0)
        in_flight = limiter.in_flight
        await calls
        return in_flight

    assert virtual(lambda clock: job(clock, BUSY - 0.01)) == 100
    assert virtual(lambda clock: job(clock, BUSY)) == int(100 * max(CUT, LATE / late) + REGAINED)


def test_a_burst_of_work_is_forgotten_once_it_is_done():
    """Late and busy for some seconds, then idle: all calls go again in half a second."""
    late, worked = [3 * LATE], [0.0]

    async def job(clock):
        limiter = Limiter(most=200, clock=clock)
        tasks = [asyncio.create_task(keep_up({limiter}, clock, lambda: clock() - worked[0]))]
        tasks += [asyncio.create_task(worker(limiter, 1.0, clock, [])) for _ in range(4000)]
        await asyncio.sleep(4)
        behind = limiter.in_flight
        late[0], stop = 0.0, clock()
        for _ in range(60):
            await asyncio.sleep(BEAT)
            worked[0] = clock() - stop
        whole = limiter.in_flight
        for task in tasks:
            task.cancel()
        return behind, whole

    assert virtual(job, lambda: late[0]) == (ENOUGH, 200)


def test_a_budget_is_reserved_before_and_settled_after():
    """Calls in flight cannot overspend; what they leave is for the next."""

    async def job(clock):
        purse = Purse(Budget(tokens=100), Spent(), clock)
        await purse.reserve(cost(60))
        second = asyncio.ensure_future(purse.reserve(cost(60)))
        await asyncio.sleep(1)
        waited = not second.done()
        purse.settle(cost(60), cost(30))
        await second
        with pytest.raises(BudgetSpent, match="100 tokens"):
            await purse.reserve(cost(80))
        return waited, purse.spent.tokens

    assert virtual(job) == (True, 30)


@pytest.mark.parametrize(
    ("budget", "spent", "says"),
    [
        (Budget(requests=3), Spent(requests=3), "3 requests"),
        (Budget(money=1.0), Spent(money=0.9), "1.0 of money"),
        (Budget(minutes=2), Spent(seconds=121), "2 minutes"),
        (Budget(tokens=0), Spent(), "0 tokens"),
    ],
)
def test_what_earlier_sessions_spent_counts(budget, spent, says):
    """The budget is the run's, not the session's."""

    async def job(clock):
        await Purse(budget, spent, clock).reserve(cost(10, 0.2))

    with pytest.raises(BudgetSpent, match=says):
        virtual(job)


def test_minutes_pass_while_the_run_waits():
    """Time is spent by the clock."""

    async def job(clock):
        purse = Purse(Budget(minutes=1), Spent(), clock)
        await purse.reserve(cost())
        await asyncio.sleep(61)
        await purse.reserve(cost())

    with pytest.raises(BudgetSpent, match="1 minutes"):
        virtual(job)


def test_trap_16_retries_are_spread_and_bounded():
    """Full jitter: no two alike, never at once, never more than a minute."""
    rng = random.Random(3)
    waits = [backoff(n, rng) for n in range(1, 12) for _ in range(50)]

    assert min(waits) >= FIRST_WAIT / 2
    assert max(waits) <= LONGEST_WAIT
    assert len(set(waits)) == len(waits)


def test_who_gives_up_as_his_turn_comes_is_cancelled_and_no_more():
    """Passed over while cancelled: no error but the cancellation, and nobody loses a place."""

    async def job(clock):
        limiter = Limiter(most=1, clock=clock)
        ticket = await limiter.acquire()
        waiting = [asyncio.ensure_future(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        for one in waiting[:2]:
            one.cancel()
        limiter.release(ticket, ok=True)
        got = await asyncio.gather(*waiting, return_exceptions=True)
        return [type(x) for x in got], limiter.in_flight

    assert virtual(job) == ([asyncio.CancelledError, asyncio.CancelledError, int], 1)
