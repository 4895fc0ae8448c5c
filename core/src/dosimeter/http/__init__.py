"""The wire kit for providers: transport, timeouts, redaction, and what a failure means.

Retries, limits and budgets are the engine's; a provider makes one try. The transport is aiohttp's
behind httpx's API: `docs/decisions/0002-http-transport.md` has the measurements.
"""

import json
import math
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from dosimeter.errors import AuthFailed, Permanent, ProviderError, Transient
from dosimeter.model.work import UNREACHED

if TYPE_CHECKING:
    import httpx

__all__ = ["broke_off", "client", "failure", "post_json", "retry_after", "transport_failure"]

TRANSIENT = frozenset({408, 409, 425, 429})
AUTH = frozenset({401, 403})
CONNECT_SECONDS = 20.0
MOST_CONNECTIONS = 1024
UNENDED, HUNG = "stream-broken", "stream-hung"
LONGEST_RETRY_AFTER, TOO_LONG = 3600.0, "retry-after-too-long"
"""Seconds. The clients of OpenAI and Anthropic ignore more than 60; a batch run can wait for a quota
that is counted by the hour, but not for ever on the word of one header."""


def client(
    base_url: str,
    *,
    headers: dict[str, str] | None = None,
    timeout: float | None = None,
    verify: bool = True,
) -> "httpx.AsyncClient":
    """Make a client for one endpoint.

    Proxies come from the usual environment variables; redirects are not followed, so credentials
    go to no other host; cookies are not kept, so no answer depends on an earlier one; HTTP limits
    stay out of the way of the engine's limiter.

    Args:
        base_url: Where relative paths start.
        headers: Sent with each request; may hold credentials.
        timeout: Seconds for one try; None leaves it to the engine, which ends a try by
            ``run.timeout``.
        verify: Check TLS certificates.

    Raises:
        AuthFailed: If a header cannot be sent: a key was copied with a line end, say.
    """
    _check_headers(headers or {})
    import aiohttp
    import httpx
    from httpx_aiohttp import AiohttpTransport

    from dosimeter.http.direct import DirectClient

    proxy = proxy_for(base_url)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS, ttl_dns_cache=300, ssl=verify)
        # Not trust_env: aiohttp would look the proxy up in a thread for every request, which
        # doubles what a request costs; a client has one host, so once is enough.
        return aiohttp.ClientSession(
            connector=connector, auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar()
        )

    # The connector above is what checks certificates. The transport would load them too, in 25 ms, for
    # a session of its own that it never makes.
    transport = AiohttpTransport(
        client=session, verify=False, proxy=httpx.Proxy(proxy) if proxy else None
    )
    return DirectClient(
        transport,
        base_url=base_url,
        headers=headers,
        timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
    )


def _check_headers(headers: dict[str, str]) -> None:
    """Refuse a header that is no line of ASCII, without its value: most likely it is a key."""
    for name, value in headers.items():
        if not (value.isascii() and value.replace("\t", " ").isprintable()):
            msg = (
                f"the header {name} cannot be sent: a line end or a letter that is no ASCII is in it;"
                " check the API key"
            )
            raise AuthFailed(msg, code="bad-key")


def proxy_for(url: str) -> str | None:
    """Give the proxy that the environment names for *url*; None to connect directly."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    try:
        parts = urlsplit(url)
    except ValueError:
        return None  # no address at all: the first request says so
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Read a Retry-After header: seconds or an HTTP date. Seconds from now, at least 0."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        at = parsedate_to_datetime(value)
        # "-0000" gives a time without a zone; HTTP's are in GMT (RFC 9110, 5.6.7).
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        seconds = at.timestamp() - (time.time() if now is None else now)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, seconds)


def failure(response: "httpx.Response", *, who: str = "the endpoint") -> ProviderError:
    """Say what a response that is no success means.

    Status 408, 409, 425, 429 and 5xx are worth another try, unless the endpoint asks to be left alone
    for more than an hour. The body is never quoted, as it may repeat the prompt; only a short
    ``error.code`` or ``error.type`` is.
    """
    status = response.status_code
    word = _error_word(response)
    text = f"{who} answered {status}" + (f" ({word})" if word else "")
    if status in TRANSIENT or status >= 500:
        wait = retry_after(response.headers.get("retry-after"))
        if wait is not None and wait > LONGEST_RETRY_AFTER:
            return Permanent(
                f"{text} and asks to be left alone for more than an hour; run again later",
                code=TOO_LONG,
            )
        return Transient(
            text, code=f"http-{status}", retry_after=wait, throttled=status in {429, 503, 529}
        )
    if status in AUTH:
        return AuthFailed(f"{text}; check its API key", code=f"http-{status}")
    return Permanent(text, code=f"http-{status}")


def _error_word(response: "httpx.Response") -> str:
    try:
        error = json.loads(response.content).get("error", {})
        words = [error.get(key) for key in ("code", "type")]
    except (ValueError, AttributeError, RecursionError):
        return ""
    # Some servers repeat the status as the code: then the type says more.
    word = next((w for w in words if isinstance(w, str) and w and not _sent(response, w)), "")
    return word if len(word) <= 60 and word.replace("_", "").replace("-", "").isalnum() else ""


def _sent(response: "httpx.Response", word: str) -> bool:
    """Whether *word* stands in a header that was sent: a key that is echoed is no code."""
    try:
        return any(word in value for value in response.request.headers.values())
    except RuntimeError:  # a response to no request
        return False


def broke_off(code: str) -> bool:
    """Say whether *code* is of a try that was taken and came to no end: it may have been paid for."""
    return code in {UNENDED, HUNG} or (code.startswith("transport:") and code not in UNREACHED)


def transport_failure(exc: Exception, *, who: str = "the endpoint") -> ProviderError:
    """Say what an exception below HTTP means: worth another try, and without its text."""
    import httpx

    if isinstance(exc, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return Permanent(f"{who}: the address is no http(s) URL", code="bad-url")
    kind = _kind(exc)
    code = f"transport:{kind}"
    did = "was reached and broke off" if broke_off(code) else "could not be reached"
    return Transient(f"{who} {did} ({kind})", code=code)


def _kind(exc: Exception) -> str:
    """Name a transport failure; by its cause where the transport calls it a timeout."""
    import aiohttp
    import httpx

    cause = exc.__cause__
    if isinstance(cause, ConnectionRefusedError) or _refused(cause):
        return "refused"
    if isinstance(cause, aiohttp.ServerDisconnectedError):
        return "RemoteProtocolError"
    stood = isinstance(cause, aiohttp.ClientConnectionError)
    if stood and not isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ServerTimeoutError):
        return "ReadError"
    waited = isinstance(exc, httpx.ConnectTimeout | httpx.PoolTimeout)
    return "timeout" if waited else type(exc).__name__


def _refused(cause: BaseException | None) -> bool:
    return isinstance(getattr(cause, "os_error", None), ConnectionRefusedError)


async def post_json(
    http: "httpx.AsyncClient", path: str, body: object, *, who: str = "the endpoint"
) -> "httpx.Response":
    """Post *body* once.

    Raises:
        ProviderError: What the failure means; success is any 2xx.
    """
    import httpx

    try:
        response = await http.post(
            path,
            content=json.dumps(body, separators=(",", ":")).encode("ascii"),
            headers={"content-type": "application/json"},
        )
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
        raise transport_failure(exc, who=who) from None
    if not response.is_success:
        raise failure(response, who=who)
    return response
