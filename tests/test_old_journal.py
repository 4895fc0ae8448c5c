"""An old journal alone: rated and reported where nothing but the core and one rater is installed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib

import pytest
from ledger import Ledger
from plant import plant
from project import Project, findings, remote
from strangers import ROOT, uv, wheel_of


@pytest.fixture(scope="session")
def elsewhere(wheels, tmp_path_factory):
    """A virtual environment outside the repository, made of two wheels and what they depend on."""
    folder = tmp_path_factory.mktemp("elsewhere")
    two = [wheel_of(n, wheels) for n in ("dosimeter", "dosimeter-scorer-refusal")]
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]
    (folder / "pins.txt").write_text("\n".join(pins["constraint-dependencies"]))
    python = folder / "env" / "bin" / "python"
    uv("venv", "--python", sys.executable, folder / "env")
    uv("pip", "install", "--python", python, "--constraint", folder / "pins.txt", *two)

    def call(*args, check=None):
        env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        done = subprocess.run(
            [folder / "env" / "bin" / "dosimeter", *map(str, args)],
            cwd=folder, env=env, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return done

    call.folder = folder
    return call


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A journal that its budget cut short: 40 of 96 attempts, the last attack never begun."""
    project = Project(tmp_path_factory.mktemp("old"))
    with Ledger() as server:
        attacks = '["direct", "role-play", "translation"]'
        project.write(remote(server.url), attacks=attacks, run="budget = { requests = 40 }").run(
            check=3
        )
        project.run("--set", "name=short", "--set", "run.budget.requests=2", check=3)
    return project


def moved(old, elsewhere, name, run="t"):
    """Copy *run* to where little is installed, under another name."""
    folder = elsewhere.folder / "runs" / name
    shutil.copytree(old.folder(run), folder)
    return folder


def forget_ratings(folder):
    (folder / "journal.sqlite.sum").unlink()
    db = sqlite3.connect(folder / "journal.sqlite")
    with db:
        for table in ("mark", "evidence", "rating", "subject", "rater"):
            db.execute(f"DELETE FROM {table}")
        db.execute("DELETE FROM component WHERE kind = 'rater'")
    db.close()


def test_nothing_but_the_core_and_one_rater_is_there(elsewhere):
    """No provider, attack or category: a run is impossible there."""
    code = "from importlib.metadata import entry_points as e; print([p.name for p in e(group='dosimeter')])"
    python = elsewhere.folder / "env" / "bin" / "python"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd="/")

    assert done.stdout.strip() == "['scorer-refusal']"
    assert str(ROOT) not in subprocess.run(
        [python, "-c", "import dosimeter; print(dosimeter.__file__)"],
        capture_output=True, text=True, cwd="/",
    ).stdout  # fmt: skip


def test_the_report_is_the_same_to_the_byte(old, elsewhere):
    """For every built-in measure, though the category that asked for it is not installed."""
    moved(old, elsewhere, "same")
    here = old.call("report", "t", "--json", check=3).stdout

    assert elsewhere("report", "same", "--json", check=3).stdout == here
    assert elsewhere("report", "same", "-o", "same.json", check=3).returncode == 3
    assert (elsewhere.folder / "same.json").read_text() == here
    assert json.loads(here)["measures"]


def test_rating_what_is_rated_changes_nothing(old, elsewhere):
    """`score` with a rater of the run adds no row; the report stays the same to the byte."""
    moved(old, elsewhere, "again")
    here = old.call("report", "t", "--json", check=3).stdout
    done = elsewhere("score", "again", "--rater", "refusal", check=3)

    assert "0 attempts rated" in done.stderr
    assert elsewhere("report", "again", "--json", check=3).stdout == here


