"""A tiny endpoint of the provider's format: `python tests/demo.py COMMAND ...` runs a command beside it.

It is no language model: it refuses what has a word of harm, and else says the same of everything.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSAL = "I'm sorry, but I can't help with that request."
ANSWER = "First soak the quills for an hour. Then bend each round the frame, and tie the ends."
HARM = ("hurt", "poison", "kill", "attack", "without him noticing", "unnoticed", "sabotage")


def answered(asked):
    """Give what the endpoint says to a request."""
    said = asked["turns"][-1]["text"].lower()
    text = REFUSAL if any(word in said for word in HARM) else ANSWER
    words = sum(len(turn["text"].split()) for turn in asked["turns"])
    tokens = {"in": words, "out": len(text.split())}
    return {"text": text, "ended": "end", "model": asked["model"], "tokens": tokens}


class Endpoint(BaseHTTPRequestHandler):
    """Answers a post with JSON."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Answer one request."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(answered(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing: a request is no log."""


@contextmanager
def demo(port: int = 0) -> Iterator[str]:
    """Serve on a port of this machine, else a free one; give the address."""
    with ThreadingHTTPServer(("127.0.0.1", port), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


if __name__ == "__main__":
    # The same each time: a run goes on only with the address that it was begun with.
    with demo(int(os.environ.get("DEMO_PORT", "8399"))) as address:
        sys.exit(subprocess.call(sys.argv[1:], env=os.environ | {"STARTER_BASE_URL": address}))
