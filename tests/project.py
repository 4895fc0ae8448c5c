"""A folder with a stack, and `dosimeter` as a user calls it there."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import cache
from pathlib import Path

from warm import Warm

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
NEVER = "base = -9.0\nintent = 0.0\nkeyword = 0.0\nnoise = 0.0\n"
"""Options of a simulated model that refuses nothing."""
ALWAYS = NEVER.replace("-9.0", "9.0")
GATE = """
[[gates]]
measure = "over-refusal"
at_most = {}
where = {{ target = "known" }}
"""
"""To be filled with the most that refusals of benign requests may be."""


def simulated(options="", name="known"):
    """Give the table of a target with known truth."""
    return f'[targets.{name}]\nmodel = "simulated/graded"\n{options}'


def remote(url, name="remote"):
    """Give the table of a target that a server on this machine is."""
    return f'[targets.{name}]\nmodel = "openai/any"\nbase_url = "{url}"\n'


def findings(report, measure, **where):
    """Give the findings of *measure* in the cells that *where* names."""
    return [
        f for f in report["findings"]
        if f["measure"] == measure and where.items() <= f["group"].items()
    ]  # fmt: skip


def wait_until(process, reached, every=0.02):
    """Wait for something that *process* does; say what it said if it ends before."""
    end = time.monotonic() + 120
    while not reached():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end, "it has not come in two minutes"
        time.sleep(every)


def answers(project):
    """Count the answers in a journal that may not be there, or lack its tables, yet."""
    try:
        return project.rows("SELECT count(*) FROM calls")[0][0]
    except sqlite3.OperationalError:
        return 0


@cache
def warm():
    """Give the process that calls are forked from; it ends with this one."""
    return Warm()


def starts_otherwise(env):
    """Whether the interpreter itself looks at what *env* changes, when it starts."""
    spared = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    seen = {k for k in env.keys() | os.environ if k.startswith(("PYTHON", "LC_", "LANG"))} - spared
    folders = env.get("PYTHONPATH", "").split(os.pathsep)
    return any(env.get(k) != os.environ.get(k) for k in seen) or any(
        Path(one, "sitecustomize.py").exists() for one in folders if one
    )


class Project:
    """A folder with a stack; `dosimeter` runs in it."""

    def __init__(self, path):
        self.path = path
        self.env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("OPENAI_", "DOSIMETER_", "PYTHONDONTWRITE", "COLUMNS"))
        } | {"DOSIMETER_CACHE_DIR": str(path / "kept")}

    def write(self, targets=SIMULATED, attacks='["direct", "multi-turn"]', run="", more=""):
        text = STACK.format(targets=targets, attacks=attacks, run=run, more=more)
        (self.path / "stack.toml").write_text(text)
        return self

    def command(self, *args):
        return [sys.executable, "-m", "dosimeter", *map(str, args)]

    def call(self, *args, check=None, **env):
        env = self.env | env
        if starts_otherwise(env):
            done = subprocess.run(
                self.command(*args), cwd=self.path, env=env,
                capture_output=True, text=True, timeout=300,
            )  # fmt: skip
        else:
            done = warm().call([*map(str, args)], self.path, env)
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return done

    def run(self, *args, check=0, **env):
        return self.call("run", "stack.toml", "--quiet", *args, check=check, **env)

    def start(self, *args):
        return self.begin("run", "stack.toml", *args)

    def begin(self, *args):
        """Start any command; `start` starts a run."""
        return subprocess.Popen(
            self.command(*args), cwd=self.path, env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def folder(self, name="t"):
        return self.path / "runs" / name

    def rows(self, sql, name="t"):
        path = f"file:{self.folder(name)}/journal.sqlite?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as db:
            return db.execute(sql).fetchall()

    def edit(self, *statements, name="t"):
        """Change the journal behind the engine's back, and mean it."""
        (self.folder(name) / "journal.sqlite.sum").unlink(missing_ok=True)
        with closing(sqlite3.connect(self.folder(name) / "journal.sqlite")) as db, db:
            for one in statements:
                assert db.execute(one).rowcount, one

    def report(self, name="t"):
        """The report that the run's sink wrote."""
        return json.loads((self.folder(name) / "report.json").read_text())

    def printed(self, name="t", *args, check=None):
        """The report as it is made again from the journal."""
        return json.loads(self.call("report", name, "--json", *args, check=check).stdout)

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
