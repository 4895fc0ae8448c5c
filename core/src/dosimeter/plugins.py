"""Finding plugins and loading them. One that fails is set aside and explained."""

import hashlib
import importlib.util
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pluggy
from attrs import frozen

from dosimeter import hookspecs
from dosimeter.bounded import Timeout, within
from dosimeter.declarations import check_measures, checked_specs
from dosimeter.model.specs import (
    Spec,
)
from dosimeter.nearest import closest

GROUP = "dosimeter"
PREFIX = "dosimeter_"
NOT_THE_PLUGIN = {"dosimeter", "importlib", "pluggy", "attr", "attrs"}
LOAD_SECONDS = 5.0
"""For a plugin to be imported and to declare what it brings: every command waits for it."""
LARGEST_HASHED = 20_000_000
"""Bytes; larger files are weights, which their provider checks itself."""


@frozen(kw_only=True)
class Source:
    """The distribution that supplies a component."""

    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


Wanted = tuple[str, Source, Callable[[], object]]
"""A plugin's name, who supplies it, and what gives its module."""


@frozen(kw_only=True)
class Quarantined:
    """A plugin that did not load.

    Attributes:
        cause: What happened, in a sentence.
        fix: What to do.
    """

    plugin: str
    source: Source
    cause: str
    fix: str


@frozen(kw_only=True)
class Offered:
    """One spec, with where it comes from."""

    hook: str
    spec: Spec
    plugin: str
    source: Source


@frozen(kw_only=True)
class Loaded:
    """What loading found."""

    offered: tuple[Offered, ...]
    quarantined: tuple[Quarantined, ...]
    outdated: "tuple[Outdated, ...]" = ()


@frozen(kw_only=True)
class Outdated:
    """A plugin that implements a hook which goes; it works until then.

    Attributes:
        text: Which hook, and what to use instead.
    """

    plugin: str
    source: Source
    text: str


def only_from_env(environ: Mapping[str, str]) -> frozenset[str] | None:
    """Read ``DOSIMETER_PLUGINS=a,b``; None if it is not set."""
    value = environ.get("DOSIMETER_PLUGINS")
    if value is None:
        return None
    return frozenset(name.strip() for name in value.split(",") if name.strip())


def _source(point: metadata.EntryPoint) -> Source:
    dist = point.dist
    if dist is None:
        return Source(distribution=point.value.split(":")[0], version="unknown")
    return Source(distribution=dist.name, version=dist.version)


def load(
    points: Iterable[metadata.EntryPoint] | None = None,
    *,
    only: frozenset[str] | None = None,
    builtins: Iterable[tuple[str, ModuleType, Source]] = (),
    specs: ModuleType = hookspecs,
) -> Loaded:
    """Load plugins.

    Args:
        points: Entry points; None takes the installed ones of group ``dosimeter``.
        only: Names of entry points or distributions to load; None loads all.
        builtins: Modules with hooks that need no entry point.
        specs: Module of the hooks that there are.

    Returns:
        Every spec offered, and every plugin that failed.
    """
    if points is None:
        points = metadata.entry_points(group=GROUP)
    offered: list[Offered] = []
    outdated: list[Outdated] = []
    chosen, failed = _chosen(points, only)
    wanted: list[Wanted] = [
        (name, source, partial(_itself, module)) for name, module, source in builtins
    ]
    for name, source, get in (*wanted, *chosen):
        try:
            with within(LOAD_SECONDS), _listening() as told:
                offered += _specs(name, source, get(), specs)
            outdated += [Outdated(plugin=name, source=source, text=text) for text in told]
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except Timeout as exc:
            failed.append(_hung(name, source, exc))
        except BaseException as exc:
            failed.append(_quarantine(name, source, exc))
    return Loaded(offered=tuple(offered), quarantined=tuple(failed), outdated=tuple(outdated))


def _chosen(
    points: Iterable[metadata.EntryPoint], only: frozenset[str] | None
) -> tuple[list[Wanted], list[Quarantined]]:
    """Give the entry points to load, in a fixed order; and the names in *only* that none of them has."""
    chosen: list[Wanted] = []
    unseen = {_plain(name): name for name in only or ()}
    names: set[str] = set()
    for point in sorted(points, key=lambda p: (p.name, p.value)):
        source = _source(point)
        called = {_plain(point.name), _plain(source.distribution)}
        names |= {point.name, source.distribution}
        if only is None or called & {_plain(name) for name in only}:
            chosen.append((point.name, source, point.load))
            unseen = {k: v for k, v in unseen.items() if k not in called}
    return chosen, [_absent(name, names) for name in sorted(unseen.values())]


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Give the words of pluggy's warnings of hooks that go; other warnings are passed on."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", hookspecs.HookDeprecated)
        yield told
    for one in said:
        if issubclass(one.category, hookspecs.HookDeprecated):
            told.append(str(one.message))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _hung(name: str, source: Source, exc: BaseException) -> Quarantined:
    """Tell of a plugin that was still loading when it was interrupted, and of the line it was at."""
    return Quarantined(
        plugin=name,
        source=source,
        cause=f"it had not loaded after {LOAD_SECONDS:g} seconds{_own_line(exc)}",
        fix=(
            "if it is yours, do the work behind the factories; else upgrade or uninstall"
            f" {source.distribution}"
        ),
    )


