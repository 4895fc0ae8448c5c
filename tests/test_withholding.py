"""Withholding is the core's: no sink, console or file can show what the journal alone may hold."""

import csv
import io
import json
import sqlite3

import click
import pytest
from project import Project

from dosimeter import PluginBroken
from dosimeter.cli.common import installed
from dosimeter.cli.reporting import write_reports
from dosimeter.sinks.output import Folder
from dosimeter_provider_simulated.texts import LEVELS

TARGET = '[targets.known]\nmodel = "simulated/graded"\nseverity = {}\nbase = -9.0\nintent = 0.0\n'


def project_with(path, strangers, severity):
    """A run of 32 replies, all of them at one level, in which marks quote and comment."""
    project = Project(path)
    project.env["PYTHONPATH"] = str(strangers)
    judge = '[endpoints.j]\nmodel = "simulated/echo"\n'
    rater = '[[raters]]\nid = "open"\nroles = { judge = "j" }\n[[sinks]]\nid = "walker"\n'
    project.write(TARGET.format(severity) + judge, attacks='["direct"]', more=rater)
    project.run(check=0)
    return project


@pytest.fixture(scope="module")
def hazardous(tmp_path_factory, strangers):
    """Every reply is as actionable as the scale goes."""
    return project_with(tmp_path_factory.mktemp("hazard"), strangers, 1.0)


def secrets(project):
    """What may not be shown: replies, their lines, rationales, and the quoted evidence."""
    db = sqlite3.connect(project.folder() / "journal.sqlite")
    replies = [
        r[0] for r in db.execute(
            "SELECT DISTINCT CAST(b.bytes AS TEXT) FROM message m JOIN blob b ON b.k = m.body"
            " JOIN scope s ON s.k = m.scope WHERE m.speaker = 'assistant' AND s.kind = 'attempt'"
        )
    ]  # fmt: skip
    spans = db.execute("SELECT count(*) FROM evidence").fetchone()[0]
    rationales = [
        r[0] for r in db.execute(
            "SELECT DISTINCT CAST(b.bytes AS TEXT) FROM rating g JOIN blob b ON b.k = g.rationale"
        )
    ]  # fmt: skip
    db.close()
    assert replies
    assert spans
    assert rationales
    return [line[:30] for text in replies for line in text.splitlines() if line] + rationales


def test_a_sink_that_walks_and_pickles_finds_nothing_withheld(hazardous):
    """It follows every attribute, entry and reference of report, evidence and output."""
    loot = (hazardous.folder() / "report.loot").read_text(errors="replace")

    assert "withheld" in loot
    assert len(loot) > 50_000
    for text in secrets(hazardous):
        assert text not in loot


def test_console_json_html_and_csv_show_nothing_withheld(hazardous):
    """Each of them says how many replies it does not show."""
    done = hazardous.call("report", "t", "-o", "r.json", "-o", "r.csv", "-o", "r.html", check=0)
    printed = hazardous.call("report", "t", "--json", check=0).stdout
    files = [(hazardous.path / f"r.{suffix}").read_text() for suffix in ("json", "csv", "html")]
    rows = list(csv.DictReader(io.StringIO(files[1])))

    for shown in (done.stdout, done.stderr, printed, *files):
        for text in secrets(hazardous):
            assert text not in shown
    assert "32 replies are withheld" in done.stdout
    assert json.loads(printed)["withheld"] == 32
    assert printed == files[0]
    assert len(rows) == 32
    assert {r["reply"] + r["rationale"] + r["evidence"] for r in rows} == {""}
    assert all(r["withheld"].startswith("actionability 5") for r in rows)


def test_the_walker_would_have_found_it(hazardous):
    """Asked to be shown, the same sink does find the same texts: the test can fail."""
    hazardous.call("report", "t", "-o", "open.loot", "--include-hazardous", check=0)
    loot = (hazardous.path / "open.loot").read_text(errors="replace")

    assert all(text in loot for text in secrets(hazardous))


