"""Asking rules: pure raters, each given its cases in a process of their own, for so long."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Protocol

from attrs import define

from dosimeter.errors import place
from dosimeter.ids import word
from dosimeter.model.rating import Case
from dosimeter.plugins import log_place

TIMEOUT, DIED = "Timeout", "Died"
"""Kinds of fault of a rule that took too long, or ended the process that it was asked in."""

START_SECONDS = 60.0
"""For a worker to start and build a rule, which may load what it needs."""


class RuleFault(Exception):
    """A rule did not answer; *kind* is the type of what it raised, `TIMEOUT` or `DIED`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@define
class Rule:
    """A rule as a worker builds it."""

    id: str
    name: str
    factory: str
    options: object


class Rules(Protocol):
    """Who asks rules."""

    def ask(self, rule: Rule, cases: list[Case]) -> list[Any]:
        """Give what *rule* says of *cases*, whatever that is; one too many at most.

        Raises:
            RuleFault: If it gives nothing.
        """
        ...

    def close(self) -> None:
        """End what is asked, and ask no more."""
        ...


class RuleProcess:
    """Asks rules in a worker (`dosimeter.engine.worker`), which is ended if one takes too long.

    Each case that a rule gets is its own copy: what it does to it, no other rater sees. What it prints
    goes nowhere, as it may quote a reply.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._built: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, rule: Rule, cases: list[Case]) -> list[Any]:
        """See `Rules`."""
        if rule.id not in self._built:
            self._say(rule, None, START_SECONDS)
            self._built.add(rule.id)
        return list(self._say(rule, cases, self._seconds))

    def _say(self, rule: Rule, cases: list[Case] | None, seconds: float) -> Any:  # noqa: ANN401
        """Have the worker rate *cases*, or build *rule*; give what the rule gave.

        Raises:
            RuleFault: If it gives nothing.
        """
        said = self._said(pickle.dumps((rule.id, rule.factory, rule.options, cases)), seconds)
        try:
            given, fault = pickle.loads(said)  # noqa: S301  our own worker's
        except Exception as exc:  # of a type that undoes itself
            given, fault = None, place(exc)
        if fault is not None:
            log_place(rule.name, *fault)
            raise RuleFault(word(fault[0]))
        return given

    def _said(self, message: bytes, seconds: float) -> bytes:
        """Send *message* to the worker; give its answer.

        Raises:
            RuleFault: If there is none, in time or at all.
        """
        kind = TIMEOUT
        try:
            line = self._open()
            line.send_bytes(pickle.dumps((seconds, message)))
            if line.poll(seconds):
                return line.recv_bytes()
        except (EOFError, OSError):
            kind = DIED
        self._end()
        raise RuleFault(kind)

    def close(self) -> None:
        """See `Rules`."""
        self._closed = True
        self._end()

    def _open(self) -> Connection:
        """Give the line to a worker, a new one if there is none.

        Raises:
            EOFError: If no more may be asked.
        """
        with self._lock:
            if self._closed:
                raise EOFError
            if self._line is None:
                self._line, other = Pipe()
                with other:
                    self._process = _started(other)
                self._line.send_bytes(pickle.dumps(sys.path))
            return self._line

    def _end(self) -> None:
        """End the worker with all that its rules started."""
        with self._lock:
            if self._process is None or self._line is None:
                return
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._line.close()
            self._process = self._line = None
            self._built.clear()


def _started(line: Connection) -> "subprocess.Popen[bytes]":
    """Start a worker in a session of its own, so that a Ctrl-C is the run's alone to obey."""
    # -P: the folder that a user is in holds no modules of ours.
    command = [sys.executable, "-P", "-m", "dosimeter.engine.worker", str(line.fileno())]
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603  our own module
        command, pass_fds=[line.fileno()], stdin=nowhere, stdout=nowhere, stderr=nowhere,
        start_new_session=True,
    )  # fmt: skip
