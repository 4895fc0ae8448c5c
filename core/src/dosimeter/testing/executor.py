"""Promises of executors: all work is done once, by the driver's leave, and nothing of it is lost."""

import asyncio
import time
from collections import Counter
from itertools import accumulate, pairwise

from dosimeter.model.work import CallDone, Holder, State, Try, WorkDone
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.host import LINES, Clerk, again, ran, work
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.trying import silently

FEW, ROOM = 3, 5
"""Leases of a small run; as many as a run hands out at once at least."""
SLOWER, START = 10, 2.0
"""How many times as long the first of several may take as one alone, and seconds that are granted anyway."""
PERFORM = "let dosimeter.execute.perform do the lease, with the host as it is"
EACH = "run the leases by dosimeter.execute.each_lease"


@promise("executor")
def check_every_lease_is_done_once(one: Specimen) -> str:
    """Each lease is done, and its end recorded, exactly once."""
    leases = work(one, FEW)
    ends = Counter(done.attempt_id for done in ran(one, leases).clerk.ends())
    counts = [ends[lease.attempt.id] for lease in leases]
    if set(counts) != {1}:
        raise Broken(f"{FEW} leases were ended {counts} times", f"perform each lease once; {EACH}")
    return f"{FEW} leases"


@promise("executor")
def check_run_returns_when_all_is_done(one: Specimen) -> None:
    """`run` returns when the last lease is finished, not before: the report is written next."""
    leases = work(one, FEW)

    async def slowly(_method: str, scope: str, given: object) -> None:
        if isinstance(given, WorkDone) and scope == leases[-1].attempt.id:
            await asyncio.sleep(0.1)

    over = ran(one, leases, Clerk(before=slowly))
    if over.ended < len(over.clerk.ends()) or over.left:
        raise Broken(
            f"it returned with {over.ended} leases ended and {over.left} tasks at work",
            f"await what you began; {EACH}",
        )


@promise("executor")
def check_no_leases_no_work(one: Specimen) -> None:
    """Where there is nothing to do, as in a run that is resumed at its end, it returns at once."""
    over = ran(one, [])
    if over.error is not None or over.clerk.asked:
        said = type(over.error).__name__ if over.error else f"{len(over.clerk.asked)} questions"
        raise Broken(f"of no leases it made {said}", "write: async for lease in leases")


@promise("executor")
def check_leases_are_taken_as_they_end(one: Specimen) -> None:
    """It begins with the leases that it has: a run hands out no more than its limits bear."""
    began = time.monotonic()
    ran(one, work(one, 1))
    seconds = max(START, SLOWER * (time.monotonic() - began))
    try:
        ran(one, work(one, 2 * ROOM), room=ROOM, until=lambda c: bool(c.ends()), seconds=seconds)
    except Broken as exc:
        raise Broken(
            exc.seen, f"begin a lease when it comes, not when all have come; {EACH}"
        ) from exc


@promise("executor")
def check_work_is_done_under_its_epoch(one: Specimen) -> None:
    """All that is said of a lease bears its epoch: what bears another is fenced off, and was for nothing."""
    leases = work(one, FEW)
    epochs = {lease.attempt.id: lease.epoch for lease in leases}
    for method, scope, given in ran(one, leases).clerk.asked:
        if isinstance(given, Holder | Try | CallDone | WorkDone) and given.epoch != epochs[scope]:
            raise Broken(
                f"{method} under epoch {given.epoch} of a lease under {epochs[scope]}",
                f"hand the lease on as it came; {PERFORM}",
            )


@promise("executor")
def check_each_try_is_permitted_and_settled(one: Specimen) -> str:
    """Before each try it has a permit, and gives it back after with what came of the try."""
    clerk = ran(one, work(one, FEW, lines=LINES)).clerk
    held = Counter((h.call_id, h.n) for h in clerk.holders())
    told = Counter((t.call_id, t.n) for t in clerk.tries())
    back = Counter(p.id for p in clerk.settled)
    if not held or held != told or set(back.values()) != {1}:
        raise Broken(
            f"{held.total()} permits, {told.total()} tries settled with {len(back)} of them",
            f"ask permit before each try and settle after it; {PERFORM}",
        )
    return f"{held.total()} tries"


