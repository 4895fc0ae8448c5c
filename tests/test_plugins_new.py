"""`dosimeter plugins new`: what it writes builds, installs, keeps its promises and runs, as a stranger has it."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import chdir, closing

import pytest
from click.testing import CliRunner
from pages import ROOT, rows, sections, texts
from strangers import uv

from dosimeter import CategorySpec, PanelInfo, ScorerSpec
from dosimeter.cli.new import CONFORM, JUDGE, KINDS, core_range, new, package
from dosimeter.stack.checks import check_measures
from dosimeter.stack.faults import Faults
from dosimeter.testing import Specimen
from dosimeter.testing.rater import check_levels_have_rules
from dosimeter_harm_file.policy import policy_scale

NAME = "late-fees"
"""Two words, as every spelling of it differs then."""
JUDGES = "fair-play"
"""Of the judge, which is a scorer as well."""
WRITTEN = (*KINDS, JUDGE)
SCAFFOLD = ROOT / "core" / "src" / "dosimeter" / "scaffold"
WORKSPACE = '[tool.uv.workspace]\nmembers = ["dosimeter-*"]\n'


def name_of(kind):
    """Give the name of the distribution that was written of *kind*, or as a judge."""
    return f"dosimeter-scorer-{JUDGES}" if kind == JUDGE else f"dosimeter-{kind}-{NAME}"


class Outside:
    """A folder outside the repository with a package of each kind, and a Python that has their wheels."""

    def __init__(self, folder):
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("DOSIMETER_")}
        self.env["VIRTUAL_ENV"] = str(folder / "venv")
        self.env["PATH"] = f"{self.python.parent}{os.pathsep}{self.env['PATH']}"

    def place(self, kind):
        return self.folder / name_of(kind)

    def call(self, *args, cwd=None, check=0):
        """Run Python, in the folder of all or another one; give what it says."""
        done = subprocess.run(
            [self.python, *map(str, args)], cwd=cwd or self.folder, env=self.env,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == check, done.stdout + done.stderr
        return done.stdout

    def install(self):
        """Build all wheels and install them, beside what this environment has."""
        (self.folder / "pyproject.toml").write_text(WORKSPACE)
        wheels = self.folder / "wheels"
        uv("build", "--wheel", "--all-packages", "--out-dir", wheels, self.folder)
        uv("venv", "--python", sys.executable, self.folder / "venv")
        (site,) = self.folder.glob("venv/lib/python*/site-packages")
        (ours,) = {p for p in sys.path if p.endswith("site-packages")}
        (site / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        at_hand = {name: f"{self.python} -m {name}" for name in ("dosimeter", "pytest")}
        at_hand["uv"] = os.environ.get("UV", shutil.which("uv"))
        for name, command in at_hand.items():
            path = self.python.parent / name
            path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            path.chmod(0o755)
        uv("pip", "install", "--no-deps", "--python", self.python, *wheels.glob("*.whl"))


@pytest.fixture(scope="session")
def outside_all(tmp_path_factory):
    """A package of each kind: written by the command, built, installed."""
    one = Outside(tmp_path_factory.mktemp("new"))
    with chdir(one.folder):
        for kind in WRITTEN:
            args = [name_of(kind), *(["--judge"] if kind == JUDGE else [])]
            done = CliRunner().invoke(new, args, standalone_mode=False)
            assert (done.return_value, done.stderr) == (0, ""), done.output
    one.install()
    return one


def brought(kind):
    """Give what `plugins list` calls what a package of *kind* brings."""
    return KINDS["scorer" if kind == JUDGE else kind]


@pytest.mark.parametrize("kind", WRITTEN)
def test_it_keeps_its_promises(kind, outside_all):
    """In the shell, as its CI file calls it: by what its own tests say, nothing is broken or left untried."""
    folder = outside_all.place(kind)
    ci = (folder / ".github" / "workflows" / "ci.yml").read_text()
    (line,) = re.findall(r"run: (dosimeter plugins check .*)", ci)
    got = json.loads(outside_all.call("-m", *line.split(), "--json", cwd=folder))

    assert set(got["counts"]) == {"kept"}
    assert {r["component"].partition(":")[0] for r in got["results"]} == {"package", brought(kind)}


@pytest.mark.parametrize("kind", WRITTEN)
def test_its_own_tests_pass(kind, outside_all):
    """The kit's and at least one of its own, none skipped."""
    said = outside_all.call("-m", "pytest", "-q", "-rs", cwd=outside_all.place(kind))
    files = {p.name for p in (outside_all.place(kind) / "tests").glob("test_*.py")}

    assert re.search(r"^\d+ passed in", said.splitlines()[-1]), said
    assert len(files - {"test_conformance.py"}) == 1


