"""Everything dosimeter raises on purpose.

::

    DosimeterError                  what a user can act on; the CLI prints it without a traceback
    ├── StackError                  a stack file that cannot be run
    ├── PlanError                   a design that cannot be planned
    ├── RegistryError
    │   ├── UnknownComponent        an id that no loaded plugin provides
    │   ├── DuplicateComponent      two distributions provide one id
    │   └── PluginBroken            a component that did not load, or gave what it must not
    ├── ProviderError               raised by `ModelProvider.generate`
    │   ├── Transient               worth another try
    │   └── Permanent               another try would get the same answer
    │       └── AuthFailed          the endpoint does not accept the credentials
    ├── AttackDiverged              a resumed search asked something else than before
    ├── JournalError
    │   ├── RunLocked               another engine holds the run
    │   ├── RunChanged              the journal was made by a different stack
    │   ├── JournalTooNew           written by a later schema than this version knows
    │   ├── VoteRefused             a draw or a vote that the journal cannot take
    │   └── MergeRefused            journals that are not shards of one design
    ├── AuditError                  results or claims of others that cannot be audited
    ├── CardRefused                 labels that tell nothing of a rater's errors
    ├── CompareRefused              runs that cannot be compared
    │   └── Unlike                  or only if that is asked for
    ├── Stopping                    the run was asked to stop; nothing new may be sent
    │   └── LeaseLost               the work was given to another; its results are not used
    ├── RecordError                 bytes that are no record of the kind that they should be
    ├── WireError                   bytes that are no message between driver and worker
    ├── BudgetSpent                 the run's budget does not cover the next call
    └── Withheld
        ├── Sealed                  the text belongs to a panel whose secret is not here
        └── Purged                  the text was deleted
"""

import math
from typing import Any


class DosimeterError(Exception):
    """Base of all errors that a user can act on."""


class StackError(DosimeterError):
    """A stack file is wrong; the message lists every fault with file, path and what to write.

    Attributes:
        faults: Path and words of each fault, where they can be told apart.
    """

    def __init__(self, message: str, faults: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class PlanError(DosimeterError):
    """The design cannot be planned, for example a panel without items."""


class RegistryError(DosimeterError):
    """A component cannot be had."""


class UnknownComponent(RegistryError):
    """No loaded plugin provides this id."""


class DuplicateComponent(RegistryError):
    """Two distributions provide one id."""


class PluginBroken(RegistryError):
    """The component did not load or could not be built, or gave what its contract does not allow."""


class ProviderError(DosimeterError):
    """A provider could not answer.

    Attributes:
        code: Short machine-readable cause, such as ``"http-429"`` or ``"timeout"``. Never contains
            text of a prompt or a reply.
        usage: What the try cost all the same, a `Usage`, as far as the endpoint said: it is charged.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "provider",
        usage: Any = None,  # noqa: ANN401  its record stands in a room above this one
    ) -> None:
        super().__init__(message)
        self.code = code if isinstance(code, str) and code else "provider"
        self.usage = usage


class Transient(ProviderError):
    """Worth another try: a transport fault, or status 408, 409, 425, 429 or 5xx.

    Attributes:
        retry_after: Seconds the endpoint asked to be left alone, if it said so. A header's text is
            read as a number; what is no number of seconds is None.
        throttled: Whether the endpoint said "too much" (429, overloaded).
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "transient",
        retry_after: float | None = None,
        throttled: bool = False,
        usage: Any = None,  # noqa: ANN401
    ) -> None:
        super().__init__(message, code=code, usage=usage)
        self.retry_after = _seconds(retry_after)
        self.throttled = bool(throttled)


def _seconds(given: Any) -> float | None:  # noqa: ANN401  a plugin may give anything
    try:
        seconds = float(given)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


class Permanent(ProviderError):
    """Another try would get the same answer."""


class AuthFailed(Permanent):
    """The endpoint does not accept the credentials; no call to it can succeed."""


class AttackDiverged(DosimeterError):
    """A resumed search asked something else than the journal says it asked before."""


class JournalError(DosimeterError):
    """A journal cannot be used."""


class RunLocked(JournalError):
    """Another engine holds the run."""


class RunChanged(JournalError):
    """The journal was made by a stack, or by versions, that differ from the present ones."""


class JournalTooNew(JournalError):
    """The journal was written by a later schema than this version knows."""


class VoteRefused(JournalError):
    """A draw or a vote that cannot be taken: the message says what to write instead."""


class MergeRefused(JournalError):
    """Journals that are not shards of one design."""


class AuditError(DosimeterError):
    """Results of others, or claims about them, that cannot be audited; the message says where and why."""


class CardRefused(DosimeterError):
    """Labels that cannot be read, or that tell nothing of a rater's errors."""


class CompareRefused(DosimeterError):
    """Runs that cannot be compared."""


class Unlike(CompareRefused):
    """Runs that measure otherwise, so that they are compared only if that is asked for."""


class Stopping(DosimeterError):
    """The run was asked to stop; nothing new may be sent."""


class LeaseLost(Stopping):
    """The attempt was handed out again under a higher epoch, or has ended."""


class RecordError(DosimeterError):
    """What a journal or a message holds is no record of the kind that it should be."""


class WireError(DosimeterError):
    """Bytes came that are no message between a driver and its worker."""


class BudgetSpent(DosimeterError):
    """The run's budget does not cover the next call."""


class Withheld(DosimeterError):
    """A text is not to be had here."""


class Sealed(Withheld):
    """The text belongs to a panel whose secret is not present."""


class Purged(Withheld):
    """The text was deleted; ratings of it remain."""


def place(exc: BaseException) -> tuple[str, str, int]:
    """Give type, module and line of what was raised: all of a plugin's that can be told."""
    at = exc.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    module = "" if at is None else str(at.tb_frame.f_globals.get("__name__", ""))
    return type(exc).__name__, module, 0 if at is None else at.tb_lineno


def own_place(exc: BaseException, package: str) -> tuple[str, int]:
    """Give the last module and line of *package* on the way to what was raised; empty and 0 if none is."""
    found = "", 0
    at = exc.__traceback__
    while at is not None:
        module = str(at.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == package:
            found = module, at.tb_lineno
        at = at.tb_next
    return found


def raised_at(exc: BaseException) -> str:
    """Say in which module and line *exc* was raised: what can be told where its words may quote."""
    _, module, line = place(exc)
    return f"at {module}:{line}"
