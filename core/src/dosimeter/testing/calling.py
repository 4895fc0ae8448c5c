"""How providers are tried: in an event loop of the check's own, at a server of the kit if they have one."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import attrs
from attrs import frozen

from dosimeter.contracts import ModelProvider
from dosimeter.errors import Permanent, ProviderError
from dosimeter.ids import word
from dosimeter.model.conversation import Reply, Request, Sampling, Stop, user
from dosimeter.model.specs import Capability, NoOptions, ProviderSpec
from dosimeter.testing import samples
from dosimeter.testing.component import Specimen, Untried
from dosimeter.testing.server import Answer, Asked, Server
from dosimeter.testing.spec import secret_options

T = TypeVar("T")
PLAIN = Request(conversation=(user(samples.PROMPT),))
FEW_TOKENS = 16
CLOSE_SECONDS = 5.0
"""For `aclose`, after which nobody waits for it."""


@frozen
class Got:
    """What came of asking once: a reply, or what was raised; and what the server was asked."""

    reply: Reply | None
    fault: BaseException | None
    asked: tuple[Asked, ...] = ()

    @property
    def what(self) -> str:
        """Say it without its text."""
        if self.fault is not None:
            code = getattr(self.fault, "code", "")
            told = f" ({word(code)})" if isinstance(code, str) and code else ""
            return f"{type(self.fault).__name__}{told}"
        if not isinstance(self.reply, Reply):
            return f"a {type(self.reply).__name__}"
        return f"a reply ({self.reply.stop}, {len(self.reply.text)} characters)"


def has_address(one: Specimen) -> bool:
    """Whether it is asked over a network, as far as it says so itself."""
    options = getattr(one.spec, "options", NoOptions)
    return one.served is not None or any(
        field.metadata.get("account") for field in attrs.fields(options)
    )


def no_address(one: Specimen) -> str:
    """Say that there is nothing to serve."""
    return "" if has_address(one) else "it has no address"


def no_language_model(one: Specimen) -> str:
    """Say that what it gives is none of a language model."""
    return "" if one.of(ProviderSpec).language_model else "it is no language model"


def only_verdicts(one: Specimen) -> str:
    """Say that it gives no text."""
    can = one.of(ProviderSpec).capabilities
    guard = Capability.VERDICT_ONLY in can and Capability.CHAT not in can
    return "it gives verdicts only" if guard else ""


def at(one: Specimen, server: Server) -> attrs.AttrsInstance:
    """Give the options to reach *server*, whose secrets are the kit's.

    Raises:
        Untried: If the specimen says none.
    """
    if one.served is None:
        msg = "give Specimen(served=...), the options for an address"
        raise Untried(msg)
    return secret_options(one.served(server.address))


def good(one: Specimen, text: str = samples.HELPFUL) -> Answer:
    """Make an answer that says *text* in the provider's own format.

    Raises:
        Untried: If the specimen does not say how.
    """
    if one.says is None:
        msg = "give Specimen(says=...), the body of an answer that says a text"
        raise Untried(msg)
    return bodied(one.says(text))


def bodied(body: bytes) -> Answer:
    """Make an answer of *body*, under the type that it looks like."""
    return Answer(body=body, headers=(("Content-Type", _media_type(body)),))


def _media_type(body: bytes) -> str:
    if is_json(body):
        return "application/json"
    if body.startswith((b"data:", b"event:", b"id:", b"retry:", b":")):
        return "text/event-stream"
    lines = [line for line in body.splitlines() if line.strip()]
    if lines and all(map(is_json, lines)):
        return "application/x-ndjson"
    return "text/plain; charset=utf-8"


def standing(one: Specimen, answer: Callable[[Asked], Answer]) -> Server:
    """Make a server that answers the questions of *one*, and what it asks beside them as it says."""
    return Server(answer, one.also)


def is_json(body: bytes) -> bool:
    """Whether *body* is JSON."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


@contextlib.contextmanager
def opened(
    one: Specimen, text: Callable[[Asked], str] = lambda _: samples.HELPFUL
) -> Iterator[tuple[attrs.AttrsInstance, Server | None]]:
    """Give options under which it can be asked, and the server that it then asks, if it has an address.

    Raises:
        Untried: If something is lacking.
    """
    if not has_address(one):
        yield one.settings(), None
        return
    good(one)
    with standing(one, lambda asked: good(one, text(asked))) as server:
        yield at(one, server), server