def test_a_rater_that_comes_later_is_told_apart(old, elsewhere):
    """The journal says that it was added later, and by which distribution; its marks are equal."""
    first = old.printed(check=3)
    forget_ratings(moved(old, elsewhere, "later"))
    done = elsewhere("score", "later", "--rater", "refusal", check=3)
    second = json.loads(elsewhere("report", "later", "--json", check=3).stdout)
    db = sqlite3.connect(elsewhere.folder / "runs" / "later" / "journal.sqlite")
    events = db.execute("SELECT kind, count(*) FROM event GROUP BY 1").fetchall()
    db.close()

    def refusals(report):
        return [f for f in report["findings"] if f["measure"].endswith("refusal")]

    assert "40 attempts rated" in done.stderr
    assert events == [("rater-added", 1)]
    assert [(r["name"], r["later"]) for r in second["raters"]] == [("refusal", True)]
    assert not any(r.get("later") for r in first["raters"])
    assert refusals(second) == refusals(first) != []
    (rater,) = [c for c in second["components"] if c["kind"] == "rater"]
    assert (rater["distribution"], rater["version"]) == ("dosimeter-scorer-refusal", "0.1.0")
    assert "refusal (card, added later)" in elsewhere("report", "later").stdout


def singly(facts, measure):
    """Give the findings of each attack by itself; those of all together repeat what they lack."""
    return [f for f in findings(facts, measure) if " of " not in f["group"]["attack"]]


def test_families_that_never_ran_are_in_the_denominators(old, elsewhere):
    """Planned is planned: what has no answer is counted, and bounds what is said."""
    moved(old, elsewhere, "denominators")
    facts = json.loads(elsewhere("report", "denominators", "--json", check=3).stdout)
    missing = [f["missing"] for f in singly(facts, "over-refusal")]

    assert sum(c["planned"] for c in facts["cells"]) == 96
    assert sum(m["planned"] for m in missing) == 48
    assert sum(m["not_run"] for m in missing) == sum(
        c["open"] for c in facts["cells"] if c["intent"] == "benign"
    )


def test_a_cell_that_never_began_is_not_forgotten(old, elsewhere):
    """After two requests most cells hold nothing: each is in the report, without a number."""
    moved(old, elsewhere, "short", run="short")
    facts = json.loads(elsewhere("report", "short", "--json", check=3).stdout)

    assert any(c["done"] == 0 for c in facts["cells"])
    assert {f["group"]["attack"] for f in singly(facts, "over-refusal")} == {
        "direct",
        "role-play",
        "translation",
    }
    assert {f["type"] for f in findings(facts, "over-refusal")} == {"Abstention"}
    assert sum(f["missing"]["planned"] for f in singly(facts, "over-refusal")) == 48


OPTED = """
from attrs import frozen
from dosimeter import *

SCALE = Scale(name="long", kind=ScaleKind.BOOLEAN)

@frozen(kw_only=True)
class Options:
    least: int = option(identity=True, default=9)

@frozen(kw_only=True)
class Needy:
    word: str = option(identity=True)

class Long:
    def rate(self, cases):
        return [Opinion(marks=(Mark(scale="long", value=len(c.reply) > 9),)) for c in cases]

def build(o): return Long()

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id=i, summary="s", factory="opted:build", scales=(SCALE,), options=o)
            for i, o in (("long", Options), ("needy", Needy))]
"""


def test_a_rater_with_its_default_options_is_that_of_the_stack(project, tmp_path):
    """`score` does not rate again what the run has rated, and says which options a rater needs."""
    path = str(plant(tmp_path / "site", "opted", OPTED))
    project.write(attacks='["direct"]', more='[[raters]]\nid = "long"\n')
    project.run("--limit", 1, PYTHONPATH=path)
    project.call("score", "t-limit-1", "--rater", "long", PYTHONPATH=path, check=0)
    told = project.call("score", "t-limit-1", "--rater", "needy", PYTHONPATH=path, check=2).stderr

    raters = project.rows("SELECT name, count(*) FROM rater GROUP BY 1 ORDER BY 1", "t-limit-1")
    assert raters == [("actionability", 1), ("long", 1), ("refusal", 1)]
    assert "needy.word: is required" in told
