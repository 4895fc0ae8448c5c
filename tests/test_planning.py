"""What a plan says that it can show: as users ask for it, beside what a run then does."""

import json

import pytest
from project import simulated

TARGETS = simulated() + simulated("base = -1.0", "other")
DIRECT = {"attacks": '["direct"]', "targets": TARGETS}


def plan(project, *options):
    return project.call("plan", "stack.toml", *options).stdout


def facts(project, *options):
    return json.loads(plan(project, "--json", *options))


@pytest.fixture
def ran(project):
    """A pilot of twelve families, three times each, with its stack for sixteen beside it."""
    project.write(**DIRECT, run="repeats = 3").run("--limit", 12)
    return project


def test_a_plan_says_first_what_it_can_show_in_a_sentence(project):
    """Families, the smallest difference, what two points would take, and three columns."""
    project.write(**DIRECT)
    said = plan(project)

    assert "physical: with 16 families this stack can show " in said
    assert "no event in 16 families still leaves an upper limit of 21 %" in said
    assert "none seen  at 50 %: +-  smallest difference" in said
    assert "How wide intervals are" not in said


def test_the_comparisons_that_a_plan_counts_are_those_that_compare_makes(ran):
    """Holm's family: the same number before and after."""
    planned = {s["comparisons"] for s in facts(ran)["showing"]}
    made = json.loads(ran.call("compare", "t-limit-12", "--json").stdout)

    assert planned == {made["family"]}


def test_a_pilot_tells_of_correlation_cost_and_time(ran):
    """What it measured, with limits, beside the most that the run may take."""
    found = facts(ran, "--pilot", "t-limit-12", "--detect", "0.3")
    said = plan(ran, "--pilot", "t-limit-12", "--detect", "0.3")
    under = next(s for s in found["showing"] if s["measure"] == "under-refusal")

    assert found["by_pilot"]["tokens"] < found["tokens"]
    assert found["by_pilot"]["minutes"] > 0
    assert under["pilot"]["families"] == 12
    assert under["icc"] == under["pilot"]["icc"]["used"] >= under["pilot"]["icc"]["value"]
    assert under["between"][0]["discordant"] == under["pilot"]["pair"]["discordant"]["used"]
    assert under["effective"] <= 16 / under["icc"]
    assert "as the pilot t-limit-12 took: about" in said
    assert "30 points would take" in said
    assert "no number of repeats makes more than" in said
    assert "The pilot t-limit-12, 144 attempts, with 95 % limits" in said


def test_the_half_width_that_is_planned_is_about_what_the_run_has(ran):
    """By the pilot's rate and correlation, of its own design: the report's interval, or wider."""
    found = facts(ran, "--limit", "12", "--pilot", "t-limit-12")
    report = json.loads(ran.call("report", "t-limit-12", "--json").stdout)
    for s in found["showing"]:
        if s["measure"] != "under-refusal":
            continue
        target = s["pilot"]["target"]
        (one,) = (f for f in report["findings"] if f["measure"] == s["measure"]
                  and f["group"]["target"] == target)  # fmt: skip
        half = (one["upper"] - one["lower"]) / 2
        assert s["pilot"]["value"] == pytest.approx(one["value"])
        assert half <= s["widths"][0]["half_width"] * 1.05 < 3 * half


def test_a_pilot_tells_how_much_families_differ_within(project):
    """The difference and the families are the report's; what is planned with is a careful end of it."""
    project.write(attacks='["direct", "role-play"]', targets=simulated())
    stack = (project.path / "stack.toml").read_text()
    several = 'panel = ["factorial", "controls"]'
    (project.path / "stack.toml").write_text(stack.replace('panel = "quickstart"', several))
    project.run("--limit", 12)
    report = json.loads(project.call("report", "t-limit-12", "--json").stdout)
    found = facts(project, "--pilot", "t-limit-12", "--detect", "0.3")
    said = plan(project, "--pilot", "t-limit-12")
    measures = {w["measure"] for w in found["within"]}

    assert {"keyword-sensitivity", "intent-sensitivity", "capability-cost"} <= measures
    for w in found["within"]:
        (one,) = (f for f in report["findings"] if f["measure"] == w["measure"]
                  and f["group"]["attack"] == w["attack"])  # fmt: skip
        (varied,) = w["varied"]
        assert w["pilot"]["value"] == pytest.approx(one["value"])
        assert w["pilot"]["families"] == one["families"]
        assert w["pilot"]["sd"]["value"] < w["pilot"]["sd"]["used"] == varied["sd"]
    (target,) = {f["group"]["target"] for f in report["findings"]}
    for measure, attack, level in (
        ("refusal-by-trigger", "role-play", {"trigger": "1"}),
        ("under-refusal", "any of direct, role-play", {}),
        ("under-refusal", "mean of direct, role-play", {}),
    ):
        where = {"target": target, "intent": "harmful", "attack": attack, **level}
        (one,) = (f for f in report["findings"] if f["measure"] == measure
                  and where.items() <= f["group"].items())  # fmt: skip
        (s,) = (s for s in found["showing"] if (s["measure"], s["intent"], s["attack"], s["levels"])
                == (measure, "harmful", attack, level))  # fmt: skip
        assert s["widths"][0]["at"] == pytest.approx(one["value"])
        assert s["pilot"]["levels"] == level
    assert "refusal-by-trigger trigger 1" in plan(project, "--pilot", "t-limit-12", "--long")
    assert "The pilot t-limit-12 within families, likewise:" in said
    assert "the spread of families' differences at a limit that one is 80 % sure" in said
    assert "not planned: paraphrase-sensitivity: no item or attack of the plan has wording" in said