@promise("executor")
def check_script_is_said_in_order(one: Specimen) -> str:
    """A script is said line by line, each after the reply to the one before."""
    (lease,) = work(one, 1, lines=LINES)
    calls = ran(one, [lease]).clerk.calls()
    said = tuple(call.conversation[-1].text for call in calls)
    if said != LINES:
        raise Broken(f"{len(said)} of {len(LINES)} lines in their order", PERFORM)
    for before, after in pairwise(calls):
        heard = (*before.conversation, *before.reply.messages)
        if after.conversation[:-1] != heard:
            raise Broken("a line is said without what went before it", PERFORM)
    return f"{len(said)} lines"


@promise("executor")
def check_answers_are_recorded_as_they_come(one: Specimen) -> None:
    """An answer is recorded before anything else is asked: what is lost then is one call, not all."""
    (lease,) = work(one, 1, lines=LINES)
    asked = [given for _, _, given in ran(one, [lease]).clerk.asked]
    ahead = accumulate(isinstance(g, Holder) - isinstance(g, CallDone) for g in asked)
    most = max(ahead, default=0)
    if most != 1:
        raise Broken(
            f"{most} calls are permitted and not recorded at a time",
            f"await host.record of each call, then go on; {PERFORM}",
        )


@promise("executor")
def check_candidates_are_recorded_calls(one: Specimen) -> None:
    """An attempt that is done submits calls that were recorded, by their ids: those are rated."""
    clerk = ran(one, work(one, FEW)).clerk
    known = {call.id for call in clerk.calls()}
    for done in clerk.ends():
        leaves = [c.leaf for c in done.candidates]
        if done.state is State.DONE and (not leaves or not known.issuperset(leaves)):
            raise Broken(f"{len(leaves)} candidates, not all of them recorded calls", PERFORM)


@promise("executor")
def check_calls_keep_their_ids(one: Specimen) -> None:
    """The same call has the same id and digest whoever makes it: a lease that was lost is resumed by them."""
    (lease,) = work(one, 1, lines=LINES)
    first, second = (
        [(c.id, c.step, c.index, c.request_digest) for c in ran(one, [given]).clerk.calls()]
        for given in (lease, again(lease, ()))
    )
    if first != second:
        raise Broken("ids or digests differ under another epoch", PERFORM)


@promise("executor")
def check_recorded_answers_are_not_asked_again(one: Specimen) -> str:
    """What the journal has is not paid for twice: a lease's answers are used, and only the rest is asked."""
    (lease,) = work(one, 1, lines=LINES)
    calls = ran(one, [lease]).clerk.calls()
    for n in range(1, len(calls) + 1):
        clerk = ran(one, [again(lease, calls[:n])]).clerk
        if len(clerk.holders()) != len(calls) - n or len(clerk.ends()) != 1:
            raise Broken(
                f"with {n} of {len(calls)} answers it asks for {len(clerk.holders())} permits",
                f"hand lease.answered on; {PERFORM}",
            )
    return f"{len(calls)} answers"


@promise("executor")
def check_another_try_is_the_hosts_to_say(one: Specimen) -> None:
    """A try that failed is followed by another if the driver says so, and by none if it does not."""
    if one.failing is None:
        raise Untried("give a failing endpoint, such as simulated/echo with broken = 1.0")
    (lease,) = work(one, 1, endpoint=one.failing)
    clerk = ran(one, [lease], Clerk(waits=[0.0, 0.0])).clerk
    tries = [holder.n for holder in clerk.holders()]
    if tries != [1, 2, 3]:
        raise Broken(
            f"told to try twice more it tried as {tries}",
            f"obey what settle returns, and retry nothing else; {PERFORM}",
        )


@promise("executor")
def check_secrets_are_asked_for_the_lease_alone(one: Specimen) -> str:
    """It asks for the secrets of a lease's own endpoints and attack, and for no others."""
    leases = work(one, FEW)
    mine = {endpoint.id for lease in leases for _, endpoint in lease.endpoints}
    asked = [g for method, _, g in ran(one, leases).clerk.asked if method == "credentials"]
    others = [owner for owner in asked if owner not in mine | {f"attack:{one.attack}"}]
    if others:
        raise Broken(
            f"it asked for {others[0]!r}", "let dosimeter.execute.open_workshop ask for them"
        )
    return f"{len(asked)} times"


@promise("executor")
def check_executor_prints_nothing(one: Specimen) -> None:
    """It prints nothing: the console is the command's, and standard output may be a report."""
    said = silently(lambda: ran(one, work(one, FEW)))[1]
    if said:
        raise Broken(f"it printed {len(said)} characters", "log through structlog, and no text")


CHECKS = checks_in(globals())
