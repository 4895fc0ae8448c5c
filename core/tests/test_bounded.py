"""What a plugin's step may take in this process: so long, and so much."""

import re
import signal
import threading
import time
from itertools import count

import pytest

from dosimeter.bounded import MOST, Endless, Timeout, finite, within


def spins():
    while True:
        pass


@pytest.mark.parametrize(
    "step",
    [spins, lambda: time.sleep(60), lambda: re.match("(a+)+$", "a" * 60 + "!")],
    ids=["loop", "sleep", "regular expression"],
)
def test_a_step_that_takes_too_long_is_interrupted(step):
    """In Python's code, in a system call, and in C code that looks for signals."""
    began = time.monotonic()
    with pytest.raises(Timeout), within(0.1):
        step()

    assert time.monotonic() - began < 5


def test_a_step_that_swallows_the_first_interrupt_gets_another():
    """It may take any exception for one of its own."""

    def stubborn():
        try:
            spins()
        except BaseException:
            spins()

    with pytest.raises(Timeout), within(0.1):
        stubborn()


def test_what_comes_after_a_step_is_not_interrupted():
    """The clock is stopped."""
    with within(0.05):
        pass
    time.sleep(0.1)

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_bound_around_a_bound_goes_on():
    """Whether the inner one was kept or not; and the shorter one counts."""

    def outer():
        with within(60):
            pass
        with pytest.raises(Timeout), within(0.05):
            spins()
        spins()

    began = time.monotonic()
    with pytest.raises(Timeout), within(0.3):
        outer()
    with pytest.raises(Timeout), within(0.1), within(60):
        spins()

    assert time.monotonic() - began < 5
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_in_another_thread_a_step_is_not_bounded_and_works():
    """Python hands signals to the main thread alone."""
    done = []

    def step():
        with within(0.05):
            done.append(True)

    thread = threading.Thread(target=step)
    thread.start()
    thread.join()

    assert done == [True]


def test_what_has_no_end_is_not_waited_for():
    """As many as anybody could use are taken as they are."""
    assert finite(range(MOST)) == tuple(range(MOST))
    with pytest.raises(Endless):
        finite(count())
