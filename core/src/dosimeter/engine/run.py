"""One session of a run: from a stack to a journal with every answer in it."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from attrs import field, frozen

from dosimeter.asking import Workshop
from dosimeter.contracts import Executor
from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.cache import Cache
from dosimeter.engine.changes import changes, take_over
from dosimeter.engine.driver import Driver
from dosimeter.engine.feed import Feed
from dosimeter.engine.freeze import design_of, registered
from dosimeter.engine.limiter import Limiter
from dosimeter.engine.local import LocalExecutor
from dosimeter.engine.meter import Meter
from dosimeter.engine.parts import CategoryPart, RaterPart
from dosimeter.engine.pulse import keep_up
from dosimeter.engine.rate import Ratings, check_readable
from dosimeter.engine.rules import RuleProcess
from dosimeter.engine.setup import (
    Facts,
    check_same,
    same_design,
    write_plan,
    write_questions,
)
from dosimeter.engine.waves import answered, note_look, open_next
from dosimeter.journal.anew import begin_anew
from dosimeter.journal.costs import paid, told
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.owner import check_open
from dosimeter.journal.raters import declared
from dosimeter.journal.reader import Reader
from dosimeter.journal.replan import forget_plan
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer
from dosimeter.model.answering import Look
from dosimeter.model.rating import Scale
from dosimeter.model.stackfile import Stack, StopRule
from dosimeter.model.work import Endpoint, Seal, WorkDone
from dosimeter.prereg.lockfile import Lock

GRACE_SECONDS = 30.0
CUT_SECONDS = 5.0
"""For what is given up to clean up behind itself; a provider may refuse to be cancelled."""
UPKEEP_SECONDS = 1.0
UNANSWERED = "SELECT k FROM attempt WHERE state IN ('open', 'failed', 'budget')"


@frozen(kw_only=True)
class Session:
    """All that a session needs, built.

    Attributes:
        accounts: Limiter and account name by endpoint id; endpoints on one account share one.
        executor: None is the local one.
        secrets: Secret options of an endpoint, for workers elsewhere; *attack_secrets* those of an
            attack by its id.
        fork: Go on although files of parts changed.
        lock: The frozen plan that the run is to be under; None for that of the journal, if any.
        answers: File with answers of earlier runs; used if the stack says so.
        look: Says of a journal what is decided, between the waves of a run that stops by itself.
    """

    stack: Stack
    journal: Path
    parts: tuple[CategoryPart, ...]
    raters: tuple[RaterPart, ...]
    workshop: Workshop
    accounts: Mapping[str, Limiter]
    facts: Facts
    executor: Executor | None = None
    secrets: Callable[[Endpoint], Mapping[str, str]] = field(default=lambda _: {}, repr=False)
    attack_secrets: Callable[[str], Mapping[str, str]] = field(default=lambda _: {}, repr=False)
    fork: bool = False
    lock: Lock | None = None
    answers: Path | None = None
    look: Callable[[Path], Look] | None = None


class Control:
    """How a signal handler reaches a session.

    Attributes:
        grace: Seconds that calls in flight have after the first interrupt.
        cut: Whether calls in flight were given up. What they left behind, such as a thread that
            computes an answer, may outlive the session.
        behind: Whether anything was given up, for time too, so that such a thread may be there.
    """

    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self.grace = grace
        self.stop_soon = asyncio.Event()
        self.stop_now = asyncio.Event()
        self.cut = self.behind = False

    def interrupt(self) -> None:
        """First call: send nothing more. Second: stop now."""
        if self.stop_soon.is_set():
            self.stop_now.set()
        self.stop_soon.set()


def rubrics(parts: Sequence[CategoryPart]) -> dict[str, tuple[Scale, ...]]:
    """Give the scales of each category."""
    return {part.spec.id: part.spec.scales for part in parts}


def seals(parts: Sequence[CategoryPart]) -> tuple[Seal, ...]:
    """Give the seals of the panels whose secrets are here."""
    return tuple(part.seal for part in parts if part.seal.key)


async def run_session(
    session: Session, *, meter: Meter, control: Control, ready: Callable[[], None] = lambda: None
) -> bool:
    """Run until the plan is done or somebody says stop. True if nothing is left open.

    Raises:
        RunLocked: If another engine holds the run.
        RunChanged: If the journal was begun with another design.
        JournalError: If its replies are sealed.
    """
    with engine_lock(session.journal):
        left = _left_at(session.journal)
        store = Store(session.journal)
        try:
            check_open(store.db, session.journal)
            _prepare(store, session, meter)
        except BaseException:
            store.close()
            raise
        writer = Writer(store)
        reader = Reader(session.journal, seals(session.parts))
        for limiter in session.accounts.values():
            limiter.follow(time.time() - left)
        try:
            ready()
            await _drive(session, writer, reader, meter, control)
            return _left(reader, session.raters) == 0
        finally:
            reader.close()
            await writer.aclose()


def _left_at(journal: Path) -> float:
    """Give the time at which an earlier session may have sent its last: it writes each second."""
    files = (journal, journal.with_name(f"{journal.name}-wal"))
    return max((f.stat().st_mtime for f in files if f.exists()), default=0.0) + UPKEEP_SECONDS


def _prepare(store: Store, session: Session, meter: Meter) -> None:
    db = store.db
    found = dict(db.execute("SELECT key, value FROM run"))
    changed = changes(store, session.facts.components)
    other = not same_design(found, session.stack, session.parts)
    anew = (other or changed) and forget_plan(db)
    if found and not anew:
        check_same(found, session.stack, session.parts)
        _check_new_raters(store, session.raters)
        take_over(store, changed, session.raters, fork=session.fork, by=session.stack.hash)
    kept = registered(db, session.lock, lambda: design_of(
        session.stack, session.parts, session.raters, session.facts))  # fmt: skip
    write_questions(store, session.stack, session.raters, session.facts, kept)
    begin_anew(db)
    meter.total = write_plan(store, session.stack, session.parts, session.facts)
    db.execute("UPDATE attempt SET state = 'open' WHERE state IN ('failed', 'budget')")
    store.unused()
    (done,) = db.execute(
        "SELECT count(*) FROM attempt WHERE state NOT IN ('open', 'not-needed')"
    ).fetchone()
    meter.before = done
    t_in, t_out, money = told(db)
    meter.tokens_in, meter.tokens_out, meter.money = t_in or 0, t_out or 0, money or 0.0
    meter.phase = ""


def _check_new_raters(store: Store, raters: Sequence[RaterPart]) -> None:
    """Refuse to take on raters where all is answered and deleted; those that it had stay.

    Raises:
        StackError: If a rater that the run did not have could rate nothing.
    """
    if not store.db.execute(f"{UNANSWERED} LIMIT 1").fetchone():
        check_readable(store, [part for part in raters if declared(store, part.id) is None])


def _left(reader: Reader, raters: Sequence[RaterPart]) -> int:
    """Count what the same command would go on with: attempts, and replies that lack a rating."""
    (left,) = reader.rows(f"SELECT count(*) FROM ({UNANSWERED})").fetchone()
    for part in raters:
        left += sum(1 for _ in reader.unrated(part.id, part.choice.votes, part.spec.subjects))
    return int(left)


def _spent(reader: Reader) -> Spent:
    """Sum what earlier sessions paid."""
    row = reader.rows("SELECT value FROM run WHERE key = 'seconds'").fetchone()
    return Spent(*paid(reader), seconds=float(row[0]) if row else 0.0)


def _endpoints(session: Session) -> dict[str, tuple[Endpoint, Limiter]]:
    every = (*session.stack.targets, *session.stack.endpoints)
    return {e.id: (e, session.accounts[e.id]) for e in every}


def _cache(session: Session) -> Cache | None:
    """Open the answers of earlier runs, if the stack takes any."""
    days = session.stack.run.cache_days
    if session.answers is None or not days:
        return None
    hashes = {c.id: c.files_hash for c in session.facts.components if c.kind == "provider"}
    return Cache(session.answers, days=days, hashes=hashes)


async def _drive(
    session: Session, writer: Writer, reader: Reader, meter: Meter, control: Control
) -> None:
    stack = session.stack
    purse = Purse(stack.run.budget, _spent(reader))
    finished: list[Callable[[WorkDone], None]] = []

    def tell(done: WorkDone) -> None:
        for one in finished:
            one(done)

    cache = _cache(session)
    driver = Driver(
        writer=writer,
        endpoints=_endpoints(session),
        purse=purse,
        max_retries=stack.run.max_retries,
        prices=stack.prices,
        meter=meter,
        finished=tell,
        secrets=session.secrets,
        attack_secrets=session.attack_secrets,
        timeout=stack.run.timeout,
        cache=cache,
    )
    ratings = Ratings(
        parts=session.raters,
        journal=session.journal,
        writer=writer,
        driver=driver,
        workshop=session.workshop,
        rubrics=rubrics(session.parts),
        seals=seals(session.parts),
        timeout=stack.run.timeout,
        meter=meter,
        rules=RuleProcess(stack.run.rule_timeout),
    )
    between = None
    if stack.run.stop is StopRule.WHEN_DECIDED and session.look is not None:
        between = partial(_look, session.journal, session.look, ratings, writer)
    feed = Feed(stack=stack, parts=session.parts, driver=driver, writer=writer, reader=reader,
                between=between)  # fmt: skip
    finished += [feed.finished, lambda done: ratings.put(done.attempt_id)]
    try:
        await _until_stopped(session, driver, feed, ratings, control)
    finally:
        if cache is not None:
            cache.close()
        control.behind = control.cut or meter.given_up > 0
        await driver.keep_time()
        meter.told += ratings.told
        ratings.close(wait=not control.cut)


async def _look(
    journal: Path, look: Callable[[Path], Look], ratings: Ratings, writer: Writer
) -> bool:
    """Look at the gates once a wave is answered and rated; open the next unless all are decided."""
    await ratings.settle()
    if not await writer.read(answered):
        return False
    seen = await asyncio.to_thread(look, journal)
    await writer.put(partial(note_look, seen=seen))
    return not seen.decided and await writer.read(open_next)


async def _until_stopped(
    session: Session, driver: Driver, feed: Feed, ratings: Ratings, control: Control
) -> None:
    """Work, and obey the first and the second interrupt."""
    executor = session.executor or LocalExecutor(session.workshop)

    async def work() -> None:
        follow = asyncio.create_task(ratings.follow())
        upkeep = asyncio.create_task(_upkeep(driver))
        pulse = asyncio.create_task(keep_up({*session.accounts.values()}, time.monotonic))
        try:
            await executor.run(feed.leases(), driver)
            ratings.end()
            await follow  # what is cut off now would be asked, and paid, again
        finally:
            for task in (follow, upkeep, pulse):
                if task.done():
                    task.result()
                task.cancel()
            await asyncio.gather(follow, upkeep, pulse, return_exceptions=True)
        await ratings.sweep()

    job = asyncio.create_task(work())
    soon = asyncio.create_task(control.stop_soon.wait())
    now = asyncio.create_task(control.stop_now.wait())
    try:
        await asyncio.wait({job, soon}, return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            driver.send_no_more()
            feed.stop()
            driver.meter.until = time.monotonic() + control.grace
            await asyncio.wait(
                {job, now}, timeout=control.grace, return_when=asyncio.FIRST_COMPLETED
            )
        if not job.done():
            control.cut = True
            job.cancel()
            await asyncio.wait({job}, timeout=CUT_SECONDS)
        if job.done() or not control.cut:
            with suppress(asyncio.CancelledError):
                await job
    finally:
        for task in (soon, now):
            task.cancel()


async def _upkeep(driver: Driver) -> None:
    while True:
        await asyncio.sleep(UPKEEP_SECONDS)
        driver.expire()
        driver.keep_answers()
        await driver.keep_time()
