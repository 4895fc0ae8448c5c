"""Packages of strangers: built as wheels, installed into a folder outside the repository."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
STRANGERS = Path(__file__).parent / "strangers"


def source(name):
    """Give the folder of a distribution: a stranger's, ours, or the core."""
    for path in (STRANGERS / name, ROOT / "plugins" / name):
        if path.is_dir():
            return path
    assert name == "dosimeter", name
    return ROOT / "core"


def build_wheel(name, out):
    """Build one distribution; give the wheel."""
    before = set(out.glob("*.whl"))
    uv("build", "--wheel", "--out-dir", out, source(name))
    (wheel,) = set(out.glob("*.whl")) - before
    return wheel


def install(wheel, target):
    """Install a wheel alone, without what it depends on."""
    uv("pip", "install", "--no-deps", "--target", target, wheel)


def uv(*args):
    # It need not be on the path: `uv run` says where it is.
    command = [os.environ.get("UV", "uv"), "-q", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout
