"""What failed in a run, in words for people, with what to do."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import attrs

from dosimeter.engine.feed import HUNG, HUNG_BEFORE
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.ruling import LOST
from dosimeter.http import TOO_LONG
from dosimeter.journal.reader import Reader
from dosimeter.limits import variables
from dosimeter.model.specs import NoOptions, ProviderSpec, option_class
from dosimeter.model.work import UNREACHED, Endpoint
from dosimeter.moves import NO_ROLE
from dosimeter.plural import plural
from dosimeter.registry import Registry
from dosimeter.serialize import from_json

WHY = {
    "diverged": (
        "asked something else when the run went on than before it was stopped. A search may depend"
        " only on its goal, its variant, its rng and the replies. Recorded answers are kept;"
        " nothing was paid for twice"
    ),
    "lost": "lost its worker each time it was handed out",
    HUNG: "took too long at a step",
    HUNG_BEFORE: "took too long again and again, so that it was played no more",
    "attack:Endless": "gave asks or candidates without end",
    "attack:over-bound": "asked more than its `bound` says, which plan and budget go by",
    "replanned": (
        "plans other variants each time it is asked. A variant may depend only on its item and the"
        " attack's options, so these attempts cannot be asked"
    ),
}
OWN = f"(reason IN ({', '.join(map(repr, WHY))}) OR reason LIKE 'attack:%')"
"""Attempts that failed by their attack's fault, not by a provider's."""


def _of_role(reason: str) -> str:
    """Say that an attack asked in a role that it had not declared; empty if that is not what failed."""
    _, told, role = reason.partition(f":{NO_ROLE}:")
    return told and f"asked in role {role!r}, which its spec does not declare in `roles`"


def plugin_faults(reader: Reader) -> list[str]:
    """Name the attacks whose attempts failed by a fault of their own, with who supplies them."""
    out = []
    for attack, reason, n in reader.rows(
        f"SELECT attack, reason, count(*) FROM attempts WHERE state = 'failed' AND {OWN}"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        row = reader.rows(
            "SELECT distribution, version FROM component WHERE kind = 'attack' AND id = ?",
            (attack,),
        ).fetchone()
        source = f" of {row[0]} {row[1]}" if row else ""
        why = WHY.get(reason) or _of_role(reason) or f"raised {reason.partition(':')[2]}"
        out.append(f"attack {attack!r}{source} {why} ({plural(n, 'attempt')} failed)")
    return out


def rule_faults(reader: Reader, raters: Sequence[RaterPart]) -> list[str]:
    """Name the rules that left replies without a mark, with who supplies them."""
    rules = {part.id: part for part in raters if not part.spec.judge}
    out = []
    for name, reason, n in reader.rows(
        "SELECT lower(hex(w.id)), m.reason, count(DISTINCT g.k) FROM mark m JOIN rating g ON g.k ="
        " m.rating JOIN rater w ON w.k = g.rater WHERE m.outcome = 'failed' AND m.reason LIKE"
        " 'error:%' GROUP BY 1, 2 ORDER BY w.name, 2"
    ):
        part = rules.get(name)
        if part is not None:
            kind = reason.partition(":")[2]
            did = LOST.get(kind, f"raised {kind}")
            out.append(
                f"rater {part.choice.choice.name!r} of {part.source} {did} on {plural(n, 'reply')},"
                f" so that {'it has' if n == 1 else 'they have'} no mark of it"
            )
    return out


HINTS = {
    "http-401": "check its API key{key}",
    "http-403": "check its API key{key}; and that it may use this model, {model}",
    "bad-key": "no header can hold its API key{key}: a line end, or a letter that is no ASCII, is in it",
    "http-404": "check base_url and the name of the model: there may be no {model}{at}",
    "http-429": "its rate limit outlasted the retries: set run.requests_per_minute, or ask less at once",
    **dict.fromkeys(
        ("http-301", "http-302", "http-303", "http-307", "http-308"),
        "redirects are not followed: put the final address into base_url",
    ),
    "http-204": "it answers nothing: check that base_url is a chat endpoint",
    **dict.fromkeys(
        ("http-500", "http-502", "http-503", "http-504"),
        "it failed on its side: its log or status page may say why; the same command tries again",
    ),
    "malformed": "its answers are no chat completions: check base_url, and what else may answer{at}",
    TOO_LONG: "its account asks to be left alone for more than an hour: run again later",
    "too-large": "its answers are larger than 16 MB: check what answers{at}, or set max_tokens",
    "timeout": "raise run.timeout, or ask less at once (run.max_connections)",
    **dict.fromkeys(
        UNREACHED, "it could not be reached{at}: check the address and the proxy, and that it runs"
    ),
    "transport": "it was reached{at} and broke off: its log may say why, or a proxy's between; the same"
    " command tries again",
    "transport:ReadTimeout": "it was reached{at} and did not answer in time: raise the provider's timeout,"
    " or ask less at once (run.max_connections)",
    "stream-broken": "its streams end before their end: its log may say why; the same command tries again",
    "stream-hung": "its streams fall silent: raise the provider's idle timeout, or ask less at once",
    "two-system-prompts": "say with compose how the target's system prompt meets the item's",
    "bug:reply": "what its generate() returned is no sound Reply: report it to its authors",
    "bug": "a defect of the provider, raised at the line named: report it to its authors",
}
"""What to do about failures that any provider can have, by code or by what stands before a colon."""


NO_PATH = "base_url has no path: is /v1 missing? Else check the name of the model"


def _of_endpoint(reason: str, endpoint: Endpoint) -> str | None:
    """Say what an endpoint's own settings tell of a failure."""
    if reason != "http-404":
        return None
    options = dict(endpoint.identity + endpoint.operational)
    url = json.loads(options.get("base_url", "null"))
    return NO_PATH if isinstance(url, str) and not urlsplit(url).path.strip("/") else None


