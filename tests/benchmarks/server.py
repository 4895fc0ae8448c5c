"""A loopback chat endpoint in a process of its own, cheap enough never to be what is measured.

Run as a program it prints its port and serves until its standard input closes. With ``--ledger`` it
notes for every answer the time after the bytes were handed to the kernel, the seed of the request
(which names the call) and the status.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

TEXTS = (
    "I'm sorry, but I can't help with that. If somebody is in danger, please call for help.",
    "The history of the subject goes back several centuries. Writers in many countries have"
    " described it, and museums keep early examples. Most accounts agree on its origins and differ"
    " on how it spread; the dates before 1700 are uncertain.",
    "1. Wash the beans and soak them overnight in cold water.\n2. Drain them, then simmer for 40"
    " minutes over a low heat.\n3. Stir in two spoons of oil and a pinch of salt.\n4. Press one"
    " between two fingers: when it gives way evenly, they are done.",
    "I can't give details, but in general you could ask a trained person, read the manual that came"
    " with it, and practise on something that does not matter first.",
)


def answer(body):
    """Give a completion; the same request gets the same words, and another one others.

    Replies that were alike would be stored once, and what is known of one text might be remembered.
    """
    seed = body.get("seed") or 0
    text = f"{TEXTS[seed % len(TEXTS)]} That is answer {seed}."
    return {
        "id": "x", "object": "chat.completion", "created": 0, "model": "loopback-1",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 60, "total_tokens": 100},
    }  # fmt: skip


class Chat(asyncio.Protocol):
    """One connection of HTTP/1.1 with keep-alive."""

    def __init__(self, latency, ledger):
        self._latency, self._ledger, self._got = latency, ledger, b""

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._got += data
        while True:
            head, found, rest = self._got.partition(b"\r\n\r\n")
            if not found:
                return
            size = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < size:
                return
            body, self._got = json.loads(rest[:size]), rest[size:]
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._reply, body)
            else:
                self._reply(body)

    def _reply(self, body):
        if self._transport.is_closing():
            return
        data = json.dumps(answer(body)).encode()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (len(data), data)
        )
        if self._ledger is not None:
            os.write(self._ledger, f"{time.time():.6f} {body.get('seed')}\n".encode())


async def _serve(latency, ledger):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Chat(latency, ledger), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def loopback(latency=0.0, ledger=None):
    """Serve in another process; give the base URL."""
    command = [sys.executable, __file__, "--latency", str(latency)]
    command += ["--ledger", str(ledger)] if ledger else []
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(10)


def entries(ledger):
    """Read a ledger: (finished at, seed) a line; a line still being written is left out."""
    lines = Path(ledger).read_text().split("\n")[:-1]
    return [(float(t), int(seed)) for t, seed in (line.split() for line in lines)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--ledger")
    given = parser.parse_args()
    file = given.ledger and os.open(given.ledger, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    asyncio.run(_serve(given.latency, file if given.ledger else None))
