"""The host of a run: leave, settlement, and the record. All retries and limits live here."""

import random
import time
from collections.abc import Callable, Mapping

from attrs import define, field

from dosimeter.engine.budget import Purse
from dosimeter.engine.limiter import Limiter
from dosimeter.errors import AuthFailed, Stopping
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer
from dosimeter.model.stackfile import Price
from dosimeter.model.work import (
    OPEN,
    CallDone,
    Cost,
    Endpoint,
    Permit,
    Seal,
    State,
    Try,
    WorkDone,
)

LEASE_SECONDS = 900.0
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0


@define
class Meter:
    """What a progress display shows; counts of this session beside those of the whole run.

    Attributes:
        waiting: What the run is waiting for, in words; empty when it flows.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    before: int = 0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    priced: bool = False
    rated: int = 0
    started: float = field(factory=time.monotonic)
    waiting: str = ""
    first_answer: float | None = None
    finished: bool = False


@define
class _Account:
    """What one endpoint shares with those on the same account."""

    endpoint: Endpoint
    limiter: Limiter
    dead: str = ""


def backoff(n: int, rng: random.Random) -> float:
    """Seconds before try *n* + 1: exponential with full jitter, so that retries never burst.

    Reference: M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015.
    """
    return rng.uniform(FIRST_WAIT / 2, min(LONGEST_WAIT, FIRST_WAIT * 2**n))


class Driver:
    """Gives leave, takes results and makes them durable: the `Host` of every executor."""

    def __init__(
        self,
        *,
        writer: Writer,
        endpoints: Mapping[str, tuple[Endpoint, Limiter]],
        purse: Purse,
        max_retries: int,
        prices: tuple[Price, ...] = (),
        meter: Meter | None = None,
        rng: random.Random | None = None,
        finished: Callable[[WorkDone], None] = lambda _: None,
    ) -> None:
        self.meter = meter or Meter()
        self.purse = purse
        self._writer = writer
        self._accounts = {k: _Account(e, li) for k, (e, li) in endpoints.items()}
        self._prices = {p.model: p for p in prices}
        self._max_retries = max_retries
        self._rng = rng or random.Random()
        self._finished = finished
        self._permits: dict[int, tuple[Permit, _Account]] = {}
        self._serial = 0
        self._epochs: dict[str, tuple[int, str, Seal]] = {}
        self.stopping = False
        self.meter.priced = bool(prices)

    # -- leases -------------------------------------------------------------------------------

    def open(self, scope_id: str, epoch: int, kind: str = "attempt", seal: Seal = OPEN) -> None:
        """Say that *scope_id* is now worked on under *epoch*; older results are fenced off."""
        self._epochs[scope_id] = (epoch, kind, seal)

    def close(self, scope_id: str) -> None:
        """Forget a scope that came to its end."""
        self._epochs.pop(scope_id, None)

    def limiter(self, endpoint: str) -> Limiter:
        """Give the limiter that *endpoint* shares."""
        return self._accounts[endpoint].limiter

    # -- Host ---------------------------------------------------------------------------------

    async def permit(self, endpoint: str, estimate: Cost) -> Permit:
        """See `dosimeter.contracts.Host`."""
        account = self._accounts[endpoint]
        self._may_go(account)
        cost = self._priced(account.endpoint, estimate)
        await self.purse.reserve(cost)
        try:
            if account.limiter.held > 0:
                self.meter.waiting = f"rate limit of {account.endpoint.name}"
            await account.limiter.acquire()
        except BaseException:
            self.purse.settle(cost, Cost(requests=0, money=0.0))
            raise
        self.meter.waiting = ""
        try:
            self._may_go(account)
        except BaseException:
            account.limiter.release(ok=False)
            self.purse.settle(cost, Cost(requests=0, money=0.0))
            raise
        self._serial += 1
        permit = Permit(
            id=self._serial, endpoint=endpoint, estimate=cost,
            expires=time.monotonic() + LEASE_SECONDS,
        )  # fmt: skip
        self._permits[permit.id] = (permit, account)
        return permit

    def _may_go(self, account: _Account) -> None:
        if self.stopping:
            raise Stopping("the run was asked to stop")
        if account.dead:
            raise AuthFailed(account.dead, code="auth")

    async def settle(self, permit: Permit, outcome: Try) -> float | None:
        """See `dosimeter.contracts.Host`."""
        held = self._permits.pop(permit.id, None)
        account = self._accounts[permit.endpoint]
        wait = self._wait(outcome)
        if held is not None:
            spent = self._spent(account.endpoint, permit.estimate, outcome)
            self.purse.settle(permit.estimate, spent)
            self.meter.money += spent.money or 0.0
            hold = outcome.retry_after or 0.0
            if outcome.throttled and not hold and wait:
                hold = wait
            account.limiter.release(ok=not outcome.failure, throttled=outcome.throttled, hold=hold)
        self._note(account, outcome, wait)
        known = self._epochs.get(outcome.scope_id)
        used = known is not None and known[0] == outcome.epoch
        self._writer.put(lambda store: store.tries([outcome], used=used))
        return wait

    def _wait(self, outcome: Try) -> float | None:
        if outcome.failure != "transient" or outcome.n > self._max_retries or self.stopping:
            return None
        wait = backoff(outcome.n, self._rng)
        return wait if outcome.retry_after is None else max(outcome.retry_after, wait / 4)

    def _note(self, account: _Account, outcome: Try, wait: float | None) -> None:
        meter, name = self.meter, account.endpoint.name
        meter.calls += 1
        meter.tokens_in += outcome.tokens_in or 0
        meter.tokens_out += outcome.tokens_out or 0
        if outcome.failure == "auth" and not account.dead:
            account.dead = f"{name}: the endpoint does not accept the credentials"
            self._writer.put(
                lambda store: store.event(time.time(), "auth", account.endpoint.id, outcome.status)
            )
        if wait is not None:
            meter.waiting = f"retry of {name} in {wait:.0f} s ({outcome.status})"
        elif not outcome.failure and meter.first_answer is None:
            meter.first_answer = time.monotonic() - meter.started

    def _priced(self, endpoint: Endpoint, cost: Cost) -> Cost:
        price = self._prices.get(f"{endpoint.provider}/{endpoint.model}")
        if price is None:
            return cost
        money = cost.tokens * max(price.input, price.output) / 1e6
        return Cost(requests=cost.requests, tokens=cost.tokens, money=money)

    def _spent(self, endpoint: Endpoint, estimate: Cost, outcome: Try) -> Cost:
        if outcome.failure:
            return Cost(requests=1, tokens=0, money=0.0)
        if outcome.tokens_in is None and outcome.tokens_out is None:
            return estimate
        t_in, t_out = outcome.tokens_in or 0, outcome.tokens_out or 0
        price = self._prices.get(f"{endpoint.provider}/{endpoint.model}")
        money = None if price is None else (t_in * price.input + t_out * price.output) / 1e6
        return Cost(requests=1, tokens=t_in + t_out, money=money)

    async def record(self, done: CallDone | WorkDone) -> bool:
        """See `dosimeter.contracts.Host`."""
        scope_id = done.scope_id if isinstance(done, CallDone) else done.attempt_id
        epoch, kind, seal = self._epochs.get(scope_id, (-1, "", OPEN))
        if epoch != done.epoch:
            self._writer.put(lambda store: store.event(time.time(), "late", None, scope_id))
            return False
        if isinstance(done, CallDone):
            await self._writer.put(lambda store: _ignore(store.call(done, kind, seal)))
            return True
        await self._writer.put(lambda store: store.work(done, seal))
        self.close(scope_id)
        self.meter.done += done.state in {State.DONE, State.NO_CANDIDATE}
        self.meter.failed += done.state is State.FAILED
        self._finished(done)
        return True

    # -- upkeep -------------------------------------------------------------------------------

    def expire(self) -> int:
        """Take back permits whose holders went away; what they may have spent counts as spent."""
        now = time.monotonic()
        gone = [p for p, _ in self._permits.values() if p.expires < now]
        for permit in gone:
            _, account = self._permits.pop(permit.id)
            account.limiter.release(ok=False)
            self.purse.settle(permit.estimate, permit.estimate)
        return len(gone)

    @property
    def in_flight(self) -> int:
        """Calls that hold a permit."""
        return len(self._permits)

    async def event(self, kind: str, code: str) -> None:
        """Write something that happened to the journal."""

        def job(store: Store) -> None:
            store.event(time.time(), kind, None, code)

        await self._writer.put(job)


def _ignore(_: object) -> None:
    """Drop a result that only tells whether there was something to do."""
