"""Whether this process keeps up with its endpoints."""

import asyncio
from collections.abc import Collection

from dosimeter.engine.limiter import Clock, Limiter

BEAT = 0.01
"""Seconds between timers."""


async def keep_up(limiters: Collection[Limiter], clock: Clock) -> None:
    """Tell *limiters* how late each of a row of timers rings, until cancelled.

    A timer waits behind all that is ready in the event loop, as an answer does that is still in its
    socket.
    """
    for limiter in limiters:
        limiter.start_slowly()
    while True:
        due = clock() + BEAT
        await asyncio.sleep(BEAT)
        late = max(0.0, clock() - due)
        for limiter in limiters:
            limiter.rung(late)
