"""Leases in the order of the plan, as many a target as its limiter will bear.

Each target has its own walk through the plan, so a slow one holds up no other.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from itertools import islice

from attrs import define, field

from dosimeter.engine.driver import Driver
from dosimeter.engine.parts import CategoryPart
from dosimeter.engine.plan import Planned, plan, rng_seed
from dosimeter.journal.reader import Reader
from dosimeter.journal.schema import placeholders
from dosimeter.journal.writer import Writer
from dosimeter.model.doing import Role
from dosimeter.model.stackfile import Stack
from dosimeter.model.work import Endpoint, Lease, State, WorkDone

SPARE = 4
LOOK = 64
MOST_LOSSES = 5
HUNG, HUNG_BEFORE, MOST_HUNG = "attack:Timeout", "attack:hung-before", 3
"""Attempts in a row in which an attack took too long; then it would in all, and nothing goes on meanwhile."""


@define
class _Walk:
    """One target's way through the plan; *ready* are open attempts with their last epochs."""

    target: Endpoint
    steps: Iterator[Planned]
    ready: deque[tuple[Planned, int]] = field(factory=deque)
    out: int = 0
    ended: bool = False


@define
class _Out:
    """An attempt that is handed out.

    Attributes:
        losses: How often its worker was lost in this session.
    """

    walk: _Walk
    planned: Planned
    epoch: int
    losses: int = 0


