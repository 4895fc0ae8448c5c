"""A headless Chromium, driven over a pipe with nothing but the standard library."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PATIENCE = 60.0
START = """
import fcntl, os, sys
r, w = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3])
os.dup2(r, 3)
os.dup2(w, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads commands from descriptor 3 and writes answers to descriptor 4."""


def binary():
    """Give the browser's path: `DOSIMETER_CHROMIUM`, or what is installed; None if there is none."""
    told = os.environ.get("DOSIMETER_CHROMIUM")
    return told or next((path for n in NAMES if (path := shutil.which(n))), None)


class Chromium:
    """One browser with one page. Everything that it was sent is kept in *events*."""

    def __init__(self, path, profile):
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        self._child = subprocess.Popen(
            [sys.executable, "-c", START, str(to_read), str(to_write),
             path, *QUIET, *root, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._buffer, self._last, self._session = b"", 0, None
        self.events = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        found = self("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self(f"{domain}.enable")

    def __call__(self, method, **params):
        """Send a command and give its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._until(lambda m: m.get("id") == self._last)["result"]

    def open(self, url):
        """Load a page and forget what came before."""
        self.events.clear()
        self("Page.navigate", url=url)
        self._until(lambda m: m.get("method") == "Page.loadEventFired")

    def size(self, width, height=900):
        """Make the window *width* wide."""
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)  # fmt: skip

    def media(self, kind="screen", scheme="light"):
        """Pretend to be a printer, or to be dark."""
        dark = [{"name": "prefers-color-scheme", "value": scheme}]
        self("Emulation.setEmulatedMedia", media=kind, features=dark)

    def value(self, expression):
        """Give what an expression is in the page."""
        found = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression):
        """Wait until an expression holds in the page."""
        end = time.monotonic() + PATIENCE
        while not self.value(expression):
            assert time.monotonic() < end, expression
            time.sleep(0.02)

    def picture(self, *, whole=False):
        """Give the page as PNG."""
        return base64.b64decode(self("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def close(self):
        """End the browser."""
        os.close(self._write)
        self._child.terminate()
        self._child.wait(PATIENCE)
        os.close(self._read)

    def _until(self, fits):
        end = time.monotonic() + PATIENCE
        while True:
            while b"\0" in self._buffer:
                raw, self._buffer = self._buffer.split(b"\0", 1)
                message = json.loads(raw)
                if fits(message):
                    assert "error" not in message, message["error"]
                    return message
                if "method" in message:
                    self.events.append(message)
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                msg = "the browser does not answer"
                raise TimeoutError(msg)
            piece = os.read(self._read, 1 << 20)
            if not piece:
                msg = "the browser ended"
                raise EOFError(msg)
            self._buffer += piece
