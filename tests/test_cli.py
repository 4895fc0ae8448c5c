"""The command line as its users meet it: messages, exit codes, JSON."""

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
import tomllib
from pathlib import Path

import jsonschema
import pytest
from pages import ROOT, rows, sections
from plant import plant

from dosimeter import PluginBroken
from dosimeter.cli.main import cli, main

GATE = """
[[gates]]
measure = "over-refusal"
max = {}
where = {{ target = "known" }}
"""
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
        (["report", "none"], "no run 'none'"),
        (["score", "none", "--rater", "refusal"], "no run 'none'"),
        (["runs", "show", "none"], "no run 'none'"),
        (["plugins", "info", "none"], "nothing is called 'none'"),
        (["--log-level", "loud", "plan", "stack.toml"], "loud"),
        (["init", "stack.toml"], "is there already"),
        (["run", "stack.toml", "--max-samples", "5"], "here it is --limit"),
        (["plan", "stack.toml", "--limit-samples=5"], "here it is --limit"),
        (["run", "stack.toml", "--model", "x/y"], "here it is --set targets.NAME.model="),
        (["run", "stack.toml", "--max_connections", "5"], "did you mean --max-connections?"),
        (["run", "stack.toml", "--output", "x"], "here it is -o"),
        (["run", "stack.toml", "--debug"], "stands before the command: dosimeter --debug run"),
        (["score", "t", "--judge", "x"], "here it is --rater"),
        (["runs", "purge", "t", "--force"], "here it is --yes"),
        (["plugins", "list", "--model", "x/y"], "There is no option '--model'"),
        (["validate", "."], "is a folder, not a stack file; name a file in it: stack.toml"),
        (["validate", "stack.toml", "--set", "extends=x.toml"], "extends is read before --set"),
        (["report", "stack.toml"], "stack.toml is no journal of a run: it is no SQLite file"),
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


@pytest.mark.parametrize("name", [".hidden.toml", 'a"b.toml', "two words.toml"])
def test_init_makes_a_valid_stack_whatever_the_file_is_called(project, name):
    """A name that is no folder's, or that would break the quotes, does not become the run's."""
    made = project.call("init", name)
    checked = project.call("validate", name)

    assert (made.returncode, checked.returncode) == (0, 0)
    assert "is valid" in checked.stdout


def test_validate_and_plan_speak_json(project):
    """The resolved stack without secrets; the plan's rows."""
    project.write()
    stack = json.loads(project.call("validate", "stack.toml", "--json", check=0).stdout)
    plan = json.loads(project.call("plan", "stack.toml", "--json", check=0).stdout)

    assert stack["valid"] is True
    assert stack["faults"] == []
    assert stack["stack"]["name"] == "t"
    assert sum(r["attempts"] for r in plan["rows"]) == plan["attempts"] == 128
    assert {r["money"] for r in plan["rows"]} == {0.0}


def test_validate_needs_no_network_and_leaves_nothing(project):
    """A target that does not exist is as good as another; no file is made."""
    project.write(
        '[targets.x]\nmodel = "openai/any"\nbase_url = "http://model.invalid/v1"\napi_key = "${K}"\n'
    )
    before = sorted(project.path.iterdir())
    done = project.call("validate", "stack.toml", "--json", check=0, K="sk-hidden")

    assert "sk-hidden" not in done.stdout
    assert sorted(project.path.iterdir()) == before


def test_validate_refuses_a_gate_that_no_result_could_pass(project):
    """With the number of families that would do; plan warns of the same."""
    accept = "accept_judge_measured = true"
    project.write(attacks='["direct"]', more=GATE.format(0.01), run=accept)
    done = project.call("validate", "stack.toml", check=2)

    assert "cannot pass with 16 families" in same_message(done)
    assert "368 families would do" in done.stderr
    assert "368 families would do" in project.call("plan", "stack.toml", check=0).stdout
    project.write(attacks='["direct"]', more=GATE.format(0.3), run=accept).call(
        "validate", "stack.toml", check=0
    )
    project.write(attacks='["direct"]', more=GATE.format(0.3))
    assert "accept_judge_measured" in project.call("validate", "stack.toml", check=2).stderr


