"""Options of the provider, and what must agree among them."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import frozen
from attrs.validators import and_, ge, gt, in_

from dosimeter import http_address, option
from dosimeter_provider_http.headers import header_lines, headers_of, open_headers, open_query, pair
from dosimeter_provider_http.paths import of_nothing, path
from dosimeter_provider_http.template import PLACE, names_of, parse

if TYPE_CHECKING:
    from attrs import Attribute

PLACES = (
    "prompt", "system", "messages", "history", "transcript", "model", "temperature", "top_p",
    "max_tokens", "stop", "seed", "session", "secret",
)  # fmt: skip
"""What may stand in a request."""
ASKING = frozenset({"prompt", "messages", "transcript"})
OF_A_MESSAGE = ("role", "content")
ROLES = ("system", "user", "assistant")
MESSAGE = '{"role": "{{role}}", "content": "{{content}}"}'
OF_A_REPLY = ("reply", "refused", "cut", "filtered")
FLAGS = ("failed", "filtered", "refused", "cut", "poll_done", "blocked", "allowed")
"""Expressions that say true or false."""
PATHS = (*FLAGS, "reply", "label", "score", "model_id", "tokens_in", "tokens_out", "poll_id")
"""Every option that is a JMESPath expression."""


def _address(options: object, attribute: "Attribute[str]", value: str) -> None:
    if "?" in value:
        msg = (
            'the address holds a query (?...): write query = ["name=value"], and a key into'
            ' secret_headers, as in "X-Api-Key: ${NAME}"'
        )
        raise ValueError(msg)
    if set(PLACE.findall(value)) - {"model"} or "{{" in urlsplit(value.strip()).netloc:
        msg = "only {{model}} may stand in the address, and not in the host"
        raise ValueError(msg)
    http_address(options, attribute, PLACE.sub("model", value))


def _request(_: object, attribute: "Attribute[str]", value: str) -> None:
    del attribute
    names = names_of(parse(value, PLACES))
    if not names & ASKING:
        msg = "asks nothing: {{prompt}}, {{messages}} or {{transcript}} must stand in it"
        raise ValueError(msg)


def _message(_: object, attribute: "Attribute[str]", value: str) -> None:
    del attribute
    for name in set(OF_A_MESSAGE) - names_of(parse(value, OF_A_MESSAGE)):
        msg = f"has no {{{{{name}}}}}: a message is told by who says it and what"
        raise ValueError(msg)


def _roles(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    del attribute
    for one in value:
        if pair(one)[0] not in ROLES:
            msg = f"expected 'role=what the endpoint calls it', of {', '.join(ROLES)}"
            raise ValueError(msg)


def _secret_headers(_: object, attribute: "Attribute[str]", value: str) -> None:
    del attribute
    headers_of(header_lines(value))


def _poll(_: object, attribute: "Attribute[Any]", value: str) -> None:
    if value and (not value.startswith("/") or value.startswith("//") or "#" in value):
        msg = "expected a path on the host of url: it begins with one slash and has no #"
        raise ValueError(msg)
    if value and PLACE.findall(value) != ["id"]:
        msg = "expected {{id}} once, where the job's id belongs, and no other placeholder"
        raise ValueError(msg)
    open_query(_, attribute, tuple(filter(None, value.partition("?")[2].split("&"))))


def _agree(options: "HttpOptions", _: "Attribute[bool]", value: bool) -> None:
    """Refuse what does not go together; each option by itself is sound."""
    del value
    for why in (_kinds(options), _polling(options), _of_nothing(options), _secrets(options)):
        if why:
            raise ValueError(why)


def _kinds(o: "HttpOptions") -> str:
    """Say why it is not clear what an answer is; empty if it is."""
    told = [name for name in PATHS if getattr(o, name)]
    if o.plain_text:
        more = [*told, *(["poll"] if o.poll else [])]
        return f"plain_text answers have no paths: leave out {', '.join(more)}" if more else ""
    if o.blocked:
        more = [name for name in OF_A_REPLY if getattr(o, name)]
        return (
            f"blocked makes it a guardrail, which gives no text: leave out {', '.join(more)}"
            if more
            else ""
        )
    alone = [name for name in ("allowed", "label", "score") if getattr(o, name)]
    if alone:
        return f"{alone[0]} is of a guardrail, which needs blocked too: true where it stops a text"
    if not o.reply:
        return (
            "say where the answer stands: reply, as in choices[0].message.content; blocked, if it is"
            " a guardrail; or plain_text = true"
        )
    return ""


def _polling(o: "HttpOptions") -> str:
    together = ("poll", "poll_id", "poll_done")
    lacking = [name for name in together if not getattr(o, name)]
    if len(lacking) in {0, len(together)}:
        return ""
    return f"an endpoint is polled by {', '.join(together)} together: {lacking[0]} is missing"


def _of_nothing(o: "HttpOptions") -> str:
    """Say which expression takes an answer that holds nothing for one that says something."""
    if o.reply and of_nothing(o.reply) is not None:
        return "reply finds something in an empty answer; it must find nothing where nothing is"
    for name in FLAGS:
        text = getattr(o, name)
        if text and of_nothing(text) is True:
            return f"{name} is true of an empty answer; it must be true only of one that says so"
    if o.blocked and not o.allowed and of_nothing(o.blocked) is not None:
        return (
            "blocked is false of an empty answer, which would pass for one that lets the text"
            " through: say allowed too, true where it does, as in allowed = \"action == 'ALLOW'\""
        )
    return ""


def _secrets(o: "HttpOptions") -> str:
    used = "secret" in names_of(parse(o.request, PLACES))
    if used and not o.secret:
        return 'request holds {{secret}}: say what it is, secret = "${NAME}"'
    return "" if used or not o.secret else "secret is set, and request has no {{secret}}"


def _found_at(what: str) -> str:
    """Declare an option that says, as a JMESPath expression, where something stands in an answer."""
    return option(identity=True, default="", validator=path, help=what)


@frozen(kw_only=True)
class HttpOptions:
    """How to ask a JSON endpoint and how to read what it answers."""

    url: str = option(
        identity=True, account=True, converter=str.strip, validator=_address,
        help="address that is asked; {{model}} may stand in its path",
    )  # fmt: skip
    method: str = option(
        identity=True, default="POST", validator=in_(("POST", "PUT")), help="how it is asked"
    )
    query: tuple[str, ...] = option(
        identity=True, default=(), validator=open_query,
        help='what follows the ? of the address, ["name=value"]; no key',
    )  # fmt: skip
    headers: tuple[str, ...] = option(
        identity=True, default=(), validator=open_headers,
        help='headers that are no secret, ["Name: value"]',
    )  # fmt: skip
    secret_headers: str = option(
        secret=True, default="", validator=_secret_headers,
        help='headers with keys, "X-Api-Key: ${NAME}", one a line',
    )  # fmt: skip
    secret: str = option(
        secret=True, default="", help='what {{secret}} of the request stands for, "${NAME}"'
    )
    request: str = option(
        identity=True, validator=_request,
        help=f"the body, as JSON with placeholders in quotes: {', '.join(PLACES)}",
    )  # fmt: skip
    message: str = option(
        identity=True, default=MESSAGE, validator=_message,
        help="what one of {{messages}} and {{history}} looks like: JSON with {{role}} and {{content}}",
    )  # fmt: skip
    role_names: tuple[str, ...] = option(
        identity=True, default=(), validator=_roles,
        help='what the endpoint calls them, ["assistant=bot"], of system, user, assistant',
    )  # fmt: skip
    reply: str = _found_at("where the answer's text stands (JMESPath)")
    plain_text: bool = option(
        identity=True, default=False, help="the whole answer is the text, and no JSON"
    )
    failed: str = _found_at(
        "true of an answer that is an error for all its status 200; it is asked again"
    )
    filtered: str = _found_at("true of an answer that a filter blocked; read from status 4xx too")
    refused: str = _found_at("true of an answer that says it refuses")
    cut: str = _found_at(
        "true of an answer that ran out of tokens, as in finish_reason == 'length'"
    )
    model_id: str = _found_at("where the answer names its model")
    tokens_in: str = _found_at("where it counts tokens that it read")
    tokens_out: str = _found_at("where it counts tokens that it wrote")
    blocked: str = _found_at("makes it a guardrail: true where it stops the text, false where not")
    allowed: str = _found_at(
        "true where a guardrail lets the text through; needed where blocked compares"
    )
    label: str = _found_at("where a guardrail names what it found")
    score: str = _found_at("where a guardrail gives its number")
    poll: str = option(
        identity=True, default="", validator=_poll,
        help="path on the same host where a job is looked at, /jobs/{{id}}",
    )  # fmt: skip
    poll_id: str = _found_at("where the first answer names its job")
    poll_done: str = _found_at("true of an answer that is the result")
    poll_seconds: float = option(
        operational=True, default=1.0, validator=ge(0.05), help="seconds between two looks"
    )
    poll_most: float = option(
        operational=True, default=300.0, validator=gt(0),
        help="seconds after which a job counts as lost and is tried again",
    )  # fmt: skip
    verify_tls: bool = option(
        # `_agree` stands at the last option: each is sound by then.
        operational=True, default=True, validator=and_(_agree), help="check TLS certificates",
    )  # fmt: skip
