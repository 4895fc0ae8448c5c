"""Lines of an answer as they come: one that hangs, never ends, or ends too early becomes no reply."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from dosimeter.errors import Transient
from dosimeter.http import HUNG, UNENDED, failure, transport_failure
from dosimeter.http.direct import MOST_BYTES, too_large, unpacked

FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError)


@asynccontextmanager
async def streamed(
    http: httpx.AsyncClient,
    path: str,
    body: object,
    *,
    who: str = "the endpoint",
    headers: dict[str, str] | None = None,
    idle_seconds: float = 60.0,
) -> AsyncIterator[AsyncIterator[bytes]]:
    """Post *body* once, and give the lines of the answer as they come, without those that are blank.

    Leave the loop over them at the event that says that the answer is whole: after the last line there
    is none that says so, and the loop raises `Transient`.

    Args:
        http: Made by `dosimeter.http.client`.
        path: Where to.
        body: What JSON can hold.
        who: Of the messages.
        headers: Besides the client's own, such as a token.
        idle_seconds: Most seconds without a byte, once the answer has begun.

    Raises:
        ProviderError: What a status or the transport means (`failure`, `transport_failure`); code
            ``stream-broken`` at the end of the answer, ``stream-hung`` after *idle_seconds*, and
            ``too-large`` beyond 16 MB.
    """
    async with AsyncExitStack() as stack:
        try:
            response = await stack.enter_async_context(
                http.stream(
                    "POST",
                    path,
                    content=json.dumps(body, separators=(",", ":")).encode("ascii"),
                    headers={"content-type": "application/json"} | (headers or {}),
                )
            )
            if not response.is_success:
                async with asyncio.timeout(idle_seconds):
                    response._content = await unpacked(response)
        except TimeoutError:
            raise _hung(who) from None
        except FAULTS as exc:
            raise transport_failure(exc, who=who) from None
        if not response.is_success:
            raise failure(response, who=who)
        yield _lines(response, who, idle_seconds)


async def _lines(response: httpx.Response, who: str, idle: float) -> AsyncIterator[bytes]:
    """Give the lines; a letter or a line may end in a later piece. Raises as `streamed` says."""
    pieces, rest, size = response.aiter_bytes(), b"", 0
    while True:
        try:
            async with asyncio.timeout(idle):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise _hung(who) from None
        except FAULTS as exc:
            raise transport_failure(exc, who=who) from None
        if piece is None:
            break
        size += len(piece)
        if size > MOST_BYTES:
            raise too_large()
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.strip():
                yield line.rstrip(b"\r")
    if rest.strip():
        yield rest
    msg = f"{who} ended a stream before it said that it was whole"
    raise Transient(msg, code=UNENDED)


def _hung(who: str) -> Transient:
    return Transient(f"{who} fell silent in a stream", code=HUNG)
