"""Running dosimeter and bare loops as children, and what the kernel says they took."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attrs import frozen

HERE = Path(__file__).parent
STACK = """
name = "bench"
[targets.loopback]
model = "openai/any"
base_url = "{url}"
[[categories]]
id = "bench"
items = {items}
attacks = ["direct", "role-play"]
{raters}
[[sinks]]
id = "json"
[run]
seed = 7
max_connections = {connections}
"""
CHEAP, SHIPPED = ("length",), ("refusal", "actionability")
ATTACKS = 2


@frozen(kw_only=True)
class Took:
    """What one child took.

    Attributes:
        cpu: Seconds of user and system time, all threads.
        peak: Most memory it held, in MB.
    """

    wall: float
    cpu: float
    peak: float
    output: str


def environment():
    """Give the environment of a child: the bench plugin is installed, no settings are inherited."""
    # Without byte code each child would compile all that it imports, which no user's does.
    drop = ("OPENAI_", "DOSIMETER_", "PYTHONDONTWRITEBYTECODE")
    keep = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    return keep | {"PYTHONPATH": str(HERE / "plugin")}


def child(command, cwd=None, expect=0):
    """Run *command* to its end."""
    with tempfile.NamedTemporaryFile() as report:
        launch = [sys.executable, "-I", "-S", HERE / "launch.py", report.name, *command]
        began = time.monotonic()
        done = subprocess.run(
            [str(c) for c in launch], cwd=cwd, env=environment(), capture_output=True, text=True
        )
        wall = time.monotonic() - began
        if done.returncode != expect:
            raise RuntimeError(
                f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        cpu, peak = map(float, report.read().split())
    return Took(wall=wall, cpu=cpu, peak=peak / 1024, output=done.stdout)


def write_stack(folder, url, attempts, connections, raters):
    """Write the stack of a run of *attempts* attempts into an emptied *folder*."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = STACK.format(
        url=url, items=attempts // ATTACKS, connections=connections,
        raters="\n".join(f'[[raters]]\nid = "{r}"' for r in raters),
    )  # fmt: skip
    (folder / "stack.toml").write_text(text)


DOSIMETER = (sys.executable, "-m", "dosimeter")


def run(folder, url, attempts, connections, raters=CHEAP, program=DOSIMETER):
    """Run dosimeter to its end, everything on: journal, raters, report, JSON sink."""
    write_stack(folder, url, attempts, connections, raters)
    return child([*program, "run", "stack.toml", "--quiet"], cwd=folder)


def journal(folder):
    """Give the journal that `run` left in *folder*."""
    return folder / "runs" / "bench" / "journal.sqlite"


def bare(url, requests, connections, transport="aiohttp"):
    """Run a bare client loop that sends the same bodies and parses the replies."""
    return child([sys.executable, HERE / "bare.py", url, requests, connections, transport])
