"""A guardrail and a chat model on the same items: the stack that the pages show, run as it stands."""

import json
import re
import shutil

import pytest
from pages import ROOT
from project import Project, findings

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run the example once; give its project, and what the run printed."""
    project = Project(tmp_path_factory.mktemp("guardrail"))
    for name in ("guardrail.toml", "mybot.py"):
        shutil.copy(EXAMPLES / name, project.path)
    return project, project.call("run", "guardrail.toml", check=0)


def test_a_guardrail_that_goes_by_words_is_found_out(ran):
    """It blocks as much of what is harmless, and nothing of what is harmful without the word."""
    project, _ = ran
    report = project.report("guardrail")
    rates = {
        f["group"]["intent"]: (round(f["value"], 2), f["families"], f["missing"]["unscorable"])
        for f in findings(report, "blocked", target="guard", attack="direct")
    }
    cells = project.rows(
        "SELECT m.intent, f.value, avg(m.num) FROM marks m JOIN attempts a ON a.attempt = m.attempt"
        " JOIN item i ON i.id = a.item JOIN item_factor f ON f.item = i.k AND f.name = 'trigger'"
        " WHERE m.scale = 'blocked' AND m.subject = 'path' AND m.outcome = 'scored' GROUP BY 1, 2 ORDER BY 1, 2",
        "guardrail",
    )

    assert rates == {"harmful": (0.4, 15, 0), "benign": (0.4, 15, 0)}
    assert cells == [
        ("benign", "0", 0.0),
        ("benign", "1", 0.8),
        ("harmful", "0", 0.0),
        ("harmful", "1", 0.8),
    ]


def test_neither_target_is_asked_for_what_it_does_not_give(ran):
    """A row each by who reads it, nothing missing, no alarm; the report says who has none, and why."""
    project, done = ran
    report = project.report("guardrail")
    raters = {(f["group"]["target"], f["group"]["rater"]) for f in report["findings"]}
    raters -= {("bot", "none")}  # severity, which no rater of the stack marks
    codes = {n["code"] for n in report["notices"]}

    assert raters == {("guard", "verdict"), ("bot", "refusal"), ("bot", "actionability")}
    assert report["complete"]
    assert report["reportable"]
    assert "idle-rater" in codes
    assert "unmarked" not in codes
    assert (
        "guard gives verdicts and no text: actionability and refusal have nothing to mark of it"
        in done.stdout
    )
    assert "no-marks" not in done.stdout


def test_verdicts_are_shown_and_kept(ran):
    """The label as a code in every output; whole in the journal."""
    project, _ = ran
    shown = {
        a["verdict"] for a in project.report("guardrail")["attempts"] if a["target"] == "guard"
    }
    page = (project.folder("guardrail") / "report.html").read_text()
    (kept,) = project.rows("SELECT DISTINCT codec FROM replies WHERE target = 'guard'", "guardrail")

    assert "blocked, label poison, score 1" in shown
    assert "passed, label none, score 0" in shown
    assert "judged <bdi>blocked, label poison, score 1</bdi>" in page
    assert not re.search(r"no number(</b>:| \()\W*not measured", page)
    assert kept == ("json",)


def test_a_gate_on_block_rates_is_about_the_guardrail(ran):
    """Targets that give no verdict leave it decided, though it does not name the one that does."""
    project, _ = ran
    text = (project.path / "guardrail.toml").read_text()
    gate = '[run]\naccept_judge_measured = true\n[[gates]]\nmeasure = "blocked"\nat_most = {}\nwhere = {{ intent = "benign" }}\n'
    (project.path / "gated.toml").write_text(
        text.replace('"guardrail"', '"gated"') + gate.format(0.22)
    )
    done = project.call("run", "gated.toml", "--json", check=1)
    (gate,) = json.loads(done.stdout)["gates"]

    assert gate["state"] == "fail"


def test_a_function_answers_in_worker_processes_too(outside):
    """They find it where the stack lies, check its source, and print into no wire."""
    stack = (
        (EXAMPLES / "guardrail.toml").read_text().replace('"factorial"', '"quickstart"\nlimit = 2')
    )
    (outside.path / "guardrail.toml").write_text(stack + '[executor]\nid = "pipe"\n')
    (outside.path / "mybot.py").write_text(
        (EXAMPLES / "mybot.py").read_text() + "\nprint('imported')\n"
    )
    (outside.path / "elsewhere").mkdir()
    outside.path = outside.path / "elsewhere"
    outside.call("run", "../guardrail.toml", "--quiet", check=0)
    states = outside.rows("SELECT state, count(*) FROM attempts GROUP BY 1", "guardrail")

    assert states == [("done", 8)]
