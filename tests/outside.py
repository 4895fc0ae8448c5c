"""Plugins that live outside the repository: built as wheels and installed into a folder of their own."""

import subprocess
from pathlib import Path

STRANGERS = Path(__file__).parent / "strangers"


def install(names, folder):
    """Build the distributions *names* and install them below *folder*; give what PYTHONPATH needs."""
    wheels, target = folder / "wheels", folder / "site"
    for name in names:
        uv("build", "--wheel", "--out-dir", wheels, STRANGERS / name)
    uv("pip", "install", "--no-deps", "--target", target, *sorted(wheels.glob("*.whl")))
    return target


def uv(*args):
    done = subprocess.run(
        ["uv", *map(str, args), "--quiet"], capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr
