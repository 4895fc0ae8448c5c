"""An executor that keeps every promise, and what breaks just one."""

import asyncio

from attrs import evolve

from dosimeter import (
    AuthFailed,
    BudgetSpent,
    Endpoint,
    ExecutorSpec,
    JournalError,
    Reply,
    Stop,
    Stopping,
    Transient,
    WorkDone,
    assistant,
)
from dosimeter.execute import each_lease, perform
from dosimeter.testing import Specimen

SPEC = ExecutorSpec(id="tasks", summary="A task a lease", factory="broken.executors:Tasks")
TARGET = Endpoint(id="potter", name="potter", provider="here", model="potter")
DOWN = Endpoint(id="down", name="down", provider="here", model="down")


class Workshop:
    """Answers in memory, or not at all."""

    def provider(self, endpoint):
        self.down = endpoint.model == "down"
        return self

    def search(self, lease):
        return None

    async def generate(self, request):
        await asyncio.sleep(0)
        if self.down:
            raise Transient("down", code="http-503")
        text = f"{len(request.conversation)} messages"
        return Reply(messages=(assistant(text),), stop=Stop.END, model="potter")


class Host:
    """The driver, with something in between."""

    def __init__(self, host):
        self.host = host

    async def permit(self, endpoint, estimate, holder):
        return await self.host.permit(endpoint, estimate, holder)

    async def settle(self, permit, outcome):
        return await self.host.settle(permit, outcome)

    async def record(self, done):
        return await self.host.record(done)

    async def halt(self):
        await self.host.halt()


class Tasks:
    """A task a lease."""

    def __init__(self, options, between=Host):
        self.options, self.between = options, between

    async def run(self, leases, host):
        await each_lease(leases, host, lambda lease: self.one(lease, host))

    async def one(self, lease, host):
        await perform(lease, self.between(host), Workshop())


class OneByOne(Tasks):
    """As simple as can be."""

    async def run(self, leases, host):
        async for lease in leases:
            await self.one(lease, host)


class Twice(Tasks):
    async def one(self, lease, host):
        await super().one(lease, host)
        if lease.attempt.id.endswith("2"):
            await super().one(lease, host)


class Forgets(Tasks):
    """Leaves when the first is through; it keeps what is promised of errors and cancellation."""

    async def run(self, leases, host):
        began = [asyncio.create_task(self.quietly(lease, host)) async for lease in leases]
        try:
            await self.first(began)
        except asyncio.CancelledError:
            for task in began:
                task.cancel()
            await asyncio.gather(*began, return_exceptions=True)
            raise

    async def quietly(self, lease, host):
        try:
            await self.one(lease, host)
        except JournalError as exc:
            return exc

    async def first(self, began):
        if began:
            await asyncio.wait(began, return_when=asyncio.FIRST_COMPLETED)
        errors = [t.result() for t in began if t.done() and t.result()]
        if errors:
            await asyncio.wait(began)
            raise errors[0]


class NeedsOne(Tasks):
    async def run(self, leases, host):
        await self.one(await anext(leases), host)
        await super().run(leases, host)


class Hoards(Tasks):
    async def run(self, leases, host):
        held = [lease async for lease in leases]

        async def again():
            for lease in held:
                yield lease

        await super().run(again(), host)


class OldEpoch(Tasks):
    async def one(self, lease, host):
        await super().one(evolve(lease, epoch=1), host)


class Unsettled(Host):
    async def settle(self, permit, outcome):
        return None if not outcome.failure else await self.host.settle(permit, outcome)


class Backwards(Tasks):
    async def one(self, lease, host):
        script = lease.variant.script
        if script:
            lease = evolve(lease, variant=evolve(lease.variant, script=script[::-1]))
        await super().one(lease, host)


class Batches(Host):
    def __init__(self, host):
        super().__init__(host)
        self.held = []

    async def record(self, done):
        if not isinstance(done, WorkDone) and done.step:
            self.held.append(done)
            return True
        if not isinstance(done, WorkDone):
            return await self.host.record(done)
        for one in self.held:
            await self.host.record(one)
        return await self.host.record(done)


class NoLeaf(Host):
    async def record(self, done):
        return await self.host.record(
            evolve(done, candidates=()) if isinstance(done, WorkDone) else done
        )


