"""Promises of model providers that are asked over HTTP: how they take an endpoint's failures."""

import json
import socket
from collections.abc import Iterator

from dosimeter.errors import AuthFailed, Permanent, ProviderError, Transient
from dosimeter.ids import word
from dosimeter.testing.calling import (
    PLAIN,
    Got,
    at,
    during,
    failure,
    got,
    no_address,
    served,
    standing,
)
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.server import HOST, Answer

JSON = (("Content-Type", "application/json"),)
PLAINLY = "sieve"
"""A word by which it is seen whether an endpoint says texts bare."""
WAIT = 7
"""Seconds that an endpoint asks to be left alone."""
FAILED, REFUSED, FAULTY = (401, 403), (400, 404, 422), (500, 502, 503)


def told(status: int, *headers: tuple[str, str], body: bytes = b"") -> Answer:
    """Make a failure as most endpoints put it."""
    said = body or json.dumps({"error": {"message": "no", "type": "kit"}}).encode()
    return Answer(status=status, body=said, headers=(*JSON, *headers))


BROKEN: tuple[tuple[str, Answer], ...] = (
    ("nothing", Answer(headers=JSON)),
    ("no JSON", Answer(body=b"upstream busy", headers=JSON)),
    ("half a JSON", Answer(body=b'{"choices": [{"mess', headers=JSON)),
    ("invalid UTF-8", Answer(body=b"\xff\xfe{\x00\x80", headers=JSON)),
    ("null", Answer(body=b"null", headers=JSON)),
    ("an empty list", Answer(body=b"[]", headers=JSON)),
    ("an empty object", Answer(body=b"{}", headers=JSON)),
    ("a number", Answer(body=b"1e999", headers=JSON)),
    ("deep brackets", Answer(body=b"[" * 100_000, headers=JSON)),
    ("an error under status 200", told(200)),
    ("a web page", Answer(body=b"<html>Sign in</html>", headers=(("Content-Type", "text/html"),))),
)
"""What is no answer, by name."""
LOST: tuple[tuple[str, Answer], ...] = (
    ("closed without an answer", Answer(silent=True)),
    ("cut in the middle", Answer(body=b'{"a": "' + b"b" * 500 + b'"}', headers=JSON, cut=True)),
)


