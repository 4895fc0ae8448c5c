"""One try at an OpenAI-compatible chat endpoint."""

import json
from urllib.parse import urlsplit

import attrs
import httpx

from dosimeter import AuthFailed, Permanent, Reply, Request, Stop, Transient
from dosimeter.http import chat, client, failure, transport_failure
from dosimeter_provider_openai.options import OpenAIOptions

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class OpenAIProvider:
    """Speaks chat completions."""

    def __init__(self, model: str, options: OpenAIOptions) -> None:
        self._model, self._options = model, options
        self._who = urlsplit(options.base_url).hostname or "the endpoint"
        self._http: httpx.AsyncClient | None = None

    def _client(self) -> httpx.AsyncClient:
        """Open the client on first use: it belongs to the running loop."""
        if self._http is None:
            key = self._options.api_key
            self._http = client(
                self._options.base_url.rstrip("/") + "/",
                headers={"authorization": f"Bearer {key}"} if key else {},
                timeout=self._options.timeout,
                verify=self._options.verify_tls,
            )
        return self._http

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        if not self._options.api_key and self._who not in LOCAL:
            msg = f'{self._who} needs an API key: set OPENAI_API_KEY, or api_key = "${{NAME}}"'
            raise AuthFailed(msg, code="no-key")
        if not self._options.send_seed:
            request = attrs.evolve(request, seed=None)
        body = chat.body(request, self._model, max_tokens_key=self._options.max_tokens_key)
        try:
            response = await self._client().post(
                "chat/completions",
                content=json.dumps(body, separators=(",", ":")).encode("ascii"),
                headers={"content-type": "application/json"},
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise transport_failure(exc, who=self._who) from None
        if response.is_success:
            return chat.reply(_json(response, self._who))
        if _filtered(response):
            return Reply(messages=(), stop=Stop.FILTERED, model=self._model)
        raise failure(response, who=self._who)

    async def aclose(self) -> None:
        """Close connections."""
        if self._http is not None:
            await self._http.aclose()


def _json(response: httpx.Response, who: str) -> object:
    try:
        return json.loads(response.content)
    except ValueError:
        kind = response.headers.get("content-type", "unknown type").split(";")[0]
        if "html" in kind:
            msg = f"{who} answered with a web page; base_url must end in /v1 or the like"
            raise Permanent(msg, code="html") from None
        raise Transient(f"{who} answered with broken JSON", code="malformed") from None


def _filtered(response: httpx.Response) -> bool:
    """Tell a content filter's 400 from other faults: it is an answer, and what is measured."""
    if response.status_code != 400:
        return False
    try:
        error = json.loads(response.content).get("error") or {}
    except (ValueError, AttributeError):
        return False
    return isinstance(error, dict) and error.get("code") in {
        "content_filter",
        "content_policy_violation",
    }


def build(model: str, options: OpenAIOptions) -> OpenAIProvider:
    """Build the provider of one endpoint."""
    return OpenAIProvider(model, options)