def test_what_prints_data_speaks_json_and_the_log_stays_apart(project):
    """One run, and every command that looks at it."""
    project.write(attacks='["direct"]')
    done = project.call(
        "--log-format", "json", "--log-level", "info", "run", "stack.toml", "--json", check=0
    )
    events = [json.loads(line) for line in done.stderr.splitlines()]
    commands = {
        "report": ["report", "t"], "list": ["runs", "list"], "show": ["runs", "show", "t"],
        "score": ["score", "t", "--rater", "refusal"],
        "plugins": ["plugins", "list"], "info": ["plugins", "info", "refusal"], "doctor": ["plugins", "doctor"],
    }  # fmt: skip
    said = {
        k: json.loads(project.call(*args, "--json", check=0).stdout) for k, args in commands.items()
    }

    assert [e["event"] for e in events] == ["run.start", "run.end"]
    assert json.loads(done.stdout)["name"] == said["report"]["name"] == said["score"]["name"] == "t"
    assert said["list"][0]["done"] == said["list"][0]["planned"] == 64
    assert said["doctor"] == []
    parts = {(p["kind"], p["id"]): p for p in said["show"]["parts"]}
    assert {
        ("provider", "simulated"),
        ("category", "physical"),
        ("attack", "direct"),
        ("rater", "refusal"),
        ("sink", "html"),
    } <= set(parts)
    assert all(p["version"] != "unknown" and len(p["files_hash"]) == 32 for p in parts.values())


BY_NAME = {"group", "factors", "where", "roles", "identity", "operational", "options", "sampling",
           "requests_per_minute", "properties"}  # fmt: skip
"""Objects whose keys are names that somebody gave."""
WORDS = {"version", "dosimeter", "level", "mark", "card", "reply", "prompt", "evidence",
         "group", "factors"}  # fmt: skip
"""Text that may look like a number."""
NO_TEXT = re.compile(r"-|unknown|-?\d+(\.\d+)?")


def unlike(value, path=()):
    """Give the places of JSON that break the rules of docs/cli.md."""
    if isinstance(value, dict):
        if path[-1:] == ("options",):
            return  # JSON Schema has its own words
        named = path[-1:] and path[-1] in BY_NAME
        for key, one in value.items():
            if not named and not re.fullmatch("[a-z][a-z0-9_]*", key):
                yield (*path, key)
            yield from unlike(one, (*path, key))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from unlike(one, (*path, i))
    elif isinstance(value, str) and not set(path) & WORDS and NO_TEXT.fullmatch(value):
        yield (*path, value)


def test_json_is_alike_everywhere(project):
    """Keys in snake_case, numbers as numbers, null for what is not known; each command's output."""
    project.write(more=GATE.format(0.9)).run("--limit", 12, check=4)
    project.call("run", "stack.toml", "--limit", "2", "--quiet")
    shutil.copytree(project.folder("t-limit-12"), project.folder("copy"))
    commands = [
        ["run", "stack.toml", "--limit", "12", "--json"],
        ["plan", "stack.toml", "--json"],
        ["validate", "stack.toml", "--json"],
        ["validate", "none.toml", "--json"],
        ["validate", "stack.toml", "--set", "run.sead=1", "--json"],
        ["report", "t-limit-12", "--json"],
        ["score", "t-limit-12", "--rater", "refusal", "--json"],
        ["runs", "list", "--json"],
        ["runs", "show", "t-limit-12", "--json"],
        ["runs", "merge", "t-limit-12", "copy", "-o", "u", "--json"],
        ["runs", "purge", "t-limit-2", "--yes", "--json"],
        ["plugins", "list", "--json"],
        *(
            ["plugins", "info", n, "--json"]
            for n in ("refusal", "physical", "simulated", "direct", "html")
        ),
        ["plugins", "doctor", "--json"],
    ]
    for command in commands:
        done = project.call(*command)
        assert done.stdout.startswith(("{", "[")), f"{command}: {done.stderr}"
        said = json.loads(done.stdout)
        assert list(unlike(said)) == [], command


def test_keys_of_json_are_documented(project):
    """The table of docs/cli.md has each command's keys, and no other."""
    page = sections(ROOT / "docs" / "cli.md")["JSON"]
    table = {row[0]: row[1] for row in rows(page)}
    project.write(attacks='["direct"]').run("--limit", 2)
    for command in (
        ["report", "t-limit-2"], ["validate", "stack.toml"], ["plan", "stack.toml"], ["runs", "list"],
        ["runs", "show", "t-limit-2"], ["runs", "purge", "t-limit-2", "--yes"], ["plugins", "list"],
    ):  # fmt: skip
        said = json.loads(project.call(*command, "--json", check=0).stdout)
        one = said[0] if isinstance(said, list) else said
        (told,) = [
            v
            for k, v in table.items()
            if " ".join(command).startswith(k) or command[0] in k.split(", ")
        ]
        listed = re.sub(r"\([^)]*\)", "", told.partition(":")[2] or told.partition(" of ")[2])
        assert {w.strip() for w in listed.split(",")} == set(one), command


