"""A function beside a stack, measured as a user does it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.skipif(
    not all(
        map(
            find_spec,
            ("dosimeter_harm_physical", "dosimeter_attack_framing", "dosimeter_scorer_refusal"),
        )
    ),
    reason="needs a category, attacks and a rater to run",
)

STACK = """
name = "t"
{targets}
[[categories]]
id = "physical"
panel = "quickstart"
limit = 2
attacks = {attacks}
[[raters]]
id = "refusal"
[[sinks]]
id = "json"
"""
BOT = """
import subprocess
import words
print("imported")
def answer(prompt: str) -> str:
    print("called")
    subprocess.run(["echo", "from a child"])
    return words.SAY
async def chat(messages, temperature=1.0):
    return {"text": f"I have {len(messages)} messages and cannot help. {temperature}", "model": "chat-1"}
def breaks(prompt):
    raise ValueError("private " + prompt)
"""
TARGETS = """
[targets.bot]
model = "python:mybot:answer"
[targets.chat]
model = "python/mybot:chat"
system = "Be kind."
temperature = 0.25
"""


class Team:
    """A folder with a stack and a module; `dosimeter` is called from wherever."""

    def __init__(self, path):
        self.path = path / "project"
        self.path.mkdir()
        self.elsewhere = path / "elsewhere"
        self.elsewhere.mkdir()
        (self.path / "mybot.py").write_text(BOT)
        (self.path / "words.py").write_text('SAY = "I will not help with that."\n')

    def write(self, targets=TARGETS, attacks='["direct"]'):
        (self.path / "stack.toml").write_text(STACK.format(targets=targets, attacks=attacks))

    def call(self, verb, *args, at=None):
        words = [sys.executable, "-m", "dosimeter", verb, str(self.path / "stack.toml"), *args]
        env = {k: v for k, v in os.environ.items() if not k.startswith("DOSIMETER_")}
        return subprocess.run(
            words, cwd=at or self.elsewhere, env=env, capture_output=True, text=True, timeout=120
        )

    def rows(self, sql):
        path = self.elsewhere / "runs" / "t" / "journal.sqlite"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()


@pytest.fixture
def team(tmp_path):
    return Team(tmp_path)


def test_functions_beside_a_stack_are_measured_from_anywhere(team):
    """Sync and async; what they and their children print is in no JSON."""
    team.write()
    done = team.call("run", "--json")
    report = json.loads(done.stdout)
    models = dict(team.rows("SELECT DISTINCT target, model FROM replies"))

    assert done.returncode == 0, done.stderr
    assert report["complete"]
    assert {"imported", "called", "from a child"} <= set(done.stderr.splitlines())
    assert models["bot"].startswith("mybot:answer@")
    assert models["chat"] == "chat-1"
    assert "I have 2 messages and cannot help. 0.25" in {
        t for (t,) in team.rows("SELECT reply FROM replies")
    }


def test_another_source_is_another_target(team):
    """A run does not go on with other code, that of a module which the function's imports included."""
    team.write()
    first = team.call("run", "--quiet")
    (team.path / "words.py").write_text('SAY = "Yes."\n')
    again = team.call("run", "--quiet")

    assert first.returncode == 0, first.stderr
    assert again.returncode == 2
    assert "targets.bot.source" in again.stderr
    assert "begun with another design" in again.stderr


def test_where_the_project_lies_is_no_part_of_the_target(team):
    """A clone at another place goes on with the run."""
    team.write()
    first = team.call("run", "--quiet")
    team.path = team.path.rename(team.path.with_name("moved"))
    again = team.call("run", "--quiet")

    assert first.returncode == again.returncode == 0, again.stderr


def test_an_error_is_told_after_the_run_and_quotes_nothing(team):
    """Type, module and line, with what to do; neither the exception's words nor the prompt."""
    team.write('[targets.bad]\nmodel = "python:mybot:breaks"\n')
    done = team.call("run", "--quiet")

    assert done.returncode == 3
    assert (
        "raised:ValueError:mybot:12: mybot:breaks raised this, in that module and line"
        in done.stderr
    )
    assert "private" not in done.stderr + done.stdout
    assert not team.rows("SELECT 1 FROM attempts WHERE reason LIKE '%private%'")


def test_a_conversation_is_refused_by_name_where_a_function_takes_a_prompt(team):
    """Its attempts of several messages fail; the others are measured."""
    team.write('[targets.bot]\nmodel = "python:mybot:answer"\n', '["direct", "multi-turn"]')
    done = team.call("run", "--quiet")
    states = team.rows("SELECT DISTINCT attack, state, reason FROM attempts ORDER BY 1")

    assert ("direct", "done", "") in states
    assert {r for a, _, r in states if a == "multi-turn"} == {"several-messages"}
    assert "let it take messages" in done.stderr


def test_validate_tells_what_is_wrong_with_a_function(team):
    """With its key, on one line, and without running the module twice."""
    team.write('[targets.bot]\nmodel = "python:mybot:anwser"\n')
    done = team.call("validate", "--json")
    (fault,) = json.loads(done.stdout)["faults"]

    assert done.returncode == 2
    assert fault["path"] == "targets.bot.model"
    assert "did you mean 'answer'?" in fault["message"]
    assert done.stderr.splitlines().count("imported") == 1


def test_files_that_are_named_count_as_source(team):
    """A prompt in a file of its own is a part of what is measured; a cache beside it is none."""
    team.write('[targets.bot]\nmodel = "python:mybot:answer"\nfiles = ["prompts/*.txt"]\n')
    (team.path / "prompts").mkdir()
    hashes = []
    for text in ("a", "b", "b"):
        (team.path / "prompts" / "one.txt").write_text(text)
        (team.path / "cache.bin").write_text(str(len(hashes)))
        stack = json.loads(team.call("validate", "--json").stdout)["stack"]
        hashes.append(dict(stack["targets"][0]["identity"])["source"])

    assert hashes[0] != hashes[1] == hashes[2]


def test_a_function_that_hangs_keeps_no_run_from_its_end(team):
    """It is given up after `run.timeout`, told by name, and its thread is left behind."""
    (team.path / "slow.py").write_text("import time\ndef answer(prompt):\n    time.sleep(100)\n")
    team.write('[targets.bot]\nmodel = "python:slow:answer"\n')
    done = team.call(
        "run", "--quiet", "--max-connections", "1", "--set", "run.timeout=0.3", "--max-retries", "0"
    )

    assert done.returncode == 3
    assert "timeout" in done.stderr
    assert "stuck" in done.stderr
