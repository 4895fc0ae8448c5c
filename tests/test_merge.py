"""Two halves of one run become the run; what they disagree on is listed."""

import json
import shutil
import sqlite3

import pytest
from project import Project

from dosimeter import Mark, MergeRefused, Opinion
from dosimeter.journal import cast_vote, declare_person, draw_batch, merge_journals, ratable

COMMON = (
    '[targets.known]\nmodel = "simulated/graded"\n{}\n[endpoints.j]\nmodel = "simulated/echo"\n'
)
JUDGE = '[[raters]]\nid = "open"\nvotes = 2\nroles = { judge = "j" }\n'


@pytest.fixture(scope="module")
def shards(tmp_path_factory, strangers):
    """One plan, split in halves that two engines did, and the same run never split."""
    project = Project(tmp_path_factory.mktemp("merge"))
    project.env["PYTHONPATH"] = str(strangers)
    project.write(COMMON.format("latency = 0.001"), more=JUDGE)
    project.run("--set", "run.budget.requests=0", "--runs-dir", "plan", check=3)
    for name, rest in (("a", 1), ("b", 0)):
        shutil.copytree(project.path / "plan", project.path / name)
        edit(
            project.path / name / "t",
            f"UPDATE attempt SET state = 'not-needed' WHERE k % 2 = {rest}",
        )
        project.run("--runs-dir", name)
    project.run("--runs-dir", "whole", check=0)
    return project


def edit(folder, *statements):
    (folder / "journal.sqlite.sum").unlink(missing_ok=True)
    db = sqlite3.connect(folder / "journal.sqlite")
    with db:
        for one in statements:
            assert db.execute(one).rowcount
    db.close()


def journal(project, shard):
    return project.path / shard / "t" / "journal.sqlite"


def copies(project, tmp_path):
    out = []
    for shard in ("a", "b"):
        folder = tmp_path / shard / "t"
        shutil.copytree(project.path / shard / "t", folder)
        out.append(folder / "journal.sqlite")
    return out


def named(report, name):
    """Give the report of run ``t`` as that of a run of another name."""
    assert report.count('\n "name": "t"') == 1
    return report.replace('\n "name": "t"', f'\n "name": "{name}"')


