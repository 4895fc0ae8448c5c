"""Options of the provider."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen
from attrs.validators import and_, matches_re

from dosimeter import http_address, option

if TYPE_CHECKING:
    from attrs import Attribute

OPENAI = "https://api.openai.com/v1"
PATH = "chat/completions"
PORTS = {"http": 80, "https": 443}


def one_form(address: str) -> str:
    """Give all spellings of an endpoint's address one form; what is no address stays as it is."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return address
    # What the validator refuses must reach it: an empty query would be lost here.
    if (
        parts.scheme not in PORTS
        or not host
        or "@" in parts.netloc
        or "?" in address
        or "#" in address
    ):
        return address
    host = f"[{host}]" if ":" in host else host
    place = host if port in {None, PORTS[parts.scheme]} else f"{host}:{port}"
    path = parts.path.rstrip("/").removesuffix(f"/{PATH}").rstrip("/")
    return f"{parts.scheme}://{place}{path}"


def _of_the_service(options: "OpenAIOptions", _: "Attribute[str]", value: str) -> None:
    """Refuse to send another service's key to OpenAI."""
    if value == OPENAI and options.service != "openai":
        # Not by its name: what stands there may be a key.
        msg = (
            "this service has no address: set base_url, or the variable that is named after it, as"
            " DEEPSEEK_BASE_URL is"
        )
        raise ValueError(msg)


@frozen(kw_only=True)
class OpenAIOptions:
    """How to reach an OpenAI-compatible endpoint."""

    service: str = option(
        operational=True, default="openai",
        help="names the variables SERVICE_API_KEY and SERVICE_BASE_URL that fill key and address",
    )  # fmt: skip
    base_url: str = option(
        identity=True, account=True, default=OPENAI, env=("{service}_BASE_URL",),
        help="address up to and including /v1; env OPENAI_BASE_URL, or of another service",
        validator=and_(http_address, _of_the_service), converter=one_form,
    )  # fmt: skip
    api_key: str = option(
        secret=True,
        default="",
        env=("{service}_API_KEY",),
        help="key, if the endpoint wants one; env OPENAI_API_KEY, or of another service",
    )
    send_seed: bool = option(identity=True, default=True, help="pass the call's seed on")
    max_tokens_key: str = option(
        operational=True, default="max_tokens", validator=matches_re("[a-z_]{1,40}"),
        help="what the endpoint calls the token limit; newer models: max_completion_tokens",
    )  # fmt: skip
    verify_tls: bool = option(operational=True, default=True, help="check TLS certificates")
