"""Hooks of dosimeter-provider-openai."""

from dosimeter import Capability, ProviderSpec, hookimpl
from dosimeter_provider_openai.options import OpenAIOptions


@hookimpl
def dosimeter_model_providers() -> list[ProviderSpec]:
    """Declare the provider of OpenAI-compatible chat endpoints."""
    return [
        ProviderSpec(
            id="openai",
            summary="Chat completions of any OpenAI-compatible endpoint",
            options=OpenAIOptions,
            factory="dosimeter_provider_openai.provider:build",
            hints=(
                ("no-key", 'set OPENAI_API_KEY, or api_key = "${NAME}" in the stack'),
                ("html", "it answered with a web page: base_url must end in /v1 or the like"),
                ("bad-url", "base_url is no http(s) address"),
            ),
            capabilities=frozenset(
                {Capability.CHAT, Capability.LOGPROBS, Capability.SEED, Capability.TOOLS}
            ),
        )
    ]
