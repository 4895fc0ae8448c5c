"""What a run is doing: a live line on a terminal, plain lines elsewhere."""

import asyncio
import sys
import time

from dosimeter.engine.driver import Meter

EVERY_TTY, EVERY_PLAIN = 0.5, 10.0


def line(meter: Meter, now: float) -> str:
    """Put a meter into words: done / total, rate, time left, tokens, cost, what it waits for."""
    if not meter.total:
        return f"waiting for {meter.waiting or 'the plan'}"
    seconds = max(now - meter.started, 1e-6)
    done = meter.before + meter.done + meter.failed
    rate = (meter.done + meter.failed) / seconds
    left = (meter.total - done) / rate if rate > 0 else None
    parts = [f"{done}/{meter.total} attempts"]
    if rate:
        parts.append(f"{60 * rate:.0f}/min")
    if left is not None:
        parts.append(f"{_clock(left)} left")
    parts.append(f"{meter.tokens_in + meter.tokens_out:,} tokens")
    if meter.priced:
        parts.append(f"cost {meter.money:.4f}")
    if meter.failed:
        parts.append(f"{meter.failed} failed")
    if meter.waiting:
        parts.append(f"waiting for {meter.waiting}")
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes}:{rest:02d}"


async def display(meter: Meter, *, quiet: bool) -> None:
    """Show *meter* until it is finished."""
    if quiet:
        return
    tty = sys.stderr.isatty()
    every = EVERY_TTY if tty else EVERY_PLAIN
    shown, said_first = 0.0, False
    while not meter.finished:
        now = time.monotonic()
        first = meter.first_answer is not None and not said_first
        if now - shown >= every or first:
            said_first = said_first or first
            _put(line(meter, now), tty=tty)
            shown = now
        await asyncio.sleep(0.1)
    meter.waiting = ""
    if meter.total:
        _put(line(meter, time.monotonic()) + ("\n" if tty else ""), tty=tty)
    elif tty and shown:
        _put("", tty=tty)  # refused before there was a plan: that is told next


def _put(text: str, *, tty: bool) -> None:
    sys.stderr.write(f"\r\x1b[2K{text[:200]}" if tty else f"{text}\n")
    sys.stderr.flush()
