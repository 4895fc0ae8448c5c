"""How many calls an account bears: concurrency that follows what the endpoint says.

Additive increase, multiplicative decrease, as TCP does it: each success raises the limit by
1/limit, each "too much" cuts it to 0.7. A Retry-After holds everybody who shares the account.

An endpoint that queues in silence says "too much" by its latency. So the mean latency of the last
calls is compared with what it was for long: beyond `TOLERANCE` times that, the limit is scaled by
the gradient between the two, as Netflix's Gradient2 limit does it (github.com/Netflix/
concurrency-limits; the idea is TCP Vegas's: L. S. Brakmo, L. L. Peterson, 1995, IEEE JSAC 13:1465).
Latency alone never takes the limit below `FLOOR`, and what is fast enough is left alone. The mean
is that of Little's law: time in flight over calls done, at least as many as were in flight at once, so
callers tell no times.

The slower side may be this process: answers then wait in their sockets, where a kill loses them. How
late its timers ring says so (`dosimeter.engine.pulse`) while it computes most of the time, and fewer
calls go at once: as many as keep it busy are enough.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from attrs import define

from dosimeter.errors import Stopping

CUT = 0.7
QUICK, SOON, SURELY = 0.5, 0.5, 2.0
"""Seconds after which a request that is not answered has reached its endpoint all the same: `SOON`,
or `SURELY` where answers usually come within `QUICK`, so that waiting for them costs nothing. A
machine that is busy is late with all: by as much as it was late to wake us, these are longer."""
FADE = 0.9
WINDOW = 20
"""Calls done, at least, that are compared with those before."""
TOLERANCE = 2.0
SMOOTHING = 0.1
FLOOR = 4.0
NO_QUEUE = 0.5
"""Seconds; below that a call is no sign of a queue, whatever it was before."""
LATE = 0.02
"""Seconds; who is later than that does not keep up."""
BUSY = 0.8
"""Share of its time that a process computes; with less it is late with a few and keeps up with all."""
ENOUGH, REGAINED, REGROWN = 32.0, 0.1, 1.07
"""Calls at once that being late never goes below; those regained by each timer that is not late, and by
how much it multiplies them in a process that is not busy: doubled in a tenth of a second."""
Clock = Callable[[], float]


@define
class _Start:
    """A call of a limited account: it reaches the endpoint between *began* and *ended*."""

    began: float
    ended: float | None = None


class _Pace:
    """Holds a rate as the endpoint counts it, in any sliding window.

    Evenly spaced leave is not enough: one late request and the next on time meet at the endpoint.
    So a call counts from its leave until it surely was received: when it is answered, or some time
    later. Before the first answer nothing is known of the way, and only answers count.
    """

    def __init__(self, per_minute: float) -> None:
        per_second = per_minute / 60
        self.most = max(1, int(per_second))
        self.window = self.most / per_second
        self.gap = 1 / per_second
        self._next = 0.0
        self._starts: deque[_Start] = deque()
        self._open: dict[int, _Start] = {}
        self._usual: float | None = None
        self._late = 0.0

    def woken(self, late: float) -> None:
        """Note how many seconds *late* this process was woken."""
        self._late = max(late, FADE * self._late)

    def start(self, ticket: int, now: float) -> None:
        """Count a call."""
        one = _Start(now)
        self._starts.append(one)
        self._open[ticket] = one
        self._next = max(now, self._next) + self.gap

    def end(self, ticket: int, now: float, *, ok: bool) -> None:
        """Note that a call was answered, or given up."""
        one = self._open.pop(ticket, None)
        if one is not None:
            one.ended = now
            if ok:
                took = now - one.began
                self._usual = took if self._usual is None else (3 * self._usual + took) / 4

    def _left(self, one: _Start, now: float) -> float:
        """Seconds until *one* no longer counts."""
        received = now if one.ended is None else one.ended
        if self._usual is not None:
            way = SURELY if self._usual < QUICK else SOON
            received = min(received, one.began + way + self._late)
        return received + self.window - now

    def wait(self, now: float) -> float:
        """Seconds until another call may start, at least; 0 or less is now."""
        while self._starts and self._left(self._starts[0], now) <= 0:
            self._starts.popleft()
        counted = sorted(left for one in self._starts if (left := self._left(one, now)) > 0)
        full = counted[-self.most] if len(counted) >= self.most else 0.0
        return max(self._next - now, full)


class Limiter:
    """The calls in flight to one account, shared by all endpoints that use it.

    Attributes:
        limit: Calls at once that the endpoint is taken to bear.
        bearable: Calls at once that this process is taken to keep up with.
        in_flight: Calls that hold a place.
    """

    def __init__(
        self, *, most: int, per_minute: float | None = None, clock: Clock = time.monotonic
    ) -> None:
        self.limit = self.bearable = float(most)
        self.in_flight = 0
        self._most = most
        self._pace = _Pace(per_minute) if per_minute else None
        self._tickets = 0
        self._held_until = 0.0
        self._last_cut = -1e9
        self._clock = clock
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._busy = 0.0
        self._since = clock()
        self._ended = self._peak = 0
        self._usual: float | None = None

    @property
    def _places(self) -> int:
        """Calls at once that the endpoint and this process both bear."""
        return max(1, int(min(self.limit, self.bearable)))

    @property
    def held(self) -> float:
        """Seconds until the endpoint may be asked again."""
        return max(0.0, self._held_until - self._clock())

    @property
    def wait(self) -> float:
        """Seconds until somebody who waits may start; 0 if nobody does, or for want of a place."""
        if not self._waiting or (self.in_flight >= self._places and not self.held):
            return 0.0
        return max(0.0, self._delay(self._clock()))

    def _delay(self, now: float) -> float:
        wait = self._held_until - now
        return wait if self._pace is None else max(wait, self._pace.wait(now))

    def _ready(self) -> bool:
        if self.in_flight >= self._places:
            return False
        wait = self._delay(self._clock())
        if wait > 0:
            self._wake_in(wait)
            return False
        return True

    def _flow(self, change: int) -> None:
        """Count a call in or out, and the time that calls were in flight until now."""
        now = self._clock()
        self._busy += self.in_flight * (now - self._since)
        self._since = now
        self.in_flight += change
        self._peak = max(self._peak, self.in_flight)

    def _follow_latency(self) -> None:
        """Compare the latency of the last calls with the usual one."""
        latency = self._busy / self._ended
        self._busy, self._ended, self._peak = 0.0, 0, self.in_flight
        usual = latency if self._usual is None else self._usual
        self._usual = usual + SMOOTHING * (latency - usual)
        if latency > max(NO_QUEUE, TOLERANCE * usual):
            gradient = max(0.5, TOLERANCE * usual / latency)
            self.limit = max(min(FLOOR, self.limit), self.limit * gradient)

    def _take(self) -> int:
        self._flow(1)
        self._tickets += 1
        if self._pace is not None:
            self._pace.start(self._tickets, self._clock())
        return self._tickets

    async def acquire(self) -> int:
        """Wait for a place; its number goes to `release`."""
        if not self._waiting and self._ready():
            return self._take()
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._flow(-1)
                if self._pace is not None:
                    self._pace.end(turn.result(), self._clock(), ok=False)
            elif turn in self._waiting:  # else it was passed over already, as cancelled
                self._waiting.remove(turn)
            self._wake()
            raise

    def release(self, ticket: int, *, ok: bool, throttled: bool = False, hold: float = 0.0) -> None:
        """Give a place back, with what the endpoint said."""
        self._flow(-1)
        self._ended += 1
        now = self._clock()
        if self._pace is not None:
            self._pace.end(ticket, now, ok=ok)
        if throttled and now - self._last_cut > 1.0:
            self.limit = max(1.0, self.limit * CUT)
            self._last_cut = now
        elif ok and self.limit < self._most:
            self.limit = min(float(self._most), self.limit + 1 / self.limit)
        if self._ended >= max(WINDOW, self._peak):
            self._follow_latency()
        if hold > 0:
            self._held_until = max(self._held_until, now + hold)
        self._wake()

    def start_slowly(self) -> None:
        """Begin with few calls: what this process bears shows in a moment, and a flood would not pass."""
        self.bearable = min(ENOUGH, float(self._most))

    def rung(self, late: float, busy: float) -> None:
        """Note that a timer rang so many seconds *late* in a process that is *busy*, a share in 0-1."""
        if late <= LATE:
            more = self.bearable + REGAINED if busy >= BUSY else self.bearable * REGROWN
            self.bearable = min(more, float(self._most))
            self._wake()
        elif busy >= BUSY:
            share = max(CUT, LATE / late)
            self.bearable = max(ENOUGH, min(self.bearable, self.in_flight) * share)

    def follow(self, ago: float) -> None:
        """Wait for what another process may have sent until *ago* seconds ago to count no longer."""
        if self._pace is not None:
            since = self._clock() - max(0.0, ago)
            self._held_until = max(self._held_until, since + SOON + self._pace.window)

    def dismiss(self) -> None:
        """Send away all who wait: `Stopping` is what they get."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(Stopping("the run was asked to stop"))

    def _wake(self) -> None:
        while self._waiting and self._ready():
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(self._take())

    def _wake_in(self, seconds: float) -> None:
        if self._timer is None:
            due = self._clock() + seconds
            self._timer = asyncio.get_running_loop().call_later(seconds, self._rung, due)

    def _rung(self, due: float) -> None:
        self._timer = None
        if self._pace is not None:
            self._pace.woken(max(0.0, self._clock() - due))
        self._wake()
