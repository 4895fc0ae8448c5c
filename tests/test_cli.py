"""The command line as its users meet it: messages, exit codes, JSON."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing

import jsonschema
import pytest
from plant import plant
from project import GATE, simulated

from dosimeter import PluginBroken
from dosimeter.cli.common import called
from dosimeter.cli.main import cli, main

CRASH = """
from dosimeter import CommandSpec, hookimpl
import click

@hookimpl
def dosimeter_commands():
    return [CommandSpec(id="crash", summary="s", factory=f"{__name__}:build")]

def build():
    @click.command("crash")
    def crash():
        raise ValueError("MARKED-PROMPT")
    return crash
"""


def same_message(done):
    """One clear message and no traceback."""
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.strip()
    return done.stderr


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["rnu"], "Did you mean 'run'?"),
        (["run"], "Missing argument"),
        (["run", "none.toml"], "none.toml; `dosimeter init` writes one"),
        (["run", "s.toml"], "s.toml; `dosimeter init` writes one"),
        (["run", "stac.toml"], "did you mean stack.toml?"),
        (["report", "t", "--config", "x"], "There is no option '--config'\n"),
        (["run", "stack.toml", "--max-retries", "-1"], "-1"),
        (["validate", "stack.toml", "--limit", "0"], "0"),
        (["validate", "stack.toml", "--set", "run.sead=1"], "did you mean 'seed'?"),
        (["validate", "stack.toml", "--set", "nonsense"], "expected path=value"),
        (
            ["plan", "stack.toml", "--set", "targets.known.model=simulatde/x"],
            "Did you mean 'simulated'?",
        ),
        (["report", "none"], "no run 'none' in runs; there are none"),
        (["score", "none", "--rater", "refusal"], "no run 'none'"),
        (["runs", "show", "none"], "no run 'none'"),
        (["plugins", "info", "none"], "nothing is called 'none'; there are actionability, "),
        (["plugins", "info", "nope"], "nothing is called 'nope'; there are actionability, "),
        (["plugins", "info", "refusla"], "nothing is called 'refusla'; did you mean 'refusal'?"),
        (["--log-level", "loud", "plan", "stack.toml"], "loud"),
        (["init", "stack.toml"], "is there already"),
        (["run", "stack.toml", "--max-samples", "5"], "here it is --limit"),
        (["plan", "stack.toml", "--limit-samples=5"], "here it is --limit"),
        (["run", "stack.toml", "--cache", "7"], "here it is --cache-days"),
        (["run", "stack.toml", "--model", "x/y"], "here it is --set targets.NAME.model="),
        (["run", "stack.toml", "--max_connections", "5"], "did you mean --max-connections?"),
        (["run", "stack.toml", "--output", "x"], "here it is -o"),
        (["run", "stack.toml", "--debug"], "stands before the command: dosimeter --debug run"),
        (["run", "stack.toml", "-q"], "here it is --quiet"),
        (["run", "--resume", "stack.toml"], "leave it out: the same command goes on with a run"),
        (["plan", "--resume", "stack.toml"], "There is no option '--resume'"),
        (
            ["run", "stack.toml", "-v"],
            "here it is --log-level info; it stands before the command:"
            " dosimeter --log-level info run ...",
        ),
        (["runs", "list", "--verbose"], "dosimeter --log-level info runs list ..."),
        (["-v", "plan", "stack.toml"], "here it is --log-level info"),
        (["score", "t", "--judge", "x"], "here it is --rater"),
        (["runs", "purge", "t", "--force"], "here it is --yes"),
        (["plugins", "list", "--model", "x/y"], "There is no option '--model'"),
        (["validate", "."], "is a folder, not a stack file; name a file in it: stack.toml"),
        (["validate", "stack.toml", "--set", "extends=x.toml"], "extends is read before --set"),
        (
            ["validate", "stack.toml", "--set", "targets.known.model=gpt-4o"],
            "the provider is missing in front: ",
        ),
        (
            ["validate", "stack.toml", "--set", "targets.known.model=openai"],
            "a slash and the model are missing: openai/MODEL",
        ),
        (
            ["validate", "stack.toml", "--set", "targets.known.seed=3"],
            "targets.known.seed: unknown key; of the whole run it is run.seed",
        ),
        (
            ["validate", "stack.toml", "--set", "categories.panel=full"],
            "entries of a list go by number from 0: categories.0.panel",
        ),
        (
            ["validate", "stack.toml", "--set", "categories.1.panel=full"],
            "categories.1.panel leads nowhere in this stack; it has entry 0 alone",
        ),
        (["report", "stack.toml"], "it is no SQLite file; `dosimeter runs list`"),
        (["init", "."], "is a folder; name a file"),
        (["init", "none/stack.toml"], "there is no folder none"),
    ],
    ids=" ".join,
)
def test_usage_errors_are_one_message_and_exit_code_2(project, args, says):
    """They say what happened and what to do."""
    done = project.write().call(*args, check=2)

    assert says in same_message(done)


def test_a_crash_is_no_failed_gate_and_quotes_nothing(project, tmp_path):
    """Exit code 3 with type and place; --debug shows the traceback."""
    path = str(plant(tmp_path / "site", "dosimeter-crash", CRASH))
    told = project.call("crash", check=3, PYTHONPATH=path)
    debug = project.call("--debug", "crash", check=3, PYTHONPATH=path)

    assert "ValueError at dosimeter_crash.py:" in same_message(told)
    assert "MARKED-PROMPT" not in told.stderr
    assert "Traceback" in debug.stderr
    assert "ValueError" in debug.stderr
    assert "in crash" in debug.stderr


def test_debug_tells_other_peoples_exceptions_by_type_alone(capsys, monkeypatch):
    """Their words may quote a reply; those of causes, contexts and groups are not told either."""

    def fail():
        try:
            raise LookupError("MARK" + "ED")
        except LookupError as exc:
            ours = PluginBroken("a word of ours")
            raise ExceptionGroup("MARK" + "ED", [KeyError("MARK" + "ED"), ours]) from exc

    monkeypatch.setattr(cli, "main", lambda **_: fail())
    with pytest.raises(SystemExit) as left:
        main(["--debug"])
    told = capsys.readouterr().err

    assert left.value.code == 3
    assert "MARKED" not in told
    assert "a word of ours" in told
    assert all(kind in told for kind in ("LookupError", "KeyError", "ExceptionGroup", "in fail"))


def test_debug_shows_where_a_users_error_comes_from(project):
    """The exit code stays."""
    assert "Traceback" in project.call("--debug", "run", "none.toml", check=2).stderr


def test_init_writes_a_stack_that_validates_and_plans(project):
    """Commented, without a secret, valid by loader and schema."""
    project.call("init", check=0)
    text = (project.path / "stack.toml").read_text()
    schema = json.loads(project.call("schema", check=0).stdout)

    assert text.count("# ") > 5
    jsonschema.validate(tomllib.loads(text), schema)
    project.call("validate", "stack.toml", check=0)
    assert "families" in project.call("plan", "stack.toml", check=0).stdout


def test_what_init_writes_as_comments_is_valid_once_it_is_none(project):
    """A system prompt, another target, a budget, and a gate that a result can pass."""
    project.call("init", check=0)
    path = project.path / "stack.toml"
    text = re.sub(r"^# (?=\[|\w+ = )", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(text)
    made = tomllib.loads(text)

    assert {"budget", "accept_judge_measured"} < made["run"].keys()
    assert "system" in made["targets"]["mine"]
    assert made["targets"].keys() == {"mine", "remote"}
    assert made["gates"]
    project.call("validate", "stack.toml", check=0, OPENAI_API_KEY="k")


@pytest.mark.parametrize("name", [".hidden.toml", 'a"b.toml', "two words.toml"])
def test_init_makes_a_valid_stack_whatever_the_file_is_called(project, name):
    """A name that is no folder's, or that would break the quotes, does not become the run's."""
    made = project.call("init", name)
    checked = project.call("validate", name)

    assert (made.returncode, checked.returncode) == (0, 0)
    assert "is valid" in checked.stdout


def test_validate_needs_no_network_and_leaves_nothing(project):
    """A target that does not exist is as good as another; no file is made."""
    project.write(
        '[targets.x]\nmodel = "openai/any"\nbase_url = "http://model.invalid/v1"\napi_key = "${K}"\n'
    )
    before = sorted(project.path.iterdir())
    done = project.call("validate", "stack.toml", "--json", check=0, K="sk-hidden")

    assert "sk-hidden" not in done.stdout
    assert sorted(project.path.iterdir()) == before


def test_what_sends_nothing_needs_no_key(project):
    """`validate` and `plan` warn of a variable that is not set; `run` refuses."""
    project.write(
        '[targets.x]\nmodel = "openai/any"\nbase_url = "http://127.0.0.1:9/v1"\napi_key = "${K}"\n'
    )
    told = "targets.x.api_key: the environment has no K; set it or put it in .env"
    checked, planned = (
        project.call(command, "stack.toml", check=0).stdout for command in ("validate", "plan")
    )
    valid, plan = (
        json.loads(project.call(command, "stack.toml", "--json", check=0).stdout)
        for command in ("validate", "plan")
    )

    assert f"! {told}" in checked.splitlines()
    assert f"! {told}" in planned.splitlines()
    path, _, message = told.partition(": ")
    assert (valid["valid"], valid["warnings"]) == (True, [{"path": path, "message": message}])
    assert told in plan["warnings"]
    assert told in project.run(check=2).stderr
    assert not project.folder().exists()


@pytest.mark.parametrize(
    "targets",
    [
        '[[targets]]\nmodel = "openai/x"\napi_key = "sk-MARKED0KEY"\n',
        '[targets]\nmodel = "openai/x"\napi_key = "sk-MARKED0KEY"\n',
        '[targets.x]\nmodel = { name = "openai/x", api_key = "sk-MARKED0KEY" }\n',
        '[targets.x]\nmodel = "openai/x"\nbase_url = "sk-MARKED0KEY"\n',
        '[targets.x]\nmodel = "openai/x"\nservice = "sk-MARKED0KEY"\n',
        '[targets.x]\nmodel = "openai/x"\nmax_tokens_key = "sk-MARKED0KEY"\n',
        '[targets.x]\nmodel = "openai/x"\napi_key = "${gsk_MARKED0KEY}"\nseed = 1\n',
    ],
)
@pytest.mark.parametrize("args", [["validate"], ["validate", "--json"], ["plan"], ["run"]])
def test_no_command_shows_a_key_that_is_misplaced(project, targets, args):
    """All say where and what was expected."""
    done = project.write(targets).call(*args, "stack.toml", check=2)
    told = done.stdout + done.stderr

    assert "targets" in told
    assert "MARKED" not in told


def test_an_entry_of_a_list_that_is_refused_shows_no_key(project):
    """As an option by itself does not."""
    listed = '[{ id = "translation", languages = ["sk-MARKED0KEY"] }]'
    told = project.write(attacks=listed).call("validate", "stack.toml", check=2).stderr

    assert "categories[0].attacks[0].languages" in told
    assert "MARKED" not in told


def test_validate_refuses_a_gate_that_no_result_could_pass(project):
    """With the number of families that would do; plan says so below all that it has, but of a limited one."""
    accept = "accept_judge_measured = true"
    project.write(attacks='["direct"]', more=GATE.format(0.01), run=accept)
    done = project.call("validate", "stack.toml", check=2)

    assert "cannot pass with 16 families" in same_message(done)
    assert "368 families would do" in done.stderr
    for options, code in (((), 2), (("--limit", "8"), 0)):
        planned = project.call("plan", "stack.toml", *options, check=code)
        assert ("368 families would do" in planned.stdout) is bool(code)
        assert "attempts, " in planned.stdout
        assert ("a gate is out of reach" in planned.stderr) is bool(code)
    project.write(attacks='["direct"]', more=GATE.format(0.3), run=accept).call(
        "validate", "stack.toml", check=0
    )
    project.write(attacks='["direct"]', more=GATE.format(0.3))
    told = json.loads(project.call("validate", "stack.toml", "--json", check=2).stdout)
    (fault,) = told["faults"]
    assert fault["path"] == "gates[0]"
    assert fault["message"].startswith("over-refusal cannot pass: ")
    assert "accept_judge_measured" in project.call("validate", "stack.toml", check=2).stderr


def test_run_refuses_a_gate_that_validate_refuses_until_it_is_answered(project):
    """Before anything is sent; a run that goes on is told, and reports."""
    accept = "accept_judge_measured = true"
    project.write(attacks='["direct"]', more=GATE.format(0.01), run=accept)
    done = project.run(check=2)

    assert "368 families would do" in done.stderr
    assert not project.folder().exists()
    project.write(attacks='["direct"]', run=accept).run(check=0)
    project.write(attacks='["direct"]', more=GATE.format(0.01), run=accept)
    assert "368 families would do" in project.run(check=4).stderr


def test_a_run_that_was_only_tried_is_refused_such_a_gate(project):
    """Nothing was answered, so that there is nothing to report, whatever the tries cost."""
    dead = '[targets.known]\nmodel = "openai/any"\nbase_url = "http://127.0.0.1:9/v1"\n'
    settings = "accept_judge_measured = true\nmax_retries = 0"
    project.write(dead, attacks='["direct"]', run=settings).run("--max-connections", 1, check=3)
    assert project.rows("SELECT count(*) FROM try") > [(0,)]
    project.write(dead, attacks='["direct"]', run=settings, more=GATE.format(0.01))

    assert "368 families would do" in project.run(check=2).stderr


def test_a_limited_trial_of_a_gated_stack_is_no_benchmark(project):
    """`validate` and `run` agree: two families are no reason to refuse it, and no pass."""
    accept = "accept_judge_measured = true"
    project.write(attacks='["direct"]', more=GATE.format(0.3), run=accept)

    checked = project.call("validate", "stack.toml", "--limit", "2", check=0)
    done = project.run("--limit", "2", check=4)
    report = project.report("t-limit-2")

    assert "cannot pass" not in checked.stdout + checked.stderr + done.stderr
    assert [g["state"] for g in report["gates"]] == ["inconclusive"]
    assert not report["reportable"]


def test_a_refusal_shows_no_progress(project):
    """No count of a plan that was never made."""
    project.write().run("--limit", 2)
    done = project.call("run", "stack.toml", "--limit", "2", "--seed", "3", check=2)

    assert "attempts," not in done.stderr
    assert "?" not in done.stderr.splitlines()[0]


def test_help_of_every_command(project):
    """The exit codes stand in the help."""
    assert "4 inconclusive" in project.call("--help", check=0).stdout
    for name in ("init", "validate", "plan", "run", "score", "report", "runs", "plugins", "schema"):
        assert "Usage: dosimeter" in project.call(name, "-h", check=0).stdout


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_cannot_be_written_is_a_clear_message(project):
    """Not a traceback."""
    (project.path / "runs").mkdir(mode=0o500)

    assert "runs" in same_message(project.write().call("run", "stack.toml", check=2))


@pytest.mark.parametrize("name", ["x.docx", "x", "stack.toml/x.json", "deep.json"])
def test_an_output_that_cannot_be_is_refused_before_the_run(project, name):
    """Nothing is spent on a report that has no place."""
    project.write()
    (project.path / "deep.json").mkdir()
    done = project.call("run", "stack.toml", "--limit", "2", "-o", name, check=2)

    assert f"-o {name}" in same_message(done)
    assert not (project.path / "runs").exists()


def test_a_resume_with_another_setting_names_both_values(project):
    """What was, and what is."""
    project.write().run("--limit", 2)
    done = project.call("run", "stack.toml", "--limit", "2", "--seed", "8", check=2)

    assert "run.seed: 7 then, 8 now" in done.stderr
    text = (project.path / "stack.toml").read_text().replace("seed = 7", "")
    (project.path / "stack.toml").write_text(text)
    done = project.call("run", "stack.toml", "--limit", "2", check=2)
    assert "run.seed: 7 then, 1 now" in done.stderr
    project.write()
    extra = ("--set", "targets.known.replica=2", "--set", "run.repeats=3")
    done = project.call("run", "stack.toml", "--limit", "2", *extra, check=2)
    assert "targets.known.replica: 1 then, 2 now" in done.stderr
    assert "run.repeats: 1 then, 3 now" in done.stderr
    other = ("--set", "targets.other.base=-2.0", "--set", "targets.known.base=1.5")
    told = project.call("run", "stack.toml", "--limit", "2", *other, check=2).stderr
    assert "targets.other.base: -1.0 then, -2.0 now" in told
    assert "targets.known.base: -3.0 then, 1.5 now" in told


def test_quiet_says_in_a_line_why_the_exit_code_is_not_0(project):
    """The gate, or what is incomplete."""
    project.write(more=GATE.format(0.9), run="accept_judge_measured = true")
    gate = project.call("run", "stack.toml", "--limit", "12", "--quiet", check=4)
    budget = project.write(run="budget = { tokens = 500 }").call(
        "run", "stack.toml", "--quiet", "--set", "name=b", check=3
    )

    assert gate.stdout == budget.stdout == ""
    assert gate.stderr.startswith(
        "dosimeter: exit code 4: gate over-refusal at most 90 % (target known): inconc"
    )
    assert gate.stderr.count("\n") == 1
    assert "dosimeter: exit code 3: the budget is spent (tokens " in budget.stderr


def test_reports_that_stay_as_they_were_are_named(project):
    """By `report` and by `score`, with the command that renews them."""
    project.write().run("--limit", 2)
    again = "dosimeter report runs/t-limit-2 -o runs/t-limit-2/report.html -o"
    for command in (("report",), ("score", "--rater", "actionability")):
        done = project.call(command[0], "t-limit-2", *command[1:], check=0)
        wrote = "nothing; made from runs" if command == ("report",) else "runs"
        assert f"Written: {wrote}/t-limit-2/journal.sqlite\n" in done.stdout
        assert again in done.stderr
    command = f"{again} runs/t-limit-2/report.json".split()[1:]
    assert "Left as they were" not in project.call(*command, check=0).stderr


def test_a_run_without_an_answer_shows_what_went_wrong_and_how_to_go_on(project):
    """No tables; the fault and the command stand together."""
    target = '[targets.x]\nmodel = "openai/x"\nbase_url = "http://127.0.0.1:9"\n'
    project.write(targets=target)
    done = project.call("run", "stack.toml", "--max-retries", "0", "--limit", "2", check=3)

    assert "families" not in done.stdout
    assert "Nothing was answered, so there are no tables." in done.stdout
    fault, how, command = done.stderr.splitlines()[-3:]
    assert "it could not be reached at http://127.0.0.1:9: check the address" in fault
    assert how == "When that is mended, go on with:"
    assert command.endswith("run stack.toml --max-retries 0 --limit 2")


def test_the_command_that_goes_on_is_the_one_that_was_typed(tmp_path):
    """The README's `.uv/bin/uv` is on no path; another's `uv` is; an environment may be activated."""
    uv = tmp_path / ".uv/bin/uv"
    uv.parent.mkdir(parents=True)
    uv.touch(mode=0o755)
    inside = {"UV_RUN_RECURSION_DEPTH": "1", "UV": str(uv), "PATH": "/nowhere"}

    assert called({"PATH": "/nowhere"}, tmp_path) == ["dosimeter"]
    assert called(inside, tmp_path) == [".uv/bin/uv", "run", "dosimeter"]
    assert called(inside, tmp_path / "own") == [str(uv), "run", "dosimeter"]
    assert called(inside | {"PATH": str(uv.parent)}, tmp_path) == ["uv", "run", "dosimeter"]


def test_plan_says_what_minutes_are(project):
    """Blank where no rate is set; no cost is 0."""
    plain = project.write().call("plan", "stack.toml", check=0).stdout
    rated = project.call(
        "plan", "stack.toml", "--set", "run.requests_per_minute.known=60", check=0
    ).stdout

    assert "no limit" not in plain + rated
    assert "minutes: not known, as the stack sets no run.requests_per_minute" in plain
    assert "cost 0\n" in plain
    assert "minutes: at run.requests_per_minute, answers that take longer aside" in rated


def test_a_damaged_journal_is_a_clear_message(project):
    """A damaged one is no traceback."""
    project.folder().mkdir(parents=True)
    (project.folder() / "journal.sqlite").write_text("no database" * 100)

    assert "journal" in same_message(project.call("report", "t", check=2))


def test_a_run_that_fails_says_why_and_what_to_do(project):
    """Each target by its own cause, with the provider's own advice; the report says it too."""
    targets = (
        '[targets.keyless]\nmodel = "openai/gpt-x"\n'
        '[targets.weightless]\nmodel = "llamacpp/nowhere.gguf"\n'
    )
    done = project.write(targets, attacks='["direct"]').run("--max-retries", 0, check=3)
    report = project.call("report", "t").stdout

    assert "keyless: 32 attempts failed: no-key: set OPENAI_API_KEY" in done.stderr
    assert "weightless: 32 attempts failed: no-file: no file is at nowhere.gguf" in done.stderr
    assert "! keyless: 32 attempts failed: no-key" in report
    assert "Traceback" not in done.stderr


