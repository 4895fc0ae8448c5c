"""httpx's client without the parts that calls of a model do not use.

Cookies, redirects, auth flows and event hooks cost httpx 0.1 ms of CPU a request, and a request record
that nobody looks at another 0.06 ms (`docs/decisions/0002-http-transport.md`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import map_aiohttp_exceptions

from dosimeter.errors import Permanent

DEFAULT = httpx.USE_CLIENT_DEFAULT
MOST_BYTES, TOO_LARGE = 2**24, "too-large"
"""Of an answer, unpacked: with every token's probability the longest have a few million."""
PIECE = 2**14


def too_large() -> Permanent:
    """Say that an answer is larger than any."""
    msg = f"the answer has more than {MOST_BYTES // 2**20} MB"
    return Permanent(msg, code=TOO_LARGE)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Read a body.

    Raises:
        Permanent: If it is larger than any answer.
    """
    if (answer.content_length or 0) > MOST_BYTES:
        raise too_large()
    pieces, size = [], 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise too_large()
    return b"".join(pieces)


async def unpacked(response: httpx.Response) -> bytes:
    """Read a body that httpx unpacks. Raises as `_read` does."""
    pieces, size = [], 0
    async for piece in response.aiter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise too_large()
    return b"".join(pieces)


class _Packed(httpx.SyncByteStream):
    """A body in pieces, so that what unpacks to a thousand times its size does so piece by piece."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._body), PIECE):
            yield self._body[at : at + PIECE]


@contextmanager
def _as_httpx_has_it() -> Iterator[None]:
    """Raise httpx's errors in place of aiohttp's, those too that the transport lets through."""
    try:
        with map_aiohttp_exceptions():
            try:
                yield
            except aiohttp.ServerDisconnectedError as exc:  # which the map takes for a timeout
                msg = "the server closed the connection without an answer"
                raise httpx.RemoteProtocolError(msg) from exc
    except aiohttp.ClientError as exc:
        msg = "what came is no HTTP"  # not its own words, which quote that
        raise httpx.RemoteProtocolError(msg) from exc


class Posted(httpx.Response):
    """A response that makes its request when somebody asks for it.

    Its body is there from the start; httpx's way through a stream of it takes 18 microseconds more.
    """

    asked: Callable[[], httpx.Request]
    made = False

    def __init__(self, status: int, *, headers: Any, body: bytes) -> None:  # noqa: ANN401
        super().__init__(status, headers=headers, stream=_Packed(body))
        if any(name.lower() == b"content-encoding" for name, _ in headers):
            self._content = self._unpacked()
        else:
            self._content, self.is_closed, self.is_stream_consumed = body, True, True

    def _unpacked(self) -> bytes:
        pieces, size = [], 0
        for piece in self.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise too_large()
        return b"".join(pieces)

    @property
    def request(self) -> httpx.Request:
        """See `httpx.Response.request`."""
        if not self.made:
            self.request = self.asked()
        return super().request

    @request.setter
    def request(self, value: httpx.Request) -> None:
        self.made = True
        httpx.Response.request.fset(self, value)  # type: ignore[attr-defined]

    def raise_for_status(self) -> httpx.Response:
        """See `httpx.Response.raise_for_status`, which looks past the property."""
        assert self.request
        return super().raise_for_status()


class DirectClient(httpx.AsyncClient):
    """Hands each request straight to *transport*; streams go httpx's usual way.

    A post of plain bytes, which is what calls of a model are, goes past httpx to aiohttp.
    """

    def __init__(
        self,
        transport: AiohttpTransport,
        *,
        base_url: str,
        headers: dict[str, str] | None,
        timeout: httpx.Timeout,
    ) -> None:
        super().__init__(transport=transport, base_url=base_url, headers=headers, timeout=timeout)
        self._direct = transport
        # What was posted to and its whole address: it is the same, but for the first time.
        self._last: tuple[httpx.URL | None, httpx.URL | str, str] = (None, "", "")

    def _session(self) -> aiohttp.ClientSession:
        if not isinstance(self._direct.client, aiohttp.ClientSession):
            self._direct.client = self._direct.get_client()
        return self._direct.client

    async def post(
        self,
        url: httpx.URL | str,
        *,
        content: Any = None,  # noqa: ANN401  httpx's types have no public names
        headers: Any = None,  # noqa: ANN401
        **other: Any,  # noqa: ANN401
    ) -> httpx.Response:
        """See `httpx.AsyncClient.post`. Plain bytes with a table of headers go straight to aiohttp."""
        plain = type(content) is bytes and type(headers) is dict and not other
        usual = self.is_closed or self.cookies or self.params or self._direct.proxy
        if usual or not plain:
            return await super().post(url, content=content, headers=headers, **other)
        began = time.perf_counter()
        base, known, _ = self._last
        # Comparing addresses takes 3 microseconds, and it is the same object but for the first time.
        if base is not self.base_url or not (known is url or known == url):
            self._last = (self.base_url, url, str(self.build_request("POST", url).url))
        wait, (_, _, target) = self.timeout, self._last
        try:
            async with self._session().post(
                target,
                data=content,
                headers=dict(self.headers.items()) | {k.lower(): v for k, v in headers.items()},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    sock_connect=wait.connect, sock_read=wait.read, connect=wait.pool
                ),
                auto_decompress=False,  # httpx does it
            ) as answer:
                body = await _read(answer)
        except Exception as exc:
            with _as_httpx_has_it():
                raise exc  # into the contexts that rename it
        response = Posted(answer.status, headers=answer.raw_headers, body=body)
        response.asked = lambda: self.build_request(
            "POST", target, content=content, headers=headers
        )
        response.elapsed = timedelta(seconds=time.perf_counter() - began)
        return response

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = DEFAULT,  # noqa: ANN401  httpx's type has no public name
        follow_redirects: Any = DEFAULT,  # noqa: ANN401
    ) -> httpx.Response:
        """See `httpx.AsyncClient.send`."""
        if stream or auth is not DEFAULT or follow_redirects is not DEFAULT or self.is_closed:
            return await super().send(
                request, stream=stream, auth=auth, follow_redirects=follow_redirects
            )
        began = time.perf_counter()
        with _as_httpx_has_it():
            response = await self._direct.handle_async_request(request)
            response.request = request
            try:
                response._content = await unpacked(response)
            except BaseException:
                await response.aclose()
                raise
        response.elapsed = timedelta(seconds=time.perf_counter() - began)
        return response
