"""The protocols that plugins implement, and those that the driver offers them."""

import random
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from attrs import field, frozen

from dosimeter.model.conversation import Pairs, Reply, Request
from dosimeter.model.design import Attempt, Intent, Item, Variant
from dosimeter.model.doing import Ask, Bound, Candidate
from dosimeter.model.rating import Case, Opinion
from dosimeter.model.report import Report
from dosimeter.model.work import (
    CallDone,
    Cost,
    Credentials,
    Holder,
    Lease,
    Permit,
    Try,
    WorkDone,
)

R = TypeVar("R")
Moves = Generator[tuple[Ask, ...], tuple[Reply, ...], R]
"""A search or a judge: yields asks, is sent their replies in the same order, returns a result."""


class ModelProvider(Protocol):
    """A model that can be asked one thing at a time."""

    async def generate(self, request: Request) -> Reply:
        """Make one try.

        No retry, no limiter: both are the engine's.

        Raises:
            Transient: The try failed in a way that another may not.
            Permanent: It would fail again.
            AuthFailed: The credentials are not accepted.
        """
        ...

    async def aclose(self) -> None:
        """Release what is held. Called once."""
        ...


class AttackGenerator(Protocol):
    """Puts an item in several ways."""

    def variants(self, item: Item) -> Iterable[Variant]:
        """Give the ways to put *item*: pure, the same each time, countable before any call."""
        ...


class SearchAttack(AttackGenerator, Protocol):
    """An attack that asks and decides by the answers."""

    def bound(self, item: Item, variant: Variant) -> Bound:
        """Give the most asks per role."""
        ...

    def play(
        self, goal: Case, variant: Variant, rng: random.Random
    ) -> Moves[tuple[Candidate, ...]]:
        """Search. No I/O; all randomness from *rng*.

        *goal* shows prompt, conversation, goal, language and factors of the item.
        """
        ...


class HarmScorer(Protocol):
    """A rater without I/O."""

    def rate(self, cases: Sequence[Case]) -> Sequence[Opinion]:
        """Give one opinion a case, in order. Each depends on its case alone."""
        ...


class JudgeScorer(Protocol):
    """A rater that asks models."""

    def rate(self, case: Case, rng: random.Random) -> Moves[Opinion]:
        """Ask, and return an opinion."""
        ...


class HarmCategory(Protocol):
    """Items to measure; everything else of a category is data on its spec."""

    def items(self, panel: str) -> Iterable[Item]:
        """Give the panel's items, always the same and in the same order."""
        ...


@frozen(kw_only=True)
class Excerpt:
    """What may be shown of one rated reply. Core has decided; a sink cannot undo it.

    Attributes:
        prompt: The last user message; None if withheld, as what may quote a withheld reply is.
        reply: None if withheld.
        withheld: Why, or empty.
        reply_hash: Names the reply without showing it; empty for sealed text.
        marks: Rater, scale, and the mark as text.
        rationale: Raters' words; None if withheld.
        evidence: Quoted spans; None if withheld.
        verdict: What a guardrail said, in words: ``blocked, label violence, score 0.9``; empty if
            there is no verdict, or its text is sealed or deleted.
    """

    attempt_id: str
    target: str
    item_id: str
    category: str
    family: str
    intent: Intent
    attack: str
    variant: str
    repeat: int
    stop: str
    prompt: str | None = field(repr=False)
    reply: str | None = field(repr=False)
    withheld: str
    reply_hash: str
    marks: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...] = ()
    factors: Pairs = ()
    rationale: str | None = field(default=None, repr=False)
    evidence: tuple[str, ...] | None = field(default=None, repr=False)
    verdict: str = field(default="", repr=False)


class Evidence(Protocol):
    """The run's attempts as excerpts, streamed in the order of the plan."""

    def __iter__(self) -> Iterator[Excerpt]:
        """Start anew each time."""
        ...


class Output(Protocol):
    """Where a sink writes. Files appear whole, with mode 0600."""

    def write(self, name: str, data: Iterable[bytes]) -> Path:
        """Write one file atomically and return its path."""
        ...


class ReportSink(Protocol):
    """Writes a report."""

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """Write *report*; *evidence* is already disclosed."""
        ...


class Executor(Protocol):
    """Runs attempts somewhere."""

    async def run(self, leases: AsyncIterator[Lease], host: "Host") -> None:
        """Run every lease; return when they are exhausted and finished."""
        ...


class Host(Protocol):
    """The driver, as an executor sees it; it can be reached over a wire."""

    async def permit(self, endpoint: str, estimate: Cost, holder: Holder) -> Permit:
        """Wait for leave to make one try; for another try of a call, until it is due.

        Returns:
            Leave, or with it the answer of an earlier run (`Permit.reply`): then nothing is sent or
            settled, and the call is recorded as any other.

        Raises:
            AuthFailed: The endpoint does not accept the credentials.
            BudgetSpent: The run's budget does not cover it.
            LeaseLost: The holder works under an epoch that is over.
            Stopping: Nothing new may be sent.
        """
        ...

    async def settle(self, permit: Permit, outcome: Try) -> float | None:
        """Return the permit and record the try. A try that comes late is paid for all the same.

        Returns:
            Seconds until another try is due, or None if there must be none. Ask for leave at once:
            `permit` waits, and ends its wait when the run is asked to stop.
        """
        ...

    async def record(self, done: CallDone | WorkDone) -> bool:
        """Return when durable. False: the lease had gone to another; the result is not used."""
        ...

    async def renew(self, attempt_id: str, epoch: int) -> Lease | None:
        """Hand an attempt out again whose worker was lost.

        From here on results of *epoch* and older are fenced off: paid for, and not used. Permits
        of the lost worker are taken back.

        Returns:
            A lease under a higher epoch with all answers that are recorded; None if there is
            nothing more to do: the attempt ended, went to somebody else, the run stops, or it was
            lost so often that it is recorded as failed.
        """
        ...

    async def credentials(self, owner: str) -> Credentials:
        """Give secrets: of an endpoint by its id, of ``attack:<id>``, or the key of ``seal:<panel>``.

        Never stored, never logged.
        """
        ...

    async def halt(self) -> None:
        """Say that an error ends the run: nothing new is sent, what is in flight is kept."""
        ...


@frozen(kw_only=True)
class Progress:
    """What a policy may know: marks of finished waves, in planned order."""

    wave: int
    done: int


class Policy(Protocol):
    """Decides what is attempted, wave by wave."""

    def next_wave(self, seen: Progress) -> Iterable[Attempt] | None:
        """Give the next wave, or None. Sync and pure."""
        ...
