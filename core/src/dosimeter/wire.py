"""The wire form of leases and host calls, and both ends of it.

A message is its name, a serial number and the record as JSON: bytes, that any pipe, socket or queue
carries. Nothing is ever unpickled. Executors find all of it in `dosimeter.execute`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, get_args

import attrs

from dosimeter import errors
from dosimeter.contracts import Host
from dosimeter.errors import DosimeterError, ProviderError, RecordError, Sealed, Stopping, WireError
from dosimeter.model.wire import (
    Answer,
    AskCredentials,
    AskHalt,
    AskPermit,
    AskRecord,
    AskRenew,
    AskSettle,
    Ended,
    Halted,
    Question,
    Recorded,
    Refused,
    Renewed,
    Settled,
    Wire,
)
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
from dosimeter.serialize import from_json, to_json

T = TypeVar("T")
KINDS: dict[str, type] = {cls.__name__: cls for cls in get_args(Wire)}
Send = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[bytes]]
"""Gives the next message; raises EOFError when there will be none."""


def encode(record: Wire, serial: int = 0) -> bytes:
    """Give *record* as bytes. The key of a lease's seal stays here; `unseal` asks for it.

    Args:
        record: A lease, a question to the host, its answer, or the end.
        serial: Ties an answer to its question.
    """
    if isinstance(record, Lease) and record.seal.key:
        record = attrs.evolve(record, seal=attrs.evolve(record.seal, key=b""))
    return f"{type(record).__name__} {serial}\n".encode("ascii") + to_json(record)


async def unseal(lease: Lease, host: Host) -> Lease:
    """Give *lease* with the key of its seal, which never travels in a lease.

    Raises:
        Sealed: If the host does not have it.
    """
    if not lease.seal.panel or lease.seal.key:
        return lease
    found = dict((await host.credentials(f"seal:{lease.seal.panel}")).values)
    if "key" not in found:
        msg = f"the driver has no key for panel {lease.seal.panel!r}"
        raise Sealed(msg)
    key = bytes.fromhex(found["key"])
    return attrs.evolve(lease, seal=attrs.evolve(lease.seal, key=key))


def decode(data: bytes) -> tuple[int, Wire]:
    """Undo `encode`: the serial number and the record.

    Raises:
        WireError: If *data* is none of the messages that `encode` makes.
    """
    head, _, body = data.partition(b"\n")
    name, _, serial = head.decode("ascii", "replace").partition(" ")
    try:
        record: Wire = from_json(body, KINDS[name])
        return int(serial), record
    except (KeyError, ValueError, RecordError) as exc:
        msg = f"{len(data)} bytes that are no message of this version of dosimeter ({name[:40]!r})"
        raise WireError(msg) from exc


# -- the worker's end -----------------------------------------------------------------------------


class RemoteHost:
    """The driver as a worker sees it over a wire: a `Host`.

    Attributes:
        gone: Whether the other end hung up; every call raises `Stopping` then.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._serial = 0
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self.gone = False

    async def _ask(self, question: Question) -> Answer:
        if self.gone:
            raise Stopping("the driver is gone")
        self._serial += 1
        serial = self._serial
        turn: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[serial] = turn
        try:
            await self._send(encode(question, serial))
            answer = await turn
        finally:
            self._waiting.pop(serial, None)
        if isinstance(answer, Refused):
            raise _error(answer)
        return answer

    def hear(self, data: bytes) -> None:
        """Take in an answer.

        Raises:
            WireError: If it is none.
        """
        serial, record = decode(data)
        turn = self._waiting.get(serial)
        if turn is not None and not turn.done():
            turn.set_result(record)  # type: ignore[arg-type]

    def hang_up(self) -> None:
        """Say that no answer will come any more."""
        self.gone = True
        for turn in self._waiting.values():
            if not turn.done():
                turn.set_exception(Stopping("the driver is gone"))

    async def permit(self, endpoint: str, estimate: Cost, holder: Holder) -> Permit:
        """See `dosimeter.Host`."""
        return _is(
            Permit, await self._ask(AskPermit(endpoint=endpoint, estimate=estimate, holder=holder))
        )

    async def settle(self, permit: Permit, outcome: Try) -> float | None:
        """See `dosimeter.Host`."""
        return _is(Settled, await self._ask(AskSettle(permit=permit, outcome=outcome))).wait

    async def record(self, done: CallDone | WorkDone) -> bool:
        """See `dosimeter.Host`."""
        if isinstance(done, CallDone):
            return _is(Recorded, await self._ask(AskRecord(call=done))).used
        return _is(Recorded, await self._ask(AskRecord(work=done))).used

    async def renew(self, attempt_id: str, epoch: int) -> Lease | None:
        """See `dosimeter.Host`."""
        question = AskRenew(attempt_id=attempt_id, epoch=epoch)
        return _is(Renewed, await self._ask(question)).lease

    async def credentials(self, owner: str) -> Credentials:
        """See `dosimeter.Host`."""
        return _is(Credentials, await self._ask(AskCredentials(owner=owner)))

    async def halt(self) -> None:
        """See `dosimeter.Host`."""
        _is(Halted, await self._ask(AskHalt()))


def _is(kind: type[T], answer: object) -> T:
    if not isinstance(answer, kind):
        msg = f"expected {kind.__name__}, was answered {type(answer).__name__}"
        raise WireError(msg)
    return answer


def _error(refused: Refused) -> DosimeterError:
    """Give the error that the host raised, as the class that it was."""
    kind = getattr(errors, refused.error, None)
    if not (isinstance(kind, type) and issubclass(kind, DosimeterError)):
        return DosimeterError(refused.message)
    if issubclass(kind, ProviderError):
        return kind(refused.message, code=refused.code)
    made: DosimeterError = kind(refused.message)
    return made


# -- the driver's end -----------------------------------------------------------------------------


async def answer(host: Host, data: bytes) -> bytes:
    """Do on *host* what a worker asks for, and give the answer as bytes.

    What the host raises on purpose goes back to the worker as the same error.

    Raises:
        WireError: If *data* is no question.
    """
    serial, question = decode(data)
    try:
        return encode(await _do(host, question), serial)
    except DosimeterError as exc:
        if isinstance(exc, WireError):
            raise
        code = exc.code if isinstance(exc, ProviderError) else ""
        return encode(Refused(error=type(exc).__name__, message=str(exc), code=code), serial)


async def _do(host: Host, question: Wire) -> Answer:
    match question:
        case AskPermit(endpoint=endpoint, estimate=estimate, holder=holder):
            return await host.permit(endpoint, estimate, holder)
        case AskSettle(permit=permit, outcome=outcome):
            return Settled(wait=await host.settle(permit, outcome))
        case AskRecord(call=CallDone() as call):
            return Recorded(used=await host.record(call))
        case AskRecord(work=WorkDone() as work):
            return Recorded(used=await host.record(work))
        case AskRenew(attempt_id=attempt_id, epoch=epoch):
            return Renewed(lease=await host.renew(attempt_id, epoch))
        case AskCredentials(owner=owner):
            return await host.credentials(owner)
        case AskHalt():
            await host.halt()
            return Halted()
        case _:
            msg = f"a {type(question).__name__} is no question"
            raise WireError(msg)


RESULTS = (b"AskSettle ", b"AskRecord ")
"""How messages begin that hand over what a worker has; the others ask for something."""


async def attend(lease: Lease, host: Host, receive: Receive, send: Send) -> bool:
    """Hand *lease* to a worker and answer what it asks, until it is through.

    Returns:
        False if the line went dead before the end: `Host.renew` the lease then.

    Raises:
        DosimeterError: What stopped the worker.
    """
    asking: set[asyncio.Task[bytes]] = set()
    told: set[asyncio.Task[bytes]] = set()
    sending: set[asyncio.Task[None]] = set()

    async def reply(answered: asyncio.Task[bytes]) -> None:
        await send(await asyncio.shield(answered))

    try:
        await send(encode(lease))
        while True:
            data = await receive()
            ended = _ended(data)
            if ended is not None:
                if ended.error:
                    raise _error(Refused(error=ended.error, message=ended.message))
                return True
            answered = asyncio.create_task(answer(host, data))
            _until_done(answered, told if data.startswith(RESULTS) else asking)
            _until_done(asyncio.create_task(reply(answered)), sending)
    except (EOFError, ConnectionError):
        for task in (*asking, *sending):  # nobody is left who could use or hear it
            task.cancel()
        # What came before the line went dead is paid for.
        await asyncio.gather(*told, return_exceptions=True)
        return False
    finally:
        for task in (*asking, *told, *sending):
            task.cancel()


def _until_done(task: asyncio.Task[T], held: set[asyncio.Task[T]]) -> None:
    """Keep *task* among those *held* for as long as it runs."""
    held.add(task)
    task.add_done_callback(held.discard)


def _ended(data: bytes) -> Ended | None:
    if not data.startswith(b"Ended "):
        return None
    _, record = decode(data)
    return _is(Ended, record)
