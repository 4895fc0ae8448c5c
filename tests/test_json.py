"""`--json`: one value, alike in form for every command, with documented keys."""

import json
import re
import shutil

from pages import ROOT, rows, sections
from project import GATE

ACCEPT = "accept_judge_measured = true"


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
           "requests_per_minute", "properties", "hints"}  # fmt: skip
"""Objects whose keys are names that somebody gave."""


WORDS = {"version", "dosimeter", "level", "mark", "card", "reply", "prompt", "evidence",
         "group", "factors", "contrast", "select"}  # fmt: skip
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
    project.write(more=GATE.format(0.9), run=ACCEPT).run("--limit", 12, check=4)
    project.call("run", "stack.toml", "--limit", "2", "--quiet")
    shutil.copytree(project.folder("t-limit-12"), project.folder("copy"))
    commands = [
        ["run", "stack.toml", "--limit", "12", "--json"],
        ["plan", "stack.toml", "--json"],
        ["validate", "stack.toml", "--json"],
        ["targets", "ping", "stack.toml", "--json"],
        ["validate", "none.toml", "--json"],
        ["validate", "stack.toml", "--set", "run.sead=1", "--json"],
        ["report", "t-limit-12", "--json"],
        ["score", "t-limit-12", "--rater", "refusal", "--json"],
        ["runs", "list", "--json"],
        ["runs", "show", "t-limit-12", "--json"],
        ["runs", "diff", "t-limit-12", "t-limit-2", "--json"],
        ["runs", "merge", "t-limit-12", "copy", "-o", "u", "--json"],
        ["runs", "purge", "t-limit-2", "--yes", "--json"],
        ["cache", "info", "--json"],
        ["cache", "clear", "--older-than", "9999", "--json"],
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
    project.env["OWNER"] = "a secret of the owner's own"
    project.write(attacks='["direct"]').run("--limit", 2)
    for command in (
        ["report", "t-limit-2"], ["validate", "stack.toml"], ["plan", "stack.toml"],
        ["targets", "ping", "stack.toml"], ["runs", "list"],
        ["runs", "show", "t-limit-2"], ["runs", "diff", "t-limit-2", "t-limit-2"],
        ["runs", "seal", "t-limit-2", "--secret", "OWNER"], ["runs", "purge", "t-limit-2", "--yes"],
        ["cache", "info"], ["plugins", "list"],
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