def during(
    one: Specimen, options: attrs.AttrsInstance, act: Callable[[ModelProvider], Awaitable[T]]
) -> T:
    """Build a provider in a loop, let *act* use it, and close it; how it closes is another check's."""

    async def whole() -> T:
        provider: ModelProvider = one.build(options)
        try:
            return await act(provider)
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(provider.aclose(), CLOSE_SECONDS)

    return asyncio.run(whole())


async def got(provider: ModelProvider, request: Request) -> Got:
    """Ask once."""
    try:
        return Got(await provider.generate(request), None)
    except Exception as exc:
        return Got(None, exc)


def ask(one: Specimen, *requests: Request, together: bool = False) -> list[Got]:
    """Ask one after the other, or all at once; each gets what its own provider says.

    Raises:
        Untried: If something is lacking.
    """
    with opened(one, echo) as (options, server):

        async def act(provider: ModelProvider) -> list[Got]:
            before = len(server.asked) if server else 0
            if together:
                jobs = (_briefly(one, provider, request) for request in requests)
                found = list(await asyncio.gather(*jobs))
            else:
                found = [await _briefly(one, provider, request) for request in requests]
            came = tuple(server.asked[before:]) if server else ()
            return [attrs.evolve(each, asked=came) for each in found]

        return during(one, options, act)


async def _briefly(one: Specimen, provider: ModelProvider, request: Request) -> Got:
    """Ask for few tokens, and for any number if it takes no such setting, as it may."""
    put = brief(one, request)
    found = await got(provider, put)
    if put is not request and isinstance(found.fault, Permanent):
        return await got(provider, request)
    return found


def brief(one: Specimen, request: Request = PLAIN) -> Request:
    """Ask a model for few tokens; what an endpoint has a place for is not known."""
    if has_address(one) or request.sampling != Sampling():
        return request
    return attrs.evolve(request, sampling=Sampling(max_tokens=FEW_TOKENS))


def echo(asked: Asked) -> str:
    """Answer with the word of the request that `worded` put there last."""
    n = max(range(len(WORDS)), key=lambda k: asked.said.rfind(WORDS[k]))
    return f"You said {WORDS[n]}."


WORDS = ("kestrel", "lantern", "marigold", "nutmeg")
"""One a request, by which it is told from the others."""


def worded(n: int) -> Request:
    """Make the *n*th of several requests that differ."""
    return attrs.evolve(PLAIN, conversation=(user(f"Write a line about: {WORDS[n]}."),))


def replies(found: list[Got]) -> list[Reply]:
    """Give the replies.

    Raises:
        Untried: If one is none; why that is, other checks say.
    """
    out = [each.reply for each in found if isinstance(each.reply, Reply)]
    if len(out) < len(found):
        raise Untried("it does not answer a plain question")
    return out


def plain_reply(one: Specimen, request: Request = PLAIN) -> Reply:
    """Give its reply to a question.

    Raises:
        Untried: If something is lacking, or it gives none.
    """
    return replies(ask(one, request))[0]


def refusal_of(found: Got) -> str:
    """Say what it does instead of refusing for good; empty if it refuses."""
    return "" if isinstance(found.fault, Permanent) else f"it gives {found.what}"


def says_text(reply: Reply) -> bool:
    """Whether a reply is words, and no verdict."""
    return reply.stop is not Stop.VERDICT


def served(
    one: Specimen, answer: Answer | Callable[[Asked], Answer], request: Request = PLAIN
) -> Got:
    """Ask once, at a server that gives *answer*."""
    with standing(one, answer if callable(answer) else lambda _: answer) as server:

        async def act(provider: ModelProvider) -> Got:
            before = len(server.asked)
            found = await got(provider, request)
            return attrs.evolve(found, asked=tuple(server.asked[before:]))

        return during(one, at(one, server), act)


def failure(one: Specimen, answer: Answer | Callable[[Asked], Answer]) -> ProviderError:
    """Give what it raises at a failure.

    Raises:
        Untried: If that is no `ProviderError`, which is another check's.
    """
    fault = served(one, answer).fault
    if not isinstance(fault, ProviderError):
        raise Untried("it raises no ProviderError at a failure")
    return fault