def filled(hint: str, endpoint: Endpoint, options: type = NoOptions) -> str:
    """Put what the stack says of an endpoint into the places of *hint*, as `ProviderSpec` has them.

    Secret options are not among them: the journal has none.
    """
    told = {name: json.loads(value) for name, value in endpoint.identity + endpoint.operational}
    where = _address(told.values())
    own = {"at": f" at {where}" if where else "", "key": _key(options, told)}
    for name, value in {**own, **told, "model": endpoint.model}.items():
        hint = hint.replace(f"{{{name}}}", str(value))
    return hint


def address(endpoint: Endpoint) -> str:
    """Say where *endpoint* is, as its options have it; empty if they do not."""
    return _address(json.loads(value) for _, value in endpoint.identity + endpoint.operational)


def _address(values: Iterable[object]) -> str:
    """Give the first value that is an address, without password and query."""
    for value in values:
        with suppress(ValueError):
            parts = urlsplit(value) if isinstance(value, str) else None
            if parts and parts.scheme in {"http", "https"} and parts.hostname:
                return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return ""


SERVICE = re.compile("[a-z]{1,12}(?:[-_.][a-z]{1,12}){0,2}")
"""What a service may be called, that a variable is named after."""


def _key(options: type, told: Mapping[str, object]) -> str:
    """Say what fills the secret options: the journal does not know which of it did."""
    fields = attrs.fields(options)
    given = {a.name: told.get(a.name, a.default) for a in fields}
    # A variable may be named after an option, and that hold a key by mistake.
    says = {name: value if SERVICE.fullmatch(str(value)) else "" for name, value in given.items()}
    found = []
    for a in fields:
        if option_class(a) == "secret":
            named = [v for v in variables(a, says) if not v.startswith("_")]
            found += [f"{a.name} of the stack", *(f"else {name}" for name in named)]
    return f": {', '.join(found)}" if found else ""


def provider_faults(reader: Reader, registry: Registry) -> list[str]:
    """Say of each target why attempts failed and what to do, as its provider declares."""
    return [
        f"{target}: {plural(n, 'attempt')} failed: {reason}:"
        f" {what_to_do(registry, from_json(body, Endpoint), reason)}"
        for target, body, reason, n in reader.rows(
            "SELECT t.name, t.body, a.reason, count(*) FROM attempt a JOIN arm r ON r.k = a.arm"
            f" JOIN endpoint t ON t.k = r.target WHERE a.state = 'failed' AND NOT {OWN}"
            " GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC"
        )
    ]


def judge_faults(reader: Reader, registry: Registry, raters: Sequence[RaterPart]) -> list[str]:
    """Say of each endpoint of judges that lack ratings why it gave none, and what to do."""
    lacking = {
        endpoint.id: endpoint
        for part in raters
        if any(True for _ in reader.unrated(part.id, part.choice.votes, part.spec.subjects))
        for _, endpoint in part.endpoints
    }
    if not lacking:
        return []
    # An outage says nothing of a reply, so it is in no rating: only tries tell. An endpoint that is
    # left alone after the first has one for many ratings, so they are not counted.
    found = reader.rows(
        "SELECT DISTINCT lower(hex(endpoint)), status FROM"
        " (SELECT endpoint, status, failure, max(rowid) FROM try WHERE scope NOT IN (SELECT id FROM attempt)"
        " AND started >= (SELECT CAST(strftime('%s', value) AS INTEGER) FROM run WHERE key = 'created')"
        " GROUP BY scope) WHERE failure IN ('transient', 'auth') OR status = ?",
        (TOO_LONG,),
    )
    told = sorted((lacking[e].name, e, status) for e, status in found if e in lacking)
    return [
        f"{name}: judges got no answer: {status}: {what_to_do(registry, lacking[e], status)}"
        for name, e, status in told
    ]


def what_to_do(registry: Registry, endpoint: Endpoint, reason: str) -> str:
    """Say what a failure of *endpoint* most likely means, as its provider declares, and what to do."""
    provider = endpoint.provider
    known = provider in registry.ids("provider")
    spec = registry.get(ProviderSpec, provider) if known else None
    hints = {**HINTS, **dict(spec.hints if spec else ())}
    parts = reason.split(":")
    heads = (":".join(parts[:n]) for n in range(len(parts), 0, -1))
    hint = next((hints[head] for head in heads if head in hints), "")
    told = _of_endpoint(reason, endpoint) or filled(
        hint, endpoint, spec.options if spec else NoOptions
    )
    tries_again = "the same command tries again"
    return told or f"the README of provider {provider!r} may say what that is; {tries_again}"