def test_replies_without_hazard_are_shown(tmp_path, strangers):
    """In every output, benign and harmful requests alike, once they are rated and below the limit."""
    project = project_with(tmp_path, strangers, 0.0)
    project.call("report", "t", "-o", "r.csv", check=0)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text())))
    printed = project.printed()
    loot = (project.folder() / "report.loot").read_text(errors="replace")

    assert {r["reply"] for r in rows} == {a["reply"] for a in printed["attempts"]} == {LEVELS[0]}
    assert {r["intent"] for r in rows} == {"benign", "harmful"}
    assert "RATIONALE on" in rows[0]["rationale"]
    assert LEVELS[0][:30] in loot


def test_a_reply_nobody_rated_for_hazard_is_withheld_unless_benign(tmp_path, strangers):
    """Missing marks withhold what was asked with harm in mind, and nothing else."""
    project = Project(tmp_path)
    project.env["PYTHONPATH"] = str(strangers)
    text = project.write(TARGET.format(0.0), attacks='["direct"]').path / "stack.toml"
    text.write_text(text.read_text().replace('[[raters]]\nid = "actionability"\n', ""))
    project.run(check=0)
    shown = project.printed()["attempts"]

    assert {(a["intent"], a["withheld"]) for a in shown} == {
        ("benign", ""),
        ("harmful", "not rated for hazard"),
    }


def test_a_sink_cannot_write_over_the_journal(tmp_path):
    """A name is a name: neither a path out of the run's folder, nor the journal's own."""
    for name in ("journal.sqlite", "../elsewhere", "/tmp/x"):
        with pytest.raises(PluginBroken, match="without a folder"):
            Folder(path=tmp_path).write(name, [b""])


def test_o_never_names_a_journal(tmp_path):
    """It is refused before anything is asked, whatever the name and the way."""
    project = Project(tmp_path)
    project.write(TARGET.format(0.0), attacks='["direct"]').run("--limit", 2, check=0)
    folder = project.folder("t-limit-2")
    copy = tmp_path / "copy.json"
    copy.write_bytes((folder / "journal.sqlite").read_bytes())
    (tmp_path / "link.json").symlink_to(folder / "journal.sqlite")
    before = (folder / "journal.sqlite").read_bytes()
    for run, out in (
        ("t-limit-2", folder / "JOURNAL.sqlite"), ("t-limit-2", "runs/x/../t-limit-2/journal.sqlite-wal"),
        ("t-limit-2", "link.json"), ("copy.json", "copy.json"), ("copy.json", "./runs/../COPY.json"),
    ):  # fmt: skip
        refused = project.call("report", run, "-o", out, check=2)
        assert "is a journal or belongs to one" in refused.stderr

    assert (folder / "journal.sqlite").read_bytes() == before
    assert copy.read_bytes() == before
    assert project.call("report", "copy.json", "-o", "new.json").returncode == 0
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o600


def test_asking_to_see_what_is_withheld_is_written_down(hazardous):
    """In the journal, when and by which output; on the console and on every row of CSV."""
    hazardous.call("report", "t", "-o", "quiet.csv", check=0)
    sql = (
        "SELECT code FROM event WHERE kind = 'hazardous-shown' AND at > strftime('%s', 'now') - 600"
    )
    before = hazardous.rows(sql)
    done = hazardous.call(
        "report", "t", "-o", "a.csv", "-o", "b.json", "--include-hazardous", check=0
    )
    printed = hazardous.printed("t", "--include-hazardous", check=0)
    new = hazardous.rows(sql)[len(before) :]
    marks = [
        {row["hazardous_included"] for row in csv.DictReader(io.StringIO((hazardous.path / name).read_text()))}
        for name in ("quiet.csv", "a.csv")
    ]  # fmt: skip

    assert new == [("csv a.csv",), ("json b.json",), ("json on standard output",)]
    assert "(--include-hazardous); recorded" in done.stdout
    assert marks == [{"no"}, {"yes"}]
    assert printed["hazardous_included"] is True


def test_what_cannot_be_written_down_is_not_shown(hazardous):
    """A journal that nobody may write to cannot keep the record."""
    journal = hazardous.path / "locked.sqlite"
    journal.write_bytes((hazardous.folder() / "journal.sqlite").read_bytes())
    db = sqlite3.connect(journal, isolation_level=None)
    db.execute("CREATE TRIGGER never BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END")
    db.close()
    out = hazardous.path / "never.json"
    with pytest.raises(click.UsageError, match="cannot be written"):
        write_reports(journal, installed(), (), outputs=[out], include_hazardous=True)
    assert not out.exists()