def test_a_pilot_with_more_repeats_shows_the_spread_that_is_planned_with(project):
    """Both tables have it: the pilot's own at three attempts a cell is no spread of one."""
    project.write(**DIRECT, run="repeats = 3")
    stack = project.path / "stack.toml"
    stack.write_text(stack.read_text().replace('panel = "quickstart"', 'panel = "factorial"'))
    project.run("--limit", 12)
    stack.write_text(stack.read_text().replace("repeats = 3", "repeats = 1"))
    found, said = (of(project, "--pilot", "t-limit-12") for of in (facts, plan))
    (one,) = (w for w in found["within"] if w["measure"] == "keyword-sensitivity")
    (varied,), sd = one["varied"], one["pilot"]["sd"]
    row = (
        said.split("within families, likewise:")[1].split("keyword-sensitivity ")[1].splitlines()[0]
    )

    assert sd["used"] < varied["sd"] <= 1
    assert varied["sd"] < sd["used"] * 3**0.5
    assert row.endswith(f"-> {varied['sd']:.2f}")


def test_what_is_not_planned_is_told_in_one_line_a_reason(project):
    """Whoever looks for a measure finds it."""
    project.write(**DIRECT)
    said = plan(project)
    lines = [line for line in said.splitlines() if line.startswith("not planned: ")]

    assert (
        "not planned: severity, severity-mean: no rater of the stack marks 'physical-severity'"
        in lines
    )
    assert len(lines) == len({line.rpartition(": ")[2] for line in lines}) == 8
    assert {u["measure"] for u in facts(project)["unplanned"]} == {
        name for line in lines for name in line.split(": ")[1].split(", ")
    }


def test_every_measure_is_told_of_on_demand(project):
    """Shares of levels too, which nobody compares."""
    project.write(**DIRECT)

    assert "\nrefusal  " not in plan(project, "--detect", "0.1")
    assert "\nrefusal  " in plan(project, "--long")


@pytest.mark.parametrize("width", [80, 120])
def test_tables_of_a_plan_fit_the_terminal(ran, width):
    """Numbers are never broken; sentences are the terminal's to wrap."""
    ran.env["COLUMNS"] = str(width)
    for options in ([], ["--long"], ["--pilot", "t-limit-12", "--detect", "0.1"]):
        lines = plan(ran, *options).splitlines()
        tables = [line for line in lines if "  " in line and not line.endswith(".")]
        assert max(map(len, tables)) <= width


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--detect", "two"], "no difference above 0; write 0.02, or under-refusal=0.02"),
        (["--detect", "-1"], "no difference above 0"),
        (["--detect", "1e-300"], "'1e-300' is too small to plan for; give at least 1e-06"),
        (["--detect", "under-refusla=0.1"], "did you mean 'under-refusal'?"),
        (["--pilot", "nowhere"], "no run 'nowhere'"),
        (["--freeze", "x.lock", "--detect", "0.1"], "leave out --freeze"),
        (["--power", "0.2"], "--power"),
        (["--power", "nan"], "no finite number"),
        (
            ["--detect", "2"],
            "of over-refusal no difference is larger than 1; name the measure that is meant",
        ),
        (
            ["--detect", "actionability-mean=4"],
            "of actionability-mean no difference is larger than 4",
        ),
    ],
)
def test_what_cannot_be_asked_of_a_plan_is_refused_in_words(project, options, words):
    """Exit code 2, and what to write instead."""
    project.write(**DIRECT)
    done = project.call("plan", "stack.toml", *options, check=2)

    assert words in " ".join(done.stderr.split())


def test_a_pilot_of_another_category_is_refused(ran):
    """It says nothing of this one."""
    items = ran.path / "mine.csv"
    items.write_text("prompt,family\n" + "".join(f"Describe pot {n}.,f{n}\n" for n in range(12)))
    other = (ran.path / "stack.toml").read_text().replace(
        'id = "physical"\npanel = "quickstart"', f'id = "file"\npath = "{items}"\nintent = "benign"'
    )  # fmt: skip
    (ran.path / "other.toml").write_text(other)
    done = ran.call("plan", "other.toml", "--pilot", "t-limit-12", check=2)

    assert "of another category: it measured physical" in done.stderr
