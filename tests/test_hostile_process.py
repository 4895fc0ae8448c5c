"""What may befall a process: killed, suspended, told to end, cut from its terminal, run beside another.

Whatever it is, the same command goes on, and the report is that of a run that nothing befell.
"""

import os
import pty
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from benchmarks.server import entries, loopback
from killing import BOUND, await_change, count, kill, kill_after, seeds
from ledger import Ledger
from project import Project, answers, remote, wait_until

from dosimeter.journal.schema import NAMES, VERSION

SECOND = '[[raters]]\nid = "actionability"\n'
KILLS = [pytest.param(8, id="8"), pytest.param(100, id="100", marks=pytest.mark.slow)]


def marked(project):
    return project.rows("SELECT * FROM marks ORDER BY rating, scale")


def sound(project):
    return project.rows("PRAGMA integrity_check") == [("ok",)]


def undated(path):
    """Give a report but for the days on which it was asked, which midnight may change."""
    return re.sub(r"asked on [^.]*\.", "", path.read_text())


def numbers(project):
    names = ("measure", "group", "value", "lower", "upper", "n", "code")
    return [[found.get(name) for name in names] for found in project.report()["findings"]]


def files(project):
    """Give the run's reports, and what is written of one, with their size."""
    return {p.name: p.stat().st_size for p in project.folder().glob("*report.*") if p.exists()}


@pytest.mark.parametrize("kills", KILLS)
def test_kills_while_it_answers_rates_and_reports_change_no_report(project, tmp_path, kills):
    """At seeded moments of each; reports are whole or not there, and in the end the same to the byte."""
    rng, lives, ledger = random.Random(5), [], tmp_path / "ledger"
    ledger.touch()
    (tmp_path / "whole").mkdir()
    whole = Project(tmp_path / "whole")
    with loopback(0.02, ledger) as url:
        for one in (whole, project):
            one.write(remote(url), run="max_connections = 3")
        whole.run()
        ledger.write_text("")
        for _ in range(kills):
            if len(entries(ledger)) < 96 and rng.random() < 0.6:
                lives.append(kill_after(project, ledger, rng.uniform(0, 0.2)))
            else:
                began, process = time.time(), project.start("--quiet")
                await_change(process, lambda: files(project))
                time.sleep(rng.uniform(0, 0.05))
                lives.append((began, kill(process)))
            assert sound(project)
            if "report.json" in files(project):
                assert project.report()["name"] == "t"
            due = {s for t, s in entries(ledger) if any(b <= t <= k - BOUND for b, k in lives)}
            assert due <= seeds(project)
        project.run()
    answered = [seed for _, seed in entries(ledger)]

    assert set(answered) == seeds(project)
    assert len(answered) - len(set(answered)) <= len(lives) * 3 * (1 + BOUND / 0.02)
    assert project.dump() == whole.dump()
    for name in ("report.json", "report.html"):
        assert undated(project.folder() / name) == undated(whole.folder() / name)


@pytest.mark.parametrize("kills", KILLS)
def test_kills_while_an_old_journal_is_rated_change_no_mark(project, tmp_path, kills):
    """`score` goes on with what lacks a mark; none is given twice."""
    rng, between = random.Random(6), 0
    stack = project.write(run="repeats = 2", attacks='["direct"]').path / "stack.toml"
    stack.write_text(stack.read_text().replace(SECOND, ""))
    project.run()
    journal, before = project.folder() / "journal.sqlite", tmp_path / "before.sqlite"
    shutil.copy(journal, before)
    score = ("score", "t", "--rater", "actionability", "--json")
    whole = project.call(*score, check=0).stdout
    marks, first = marked(project), 128
    for _ in range(kills):
        if count(project, "mark") == len(marks):
            for path in project.folder().glob("journal.sqlite*"):
                path.unlink()
            shutil.copy(before, journal)
        process = project.begin(*score)
        await_change(process, lambda: count(project, "mark"))
        time.sleep(rng.uniform(0, 0.02))
        kill(process)
        between += first < count(project, "mark") < len(marks)
        assert sound(project)
        assert {*marked(project)} <= {*marks}
    again = project.call(*score, check=0).stdout

    assert between
    assert marked(project) == marks
    assert again == whole


READ = "import sys; from dosimeter.journal.reader import Reader; Reader(sys.argv[1])"


