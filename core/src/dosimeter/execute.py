"""How one attempt is done: the public room for executors.

`perform` plays a lease against a `Host` and knows nothing of journal, limiter or budget, so it runs
the same in the driver's process and at the far end of a pipe.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

import attrs
from attrs import define, field

from dosimeter.contracts import Host, ModelProvider, Moves, SearchAttack
from dosimeter.errors import (
    AttackDiverged,
    BudgetSpent,
    DosimeterError,
    LeaseLost,
    Permanent,
    ProviderError,
    Stopping,
    Transient,
    WireError,
)
from dosimeter.ids import derive_seed, digest, word
from dosimeter.leasing import each_lease
from dosimeter.model.conversation import (
    Message,
    Reply,
    Request,
    Stop,
    Tool,
)
from dosimeter.model.design import Presupposes
from dosimeter.model.doing import Ask, Candidate, Note, Role, Stage
from dosimeter.model.wire import Ended
from dosimeter.model.work import (
    Answered,
    CallDone,
    Cost,
    Endpoint,
    Holder,
    Lease,
    State,
    Try,
    WorkDone,
)
from dosimeter.plugins import log_fault
from dosimeter.prompts import compose, goal_case
from dosimeter.wire import Receive, RemoteHost, Send, answer, attend, decode, encode, unseal
from dosimeter.workshop import open_workshop

__all__ = [
    "PluginFault",
    "Receive",
    "RemoteHost",
    "Scope",
    "Send",
    "Workshop",
    "answer",
    "ask",
    "attend",
    "decode",
    "each_lease",
    "encode",
    "goal_case",
    "open_workshop",
    "perform",
    "play_moves",
    "serve",
]

BLOCKED = frozenset({Stop.REFUSED, Stop.FILTERED})
CHARS_PER_TOKEN = 4
GUESSED_REPLY_TOKENS = 400
PROVIDER_SEED_BITS = 31
R = TypeVar("R")
T = TypeVar("T")
PRESUPPOSES = Note(kind="presupposes-answer", by="core")
OFF_SCRIPT = Note(kind="off-script", by="core")


class NotTheTargets(Exception):
    """A search submitted a reply of somebody else than the target."""


class PluginFault(Exception):
    """A search or a judge raised; *kind* is the type, as the words may quote text.

    Whatever it raised: a plugin can make a `DosimeterError` as well as we can. So every step into a
    plugin's code is guarded on its own, and a `DosimeterError` beside that is the core's.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Workshop(Protocol):
    """What `perform` needs built: providers by endpoint and search attacks by lease."""

    def provider(self, endpoint: Endpoint) -> ModelProvider:
        """Give the provider that serves *endpoint*, built once."""
        ...

    def search(self, lease: Lease) -> SearchAttack | None:
        """Give the search attack of *lease*; None if its variants are scripts."""
        ...


@define
class Scope:
    """One attempt or rating while its calls are made.

    Attributes:
        answered: Calls that the journal has, by step and index.
        calls: Id of the call by the plugin's own ask id; *roles* who was asked.
        key: Of the seal that owns the text, so that digests of requests cannot be guessed.
        tools: Of the item, offered to its target.
    """

    id: str
    epoch: int
    host: Host
    workshop: Workshop
    endpoints: dict[Role, Endpoint]
    timeout: float
    answered: dict[tuple[int, int], Answered]
    blame: str = ""
    key: bytes = field(default=b"", repr=False)
    tools: tuple[Tool, ...] = ()
    calls: dict[str, str] = field(factory=dict)
    roles: dict[str, Role] = field(factory=dict)


