"""The executor of one machine: asyncio, in the driver's process."""

from collections.abc import AsyncIterator

from dosimeter.contracts import Host
from dosimeter.execute import Workshop, each_lease, perform
from dosimeter.model.work import Lease


class LocalExecutor:
    """Runs each lease as a task."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def run(self, leases: AsyncIterator[Lease], host: Host) -> None:
        """See `dosimeter.contracts.Executor`."""
        await each_lease(leases, host, lambda lease: perform(lease, host, self._workshop))
