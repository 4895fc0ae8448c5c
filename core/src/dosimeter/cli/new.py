"""``dosimeter plugins new``: a package to start from, written out of `scaffold`."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli.common import called, installed
from dosimeter.cli.options import PLACE
from dosimeter.nearest import nearest

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

KINDS = {
    "provider": "provider", "harm": "category", "attack": "attack", "scorer": "rater", "sink": "sink",
    "executor": "executor",
}  # fmt: skip
"""How a distribution is named, and what `dosimeter plugins list` calls what it brings."""
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 30
MY = "my"
"""Begins a name that is proposed."""
COMMON = "common"
JUDGE, OF_JUDGES = "judge", "scorer"
"""A template of its own, and the kind that its packages are of."""
DOTTED = {"gitignore", "github"}
"""What is stored without its dot, as builders and search tools pass dotted names by."""
WORD = re.compile("STARTER|Starter|(?P<joined>(?<=_)starter|starter(?=_))|starter")
"""Stands for the name in the templates; with an underscore at its side, as a part of a Python name."""
KIND = re.compile("(?<=[-_])kind(?=[-_]starter)")
"""In texts that all kinds share."""
RANGE = re.compile(r">=0\.1,<0\.2")
"""What the templates ask of the core."""
CONFORM = "tests/test_conformance.py"
DEMO = "tests/demo.py"
"""Serves what the stack asks, in a package that has it."""


def spelt(name: str, found: re.Match[str]) -> str:
    """Spell *name* as the templates' word is spelt where it was found: once, as it may hold that word."""
    words = name.split("-")
    match found[0]:
        case "STARTER":
            return "_".join(words).upper()
        case "Starter":
            return "".join(word.capitalize() for word in words)
        case _:
            return "_".join(words) if found["joined"] else name


def core_range(version: str) -> str:
    """Give the versions of the core that a package written today may run with.

    >>> core_range("0.1.0"), core_range("1.4.2")
    ('>=0.1,<0.2', '>=1.4,<2')
    """
    major, minor = map(int, re.findall(r"\d+", version)[:2])
    return f">={major}.{minor},<{major + 1 if major else f'0.{minor + 1}'}"


def package(kind: str, name: str, version: str, template: str = "") -> dict[str, bytes]:
    """Give the files of a package by path; those of the kind go before what all kinds share.

    Args:
        kind: As the distribution is named.
        name: Likewise.
        version: Of the core.
        template: Where it is not the one of the kind.
    """
    root = resources.files("dosimeter") / "scaffold"
    stored = dict(_files(root / COMMON)) | dict(_files(root / (template or kind)))

    def put(text: str) -> str:
        text = RANGE.sub(core_range(version), KIND.sub(kind, text))
        return WORD.sub(partial(spelt, name), text)

    return {put(_dotted(path)): put(text).encode() for path, text in sorted(stored.items())}


def _files(folder: "Traversable", at: str = "") -> Iterator[tuple[str, str]]:
    """Give each file's path and text; what Python has compiled is none."""
    for one in folder.iterdir():
        if one.is_dir():
            if one.name != "__pycache__":
                yield from _files(one, f"{at}{one.name}/")
        elif not one.name.endswith(".pyc"):
            yield f"{at}{one.name}", one.read_text(encoding="utf-8")


def _dotted(path: str) -> str:
    return f".{path}" if path.partition("/")[0] in DOTTED else path


def parted(given: str) -> tuple[str, str]:
    """Part what was typed into kind and name.

    Raises:
        UsageError: If it is not a kind and a name, saying what would be.
    """
    from dosimeter import __all__ as records

    kind, _, name = given.removeprefix("dosimeter-").partition("-")
    if kind not in KINDS:
        of = {found: one for one, found in KINDS.items()}
        if "_" in given:
            msg = f"{given!r}: write it with hyphens, {given.replace('_', '-')!r}"
            raise click.UsageError(msg)
        near = f"did you mean {of[kind]!r}?" if kind in of else nearest(kind, list(KINDS))
        msg = f"{given!r}: there is no kind {kind!r} ({near}); write it such as harm-fraud"
        raise click.UsageError(msg)
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        msg = (
            f"{given!r}: a name has small letters, digits and single hyphens, begins with a letter, and"
            f" has at most {LONGEST} characters, as in {kind}-fraud"
        )
        raise click.UsageError(msg)
    made = WORD.sub(partial(spelt, name), "Starter")
    if made in records:
        msg = f"{given!r}: its class would be called {made}, as a record of dosimeter is; give another name"
        raise click.UsageError(msg)
    return kind, name


def _check_free(kind: str, name: str) -> None:
    """Refuse what is taken here: of two packages that claim one id neither loads, or one replaces the other.

    Raises:
        UsageError: Naming the package that has it.
    """
    whole = f"dosimeter-{kind}-{name}"
    other = f"give another name, such as {kind}-{MY}-{name}"
    try:
        there = metadata.version(whole)
    except metadata.PackageNotFoundError:
        pass
    else:
        msg = (
            f"{whole} {there} is installed already, and installing this one would replace it; {other},"
            f" or uninstall it first"
        )
        raise click.UsageError(msg)
    for p in installed().provided:
        if p.kind == KINDS[kind] and p.spec.id == name:
            msg = f"{p.source} brings a {p.kind} {name!r} already, and with both neither loads; {other}"
            raise click.UsageError(msg)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _next(folder: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Give what to type next, as this shell would take it."""
    *uv, dosimeter = called(os.environ, Path.cwd())
    # A bare name with an extra would be looked for on an index.
    place = str(folder) if folder.is_absolute() or folder.parts[0] == ".." else f"./{folder}"
    pip = ["uv", "pip"] if not uv else [uv[0], "pip"]
    demo = ["python", f"{place}/{DEMO}"] if DEMO in files else []
    yield shlex.join([*pip, "install", "-e", f"{place}[test]"])
    yield shlex.join([*uv, "pytest", place])
    check = ["plugins", "check", folder.name, "--with", f"{place}/{CONFORM}"]
    yield shlex.join([*uv, dosimeter, *check])
    yield shlex.join([*uv, *demo, dosimeter, "run", f"{place}/stack.toml"])


@click.command(name="new")
@click.argument("kind_name", metavar="KIND-NAME")
@click.option(
    "--dir", "parent", type=PLACE, default=Path(),
    help="Folder to write the package's folder into.",
)  # fmt: skip
@click.option(
    "--judge", is_flag=True,
    help="Of a scorer: one that asks a model, by the category's rubric, instead of a rule.",
)  # fmt: skip
def new(kind_name: str, parent: Path, judge: bool) -> int:
    """Write a package that works, to start from: KIND-NAME, such as ``harm-fraud``."""
    kind, name = parted(kind_name)
    if judge and kind != OF_JUDGES:
        msg = f"--judge: a judge is a scorer; write it such as {OF_JUDGES}-{name} --judge"
        raise click.UsageError(msg)
    folder = parent / f"dosimeter-{kind}-{name}"
    if not parent.is_dir():
        msg = f"there is no folder {parent} to write {folder.name} into; make it first"
        raise click.UsageError(msg)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        msg = f"{folder} is there already, and not an empty folder; give another name, or --dir"
        raise click.UsageError(msg)
    _check_free(kind, name)
    files = package(kind, name, metadata.version("dosimeter"), JUDGE if judge else "")
    _write(folder, files)
    click.echo(f"Wrote {folder}: {len(files)} files; its README says what it does. Next:")
    for command in _next(folder, files):
        click.echo(f"  {command}")
    return 0