def test_faults_are_json_too(project):
    """Path and message of each, and exit code 2."""
    project.write()
    done = project.call(
        "validate", "stack.toml", "--set", "run.sead=1", "--set", "run.repeats=0", "--json", check=2
    )
    said = json.loads(done.stdout)

    assert said["valid"] is False
    assert said["stack"] is None
    assert {f["path"] for f in said["faults"]} == {"run.sead", "run.repeats"}
    assert "did you mean 'seed'?" in said["faults"][0]["message"] + said["faults"][1]["message"]


def test_purge_says_what_is_gone_in_words(project):
    """Replies and attempts, not rows of a table; what sinks wrote before is named."""
    project.write(attacks='["multi-turn"]').run("--limit", 2)
    done = project.call("runs", "purge", "t-limit-2", "--yes", check=0).stdout
    again = project.call("runs", "purge", "t-limit-2", "--yes", check=0).stdout

    assert "Deleted: 16 replies of 8 attempts" in done
    assert "left as they are: report.html, report.json" in done
    assert "Deleted: 0 replies of 0 attempts" in again


def on_terminal(project, columns, *args, tables=False, **env):
    """Run with standard error on a terminal of so many columns; give what stands there.

    With *tables*, standard output goes there too.
    """
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, columns))
    done = subprocess.Popen(
        project.command(*args), cwd=project.path, env=project.env | env, stderr=slave,
        stdout=slave if tables else subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(slave)
    told = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
        while piece := os.read(master, 4096):
            told += piece
    os.close(master)
    assert done.wait() == 0
    return told.decode()


@pytest.mark.parametrize("columns", [40, 80])
def test_the_progress_line_fits_the_terminal(project, columns):
    """A line that broke could not be written over."""
    slow = '[targets.slow]\nmodel = "simulated/graded"\nlatency = 0.4\n'
    project.write(slow, attacks='["direct"]')
    told = on_terminal(project, columns, "run", "stack.toml", "--max-connections", "8")
    lines = [line.removeprefix("\x1b[2K") for line in re.split(r"[\r\n]+", told)]

    assert any(line.startswith("32/32 attempts") for line in lines)
    assert max(map(len, lines)) < columns


COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d|10\d)[\d;]*m")
"""Bold is none."""


def test_no_color_leaves_log_progress_and_tables_without_colour(project):
    """Whatever it is set to; without it the log of a terminal is coloured."""
    slow = '[targets.slow]\nmodel = "simulated/graded"\nlatency = 0.4\n'
    project.write(slow, attacks='["direct"]').env.pop("NO_COLOR", None)
    run = ("--log-level", "info", "run", "stack.toml", "--limit")
    plain = on_terminal(project, 100, *run, "1", tables=True, TERM="xterm-256color", NO_COLOR="1")
    coloured = on_terminal(project, 100, *run, "2", TERM="xterm-256color", NO_COLOR="")

    assert "attempts, " in plain
    assert "[info" in plain
    assert "families" in plain
    assert COLOUR.findall(plain) == []
    assert COLOUR.findall(coloured)


def test_a_refusal_shows_no_progress(project):
    """No count of a plan that was never made."""
    project.write().run("--limit", 2)
    done = project.call("run", "stack.toml", "--limit", "2", "--seed", "3", check=2)

    assert "attempts," not in done.stderr
    assert "?" not in done.stderr.splitlines()[0]


def test_output_goes_by_suffix(project):
    """-o FILE; a suffix that no sink writes is a usage error that names those that there are."""
    project.write(attacks='["direct"]').run()
    project.call("report", "t", "-o", "x.json", "-o", "deep/x.html", check=0)
    told = project.call("report", "t", "-o", "x.docx", check=2)

    assert json.loads((project.path / "x.json").read_text())["name"] == "t"
    assert (project.path / "deep" / "x.html").stat().st_mode & 0o777 == 0o600
    assert ".html, .json" in same_message(told)


