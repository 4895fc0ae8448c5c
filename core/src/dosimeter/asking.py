"""One answer, from the journal or from the endpoint that is asked."""

import asyncio
import time
from typing import Protocol

import attrs
from attrs import define, field

from dosimeter.contracts import Host, ModelProvider, SearchAttack
from dosimeter.errors import (
    AttackDiverged,
    AuthFailed,
    LeaseLost,
    Permanent,
    ProviderError,
    Transient,
    own_place,
)
from dosimeter.faultlog import log_fault
from dosimeter.ids import derive_seed, digest, word
from dosimeter.model.conversation import Reply, Request, Tool
from dosimeter.model.doing import Ask, Note, Role
from dosimeter.model.work import Answered, CallDone, Cost, Endpoint, Holder, Lease, Try
from dosimeter.prompts import compose
from dosimeter.replies import NoReply, counted, sound

CHARS_PER_TOKEN = 4
GUESSED_REPLY_TOKENS = 400
PROVIDER_SEED_BITS = 31
LET_GO_SECONDS = 2.0
"""For a call that is given up to clean up behind itself; a provider may refuse to be cancelled."""


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


def diverged(scope: Scope, at: str) -> AttackDiverged:
    """Say that a search or a judge asks otherwise than the journal has it."""
    msg = (
        f"{scope.blame} asked something else at step {at} of scope {scope.id} than before the run"
        " was stopped; a search may depend only on its goal, its variant, its rng and the replies"
    )
    return AttackDiverged(msg)


def request_of(
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
        raise diverged(scope, f"{step}.{index}")
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
    request, request_digest, known = request_of(scope, question, step, index)
    if known is not None:
        return known
    seeded = attrs.evolve(request, seed=derive_seed(call_id, bits=PROVIDER_SEED_BITS))
    reply = await _tries(scope, endpoint, seeded, call_id, request_digest)
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


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop runs any more
        return None


async def _generate(provider: ModelProvider, request: Request, seconds: float) -> Reply:
    """Call *provider* in a task of its own: one that cancels its task cancels no attempt.

    A reply that it gives while it is given up is taken.

    Raises:
        TimeoutError: If it does not answer in so many *seconds*, also if it refuses to be cancelled.
        BaseException: What the provider raises.
    """

    async def job() -> Reply | BaseException:
        try:
            return await provider.generate(request)
        except BaseException as exc:  # given, not raised: asyncio would log it or end with it
            return exc

    task, cancelled = asyncio.create_task(job()), None
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError as exc:
        cancelled = exc
    late = not task.done()
    if late:
        task.cancel()
        await asyncio.wait({task}, timeout=LET_GO_SECONDS)
    got = task.result() if task.done() and not task.cancelled() else asyncio.CancelledError()
    if not isinstance(got, BaseException):
        return got  # it is paid for, however late
    if cancelled is not None:
        raise cancelled
    if late:
        raise TimeoutError
    raise got


async def _tries(
    scope: Scope, endpoint: Endpoint, request: Request, call_id: str, request_digest: str
) -> Reply:
    """Try until an answer comes or the host says that it is enough, unless it has the answer."""
    provider, estimate, n = scope.workshop.provider(endpoint), _cost(request), 0
    while True:
        n += 1
        holder = Holder(scope_id=scope.id, epoch=scope.epoch, call_id=call_id, n=n,
                        request_digest=request_digest)  # fmt: skip
        permit = await scope.host.permit(endpoint.id, estimate, holder)
        if permit.reply is not None:
            return permit.reply
        started, clock = time.time(), time.perf_counter()
        reply, fault, cancelled = await _try(provider, endpoint, request, scope.timeout)
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


async def _try(
    provider: ModelProvider, endpoint: Endpoint, request: Request, seconds: float
) -> tuple[Reply | None, ProviderError | None, asyncio.CancelledError | None]:
    """Try once; give the reply, or what failed, and what cancelled this task, if anything did."""
    me = _current_task()
    try:
        return sound(await _generate(provider, request, seconds)), None, None
    except ProviderError as exc:
        return None, exc, None
    except TimeoutError:
        return None, Transient(f"no answer within {seconds:g} s", code="timeout"), None
    except BaseException as exc:  # an interrupt is a signal's and goes another way
        if isinstance(exc, GeneratorExit) and _current_task() is not me:
            raise  # the loop is at its end, and this task with it
        cancelled = None
        if isinstance(exc, asyncio.CancelledError) and me is not None and me.cancelling():
            cancelled = exc
        else:
            log_fault(exc, endpoint.provider)
        fault = Permanent(
            f"provider {endpoint.provider!r} raised {type(exc).__name__}",
            code="cancelled" if cancelled else _bug(exc, provider),
        )
        return None, fault, cancelled


def _bug(exc: BaseException, provider: ModelProvider) -> str:
    """Give the code of a provider's defect: its type and the provider's own line, or what it returned."""
    if isinstance(exc, NoReply):
        return f"bug:reply:{exc}".replace(" ", "-").replace("'", "")
    kind = f"bug:{type(exc).__name__}"
    module, line = own_place(exc, type(provider).__module__.partition(".")[0])
    places = (f"{kind}:{name}:{line}" for name in (module, module.rpartition(".")[2]) if name)
    return next((code for code in places if word(code) == code), kind)


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
    usage = reply.usage if reply is not None else counted(getattr(fault, "usage", None))
    kind = ""
    if fault is not None:
        kind = "auth" if isinstance(fault, AuthFailed) else "permanent"
        kind = "transient" if isinstance(fault, Transient) else kind
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
        tokens_in=usage.input,
        tokens_out=usage.output,
    )
