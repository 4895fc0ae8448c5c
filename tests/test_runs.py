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


def test_what_nobody_told_of_cost_and_tokens_is_unknown(project):
    """Without a price there is no sum of money, and no zero; a price of nothing is one."""
    project.write(simulated(), attacks='["direct"]').run("--limit", 3)
    free = shown(project, "t-limit-3")["took"]
    project.edit(
        "UPDATE try SET money = NULL, tokens_in = NULL, tokens_out = NULL", name="t-limit-3"
    )
    unknown = shown(project, "t-limit-3")["took"]
    said = project.call("runs", "show", "t-limit-3", check=0).stdout

    assert free["money"] == 0
    assert (unknown["money"], unknown["tokens_in"], unknown["tokens_out"]) == (None, None, None)
    assert re.search(r"^money +unknown$", said, re.MULTILINE)
    assert re.search(r"^tokens in, out +unknown$", said, re.MULTILINE)


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
    _, _, typed = told["go_on"].replace("STACK_FILE", "stack.toml").partition("dosimeter ")
    words = shlex.split(typed)
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


def differing(project, a, b, check):
    return json.loads(project.call("runs", "diff", a, b, "--json", check=check).stdout)


def named(said, kind):
    return {d["id"]: (d["a"], d["b"]) for d in said["differences"] if d["kind"] == kind}


def test_runs_alike_do_not_differ_whatever_they_are_called(project):
    """Exit 0: a name, a budget and a sink change no number; they are told apart from what does."""
    project.write(attacks='["direct"]').run("--limit", 2)
    project.run("--limit", 2, "--set", "name=again", "--set", "run.budget.requests=500")
    said = differing(project, "t-limit-2", "again-limit-2", 0)
    text = project.call("runs", "diff", "t-limit-2", "again-limit-2", check=0).stdout

    assert not said["different"]
    assert {d["id"] for d in said["differences"]} == {"name", "run.budget.requests"}
    assert not any(d["measured"] for d in said["differences"])
    assert said["shared"]["attempts"] == said["shared"]["attempts_a"] == 8
    assert text.startswith(
        "Nothing differs that is measured.\nNo number depends on:\n  stack name:"
    )


def test_each_way_in_which_runs_differ_is_told(project):
    """Stack, items, arms and raters by name; files of parts; a target that one lacks is one line."""
    project.write(attacks='["direct"]').run("--limit", 2)
    project.write(simulated("base = -2.0\n"), attacks='["direct"]', run="scope = 'model'")
    project.run("--limit", 3)
    project.edit(
        "UPDATE component SET version = '9.9' WHERE id = 'refusal'",
        "UPDATE rater SET id = x'00000000000000000000000000000001' WHERE name = 'refusal'",
        name="t-limit-3",
    )
    said = differing(project, "t-limit-2", "t-limit-3", 1)
    stack = named(said, "stack")
    added = [one for one, (a, _) in named(said, "item").items() if a is None]

    assert said["different"]
    assert stack["targets.known.identity.base"] == (-3.0, -2.0)
    assert stack["targets.other"] == ("there", None)
    assert not any(key.startswith("targets.other.") for key in stack)
    assert stack["run.scope"] == (None, "model")
    assert len(added) == 2
    assert list(named(said, "arm")) == ["physical direct direct other"]
    assert "9.9" in named(said, "component")["rater refusal"][1]
    assert list(named(said, "rater")) == ["refusal"]
    assert ", 1 vote," in f"{named(said, 'rater')['refusal'][1]},"


def test_items_with_other_words_are_told_by_digest_alone(project):
    """An item of one id whose wording changed is no pair, and no text is printed."""
    project.write(attacks='["direct"]').run("--limit", 2)
    project.run("--limit", 2, "--set", "name=u")
    project.edit(
        "UPDATE item SET stimulus = x'00000000000000000000000000000002' WHERE k = 1",
        name="u-limit-2",
    )
    ((item, _),) = project.rows(
        "SELECT category || '/' || id, k FROM item WHERE k = 1", "u-limit-2"
    )
    said = differing(project, "t-limit-2", "u-limit-2", 1)
    text = project.call("runs", "diff", "t-limit-2", "u-limit-2", check=1).stdout
    texts = project.rows("SELECT text FROM messages WHERE text IS NOT NULL", "t-limit-2")

    assert named(said, "item")[f"{item} wording"][1] == "0" * 31 + "2"
    assert (said["shared"]["items"], said["shared"]["changed"]) == (3, 1)
    assert said["shared"]["prompts"] == 3
    assert "possible over 3 prompts that both put (of 4 and 4)" in text
    assert not [t for (t,) in texts if t in text]


def test_another_model_behind_one_name_is_a_difference(project):
    """What endpoints called themselves is compared, where both runs have the endpoint."""
    project.write(attacks='["direct"]').run("--limit", 2)
    project.run("--limit", 2, "--set", "name=u")
    project.edit(
        "UPDATE call SET model = 'graded-2' WHERE endpoint ="
        " (SELECT id FROM endpoint WHERE name = 'known')",
        name="u-limit-2",
    )
    said = differing(project, "t-limit-2", "u-limit-2", 1)

    assert named(said, "model") == {"known": ("simulated-graded", "graded-2")}


def test_runs_without_a_prompt_in_common_cannot_be_paired(project):
    """It is said, and what there is no run of is trouble: exit 2."""
    project.write(attacks='["direct"]').run("--limit", 2)
    project.write(attacks='["multi-turn"]').run("--limit", 2, "--set", "name=u")
    text = project.call("runs", "diff", "t-limit-2", "u-limit-2", check=1).stdout

    assert "impossible: no prompt of 4 and 4 was put by both" in text
    assert "Attempts of one id: 0 (of 8 and 8).\n" in text
    assert "no run 'none'" in project.call("runs", "diff", "t-limit-2", "none", check=2).stderr
