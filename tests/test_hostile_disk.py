"""A disk that is full, may not be written, or gives back other bytes than it took.

No answer that was committed is lost, no number comes out of what is damaged, and each fault is told with
what, where and what to do.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from inprocess import call
from ledger import Ledger
from project import answers, remote

AT_ONCE = 4
NO_LEAVE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
"""What root puts before a command so that a folder without leave to write is one."""
FULL = {"in its plan": 250, "in the middle": 700}
"""Kilobytes that a file may have: a limit of the process, which every system has."""


def bounded(project, kilobytes, *args):
    """Call `dosimeter` where no file may grow beyond *kilobytes*, as if the disk were full then."""
    words = ["bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "-", *project.command(*args)]
    return subprocess.run(
        words, cwd=project.path, env=project.env, capture_output=True, text=True, timeout=120
    )


def check_stopped(project, server, done):
    """Hold a run that met a full disk to what is promised, and go on with it."""
    kept = answers(project)

    assert done.returncode == 2
    assert "runs/t/journal.sqlite cannot be written (" in done.stderr
    assert "make room or give leave, and type the same command again" in done.stderr
    assert "damaged" not in done.stderr
    assert "Traceback" not in done.stderr
    assert len(server.arrivals) - kept <= 2 * AT_ONCE
    assert not (project.folder() / "report.json").exists()
    return kept


def check_goes_on(project, server, kept):
    project.run()

    assert len(server.entries) - 384 <= 2 * AT_ONCE
    assert len({key for _, key, _ in server.entries}) == answers(project) == 384 > kept
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert project.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("where", FULL)
def test_a_full_disk_stops_a_run_that_goes_on_when_there_is_room(project, where):
    """Nothing more is sent than what was on its way, and nothing committed is lost."""
    with Ledger(latency=0.01) as server:
        project.write(remote(server.url), run=f"max_connections = {AT_ONCE}\nrepeats = 4")
        done = bounded(project, FULL[where], "run", "stack.toml", "--quiet")
        kept = check_stopped(project, server, done)
        check_goes_on(project, server, kept)

    assert bool(kept) == (where == "in the middle")


@pytest.fixture
def small_disk(project):
    """A disk of 700 kB for the runs; it gives a function that makes room."""
    runs = project.path / "runs"
    runs.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(runs)]
    made = shutil.which("mount") and subprocess.run(asked, capture_output=True, text=True)
    if not made or made.returncode:
        pytest.skip("no leave to mount a small disk here; the limit of a file's size stands for it")
    yield lambda: subprocess.run(["mount", "-o", "remount,size=50m", str(runs)], check=True)
    subprocess.run(["umount", "-l", str(runs)], check=True)


def test_a_disk_that_is_full_in_truth_is_no_other(project, small_disk):
    """As with the limit of a file's size."""
    with Ledger(latency=0.01) as server:
        project.write(remote(server.url), run=f"max_connections = {AT_ONCE}\nrepeats = 4")
        done = project.run(check=2)
        kept = check_stopped(project, server, done)
        small_disk()
        check_goes_on(project, server, kept)

    assert kept


def test_a_report_that_finds_no_room_leaves_no_half_of_one(project):
    """The sink is named with the place, and the exit code is that of wrong usage."""
    project.write(attacks='["direct"]').run()
    done = bounded(project, 60, "report", "t", "-o", "out.html")

    assert done.returncode == 2
    assert "out.html: File too large; make room, or name another place" in done.stderr
    assert not [path for path in project.path.iterdir() if "out.html" in path.name]


@pytest.fixture
def archive(project):
    """A finished run in a folder that may not be written; it gives how to call a command there."""
    if not os.geteuid() and not shutil.which(NO_LEAVE[0]):
        pytest.skip("root may write anywhere, and there is no setpriv to do without")
    project.write(attacks='["direct"]').run("--limit", 2)
    folder, prefix = project.folder("t-limit-2"), [] if os.geteuid() else NO_LEAVE
    for path in folder.iterdir():
        path.chmod(0o444)
    for one in (folder, folder.parent):
        one.chmod(0o555)

    def run(*args):
        return subprocess.run([*prefix, *project.command(*args)], cwd=project.path,
                              env=project.env, capture_output=True, text=True, timeout=60)  # fmt: skip

    yield run
    for one in (folder.parent, folder):
        one.chmod(0o755)


WRITING = {
    ("score", "t-limit-2", "--rater", "refusal"): "give leave",
    ("runs", "purge", "t-limit-2", "--yes"): "give leave",
    ("run", "stack.toml", "--limit", "2", "--quiet"): "name another place",
    ("run", "stack.toml", "--limit", "1", "--quiet"): "name another place",
    ("report", "t-limit-2", "-o", "runs/t-limit-2/x.json"): "may not be written to",
}


