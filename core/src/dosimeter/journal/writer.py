"""Group commit: what the event loop hands over is on disk a few milliseconds later.

One thread owns the connection. While it commits, the loop collects what comes next for one more
transaction; whoever waits is told when it is committed. Nothing lingers for company: a pause of 5 ms
before each commit saved no CPU and doubled the usual delay.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dosimeter.journal.opening import unwritable
from dosimeter.journal.store import Store

T = TypeVar("T")
Job = Callable[[Store], object]
WRONG = "SQLITE_ERROR"
"""What SQLite says where a table is not as it should be: that is damage, and no matter of leave."""
Waiting = tuple[Job, "asyncio.Future[None]"]


class Writer:
    """The only writer of a journal while an engine runs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._jobs: list[Waiting] = []
        self._flushing: asyncio.Task[None] | None = None

    def put(self, job: Job) -> "asyncio.Future[None]":
        """Queue *job*; the future is done when it is durable, or carries what went wrong.

        A job that fails takes nobody along: those that shared its transaction are written without.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._jobs.append((job, done))
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush())
        return done

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._jobs:
            waiting, self._jobs = self._jobs, []
            jobs = [job for job, _ in waiting]
            try:
                faults = await loop.run_in_executor(self._pool, self._commit, jobs)
            except Exception as exc:  # whoever waits must hear of it, whatever it is
                faults = [exc] * len(jobs)
            for (_, done), fault in zip(waiting, faults, strict=True):
                if done.done():
                    continue  # nobody waits any more
                if fault is None:
                    done.set_result(None)
                else:
                    done.set_exception(fault)
                    done.exception()  # seen: not everybody who puts something waits for it
        self._flushing = None

    def _commit(self, jobs: list[Job]) -> list[Exception | None]:
        """Write all in one transaction; if one fails, each in its own."""
        fault = self._transaction(jobs)
        if fault is None or len(jobs) == 1:
            return [fault] * len(jobs)
        return [self._transaction([job]) for job in jobs]

    def _transaction(self, jobs: list[Job]) -> Exception | None:
        db = self.store.db
        try:
            self.store.begin()
            for job in jobs:
                job(self.store)
            db.execute("COMMIT")
        except Exception as exc:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self.store.forget()
            if isinstance(exc, sqlite3.OperationalError) and exc.sqlite_errorname != WRONG:
                return unwritable(self.store.path, exc)
            return exc
        return None

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
