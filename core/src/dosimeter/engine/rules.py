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

from attrs import define, field

from dosimeter.errors import place
from dosimeter.faultlog import log_place
from dosimeter.ids import word
from dosimeter.model.rating import Case

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

    One that was lost once has a worker to itself from then on: no other has to begin anew with it. Each
    case that a rule gets is its own copy: what it does to it, no other rater sees. What it prints goes
    nowhere, as it may quote a reply.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._workers: dict[str, _Worker] = {}
        self._alone: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, rule: Rule, cases: list[Case]) -> list[Any]:
        """See `Rules`."""
        worker = self._worker(rule.id if rule.id in self._alone else "")
        if rule.id not in worker.built:
            self._say(worker, rule, None, START_SECONDS)
            worker.built.add(rule.id)
        return list(self._say(worker, rule, cases, self._seconds))

    def close(self) -> None:
        """See `Rules`."""
        with self._lock:
            self._closed = True
            for worker in self._workers.values():
                worker.end()

    def _worker(self, name: str) -> "_Worker":
        """Give the worker of that name, a new one if there is none.

        Raises:
            RuleFault: If no more may be asked.
        """
        with self._lock:
            if self._closed:
                raise RuleFault(DIED)
            if name not in self._workers:
                self._workers[name] = _Worker.start()
            return self._workers[name]

    def _say(self, worker: "_Worker", rule: Rule, cases: list[Case] | None, seconds: float) -> Any:  # noqa: ANN401
        """Have *worker* rate *cases*, or build *rule*; give what the rule gave.

        Raises:
            RuleFault: If it gives nothing.
        """
        try:
            message = pickle.dumps((rule.id, rule.factory, rule.options, cases))
            said = worker.say(message, seconds)
        except RuleFault:
            self._lose(worker)
            self._alone.add(rule.id)
            raise
        try:
            given, fault = pickle.loads(said)  # noqa: S301  our own worker's
        except Exception as exc:  # of a type that undoes itself
            given, fault = None, place(exc)
        if fault is not None:
            log_place(rule.name, *fault)
            raise RuleFault(word(fault[0]))
        return given

    def _lose(self, worker: "_Worker") -> None:
        with self._lock:
            worker.end()
            self._workers = {n: one for n, one in self._workers.items() if one is not worker}


@define(eq=False)
class _Worker:
    """A process with the line to it; *built* are the rules that it has."""

    process: "subprocess.Popen[bytes]"
    line: Connection
    built: set[str] = field(factory=set)

    @classmethod
    def start(cls) -> "_Worker":
        """Start one."""
        line, other = Pipe()
        with other:
            worker = cls(_started(other), line)
        line.send_bytes(pickle.dumps(sys.path))
        return worker

    def say(self, message: bytes, seconds: float) -> bytes:
        """Send *message*; give the answer.

        Raises:
            RuleFault: If there is none, in time or at all.
        """
        try:
            self.line.send_bytes(pickle.dumps((seconds, message)))
            if self.line.poll(seconds):
                return self.line.recv_bytes()
        except (EOFError, OSError):
            raise RuleFault(DIED) from None
        raise RuleFault(TIMEOUT)

    def end(self) -> None:
        """End the process with all that its rules started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.line.close()


def _started(line: Connection) -> "subprocess.Popen[bytes]":
    """Start a worker in a session of its own, so that a Ctrl-C is the run's alone to obey."""
    # -P: the folder that a user is in holds no modules of ours.
    command = [sys.executable, "-P", "-m", "dosimeter.engine.worker", str(line.fileno())]
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603  our own module
        command, pass_fds=[line.fileno()], stdin=nowhere, stdout=nowhere, stderr=nowhere,
        start_new_session=True,
    )  # fmt: skip
