"""`runs seal`: what models said is encrypted for the run's owner, numbers stay, and it opens again."""

import json
import shutil
import sqlite3
import time
from contextlib import closing

import pytest
from project import simulated

from dosimeter.errors import JournalError
from dosimeter.ids import digest_bytes
from dosimeter.journal import cast_vote, declare_person, ratable
from dosimeter.model.rating import Mark, Opinion

SECRET = {"OWNER": "a secret of the owner's own", "OTHER": "quite another secret", "SHORT": "short"}
TABLES = ("item", "attempt", "scope", "message", "candidate", "subject", "rater", "rating", "mark",
          "evidence", "note", "try", "spec", "endpoint", "arm", "component")  # fmt: skip
REPLIES = (
    "SELECT b.codec, b.bytes FROM message m JOIN blob b ON b.k = m.body JOIN scope s ON s.k = m.scope"
    " WHERE m.speaker = 'assistant'"
)


@pytest.fixture
def owned(project):
    """A run with replies that are a single text and such as quote one, and secrets to choose from."""
    project.env |= SECRET
    project.write(attacks='["direct", "multi-turn"]').run("--limit", 6)
    return project


NAME = "t-limit-6"


def seal(project, *args, check=0, secret="OWNER", name=NAME):
    return project.call("runs", "seal", name, "--secret", secret, *args, check=check)


def bytes_of(project, name=NAME):
    return b"".join(p.read_bytes() for p in project.folder(name).iterdir() if p.is_file())


def kept(project, name=NAME):
    """All that a seal may not touch."""
    return {t: project.rows(f"SELECT * FROM {t} ORDER BY 1, 2", name) for t in TABLES}


def whole(project):
    """All that opening must restore."""
    return kept(project) | {
        t: project.rows(f"SELECT * FROM {t} ORDER BY k", NAME) for t in ("blob", "call")
    }


def test_a_sealed_run_has_every_number_and_no_reply(owned):
    """The report is the same but for what it shows; neither file nor log holds a reply's bytes."""
    before, tables = owned.printed(NAME), kept(owned)
    said = [data for _, data in owned.rows(REPLIES, NAME) if data]
    done = seal(owned)
    after = owned.printed(NAME, "--include-hazardous")
    raw = bytes_of(owned)

    assert done.stdout.startswith(f"Sealed: {len(after['attempts'])} submitted replies (and ")
    assert said
    assert not [one for one in said if one in raw]
    assert kept(owned) == tables
    for key in ("findings", "cells", "gates", "complete", "raters", "targets", "demonstrates"):
        assert after[key] == before[key], key
    assert {(a["reply"], a["withheld"], a["reply_hash"]) for a in after["attempts"]} == {
        (None, "sealed", "")
    }
    assert after["withheld"] == after["sealed"] == len(after["attempts"])
    assert "replies are sealed: encrypted" in owned.call("report", NAME, check=0).stdout
    assert (before["sealed"], after["rubrics"]) == (0, before["rubrics"])


def test_nothing_in_a_sealed_run_confirms_a_guess(owned):
    """No digest without the key is left: of a reply, or of a request that quotes it."""
    replies = owned.rows(REPLIES, NAME)
    requests = owned.rows("SELECT request_digest FROM call", NAME)
    names = [digest_bytes("blob", codec.encode() + b":" + data) for codec, data in replies]
    before = bytes_of(owned)
    seal(owned)
    after = bytes_of(owned)

    guesses = [*map(bytes.fromhex, names), *(raw for (raw,) in requests)]
    assert all(one in before for one in guesses)
    assert not [one for one in guesses if one in after]


def test_the_secret_opens_a_sealed_run_as_it_was(owned):
    """Row for row; the run can then go on."""
    before, report = whole(owned), owned.printed(NAME)
    seal(owned)
    assert whole(owned) != before
    seal(owned, "--open")

    assert whole(owned) == before
    assert owned.printed(NAME) == report
    assert not json.loads(owned.call("runs", "show", NAME, "--json", check=0).stdout)["sealed"]
    owned.run("--limit", 6)


def test_a_wrong_secret_changes_nothing(owned):
    """Neither another one, nor a short one, nor a variable that is not set: exit 2, and why."""
    assert "has 5 characters" in seal(owned, secret="SHORT", check=2).stderr
    assert "environment variable" in seal(owned, secret="NOWHERE", check=2).stderr
    assert "is not sealed" in seal(owned, "--open", check=2).stderr
    seal(owned)
    before = whole(owned)
    for args in ((), ("--open",)):
        done = seal(owned, *args, secret="OTHER", check=2)
        assert "sealed with another secret" in done.stderr
        assert SECRET["OTHER"] not in done.stderr

    assert whole(owned) == before
    assert SECRET["OWNER"].encode() not in bytes_of(owned)


def test_no_text_is_added_to_a_sealed_run(owned):
    """It is not run, rated or merged; people's marks are taken, their words are not."""
    shutil.copytree(owned.folder(NAME), owned.folder("copy"))
    seal(owned)
    for command in (
        ("run", "stack.toml", "--limit", 6),
        ("score", NAME, "--rater", "refusal"),
        ("runs", "merge", "copy", NAME, "-o", "u"),
    ):
        assert "is sealed" in owned.call(*command, check=2).stderr
    journal = owned.folder(NAME) / "journal.sqlite"
    anna = declare_person(journal, "anna", ["refusal"])
    subject = next(iter(ratable(journal))).subject_id
    marks = (Mark(scale="refusal", value="full"),)
    with pytest.raises(JournalError, match="is sealed"):
        cast_vote(journal, rater_id=anna, subject_id=subject,
                  opinion=Opinion(marks=marks, rationale="I read it"))  # fmt: skip
    cast_vote(journal, rater_id=anna, subject_id=subject, opinion=Opinion(marks=marks))

    assert b"I read it" not in bytes_of(owned)


