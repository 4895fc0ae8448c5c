"""A loopback chat server that keeps a ledger of what it answered and when."""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable

from aiohttp import web

Answer = Callable[[dict], tuple[int, dict, dict]]


def plain(body):
    """Answer with a digest of the request: the same request gets the same words."""
    words = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()[:12]
    return 200, completion(f"Noted, thank you: {words}."), {}


def completion(text, finish="stop"):
    """A chat completion."""
    return {
        "id": "x", "model": "loopback-1", "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5},
    }  # fmt: skip


class Ledger:
    """Runs a server in a thread; entries are (finished at, key of the request, status).

    A status of 0 is no answer: the line is cut. In flight is what a client still waits for: a request
    of a killed one is answered to nobody.
    """

    def __init__(self, answer: Answer = plain, latency: float = 0.0, per_second: int | None = None):
        self.answer, self.delay, self.per_second = answer, lambda: latency, per_second
        self.arrivals: list[float] = []
        self.entries: list[tuple[float, str, int]] = []
        self.headers: list[dict] = []
        self.bodies: list[dict] = []
        self.most_in_flight = self.drops = 0
        self._waiting: set[asyncio.Transport] = set()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    async def _handle(self, request):
        body = await request.json()
        self.arrivals.append(time.monotonic())
        line = request.transport
        self._waiting.add(line)
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.delay())
            if (
                self.per_second is not None
                and self.busiest(since=-self.per_second - 1) > self.per_second
            ):
                status, data, headers = 429, {"error": {"code": "rate_limit"}}, {}
            else:
                status, data, headers = self.answer(body)
        finally:
            self._waiting.discard(line)
        if not status:
            self.drops += 1
            line.abort()
        key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        self.headers.append(dict(request.headers))
        self.bodies.append(body)
        response = web.json_response(data, status=status or 503, headers=headers)
        self.entries.append((time.time(), key, status))
        return response

    @property
    def in_flight(self):
        return sum(not line.is_closing() for line in self._waiting.copy())

    def busiest(self, window=1.0, since=0):
        """Give the most arrivals in any *window* seconds."""
        times = self.arrivals[since:]
        return max(
            (sum(t <= u < t + window for u in times[i:]) for i, t in enumerate(times)), default=0
        )

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._handle)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
