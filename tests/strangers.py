"""Packages of strangers: built as wheels, installed into a folder outside the repository."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
STRANGERS = Path(__file__).parent / "strangers"


def source(name):
    """Give the folder of one of our distributions: a plugin, or the core."""
    path = ROOT / "plugins" / name
    return path if path.is_dir() else ROOT / "core"


def build_all(out):
    """Build all of our distributions into a folder."""
    uv("build", "--all-packages", "--wheel", "--out-dir", out, "--directory", ROOT)
    return out


def wheel_of(name, wheels):
    """Find the wheel of a distribution in a folder."""
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-[0-9]*.whl")
    return wheel


def build_wheel(name, out):
    """Build a stranger's distribution; give the wheel."""
    uv("build", "--wheel", "--out-dir", out, STRANGERS / name)
    return wheel_of(name, out)


def install(wheel, target):
    """Install a wheel alone, without what it depends on."""
    uv("pip", "install", "--no-deps", "--target", target, wheel)


def uv(*args):
    # It need not be on the path: `uv run` says where it is.
    command = [os.environ.get("UV", "uv"), "-q", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout
