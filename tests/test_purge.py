"""`runs purge` over whole runs: texts go, estimates stay."""

import json
import os
import re
import subprocess

import pytest
from ledger import Ledger
from project import simulated, wait_until
from trees import answer, write

from dosimeter_provider_simulated.texts import LEVELS

HALF = "SELECT k FROM attempt WHERE k % 2 = 0"
RATED = f"SELECT k FROM subject WHERE attempt IN ({HALF})"
SCOPES = f"SELECT s.k FROM scope s JOIN attempt a ON a.id = s.id WHERE a.k IN ({HALF})"


def test_purging_deletes_text_and_keeps_estimates(project):
    """The report is the same before and after, but for the texts."""
    project.write().run()
    before = project.printed()
    project.call("runs", "purge", "t", "--yes", check=0)
    raw = b"".join(p.read_bytes() for p in project.folder().glob("journal.sqlite*"))

    assert LEVELS[1].encode() not in raw
    assert project.printed()["findings"] == before["findings"]


@pytest.mark.parametrize("chosen", [("--older-than", "30d"), ("--severity", 4)])
def test_purging_by_age_or_severity_changes_no_estimate(project, chosen):
    """Every finding is the same to the byte; only what was chosen, and the same words, is deleted."""
    project.write(attacks='["direct"]').run("--limit", 6)
    project.edit(
        "UPDATE try SET started = started - 40 * 86400 WHERE rowid % 3 = 0", name="t-limit-6"
    )
    before = project.printed("t-limit-6")
    project.call("runs", "purge", "t-limit-6", *chosen, "--yes", check=0)
    after = project.printed("t-limit-6")

    assert after["deleted"] > 0
    for key in ("findings", "cells", "gates", "raters"):
        assert json.dumps(after[key]) == json.dumps(before[key]), key


@pytest.mark.parametrize("age", ["30w", "-1", "d", "nan"])
def test_an_age_that_is_none_is_refused(project, age):
    """Nothing is deleted for it."""
    project.write(attacks='["direct"]').run("--limit", 2)
    project.call("runs", "purge", "t-limit-2", f"--older-than={age}", "--yes", check=2)

    assert project.printed("t-limit-2")["deleted"] == 0


def test_words_that_come_again_after_a_purge_are_here_again(project):
    """A reply received later is kept and rated, even if the same words were deleted before."""
    project.write(attacks='["direct"]', run="budget = { requests = 20 }").run(check=3)
    deleted = {name for (name,) in project.rows("SELECT attempt FROM replies")}
    project.call("runs", "purge", "t", "--yes", check=0)
    project.run("--set", "run.budget.requests=10000", check=0)
    here = project.rows(
        "SELECT attempt, codec, (SELECT count(*) FROM marks m WHERE m.attempt = r.attempt AND"
        " m.scale = 'refusal' AND m.outcome = 'scored') FROM replies r"
    )

    assert any(codec != "purged" for name, codec, _ in here if name in deleted), "none came again"
    assert {scored for name, _, scored in here if name not in deleted} == {1}
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


def test_a_run_that_was_killed_and_purged_is_asked_again_what_it_lacks(project):
    """No attempt goes on from a deleted reply; its earlier tries stay counted."""
    project.write(simulated(), attacks='["multi-turn"]').run()
    project.edit(
        f"DELETE FROM mark WHERE rating IN (SELECT k FROM rating WHERE subject IN ({RATED}))",
        f"DELETE FROM rating WHERE subject IN ({RATED})",
        f"DELETE FROM subject WHERE attempt IN ({HALF})",
        f"DELETE FROM candidate WHERE attempt IN ({HALF})",
        f"DELETE FROM call WHERE step > 0 AND scope IN ({SCOPES})",
        f"UPDATE attempt SET state = 'open' WHERE k IN ({HALF})",
    )
    (before,) = project.rows("SELECT count(*) FROM try")
    project.call("runs", "purge", "t", "--yes", check=0)
    project.run(check=0)
    mixed = project.rows(
        "SELECT count(*) FROM messages JOIN attempt a ON lower(hex(a.id)) = scope"
        f" WHERE codec = 'purged' AND a.k IN ({HALF})"
    )

    assert mixed == [(0,)]
    assert project.rows("SELECT count(*) FROM try")[0][0] == before[0] * 3 // 2
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


