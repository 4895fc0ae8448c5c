"""A server on the loopback that answers as it is told, so that a provider's failures can be tried."""

import asyncio
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from attrs import frozen

from dosimeter.model.conversation import Pairs

HOST = "127.0.0.1"
LOOK_SECONDS = 0.005
PIECE_SECONDS = 0.01
HOLD_SECONDS = 3.0
"""After which what is held back is answered all the same."""


@frozen(kw_only=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Pairs
    body: bytes

    @property
    def said(self) -> str:
        """Path and body as text, a character for each byte."""
        return f"{self.path}\n{self.body.decode('latin-1')}"

    @property
    def head(self) -> str:
        """The headers as text."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers)


@frozen(kw_only=True)
class Answer:
    """What is answered.

    Attributes:
        silent: Closes the connection without a word.
        cut: Closes it after half of the body.
        until: Is waited for, `HOLD_SECONDS` at most.
        pieces: Are sent one by one, with a pause between them, in place of the body.
    """

    status: int = 200
    body: bytes = b""
    headers: Pairs = ()
    silent: bool = False
    cut: bool = False
    until: threading.Event | None = None
    pieces: tuple[bytes, ...] = ()


async def true_within(seconds: float, true: Callable[[], bool]) -> bool:
    """Look again and again whether something is *true*, for so many *seconds*; say whether it came to be."""
    for _ in range(int(seconds / LOOK_SECONDS)):
        if true():
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return true()


class Server:
    """Answers every request by a function of it, while its context lasts.

    Attributes:
        asked: What came, in its order, but for what is canned.
        beside: What came at the paths of *also*, which are answered as they are there.
        came: Set by the first request of *asked*.
        open: Connections that are open.
        waited_out: Answers that were held back and that nobody let go.
    """

    def __init__(
        self, answer: Callable[[Asked], Answer], also: tuple[tuple[str, bytes], ...] = ()
    ) -> None:
        self.asked: list[Asked] = []
        self.beside: list[Asked] = []
        self._also = dict(also)
        self.came = threading.Event()
        self.open = self.waited_out = self.port = 0
        self._answer = answer
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kit-server", daemon=True)

    @property
    def address(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def idle(self, seconds: float) -> bool:
        """Say whether every connection is closed within so many *seconds*."""
        end = time.monotonic() + seconds
        while self.open and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        return not self.open

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while True:
                if not await self._reply(self._told(await _read(reader)), reader, writer):
                    break
        except (OSError, EOFError, ValueError, asyncio.CancelledError):
            pass  # the client went, or speaks something else, or the server ends
        finally:
            self.open -= 1
            writer.close()

    def _told(self, asked: Asked) -> Answer:
        """Note what came, and give the answer."""
        canned = self._also.get(asked.path.partition("?")[0])
        if canned is not None:
            self.beside.append(asked)
            return Answer(body=canned, headers=(("Content-Type", "application/json"),))
        self.asked.append(asked)
        self.came.set()
        return self._answer(asked)

    async def _reply(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer; say whether the connection stays."""
        if answer.until is not None and not await self._held(answer.until, reader):
            return False
        if answer.silent:
            return False
        length = ("Content-Length", str(len(answer.body)))
        framed = ("Transfer-Encoding", "chunked") if answer.pieces else length
        lines = (f"HTTP/1.1 {answer.status} Told", *map(": ".join, (framed, *answer.headers)))
        writer.write("\r\n".join((*lines, "", "")).encode("latin-1"))
        if answer.pieces:
            await _piecewise(answer.pieces, writer)
        else:
            writer.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        await writer.drain()
        return not answer.cut

    async def _held(self, until: threading.Event, reader: asyncio.StreamReader) -> bool:
        """Wait; say whether the client is still there."""
        await true_within(HOLD_SECONDS, lambda: until.is_set() or reader.at_eof())
        there = not reader.at_eof()
        self.waited_out += there and not until.is_set()
        return there


async def _piecewise(pieces: tuple[bytes, ...], writer: asyncio.StreamWriter) -> None:
    """Send chunks so far apart that a client reads them one by one."""
    for piece in pieces:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
        await asyncio.sleep(PIECE_SECONDS)
    writer.write(b"0\r\n\r\n")


async def _read(reader: asyncio.StreamReader) -> Asked:
    """Read a request.

    Raises:
        EOFError: If there is none, or not all of it.
        ValueError: If it is none.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = tuple(_header(line) for line in lines)
    named = dict(headers)
    if named.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(named.get("content-length", 0)))
    return Asked(method=method, path=path, headers=headers, body=body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        whole += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return whole
