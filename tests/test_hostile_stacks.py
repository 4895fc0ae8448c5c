"""Stack files that are wrong in every way: exit 2 with file, path and reason, never a traceback."""

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter

import pytest
from inprocess import call
from mutations import stack
from plant import plant
from project import simulated

from dosimeter import DosimeterError, StackError
from dosimeter.cli.common import installed
from dosimeter.cli.gates import check_gates
from dosimeter.engine.build import accounts_of, build_categories, build_raters
from dosimeter.engine.forecast import forecast
from dosimeter.model.specs import ScorerSpec
from dosimeter.stack import load_stack

FILES, PARTS = 10_000, 4
EACH = [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, PARTS))]
"""A quarter of the files always, all of them on demand."""
ENVIRON = {"A_KEY": "sk-1", "A_SEAL": "s" * 16}
BASE = '[[sinks]]\nid = "csv"\n'
HEADS = r"s\.toml (cannot be run|has gates that no result can pass):"
FORM = re.compile(rf"[^\n]*({HEADS}(\n  [^\n]+)+|[^\n]*)")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stand in a folder with a base to extend, and variables for secrets."""
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "base.toml").write_text(BASE)
    return tmp_path


def refused(registry, path):
    """Give the error of a stack file that is refused; None for one that can be planned."""
    try:
        made, secrets = load_stack(path, registry=registry, environ=ENVIRON, sends=False)
        parts = build_categories(made, registry, secrets)
        raters = build_raters(made.raters, (*made.targets, *made.endpoints), registry, secrets)
        check_gates(path, made, parts, raters)
        specs = [registry.get(ScorerSpec, r.choice.id) for r in made.raters]
        forecast(made, parts, specs, accounts_of(made, secrets, registry))
    except DosimeterError as exc:
        return exc
    return None


@pytest.mark.parametrize("part", EACH)
def test_of_10000_files_each_is_valid_or_refused_by_file_and_path(folder, part):
    """Mutated by table and by byte, and noise: any other exception would be a traceback.

    What is told is printable, a fault a line, with its path, unless the file cannot be read.
    """
    registry, path, told, places = installed(), folder / "s.toml", Counter(), set()
    for seed in range(part, FILES, PARTS):
        path.write_bytes(stack(random.Random(seed)))
        exc = refused(registry, path)
        words = str(exc)
        told["valid" if exc is None else "faults" if exc.faults else "unread"] += 1
        if exc is not None:
            assert type(exc) is StackError, (seed, words)
            assert "s.toml" in words, (seed, words)
            assert FORM.fullmatch(words), (seed, words)
            assert words.replace("\n", "").isprintable(), (seed, words)
            assert all(why for _, why in exc.faults), (seed, words)
            assert all(at or "--set" in why for at, why in exc.faults), (seed, words)
            places |= {re.sub(r"\[\d+\]", "[]", at) for at, _ in exc.faults}

    assert told["valid"] > 250
    assert told["faults"] > 1250
    assert told["unread"] > 250
    assert len(places) > 250


def test_the_command_says_the_same(folder):
    """By exit code and a message, in text and JSON; `plan` refuses nothing that `validate` lets through."""
    codes = Counter()
    for seed in range(150):
        (folder / "s.toml").write_bytes(stack(random.Random(seed)))
        code, out, err = call("validate", "s.toml")
        codes[code] += 1

        assert code in {0, 2}, (seed, err)
        assert call("plan", "s.toml")[0] == code or "no result can pass" in err, seed
        assert err.startswith("dosimeter: ") is (code == 2), (seed, err)
        assert bool(out) is (code == 0), seed
        assert (out + err).replace("\n", "").isprintable(), seed
        if code:
            assert "s.toml" in err
            told = json.loads(call("validate", "s.toml", "--json")[1])
            assert not told["valid"]
            assert told["faults"]
    assert min(codes[0], codes[2]) > 12


def test_the_installed_command_says_the_same(project):
    """A process of its own ends likewise, whatever the bytes."""
    project.env |= ENVIRON
    (project.path / "base.toml").write_text(BASE)
    for seed in range(6):
        (project.path / "stack.toml").write_bytes(stack(random.Random(seed)))
        done = project.call("validate", "stack.toml")

        assert done.returncode in {0, 2}, done.stderr
        assert done.stderr.startswith("dosimeter: ") is (done.returncode == 2)


RUNS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from inprocess import call
for n in sys.argv[2:]:
    code, _, err = call("run", f"{n}.toml", "--limit", "1", "--quiet", "--set", f"name=r{n}")
    print(n, code, err.replace(chr(10), " "))
"""


