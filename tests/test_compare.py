"""`dosimeter compare` over whole runs."""

import json

from project import simulated

CAREFUL = '[targets.{name}]\nmodel = "simulated/graded"\nbase = {base}\nintent = 2.0\n'


def targets(**bases):
    return "\n".join(CAREFUL.format(name=n, base=b) for n, b in bases.items())


def test_the_targets_of_one_run_are_compared(project):
    """Two answers that differ, in a table and as JSON; a third that cannot be told apart."""
    project.write(targets(bold=-4.0, careful=3.0, other=2.8), attacks='["direct"]').run()
    said = project.call("compare", "t", check=0).stdout
    facts = json.loads(project.call("compare", "t", "--json", check=0).stdout)
    by = {(c["a"], c["b"]): c for c in facts["comparisons"] if c["measure"] == "under-refusal"}

    assert "bold: simulated/graded, answered as simulated-graded, run t" in said
    assert by["bold", "careful"]["said"] == "B lower"
    assert by["careful", "other"]["said"] == "cannot tell"
    assert f"cannot tell (would need {by['careful', 'other']['needed']:,} families)" in said
    assert "! bold: its run is not reportable" in said
    assert {t["said"] for t in facts["tradeoffs"] if t["a"] == "bold"} == {"trade-off"}
    assert "bold (A) and careful (B)" in said
    assert "Holm's adjustment is over " in said


def test_two_runs_are_compared_and_written(project):
    """By name, by folder, or one target of each; the file is what --json prints."""
    project.write(targets(one=-4.0), attacks='["direct"]').run()
    project.write(targets(one=3.0), attacks='["direct"]')
    project.run("--set", "name=u")
    printed = project.call("compare", "t", "u", "--json", "-o", "c.json", check=0).stdout
    named = project.call("compare", "t:one", "runs/u", "--json", check=0).stdout

    assert json.loads((project.path / "c.json").read_text()) == json.loads(printed)
    assert [s["label"] for s in json.loads(printed)["sides"]] == ["t", "u"]
    assert [s["label"] for s in json.loads(named)["sides"]] == ["t:one", "runs/u"]


def test_margins_and_the_family_are_declared_in_the_stack(project):
    """What is not declared is not compared; the margin was fixed before the run."""
    declared = '[[comparisons]]\nmeasure = "over-refusal"\nmargin = 0.2\n'
    project.write(targets(a=-9.0, b=-8.9), attacks='["direct"]', more=declared).run()
    facts = json.loads(project.call("compare", "t", "--json", check=0).stdout)
    (one,) = facts["comparisons"]

    assert facts["declared"]
    assert (one["measure"], one["margin"], one["margin_by"]) == ("over-refusal", 0.2, "stack")
    assert one["said"] == "equivalent"


def test_a_declared_comparison_is_checked(project):
    """A misspelt measure, a margin of zero, and what cannot be compared are told with their place."""
    for line, words in (
        (
            'measure = "over-refusl"',
            "comparisons[0].measure: no measure 'over-refusl'; did you mean",
        ),
        ('measure = "over-refusal"\nmargin = 0', "comparisons[0].margin"),
        ('measure = "refusal"', "'refusal' is 'shares'; rates and means are compared"),
        ('measure = "capability-cost"', "'capability-cost' is a contrast"),
        ('measure = "over-refusal"\nwhere.target = "a"', "a comparison is of all targets"),
    ):
        project.write(targets(a=0.0), attacks='["direct"]', more=f"[[comparisons]]\n{line}\n")

        assert words in project.call("validate", "stack.toml", check=2).stderr


def test_what_cannot_be_compared_is_told(project):
    """One target, no such run, no such target, other scopes: exit 2, each with what to do."""
    project.write(simulated(), attacks='["direct"]').run("--limit", 2)
    project.run("--limit", 2, "--set", "name=u", "--set", "run.scope=model")
    one = project.call("compare", "t-limit-2:known", check=2).stderr
    gone = project.call("compare", "nothing", check=2).stderr
    wrong = project.call("compare", "t-limit-2:knwn", "u-limit-2", check=2).stderr
    apart = project.call("compare", "t-limit-2", "u-limit-2", check=2).stderr
    told = project.call("compare", "t-limit-2", "u-limit-2", "--allow-unlike", check=0).stdout

    assert "a comparison needs two targets" in one
    assert "no run 'nothing'" in gone
    assert "has no target 'knwn'; it has known" in wrong
    assert "scope: model in u-limit-2; system in t-limit-2" in apart
    assert "! unlike: scope: model in" in told


def test_a_report_compares_the_targets_of_its_run(project):
    """Beside each number alone; a run of one target has nothing to compare."""
    project.write(targets(bold=-4.0, careful=3.0), attacks='["direct"]').run()
    compared = project.report()["compared"]
    said = project.call("report", "t", check=0).stdout
    project.write(targets(bold=-4.0), attacks='["direct"]')
    project.run("--set", "name=u")

    assert compared == json.loads(project.call("compare", "t", "--json", check=0).stdout)
    told = sum(c["said"] == "B lower" or c["said"] == "A lower" for c in compared["comparisons"])
    assert told > 0
    assert f"{told} told apart (Holm); `dosimeter compare " in said
    assert "by both kinds of refusal: trade-off" in said
    assert project.report("u")["compared"] is None
