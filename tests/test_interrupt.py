"""Ctrl-C and SIGTERM: what is in flight, what is kept, and how to go on."""

import shlex
import signal
import subprocess
import sys
import time

import pytest
from ledger import Ledger
from pages import ROOT
from plant import plant
from project import answers, remote, wait_until

from dosimeter.engine.run import Control


def interrupt(process, *, twice=False, how=signal.SIGINT):
    """Signal *process*; give its last words, and the seconds that it took from the last signal."""
    process.send_signal(how)
    if twice:
        time.sleep(0.3)  # or the kernel may make one of two
        process.send_signal(how)
    began = time.monotonic()
    _, err = process.communicate(timeout=80)
    assert process.returncode == 130, err
    return err, time.monotonic() - began


def test_interrupt_once_finishes_what_is_in_flight(project):
    """Exit 130 with the command that goes on; then it goes on."""
    with Ledger(latency=0.3) as server:
        project.write(remote(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        wait_until(process, lambda: len(server.entries) >= 6)
        err, _ = interrupt(process)
        answered = len({k for _, k, _ in server.entries})

        assert "dosimeter run stack.toml --quiet" in err
        assert "exit code" not in err  # of the report: the command's own is 130
        assert project.rows("SELECT count(*) FROM calls")[0][0] == answered
        project.run(check=0)
        assert len(server.entries) == len({k for _, k, _ in server.entries})


def test_interrupt_twice_stops_now_and_loses_nothing_received(project):
    """Calls that would take a minute are not waited for; what was answered before is kept."""
    with Ledger() as server:
        server.delay = lambda: 60 if len(server.entries) >= 6 else 0
        project.write(remote(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        wait_until(process, lambda: server.in_flight >= 4 and len(server.entries) >= 6)
        _, took = interrupt(process, twice=True)
        kept, answered = project.rows("SELECT count(*) FROM calls")[0][0], len(server.entries)
        server.delay = lambda: 0
        project.run(check=0)

    assert took < 10
    assert kept == answered >= 6
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


BRIEFLY = """
import sys
from dosimeter.cli.run import command
told = {"debug": False, "log_format": "text", "log_level": "warning", "grace": 3.0}
sys.exit(command.main(sys.argv[2:], obj=told, standalone_mode=False))
"""
"""`dosimeter run` with 3 seconds for calls in flight instead of 30."""


def test_interrupt_once_gives_up_what_outlasts_the_grace(project):
    """What is answered within it is kept; a call of a minute is cut, and the run says how to go on."""
    delays = dict.fromkeys(range(1, 7), 0) | {7: 1}
    with Ledger() as server:
        server.delay = lambda: delays.get(len(server.arrivals), 60)
        project.write(remote(server.url), run="max_connections = 4")
        words = [sys.executable, "-c", BRIEFLY, "run", "stack.toml", "--quiet"]
        process = subprocess.Popen(
            words, cwd=project.path, env=project.env, stderr=subprocess.PIPE, text=True
        )
        wait_until(process, lambda: len(server.arrivals) >= 10)
        err, took = interrupt(process)
        kept, answered, sent = answers(project), len(server.entries), len(server.arrivals)
        whole = project.rows("PRAGMA integrity_check")
        report = project.report()
        server.delay = lambda: 0
        project.run(check=0)

    assert 2.5 < took < 10
    assert kept == answered >= 7
    assert sent > answered
    assert "go on with:\n" in err
    assert "dosimeter run stack.toml --quiet" in err
    assert "Traceback" not in err
    assert whole == [("ok",)]
    assert report["complete"] is False
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert len(server.entries) == len({key for _, key, _ in server.entries})


def test_the_grace_is_what_the_page_says():
    """Whoever waits knows for how long."""
    assert f"have {Control().grace:.0f} seconds to finish" in (ROOT / "docs" / "cli.md").read_text()


NATIVE = """
import asyncio, time
from concurrent.futures import ThreadPoolExecutor
from dosimeter import *
from attrs import frozen

@frozen(kw_only=True)
class Options:
    quick: int = option(operational=True, default=10_000, help="calls before it takes its time")
    stubborn: bool = option(operational=True, default=False, help="refuses to be cancelled")

class Native:
    def __init__(self, options):
        self._o, self._n, self._pool = options, 0, ThreadPoolExecutor(2)
    async def generate(self, request):
        self._n += 1
        if self._n > self._o.quick:
            loop = asyncio.get_running_loop()
            while True:
                try:
                    await loop.run_in_executor(self._pool, time.sleep, 90)
                except asyncio.CancelledError:
                    if not self._o.stubborn:
                        raise
        said = Message(speaker=Speaker.ASSISTANT, parts=(Text(text="Noted."),))
        return Reply(messages=(said,), stop=Stop.END)
    async def aclose(self):
        self._pool.shutdown()

def build(model, options):
    return Native(options)

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="native", summary="s", factory="native_pack:build", options=Options)]
"""


@pytest.mark.parametrize("stubborn", ["false", "true"])
def test_interrupt_twice_waits_for_no_thread(project, tmp_path, stubborn):
    """A model that computes in this process cannot be stopped; the process ends all the same."""
    project.env["PYTHONPATH"] = str(plant(tmp_path / "site", "native-pack", NATIVE))
    target = f'[targets.known]\nmodel = "native/any"\nquick = 6\nstubborn = {stubborn}\n'
    project.write(target, run="max_connections = 2", attacks='["direct"]')
    process = project.start("--quiet")
    wait_until(process, lambda: answers(project) >= 6, every=0.1)
    err, took = interrupt(process, twice=True)

    assert took < 15
    assert "go on with" in err
    assert "Traceback" not in err
    assert (project.folder() / "report.json").exists()
    assert project.rows("PRAGMA integrity_check") == [("ok",)]
    assert answers(project) == 6
    project.run("--set", "targets.known.quick=1000", check=0)
    assert answers(project) == 32


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_that_goes_on_is_quoted_for_the_shell(project, how):
    """Typed as it stands it means the same, with blanks, quotes and semicolons."""
    odd = """targets.remote.system='Be brief; and "kind".'"""
    with Ledger(latency=0.3) as server:
        project.write(remote(server.url), run="max_connections = 1")
        process = project.start("--quiet", "--set", odd)
        wait_until(process, lambda: server.entries)
        err, _ = interrupt(process, how=how)

    (told,) = [one.strip() for one in err.splitlines() if "dosimeter run" in one]
    words = shlex.split(told)
    assert words[words.index("dosimeter") :] == [
        *["dosimeter", "run", "stack.toml", "--quiet", "--set"],
        odd,
    ]


IMPATIENT = """
import sys
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "{}":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Impatient())
sys.argv[1:] = ["plan", "none.toml"]
from dosimeter.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["dosimeter.cli.main", "click", "dosimeter.cli.plan", "cattrs"])
def test_an_interrupt_while_modules_are_imported_is_no_traceback(project, module):
    """Exit code 130, as at any other time."""
    done = subprocess.run(
        [sys.executable, "-c", IMPATIENT.format(module)], cwd=project.path, env=project.env,
        capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stderr.strip()) == (130, "")


@pytest.mark.parametrize("status", [429, 503])
def test_interrupt_once_waits_for_no_retry(project, status):
    """With nothing in flight, the run ends at once, however long the endpoint wants to be left alone."""
    with Ledger(lambda _: (status, {"error": {}}, {"Retry-After": "300"})) as server:
        project.write(remote(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        wait_until(process, lambda: server.entries and not server.in_flight)
        time.sleep(0.5)  # so that every call waits for its next try
        _, took = interrupt(process)

    assert took < 8


SLOW = """
import pathlib, time
from dosimeter import *

class Slow:
    def write(self, report, evidence, out):
        pathlib.Path("at-the-report").touch()
        time.sleep(90)

def build(_):
    return Slow()

@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id="slow", summary="s", factory="slow_pack:build")]
"""


def test_a_thread_that_outlives_its_time_keeps_no_report_back(project, tmp_path):
    """Its calls failed long ago: the run reports and ends."""
    project.env["PYTHONPATH"] = str(plant(tmp_path / "site", "native-pack", NATIVE))
    target = '[targets.known]\nmodel = "native/any"\nquick = 30\n'
    project.write(target, run="timeout = 1.0\nmax_retries = 0", attacks='["direct"]')
    began = time.monotonic()
    done = project.run(check=3)

    assert time.monotonic() - began < 60
    assert project.report()["complete"] is False
    assert "timeout" in done.stderr


LAST = """
import asyncio, pathlib, time
from dosimeter import *

class Last:
    async def generate(self, request):
        said = Message(speaker=Speaker.ASSISTANT, parts=(Text(text="Noted."),))
        return Reply(messages=(said,), stop=Stop.END)
    async def aclose(self):
        pathlib.Path("closing").touch()
        thread = asyncio.to_thread(time.sleep, 90)
        while True:
            try:
                await asyncio.gather(thread, asyncio.Event().wait())
            except asyncio.CancelledError:
                thread = asyncio.sleep(90)

def build(model, options):
    return Last()

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="last", summary="s", factory="last_pack:build")]
"""


@pytest.mark.parametrize("patient", [True, False])
def test_a_provider_that_never_closes_keeps_no_report_back(project, tmp_path, patient):
    """The report is made after a while, or at once if the user asks."""
    project.env["PYTHONPATH"] = str(plant(tmp_path / "site", "last-pack", LAST))
    project.write('[targets.known]\nmodel = "last/any"\n', attacks='["direct"]')
    process = project.start("--quiet", "--limit", "2")
    wait_until(process, (tmp_path / "closing").exists)
    began = time.monotonic()
    if not patient:
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert "Task" not in err
    assert time.monotonic() - began < (30 if patient else 8)
    assert project.report("t-limit-2")["complete"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_at_the_report_says_how_the_report_is_made(project, tmp_path, how):
    """The answers are there: only the report is lacking, and the command makes it."""
    project.env["PYTHONPATH"] = str(plant(tmp_path / "site", "slow-pack", SLOW))
    project.write(attacks='["direct"]', more='[[sinks]]\nid = "slow"')
    process = project.start("--quiet", "--limit", "2")
    wait_until(process, (tmp_path / "at-the-report").exists)
    err, took = interrupt(process, how=how)
    (told,) = [one.split() for one in err.splitlines() if "dosimeter report" in one]
    project.call(*told[told.index("report") :], check=0)

    assert took < 10
    assert "go on with" not in err
    assert "-o runs/t-limit-2/report.html" in " ".join(told)
    assert project.rows("SELECT DISTINCT state FROM attempts", "t-limit-2") == [("done",)]
