"""Bounds on a plugin's steps that run in this process: so long, and so much."""

import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
STEP_SECONDS = 10.0
"""For one step of a search or a judge, which computes while nothing else of the process does."""
AGAIN_SECONDS = 1.0
LEAST_SECONDS = 0.001
"""Of a clock that is set: zero would stop it."""
MOST = 10_000
"""Entries of what a plugin gives at once."""


class Timeout(BaseException):
    """A step took too long. No `Exception`, which a step may well take for one of its own."""


class Endless(Exception):
    """A plugin gives more at once than anybody could use."""


def finite(given: Iterable[T]) -> tuple[T, ...]:
    """Give all of *given*.

    Raises:
        Endless: If that is more than `MOST`.
    """
    found = tuple(islice(given, MOST + 1))
    if len(found) > MOST:
        raise Endless
    return found


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer, in Python's code and in C code that looks for signals, as `re` does.

    Only the main thread can be interrupted; in others there is no bound. Within a shorter bound this
    one adds nothing, and whichever is around it goes on afterwards.

    Raises:
        Timeout: Again each second, if it goes on all the same.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    around, again = signal.getitimer(signal.ITIMER_REAL)
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, min(seconds, around or seconds), AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if around:
            left = around - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(left, LEAST_SECONDS), again)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise Timeout
