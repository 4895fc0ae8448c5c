"""What a session learns of each endpoint: whether it answers, how long, and when to leave it alone."""

import asyncio

from attrs import define

from dosimeter.engine.limiter import Limiter
from dosimeter.errors import AuthFailed, Permanent, ProviderError, Transient
from dosimeter.http import LONGEST_RETRY_AFTER, TOO_LONG
from dosimeter.journal.events import Event
from dosimeter.model.work import UNREACHED, Endpoint, Try

ENOUGH = 10
"""Tries that met no server, with no answer ever, which show that there is none."""
NOBODY = "http-404"
"""No such address or model, if nothing was ever answered; later it may be an accident on the way."""
Reason = tuple[Event, str, type[ProviderError]]
"""Why nothing more is sent: what happened, its code, and what is raised of each later call."""


def rests(outcome: Try) -> bool:
    """Whether the endpoint asks to be left alone for longer than anybody waits."""
    return outcome.status == TOO_LONG or (outcome.retry_after or 0.0) > LONGEST_RETRY_AFTER


@define
class EndpointState:
    """One endpoint in one session; the limiter is shared by all on its account.

    Attributes:
        dead: Why nothing more is sent, in words; empty while something is. *code* and *fault* likewise.
        largest: Tokens of the longest reply so far.
        scout: Set once a call that went ahead of all others was answered.
        heard: Whether anything but a passing failure came of a try.
        answered: Whether a reply came of one.
        unreached: Tries that met no server.
    """

    endpoint: Endpoint
    limiter: Limiter
    dead: str = ""
    code: str = ""
    fault: type[ProviderError] = AuthFailed
    largest: int = 0
    scout: asyncio.Event | None = None
    heard: bool = False
    answered: bool = False
    unreached: int = 0

    def check(self) -> None:
        """Refuse a call where nothing more is sent.

        Raises:
            ProviderError: Of the kind of what ended it.
        """
        if self.dead:
            raise self.fault(self.dead, code=self.code)

    def give_up(self, reason: Reason) -> None:
        """Send nothing more."""
        kind, self.code, self.fault = reason
        self.dead = f"{self.endpoint.name}: {kind}"

    def learn(self, outcome: Try, *, last: bool) -> Reason | None:
        """Take in how a try ended.

        Args:
            outcome: Of the try.
            last: Whether the call is not tried again.

        Returns:
            Why nothing more should be sent here; None if something may.
        """
        reason: Reason | None = None
        if outcome.failure == "auth":
            reason = (Event.AUTH, outcome.status, AuthFailed)
        elif outcome.status == NOBODY and not self.answered:
            reason = (Event.ABSENT, outcome.status, Permanent)
        self.answered = self.answered or not outcome.failure
        if outcome.status in UNREACHED and not self.heard:
            self.unreached += 1
            if last and self.unreached >= ENOUGH:
                reason = reason or (Event.UNREACHABLE, outcome.status, Transient)
        return reason

    async def go_ahead(self) -> asyncio.Event | None:
        """Let one call go ahead of all others where nothing bounds how long a reply may be.

        A budget of tokens or money can then reserve what the longest reply so far has cost.

        Returns:
            Of the call that goes ahead, what tells the others that it has been answered.
        """
        while self.endpoint.sampling.max_tokens is None and not self.largest:
            if self.scout is None:
                self.scout = asyncio.Event()
                return self.scout
            if self.scout.is_set():
                break
            await self.scout.wait()
        return None

    def let_another(self, scout: asyncio.Event) -> None:
        """Let another call go ahead: no reply will come of the one that *scout* was given to."""
        self.scout = None
        scout.set()

    def wake(self) -> None:
        """Let those go that wait for a reply to the call that went ahead."""
        if self.scout is not None:
            self.scout.set()
