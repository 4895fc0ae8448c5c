"""Promises of a distribution: what lets a stranger install it, and the core find it."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

from dosimeter import hookspecs
from dosimeter.ids import canonical
from dosimeter.testing.component import PACKAGE, Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.trying import elsewhere

GROUP, PREFIX = "dosimeter", "dosimeter_"
NAME = re.compile(
    r"dosimeter-(provider|harm|attack|scorer|sink|executor|suite)-[a-z0-9]+(-[a-z0-9]+)*"
)
PUBLIC = frozenset({"stats", "http", "language", "lint", "execute", "journal", "testing"})
"""Modules of dosimeter that plugins may import, besides its public face."""
HEAVY = frozenset({
    "aiohttp", "cattrs", "httpx", "jinja2", "numpy", "pandas", "pyarrow", "requests", "rich",
    "scipy", "sklearn", "torch", "transformers",
})  # fmt: skip
"""What takes a tenth of a second and more to import, or stands for it."""
REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)")


def distribution(one: Specimen) -> metadata.Distribution:
    """Find the distribution whose entry point names the specimen's hooks.

    Raises:
        Untried: If there is none.
    """
    for point in metadata.entry_points(group=GROUP):
        if point.value == one.hooks and point.dist is not None:
            return point.dist
    msg = f"give {one.hooks} an entry point"
    raise Untried(msg)


def required(one: Specimen) -> dict[str, str]:
    """Give what the distribution requires, extras included: names as indexes compare them, and ranges."""
    out: dict[str, str] = {}
    for m in filter(None, map(REQUIREMENT.match, distribution(one).requires or ())):
        # What an extra asks for too may have no range of its own there.
        out[_plain(m[1])] = ",".join(filter(None, (out.get(_plain(m[1]), ""), m[2].strip())))
    return out


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def sources(one: Specimen) -> Iterator[Path]:
    """Give the modules of the import package."""
    spec = importlib.util.find_spec(one.hooks.partition(".")[0])
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(place).rglob("*.py"))


def imported(one: Specimen) -> set[str]:
    """Give the full names of all that the package imports, wherever in a module."""
    found = set()
    for path in sources(one):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= names if node.module == GROUP else {node.module}
    return found


def _hooks(one: Specimen) -> dict[str, object]:
    names = vars(import_module(one.hooks))
    return {n: f for n, f in sorted(names.items()) if n.startswith(PREFIX) and callable(f)}


@promise(PACKAGE)
def check_entry_point_names_the_hooks(one: Specimen) -> str:
    """An entry point of the group ``dosimeter`` names the module with the hooks: so it is found."""
    try:
        return distribution(one).name
    except Untried:
        raise Broken(
            f"no installed distribution has an entry point for {one.hooks}",
            f'write [project.entry-points.{GROUP}], NAME = "{one.hooks}", and install it',
        ) from None


@promise(PACKAGE)
def check_name_says_what_it_brings(one: Specimen) -> None:
    """The distribution is called ``dosimeter-<kind>-<name>``, so that people find it on an index."""
    name = _plain(distribution(one).name)
    if not NAME.fullmatch(name):
        raise Broken(
            f"it is called {name}",
            "call it dosimeter-<provider|harm|attack|scorer|sink|executor|suite>-<name>",
        )


@promise(PACKAGE)
def check_core_is_a_range(one: Specimen) -> str:
    """It requires a range of ``dosimeter``, from what it was tested with to below the next major one."""
    bounds = required(one).get(GROUP, "")
    if "==" in bounds or not (">" in bounds and "<" in bounds):
        raise Broken(
            f"it requires dosimeter{bounds or ', if at all, in any version'}",
            'write dependencies = ["dosimeter>=0.1,<0.2", ...]',
        )
    return bounds


@promise(PACKAGE)
def check_python_is_named(one: Specimen) -> None:
    """It says which versions of Python it runs on."""
    if not distribution(one).metadata["Requires-Python"]:
        raise Broken("no requires-python", 'write requires-python = ">=3.11"')


@promise(PACKAGE)
def check_licence_is_named(one: Specimen) -> str:
    """Its licence is named, and the licence's text comes with it."""
    held = distribution(one).metadata
    name = held["License-Expression"] or held["License"]
    if not name or not held.get_all("License-File"):
        what = "no licence is named" if not name else "no licence file comes with it"
        raise Broken(what, 'write license = "Apache-2.0" and license-files = ["LICENSE*"]')
    return str(name)