def count(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchone()[0]
    finally:
        db.close()


def test_the_report_of_merged_shards_is_that_of_a_run_never_split(shards):
    """To the byte, but for its name, whichever shard comes first; the shards are not touched."""
    before = [journal(shards, s).read_bytes() for s in ("a", "b")]
    done = shards.call("runs", "merge", "a/t", "b/t", "-o", "ab", "--json", check=0)
    shards.call("runs", "merge", "b/t", "a/t", "-o", "ba", check=0)
    whole = shards.call("report", "whole/t", "--json", check=0).stdout

    assert json.loads(done.stdout)["done"] == json.loads(done.stdout)["planned"] == 64
    assert json.loads(done.stdout)["conflicts"] == []
    for name in ("ab", "ba"):
        assert shards.call("report", name, "--json", check=0).stdout == named(whole, name)
    assert shards.dump("ab")["marks"] == shards.dump("ba")["marks"]
    assert [journal(shards, s).read_bytes() for s in ("a", "b")] == before
    assert (shards.path / "runs" / "ab" / "journal.sqlite").stat().st_mode & 0o777 == 0o600
    assert not list((shards.path / "runs" / "ab").glob("*.part*"))


def test_every_table_is_the_sum_of_its_parts(shards, tmp_path):
    """Calls, tries, messages, notes, candidates, ratings, marks: as many as in the whole run."""
    made = merge_journals([journal(shards, "a"), journal(shards, "b")], tmp_path / "m.sqlite")
    for table in ("call", "try", "message", "note", "candidate", "subject", "rating", "mark",
                  "evidence", "scope", "blob", "rater"):  # fmt: skip
        sql = f"SELECT count(*) FROM {table}"
        assert count(made.journal, sql) == count(journal(shards, "whole"), sql), table
    assert count(made.journal, "SELECT count(*) FROM attempt WHERE state = 'done'") == 64


def test_a_merged_run_goes_on(shards):
    """What no shard did is done by running the same stack; another budget is listed, not hidden."""
    done = shards.call("runs", "merge", "a/t", "plan/t", "-o", "half", "--json", check=0)
    facts = json.loads(shards.call("report", "half", "--json", check=3).stdout)

    assert [(c["kind"], c["id"]) for c in json.loads(done.stdout)["conflicts"]] == [
        ("run", "run"), ("run", "stack"), ("run", "stack_hash")
    ]  # fmt: skip
    assert sum(c["planned"] for c in facts["cells"]) == 64
    assert sum(c["done"] for c in facts["cells"]) == 32
    shutil.move(shards.path / "runs" / "half", shards.path / "rest" / "t")
    shards.run("--runs-dir", "rest", check=0)
    again = shards.call("report", "rest/t", "--json", check=0).stdout
    assert again == named(shards.call("report", "whole/t", "--json").stdout, "half")


def test_settings_that_may_change_are_told_as_no_doubt_of_the_answers(shards, tmp_path):
    """A budget that differs: one line, which says that it is harmless, and exit code 0."""
    a, b = copies(shards, tmp_path)
    edit(b.parent, "UPDATE run SET value = value || ' ' WHERE key = 'run'")
    done = shards.call("runs", "merge", a.parent, b.parent, "-o", "settings", check=0)
    _, line = done.stdout.splitlines()

    assert line.startswith("settings differ (run): ")
    assert "no answer and no mark is in doubt" in line


def test_an_operational_option_that_differs_puts_no_answer_in_doubt(shards):
    """Of an endpoint under one id: it may change on resume, and `runs diff` says that nothing differs."""
    shards.run("--runs-dir", "slower", "--set", "targets.known.latency=0.002", check=0)
    done = shards.call("runs", "merge", "whole/t", "slower/t", "-o", "option", "--json", check=0)
    seen = shards.call("runs", "merge", "whole/t", "slower/t", "-o", "option2", check=0)

    assert {c["kind"] for c in json.loads(done.stdout)["conflicts"]} == {"run"}
    assert "conflict" not in seen.stdout
    assert "merge-conflicts" not in {n["code"] for n in shards.printed("option")["notices"]}
    shards.call("runs", "diff", "whole/t", "slower/t", check=0)


def test_one_conflicting_call_is_listed(shards, tmp_path):
    """The first journal's stands, the conversation is not mixed, and the exit code is 3."""
    a, b = copies(shards, tmp_path)
    shutil.copy(shards.path / "whole" / "t" / "journal.sqlite", b)
    call = count(a, "SELECT lower(hex(c.id)) FROM call c JOIN scope s ON s.k = c.scope"
                    " WHERE s.kind = 'attempt' ORDER BY c.k LIMIT 1")  # fmt: skip
    edit(b.parent, "INSERT INTO blob VALUES (999999, x'00112233445566778899aabbccddeeff', 'utf8',"
                   " CAST('something else' AS BLOB))",
         "UPDATE message SET body = 999999 WHERE k = (SELECT reply FROM call"
         f" WHERE lower(hex(id)) = '{call}')")  # fmt: skip
    done = shards.call("runs", "merge", a.parent, b.parent, "-o", "odd", "--json", check=3)
    told = shards.call("runs", "merge", a.parent, b.parent, "-o", "odd2", check=3).stdout
    facts = json.loads(done.stdout)
    merged = shards.path / "runs" / "odd" / "journal.sqlite"

    assert facts["conflicts"] == [
        {"kind": "call", "id": call, "journals": [str(a), str(b)], "what": "reply"}
    ]
    assert f"conflict: call {call} (reply)" in told
    assert f"call {call} (reply)" in shards.call("runs", "show", "odd", check=0).stdout
    assert "merge-conflicts" in {n["code"] for n in shards.printed("odd")["notices"]}
    assert facts["done"] == 64
    assert count(merged, "SELECT count(*) FROM messages WHERE text = 'something else'") == 0


def test_journals_of_different_designs_are_refused_by_name(shards, tmp_path):
    """Nothing is written; a target that is not there, and one journal twice, are refused too."""
    other = Project(tmp_path)
    other.env = shards.env
    other.write(COMMON.format("severity = 0.9"), more=JUDGE).run(check=0)
    mine = other.folder() / "journal.sqlite"
    out = tmp_path / "out" / "m.sqlite"
    with pytest.raises(MergeRefused) as said:
        merge_journals([journal(shards, "a"), mine], out)

    assert str(mine) in str(said.value)
    assert str(journal(shards, "a")) in str(said.value)
    assert not out.parent.exists()
    with pytest.raises(MergeRefused, match="at least two"):
        merge_journals([mine, mine], out)
    with pytest.raises(MergeRefused, match="there already"):
        merge_journals([journal(shards, "a"), journal(shards, "b")], mine)


def test_votes_and_draws_are_merged(shards, tmp_path):
    """People who read different shards: batches and votes unite; one vote cast twice is listed."""
    a, b = copies(shards, tmp_path)
    both = tmp_path / "both"
    first = [r.subject_id for r in ratable(a)]
    batch = {}
    for path, seed, value in ((a, 1, 1), (b, 2, 2)):
        ann = declare_person(path, "ann", ["depth"])
        units = [(r.subject_id, 0.5) for r in ratable(path)]
        batch[path] = draw_batch(path, policy="half", seed=seed, pi=units)
        for unit in batch[path].units:
            cast_vote(path, rater_id=ann, subject_id=unit.subject_id, batch_id=batch[path].id,
                      opinion=Opinion(marks=(Mark(scale="depth", value=value),)))  # fmt: skip
    made = merge_journals([a, b], both / "journal.sqlite")
    seen = len(batch[a].units) + len(batch[b].units)

    assert made.conflicts == ()
    assert len(first) == 32
    assert count(made.journal, "SELECT count(*) FROM draws WHERE served_at IS NOT NULL") == seen
    assert (
        count(made.journal, "SELECT count(*) FROM marks WHERE rater = 'ann' AND pi = 0.5") == seen
    )
    c = tmp_path / "c" / "journal.sqlite"
    c.parent.mkdir()
    shutil.copy(a, c)
    edit(c.parent, "UPDATE mark SET num = 3 WHERE rating = (SELECT min(g.k) FROM rating g"
                   " JOIN rater w ON w.k = g.rater WHERE w.name = 'ann')")  # fmt: skip
    (one,) = merge_journals([a, c], tmp_path / "d.sqlite").conflicts
    assert (one.kind, one.what, one.journals) == ("rating", "marks", (str(a), str(c)))
