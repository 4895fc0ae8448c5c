"""The kit's server: what it is told to answer, it answers, and what it was asked, it has."""

import http.client
import socket
import threading

import pytest

from dosimeter.testing.server import Answer, Server


def ask(server, body=b"what?", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("POST", "/v1/ask?x=1", body=body, headers=headers)
    answer = connection.getresponse()
    got = answer.status, answer.getheader("Retry-After"), answer.read()
    connection.close()
    return got


def test_it_answers_by_the_request_and_keeps_it():
    """Status, headers and body as told; path, headers and body as they came."""
    with Server(
        lambda asked: Answer(status=429, body=asked.body * 2, headers=(("Retry-After", "7"),))
    ) as server:
        assert ask(server, **{"X-Key": "k"}) == (429, "7", b"what?what?")
        assert server.idle(5)

    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/ask?x=1", b"what?")
    assert "x-key: k" in asked.head
    assert asked.said == "/v1/ask?x=1\nwhat?"


def test_a_body_in_pieces_is_put_together():
    """Some clients send no length."""
    with Server(lambda _: Answer()) as server:
        ask(server, body=iter([b"one", b"two"]))

    assert server.asked[0].body == b"onetwo"


def test_an_answer_can_come_in_pieces():
    """Far enough apart that a client reads them one by one."""
    with Server(lambda _: Answer(pieces=(b"gl", b"aze"))) as server:
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        read = [client.recv(1000), client.recv(1000)]
        client.close()
        assert ask(server)[2] == b"glaze"

    assert not any(b"gl" in one and b"aze" in one for one in read)


def test_what_is_canned_is_answered_and_kept_apart():
    """By its path, whatever stands behind it."""
    with Server(lambda _: Answer(status=500), also=(("/v1/ask", b"{}"),)) as server:
        assert ask(server) == (200, None, b"{}")
        assert not server.came.is_set()

    assert (len(server.asked), len(server.beside)) == (0, 1)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(silent=True), http.client.RemoteDisconnected),
        (Answer(body=b"1234", cut=True), http.client.IncompleteRead),
    ],
)
def test_it_can_hang_up(answer, fault):
    """At once, or in the middle of the body."""
    with Server(lambda _: answer) as server, pytest.raises(fault):
        ask(server)


def test_it_waits_until_it_is_let_go_or_left():
    """And sees when the client goes."""
    free = threading.Event()
    with Server(lambda _: Answer(until=free)) as server:
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        assert server.came.wait(5)
        assert not server.idle(0.05)
        client.close()
        assert server.idle(5)
        assert server.waited_out == 0
        free.set()
        assert ask(server)[0] == 200
