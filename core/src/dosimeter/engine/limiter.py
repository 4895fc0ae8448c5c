"""How many calls an account bears: concurrency that follows what the endpoint says.

Additive increase, multiplicative decrease, as TCP does it: each success raises the limit by
1/limit, each "too much" cuts it to 0.7. A Retry-After holds everybody who shares the account.

An endpoint that queues in silence says "too much" by its latency. So the mean latency of the last
calls is compared with what it was for long: beyond `TOLERANCE` times that, the limit is scaled by
the gradient between the two, as Netflix's Gradient2 limit does it (github.com/Netflix/
concurrency-limits; the idea is TCP Vegas's: L. S. Brakmo, L. L. Peterson, 1995, IEEE JSAC 13:1465).
Latency alone never takes the limit below `FLOOR`, and what is fast enough is left alone. The mean
is that of Little's law: time in flight over calls done, so callers tell no times.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

CUT = 0.7
WINDOW = 20
TOLERANCE = 2.0
SMOOTHING = 0.1
FLOOR = 4.0
QUICK = 0.5
"""Seconds; below that a call is no sign of a queue, whatever it was before."""
Clock = Callable[[], float]


class Limiter:
    """The calls in flight to one account, shared by all endpoints that use it.

    Attributes:
        limit: Calls at once it now allows.
        in_flight: Calls that hold a place.
    """

    def __init__(
        self, *, most: int, per_minute: float | None = None, clock: Clock = time.monotonic
    ) -> None:
        self.limit = float(most)
        self.in_flight = 0
        self._most = most
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._next_start = 0.0
        self._held_until = 0.0
        self._last_cut = -1e9
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._busy = 0.0
        self._since = clock()
        self._ended = 0
        self._usual: float | None = None

    @property
    def free(self) -> int:
        """Places left, less those that somebody waits for."""
        return int(self.limit) - self.in_flight - len(self._waiting)

    @property
    def held(self) -> float:
        """Seconds until the endpoint may be asked again."""
        return max(0.0, self._held_until - self._clock())

    def _ready(self) -> bool:
        now = self._clock()
        at = max(self._held_until, self._next_start)
        if self.in_flight >= max(1, int(self.limit)):
            return False
        if now < at:
            self._wake_in(at - now)
            return False
        return True

    def _flow(self, change: int) -> None:
        """Count a call in or out, and the time that calls were in flight until now."""
        now = self._clock()
        self._busy += self.in_flight * (now - self._since)
        self._since = now
        self.in_flight += change

    def _follow_latency(self) -> None:
        """Compare the latency of the last calls with the usual one."""
        latency = self._busy / self._ended
        self._busy, self._ended = 0.0, 0
        usual = latency if self._usual is None else self._usual
        self._usual = usual + SMOOTHING * (latency - usual)
        if latency > max(QUICK, TOLERANCE * usual):
            gradient = max(0.5, TOLERANCE * usual / latency)
            self.limit = max(min(FLOOR, self.limit), self.limit * gradient)

    def _take(self) -> None:
        self._flow(1)
        if self._gap:
            self._next_start = max(self._clock(), self._next_start) + self._gap

    async def acquire(self) -> None:
        """Wait for a place."""
        if not self._waiting and self._ready():
            self._take()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._flow(-1)
            else:
                self._waiting.remove(turn)
            self._wake()
            raise

    def release(self, *, ok: bool, throttled: bool = False, hold: float = 0.0) -> None:
        """Give a place back, with what the endpoint said."""
        self._flow(-1)
        self._ended += 1
        now = self._clock()
        if throttled and now - self._last_cut > 1.0:
            self.limit = max(1.0, self.limit * CUT)
            self._last_cut = now
        elif ok and self.limit < self._most:
            self.limit = min(float(self._most), self.limit + 1 / self.limit)
        if self._ended >= WINDOW:
            self._follow_latency()
        if hold > 0:
            self._held_until = max(self._held_until, now + hold)
        self._wake()

    def _wake(self) -> None:
        while self._waiting and self._ready():
            turn = self._waiting.popleft()
            if not turn.done():
                self._take()
                turn.set_result(None)

    def _wake_in(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._rung)

    def _rung(self) -> None:
        self._timer = None
        self._wake()
