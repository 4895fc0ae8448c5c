"""A stack to run and a way to run it, as a user would."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from strangers import STRANGERS, build_wheel, install

STACK = """
name = "t"
{targets}
[[categories]]
id = "physical"
panel = "quickstart"
attacks = {attacks}
[[raters]]
id = "refusal"
[[raters]]
id = "actionability"
[[sinks]]
id = "json"
[[sinks]]
id = "html"
[run]
seed = 7
{run}
{more}
"""
SIMULATED = """
[targets.known]
model = "simulated/graded"
[targets.other]
model = "simulated/graded"
base = -1.0
"""


class Project:
    """A folder with a stack; `dosimeter` runs in it."""

    def __init__(self, path):
        self.path = path
        self.env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("OPENAI_", "DOSIMETER_", "PYTHONDONTWRITE", "COLUMNS"))
        }

    def write(self, targets=SIMULATED, attacks='["direct", "multi-turn"]', run="", more=""):
        text = STACK.format(targets=targets, attacks=attacks, run=run, more=more)
        (self.path / "stack.toml").write_text(text)
        return self

    def command(self, *args):
        return [sys.executable, "-m", "dosimeter", *map(str, args)]

    def call(self, *args, check=None, **env):
        done = subprocess.run(
            self.command(*args),
            cwd=self.path,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return done

    def run(self, *args, check=0, **env):
        return self.call("run", "stack.toml", "--quiet", *args, check=check, **env)

    def start(self, *args):
        return subprocess.Popen(
            self.command("run", "stack.toml", *args), cwd=self.path, env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def folder(self, name="t"):
        return self.path / "runs" / name

    def rows(self, sql, name="t"):
        db = sqlite3.connect(f"file:{self.folder(name)}/journal.sqlite?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def dump(self, name="t"):
        """Everything that was asked, answered and rated, without clocks and row numbers."""
        return {
            "attempts": self.rows("SELECT * FROM attempts ORDER BY attempt", name),
            "replies": self.rows("SELECT * FROM replies ORDER BY attempt, reply", name),
            "marks": self.rows("SELECT * FROM marks ORDER BY attempt, rater, scale, subject", name),
            "calls": self.rows(
                "SELECT call, scope, step, idx, role, endpoint, stop, model, tokens_in, tokens_out"
                " FROM calls ORDER BY call",
                name,
            ),
            "messages": self.messages(name),
        }

    def messages(self, name="t"):
        """Every message with all that was said before it, and the call that it answers."""
        rows = self.rows(
            "SELECT m.scope, m.message, m.parent, m.speaker, m.prefilled, coalesce(m.text, m.hex),"
            " c.call FROM messages m LEFT JOIN calls c ON c.reply = m.message", name,
        )  # fmt: skip
        up = {key: (parent, said) for _, key, parent, *said, _ in rows}

        def path(key):
            said = []
            while key is not None:
                key, one = up[key]
                said.append(tuple(one))
            return tuple(reversed(said))

        return sorted((scope, path(key), call or "") for scope, key, *_, call in rows)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture(scope="session")
def strangers(tmp_path_factory):
    """A folder outside the repository with strangers' packages, for PYTHONPATH."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("strangers")
    for name in sorted(path.name for path in STRANGERS.iterdir()):
        install(build_wheel(name, wheels), target)
    return target


@pytest.fixture
def outside(project, strangers):
    """A project that finds the strangers' packages."""
    project.env |= {"PYTHONPATH": str(strangers)}
    return project
