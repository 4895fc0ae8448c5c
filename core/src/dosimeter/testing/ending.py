"""Promises of executors about ends: what is refused, lost, failed, in error or cancelled."""

import asyncio
from contextlib import suppress

from dosimeter.errors import AuthFailed, BudgetSpent, JournalError, Stopping
from dosimeter.model.work import Lease, State, WorkDone
from dosimeter.testing.component import Broken, Specimen
from dosimeter.testing.executor import EACH, FEW, PERFORM
from dosimeter.testing.host import GRACE, LINES, Clerk, Ran, ran, work
from dosimeter.testing.kit import checks_in, promise

PATIENCE = 1.0
"""Seconds that a try in flight waits for the error of another."""


def _at_permit(lease: Lease, error: Exception) -> Clerk:
    """Give a driver that refuses one attempt."""

    async def before(method: str, scope: str, _given: object) -> None:
        if method == "permit" and scope == lease.attempt.id:
            raise error

    return Clerk(before=before)


def _states(over: Ran, leases: list[Lease]) -> list[str]:
    ends = {done.attempt_id: done.state.value for done in over.clerk.ends()}
    return [ends.get(lease.attempt.id, "open") for lease in leases]


@promise("executor")
def check_spent_budget_is_no_failure(one: Specimen) -> None:
    """An attempt that the budget does not cover ends as that: no failure, and no reply."""
    leases = work(one, FEW)
    over = ran(one, leases, _at_permit(leases[1], BudgetSpent("spent")))
    found = _states(over, leases)[1]
    if found != State.BUDGET:
        raise Broken(f"its state is {found!r}", f"record State.BUDGET on BudgetSpent; {PERFORM}")


@promise("executor")
def check_stopping_leaves_attempts_open(one: Specimen) -> None:
    """An attempt that is told to stop stays open, so that the same command resumes it."""
    leases = work(one, FEW)
    over = ran(one, leases, _at_permit(leases[1], Stopping("stop")))
    found = _states(over, leases)[1]
    if found != "open" or over.error is not None:
        how = found if over.error is None else f"run raised {type(over.error).__name__}"
        raise Broken(f"its state is {how!r}", f"record nothing on Stopping; {PERFORM}")


@promise("executor")
def check_a_failed_attempt_ends_no_other(one: Specimen) -> None:
    """An attempt that fails is recorded as failed, and all the others are done."""
    leases = work(one, FEW)
    over = ran(one, leases, _at_permit(leases[1], AuthFailed("refused", code="http-401")))
    found = _states(over, leases)
    if found != ["done", "failed", *["done"] * (FEW - 2)] or over.error is not None:
        raised = f", and run raised {type(over.error).__name__}" if over.error else ""
        raise Broken(f"they ended as {found}{raised}", f"a ProviderError ends its lease; {PERFORM}")


@promise("executor")
def check_a_lost_lease_is_left(one: Specimen) -> None:
    """An attempt whose answer is not used went to another: nothing more is asked for it, and nobody ends."""
    leases = work(one, FEW, lines=LINES)
    lost = leases[1].attempt.id
    over = ran(one, leases, Clerk(unused=frozenset({lost})))
    asked = len(over.clerk.holders(lost))
    if asked != 1 or over.error is not None:
        raised = f", and run raised {type(over.error).__name__}" if over.error else ""
        raise Broken(
            f"{asked} tries for it{raised}", f"leave a lease if record says False; {PERFORM}"
        )


def _journal_breaks(leases: list[Lease]) -> Clerk:
    """Give a driver whose journal fails at the end of the first attempt, while others are in flight."""
    failed = asyncio.Event()

    async def before(method: str, scope: str, given: object) -> None:
        if isinstance(given, WorkDone) and scope == leases[0].attempt.id:
            failed.set()
            raise JournalError("the disk is full")
        if method == "settle" and scope != leases[0].attempt.id:
            with suppress(TimeoutError):  # where the first attempt is not the first
                async with asyncio.timeout(PATIENCE):
                    await failed.wait()
            await asyncio.sleep(0.05)

    return Clerk(before=before)


@promise("executor")
def check_error_of_the_host_is_raised(one: Specimen) -> None:
    """What the driver cannot keep ends the run: its error is raised, as it was."""
    leases = work(one, FEW)
    over = ran(one, leases, _journal_breaks(leases))
    if not isinstance(over.error, JournalError):
        said = "nothing" if over.error is None else type(over.error).__name__
        raise Broken(f"a JournalError came out as {said}", f"let it through; {EACH}")


@promise("executor")
def check_error_keeps_what_is_in_flight(one: Specimen) -> None:
    """When an error ends the run, what is in flight is finished and recorded: it is paid for."""
    leases = work(one, FEW)
    clerk = ran(one, leases, _journal_breaks(leases)).clerk
    lost = len(clerk.holders()) - len(clerk.calls())
    if lost:
        raise Broken(
            f"{lost} of {len(clerk.holders())} tries that were sent are not recorded",
            f"call host.halt() and await the others, without cancelling them; {EACH}",
        )


class Damaged(Exception):
    """The plan cannot be read on."""


@promise("executor")
def check_error_of_the_leases_is_raised(one: Specimen) -> None:
    """If the leases end in an error, `run` raises it: a part of the plan must not pass for all of it."""
    over = ran(one, work(one, FEW), fault=Damaged())
    if not isinstance(over.error, Damaged):
        said = "nothing" if over.error is None else type(over.error).__name__
        raise Broken(f"it came out as {said}", f"catch nothing around the leases; {EACH}")


@promise("executor")
def check_cancellation_ends_it(one: Specimen) -> None:
    """Cancelled in mid-run it ends within seconds, and leaves no task behind."""

    async def wait_for_ever(method: str, _scope: str, _given: object) -> None:
        if method == "permit":
            waiting.append(method)
            await asyncio.Event().wait()

    waiting: list[str] = []
    clerk = Clerk(before=wait_for_ever)
    over = ran(one, work(one, FEW), clerk, until=lambda _: bool(waiting))
    if over.left:
        raise Broken(
            f"{over.left} tasks go on after it ended",
            f"cancel and await them, within {GRACE:g} seconds; {EACH}",
        )


CHECKS = checks_in(globals())
