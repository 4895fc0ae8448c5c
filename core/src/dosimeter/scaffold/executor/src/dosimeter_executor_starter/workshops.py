"""What attempts are done with: providers and searches, built once for all attempts that share them."""

import asyncio
from typing import Any

from dosimeter import Host, Lease
from dosimeter.execute import open_workshop


class Workshops:
    """One workshop for each set of endpoints, and each search attack."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._open: dict[tuple[str, ...], Any] = {}
        self._lock = asyncio.Lock()

    async def of(self, lease: Lease) -> Any:  # noqa: ANN401  what `open_workshop` gives
        """Give the workshop of a lease; secrets are asked of the host, and stay in it."""
        key = (lease.attempt.attack, *sorted(endpoint.id for _, endpoint in lease.endpoints))
        async with self._lock:
            if key not in self._open:
                self._open[key] = await open_workshop(lease, self._host)
            return self._open[key]

    async def aclose(self) -> None:
        """Release every provider."""
        for one in self._open.values():
            await one.aclose()
