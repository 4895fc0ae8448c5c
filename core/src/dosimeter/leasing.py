"""Running leases side by side without losing what is in flight when one of them fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from dosimeter.contracts import Host
from dosimeter.errors import PluginBroken
from dosimeter.model.work import Lease

STRAY = (
    "an attempt was cancelled from within: a provider or a search cancels tasks that are not its own;"
    " have it mended, or take it out of the stack"
)


async def each_lease(
    leases: AsyncIterator[Lease], host: Host, do: Callable[[Lease], Awaitable[None]]
) -> None:
    """Run *do* on every lease, each in a task of its own.

    At the first error no more leases are taken and nothing new is sent, but what is in flight is
    finished and recorded: it is paid for.

    Raises:
        Exception: The first that *do* raised, as it was.
        PluginBroken: If something in it cancelled the task that it ran in.
    """
    tasks: set[asyncio.Task[None]] = set()
    failed: list[BaseException] = []
    trouble, settled, leaving = asyncio.Event(), asyncio.Event(), False

    def done(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        exc = PluginBroken(STRAY) if task.cancelled() else task.exception()
        if exc is not None and not leaving:
            failed.append(exc)
            trouble.set()
        if failed or not tasks:
            settled.set()

    async def one(lease: Lease) -> None:
        await do(lease)

    async def hand_out() -> None:
        async for lease in leases:
            task = asyncio.create_task(one(lease))
            tasks.add(task)
            task.add_done_callback(done)

    giving, alarm = asyncio.create_task(hand_out()), asyncio.create_task(trouble.wait())
    try:
        await asyncio.wait({giving, alarm}, return_when=asyncio.FIRST_COMPLETED)
        while tasks and not failed:
            settled.clear()
            await settled.wait()
        if failed:
            await host.halt()
            giving.cancel()
        await asyncio.gather(giving, *tasks, return_exceptions=True)
    finally:
        leaving = True
        left = (giving, alarm, *tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    if failed:
        raise failed[0]
    giving.result()
