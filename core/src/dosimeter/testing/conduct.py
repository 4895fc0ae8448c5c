"""Promises of how a model provider behaves: at once, in time, given up, and closed."""

import asyncio
import threading
from collections.abc import Awaitable

import attrs

from dosimeter.contracts import ModelProvider
from dosimeter.model.conversation import Reply, Request
from dosimeter.model.specs import Capability, ProviderSpec
from dosimeter.testing.calling import (
    CLOSE_SECONDS,
    PLAIN,
    WORDS,
    ask,
    at,
    brief,
    during,
    good,
    got,
    has_address,
    no_address,
    only_verdicts,
    opened,
    replies,
    says_text,
    standing,
    worded,
)
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.server import Answer, Server, true_within
from dosimeter.testing.trying import silently

SEED = 1_234_567_000
GAP_SECONDS, BEAT_SECONDS = 1.0, 0.01
"""The longest that a loop may stand still, and how often it is looked at."""
STEPS = 5
"""Turns of the loop after which a call of a model waits for it."""
START_SECONDS = 5.0
"""For a request to be sent."""
LET_GO_SECONDS = 2.0
"""For a call that is cancelled to end, after which the engine waits no more."""


def _not_told_apart(one: Specimen) -> str:
    known = Capability.DETERMINISTIC in one.of(ProviderSpec).capabilities or has_address(one)
    return only_verdicts(one) or (
        "" if known else "it is neither deterministic nor has it an address"
    )


def _alone(one: Specimen) -> tuple[list[Request], list[Reply]]:
    """Give requests that differ, and the reply of each to a provider of its own.

    Raises:
        Untried: If they are not the same each time.
    """
    requests = [attrs.evolve(worded(n), seed=SEED + n) for n in range(len(WORDS))]
    first, again = ([replies(ask(one, r))[0] for r in some] for some in (requests, requests[:2]))
    if [r.messages for r in first[:2]] != [r.messages for r in again]:
        raise Untried("it does not say the same twice")
    if not any(map(says_text, first)):
        raise Untried("it gives verdicts, by which requests cannot be told apart")
    return requests, first


def _compare(one: list[Reply], other: list[Reply], when: str) -> None:
    differ = sum(a.messages != b.messages for a, b in zip(one, other, strict=True))
    if differ:
        raise Broken(
            f"{differ} of {len(one)} replies differ {when}",
            "keep what belongs to a request in local variables of generate, not on self",
        )


@promise("provider", unless=_not_told_apart)
def check_requests_at_once_get_their_own_answers(one: Specimen) -> str:
    """Requests that are made at once get the answers that they get one by one: no state is shared."""
    requests, alone = _alone(one)
    _compare(alone, replies(ask(one, *requests, together=True)), "when asked at once")
    return f"{len(requests)} requests"


@promise("provider", unless=_not_told_apart)
def check_earlier_requests_do_not_matter(one: Specimen) -> None:
    """A reply depends on its request alone: nothing of earlier conversations is sent or remembered."""
    requests, alone = _alone(one)
    found = ask(one, *requests)
    _compare(alone, replies(found), "after other requests")
    mixed = sum(sum(w in asked.said for w in WORDS) > 1 for asked in found[0].asked)
    if mixed:
        raise Broken(
            f"{mixed} requests hold words of an earlier one", "send its own conversation only"
        )


async def _given_up(provider: ModelProvider, request: Request, server: Server | None) -> str:
    """Ask, give up, and say what is left; empty if nothing is."""
    before = asyncio.all_tasks()
    call = asyncio.create_task(provider.generate(request))
    await _under_way(call, server)
    call.cancel()
    await asyncio.wait({call}, timeout=LET_GO_SECONDS)
    if not call.done():
        return f"generate has not ended after {LET_GO_SECONDS:g} seconds"
    if not call.cancelled():
        fault = call.exception()
        return f"generate ends with {'a reply' if fault is None else type(fault).__name__}"
    if not await true_within(LET_GO_SECONDS, lambda: not asyncio.all_tasks() - before):
        return f"{len(asyncio.all_tasks() - before)} tasks go on"
    if server is not None and not await asyncio.to_thread(server.idle, LET_GO_SECONDS):
        return "the connection stays open"
    return ""


async def _under_way(call: "asyncio.Task[Reply]", server: Server | None) -> None:
    """Wait until the call waits for an answer.

    Raises:
        Untried: If it is over before.
    """
    if server is None:
        for _ in range(STEPS):
            await asyncio.sleep(0)
    else:
        await true_within(START_SECONDS, lambda: call.done() or server.came.is_set())
    if call.done():
        call.exception()
        raise Untried("it is done before it can be cancelled")
    if server and not server.came.is_set():
        raise Untried("it sends nothing")


