"""The executor: takes leases, does each, and returns when all are done."""

import asyncio
from collections.abc import AsyncIterator

from dosimeter import Host, Lease
from dosimeter.execute import each_lease, perform
from dosimeter_executor_starter.options import StarterOptions
from dosimeter_executor_starter.workshops import Workshops


class StarterExecutor:
    """Runs attempts side by side, so many at a time."""

    def __init__(self, options: StarterOptions) -> None:
        self._at_once = options.at_once

    async def run(self, leases: AsyncIterator[Lease], host: Host) -> None:
        """See `dosimeter.Executor`."""
        places, workshops = asyncio.Semaphore(self._at_once), Workshops(host)

        async def do(lease: Lease) -> None:
            async with places:
                await perform(lease, host, await workshops.of(lease))

        try:
            # Keeps what is in flight when one fails, and raises the first error as it was.
            await each_lease(leases, host, do)
        finally:
            await workshops.aclose()


def build(options: StarterOptions) -> StarterExecutor:
    """Build the executor."""
    return StarterExecutor(options)
