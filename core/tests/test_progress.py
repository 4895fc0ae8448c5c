"""The progress line: what is done, how fast, and what is waited for."""

import asyncio
import errno
import io
import os
import re
import time

import pytest

from dosimeter.cli.progress import ENOUGH, _put, display, line
from dosimeter.engine.limiter import Limiter
from dosimeter.engine.meter import FLOWING, Due, Meter


def meter(**more):
    return Meter(**{"started": 100.0, "total": 200, "last_answer": 0.0, **more})


def test_the_line_says_what_is_done_how_fast_how_long_and_at_what_cost():
    """Of the whole run, at the rate of this session."""
    one = meter(before=50, done=28, failed=2, tokens_in=1000, tokens_out=500, last_answer=160.0)

    assert line(one, 160.0) == "80/200 attempts, 30/min, 4:00 left, 1,500 tokens, 2 failed"
    one.priced, one.money = True, 0.25
    assert "1,500 tokens, cost 0.2500, 2 failed" in line(one, 160.0)


def test_before_an_attempt_is_done_no_rate_is_made_up():
    """Nor a time left."""
    assert line(meter(last_answer=101.0), 101.0) == "0/200 attempts, 0 tokens"


def test_no_time_left_is_told_from_a_few_attempts():
    """The first may have waited for a model to load: what would be left swings."""
    few, enough = (meter(before=50, done=n, last_answer=130.0) for n in (ENOUGH - 1, ENOUGH))

    assert line(few, 130.0) == "59/200 attempts, 18/min, 0 tokens"
    assert line(enough, 130.0) == "60/200 attempts, 20/min, 7:00 left, 0 tokens"


def test_a_narrow_line_says_first_what_it_waits_for():
    """What is in brackets gives way, then what the report has too, then the time left."""
    one = meter(done=20, tokens_in=1500, silent={"bare": None, "guarded": None})
    whole = "20/200 attempts, 60/min, 3:00 left, 1,500 tokens, waiting for the first answer of bare, guarded"

    assert line(one, 120.0, 150) == f"{whole} (a model may be loading)"
    assert line(one, 120.0, 110) == whole
    assert line(one, 120.0, 90) == whole.replace(" 1,500 tokens,", "")
    assert line(one, 120.0, 79) == whole.replace(" 60/min,", "").replace(" 1,500 tokens,", "")
    assert line(one, 120.0, 62) == "20/200 attempts, waiting for the first answer of bare, guarded"


def test_a_name_steers_no_terminal():
    """Whatever an endpoint is called in the stack; the line is as wide as it may be."""
    told = line(meter(silent={"\x1b[2J\u202e" * 9: None}), 120.0, 79)

    assert r"the first answer of \x1b[2J\x202e" in told
    assert told.isprintable()
    assert len(told) <= 79


def test_before_there_is_a_plan_it_waits_for_that():
    """There is no total yet."""
    assert line(Meter(phase="the plan"), 1.0) == "waiting for the plan"


def test_a_model_that_loads_is_waited_for_until_its_first_answer():
    """Leave for other calls does not hide it; an answer does."""
    one = meter(silent={"a": None, "b": None}, in_flight=8)

    assert one.waiting(120.0) == "the first answer of a, b (a model may be loading)"
    one.silent.clear()
    assert one.waiting(120.0) == ""


def test_a_retry_is_counted_down_and_the_soonest_is_told():
    """A retry has a deadline; a model that loads has none, and comes after it."""
    one = meter(silent={"a": None})
    one.due = {"c": Due(130.0, "a", "http-503"), "d": Due(127.5, "b", "timeout")}

    assert one.waiting(120.0) == "a retry of b in 8 s (timeout)"
    assert one.waiting(127.0) == "a retry of b in 1 s (timeout)"
    assert one.waiting(128.0) == "a retry of a in 2 s (http-503)"
    assert one.waiting(131.0).startswith("the first answer of a")


def test_a_rate_limit_is_counted_down_while_somebody_waits_for_it():
    """A Retry-After and a rate of requests; not a place that is taken."""
    now = 120.0

    async def go():
        nonlocal now
        held, paced, full = (
            Limiter(most=1, per_minute=n, clock=lambda: now) for n in (None, 10, None)
        )
        one = meter(limits=(("a, c", held), ("b", paced), ("d", full)))
        held.release(await held.acquire(), ok=False, throttled=True, hold=8.0)
        paced.release(await paced.acquire(), ok=True)
        await full.acquire()
        idle = one.waiting(now)
        jobs = [asyncio.ensure_future(full.acquire()), asyncio.ensure_future(held.acquire())]
        await asyncio.sleep(0)
        said = [one.waiting(now)]
        jobs.append(asyncio.ensure_future(paced.acquire()))
        await asyncio.sleep(0)
        said.append(one.waiting(now))
        now += 6.5
        said.append(one.waiting(now))
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        return idle, said

    idle, said = asyncio.run(go())
    assert idle == ""
    assert said == [f"the rate limit of {who}" for who in ("a, c, 8 s", "b, 6 s", "a, c, 2 s")]


def test_while_answers_flow_nothing_is_waited_for():
    """A retry of one call is no reason to say that the run waits."""
    one = meter(due={"c": Due(130.0, "a", "http-503")}, last_answer=120.0)

    assert one.waiting(120.0 + FLOWING / 2) == ""
    assert one.waiting(120.0 + FLOWING) == "a retry of a in 8 s (http-503)"


