"""One try at an endpoint: ask, wait for a job if it is one, read what came."""

import asyncio
import json
from urllib.parse import quote, urlencode, urlsplit

import httpx

from dosimeter import Permanent, Reply, Request, Stop, Transient
from dosimeter.http import client, failure, transport_failure
from dosimeter_provider_http.answers import Answers, plain
from dosimeter_provider_http.asking import Asking
from dosimeter_provider_http.headers import header_lines, headers_of, pair
from dosimeter_provider_http.options import HttpOptions
from dosimeter_provider_http.template import PLACE

ENCODER = json.JSONEncoder(separators=(",", ":"))
JSON_TYPE = {"content-type": "application/json"}
PASSING = frozenset({401, 408, 409, 425, 429})
"""Statuses from 400 to 499 that are of the account or the moment, and never a filter's."""
LONGEST_ID = 500


class Filtered(Exception):
    """A filter blocked the request and said so by a status."""


class HttpProvider:
    """Asks an endpoint by its template."""

    def __init__(self, model: str, options: HttpOptions) -> None:
        self._options = options
        self._asking, self._answers = Asking.of(model, options), Answers(options)
        parts = urlsplit(PLACE.sub(quote(model, safe=""), options.url))
        query = urlencode([pair(one) for one in options.query])
        self._url = parts._replace(query=query).geturl()
        self._root = f"{parts.scheme}://{parts.netloc}"
        self._who = parts.hostname or "the endpoint"
        self._http: httpx.AsyncClient | None = None

    def _client(self) -> httpx.AsyncClient:
        """Open the client on first use: it belongs to the running loop."""
        if self._http is None:
            secret = headers_of(header_lines(self._options.secret_headers))
            self._http = client(
                self._root,
                headers=JSON_TYPE | headers_of(self._options.headers) | secret,
                verify=self._options.verify_tls,
            )
        return self._http

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        content = ENCODER.encode(self._asking.body(request)).encode("ascii")
        try:
            response = await self._send(self._options.method, self._url, content)
            if self._options.plain_text:
                return plain(_text(response))
            data = _json(response, self._who)
            if self._options.poll:
                data = await self._result(data)
        except Filtered:
            return Reply(messages=(), stop=Stop.FILTERED)
        return self._answers.reply(data)

    async def aclose(self) -> None:
        """Close connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _send(self, method: str, url: str, content: bytes | None = None) -> httpx.Response:
        """Ask once.

        Raises:
            Filtered: If a filter blocked it.
            ProviderError: What another failure means.
        """
        try:
            http = self._client()
            if method == "POST":
                response = await http.post(url, content=content, headers={})
            else:
                response = await http.request(method, url, content=content)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise transport_failure(exc, who=self._who) from None
        if response.is_success:
            return response
        if 400 <= response.status_code < 500 and response.status_code not in PASSING:
            self._check_filter(response)
        raise failure(response, who=self._who)

    def _check_filter(self, response: httpx.Response) -> None:
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError):
            return
        if self._answers.find("filtered", data) is True:
            raise Filtered

    async def _result(self, data: object) -> object:
        """Look at a job until it is done; looks that fail in passing are made again.

        Raises:
            ProviderError: If it fails, or is not done in time.
        """
        loop, url, fault = asyncio.get_running_loop(), "", None
        end = loop.time() + self._options.poll_most
        while True:
            if fault is None:
                self._answers.check(data)
                if self._answers.says("poll_done", data):
                    return data
            url = url or self._job(data)
            wait = max(self._options.poll_seconds, (fault and fault.retry_after) or 0)
            if loop.time() + wait > end:
                raise fault or Transient("the job is not done in time", code="poll-timeout")
            await asyncio.sleep(wait)
            try:
                data, fault = _json(await self._send("GET", url), self._who), None
            except Transient as exc:
                fault = exc

    def _job(self, data: object) -> str:
        """Give the address of the job that the first answer names: on this host, whatever its id."""
        name = self._answers.find("poll_id", data)
        told = str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""
        if not (told.strip(".") and told.isprintable() and len(told) <= LONGEST_ID):
            raise Permanent("the answer names no job at poll_id", code="no-job-at-path")
        return self._root + PLACE.sub(quote(told, safe=""), self._options.poll)


def _json(response: httpx.Response, who: str) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        kind = response.headers.get("content-type", "unknown type").split(";")[0]
        if "html" in kind:
            raise Permanent(f"{who} answered with a web page; check url", code="html") from None
        raise Transient(f"{who} answered with broken JSON", code="malformed") from None


def _text(response: httpx.Response) -> str:
    if "html" in response.headers.get("content-type", ""):
        raise Permanent("the answer is a web page; check url", code="html")
    return response.text


def build(model: str, options: HttpOptions) -> HttpProvider:
    """Build the provider of one endpoint."""
    return HttpProvider(model, options)
