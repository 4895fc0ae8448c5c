"""Sinks write whole files for their owner alone, and never over a journal."""

import os

import pytest

from dosimeter.errors import PluginBroken, StackError
from dosimeter.sinks.output import Folder

OWN = ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite.lock",
       "journal.sqlite.holder", "JOURNAL.sqlite", "Journal.SQLite-WAL"]  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """A run's folder with a journal in it."""
    folder = tmp_path / "runs" / "t"
    folder.mkdir(parents=True)
    (folder / "journal.sqlite").write_bytes(b"kept")
    return folder


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("path", ["{}", "../t/{}", "sub/../{}", "{folder}/{}", "../other/{}"])
def test_no_path_of_a_sink_leads_to_a_journal(run, name, path):
    """Neither to its own, in whatever way it is named, nor to another run's."""
    (run / "sub").mkdir()
    (run.parent / "other").mkdir()
    out = Folder(path=run, rename=path.format(name, folder=run))

    with pytest.raises(StackError, match="is the journal"):
        out.write("report.json", [b"{}"])
    assert (run / "journal.sqlite").read_bytes() == b"kept"
    assert sorted(p.name for p in run.iterdir()) == ["journal.sqlite", "sub"]


@pytest.mark.parametrize("name", OWN)
def test_no_name_that_a_sink_gives_is_the_journals(run, name):
    """A plugin's own file name is held to the same."""
    with pytest.raises(PluginBroken, match="not the journal's"):
        Folder(path=run).write(name, [b"{}"])


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_no_link_leads_to_the_journal(run, make):
    """By another name it is the same file; so it is through a linked folder."""
    make(run / "journal.sqlite", run / "report.json")
    (run.parent / "again").symlink_to(run)
    for path in ("report.json", "../again/report.json"):
        with pytest.raises(StackError, match="is the journal"):
            Folder(path=run, rename=path).write("report.json", [b"{}"])
    assert (run / "report.json").read_bytes() == b"kept"


@pytest.mark.parametrize("path", ["x.json", "./x.json", "X.json-wal", "x.json.lock"])
def test_a_journal_of_another_name_is_kept_too(run, path):
    """A copy may be called anything; what goes with it has its name."""
    (run / "x.json").write_bytes(b"kept")
    with pytest.raises(StackError, match="is the journal"):
        Folder(path=run, rename=path, journal="x.json").write("report.json", [b"{}"])
    assert (run / "x.json").read_bytes() == b"kept"


def test_other_files_are_written_for_their_owner_alone(run, tmp_path):
    """Whatever the umask: in the folder, elsewhere, and over what was there before."""
    there = tmp_path / "elsewhere" / "r.json"
    there.parent.mkdir()
    there.write_text("old")
    there.chmod(0o644)
    before = os.umask(0)
    try:
        inside = Folder(path=run).write("report.json", [b"{", b"}"])
        outside = Folder(path=run, rename=str(there)).write("report.json", [b"new"])
    finally:
        os.umask(before)

    assert (inside.read_bytes(), outside.read_bytes()) == (b"{}", b"new")
    assert [p.stat().st_mode & 0o777 for p in (inside, outside)] == [0o600, 0o600]
    assert sorted(p.name for p in run.iterdir()) == ["journal.sqlite", "report.json"]


def test_a_file_that_breaks_off_leaves_the_old_one(run):
    """Whole or not at all, and no rest of it stays."""
    (run / "report.json").write_bytes(b"old")

    def broken():
        yield b"half"
        raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        Folder(path=run).write("report.json", broken())
    assert (run / "report.json").read_bytes() == b"old"
    assert sorted(p.name for p in run.iterdir()) == ["journal.sqlite", "report.json"]
