"""A driver in memory that notes all that an executor asks of it, and the work that it hands out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from attrs import define, evolve, field, frozen

from dosimeter.contracts import Executor
from dosimeter.errors import Stopping
from dosimeter.model.conversation import user
from dosimeter.model.design import Attempt, Intent, Item, Line, Variant
from dosimeter.model.doing import Role
from dosimeter.model.work import (
    Answered,
    CallDone,
    Cost,
    Credentials,
    Endpoint,
    Holder,
    Lease,
    Permit,
    Try,
    WorkDone,
)
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.samples import PROMPT, SOURCE

SECONDS, GRACE = 30.0, 3.0
"""For a run; and for what is left of it when it was cancelled, or says that it is at its end."""
BREATH = 0.01
"""Seconds in which what was cancelled, such as a generator that is let go, may end."""
LINES = ("How is clay wedged?", "And how is a bowl thrown?", "How is it glazed?")
Asked = tuple[str, str, object]
"""What was asked of the driver: the name of the method, the attempt, and with what."""


async def _at_once(_method: str, _scope: str, _given: object) -> None:
    """Let everything through."""


@define
class Clerk:
    """A driver that says yes to everything but what it is told to refuse.

    Attributes:
        before: Called before anything is granted or noted; what it raises, the executor gets.
        waits: What it says to tries that failed, in turn; None after that.
        unused: Attempts that went to somebody else.
        asked: Everything, in order.
        settled: Permits that came back.
        moved: Set whenever something is asked.
    """

    before: Callable[[str, str, object], Awaitable[None]] = _at_once
    waits: list[float] = field(factory=list)
    unused: frozenset[str] = frozenset()
    asked: list[Asked] = field(factory=list)
    settled: list[Permit] = field(factory=list)
    moved: asyncio.Event = field(factory=asyncio.Event)
    halted: bool = False
    _permits: int = 0

    async def _note(self, method: str, scope: str, given: object) -> None:
        await asyncio.sleep(0)
        self.moved.set()
        await self.before(method, scope, given)
        self.asked.append((method, scope, given))
        self.moved.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds* does; it is looked at whenever something was asked."""
        while not holds():
            self.moved.clear()
            await self.moved.wait()

    async def permit(self, endpoint: str, estimate: Cost, holder: Holder) -> Permit:
        """See `dosimeter.contracts.Host`.

        Raises:
            Stopping: After `halt`.
        """
        if self.halted:
            raise Stopping("an error ended the run")
        await self._note("permit", holder.scope_id, holder)
        self._permits += 1
        return Permit(id=self._permits, endpoint=endpoint, estimate=estimate, expires=1e12)

    async def settle(self, permit: Permit, outcome: Try) -> float | None:
        """See `dosimeter.contracts.Host`."""
        await self._note("settle", outcome.scope_id, outcome)
        self.settled.append(permit)
        return self.waits.pop(0) if outcome.failure and self.waits else None

    async def record(self, done: CallDone | WorkDone) -> bool:
        """See `dosimeter.contracts.Host`."""
        scope = done.scope_id if isinstance(done, CallDone) else done.attempt_id
        await self._note("record", scope, done)
        return scope not in self.unused

    async def renew(self, attempt_id: str, epoch: int) -> Lease | None:
        """See `dosimeter.contracts.Host`; nothing is handed out again."""
        await self._note("renew", attempt_id, epoch)
        return None

    async def credentials(self, owner: str) -> Credentials:
        """See `dosimeter.contracts.Host`; nobody has secrets here."""
        await self._note("credentials", "", owner)
        return Credentials()

    async def halt(self) -> None:
        """See `dosimeter.contracts.Host`."""
        self.halted = True
        await self._note("halt", "", None)

    def holders(self, scope: str = "") -> list[Holder]:
        """Give who was permitted to try, of one attempt or of all."""
        return [g for _, s, g in self.asked if isinstance(g, Holder) and s.startswith(scope)]

    def tries(self, scope: str = "") -> list[Try]:
        """Give what was settled."""
        return [g for _, s, g in self.asked if isinstance(g, Try) and s.startswith(scope)]

    def calls(self, scope: str = "") -> list[CallDone]:
        """Give the answers that were recorded."""
        return [g for _, s, g in self.asked if isinstance(g, CallDone) and s.startswith(scope)]

    def ends(self, scope: str = "") -> list[WorkDone]:
        """Give the attempts that were recorded as ended."""
        return [g for _, s, g in self.asked if isinstance(g, WorkDone) and s.startswith(scope)]