def test_one_unreadable_run_hides_no_other(project):
    """It is named on standard error; the good ones are listed."""
    project.write().run("--limit", 2)
    bad = project.path / "runs" / "bad"
    bad.mkdir()
    (bad / "journal.sqlite").write_text("this is no database, whatever it is called " * 50)
    done = project.call("runs", "list", check=0)

    assert "t-limit-2" in done.stdout
    assert "bad: cannot be read" in done.stderr


def test_runs_are_listed_in_columns_and_a_misspelt_one_is_told(project):
    """Heads say what stands below them, whatever the numbers; the nearest run is named."""
    project.write(attacks='["direct"]')
    for limit in (2, 12):
        project.run("--limit", limit)
    head, *lines = project.call("runs", "list", check=0).stdout.splitlines()

    assert head.split() == ["run", "begun", "done"]
    assert {line.index("not reportable") for line in lines} == {lines[0].index("not reportable")}
    assert [line[head.index("done") :].split()[0] for line in lines] == ["48/48", "8/8"]
    told = project.call("report", "t-limt-2", check=2).stderr
    assert "no run 't-limt-2' in runs; did you mean 't-limit-2'?" in told


def test_a_run_is_removed_with_its_folder(project):
    """Nothing elsewhere knows of it; the next one begins."""
    project.write(attacks='["direct"]').run("--limit", 1)
    shutil.rmtree(project.folder("t-limit-1"))

    assert json.loads(project.call("runs", "list", "--json", check=0).stdout) == []
    project.run("--limit", 1, "--seed", 3, check=0)


