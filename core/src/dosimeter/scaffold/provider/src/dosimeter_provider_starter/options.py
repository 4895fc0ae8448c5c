"""Options of the provider."""

from attrs import frozen

from dosimeter import http_address, option


def one_form(address: str) -> str:
    """Give spellings of one address one form, which is what is compared and kept."""
    return address.strip().rstrip("/")


@frozen(kw_only=True)
class StarterOptions:
    """How to reach the endpoint."""

    base_url: str = option(
        identity=True, account=True, default="http://127.0.0.1:8399", env=("STARTER_BASE_URL",),
        help="address of the endpoint; env STARTER_BASE_URL", validator=http_address,
        converter=one_form,
    )  # fmt: skip
    api_key: str = option(
        secret=True, default="", env=("STARTER_API_KEY",),
        help="key, if the endpoint wants one; env STARTER_API_KEY",
    )  # fmt: skip
    send_seed: bool = option(identity=True, default=True, help="pass the call's seed on")
    verify_tls: bool = option(operational=True, default=True, help="check TLS certificates")