def test_where_nothing_may_be_written_each_command_says_where_and_what_to_do(archive, project):
    """Exit code 2; what only reads works, its sum looked at too."""
    for words, todo in WRITING.items():
        done = archive(*words)

        assert done.returncode == 2, words
        assert "runs/t-limit-" in done.stderr
        assert todo in done.stderr
        assert "Traceback" not in done.stderr
        assert "defect" not in done.stderr
    done = archive("report", "t-limit-2", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    journal = project.folder("t-limit-2") / "journal.sqlite"
    journal.chmod(0o644)
    journal.write_bytes(journal.read_bytes()[:-1] + b"\1")
    assert archive("report", "t-limit-2").returncode == 2


def of_others(version):
    """Give what makes a database of something else, which says so or not."""

    def make(path):
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("CREATE TABLE places(x)")
            db.execute(f"PRAGMA user_version = {version}")

    return make


def newer(path):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE run(key, value)")
        db.execute("PRAGMA user_version = 99")


FOREIGN = {
    "a text": (lambda path: path.write_text("Dear diary,\n" * 999), "is no SQLite file"),
    "zeros": (lambda path: path.write_bytes(bytes(9000)), "is no SQLite file"),
    "a database of no version": (of_others(0), "is an SQLite file of something else"),
    "a database of our version": (of_others(3), "is an SQLite file of something else"),
    "a database of an old version": (of_others(1), "is an SQLite file of something else"),
    "a journal of a later version": (newer, "upgrade dosimeter"),
    "a folder": (Path.mkdir, "is no file"),
    "a pipe": (os.mkfifo, "is no file"),
    "a link to itself": (lambda path: path.symlink_to(path), "is no file"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_run_does_not_begin_in_what_is_no_journal(project, monkeypatch, what):
    """It is named, and left as it was."""
    make, says = FOREIGN[what]
    journal = project.write(attacks='["direct"]').folder("t-limit-1") / "journal.sqlite"
    journal.parent.mkdir(parents=True)
    make(journal)
    before = journal.read_bytes() if journal.is_file() else None
    monkeypatch.chdir(project.path)
    code, out, err = call("run", "stack.toml", "--limit", "1", "--quiet")

    assert (code, out) == (2, "")
    assert str(journal.relative_to(project.path)) in err
    assert says in err
    assert "defect" not in err
    assert before is None or journal.read_bytes() == before


@pytest.fixture(scope="module")
def rested(tmp_path_factory):
    """A finished run, its report, and a folder to damage a copy of it in."""
    from project import Project

    project = Project(tmp_path_factory.mktemp("rested")).write(attacks='["direct"]')
    project.run("--limit", 2)
    folder = project.folder("t-limit-2")
    code, report, _ = call("report", folder, "--json")
    assert code == 0
    return folder, report, tmp_path_factory.mktemp("damaged")


def damage(rng, data):
    """Change *data* as disks, copies and cables do; give how, and what is left."""
    how = rng.choice(["bit", "bit", "byte", "many", "cut", "page"])
    new, at = bytearray(data), rng.randrange(len(data))
    if how == "cut":
        return how, bytes(new[:at])
    if how == "page":
        at -= at % 4096
        new[at : at + 4096] = bytes(4096)
    for place in [at] if how in {"bit", "byte"} else rng.sample(range(len(new)), 40):
        if how == "bit":
            new[place] ^= 1 << rng.randrange(8)
        elif how != "page":
            new[place] = rng.randrange(256)
    return how, bytes(new)


def reported(rested, new, *, with_sum):
    """Report from a copy with other bytes."""
    folder, _, elsewhere = rested
    for path in elsewhere.iterdir():
        path.unlink()
    (elsewhere / "journal.sqlite").write_bytes(new)
    if with_sum:
        shutil.copy(folder / "journal.sqlite.sum", elsewhere)
    return call("report", elsewhere, "--json")


def test_of_200_damaged_journals_none_gives_a_number_that_is_not_told(rested):
    """Cut, or with changed bits, bytes or pages: told with exit code 2, and nothing is printed."""
    folder, report, _ = rested
    data, found = (folder / "journal.sqlite").read_bytes(), set()
    for seed in range(200):
        how, new = damage(random.Random(seed), data)
        code, out, err = reported(rested, new, with_sum=True)
        found.add(how)
        if new == data:
            assert (code, out) == (0, report), seed
            continue
        assert (code, out) == (2, ""), seed
        assert "is damaged (" in err or "is no journal of a run" in err, seed
        assert "defect" not in err, seed
        assert "Traceback" not in err, seed

    assert found == {"bit", "byte", "many", "cut", "page"}


@pytest.mark.parametrize(
    "many", [pytest.param(60, id="60"), pytest.param(2000, id="2000", marks=pytest.mark.slow)]
)
def test_without_a_sum_a_damaged_journal_is_still_no_defect(rested, many):
    """As after a kill: what SQLite and the records tell is told, and nothing crashes."""
    data, told = (rested[0] / "journal.sqlite").read_bytes(), 0
    for seed in range(many):
        code, out, err = reported(rested, damage(random.Random(seed), data)[1], with_sum=False)
        told += code == 2

        assert code in {0, 2, 3}, (seed, err)
        assert "defect" not in err, seed
        assert not out or json.loads(out), seed
    assert told > many / 4


def test_a_kill_takes_the_sum_with_it_until_the_run_goes_on(project):
    """Or what a killed run kept would look like damage."""
    total = project.folder() / "journal.sqlite.sum"
    with Ledger(latency=0.05) as server:
        project.write(remote(server.url), attacks='["direct"]', run="max_connections = 2")
        process = project.start("--quiet")
        while answers(project) < 6:
            assert process.poll() is None
        process.kill()
        process.communicate()
        assert not total.exists()
        project.call("report", "t", check=3)
        project.run()

    assert total.exists()
    assert subprocess.run(
        [sys.executable, "-m", "dosimeter", "report", "t"], cwd=project.path, env=project.env,
        capture_output=True,
    ).returncode == 0  # fmt: skip
