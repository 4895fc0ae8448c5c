"""The near end: a process for each lease, and another when one is lost."""

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

from dosimeter.execute import answer, attend, decode, each_lease
from stranger_executor_pipe import frames


class PipeExecutor:
    """Runs each lease in a process."""

    def __init__(self, options):
        self._o = options
        self._places = asyncio.Semaphore(options.workers)
        self._lost = False

    async def run(self, leases, host):
        """See `dosimeter.Executor`."""
        await each_lease(leases, host, partial(self._lease, host))

    async def _lease(self, host, lease):
        async with self._places:
            late = []
            while lease is not None:
                chance = _Chance(self._o, late) if self._loses() else None
                if await self._worker(host, lease, chance):
                    break
                lease = await host.renew(lease.attempt.id, lease.epoch)
            for data in late:
                await answer(host, data)

    def _loses(self):
        return self._o.lose and (self._o.always or not self._lost)

    async def _worker(self, host, lease, chance):
        only = {"DOSIMETER_PLUGINS": self._o.plugins} if self._o.plugins else {}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stranger_executor_pipe.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
            env=os.environ | only,
        )  # fmt: skip

        async def receive():
            data = await frames.read(process.stdout)
            self._note(data)
            if chance is not None and self._loses() and chance.takes(data):
                self._lost = True
                process.kill()
                raise EOFError
            return data

        async def send(data):
            self._note(data)
            await frames.write(process.stdin, data)

        try:
            return await attend(lease, host, receive, send)
        finally:
            if process.returncode is None:
                process.stdin.close()
                try:
                    await asyncio.wait_for(process.wait(), 5)
                except TimeoutError:
                    process.kill()
            await process.wait()

    def _note(self, data):
        assert isinstance(data, bytes)
        if self._o.trace:
            with Path(self._o.trace).open("ab") as file:
                file.write(data + b"\n")


class _Chance:
    """Chooses the message at which a worker dies, and keeps it to be delivered late."""

    def __init__(self, options, late):
        self._o, self._late, self._seen = options, late, 0

    def takes(self, data):
        """Whether the worker dies at *data*."""
        _, record = decode(data)
        if type(record).__name__ != self._o.losing:
            return False
        self._seen += 1
        if self._seen < self._o.lose:
            return False
        self._late.append(data)
        return True


def build(options):
    """Build the executor."""
    return PipeExecutor(options)
