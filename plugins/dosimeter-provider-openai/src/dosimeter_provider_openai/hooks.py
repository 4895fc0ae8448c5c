"""Hooks of dosimeter-provider-openai."""

from dosimeter import Capability, Price, ProviderSpec, hookimpl
from dosimeter_provider_openai.options import OpenAIOptions

# US dollars per million tokens, as the vendor's pricing page had them on the day the model came
# out. Prices change: `dosimeter plan` prints the day, and a stack's [[prices]] go before these.
PRICES = tuple(
    Price(model=model, input=cost_in, output=cost_out, date=date)
    for model, cost_in, cost_out, date in (
        ("gpt-4o-mini", 0.15, 0.60, "2024-07-18"),
        ("gpt-4o", 2.50, 10.00, "2024-10-01"),
        ("gpt-4.1", 2.00, 8.00, "2025-04-14"),
        ("gpt-4.1-mini", 0.40, 1.60, "2025-04-14"),
        ("gpt-4.1-nano", 0.10, 0.40, "2025-04-14"),
        ("o4-mini", 1.10, 4.40, "2025-04-16"),
        ("gpt-5", 1.25, 10.00, "2025-08-07"),
        ("gpt-5-mini", 0.25, 2.00, "2025-08-07"),
        ("gpt-5-nano", 0.05, 0.40, "2025-08-07"),
    )
)

SETTINGS = (
    "it does not take a setting: max_tokens_key is {max_tokens_key}, newer models want"
    " max_completion_tokens, other endpoints max_tokens; some refuse a seed (send_seed = false),"
    " temperature or top_p"
)
"""What a refused request most likely means."""


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
                *((code, SETTINGS) for code in ("http-400", "http-422")),
            ),
            prices=PRICES,
            capabilities=frozenset(
                {Capability.CHAT, Capability.LOGPROBS, Capability.SEED, Capability.TOOLS}
            ),
        )
    ]
