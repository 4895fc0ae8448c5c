"""Options of the provider."""

from attrs import frozen

from dosimeter import http_address, option


@frozen(kw_only=True)
class OpenAIOptions:
    """How to reach an OpenAI-compatible endpoint."""

    base_url: str = option(
        identity=True, account=True, default="https://api.openai.com/v1", env=("OPENAI_BASE_URL",),
        help="address up to and including /v1; env OPENAI_BASE_URL", validator=http_address,
    )  # fmt: skip
    api_key: str = option(
        secret=True,
        default="",
        env=("OPENAI_API_KEY",),
        help="key, if the endpoint wants one; env OPENAI_API_KEY",
    )
    send_seed: bool = option(identity=True, default=True, help="pass the call's seed on")
    max_tokens_key: str = option(
        operational=True, default="max_tokens",
        help="what the endpoint calls the token limit; newer models: max_completion_tokens",
    )  # fmt: skip
    verify_tls: bool = option(operational=True, default=True, help="check TLS certificates")
