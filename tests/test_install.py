"""The two commands of the first page: the same wherever they are shown, and they install."""

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pages import ROOT, texts

INSTALL = "pip install -t .uv uv"


DEMONSTRATION = f"{INSTALL} && .uv/bin/uv run dosimeter run docs/examples/quickstart.toml"


TESTS = 'uv run --all-groups pytest -n 2 -m "not slow"'


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
