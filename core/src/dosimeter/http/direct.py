"""httpx's client without the parts that calls of a model do not use.

Cookies, redirects, auth flows and event hooks cost httpx 0.1 ms of CPU a request, a third of all that
a request costs (`docs/decisions/0002-http-transport.md`).
"""

import time
from datetime import timedelta
from typing import Any

import httpx

DEFAULT = httpx.USE_CLIENT_DEFAULT


class DirectClient(httpx.AsyncClient):
    """Hands each request straight to *transport*; streams go httpx's usual way."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        base_url: str,
        headers: dict[str, str] | None,
        timeout: httpx.Timeout,
    ) -> None:
        super().__init__(transport=transport, base_url=base_url, headers=headers, timeout=timeout)
        self._direct = transport

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
        response = await self._direct.handle_async_request(request)
        response.request = request
        try:
            await response.aread()
        except BaseException:
            await response.aclose()
            raise
        response.elapsed = timedelta(seconds=time.perf_counter() - began)
        return response
