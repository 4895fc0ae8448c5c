"""The two commands of the first page: the same wherever they are shown, and they install."""

import json
import shlex
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest
from pages import ROOT, rows, sections, texts

PAGE = ROOT / "docs" / "install.md"

INSTALL = "pip install -t .uv uv"


DEMONSTRATION = f"{INSTALL} && .uv/bin/uv run dosimeter run docs/examples/quickstart.toml"


TESTS = 'uv run --all-groups pytest -n 3 --dist worksteal -m "not slow"'


def test_the_two_commands_are_the_same_everywhere():
    """README, CONTRIBUTING and quickstart show them, continuous integration runs them."""
    shown = {
        page: {text.strip() for _, text in texts(ROOT / page, "console")}
        for page in ("README.md", "CONTRIBUTING.md", "docs/quickstart.md")
    }
    ci = (ROOT / ".ci" / "run").read_text().splitlines()

    assert {DEMONSTRATION, f"{INSTALL} && .uv/bin/{TESTS}"} <= shown["README.md"]
    assert f"{INSTALL} && .uv/bin/{TESTS}" in shown["CONTRIBUTING.md"]
    assert DEMONSTRATION in shown["docs/quickstart.md"]
    assert {INSTALL, 'PATH="$PWD/.uv/bin:$PATH"', TESTS} <= {*ci}
    assert Path(ROOT / "docs/examples/quickstart.toml").is_file()


MANAGED = """
import runpy, sys, sysconfig
usual = sysconfig.get_path
sysconfig.get_path = lambda name, *rest: {folder!r} if name == "stdlib" else usual(name, *rest)
sys.argv = ["pip", "install", "--no-index", *sys.argv[1:]]
runpy.run_module("pip", run_name="__main__")
"""


def test_the_install_line_works_where_pip_may_not_change_python(tmp_path):
    """Debian marks its Python so that pip refuses it; a folder of one's own it does not mind."""
    (tmp_path / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=use apt\n")
    with zipfile.ZipFile(tmp_path / "uv-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("uv.py", "")
        wheel.writestr("uv-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1\n")
        wheel.writestr("uv-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("uv-1.dist-info/RECORD", "uv.py,,\n")
    python = Path(sys.base_prefix) / "bin" / "python3"
    if subprocess.run([python, "-m", "pip", "-V"], capture_output=True, check=False).returncode:
        pytest.skip("the interpreter behind this environment has no pip")

    def pip(*arguments):
        script = MANAGED.format(folder=str(tmp_path))
        return subprocess.run(
            [python, "-c", script, "-f", tmp_path, *arguments], cwd=tmp_path, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    assert "externally-managed-environment" in pip("uv").stderr
    assert pip(*shlex.split(INSTALL)[2:]).returncode == 0
    assert (tmp_path / ".uv" / "uv.py").is_file()


def listed(python):
    done = subprocess.run(
        [python, "-m", "dosimeter", "plugins", "list", "--json"],
        cwd="/", capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_page_says_what_brings_what():
    """Every component of every package of this repository, and no extra that none has."""
    given, told, extras = {}, {}, []
    for one in listed(sys.executable):
        given.setdefault(one["distribution"], set()).add(f"{one['kind']} {one['id']}")
    for package, what in rows(sections(PAGE)["What brings what"]):
        name, _, extra = package.strip("]").partition("[")
        if extra:
            extras.append(extra in metadata(name).get_all("Provides-Extra", ()))
        elif package.startswith("dosimeter"):
            told[package] = {*what.split(", ")}

    assert told == given
    assert len(extras) > 3
    assert all(extras)


def test_wheels_install_with_plain_pip_as_the_page_says(wheels, tmp_path):
    """Where nothing of ours is; what a category suggests comes with it, and it runs."""
    (tmp_path / "wheels").symlink_to(wheels)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    (shown,) = [t for _, t in texts(PAGE, "console") if "--find-links" in t]
    build, install = map(shlex.split, shown.strip().splitlines())
    subprocess.run([python, "-m", *install], cwd=tmp_path, check=True, timeout=600)

    assert build[:4] == ["uv", "build", "--all-packages", "--wheel"]
    assert {one["id"] for one in listed(python)} >= {"physical", "direct", "refusal", "simulated"}
