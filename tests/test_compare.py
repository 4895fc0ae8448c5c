"""`dosimeter compare` over whole runs."""

import json

from project import GATE, simulated

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
        ('measure = "over-refusal"\nmargin = nan', "comparisons[0].margin"),
        ('measure = "over-refusal"\nmargin = inf', "expected a finite number"),
        (
            'measure = "over-refusal"\nmargin = 5',
            "comparisons[0].margin: 5: of 'over-refusal' no difference is larger than 1, so anything",
        ),
        ('measure = "actionability-mean"\nmargin = 4', "no difference is larger than 4"),
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


def test_what_nothing_may_be_said_of_is_told_in_a_sentence(project):
    """A run that stopped by its gates, one family, a target that gave nothing: no number, and never silence."""
    gate = GATE.format(0.5).replace("known", "one")
    project.write(targets(one=-4.0), attacks='["direct"]').run()
    project.write(
        targets(one=3.0),
        attacks='["direct"]',
        run='stop = "when-decided"\naccept_judge_measured = true\nlook = 4',
        more=gate,
    )
    project.call("run", "stack.toml", "--set", "name=u", "--quiet")
    project.write(targets(one=-4.0), attacks='["direct"]').run("--limit", 1)
    project.write(targets(one=-4.0) + "broken = 1.0\n", attacks='["direct"]', run="max_retries = 0")
    project.call("run", "stack.toml", "--set", "name=broken", "--quiet", check=3)
    peeked, few = (
        project.call("compare", "t", other, check=0).stdout for other in ("u", "t-limit-1")
    )
    broken = project.call("compare", "t", "broken", check=2)

    assert "t and u: cannot tell: a run looked at its gates on the way" in peeked
    assert "t and t-limit-1: cannot tell: 1 family shared; at least 10 are needed" in few
    assert not [w for w in (" pts", "Holm", "would need", "lack a mark") if w in peeked + few]
    assert "of t and 0 of u" in peeked
    assert "broken has no mark on anything shared" in broken.stderr
    assert broken.stdout == ""


def test_a_margin_that_no_difference_is_beyond_is_no_margin(project):
    """Not a number, endless, or wider than the measure: usage, and no verdict."""
    project.write(simulated() + simulated("base = -1.0", "b"), attacks='["direct"]').run(
        "--limit", 2
    )
    for margin, words in (
        ("nan", "no finite number"),
        ("inf", "no finite number"),
        ("5", "no difference is larger than 4"),
        ("1", "no difference is larger than 1, so anything would be equivalent"),
    ):
        done = project.call("compare", "t-limit-2", "--margin", margin, check=2)

        assert words in done.stderr
        assert done.stdout == ""


BASELINE = '[[gates]]\nmeasure = "under-refusal"\nbaseline = "{}"\nmargin = 0.3\n'


def test_a_baseline_is_looked_for_before_anything_is_asked(project):
    """A misspelt one, the run itself and one without the target: refused by every command that could ask."""
    run = "accept_judge_measured = true"
    project.write(run=run).run("--limit", 2, "--set", "name=first")
    project.write(targets(a=0.0), run=run).run("--limit", 2, "--set", "name=other")
    for name, words in (
        (
            "frist-limit-2",
            "no run 'frist-limit-2' in runs, and no journal by that path: run it first",
        ),
        ("t", "the baseline is this run itself"),
        ("runs/t", "the baseline is this run itself"),
        ("stack.toml", "stack.toml is no journal of a run"),
    ):
        project.write(run=run, more=BASELINE.format(name))
        for command in ("validate", "plan", "run"):
            assert words in project.call(command, "stack.toml", check=2).stderr
    project.write(targets(x=0.0, y=1.0), run=run, more=BASELINE.format("first-limit-2"))
    lacking = project.call("validate", "stack.toml", "--json", check=2).stdout
    project.write(simulated(), run=run, more=BASELINE.format("first-limit-2"))
    elsewhere = project.call("validate", "stack.toml", "--runs-dir", "else", check=2).stderr

    assert not (project.path / "runs" / "t").exists()
    assert [f["path"] for f in json.loads(lacking)["faults"]] == ["gates[0].baseline"] * 2
    assert "first-limit-2 has no target 'x' to hold it against: it has known, other" in lacking
    assert "no run 'first-limit-2' in else" in elsewhere
    for command in ("validate", "plan"):
        project.call(command, "stack.toml", check=0)


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