def test_a_file_that_is_valid_can_be_run(folder):
    """With the simulated model: to its end, or to a gate or a budget that says so."""
    registry, found, seed = installed(), [], 0
    while len(found) < 12:
        seed += 1
        path = folder / f"{seed}.toml"
        path.write_bytes(stack(random.Random(seed)))
        if refused(registry, path) is None:
            made, _ = load_stack(path, registry=registry, environ=ENVIRON)
            if {t.provider for t in made.targets} == {"simulated"}:
                found.append(seed)
    here = os.path.dirname(__file__)  # noqa: PTH120
    done = subprocess.run(
        [sys.executable, "-c", RUNS, here, *map(str, found)],
        capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()

    assert len(lines) == len(found)
    for line in lines:
        _, code, *words = line.split(" ", 2)
        assert code in {"0", "1", "4"} or "the budget is spent" in words[0], line


SMALL = simulated() + '[[categories]]\nid = "physical"\n[[raters]]\nid = "refusal"\n'
WIDE = "9" * 30
NAMED = {
    "an unknown key": (f"colour = 1\n{SMALL}", "colour: unknown key"),
    "an unknown id": (SMALL.replace('"refusal"', '"refusla"'), "raters[0].id: "),
    "a wrong type": (f"{SMALL}name = 3\n", "raters[0].name: expected text, got 3"),
    "two raters of one name": (f'{SMALL}[[raters]]\nid = "refusal"\n', "rater 'refusal' stands here 2"),
    "no items after filtering": (
        SMALL.replace('"physical"', '"physical"\nlanguages = ["fr"]'),
        "categories[0].languages: no items in 'fr'",
    ),
    "one template twice": (
        SMALL.replace('"physical"', '"physical"\nattacks = [{id = "role-play", templates = ["stage", "stage"]}]'),
        "categories[0].attacks[0].templates: one of these stands here twice",
    ),
    "itself": ('extends = "s.toml"\n', "extends itself through s.toml"),
    "a circle": ('extends = "circle.toml"\n', "extends itself through s.toml -> circle.toml"),
    "a base with NUL": ('extends = "a\\u0000b"\n', "extends: expected a file name"),
    "a base that is too long": (f'extends = "{"x" * 5000}"\n', "cannot be read: File name too long"),
    "a base of links in a circle": ('extends = "loop.toml"\n', "cannot be read: Too many levels"),
    "a base that is a folder": ('extends = "/"\n', "is a folder"),
    "a missing variable": (
        f'{SMALL}[targets.b]\nmodel = "openai/x"\napi_key = "${{NOT_THERE}}"\n',
        "targets.b.api_key: the environment has no NOT_THERE",
    ),
    "a blank key": (
        f'{SMALL}[targets.b]\nmodel = "openai/x"\napi_key = "${{BLANK}}"\n',
        "targets.b.api_key: BLANK of the environment is empty",
    ),
    "a name with a separator": (f'name = "a/b"\n{SMALL}', "name: expected the name of a folder"),
    "a name that leads up": (f'name = ".."\n{SMALL}', "name: expected the name of a folder"),
    "a name with a backslash": (f"name = 'a\\b'\n{SMALL}", "name: expected the name of a folder"),
    "a name that is too long": (f'name = "{"é" * 200}"\n{SMALL}', "name another place"),
    "more repeats than a run can have": (
        f"{SMALL}[run]\nrepeats = 9223372036854775807\n",
        "run.repeats: expected 1 or more and at most 10000",
    ),
    "a number beyond 64 bits": (f"{SMALL}[run]\nseed = {WIDE}\n", "does not fit into 64 bits"),
    "a number of 5000 digits": (f"{SMALL}[run]\nseed = {'9' * 5000}\n", "does not fit into 64 bits"),
    "a number of 5000 digits to the base of 16": (
        f"{SMALL}[run]\ntimeout = 0x{'f' * 5000}\n", "does not fit into 64 bits",
    ),
    "a key of 1500 parts": (f"{'.'.join('x' * 1500)} = 1\n{SMALL}", "nested too deep"),
    "lists in 100 lists": (f"name = {'[' * 100}{']' * 100}\n{SMALL}", "nested too deep"),
    "a key that steers the terminal": (f'"\\u001b[31m\\u202e" = 1\n{SMALL}', r"\x1b[31m\x202e: unknown key"),
    "a key without a name": (f'"" = 1\n{SMALL}', '"": unknown key'),
    "a key of two lines": (f'"a\\nb" = 1\n{SMALL}', r"a\x0ab: unknown key"),
}  # fmt: skip


@pytest.mark.parametrize("what", NAMED)
def test_a_stack_that_cannot_be_run_says_where_and_why(folder, what, monkeypatch):
    """Exit 2 before anything is sent, and no folder of a run."""
    text, says = NAMED[what]
    monkeypatch.setenv("BLANK", "")
    (folder / "circle.toml").write_text('extends = "s.toml"\n')
    (folder / "loop.toml").symlink_to("loop.toml")
    (folder / "s.toml").write_text(text, encoding="utf-8")
    code, out, err = call("run", "s.toml", "--limit", "1")

    assert (code, out) == (2, "")
    assert says in re.sub(r"\s+", " ", err), err
    assert "Traceback" not in err
    assert not list(folder.glob("runs/*/journal.sqlite"))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("name=a\udcffb", "--set name=...: expected text in UTF-8"),
        (f"run.seed={WIDE}", "--set run.seed=...: a whole number does not fit into 64 bits"),
        (f"run.seed={'9' * 5000}", "--set run.seed=...: a whole number does not fit into 64 bits"),
        (f"run.seed={'[' * 5000}", "run.seed: expected a whole number"),
        (f"{'.'.join('x' * 5000)}=1", "expected path=value"),
        (f"targets.known.harm_words.{'.'.join('x' * 5000)}=1", "expected path=value"),
        ("name=a/b", "name: expected the name of a folder"),
        ("\x1b[31m=1", r"\x1b[31m"),
    ],
    ids=["bytes", "wide", "wider", "deep", "far", "farther", "separator", "escape"],
)
def test_a_setting_that_cannot_be_is_told(folder, setting, says):
    """Bytes that are no text too, as a command line may have them."""
    (folder / "s.toml").write_text(SMALL)
    code, out, err = call("validate", "s.toml", "--set", setting)

    assert (code, out) == (2, "")
    assert says in err
    assert err.replace("\n", "").isprintable()


