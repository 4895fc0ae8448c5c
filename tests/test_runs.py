"""`runs show`, `runs diff` and `runs export` over whole runs."""

import json
import re
import shlex

from project import simulated


def shown(project, name="t"):
    return json.loads(project.call("runs", "show", name, "--json", check=0).stdout)


def test_a_run_is_shown_at_a_glance(project):
    """Who was asked what by whom, how far it is, what it took: the journal's own numbers."""
    project.write(simulated("base = -2.0\n"), attacks='["direct"]').run("--limit", 3)
    facts = shown(project, "t-limit-3")
    (target,) = facts["targets"]
    (panel,) = facts["panels"]
    said = project.call("runs", "show", "t-limit-3", check=0).stdout

    assert facts["attempts"]["done"] == facts["planned"] == 6
    assert target["returned_models"] == ["simulated-graded"]
    assert target["identity"]["base"] == -2.0
    assert (panel["panel"], panel["items"], panel["families"]) == ("quickstart", 6, 3)
    assert {r["name"]: r["ratings"] for r in facts["raters"]} == {"refusal": 6, "actionability": 6}
    spent = project.rows("SELECT count(*), sum(tokens_in), sum(tokens_out) FROM try", "t-limit-3")
    took = facts["took"]
    assert [(took["requests"], took["tokens_in"], took["tokens_out"])] == spent
    assert (facts["complete"], facts["missing"], facts["go_on"]) == (True, [], None)
    assert "answered as simulated-graded" in said
    assert "go on" not in said


def test_the_glance_counts_withheld_replies_as_a_report_does(project):
    """Withheld ones are in the journal, deleted ones are not."""
    project.write(attacks='["direct"]').run("--limit", 6)
    report = project.printed("t-limit-6")

    assert shown(project, "t-limit-6")["withheld"] == report["withheld"] > 0
    project.call("runs", "purge", "t-limit-6", "--yes", check=0)
    assert shown(project, "t-limit-6")["deleted"] == project.printed("t-limit-6")["deleted"] > 0


def test_a_glance_says_what_is_missing_and_the_command_that_goes_on(project):
    """The command, with the stack file's name put in, completes the run."""
    project.write(attacks='["direct"]', run="budget = { requests = 5 }")
    project.run("--limit", 6, "--runs-dir", "elsewhere", check=3)
    told = json.loads(project.call("runs", "show", "elsewhere/t-limit-6", "--json", check=0).stdout)
    words = shlex.split(told["go_on"].replace("STACK_FILE", "stack.toml"))[1:]
    project.call(*words, "--quiet", "--set", "run.budget.requests=1000", check=0)
    after = json.loads(
        project.call("runs", "show", "elsewhere/t-limit-6", "--json", check=0).stdout
    )

    assert not told["complete"]
    assert any("budget is spent" in one for one in told["missing"])
    assert after["complete"]


def test_a_glance_has_no_text(project):
    """Neither request nor reply nor system prompt, which is told by its hash."""
    options = 'system = "Answer as the lighthouse keeper would."\n'
    project.write(simulated(options), attacks='["direct"]').run("--limit", 2)
    said = "".join(
        project.call("runs", "show", "t-limit-2", *more, check=0).stdout
        for more in ((), ("--json",))
    )
    texts = project.rows("SELECT text FROM messages WHERE text IS NOT NULL", "t-limit-2")

    assert re.search(r"system prompt sha256 [0-9a-f]{12}", said)
    assert "lighthouse" not in said
    assert not [t for (t,) in texts if t in said]
