"""The host of a run: leave, settlement, and the record. All retries and limits live here."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog
from attrs import define

from dosimeter.engine.budget import Purse
from dosimeter.engine.cache import Cache
from dosimeter.engine.charges import Charges
from dosimeter.engine.endpoints import EndpointState, Reason, rests
from dosimeter.engine.limiter import Limiter
from dosimeter.engine.meter import Due, Meter
from dosimeter.errors import LeaseLost, Permanent, Stopping
from dosimeter.http import LONGEST_RETRY_AFTER, TOO_LONG
from dosimeter.journal.events import Event
from dosimeter.journal.writer import Writer
from dosimeter.model.conversation import Reply
from dosimeter.model.work import (
    OPEN,
    CallDone,
    Cost,
    Credentials,
    Endpoint,
    Holder,
    Lease,
    Permit,
    Price,
    Seal,
    State,
    Try,
    WorkDone,
)

LEASE_SECONDS = 900.0
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0


@define
class _Held:
    """A permit that is out, or was taken back from a worker that went away."""

    permit: Permit
    state: EndpointState
    holder: Holder
    ticket: int


def _shared(endpoints: Iterable[tuple[Endpoint, Limiter]]) -> tuple[tuple[str, Limiter], ...]:
    """Give each limiter once, with the names of all that share it."""
    names: dict[int, tuple[list[str], Limiter]] = {}
    for endpoint, limiter in endpoints:
        names.setdefault(id(limiter), ([], limiter))[0].append(endpoint.name)
    return tuple((", ".join(sharers), limiter) for sharers, limiter in names.values())


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
        secrets: Callable[[Endpoint], Mapping[str, str]] = lambda _: {},
        attack_secrets: Callable[[str], Mapping[str, str]] = lambda _: {},
        timeout: float = 0.0,
        cache: Cache | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.meter = meter or Meter()
        self.purse = purse
        self._writer = writer
        self._states = {k: EndpointState(e, li) for k, (e, li) in endpoints.items()}
        self._charges = Charges.by(prices)
        self._max_retries = max_retries
        self._rng = rng or random.Random()
        self._finished = finished
        self._secrets, self._attack_secrets, self._clock = secrets, attack_secrets, clock
        # A try that may still come back must not be counted as lost, and then again.
        self._lease_seconds = max(LEASE_SECONDS, 2 * timeout)
        self._permits: dict[int, _Held] = {}
        self._taken: dict[int, _Held] = {}
        self._cache, self._recalled = cache, dict[str, int]()
        # No two sessions share a number: a worker may outlive the driver that gave it leave.
        self._first = self._serial = time.time_ns()
        self.again: Callable[[str, int], Awaitable[Lease | None]] = _nothing
        self.stop: Callable[[], None] = lambda: None
        self._epochs: dict[str, tuple[int, str, Seal]] = {}
        self.stopping, self._stopped = False, asyncio.Event()
        # Bound once: a lazy logger looks its configuration up at each call.
        self._log = structlog.get_logger().bind()
        self.meter.priced = bool(prices)
        self.meter.limits = _shared(endpoints.values())

    # -- leases -------------------------------------------------------------------------------

    def open(self, scope_id: str, epoch: int, kind: str = "attempt", seal: Seal = OPEN) -> None:
        """Say that *scope_id* is now worked on under *epoch*; older results are fenced off."""
        self._epochs[scope_id] = (epoch, kind, seal)

    def close(self, scope_id: str) -> None:
        """Forget a scope that came to its end."""
        self._epochs.pop(scope_id, None)

    def limiter(self, endpoint: str) -> Limiter:
        """Give the limiter that *endpoint* shares."""
        return self._states[endpoint].limiter

    # -- Host ---------------------------------------------------------------------------------

    async def permit(self, endpoint: str, estimate: Cost, holder: Holder) -> Permit:
        """See `dosimeter.contracts.Host`."""
        state = self._states[endpoint]
        self._may_work(holder)
        reply = self._recall(state.endpoint, holder)
        if reply is not None:
            return Permit(id=0, endpoint=endpoint, estimate=Cost(requests=0, money=0.0), expires=0.0,
                          reply=reply)  # fmt: skip
        self._may_go(state, holder)
        await self._until_due(holder.call_id)
        scout = await state.go_ahead() if self._counts_replies() else None
        try:
            cost, ticket = await self._admit(state, estimate, holder)
        except BaseException:
            if scout is not None:
                state.let_another(scout)
            raise
        self._serial += 1
        permit = Permit(
            id=self._serial, endpoint=endpoint, estimate=cost,
            expires=self._clock() + self._lease_seconds,
        )  # fmt: skip
        self._permits[permit.id] = _Held(permit, state, holder, ticket)
        self.meter.in_flight = len(self._permits)
        if not state.heard:
            self.meter.silent[state.endpoint.name] = None
        return permit

    def _recall(self, endpoint: Endpoint, holder: Holder) -> Reply | None:
        """Give the answer that an earlier run has drawn: it costs nothing. None of sealed text."""
        if self._cache is None or self._epochs[holder.scope_id][2].key:
            return None
        kept = self._cache.get(endpoint, holder.request_digest, holder.call_id)
        if kept is None:
            return None
        self._recalled[holder.call_id] = kept.drawn
        self.meter.cached += 1
        return kept.reply

    async def _admit(
        self, state: EndpointState, estimate: Cost, holder: Holder
    ) -> tuple[Cost, int]:
        """Set aside what a try may cost and wait for its place."""
        self._may_go(state, holder)
        likely = max(estimate.tokens, state.largest)
        cost = self._charges.most(state.endpoint, Cost(requests=estimate.requests, tokens=likely))
        await self.purse.reserve(cost)
        try:
            self._may_go(state, holder)
            ticket = await state.limiter.acquire()
            try:
                self._may_go(state, holder)
            except BaseException:
                state.limiter.release(ticket, ok=False)
                raise
        except BaseException:
            self.purse.settle(cost, Cost(requests=0, money=0.0))
            raise
        return cost, ticket

    async def _until_due(self, call_id: str) -> None:
        """Wait until a call may be tried again; not the worker waits, so that a stop ends it."""
        due = self.meter.due.get(call_id)
        if due is None:
            return
        try:
            async with asyncio.timeout(due.until - self._clock()):
                await self._stopped.wait()
        except TimeoutError:
            pass
        finally:
            self.meter.due.pop(call_id, None)

    def _counts_replies(self) -> bool:
        """Whether the budget counts what replies cost."""
        return self.purse.budget.tokens is not None or self.purse.budget.money is not None

    def _may_work(self, holder: Holder) -> None:
        if self.stopping:
            raise Stopping("the run was asked to stop")
        if not self._current(holder.scope_id, holder.epoch):
            raise LeaseLost("the work went to another")

    def _may_go(self, state: EndpointState, holder: Holder) -> None:
        self._may_work(holder)
        state.check()

    async def settle(self, permit: Permit, outcome: Try) -> float | None:
        """See `dosimeter.contracts.Host`."""
        held = self._permits.pop(permit.id, None)
        self.meter.in_flight = len(self._permits)
        state = self._states[permit.endpoint]
        used = self._current(outcome.scope_id, outcome.epoch)
        wait = self._wait(outcome) if used else None
        spent = self._charges.spent(state.endpoint, permit.estimate, outcome)
        state.largest = max(state.largest, spent.tokens)
        state.wake()
        if held is not None:
            self.purse.settle(permit.estimate, spent)
            asked = outcome.retry_after or 0.0
            hold = asked if asked <= LONGEST_RETRY_AFTER else 0.0
            if outcome.throttled and not hold and wait:
                hold = wait
            state.limiter.release(
                held.ticket, ok=not outcome.failure, throttled=outcome.throttled, hold=hold
            )
        elif self._taken.pop(permit.id, None) is not None:
            self.purse.correct(permit.estimate, spent)
        elif self._first < permit.id <= self._serial:
            return None  # said twice; the first time was counted
        else:
            self.purse.correct(Cost(requests=0, money=0.0), spent)
        self.meter.money += spent.money or 0.0
        self._log.debug("call.tried", call=outcome.call_id, endpoint=state.endpoint.name,
                        n=outcome.n, status=outcome.status, wait=wait)  # fmt: skip
        self._note(state, outcome, wait)
        if used:
            self._writer.put(lambda store: store.tried(outcome, spent))
        else:
            self._writer.put(lambda store: store.late(outcome, spent))
        return wait

    def _current(self, scope_id: str, epoch: int) -> bool:
        """Whether *scope_id* is being worked on under *epoch*, and no other."""
        return self._epochs.get(scope_id, (-1, "", OPEN))[0] == epoch

    def _wait(self, outcome: Try) -> float | None:
        if outcome.failure != "transient" or outcome.n > self._max_retries or self.stopping:
            return None
        if (outcome.retry_after or 0.0) > LONGEST_RETRY_AFTER:
            return None
        wait = backoff(outcome.n, self._rng)
        # What was asked for, and then not all at once.
        return wait if outcome.retry_after is None else outcome.retry_after + wait / 4

    def _note(self, state: EndpointState, outcome: Try, wait: float | None) -> None:
        meter, name = self.meter, state.endpoint.name
        meter.calls += 1
        meter.given_up += outcome.status == "timeout"
        meter.tokens_in += outcome.tokens_in or 0
        meter.tokens_out += outcome.tokens_out or 0
        reason = state.learn(outcome, last=wait is None)
        if reason is not None:
            self._give_up(state, reason)
        if rests(outcome):
            for one in self._states.values():
                if one.limiter is state.limiter:
                    self._give_up(one, (Event.RESTING, TOO_LONG, Permanent))
        now = self._clock()
        if wait is not None:
            meter.due[outcome.call_id] = Due(now + wait, name, outcome.status)
        if outcome.failure == "transient":
            return
        if not state.heard:
            state.heard = True
            meter.silent.pop(name, None)
        meter.last_answer = now
        if not outcome.failure and meter.first_answer is None:
            meter.first_answer = now - meter.started

    def _give_up(self, state: EndpointState, reason: Reason) -> None:
        """Send nothing more to an endpoint that takes nothing; the same command asks again."""
        if state.dead:
            return
        state.give_up(reason)
        kind, code, _ = reason
        self._writer.put(lambda store: store.event(time.time(), kind, state.endpoint.id, code))

    async def record(self, done: CallDone | WorkDone) -> bool:
        """See `dosimeter.contracts.Host`."""
        scope_id = done.scope_id if isinstance(done, CallDone) else done.attempt_id
        epoch, kind, seal = self._epochs.get(scope_id, (-1, "", OPEN))
        if epoch != done.epoch:
            self._writer.put(lambda store: store.event(time.time(), Event.LATE, None, scope_id))
            return False
        if isinstance(done, CallDone):
            drawn = self._recalled.pop(done.id, 0)
            await self._writer.put(lambda store: store.call(done, kind, seal, drawn))
            if self._cache is not None and not drawn and not seal.key:
                self._cache.put(self._states[done.endpoint].endpoint, done)
            return True
        await self._writer.put(lambda store: store.work(done, seal))
        self.close(scope_id)
        self._log.debug("attempt.done", attempt=scope_id, state=done.state, reason=done.reason)
        self.meter.done += done.state in {State.DONE, State.NO_CANDIDATE}
        self.meter.failed += done.state is State.FAILED
        self._finished(done)
        return True

    async def renew(self, attempt_id: str, epoch: int) -> Lease | None:
        """See `dosimeter.contracts.Host`."""
        return await self.again(attempt_id, epoch)

    async def credentials(self, owner: str) -> Credentials:
        """See `dosimeter.contracts.Host`."""
        if owner.startswith("seal:"):
            panel = owner.removeprefix("seal:")
            keys = {seal.key.hex() for _, _, seal in self._epochs.values() if seal.panel == panel}
            return Credentials(values=tuple(("key", key) for key in sorted(keys)))
        if owner.startswith("attack:"):
            found = self._attack_secrets(owner.removeprefix("attack:"))
            return Credentials(values=tuple(sorted(found.items())))
        state = self._states[owner]
        return Credentials(values=tuple(sorted(self._secrets(state.endpoint).items())))

    async def halt(self) -> None:
        """See `dosimeter.contracts.Host`."""
        self.send_no_more()
        self.stop()

    def send_no_more(self) -> None:
        """End every wait for leave: from here on whoever wants to send is told to stop."""
        self.stopping = True
        self._stopped.set()
        for state in self._states.values():
            state.limiter.dismiss()
            state.wake()

    # -- upkeep -------------------------------------------------------------------------------

    def expire(self) -> int:
        """Take back permits that nobody returned in time."""
        now = self._clock()
        gone = [h for h in self._permits.values() if h.permit.expires < now]
        for held in gone:
            self._take(held)
        for call_id in [c for c, due in self.meter.due.items() if due.until < now - LONGEST_WAIT]:
            del self.meter.due[call_id]  # of a worker that went away
        return len(gone)

    def keep_answers(self) -> None:
        """Write to the cache what waits."""
        if self._cache is not None:
            self._cache.flush()

    def take_back(self, scope_id: str, epoch: int) -> None:
        """Take back the permits of a worker that went away."""
        lost = [h for h in self._permits.values()
                if h.holder.scope_id == scope_id and h.holder.epoch <= epoch]  # fmt: skip
        for held in lost:
            self._take(held)

    def _take(self, held: _Held) -> None:
        """Free the place of a lost try. It may have been sent, so it counts as paid."""
        permit, holder = held.permit, held.holder
        self._taken[permit.id] = self._permits.pop(permit.id)
        self.meter.in_flight = len(self._permits)
        held.state.limiter.release(held.ticket, ok=False)
        self.purse.settle(permit.estimate, permit.estimate)
        lost = Try(
            call_id=holder.call_id, scope_id=holder.scope_id, endpoint=permit.endpoint,
            epoch=holder.epoch, n=holder.n, started=time.time(), seconds=0.0, status="lost",
            failure="lost",
        )  # fmt: skip
        self._writer.put(lambda store: store.tried(lost, permit.estimate, used=False))

    async def keep_time(self) -> None:
        """Write how long the run has taken: a kill must not give a budget of minutes back."""
        taken = f"{self.purse.seconds:.3f}"
        await self._writer.put(
            lambda store: store.db.execute(
                "INSERT OR REPLACE INTO run VALUES ('seconds', ?)", (taken,)
            )
        )


async def _nothing(_attempt_id: str, _epoch: int) -> None:
    """Stand in for the feed where attempts are not handed out."""
