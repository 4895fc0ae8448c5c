"""Promises about the shape of the code, read from the code itself."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import dosimeter

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core" / "src" / "dosimeter"
PACKAGES = [ROOT / "core", *sorted((ROOT / "plugins").iterdir())]
CLOSED = [*sorted((CORE / "model").glob("*.py")), CORE / "contracts.py"]
CATCH_ALL = {"dict", "Dict", "Any", "object", "Mapping", "MutableMapping"}


def names(path):
    """Every name that *path* uses, those inside quoted annotations included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                inner = ast.parse(node.value, mode="eval")
            except SyntaxError:
                continue
            found |= {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
    return found


@pytest.mark.parametrize("path", CLOSED, ids=lambda p: p.name)
def test_no_catch_all_stands_in_the_contracts(path):
    """Open vocabularies are declared names; no record has a field for anything at all."""
    assert not names(path) & CATCH_ALL


def test_the_check_sees_a_catch_all(tmp_path):
    """Plain, nested and quoted."""
    for text in ("x: dict[str, int]", "x: tuple[object, ...]", 'x: "Any"'):
        path = tmp_path / "m.py"
        path.write_text(text)

        assert names(path) & CATCH_ALL


def test_the_public_face_is_complete():
    """Each name in `__all__` can be had, and the type checker sees the same names."""
    tree = ast.parse((CORE / "__init__.py").read_text())
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dosimeter.")
        for alias in node.names
    }

    assert typed == set(dosimeter.__all__) == set(dir(dosimeter))
    assert all(getattr(dosimeter, name) is not None for name in dosimeter.__all__)


def contract(name):
    """Give a contract that `lint-imports` checks."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    (one,) = [c for c in tool["importlinter"]["contracts"] if c["id"] == name]
    return one


def rooms():
    """Every module and package of the core."""
    return {
        f"dosimeter.{path.stem}"
        for path in CORE.iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }


def test_statistics_may_import_nothing_of_ours():
    """A room that is added to the core is closed to them too."""
    assert set(contract("stats-leaf")["forbidden_modules"]) == rooms() - {"dosimeter.stats"}


def imported(package):
    """Top-level names that the modules of a distribution import, its own and Python's left out.

    Packages to start from (`dosimeter plugins new`) are data of the core, with dependencies of their own.
    """
    found = set()
    for path in (p for p in package.glob("src/**/*.py") if "scaffold" not in p.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {path.name for path in package.glob("src/*")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_a_package_declares_what_it_imports(package):
    """A wheel that is installed alone finds every module, not only where a sibling brought it."""
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    extras = [one for some in project.get("optional-dependencies", {}).values() for one in some]
    declared = {re.match(r"[\w-]+", one).group() for one in project["dependencies"] + extras}
    suppliers = packages_distributions()

    assert [n for n in imported(package) if not declared & {n, *suppliers.get(n, ())}] == []


def test_only_a_process_of_ours_is_ended_at_once():
    """`os._exit` in a command would end whoever calls it in their own process, a test run too."""
    found = {
        str(path.relative_to(CORE)) for path in CORE.rglob("*.py") if "os._exit" in path.read_text()
    }

    assert found == {"__main__.py", "engine/worker.py"}
