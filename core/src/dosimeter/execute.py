"""How one attempt is done: the public room for executors.

`perform` plays a lease against a `Host` and knows nothing of journal, limiter or budget, so it runs
the same in the driver's process and at the far end of a pipe.
"""

import asyncio
import random

import attrs

from dosimeter.asking import Scope, Workshop, ask
from dosimeter.bounded import finite
from dosimeter.contracts import Host, SearchAttack
from dosimeter.errors import (
    AttackDiverged,
    BudgetSpent,
    DosimeterError,
    ProviderError,
    Stopping,
    WireError,
)
from dosimeter.faultlog import log_fault
from dosimeter.ids import word
from dosimeter.leasing import each_lease
from dosimeter.model.conversation import Message, Stop
from dosimeter.model.design import Presupposes
from dosimeter.model.doing import Ask, Candidate, Note, Role, Stage
from dosimeter.model.wire import Ended
from dosimeter.model.work import Lease, State, WorkDone
from dosimeter.moves import PluginFault, guarded, most_asks, play_moves
from dosimeter.prompts import goal_case
from dosimeter.wire import Receive, RemoteHost, Send, answer, attend, decode, encode, unseal
from dosimeter.workshop import open_workshop

__all__ = [
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
PRESUPPOSES = Note(kind="presupposes-answer", by="core")
OFF_SCRIPT = Note(kind="off-script", by="core")


class NotTheTargets(Exception):
    """A search submitted a reply of somebody else than the target."""


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
    most = guarded(scope.blame, lambda: most_asks(attack.bound(lease.item, lease.variant)))
    given = await play_moves(scope, lambda: attack.play(goal, lease.variant, rng), most)
    found = guarded(scope.blame, lambda: finite(given))
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
