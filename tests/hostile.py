"""A loopback chat server that misbehaves as the name of the model asks it to."""

import asyncio
import gzip
import json
import random
import threading
from collections import Counter
from contextlib import suppress
from functools import cache

from aiohttp import web
from attrs import frozen
from ledger import completion

SLOW = 600.0
MEGABYTE = 2**20


@frozen
class Asked:
    """A request: the *n*th of its model."""

    server: "Hostile"
    request: web.Request
    body: str
    n: int

    def pay(self):
        """Count a whole answer, for which somebody pays."""
        self.server.answered[self.body] += 1


def good(asked):
    """Answer as asked."""
    asked.pay()
    return web.json_response(completion("Noted, thank you."))


def error(status, **headers):
    return web.json_response({"error": {"code": "no"}}, status=status, headers=headers)


async def sound(asked):
    return good(asked)


async def flaky(asked):
    """Answer 5 % with 429, with and without Retry-After, and 2 % with 500.

    Without a period: a call that is asked again would meet it each time.
    """
    drawn = random.Random(asked.n).random()
    if drawn < 0.05:
        wait = "1" if drawn < 0.0025 else "0"
        return error(429, **({} if drawn < 0.01 else {"Retry-After": wait}))
    return error(500) if drawn < 0.07 else good(asked)


async def storm(asked):
    """Answer 429 for so many seconds after the first request."""
    now = asyncio.get_running_loop().time()
    asked.server.began = asked.server.began or now
    return error(429) if now - asked.server.began < asked.server.seconds else good(asked)


async def drip(asked):
    """Answer byte by byte, in a second or so."""
    return await dripped(asked, good(asked).body, pause=0.003)


async def trickle(asked):
    """Answer byte by byte, and never come to the end."""
    return await dripped(asked, b"{" + b" " * 10_000, pause=0.1)


async def dripped(asked, data, pause):
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(asked.request)
    with suppress(ConnectionError):  # nobody waits for it any more
        for byte in data:
            await response.write(bytes([byte]))
            await asyncio.sleep(pause)
    return response


async def hang(asked):
    """Say nothing to every eighth."""
    if asked.n % 8 == 0:
        await asyncio.sleep(SLOW)
    return good(asked)


async def silent(asked):
    """Say nothing to anybody."""
    await asyncio.sleep(SLOW)


async def cut(asked):
    """Break off in the middle of every third answer."""
    if asked.n % 3:
        return good(asked)
    response = web.StreamResponse(headers={"Content-Length": "500"})
    await response.prepare(asked.request)
    await response.write(b'{"choices": [{"message": ')
    asked.request.transport.abort()
    return response


@cache
def large():
    """Give a completion of 50 MB."""
    return json.dumps(completion("a" * 50 * MEGABYTE)).encode()


@cache
def packed():
    return gzip.compress(large(), 1)


def huge():
    return web.Response(body=large(), content_type="application/json")


def bomb():
    """Give 50 MB that are 250 kB on the way."""
    return web.Response(body=packed(), content_type="application/json",
                        headers={"Content-Encoding": "gzip"})  # fmt: skip


async def wordless(asked):
    """Answer, with no word in it."""
    asked.pay()
    return web.json_response(completion(""))


def every_fourth(given):
    """Answer every fourth with *given*, which is none."""

    async def case(asked):
        return good(asked) if asked.n % 4 else given()

    return case


def always(given):
    async def case(asked):
        return given()

    return case


def empty():
    return web.Response(body=b"", content_type="application/json")


def invalid():
    return web.Response(body=b'{"choices": [{"message": {"content": "\xff\xfe"}}]}',
                        content_type="application/json")  # fmt: skip


def error_in_200():
    return web.json_response({"error": {"message": "overloaded", "code": "overloaded"}})


async def plain(asked):
    """Answer as asked, and call it something else."""
    response = good(asked)
    response.content_type = "text/plain"
    return response


async def away(asked):
    """Send everybody to another host."""
    return web.Response(
        status=307, headers={"Location": f"{asked.server.elsewhere}/chat/completions"}
    )


async def changing(asked):
    """Answer as another model from the tenth request on."""
    asked.pay()
    name = "m-1" if asked.n < 10 else "m-2"
    return web.json_response(completion("Noted, thank you.") | {"model": name})


CASES = {
    "sound": sound, "flaky": flaky, "storm": storm, "drip": drip, "trickle": trickle, "hang": hang,
    "silent": silent, "cut": cut, "wordless": wordless, "plain": plain,
    "away": away, "changing": changing,
    "empty": every_fourth(empty), "invalid": every_fourth(invalid),
    "error-in-200": every_fourth(error_in_200),
    "always-empty": always(empty), "always-invalid": always(invalid),
    "always-error-in-200": always(error_in_200),
    "huge": always(huge), "bomb": always(bomb),
    "page": always(lambda: web.Response(text="<html>Sign in</html>", content_type="text/html")),
    "401": always(lambda: error(401)), "403": always(lambda: error(403)),
    "404": always(lambda: error(404)),
}  # fmt: skip


class Hostile:
    """Runs the server in a thread.

    Attributes:
        asked: Requests by name of the model.
        answered: Whole answers by request: what somebody pays for.
        keys: What requests had as `Authorization`.
        seconds: How long a storm lasts.
    """

    def __init__(self, seconds=0.0, elsewhere=""):
        self.seconds, self.elsewhere, self.began = seconds, elsewhere, None
        self.asked, self.answered, self.keys = Counter(), Counter(), Counter()
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    async def _handle(self, request):
        body = await request.json()
        name = body["model"]
        self.asked[name] += 1
        self.keys[request.headers.get("Authorization")] += 1
        asked = Asked(self, request, json.dumps(body, sort_keys=True), self.asked[name])
        return await CASES[name](asked)

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        rest = asyncio.all_tasks(self._loop)
        for task in rest:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))

    def __enter__(self):
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def target(self, name):
        """Give the table of the target that is to meet the case of this name."""
        return f'[targets.{name}]\nmodel = "openai/{name}"\nbase_url = "{self.url}"\n'
