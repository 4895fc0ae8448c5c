"""The plugin of docs/plugins.md, written out, installed and run."""

import inspect
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import tomllib
from collections import defaultdict

import attrs
import pytest
from pages import ROOT, rows, sections, texts
from plant import lay_out

from dosimeter import CardLine, hookspecs
from dosimeter.testing import CHECKS

PAGE = ROOT / "docs" / "plugins.md"
TESTING = ROOT / "docs" / "testing.md"


def hooks():
    return {
        n: f for n, f in inspect.getmembers(hookspecs, inspect.isfunction)
        if n.startswith("dosimeter_")
    }  # fmt: skip


def call(folder, *arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith("DOSIMETER_")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env | {"PYTHONPATH": str(folder / "site")},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def metadata(declared):
    """What a wheel says of a project: fields, then the README."""
    lines = [f"Requires-Dist: {one}" for one in declared["dependencies"]]
    lines += [f"Requires-Python: {declared['requires-python']}"]
    lines += [f"License-Expression: {declared['license']}", "License-File: LICENSE"]
    return "\n".join([*lines, "", f"As {declared['readme']} says."])


@pytest.fixture(scope="module")
def kiln(tmp_path_factory):
    """The plugin of docs/plugins.md, written out and installed, with its stack."""
    folder = tmp_path_factory.mktemp("kiln")
    files = defaultdict(str)
    for _, text in texts(PAGE, "python"):
        first, _, rest = text.partition("\n")
        files[first.removeprefix("# ")] += rest + "\n"
    project, stack = [t for _, t in texts(PAGE, "toml")]
    declared = tomllib.loads(project)["project"]
    points = declared["entry-points"]["dosimeter"]
    files |= {"dosimeter_kiln/__init__.py": "", "dosimeter_kiln/py.typed": ""}
    entries = "\n".join(f"{k} = {v}" for k, v in points.items())
    lay_out(folder / "site", "dosimeter-kiln", "0.1.0", entries, files, metadata(declared))
    (folder / "kiln.toml").write_text(stack)
    return folder


CARD = """
import attrs
from dosimeter_kiln import hooks, measured
(declared,) = hooks.dosimeter_harm_scorers()[0].card
got = measured.recall()
assert attrs.evolve(got, value=round(got.value, 2), lower=round(got.lower, 2),
                    upper=round(got.upper, 2)) == declared, got
"""


def test_the_card_of_the_example_is_what_its_code_finds(kiln):
    """And its table has every field of a line."""
    done = call(kiln, "-c", CARD)
    assert done.returncode == 0, done.stderr
    table = rows(sections(PAGE)["dosimeter_harm_scorers() -> Iterable[ScorerSpec]"])

    named = {name for row in table for name in row[0].split(", ")}
    assert named == set(attrs.fields_dict(CardLine))


SHIPPED = """
import json
from importlib.resources import files
from dosimeter import CardCounts
from dosimeter_kiln import carded, hooks
assert carded.published() == ()
(line,) = hooks.dosimeter_harm_scorers()[0].card
scale = dict(scale="detail", levels=["1", "2", "3"], people=["anna"], replies=4, families=4, unmarked=0,
             tied=0, undrawn=0, slices=[], lines=[dict(statistic=line.statistic, value=line.value,
             lower=line.lower, upper=line.upper, n=line.n, population=line.population, scale=line.scale,
             counts=dict(positive=[3], tp=3, positives=4, tn=9, negatives=10, category="pots"))])
card = dict(schema=1, rater="words", revision=1, run="kiln", dates="", drawn="", scales=[scale])
(files("dosimeter_kiln") / "card.json").write_text(json.dumps(card))
(shipped,) = carded.published()
assert shipped.counts == CardCounts(positive=(3,), tp=3, positives=4, tn=9, negatives=10, category="pots")
"""


def test_the_example_ships_a_card_as_the_page_says(kiln):
    """None before there is a file; then its lines, counts included."""
    done = call(kiln, "-c", SHIPPED)

    assert done.returncode == 0, done.stderr


def test_the_example_plugin_runs(kiln):
    """Every hook has an example, and together they measure something."""
    (console,) = [t for m, t in texts(PAGE, "console") if m == "exit 0"]
    for line in console.strip().splitlines():
        done = call(kiln, "-m", *shlex.split(line))
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    report = (kiln / "runs" / "kiln" / "report.txt").read_text()
    db = sqlite3.connect(kiln / "runs" / "kiln" / "journal.sqlite")
    states = dict(db.execute("SELECT attack || ' ' || state, count(*) FROM attempts GROUP BY 1"))
    verdicts = db.execute("SELECT DISTINCT num, outcome FROM marks WHERE rater = 'referee'")

    assert "length\t" in report
    assert "on-subject\t1.000" in report
    assert states == {"manners done": 24, "insist no-candidate": 12}
    assert verdicts.fetchall() == [(1.0, "scored")]
    assert "The jug is fired." in done.stdout


CONFORM = """
from dosimeter import Endpoint
from dosimeter.testing import run, specimen
from dosimeter_kiln import hooks

polly = Endpoint(id="polly", name="polly", provider="parrot", model="polly")
for one in specimen(hooks, "sink:lines"), specimen(hooks, "one-by-one", endpoint=polly, attack="manners"):
    print(*run(one), sep="\\n")
"""


def test_the_examples_keep_what_their_kinds_promise(kiln):
    """The sink shows no gates and no attempts; the parrot cannot be made to fail."""
    told = call(kiln, "-c", CONFORM)
    results = [line for line in told.stdout.splitlines() if not line.startswith(" ")]
    left = [line for line in results if ": kept" not in line]

    assert told.returncode == 0, told.stderr
    assert len(results) > 40
    assert {line.split()[1] for line in left} == {
        "check_inconclusive_is_no_pass:", "check_withheld_is_no_empty_reply:",
        "check_another_try_is_the_hosts_to_say:",
    }  # fmt: skip
    assert all("not tried" in line for line in left)


def test_the_example_test_passes(kiln):
    """The test that the page shows is a test."""
    path = kiln / "site" / "dosimeter_kiln" / "tests" / "test_insist.py"
    done = call(kiln, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path))

    assert "1 passed" in done.stdout, done.stdout


