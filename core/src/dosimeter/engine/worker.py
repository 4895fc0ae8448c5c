"""The process in which rules rate: one that hangs can be ended there, as no thread can.

Started by `dosimeter.engine.rules`; it loads nothing but the rules that it is sent.
"""

import importlib
import os
import pickle
import signal
import sys
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from dosimeter.errors import place

ORPHANED = 5.0
"""Seconds beyond its time after which a hung rule ends by the system's own clock: nobody else may be left."""


def _built(factory: str, options: object) -> Any:  # noqa: ANN401  it may be anything
    module, _, attr = factory.partition(":")
    return getattr(importlib.import_module(module), attr)(options)


def _answer(rules: dict[str, Any], message: bytes) -> bytes:
    """Rate the cases of *message*, or build its rule; give what comes of it, or where it raised."""
    try:
        name, factory, options, cases = pickle.loads(message)  # noqa: S301  the parent's own
        if cases is None:
            rules[name] = _built(factory, options)
            return pickle.dumps((None, None))
        # One too many is a fault that is told, and the rest may have no end.
        given = list(islice(rules[name].rate(cases), len(cases) + 1))
        return pickle.dumps((given, None))
    except BaseException as exc:  # native code panics with one
        return pickle.dumps((None, place(exc)))


def main() -> None:
    """Answer the process at the other end of the line until it hangs up."""
    line, me = Connection(int(sys.argv[1])), os.getpid()
    rules: dict[str, Any] = {}
    sys.path[:] = pickle.loads(line.recv_bytes())  # noqa: S301  the parent's own
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    while True:
        try:
            seconds, message = pickle.loads(line.recv_bytes())  # noqa: S301  the parent's own
        except (EOFError, OSError):
            break
        signal.setitimer(signal.ITIMER_REAL, seconds + ORPHANED)
        said = _answer(rules, message)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if os.getpid() != me:
            break  # a rule forked, and this is not who was asked
        line.send_bytes(said)
    os._exit(0)  # without waiting for threads that a rule left behind


if __name__ == "__main__":
    main()
