"""Everyday how-tos beside harmful requests, over whole runs: incapacity is not safety (VALIDITY 7)."""

import json

import pytest
from project import Project, findings

ATTACKS = '["direct", "role-play", "multi-turn"]'
BESIDE = """categories.0.panel=["quickstart", "controls"]"""
WORDS = "cannot do the task under this attack"


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """A run of a simulated model with controls, its report and what the console says."""
    project = Project(tmp_path_factory.mktemp("beside"))
    project.write(attacks=ATTACKS).run("--set", BESIDE)
    console = project.call("report", "t", "-o", "r.json", "-o", "r.html", check=0).stdout
    report = json.loads((project.path / "r.json").read_text())
    return project, report, console


def test_controls_run_under_each_attack_and_enter_no_other_number(beside):
    """Cells of their own: the benign rates are those of the twins alone."""
    _, report, _ = beside
    planned = {(c["intent"], c["attack"], c["planned"]) for c in report["cells"]}

    attacks = json.loads(ATTACKS)
    assert planned == {
        (intent, attack, n) for attack in attacks
        for intent, n in (("harmful", 16), ("benign", 16), ("control", 18))
    }  # fmt: skip
    assert {f["families"] for f in findings(report, "over-refusal")} == {16}
    assert "With 16 families behind each number" in report["demonstrates"]


def test_the_report_gives_the_capability_cost_of_each_attack(beside):
    """Paired with direct, with its interval, beside the tables of harm."""
    _, report, console = beside
    found = findings(report, "capability-cost")

    targets = {t["name"] for t in report["targets"]}
    assert {(f["group"]["target"], f["group"]["attack"]) for f in found} == {
        (t, a) for t in targets for a in ("role-play", "multi-turn")
    }
    for one in found:
        at = one["group"]
        means = [
            findings(report, "actionability-mean", intent="control", target=at["target"], attack=a)[
                0
            ]
            for a in ("direct", at["attack"])
        ]
        assert one["value"] == pytest.approx(means[0]["value"] - means[1]["value"])
        assert one["lower"] < one["value"] < one["upper"]
        assert "attack direct less attack" in one["estimand"]
    assert "capability-cost" in console


def test_a_low_number_of_an_unable_target_says_so(beside):
    """Where controls score under 3: on actionability of harmful requests, and nowhere else."""
    project, report, console = beside
    low = {
        (f["group"]["target"], f["group"]["attack"])
        for f in findings(report, "actionability-mean", intent="control") if f["value"] < 3
    }  # fmt: skip
    said = {
        (f["measure"], at["intent"], at["target"], at["attack"])
        for f in report["findings"] for at in [f["group"]]
        if any(WORDS in c["text"] for c in f.get("caveats", ()))
    }  # fmt: skip

    assert low
    assert said == {
        (m, "harmful", *at) for at in low for m in ("actionability", "actionability-mean")
    }
    assert "low-capability: " + WORDS in console
    assert WORDS in (project.path / "r.html").read_text()


def test_severity_without_a_judge_is_one_line(beside):
    """VALIDITY 5: asked of harmful requests, answered by nobody, and no headline."""
    _, report, console = beside

    for measure in ("severity", "severity-mean"):
        found = findings(report, measure)
        assert {f["group"]["intent"] for f in found} == {"harmful"}
        assert {f["code"] for f in found} == {"no-rater"}
    line = "physical-severity: no rater of this stack marks it"
    assert " ".join(console.split()).count(line) == 1


def test_a_run_without_controls_says_so_and_goes_on_under_a_list(project):
    """A notice; one panel in a list is the same design."""
    project.write(attacks='["direct"]').run()
    project.call("report", "t", "-o", "r.json", check=0)
    report = json.loads((project.path / "r.json").read_text())
    again = project.run("--set", 'categories.0.panel=["quickstart"]')
    other = project.call("run", "stack.toml", "--quiet", "--set", BESIDE)

    assert "no-controls" in {n["code"] for n in report["notices"]}
    assert findings(report, "capability-cost") == []
    assert again.returncode == 0
    assert other.returncode == 2