@promise("provider")
def check_cancellation_releases(one: Specimen) -> None:
    """Cancelled, generate ends at once with CancelledError, and leaves no task or connection behind."""
    if has_address(one):
        never = threading.Event()
        with standing(one, lambda _: Answer(until=never)) as server:
            seen = during(one, at(one, server), lambda p: _given_up(p, PLAIN, server))
    else:
        seen = during(one, one.settings(), lambda p: _given_up(p, brief(one), None))
    if seen:
        raise Broken(
            f"cancelled, {seen}", "let CancelledError pass, and release with try and finally"
        )


@promise("provider", unless=no_address)
def check_loop_goes_on_while_the_endpoint_thinks(one: Specimen) -> None:
    """The event loop goes on while an answer is waited for: other requests are sent meanwhile."""
    free = threading.Event()

    async def beside(provider: ModelProvider, server: Server) -> None:
        call = asyncio.create_task(got(provider, PLAIN))
        await true_within(START_SECONDS, lambda: call.done() or server.came.is_set())
        free.set()
        await call

    with standing(one, lambda _: Answer(status=500, until=free)) as server:
        during(one, at(one, server), lambda p: beside(p, server))
        if server.waited_out:
            raise Broken(
                "nothing else ran in the loop until the answer came",
                "use an asynchronous client, such as dosimeter.http.client, or asyncio.to_thread",
            )


async def _widest_gap(work: Awaitable[object]) -> float:
    """Give the longest that the loop stood still during *work*."""
    loop = asyncio.get_running_loop()
    job = asyncio.ensure_future(work)
    widest, last = 0.0, loop.time()
    while not job.done():
        await asyncio.sleep(BEAT_SECONDS)
        widest, last = max(widest, loop.time() - last), loop.time()
    return widest


@promise("provider")
def check_loop_goes_on(one: Specimen) -> None:
    """The event loop goes on while it answers: all requests of a run, and their interrupt, share it."""

    async def act(provider: ModelProvider) -> float:
        await got(provider, brief(one))  # what is loaded is loaded once
        gap = await _widest_gap(got(provider, brief(one)))
        if gap <= GAP_SECONDS:
            return gap
        return min(gap, await _widest_gap(got(provider, brief(one))))  # the machine may be busy

    with opened(one) as (options, _):
        gap = during(one, options, act)
    if gap > GAP_SECONDS:
        raise Broken(
            f"the loop stood still for {gap:.1f} seconds",
            "await what waits, and put what computes into asyncio.to_thread",
        )


@promise("provider")
def check_it_can_be_closed(one: Specimen) -> None:
    """It can be closed whether or not anything was asked of it, and is done within seconds."""

    async def closes(provider: ModelProvider) -> str:
        try:
            await asyncio.wait_for(provider.aclose(), CLOSE_SECONDS)
        except Exception as exc:
            return type(exc).__name__
        return ""

    async def whole(options: attrs.AttrsInstance, times: int) -> str:
        provider = one.build(options)
        for _ in range(times):
            await got(provider, brief(one))
        return await closes(provider)

    def check(name: str, options: attrs.AttrsInstance, times: int) -> None:
        seen = asyncio.run(whole(options, times))
        if seen:
            raise Broken(f"aclose raises {seen} {name}", "release only what is there")

    with opened(one) as (options, _):
        check("before it was asked", options, 0)
        check("after it was asked", options, 1)
    if has_address(one):
        with standing(one, lambda _: Answer(silent=True)) as server:
            check("after a failure", at(one, server), 1)


@promise("provider", unless=no_address)
def check_closing_ends_connections(one: Specimen) -> None:
    """Closing it closes its connections: a run of many endpoints holds none that it does not use."""

    async def act(provider: ModelProvider) -> bool:
        await got(provider, PLAIN)
        try:
            await asyncio.wait_for(provider.aclose(), CLOSE_SECONDS)
        except Exception as exc:
            raise Untried("it cannot be closed") from exc
        return await asyncio.to_thread(server.idle, LET_GO_SECONDS)

    good(one)
    with standing(one, lambda _: good(one)) as server:

        async def whole() -> bool:
            return await act(one.build(at(one, server)))

        if not asyncio.run(whole()):
            raise Broken(f"{server.open} connections are open", "close the client in aclose")


@promise("provider", unless=no_address)
def check_building_sends_nothing(one: Specimen) -> None:
    """Building it sends nothing: stacks are read and planned without a network."""

    async def act(_: ModelProvider) -> None:
        await asyncio.sleep(BEAT_SECONDS)

    with standing(one, lambda _: Answer(status=500)) as server:
        during(one, at(one, server), act)
        sent = len(server.asked) + len(server.beside)
        if sent:
            raise Broken(f"{sent} requests were sent", "ask in generate only")


@promise("provider")
def check_provider_prints_nothing(one: Specimen) -> None:
    """It prints nothing: standard output may be a report or a worker's wire, and a prompt is no log."""
    said = silently(lambda: ask(one, PLAIN))[1]
    if said:
        raise Broken(
            f"it printed {len(said)} characters", "log through structlog, and no text of a prompt"
        )


CHECKS = checks_in(globals())