def _plain(name: str) -> str:
    """Spell a distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _absent(name: str, known: Iterable[str]) -> Quarantined:
    """Tell of a plugin that was asked for and is not there."""
    near = closest(name, sorted(known))
    return Quarantined(
        plugin=name,
        source=Source(distribution=name, version="not installed"),
        cause=f"DOSIMETER_PLUGINS names {name!r}, but no installed plugin is called so",
        fix=f"did you mean {near!r}?" if near else "install it, or leave it out",
    )


def _itself(module: object) -> object:
    return module


def _specs(name: str, source: Source, module: object, specs: ModuleType) -> list[Offered]:
    """Ask one plugin for its specs, on a manager of its own so that blame is never shared."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(specs)
    known = {n for n in dir(specs) if n.startswith(PREFIX)}
    stray = sorted(
        n for n in dir(module) if n.startswith(PREFIX) and n not in known
        and callable(getattr(module, n))
    )  # fmt: skip
    if stray:
        msg = f"{stray[0]} is no hook of dosimeter; hooks are {', '.join(sorted(known))}"
        raise LookupError(msg)
    manager.register(module, name=name)
    manager.check_pending()
    unmarked = [n for n in sorted(known) if callable(getattr(module, n, None))]
    out: list[tuple[str, Spec]] = []
    for hook in sorted(known):
        for impl in getattr(manager.hook, hook).get_hookimpls():
            unmarked.remove(hook)
            with _Blamed(impl.function):
                out += [(hook, spec) for spec in checked_specs(hook, impl.function())]
    with _Blamed(getattr(module, "dosimeter_harm_categories", None)):
        check_measures([spec for _, spec in out])
    if unmarked:
        msg = f"{unmarked[0]} is not marked with @dosimeter.hookimpl, so nothing calls it"
        raise LookupError(msg)
    if not manager.get_hookcallers(module):
        msg = "it has no hooks; its entry point must name the module that has them"
        raise LookupError(msg)
    return [Offered(hook=hook, spec=spec, plugin=name, source=source) for hook, spec in out]


@frozen
class _Blamed:
    """Notes of a fault which hook gave what is refused: it is raised in no line of the plugin."""

    hook: Callable[[], object] | None

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, exc: BaseException | None, __: object) -> None:
        code = getattr(self.hook, "__code__", None)
        if exc is not None and code is not None:
            where = f"{getattr(self.hook, '__module__', '')}:{code.co_firstlineno}"
            exc.add_note(f" (at {where}, {code.co_name})")


def _quarantine(name: str, source: Source, exc: BaseException) -> Quarantined:
    where = _own_line(exc) or "".join(getattr(exc, "__notes__", ())[-1:])
    cause = f"{type(exc).__name__}: {exc}{where}"
    if isinstance(exc, ImportError):
        fix = (
            "mend it if it is yours; else install what is missing, or upgrade or uninstall"
            f" {source.distribution}"
        )
    else:
        fix = (
            f"mend it if it is yours; else upgrade or uninstall {source.distribution}, or report it to"
            " its authors"
        )
    return Quarantined(plugin=name, source=source, cause=cause, fix=fix)


def _own_line(exc: BaseException) -> str:
    """Say in which module and line of its own a plugin went wrong; empty if in none, as where we refuse.

    What it calls may raise far from there, such as a record of ours that it gives a wrong value.
    """
    at, found = exc.__traceback__, ""
    while at is not None:
        name, file = str(at.tb_frame.f_globals.get("__name__")), at.tb_frame.f_code.co_filename
        if name.partition(".")[0] not in NOT_THE_PLUGIN and not file.startswith("<"):
            found = f" (at {name}:{at.tb_lineno})"
        at = at.tb_next
    return found


def files_hash(distribution: str, module: str) -> str:
    """Hash the installed files of a component: its import package, as it stands on disk.

    Args:
        distribution: Only named in the result when the package cannot be found.
        module: The module that the component's factory lives in.
    """
    roots = _roots(module.split(".", maxsplit=1)[0])
    if not roots:
        return f"unknown:{distribution}"
    whole = hashlib.sha256()
    for root in roots:
        files = sorted(p for p in root.rglob("*") if p.is_file()) if root.is_dir() else [root]
        for path in files:
            large = path != root and path.stat().st_size > LARGEST_HASHED
            if "__pycache__" in path.parts or large:
                continue
            whole.update(path.relative_to(root.parent).as_posix().encode() + b"\0")
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:32]


def _roots(top: str) -> list[Path]:
    """Give the folders of an import package, or its one file; a package needs no ``__init__.py``."""
    spec = importlib.util.find_spec(top)
    if spec is None:
        return []
    places = spec.submodule_search_locations or [spec.origin or ""]
    found = {_on_disk(Path(place)) for place in places if place}
    return sorted(path for path in found if path is not None)


def _on_disk(place: Path) -> Path | None:
    """Give *place*, or the archive that it is in; None if it is no place, as of a finder of its own."""
    if place.exists():
        return place
    return next((parent for parent in place.parents if parent.is_file()), None)
