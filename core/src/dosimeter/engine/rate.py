"""Rating what was said: transcripts in, ratings out. Overlaps generation, and works alone later."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import frozen

from dosimeter.asking import PluginFault, Scope, Workshop, play_moves
from dosimeter.contracts import HarmScorer, Host, JudgeScorer
from dosimeter.engine.driver import Driver
from dosimeter.engine.languages import asked_for
from dosimeter.engine.meter import Meter
from dosimeter.engine.opinions import broken, checked, without_value
from dosimeter.engine.unasked import unasked
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
from dosimeter.ids import derive_seed, digest, word
from dosimeter.journal.codec import PURGED
from dosimeter.journal.reader import Reader, Transcript, Turn, chunks
from dosimeter.journal.schema import placeholders
from dosimeter.journal.store import Store
from dosimeter.journal.subjects import subjects
from dosimeter.journal.writer import Writer
from dosimeter.model.doing import Role
from dosimeter.model.rating import (
    Case,
    Opinion,
    Outcome,
    Rating,
    Scale,
    Sees,
    Subject,
)
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import RaterChoice
from dosimeter.model.work import OPEN, Endpoint, Seal
from dosimeter.plugins import log_fault
from dosimeter.plural import plural

BATCH = 64
BACKLOG = 2000
JUDGES_AT_ONCE = 64


@frozen(kw_only=True)
class RaterPart:
    """A rater as a stack uses it, built."""

    spec: ScorerSpec
    choice: RaterChoice
    scorer: HarmScorer | JudgeScorer
    endpoints: tuple[tuple[Role, Endpoint], ...] = ()

    @cached_property
    def id(self) -> str:
        """Hash of what the rater is: options and role endpoints included, name not."""
        roles = tuple((role.value, e.id) for role, e in self.endpoints)
        return digest(
            "rater", (self.spec.id, self.spec.revision, self.choice.choice.identity, roles)
        )


@frozen(kw_only=True)
class Task:
    """One subject for one rater; its text is *owner*'s.

    Attributes:
        unasked: Why the rater is not asked about it; empty if it is.
    """

    subject: Subject
    attempt: int
    turn: Turn
    case: Case
    owner: Seal = OPEN
    unasked: str = ""


Opened = tuple[Transcript, tuple[tuple[Subject, Turn], ...], Seal]
"""A transcript with its subjects, and whose text it is."""


def tasks(part: RaterPart, opened: Opened, rubric: tuple[Scale, ...]) -> Iterator[Task]:
    """Give the subjects of a transcript that *part* rates, each with what it may see."""
    one, found, owner = opened
    for subject, turn in found:
        if subject.kind in part.spec.subjects:
            yield Task(
                subject=subject, attempt=one.k, turn=turn, owner=owner,
                case=_case(part.spec, one, turn, rubric),
                unasked=unasked(part.spec, one, turn),
            )  # fmt: skip


SHOWN: dict[Sees, Callable[[Transcript, Turn, tuple[Scale, ...]], object]] = {
    Sees.REPLY: lambda _, turn, __: turn.text,
    Sees.REASONING: lambda _, turn, __: "\n".join(m.reasoning for m in turn.reply),
    Sees.PROMPT: lambda _, turn, __: turn.sent[-1].text,
    Sees.CONVERSATION: lambda _, turn, __: turn.sent + turn.reply,
    Sees.GOAL: lambda one, _, __: one.goal,
    Sees.INTENT: lambda one, _, __: one.intent,
    Sees.LANGUAGE: lambda one, _, __: asked_for(one.asked, one.language),
    Sees.REFERENCE: lambda one, _, __: one.reference,
    Sees.RUBRIC: lambda _, __, rubric: rubric,
    Sees.FACTORS: lambda one, _, __: one.factors,
    Sees.VERDICT: lambda _, turn, __: turn.verdict,
}
"""What a rater is shown of each kind, in the field of a case that has its name."""


def _case(spec: ScorerSpec, one: Transcript, turn: Turn, rubric: tuple[Scale, ...]) -> Case:
    shown: dict[str, Any] = {s.value: SHOWN[s](one, turn, rubric) for s in spec.sees}
    return Case(**shown)


def unseen(spec: ScorerSpec, one: Transcript, turn: Turn) -> bool:
    """Say whether the reply, or other text that a rater is to see with it, is deleted or sealed."""
    return bool(
        turn.reply_hidden
        or (Sees.CONVERSATION in spec.sees and turn.hidden)
        or (Sees.PROMPT in spec.sees and turn.asked_hidden)
        or one.lost & spec.sees
    )


def rate_pure(part: RaterPart, scorer: HarmScorer, todo: Sequence[Task]) -> list[Opinion]:
    """Ask a rule about several cases; a rule that raises has failed on all of them (trap 4).

    Raises:
        PluginBroken: If what it gives is not what it declares.
    """
    asked = [t for t in todo if not t.unasked]
    error, given = "", []
    try:
        given = list(scorer.rate([t.case for t in asked])) if asked else []
    except BaseException as exc:  # native code panics with one, and quotes the text it was given
        log_fault(exc, part.spec.id)
        error = word(type(exc).__name__)
    # Out of the handler: an exception that is raised in it has the rule's, which may quote a reply.
    if error and len(asked) > 1:
        return [o for t in todo for o in rate_pure(part, scorer, [t])]
    if error:
        given = [without_value(part.spec, Outcome.FAILED, f"error:{error}")] * len(asked)
    if len(given) != len(asked):
        raise broken(
            part.spec, f"gave {plural(len(given), 'opinion')} for {plural(len(asked), 'case')}"
        )
    opinions = iter(given)
    out = []
    for task in todo:
        why = task.unasked
        out.append(
            _unrated(part.spec, why) if why else checked(part.spec, next(opinions), task.turn)
        )
    return out


def _unrated(spec: ScorerSpec, why: str) -> Opinion:
    outcome = Outcome.FAILED if why == "reply-failed" else Outcome.UNSCORABLE
    return without_value(spec, outcome, why)


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


def rating_id(part: RaterPart, subject: Subject, vote: int) -> str:
    """Hash of subject, rater and vote."""
    return digest("rating", (subject.id, part.id, vote))


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
        self._meter = meter

    def put(self, attempt_id: str) -> None:
        """Queue a finished attempt; past a bound it is left to `sweep`."""
        if self._queue.qsize() < BACKLOG:
            self._queue.put_nowait(attempt_id)

    async def follow(self) -> None:
        """Rate what is put, until cancelled."""
        while True:
            ids = [await self._queue.get()]
            while len(ids) < BATCH and not self._queue.empty():
                ids.append(self._queue.get_nowait())
            rows = self._reader.rows(
                f"SELECT k FROM attempt WHERE id IN ({placeholders(len(ids))}) ORDER BY k",
                [bytes.fromhex(i) for i in ids],
            )
            await self._rate([row[0] for row in rows], self._parts)

    async def sweep(self) -> None:
        """Rate every finished attempt that still lacks a rating.

        Raises:
            PluginBroken: If a rater gave what it does not declare; the others' ratings are kept.
        """
        faults: list[PluginBroken] = []
        for part in self._parts:
            pending = self._reader.unrated(part.id, part.choice.votes, part.spec.subjects)
            try:
                for ks in chunks(list(pending), BATCH):
                    await self._rate(ks, (part,))
            except PluginBroken as exc:
                faults.append(exc)
        if faults:
            raise faults[0]

    async def _rate(self, ks: Sequence[int], parts: Sequence[RaterPart]) -> None:
        loop = asyncio.get_running_loop()
        done, faults = await loop.run_in_executor(self._pool, self._pure, ks, parts)
        if done:
            await self._writer.put(lambda store: _write(store, done))
        if faults:
            raise faults[0]
        for part in parts:
            if part.spec.judge:
                await self._judge(part, ks)
        self._meter.rated += len(ks)

    def _pure(
        self, ks: Sequence[int], parts: Sequence[RaterPart]
    ) -> tuple[list[tuple[Task, Rating]], list[PluginBroken]]:
        """Give the ratings of the rules that are sound, and the faults of those that are not."""
        transcripts = list(self._open(self._bulk, ks))
        out: list[tuple[Task, Rating]] = []
        faults: list[PluginBroken] = []
        for part in parts:
            if part.spec.judge:
                continue
            todo = [t for opened in transcripts for t in self._tasks(part, opened)]
            try:
                opinions = rate_pure(part, part.scorer, todo)  # type: ignore[arg-type]
            except PluginBroken as exc:
                faults.append(exc)
                continue
            out += [(t, _rating(part, t, o, 0)) for t, o in zip(todo, opinions, strict=True)]
        return out, faults

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
        faults: list[PluginBroken] = []
        async with asyncio.TaskGroup() as group:
            for task in todo:
                for vote in range(part.choice.votes):
                    group.create_task(self._vote(part, task, vote, faults))
        if faults:
            raise faults[0]

    async def _vote(
        self, part: RaterPart, task: Task, vote: int, faults: list[PluginBroken]
    ) -> None:
        """Ask for one vote and write it; after one that broke, *faults*, nothing more is asked."""
        name = rating_id(part, task.subject, vote)
        raw = bytes.fromhex(name)
        if self._reader.rows("SELECT 1 FROM rating WHERE id = ?", (raw,)).fetchone():
            return
        if task.unasked:
            opinion: Opinion | None = _unrated(part.spec, task.unasked)
        else:
            async with self._judging:
                opinion = None if faults else await self._opinion(part, task, name)
        if opinion is None:
            return
        try:
            rating = _rating(part, task, checked(part.spec, opinion, task.turn), vote)
        except PluginBroken as exc:
            faults.append(exc)  # those in flight are paid for and come to their end
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
            return await play_moves(scope, lambda: judge.rate(task.case, rng))
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
            return without_value(part.spec, Outcome.FAILED, f"error:{exc.kind}")
        except DosimeterError:
            raise
        except Exception as exc:
            return without_value(part.spec, Outcome.FAILED, f"error:{type(exc).__name__}")
        finally:
            self._driver.close(name)

    def close(self, *, wait: bool = True) -> None:
        """Release thread and file; without *wait*, leave them to a rule that is still at work."""
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