@promise(PACKAGE)
def check_readme_comes_with_it(one: Specimen) -> None:
    """A README comes with it: what it does, every option, and what it cannot."""
    if not str(distribution(one).metadata.json.get("description", "")).strip():
        raise Broken("no description", 'write readme = "README.md"')


@promise(PACKAGE)
def check_types_are_marked(one: Specimen) -> None:
    """The import package has ``py.typed``, so that type checkers read its annotations."""
    spec = importlib.util.find_spec(one.hooks.partition(".")[0])
    places = (spec.submodule_search_locations or ()) if spec else ()
    if not any((Path(place) / "py.typed").is_file() for place in places):
        raise Broken("no py.typed", "put an empty file py.typed into the package")


@promise(PACKAGE)
def check_hooks_are_hooks(one: Specimen) -> str:
    """Every function called ``dosimeter_...`` is one of dosimeter's hooks, and marked with ``hookimpl``."""
    found = _hooks(one)
    known = {name for name in vars(hookspecs) if name.startswith(PREFIX)}
    for name, hook in found.items():
        if name not in known:
            raise Broken(f"{name} is no hook", f"name it one of {', '.join(sorted(known))}")
        if not hasattr(hook, f"{hookspecs.PROJECT}_impl"):
            raise Broken(f"{name} is not marked", "write @hookimpl above it")
    if not found:
        raise Broken(
            f"{one.hooks} has no hooks", "let the entry point name the module that has them"
        )
    return ", ".join(found)


@promise(PACKAGE)
def check_hooks_declare_the_same_twice(one: Specimen) -> None:
    """A hook gives the same specs whenever it is called: it declares, and does nothing."""
    for name, hook in _hooks(one).items():
        assert callable(hook)
        first, second = (tuple(map(repr, hook())) for _ in range(2))
        if canonical(first) != canonical(second):
            raise Broken(f"{name} gives other specs the second time", "build them of constants")


def _loaded_with(hooks: str) -> list[str]:
    import_module(hooks)
    return sorted({name.partition(".")[0] for name in sys.modules} & HEAVY)


def _nothing(_: str) -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules} & HEAVY)


@promise(PACKAGE)
def check_hooks_import_nothing_heavy(one: Specimen) -> None:
    """The hooks' module imports quickly, as every command loads it; the work is behind the factories."""
    more = set(elsewhere(_loaded_with, one.hooks)) - set(elsewhere(_nothing, ""))
    if more:
        raise Broken(f"it imports {', '.join(sorted(more))}", "import that in the factory's module")


@promise(PACKAGE)
def check_requirements_are_declared(one: Specimen) -> str:
    """All that the package imports is declared, so that its wheel works where nothing else is."""
    top = one.hooks.partition(".")[0]
    names = {name.partition(".")[0] for name in imported(one)} - sys.stdlib_module_names - {top}
    suppliers = metadata.packages_distributions()
    declared = required(one)
    lacking = [
        name for name in sorted(names)
        if not {_plain(name), *map(_plain, suppliers.get(name, ()))} & declared.keys()
    ]  # fmt: skip
    if lacking:
        raise Broken(f"it imports {', '.join(lacking)}", "add it to dependencies or to an extra")
    return f"{len(names)} packages"


@promise(PACKAGE)
def check_only_the_public_face_is_used(one: Specimen) -> None:
    """Of dosimeter it imports what is public; everything else may change without notice."""
    inner = sorted(
        name for name in imported(one)
        if name.startswith(f"{GROUP}.") and _is_module(name)
        and name.split(".")[1] not in PUBLIC
    )  # fmt: skip
    if inner:
        raise Broken(
            f"it imports {', '.join(inner)}",
            f"import from dosimeter, or from dosimeter.{', .'.join(sorted(PUBLIC))}",
        )


def _is_module(name: str) -> bool:
    """Whether *name* is a module of dosimeter rather than a name of its public face."""
    return importlib.util.find_spec(".".join(name.split(".")[:2])) is not None


CHECKS = checks_in(globals())