def _nowhere(one: Specimen) -> Got:
    """Ask where nobody listens."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        server = standing(one, lambda _: Answer())
        server.port = bound.getsockname()[1]
        return during(one, at(one, server), lambda p: got(p, PLAIN))


def failures(one: Specimen) -> Iterator[tuple[str, Got]]:
    """Let it fail in every way that there is of statuses and transport."""
    for status in (*FAILED, *REFUSED, 429, *FAULTY):
        yield f"status {status}", served(one, told(status))
    for name, answer in LOST:
        yield f"a connection {name}", served(one, answer)
    yield "a connection that is refused", _nowhere(one)


def kinds(name: str, fault: ProviderError, kind: type[ProviderError]) -> None:
    """Refuse a failure of another kind."""
    if not isinstance(fault, kind):
        raise Broken(
            f"{name} raises {type(fault).__name__}",
            f"raise {kind.__name__}; dosimeter.http.failure knows statuses, transport_failure the rest",
        )


@promise("provider", unless=no_address)
def check_failures_are_provider_errors(one: Specimen) -> str:
    """Every failure of endpoint or network is a ProviderError: nothing bare, and no reply made up of it."""
    n = 0
    for name, found in failures(one):
        if not isinstance(found.fault, ProviderError):
            raise Broken(
                f"{name} gives {found.what}", "raise Transient, Permanent or AuthFailed from None"
            )
        n += 1
    return f"{n} failures"


@promise("provider", unless=no_address)
def check_refused_keys_are_auth_failures(one: Specimen) -> None:
    """Status 401 and 403 raise AuthFailed, so that a run ends at once and does not ask on with a bad key."""
    for status in FAILED:
        kinds(f"status {status}", failure(one, told(status)), AuthFailed)


@promise("provider", unless=no_address)
def check_refused_requests_are_permanent(one: Specimen) -> None:
    """Status 400, 404 and 422 raise Permanent and blame no key: another try would get the same answer."""
    for status in REFUSED:
        fault = failure(one, told(status))
        kinds(f"status {status}", fault, Permanent)
        if isinstance(fault, AuthFailed):
            raise Broken(f"status {status} raises AuthFailed", "raise Permanent")


@promise("provider", unless=no_address)
def check_endpoint_faults_are_transient(one: Specimen) -> None:
    """Status 500, 502 and 503 raise Transient: the engine tries again."""
    for status in FAULTY:
        kinds(f"status {status}", failure(one, told(status)), Transient)


@promise("provider", unless=no_address)
def check_lost_connections_are_transient(one: Specimen) -> None:
    """A connection that is refused, closed without an answer, or cut in the middle raises Transient."""
    found = [(name, served(one, answer)) for name, answer in LOST]
    for name, each in (*found, ("that is refused", _nowhere(one))):
        if not isinstance(each.fault, ProviderError):
            raise Untried("it raises no ProviderError at a failure")
        kinds(f"a connection {name}", each.fault, Transient)


@promise("provider", unless=no_address)
def check_too_many_requests_is_throttled(one: Specimen) -> None:
    """Status 429 raises Transient(throttled=True), by which the engine asks less at once."""
    fault = failure(one, told(429))
    if not isinstance(fault, Transient) or not fault.throttled:
        raise Broken(
            f"status 429 raises {type(fault).__name__}, not throttled",
            "raise Transient(..., throttled=True)",
        )


@promise("provider", unless=no_address)
def check_retry_after_is_read(one: Specimen) -> None:
    """The seconds of a Retry-After header stand in retry_after, and none do if there is no header."""
    asked = failure(one, told(429, ("Retry-After", str(WAIT))))
    silent = failure(one, told(429))
    if not isinstance(asked, Transient) or not isinstance(silent, Transient):
        raise Untried("429 is not Transient")
    if asked.retry_after != WAIT or silent.retry_after is not None:
        raise Broken(
            f"retry_after is {asked.retry_after} for {WAIT} seconds, and {silent.retry_after} without",
            "give retry_after=dosimeter.http.retry_after(header)",
        )


@promise("provider", unless=no_address)
def check_one_try_a_call(one: Specimen) -> None:
    """One call sends one request, whatever comes of it: tries are the engine's, which pays for them."""
    tried = (("429", told(429, ("Retry-After", "0"))), ("500", told(500)), ("503", told(503)),
             *LOST)  # fmt: skip
    for name, answer in tried:
        n = len(served(one, answer).asked)
        if n > 1:
            raise Broken(f"{n} requests at {name}", "switch the client's own retries off")


@promise("provider", unless=no_address)
def check_what_is_no_answer_is_an_error(one: Specimen) -> str:
    """What is no answer for all its status 200 raises ProviderError: never a reply, nor an empty one."""
    if one.says is not None and one.says(PLAINLY).strip() == PLAINLY.encode():
        raise Untried("any text is an answer of its endpoint")
    for name, answer in BROKEN:
        found = served(one, answer)
        if not isinstance(found.fault, ProviderError):
            raise Broken(
                f"{name} gives {found.what}",
                'raise Transient("...", code="malformed") of what is not as it should be',
            )
    return f"{len(BROKEN)} answers"


@promise("provider", unless=no_address)
def check_codes_say_what_failed(one: Specimen) -> str:
    """The code of a failure is a machine's word of its own: it is all that is told after a run."""
    codes = set()
    for name, found in failures(one):
        if not isinstance(found.fault, ProviderError):
            continue
        code = found.fault.code
        if word(code) != code or code in {"provider", "transient"}:
            seen = f"{code!r}" if word(code) == code else f"{len(code)} characters"
            raise Broken(f"the code of {name} is {seen}", 'give a word such as code="http-500"')
        codes.add(code)
    return f"{len(codes)} codes"


CHECKS = checks_in(globals())