def make_old(journal):
    """Make of a journal what version 1 left, with so many arms that it takes a while to bring it up."""
    with closing(sqlite3.connect(journal)) as db, db:
        for name in NAMES:
            db.execute(f"DROP VIEW {name}")
        db.execute("CREATE VIEW replies AS SELECT 1 AS attempt")
        db.execute(
            "WITH n(i) AS (VALUES (1000) UNION ALL SELECT i + 1 FROM n WHERE i < 150000)"
            " INSERT INTO arm SELECT i, 'physical', 'direct', hex(randomblob(30)), 1 FROM n"
        )
        db.execute("PRAGMA user_version = 1")
    journal.with_name("journal.sqlite.sum").unlink()


def stage(journal):
    """Give the version of a journal with all that should be as in it; fails at anything between."""
    with closing(sqlite3.connect(journal)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        names = {n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")}
        tables = {n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM arm WHERE k >= 1000").fetchone() == (149001,)
    assert names == ({"replies"} if version == 1 else {*NAMES})
    assert "arm_3" not in tables
    return version


@pytest.mark.parametrize("kills", KILLS)
def test_kills_while_an_old_journal_is_brought_up_leave_it_old_or_new(project, tmp_path, kills):
    """Never between; and the report is that of before."""
    rng, found = random.Random(7), []
    project.write(attacks='["direct"]').run("--limit", 2)
    folder = project.folder("t-limit-2")
    before = project.call("report", "t-limit-2", "--json", check=0).stdout
    journal, log, old = (folder / n for n in ("journal.sqlite", "journal.sqlite-wal", "old"))
    make_old(journal)
    shutil.copy(journal, old)
    for _ in range(kills):
        for path in folder.glob("journal.sqlite*"):
            path.unlink()
        shutil.copy(old, journal)
        process = subprocess.Popen([sys.executable, "-c", READ, journal], stderr=subprocess.PIPE)
        await_change(process, lambda: log.exists() and log.stat().st_size)
        time.sleep(rng.uniform(0, 0.15))
        kill(process)
        found.append((stage(journal), log.exists()))
    after = project.call("report", "t-limit-2", "--json", check=0).stdout

    assert {version for version, _ in found} <= {1, VERSION}
    assert any(version == 1 for version, _ in found)
    assert stage(journal) == VERSION
    assert after == before


def on_a_terminal(project, *words):
    """Start a run whose terminal is ours to close; give the process and our end of it."""
    ours, theirs = pty.openpty()
    hold = (
        "import os, signal, sys; os.setsid(); os.open(os.ttyname(0), os.O_RDWR);"
        " signal.signal(signal.SIGHUP, signal.SIG_DFL);"  # whoever runs the tests may be under nohup
        " os.execv(sys.argv[1], sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", hold, *words, *project.command("run", "stack.toml")],
        cwd=project.path, env=project.env, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    return process, ours


def test_a_closed_terminal_finishes_what_is_in_flight(project):
    """Exit 130, and no answer is paid twice; there is nobody to tell anything."""
    with Ledger(latency=0.3) as server:
        project.write(remote(server.url), run="max_connections = 4")
        process, terminal = on_a_terminal(project)
        end = time.monotonic() + 60
        while len(server.entries) < 6 and time.monotonic() < end:
            time.sleep(0.02)
        os.close(terminal)
        code = process.wait(60)
        kept, answered = answers(project), len(server.entries)
        report = project.printed()
        project.run()

        assert code == 130
        assert kept == answered < 96
        assert report["complete"] is False
        assert sound(project)
        assert len(server.entries) == len({key for _, key, _ in server.entries}) == 96


@pytest.mark.skipif(not shutil.which("nohup"), reason="there is no nohup here")
def test_a_closed_terminal_does_not_end_what_runs_under_nohup(project):
    """It was asked to go on."""
    with Ledger(latency=0.05) as server:
        project.write(remote(server.url), run="max_connections = 4")
        project.env["PYTHONUNBUFFERED"] = "1"
        process, terminal = on_a_terminal(project, shutil.which("nohup"))
        end = time.monotonic() + 60
        while len(server.entries) < 6 and time.monotonic() < end:
            time.sleep(0.02)
        os.close(terminal)
        code = process.wait(60)

    assert code == 0
    assert answers(project) == 96


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_a_run_that_was_suspended_goes_on(project, seconds):
    """Also where the server hung up meanwhile: what it had not answered is asked again, within the run."""
    with Ledger() as server:
        server.delay = lambda: 0.5 if len(server.entries) >= 6 else 0
        project.write(remote(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        wait_until(process, lambda: server.in_flight >= 4 and len(server.entries) >= 6)
        process.send_signal(signal.SIGSTOP)
        plain, server.answer = server.answer, lambda _: (0, {}, {})
        end = time.monotonic() + seconds
        while server.drops < 4 or time.monotonic() < end:
            time.sleep(0.02)
        server.answer, server.delay = plain, lambda: 0
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=120)
        answered = [key for _, key, status in server.entries if status]

    assert process.returncode == 0, err
    assert len(answered) == len(set(answered)) == answers(project) == 96
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


PIPES = {
    "run stack.toml --quiet --json | true": 141,
    "run stack.toml 2>&1 | head -c 1": 141,
    "report t --json | head -1": 141,
    "runs list | true": 141,
    "plan stack.toml | true": 141,
}


def test_a_reader_that_hangs_up_early_ends_no_run(project):
    """Whatever nobody reads any more, the journal is complete, and 141 says that nobody did."""
    with Ledger() as server:
        project.write(remote(server.url), attacks='["direct"]')
        for command, code in PIPES.items():
            done = subprocess.run(
                ["bash", "-c", f"{sys.executable} -m dosimeter {command}; exit ${{PIPESTATUS[0]}}"],
                cwd=project.path, env=project.env, capture_output=True, text=True, timeout=120,
            )  # fmt: skip

            assert done.returncode == code, command
            assert "Traceback" not in done.stderr + done.stdout
            assert answers(project) == 32
            assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
        assert len(server.entries) == 32


def test_two_that_rate_at_once_rate_once(project):
    """One waits in no queue: it is told who is at work, or finds all rated."""
    stack = project.write(run="repeats = 2", attacks='["direct"]').path / "stack.toml"
    stack.write_text(stack.read_text().replace(SECOND, ""))
    project.run()
    both = [project.begin("score", "t", "--rater", "actionability") for _ in range(2)]
    told = [one.communicate(timeout=120)[1] for one in both]
    codes = sorted(one.returncode for one in both)

    assert codes in ([0, 0], [0, 2])
    if codes == [0, 2]:
        assert any("is being run by process" in err for err in told)
    assert project.rows("SELECT count(*), count(DISTINCT subject_id) FROM marks WHERE rater ="
                        " 'actionability' AND subject = 'path'") == [(128, 128)]  # fmt: skip


def test_a_report_during_a_run_is_of_what_is_there_and_disturbs_nothing(project):
    """It counts what is open, and leaves no sum that what comes next would break."""
    with Ledger(latency=0.1) as server:
        project.write(remote(server.url), run="max_connections = 2")
        process = project.start("--quiet")
        wait_until(process, lambda: answers(project) >= 6)
        during = project.printed(check=3)
        _, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert 0 < sum(cell["done"] for cell in during["cells"]) < 64
    assert during["complete"] is False
    assert project.printed(check=0)["complete"] is True


BACK = """
import sys, time
real, calls = time.time, []
def back():
    calls.append(0)
    return real() - (86400 if len(calls) > 20 else 0)
time.time = back
from dosimeter.cli.main import main
main()
assert len(calls) > 20
"""
"""`dosimeter` in a process whose clock is put back by a day while it works."""


def test_a_clock_that_is_put_back_changes_nothing(project, tmp_path):
    """Neither budget, rate and marks, nor how long the run waits to go on with what came from later."""
    with Ledger() as server:
        limits = "budget = { minutes = 5 }\nrequests_per_minute = { remote = 6000 }"
        target = remote(server.url)
        project.write(target, run=limits)
        words = [sys.executable, "-c", BACK, "run", "stack.toml", "--quiet"]
        cut = project.start("--quiet")
        wait_until(cut, lambda: answers(project) >= 10)
        kill(cut)
        later = time.time() + 86400
        for path in project.folder().glob("journal.sqlite*"):
            os.utime(path, (later, later))
        done = subprocess.run(words, cwd=project.path, env=project.env, capture_output=True,
                              text=True, timeout=120)  # fmt: skip
        (tmp_path / "whole").mkdir()
        whole = Project(tmp_path / "whole").write(target, run=limits)
        whole.run()

    assert done.returncode == 0, done.stderr
    assert project.dump() == whole.dump()
    assert project.rows("SELECT count(*) FROM tries WHERE seconds < 0 OR seconds > 60") == [(0,)]
    assert 0 < float(project.rows("SELECT value FROM run WHERE key = 'seconds'")[0][0]) < 60
    assert numbers(project) == numbers(whole)
