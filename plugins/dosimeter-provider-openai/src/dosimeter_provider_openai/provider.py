"""One try at an OpenAI-compatible chat endpoint."""

import json
from typing import Any
from urllib.parse import urlsplit

import attrs
import httpx

from dosimeter import AuthFailed, Permanent, ProviderError, Reply, Request, Stop, Transient
from dosimeter.http import chat, client, failure, transport_failure
from dosimeter_provider_openai.options import PATH, OpenAIOptions

ENCODER = json.JSONEncoder(separators=(",", ":"))
NEEDS_KEY = "api.openai.com"
FILTER_CODES = frozenset({"content_filter", "content_policy_violation"})
PARAMETERS = {
    "max_tokens": 'max_tokens_key = "max_completion_tokens"',
    "max_completion_tokens": 'max_tokens_key = "max_tokens"',
    "seed": "send_seed = false",
    "temperature": "leaving temperature out",
    "top_p": "leaving top_p out",
}


class OpenAIProvider:
    """Speaks chat completions."""

    def __init__(self, model: str, options: OpenAIOptions) -> None:
        self._model, self._options = model, options
        self._root = f"{options.base_url}/"
        self._who = urlsplit(self._root).hostname or "the endpoint"
        self._http: httpx.AsyncClient | None = None
        self._url: httpx.URL | str = PATH

    def _client(self) -> httpx.AsyncClient:
        """Open the client on first use: it belongs to the running loop."""
        if self._http is None:
            key = self._options.api_key
            self._http = client(
                self._root,
                headers={"authorization": f"Bearer {key}"} if key else {},
                verify=self._options.verify_tls,
            )
            # Parsed once: httpx would parse and join it for every request.
            self._url = self._http.base_url.join(PATH)
        return self._http

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        if not self._options.api_key and self._who == NEEDS_KEY:
            msg = f'{self._who} needs an API key: set OPENAI_API_KEY, or api_key = "${{NAME}}"'
            raise AuthFailed(msg, code="no-key")
        if not self._options.send_seed:
            request = attrs.evolve(request, seed=None)
        body = chat.body(request, self._model, max_tokens_key=self._options.max_tokens_key)
        try:
            http = self._client()
            response = await http.post(
                self._url,
                content=ENCODER.encode(body).encode("ascii"),
                headers={"content-type": "application/json"},
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise transport_failure(exc, who=self._who) from None
        if response.is_success:
            return chat.reply(_json(response, self._who))
        if _filtered(response):
            return Reply(messages=(), stop=Stop.FILTERED)
        raise _fault(response, self._who)

    async def aclose(self) -> None:
        """Close connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None


def _json(response: httpx.Response, who: str) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        kind = response.headers.get("content-type", "unknown type").split(";")[0]
        if "html" in kind:
            msg = f"{who} answered with a web page; base_url must end in /v1 or the like"
            raise Permanent(msg, code="html") from None
        raise Transient(f"{who} answered with broken JSON", code="malformed") from None


def _error(response: httpx.Response) -> dict[str, Any]:
    """Give the ``error`` object of a response; empty if there is none."""
    try:
        error = json.loads(response.content).get("error")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {}


def _filtered(response: httpx.Response) -> bool:
    """Tell a content filter's answer from other faults: it is an answer, and what is measured."""
    if response.status_code not in {400, 403}:
        return False
    error = _error(response)
    metadata = error.get("metadata")
    if isinstance(metadata, dict) and metadata.get("flagged_input") is not None:
        return True
    return bool(FILTER_CODES & {str(error.get("code")), str(error.get("type"))})


def _fault(response: httpx.Response, who: str) -> ProviderError:
    """Say what a failure means, and where a setting is the likely cause, which."""
    fault = failure(response, who=who)
    hint = _hint(response)
    if not hint or isinstance(fault, Transient | AuthFailed):
        return fault
    return Permanent(f"{fault}; {hint}", code=fault.code)


def _hint(response: httpx.Response) -> str:
    if response.status_code == 404:
        if "model" in f"{_error(response).get('code')}":
            return "check the name of the model"
        return "base_url must end where chat/completions begins, in /v1 or the like"
    if response.is_redirect:
        return "redirects are not followed; put the final address into base_url"
    other = PARAMETERS.get(str(_error(response).get("param")))
    return f"the endpoint may want {other}" if other else ""


def build(model: str, options: OpenAIOptions) -> OpenAIProvider:
    """Build the provider of one endpoint."""
    return OpenAIProvider(model, options)
