"""A streamed answer is read by lines, and what breaks off, hangs or goes on for ever is no answer."""

import asyncio
import threading
import time

import pytest

from dosimeter import Permanent, ProviderError, Transient
from dosimeter.http import client, direct
from dosimeter.http.stream import streamed
from dosimeter.testing.server import Answer, Server

BODY = "one é\r\n\ntwo\nend\n".encode()


async def read(address, idle):
    http, found = client(f"{address}/"), []
    try:
        async with streamed(http, "s", {"q": 1}, headers={"x-t": "t"}, idle_seconds=idle) as lines:
            async for line in lines:
                found.append(line.decode())
                if line == b"end":
                    break
        return found
    finally:
        await http.aclose()


def got(answer, idle=5.0):
    with Server(lambda _: answer) as server:
        lines = asyncio.run(read(server.address, idle))
        assert server.idle(5)
    return lines, server.asked[0]


def pieces(*cuts):
    return tuple(BODY[a:b] for a, b in zip((0, *cuts), (*cuts, len(BODY)), strict=True))


@pytest.mark.parametrize(
    "answer", [Answer(body=BODY), Answer(pieces=pieces(5, 9)), Answer(body=BODY[:-1])]
)
def test_lines_come_whole_and_none_is_blank(answer):
    """However the answer was cut on its way; the last may lack its end."""
    lines, asked = got(answer)

    assert lines == ["one é", "two", "end"]
    assert (asked.body, dict(asked.headers)["x-t"]) == (b'{"q":1}', "t")


@pytest.mark.parametrize("body", [b"", BODY[:9], BODY[:-4]])
def test_an_answer_that_does_not_say_that_it_is_whole_is_none(body):
    """Whether HTTP says so or not."""
    with pytest.raises(Transient) as caught:
        got(Answer(body=body))

    assert caught.value.code == "stream-broken"


def test_an_answer_that_breaks_off_was_reached():
    """The message says which, and quotes nothing of it."""
    with pytest.raises(Transient, match="was reached and broke off") as caught:
        got(Answer(body=b"quillfeather\n" * 9, cut=True))

    assert caught.value.code.startswith("transport:")
    assert "quill" not in repr(caught.value)


def test_an_answer_that_falls_silent_is_given_up():
    """After the seconds that its provider gives it, and not those of the whole try."""
    slow = Answer(pieces=(b"one\n", *(b"." for _ in range(9)), b"\nend\n"))
    assert got(slow, idle=1.0)[0][-1] == "end"

    async def hangs(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\none\n")
        await reader.read()

    async def job():
        server = await asyncio.start_server(hangs, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            await read(f"http://127.0.0.1:{port}", 0.2)
        server.close()
        return caught.value.code, time.monotonic() - began < 3

    assert asyncio.run(job()) == ("stream-hung", True)


def test_an_answer_that_never_ends_is_refused():
    """It would fill the memory."""
    with pytest.raises(Permanent) as caught:
        got(Answer(body=b"a\n" * (direct.MOST_BYTES // 2 + 1)))

    assert caught.value.code == "too-large"


def test_a_status_means_what_it_means_of_any_answer():
    """With its own wait."""
    with pytest.raises(ProviderError) as caught:
        got(Answer(status=429, body=b"{}", headers=(("Retry-After", "7"),)))

    assert (caught.value.code, caught.value.retry_after) == ("http-429", 7.0)


def test_a_call_that_is_given_up_lets_its_connection_go():
    """Cancelled in mid-stream."""
    never = threading.Event()

    async def job(server):
        call = asyncio.create_task(read(server.address, 60.0))
        await asyncio.to_thread(server.came.wait, 5)
        call.cancel()
        await asyncio.wait({call})
        return call.cancelled()

    with Server(lambda _: Answer(until=never)) as server:
        assert asyncio.run(job(server))
        assert server.idle(2)
