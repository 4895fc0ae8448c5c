"""Whether this process keeps up with its endpoints."""

import asyncio
import time
from collections.abc import Collection

from dosimeter.engine.limiter import Clock, Limiter

BEAT = 0.01
"""Seconds between timers."""
MEMORY = 0.2
"""Seconds over which the share of time that this process computes is averaged."""


async def keep_up(
    limiters: Collection[Limiter], clock: Clock, cpu: Clock = time.process_time
) -> None:
    """Tell *limiters* how late each of a row of timers rings, and how busy this process is.

    A timer waits behind all that is ready in the event loop, as an answer does that is still in its
    socket. Runs until it is cancelled.
    """
    for limiter in limiters:
        limiter.start_slowly()
    busy, since, used = 1.0, clock(), cpu()
    while True:
        await asyncio.sleep(BEAT)
        took, spent = clock() - since, cpu() - used
        since, used = since + took, used + spent
        share = min(1.0, took / MEMORY)
        busy += share * (min(1.0, spent / took) - busy) if took > 0 else 0.0
        for limiter in limiters:
            limiter.rung(max(0.0, took - BEAT), busy)