def test_a_pipe_is_as_wide_as_columns_says(project):
    """Without COLUMNS a row is one line; with it no line is wider."""
    project.write(attacks='["direct"]').run()
    wide = project.call("report", "t", COLUMNS="").stdout
    narrow = project.call("report", "t", COLUMNS="70").stdout

    assert "direct  known" in wide
    assert max(map(len, narrow.splitlines())) <= 70 < max(map(len, wide.splitlines()))


def completed(project, words, **env):
    """What bash would offer for the last of *words*, as (type, value)."""
    done = project.call(
        _DOSIMETER_COMPLETE="bash_complete", COMP_WORDS=f"dosimeter {words}",
        COMP_CWORD=str(len(words.split(" "))), **env,
    )  # fmt: skip
    assert done.stderr == ""
    return [tuple(line.split(",", 1)) for line in done.stdout.split()]


def test_shell_completion_lists_the_commands(project):
    """As click's completion scripts ask for it."""
    assert completed(project, "pl") == [("plain", "plan"), ("plain", "plugins")]


def test_shell_completion_knows_runs_stacks_and_components(project):
    """Each argument offers what it can be; runs already given are not offered again."""
    project.write()
    (project.path / "deep").mkdir()
    (project.path / "deep" / "one.toml").touch()
    (project.path / "notes.txt").touch()
    for name in ("first", "second"):
        project.folder(name).mkdir(parents=True)
        (project.folder(name) / "journal.sqlite").touch()
    (project.path / "runs" / "no-run").mkdir()
    both = [("plain", "first"), ("plain", "second")]

    for command in ("report ", "score ", "runs show ", "runs purge ", "runs merge "):
        assert completed(project, command) == both
    assert completed(project, "runs merge first ") == both[1:]
    assert completed(project, "report --runs-dir elsewhere ") == []
    assert completed(project, "report runs/f") == [("file", "runs/f")]
    for command in ("run ", "validate ", "plan "):
        assert completed(project, command) == [("dir", ""), ("plain", "stack.toml")]
    assert completed(project, "run deep/") == [("plain", "deep/one.toml")]
    assert ("plain", "refusal") in completed(project, "plugins info re")
    assert completed(project, "score first --rater act") == [("plain", "actionability")]


def test_help_of_every_command(project):
    """The exit codes stand in the help."""
    assert "4 inconclusive" in project.call("--help", check=0).stdout
    for name in ("init", "validate", "plan", "run", "score", "report", "runs", "plugins", "schema"):
        assert "Usage: dosimeter" in project.call(name, "-h", check=0).stdout


def test_a_reader_that_goes_away_is_no_error(project):
    """`dosimeter schema | head -1` ends quietly."""
    done = subprocess.run(
        f"{sys.executable} -m dosimeter schema | head -1", shell=True, cwd=project.path, env=project.env,
        capture_output=True, text=True,
    )  # fmt: skip

    assert done.stdout.strip() == "{"
    assert done.stderr == ""


def test_a_broken_plugin_is_explained_and_stops_only_who_needs_it(project, tmp_path):
    """The doctor tells; a run without it goes on."""
    path = str(plant(tmp_path / "site", "dosimeter-sad", "import no_such_module_anywhere\n"))
    doctor = project.call("plugins", "doctor", PYTHONPATH=path, check=2)
    project.write(attacks='["direct"]')

    assert "no_such_module_anywhere" in doctor.stdout
    assert "dosimeter-sad 1.0" in doctor.stdout
    project.run(PYTHONPATH=path, check=0)
    told = project.call(
        "validate", "stack.toml", "--set", 'sinks=[{id="sad"}]', PYTHONPATH=path, check=2
    )
    assert "dosimeter-sad" in same_message(told)


def test_plugins_can_be_restricted(project):
    """DOSIMETER_PLUGINS; a name that is not there is told by the doctor."""
    one = json.loads(
        project.call("plugins", "list", "--json", DOSIMETER_PLUGINS="dosimeter-sink-html").stdout
    )
    told = project.call("plugins", "doctor", DOSIMETER_PLUGINS="dosimeter-sink-htlm", check=2)

    assert {p["distribution"] for p in one} == {"dosimeter", "dosimeter-sink-html"}
    assert "did you mean 'dosimeter-sink-html'?" in told.stdout


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


