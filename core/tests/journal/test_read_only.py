"""A finished run is read where nothing may be written: a share, an archive, somebody else's folder."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from dosimeter import Mark, Opinion

NO_LEAVE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
"""What root puts before a command so that a folder without leave to write is one."""


@pytest.fixture
def dosimeter(made):
    """Give a command that runs in the run's folder with leave to read alone, and what it says."""
    made.attempt("Herons wade.", Opinion(marks=(Mark(scale="harm", value=2),)))
    prefix = [] if os.geteuid() else NO_LEAVE
    if prefix and not shutil.which(prefix[0]):
        pytest.skip("root may write anywhere, and there is no setpriv to do without")
    folder = made.path.parent

    def run(*args):
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555)
        command = [*prefix, sys.executable, "-m", "dosimeter", *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    run.journal = made
    yield run
    folder.chmod(0o755)


def test_a_finished_run_is_reported_from_a_folder_that_may_not_be_written(dosimeter):
    """And listed, and shown: nothing has to be written to read it."""
    dosimeter.journal.store.close()
    folder = dosimeter.journal.path.parent
    done = dosimeter("report", str(folder), "--json")
    listed = dosimeter("runs", "list", "--runs-dir", str(folder.parent))
    shown = dosimeter("runs", "show", str(folder))

    assert sorted(p.name for p in folder.iterdir()) == ["journal.sqlite"]
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["cells"][0]["done"] == 1
    assert "1/1" in listed.stdout
    assert "attempts done" in shown.stdout


def test_answers_that_are_not_folded_in_are_not_left_out_silently(dosimeter):
    """A run that was killed: SQLite would have to write to read its write-ahead log."""
    path, folder = dosimeter.journal.path, dosimeter.journal.path.parent
    assert path.with_name("journal.sqlite-wal").stat().st_size
    path.with_name("journal.sqlite-shm").unlink()
    done = dosimeter("report", str(folder))
    listed = dosimeter("runs", "list", "--runs-dir", str(folder.parent))

    assert done.returncode == 2
    for said in (done.stderr, listed.stderr):
        assert "journal.sqlite-wal" in said
        assert "copy" in said
    assert listed.stdout.strip() == f"no runs in {folder.parent} that can be read"


def test_a_run_that_may_not_be_read_is_named_in_the_list(dosimeter):
    """Not left out, as if there were none."""
    folder = dosimeter.journal.path.parent
    dosimeter("--version")
    folder.chmod(0)
    listed = subprocess.run(
        [*([] if os.geteuid() else NO_LEAVE), sys.executable, "-m", "dosimeter", "runs", "list",
         "--runs-dir", str(folder.parent)], capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert "made" in listed.stderr
    assert "cannot be read: " in listed.stderr
    assert listed.stdout.strip() == f"no runs in {folder.parent} that can be read"