def _cost(request: Request) -> Cost:
    chars = sum(len(m.text) for m in request.conversation)
    reply = request.sampling.max_tokens or GUESSED_REPLY_TOKENS
    return Cost(tokens=chars // CHARS_PER_TOKEN + reply)


def _diverged(scope: Scope, at: str) -> AttackDiverged:
    msg = (
        f"{scope.blame} asked something else at step {at} of scope {scope.id} than before the run"
        " was stopped; a search may depend only on its goal, its variant, its rng and the replies"
    )
    return AttackDiverged(msg)


def _request(
    scope: Scope, question: Ask, step: int, index: int
) -> tuple[Request, str, Reply | None]:
    """Give what is to be sent, its digest, and the answer if the journal has it.

    Raises:
        AttackDiverged: If the journal holds an answer to another question at this step.
    """
    endpoint = scope.endpoints[question.role]
    request = Request(
        conversation=compose(endpoint, question.conversation),
        sampling=question.sampling or endpoint.sampling,
        tools=scope.tools if question.role is Role.TARGET else (),
        score=question.score,
        want=question.want,
    )
    request_digest = digest("request", (endpoint.id, request), key=scope.key)
    before = scope.answered.get((step, index))
    if before is None:
        return request, request_digest, None
    if before.request_digest != request_digest:
        raise _diverged(scope, f"{step}.{index}")
    return request, request_digest, before.reply


async def ask(
    scope: Scope,
    question: Ask,
    *,
    step: int,
    index: int,
    notes: tuple[Note, ...] = (),
) -> Reply:
    """Get one answer: from the journal if it is there, else from the endpoint, and keep it.

    Raises:
        AttackDiverged: If the journal holds an answer to another question at this step.
        ProviderError: If no try succeeded.
        BudgetSpent: If the budget does not cover it.
        LeaseLost: If the work went to another.
        Stopping: If nothing new may be sent.
    """
    endpoint = scope.endpoints[question.role]
    call_id = digest("call", (scope.id, step, index))
    scope.calls[question.id] = call_id
    scope.roles[question.id] = question.role
    request, request_digest, known = _request(scope, question, step, index)
    if known is not None:
        return known
    seeded = attrs.evolve(request, seed=derive_seed(call_id, bits=PROVIDER_SEED_BITS))
    reply = await _tries(scope, endpoint, seeded, call_id)
    used = await scope.host.record(
        CallDone(
            id=call_id,
            scope_id=scope.id,
            epoch=scope.epoch,
            step=step,
            index=index,
            role=question.role,
            endpoint=endpoint.id,
            request_digest=request_digest,
            conversation=request.conversation,
            reply=reply,
            ask_id=question.id,
            parent=scope.calls[question.parent] if question.parent else "",
            notes=notes + question.notes,
        )
    )
    if not used:
        raise LeaseLost("the work went to another")
    return reply


async def _tries(scope: Scope, endpoint: Endpoint, request: Request, call_id: str) -> Reply:
    """Try until an answer comes or the host says that it is enough."""
    provider = scope.workshop.provider(endpoint)
    estimate = _cost(request)
    n = 0
    while True:
        n += 1
        holder = Holder(scope_id=scope.id, epoch=scope.epoch, call_id=call_id, n=n)
        permit = await scope.host.permit(endpoint.id, estimate, holder)
        started, clock = time.time(), time.perf_counter()
        reply: Reply | None = None
        fault: ProviderError | None = None
        cancelled: asyncio.CancelledError | None = None
        try:
            async with asyncio.timeout(scope.timeout):
                reply = (await provider.generate(request)).sound()
        except ProviderError as exc:
            fault = exc
        except TimeoutError:
            fault = Transient(f"no answer within {scope.timeout:g} s", code="timeout")
        except asyncio.CancelledError as exc:
            cancelled = exc
            fault = Permanent("cancelled", code="cancelled")
        except (Exception, SystemExit) as exc:
            log_fault(exc, endpoint.provider)
            fault = Permanent(
                f"provider {endpoint.provider!r} raised {type(exc).__name__}",
                code=f"bug:{type(exc).__name__}",
            )
        outcome = _outcome(scope, endpoint, call_id, n, started, time.perf_counter() - clock,
                           reply, fault)  # fmt: skip
        wait = await scope.host.settle(permit, outcome)
        if cancelled is not None:
            raise cancelled
        if reply is not None:
            return reply
        if wait is None:
            assert fault is not None
            raise fault
        # The wait is the host's, in `permit`.


def _outcome(
    scope: Scope,
    endpoint: Endpoint,
    call_id: str,
    n: int,
    started: float,
    seconds: float,
    reply: Reply | None,
    fault: ProviderError | None,
) -> Try:
    usage = reply.usage if reply is not None else None
    kind = ""
    if fault is not None:
        kind = {"Transient": "transient", "AuthFailed": "auth"}.get(
            type(fault).__name__, "permanent"
        )
    return Try(
        call_id=call_id,
        scope_id=scope.id,
        endpoint=endpoint.id,
        epoch=scope.epoch,
        n=n,
        started=started,
        seconds=seconds,
        status="ok" if fault is None else word(fault.code),
        failure=kind,
        retry_after=fault.retry_after if isinstance(fault, Transient) else None,
        throttled=isinstance(fault, Transient) and fault.throttled,
        tokens_in=usage.input if usage else None,
        tokens_out=usage.output if usage else None,
    )


def guarded(who: str, step: Callable[[], T]) -> T:
    """Do one step in the code of the plugin *who*.

    Raises:
        PluginFault: If it raises, whatever it raises.
    """
    try:
        return step()
    except (Exception, SystemExit) as exc:
        log_fault(exc, who)
        kind = word(type(exc).__name__)
    # Out of the handler: the exception of the plugin must not hang on this one as its context.
    raise PluginFault(kind)


def _advance(
    moves: Moves[R], replies: tuple[Reply, ...] | None
) -> tuple[tuple[Ask, ...], tuple[R, ...]]:
    """Hand over *replies*; give what is asked next, or the result as the second."""
    try:
        asks = tuple(next(moves) if replies is None else moves.send(replies))
    except StopIteration as end:
        return (), (end.value,)
    if not all(isinstance(one, Ask) for one in asks):
        raise TypeError
    return asks, ()


async def play_moves(scope: Scope, begin: Callable[[], Moves[R]]) -> R:
    """Drive a search or a judge: ask what it yields, hand it the replies, return its result.

    Raises:
        PluginFault: If it raises.
    """
    who = scope.blame
    moves = guarded(who, begin)
    replies: tuple[Reply, ...] | None = None
    step = 0
    try:
        while True:
            asks, result = guarded(who, partial(_advance, moves, replies))
            _check_replay(scope, asks, step, last=bool(result))
            if result:
                return result[0]
            replies = await _together(scope, asks, step)
            step += 1
    finally:
        with suppress(PluginFault):
            guarded(who, moves.close)


def _check_replay(scope: Scope, asks: Sequence[Ask], step: int, *, last: bool = False) -> None:
    """Hold a step against the journal before anything of it is sent: a stray search pays nothing.

    Raises:
        AttackDiverged: If the journal has other questions at this step, or more of them.
    """
    for index, question in enumerate(asks):
        if (step, index) in scope.answered:
            _request(scope, question, step, index)
    for at, index in scope.answered:
        if (at == step and index >= len(asks)) or (last and at > step):
            raise _diverged(scope, f"{at}.{index}")


async def _together(scope: Scope, asks: Sequence[Ask], step: int) -> tuple[Reply, ...]:
    """Ask all of one step at once; if one fails, let the others finish: they are paid for."""
    jobs = [ask(scope, a, step=step, index=i) for i, a in enumerate(asks)]
    if len(jobs) == 1:
        return (await jobs[0],)
    got = await asyncio.gather(*jobs, return_exceptions=True)
    for one in got:
        if isinstance(one, BaseException):
            raise one
    return tuple(one for one in got if isinstance(one, Reply))


def _scope(lease: Lease, host: Host, workshop: Workshop) -> Scope:
    return Scope(
        id=lease.attempt.id,
        epoch=lease.epoch,
        host=host,
        workshop=workshop,
        endpoints=dict(lease.endpoints),
        timeout=lease.timeout,
        answered={(a.step, a.index): a for a in lease.answered},
        blame=f"attack {lease.attempt.attack!r}",
        key=lease.seal.key,
        tools=lease.item.tools,
    )


async def _scripted(lease: Lease, scope: Scope) -> tuple[tuple[Candidate, ...], tuple[Note, ...]]:
    """Say the lines one by one; the last reply is the candidate."""
    said: tuple[Message, ...] = lease.item.opening[:-1]
    script = lease.variant.script
    lines = (
        ((lease.item.opening[-1], False),)
        if script is None
        else tuple((li.message, li.presupposes is Presupposes.ANSWERED) for li in script)
    )
    notes: list[Note] = []
    for step, (message, presupposes) in enumerate(lines):
        said = (*said, message)
        question = Ask(
            id=str(step),
            role=Role.TARGET,
            conversation=said,
            parent=str(step - 1) if step else None,
        )
        reply = await ask(
            scope, question, step=step, index=0, notes=(PRESUPPOSES,) if presupposes else ()
        )
        last = step == len(lines) - 1
        if not last and not reply.text.strip():
            notes.append(OFF_SCRIPT)
            if reply.stop in BLOCKED or not reply.messages:
                return (Candidate(leaf=scope.calls[str(step)], stage=Stage.SAMPLE),), tuple(notes)
        said = said + reply.messages
    return (Candidate(leaf=scope.calls[str(len(lines) - 1)], stage=Stage.SAMPLE),), tuple(notes)


async def _searched(
    lease: Lease, scope: Scope, attack: SearchAttack
) -> tuple[tuple[Candidate, ...], tuple[Note, ...]]:
    goal, rng = goal_case(lease), random.Random(lease.rng_seed)
    given = await play_moves(scope, lambda: attack.play(goal, lease.variant, rng))
    found = guarded(scope.blame, lambda: tuple(given))
    for c in found:
        if scope.roles.get(c.leaf) is not Role.TARGET:
            raise NotTheTargets
    return tuple(attrs.evolve(c, leaf=scope.calls[c.leaf]) for c in found), ()


async def perform(lease: Lease, host: Host, workshop: Workshop) -> None:
    """Do one attempt and record its end. An attempt that was told to stop stays open."""
    scope = _scope(lease, host, workshop)
    attack = workshop.search(lease)
    state, reason = State.DONE, ""
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[Note, ...] = ()
    try:
        if attack is None:
            candidates, notes = await _scripted(lease, scope)
        else:
            candidates, notes = await _searched(lease, scope, attack)
        if not candidates:
            state, reason = State.NO_CANDIDATE, "search-ended"
    except Stopping:
        return
    except BudgetSpent:
        state, reason = State.BUDGET, "budget"
    except ProviderError as exc:
        state, reason = State.FAILED, word(exc.code)
    except AttackDiverged:
        state, reason = State.FAILED, "diverged"
    except PluginFault as exc:
        state, reason = State.FAILED, f"attack:{exc.kind}"
    except DosimeterError:
        raise
    except Exception as exc:
        log_fault(exc, lease.attempt.attack)
        state, reason = State.FAILED, f"attack:{type(exc).__name__}"
    await host.record(
        WorkDone(
            attempt_id=lease.attempt.id,
            epoch=lease.epoch,
            state=state,
            reason=reason,
            candidates=candidates,
            notes=notes,
        )
    )


async def serve(receive: Receive, send: Send) -> None:
    """Be a worker: take one lease from a driver that attends at the other end, and do it.

    Ends quietly when the driver hangs up.

    Raises:
        WireError: If what comes is no lease.
    """
    _, sent = decode(await receive())
    if not isinstance(sent, Lease):
        msg = f"expected a Lease, got a {type(sent).__name__}"
        raise WireError(msg)
    lease, host = sent, RemoteHost(send)

    async def listen() -> None:
        try:
            while True:
                host.hear(await receive())
        except (EOFError, ConnectionError):
            host.hang_up()

    async def work() -> None:
        nonlocal lease
        lease = await unseal(lease, host)
        workshop = await open_workshop(lease, host)
        try:
            await perform(lease, host, workshop)
        finally:
            await workshop.aclose()

    listening, working = asyncio.create_task(listen()), asyncio.create_task(work())
    await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        working.cancel()
    (found,) = await asyncio.gather(working, return_exceptions=True)
    listening.cancel()
    if host.gone:
        return
    error, message = "", ""
    if isinstance(found, BaseException):
        error = type(found).__name__
        message = str(found) if isinstance(found, DosimeterError) else f"a worker failed ({error})"
    ended = Ended(attempt_id=lease.attempt.id, epoch=lease.epoch, error=error, message=message)
    await send(encode(ended))
