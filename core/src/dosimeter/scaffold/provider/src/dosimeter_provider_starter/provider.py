"""One try at the endpoint. Retries, rates and budgets are the engine's."""

import json
from urllib.parse import urlsplit

import httpx

from dosimeter import Reply, Request, Transient
from dosimeter.http import client, post_json
from dosimeter_provider_starter import wire
from dosimeter_provider_starter.options import StarterOptions

PATH = "answer"


class StarterProvider:
    """Asks the endpoint."""

    def __init__(self, model: str, options: StarterOptions) -> None:
        self._model, self._options = model, options
        self._who = urlsplit(options.base_url).hostname or "the endpoint"
        self._http: httpx.AsyncClient | None = None

    def _client(self) -> httpx.AsyncClient:
        """Open the client on first use: it belongs to the running loop."""
        if self._http is None:
            key = self._options.api_key
            self._http = client(
                f"{self._options.base_url}/",
                headers={"authorization": f"Bearer {key}"} if key else {},
                verify=self._options.verify_tls,
            )
        return self._http

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        asked = wire.body(request, self._model, send_seed=self._options.send_seed)
        response = await post_json(self._client(), PATH, asked, who=self._who)
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError):
            # Not from what came: it may quote the prompt.
            raise Transient(f"{self._who} answered with broken JSON", code="malformed") from None
        return wire.reply(data)

    async def aclose(self) -> None:
        """Close connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None


def build(model: str, options: StarterOptions) -> StarterProvider:
    """Build the provider of one endpoint."""
    return StarterProvider(model, options)