def test_a_file_whose_name_is_no_text_does_not_name_a_run(folder):
    """With a name of its own it runs, wherever it lies; its neighbours are not disturbed."""
    odd = folder / os.fsdecode(b"in\xff")
    odd.mkdir()
    (odd / os.fsdecode(b"s\xff.toml")).write_text(SMALL)
    code, _, err = call("validate", odd / os.fsdecode(b"s\xff.toml"))

    assert code == 2
    assert "name: expected the name of a folder" in err
    runs = ("run", odd / os.fsdecode(b"s\xff.toml"), "--limit", "1", "--quiet", "--runs-dir", odd)
    done = subprocess.run(
        [sys.executable, "-m", "dosimeter", *runs, "--set", "name=t"], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert call("report", "t-limit-1", "--runs-dir", odd)[0] == 0


def test_what_is_valid_is_printed_without_steering_the_terminal(folder):
    """A target may be called anything, and its name is told in messages and tables alike."""
    (folder / "s.toml").write_text(SMALL.replace("targets.known", r'targets."\u001b[31m\u202e"'))
    for command in ("validate", "plan"):
        code, out, err = call(command, "s.toml")
        assert code == 0
        assert r"\x1b[31m\x202e" in out
        assert (out + err).replace("\n", "").isprintable()


STEERS = "\x1b[31m\u202e"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("runs", "list"), 0), (("report", "none"), 2), (("report", f"empty{STEERS}"), 2),
        (("report", STEERS), 2), (("validate", f"no{STEERS}.toml"), 2), (("init", f"made{STEERS}.toml"), 0),
        (("validate", f"{STEERS}.toml"), 2), (("plugins", "info", STEERS), 2), ((STEERS,), 2),
        (("validate", f"--{STEERS}"), 2), (("plan", "s.toml", "--limit", STEERS), 2),
        (("--debug", "plan", f"no{STEERS}.toml"), 2),
    ],
    ids=repr,
)  # fmt: skip
def test_no_message_steers_the_terminal(folder, args, code):
    """Whatever a folder, a file, a command or an option is called: it is told by name."""
    for name, data in ((f"empty{STEERS}", b""), (STEERS, b"SQLite format 3\0" + b"x" * 100)):
        (folder / "runs" / name).mkdir(parents=True)
        (folder / "runs" / name / "journal.sqlite").write_bytes(data)
    (folder / f"no{STEERS}.toml").write_text("x =")
    got, out, err = call(*args)

    assert got == code
    assert out + err
    assert (out + err).replace("\n", "").isprintable()
    if args[0] == "init":
        assert call("validate", args[1], "--set", "name=t")[0] == 0


def test_a_budget_of_zero_is_spent_at_once_and_says_so(project):
    """Exit 3, nothing is answered, and more goes on."""
    project.write(simulated(), '["direct"]')
    for budget in ("requests", "tokens", "minutes"):
        done = project.run("--limit", 1, "--set", f"run.budget.{budget}=0", check=3)

        assert f"the budget is spent ({budget} 0 of 0" in done.stderr
        assert project.rows("SELECT count(*) FROM calls", "t-limit-1") == [(0,)]
    project.run("--limit", 1, "--set", "run.budget.minutes=100")


ECHO = """
from dosimeter import *

class Echo:
    async def generate(self, request):
        return Reply(messages=(assistant("Noted."),), stop=Stop.END, model="{version}")
    async def aclose(self): ...

def build(model, options): return Echo()

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="echo", summary="s", factory="echo_pack:build")]
"""


def test_a_plugin_that_was_upgraded_between_runs_needs_a_fork(project):
    """The message names the part; nothing is asked again, and what is left is asked with --fork."""
    site = plant(project.path / "site", "echo-pack", ECHO.format(version=1))
    project.env["PYTHONPATH"] = str(site)
    project.write('[targets.known]\nmodel = "echo/x"\n', '["direct"]').run()
    before = project.dump()
    plant(site, "echo-pack", ECHO.format(version=2))
    told = project.run(check=2).stderr

    assert "provider 'echo'" in told
    assert "--fork" in told
    assert "Traceback" not in told
    assert project.dump() == before
    project.run("--fork")
    assert project.dump() == before
