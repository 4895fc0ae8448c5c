"""Which values a field may have, read off its attrs validators: the one place where that stands.

Faults of a stack and JSON Schema both come from here, so that an editor refuses what we refuse.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen

ADDRESS = r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#@:][^\s/?#@]*(/[^\s?#]*)?\s*$"
VARIABLE = r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}"
"""A place that the environment fills: in a secret, and nowhere else."""

RUN_NAME = r"^[^./\\\x00-\x1f][^/\\\x00-\x1f]*$"
"""A run's name is that of its folder: it leads nowhere else."""

SURROGATE = "[\ud800-\udfff]"
"""What Python makes of bytes of a command line or a file's name that are no text in UTF-8."""

OUTPUT = r"(^|/)(?![Jj][Oo][Uu][Rr][Nn][Aa][Ll]\.)[^/]*[^/.][^/]*$"
"""A path that ends in the name of a file, which is not one of the journal's.

In whatever case: some file systems tell none apart, and JSON Schema has no flag for it.
"""

WORDS = {">=": "{:g} or more", ">": "more than {:g}", "<=": "at most {:g}", "<": "less than {:g}"}
PLAIN = re.compile(r".{0,3}|[A-Za-z]?[a-z]{0,11}|[-+.,%\d]{0,12}", re.DOTALL)
"""A text that is no key: of three signs, one word in small letters, a number; the last two of up to 12."""

KINDS = ((dict, "a table"), (list | tuple, "a list"), (str, "text"), (bool, "true or false"),
         (int | float, "a number"), (type(None), "nothing"))  # fmt: skip
KEYWORDS = {
    ">=": "minimum",
    ">": "exclusiveMinimum",
    "<=": "maximum",
    "<": "exclusiveMaximum",
}


def got(value: object) -> str:
    """Tell a value that is refused, but for what may be a key: keys are put in any place.

    Numbers, true and false are told as they are, and a text that is `PLAIN`. Of any other text, and of
    tables and lists, which may hold one, only the kind is told. So it is wherever a value does not fit
    its field; where a table or a list belongs, `kind_of` is told of every value. A fault quotes in full
    only names that other output has too: of a stack's parts, its models, runs and files, and, outside
    targets and endpoints, whatever is looked up.
    """
    if may_be_key(value):
        return f"{kind_of(value)} (not shown, as it may be a key)"
    return repr(value) if isinstance(value, str | bool | int | float) else kind_of(value)


def may_be_key(value: object) -> bool:
    """Whether *value* is a text that could be a key, by the rule of `got`."""
    return isinstance(value, str) and not PLAIN.fullmatch(value)


def kind_of(value: object) -> str:
    """Name what *value* is, and nothing of it."""
    return next((words for kind, words in KINDS if isinstance(value, kind)), "a date or a time")


def variables(attribute: "attrs.Attribute[Any]", says: Mapping[str, object]) -> list[str]:
    """Name the variables that may fill an option, where all options of its plugin are as *says* has them."""
    words = {name: re.sub(r"\W", "_", str(value)).upper() for name, value in says.items()}
    return [one.format(**words) for one in attribute.metadata.get("env", ())]


def bounded(*validators: Any, default: Any = attrs.NOTHING, help: str) -> Any:  # noqa: A002, ANN401
    """Declare a field of a record of ours that a stack may give only some values.

    They are not checked whenever a record is made: what an old journal or another process says is
    read as it stands. *help* is for people and editors, as of an `option`; what holds where a stack
    leaves it out, and is no value, stands at its end, as in "; default: the provider's".
    """
    return field(default=default, metadata={"allowed": validators, "help": help})


def allowed(attribute: "attrs.Attribute[Any]") -> tuple[Any, ...]:
    """Give the validators of a field, one by one."""
    return (*_flat(attribute.validator), *attribute.metadata.get("allowed", ()))


def of_entries(attribute: "attrs.Attribute[Any]") -> tuple["attrs.Attribute[Any]", int]:
    """Give the field that an entry of a list would be, and the fewest entries."""
    lists = [one for one in allowed(attribute) if hasattr(one, "member_validator")]
    entry = attrs.validators.and_(*(one.member_validator for one in lists))
    least = max((getattr(one.iterable_validator, "min_length", 0) for one in lists), default=0)
    return attribute.evolve(validator=entry, metadata={}), least


@frozen(kw_only=True)
class _Partial:
    """Stands for the instance that validators are called with, before there is one."""


def http_address(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    """Validate an option that is the address of a server. Pass it as ``validator=`` of `option`.

    Raises:
        ValueError: If it has no http or https in front, no host, spaces, an impossible port, or what
            would stand in the journal and may be a secret: a password, a query, a fragment.
    """
    del attribute
    for sign, what in {"?": "query", "#": "fragment"}.items():
        if sign in value:
            msg = (
                f"the address holds a {what} ({sign}...), which would stand in the journal; leave it"
                " out: an API key goes into api_key, or the environment"
            )
            raise ValueError(msg)
    try:
        parts = urlsplit(value.strip())
        secret, _port = "@" in parts.netloc, parts.port
    except ValueError:
        msg = (
            f"expected http(s)://HOST[:PORT]/PATH, got {got(value)}; the host or the port cannot be"
        )
        raise ValueError(msg) from None
    if secret:
        msg = "the address holds a user or password, which would stand in the journal; leave it out"
        raise ValueError(msg)
    if not re.match(ADDRESS, value):
        local = re.match(r"\s*(localhost|[\d.]+)\b", value)
        bare = "://" not in value and re.match(ADDRESS, f"http://{value.strip()}")
        hint = f"; http{'' if local else 's'}:// is missing in front" if bare else ""
        msg = f"expected http(s)://HOST[:PORT]/PATH, got {got(value)}{hint}"
        raise ValueError(msg)


def refusal(attribute: "attrs.Attribute[Any]", value: object) -> str:
    """Say why *attribute* may not have *value*, which is of its type; empty if it may."""
    asked = allowed(attribute)
    if value is None:
        return ""
    try:
        for one in asked:
            one(_Partial(), attribute, value)
    except AttributeError:
        return ""  # it looks at other options: it is asked again when all are there
    except (ValueError, TypeError) as exc:
        return _in_words(asked, value) or str(exc.args[0] if exc.args else exc)
    return ""


def keywords(attribute: "attrs.Attribute[Any]") -> dict[str, Any]:
    """Give the keywords of JSON Schema for what the validators of a field let through."""
    out: dict[str, Any] = {}
    for one in allowed(attribute):
        if getattr(one, "compare_op", None) in KEYWORDS:
            out[KEYWORDS[one.compare_op]] = one.bound
        elif hasattr(one, "options"):
            out["enum"] = list(one.options)
        elif one is http_address:
            out |= {"format": "uri", "pattern": ADDRESS}
    return out


def _in_words(flat: tuple[Any, ...], value: object) -> str:
    """Say what was expected; empty for a validator that speaks for itself."""
    bounds = [WORDS[v.compare_op].format(v.bound) for v in flat if hasattr(v, "compare_op")]
    bounds += [f"one of {', '.join(map(str, v.options))}" for v in flat if hasattr(v, "options")]
    if len(bounds) < len(flat):
        return ""
    return f"expected {' and '.join(bounds)}, got {got(value)}"


def _flat(validator: Any) -> Iterator[Any]:  # noqa: ANN401
    """Look into ``and_`` and ``optional``."""
    if hasattr(validator, "_validators"):
        for one in validator._validators:
            yield from _flat(one)
    elif type(validator).__name__ == "_OptionalValidator":
        yield from _flat(validator.validator)
    elif validator is not None:
        yield validator
