"""Ids to specs, immutable; what is missing is named with its nearest neighbour."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import attrs
from attrs import field, frozen

from dosimeter.declarations import checked_specs
from dosimeter.errors import (
    DosimeterError,
    DuplicateComponent,
    PluginBroken,
    UnknownComponent,
    raised_at,
)
from dosimeter.model.specs import CategorySpec, ProviderSpec, Spec, option_class
from dosimeter.nearest import closest
from dosimeter.plugins import Loaded, Offered, Outdated, Quarantined, Source

S = TypeVar("S", bound=Spec)

ONE_OF_THEM = "uninstall one of them, or give yours another id"
"""What to do about an id that two claim."""
DONE_BY = {
    "built": "factory",
    "prepared": "prepare",
    "declared": "declare",
    "started from": "start",
}
"""What is done with a component, and where its spec names what does it."""
PACKAGES = {"category": "harm", "rater": "scorer"}
"""What a kind is called in names of packages, where that is another word."""


@frozen(kw_only=True)
class Provided:
    """A spec and the distribution that supplies it."""

    kind: str
    spec: Spec
    plugin: str
    source: Source


@frozen(kw_only=True)
class Registry:
    """What can be used.

    Two distributions that provide one id are both set aside for that id: neither wins, and only a
    stack that needs the id fails.
    """

    provided: tuple[Provided, ...]
    duplicates: tuple[tuple[Provided, ...], ...] = field(default=())
    quarantined: tuple[Quarantined, ...] = field(default=())
    outdated: tuple[Outdated, ...] = field(default=())

    @classmethod
    def of(cls, loaded: Loaded) -> "Registry":
        """Sort what was loaded."""
        by_id: dict[tuple[str, str], list[Provided]] = {}
        for one in loaded.offered:
            made = _provided(one)
            by_id.setdefault((made.kind, made.spec.id), []).append(made)
        return cls(
            provided=tuple(same[0] for _, same in sorted(by_id.items()) if len(same) == 1),
            duplicates=tuple(tuple(same) for _, same in sorted(by_id.items()) if len(same) > 1),
            quarantined=loaded.quarantined,
            outdated=loaded.outdated,
        )

    def ids(self, kind: str) -> list[str]:
        """Give the ids of one kind."""
        return [p.spec.id for p in self.provided if p.kind == kind]

    def find(self, kind: str, name: str) -> Provided:
        """Give the component *name*.

        Raises:
            DuplicateComponent: If two distributions provide it.
            UnknownComponent: If none does; the message names the nearest.
        """
        for one in self.provided:
            if one.kind == kind and one.spec.id == name:
                return one
        for same in self.duplicates:
            if same[0].kind == kind and same[0].spec.id == name:
                who = " and ".join(str(p.source) for p in same)
                msg = f"{kind} {name!r} is provided twice, by {who}; {ONE_OF_THEM}"
                raise DuplicateComponent(msg)
        raise UnknownComponent(self.unknown(kind, name))

    def unknown(self, kind: str, name: str) -> str:
        """Say that nothing provides *name*, and what to try."""
        ids = self.ids(kind)
        near = closest(name, ids)
        package = f"dosimeter-{PACKAGES.get(kind, kind)}-NAME"
        hint = (
            f" Did you mean {near!r}?"
            if near
            else f" Installed: {', '.join(ids) or 'none'}. Packages that bring others are called {package}."
        )
        broken = ", ".join(q.source.distribution for q in self.quarantined)
        more = (
            f" These plugins did not load: {broken}; see `dosimeter plugins doctor`."
            if broken
            else ""
        )
        return f"no loaded plugin provides {kind} {name!r}.{hint}{more}"

    def get(self, cls: type[S], name: str) -> S:
        """Give the spec of *name*, typed. Raises as `find` does."""
        return cast("S", self.find(cls.kind, name).spec)

    def build(self, kind: str, name: str, *args: object) -> object:
        """Import the factory of *name* and call it.

        A factory is handed secrets, so only an error of dosimeter's own, which is worded for users,
        keeps its words, and those only if no secret stands in them.

        Raises:
            PluginBroken: If it cannot be imported or raises.
            DosimeterError: What the factory says itself, such as a missing file.
        """
        return self._called(self.find(kind, name), "built", args)

    def prepare(self, spec: ProviderSpec | CategorySpec, *args: object) -> object:
        """Let a provider or a category put what it finds out into its options.

        Raises as `build` does.
        """
        return self._called(self.find(spec.kind, spec.id), "prepared", args)

    def declared(self, spec: CategorySpec, options: object) -> CategorySpec:
        """Give the spec of a category as its *options* make it.

        Raises:
            PluginBroken: If it is none, or another's; else as `build` does.
        """
        if not spec.declare:
            return spec
        one = self.find(spec.kind, spec.id)
        made = self._called(one, "declared", (options,))
        try:
            (sound,) = checked_specs("dosimeter_harm_categories", [made])
        except (TypeError, ValueError) as exc:
            msg = f"category {spec.id!r} of {one.source} declares what it must not: {exc}"
            raise PluginBroken(msg) from exc
        if sound.id != spec.id:
            msg = f"category {spec.id!r} of {one.source} declares a category {sound.id!r}"
            raise PluginBroken(msg)
        return cast("CategorySpec", sound)

    def start(self, name: str, file: Path, written: str) -> str:
        """Let category *name* write a stack for a *file*, called *written* in it; empty if it does not.

        Raises as `build` does.
        """
        one = self.find("category", name)
        if not cast("CategorySpec", one.spec).start:
            return ""
        return str(self._called(one, "started from", (file, written)) or "")

    def _called(self, one: Provided, done: str, args: tuple[object, ...]) -> object:
        """Call what *one* is *done* by."""
        factory = self.factory(one, DONE_BY[done])
        try:
            return factory(*args)
        except DosimeterError as exc:
            if not _quotes_secret(str(exc), args):
                raise
            fault, where = type(exc).__name__, raised_at(exc)
        except Exception as exc:
            fault, where = type(exc).__name__, raised_at(exc)
        # Out of the handler: an exception that is raised in it shows the factory's beside itself.
        msg = f"{one.kind} {one.spec.id!r} of {one.source} could not be {done}: {fault} {where}"
        raise PluginBroken(msg)

    @staticmethod
    def factory(one: Provided, name: str = "factory") -> "Callable[..., object]":
        """Import the factory of *one*, or what else its spec has under *name*.

        Raises:
            PluginBroken: If there is none.
        """
        path = getattr(one.spec, name)
        module, _, attr = path.partition(":")
        try:
            return cast("Callable[..., object]", getattr(importlib.import_module(module), attr))
        except (ImportError, AttributeError, SyntaxError) as exc:
            msg = (
                f"{one.kind} {one.spec.id!r} of {one.source}: {name} {path!r} cannot"
                f" be imported ({type(exc).__name__}: {exc}); mend it if it is yours; else upgrade or"
                f" reinstall {one.source.distribution}"
            )
            raise PluginBroken(msg) from exc


def _provided(one: Offered) -> Provided:
    return Provided(kind=one.spec.kind, spec=one.spec, plugin=one.plugin, source=one.source)


def _quotes_secret(text: str, args: tuple[object, ...]) -> bool:
    """Tell whether a secret option of *args* stands in *text*."""
    for one in args:
        cls = type(one)
        for a in attrs.fields(cls) if attrs.has(cls) else ():
            value = str(getattr(one, a.name) or "")
            if option_class(a) == "secret" and quotes(text, value):
                return True
    return False


def quotes(text: str, secret: str) -> bool:
    """Tell whether *secret* stands in *text*, plain or in the quotes of Python or JSON."""
    forms = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]}
    return bool(secret) and any(form in text for form in forms)
