"""`runs purge` over whole runs: texts go, estimates stay."""

from project import simulated

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


def test_words_that_come_again_after_a_purge_are_here_again(project):
    """A reply received later is kept and rated, even if the same words were deleted before."""
    project.write(attacks='["direct"]', run="budget = { requests = 20 }").run(check=3)
    project.call("runs", "purge", "t", "--yes", check=0)
    project.run("--set", "run.budget.requests=10000", check=0)
    lost = project.rows("SELECT count(*) FROM marks WHERE reason = 'purged'")[0][0]

    assert lost == 0
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


def test_a_purged_run_is_not_rated_anew(project):
    """What is deleted gets no mark, not even "unscorable": it is counted as left."""
    project.write(attacks='["direct"]').run()
    project.edit("DELETE FROM mark", "DELETE FROM rating", "DELETE FROM evidence")
    project.call("runs", "purge", "t", "--yes", check=0)
    done = project.call("score", "t", "--rater", "refusal", check=2)

    assert "every reply of this run was deleted" in done.stderr
    assert project.rows("SELECT count(*) FROM marks") == [(0,)]


def test_purge_says_what_is_gone_in_words(project):
    """Replies and attempts, not rows of a table; what sinks wrote before is named."""
    project.write(attacks='["multi-turn"]').run("--limit", 2)
    done = project.call("runs", "purge", "t-limit-2", "--yes", check=0).stdout
    again = project.call("runs", "purge", "t-limit-2", "--yes", check=0).stdout

    assert "Deleted: 16 replies of 8 attempts" in done
    assert "left as they are: report.html, report.json" in done
    assert "Deleted: 0 replies of 0 attempts" in again


def test_nobody_is_asked_where_nobody_is(project):
    """Purging without a terminal asks for --yes instead of waiting."""
    project.write().run("--limit", 2)
    done = project.call("runs", "purge", "t-limit-2", check=2)

    assert "--yes" in done.stderr
    assert project.rows("SELECT count(*) FROM blob WHERE codec = 'purged'", "t-limit-2") == [(0,)]