def test_sealed_replies_are_exported_and_shown_to_nobody(owned):
    """Rows are there, with their marks, and no text; the glance says that they are sealed."""
    seal(owned)
    owned.call("runs", "export", NAME, "-o", "a.jsonl", "--rows", "attempts", "--include-hazardous",
               check=0)  # fmt: skip
    rows = [json.loads(line) for line in (owned.path / "a.jsonl").read_text().splitlines()]
    facts = json.loads(owned.call("runs", "show", NAME, "--json", check=0).stdout)

    assert {(r["reply"], r["rationale"], r["withheld"]) for r in rows} == {(None, None, "sealed")}
    assert all(r["marks"] for r in rows)
    assert facts["sealed"]


def test_a_sealed_run_can_be_purged_without_the_secret(owned):
    """Numbers stay, and opening then finds nothing of what is deleted."""
    before = owned.printed(NAME)["findings"]
    seal(owned)
    owned.call("runs", "purge", NAME, "--yes", check=0)
    assert owned.printed(NAME)["findings"] == before
    seal(owned, "--open")

    codecs = {codec for codec, _ in owned.rows(REPLIES, NAME)}
    assert codecs == {"purged"}


def test_reports_that_quote_replies_are_removed_and_named(owned):
    """They are made again without replies; other files are left, and named."""
    folder = owned.folder(NAME)
    (folder / "mine.txt").write_text("mine")
    done = json.loads(seal(owned, "--json").stdout)

    assert done["files_removed"] == ["report.html", "report.json"]
    assert done["files_left"] == ["mine.txt"]
    assert not (folder / "report.html").exists()


def test_a_reader_in_the_way_is_told_of_and_the_same_command_finishes(owned):
    """What another program keeps in the file is still there until it ends; nothing is sealed twice."""
    said = next(data for _, data in owned.rows(REPLIES, NAME) if data)
    with closing(sqlite3.connect(owned.folder(NAME) / "journal.sqlite")) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM blob").fetchone()
        done = seal(owned, check=2)
        rows = owned.rows("SELECT k, bytes FROM blob WHERE codec = 'sealed'", NAME)
    assert "then seal again" in done.stderr
    again = seal(owned)

    assert again.stdout.startswith("Nothing to seal")
    assert rows == owned.rows("SELECT k, bytes FROM blob WHERE codec = 'sealed'", NAME)
    assert said not in bytes_of(owned)


@pytest.mark.parametrize("after", [0.0, 0.03, 0.08, 0.15, 0.3])
def test_a_seal_that_is_killed_is_whole_or_not_there(owned, after):
    """Whenever it is killed, the numbers stand, and the same command seals the rest."""
    owned.edit(
        "INSERT INTO blob SELECT 100000 + m.k, randomblob(16), 'utf8',"
        " CAST(hex(randomblob(60000)) AS BLOB) FROM message m WHERE m.speaker = 'assistant'",
        "UPDATE message SET body = 100000 + k WHERE speaker = 'assistant'",
        name=NAME,
    )
    before = owned.printed(NAME)["findings"]
    said = [data[:64] for _, data in owned.rows(REPLIES, NAME)]
    process = owned.begin("runs", "seal", NAME, "--secret", "OWNER")
    while not (owned.folder(NAME) / "journal.sqlite.holder").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)
    time.sleep(after)
    process.kill()
    process.communicate()
    codecs = {codec for codec, _ in owned.rows(REPLIES, NAME)}
    assert owned.printed(NAME)["findings"] == before
    seal(owned)
    raw = bytes_of(owned)

    assert codecs in ({"utf8"}, {"sealed"})
    assert not [one for one in said if one in raw]
    assert owned.printed(NAME)["findings"] == before


def test_without_cryptography_it_is_said_what_to_install(project):
    """And the journal stays as it was."""
    project.env |= SECRET
    project.write(simulated(), attacks='["direct"]').run("--limit", 2)
    (project.path / "cryptography.py").write_text("raise ImportError\n")
    done = project.call("runs", "seal", "t-limit-2", "--secret", "OWNER", check=2,
                        PYTHONPATH=str(project.path))  # fmt: skip

    assert "pip install 'dosimeter[seal]'" in done.stderr
    assert (project.folder("t-limit-2") / "report.html").exists()


def test_a_secret_given_in_place_of_its_variables_name_is_not_told(owned):
    """It would stand in the log of a build; what is to be given is told instead."""
    word = "the-secret-itself-0123456789"
    for args in (
        ("runs", "seal", NAME, "--secret", word),
        ("score", NAME, "--rater", "refusal", "--seal", f"physical={word}"),
        ("score", NAME, "--rater", "refusal", "--seal", word),
    ):
        done = owned.call(*args, check=2)

        assert "environment variable that is set" in done.stderr
        assert word not in done.stdout + done.stderr


@pytest.mark.parametrize(("given", "says"), [({}, "not set"), ({"NOPE": ""}, "empty")])
def test_a_variable_that_holds_no_secret_is_named(owned, given, says):
    """Where it is formed as one, which a secret is not."""
    sealing = ("runs", "seal", NAME, "--secret", "NOPE")
    scoring = ("score", NAME, "--rater", "refusal", "--seal", "physical=NOPE")

    assert f"NOPE is {says}" in owned.call(*sealing, check=2, **given).stderr
    if not given:
        assert f"NOPE is {says}" in owned.call(*scoring, check=2).stderr
