"""docs/example-plugin, built and installed from wheels alone, beside packages that do not load."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from pages import ROOT
from strangers import uv, wheel_of

EXAMPLE = ROOT / "docs" / "example-plugin"
OURS = ("dosimeter", "dosimeter-provider-simulated", "dosimeter-scorer-refusal",
        "dosimeter-attack-framing")  # fmt: skip
PROJECT = """
[project]
name = "dosimeter-harm-{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["dosimeter>=0.1,<0.2"]
[project.entry-points.dosimeter]
harm-{name} = "dosimeter_harm_{name}.hooks"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
BROKEN = {
    "broken": "import a_library_that_nobody_has\n",
    "hangs": "import time\nwhile True:\n    time.sleep(0.1)\n",
}


def lay_out(folder, name, source):
    package = folder / name / f"dosimeter_harm_{name}"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "hooks.py").write_text(source)
    (folder / name / "pyproject.toml").write_text(PROJECT.format(name=name))
    return folder / name


@pytest.fixture(scope="module")
def outside(wheels, tmp_path_factory):
    """A virtual environment that the repository is not in, with everything installed from wheels."""
    folder = tmp_path_factory.mktemp("outside")
    sources = [EXAMPLE, *(lay_out(folder / "src", name, text) for name, text in BROKEN.items())]
    for source in sources:
        uv("build", "--wheel", "--out-dir", folder / "wheels", source)
    uv("venv", "--python", sys.executable, folder / "venv")
    found = [*(folder / "wheels").glob("*.whl"), *(wheel_of(name, wheels) for name in OURS)]
    uv("pip", "install", "--python", folder / "venv" / "bin" / "python", *found)
    shutil.copy(EXAMPLE / "stack.toml", folder)
    return folder


def call(folder, *arguments, check=0):
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DOSIMETER_", "VIRTUAL"))
    }
    done = subprocess.run(
        [folder / "venv" / "bin" / "dosimeter", *arguments], cwd=folder, env=env,
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == check, done.stdout + done.stderr
    return done


def test_a_stack_uses_the_package_beside_broken_ones(outside):
    """Items, rubric, scorer and measure are the stranger's; a package that hangs is waited for, and left."""
    call(outside, "run", "stack.toml", "--quiet")
    report = json.loads((outside / "runs" / "lanterns" / "report.json").read_text())
    measured = {f["measure"] for f in report["findings"]}
    brought = {c["id"]: c["distribution"] for c in report["components"]}

    assert {"lantern-steps", "over-refusal"} <= measured
    assert brought["lanterns"] == brought["steps"] == "dosimeter-harm-lanterns"
    assert report["complete"]


def test_the_doctor_explains_what_did_not_load(outside):
    """Which package, what happened, at which line of its own, and what to do."""
    said = call(outside, "plugins", "doctor", check=2).stdout

    assert re.search(r"harm-broken \(dosimeter-harm-broken 0\.1\.0\) did not load", said)
    assert "ModuleNotFoundError: No module named 'a_library_that_nobody_has'" in said
    assert re.search(
        r"harm-hangs \(dosimeter-harm-hangs 0\.1\.0\) did not load\.\n"
        r"  it had not loaded after 5 seconds \(at dosimeter_harm_hangs\.hooks:\d\)\n"
        r"  To do: if it is yours, do the work behind the factories",
        said,
    )


def test_the_package_keeps_its_promises_there(outside):
    """From its wheel alone; the tests that it ships are the same checks."""
    said = json.loads(call(outside, "plugins", "check", "dosimeter-harm-lanterns", "--json").stdout)

    assert set(said["counts"]) == {"kept"}
    assert "conformance(hooks)" in (EXAMPLE / "tests" / "test_conformance.py").read_text()


def test_nothing_of_the_core_knows_of_the_package():
    """Not its name, nor its ids."""
    found = [
        path.name for path in (ROOT / "core" / "src").rglob("*")
        if path.suffix == ".py" and "harm_lanterns" in path.read_text()
    ]  # fmt: skip

    assert found == []
