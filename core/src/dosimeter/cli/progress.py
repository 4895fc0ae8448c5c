"""What a run is doing: a live line on a terminal, plain lines elsewhere."""

import asyncio
import shutil
import sys
import time
from typing import TextIO

from dosimeter.engine.meter import Meter

EVERY_TTY, EVERY_PLAIN = 0.5, 10.0


def line(meter: Meter, now: float) -> str:
    """Put a meter into words: done / total, rate, time left, tokens, cost, what it waits for."""
    waiting = "" if meter.finished else meter.waiting(now)
    if not meter.total:
        return f"waiting for {waiting or 'the plan'}"
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
    if waiting:
        parts.append(f"waiting for {waiting}")
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes}:{rest:02d}"


async def display(meter: Meter, *, quiet: bool, stream: TextIO | None = None) -> None:
    """Show *meter* until it is finished; on standard error if no other *stream* is given."""
    if quiet:
        return
    out = stream or sys.stderr
    tty = out.isatty()
    every = EVERY_TTY if tty else EVERY_PLAIN
    shown, said_first = 0.0, False
    while not meter.finished:
        now = time.monotonic()
        first = meter.first_answer is not None and not said_first
        if now - shown >= every or first:
            said_first = said_first or first
            _put(out, line(meter, now), tty=tty)
            shown = now
        await asyncio.sleep(0.1)
    if meter.total:
        _put(out, line(meter, time.monotonic()) + ("\n" if tty else ""), tty=tty)
    elif tty and shown:
        _put(out, "", tty=tty)  # refused before there was a plan: that is told next


def _put(out: TextIO, text: str, *, tty: bool) -> None:
    """Write a line; on a terminal over the last one, and no wider: a wrapped line cannot be undone."""
    if tty:
        width = shutil.get_terminal_size().columns - 1
        end = "\n" if text.endswith("\n") else ""
        text = f"\r\x1b[2K{text.rstrip()[:width]}{end}"
    out.write(text if tty else f"{text}\n")
    out.flush()
