"""What a run is doing and what it waits for: told by driver and limiters, shown by a display."""

import math
import time
from collections.abc import Iterator

from attrs import define, field, frozen

from dosimeter.engine.limiter import Limiter

FLOWING = 2.0
"""Seconds after an answer in which a run is not said to wait for anything."""
LEFT = "{}"
"""Stands for the seconds in what is waited for."""


@frozen
class Due:
    """Another try of a call of the endpoint *name*, not before *until*, because of *why*."""

    until: float
    name: str
    why: str


@define
class Meter:
    """What a progress display shows: counts of this session beside those of the whole run.

    Attributes:
        total: Attempts of the whole run; *before* those of them that earlier sessions ended.
        tokens_in: Of the whole run, as are *tokens_out* and *money*.
        phase: What is done before and after answers come, in words; empty while they do.
        silent: Endpoints that were asked and have not answered yet: a model may be loading.
        due: Calls that are to be tried again, by id.
        limits: Every limiter with the names of the endpoints that share it.
        last_answer: When the last answer came, on the clock of *started*.
        given_up: Tries that took too long.
        cached: Answers that an earlier run had drawn.
        told: What a user must hear at the end: raters that were asked no more, and why.
        until: When calls in flight are given up, once the run was asked to stop.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    before: int = 0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    priced: bool = False
    rated: int = 0
    started: float = field(factory=time.monotonic)
    phase: str = ""
    silent: dict[str, None] = field(factory=dict)
    due: dict[str, Due] = field(factory=dict)
    limits: tuple[tuple[str, Limiter], ...] = ()
    in_flight: int = 0
    first_answer: float | None = None
    last_answer: float = -math.inf
    given_up: int = 0
    cached: int = 0
    told: tuple[str, ...] = ()
    until: float | None = None
    finished: bool = False

    def waiting(self, now: float) -> str:
        """Say what the run waits for, the soonest first; empty while answers flow."""
        seconds, cause = self.cause(now)
        return cause.replace(LEFT, f"{max(0, math.ceil(seconds))} s")

    def cause(self, now: float) -> tuple[float, str]:
        """Give what `waiting` says with `LEFT` for the seconds, and those: 0 where it says none."""
        if self.until is not None:
            return self.until - now, self._end()
        if self.phase or now - self.last_answer < FLOWING:
            return 0.0, self.phase
        soonest = min(self._waits(now), default=None)
        if soonest is not None:
            return soonest
        if self.silent:
            return 0.0, f"the first answer of {', '.join(self.silent)} (a model may be loading)"
        if self.total and self.before + self.done + self.failed >= self.total:
            return 0.0, "the last ratings"
        return 0.0, ""

    def _waits(self, now: float) -> Iterator[tuple[float, str]]:
        for name, limiter in self.limits:
            if limiter.wait > 0:
                yield limiter.wait, f"the rate limit of {name}, {LEFT}"
        for due in self.due.values():
            if due.until > now:
                yield due.until - now, f"a retry of {due.name} in {LEFT} ({due.why})"

    def _end(self) -> str:
        if not self.in_flight:
            return "what was received to be written"
        calls = "1 call" if self.in_flight == 1 else f"{self.in_flight} calls"
        return f"{calls} in flight, at most {LEFT}; Ctrl-C stops now"