def work(
    one: Specimen, n: int, *, lines: Sequence[str] = (), endpoint: Endpoint | None = None
) -> list[Lease]:
    """Give *n* leases; each says *lines*, one after the other, or its opening.

    Raises:
        Untried: If the specimen names no model to work with.
    """
    target = endpoint or one.endpoint
    if target is None:
        raise Untried("give an endpoint that answers without a network, such as simulated/echo")
    script = tuple(Line(message=user(text)) for text in lines) or None
    return [_lease(one.attack, k, target, script) for k in range(n)]


def _lease(attack: str, k: int, target: Endpoint, script: tuple[Line, ...] | None) -> Lease:
    item = Item(
        id=f"kit/{k}", opening=(user(PROMPT),), intent=Intent.BENIGN, family=f"kit/{k}",
        category="kit", provenance=SOURCE,
    )  # fmt: skip
    attempt = Attempt(
        id=f"{k:032x}", item_id=item.id, attack=attack, variant_key="as-is", target_id=target.id,
        repeat=0,
    )  # fmt: skip
    return Lease(
        attempt=attempt, epoch=3 + k, item=item, endpoints=((Role.TARGET, target),), run_seed=1,
        variant=Variant(attack=attack, key="as-is", script=script), rng_seed=1, timeout=SECONDS,
    )  # fmt: skip


def again(lease: Lease, calls: Sequence[CallDone]) -> Lease:
    """Give *lease* as it is handed out after a loss: under another epoch, with what is recorded."""
    known = tuple(
        Answered(step=c.step, index=c.index, request_digest=c.request_digest, reply=c.reply)
        for c in calls
    )
    return evolve(lease, epoch=lease.epoch + 1, answered=known)


@frozen(kw_only=True)
class Ran:
    """A run that is over.

    Attributes:
        error: What it raised.
        ended: How many attempts had ended when it returned; more may have afterwards.
        left: Tasks that went on after it.
        taken: Leases that it took.
    """

    clerk: Clerk
    error: BaseException | None
    ended: int
    left: int
    taken: int


@define
class _Counter:
    """Leases, counted, and no more at once than a run's limits bear."""

    leases: Sequence[Lease]
    clerk: Clerk
    room: int
    fault: Exception | None
    taken: int = 0

    def _has_room(self) -> bool:
        return not self.room or self.taken - len(self.clerk.ends()) < self.room

    async def give(self) -> AsyncIterator[Lease]:
        for lease in self.leases:
            await self.clerk.until(self._has_room)
            self.taken += 1
            yield lease
        if self.fault is not None:
            raise self.fault


def ran(
    one: Specimen,
    leases: Sequence[Lease],
    clerk: Clerk | None = None,
    *,
    room: int = 0,
    fault: Exception | None = None,
    until: Callable[[Clerk], bool] | None = None,
    seconds: float = SECONDS,
) -> Ran:
    """Let it run *leases*.

    Args:
        one: The executor.
        leases: Work for it.
        clerk: Its driver.
        room: How many leases may be out at once; 0 for any number.
        fault: What the stream of leases raises at its end.
        until: It is cancelled as soon as this holds.
        seconds: It has at most.

    Raises:
        Broken: If it does not end in time.
    """
    keeper = clerk or Clerk()
    counter = _Counter(leases=leases, clerk=keeper, room=room, fault=fault)
    return asyncio.run(_ran(one.build(), counter, until, seconds))


async def _ran(
    executor: Executor, counter: _Counter, until: Callable[[Clerk], bool] | None, seconds: float
) -> Ran:
    clerk, me = counter.clerk, asyncio.current_task()
    job = asyncio.create_task(executor.run(counter.give(), clerk))
    watch = asyncio.create_task(_watch(job, clerk, until))
    await asyncio.wait({watch}, timeout=seconds)
    watch.cancel()
    late, ended = not job.done(), len(clerk.ends())
    await asyncio.sleep(BREATH)
    rest = asyncio.all_tasks() - {me, watch, job}
    left = len(rest)
    if rest and not late and until is None:
        await asyncio.wait(rest, timeout=GRACE)
    if late:
        job.cancel()
        await asyncio.wait({job}, timeout=GRACE)
        raise Broken(
            f"it took {counter.taken} of {len(counter.leases)} leases, {ended} ended, and it did not",
            "return when the leases are exhausted and finished, or it is cancelled",
        )
    error = asyncio.CancelledError() if job.cancelled() else job.exception()
    return Ran(clerk=clerk, error=error, ended=ended, left=left, taken=counter.taken)


async def _watch(
    job: asyncio.Task[None], clerk: Clerk, until: Callable[[Clerk], bool] | None
) -> None:
    """Wait for the end, which comes *GRACE* seconds after a cancellation at the latest."""
    job.add_done_callback(lambda _: clerk.moved.set())
    await clerk.until(lambda: job.done() or (until is not None and until(clerk)))
    if not job.done():
        job.cancel()
        await asyncio.wait({job}, timeout=GRACE)