class Salted(Host):
    def salt(self, text, epoch):
        return f"{text}-{epoch}"

    async def record(self, done):
        if isinstance(done, WorkDone):
            leaves = (evolve(c, leaf=self.salt(c.leaf, done.epoch)) for c in done.candidates)
            return await self.host.record(evolve(done, candidates=tuple(leaves)))
        return await self.host.record(evolve(done, id=self.salt(done.id, done.epoch)))


class Amnesia(Tasks):
    async def one(self, lease, host):
        await super().one(evolve(lease, answered=()), host)


class GivesUp(Host):
    async def settle(self, permit, outcome):
        await self.host.settle(permit, outcome)


class OutOfMoney(Host):
    async def permit(self, *given):
        try:
            return await self.host.permit(*given)
        except BudgetSpent as exc:
            raise AuthFailed("no money", code="budget") from exc


class Stopped(Host):
    async def permit(self, *given):
        try:
            return await self.host.permit(*given)
        except Stopping as exc:
            raise AuthFailed("stopped", code="stopped") from exc


class Contagious(Host):
    async def record(self, done):
        used = await self.host.record(done)
        if isinstance(done, WorkDone) and done.reason == "http-401":
            raise RuntimeError(done.reason)
        return used


class Insists(Host):
    async def record(self, done):
        await self.host.record(done)
        return True


class Swallows(Tasks):
    async def one(self, lease, host):
        try:
            await super().one(lease, host)
        except JournalError:
            return


class Group(Tasks):
    """At an error all others are cancelled."""

    async def run(self, leases, host):
        try:
            async with asyncio.TaskGroup() as group:
                async for lease in leases:
                    group.create_task(self.one(lease, host))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors


class EndsEarly(Tasks):
    async def run(self, leases, host):
        async def whole():
            try:
                async for lease in leases:
                    yield lease
            except Exception:
                return

        await super().run(whole(), host)


class Leaves(Tasks):
    """Only when it is cancelled."""

    async def run(self, leases, host):
        job = asyncio.create_task(super().run(leases, host))
        await asyncio.shield(job)


class Curious(Tasks):
    async def one(self, lease, host):
        await host.credentials("judge")
        await super().one(lease, host)


class Prints(Tasks):
    async def one(self, lease, host):
        await super().one(lease, host)
        print("done")


def through(between):
    """Give the good executor with *between* before the driver."""
    return lambda options: Tasks(options, between)


def specimen(build=Tasks, **changes):
    given = {"endpoint": TARGET, "failing": DOWN, **changes}
    return Specimen(spec=SPEC, build_with=build, **given)


GOOD = {"tasks": specimen(), "one-by-one": specimen(OneByOne)}
BREAKS = {
    "check_every_lease_is_done_once": specimen(Twice),
    "check_run_returns_when_all_is_done": specimen(Forgets),
    "check_no_leases_no_work": specimen(NeedsOne),
    "check_leases_are_taken_as_they_end": specimen(Hoards),
    "check_work_is_done_under_its_epoch": specimen(OldEpoch),
    "check_each_try_is_permitted_and_settled": specimen(through(Unsettled)),
    "check_script_is_said_in_order": specimen(Backwards),
    "check_answers_are_recorded_as_they_come": specimen(through(Batches)),
    "check_candidates_are_recorded_calls": specimen(through(NoLeaf)),
    "check_calls_keep_their_ids": specimen(through(Salted)),
    "check_recorded_answers_are_not_asked_again": specimen(Amnesia),
    "check_another_try_is_the_hosts_to_say": specimen(through(GivesUp)),
    "check_spent_budget_is_no_failure": specimen(through(OutOfMoney)),
    "check_stopping_leaves_attempts_open": specimen(through(Stopped)),
    "check_a_failed_attempt_ends_no_other": specimen(through(Contagious)),
    "check_a_lost_lease_is_left": specimen(through(Insists)),
    "check_error_of_the_host_is_raised": specimen(Swallows),
    "check_error_keeps_what_is_in_flight": specimen(Group),
    "check_error_of_the_leases_is_raised": specimen(EndsEarly),
    "check_cancellation_ends_it": specimen(Leaves),
    "check_secrets_are_asked_for_the_lease_alone": specimen(Curious),
    "check_executor_prints_nothing": specimen(Prints),
}
"""By the name of a check: an executor that breaks its promise and no other."""
