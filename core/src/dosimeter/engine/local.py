"""The executor of one machine: asyncio, in the driver's process."""

import asyncio
from collections.abc import AsyncIterator

from dosimeter.contracts import Host
from dosimeter.execute import Workshop, perform
from dosimeter.model.work import Lease


class LocalExecutor:
    """Runs each lease as a task."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def run(self, leases: AsyncIterator[Lease], host: Host) -> None:
        """See `dosimeter.contracts.Executor`."""
        async with asyncio.TaskGroup() as group:
            async for lease in leases:
                group.create_task(perform(lease, host, self._workshop))
