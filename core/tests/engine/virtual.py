"""A loop on which time costs nothing."""

import asyncio
import heapq


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time jumps to the next timer when nothing else is to do."""

    def __init__(self, late):
        super().__init__()
        self.now, self.late = 0.0, late

    def time(self):
        return self.now

    def _run_once(self):
        if not self._ready and self._scheduled:
            self._scheduled = [h for h in self._scheduled if not h.cancelled()]
            heapq.heapify(self._scheduled)
            if self._scheduled:
                self.now = max(self.now, self._scheduled[0].when() + self.late())
        super()._run_once()


def virtual(job, late=lambda: 0.0):
    """Run *job*, a function of the clock, in virtual time; each waking is so many seconds *late*."""
    loop = VirtualLoop(late)
    try:
        return loop.run_until_complete(job(loop.time))
    finally:
        loop.close()
