"""What a worker at the far end of a wire says to its driver, and what it is answered."""

from attrs import field, frozen

from dosimeter.model.work import (
    CallDone,
    Cost,
    Credentials,
    Holder,
    Lease,
    Permit,
    Try,
    WorkDone,
)


@frozen(kw_only=True)
class AskPermit:
    """`Host.permit`."""

    endpoint: str
    estimate: Cost
    holder: Holder


@frozen(kw_only=True)
class AskSettle:
    """`Host.settle`."""

    permit: Permit
    outcome: Try


@frozen(kw_only=True)
class AskRecord:
    """`Host.record`; exactly one of the two is given."""

    call: CallDone | None = None
    work: WorkDone | None = None


@frozen(kw_only=True)
class AskRenew:
    """`Host.renew`."""

    attempt_id: str
    epoch: int


@frozen(kw_only=True)
class AskCredentials:
    """`Host.credentials`."""

    owner: str


@frozen(kw_only=True)
class AskHalt:
    """`Host.halt`."""


@frozen(kw_only=True)
class Settled:
    """Answers `AskSettle`."""

    wait: float | None = None


@frozen(kw_only=True)
class Recorded:
    """Answers `AskRecord`."""

    used: bool


@frozen(kw_only=True)
class Renewed:
    """Answers `AskRenew`."""

    lease: Lease | None = None


@frozen(kw_only=True)
class Halted:
    """Answers `AskHalt`."""


@frozen(kw_only=True)
class Refused:
    """Answers any question that the host raised an error at.

    Attributes:
        error: Name of the exception's class.
        code: A provider error's own.
    """

    error: str
    message: str = field(repr=False)
    code: str = ""


@frozen(kw_only=True)
class Ended:
    """The last that a worker says of a lease.

    Attributes:
        error: Name of the class of what went wrong; empty if nothing did.
        message: For people: only of errors that dosimeter raises on purpose.
    """

    attempt_id: str
    epoch: int
    error: str = ""
    message: str = field(default="", repr=False)


Question = AskPermit | AskSettle | AskRecord | AskRenew | AskCredentials | AskHalt
Answer = Permit | Settled | Recorded | Renewed | Credentials | Halted | Refused
Wire = Lease | Question | Answer | Ended
"""Everything that goes over a wire."""
