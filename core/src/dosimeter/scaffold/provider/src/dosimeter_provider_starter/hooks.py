"""Hooks of dosimeter-provider-starter: what is declared. The work is behind the factory."""

from dosimeter import Capability, ProviderSpec, hookimpl
from dosimeter_provider_starter.options import StarterOptions


@hookimpl
def dosimeter_model_providers() -> list[ProviderSpec]:
    """Declare the provider."""
    return [
        ProviderSpec(
            id="starter",
            summary="Models of an endpoint that is asked over HTTP",
            factory="dosimeter_provider_starter.provider:build",
            options=StarterOptions,
            capabilities=frozenset({Capability.CHAT, Capability.SEED}),
            hints=(
                ("http-401", 'set STARTER_API_KEY, or api_key = "${NAME}" in the stack'),
                ("http-404", "base_url{at} does not lead to the endpoint, or it has no {model}"),
                ("malformed", "base_url{at} leads to something that does not speak the format"),
                ("transport:refused", "nothing listens{at}; is base_url right?"),
            ),
        )
    ]
