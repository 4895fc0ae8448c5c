"""Rating what was said: transcripts in, ratings out. Overlaps generation, and works alone later."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from dosimeter.asking import Scope, Workshop
from dosimeter.contracts import Host, JudgeScorer
from dosimeter.engine.driver import Driver
from dosimeter.engine.meter import Meter
from dosimeter.engine.opinions import checked, without_value
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.rules import Rules
from dosimeter.engine.ruling import Conduct, rate_pure, unrated
from dosimeter.engine.tasks import Opened, Task, rating_id, tasks, unseen
from dosimeter.errors import (
    AuthFailed,
    BudgetSpent,
    DosimeterError,
    PluginBroken,
    ProviderError,
    Sealed,
    StackError,
    Stopping,
    Transient,
)
from dosimeter.http import TOO_LONG
from dosimeter.ids import derive_seed, word
from dosimeter.journal.codec import PURGED
from dosimeter.journal.reader import Reader, chunks
from dosimeter.journal.schema import placeholders
from dosimeter.journal.store import Store
from dosimeter.journal.subjects import subjects
from dosimeter.journal.writer import Writer
from dosimeter.model.rating import (
    Opinion,
    Outcome,
    Rating,
    Scale,
)
from dosimeter.model.work import Seal
from dosimeter.moves import PluginFault, play_moves

BATCH = 64
BACKLOG = 2000
JUDGES_AT_ONCE = 64


def check_readable(store: Store, parts: Sequence[RaterPart]) -> None:
    """Refuse raters that could rate nothing of what is there: the run would lack their marks for ever.

    Raises:
        StackError: If every reply was deleted.
    """
    codecs = {
        codec for (codec,) in store.db.execute(
            "SELECT DISTINCT b.codec FROM candidate d JOIN call c ON c.k = d.call"
            " JOIN message m ON m.k = d.leaf JOIN blob b ON b.k = m.body WHERE d.leaf IS NOT c.leaf"
        )
    }  # fmt: skip
    if parts and codecs == {PURGED}:
        named = ", ".join(f"rater {part.choice.choice.name!r}" for part in parts)
        msg = (
            f"every reply of this run was deleted (`runs purge`), so {named} could rate nothing; go on"
            " without, or run the stack under another name (--set name=...)"
        )
        raise StackError(msg)


class Ratings:
    """Rates finished attempts while the run goes on, and all that is left at its end."""

    def __init__(
        self,
        *,
        parts: Sequence[RaterPart],
        journal: Path,
        writer: Writer,
        driver: Driver,
        workshop: Workshop,
        rubrics: Mapping[str, tuple[Scale, ...]],
        timeout: float,
        meter: Meter,
        seals: Sequence[Seal] = (),
        rules: Rules,
    ) -> None:
        self._parts, self._writer, self._driver = parts, writer, driver
        self._workshop, self._rubrics, self._timeout = workshop, rubrics, timeout
        # One reader a thread: a connection sees the journal as it was when its oldest open query
        # began, so a long read of raters in the pool would hide from the loop what came since.
        self._reader, self._bulk = Reader(journal, seals), Reader(journal, seals)
        self.left: set[int] = set()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="rating")
        self._judging = asyncio.Semaphore(JUDGES_AT_ONCE)
        self._over = False
        self._meter, self._rules, self._conduct = meter, rules, Conduct()

    @property
    def told(self) -> tuple[str, ...]:
        """What raters did that are asked no more in this session."""
        return tuple(self._conduct.told.values())

    def put(self, attempt_id: str) -> None:
        """Queue a finished attempt; past a bound it is left to `sweep`."""
        if self._queue.qsize() < BACKLOG:
            self._queue.put_nowait(attempt_id)

    def end(self) -> None:
        """Have `follow` return once it has written what it is at; the rest is `sweep`'s."""
        self._over = True
        self._queue.put_nowait("")

    async def follow(self) -> None:
        """Rate what is put, until `end`."""
        while True:
            ids = [await self._queue.get()]
            if self._over:
                return
            while len(ids) < BATCH and not self._queue.empty():
                ids.append(self._queue.get_nowait())
            rows = self._reader.rows(
                f"SELECT k FROM attempt WHERE id IN ({placeholders(len(ids))}) ORDER BY k",
                [bytes.fromhex(i) for i in ids],
            )
            await self._rate([row[0] for row in rows], self._parts)
            for _ in ids:
                self._queue.task_done()

    async def settle(self) -> None:
        """Rate all that is finished by now, while `follow` waits for more."""
        await self._queue.join()
        await self.sweep()

    async def sweep(self) -> None:
        """Rate every finished attempt that still lacks a rating."""
        for part in self._parts:
            pending = self._reader.unrated(part.id, part.choice.votes, part.spec.subjects)
            for ks in chunks(list(pending), BATCH):
                await self._rate(ks, (part,))

    async def _rate(self, ks: Sequence[int], parts: Sequence[RaterPart]) -> None:
        loop, asked = asyncio.get_running_loop(), self._asked(parts)
        done = await loop.run_in_executor(self._pool, self._pure, ks, asked)
        if done:
            await self._writer.put(lambda store: _write(store, done))
        for part in asked:
            if part.spec.judge:
                await self._judge(part, ks)
        self._meter.rated += len(ks)

    def _asked(self, parts: Sequence[RaterPart]) -> list[RaterPart]:
        return [part for part in parts if part.id not in self._conduct.told]

    def _pure(self, ks: Sequence[int], parts: Sequence[RaterPart]) -> list[tuple[Task, Rating]]:
        """Give the ratings of the rules; one that is not sound is asked no more."""
        transcripts = list(self._open(self._bulk, ks))
        out: list[tuple[Task, Rating]] = []
        for part in parts:
            if part.spec.judge:
                continue
            todo = [t for opened in transcripts for t in self._tasks(part, opened)]
            ask = partial(self._rules.ask, part.rule)
            try:
                for task, opinion in rate_pure(part, ask, todo, self._conduct):
                    out.append((task, _rating(part, task, opinion, 0)))
            except PluginBroken as exc:
                self._conduct.set_aside(part, exc)
        return out

    def _open(self, reader: Reader, ks: Sequence[int]) -> Iterator[Opened]:
        """Give the transcripts that can be read here; sealed ones wait for their secret."""
        for one in reader.attempts(ks):
            try:
                owner = reader.vault.owner(one.category, one.label)
            except Sealed:
                self.left.add(one.k)
            else:
                yield one, tuple(subjects(one)), owner

    def _tasks(self, part: RaterPart, opened: Opened) -> Iterator[Task]:
        one = opened[0]
        for task in tasks(part, opened, self._rubrics.get(one.category, ())):
            if unseen(part.spec, one, task.turn):
                self.left.add(one.k)  # nothing can be said of it, not even "unscorable"
            else:
                yield task

    # -- judges -------------------------------------------------------------------------------

    async def _judge(self, part: RaterPart, ks: Sequence[int]) -> None:
        todo = [t for opened in self._open(self._reader, ks) for t in self._tasks(part, opened)]
        async with asyncio.TaskGroup() as group:
            for task in todo:
                for vote in range(part.choice.votes):
                    group.create_task(self._vote(part, task, vote))

    async def _vote(self, part: RaterPart, task: Task, vote: int) -> None:
        """Ask for one vote and write it; after one that broke nothing more is asked."""
        name = rating_id(part, task.subject, vote)
        raw = bytes.fromhex(name)
        if self._reader.rows("SELECT 1 FROM rating WHERE id = ?", (raw,)).fetchone():
            return
        if task.unasked:
            opinion: Opinion | None = unrated(part.spec, task.unasked)
        else:
            async with self._judging:
                asked = bool(self._asked([part]))
                opinion = await self._opinion(part, task, name) if asked else None
        if opinion is None:
            return
        try:
            sound = checked(part.spec, opinion, task.turn, part.source)
            rating = _rating(part, task, sound, vote)
        except PluginBroken as exc:
            # Those in flight are paid for and come to their end.
            self._conduct.set_aside(part, exc)
        else:
            await self._writer.put(lambda store: _write(store, [(task, rating)]))

    async def _opinion(self, part: RaterPart, task: Task, name: str) -> Opinion | None:
        host: Host = self._driver
        self._driver.open(name, 0, "rating", task.owner)
        scope = Scope(
            id=name, epoch=0, host=host, workshop=self._workshop, endpoints=dict(part.endpoints),
            timeout=self._timeout, blame=f"rater {part.spec.id!r}", key=task.owner.key,
            answered={(a.step, a.index): a for a in self._reader.answered(name)},
        )  # fmt: skip
        rng = random.Random(derive_seed(name))
        judge: JudgeScorer = part.scorer  # type: ignore[assignment]
        try:
            opinion = await play_moves(scope, lambda: judge.rate(task.case, rng))
            self._conduct.answered(part)
            return opinion
        except (Stopping, BudgetSpent):
            return None
        except (Transient, AuthFailed):
            # An outage says nothing of the reply: the run is incomplete, and goes on from here.
            return None
        except ProviderError as exc:
            if exc.code == TOO_LONG:
                return None
            return without_value(part.spec, Outcome.FAILED, f"judge:{word(exc.code)}")
        except PluginFault as exc:
            self._conduct.lost(part, exc.kind)
            return without_value(part.spec, Outcome.FAILED, f"error:{exc.kind}")
        except DosimeterError:
            raise
        except Exception as exc:
            return without_value(part.spec, Outcome.FAILED, f"error:{type(exc).__name__}")
        finally:
            self._driver.close(name)

    def close(self, *, wait: bool = True) -> None:
        """Release thread and file; without *wait*, end a rule that is still at work."""
        self._rules.close()
        self._pool.shutdown(wait=wait, cancel_futures=not wait)
        if wait:
            self._reader.close()
            self._bulk.close()


def _rating(part: RaterPart, task: Task, opinion: Opinion, vote: int) -> Rating:
    return Rating(
        id=rating_id(part, task.subject, vote), subject_id=task.subject.id, rater_id=part.id,
        opinion=opinion, vote=vote,
    )  # fmt: skip


def _write(store: Store, done: Sequence[tuple[Task, Rating]]) -> None:
    for task, rating in done:
        turn = task.turn
        store.rating(task.subject, task.attempt, turn.leaf, turn.call, rating, task.owner)