@pytest.mark.parametrize("kind", WRITTEN)
def test_its_stack_runs(kind, outside_all):
    """And what it brings is in the run; a target that is a demonstration is not reportable."""
    folder = outside_all.place(kind)
    demo = ["tests/demo.py", "dosimeter"] if (folder / "tests" / "demo.py").exists() else []
    args = [*(demo or ["-m", "dosimeter"]), "run", "stack.toml", "--quiet", "--set", f"name={kind}"]
    outside_all.call(*args, cwd=folder)
    if demo:  # the same command goes on
        outside_all.call(*args, cwd=folder)
    run = folder / "runs" / kind
    with closing(sqlite3.connect(f"file:{run}/journal.sqlite?mode=ro", uri=True)) as db:
        parts = set(db.execute("SELECT kind, id, distribution FROM component"))
        ends = dict(db.execute("SELECT state, count(*) FROM attempts GROUP BY 1"))
    (written,) = run.glob("report.*")

    assert set(ends) == {"done"}
    name = JUDGES if kind == JUDGE else NAME
    assert kind == "sink" or (brought(kind), name, folder.name) in parts
    assert ("Not reportable" if kind == "sink" else '"reportable": false') in written.read_text()


def test_a_judge_marks_a_teams_file_by_its_policy_at_once(outside_all):
    """Broken on what the policy forbids; the report tells judge, rubric, and that its error is not known."""
    folder = outside_all.place(JUDGE)
    args = ("-m", "dosimeter", "run", "stack.toml", "--quiet", "--set", "name=whole")
    outside_all.call(*args, cwd=folder)
    report = json.loads((folder / "runs" / "whole" / "report.json").read_text())
    rates = {f["measure"]: f for f in report["findings"] if "value" in f}
    ((judge,),) = [r["asks"] for r in report["raters"]]
    (rubric,) = report["rubrics"]

    assert {name: f["value"] for name, f in rates.items()} == {
        "policy-broken": 1.0, "policy-broken-benign": 0.0,
    }  # fmt: skip
    assert "agreement-unknown" in [c["code"] for c in rates["policy-broken"]["caveats"]]
    assert (judge["name"], judge["model"], judge["calls"]) == ("wise", "demo:judge", 22)
    assert (rubric["raters"], rubric["text"]) == (
        [JUDGES],
        (folder / "policy.md").read_text().strip(),
    )


def test_only_a_scorer_is_written_as_a_judge(project):
    """And another kind is told so."""
    assert (
        "a judge is a scorer" in project.call("plugins", "new", "harm-x", "--judge", check=2).stderr
    )


def test_all_of_them_load_side_by_side(outside_all):
    """No two claim one id, and none is broken."""
    assert outside_all.call("-m", "dosimeter", "plugins", "doctor") == "All plugins loaded.\n"


@pytest.mark.parametrize("kind", WRITTEN)
def test_nothing_is_left_of_the_template(kind, outside_all):
    """No file, its name or its text, has the word that stood for the name."""
    folder = outside_all.place(kind)
    files = [p for p in folder.rglob("*") if p.is_file() and "runs" not in p.parts]
    texts = "".join(p.read_text() for p in files if p.suffix not in {".pyc", ".sqlite", ".lock"})

    assert "starter" not in (texts + str(files)).lower()
    assert "-kind-" not in texts
    assert {".gitignore", "LICENSE", "PUBLISHING.md", "README.md"} <= {p.name for p in files}
    assert (folder / ".github" / "workflows" / "ci.yml").is_file()
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


OPTIONS = """
import json
from importlib import import_module
from dosimeter.testing import specimens
found = {}
for kind, name in %r.items():
    hooks = import_module(name.replace("-", "_") + ".hooks")
    specs = [s.spec for s in specimens(hooks) if s.spec]
    found[kind] = [a.name for s in specs for a in s.options.__attrs_attrs__]
print(json.dumps(found))
"""


