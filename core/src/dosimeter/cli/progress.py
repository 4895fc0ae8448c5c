"""What a run is doing: a live line on a terminal, plain lines elsewhere."""

import asyncio
import errno
import os
import re
import sys
import time
from typing import TextIO

from dosimeter.engine.meter import Meter
from dosimeter.inert import safe

EVERY_TTY, EVERY_PLAIN = 0.5, 10.0
LEAST_PLAIN = 1.0
"""Seconds between plain lines where what is waited for changes."""
ENOUGH = 10
"""Attempts of this session before which their rate is too uncertain to tell a time left by."""
ASIDE = re.compile(r" \([^()]*\)$")
"""What is said in brackets of what is waited for."""
UNSIZED = 80
"""Columns of a terminal that does not say how many it has."""


def line(meter: Meter, now: float, width: int = 200) -> str:
    """Put a meter into words: done / total, rate, time left, tokens, cost, what it waits for.

    Where they are wider than *width* what is said in brackets goes first, then what a report has too,
    then the time left. A run that has ended, or was asked to, has none.
    """
    waiting = "" if meter.finished else meter.waiting(now)
    if not meter.total:
        return f"waiting for {waiting or 'the plan'}"
    seconds = max(now - meter.started, 1e-6)
    ended = meter.done + meter.failed
    done = meter.before + ended
    rate = ended / seconds
    known = ended >= ENOUGH and not meter.finished and meter.until is None
    told = {
        "done": f"{done}/{meter.total} attempts",
        "rate": f"{60 * rate:.0f}/min" if rate else "",
        "left": f"{_clock((meter.total - done) / rate)} left" if known else "",
        "tokens": f"{meter.tokens_in + meter.tokens_out:,} tokens",
        "cost": f"cost {meter.money:.4f}" if meter.priced else "",
        "failed": f"{meter.failed} failed" if meter.failed else "",
        "waiting": f"waiting for {waiting}" if waiting else "",
    }
    for name in ("", "aside", "tokens", "cost", "rate", "left"):
        if name == "aside":
            told["waiting"] = ASIDE.sub("", told["waiting"])
        told.pop(name, "")
        text = ", ".join(filter(None, told.values()))
        if len(text) <= width:
            break
    return safe(text)[:width]


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
    shown, said_first, told = 0.0, False, ""
    while not meter.finished:
        now = time.monotonic()
        first = meter.first_answer is not None and not said_first
        cause = meter.cause(now)[1] or told
        other = not tty and cause != told and now - shown >= LEAST_PLAIN
        if now - shown >= every or first or other:
            said_first, told = said_first or first, cause
            _put(out, line(meter, now, _width(out)), tty=tty)
            shown = now
        await asyncio.sleep(0.1)
    if meter.total:
        _put(out, line(meter, time.monotonic(), _width(out)) + ("\n" if tty else ""), tty=tty)
    elif tty and shown:
        _put(out, "", tty=tty)  # refused before there was a plan: that is told next


def _width(out: TextIO) -> int:
    """Give the columns that a line may fill: one that breaks could not be written over."""
    if not out.isatty():
        return 200
    given = os.environ.get("COLUMNS", "")
    try:
        columns = int(given) if given.isdigit() else os.get_terminal_size(out.fileno()).columns
    except OSError:
        columns = 0
    # A terminal that nobody gave a size says that it has none.
    return max(columns or UNSIZED, 20) - 1


def _put(out: TextIO, text: str, *, tty: bool) -> None:
    """Write a line; to a terminal that is gone none, as the signal that says so may be still to come."""
    try:
        out.write(f"\r\x1b[2K{text}" if tty else f"{text}\n")
        out.flush()
    except OSError as exc:
        if not tty or exc.errno != errno.EIO:
            raise
