"""Runs that stop once every gate is decided: through the engine, from the shell."""

import json
import re

import pytest
from project import ALWAYS, NEVER, findings, simulated

GATE = '[[gates]]\nmeasure = "under-refusal"\nat_most = {}\n'
LOOKS = 'stop = "when-decided"\naccept_judge_measured = true\nlook = {}\n'


def begin(project, options, at_most=0.25, look=10, gate=GATE):
    project.write(
        simulated(options), attacks='["direct"]', run=LOOKS.format(look), more=gate.format(at_most)
    )
    project.edit_stack = lambda old, new: _edit(project, old, new)
    stack = project.path / "stack.toml"
    stack.write_text(stack.read_text().replace('panel = "quickstart"', 'panel = "full"'))
    return project


def _edit(project, old, new):
    stack = project.path / "stack.toml"
    assert old in stack.read_text()
    stack.write_text(stack.read_text().replace(old, new))


def states(project):
    return dict(project.rows("SELECT state, count(*) FROM attempt GROUP BY 1"))


def looks(project):
    ((value,),) = project.rows("SELECT value FROM run WHERE key = 'looks'")
    return [(one["families"], one["states"]) for one in json.loads(value)]


@pytest.mark.parametrize(("options", "code", "state"), [(ALWAYS, 0, "pass"), (NEVER, 1, "fail")])
def test_a_run_stops_once_its_gate_is_decided(project, options, code, state):
    """What is clear takes few families; the rest of the plan is not asked, and the report says so."""
    begin(project, options).run(check=code)
    said = project.call("report", "t", check=code).stdout
    report = project.report()
    (gate,) = report["gates"]
    made = states(project)

    assert (gate["state"], looks(project)[-1][1]) == (state, [state])
    assert looks(project)[-1][0] < 60
    assert made["not-needed"] > made["done"] / 2
    assert "open" not in made
    assert report["complete"]
    (last,) = report["looks"][-1]["limits"]
    assert last == [gate["lower"], gate["upper"]]
    assert (last[1] <= 0.25) if state == "pass" else (last[0] > 0.25)
    assert sum(c["not_needed"] for c in report["cells"]) == made["not-needed"]
    assert sum(c["planned"] for c in report["cells"]) == made["done"]
    (told,) = [n["text"] for n in report["notices"] if n["code"] == "stopped-early"]
    assert f"{made['not-needed']} attempts of the plan were not made" in told
    assert f"about {made['not-needed']} calls" in told
    assert "stopped-early" in said


def test_numbers_of_such_a_run_have_limits_that_hold_at_every_look(project):
    """Every interval is a confidence sequence, wider than that of one look; a contrast has none."""
    begin(project, ALWAYS).run()
    report = project.report()
    (one,) = findings(report, "under-refusal")
    numbers = [f for f in report["findings"] if f["type"] == "Estimate"]

    assert {f["method"] for f in numbers} <= {"betting-share", "betting"}
    assert one["method"] == "betting-share"
    assert one["lower"] <= one["value"] <= one["upper"] <= 0.25
    assert all("stopped-early" in [c["code"] for c in f["caveats"]] for f in numbers)
    for f in findings(report, "capability-cost"):
        assert f["code"] in {"peeked", "no-rater", "no-marks"}
    assert "no difference between targets" in report["demonstrates"]


def test_what_stays_undecided_is_asked_to_the_end(project):
    """A rate at the gate: every wave is asked, and the gate is inconclusive."""
    begin(project, "base = 0.0\nintent = 0.0\nkeyword = 0.0\n", at_most=0.5, look=20)
    said = project.call("run", "stack.toml", check=4).stderr
    done, planned = map(int, re.findall(r"(\d+)/(\d+) attempts", said)[-1])

    assert set(states(project)) == {"done"}
    assert done == planned == states(project)["done"]
    assert [one for _, (one,) in looks(project)] == ["inconclusive"] * 3
    assert "looked" in [n["code"] for n in project.report()["notices"]]


def test_a_run_that_has_stopped_goes_on_for_a_gate_that_is_not_decided(project):
    """The same command looks again: a stricter gate opens the next waves, an old one none."""
    begin(project, ALWAYS).run()
    first = states(project)
    again = project.run()
    second = states(project)
    project.edit_stack("at_most = 0.25", "at_most = 0.12")
    project.run()

    assert second == first
    assert "nothing was asked" in again.stderr
    assert states(project)["done"] > first["done"]


def test_a_run_that_was_interrupted_stops_where_one_that_was_not_does(project):
    """Order and concurrency change nothing within a wave, nor does a resume."""
    begin(project, ALWAYS).run()
    whole = looks(project)
    project.run("--set", "name=u", "--set", "run.budget.requests=7", check=3)
    project.run("--set", "name=u", "--set", "run.budget.requests=1000")
    ((value,),) = project.rows("SELECT value FROM run WHERE key = 'looks'", "u")
    resumed = json.loads(value)

    assert (resumed[-1]["families"], resumed[-1]["states"]) == whole[-1]


def test_waves_hold_whole_families_of_every_stratum(project):
    """Families are interleaved over topics, and a family is never cut in two."""
    begin(project, ALWAYS, look=20).run()
    cut = project.rows(
        "SELECT i.family, count(DISTINCT a.wave) AS n FROM attempt a JOIN item i ON i.k = a.item"
        " GROUP BY 1 HAVING n > 1"
    )
    topics = project.rows(
        "SELECT a.wave, count(DISTINCT f.value), count(DISTINCT i.family) FROM attempt a"
        " JOIN item i ON i.k = a.item JOIN item_factor f ON f.item = i.k AND f.name = 'topic' GROUP BY 1"
    )

    assert cut == []
    assert [n for _, _, n in topics] == [20, 20, 20]
    assert min(n for _, n, _ in topics) > 5


def test_when_to_stop_is_part_of_the_design(project):
    """A run is not begun with one rule and gone on with by another."""
    begin(project, ALWAYS).run()
    project.edit_stack('stop = "when-decided"\n', "")
    said = project.run(check=2).stderr

    assert "run.stop" in said


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("", "run.stop: 'when-decided' needs [[gates]]"),
        ('[[gates]]\nmeasure = "under-refusal"\nbaseline = "v1"\nmargin = 0.1\n',
         "gates[0].baseline: a run that stops when its gates are decided has no baseline"),
        ('[[gates]]\nmeasure = "capability-cost"\nat_most = 1\n', "is a contrast, which has no limits"),
        (GATE.format(0.02), "cannot pass with 60 families"),
    ],
)  # fmt: skip
def test_a_run_that_could_not_stop_is_refused(project, gate, words):
    """What cannot be decided on the way is told before anything is asked."""
    begin(project, ALWAYS, gate=gate)

    assert words in project.call("validate", "stack.toml", check=2).stderr


def test_families_that_a_gate_takes_are_those_of_the_sequence(project):
    """Zero events: 143 families of a 5 % gate, where one look would do with 72 (VALIDITY 1)."""
    said = begin(project, ALWAYS, at_most=0.05).call("plan", "stack.toml").stdout

    assert re.search(
        r"gate under-refusal at most 5 %: out of reach; 60 families, 143 would do", said
    )


def test_no_difference_is_taken_from_runs_that_stopped_by_themselves(project):
    """Their intervals are of one number against one threshold."""
    begin(project, ALWAYS).run()
    project.run("--set", "name=u", "--set", "run.seed=2")
    found = json.loads(project.call("compare", "t", "u", "--json").stdout)["comparisons"]

    assert {c["said"] for c in found} == {"cannot tell"}
    assert all("looked at its gates" in c["why"] for c in found)