def test_a_run_that_was_asked_to_stop_says_how_long_it_may_take():
    """And then what is left to do."""
    one = meter(until=150.0, in_flight=2, due={"c": Due(130.0, "a", "http-503")})

    assert one.waiting(120.2) == "2 calls in flight, at most 30 s; Ctrl-C stops now"
    one.in_flight = 0
    assert one.waiting(121.0) == "what was received to be written"


def test_when_all_is_attempted_the_last_ratings_are_waited_for():
    """The count alone would look like a run that hangs."""
    assert meter(before=100, done=100).waiting(300.0) == "the last ratings"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def shown(stream, **more):
    """Give what *stream* was shown of a run that takes a moment."""
    one = meter(**more)

    async def go():
        job = asyncio.create_task(display(one, quiet=False, stream=stream))
        await asyncio.sleep(0.25)
        one.done, one.first_answer = 200, 0.1
        await asyncio.sleep(0.25)
        one.finished = True
        await job

    asyncio.run(go())
    return stream.getvalue()


def test_without_a_terminal_lines_are_plain():
    """Whole lines, no control characters: at once, at the first answer, and at the end."""
    lines = shown(io.StringIO(), silent={"a": None}).splitlines()

    assert len(lines) == 3
    assert lines[0].endswith("waiting for the first answer of a (a model may be loading)")
    assert lines[-1].startswith("200/200 attempts")
    assert "waiting" not in lines[-1]
    assert not re.search(r"[\x00-\x1f\x7f]", "".join(lines))


def test_without_a_terminal_what_is_waited_for_is_told_when_it_is_another():
    """Not when only its seconds have become fewer, nor anew after answers that came in between."""
    out, start = io.StringIO(), time.monotonic()
    one = meter(started=start, due={"c": Due(start + 90.0, "a", "http-503")})

    async def go():
        job = asyncio.create_task(display(one, quiet=False, stream=out))
        await asyncio.sleep(1.3)
        one.last_answer = time.monotonic() - FLOWING + 0.3
        await asyncio.sleep(1.0)
        one.due.clear()
        one.silent["b"] = None
        await asyncio.sleep(0.3)
        one.finished = True
        await job

    asyncio.run(go())
    waits = [told.partition("waiting for ")[2] for told in out.getvalue().splitlines()]

    assert [w.split(" of ")[0] for w in waits] == ["a retry", "the first answer", ""]


def test_without_a_terminal_what_changes_at_every_moment_is_told_once_a_second():
    """A log is not flooded."""
    out, one = io.StringIO(), meter()

    async def go():
        job = asyncio.create_task(display(one, quiet=False, stream=out))
        for i in range(15):
            one.phase = f"part {i}"
            await asyncio.sleep(0.1)
        one.finished = True
        await job

    asyncio.run(go())

    assert len(out.getvalue().splitlines()) == 3


@pytest.mark.parametrize("colour", ["", "1"])
def test_on_a_terminal_one_line_is_written_over_and_never_coloured(monkeypatch, colour):
    """With NO_COLOR and without; cut to the width, as a wrapped line cannot be written over."""
    monkeypatch.setenv("NO_COLOR", colour)
    monkeypatch.setenv("COLUMNS", "40")
    text = shown(Terminal(), silent={"a": None})

    assert "\x1b[2K" in text
    assert not re.search(r"\x1b\[[\d;]*m", text)
    assert text.count("\n") == 1
    assert max(len(part) for part in re.split(r"\r\x1b\[2K|\n", text)) == 39


def test_a_terminal_without_a_size_is_taken_for_an_ordinary_one(monkeypatch):
    """As `script` and some CI give one: nothing is cut that 80 columns have room for."""
    monkeypatch.delenv("COLUMNS", raising=False)
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream:
        assert os.get_terminal_size(theirs).columns == 0
        one = meter(silent={"a": None})

        async def go():
            job = asyncio.create_task(display(one, quiet=False, stream=stream))
            await asyncio.sleep(0.25)
            one.finished = True
            await job

        asyncio.run(go())
        told = os.read(ours, 4000).decode()
    os.close(ours)

    assert "waiting for the first answer of a" in told


def test_quiet_shows_nothing():
    """Neither on a terminal nor elsewhere."""
    out = Terminal()
    asyncio.run(display(meter(finished=True), quiet=True, stream=out))

    assert out.getvalue() == ""


@pytest.mark.parametrize("end", [{"finished": True}, {"until": 170.0}])
def test_a_run_that_has_ended_or_is_to_end_has_no_time_left(end):
    """Its budget is spent, or it was asked to stop: the rest will not be done now."""
    told = line(meter(done=50, last_answer=160.0, **end), 160.0)

    assert told.startswith("50/200 attempts, 50/min, 0 tokens")
    assert "left" not in told


class Gone(io.StringIO):
    """A terminal that was closed, or a full disk."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def flush(self):
        raise OSError(self.number, os.strerror(self.number))


def test_a_terminal_that_is_gone_ends_no_run():
    """The signal that says so may come later than a line is written; a full disk is told as ever."""
    _put(Gone(errno.EIO), "1/2", tty=True)

    with pytest.raises(OSError, match="No space left"):
        _put(Gone(errno.ENOSPC), "1/2", tty=True)
