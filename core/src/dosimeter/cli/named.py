"""What a name of a component or of a package means, in commands about plugins."""

from typing import TYPE_CHECKING

import click
from attrs import frozen

if TYPE_CHECKING:
    from dosimeter.registry import Provided, Registry

CORE = frozenset({"core", "dosimeter"})
"""Names of what is no plugin, and provides components all the same."""


@frozen
class Meant:
    """Components, and whether they are all that an entry point or a distribution brings."""

    parts: "tuple[Provided, ...]"
    whole: bool = False


def meant(registry: "Registry", name: str) -> Meant:
    """Give what *name* means: all that a package of that name brings, else the components of that id.

    Args:
        registry: What is installed.
        name: Of an entry point, a distribution, or a component as ``id`` or ``kind:id``.

    Raises:
        UsageError: If there is no such thing, or it did not load.
    """
    whole = tuple(p for p in registry.provided if _plain(name) in _packages(p))
    if whole:
        return Meant(whole, whole=True)
    parts = tuple(p for p in registry.provided if name in {p.spec.id, f"{p.kind}:{p.spec.id}"})
    if not parts:
        raise click.UsageError(_nothing(registry, name))
    return Meant(parts)


def _nothing(registry: "Registry", name: str) -> str:
    from dosimeter.nearest import nearest

    for q in registry.quarantined:
        if _plain(name) in {_plain(q.plugin), _plain(q.source.distribution)}:
            return f"{q.plugin} ({q.source}) did not load. {q.cause}. To do: {q.fix}"
    if _plain(name) in CORE:
        return (
            f"{name!r} is the core, which is no plugin; name a component, or a package of plugins"
        )
    known = {n for p in registry.provided for n in (p.spec.id, p.source.distribution)} - CORE
    return f"nothing is called {name!r}; {nearest(name, known)}"


def _packages(one: "Provided") -> set[str]:
    return {_plain(n) for n in {one.plugin, one.source.distribution} - CORE}


def _plain(name: str) -> str:
    return name.replace("_", "-").lower()