FULL = [["schema"], ["--help"], ["plan", "stack.toml"], ["report", "t-limit-2"],
        ["report", "t-limit-2", "--json"], ["run", "stack.toml", "--limit", "2"]]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_a_clear_message(project):
    """Of every command, with exit code 2 and without a number of the system's."""
    project.write().run("--limit", 2)
    for command in FULL:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                project.command(*command), cwd=project.path, env=project.env, stdout=full,
                stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        last = done.stderr.strip().splitlines()[-1]
        assert done.returncode == 2, command
        assert "could not be written: No space left on device" in last
        assert "Traceback" not in done.stderr


def test_closed_streams_break_nothing(project):
    """A caller without standard error or output, such as a scheduler, gets the exit code alone."""
    project.write().run("--limit", 2)
    program = f"{sys.executable} -m dosimeter"
    for command in (
        "run stack.toml --limit 2 2>&- >&-",
        "run stack.toml --limit 2 <&- 2>&-",
        "--help >&-",
    ):
        done = subprocess.run(
            f"{program} {command}", shell=True, cwd=project.path, env=project.env,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert project.rows("PRAGMA integrity_check", "t-limit-2") == [("ok",)]


def test_a_resume_with_another_setting_names_both_values(project):
    """What was, and what is."""
    project.write().run("--limit", 2)
    done = project.call("run", "stack.toml", "--limit", "2", "--seed", "8", check=2)

    assert "run.seed: 7 then, 8 now" in done.stderr
    other = ("--set", "targets.other.base=-2.0", "--set", "targets.known.base=1.5")
    told = project.call("run", "stack.toml", "--limit", "2", *other, check=2).stderr
    assert "targets.other.base: -1.0 then, -2.0 now" in told
    assert "targets.known.base: -3.0 then, 1.5 now" in told


def test_quiet_says_in_a_line_why_the_exit_code_is_not_0(project):
    """The gate, or what is incomplete."""
    project.write(more=GATE.format(0.21))
    gate = project.call("run", "stack.toml", "--quiet", check=4)
    budget = project.write(run="budget = { tokens = 500 }").call(
        "run", "stack.toml", "--quiet", "--set", "name=b", check=3
    )

    assert gate.stdout == budget.stdout == ""
    assert gate.stderr.startswith("dosimeter: exit code 4: gate over-refusal at most 21 %: inconc")
    assert gate.stderr.count("\n") == 1
    assert "dosimeter: exit code 3: incomplete: " in budget.stderr


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
    assert "it could not be reached" in fault
    assert how == "When that is mended, go on with:"
    assert command.endswith("run stack.toml --max-retries 0 --limit 2")


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


def test_what_is_no_journal_is_a_clear_message(project):
    """Neither a file in the way nor a damaged journal is a traceback."""
    project.write()
    (project.path / "runs").write_text("a file")
    same_message(project.call("run", "stack.toml", "--quiet", check=2))
    (project.path / "runs").unlink()
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
    assert "weightless: 32 attempts failed: no-file: no file is at the model's path" in done.stderr
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
    assert "bad " in done.stderr
    assert "cannot be read" in done.stderr


def test_a_place_that_cannot_hold_a_run_is_told_with_another(project):
    """Not a bare errno."""
    project.write()
    (project.path / "taken").write_text("a file")
    done = project.call("run", "stack.toml", "--quiet", "--runs-dir", "taken", check=2)

    assert "--runs-dir" in done.stderr
    assert "Errno" not in done.stderr


def test_nobody_is_asked_where_nobody_is(project):
    """Purging without a terminal asks for --yes instead of waiting."""
    project.write().run("--limit", 2)
    done = project.call("runs", "purge", "t-limit-2", check=2)

    assert "--yes" in done.stderr
    assert project.rows("SELECT count(*) FROM blob WHERE codec = 'purged'", "t-limit-2") == [(0,)]


def test_info_shows_what_is_declared(project):
    """Panels and measures of a category, scale and card of a rater; the nearest for a misspelt id."""
    category = project.call("plugins", "info", "physical", check=0).stdout
    rater = project.call("plugins", "info", "refusal", check=0).stdout

    assert "panel factorial:" in category
    assert "measure over-refusal:" in category
    assert "scale refusal (nominal): none, partial, full" in rater
    assert "card: sensitivity" in rater
    assert "did you mean 'refusal'?" in project.call("plugins", "info", "refsal", check=2).stderr