def test_every_readme_has_every_option(outside_all):
    """By name, in the table of options; or it says that there are none."""
    for kind, options in json.loads(
        outside_all.call("-c", OPTIONS % {kind: name_of(kind) for kind in WRITTEN})
    ).items():
        readme = (outside_all.place(kind) / "README.md").read_text()

        assert [o for o in options if f"| `{o}` |" not in readme] == []
        assert ("no options" in readme) is not bool(options)


def test_the_range_on_the_core_is_that_of_today():
    """From the version that wrote it to below the next one that may change contracts."""
    assert core_range("0.1.0") == ">=0.1,<0.2"
    assert core_range("2.3.4rc1") == ">=2.3,<3"
    for kind in WRITTEN:
        of, template = ("scorer", JUDGE) if kind == JUDGE else (kind, "")
        files = package(of, "x", "2.3.4", template)
        project = tomllib.loads(files["pyproject.toml"].decode())["project"]
        asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
        ranges = [m[1] for one in asked if (m := re.fullmatch(r"dosimeter(?:\[\w+\])?(\W.*)", one))]
        assert [r for r in ranges if not r.startswith("-")] == [">=2.3,<3"] * 2, kind


def test_a_name_may_hold_the_word_that_stands_for_it():
    """It is put in once, and its parts are joined as Python wants it."""
    files = package("harm", "starter-kit", "0.1.0")
    text = files["src/dosimeter_harm_starter_kit/items.py"].decode()

    assert "class StarterKit:" in text
    assert 'CATEGORY, PANEL = "starter-kit", "all"' in text


# -- the page -----------------------------------------------------------------------------------

PAGE = ROOT / "docs" / "publish.md"
WITH_TESTS = "'./dosimeter-harm-queueing[test]'"
"""What it depends on is beside; an index may have none of it."""


def placed(text):
    """Give the file that a block is of, and what it shows of it."""
    first, _, rest = text.partition("\n")
    return first.removeprefix("# ").partition(",")[0], rest


def test_the_page_does_what_it_says(outside_all):
    """Each command that it runs, in its order, and the family in its place between them."""
    blocks = [text for said, text in texts(PAGE, "console") if said == "exit 0"]
    folder = outside_all.folder / "page"
    folder.mkdir()

    def run(block):
        for line in block.strip().splitlines():
            said = line.replace(WITH_TESTS, "./dosimeter-harm-queueing --no-deps")
            done = subprocess.run(
                said, shell=True, cwd=folder, env=outside_all.env, capture_output=True, text=True,
                timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    begin, first, again, built = blocks
    run(begin)
    run(first)
    ((_, family),) = texts(PAGE, "toml")
    path, text = placed(family)
    with (folder / "dosimeter-harm-queueing" / path).open("a") as file:
        file.write(f"\n{text}")
    run(again)
    reports = [folder / "runs" / name / "report.json" for name in ("queueing", "second")]
    families = [json.loads(path.read_text())["cells"][0]["families"] for path in reports]
    listed = run(built)

    assert families == [12, 13]
    assert "queueing/items.toml" in listed
    assert "queueing/py.typed" in listed


def test_the_page_shows_what_is_written():
    """Each file of its table is there, and the level is that of the rubric."""
    files = package("harm", "queueing", "0.1.0")
    named = {n for row in rows(sections(PAGE)["Begin (two minutes)"]) for n in row[0].split(", ")}
    ((_, level),) = texts(PAGE, "python")
    path, text = placed(level)

    assert named - files.keys() == {"tests/"}
    assert text.strip() in files[path].decode()


# -- the command --------------------------------------------------------------------------------


def test_it_says_what_to_type_next(project):
    """Four commands, as this shell takes them, by uv if that called; the last needs the demonstration's server for a provider."""
    said = project.call("plugins", "new", "harm-fraud", check=0, UV_RUN_RECURSION_DEPTH="1").stdout
    asked = project.call("plugins", "new", "provider-x", "--dir", project.path, check=0).stdout
    (project.path / "in").mkdir()
    above = project.call("plugins", "new", "harm-x", "--dir", "in/..", check=0).stdout

    assert len(re.findall(r"^  \S", said, re.MULTILINE)) == 4
    assert "uv pip install -e './dosimeter-harm-fraud[test]'\n" in said
    assert "uv run pytest ./dosimeter-harm-fraud\n" in said
    checked = f"dosimeter-harm-fraud --with ./dosimeter-harm-fraud/{CONFORM}"
    assert f"dosimeter plugins check {checked}\n" in said
    assert f"{project.path}/dosimeter-provider-x/tests/demo.py dosimeter run " in asked
    assert "install -e './in/../dosimeter-harm-x[test]'\n" in above


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("category-x", "did you mean 'harm'?"),
        ("rater-x", "did you mean 'scorer'?"),
        ("harms-x", "did you mean 'harm'?"),
        ("harm_scams", "write it with hyphens, 'harm-scams'"),
        ("fraud", "there are provider, harm, attack"),
        ("harm", "a name has small letters"),
        ("harm-Fraud", "a name has small letters"),
        ("harm-", "a name has small letters"),
        ("harm-a--b", "a name has small letters"),
        ("harm-../../x", "a name has small letters"),
        ("scorer-mark", "its class would be called Mark, as a record of dosimeter is"),
        ("attack-attack-spec", "its class would be called AttackSpec"),
        (f"harm-{'a' * 31}", "at most 30 characters"),
    ],
)
def test_a_name_that_cannot_be_is_told(project, given, told):
    """With what would do; nothing is written."""
    assert told in project.call("plugins", "new", given, check=2).stderr
    assert list(project.path.iterdir()) == []


