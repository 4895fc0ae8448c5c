"""Group commit: what the event loop hands over is on disk a few milliseconds later.

One thread owns the connection. While it commits, the loop collects what comes next for one more
transaction; whoever waits is told when it is committed. Nothing lingers for company: a pause of 5 ms
before each commit saved no CPU and doubled the usual delay.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dosimeter.errors import JournalError
from dosimeter.journal.store import Store

T = TypeVar("T")
Job = Callable[[Store], object]


class Writer:
    """The only writer of a journal while an engine runs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._jobs: list[Job] = []
        self._batch: asyncio.Future[None] | None = None
        self._flushing: asyncio.Task[None] | None = None
        self.commits = 0
        self.slowest = 0.0

    def put(self, job: Job) -> "asyncio.Future[None]":
        """Queue *job*; the future is done when it is durable, or carries what went wrong."""
        loop = asyncio.get_running_loop()
        if self._batch is None:
            self._batch = loop.create_future()
            self._batch.add_done_callback(_retrieve)
        self._jobs.append(job)
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush())
        # Shielded: one who stops waiting must not stop the others that wait for the same batch.
        own = asyncio.shield(self._batch)
        own.add_done_callback(_retrieve)
        return own

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._jobs:
            jobs, batch = self._jobs, self._batch
            self._jobs, self._batch = [], None
            began = time.monotonic()
            try:
                await loop.run_in_executor(self._pool, self._commit, jobs)
            except Exception as exc:
                if batch is not None and not batch.done():
                    batch.set_exception(exc)
            else:
                if batch is not None and not batch.done():
                    batch.set_result(None)
            self.commits += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
        self._flushing = None

    def _commit(self, jobs: list[Job]) -> None:
        db = self.store.db
        self.store.begin()
        try:
            for job in jobs:
                job(self.store)
            db.execute("COMMIT")
        except BaseException as exc:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self.store.forget()
            if isinstance(exc, sqlite3.OperationalError):
                msg = (
                    f"the journal cannot be written: {exc}; make room or give leave, and run again"
                )
                raise JournalError(msg) from exc
            raise

    async def read(self, job: Callable[[Store], T]) -> T:
        """Run *job* on the writer's thread, after what is queued."""
        await self.drain()
        return await asyncio.get_running_loop().run_in_executor(self._pool, job, self.store)

    async def drain(self) -> None:
        """Wait until all that was put is durable."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])

    async def aclose(self) -> None:
        """Write what is left and close."""
        await self.drain()
        await asyncio.get_running_loop().run_in_executor(self._pool, self.store.close)
        self._pool.shutdown()


def _retrieve(batch: "asyncio.Future[None]") -> None:
    """Mark an error as seen: not everybody who puts something waits for it."""
    if not batch.cancelled():
        batch.exception()