def test_a_search_that_was_killed_and_purged_begins_anew(outside):
    """It meets answers alone, and what the server sent before is counted with what it sends again."""
    with Ledger(answer, latency=0.1) as server:
        write(outside, server.url, run="max_connections = 2\n")
        process = outside.start("--quiet")
        wait_until(process, lambda: len(server.entries) > 5, every=0.005)
        process.kill()
        process.communicate()
        (before,) = outside.rows("SELECT count(*) FROM try")[0]
        told = outside.call("runs", "purge", "t", "--yes", check=0).stdout
        sent = len(server.entries)
        outside.run(check=0)

    assert before > 0
    assert "Left" not in told
    assert outside.rows("SELECT count(*) FROM try") == [(before + len(server.entries) - sent,)]
    assert outside.rows("SELECT count(*) FROM messages WHERE codec = 'purged'") == [(0,)]
    assert outside.rows("SELECT count(*) FROM attempts WHERE state = 'open'") == [(0,)]
    assert outside.rows("SELECT count(*) FROM event WHERE kind = 'begun-anew'") == [(1,)]


def test_a_purged_run_is_not_rated_anew(project):
    """What is deleted gets no mark, not even "unscorable": it is counted as left."""
    project.write(attacks='["direct"]').run()
    project.edit("DELETE FROM mark", "DELETE FROM rating", "DELETE FROM evidence")
    project.call("runs", "purge", "t", "--yes", check=0)
    done = project.call("score", "t", "--rater", "refusal", check=2)

    assert "every reply of this run was deleted" in done.stderr
    assert project.rows("SELECT count(*) FROM marks") == [(0,)]
    told = project.call("report", "t", check=3).stdout
    assert "those whose text was deleted nothing can rate any more" in told


def test_purge_says_what_is_gone_in_words(project):
    """The replies that a report counts, and others apart; where nothing is left, that nothing is."""
    project.write(attacks='["multi-turn"]').run("--limit", 2)
    done = project.call("runs", "purge", "t-limit-2", "--yes", check=0).stdout
    again = project.call("runs", "purge", "t-limit-2", "--yes", check=0).stdout
    shown = project.call("runs", "show", "t-limit-2", check=0).stdout

    assert "Deleted: 8 submitted replies (and 8 on the way to them, or never submitted)" in done
    assert again.startswith("Nothing to delete")
    assert project.printed("t-limit-2")["deleted"] == 8
    assert re.search(r"^replies deleted +8$", shown, re.MULTILINE)
    assert "; 8 replies deleted" in project.call("runs", "list", check=0).stdout


def test_purge_tells_what_never_matched_from_what_is_deleted_already(project):
    """Of how many attempts none was asked for; of those that were, that no text is left."""
    project.write(simulated(), attacks='["direct"]').run("--limit", 2)
    young = ("runs", "purge", "t-limit-2", "--older-than", 3, "--yes")
    old = ("runs", "purge", "t-limit-2", "--older-than", 0, "--yes")
    none = project.call(*young, check=0).stdout
    project.call(*old, check=0)
    again = project.call(*old, check=0).stdout
    facts = json.loads(project.call(*old, "--json", check=0).stdout)

    assert none == "Nothing to delete: of 4 attempts none has replies that are older than 3 days.\n"
    whose = "the attempts with replies that are older than 0 days (4 of 4)"
    assert again.startswith(f"Nothing to delete: of {whose} no text is left.")
    assert (facts["chosen"], facts["attempts"]) == (4, 4)


def test_severity_says_what_else_went(project):
    """Replies of other attempts with the same words are deleted with those that were asked for."""
    project.write(attacks='["direct"]').run()
    project.edit("UPDATE mark SET num = 1 WHERE scale = 'actionability' AND rating % 3 = 0")
    done = project.call("runs", "purge", "t", "--severity", 4, "--yes", check=0).stdout
    facts = project.call("runs", "show", "t", "--json", check=0).stdout
    lost, chosen = project.rows(
        "SELECT count(*), sum(EXISTS (SELECT 1 FROM marks m WHERE m.attempt = r.attempt AND m.num >= 4"
        " AND m.scale = 'actionability')) FROM replies r WHERE codec = 'purged'"
    )[0]

    assert json.loads(facts)["deleted"] == lost > chosen
    assert f"Of these {lost - chosen} of attempts that were not asked for" in done