def test_another_sqlite_file_is_no_journal(project):
    """Not 'no such table'."""
    with closing(sqlite3.connect(project.path / "o.sqlite")) as db:
        db.execute("CREATE TABLE notes (text)")
    done = project.call("report", "o.sqlite", check=2)

    assert "o.sqlite is no journal of a run: it is an SQLite file of something else" in done.stderr


def test_a_place_that_cannot_hold_a_run_is_told_with_another(project):
    """Not a bare errno."""
    project.write()
    (project.path / "taken").write_text("a file")
    done = project.call("run", "stack.toml", "--quiet", "--runs-dir", "taken", check=2)

    assert "--runs-dir" in done.stderr
    assert "Errno" not in done.stderr


def test_help_from_the_file_is_what_click_prints(project):
    """`--help` is answered before click is imported, in click's own words."""
    code = "from dosimeter.cli.main import main; main(['--help'])"
    clicks = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=project.env | {"COLUMNS": "80"},
    )

    assert project.call("--help", check=0).stdout == clicks.stdout
    assert project.call("-h", check=0).stdout == clicks.stdout


def test_help_is_light():
    """It loads nothing but the standard library's smallest parts, and no more than start-up does."""
    code = (
        "import sys\nbefore = set(sys.modules)\nsys.argv = ['dosimeter', '--help']\n"
        "from dosimeter.__main__ import main\nmain()\n"
        "print(sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "Usage: dosimeter" in done.stdout
    assert done.stderr.strip() == "['dosimeter', 'dosimeter.__main__']"


def test_a_stack_loads_no_conformance_kit_and_no_items_that_it_does_not_name(project):
    """Every command waits for what hooks import; a kit, and a file that nobody names, are nothing to a run."""
    project.write(attacks='["direct"]')
    code = (
        "import sys\nfrom dosimeter.cli.main import main\n"
        "try:\n    main(['validate', 'stack.toml'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=project.path,
        env=project.env, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())

    assert "dosimeter_harm_file.hooks" in loaded
    assert not {name for name in loaded if name.startswith("dosimeter.testing")}
    assert not loaded & {
        "dosimeter_harm_file.look",
        "dosimeter_harm_file.items",
        "dosimeter.lint.moulds",
    }


def test_plan_counts_controls_beside_requests(project):
    """Of both panels; where no controls are asked there is no column of them."""
    project.write(attacks='["direct"]')
    plain = project.call("plan", "stack.toml", check=0).stdout
    both = project.call(
        "plan", "stack.toml", "--set", 'categories.0.panel=["quickstart","controls"]', check=0
    ).stdout

    assert "controls" not in plain
    assert re.search(r"families +controls +attempts", both)
    assert re.search(r"known +16 +18 +50", both)


def test_each_event_of_the_text_log_is_one_line(project):
    """Name, run and the hash of the stack: no key is one that the log's form takes for itself."""
    project.write(attacks='["direct"]')
    done = project.call(
        "--log-level", "info", "run", "stack.toml", "--quiet", "--limit", 2, check=0
    )  # fmt: skip
    started, ended = done.stderr.splitlines()

    assert re.search(r"run\.start +run=t-limit-2 stack_hash=[0-9a-f]{32}$", started)
    assert "run.end" in ended


def test_a_tilde_is_a_home_also_where_no_shell_has_seen_it(project):
    """In flags, in variables and in a sink's path; no folder is called so, and a user unknown is a name."""
    home = project.path / "home"
    home.mkdir()
    more = '[[sinks]]\nid = "csv"\npath = "~/d/table.csv"\n'
    project.write(simulated(), attacks='["direct"]', more=more)
    project.env |= {"HOME": str(home), "DOSIMETER_CACHE_DIR": "~/c"}
    done = project.call("run", "stack.toml", "--limit", 2, "--runs-dir", "~/r", "-o", "~/x.html",
                        "--cache-days", 1, check=0)  # fmt: skip
    project.call("report", "t-limit-2", "-o", "~/y.json", check=0, DOSIMETER_RUNS_DIR="~/r")
    project.call("runs", "show", "~/r/t-limit-2", check=0)
    project.call("plan", "~/../stack.toml", check=0)
    (home / "rows.csv").write_text("prompt,intent\nHow do I feed a dog?,benign\n")
    project.call("init", "~/own.toml", "--from", "~/rows.csv", check=0)
    project.call("validate", "~/own.toml", check=0)
    project.call("report", "~/r/t-limit-2", "-o", "~nobody-of-this-name.json", check=0)
    left = project.call("runs", "purge", "~/r/t-limit-2", "--yes", check=0).stdout

    made = {p.name for p in home.iterdir()} - {"rows.csv", "own.toml"}
    assert made == {"c", "d", "r", "x.html", "y.json"}
    assert f"{home}/d/table.csv" in done.stdout
    assert f"came from this run: {home}/d/table.csv\n" in left
    assert not list(project.path.rglob("~"))
    assert (project.path / "~nobody-of-this-name.json").is_file()
    assert (home / "c").is_dir()


def test_a_suffix_is_one_in_whatever_case(project):
    """Of a report and of an export; the command that renews the report has it too."""
    project.write(simulated(), attacks='["direct"]').run("--limit", 2, "-o", "A.HTML")
    project.call("report", "t-limit-2", "-o", "B.Json", check=0)
    project.call("runs", "export", "t-limit-2", "-o", "C.CSV", "--bom", check=0)

    assert (project.path / "A.HTML").read_text().startswith("<!")
    assert json.loads((project.path / "B.Json").read_text())["name"] == "t"
    assert (project.path / "C.CSV").read_bytes().startswith(b"\xef\xbb\xbfattempt_id,")


def test_a_system_card_is_chosen_by_its_whole_name(project):
    """As a sink of the stack and by `-o`; another page of Markdown is none, and it is renewed like others."""
    project.write(simulated(), attacks='["direct"]', more='[[sinks]]\nid = "card"\n').run(
        "--limit", 2
    )
    home = project.path / "runs" / "t-limit-2"
    project.call("report", "t-limit-2", "-o", "My-Card.MD", check=0)
    refused = project.call("report", "t-limit-2", "-o", "report.md", check=2)
    left = project.call("report", "t-limit-2", check=0).stderr

    assert (home / "card.md").read_text().startswith("# System card: t\n")
    assert (project.path / "My-Card.MD").read_text() == (home / "card.md").read_text()
    assert "no sink writes .md; there are .csv, .html, .json, card.md" in refused.stderr
    assert "-o runs/t-limit-2/card.md" in left


def test_a_gate_says_that_its_target_has_another_name_in_the_run(project):
    """A target that was renamed keeps the name it was begun with, so that gate finds no number."""
    project.write(simulated(), attacks='["direct"]').run()
    gate = GATE.format(0.9).replace("known", "other")
    done = project.write(simulated(name="other"), attacks='["direct"]', more=gate).run(check=4)

    assert "this run has no target 'other', but 'known'; a target keeps the name" in done.stderr
