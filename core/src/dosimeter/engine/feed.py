"""Leases in the order of the plan, as many a target as its limiter will bear.

Each target has its own walk through the plan, so a slow one holds up no other.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

from attrs import define

from dosimeter.engine.driver import Driver
from dosimeter.engine.plan import CategoryPart, Planned, plan, rng_seed
from dosimeter.journal.reader import Reader
from dosimeter.journal.writer import Writer
from dosimeter.model.doing import Role
from dosimeter.model.stackfile import Stack
from dosimeter.model.work import Endpoint, Lease, WorkDone

SPARE = 4
BREATH = 128


@define
class _Walk:
    """One target's way through the plan."""

    target: Endpoint
    steps: Iterator[Planned]
    out: int = 0
    ended: bool = False


class Feed:
    """Hands out leases; told of finished ones by `finished`."""

    def __init__(
        self,
        *,
        stack: Stack,
        parts: Sequence[CategoryPart],
        driver: Driver,
        writer: Writer,
        reader: Reader,
    ) -> None:
        self._stack, self._driver, self._writer, self._reader = stack, driver, writer, reader
        self._walks = [_Walk(t, plan(stack, parts, t)) for t in stack.targets]
        self._endpoints = {e.id: e for e in (*stack.targets, *stack.endpoints)}
        self._by_attempt: dict[str, _Walk] = {}
        self._moved = asyncio.Event()
        self._turn = 0
        self.stopped = False

    def finished(self, done: WorkDone) -> None:
        """Free the place of a finished attempt."""
        self.returned(done.attempt_id)

    def returned(self, attempt_id: str) -> None:
        """Free the place of an attempt that came back, finished or not."""
        walk = self._by_attempt.pop(attempt_id, None)
        if walk is not None:
            walk.out -= 1
            self._moved.set()

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
                    return
                self._moved.clear()
                await self._moved.wait()
                continue
            lease = await self._lease(walk)
            if lease is None:
                walk.ended = True
                continue
            yield lease

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
        for passed, planned in enumerate(walk.steps, 1):
            raw = bytes.fromhex(planned.attempt.id)
            row = self._reader.rows(
                "SELECT state, epoch FROM attempt WHERE id = ?", (raw,)
            ).fetchone()
            if row[0] == "open":
                walk.out += 1
                self._by_attempt[planned.attempt.id] = walk
                return self._make(planned, int(row[1]) + 1)
            if passed % BREATH == 0:
                await asyncio.sleep(0)
        return None

    def _make(self, planned: Planned, epoch: int) -> Lease:
        attempt = planned.attempt
        self._driver.open(attempt.id, epoch, seal=planned.seal)
        self._writer.put(lambda store: store.open_attempt(attempt.id, epoch))
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
            timeout=self._stack.run.timeout,
            answered=self._reader.answered(attempt.id) if epoch > 1 else (),
            seal=planned.seal,
        )