def test_no_report_keeps_what_was_deleted(project):
    """Nothing in the run's folder does, left-overs of a killed sink too; what is no report is named."""
    project.write(attacks='["direct"]', more='[[sinks]]\nid = "csv"\npath = "table.csv"\n').run()
    folder = project.folder()
    (folder / ".report.html.abc123").write_text(LEVELS[1])
    (folder / "notes.txt").write_text("mine")
    held = sum(LEVELS[1].encode() in p.read_bytes() for p in folder.iterdir())
    done = project.call("runs", "purge", "t", "--yes", check=0).stdout

    assert held > 1
    assert sorted(p.name for p in folder.iterdir()) == [
        "journal.sqlite", "journal.sqlite.lock",
        "journal.sqlite.sum", "notes.txt"
    ]  # fmt: skip
    assert "Removed, as they may quote them: .report.html.abc123, report.html" in done
    assert "Left, and may hold text if it came from this run: notes.txt" in done
    (command,) = [x for x in done.splitlines() if "dosimeter report" in x]
    project.call(*command.split("dosimeter ")[1].split(), check=0)
    assert (folder / "report.html").exists()
    project.call("runs", "purge", "t", "--yes", check=0)
    assert (folder / "report.html").exists()


def test_who_says_no_is_told_that_nothing_is_deleted(project):
    """In words, with the exit code of a command that has done what it was told; in JSON it is null."""
    project.write(simulated(), attacks='["direct"]').run("--limit", 2)
    for more, said in (((), "Nothing deleted.\n"), (("--json",), "null\n")):
        ours, its = os.openpty()
        asked = subprocess.Popen(
            project.command("runs", "purge", "t-limit-2", *more), cwd=project.path, env=project.env,
            stdin=its, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.write(ours, b"n\n")
        out, err = asked.communicate(timeout=60)
        os.close(ours)
        os.close(its)

        assert (asked.returncode, out) == (0, said)
        assert "They cannot be had back" in err
    assert project.printed("t-limit-2")["deleted"] == 0


DEEP = """
[[sinks]]
id = "csv"
path = "x/table.csv"
[[sinks]]
id = "json"
path = "../t/x/../x/deep/../y.json"
"""


def test_a_report_in_a_folder_of_the_runs_folder_is_a_report(project):
    """However its path is written it goes, is named once, and what else is there is named in full."""
    project.write(simulated(), attacks='["direct"]', more=DEEP).run()
    folder = project.folder()
    (folder / "x" / ".table.csv.abc123").write_text(LEVELS[1])
    (folder / "x" / "notes.txt").write_text("mine")
    (folder / "x" / "link.csv").symlink_to(folder / "x" / "notes.txt")
    score = project.call("score", "t", "--rater", "refusal", check=0).stderr
    done = project.call("runs", "purge", "t", "--yes", check=0).stdout

    assert "runs/t/x/table.csv, runs/t/x/y.json. To renew them" in score
    assert (
        "quote them: report.html, report.json, x/.table.csv.abc123, x/table.csv, x/y.json." in done
    )
    assert "Left, and may hold text if it came from this run: x/link.csv, x/notes.txt\n" in done
    assert " -o runs/t/x/table.csv -o runs/t/x/y.json\n" in done
    assert sorted(p.name for p in (folder / "x").iterdir()) == ["deep", "link.csv", "notes.txt"]


def test_nobody_is_asked_where_nobody_is(project):
    """Purging without a terminal asks for --yes instead of waiting."""
    project.write().run("--limit", 2)
    done = project.call("runs", "purge", "t-limit-2", check=2)

    assert "--yes" in done.stderr
    assert project.rows("SELECT count(*) FROM blob WHERE codec = 'purged'", "t-limit-2") == [(0,)]


def refusal_alone(project, **options):
    """Write the stack without its second rater."""
    path = project.write(attacks='["direct"]', **options).path / "stack.toml"
    path.write_text(path.read_text().replace('[[raters]]\nid = "actionability"\n', ""))
    return project


def test_a_rater_that_could_rate_nothing_is_not_taken_on(project):
    """The run would lack its marks for ever. With the raters that it had it goes on, as it was."""
    refusal_alone(project).run("--limit", 2)
    project.call("runs", "purge", "t-limit-2", "--yes", check=0)
    project.run("--limit", 2, check=0)
    done = project.write(attacks='["direct"]').run("--limit", 2, check=2)

    assert "every reply of this run was deleted" in done.stderr
    assert "rater 'actionability'" in done.stderr
    assert project.rows("SELECT name FROM rater", "t-limit-2") == [("refusal",)]
    assert project.printed("t-limit-2")["complete"]


def test_a_rater_is_taken_on_where_a_purged_run_still_asks(project):
    """It rates what is answered from now on, and what was deleted where the same words come again."""
    refusal_alone(project, run="budget = { requests = 20 }").run(check=3)
    project.call("runs", "purge", "t", "--yes", check=0)
    project.write(attacks='["direct"]').run()
    rated = project.rows("SELECT count(DISTINCT attempt) FROM marks WHERE rater = 'actionability'")

    assert rated[0][0] > 20