def test_nothing_is_written_over(project):
    """A folder that holds something is refused, an empty one is taken, and one that is not there told."""
    folder = project.path / "dosimeter-harm-fraud"
    folder.mkdir()
    project.call("plugins", "new", "harm-fraud", check=0)
    again = project.call("plugins", "new", "harm-fraud", check=2).stderr
    lost = project.call("plugins", "new", "harm-fraud", "--dir", "none", check=2).stderr

    assert "is there already" in again
    assert "there is no folder none" in lost


@pytest.mark.parametrize(
    ("given", "told", "instead"),
    [
        ("sink-json", "brings a sink 'json' already, and with both neither loads", "sink-my-json"),
        ("harm-file", "dosimeter-harm-file 0.1.0 is installed already", "harm-my-file"),
        ("scorer-refusal", "installing this one would replace it", "scorer-my-refusal"),
    ],
)
def test_what_is_taken_here_is_refused(project, given, told, instead):
    """An id of another package, and a package of the same name; with a name that is free. Nothing is written."""
    said = " ".join(project.call("plugins", "new", given, check=2).stderr.split())

    assert told in said
    assert f"give another name, such as {instead}" in said
    assert list(project.path.iterdir()) == []
    project.call("plugins", "new", instead, check=0)


def test_the_scale_that_a_judge_of_levels_is_told_to_declare_is_the_categorys():
    """As the page of the package has it: not refused beside the policy, and kept by the kit."""
    readme = package("scorer", "x", "0.1.0", JUDGE)["README.md"].decode()
    ((_, block),) = re.findall(r"```(python)\n(.*?)```", readme, re.DOTALL)
    declared = {}
    exec(f"from dosimeter import *\n{block}", declared)
    policy = policy_scale("".join(f"## {n}: x\nrule\n\n" for n in (1, 2, 3)), "policy.md")
    panels = (PanelInfo(name="all", summary="all"),)
    category = CategorySpec(
        id="c", summary="s", factory="m:f", version="1", panels=panels, scales=(policy,)
    )
    rater = ScorerSpec(id="r", summary="s", factory="m:f", scales=(declared["POLICY"],))
    faults = Faults(file="stack.toml")
    check_measures(faults, (category,), (("r", rater),), whole=True)
    one = Specimen(spec=rater)

    assert faults.told == []
    assert check_levels_have_rules(one) == "3 levels"


# -- the templates ------------------------------------------------------------------------------


def test_every_kind_has_a_template():
    """And every template a kind."""
    assert {p.name for p in SCAFFOLD.iterdir()} == {*WRITTEN, "common"}


def test_the_licence_is_ours():
    """One text, wherever it is needed."""
    assert (SCAFFOLD / "common" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