class Feed:
    """Hands out leases; told of finished ones by `finished`.

    Args:
        between: Asked once all that is open is done, of a run that goes wave by wave: whether more
            was opened. None for one that has a single wave.
    """

    def __init__(
        self,
        *,
        stack: Stack,
        parts: Sequence[CategoryPart],
        driver: Driver,
        writer: Writer,
        reader: Reader,
        between: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._stack, self._parts, self._between = stack, parts, between
        self._driver, self._writer, self._reader = driver, writer, reader
        self._walks = self._begin()
        self._endpoints = {e.id: e for e in (*stack.targets, *stack.endpoints)}
        self._out: dict[str, _Out] = {}
        self._hung: Counter[str] = Counter()
        driver.again, driver.stop = self.renew, self.stop
        self._moved = asyncio.Event()
        self._turn = 0
        self.stopped = False

    def _begin(self) -> list[_Walk]:
        """Start at the head of the plan; what is done already is passed over."""
        return [_Walk(t, plan(self._stack, self._parts, t)) for t in self._stack.targets]

    def finished(self, done: WorkDone) -> None:
        """Free the place of a finished attempt."""
        out = self._out.pop(done.attempt_id, None)
        if out is not None:
            out.walk.out -= 1
            self._moved.set()
            self.count(out.planned.attempt.attack, done.reason)

    def count(self, attack: str, reason: str) -> None:
        """Count the attempts in a row in which *attack* hung, by the *reason* that they ended with."""
        self._hung[attack] = self._hung[attack] + 1 if reason == HUNG else 0

    async def renew(self, attempt_id: str, epoch: int) -> Lease | None:
        """See `dosimeter.contracts.Host`."""
        out = self._out.get(attempt_id)
        if out is None or out.epoch != epoch:
            return None
        out.epoch += 1
        out.losses += 1
        # Fenced first: whatever the lost worker says from here on is late.
        self._driver.open(attempt_id, out.epoch, seal=out.planned.seal)
        self._driver.take_back(attempt_id, epoch)
        if out.losses > MOST_LOSSES:
            end = WorkDone(
                attempt_id=attempt_id, epoch=out.epoch, state=State.FAILED, reason="lost"
            )
            await self._driver.record(end)
            return None
        # Once this is durable so is all that was taken before, and the answers can be read.
        self._writer.put(lambda store: store.unused(attempt_id))
        await self._writer.put(lambda store: store.open_attempt(attempt_id, out.epoch))
        if self.stopped:
            self._driver.close(attempt_id)
            return None
        return self._lease_of(out)

    def stop(self) -> None:
        """Hand out nothing more."""
        self.stopped = True
        self._moved.set()

    async def leases(self) -> AsyncIterator[Lease]:
        """Yield leases until the plan is done or `stop` is called."""
        while not self.stopped:
            walk = self._next_walk()
            if walk is None:
                if all(w.ended for w in self._walks):
                    if not await self._more():
                        return
                    self._walks = self._begin()
                    continue
                self._moved.clear()
                await self._moved.wait()
                continue
            lease = await self._lease(walk)
            if lease is None:
                walk.ended = True
                continue
            yield lease

    async def _more(self) -> bool:
        """Wait for what is out, and ask whether there is another wave."""
        if self._between is None:
            return False
        while self._out and not self.stopped:
            self._moved.clear()
            await self._moved.wait()
        return not self.stopped and await self._between()

    def _next_walk(self) -> _Walk | None:
        n = len(self._walks)
        for i in range(n):
            walk = self._walks[(self._turn + i) % n]
            room = int(self._driver.limiter(walk.target.id).limit) + SPARE
            if not walk.ended and walk.out < room:
                self._turn = (self._turn + i + 1) % n
                return walk
        return None

    async def _lease(self, walk: _Walk) -> Lease | None:
        """Hand out the next open attempt; None at the end of the plan."""
        found = await self._next_step(walk)
        while found and self._hung[found[0].attempt.attack] >= MOST_HUNG:
            await self._end(found[0].attempt.id, HUNG_BEFORE)
            found = await self._next_step(walk)
        if found is None:
            await self._give_up_strays(walk)
            return None
        step, epoch = found
        walk.out += 1
        out = _Out(walk, step, epoch + 1)
        self._out[step.attempt.id] = out
        return self._make(out)

    async def _next_step(self, walk: _Walk) -> tuple[Planned, int] | None:
        """Give the next open attempt with its last epoch."""
        while not walk.ready:
            planned = list(islice(walk.steps, LOOK))
            if not planned:
                return None
            walk.ready.extend(self._open(planned))
            await asyncio.sleep(0)  # most of a run that is gone on with is done already
        return walk.ready.popleft()

    async def _end(self, attempt_id: str, reason: str) -> None:
        """Fail an attempt that is handed to nobody."""
        self._driver.open(attempt_id, 0)
        await self._driver.record(
            WorkDone(attempt_id=attempt_id, epoch=0, state=State.FAILED, reason=reason)
        )

    async def _give_up_strays(self, walk: _Walk) -> None:
        """Fail what the plan had when it was written and has not now: it can never be asked.

        They are tried again by the same command, if what plans them is mended by then.
        """
        rows = self._reader.rows(
            "SELECT lower(hex(a.id)) FROM attempt a JOIN arm r ON r.k = a.arm JOIN endpoint e"
            " ON e.k = r.target WHERE a.state = 'open' AND e.id = ?",
            (bytes.fromhex(walk.target.id),),
        )
        # Before anything else can move: one that is handed out now may be done a moment later.
        strays = [] if self.stopped else [name for (name,) in rows if name not in self._out]
        for name in strays:
            await self._end(name, "replanned")

    def _open(self, planned: Sequence[Planned]) -> Iterator[tuple[Planned, int]]:
        """Give those of *planned* that are still to be done, each with its last epoch."""
        ids = [bytes.fromhex(p.attempt.id) for p in planned]
        epochs = dict(
            self._reader.rows(
                "SELECT lower(hex(id)), epoch FROM attempt WHERE state = 'open' AND id IN"
                f" ({placeholders(len(ids))})", ids,
            )
        )  # fmt: skip
        for one in planned:
            if one.attempt.id in epochs:
                yield one, epochs[one.attempt.id]

    def _make(self, out: _Out) -> Lease:
        attempt, epoch = out.planned.attempt, out.epoch
        self._driver.open(attempt.id, epoch, seal=out.planned.seal)
        self._writer.put(lambda store: store.open_attempt(attempt.id, epoch))
        return self._lease_of(out)

    def _lease_of(self, out: _Out) -> Lease:
        planned, attempt, epoch = out.planned, out.planned.attempt, out.epoch
        roles = tuple((Role(r), self._endpoints[e]) for r, e in planned.part.roles)
        return Lease(
            attempt=attempt,
            epoch=epoch,
            item=planned.item,
            variant=planned.variant,
            endpoints=((Role.TARGET, planned.target), *roles),
            run_seed=self._stack.run.seed,
            rng_seed=rng_seed(self._stack.run.seed, planned),
            attack_options=planned.part.choice.identity,
            attack_operational=planned.part.choice.operational,
            timeout=self._stack.run.timeout,
            answered=self._reader.answered(attempt.id) if epoch > 1 else (),
            seal=planned.seal,
        )