PROMISES = """
from dosimeter.testing import CheckState, run, specimen
from dosimeter_kiln import hooks
for result in run(specimen(hooks, "category:kiln")):
    if result.state is not CheckState.KEPT:
        print(result)
"""


def test_the_example_category_keeps_its_promises(kiln):
    """What people copy is sound."""
    done = call(kiln, "-c", PROMISES)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_example_of_a_stream_keeps_every_promise(kiln):
    """In the shell by the file that the page shows, login, stream and all: nothing is left untried."""
    (text,) = [t for _, t in texts(TESTING, "python") if "WHEEL" in t]
    (line,) = [t for _, t in texts(TESTING, "console") if "--with" in t]
    path = kiln / line.split()[-1]
    path.parent.mkdir(parents=True)
    path.write_text(text)
    done = call(kiln, "-m", *shlex.split(line), "--json")
    counts = json.loads(done.stdout)["counts"]

    assert done.returncode == 0, done.stderr
    assert list(counts) == ["kept"]
    assert counts["kept"] > 40


ENDED = """
import asyncio, itertools, json
from dosimeter.testing.calling import PLAIN, got
from dosimeter.testing.server import Answer, Server
from dosimeter_kiln.options import WheelOptions
from dosimeter_kiln.wheel import build
good = Answer(body=json.dumps({"t": "end", "why": "stop"}).encode())
answers = itertools.chain([good, Answer(status=401), good], itertools.repeat(Answer(status=401)))

async def job(address):
    wheel = build("m", WheelOptions(base_url=address))
    for _ in range(5):
        print((await got(wheel, PLAIN)).what)
    await wheel.aclose()

with Server(lambda _: next(answers), (("/session", b'{"token": "t"}'),)) as server:
    asyncio.run(job(server.address))
    print(len(server.beside))
"""


def test_the_example_of_a_stream_logs_in_again(kiln):
    """Where a session ended that was good; a token that never worked is a key that is not accepted."""
    done = call(kiln, "-c", ENDED)

    assert done.stdout.splitlines() == [
        "a reply (end, 0 characters)", "Transient (session-ended)", "a reply (end, 0 characters)",
        "Transient (session-ended)", "AuthFailed (http-401)", "3",
    ], done.stderr  # fmt: skip


def test_every_hook_has_an_example(kiln):
    """The example plugin implements each hook once."""
    text = (kiln / "site" / "dosimeter_kiln" / "hooks.py").read_text()

    assert all(text.count(f"def {hook}()") == 1 for hook in hooks())


def test_the_doctor_says_what_the_page_says(tmp_path):
    """A plugin that lacks a module is explained, word for word."""
    hook = {"dosimeter_broken/__init__.py": "", "dosimeter_broken/hooks.py": "import clay\n"}
    lay_out(tmp_path / "site", "dosimeter-broken", "0.1.0", "broken = dosimeter_broken.hooks", hook)
    done = call(tmp_path, "-m", "dosimeter", "plugins", "doctor")
    ((_, said),) = texts(PAGE, "text")

    assert said.strip() == done.stdout.strip()
    assert done.returncode == 2


def test_hook_headings_are_signatures():
    """docs/plugins.md has each hook under its exact signature, and no other."""
    wanted = {f"{n}{inspect.signature(f)}".replace("'", "") for n, f in hooks().items()}

    assert {h for h in sections(PAGE) if h.startswith("dosimeter_")} == wanted


def test_the_example_plugin_keeps_its_promises(kiln):
    """In pytest, but for the one that the page shows, which a waiver lets pass."""
    tests = kiln / "site" / "dosimeter_kiln" / "tests"
    (message,) = [t for _, t in texts(TESTING, "text")]
    for n, (_, text) in enumerate(texts(TESTING, "python")):
        path = tests / f"test_shown_{n}.py"
        path.write_text(text)
        done = call(kiln, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path))
        if "waivers=" in text or "run(" in text:
            assert done.returncode in {0, 5}, done.stdout
        else:
            assert "\n1 failed, " in done.stdout
            assert all(line.strip() in done.stdout for line in message.strip().splitlines())


def test_the_shell_tries_promises_as_the_page_shows(kiln):
    """Of a rule, and of a provider under a model's name."""
    for line in texts(TESTING, "console")[0][1].splitlines():
        done = call(kiln, "-m", *shlex.split(line))

        assert done.returncode == 0, done.stdout + done.stderr
        assert "kit 1." in done.stdout


def test_the_page_has_every_check_with_its_promise():
    """By kind, as `dosimeter.testing.CHECKS` has them."""
    shown = [row for body in sections(TESTING).values() for row in rows(body)]
    told = [tuple(row) for row in shown if row[0].startswith("check_")]

    assert sorted(told) == sorted((c.name, c.promise.replace("`", "")) for c in CHECKS)
